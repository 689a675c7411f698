"""Use cases about legal notices: accept a channel for them, withdraw that, see what is accepted."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from core.buildings import store as buildings
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.messaging.channel import Address
from core.people import store as people
from core.people.consents import store
from core.people.consents.cards import Lawful
from core.people.consents.model import ACCEPTABLE, accepting, covers, in_full, proved, withdrawing
from core.people.model import Consent, Person, Place, Resident


async def lawful(uow: UnitOfWork, person: Person, place: Place) -> Lawful:
    """By which ways what the law counts reaches a person of a building today, and which he could accept."""
    _, recipient = (await people.recipients(uow, [person.person_id], ACCEPTABLE, building=place.known.building_id))[
        person.person_id
    ]
    own = sorted(
        (each.address for each in recipient.addresses), key=lambda address: (ACCEPTABLE.index(address.channel), address)
    )
    accepted = tuple(address for address in own if address in recipient.consents)
    others = tuple(address for address in own if address not in accepted)
    return Lawful(place, accepted, others, recipient.letter is not None)


async def accept(uow: UnitOfWork, person: Person, place: Place, address: Address, text: str, delivery: UUID) -> Lawful:
    """From today on legal notices of this building may go to that address of his: he said yes to `text`, which `delivery` showed him.

    DomainError for an address that is not his, or is none that can be accepted.
    """
    building, today = place.known.building_id, local_day(uow.now)
    before, rows = await _theirs(uow, person, place, address)
    if address in before.accepted:
        return before
    if (short := in_full(await _resident(uow, place), address.channel, rows)) is not None:
        await store.add(uow, building, short)
        rows.append(short)
    given = Consent(place.membership.person, address.channel, address.handle, today, None, "")
    same = next((row for row in rows if _same(row, given)), None)
    act = accepting(uow.now, delivery, text)
    if same is None:
        await store.add(uow, building, proved(given, act))
    else:
        await store.change(uow, building, proved(replace(same, withdrawn_on=None), act))
    return await lawful(uow, person, place)


async def withdraw(uow: UnitOfWork, person: Person, place: Place, address: Address, delivery: UUID) -> Lawful:
    """From today on no legal notice of this building goes to that address any more. Nothing happens where none did."""
    building, today = place.known.building_id, local_day(uow.now)
    _, rows = await _theirs(uow, person, place, address)
    if (short := in_full(await _resident(uow, place), address.channel, rows)) is not None:
        await store.add(uow, building, short)
        rows.append(short)
    for row in rows:
        if covers(row, address) and (row.withdrawn_on is None or row.withdrawn_on > today):
            gone = replace(row, withdrawn_on=max(today, row.accepted_on))
            await store.change(uow, building, proved(gone, withdrawing(uow.now, delivery)))
    return await lawful(uow, person, place)


async def _theirs(uow: UnitOfWork, person: Person, place: Place, address: Address) -> tuple[Lawful, list[Consent]]:
    """What holds of a person, while nobody else, and no import, changes it."""
    await buildings.lock(uow, place.building.slug)
    found = await lawful(uow, person, place)
    if address not in (*found.accepted, *found.others):
        raise DomainError("consent.not_yours")
    return found, await store.of(uow, place.known.building_id, place.membership.person)


async def _resident(uow: UnitOfWork, place: Place) -> Resident:
    listed = await people.residents(uow, place.known.building_id)
    return next(row.resident for row in listed if row.resident.person == place.membership.person)


def _same(row: Consent, other: Consent) -> bool:
    return (row.channel, row.address.lower(), row.accepted_on) == (
        other.channel,
        other.address.lower(),
        other.accepted_on,
    )
