"""Lanes: each channel at its own pace, in order at each address, held by a lease, and never begun without end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot import lanes
from bot.courier import Courier
from bot.lanes import FAILURES, Pace
from core.database import Database
from core.kernel.i18n import Catalogues
from core.kernel.text import Text, literal, say
from core.messaging.card import Card
from core.messaging.channel import Address, Evidence, Receipt, Rejected, Room, Traits, TryLater, Unreachable
from core.messaging.delivery import Reader
from core.messaging.kinds import ACCOUNT, ANSWER
from core.outbox import service as outbox
from core.outbox.model import LEASE, MAX_ATTEMPTS, Told
from tests.ground_floor import NOW, Hands


class Recorded:
    """A channel that keeps what it is given. `meets`: what happens to a title, before it is kept."""

    def __init__(self, name: str, **traits: float | bool) -> None:
        self.name = name
        given = {"buttons": True, "max_chars": 1000, "max_file_bytes": 0} | traits
        self.traits = Traits(**given)  # type: ignore[arg-type]
        self.sent: list[tuple[str, str]] = []
        self.keys: list[str] = []
        self.cards: list[Card[str]] = []
        self.meets: dict[str, list[Exception | float | asyncio.Event]] = {}
        self.under_way = self.most_under_way = 0

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[object], key: str, reply_to: str | None
    ) -> Receipt:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            for happening in [self.meets[card.title].pop(0)] if self.meets.get(card.title) else []:
                if isinstance(happening, Exception):
                    raise happening
                await (happening.wait() if isinstance(happening, asyncio.Event) else asyncio.sleep(happening))
            await asyncio.sleep(0)
            self.sent.append((to.handle, card.title))
            self.keys.append(key)
            self.cards.append(card)
            return Receipt(f"ref {len(self.sent)}", Evidence.ACCEPTED, NOW)
        finally:
            self.under_way -= 1


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is waited for is a plain number
            await asyncio.sleep(0.01)


def card(title: str) -> Card[Text]:
    return Card(literal(title))


async def tell(
    database: Database, organisation: UUID, channel: str, *told: tuple[str, str], kind: str = ACCOUNT
) -> None:
    async with database.work(organisation) as uow:
        for handle, title in told:
            uow.tell(Address(channel, handle), card(title), kind, key=f"{channel}:{handle}:{title}")
        await uow.commit()


async def rows(database: Database, organisation: UUID) -> dict[str, Told]:
    async with database.work(organisation) as uow:
        return {str(each.card.title.values["value"]): each for each in await outbox.deliveries(uow)}


def courier(database: Database, catalogues: Catalogues, *channels: Recorded, patience: float = 5.0) -> Courier:
    return Courier(database, {each.name: each for each in channels}, catalogues, patience=patience)  # type: ignore[misc]


async def test_a_stuck_channel_holds_no_other(database: Database, organisation: UUID, catalogues: Catalogues) -> None:
    stuck, free = Recorded("telegram"), Recorded("console")
    stuck.meets = {"a": [60.0]}
    await tell(database, organisation, "telegram", ("1", "a"))
    await tell(database, organisation, "console", *((str(number), f"c{number}") for number in range(50)))
    drained = asyncio.create_task(courier(database, catalogues, stuck, free).drain())
    await until(lambda: len(free.sent) == 50)
    assert stuck.sent == []
    drained.cancel()
    await asyncio.gather(drained, return_exceptions=True)


async def test_a_stuck_address_holds_no_other_of_its_channel(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    channel = Recorded("console")
    channel.meets = {"stuck": [60.0]}
    await tell(database, organisation, "console", ("slow", "stuck"), *((str(n), f"c{n}") for n in range(300)))
    drained = asyncio.create_task(courier(database, catalogues, channel).drain())
    await until(lambda: len(channel.sent) == 300)
    drained.cancel()
    await asyncio.gather(drained, return_exceptions=True)


async def test_order_at_an_address_is_kept_by_several_who_deliver(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    told = [(f"h{number % 7}", f"{number:03}") for number in range(140)]
    await tell(database, organisation, "console", *told)
    channel = Recorded("console")
    channel.meets = {f"{number:03}": [0.003] for number in range(0, 140, 3)}
    couriers = [courier(database, catalogues, channel) for _ in range(3)]
    await asyncio.gather(*(each.drain() for each in couriers))
    assert len(channel.sent) == 140
    for handle in {handle for handle, _ in told}:
        titles = [title for to, title in channel.sent if to == handle]
        assert titles == sorted(titles), handle


async def test_what_is_put_off_is_not_overtaken(
    database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands
) -> None:
    channel = Recorded("console")
    channel.meets = {"1": [TryLater("busy", timedelta(seconds=40))]}
    await tell(database, organisation, "console", ("lea", "1"), ("lea", "2"), ("tom", "3"))
    each = courier(database, catalogues, channel)
    await each.drain()
    assert channel.sent == [("tom", "3")]
    await tell(database, organisation, "console", ("lea", "4"))
    clock.now += timedelta(seconds=39)
    await each.drain()
    assert channel.sent == [("tom", "3")]
    found = await rows(database, organisation)
    assert [(found[title].attempts, found[title].fate) for title in "1234"] == [
        (1, "waiting"),
        (0, "waiting"),
        (1, "sent"),
        (0, "waiting"),
    ]
    clock.now += timedelta(seconds=2)
    await each.drain()
    assert channel.sent == [("tom", "3"), ("lea", "1"), ("lea", "2"), ("lea", "4")]


async def test_an_answer_is_not_held_by_what_waits(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    channel = Recorded("console")
    await tell(database, organisation, "console", ("lea", "waits"))
    async with database.work(organisation) as uow:
        uow.tell(Address("console", "lea"), card("answer"), ANSWER, key="a", reader=Reader(None, "fr"))
        await uow.commit()
    each = courier(database, catalogues, channel)
    await each.send(uow.claimed[0])
    assert channel.sent == [("lea", "answer")]
    await each.drain()
    assert channel.sent[1:] == [("lea", "waits")]


async def test_a_sender_that_dies_each_time_is_not_followed_without_end(
    database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands
) -> None:
    await tell(database, organisation, "console", ("lea", "kills"))
    for attempt in range(1, MAX_ATTEMPTS + 1):
        (mine,) = await outbox.claim(database, ("console",))  # and this process dies
        assert mine.attempts == attempt
        assert await outbox.claim(database, ("console",)) == []
        clock.now += LEASE
    channel = Recorded("console")
    await courier(database, catalogues, channel).drain()
    (row,) = (await rows(database, organisation)).values()
    assert (row.fate, row.reason) == ("failed", "worn_out")
    assert channel.sent == []
    async with database.work() as uow:
        assert await uow.connection.scalar(text("SELECT reason FROM set_aside")) == "worn_out"


async def test_what_the_wire_refuses_is_set_aside_and_holds_nothing(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    channel = Recorded("console")
    channel.meets = {"bad": [Rejected("too long")], "odd": [ZeroDivisionError()]}
    await tell(database, organisation, "console", ("lea", "bad"), ("lea", "odd"), ("lea", "good"))
    await courier(database, catalogues, channel).drain()
    found = await rows(database, organisation)
    assert channel.sent == [("lea", "good")]
    assert [(found[title].fate, found[title].reason) for title in ("bad", "odd")] == [
        ("failed", "too long"),
        ("failed", "ZeroDivisionError"),
    ]


@pytest.mark.parametrize("trouble", [ConnectionResetError(), TimeoutError(), 60.0])
async def test_a_connection_that_breaks_is_tried_again(
    database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands, trouble: Exception | float
) -> None:
    channel = Recorded("console")
    channel.meets = {"1": [trouble]}
    await tell(database, organisation, "console", ("lea", "1"))
    each = courier(database, catalogues, channel, patience=0.05)
    await each.drain()
    assert (await rows(database, organisation))["1"].fate == "waiting"
    clock.now += timedelta(seconds=15)
    await each.drain()
    assert channel.sent == [("lea", "1")]


async def test_a_wire_that_is_away_is_left_alone_and_wears_nothing_out(
    database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands
) -> None:
    channel = Recorded("console")
    titles = [f"{number}" for number in range(100)]
    channel.meets = {title: [ConnectionRefusedError()] * 99 for title in titles}
    await tell(database, organisation, "console", *((title, title) for title in titles))
    each = courier(database, catalogues, channel)
    await each.drain()
    begun = sum(row.attempts for row in (await rows(database, organisation)).values())
    assert FAILURES <= begun <= lanes.AT_ONCE + FAILURES
    assert await each.drain() == 0, "it rests"
    channel.meets = {}
    clock.now += timedelta(minutes=2)
    await each.drain()
    assert sorted(channel.sent) == sorted((title, title) for title in titles)
    assert {row.fate for row in (await rows(database, organisation)).values()} == {"sent"}


async def test_a_lease_is_renewed_while_a_wire_is_slow(
    database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(lanes, "HELD_SECONDS", 0.2)
    channel = Recorded("console")
    answers = asyncio.Event()
    channel.meets = {"1": [answers]}
    await tell(database, organisation, "console", ("lea", "1"), ("lea", "2"))
    drained = asyncio.create_task(courier(database, catalogues, channel).drain())
    await until(lambda: channel.under_way == 1)
    clock.now += LEASE - timedelta(seconds=1)
    async with asyncio.timeout(20), database.work(organisation) as uow:
        held = text("SELECT min(lease_until) FROM deliveries WHERE lease_until IS NOT NULL")
        while await uow.connection.scalar(held) <= clock.now + timedelta(seconds=2):  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.02)
    clock.now += timedelta(seconds=2)
    assert await outbox.claim(database, ("console",)) == []
    answers.set()
    await drained
    assert channel.sent == [("lea", "1"), ("lea", "2")]


async def test_who_was_held_up_for_longer_than_his_lease_sends_nothing(
    database: Database, organisation: UUID, catalogues: Catalogues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "HELD_SECONDS", -1.0)
    channel = Recorded("console")
    await tell(database, organisation, "console", ("lea", "1"))
    await courier(database, catalogues, channel).drain()
    assert channel.sent == []


async def test_what_a_stopped_process_has_not_begun_may_be_taken_at_once(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    channel = Recorded("console")
    channel.meets = {f"{number}": [0.2] for number in range(40)}
    await tell(database, organisation, "console", *((f"{number}", f"{number}") for number in range(40)))
    drained = asyncio.create_task(courier(database, catalogues, channel).drain())
    await until(lambda: channel.under_way == lanes.AT_ONCE)
    drained.cancel()
    await asyncio.gather(drained, return_exceptions=True)
    assert len(channel.sent) == lanes.AT_ONCE, "what was under way came to its end"
    fates = [row.fate for row in (await rows(database, organisation)).values()]
    assert (fates.count("sent"), fates.count("waiting")) == (lanes.AT_ONCE, 40 - lanes.AT_ONCE)
    other = Recorded("console")
    await courier(database, catalogues, other).drain()
    assert len({title for _, title in channel.sent + other.sent}) == len(channel.sent) + len(other.sent) == 40


async def test_no_more_at_a_time_than_a_lane_has_places(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    channel = Recorded("console", idempotent=True)
    channel.meets = {f"{number}": [0.002] for number in range(300)}
    await tell(database, organisation, "console", *((f"{number}", f"{number}") for number in range(300)))
    assert await courier(database, catalogues, channel).drain() == 300
    assert 1 < channel.most_under_way <= lanes.AT_ONCE
    assert {row.fate for row in (await rows(database, organisation)).values()} == {"sent"}


async def test_a_limit_of_the_wire_is_kept(database: Database, organisation: UUID, catalogues: Catalogues) -> None:
    channel = Recorded("console", per_second=50.0)
    await tell(database, organisation, "console", *((f"{number}", f"{number}") for number in range(30)))
    begun = asyncio.get_running_loop().time()
    await courier(database, catalogues, channel).drain()
    assert asyncio.get_running_loop().time() - begun >= 29 / 50


async def test_what_was_sent_and_not_settled_waits_for_the_database(
    database: Database, organisation: UUID, catalogues: Catalogues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LOOK_SECONDS", 0.01)
    away, kept = [3], outbox.all_sent

    async def all_sent(*given: object) -> None:
        if away[0]:
            away[0] -= 1
            raise ConnectionRefusedError
        await kept(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "all_sent", all_sent)
    channel = Recorded("console")
    await tell(database, organisation, "console", ("lea", "1"))
    await courier(database, catalogues, channel).drain()
    assert (await rows(database, organisation))["1"].fate == "sent"
    assert channel.sent == [("lea", "1")]


async def test_a_late_failure_does_not_undo_what_another_has_sent(
    database: Database, organisation: UUID, clock: Hands
) -> None:
    await tell(database, organisation, "console", ("lea", "1"))
    (slow,) = await outbox.claim(database, ("console",))
    clock.now += LEASE
    (quick,) = await outbox.claim(database, ("console",))
    await outbox.sent(database, quick, Receipt("w", Evidence.DELIVERED, NOW))
    await outbox.failed(database, slow, "unreachable: blocked", dead=True)
    await outbox.later(database, slow, "flood", timedelta())
    await outbox.set_aside(database, slow, "refused")
    assert (await rows(database, organisation))["1"].fate == "sent"


async def test_a_room_that_is_gone_is_no_address_to_bury(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    channel = Recorded("console")
    channel.meets = {"1": [Unreachable("put out")]}
    async with database.work(organisation) as uow:
        uow.tell(Room("console", "group"), card("1"), ACCOUNT, key="k")
        await uow.commit()
    await courier(database, catalogues, channel).drain()
    (row,) = (await rows(database, organisation)).values()
    assert (row.fate, row.reason, row.next_way) == ("failed", "unreachable: put out", None)


async def test_only_what_may_be_stopped_says_so(database: Database, organisation: UUID, catalogues: Catalogues) -> None:
    channel = Recorded("console")
    await tell(database, organisation, "console", ("lea", "account"))
    await tell(database, organisation, "console", ("lea", "loan"), kind="loan")
    await courier(database, catalogues, channel).drain()
    assert [(each.title, each.may_stop) for each in channel.cards] == [("account", False), ("loan", True)]


async def test_of_what_the_law_counts_the_text_is_kept_with_its_hash(
    database: Database, organisation: UUID, catalogues: Catalogues
) -> None:
    channel = Recorded("console")
    async with database.work(organisation) as uow:
        told = Card(literal("Convocation 🌳"), (say("elsewhere.lost_body"),))
        uow.tell(Address("console", "lea"), told, "legal", key="k", reader=Reader(None, "nl"))
        uow.tell(Address("console", "tom"), told, ACCOUNT, key="l", reader=Reader(None, "nl"))
        await uow.commit()
    await courier(database, catalogues, channel).drain()
    async with database.work(organisation) as uow:
        kept, other = (
            await uow.connection.execute(
                text(
                    "SELECT rendered, rendered_hash = sha256(convert_to(rendered, 'UTF8')) AS same FROM deliveries ORDER BY ordinal"
                )
            )
        ).all()
    assert kept.rendered == f"Convocation 🌳\n\n{catalogues['nl'](say('elsewhere.lost_body'))}"
    assert kept.same is True
    assert tuple(other) == (None, None)


def test_a_pace_halves_and_comes_back() -> None:
    now = [100.0]
    pace = Pace(10.0, lambda: now[0])
    assert [round(pace.wait(), 3) for _ in range(3)] == [0.0, 0.1, 0.2]
    pace.slower()
    assert pace.rate == 5.0
    for _ in range(200):
        pace.faster()
    assert pace.rate == 10.0
    for _ in range(20):
        pace.slower()
    assert pace.rate == 0.5
    assert Pace(None).wait() == 0.0
