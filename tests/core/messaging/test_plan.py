"""`plan()` as a truth table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.delivery import (
    ANSWER,
    EXPIRED,
    NO_ADDRESS,
    Delivery,
    Notice,
    Reachable,
    Recipient,
    Skipped,
    plan,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
EARLIER, LATER, HOUR = NOW - timedelta(days=1), NOW + timedelta(days=1), timedelta(hours=1)
PERSON = UUID(int=7)
PHONE, MAIL, MATRIX = Address("telegram", "1"), Address("email", "a@b.example"), Address("matrix", "@a:b.example")


def reachable(*addresses: tuple[Address, datetime | None], last_resort: str = "") -> Recipient:
    return Recipient(tuple(Reachable(address, used, address.channel == last_resort) for address, used in addresses))


NEVER = reachable((MAIL, None), (PHONE, None))
ONCE = reachable((MAIL, None), (PHONE, EARLIER))
OFTEN = reachable((MAIL, EARLIER), (PHONE, NOW - HOUR), (MATRIX, None))
EQUAL = reachable((MATRIX, EARLIER), (MAIL, EARLIER))
RESORT = reachable((PHONE, NOW), (MAIL, EARLIER), last_resort="telegram")
UNUSED = reachable((PHONE, NOW), (MAIL, None), (MATRIX, None), last_resort="telegram")
ONLY_RESORT = reachable((PHONE, EARLIER), last_resort="telegram")
NOBODY = Recipient()


@pytest.mark.parametrize(
    ("to", "recipient", "due", "expires", "expected"),
    [
        # who asked is answered where he asked, whatever else is known of him
        (MAIL, NOBODY, None, None, Delivery(MAIL, NOW)),
        (MAIL, ONCE, None, None, Delivery(MAIL, NOW)),
        (MAIL, OFTEN, LATER, None, Delivery(MAIL, LATER)),
        # else the address last used, else the first
        (PERSON, NOBODY, None, None, Skipped(NO_ADDRESS)),
        (PERSON, NEVER, None, None, Delivery(MAIL, NOW)),
        (PERSON, ONCE, None, None, Delivery(PHONE, NOW)),
        (PERSON, OFTEN, None, None, Delivery(PHONE, NOW)),
        (PERSON, EQUAL, None, None, Delivery(MATRIX, NOW)),
        # a last resort only where there is no other
        (PERSON, RESORT, None, None, Delivery(MAIL, NOW)),
        (PERSON, UNUSED, None, None, Delivery(MAIL, NOW)),
        (PERSON, ONLY_RESORT, None, None, Delivery(PHONE, NOW)),
        (PHONE, RESORT, None, None, Delivery(PHONE, NOW)),
        # when
        (PERSON, ONCE, LATER, None, Delivery(PHONE, LATER)),
        (PERSON, ONCE, EARLIER, None, Delivery(PHONE, NOW)),
        (PERSON, ONCE, None, LATER, Delivery(PHONE, NOW)),
        # too late
        (PERSON, ONCE, None, NOW, Skipped(EXPIRED)),
        (PERSON, ONCE, LATER, EARLIER, Skipped(EXPIRED)),
        (MAIL, ONCE, None, EARLIER, Skipped(EXPIRED)),
        (PERSON, NOBODY, None, EARLIER, Skipped(EXPIRED)),
    ],
)
@pytest.mark.parametrize("kind", [ANSWER, "account"])
def test_where_a_notice_goes(
    to: UUID | Address,
    recipient: Recipient,
    due: datetime | None,
    expires: datetime | None,
    expected: Delivery | Skipped,
    kind: str,
) -> None:
    assert plan(Notice(to, Card(say("x")), kind, "key", due, expires), recipient, NOW) == expected
