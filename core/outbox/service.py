"""What is told: recorded with its fact, claimed by a courier, settled after sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.database import Database, UnitOfWork
from core.kernel.i18n import DEFAULT_LANGUAGE
from core.kernel.ids import new_code, new_id, new_token
from core.messaging.card import card_to_json
from core.messaging.channel import Address, Evidence, Receipt
from core.messaging.delivery import ANSWER, Claimed, Delivery, Notice, Reader, Recipient, plan
from core.messaging.intent import Intent
from core.outbox import store
from core.outbox.model import MAX_ATTEMPTS, SENDING, SENT, SKIPPED, WAITING, Told, backoff
from core.people.store import recipients


class Recorder:
    """Writes what a unit of work has to tell, in its transaction.

    `channels`: those by which people are told; `last_resort`: those by which they are told where there is no other.

    An answer is born claimed: the process that made it sends it, with no second transaction before it leaves.
    """

    def __init__(self, channels: Sequence[str], last_resort: Sequence[str] = ()) -> None:
        self._channels, self._last_resort = (*channels, *last_resort), tuple(last_resort)

    async def __call__(self, uow: UnitOfWork, notices: Sequence[Notice]) -> Sequence[Claimed]:
        persons = [notice.to for notice in notices if isinstance(notice.to, UUID)]
        known = await recipients(uow, persons, self._channels, self._last_resort) if persons else {}
        rows: list[dict[str, Any]] = []
        mine: list[Claimed] = []
        for notice in notices:
            if isinstance(notice.to, UUID):
                language, recipient = known.get(notice.to, (DEFAULT_LANGUAGE, Recipient()))
                reader = Reader(notice.to, language)
            else:
                reader, recipient = notice.reader or Reader(None, DEFAULT_LANGUAGE), Recipient()
            way = plan(notice, recipient, uow.now)
            at_once = notice.kind == ANSWER and isinstance(way, Delivery)
            card = notice.card.offered(new_token)
            address = way.address if isinstance(way, Delivery) else Address("", "")
            rows.append(
                {
                    "delivery_id": str(new_id()),
                    "key": notice.key,
                    "person_id": str(reader.person) if reader.person else None,
                    "channel": address.channel,
                    "handle": address.handle,
                    "kind": notice.kind,
                    "language": reader.language,
                    "card": card_to_json(card),
                    "reply_to": notice.reply_to,
                    "due": (way.due if isinstance(way, Delivery) else uow.now).isoformat(),
                    "expires": notice.expires.isoformat() if notice.expires else None,
                    "fate": (SENDING if at_once else WAITING) if isinstance(way, Delivery) else SKIPPED,
                    "reason": "" if isinstance(way, Delivery) else way.reason,
                }
            )
            if at_once:
                mine.append(
                    Claimed(
                        UUID(rows[-1]["delivery_id"]),
                        uow.organisation,
                        notice.key,
                        notice.kind,
                        address,
                        reader,
                        card,
                        notice.reply_to,
                    )
                )
        new = await store.record(uow, rows)
        return [delivery for delivery in mine if delivery.delivery_id in new]


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


async def choice_by_number(uow: UnitOfWork, address: Address, number: int) -> tuple[Intent, UUID] | None:
    return await store.numbered(uow, address, number)


async def shown(database: Database, organisation: UUID, delivery: UUID) -> tuple[Address, Receipt, Told] | None:
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
