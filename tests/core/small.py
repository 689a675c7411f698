"""Small buildings, made in the test that needs them."""

from __future__ import annotations

import csv
import io
import tomllib
from datetime import date
from pathlib import PurePath
from typing import Any

from core.buildings.model import Building, Known, Lot, Weight
from core.charges.model import Call, Expense, Opening, Payment, Settlement
from core.database import UnitOfWork
from core.documents.service import Shelf
from core.interchange.model import BuildingFiles
from core.interchange.service import import_building
from core.interchange.writing import write_tables
from core.people.model import Ownership, Resident
from tests import oracle


def day(text: str) -> date:
    return date.fromisoformat(text)


def resident(person: str, *roles: str, email: str = "", language: str = "fr") -> Resident:
    return Resident(person, person.title(), email or f"{person}@three.example", "", language, roles or ("owner",))


def owns(lot: str, person: str, first: str = "2020-01-01", last: str = "", **rest: Any) -> Ownership:
    fraction = rest.get("fraction", (1, 1))
    return Ownership(lot, person, rest.get("right", "full"), *fraction, day(first), day(last) if last else None, False)


def call(number: str, due: str, cents: int, fund: str = "working", issued: str = "", key: str = "general") -> Call:
    return Call(number, day(issued or due), day(due), f"Call {number}", fund, cents, key)


def expense(number: str, on: str, cents: int, key: str = "general", **rest: Any) -> Expense:
    """Without VAT; `private_lot`, `nature` and `fund` may be given."""
    private = rest.get("private_lot", "")
    return Expense(
        number,
        day(on),
        rest.get("supplier", "Supplier"),
        f"Expense {number}",
        cents,
        0,
        cents,
        rest.get("account", "61000"),
        "" if private else key,
        rest.get("nature", "ordinary"),
        "owner",
        "",
        private,
        rest.get("fund", "working"),
    )


def settlement(number: str, first: str, last: str, on: str, due: str = "") -> Settlement:
    return Settlement(number, day(first), day(last), day(on), day(due or on))


def opening(person: str, on: str, cents: int) -> Opening:
    return Opening(person, day(on), cents)


def payment(on: str, person: str, cents: int, reference: str = "", source: str = "bank") -> Payment:
    return Payment(day(on), person, cents, reference, source)


LOTS = (Lot("A", "apartment", "0", 137), Lot("B", "apartment", "1", 263), Lot("C", "apartment", "2", 600))
WEIGHTS = (
    Weight("lift", "B", 350),
    Weight("lift", "C", 650),
    Weight("per_lot", "A", 1),
    Weight("per_lot", "B", 1),
    Weight("per_lot", "C", 1),
)
PEOPLE = (resident("ann"), resident("bob", language="nl"), resident("cem", language="de"))
OWNERSHIP = (owns("A", "ann"), owns("B", "bob"), owns("C", "cem"))


def small_building(slug: str = "three", **rest: Any) -> BuildingFiles:
    """Three lots of 137, 263 and 600 shares, of Ann, Bob and Cem; anything may be given instead."""
    lots = rest.pop("lots", LOTS)
    building = rest.pop(
        "building",
        Building(
            "Three lots",
            slug,
            languages=("fr", "nl"),
            shares_total=sum(lot.shares for lot in lots),
            working_iban="BE68539007547034",
            source=f'name = "Three lots"\nslug = "{slug}"\nshares_total = 1000\n',
        ),
    )
    given = {"weights": WEIGHTS, "people": PEOPLE, "ownership": OWNERSHIP} | rest
    tables = ("people", "calls", "expenses", "settlements", "openings", "payments")
    names = {"openings": "opening"}
    lines = {f"{names.get(table, table)}.csv": tuple(range(2, 2 + len(given.get(table, ())))) for table in tables}
    return BuildingFiles(building, lots=lots, lines=lines, **given)


async def stored(uow: UnitOfWork, files: BuildingFiles, shelf: Shelf | None = None) -> Known:
    """The building, imported in the unit of work."""
    return (await import_building(uow, files, shelf)).building


def as_files(files: BuildingFiles) -> oracle.Files:
    """The same building as the oracle reads it from its files."""
    written = write_tables(files)
    building = tomllib.loads(written.pop("building.toml").decode())
    tables = {
        PurePath(name).stem: list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        for name, content in written.items()
    }
    return oracle.Files({"financial_year_start": "01-01", **building}, tables)
