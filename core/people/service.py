"""Use cases about people: linking an address, choosing a language, finding somebody who answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.database import Database, UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import digest, new_code
from core.messaging.channel import Address
from core.messaging.delivery import Reader
from core.people import cards, store
from core.people.cards import Linked
from core.people.codes import store as codes
from core.people.codes.model import ASKED_LASTS, INVITED_LASTS
from core.people.model import COUNCIL, SYNDIC, OwnAddress, Person, Place

INVITATION_LASTS = INVITED_LASTS
ACCOUNT = "account"
"""The kind of what is told about somebody's own account."""


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


async def invite(uow: UnitOfWork, person: UUID, channel: str, lasts: timedelta = INVITED_LASTS) -> str:
    """A one-time code with which the person ties a channel; kept as a hash."""
    code = new_code()
    await codes.add(uow, person, channel, code, lasts)
    return code


async def ask_code(uow: UnitOfWork, person: Person, channel: str) -> str:
    """The code of somebody who asks for one in a chat: it is good for a quarter of an hour."""
    return await invite(uow, person.person_id, channel, ASKED_LASTS)


async def redeem(uow: UnitOfWork, code: str, address: Address) -> Linked | None:
    """Uses a code up and ties the address; enters the organisation of its person, who is told wherever else he wrote from.

    None where the code is not good; TooManyTries after five such from this address.
    """
    used = await codes.redeem(uow, code, address)
    if used is None:
        return None
    await uow.enter(used.organisation)
    person = await store.person(uow, used.person)
    if person is None:
        raise DomainError("welcome.wrong_code")
    for place, other in enumerate(used.elsewhere if used.new else ()):
        uow.tell(
            other,
            cards.was_it_you(address),
            ACCOUNT,
            key=f"linked:{digest(code).hex()}:{place}",
            reader=Reader(person.person_id, person.language),
        )
    return Linked(person, await store.lots_of(uow, person.person_id, local_day(uow.now)), address)


async def addresses(uow: UnitOfWork, person: Person) -> list[OwnAddress]:
    """The addresses from which a person may write, in the order in which they were linked."""
    return await store.addresses(uow, person.person_id)


async def unlink(uow: UnitOfWork, person: Person, address: Address, by: Address, *, stolen: bool = False) -> None:
    """From now on an address of this person leads to him no more; it is told there.

    `by`: the address at which he asked for it, which is answered and needs not be told. `stolen`: somebody else had linked it, and no code
    that is out for this person is good any more.
    """
    await store.unlink(uow, address, person.person_id)
    if stolen:
        await codes.revoke(uow, person.person_id)
    if address != by:
        key = f"unlinked:{address.channel}:{address.handle}:{uow.now.isoformat()}"
        uow.tell(address, cards.unlinked_there(), ACCOUNT, key=key, reader=Reader(None, person.language))


async def speak(uow: UnitOfWork, person: Person, language: str) -> None:
    await store.speak(uow, person.person_id, language)


async def person(uow: UnitOfWork, person_id: UUID) -> Person | None:
    return await store.person(uow, person_id)


async def with_email(uow: UnitOfWork, email: str) -> Person | None:
    """Whom an e-mail address leads to in this organisation."""
    found = (await store.on_file(uow, [email])).get(email.lower())
    return await store.person(uow, found) if found else None


async def last_written(uow: UnitOfWork) -> dict[str, datetime]:
    """By channel, when somebody of this organisation last wrote by it."""
    return await store.last_written(uow)


async def who_answers(uow: UnitOfWork, place: Place, asking: Person) -> list[UUID]:
    """Who can be written to for a building: the syndic, else the council, where an address of theirs has been used."""
    found = await store.answering(uow, place.known.building_id, [SYNDIC, COUNCIL])
    others = [(person, roles) for person, roles in found if person != asking.person_id]
    return [person for person, roles in others if SYNDIC in roles] or [person for person, _ in others]


async def bury_address(database: Database, address: Address) -> None:
    """Nobody can be reached there any more."""
    async with database.work() as uow:
        await store.bury(uow, address)
        await uow.commit()


async def bury(uow: UnitOfWork, address: Address) -> bool:
    """Nobody can be reached there any more; False where that was known."""
    return await store.bury(uow, address)


async def stop(uow: UnitOfWork, address: Address) -> None:
    """Whoever is there unsubscribed: nothing is told there any more but answers to what he writes himself."""
    await store.stop(uow, address)


async def resume(uow: UnitOfWork, person: Person) -> None:
    """From now on a person is told things again wherever he had stopped them."""
    await store.resume(uow, person.person_id)


async def leave(uow: UnitOfWork, address: Address) -> None:
    """The person blocked us or left: this address of his is no way to him any more, in this organisation."""
    await store.unlink(uow, address)
