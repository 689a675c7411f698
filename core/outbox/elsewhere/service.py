"""What did not arrive goes on: told anew by the next way, within the transaction that says that it failed."""

from __future__ import annotations

from uuid import UUID

from core.database import UnitOfWork
from core.messaging.channel import Address
from core.messaging.delivery import Notice
from core.messaging.kinds import ACCOUNT, ANSWER
from core.outbox.elsewhere import cards, store
from core.outbox.elsewhere.store import Ended
from core.outbox.model import FAILED, SKIPPED
from core.people.service import bury

CHANGED = "changed"
"""The reason of a delivery that was planned anew before it left, because its reader wants something else by now."""


async def goes_on(uow: UnitOfWork, delivery: UUID, reason: str, *, dead: bool = False) -> None:
    """A delivery has failed for good: it is told anew by the next way that its reader has. What it gathered goes on each by itself.

    `dead`: nothing arrives at its address any more, which its reader is told elsewhere, once.

    Each way is a delivery of its own, with its own evidence, its own key on the wire and a reply address of its own: a late answer or
    bounce still finds the one that it belongs to. Where there is no further way, the last one says why.
    """
    rows = await store.ended(uow, delivery)
    if not rows:
        return
    left = [row for row in rows if not row.went_on]
    await store.fail(uow, [row.delivery_id for row in left], FAILED, reason)
    address, person = rows[0].address, rows[0].reader.person
    if dead and not rows[0].room and await bury(uow, address) and person is not None:
        # Somebody who is told here that he is not reached there is asked once: an address dies once.
        key = f"lost:{address.channel}:{address.handle}:{uow.now.isoformat()}"
        uow.notices.append(Notice(person, cards.lost(address), ACCOUNT, key, tried=(address,)))
    await _anew(uow, left, moved=True)


async def planned_anew(uow: UnitOfWork, delivery: UUID) -> None:
    """What its reader wants, or where he is, has changed since a delivery was told: it is told anew, or not at all."""
    rows = await store.ended(uow, delivery)
    await store.fail(uow, [row.delivery_id for row in rows], SKIPPED, CHANGED)
    await _anew(uow, rows, moved=False)


async def _anew(uow: UnitOfWork, rows: list[Ended], *, moved: bool) -> None:
    keys: dict[UUID, str] = {}
    for row in rows:
        notice = None if row.gathers or row.room else await _next(uow, row, moved)
        if notice is not None:
            uow.notices.append(notice)
            keys[row.delivery_id] = notice.key
    await uow.flush()
    for delivery, key in keys.items():
        await store.went_on(uow, delivery, key)


async def _next(uow: UnitOfWork, row: Ended, moved: bool) -> Notice | None:
    """What is told next; None where nobody is known to tell it to."""
    if row.reader.person is None:
        return None
    tried = (*row.tried, row.address) if moved else row.tried
    card = cards.moved_on(row.card, row.address) if moved else row.card
    to: UUID | Address = row.reader.person
    if row.kind == ANSWER:
        # He asked and waits for it. An address that he wrote from himself is his to read; one that is only on file may be another's.
        used = await store.used_otherwise(uow, row.reader.person, tried)
        if used is None:
            return None
        to = used
    base, _, way = row.key.partition("~")
    key = f"{base}~{int(way or 1) + 1}"
    return Notice(
        to,
        card,
        row.kind,
        key,
        expires=row.expires,
        reader=row.reader,
        building=row.building,
        urgency=row.urgency,
        tried=tried,
    )
