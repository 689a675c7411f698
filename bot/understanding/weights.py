"""The file of what was learnt from the phrases (see `training.py`), and whether it still belongs to them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.understanding.linear import Linear
from bot.understanding.phrases import FOLDER

SOURCES = "calendar_words concepts features linear lines numbers periods phrases spans training words".split()
"""Modules that the weights depend on."""

WEIGHTS = FOLDER / "weights.bin"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt: the classifiers of language, intent and slot words, and the known words of each language."""

    language_of: Linear
    intent_of: Linear
    inside: Linear
    known: Mapping[str, list[str]]


def read(file: Path = WEIGHTS) -> Learnt:
    with file.open("rb") as stored:
        stored.seek(hashlib.sha256().digest_size)
        return Learnt(Linear.read(stored), Linear.read(stored), Linear.read(stored), json.loads(stored.read()))


def digest() -> bytes:
    """Of all that the weights depend on."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    sources = [here / f"{name}.py" for name in SOURCES]
    for file in sorted([*FOLDER.glob("*.txt"), *sources]):
        found.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n"))
    return found.digest()


def fresh(file: Path = WEIGHTS) -> bool:
    """Whether the weights were learnt from the phrases as they are."""
    stamp = digest()
    with file.open("rb") as stored:
        return stored.read(len(stamp)) == stamp
