"""What is told: recorded with its fact, claimed by a courier, settled after sending."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import random
from typing import Any
from uuid import UUID

from core.database import Database, UnitOfWork
from core.kernel.i18n import DEFAULT_LANGUAGE
from core.kernel.ids import new_code, new_id, new_token
from core.kernel.text import Text, say
from core.messaging.card import Card, card_to_json
from core.messaging.channel import Address, Evidence, Receipt, Room
from core.messaging.delivery import Claimed, Delivery, Notice, Reader, Recipient, Skipped, plan
from core.messaging.intent import Intent
from core.messaging.kinds import ANSWER, KINDS, Urgency
from core.messaging.preferences import BY_DEFAULT
from core.outbox import store
from core.outbox.elsewhere import service as elsewhere
from core.outbox.gathering import service as gathering
from core.outbox.model import (
    LATELY,
    MAX_ATTEMPTS,
    OVERDUE,
    REPLY_LASTS,
    SENDING,
    SENT,
    SKIPPED,
    WAITING,
    WORN_OUT,
    Leaf,
    Listed,
    Owner,
    Taken,
    Told,
    Traffic,
    Wanted,
    backoff,
)
from core.people.model import LETTER
from core.people.store import recipients
from core.people.wishes import store as wishes

PASSES = "notify.passes"
"""The message that says why something is told in quiet hours."""
NOBODY = Reader(None, DEFAULT_LANGUAGE)


class Recorder:
    """Writes what a unit of work has to tell, in its transaction.

    `channels`: those by which people are told; `last_resort`: those by which they are told where there is no other.

    An answer is born claimed: the process that made it sends it, with no second transaction before it leaves.
    """

    def __init__(self, channels: Sequence[str], last_resort: Sequence[str] = ()) -> None:
        self._channels, self._last_resort = (*channels, *last_resort), tuple(last_resort)

    async def __call__(self, uow: UnitOfWork, notices: Sequence[Notice]) -> Sequence[Claimed]:
        rows: list[dict[str, Any]] = []
        mine: list[Claimed] = []
        for notice, reader, way in await self.ways(uow, notices):
            card = notice.card.offered(new_token)
            if isinstance(way, Delivery) and way.passes:
                card = replace(card, body=(*card.body, say(PASSES)))
            row = _row(uow, notice, reader, way, card)
            rows.append(row)
            if row["fate"] == SENDING and isinstance(way, Delivery):
                mine.append(
                    Claimed(
                        UUID(row["delivery_id"]),
                        uow.organisation,
                        notice.key,
                        notice.kind,
                        way.address,
                        reader,
                        card,
                        notice.reply_to,
                    )
                )
        new = await store.record(uow, rows)
        return [delivery for delivery in mine if delivery.delivery_id in new]

    async def ways(self, uow: UnitOfWork, notices: Sequence[Notice]) -> list[tuple[Notice, Reader, Delivery | Skipped]]:
        """How each would be told now, to whom, and why not; nothing is written."""
        known = await self._recipients(uow, notices)
        found = []
        for notice in notices:
            language, recipient = known.get((notice.to, notice.building), (DEFAULT_LANGUAGE, Recipient()))
            reader = Reader(notice.to, language) if isinstance(notice.to, UUID) else notice.reader or NOBODY
            found.append((notice, reader, plan(notice, recipient, uow.now, frozenset(notice.tried))))
        return found

    async def _recipients(
        self, uow: UnitOfWork, notices: Sequence[Notice]
    ) -> dict[tuple[UUID | Address | Room, UUID | None], tuple[str, Recipient]]:
        """Everybody who is told something, as one building knows him: by person and building."""
        wanted: dict[UUID | None, list[UUID]] = {}
        for notice in notices:
            if isinstance(notice.to, UUID):
                wanted.setdefault(notice.building, []).append(notice.to)
        known: dict[tuple[UUID | Address | Room, UUID | None], tuple[str, Recipient]] = {}
        for building, persons in wanted.items():
            found = await recipients(uow, persons, self._channels, self._last_resort, building)
            known |= {(person, building): each for person, each in found.items()}
        return known


def _row(uow: UnitOfWork, notice: Notice, reader: Reader, way: Delivery | Skipped, card: Card[Text]) -> dict[str, Any]:
    """A delivery as it is stored."""
    planned = isinstance(way, Delivery)
    address = way.address if isinstance(way, Delivery) else Address("", "")
    return {
        "delivery_id": str(new_id()),
        "key": notice.key,
        "person_id": str(reader.person) if reader.person else None,
        "channel": address.channel,
        "handle": address.handle,
        "room": isinstance(address, Room),
        "kind": notice.kind,
        "language": reader.language,
        "card": card_to_json(card),
        "reply_to": notice.reply_to,
        "due": (way.due if isinstance(way, Delivery) else uow.now).isoformat(),
        "expires": notice.expires.isoformat() if notice.expires else None,
        "fate": (SENDING if notice.kind == ANSWER else WAITING) if planned else SKIPPED,
        "reason": way.reason if isinstance(way, Skipped) else "",
        "building_id": str(notice.building) if notice.building else None,
        "urgency": _urgency(notice, way),
        "digest": isinstance(way, Delivery) and way.digest,
        "tried": [[tried.channel, tried.handle] for tried in notice.tried],
    }


def _urgency(notice: Notice, way: Delivery | Skipped) -> int | None:
    """What passes the quiet hours was judged urgent once, and stays so however late it leaves; None: as its kind says."""
    if isinstance(way, Delivery) and way.passes:
        return int(Urgency.URGENT)
    return int(notice.urgency) if notice.urgency is not None else None


async def claim(database: Database, channels: Sequence[str], most: int = 50) -> list[Claimed]:
    """Takes what is due through these channels in any organisation: it is this process's to send for as long as a lease lasts.

    In the order in which it was told. `most` counts addresses: of each, all that is due comes along, gathered on one card where it may be.
    What expired is skipped; what its reader wants otherwise by now is planned anew; what was begun too often is given up.
    """
    while True:
        async with database.work() as uow:
            found = await store.claim(uow, channels, most)
            deliveries: list[Claimed] = []
            for organisation in sorted({organisation for organisation, _ in found}):
                await uow.enter(organisation)
                taken = await store.claimed(uow, [delivery for owner, delivery in found if owner == organisation])
                mine = [each for each in await _awake(uow, taken) if await _stands(uow, each)]
                deliveries += await gathering.gathered(uow, mine)
                await uow.flush()
            await uow.commit()
            deliveries += uow.claimed
        if deliveries or not found:
            return deliveries


async def _awake(uow: UnitOfWork, taken: Sequence[Taken]) -> list[Taken]:
    """What may be told at this hour. A delivery that was due before the quiet hours of its reader, and comes late, waits for their end."""
    persons = [each.delivery.reader.person for each in taken if each.delivery.reader.person is not None]
    known = await wishes.of_all(uow, persons) if persons else {}
    found = []
    for each in taken:
        person = each.delivery.reader.person
        end = known.get(person, BY_DEFAULT).quiet.until(uow.now) if person is not None else uow.now
        if end > uow.now and _waits(each):
            await store.hold(uow, each.delivery.delivery_id, end)
        else:
            found.append(each)
    return found


def _waits(taken: Taken) -> bool:
    """Whether quiet hours hold it: not an answer, a letter, what is said in a group, or what is urgent."""
    delivery, kind = taken.delivery, KINDS[taken.delivery.kind]
    urgency = kind.urgency if taken.urgency is None else taken.urgency
    addressed = isinstance(delivery.address, Address) and delivery.address.channel != LETTER
    return addressed and urgency < Urgency.URGENT


async def _stands(uow: UnitOfWork, taken: Taken) -> bool:
    """Whether a delivery is to be sent as it was told. Else it goes on another way."""
    if taken.delivery.attempts > MAX_ATTEMPTS:
        await _worn_out(uow, taken.delivery)
        return False
    if taken.elsewhere:
        await elsewhere.planned_anew(uow, taken.delivery.delivery_id)
    return not taken.elsewhere


async def renew(database: Database, deliveries: Sequence[Claimed]) -> None:
    """They stay this process's for another lease."""
    for organisation, mine in _by_organisation(deliveries).items():
        async with database.work(organisation) as uow:
            await store.renew(uow, [delivery.delivery_id for delivery in mine])
            await uow.commit()


