"""What is changed in a building by hand, as rows of its files: a lot that changes hands, tenants in and out, somebody new. Pure.

The rows are texts, as somebody types them; what is wrong with them is said by the same checks as for files. What only a hand can get
wrong (a lot that nobody owns, a day that comes too late) is refused here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.charges.accounts.model import Posting
from core.charges.ledger.model import PAYMENT, SETTLEMENT
from core.interchange.model import shown
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS, Table
from core.interchange.typed import TYPED, Line, Typed
from core.kernel.errors import DomainError
from core.people.audit.model import Deed, Fields, Record

DAY = timedelta(days=1)
LONGEST_CODE = 40
_NO_CODE = re.compile(r"[^a-z0-9]+")
OWNER, TENANT = "owner", "tenant"


@dataclass(frozen=True, slots=True)
class Right:
    """A right that somebody gets in a lot: `full`, `usufruct` or `bare`, for a fraction of it. `person` is his code."""

    person: str
    right: str = "full"
    numerator: str = "1"
    denominator: str = "1"
    representative: str = "no"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A lot changes hands: from `day` on these rights hold in it, and no others. Who keeps the same right keeps it.

    `people`: rows of `people.csv` for those who are new; a right names them by the code that stands in their row.
    """

    lot: str
    day: date
    rights: tuple[Right, ...]
    people: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveIn:
    """Somebody rents a lot, from `first` to `last` (None: until he moves out). `person`: a row of `people.csv`, where he is new."""

    lot: str
    person: str
    first: date
    last: date | None = None
    people: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveOut:
    """A tenant leaves a lot; `last` is his last day."""

    lot: str
    person: str
    last: date


@dataclass(frozen=True, slots=True)
class Represent:
    """Who speaks for a lot of several (Civil Code, art. 3.87 par. 1): one of its owners by code, or nobody ("").

    From `day` on; None: those who own it today had him all along, and it was typed wrongly.
    """

    lot: str
    person: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What the books say otherwise of somebody: `cents` above zero are owed by him more than before. `number` names the document."""

    person: str
    kind: str
    number: str
    booked_on: date
    cents: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different in a building: settings by name, and tables with all their rows."""

    settings: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Line]] = field(default_factory=dict)


