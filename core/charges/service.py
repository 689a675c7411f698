"""Use cases about money: what is owed, why, how to pay, what arrived, what the building spent and holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.charges import store
from core.charges.accounts.model import FundBalance, Owed, Posting, owed
from core.charges.explanations import store as explanations
from core.charges.explanations.model import Explanation, explain
from core.charges.ledger.model import CALLED, EXPENSE, FROM_RESERVE, RESERVE_FUND, SUPPLIERS, WORKING_FUND
from core.charges.model import FUNDS, RESERVE, WORKING, Expense, Payment
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.periods import Period
from core.people.model import Place

LATEST_PAYMENTS = 5


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account in one building, by the books."""

    place: Place
    postings: Sequence[Posting]

    @property
    def exists(self) -> bool:
        """A tenant has none; an owner has one before anything is booked on it."""
        return self.place.owns or bool(self.postings)


class Unexplained(Exception):
    """The items do not add up to what the books say: for `koprogo verify` to look at, never to be shown as an answer."""


async def accounts(uow: UnitOfWork, places: Sequence[Place]) -> list[Account]:
    """A person's accounts, a building each."""
    found = await store.postings(uow, [(place.known.building_id, place.membership.person) for place in places])
    return [Account(place, found[place.known.building_id]) for place in places]


def owed_in(uow: UnitOfWork, account: Account, period: Period) -> Owed:
    return owed(account.postings, period, local_day(uow.now))


def owed_now(uow: UnitOfWork, account: Account) -> Owed:
    """What is to pay in the quarter of the building in which we are."""
    today = local_day(uow.now)
    return owed(account.postings, account.place.building.quarter(today), today)


async def explained(uow: UnitOfWork, account: Account, period: Period) -> Explanation:
    """Where the amount of a period comes from. Unexplained where the items do not add up to the books."""
    answer = owed_in(uow, account, period)
    person, building = account.place.membership.person, account.place.known.building_id
    evidence = await explanations.evidence(uow, building, person, period, local_day(uow.now))
    explanation = explain(person, period, evidence)
    called = {fund: sum(item.part for item in explanation.calls if item.fund == fund) for fund in FUNDS}
    settled = sum(closing.result for closing in explanation.closings)
    if called != {fund: answer.called.get(fund, 0) for fund in FUNDS} or settled != answer.settled:
        raise Unexplained(
            f"the account {account.place.membership.account} of building {building} does not add up in {period}"
        )
    return explanation


async def payments(uow: UnitOfWork, place: Place) -> list[Payment]:
    """The latest payments of a person that have arrived, newest first."""
    today = local_day(uow.now)
    return await store.payments_of(uow, place.known.building_id, place.membership.person, today, LATEST_PAYMENTS)


async def expenses(uow: UnitOfWork, building: UUID, period: Period) -> list[Expense]:
    """What the building was billed in a period, up to today."""
    today = local_day(uow.now)
    return [row for row in await store.expenses_in(uow, building, period) if row.day <= today]


async def funds(uow: UnitOfWork, building: UUID) -> list[FundBalance]:
    """What each fund holds by the books today."""
    totals = await store.totals(uow, building, local_day(uow.now))

    def booked(account: str) -> int:
        return -sum(cents for (_, _, name), cents in totals.items() if name == account)

    def spent(fund: str) -> int:
        return sum(
            cents
            for (kind, paid_by, account), cents in totals.items()
            if kind == EXPENSE and paid_by == fund and account not in (SUPPLIERS, RESERVE_FUND, FROM_RESERVE)
        )

    balances = []
    for fund in (RESERVE, WORKING, *(fund for fund in FUNDS if fund not in (RESERVE, WORKING))):
        called = booked(CALLED[fund]) + (booked(WORKING_FUND) if fund == WORKING else 0)
        if fund == RESERVE:
            called += spent(RESERVE)
        balances.append(FundBalance(fund, called, spent(fund)))
    return balances
