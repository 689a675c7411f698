"""What people owe: their accounts in a building, and what was booked on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.charges.accounts.model import Posting
from core.charges.ledger.model import CALL, PAYMENT, SETTLEMENT
from core.charges.model import FUNDS
from core.database import UnitOfWork
from core.interchange.extracts import service as extracts
from core.interchange.extracts.model import Balance
from core.people.api_tokens.model import ACCOUNTS_READ
from web_admin.api.endpoint import Answer, Ask, Endpoint, json_text, listed
from web_admin.api.parameters import DATED, FROM, PIECE, TO, read_place, span_of
from web_admin.api.problems import not_found
from web_admin.api.shapes import cents, choice, day, or_null, piece, text, thing

_OWED = "In cents; negative: in the person's favour."

SCHEMAS = {
    "Account": thing(
        "What a person has to pay. `to_pay_cents` = `opening_cents` + the three that were called + `settled_cents` - `paid_cents`.",
        person=text("lea", "The code of the person in this building."),
        name=text("Léa Dubois"),
        communication=text("+++000/0100/01097+++", "The structured communication of this account."),
        **{
            "from": day("2026-10-01", "The period. Without one, the quarter of the building around today."),
            "to": day("2026-12-31"),
        },
        to_pay_cents=cents(74040, _OWED),
        due=or_null(day("2026-10-01", "The earliest due date that is not wholly covered; null: nothing is to pay.")),
        opening_cents=cents(12000, f"What was booked before the period, and every opening balance. {_OWED}"),
        called_working_cents=cents(50040, "Called in the period for the working fund. In cents."),
        called_reserve_cents=cents(12000, "Called in the period for the reserve fund. In cents."),
        called_exceptional_cents=cents(0, "Called in the period for exceptional works. In cents."),
        settled_cents=cents(0, f"Settled in the period. {_OWED}"),
        paid_cents=cents(
            0, "What came in during the period, and what came in after it as far as it covers the period. In cents."
        ),
        paid_after_cents=cents(
            0,
            "That part of `paid_cents` which came in after the period: `opening_cents` + the entries of the period - this = `to_pay_cents`.",
        ),
    ),
    "Entry": thing(
        "What was booked on an account. Opening balances are not among the entries of a period: they count as `opening_cents`.",
        kind=choice("", CALL, SETTLEMENT, PAYMENT),
        document=text("call:2026-Q4", "What it follows from."),
        fund=choice("", *FUNDS),
        booked_on=day("2026-10-01"),
        due=day("2026-10-01"),
        amount_cents=cents(50040, _OWED),
    ),
    "AccountList": piece("Account"),
    "EntryList": piece("Entry"),
}


async def every(ask: Ask) -> Answer:
    after = read_place(ask.query, int)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.balances(uow, await ask.building(uow), after, ask.most)
    return listed([_account(row) for row in found.rows], found.after)


async def one(ask: Ask) -> Answer:
    async with ask.database.work(ask.bearer.organisation) as uow:
        return Answer(json_text(_account(await _found(ask, uow))))


async def entries(ask: Ask) -> Answer:
    after = read_place(ask.query, date, str)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = extracts.entries(await _found(ask, uow), after, ask.most)
    return listed([_entry(row) for row in found.rows], found.after)


async def _found(ask: Ask, uow: UnitOfWork) -> Balance:
    known = await ask.building(uow)
    found = await extracts.account(uow, known, ask.named("person"), span_of(ask.query))
    if found is None:
        raise not_found()
    return found


ENDPOINTS = (
    Endpoint(
        "GET",
        "/buildings/{building}/accounts",
        "accounts",
        "What everybody with an account in a building has to pay now.",
        ACCOUNTS_READ,
        every,
        "AccountList",
        PIECE,
    ),
    Endpoint(
        "GET",
        "/buildings/{building}/accounts/{person}",
        "account",
        "What a person has to pay, in a period or now.",
        ACCOUNTS_READ,
        one,
        "Account",
        (FROM, TO),
    ),
    Endpoint(
        "GET",
        "/buildings/{building}/accounts/{person}/entries",
        "entries",
        "What was booked on the account of a person in a period, by day.",
        ACCOUNTS_READ,
        entries,
        "EntryList",
        DATED,
    ),
)


def _account(row: Balance) -> dict[str, Any]:
    owed = row.owed
    return {
        "person": row.place.membership.person,
        "name": row.name,
        "communication": row.place.communication,
        "from": owed.period.first.isoformat(),
        "to": owed.period.last.isoformat(),
        "to_pay_cents": owed.to_pay,
        "due": owed.due.isoformat() if owed.due else None,
        "opening_cents": owed.opening,
        **{f"called_{fund}_cents": owed.called.get(fund, 0) for fund in FUNDS},
        "settled_cents": owed.settled,
        "paid_cents": owed.paid,
        "paid_after_cents": row.paid_after,
    }


def _entry(row: Posting) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "document": row.source,
        "fund": row.fund,
        "booked_on": row.booked_on.isoformat(),
        "due": row.due.isoformat(),
        "amount_cents": row.cents,
    }
