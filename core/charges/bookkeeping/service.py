"""Use cases of the books: bring them up to date, and verify them from the entries alone."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from core.buildings import store as buildings
from core.charges import store
from core.charges.bookkeeping.model import Corrections, Documents, corrections, entries, in_force, lot_parts, unfounded
from core.charges.ledger import store as ledger
from core.charges.ledger.model import broken_links
from core.charges.model import BudgetLine, Call, Expense, Opening, Payment, Settlement, vat_included
from core.database import UnitOfWork
from core.kernel.money import Money
from core.kernel.text import Text, say
from core.people import store as people


async def documents(uow: UnitOfWork, building: UUID) -> Documents:
    """What the books of a building follow from, as it is stored."""
    return Documents(
        await buildings.lots(uow, building),
        await buildings.weights(uow, building),
        await people.ownership(uow, building),
        await store.every(uow, building, Opening),
        await store.every(uow, building, Call),
        await store.every(uow, building, Expense),
        await store.every(uow, building, Settlement),
        await store.every(uow, building, Payment),
    )


async def book(uow: UnitOfWork, building: UUID, found: Documents, budget: tuple[BudgetLine, ...]) -> Corrections:
    """Stores the documents and their parts, and books what they say. The caller holds the lock of the building."""
    done = corrections(await ledger.books(uow, building), entries(found))
    await store.replace(uow, building, BudgetLine, budget)
    await store.replace(uow, building, Opening, tuple(found.openings))
    await store.replace(uow, building, Call, tuple(found.calls))
    await store.replace(uow, building, Expense, tuple(found.expenses))
    await store.replace(uow, building, Settlement, tuple(found.settlements))
    await store.replace(uow, building, Payment, tuple(found.payments))
    await store.replace_parts(uow, building, lot_parts(found))
    await ledger.book(uow, building, (*done.reversals, *done.new))
    return done


async def verify(uow: UnitOfWork, building: UUID) -> list[Text]:
    """Recomputes the chain, every entry, every split and every balance; says each that differs. Empty: all is as it must be."""
    books = await ledger.books(uow, building)
    stored = await documents(uow, building)
    wrong = [say("verify.chain", number=number) for number in broken_links(books)]
    wrong += [
        say("verify.unbalanced", number=booked.number)
        for booked in books
        if sum(line.cents for line in booked.entry.lines) != 0
    ]
    wrong += [
        say("verify.total", number=row.number, stored=Money(row.total), computed=Money(total))
        for row in stored.expenses
        if row.total != (total := vat_included(row.net, row.vat_rate))
    ]
    shares = sum(lot.shares for lot in stored.lots)
    wrong += [
        say("verify.shares", stored=known.building.shares_total, computed=shares)
        for known in await buildings.every(uow)
        if known.building_id == building and known.building.shares_total != shares
    ]
    try:
        wanted, parts = entries(stored), list(lot_parts(stored))
    except ValueError as error:
        return [*wrong, say("verify.unsplittable", what=str(error))]
    current = in_force(books)
    for entry in wanted:
        booked = current.pop(entry.source, None)
        if booked is None:
            wrong.append(say("verify.missing", source=entry.source))
        elif booked.entry != entry:
            wrong.append(say("verify.differs", source=entry.source, number=booked.number))
    wrong += [
        say("verify.unfounded", source=booked.entry.source, number=booked.number)
        for booked in (*current.values(), *unfounded(books))
    ]

    kept = await store.parts(uow, building)
    for source, lot, cents in parts:
        had = kept.pop((source, lot), 0)
        if had != cents:
            wrong.append(say("verify.part", source=source, lot=lot, stored=Money(had), computed=Money(cents)))
    wrong += [
        say("verify.part", source=source, lot=lot, stored=Money(cents), computed=Money(0))
        for (source, lot), cents in kept.items()
    ]

    balances: Counter[str] = Counter()
    for booked in books:
        for line in booked.entry.lines:
            balances[line.person] += line.cents
    computed: Counter[str] = Counter()
    for entry in wanted:
        for line in entry.lines:
            computed[line.person] += line.cents
    wrong += [
        say("verify.balance", person=person, stored=Money(balances[person]), computed=Money(computed[person]))
        for person in sorted(balances.keys() | computed.keys())
        if person and balances[person] != computed[person]
    ]
    return wrong
