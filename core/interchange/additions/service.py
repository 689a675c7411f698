"""Use cases: enter expenses and payments, all or none, by the rules that the files of a building keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.buildings import store as buildings
from core.buildings.model import Known
from core.charges import store as charges
from core.charges.bookkeeping import service as bookkeeping
from core.charges.bookkeeping.model import Documents, lot_parts
from core.charges.ledger import store as ledger
from core.charges.ledger.model import expense_entry, payment_entry
from core.charges.model import WORKING, BudgetLine, Expense, Opening, Payment, Settlement
from core.database import UnitOfWork
from core.documents import store as documents
from core.interchange.additions.model import Mistake, Mistakes, mistake, no_rows, read_rows, sheet_of
from core.interchange.checking import check
from core.interchange.extracts.model import Received
from core.interchange.sheets import Sheet
from core.interchange.tables import (
    DOCUMENTS,
    EXPENSES,
    LOTS,
    OPENINGS,
    OWNERSHIP,
    PAYMENTS,
    PEOPLE,
    SETTLEMENTS,
    WEIGHTS,
    Table,
)
from core.people import store as people


async def enter_expenses(uow: UnitOfWork, known: Known, given: Sequence[Any]) -> list[Expense]:
    """Adds expenses (fields as in `expenses.csv`, amounts in cents) behind those that are there, and books them. Mistakes: nothing is done.

    One that falls into a settled period renews the settlement, as it does in an import.
    """
    await buildings.lock(uow, known.building.slug)
    building = known.building_id
    there = await charges.every(uow, building, Expense)
    settlements = await charges.every(uow, building, Settlement)
    sheets = await _around(uow, known) | {
        SETTLEMENTS.file: sheet_of(SETTLEMENTS, settlements),
        DOCUMENTS.file: sheet_of(DOCUMENTS, [row.document for row in await documents.every(uow, building)]),
    }
    added: tuple[Expense, ...] = _read(EXPENSES, given, sheet_of(EXPENSES, there), sheets, known)
    if any(row.fund == WORKING and one.first <= row.day <= one.last for row in added for one in settlements):
        found = await bookkeeping.documents(uow, building)
        budget = await charges.every(uow, building, BudgetLine)
        await bookkeeping.book(uow, building, replace(found, expenses=(*there, *added)), budget)
        return list(added)
    lots, weights = await buildings.lots(uow, building), await buildings.weights(uow, building)
    await charges.append(uow, building, added)
    await charges.append_parts(uow, building, lot_parts(Documents(lots, weights, (), (), (), added, (), ())))
    await ledger.book(uow, building, sorted(map(expense_entry, added), key=lambda entry: entry.booked_on))
    return list(added)


async def enter_payments(uow: UnitOfWork, known: Known, given: Sequence[Any]) -> list[Received]:
    """Adds payments (fields as in `payments.csv`, the amount in cents) behind those that are there, and books them. Mistakes: nothing is
    done."""
    await buildings.lock(uow, known.building.slug)
    building = known.building_id
    there = await charges.every(uow, building, Payment)
    sheets = await _around(uow, known) | {
        OPENINGS.file: sheet_of(OPENINGS, await charges.every(uow, building, Opening))
    }
    added: tuple[Payment, ...] = _read(PAYMENTS, given, sheet_of(PAYMENTS, ()), sheets, known)
    await charges.append(uow, building, added)
    received, equal = [], Counter(there)
    for row in added:
        equal[row] += 1
        received.append(Received(row, equal[row]))
    entries = [payment_entry(row.payment, row.ordinal) for row in received]
    await ledger.book(uow, building, sorted(entries, key=lambda entry: entry.booked_on))
    return received


async def _around(uow: UnitOfWork, known: Known) -> dict[str, Sheet]:
    """What a row of the books may name and has to agree with: lots, keys, people who are named still, and who owns what."""
    building = known.building_id
    present = [row.resident for row in await people.residents(uow, building) if row.present]
    return no_rows() | {
        LOTS.file: sheet_of(LOTS, await buildings.lots(uow, building)),
        WEIGHTS.file: sheet_of(WEIGHTS, await buildings.weights(uow, building)),
        PEOPLE.file: sheet_of(PEOPLE, present),
        OWNERSHIP.file: sheet_of(OWNERSHIP, await people.ownership(uow, building)),
    }


def _read(table: Table, given: Sequence[Any], there: Sheet, sheets: dict[str, Sheet], known: Known) -> tuple[Any, ...]:
    """The rows as the model has them. Mistakes with all that is wrong in their fields, and between them and what is there."""
    first = len(there.rows) + 2
    rows, mistakes = read_rows(table, given, first)
    there.rows += rows
    sheets[table.file] = there
    found = [mistake(table, fault, first) for fault in check(sheets, known.building.shares_total)]
    wrong: list[Mistake] = [*mistakes, *(one for one in found if one is not None)]
    if wrong:
        raise Mistakes(dict.fromkeys(wrong))
    return Sheet(table, present=True, columns=table.names(), rows=rows).models()
