"""One card for several: a digest, and a burst. Each part keeps its text, its choices and its own evidence."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from core.database import Database
from core.kernel.i18n import Catalogues
from core.kernel.text import Text, literal
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Address, Evidence, Rejected, TryLater
from core.messaging.intent import Intent
from core.messaging.kinds import ACCOUNT, EXCHANGE, NOTICE_BOARD, TICKET, Urgency
from core.messaging.preferences import Rhythm
from core.outbox import service as outbox
from core.outbox.model import LEASE, MOST_GATHERED, Told
from core.people.wishes import service as wishes
from tests.core.outbox.test_failover import BLOCKED, EMAIL, TELEGRAM, House, database, house
from tests.ground_floor import NOW, Hands

__all__ = ["database", "house"]


def news(number: int, *choices: str) -> Card[Text]:
    return Card(
        literal(f"News {number}"),
        (literal(f"The whole text of {number}."),),
        (Fact(literal("When"), literal(f"Day {number}")),),
        tuple(Choice(Intent("help", {"about": f"{number}{choice}"}), literal(choice)) for choice in choices),
    )


async def tell(house: House, *numbers: int, kind: str = NOTICE_BOARD, **rest: object) -> None:
    async with house.database.work(house.organisation) as uow:
        for number in numbers:
            uow.tell(house.lea, news(number, "Yes", "No"), kind, key=f"{kind}:{number}", **rest)  # type: ignore[arg-type]
        await uow.commit()


async def gather(house: House, rhythm: Rhythm) -> None:
    async with house.database.work(house.organisation) as uow:
        await wishes.gather(uow, house.lea, rhythm)
        await uow.commit()


async def about(house: House, number: int, at: Address = EMAIL, **where: object) -> object:
    async with house.database.work(house.organisation) as uow:
        found = await outbox.choice_by_number(uow, at, number, **where)  # type: ignore[arg-type]
    return found[0].slots["about"] if found else None


async def test_a_burst_leaves_as_one_card_with_all_that_it_says(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2)
    await tell(house, 3, kind=TICKET)
    await house.courier.drain()
    (card,) = house.email.cards
    assert card.title == "3 messages at once"
    assert card.body == tuple(
        line
        for number in (1, 2, 3)
        for line in (f"• News {number}", f"The whole text of {number}.", f"When: Day {number}")
    )
    assert [choice.label for choice in card.choices] == [
        f"{choice} (News {number})" for number in (1, 2, 3) for choice in ("Yes", "No")
    ]
    assert card.may_stop
    rows = await house.rows()
    assert [(row.fate, row.evidence, row.gathered) for row in rows] == [("sent", Evidence.ACCEPTED, True)] * 3
    assert len({row.sent_at for row in rows}) == 1


async def test_a_token_and_a_number_still_mean_what_they_say(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2)
    await house.courier.drain()
    rows = await house.rows()
    (card,) = house.email.cards
    async with house.database.work(house.organisation) as uow:
        for choice, (row, slot) in zip(card.choices, [(r, c) for r in rows for c in ("Yes", "No")], strict=True):
            found = await outbox.choice_by_token(uow, choice.token, EMAIL, house.lea)
            assert found is not None
            assert found[1] == row.delivery_id
            assert found[0].slots["about"] == f"{str(row.card.title.values['value'])[-1]}{slot}"
    assert [await about(house, number) for number in range(6)] == [None, "1Yes", "1No", "2Yes", "2No", None]
    assert await about(house, 3, wire_ref="ref 1") == "2Yes"
    gathered = UUID(house.email.keys[0])
    assert await about(house, 4, delivery=gathered) == "2No"


async def test_a_link_on_the_card_leads_to_its_choice(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2)
    await house.courier.drain()
    (card,), (key,) = house.email.cards, house.email.keys
    offer = await outbox.offered(house.database, key, card.choices[2].token)
    assert offer is not None
    assert (offer.address, offer.key) == (EMAIL, key)
    assert await outbox.offered(house.database, key, "unknown") is None


async def test_after_a_choice_the_others_stay(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2)
    await house.courier.drain()
    for row in await house.rows():
        assert await outbox.shown(house.database, house.organisation, row.delivery_id) is None


async def test_what_is_seen_is_seen_of_every_part(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2)
    await house.courier.drain()
    async with house.database.work(house.organisation) as uow:
        await outbox.seen(uow, EMAIL, "ref 1", up_to=False)
        await uow.commit()
    assert [row.evidence for row in await house.rows()] == [Evidence.SEEN] * 2


async def test_what_she_reads_of_it_is_told_once(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2)
    await house.courier.drain()
    async with house.database.work(house.organisation) as uow:
        titles = [row.card.title for row in await outbox.told_to(uow, house.lea)]
    assert titles == [literal("News 1"), literal("News 2")]


@pytest.mark.parametrize(
    ("kind", "rest"),
    [(ACCOUNT, {}), ("loan", {}), (TICKET, {"urgency": Urgency.URGENT})],
    ids=["account", "loan", "urgent"],
)
async def test_what_cannot_wait_leaves_by_itself(house: House, kind: str, rest: dict[str, object]) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2, kind=kind, **rest)
    await house.courier.drain()
    assert [card.title for card in house.email.cards] == ["News 1", "News 2"]


async def test_only_what_was_told_in_one_burst_leaves_together(house: House) -> None:
    await house.move_in(EMAIL)
    for number in (1, 2, 3, 4):
        await tell(house, number)
        house.clock.now += timedelta(seconds=40)
    await house.courier.drain()
    assert [card.title for card in house.email.cards] == ["2 messages at once"] * 2


async def test_one_alone_is_itself(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1)
    await house.courier.drain()
    assert house.email.cards[0].title == "News 1"
    assert [row.gathered for row in await house.rows()] == [False]


async def test_no_card_has_more_than_one_reads(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, *range(MOST_GATHERED + 5))
    await house.courier.drain()
    assert [card.title for card in house.email.cards] == [f"{MOST_GATHERED} messages at once", "5 messages at once"]


async def test_a_digest_leaves_once_a_day_with_everything(house: House) -> None:
    await house.move_in(EMAIL)
    await gather(house, Rhythm.DAILY)
    for number in (1, 2, 3):
        await tell(house, number, kind=EXCHANGE)
        house.clock.now += timedelta(hours=2)
        await house.courier.drain()
    assert house.email.cards == []
    house.clock.now = NOW + timedelta(days=1)  # ten in the morning
    await house.courier.drain()
    (card,) = house.email.cards
    assert card.title == "3 messages for you"
    assert [f"The whole text of {number}." in card.body for number in (1, 2, 3)] == [True] * 3
    assert len(card.choices) == 6
    house.clock.now += timedelta(days=1)
    await house.courier.drain()
    assert len(house.email.cards) == 1, "an empty digest is not sent"


async def test_a_digest_of_what_she_switched_off_meanwhile_is_not_sent(house: House) -> None:
    await house.move_in(EMAIL)
    await gather(house, Rhythm.DAILY)
    house.clock.now += timedelta(minutes=1)
    await tell(house, 1, 2, kind=EXCHANGE)
    house.clock.now += timedelta(minutes=1)
    async with house.database.work(house.organisation) as uow:
        await wishes.switch(uow, house.lea, EXCHANGE, False)
        await uow.commit()
    house.clock.now = NOW + timedelta(days=1)
    await house.courier.drain()
    assert house.email.cards == []
    assert {row.reason for row in await house.rows()} == {"changed", "switched_off"}


async def test_a_digest_leaves_out_what_expired(house: House) -> None:
    await house.move_in(EMAIL)
    await gather(house, Rhythm.DAILY)
    await tell(house, 1, 2, kind=EXCHANGE)
    await tell(house, 3, kind=EXCHANGE, expires=NOW + timedelta(days=2))
    house.clock.now = NOW + timedelta(days=3)
    await house.courier.drain()
    assert [card.title for card in house.email.cards] == ["2 messages for you"]
    assert [row.fate for row in await house.rows()] == ["sent", "sent", "skipped"]


async def test_tried_again_after_a_crash_it_is_the_same_card_under_the_same_key(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1, 2)
    (mine,) = await outbox.claim(house.database, ("email",))  # and this process dies, perhaps after it sent
    await tell(house, 3)
    house.clock.now += LEASE + timedelta(seconds=1)
    await house.courier.drain()
    assert house.email.keys[0] == mine.delivery_id.hex
    assert [card.title for card in house.email.cards] == ["2 messages at once", "News 3"]
    assert {row.fate for row in await house.rows()} == {"sent"}


async def test_one_that_was_begun_by_itself_stays_by_itself(house: House) -> None:
    await house.move_in(EMAIL)
    await tell(house, 1)
    (mine,) = await outbox.claim(house.database, ("email",))
    await tell(house, 2, 3)
    house.clock.now += LEASE + timedelta(seconds=1)
    await house.courier.drain()
    assert house.email.keys[0] == mine.delivery_id.hex
    assert [card.title for card in house.email.cards] == ["News 1", "2 messages at once"]


async def test_put_off_it_waits_as_one(house: House) -> None:
    await house.move_in(EMAIL)
    house.email.meets = {"2 messages at once": [TryLater("busy", timedelta(seconds=30))]}
    await tell(house, 1, 2)
    await house.courier.drain()
    assert house.email.cards == []
    house.clock.now += timedelta(seconds=31)
    await house.courier.drain()
    assert [card.title for card in house.email.cards] == ["2 messages at once"]


async def test_where_it_does_not_arrive_each_part_goes_on(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    house.telegram.meets = {"2 messages at once": [BLOCKED]}
    await tell(house, 1, 2)
    await house.courier.drain()
    assert [card.title for card in house.email.cards] == [
        "Your messages on Telegram no longer reach you",
        "2 messages at once",
    ]
    rows = [row for row in await house.rows() if row.kind == NOTICE_BOARD]
    assert [(row.address.channel, row.fate) for row in rows] == [
        ("telegram", "failed"),
        ("telegram", "failed"),
        ("email", "sent"),
        ("email", "sent"),
    ]


async def test_a_bounce_of_the_card_is_one_of_every_part(house: House) -> None:
    await house.move_in(EMAIL, TELEGRAM)
    await tell(house, 1, 2)
    await house.courier.drain()
    async with house.database.work() as uow:
        assert await outbox.bounced(uow, house.email.keys[0], EMAIL, hard=True)
        await uow.commit()
    await house.courier.drain()
    assert [card.title for card in house.telegram.cards][-1] == "2 messages at once"


async def test_a_card_that_is_refused_fails_with_its_parts(house: House) -> None:
    await house.move_in(EMAIL)
    house.email.meets = {"2 messages at once": [Rejected("too long")]}
    await tell(house, 1, 2)
    await house.courier.drain()
    rows: list[Told] = await house.rows()
    assert {(row.fate, row.reason) for row in rows} == {("failed", "too long")}


async def test_two_persons_share_no_card(
    database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands
) -> None:
    one, other = (House(database, organisation, catalogues, clock) for _ in range(2))
    await one.move_in(EMAIL)
    await other.move_in(TELEGRAM)
    other.courier = one.courier
    await tell(one, 1)
    await tell(other, 2)
    await one.courier.drain()
    assert [card.title for card in one.email.cards + one.telegram.cards] == ["News 1", "News 2"]
