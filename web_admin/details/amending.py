"""A building changed by hand: tried by the rules of the files, what is wrong told beside its field, and who was faster told too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from core.buildings.model import Known
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Changes
from core.interchange.cells import LONGEST_TEXT
from core.interchange.service import Imported
from core.interchange.typed import Outdated, Problem, Problems, Typed
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.people.audit.model import Actor
from web_admin.pages import Visit

LARGEST = 2**20
"""Bytes of a form with a row for each lot."""
_HIDDEN = re.compile("[\x00\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What cannot be kept, and what makes a name read otherwise than it is written."""

_PLAINLY: Mapping[str, str] = {
    "toml_missing": "empty",
    "empty": "empty",
    "toml_whole": "whole",
    "whole": "whole",
    "whole_out_of_range": "range",
    "toml_date": "day",
    "day": "day",
    "no_such_day": "day",
    "day_out_of_range": "day",
    "month_day": "day_of_year",
    "start_day": "start_day",
    "code": "choice",
    "listed_twice": "choice",
    "email": "email",
    "iban": "iban",
    "enterprise_number": "enterprise_number",
    "reminder_days": "reminder_days",
    "interest": "interest",
    "hidden_sign": "hidden_sign",
    "too_long": "too_long",
    "line_break": "line_break",
    "repeated": "repeated",
}
"""The faults of files, as they are said beside a field: neither line nor column."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a change. `done`: what it does, not committed yet; else what is wrong: `problems`, or one sentence."""

    done: Imported | None = None
    problems: tuple[Problem, ...] = ()
    refused: Text | None = None
    outdated: bool = False

    @property
    def status(self) -> int:
        return 409 if self.outdated else 422


async def tried(visit: Visit, version: str, changes: Changes) -> Tried:
    """Changes the building of the visit in its unit of work. The caller commits, or leaves it."""
    account = visit.who.account
    try:
        done = await amendments.amend(
            visit.uow, visit.building.building_id, version, changes, Actor(account.account_id, account.name)
        )
    except Outdated as refusal:
        return Tried(refused=refusal.text, outdated=True)
    except Problems as refusal:
        return Tried(problems=refusal.problems, refused=refusal.text)
    except DomainError as refusal:
        return Tried(refused=refusal.text)
    return Tried(done)


def unfit(text: str) -> Text | None:
    """What is wrong with a text before anybody asks what it means."""
    if hidden := _HIDDEN.search(text):
        return say("office.wrong.hidden_sign", sign=f"U+{ord(hidden[0]):04X}")
    if len(text) > LONGEST_TEXT:
        return say("office.wrong.too_long", found=len(text), most=LONGEST_TEXT)
    return None


def plainly(wrong: Text) -> Text:
    """A fault as it is said beside the field that it is about."""
    fault = wrong.key.removeprefix("interchange.fault.")
    if fault not in _PLAINLY:
        return wrong
    values = {name: number(value) if name in ("least", "most") else value for name, value in wrong.values.items()}
    return Text(f"office.wrong.{_PLAINLY[fault]}", values)


def number(value: object) -> int | str:
    """A number as a fault carries it, so that it is written as its reader writes numbers."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else text


# ------------------------------------------------------------------------------------------------------ two at one time


@dataclass(frozen=True, slots=True)
class Merged:
    """What a form shows after somebody else was faster. `now`: what stands there now, of the fields that he changed."""

    values: dict[str, str]
    now: dict[str, str] = field(default_factory=dict)


def merged(was: Mapping[str, str], typed: Mapping[str, str], now: Mapping[str, str]) -> Merged:
    """What was typed stays; a field that was left as it `was` follows what is there now."""
    values = {name: now[name] if name in now and was.get(name) == text else text for name, text in typed.items()}
    return Merged(values, {name: text for name, text in now.items() if was.get(name, typed.get(name)) != text})


def meanwhile(now: Mapping[str, Text | str]) -> dict[str, Text]:
    """The sentence beside each field that somebody else changed."""
    return {
        name: say("office.amend.now", now=value) if value else say("office.amend.now_empty")
        for name, value in now.items()
    }


def base_json(values: Mapping[str, object]) -> str:
    """What a form showed when it was opened; it comes back with it, and tells what was changed in it."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def base_of(visit: Visit) -> dict[str, object]:
    """Empty where it is nothing that we wrote: then all counts as typed."""
    try:
        found = json.loads(visit.typed("base", LARGEST) or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def texts(found: object) -> dict[str, str]:
    """The texts by name in what came back of a form."""
    if not isinstance(found, dict):
        return {}
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


# ------------------------------------------------------------------------------------------------- before what binds


def seal_of(changes: Changes) -> str:
    """What tells one change from another: a yes to one is none to the other."""
    content = [
        sorted(changes.settings.items()),
        [[file, [dict(row) for row in changes.tables[file]]] for file in sorted(changes.tables)],
    ]
    return sha256(json.dumps(content, sort_keys=True).encode("utf-8", "backslashreplace")).hexdigest()


def to_confirm(visit: Visit, tried: Tried, changes: Changes, consequences: Iterable[Text] = ()) -> list[Text]:
    """What somebody has to say yes to before it is kept; nothing once he did, or where the books stay as they are."""
    assert tried.done is not None
    if visit.typed("sure") == seal_of(changes):
        return []
    found = list(consequences)
    if tried.done.reversed:
        found.append(say("office.amend.books", count=tried.done.reversed))
    return found


def path_of(known: Known, rest: str) -> str:
    return f"/buildings/{known.building.slug}/{rest}"


def same(before: Typed, changes: Changes) -> bool:
    """Whether the changes change nothing."""
    try:
        return amendments.changed(before, changes) == before
    except DomainError:
        return False
