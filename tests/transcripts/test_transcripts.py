"""Every conversation in this folder is held, and goes as it is written. How the files are read and written anew: README.md."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.registry import BUILT
from bot.understanding import Understanding
from core.kernel.i18n import LANGUAGES
from core.messaging.intent import INTENTS
from tests.ground_floor import NOW, Sample
from tests.talking import Talking
from tests.transcripts.transcript import Transcript, held

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.txt"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
async def test_it_goes_as_it_is_written(path: Path, talking: Talking, sample: Sample) -> None:
    now = (await held(Transcript.read(path), talking, sample)).written()
    assert now == as_written(path, now if os.environ.get("UPDATE_TRANSCRIPTS") else "")


def as_written(path: Path, anew: str) -> str:
    if anew:
        path.write_text(anew, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
def test_it_shows_what_it_says(path: Path, understanding: Understanding) -> None:
    """Each intent in the heading is one that somebody's words in it are understood as."""
    transcript = Transcript.read(path)
    assert transcript.shows <= set(INTENTS)
    language = path.parent.name
    read = {
        understanding.read(text, language=language, today=NOW.date()).intent.name
        for text in transcript.values("says")
        if not text.startswith("[")
    }
    assert transcript.shows <= read


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_intent_that_is_built_has_a_conversation(language: str) -> None:
    shown = {intent for path in FILES if path.parent.name == language for intent in Transcript.read(path).shows}
    assert set(BUILT) <= shown
