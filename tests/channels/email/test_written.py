"""Over a corpus of mails as clients write them: what the person newly wrote, and nothing else. `corpus/` holds one file for each family."""

from __future__ import annotations

import re
import time
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest

from channels.email.parts import Part
from channels.email.quotes import ABOVE
from channels.email.written import newly_written

CORPUS = Path(__file__).parent / "corpus"
LOCALE = Path(__file__).parents[3] / "locale"
PATIENCE = 5.0
"""Seconds of the processor: what grows with the square of a megabyte takes minutes."""

HOSTILE = (
    ">",
    " ",
    "Le ",
    "Le \n",
    "> \n",
    "<",
    "<!--",
    "<style>@",
    "<p style='height:0;",
    "@",
    "\x00",
    '<a b="',
    "<div>",
    "<li>",
    "On 1 wrote:\n",
    "De : a\n",
    "-- \n",
    "a\n",
    "a\n> b\n",
)


class Case(NamedTuple):
    name: str
    parts: list[Part]
    right: set[str]


def read(path: Path) -> list[Case]:
    """The cases of a file: `%% case NAME`, `%% part` with `%% plain` and `%% html`, `%% text`, and `%% also` for other right answers."""
    cases = []
    for told in re.split(r"^%% case ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, rest = told.partition("\n")
        parts: list[Part] = []
        right = set()
        for block in re.split(r"^%% ", rest, flags=re.MULTILINE)[1:]:
            kind, _, text = block.partition("\n")
            text = text.removesuffix("\n")
            if kind == "part":
                parts.append(Part())
            elif kind == "plain":
                parts[-1] = parts[-1]._replace(plain=text)
            elif kind == "html":
                parts[-1] = parts[-1]._replace(html=text)
            else:
                right.add(plainly(text))
        cases.append(Case(name, parts, right))
    return cases


def plainly(text: str) -> str:
    """As answers are compared: composed, white space as one space, nothing without width."""
    return " ".join(re.sub("[\u00ad\u200b-\u200d\u2060\ufeff]", "", unicodedata.normalize("NFC", text)).split())


CASES = [case for path in sorted(CORPUS.glob("*.txt")) for case in read(path)]


BOTH_WAYS = [case for case in CASES if all(part.html and part.plain for part in case.parts)]
ALONE_TELLS_NOTHING = {
    "nothing-written-quote-unmarked-in-html",
    "html-lost-its-quote",
    "html-and-plain-differ-quote-unmarked-in-plain",
}
"""Here one of the forms has lost every sign of its quote: only the other one saves it."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_written(case: Case) -> None:
    assert plainly(newly_written(case.parts)) in case.right


@pytest.mark.parametrize("case", BOTH_WAYS, ids=lambda case: case.name)
def test_either_form_alone_leaks_no_order(case: Case) -> None:
    if case.name in ALONE_TELLS_NOTHING:
        return
    for alone in ([Part(plain=part.plain) for part in case.parts], [Part(html=part.html) for part in case.parts]):
        assert "STOP" not in newly_written(alone)


def test_the_corpus_is_large() -> None:
    assert len(CASES) >= 250
    assert len({case.name for case in CASES}) == len(CASES)


def test_nothing_is_nothing() -> None:
    assert newly_written([]) == ""
    assert newly_written([Part()]) == ""
    assert newly_written([Part("", "")]) == ""


def test_parts_around_a_picture_belong_together() -> None:
    parts = [Part("Voici la cave."), Part(html="<p>Et la porte.</p>"), Part("-- \nNadia")]
    assert plainly(newly_written(parts)) == "Voici la cave. Et la porte."


def test_the_line_of_our_own_mails_is_the_one_in_the_catalogues() -> None:
    for language, sentence in ABOVE.items():
        catalogue = (LOCALE / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
        assert f'msgid "email.above"\nmsgstr "{sentence}"' in catalogue


def test_a_hostile_style_sheet_is_read_in_a_second() -> None:
    for style in (
        "@" * 1_000_000 + "{",
        "{" + "a" * 1_000_000,
        "a{" * 500_000,
        ".a{height:0;" * 80_000,
        "." * 1_000_000 + "{opacity:0}",
    ):
        begin = time.process_time()
        newly_written([Part(html=f"<style>{style}</style><p class=a>oui")])
        assert time.process_time() - begin < PATIENCE


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_megabyte_is_read_in_a_second(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    for part in (Part(plain=text), Part(html=text)):
        begin = time.process_time()
        newly_written([part])
        assert time.process_time() - begin < PATIENCE
