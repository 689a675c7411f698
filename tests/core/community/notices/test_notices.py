"""The board: put up, told to whoever wants to know, read, changed, taken down; and what time brings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.community.notices import service
from core.community.notices.model import PAGE, STANDS, Draft, Kind, State, When
from core.community.notices.moderation import service as moderation
from core.community.posts import service as posts
from core.community.posts.model import MOST_A_DAY
from core.kernel.errors import DomainError
from core.messaging.preferences import Rhythm
from core.people.audit.model import Actor
from core.people.wishes import service as wishes
from tests.core.community.notices.conftest import FRIDAY, Board

COUNCIL = ("lea-dubois", "tom-vermeulen", "sofie-desmet")


async def test_it_hangs_at_once_and_nobody_is_pestered(board: Board) -> None:
    notice = await board.post()
    page = await board.do(service.page, "anna-schmitz", board.building)
    assert [(each.notice_id, name) for each, name in page.notes] == [(notice.notice_id, "James C.")]
    assert await board.told() == []


async def test_told_to_those_who_asked_and_to_those_with_a_digest(board: Board) -> None:
    await board.do(service.follow, "anna-schmitz", board.building)
    for code, rhythm in (
        ("tom-vermeulen", Rhythm.DAILY),
        ("james-carter", Rhythm.DAILY),
        ("priya-nair", Rhythm.WEEKLY),
    ):
        await board.do(wishes.gather, code, rhythm)
    for code in ("lea-dubois", "sofie-desmet", "priya-nair"):
        await board.do(service.follow, code, board.building)
    await board.do(wishes.switch, "lea-dubois", "notice_board", on=False)
    await board.do(wishes.stop, "sofie-desmet")
    posted = await board.do(
        service.post, "james-carter", board.building, Draft(Kind.FOUND, "Keys", "In the lift.", "en")
    )
    assert posted.told == 2
    assert await board.told() == [
        ("tom-vermeulen", "notice_board", "notices.new"),
        ("anna-schmitz", "notice_board", "notices.new"),
    ]
    async with board.sample.database.work(board.sample.organisation) as uow:
        rows = await uow.connection.execute(
            text("SELECT person_id, digest, due FROM deliveries WHERE key LIKE 'notice:%' ORDER BY ordinal")
        )
        assert [(row.digest, row.due) for row in rows] == [
            (True, datetime(2026, 11, 23, 8, tzinfo=UTC)),
            (False, board.clock()),
        ]
    await board.do(service.follow, "anna-schmitz", board.building, follows=False)
    await board.post(title="Another")
    assert len(await board.told()) == 3


async def test_what_comes_down_is_in_no_digest(board: Board) -> None:
    await board.do(wishes.gather, "anna-schmitz", Rhythm.DAILY)
    mine, theirs, kept = await board.post(), await board.post("tom-vermeulen", "Spam"), await board.post(title="Kept")
    await board.do(service.withdraw, "james-carter", mine.notice_id)
    await board.do(moderation.remove, theirs.notice_id, Actor(None, "office"), "Advertising")
    async with board.sample.database.work(board.sample.organisation) as uow:
        rows = await uow.connection.execute(
            text("SELECT key FROM deliveries WHERE kind = 'notice_board' AND fate = 'waiting'")
        )
        assert [row.key for row in rows] == [f"notice:{kept.notice_id}:{board.persons['anna-schmitz']}"]


async def test_pinned_first_then_the_newest_five_at_a_time(board: Board) -> None:
    notes = []
    for number in range(PAGE + 2):
        board.clock.now += timedelta(minutes=1)
        notes.append(await board.post(title=f"Note {number}"))
    await board.do(moderation.pin, notes[0].notice_id, Actor(None, "office"))
    first = await board.do(service.page, "anna-schmitz", board.building)
    rest = await board.do(service.page, "anna-schmitz", board.building, PAGE)
    titles = [each.title for each, _ in (*first.notes, *rest.notes)]
    assert titles == ["Note 0", "Note 6", "Note 5", "Note 4", "Note 3", "Note 2", "Note 1"]
    assert (first.total, len(first.notes)) == (7, PAGE)
    assert (await board.do(service.page, "anna-schmitz", board.building, -3)).after == 0
    assert (await board.do(service.page, "anna-schmitz", board.building, 10**9)).notes == ()


async def test_twenty_a_day(board: Board) -> None:
    for number in range(MOST_A_DAY):
        await board.post(title=f"Note {number}")
    assert await board.refused(service.post, "james-carter", board.building, _draft("One more")) == "community.too_many"


def _draft(title: str, body: str = "") -> Draft:
    return Draft(Kind.ANNOUNCEMENT, title, body, "en")


@pytest.mark.parametrize(
    ("who", "draft", "key"),
    [
        ("james-carter", _draft(""), "community.no_name"),
        ("james-carter", _draft("🎉"), "community.no_name"),
        ("james-carter", _draft("x", "y" * 100_000), "community.no_name"),
        ("james-carter", _draft("Note", "y" * 100_000), "community.long_text"),
        ("james-carter", _draft("My neighbour", "is an asshole"), "community.insulting"),
        (
            "james-carter",
            replace(_draft("Drink"), when=replace(FRIDAY, place="chez ce connard")),
            "community.insulting",
        ),
        ("james-carter", replace(_draft("Drink"), when=When(date(2026, 11, 21))), "notices.past"),
        ("james-carter", replace(_draft("Note"), photos=("a", "b", "c", "d")), "notices.many_photos"),
        ("werner-klein", _draft("Note"), "notices.not_here"),
        ("nathalie-renard", _draft("Note"), "notices.not_here"),
    ],
)
async def test_what_is_refused(board: Board, who: str, draft: Draft, key: str) -> None:
    assert await board.refused(service.post, who, board.building, draft) == key


async def test_the_same_twice_hangs_once(board: Board) -> None:
    await board.post()
    assert (
        await board.refused(service.post, "james-carter", board.building, Draft(Kind.CARPOOL, "Carpool", "", "en"))
        == "notices.twin"
    )
    await board.post("tom-vermeulen"), "somebody else may say the same"


async def test_the_module_off_hides_all_and_on_again_shows_it(board: Board) -> None:
    short, long = await board.post(), await board.post(title="Longer")
    event = await board.event()
    await board.do(service.leave_until, "james-carter", short.notice_id, board.clock().date())
    await board.switch(False)
    for act, *given in (
        (service.page, "anna-schmitz", board.building),
        (service.seen, "anna-schmitz", long.notice_id),
        (service.come, "anna-schmitz", event.notice_id),
        (service.follow, "anna-schmitz", board.building),
        (service.post, "anna-schmitz", board.building, _draft("New")),
        (service.picture, "james-carter", long.notice_id, "x"),
        (moderation.report, "anna-schmitz", long.notice_id, "words"),
    ):
        assert await board.refused(act, *given) == "notices.off", act
    assert await board.do(service.fresh, board.building, board.clock() - timedelta(days=1)) == []
    board.clock.now += timedelta(days=1)
    assert await service.due(board.sample.database) == 1
    assert await board.told("notice:") == [], "nobody is told to put up what cannot be put up"
    await board.switch(True)
    page = await board.do(service.page, "anna-schmitz", board.building)
    assert {each.notice_id for each, _ in page.notes} == {long.notice_id, event.notice_id}
    await board.switch(False)
    await board.do(service.withdraw, "james-carter", long.notice_id)


async def test_its_last_day_over_it_ends_and_is_put_up_again_by_a_tap(board: Board) -> None:
    notice = await board.post()
    board.clock.now += timedelta(days=STANDS)
    assert await service.due(board.sample.database) == 0
    board.clock.now += timedelta(days=1)
    assert (await board.do(service.page, "anna-schmitz", board.building)).total == 0, "also before the clock came by"
    assert await service.due(board.sample.database) == 1
    assert await service.due(board.sample.database) == 0
    assert await board.told() == [("james-carter", "notice_board", "notices.ended")]
    today = board.clock().date()
    await board.do(service.leave_until, "james-carter", notice.notice_id, today + timedelta(days=STANDS))
    assert (await board.do(service.page, "anna-schmitz", board.building)).total == 1


async def test_who_moved_out_leaves_no_notes(board: Board) -> None:
    event, other = await board.event(), await board.post("tom-vermeulen")
    await board.do(service.come, "anna-schmitz", event.notice_id)
    async with board.work() as uow:
        await uow.connection.execute(
            text("UPDATE ownership SET last = :day WHERE person = 'james-carter'"), {"day": date(2026, 11, 21)}
        )
    assert await service.due(board.sample.database) == 1
    assert await board.told() == [("anna-schmitz", "account", "notices.called_off")]
    page = await board.do(service.page, "anna-schmitz", board.building)
    assert [each.notice_id for each, _ in page.notes] == [other.notice_id]
    assert (
        await board.refused(service.leave_until, "james-carter", event.notice_id, date(2026, 12, 1))
        == "notices.event_expires"
    )


async def test_who_comes_is_for_the_author_to_see(board: Board) -> None:
    event = await board.event()
    for code in ("anna-schmitz", "lea-dubois", "anna-schmitz"):
        await board.do(service.come, code, event.notice_id)
    assert (await board.do(service.seen, "james-carter", event.notice_id)).comers == ("Anna Schmitz", "Léa Dubois")
    await board.do(service.come, "lea-dubois", event.notice_id, comes=False)
    assert (await board.do(service.seen, "james-carter", event.notice_id)).comers == ("Anna Schmitz",)
    assert await board.refused(service.come, "james-carter", event.notice_id) == "notices.own_event"
    assert await board.refused(service.come, "anna-schmitz", (await board.post()).notice_id) == "notices.no_event"
    assert await board.refused(service.come, "werner-klein", event.notice_id) == "notices.gone"
    board.clock.now = datetime(2026, 12, 4, 18, 1, tzinfo=UTC)
    assert await board.refused(service.come, "lea-dubois", event.notice_id) == "notices.past"


async def test_who_comes_is_told_of_a_change_and_of_the_end(board: Board) -> None:
    event = await board.event()
    await board.do(service.come, "anna-schmitz", event.notice_id)
    await board.do(wishes.switch, "anna-schmitz", "notice_board", on=False)
    await board.do(service.hold, "james-carter", event.notice_id, date(2026, 12, 5), time(19), None)
    await board.do(service.hold, "james-carter", event.notice_id, date(2026, 12, 5), time(19), None)
    await board.do(service.place, "james-carter", event.notice_id, "hall")
    assert (
        await board.refused(service.place, "james-carter", event.notice_id, "at the asshole's") == "community.insulting"
    )
    assert await board.refused(service.take_back, "james-carter", event.notice_id) == "notices.somebody_comes"
    await board.do(service.withdraw, "james-carter", event.notice_id)
    assert [key for _, _, key in await board.told()] == ["notices.moved", "notices.moved", "notices.called_off"]
    assert {(who, kind) for who, kind, _ in await board.told()} == {("anna-schmitz", "account")}


async def test_the_author_changes_his_note_and_nobody_else(board: Board) -> None:
    notice = (await board.post()).notice_id
    changes = (
        (service.change_kind, Kind.FOUND),
        (service.hold, date(2026, 12, 4), None, None),
        (service.leave_until, date(2026, 12, 4)),
        (service.title, "fr", "Covoiturage"),
        (service.picture, "ab" * 32),
    )
    for act, *given in changes:
        assert await board.refused(act, "anna-schmitz", notice, *given) == "notices.not_yours", act
        assert await board.refused(act, "james-carter", uuid4(), *given) == "notices.gone", act
    for down in (service.withdraw, service.take_back):
        assert await board.refused(down, "anna-schmitz", notice) == "notices.not_yours"
    assert await board.refused(service.place, "james-carter", notice, "hall") == "notices.no_day"
    assert await board.refused(service.title, "james-carter", notice, "fr", "connard") == "community.insulting"
    await board.do(service.title, "james-carter", notice, "fr", "Covoiturage")
    await board.do(service.picture, "james-carter", notice, "ab" * 32)
    seen = await board.do(service.seen, "james-carter", notice)
    assert (seen.own, seen.notice.titles, seen.notice.photos) == (True, {"fr": "Covoiturage"}, ("ab" * 32,))
    assert len((await board.do(service.mine, "james-carter", board.building)).choices) == 1


async def test_undo_takes_it_down(board: Board) -> None:
    notice = await board.post()
    async with board.work() as uow:
        last = await posts.last(uow, board.persons["james-carter"])
        assert last is not None
        assert (last.kind, last.subject) == (service.POST, notice.notice_id)
        await service.take_back(uow, last.person, last.subject)
    async with board.work() as uow:
        assert await posts.last(uow, board.persons["james-carter"]) is None
    assert await board.refused(service.seen, "anna-schmitz", notice.notice_id) == "notices.gone"
    assert (await board.do(service.seen, "james-carter", notice.notice_id)).notice.state is State.WITHDRAWN
    assert await board.refused(service.withdraw, "james-carter", notice.notice_id) == "notices.over"


async def test_pressed_at_once_by_many_is_done_once(board: Board) -> None:
    notice = (await board.post()).notice_id
    done = await asyncio.gather(
        *(board.do(service.withdraw, "james-carter", notice) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, DomainError) for each in done) == 4


async def test_fresh_is_what_was_put_up_since(board: Board) -> None:
    await board.post()
    board.clock.now += timedelta(days=2)
    since = board.clock() - timedelta(days=1)
    new = await board.post(title="New")
    gone = await board.post(title="Gone")
    await board.do(service.withdraw, "james-carter", gone.notice_id)
    assert await board.do(service.fresh, board.building, since) == [(new, "James C.")]
