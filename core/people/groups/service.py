"""Use cases about groups: tie one to a building, and end that."""

from __future__ import annotations

from core.database import Database, UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import new_code
from core.messaging.channel import Address, Room
from core.people.codes import store as codes
from core.people.codes.model import ASKED_LASTS
from core.people.groups import store
from core.people.groups.model import Tie
from core.people.model import Person, Place


async def invite(uow: UnitOfWork, person: Person, place: Place, channel: str) -> str:
    """A one-time code with which this member of the council, or syndic, ties a group on that channel to the building."""
    if not place.manages:
        raise DomainError("group.not_yours", building=place.building.name)
    code = new_code()
    await codes.add(uow, person.person_id, channel, code, ASKED_LASTS, place.known.building_id)
    return code


async def redeem(uow: UnitOfWork, code: str, room: Room, sender: Address) -> Tie | None:
    """Ties a group by a code that was written in it; enters the building's organisation. None: the code is not good. TooManyTries."""
    found = await codes.redeem_in(uow, code, room, sender)
    if found is None:
        return None
    organisation, person, building = found
    await uow.enter(organisation)
    await store.tie(uow, room, building, person)
    return await tied(uow, room)


async def tied(uow: UnitOfWork, room: Room) -> Tie | None:
    """The building of a group; enters its organisation. None where it is tied to none."""
    found = await store.tied(uow, room)
    if found is None:
        return None
    organisation, building_id = found
    await uow.enter(organisation)
    building = await store.building(uow, building_id)
    return Tie(organisation, building_id, *building) if building else None


async def ties(uow: UnitOfWork, room: Room) -> int:
    """How often a group was tied, to any building."""
    return await store.ties(uow, room)


async def left(uow: UnitOfWork, room: Room) -> None:
    """We are in that group no longer, and it is tied to nothing."""
    await store.untie(uow, room)


async def forget(database: Database, room: Room) -> None:
    """Nothing reaches that group any more."""
    async with database.work() as uow:
        await left(uow, room)
        await uow.commit()