def code_for(name: str, taken: Collection[str]) -> str:
    """A short code for somebody of that name, which nobody has yet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = _NO_CODE.sub("-", plain).strip("-")[:LONGEST_CODE].strip("-") or "person"
    found, number = code, 1
    while found in taken:
        number += 1
        found = f"{code}-{number}"
    return found


def coded(rows: Iterable[Line]) -> tuple[Line, ...]:
    """Rows of people, each with a code: who was given none gets one from his name."""
    listed = list(rows)
    taken = {row.get("person", "").strip() for row in listed}
    found = []
    for row in listed:
        if not row.get("person", "").strip() and any(text.strip() for text in row.values()):
            row = {**row, "person": code_for(row.get("name", ""), taken)}
            taken.add(row["person"])
        found.append(row)
    return tuple(found)


def transferred(typed: Typed, transfer: Transfer) -> Changes:
    """The rows after a transfer. DomainError where the lot is unknown, or is to change hands on that day or later already."""
    _known_lot(typed, transfer.lot)
    if not transfer.rights:
        raise DomainError("amend.nobody_gets_it", lot=shown(transfer.lot))
    rows = list(typed.rows(OWNERSHIP))
    mine = [place for place, row in enumerate(rows) if row["lot"] == transfer.lot]
    day = transfer.day.isoformat()
    later = [rows[place]["from"] for place in mine if rows[place]["from"] >= day]
    if later:
        raise DomainError("amend.changes_later", lot=shown(transfer.lot), day=date.fromisoformat(min(later)))
    last = (transfer.day - DAY).isoformat() if mine else ""
    wanted = [_ownership(transfer.lot, right, day) for right in transfer.rights]
    for place in mine:
        row = rows[place]
        if row["to"] and row["to"] < day:
            continue
        same = next((new for new in wanted if _same_right(new, row)), None)
        if same is not None and not row["to"]:
            wanted.remove(same)
        else:
            rows[place] = {**row, "to": last}
    if not wanted and all(rows[place] == typed.rows(OWNERSHIP)[place] for place in mine):
        raise DomainError("amend.nothing_changes", lot=shown(transfer.lot))
    after = mine[-1] + 1 if mine else len(rows)
    rows[after:after] = wanted
    people = _people(typed, transfer.people, {right.person for right in transfer.rights}, OWNER)
    return Changes(tables={OWNERSHIP.file: rows} | people)


def latest_transfer(typed: Typed, lot: str) -> date:
    """The first day of those who got a lot last. DomainError where it never changed hands."""
    _known_lot(typed, lot)
    days = {row["from"] for row in typed.rows(OWNERSHIP) if row["lot"] == lot}
    if len(days) < 2:
        raise DomainError("amend.no_transfer", lot=shown(lot))
    return date.fromisoformat(max(days))


def taken_back(typed: Typed, lot: str) -> Changes:
    """The rows as if the latest transfer of a lot had never been: what began on its day is gone, what ended the day before goes on."""
    day = latest_transfer(typed, lot)
    began, ended = day.isoformat(), (day - DAY).isoformat()
    rows = [
        {**row, "to": ""} if (row["lot"], row["to"]) == (lot, ended) else row
        for row in typed.rows(OWNERSHIP)
        if (row["lot"], row["from"]) != (lot, began)
    ]
    return Changes(tables={OWNERSHIP.file: rows})


def unlisted(typed: Typed, listed: Mapping[str, tuple[Fields | None, Fields | None]]) -> list[Line]:
    """The people without what a transfer brought, which was taken back. `listed`: what it made of whom, by code: before and after.

    Who came with it and has no lot goes; who got a role by it, and owns nothing, has his roles of before. What was changed since stays.
    """
    owners = {row["person"] for row in typed.rows(OWNERSHIP)}
    housed = owners | {row["person"] for row in typed.rows(TENANCIES)}
    found: list[Line] = []
    for row in typed.rows(PEOPLE):
        before, after = listed.get(row["person"], ({}, {}))
        if before is None and row["person"] not in housed:
            continue
        roles = (after or {}).get("roles")
        if before and row["person"] not in owners and roles == row["roles"]:
            row = {**row, "roles": str(before.get("roles") or "")}
        found.append(row)
    return found


def check_returns(
    lot: str, day: date, gained: Collection[str], books: Mapping[str, Iterable[Posting]], follows: Iterable[Moved]
) -> None:
    """DomainError where the latest transfer of a lot, of that day, can not be taken back any more: something was settled by it or paid.

    `gained`: who got the lot; `books`: what is booked of them now; `follows`: what the books would say otherwise.
    """
    for row in follows:
        if row.kind == SETTLEMENT:
            raise DomainError("amend.transfer_settled", lot=shown(lot), number=row.number)
    moves = {row.person for row in follows}
    for person in gained:
        paid = [row.booked_on for row in books.get(person, ()) if row.kind == PAYMENT and row.booked_on >= day]
        if person in moves and paid:
            raise DomainError("amend.transfer_paid", lot=shown(lot), day=max(paid))


def moved_in(typed: Typed, move: MoveIn) -> Changes:
    """The rows once somebody rents a lot. DomainError where he rents it already on one of these days."""
    _known_lot(typed, move.lot)
    last = move.last.isoformat() if move.last else ""
    for row in typed.rows(TENANCIES):
        overlaps = (not row["to"] or row["to"] >= move.first.isoformat()) and (not last or row["from"] <= last)
        if (row["lot"], row["person"]) == (move.lot, move.person) and overlaps:
            raise DomainError("amend.rents_already", lot=shown(move.lot), person=shown(move.person))
    rows = list(typed.rows(TENANCIES))
    mine = [place for place, row in enumerate(rows) if row["lot"] == move.lot]
    new = {"lot": move.lot, "person": move.person, "from": move.first.isoformat(), "to": last}
    rows.insert(mine[-1] + 1 if mine else len(rows), new)
    return Changes(tables={TENANCIES.file: rows} | _people(typed, move.people, {move.person}, TENANT))


def moved_out(typed: Typed, move: MoveOut) -> Changes:
    """The rows once a tenant leaves. DomainError where he does not rent the lot on that day."""
    rows = list(typed.rows(TENANCIES))
    day = move.last.isoformat()
    for place, row in enumerate(rows):
        rents = row["from"] <= day and (not row["to"] or row["to"] >= day)
        if (row["lot"], row["person"]) == (move.lot, move.person) and rents:
            rows[place] = {**row, "to": day}
            return Changes(tables={TENANCIES.file: rows})
    raise DomainError("amend.rents_not", lot=shown(move.lot), person=shown(move.person), day=move.last)


def represented(typed: Typed, wanted: Represent, today: date) -> Changes:
    """The rows once somebody else speaks for a lot. DomainError where he does not own it, or it changes hands on that day or later."""
    _known_lot(typed, wanted.lot)
    on = (wanted.day or today).isoformat()
    rows = list(typed.rows(OWNERSHIP))
    here = [
        place
        for place, row in enumerate(rows)
        if row["lot"] == wanted.lot and row["from"] <= on and (not row["to"] or row["to"] >= on)
    ]
    voice = next((place for place in here if rows[place]["person"] == wanted.person), None)
    if voice is None and (wanted.person or not here):
        raise DomainError("amend.owns_not", lot=shown(wanted.lot), person=shown(wanted.person), day=wanted.day or today)
    spoken = {place: {**rows[place], "representative": "yes" if place == voice else "no"} for place in here}
    if all(rows[place] == row for place, row in spoken.items()):
        raise DomainError("amend.nothing_changes", lot=shown(wanted.lot))
    if wanted.day is None:
        return Changes(tables={OWNERSHIP.file: [spoken.get(place, row) for place, row in enumerate(rows)]})
    names = ("person", "right", "numerator", "denominator", "representative")
    rights = tuple(Right(**{name: row[name] for name in names}) for row in spoken.values())
    return Changes(
        tables={OWNERSHIP.file: transferred(typed, Transfer(wanted.lot, wanted.day, rights)).tables[OWNERSHIP.file]}
    )


def person_put(typed: Typed, person: str, row: Line) -> Changes:
    """The people with somebody more (`person` empty), or with what is said of him now. DomainError where nobody has that code."""
    rows = list(typed.rows(PEOPLE))
    if not person:
        return Changes(tables={PEOPLE.file: [*rows, row]})
    _known_person(typed, person)
    return Changes(tables={PEOPLE.file: [{**old, **row} if old["person"] == person else old for old in rows]})


def person_removed(typed: Typed, person: str) -> Changes:
    """The people without somebody. DomainError where he owns or rents a lot, or ever did."""
    found = _known_person(typed, person)
    if any(row["person"] == person for table in (OWNERSHIP, TENANCIES) for row in typed.rows(table)):
        raise DomainError("amend.person_has_lots", person=shown(found["name"]))
    return Changes(tables={PEOPLE.file: [row for row in typed.rows(PEOPLE) if row["person"] != person]})


def moved(before: Mapping[str, Iterable[Posting]], after: Mapping[str, Iterable[Posting]]) -> list[Moved]:
    """What the books say otherwise of whom, by day and document."""
    cents: dict[tuple[date, str, str, str], int] = {}
    for sign, books in ((-1, before), (1, after)):
        for person, postings in books.items():
            for row in postings:
                document = row.booked_on, row.kind, row.source, person
                cents[document] = cents.get(document, 0) + sign * row.cents
    return [
        Moved(person, kind, source.partition(":")[2], day, found)
        for (day, kind, source, person), found in sorted(cents.items())
        if found
    ]


def records(before: Typed, after: Typed) -> Iterator[Record]:
    """What the log says of a change: an entry for each lot, key, person, and for the owners and tenants of each lot."""
    if before.settings != after.settings:
        yield Record(Deed.BUILDING_CHANGED, "building", dict(before.settings), dict(after.settings))
    for table in TYPED:
        deed, what = _DEEDS[table.file]
        old, new = _by_subject(table, before), _by_subject(table, after)
        for name in {**old, **new}:
            was, is_now = old.get(name), new.get(name)
            if was == is_now:
                continue
            if table in (LOTS, PEOPLE):
                yield Record(deed, f"{what} {name}", was[0] if was else None, is_now[0] if is_now else None)
            else:
                yield Record(deed, f"{what} {name}", {"rows": was or []}, {"rows": is_now or []})


_DEEDS = {
    LOTS.file: (Deed.LOT_CHANGED, "lot"),
    WEIGHTS.file: (Deed.KEY_CHANGED, "key"),
    PEOPLE.file: (Deed.PERSON_CHANGED, "person"),
    OWNERSHIP.file: (Deed.OWNERSHIP_CHANGED, "lot"),
    TENANCIES.file: (Deed.TENANCY_CHANGED, "lot"),
}


def _by_subject(table: Table, typed: Typed) -> dict[str, list[dict[str, str]]]:
    """The rows of a table by what they are about: the name in its first column."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in typed.rows(table):
        fields = {name: text for name, text in row.items() if text}
        found.setdefault(row[table.columns[0].name], []).append(fields)
    return found


