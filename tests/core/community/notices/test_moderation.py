"""Reports, what the council decides on them, what the author answers, and what is pinned."""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy import text

from core.community.notices import service
from core.community.notices.model import MOST_PINNED, State
from core.community.notices.moderation import service as moderation
from core.kernel.errors import DomainError
from core.people.audit import service as audit
from core.people.audit.model import Actor
from tests.core.community.notices.conftest import Board

COUNCIL = {"lea-dubois", "tom-vermeulen", "sofie-desmet"}
OFFICE = Actor(None, "office")
REPORTERS = ("anna-schmitz", "katrien-willems", "youssef-benali")


async def reported(board: Board, notice: UUID, *codes: str) -> None:
    for code in codes:
        await board.do(moderation.report, code, notice, because="advertising")


async def state(board: Board, notice: UUID) -> State:
    found = await board.do(moderation.one, notice)
    result: State = found[0].notice.state
    return result


async def test_the_council_is_told_of_the_first_and_the_third_hides_it(board: Board) -> None:
    notice = (await board.post()).notice_id
    await reported(board, notice, REPORTERS[0])
    assert await board.told() == [
        (code, "account", "notices.case") for code in ("lea-dubois", "tom-vermeulen", "sofie-desmet")
    ]
    await reported(board, notice, REPORTERS[1])
    assert len(await board.told()) == len(COUNCIL)
    assert await state(board, notice) is State.SHOWN
    await reported(board, notice, REPORTERS[2])
    assert await state(board, notice) is State.HIDDEN
    told = (await board.told())[3:]
    assert told[0] == ("james-carter", "account", "notices.hidden")
    assert {(who, key) for who, _, key in told[1:]} == {(code, "notices.case_hidden") for code in COUNCIL}
    assert await board.refused(service.seen, "anna-schmitz", notice) == "notices.gone"
    assert (await board.do(service.page, "anna-schmitz", board.building)).total == 0
    page = await board.do(service.page, "lea-dubois", board.building)
    assert (page.total, page.waiting) == (0, 1)


async def test_who_may_not_report(board: Board) -> None:
    notice = (await board.post()).notice_id
    await reported(board, notice, "anna-schmitz")
    for who, words, key in (
        ("anna-schmitz", "again", "notices.reported_already"),
        ("james-carter", "mine", "notices.own_report"),
        ("werner-klein", "moved out", "notices.gone"),
        ("nathalie-renard", "syndic", "notices.gone"),
        ("lea-dubois", " \u200b 🎉", "notices.no_words"),
        ("lea-dubois", "x" * 501, "community.long_text"),
    ):
        assert await board.refused(moderation.report, who, notice, words) == key, who
    assert await board.refused(moderation.report, "lea-dubois", notice, because="whatever") == "notices.no_words"


async def test_three_at_once_hide_it_once(board: Board) -> None:
    notice = (await board.post()).notice_id
    await asyncio.gather(*(reported(board, notice, code) for code in REPORTERS))
    assert await state(board, notice) is State.HIDDEN
    keys = [key for _, _, key in await board.told()]
    assert (keys.count("notices.case"), keys.count("notices.case_hidden"), keys.count("notices.hidden")) == (3, 3, 1)


async def test_kept_it_hangs_again_and_old_reports_count_no_more(board: Board) -> None:
    notice = (await board.post()).notice_id
    await reported(board, notice, *REPORTERS)
    actor = await board.do(moderation.moderator, "lea-dubois", notice)
    await board.do(moderation.keep, notice, actor)
    assert await state(board, notice) is State.SHOWN
    assert (await board.told())[-1] == ("james-carter", "account", "notices.back")
    assert await board.refused(moderation.report, "anna-schmitz", notice, "again") == "notices.reported_already"
    await reported(board, notice, "martin-peeters", "priya-nair")
    assert await state(board, notice) is State.SHOWN
    assert [case.reports for case in await board.do(moderation.waiting, "lea-dubois", board.building)] == [2]


async def test_removed_with_a_reason_answered_once_and_put_back(board: Board) -> None:
    notice = (await board.post()).notice_id
    tom = await board.do(moderation.moderator, "tom-vermeulen", notice)
    assert await board.refused(moderation.remove, notice, tom, "  ") == "notices.no_words"
    assert await board.refused(moderation.remove, notice, tom, "the asshole") == "community.insulting"
    await board.do(moderation.remove, notice, tom, "Advertising")
    assert await board.told() == [("james-carter", "account", "notices.removed")]
    assert await board.refused(moderation.remove, notice, tom, "Twice") == "notices.over"
    assert await board.refused(moderation.keep, notice, tom) == "notices.over"
    assert await board.refused(moderation.appeal, "anna-schmitz", notice, "mine") == "notices.not_yours"
    await board.do(moderation.appeal, "james-carter", notice, "It is a real carpool.")
    assert {(who, key) for who, _, key in (await board.told())[1:]} == {(code, "notices.objects") for code in COUNCIL}
    assert await board.refused(moderation.appeal, "james-carter", notice, "Again") == "notices.answered_already"
    assert len(await board.do(moderation.waiting, "lea-dubois", board.building)) == 1
    lea = await board.do(moderation.moderator, "lea-dubois", notice)
    await board.do(moderation.restore, notice, lea)
    assert await state(board, notice) is State.SHOWN
    assert (await board.told())[-1] == ("james-carter", "account", "notices.back")
    assert await board.do(moderation.waiting, "lea-dubois", board.building) == []


