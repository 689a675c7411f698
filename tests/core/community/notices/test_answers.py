"""What neighbours write to one another about a note: passed on, without an address, as far as both still live there."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.community.notices import service
from core.community.notices.answers import service as answers
from core.community.notices.answers.service import MOST_A_DAY
from tests.core.community.notices.conftest import Board


async def cards(board: Board) -> str:
    async with board.sample.database.work(board.sample.organisation) as uow:
        rows = await uow.connection.execute(text("SELECT card::text FROM deliveries WHERE key LIKE 'notice:%'"))
        return "".join(row[0] for row in rows)


async def test_there_and_back_without_an_address(board: Board) -> None:
    notice = (await board.post()).notice_id
    await board.do(answers.answer, "anna-schmitz", notice, "I would like to join.")
    await board.do(answers.answer, "james-carter", notice, "Gladly!", board.persons["anna-schmitz"])
    await board.do(answers.answer, "anna-schmitz", notice, "Thank you.")
    assert await board.told() == [
        ("james-carter", "account", "notices.answer"),
        ("anna-schmitz", "account", "notices.answer"),
        ("james-carter", "account", "notices.answer"),
    ]
    said = await cards(board)
    assert "I would like to join." in said
    assert "Anna S." in said
    for hidden in ("Schmitz", "Carter", "@", "+32", "4B"):
        assert hidden not in said
    async with board.sample.database.work(board.sample.organisation) as uow:
        kept = [str(row) for row in await uow.connection.execute(text("SELECT a::text FROM notice_answers a"))]
    assert len(kept) == 3
    assert "join" not in "".join(kept)


@pytest.mark.parametrize(
    ("who", "words", "to", "key"),
    [
        ("james-carter", "Hello?", "", "notices.own_answer"),
        ("james-carter", "Hello?", "lea-dubois", "notices.not_yours"),
        ("werner-klein", "Hello?", "", "notices.gone"),
        ("anna-schmitz", "", "", "notices.no_words"),
        ("anna-schmitz", "x" * 501, "", "community.long_text"),
        ("anna-schmitz", "Du Arschloch", "", "community.insulting"),
    ],
)
async def test_what_is_not_passed_on(board: Board, who: str, words: str, to: str, key: str) -> None:
    notice = (await board.post()).notice_id
    assert await board.refused(answers.answer, who, notice, words, board.persons.get(to)) == key
    assert await board.refused(answers.answer, who, uuid4(), "Hello?") == "notices.gone"
    assert await board.told() == []


async def test_twenty_a_day(board: Board) -> None:
    notice = (await board.post()).notice_id
    for number in range(MOST_A_DAY):
        await board.do(answers.answer, "anna-schmitz", notice, f"Hello {number}")
    assert await board.refused(answers.answer, "anna-schmitz", notice, "Hello") == "notices.many_answers"


async def test_what_was_begun_goes_on_and_nothing_new_begins(board: Board) -> None:
    notice = (await board.post()).notice_id
    anna = board.persons["anna-schmitz"]
    await board.do(answers.answer, "anna-schmitz", notice, "Hello")
    await board.do(answers.answer, "james-carter", notice, "Hello", anna)
    await board.switch(False)
    assert await board.refused(answers.ask, "lea-dubois", notice) == "notices.off"
    await board.do(answers.answer, "anna-schmitz", notice, "Still there?")
    await board.do(service.withdraw, "james-carter", notice)
    await board.do(answers.answer, "james-carter", notice, "Yes", anna)
    await board.switch(True)
    assert await board.refused(answers.answer, "lea-dubois", notice, "Hello") == "notices.gone"
    async with board.work() as uow:
        await uow.connection.execute(
            text("UPDATE ownership SET last = :day WHERE person = 'james-carter'"), {"day": date(2026, 11, 21)}
        )
    assert await board.refused(answers.answer, "anna-schmitz", notice, "Bye") == "notices.moved_out"
    assert await board.refused(answers.answer, "james-carter", notice, "Bye", anna) == "notices.moved_out"
