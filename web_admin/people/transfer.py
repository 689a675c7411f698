"""A lot changes hands: who gets it is typed, what follows is shown, and only then it is done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from core.charges.ledger.model import SETTLEMENT
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Moved, Right, Transfer, transferred
from core.interchange.amendments.service import Editable
from core.interchange.model import shown
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE
from core.interchange.typed import Line, Outdated, Problem
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.money import Money
from core.kernel.text import say
from core.people.accounts.model import Act
from core.people.model import FULL, RIGHTS
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.people import links
from web_admin.people.person import actor
from web_admin.people.refused import FORM, ROOM, Refused, Sentences, day_of, sentences, unstorable
from web_admin.people.somebody import FIELDS, chosen, names, options

MOST_OWNERS = 12
"""Of one lot in this form; more come as files."""
OF_OWNER = (*FIELDS, "right", "part")
LOOK, MORE, CHANGE, CONFIRM = "look", "more", "change", "transfer"
MOST_MOVED = 60
"""Documents in the table of what follows."""
_PART = re.compile(r"\s*([0-9]{1,15})\s*(?:/\s*([0-9]{1,15})\s*)?", re.ASCII)
_FIELDS = {"amend.changes_later": "day", "amend.nobody_gets_it": "person-1"}
_COLUMNS = {"person": "person", "right": "right", "numerator": "part", "denominator": "part"}


async def show(visit: Visit) -> web.StreamResponse:
    seen, lot = await lot_seen(visit)
    return _form(visit, seen, lot, {"day": "", "voice": ""} | _empty(visit, 1), 1)


async def press(visit: Visit) -> web.StreamResponse:
    """One owner more, a look at what follows, back to the form, or the transfer itself."""
    seen, lot = await lot_seen(visit)
    count = _count(visit.typed("count"))
    values = {name: visit.typed(name, ROOM) for name in ("day", "voice")}
    values |= {
        f"{name}-{number}": visit.typed(f"{name}-{number}", ROOM) for number in range(1, count + 1) for name in OF_OWNER
    }
    pressed = visit.typed("press")
    if pressed == MORE and count < MOST_OWNERS:
        return _form(visit, seen, lot, values | _empty(visit, count + 1), count + 1)
    if pressed in (MORE, CHANGE):
        return _form(visit, seen, lot, values, count)
    building, version = visit.building.building_id, visit.typed("version")
    rows: list[int] = []
    try:
        wanted, rows = _wanted(values, count, seen, lot)
        if pressed == CONFIRM:
            await amendments.transfer(visit.uow, building, version, wanted, actor(visit))
            await visit.uow.commit()
            done = say("office.ownership.transferred", lot=shown(lot), day=wanted.day)
            return go_to(visit, links.ownership(visit, "/lot", lot), done)
        follows = await amendments.foresee(visit.uow, building, version, wanted, actor(visit))
    except Refused as refusal:
        return _form(visit, seen, lot, values, count, refusal.sentences, 422)
    except Outdated as refusal:
        return _form(visit, seen, lot, values, count, {FORM: refusal.text}, 409)
    except DomainError as refusal:
        wrong = sentences(refusal, lambda problem: _field(problem, seen, wanted, rows), _FIELDS)
        return _form(visit, seen, lot, values, count, wrong, 422)
    return _summary(visit, seen, wanted, values, count, follows)


def _wanted(values: Mapping[str, str], count: int, seen: Editable, lot: str) -> tuple[Transfer, list[int]]:
    """The transfer that was typed, and the owner of the form behind each of its rights. Refused, with all that is wrong."""
    wrong = unstorable(values)
    day = day_of(values["day"])
    if day is None:
        wrong["day"] = say("office.people.wrong.day")
    rights: list[Right] = []
    people: list[Line] = []
    numbers: list[int] = []
    taken: set[str] = set()
    for number in range(1, count + 1):
        sign = f"-{number}"
        if number > 1 and not any(values[f"{name}{sign}"] for name in ("person", "name", "email")):
            continue
        part = _PART.fullmatch(values[f"part{sign}"])
        if part is None:
            wrong.setdefault(f"part{sign}", say("office.ownership.wrong.part"))
        if values[f"right{sign}"] not in RIGHTS:
            wrong.setdefault(f"right{sign}", say("office.people.wrong.choose"))
        try:
            who = chosen(values, seen.typed, taken, sign)
        except Refused as refusal:
            wrong = refusal.sentences | wrong
            continue
        if who.row is not None:
            people.append(who.row)
        if part is not None:
            numerator, denominator = (str(int(figure)) for figure in (part[1], part[2] or "1"))
            voice = "yes" if values["voice"] == str(number) else "no"
            rights.append(Right(who.code, values[f"right{sign}"], numerator, denominator, voice))
            numbers.append(number)
    if wrong or day is None:
        raise Refused(wrong)
    return Transfer(lot, day, tuple(rights), tuple(people)), numbers


def _field(problem: Problem, seen: Editable, wanted: Transfer, numbers: Sequence[int]) -> str:
    """Where in the form a problem was typed: of a right by whose it is, of a newcomer by his row."""
    if problem.file == PEOPLE.file and problem.row is not None:
        place = problem.row - len(seen.typed.rows(PEOPLE))
        code = wanted.people[place]["person"] if 0 <= place < len(wanted.people) else ""
        number = next((numbers[at] for at, right in enumerate(wanted.rights) if right.person == code), None)
        column = "email" if problem.wrong.key.endswith(".address_taken") else problem.column
        return f"{column}-{number}" if number and column in FIELDS else FORM
    if problem.file != OWNERSHIP.file or problem.row is None:
        return FORM
    if problem.column in ("from", "to"):
        return "day"
    rows = transferred(seen.typed, wanted).tables[OWNERSHIP.file]
    row = rows[problem.row] if problem.row < len(rows) else None
    number = next((numbers[at] for at, right in enumerate(wanted.rights) if row and _same(right, row)), None)
    column = "part" if problem.wrong.key.endswith(".fraction") else _COLUMNS.get(problem.column, "")
    return f"{column}-{number}" if number and column else FORM


def _same(right: Right, row: Line) -> bool:
    return all(row[name] == getattr(right, name) for name in ("person", "right", "numerator", "denominator"))


# ------------------------------------------------------------------------------------------------------- what is shown


def _summary(
    visit: Visit, seen: Editable, wanted: Transfer, values: Mapping[str, str], count: int, follows: Sequence[Moved]
) -> web.Response:
    """What ends, what begins and what the books will say; nothing is done yet."""
    before = [row for row in seen.typed.rows(OWNERSHIP) if row["lot"] == wanted.lot]
    after = [row for row in transferred(seen.typed, wanted).tables[OWNERSHIP.file] if row["lot"] == wanted.lot]
    called = names(seen.typed) | {row["person"]: row["name"] for row in wanted.people}
    return render(
        visit,
        "people/transfer_look.html",
        lot=wanted.lot,
        day=wanted.day,
        ends=[row for row in before if row not in after],
        stays=[row for row in before if row in after and not row["to"]],
        begins=[row for row in after if row not in before and row["from"] == wanted.day.isoformat()],
        newcomers=wanted.people,
        names=called,
        full=FULL,
        **booked(follows, called),
        settled=any(moved.kind == SETTLEMENT for moved in follows),
        later=wanted.day > local_day(visit.uow.now),
        day_of=date.fromisoformat,
        hidden=[("count", str(count)), ("version", seen.version), *values.items()],
        action=PREFIX + links.ownership(visit, "/transfer", wanted.lot),
        confirm=CONFIRM,
        change=CHANGE,
    )


def _form(
    visit: Visit,
    seen: Editable,
    lot: str,
    values: Mapping[str, str],
    count: int,
    refused: Sentences | None = None,
    status: int = 200,
) -> web.Response:
    words, called = visit.office.catalogues[visit.language], names(seen.typed)
    open_rows = [row for row in seen.typed.rows(OWNERSHIP) if row["lot"] == lot and not row["to"]]
    # Whoever was refused keeps the version that he saw; a new one he gets with what is there now.
    version = visit.typed("version") if status == 422 else seen.version
    return render(
        visit,
        "people/transfer.html",
        status,
        lot=lot,
        values=values,
        count=count,
        version=version,
        refused={name: words(text) for name, text in (refused or {}).items()},
        now=[(row, called.get(row["person"], row["person"])) for row in open_rows],
        people=options(seen.typed),
        languages=LANGUAGES,
        rights=RIGHTS,
        full=FULL,
        day_of=date.fromisoformat,
        more=MORE if count < MOST_OWNERS else "",
        look=LOOK,
        action=PREFIX + links.ownership(visit, "/transfer", lot),
        back=PREFIX + links.ownership(visit, "/lot", lot),
    )


def booked(moves: Sequence[Moved], called: Mapping[str, str]) -> dict[str, Any]:
    """What a page shows of the amounts that move in the books: for each person, one by one, and how many are left out."""
    totals: dict[str, int] = {}
    for moved in moves:
        totals[moved.person] = totals.get(moved.person, 0) + moved.cents
    return {
        "totals": [(called.get(person, person), Money(cents)) for person, cents in totals.items() if cents],
        "follows": [
            (moved, called.get(moved.person, moved.person), Money(moved.cents)) for moved in moves[:MOST_MOVED]
        ],
        "left": max(0, len(moves) - MOST_MOVED),
    }


async def lot_seen(visit: Visit) -> tuple[Editable, str]:
    """The building as it is now, and the lot in the address of the page, or 404."""
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    lot = visit.request.query.get("lot", "")
    if all(row["lot"] != lot for row in seen.typed.rows(LOTS)):
        raise web.HTTPNotFound
    return seen, lot


def _empty(visit: Visit, number: int) -> dict[str, Any]:
    empty = dict.fromkeys(OF_OWNER, "") | {
        "language": visit.building.building.languages[0],
        "right": FULL,
        "part": "1/1" if number == 1 else "",
    }
    return {f"{name}-{number}": text for name, text in empty.items()}


def _count(given: str) -> int:
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 1
    return max(1, min(number, MOST_OWNERS))


PAGES = (
    Page(
        "/buildings/{building}/ownership/transfer",
        show,
        press,
        act=Act.WRITE,
        section="buildings",
        tab="ownership",
    ),
)