async def test_upheld_it_stays_down(board: Board) -> None:
    notice = (await board.post()).notice_id
    await board.do(moderation.remove, notice, OFFICE, "Advertising")
    assert await board.refused(moderation.uphold, notice, OFFICE) == "notices.moved_on"
    await board.do(moderation.appeal, "james-carter", notice, "It is a real carpool.")
    await board.do(moderation.uphold, notice, OFFICE)
    assert (await board.told())[-1] == ("james-carter", "account", "notices.upheld")
    assert await board.do(moderation.boards, [board.building]) == []


async def test_only_the_council_and_nobody_on_his_own(board: Board) -> None:
    mine, theirs = await board.post("lea-dubois"), await board.post()
    assert await board.refused(moderation.moderator, "anna-schmitz", theirs.notice_id) == "notices.council_only"
    assert await board.refused(moderation.moderator, "lea-dubois", mine.notice_id) == "notices.own_decision"
    assert await board.refused(moderation.waiting, "anna-schmitz", board.building) == "notices.council_only"
    await reported(board, mine.notice_id, *REPORTERS)
    assert "lea-dubois" not in {who for who, _, key in await board.told() if key.startswith("notices.case")}
    assert (await board.do(service.page, "lea-dubois", board.building)).waiting == 0
    assert await board.do(moderation.moderator, "tom-vermeulen", mine.notice_id) == Actor(
        board.persons["tom-vermeulen"], "Tom Vermeulen"
    )


async def test_without_a_council_it_is_the_syndic(board: Board) -> None:
    async with board.work() as uow:
        await uow.connection.execute(text("UPDATE residents SET roles = array_remove(roles, 'council')"))
        await uow.connection.execute(text("UPDATE directory SET last_used = now() WHERE handle = 'nathalie-renard'"))
    notice = (await board.post()).notice_id
    await reported(board, notice, "anna-schmitz")
    assert await board.told() == [("nathalie-renard", "account", "notices.case")]
    assert (await board.do(moderation.moderator, "nathalie-renard", notice)).name == "Nathalie Renard"
    assert (await board.do(service.page, "nathalie-renard", board.building)).waiting == 1


async def test_three_are_pinned_however_quick(board: Board) -> None:
    notes = [(await board.post(title=f"Note {number}")).notice_id for number in range(MOST_PINNED + 2)]
    done = await asyncio.gather(*(board.do(moderation.pin, each, OFFICE) for each in notes), return_exceptions=True)
    refused = [each.text.key for each in done if isinstance(each, DomainError)]
    assert refused == ["notices.many_pinned"] * 2
    pinned = [
        each.notice_id
        for each, _ in (await board.do(service.page, "anna-schmitz", board.building)).notes
        if each.pinned_at
    ]
    assert len(pinned) == MOST_PINNED
    await board.do(moderation.unpin, pinned[0], OFFICE)
    free = next(each for each in notes if each not in pinned)
    await board.do(moderation.pin, free, OFFICE)


async def test_each_decision_is_written_down(board: Board) -> None:
    notice = (await board.post()).notice_id
    await reported(board, notice, "anna-schmitz")
    tom = await board.do(moderation.moderator, "tom-vermeulen", notice)
    await board.do(moderation.pin, notice, tom)
    await board.do(moderation.keep, notice, tom)
    await board.do(moderation.unpin, notice, OFFICE)
    await board.do(moderation.remove, notice, OFFICE, "Advertising")
    await board.do(moderation.restore, notice, OFFICE)
    async with board.work() as uow:
        entries = (await audit.entries(uow)).entries
    assert [(each.deed, each.actor.name, each.subject) for each in entries] == [
        ("notice_restored", "office", "notice Carpool"),
        ("notice_removed", "office", "notice Carpool"),
        ("notice_unpinned", "office", "notice Carpool"),
        ("notice_kept", "Tom Vermeulen", "notice Carpool"),
        ("notice_pinned", "Tom Vermeulen", "notice Carpool"),
    ]
    assert [(each.before, each.after) for each in entries[1:4:2]] == [
        ({"reason": ""}, {"reason": "Advertising"}),
        ({"reports": 1}, {"reports": 0}),
    ]


async def test_what_waits_comes_first_in_the_office(board: Board) -> None:
    pinned, plain, hidden = [await board.post(title=title) for title in ("Pinned", "Plain", "Hidden")]
    await board.do(moderation.pin, pinned.notice_id, OFFICE)
    await reported(board, hidden.notice_id, *REPORTERS)
    found = await board.do(moderation.boards, [board.building])
    assert [(case.notice.title, case.waits, case.name) for case in found] == [
        ("Hidden", True, "James C."),
        ("Pinned", False, "James C."),
        ("Plain", False, "James C."),
    ]
    assert await board.do(moderation.boards, []) == []
    assert plain in [case.notice for case in found]
    _, reports = await board.do(moderation.one, hidden.notice_id)
    assert [report.because for report in reports] == ["advertising"] * 3
