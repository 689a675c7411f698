"""A list of lots or people, as an office keeps one, taken into a draft: one line of it may tell of a lot, of its owner and of both. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.interchange.amendments.model import OWNER, coded
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS, Table
from core.interchange.typed import Line, Typed
from core.people.model import FULL

LOT_COLUMNS = ("kind", "floor", "shares")
PERSON_COLUMNS = ("email", "phone", "language", "roles", "street", "postal_code", "city", "country")


def merged(typed: Typed, table: Table, rows: Iterable[Line], defaults: Mapping[str, str]) -> dict[str, Sequence[Line]]:
    """The tables after the rows of a list were taken in at the step of `table`.

    A row names columns of any table; `name` is a person's. Lots are known by their name, people by their e-mail address, else their name:
    what is known already is completed, the rest added. `defaults`: what a new row has where the list says nothing.
    """
    if table in (OWNERSHIP, TENANCIES):
        return _named(typed, table, rows, defaults)
    if table is WEIGHTS:
        return _weighed(typed, rows)
    lots = [dict(row) for row in typed.rows(LOTS)]
    people = [dict(row) for row in coded(typed.rows(PEOPLE))]
    ownership = [dict(row) for row in typed.rows(OWNERSHIP)]
    for row in rows:
        if row.get("lot") and (table is LOTS or any(row.get(name) for name in LOT_COLUMNS)):
            _put(lots, "lot", row, LOT_COLUMNS, {"kind": defaults.get("kind", "")})
        if not (row.get("name") or row.get("email")):
            continue
        person = _person(people, row, defaults)
        people[:] = [dict(line) for line in coded(people)]
        code = people[person]["person"]
        owned = any((line["lot"], line["person"]) == (row.get("lot"), code) for line in ownership)
        if row.get("lot") and not owned:
            roles = people[person].get("roles", "").split(";")
            people[person]["roles"] = ";".join(dict.fromkeys([*filter(None, roles), OWNER]))
            ownership.append(_owned(row, code, defaults))
    return {LOTS.file: lots, PEOPLE.file: people, OWNERSHIP.file: ownership}


def _put(lines: list[dict[str, str]], key: str, row: Line, columns: Sequence[str], new: Mapping[str, str]) -> int:
    """Completes the line of that name, or adds one; gives its place."""
    given = {name: row[name] for name in columns if row.get(name)}
    for place, line in enumerate(lines):
        if line.get(key, "").casefold() == row[key].casefold():
            line.update(given)
            return place
    lines.append({**new, key: row[key], **given})
    return len(lines) - 1


def _person(people: list[dict[str, str]], row: Line, defaults: Mapping[str, str]) -> int:
    name, email = row.get("name", ""), row.get("email", "")
    given = {"name": name} | {column: row.get(column, "") for column in PERSON_COLUMNS}
    for place, line in enumerate(people):
        same = line.get("email", "").casefold() == email.casefold() if email else False
        alike = bool(name) and line.get("name", "").casefold() == name.casefold()
        if same or (alike and not (email and line.get("email"))):
            known = line.get("name", "")
            line.update({column: text for column, text in given.items() if text})
            if name and known and name.casefold() not in known.casefold():
                # Two names with one address are one household.
                line["name"] = f"{known} & {name}"
            elif known:
                line["name"] = known
            return place
    new = {"language": defaults.get("language", ""), "roles": "" if row.get("lot") else defaults.get("roles", "")}
    people.append(new | {column: text for column, text in given.items() if text})
    return len(people) - 1


def _owned(row: Line, code: str, defaults: Mapping[str, str]) -> dict[str, str]:
    return {
        "lot": row.get("lot", ""),
        "person": code,
        "right": row.get("right") or FULL,
        "numerator": row.get("numerator") or "1",
        "denominator": row.get("denominator") or "1",
        "from": row.get("from") or defaults.get("from", ""),
        "to": row.get("to", ""),
        "representative": row.get("representative") or "no",
    }


def _named(typed: Typed, table: Table, rows: Iterable[Line], defaults: Mapping[str, str]) -> dict[str, Sequence[Line]]:
    """Who owns or rents: a person may be given by code, name or address."""
    codes: dict[str, str] = {}
    for line in typed.rows(PEOPLE):
        for name in ("name", "email", "person"):
            if line[name]:
                codes[line[name].casefold()] = line["person"]
    there = [dict(row) for row in typed.rows(table)]
    for row in rows:
        said = row.get("person") or row.get("name") or row.get("email") or ""
        code = codes.get(said.casefold(), said)
        new = {"lot": row.get("lot", ""), "person": code, "from": row.get("from", ""), "to": row.get("to", "")}
        line = _owned(row, code, defaults) if table is OWNERSHIP else new
        if any(line.values()) and line not in there:
            there.append(line)
    return {table.file: there}


def _weighed(typed: Typed, rows: Iterable[Line]) -> dict[str, Sequence[Line]]:
    """The weights of a key in a lot: what is there already is exchanged."""
    there = {(row["key"], row["lot"]): row["weight"] for row in typed.rows(WEIGHTS)}
    for row in rows:
        if row.get("weight"):
            there[(row.get("key", ""), row.get("lot", ""))] = row["weight"]
    return {WEIGHTS.file: [{"key": key, "lot": lot, "weight": weight} for (key, lot), weight in there.items()]}