async def release(database: Database, deliveries: Sequence[Claimed]) -> None:
    """Gives back what was claimed and not begun: anybody may take it at once, and it was no attempt."""
    for organisation, mine in _by_organisation(deliveries).items():
        async with database.work(organisation) as uow:
            await store.release(uow, [delivery.delivery_id for delivery in mine])
            await uow.commit()


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery that left. `rendered`: its text, of what the law counts."""

    delivery: Claimed
    receipt: Receipt
    rendered: str | None = None


async def sent(database: Database, delivery: Claimed, receipt: Receipt) -> None:
    await all_sent(database, [Sent(delivery, receipt)])


async def all_sent(database: Database, sent: Sequence[Sent]) -> None:
    """They left. Of what the law counts the text is kept with its SHA-256: it proves what was said."""
    by_id = {each.delivery.delivery_id: each for each in sent}
    for organisation, mine in _by_organisation([each.delivery for each in sent]).items():
        rows = [
            {
                "delivery_id": str(delivery.delivery_id),
                "wire_ref": by_id[delivery.delivery_id].receipt.wire_ref,
                "evidence": int(by_id[delivery.delivery_id].receipt.evidence),
                "rendered": by_id[delivery.delivery_id].rendered,
            }
            for delivery in mine
        ]
        async with database.work(organisation) as uow:
            await store.settle_sent(uow, rows)
            await uow.commit()


async def failed(database: Database, delivery: Claimed, reason: str, *, dead: bool = False) -> Sequence[Claimed]:
    """Never again on this way: it goes on by the next one. Gives what of that this process is to send itself.

    `dead`: nothing arrives at that address any more.
    """
    async with database.work(delivery.organisation) as uow:
        if await store.settle_failed(uow, delivery.delivery_id, reason, delivery.attempts):
            await elsewhere.goes_on(uow, delivery.delivery_id, reason, dead=dead)
        await uow.commit()
        return uow.claimed


async def later(database: Database, delivery: Claimed, reason: str, after: timedelta) -> Sequence[Claimed]:
    """Another attempt after a while; after the last one it goes on by the next way."""
    async with database.work(delivery.organisation) as uow:
        if delivery.attempts < MAX_ATTEMPTS:
            due = uow.now + backoff(delivery.attempts, after, random())
            await store.settle_later(uow, delivery.delivery_id, reason, due, delivery.attempts)
        else:
            await _worn_out(uow, delivery)
        await uow.commit()
        return uow.claimed


async def set_aside(database: Database, delivery: Claimed, reason: str) -> str:
    """The wire refuses what we sent: kept for a human. Gives the reference number."""
    reference = new_code()
    async with database.work(delivery.organisation) as uow:
        if await store.settle_failed(uow, delivery.delivery_id, reason, delivery.attempts):
            await store.set_aside(uow, delivery.delivery_id, reference, reason)
        await uow.commit()
    return reference


async def call_off(uow: UnitOfWork, keys: Sequence[str]) -> int:
    """What was told under these keys and has not left (a digest gathers for days) is not told any more. Gives how many."""
    await uow.flush()
    return await store.call_off(uow, keys)


async def _worn_out(uow: UnitOfWork, delivery: Claimed) -> None:
    """A human may look why; the person is told another way meanwhile."""
    await store.set_aside(uow, delivery.delivery_id, new_code(), WORN_OUT)
    await elsewhere.goes_on(uow, delivery.delivery_id, WORN_OUT)


def _by_organisation(deliveries: Sequence[Claimed]) -> dict[UUID, list[Claimed]]:
    owners: dict[UUID, list[Claimed]] = {}
    for delivery in deliveries:
        owners.setdefault(delivery.organisation, []).append(delivery)
    return owners


async def choice_by_token(
    uow: UnitOfWork, token: str, address: Address, person: UUID | None
) -> tuple[Intent, UUID] | None:
    return await store.offered(uow, token, address, person)


async def choice_by_number(
    uow: UnitOfWork, address: Address, number: int, *, delivery: UUID | None = None, wire_ref: str | None = None
) -> tuple[Intent, UUID] | None:
    """On the last card with choices there, or on the one that is answered."""
    return await store.numbered(uow, address, number, delivery, wire_ref)


async def answered_by(uow: UnitOfWork, key: str, address: Address) -> Owner | None:
    """The delivery that a message from an address answers by its reply token; None where it was another's, or is too long ago."""
    owner = await store.owner(uow, key)
    if owner is None or owner.address != address or owner.created_at + REPLY_LASTS < uow.now:
        return None
    return owner


