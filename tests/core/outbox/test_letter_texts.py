"""The texts of letters: kept by language and version, clean, and written down."""

from __future__ import annotations

import unicodedata
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database import Database
from core.outbox.letter_texts import service as letter_texts
from core.outbox.letter_texts.model import LINES, LONGEST, STANDARD, LetterTexts, Outdated, clean, too_long
from core.people.audit import service as audit
from core.people.audit.model import Actor
from tests.ground_floor import NOW

ANN = Actor(None, "Ann")
MINE = LetterTexts("Chers voisins,", "À bientôt", "Ouvert le lundi.")


async def change(
    database: Database, organisation: UUID, texts: LetterTexts, version: int, language: str = "fr"
) -> None:
    async with database.work(organisation) as uow:
        await letter_texts.change(uow, language, texts, version, ANN)
        await uow.commit()


async def test_changed_for_one_language(database: Database, organisation: UUID) -> None:
    await change(database, organisation, MINE, 0)
    async with database.work(organisation) as uow:
        found = await letter_texts.every(uow)
        assert {language: kept.version for language, kept in found.items()} == {"fr": 1, "nl": 0, "de": 0, "en": 0}
        assert (found["fr"].texts, found["fr"].changed_by, found["fr"].changed_at) == (MINE, "Ann", NOW)
        assert await letter_texts.texts(uow, "fr") == MINE
        assert await letter_texts.texts(uow, "nl") == STANDARD
        (entry,) = (await audit.entries(uow)).entries
        assert (entry.deed, entry.subject) == ("settings_changed", "letter fr")
        assert entry.after == {"greeting": "Chers voisins,", "closing": "À bientôt", "added": "Ouvert le lundi."}


async def test_two_at_once_do_not_overwrite_one_another(database: Database, organisation: UUID) -> None:
    await change(database, organisation, MINE, 0)
    await change(database, organisation, LetterTexts("Bonjour,"), 1)
    for version in (0, 1, 7):
        with pytest.raises(Outdated):
            await change(database, organisation, LetterTexts("Salut,"), version)
    await change(database, organisation, LetterTexts("Bonjour,"), 2)
    async with database.work(organisation) as uow:
        found = (await letter_texts.every(uow))["fr"]
        assert (found.texts.greeting, found.version) == ("Bonjour,", 2), "saved as it was: nothing was done"
        assert len((await audit.entries(uow)).entries) == 2


async def test_what_no_letter_takes(database: Database, organisation: UUID) -> None:
    for texts, language in ((MINE, "es"), (LetterTexts("x" * (LONGEST["greeting"] + 1)), "fr")):
        with pytest.raises(ValueError, match="no letter"):
            await change(database, organisation, texts, 0, language)


def test_limits() -> None:
    for name, most in LONGEST.items():
        assert not too_long(name, "x" * most)
        assert too_long(name, "x" * (most + 1))
    assert not too_long("added", "a\n\n" * LINES)
    assert too_long("added", "a\n" * (LINES + 1))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Bonjour  \r\n\r\n\r\n\r\nà tous ", "Bonjour\n\nà tous"),
        ("a\x00b\u202ec\u2066d\ufeff\u200be", "abcde"),
        ("{name.__class__} #eval <b>", "{name.__class__} #eval <b>"),
        ("1.234,56\u00a0€ 👩\u200d👩\u200d👧", "1.234,56\u00a0€ 👩\u200d👩\u200d👧"),
        ("\n \n", ""),
        ("un\tdeux", "un deux"),
    ],
)
def test_clean(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text())
def test_what_is_clean_stays_so(typed: str) -> None:
    text = clean(typed)
    assert clean(text) == text
    assert all(sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn") for sign in text)
    text.encode()
