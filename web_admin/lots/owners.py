"""Who owns each lot on a day, as one says it. Pure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from core.interchange.tables import OWNERSHIP, PEOPLE
from core.interchange.typed import Typed
from core.kernel.text import Text, say


def owners_of(typed: Typed, day: date) -> dict[str, list[Text]]:
    """By lot, in the order of their rows: a name, its right unless it is full, its fraction unless it is the whole."""
    names = {row["person"]: row["name"] for row in typed.rows(PEOPLE)}
    today, found = day.isoformat(), dict[str, list[Text]]()
    for row in typed.rows(OWNERSHIP):
        if row["from"] > today or (row["to"] and row["to"] < today):
            continue
        name, part = names.get(row["person"], row["person"]), Fraction(int(row["numerator"]), int(row["denominator"]))
        right = row["right"]
        whole, some = (
            say(f"office.lots.owner.{right}", name=name),
            say(f"office.lots.owner.{right}_part", name=name, part=part),
        )
        found.setdefault(row["lot"], []).append(whole if part == 1 else some)
    return found
