"""What the handbook tells residents that they may write is understood as it says, in each language."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.understanding import Understanding
from core.kernel.i18n import LANGUAGES

PAGES = Path(__file__).parents[3] / "docs" / "residents"
TODAY = date(2026, 11, 22)
MONEY = (
    ("charges.owed",),
    ("charges.explain",),
    ("charges.pay",),
    ("charges.paid",),
    ("charges.expenses",),
    ("charges.funds",),
    ("settings.language",),
    ("help",),
    ("settings.notify",),
    ("human",),
)
NEIGHBOURS = (
    ("loans.borrow",),
    ("loans.lend",),
    ("loans.return",),
    ("sel.request",),
    ("sel.done",),
    ("sel.balance",),
    ("bazaar.give", "bazaar.want"),
    ("skills.add",),
    ("notices.post",),
    ("tickets.report",),
    ("help",),
)
"""The intents of each row of a page, in its order."""


def rows(page: str) -> list[str]:
    """What one may write, row by row, without commands in brackets."""
    text = (PAGES / page).read_text("utf-8")
    found = re.findall(r"^   \* - (.+)$", text, re.MULTILINE)[1:]
    return [re.sub(r"\s*\(``/\w+``\)", "", row) for row in found]


def parts(row: str) -> list[str]:
    """Examples that stand in one row, one behind the other; what follows a question in the same row belongs to it."""
    return [re.sub(r"^(?:ou bien|of|oder|or) ?: ", "", part.strip()) for part in row.split(";")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("page", "expected"), [("{}.rst", MONEY), ("neighbours-{}.rst", NEIGHBOURS)])
def test_what_may_be_written_is_understood(
    understanding: Understanding, language: str, page: str, expected: tuple[tuple[str, ...], ...]
) -> None:
    listed = rows(page.format(language))
    assert len(listed) == len(expected)
    read = [
        [understanding.read(part, language=language, today=TODAY).intent.name for part in parts(row)] for row in listed
    ]
    wrong = [
        f"{row!r} is read as {found}"
        for row, found, wanted in zip(listed, read, expected, strict=True)
        if not set(found) <= set(wanted)
    ]
    assert wrong == []