def _known_lot(typed: Typed, lot: str) -> None:
    if all(row["lot"] != lot for row in typed.rows(LOTS)):
        raise DomainError("amend.unknown_lot", lot=shown(lot))


def _known_person(typed: Typed, person: str) -> Line:
    for row in typed.rows(PEOPLE):
        if row["person"] == person:
            return row
    raise DomainError("amend.unknown_person")


def _ownership(lot: str, right: Right, day: str) -> Line:
    return {
        "lot": lot,
        "person": right.person,
        "right": right.right,
        "numerator": right.numerator,
        "denominator": right.denominator,
        "from": day,
        "to": "",
        "representative": right.representative,
    }


def _same_right(new: Line, row: Line) -> bool:
    names = ("person", "right", "numerator", "denominator", "representative")
    return all(new[name].strip() == row[name] for name in names)


def _people(typed: Typed, new: Sequence[Line], named: Collection[str], role: str) -> dict[str, Sequence[Line]]:
    """The table of people with those who are new, each of those named with the role that he has now."""
    rows = [*typed.rows(PEOPLE), *({name: row.get(name, "") for name in PEOPLE.names()} for row in new)]
    found = []
    for row in rows:
        roles = [part for part in row["roles"].split(";") if part]
        if row["person"] in named and role not in roles:
            row = {**row, "roles": ";".join((*roles, role))}
        found.append(row)
    return {PEOPLE.file: found}
