"""Choosing somebody in a form: one of the people of the building, or a newcomer whose name is typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.interchange.amendments.model import code_for
from core.interchange.tables import PEOPLE
from core.interchange.typed import Line, Typed
from core.kernel.i18n import LANGUAGES
from core.kernel.text import say
from web_admin.people.refused import Refused, Sentences

FIELDS = ("person", "name", "email", "language")
"""Of one person; a form with several adds a sign to each (`person-2`)."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who was chosen: his code, and a row of `people.csv` where he is new."""

    code: str
    row: Line | None = None


def chosen(values: Mapping[str, str], typed: Typed, taken: set[str], sign: str = "") -> Chosen:
    """Whom the fields name; a newcomer gets a code that nobody has, and none of `taken`, to which it is added. Refused."""
    code, name, email, language = (values[f"{field}{sign}"] for field in FIELDS)
    if code and (name or email):
        raise Refused({f"person{sign}": say("office.people.wrong.either")})
    if code:
        if all(row["person"] != code for row in typed.rows(PEOPLE)):
            raise Refused({f"person{sign}": say("office.people.wrong.whom")})
        return Chosen(code)
    wrong: Sentences = {}
    if not (name or email):
        wrong[f"person{sign}"] = say("office.people.wrong.whom")
    elif not name:
        wrong[f"name{sign}"] = say("office.people.wrong.empty")
    if language not in LANGUAGES:
        wrong[f"language{sign}"] = say("office.people.wrong.choose")
    if wrong:
        raise Refused(wrong)
    new = code_for(name, taken | {row["person"] for row in typed.rows(PEOPLE)})
    taken.add(new)
    return Chosen(new, {"person": new, "name": name, "email": email, "language": language})


def options(typed: Typed) -> list[tuple[str, str]]:
    """Everybody by name, for a list to choose from; two of one name are told apart by their codes."""
    rows = typed.rows(PEOPLE)
    times = Counter(row["name"] for row in rows)
    named = [
        (row["person"], row["name"] if times[row["name"]] == 1 else f"{row['name']} ({row['person']})") for row in rows
    ]
    return sorted(named, key=lambda option: option[1].casefold())


def names(typed: Typed) -> dict[str, str]:
    """The names of the people by code."""
    return {row["person"]: row["name"] for row in typed.rows(PEOPLE)}
