"""The documents that money moves by: expenses, calls, settlements, opening balances, payments. Amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

WORKING, RESERVE, EXCEPTIONAL = "working", "reserve", "exceptional"
FUNDS = (WORKING, RESERVE, EXCEPTIONAL)
ORDINARY, EXTRAORDINARY = "ordinary", "extraordinary"
NATURES = (ORDINARY, EXTRAORDINARY)
BEARERS = ("owner", "tenant")
SOURCES = ("bank", "cash", "other")
VAT_RATES = (0, 6, 12, 21)


@dataclass(frozen=True, slots=True)
class BudgetLine:
    year: int
    account: str
    description: str
    cents: int
    key: str
    fund: str


@dataclass(frozen=True, slots=True)
class Expense:
    """An invoice or credit note. `vat_rate` in percent; `total` = `net` + VAT, rounded half up; negative for a credit note.

    `borne_by` tenant: what a landlord may recover. With a `private_lot` the whole amount is that lot's and `key` is empty.
    """

    number: str
    day: date
    supplier: str
    description: str
    net: int
    vat_rate: int
    total: int
    account: str
    key: str
    nature: str
    borne_by: str
    document: str
    private_lot: str
    fund: str = WORKING


@dataclass(frozen=True, slots=True)
class Call:
    """A call for funds: issued on `day`, due on `due`, which is not before."""

    number: str
    day: date
    due: date
    title: str
    fund: str
    total: int
    key: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """The closing of a period: its real expenses replace its working-fund provisions. Booked on `day`."""

    number: str
    first: date
    last: date
    day: date
    due: date


@dataclass(frozen=True, slots=True)
class Opening:
    """What a person owed when the books began; positive: owed by him."""

    person: str
    day: date
    cents: int


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received from a person; a refund is negative."""

    day: date
    person: str
    cents: int
    reference: str
    source: str


def vat_included(net: int, rate: int) -> int:
    """Net plus VAT, rounded half up to the cent; a credit note mirrors its invoice."""
    if net < 0:
        return -vat_included(-net, rate)
    return net + (net * rate + 50) // 100
