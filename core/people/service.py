"""Use cases about people: linking an address, choosing a language, finding somebody who answers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.database import Database, UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_code
from core.messaging.channel import Address
from core.people import store
from core.people.cards import Linked
from core.people.model import Person, Place

INVITATION_LASTS = timedelta(days=30)


async def known_at(database: Database, address: Address) -> list[tuple[UUID, UUID]]:
    """(organisation, person) for everybody whom an address leads to."""
    async with database.work() as uow:
        return await store.persons_at(uow, address)


async def open_address(database: Database, on_file: Address, address: Address) -> list[tuple[UUID, UUID]]:
    """Gives the persons who are on file with one address another one too; empty where nobody is."""
    persons = await known_at(database, on_file)
    for organisation, person in persons:
        async with database.work(organisation) as uow:
            await store.link(uow, address, person)
            await uow.commit()
    return persons


async def invite(uow: UnitOfWork, person: UUID, channel: str) -> str:
    """A one-time code with which the person ties a channel; kept as a hash."""
    code = new_code()
    await store.invite(uow, person, channel, code, INVITATION_LASTS)
    return code


async def redeem(uow: UnitOfWork, code: str, address: Address) -> Linked | None:
    """Uses a code up and ties the address; enters the organisation of its person. None where the code is not good."""
    found = await store.redeem(uow, code, address)
    if found is None:
        return None
    organisation, person_id = found
    await uow.enter(organisation)
    person = await store.person(uow, person_id)
    if person is None:
        raise DomainError("welcome.wrong_code")
    return Linked(person, await store.lots_of(uow, person_id, local_day(uow.now)))


async def speak(uow: UnitOfWork, person: Person, language: str) -> None:
    await store.speak(uow, person.person_id, language)


async def person(uow: UnitOfWork, person_id: UUID) -> Person | None:
    return await store.person(uow, person_id)


async def who_answers(uow: UnitOfWork, place: Place, asking: Person) -> list[UUID]:
    """Who can be written to for a building: the syndic, else the council, where an address of theirs has been used."""
    found = await store.answering(uow, place.known.building_id, ["syndic", "council"])
    others = [(person, roles) for person, roles in found if person != asking.person_id]
    return [person for person, roles in others if "syndic" in roles] or [person for person, _ in others]


async def bury_address(database: Database, address: Address) -> None:
    """Nobody can be reached there any more."""
    async with database.work() as uow:
        await store.bury(uow, address)
        await uow.commit()


async def bury(uow: UnitOfWork, address: Address) -> None:
    await store.bury(uow, address)


async def stop(uow: UnitOfWork, address: Address) -> None:
    """Whoever is there unsubscribed: nothing is told there any more but answers to what he writes himself."""
    await store.stop(uow, address)


async def leave(uow: UnitOfWork, address: Address) -> None:
    """The person blocked us or left: this address of his is no way to him any more, in this organisation."""
    await store.unlink(uow, address)
