"""The file of what was learnt from the phrases (see `training.py`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.understanding.linear import Linear
from bot.understanding.phrases import FOLDER

WEIGHTS = FOLDER / "weights.bin"
STAMP = 32
"""Bytes at the beginning that say which phrases it was learnt from."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt: the classifiers of language, intent and slot words, and the known words of each language."""

    language_of: Linear
    intent_of: Linear
    inside: Linear
    known: Mapping[str, list[str]]


def read(file: Path = WEIGHTS) -> Learnt:
    with file.open("rb") as stored:
        stored.seek(STAMP)
        return Learnt(Linear.read(stored), Linear.read(stored), Linear.read(stored), json.loads(stored.read()))
