"""The factors as they stand in `factors.toml`, and the category of a thing by the words of its name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from core.bulletin.impact.model import Category, Factor, Factors
from core.community.words.dictionary import CONCEPT
from core.community.words.model import terms

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Documented:
    """`loans`, `gifts`: where the share of purchases avoided comes from, as it is cited."""

    factors: Factors
    loans: str
    gifts: str


@lru_cache(maxsize=1)
def documented() -> Documented:
    """Read once; a file that lacks a category or is no TOML is a fault of ours, seen by the tests."""
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = {}
    for category in Category:
        entry = read[category.value]
        named = frozenset(f"{CONCEPT}{term}" for term in entry.get("terms", "").split())
        share = Fraction(entry.get("share", read["share"]))
        found[category] = Factor(category, entry["grams"], share, entry.get("source", ""), named)
    return Documented(found, read["share_of_loans"], read["share_of_gifts"])


@lru_cache(maxsize=4096)
def category_of(name: str) -> Category:
    """What a thing is by its name, in whichever of the languages; of several the one that counts least, of none `OTHER`."""
    named = terms(name)
    factors = documented().factors
    found = [factor for factor in factors.values() if factor.terms & named]
    return min(found, key=lambda factor: factor.grams).category if found else Category.OTHER
