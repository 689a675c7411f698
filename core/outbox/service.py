"""What is told: recorded with its fact, claimed by a courier, settled after sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
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
from core.messaging.kinds import ANSWER
from core.outbox import store
from core.outbox.model import (
    MAX_ATTEMPTS,
    REPLY_LASTS,
    SENDING,
    SENT,
    SKIPPED,
    WAITING,
    Owner,
    Told,
    backoff,
)
from core.people.store import recipients


NOBODY = Reader(None, DEFAULT_LANGUAGE)


class Recorder:
    """Writes what a unit of work has to tell, in its transaction.

    `channels`: those by which people are told; `last_resort`: those by which they are told where there is no other.

    An answer is born claimed: the process that made it sends it, with no second transaction before it leaves.
    """

    def __init__(self, channels: Sequence[str], last_resort: Sequence[str] = ()) -> None:
        self._channels, self._last_resort = (*channels, *last_resort), tuple(last_resort)

    async def __call__(self, uow: UnitOfWork, notices: Sequence[Notice]) -> Sequence[Claimed]:
        known = await self._recipients(uow, notices)
        rows: list[dict[str, Any]] = []
        mine: list[Claimed] = []
        for notice in notices:
            language, recipient = known.get((notice.to, notice.building), (DEFAULT_LANGUAGE, Recipient()))
            reader = Reader(notice.to, language) if isinstance(notice.to, UUID) else notice.reader or NOBODY
            way = plan(notice, recipient, uow.now)
            card = notice.card.offered(new_token)
            if isinstance(way, Delivery) and way.passes:
                card = replace(card, body=(*card.body, say("notify.passes")))
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
        "urgency": int(notice.urgency) if notice.urgency is not None else None,
        "digest": isinstance(way, Delivery) and way.digest,
    }


async def claim(database: Database, channels: Sequence[str], most: int = 50) -> list[Claimed]:
    """Takes what is due through these channels in any organisation: it is this process's to send for as long as a lease lasts."""
    async with database.work() as uow:
        found = await store.claim(uow, channels, most)
        await uow.commit()
    deliveries: list[Claimed] = []
    for organisation in sorted({organisation for organisation, _ in found}):
        async with database.work(organisation) as uow:
            deliveries += await store.claimed(uow, [delivery for owner, delivery in found if owner == organisation])
    return deliveries


async def sent(database: Database, delivery: Claimed, receipt: Receipt) -> None:
    async with database.work(delivery.organisation) as uow:
        await store.settle_sent(uow, delivery.delivery_id, receipt.wire_ref, receipt.evidence)
        await uow.commit()


async def failed(database: Database, delivery: Claimed, reason: str) -> None:
    """Never again on this way."""
    async with database.work(delivery.organisation) as uow:
        await store.settle_failed(uow, delivery.delivery_id, reason)
        await uow.commit()


async def later(database: Database, delivery: Claimed, reason: str, after: timedelta) -> None:
    """Another attempt after a while; after the last one, failed."""
    if delivery.attempts >= MAX_ATTEMPTS:
        await failed(database, delivery, reason)
        return
    async with database.work(delivery.organisation) as uow:
        await store.settle_later(uow, delivery.delivery_id, reason, uow.now + backoff(delivery.attempts, after))
        await uow.commit()


async def set_aside(database: Database, delivery: Claimed, reason: str) -> str:
    """The wire refuses what we sent: kept for a human. Gives the reference number."""
    reference = new_code()
    async with database.work(delivery.organisation) as uow:
        await store.settle_failed(uow, delivery.delivery_id, reason)
        await store.set_aside(uow, delivery.delivery_id, reference, reason)
        await uow.commit()
    return reference


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
    """A delivery came back: it has failed, in the organisation that sent it. False where it is none of ours to that address."""
    owner = await store.owner(uow, key)
    if owner is None or owner.address != address:
        return False
    await uow.enter(owner.organisation)
    await store.settle_failed(uow, owner.delivery, "bounced" if hard else "bounced_softly")
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
    """How a card that was sent stands on its wire, to change what is shown there."""
    async with database.work(organisation) as uow:
        found = await store.receipt(uow, delivery)
    if found is None or found[2].fate != SENT:
        return None
    address, wire_ref, told = found
    return address, Receipt(wire_ref, Evidence(told.evidence), told.sent_at or told.created_at), told


async def told_to(uow: UnitOfWork, person: UUID) -> list[Told]:
    return await store.told_to(uow, person)


async def deliveries(uow: UnitOfWork, *, failed: bool = False) -> list[Told]:
    return await store.told(uow, failed)
