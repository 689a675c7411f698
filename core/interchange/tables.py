"""The tables of a building: which columns each has, in canonical order, what stands in them, and what must not stand twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.buildings.model import LOT_KINDS, Lot, Weight
from core.charges.model import (
    BEARERS,
    FUNDS,
    NATURES,
    SOURCES,
    VAT_RATES,
    WORKING,
    BudgetLine,
    Call,
    Expense,
    Opening,
    Payment,
    Settlement,
)
from core.documents.model import AUDIENCES, KINDS, Document
from core.interchange import cells
from core.interchange.cells import Kind
from core.people.model import LEGAL_CHANNELS, RIGHTS, ROLES, Consent, Ownership, Resident, Tenancy

LOT, PERSON, KEY, DOCUMENT = "lot", "person", "key", "document"
"""What a cell may name that stands in another file."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `field` is the name that the model has for it, `refers` what it names of another file."""

    name: str
    kind: Kind[Any]
    field: str = ""
    refers: str = ""
    optional: bool = False

    @property
    def attribute(self) -> str:
        return self.field or self.name


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: `rows` is its field of `BuildingFiles`, `unique` the columns that together stand once."""

    file: str
    rows: str
    model: Callable[..., Any]
    columns: tuple[Column, ...]
    unique: tuple[tuple[str, ...], ...] = ()

    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


_LOT = Column("lot", cells.NAME, refers=LOT)
_PERSON = Column("person", cells.NAME, refers=PERSON)
_KEY = Column("key", cells.NAME, refers=KEY)
_NUMBER = Column("number", cells.NAME)
_FUND = Column("fund", cells.code(FUNDS))
_DATE = Column("date", cells.DAY, "day")
_AMOUNT = Column("amount", cells.MONEY, "cents")
_SPAN = (Column("from", cells.DAY, "first"), Column("to", cells.DAY_OR_NONE, "last"))

LOTS = Table(
    "lots.csv",
    "lots",
    Lot,
    (
        Column("lot", cells.NAME),
        Column("kind", cells.code(LOT_KINDS)),
        Column("floor", cells.TEXT),
        Column("shares", cells.whole(0)),
    ),
    (("lot",),),
)
WEIGHTS = Table(
    "keys.csv",
    "weights",
    Weight,
    (Column("key", cells.NAME), _LOT, Column("weight", cells.whole(0))),
    (("key", "lot"),),
)
PEOPLE = Table(
    "people.csv",
    "people",
    Resident,
    (
        Column("person", cells.NAME),
        Column("name", cells.TEXT_GIVEN),
        Column("email", cells.EMAIL),
        Column("phone", cells.TEXT),
        Column("language", cells.LANGUAGE),
        Column("roles", cells.codes(ROLES)),
        Column("channels_accepted", cells.codes(LEGAL_CHANNELS)),
        Column("accepted_on", cells.DAY_OR_NONE),
        Column("street", cells.LINES, optional=True),
        Column("postal_code", cells.TEXT, optional=True),
        Column("city", cells.TEXT, optional=True),
        Column("country", cells.TEXT, optional=True),
    ),
    (("person",), ("email",)),
)
CONSENTS = Table(
    "consents.csv",
    "consents",
    Consent,
    (
        _PERSON,
        Column("channel", cells.code(LEGAL_CHANNELS)),
        Column("address", cells.LINES),
        Column("accepted_on", cells.DAY),
        Column("withdrawn_on", cells.DAY_OR_NONE),
        Column("evidence", cells.LINES),
    ),
    (("person", "channel", "address", "accepted_on"),),
)
OWNERSHIP = Table(
    "ownership.csv",
    "ownership",
    Ownership,
    (
        _LOT,
        _PERSON,
        Column("right", cells.code(RIGHTS)),
        Column("numerator", cells.whole(1)),
        Column("denominator", cells.whole(1)),
        *_SPAN,
        Column("representative", cells.YES_NO),
    ),
)
TENANCIES = Table("tenancies.csv", "tenancies", Tenancy, (_LOT, _PERSON, *_SPAN))
BUDGET = Table(
    "budget.csv",
    "budget",
    BudgetLine,
    (
        Column("year", cells.YEAR),
        Column("account", cells.account()),
        Column("description", cells.LINES),
        _AMOUNT,
        _KEY,
        _FUND,
    ),
)
EXPENSES = Table(
    "expenses.csv",
    "expenses",
    Expense,
    (
        _NUMBER,
        _DATE,
        Column("supplier", cells.LINES),
        Column("description", cells.LINES),
        Column("net", cells.MONEY),
        Column("vat_rate", cells.number_of(VAT_RATES)),
        Column("total", cells.MONEY),
        Column("account", cells.account("6")),
        Column("key", cells.REFERENCE, refers=KEY),
        Column("nature", cells.code(NATURES)),
        Column("borne_by", cells.code(BEARERS)),
        Column("document", cells.TEXT, refers=DOCUMENT),
        Column("private_lot", cells.REFERENCE, refers=LOT),
        Column("fund", cells.code(FUNDS, empty=WORKING), optional=True),
    ),
    (("number",),),
)
CALLS = Table(
    "calls.csv",
    "calls",
    Call,
    (
        _NUMBER,
        _DATE,
        Column("due", cells.DAY),
        Column("title", cells.LINES_GIVEN),
        _FUND,
        Column("total", cells.MONEY),
        _KEY,
    ),
    (("number",),),
)
SETTLEMENTS = Table(
    "settlements.csv",
    "settlements",
    Settlement,
    (
        _NUMBER,
        Column("period_from", cells.DAY, "first"),
        Column("period_to", cells.DAY, "last"),
        _DATE,
        Column("due", cells.DAY),
    ),
    (("number",),),
)
OPENINGS = Table("opening.csv", "openings", Opening, (_PERSON, _DATE, _AMOUNT), (("person", "date"),))
PAYMENTS = Table(
    "payments.csv",
    "payments",
    Payment,
    (_DATE, _PERSON, _AMOUNT, Column("reference", cells.LINES), Column("source", cells.code(SOURCES))),
)
DOCUMENTS = Table(
    "documents.csv",
    "documents",
    Document,
    (
        Column("file", cells.PATH),
        Column("title", cells.LINES_GIVEN),
        Column("kind", cells.code(KINDS)),
        _DATE,
        Column("language", cells.LANGUAGE_OR_NONE),
        Column("visible_to", cells.code(AUDIENCES)),
    ),
    (("file",),),
)

TABLES = (
    LOTS,
    WEIGHTS,
    PEOPLE,
    CONSENTS,
    OWNERSHIP,
    TENANCIES,
    BUDGET,
    EXPENSES,
    CALLS,
    SETTLEMENTS,
    OPENINGS,
    PAYMENTS,
    DOCUMENTS,
)
