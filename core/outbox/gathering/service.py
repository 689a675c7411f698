"""Which of what is due at an address leaves as one card, and that card as a delivery of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from core.database import UnitOfWork
from core.kernel.ids import new_id
from core.messaging.channel import Room
from core.messaging.delivery import Claimed
from core.messaging.kinds import KINDS, Urgency
from core.outbox.gathering import cards, store
from core.outbox.model import MOST_GATHERED, Taken

WINDOW = timedelta(seconds=60)
"""Notices told within this time of one another are one burst."""


async def gathered(uow: UnitOfWork, taken: Sequence[Taken]) -> list[Claimed]:
    """What is to be sent now, in its order: of each address, what may wait for company and has it leaves as one card.

    The card is recorded as a delivery, so that whoever tries it again after a crash sends the same one under the same key.
    """
    send: list[Claimed] = []
    for _, at_address in groupby(taken, key=lambda each: (each.delivery.address, each.delivery.reader)):
        for together in _together(list(at_address)):
            if len(together) == 1:
                send.append(together[0].delivery)
            else:
                send.append(await _one_card(uow, together))
    return send


def _together(taken: Sequence[Taken]) -> list[list[Taken]]:
    """Neighbours that leave together: all of a digest, and what was told in one burst."""
    groups: list[list[Taken]] = []
    for each in taken:
        last = groups[-1] if groups else []
        if last and len(last) < MOST_GATHERED and _joins(last, each):
            last.append(each)
        else:
            groups.append([each])
    return groups


def _joins(group: Sequence[Taken], each: Taken) -> bool:
    first = group[0]
    if not (_may_wait(first) and _may_wait(each)) or first.digest != each.digest:
        return False
    return each.digest or each.told_at - first.told_at <= WINDOW


def _may_wait(taken: Taken) -> bool:
    """Whether a delivery may share a card. One that was begun before may have left already under its own key, and stays by itself."""
    delivery, kind = taken.delivery, KINDS[taken.delivery.kind]
    alone = taken.gathers or isinstance(delivery.address, Room) or delivery.reader.person is None
    urgency = kind.urgency if taken.urgency is None else taken.urgency
    return kind.digest and not alone and delivery.attempts == 1 and urgency < Urgency.URGENT


async def _one_card(uow: UnitOfWork, parts: Sequence[Taken]) -> Claimed:
    first = parts[0].delivery
    card = cards.gathered([part.delivery.card for part in parts], parts[0].digest)
    one = replace(
        first, delivery_id=new_id(), key=f"gathered:{first.delivery_id}", card=card, reply_to=None, attempts=1
    )
    await store.record(uow, one, [part.delivery.delivery_id for part in parts])
    return one
