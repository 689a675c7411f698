"""A building as files: what an import reads and an export writes, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from core.buildings.model import Building, Lot, Weight
from core.charges.model import BudgetLine, Call, Expense, Opening, Payment, Settlement
from core.documents.model import Document
from core.kernel.errors import DomainError
from core.kernel.i18n import Words
from core.kernel.text import Text
from core.people.model import Consent, Ownership, Resident, Tenancy

BUILDING = "building.toml"
FILES = (
    BUILDING,
    "lots.csv",
    "keys.csv",
    "people.csv",
    "consents.csv",
    "ownership.csv",
    "tenancies.csv",
    "budget.csv",
    "expenses.csv",
    "calls.csv",
    "settlements.csv",
    "opening.csv",
    "payments.csv",
    "documents.csv",
)
"""The files of a building, in the order in which their faults are told."""

MANDATORY = (BUILDING, "lots.csv")
"""Any other file may be absent: none of these."""

DOCUMENTS = "documents/"
"""The folder of the files that `documents.csv` describes."""

LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where. The header of a table is line 1; so is what has no line of its own."""

    file: str
    line: int
    wrong: Text


class Faults(DomainError):
    """All that is wrong with a folder, in the order of the files and of their lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=_place))
        super().__init__("interchange.faults", count=len(self.faults))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of `documents/`: its size in bytes, its SHA-256, and its bytes when they are wanted."""

    size: int
    sha256: bytes
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class BuildingFiles:
    """A building as its files tell it, every row in the order of its file.

    `columns`: for each table that is present the columns that it has, in canonical order: an absent optional column and an absent file
    come back absent. `lines`: for each table the line of each row. `files`: what lies in `documents/`, by the path that
    `documents.csv` names. `unsaid_funds`: numbers of the expenses whose fund is left empty in a file that has the column; they are the
    working fund's, and come back empty.
    """

    building: Building
    lots: tuple[Lot, ...] = ()
    weights: tuple[Weight, ...] = ()
    people: tuple[Resident, ...] = ()
    consents: tuple[Consent, ...] = ()
    ownership: tuple[Ownership, ...] = ()
    tenancies: tuple[Tenancy, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    expenses: tuple[Expense, ...] = ()
    calls: tuple[Call, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    openings: tuple[Opening, ...] = ()
    payments: tuple[Payment, ...] = ()
    documents: tuple[Document, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    unsaid_funds: frozenset[str] = frozenset()


def fault_line(fault: Fault, words: Words) -> str:
    """`file:line: what is wrong`, on one line."""
    return f"{shown(fault.file, longest=300)}:{fault.line}: {words(fault.wrong)}"


def shown(text: str, longest: int = LONGEST_SHOWN) -> str:
    """A value from a file as a message may show it: on one line, shortened, with what is invisible made visible."""
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode("ascii") for sign in short
    )


def _place(fault: Fault) -> tuple[int, str, int]:
    known = FILES.index(fault.file) if fault.file in FILES else len(FILES)
    return known, fault.file, fault.line
