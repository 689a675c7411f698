"""Use cases: see what a broadcast will do, send it, watch it, send it again to those who miss it, stop it.

Only who speaks for the building may: its council or its syndic, on that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.buildings import store as buildings
from core.buildings.model import Known
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import Evidence
from core.messaging.delivery import Notice
from core.outbox.broadcasts import store
from core.outbox.broadcasts.cards import broadcast_card, papers_for
from core.outbox.broadcasts.model import (
    PERSONS,
    Broadcast,
    Member,
    Outcome,
    Paper,
    Planned,
    Preview,
    Progress,
    Sent,
    Stopped,
    check,
    planned,
)
from core.outbox.service import Recorder
from core.people import store as people

BATCH = 1000
"""How many are planned or written at once: what is held in memory does not grow with the building."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A broadcast with what it takes to tell it: its building, who sends it, and to whom it goes."""

    broadcast: Broadcast
    known: Known
    sender: Member
    recipients: Sequence[Member]


async def authors(uow: UnitOfWork, building: UUID) -> list[Member]:
    """Who may send broadcasts there today, in the order of the building's list."""
    known = await _building(uow, building)
    return [member for member in await store.members(uow, known) if member.place.manages]


async def preview(uow: UnitOfWork, broadcast: Broadcast) -> Preview:
    """Who would get it, how and when, and who cannot be reached and why, were it sent now. Nothing is written."""
    ready = await _ready(uow, broadcast)
    recorder = uow.recorder
    if not isinstance(recorder, Recorder):
        raise TypeError("a broadcast is planned by what records it")
    rows: list[Planned] = []
    for members, notices in _batches(ready, Sent(broadcast, uow.now)):
        for member, (_, _, way) in zip(members, await recorder.ways(uow, notices), strict=True):
            without = tuple(paper.title for paper in broadcast.papers if not paper.is_for(member.roles))
            language = broadcast.language_for(member.language, ready.known.building)
            rows.append(planned(member, language, way, uow.now, without))
    return Preview(tuple(rows))


async def send(uow: UnitOfWork, broadcast: Broadcast) -> Progress:
    """Freezes a broadcast and tells it, in this transaction. The same broadcast a second time changes nothing."""
    before = await store.find(uow, broadcast.broadcast_id)
    if before is None:
        ready = await _ready(uow, broadcast)
        if not ready.recipients:
            raise DomainError("broadcast.nobody", audience=str(broadcast.audience))
        if await store.add(uow, broadcast):
            await _tell(uow, ready, Sent(broadcast, uow.now))
    return await progress(uow, broadcast.broadcast_id, broadcast.author)


async def again(uow: UnitOfWork, broadcast: UUID, by: UUID, below: Evidence = Evidence.ACCEPTED) -> Progress:
    """Sends it once more to those of its recipients for whom the evidence is below that, unless one is on its way to them.

    DomainError where it was stopped. Who has left the building since is left out.
    """
    sent = await _allowed(uow, broadcast, by, lock=True)
    if sent.stopped_at is not None:
        raise DomainError("broadcast.was_stopped", at=sent.stopped_at)
    waiting = await store.pending(uow, broadcast)
    missed = {row.person for row in await store.outcomes(uow, broadcast) if row.evidence < below} - waiting
    known = await _building(uow, sent.broadcast.building)
    members = await store.members(uow, known)
    recipients = [member for member in members if member.person in missed and member.roles]
    if recipients:
        sender = _author(members, by)
        ready = _Ready(sent.broadcast, known, sender, recipients)
        await _tell(uow, ready, Sent(sent.broadcast, sent.at, sent.attempts + 1))
    return await progress(uow, broadcast, by)


async def progress(uow: UnitOfWork, broadcast: UUID, by: UUID) -> Progress:
    """How far it has come by now."""
    return await store.progress(uow, await _allowed(uow, broadcast, by))


async def unreached(uow: UnitOfWork, broadcast: UUID, by: UUID, below: Evidence = Evidence.ACCEPTED) -> list[Outcome]:
    """For whom the evidence is below that by now, by name, each with the fate of his delivery and the reason."""
    await _allowed(uow, broadcast, by)
    return [row for row in await store.outcomes(uow, broadcast) if row.evidence < below]


async def stop(uow: UnitOfWork, broadcast: UUID, by: UUID) -> Stopped:
    """Cancels what has not left, and says how many had; a second time it says the same."""
    await _allowed(uow, broadcast, by, lock=True)
    return await store.stop(uow, broadcast)


