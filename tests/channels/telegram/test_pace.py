"""Turns: exact, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import heapq
import itertools

from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.pace import Pace, Window


class Clock:
    """Time that jumps to the next waking when nobody has anything to do."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waking = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self.now + seconds, next(self._order), waking))
        await waking

    async def run(self, *jobs: asyncio.Task[None]) -> None:
        while not all(job.done() for job in jobs):
            for _ in range(20):
                await asyncio.sleep(0)
            if self._waiting:
                self.now, _, waking = heapq.heappop(self._waiting)
                waking.set_result(None)
        for job in jobs:
            job.result()


async def sent(plan: list[tuple[str, bool]]) -> list[tuple[str, int, float]]:
    """When each message of a plan got its turn, all asked for at once: (chat, its number in the plan, seconds)."""
    clock = Clock()
    pace = Pace(clock.clock, clock.sleep)
    out: list[tuple[str, int, float]] = []

    async def send(chat: str, group: bool, number: int) -> None:
        async with pace.lock(chat):
            await pace.turn(chat, group)
            out.append((chat, number, clock.now))

    jobs = [asyncio.create_task(send(chat, group, number)) for number, (chat, group) in enumerate(plan)]
    await clock.run(*jobs)
    return out


async def test_one_a_second_to_a_person() -> None:
    assert await sent([("lea", False)] * 4) == [("lea", number, float(number)) for number in range(4)]


async def test_twenty_a_minute_to_a_group() -> None:
    moments = [moment for _, _, moment in await sent([("g", True)] * 45)]
    assert moments == [0.0] * 20 + [60.0] * 20 + [120.0] * 5


async def test_thirty_a_second_in_all() -> None:
    moments = [moment for _, _, moment in await sent([(str(number), False) for number in range(95)])]
    assert moments == [0.0] * 30 + [1.0] * 30 + [2.0] * 30 + [3.0] * 5


async def test_a_chat_that_waits_keeps_nobody_else_waiting() -> None:
    out = await sent([("lea", False)] * 10 + [("tom", False)])
    assert ("tom", 10, 0.0) in out


@given(plan=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.just(False)), max_size=60))
async def test_no_window_is_ever_passed_and_order_is_kept(plan: list[tuple[str, bool]]) -> None:
    out = await sent(plan)
    assert len(out) == len(plan)
    moments = sorted(moment for _, _, moment in out)
    assert all(later - sooner >= 1.0 for sooner, later in zip(moments, moments[30:], strict=False))
    for chat in "abcdefgh":
        mine = [(number, moment) for name, number, moment in out if name == chat]
        assert mine == sorted(mine)
        assert all(later[1] - sooner[1] >= 1.0 for sooner, later in itertools.pairwise(mine))


async def test_a_chat_held_back() -> None:
    clock = Clock()
    pace = Pace(clock.clock, clock.sleep)
    pace.hold("lea", 10)
    assert (pace.held("lea"), pace.held("tom")) == (10, 0)
    clock.now = 4
    assert pace.held("lea") == 6
    clock.now = 11
    assert pace.held("lea") == 0
    pace.hold("tom", 1)
    assert list(pace._held) == ["tom"]


async def test_chats_of_long_ago_are_forgotten() -> None:
    clock = Clock()
    pace = Pace(clock.clock, clock.sleep)
    for number in range(3_000):
        clock.now += 1
        await pace.turn(str(number), False)
    assert len(pace._chats) <= 2_002
    assert len(pace._locks) == 0


def test_a_window() -> None:
    window = Window(2, 10)
    assert window.next(5) == 5
    window.take(5)
    window.take(6)
    assert window.next(7) == 15
    assert window.next(20) == 20
    assert not window.idle(15)
    assert window.idle(16)