async def seen(uow: UnitOfWork, address: Address, wire_ref: str, up_to: bool) -> None:
    """What the wire says that its reader has seen."""
    await store.seen(uow, address, wire_ref, up_to)


async def bounced(uow: UnitOfWork, key: str, address: Address, hard: bool) -> bool:
    """A delivery came back: it has failed, and goes on by the next way. False where it is none of ours to that address.

    A hard one says that nobody is there; a soft one that it was given up this time.
    """
    owner = await store.owner(uow, key)
    if owner is None or owner.address != address:
        return False
    await uow.enter(owner.organisation)
    await elsewhere.goes_on(uow, owner.delivery, "bounced" if hard else "bounced_softly", dead=hard)
    return True


async def said_lately(uow: UnitOfWork, address: Address) -> int:
    """How many answers an address was given in the last hour."""
    return await store.said_lately(uow, address, uow.now - timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice that one delivery offers to its reader."""

    key: str
    token: str
    address: Address
    language: str
    title: Text
    label: Text


async def offered(database: Database, key: str, token: str) -> Offer | None:
    """The choice of that token in the delivery of that key; None where there is none, or it is too long ago."""
    async with database.work() as uow:
        owner = await store.owner(uow, key)
        if owner is None or owner.created_at + REPLY_LASTS < uow.now:
            return None
        await uow.enter(owner.organisation)
        found = await store.receipt(uow, owner.delivery)
    told = found[2] if found else None
    choice = next((choice for choice in told.card.choices if choice.token == token), None) if told else None
    if told is None or choice is None or isinstance(told.address, Room):
        return None
    return Offer(key, token, told.address, told.language, told.card.title, choice.label)


async def shown(database: Database, organisation: UUID, delivery: UUID) -> tuple[Address | Room, Receipt, Told] | None:
    """How a card that was sent stands on its wire, to change what is shown there. None of what left with others: their choices stay."""
    async with database.work(organisation) as uow:
        found = await store.receipt(uow, delivery)
    if found is None or found[2].fate != SENT or found[2].gathered:
        return None
    address, wire_ref, told = found
    return address, Receipt(wire_ref, Evidence(told.evidence), told.sent_at or told.created_at), told


async def told_to(uow: UnitOfWork, person: UUID) -> list[Told]:
    return await store.told_to(uow, person)


async def deliveries(uow: UnitOfWork, *, failed: bool = False) -> list[Told]:
    return await store.told(uow, failed)


async def reasons(uow: UnitOfWork) -> Mapping[str, int]:
    """Why something was not sent to whom it was meant for: each reason that `plan` gives, and how often it was the one."""
    return await store.reasons(uow)


async def leaf(uow: UnitOfWork, wanted: Wanted, before: int | None = None, most: int = 50) -> Leaf:
    """The latest deliveries that fit, `most` of them; `before` is the `older` of the leaf above."""
    found = await store.listed(uow, wanted, before, most + 1)
    return Leaf(tuple(found[:most]), found[most - 1].number if len(found) > most else None)


async def ways(uow: UnitOfWork, delivery: UUID, buildings: Collection[UUID] | None = None) -> list[Listed]:
    """A delivery among all the ways that it was tried, in their order; nothing where there is none in these buildings."""
    return await store.ways(uow, delivery, buildings)


async def ways_of(uow: UnitOfWork, key: str) -> list[Listed]:
    """The same for what was told under a key; nothing where nothing was."""
    found = await store.by_key(uow, key)
    return await store.ways(uow, found, None) if found else []


async def traffic(uow: UnitOfWork) -> Mapping[str, Traffic]:
    """How each channel does by which this organisation told anything yet."""
    return await store.traffic(uow, uow.now - LATELY, uow.now - OVERDUE)