async def sent(uow: UnitOfWork, building: UUID, by: UUID) -> list[Sent]:
    """The broadcasts of a building, the latest first."""
    _author(await store.members(uow, await _building(uow, building), by), by)
    return await store.every(uow, building)


# ------------------------------------------------------------------- for the office, whose guard has asked already who may


async def speaker(uow: UnitOfWork, building: UUID, email: str) -> Member | None:
    """In whose name somebody of the office writes to a building: his own where he speaks for it, else the syndic's, else the council's."""
    able = await authors(uow, building)
    mine = (await people.on_file(uow, [email])).get(email.lower())
    own = (member for member in able if member.person == mine)
    syndic = (member for member in able if "syndic" in member.roles)
    return next(own, next(syndic, able[0] if able else None))


async def latest(uow: UnitOfWork, buildings: Collection[UUID], most: int = 50) -> list[Sent]:
    """The latest broadcasts of these buildings."""
    return await store.latest(uow, buildings, most)


async def find(uow: UnitOfWork, broadcast: UUID) -> Sent | None:
    return await store.find(uow, broadcast)


async def watched(uow: UnitOfWork, sent: Sent) -> tuple[Progress, list[Outcome]]:
    """How far it has come by now: in numbers, and for each person by name."""
    return await store.progress(uow, sent), await store.outcomes(uow, sent.broadcast.broadcast_id)


async def call_back(uow: UnitOfWork, sent: Sent) -> Stopped:
    """Cancels what has not left; a second time it says the same."""
    await store.find(uow, sent.broadcast.broadcast_id, lock=True)
    return await store.stop(uow, sent.broadcast.broadcast_id)


async def _ready(uow: UnitOfWork, broadcast: Broadcast) -> _Ready:
    """DomainError where it may not be sent by its author, or not as it is."""
    known = await _building(uow, broadcast.building)
    members = await store.members(uow, known)
    sender = _author(members, broadcast.author)
    check(broadcast)
    audience = broadcast.audience
    lots = audience.lots_among([lot.lot for lot in await buildings.lots(uow, broadcast.building)])
    if audience.group == PERSONS:
        unknown = set(audience.persons) - {member.code for member in members if member.roles}
        if unknown:
            raise DomainError("broadcast.no_person", person=min(unknown)[:60])
    return _Ready(broadcast, known, sender, [member for member in members if member.among(audience, lots)])


async def _tell(uow: UnitOfWork, ready: _Ready, attempt: Sent) -> None:
    for members, notices in _batches(ready, attempt):
        for notice in notices:
            uow.tell(
                notice.to,
                notice.card,
                notice.kind,
                key=notice.key,
                expires=notice.expires,
                building=notice.building,
                urgency=notice.urgency,
            )
        await uow.flush()
        await store.add_recipients(uow, ready.broadcast, attempt.attempts, [member.person for member in members])


def _batches(ready: _Ready, attempt: Sent) -> Iterator[tuple[Sequence[Member], list[Notice]]]:
    """Its recipients and their notices, in batches. Who reads the same gets the same card."""
    broadcast, cards = ready.broadcast, dict[tuple[str, tuple[Paper, ...]], Card[Text]]()
    for first in range(0, len(ready.recipients), BATCH):
        members = ready.recipients[first : first + BATCH]
        notices = []
        for member in members:
            papers = papers_for(broadcast, member)
            card = cards.get((member.language, papers))
            if card is None:
                card = broadcast_card(
                    broadcast, ready.known.building, ready.sender.name, member.language, papers, attempt.at
                )
                cards[member.language, papers] = card
            notices.append(
                Notice(
                    member.person,
                    card,
                    broadcast.kind,
                    broadcast.key(member.person, attempt.attempts),
                    expires=broadcast.expires,
                    building=broadcast.building,
                    urgency=broadcast.urgency,
                )
            )
        yield members, notices


async def _building(uow: UnitOfWork, building: UUID) -> Known:
    known = await store.building(uow, building)
    if known is None:
        raise DomainError("broadcast.unknown")
    return known


async def _allowed(uow: UnitOfWork, broadcast: UUID, by: UUID, *, lock: bool = False) -> Sent:
    """A broadcast that was sent, for somebody who may see it. DomainError where there is none, or he may not."""
    found = await store.find(uow, broadcast, lock=lock)
    if found is None:
        raise DomainError("broadcast.unknown")
    _author(await store.members(uow, await _building(uow, found.broadcast.building), by), by)
    return found


def _author(members: Sequence[Member], person: UUID) -> Member:
    """Somebody, where he speaks for the building today."""
    author = next((member for member in members if member.person == person), None)
    if author is None or not author.place.manages:
        raise DomainError("broadcast.not_allowed")
    return author
