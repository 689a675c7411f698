"""The documents that money moves by: expenses, payments and calls, read and entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from core.buildings.model import Known
from core.charges.model import BEARERS, FUNDS, NATURES, SOURCES, VAT_RATES, Call, Expense
from core.database import UnitOfWork
from core.interchange.additions import service as additions
from core.interchange.additions.model import MOST_ROWS, Mistakes, field_of
from core.interchange.cells import LONGEST_NAME, LONGEST_TEXT
from core.interchange.extracts import service as extracts
from core.interchange.extracts.model import Received
from core.interchange.tables import CALLS, EXPENSES, Table
from core.kernel.text import say
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import ACCOUNTS_READ, EXPENSES_WRITE, PAYMENTS_WRITE, InProgress, Kept, OtherRequest
from core.people.audit import service as audit
from core.people.audit.model import Deed, Record
from web_admin.api.bodies import read_bytes, read_json
from web_admin.api.endpoint import Answer, Ask, Endpoint, json_text, listed
from web_admin.api.parameters import DATED, PERSON, read_place, span_of
from web_admin.api.problems import Error, Problem
from web_admin.api.shapes import Shape, cents, choice, day, listing, piece, ref, text, thing, without

KEY = "Idempotency-Key"
LONGEST_KEY = 100
REPEATED = "Idempotency-Replayed"

_NAME: Any = {"minLength": 1, "maxLength": LONGEST_NAME}
_LINES: Any = {"maxLength": LONGEST_TEXT}


def _expense(**more: Any) -> Shape:
    return thing(
        "An invoice, or with negative amounts a credit note.",
        number=text("2026-118", "Stands once in a building.", **_NAME),
        date=day("2026-11-03"),
        supplier=text("Ascenseurs Dupont SA", **_LINES),
        description=text("Entretien de l'ascenseur, 4e trimestre", **_LINES),
        net_cents=cents(42000, "Without VAT, in cents."),
        vat_rate={"type": "integer", "enum": list(VAT_RATES), "description": "In percent.", "example": 6},
        total_cents=cents(44520, "With VAT rounded half up to the cent, in cents."),
        account=text("61100", "Of class 6.", pattern="^6[0-9]{0,9}$"),
        key=text("general", "What it is split by; empty with a `private_lot`.", maxLength=LONGEST_NAME),
        nature=choice("", *NATURES),
        borne_by=choice("`tenant`: what a landlord may recover.", *BEARERS),
        document=text("", "The file of a document that the building has; empty: none.", **_LINES),
        private_lot=text("", "The lot that bears all of it; empty: it is split by `key`.", maxLength=LONGEST_NAME),
        fund=choice("What pays it.", *FUNDS),
        **more,
    )


def _payment(**more: Any) -> Shape:
    return thing(
        "Money received from a person; a refund is negative.",
        **more,
        date=day("2026-11-05"),
        person=text("lea", "The code of the person in this building.", **_NAME),
        amount_cents=cents(74040, "Not 0, in cents."),
        reference=text("+++000/0100/01097+++", "What the bank says of it.", **_LINES),
        source=choice("", *SOURCES),
    )


def _one_or_more(name: str) -> Shape:
    return {
        "oneOf": [ref(name), {"type": "array", "items": ref(name), "minItems": 1, "maxItems": MOST_ROWS}],
        "description": f"One, or a batch of at most {MOST_ROWS}: all are entered, or none.",
    }


SCHEMAS: dict[str, Shape] = {
    "Expense": _expense(),
    "NewExpense": without(_expense(), "key", "document", "private_lot", "fund"),
    "Payment": _payment(
        id=text("8d969eef6ecad3c29a3a629280e686cf", "Its own name, which stays the same as long as the payment does.")
    ),
    "NewPayment": without(_payment(), "reference"),
    "Call": thing(
        "A call for funds.",
        number=text("2026-Q4"),
        date=day("2026-09-10", "When it was issued."),
        due=day("2026-10-01"),
        title=text("Provision 4e trimestre 2026"),
        fund=choice("", *FUNDS),
        total_cents=cents(1250000),
        key=text("general"),
    ),
    "EnteredExpenses": thing("What was entered, in the order given.", items=listing(ref("Expense"))),
    "EnteredPayments": thing("What was entered, in the order given.", items=listing(ref("Payment"))),
    "NewExpenses": _one_or_more("NewExpense"),
    "NewPayments": _one_or_more("NewPayment"),
    "ExpenseList": piece("Expense"),
    "PaymentList": piece("Payment"),
    "CallList": piece("Call"),
}


# --------------------------------------------------------------------------------------------------------------- reading


async def expenses(ask: Ask) -> Answer:
    after = read_place(ask.query, date, int)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.expenses(uow, await ask.building(uow), span_of(ask.query), after, ask.most)
    return listed([_row(EXPENSES, row) for row in found.rows], found.after)


async def calls(ask: Ask) -> Answer:
    after = read_place(ask.query, date, int)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.calls(uow, await ask.building(uow), span_of(ask.query), after, ask.most)
    return listed([_row(CALLS, row) for row in found.rows], found.after)


async def payments(ask: Ask) -> Answer:
    after = read_place(ask.query, date, int)
    person = ask.query.get("person")
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.payments(uow, await ask.building(uow), person, span_of(ask.query), after, ask.most)
    return listed([_received(row) for row in found.rows], found.after)


def _row(table: Table, row: Expense | Call) -> dict[str, Any]:
    """A row under the names of its columns: days as the files write them, money in cents."""
    found = {}
    for column in table.columns:
        value = getattr(row, column.attribute)
        found[field_of(column)] = value.isoformat() if isinstance(value, date) else value
    return found


def _received(row: Received) -> dict[str, Any]:
    payment = row.payment
    return {
        "id": row.payment_id,
        "date": payment.day.isoformat(),
        "person": payment.person,
        "amount_cents": payment.cents,
        "reference": payment.reference,
        "source": payment.source,
    }


# -------------------------------------------------------------------------------------------------------------- entering


async def enter_expenses(ask: Ask) -> Answer:
    async def enter(uow: UnitOfWork, known: Known, rows: list[Any]) -> list[dict[str, Any]]:
        return [_row(EXPENSES, row) for row in await additions.enter_expenses(uow, known, rows)]

    return await _entered(ask, enter, _expense_booked)


async def enter_payments(ask: Ask) -> Answer:
    async def enter(uow: UnitOfWork, known: Known, rows: list[Any]) -> list[dict[str, Any]]:
        return [_received(row) for row in await additions.enter_payments(uow, known, rows)]

    return await _entered(ask, enter, _payment_booked)


def _expense_booked(row: Mapping[str, Any]) -> Record:
    noted = ("date", "supplier", "total_cents", "account", "key")
    return Record(Deed.EXPENSE_BOOKED, f"expense {row['number']}", None, {name: row[name] for name in noted})


def _payment_booked(row: Mapping[str, Any]) -> Record:
    noted = ("date", "amount_cents", "source")
    return Record(Deed.PAYMENT_BOOKED, f"payment {row['person']}", None, {name: row[name] for name in noted})


async def _entered(ask: Ask, enter: Any, booked: Callable[[Mapping[str, Any]], Record]) -> Answer:
    """Enters a batch once: whoever asks again with the same key gets the same answer, and nothing is entered again.

    `booked`: what the log says of a row.
    """
    key = ask.request.headers.get(KEY, "")
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Problem(400, say("api.wrong_key", most=str(LONGEST_KEY)), [Error(say("api.key_is_a_header"), (KEY,))])
    content = await read_bytes(ask.request)
    given = read_json(content)
    rows = given if isinstance(given, list) else [given]
    async with ask.database.work(ask.bearer.organisation) as uow:
        known = await ask.building(uow)
        what = f"{ask.endpoint.name} {known.building_id}\n".encode()
        request = sha256(what + content).digest()
        try:
            before = await api_tokens.answered(uow, ask.bearer.token_id, key, request)
        except InProgress:
            raise Problem(409, say("api.in_progress"), headers={"Retry-After": "1"}) from None
        except OtherRequest:
            raise Problem(422, say("api.other_request"), [Error(say("api.key_is_a_header"), (KEY,))]) from None
        if before is not None:
            return Answer(before.answer, before.status, {REPEATED: "true"})
        if not 1 <= len(rows) <= MOST_ROWS:
            raise Problem(422, say("api.wrong_count", most=str(MOST_ROWS)))
        try:
            entered = await enter(uow, known, rows)
        except Mistakes as found:
            errors = [Error(one.wrong, one.fields, one.row) for one in found.mistakes]
            raise Problem(422, say("api.mistakes", count=len(errors)), errors) from None
        answer = Answer(json_text({"items": entered}), 201)
        actor = await api_tokens.actor(uow, ask.bearer.token_id)
        await audit.record_all(uow, actor, [booked(row) for row in entered], known.building_id)
        await api_tokens.keep(uow, ask.bearer.token_id, key, Kept(request, answer.status, answer.text))
        await uow.commit()
        return answer


_EXPENSES, _PAYMENTS = "/buildings/{building}/expenses", "/buildings/{building}/payments"

ENDPOINTS = (
    Endpoint(
        "GET",
        _EXPENSES,
        "expenses",
        "The expenses of a building, by date.",
        ACCOUNTS_READ,
        expenses,
        "ExpenseList",
        DATED,
    ),
    Endpoint(
        "POST",
        _EXPENSES,
        "enter_expenses",
        "Enters expenses, by the rules of `expenses.csv`.",
        EXPENSES_WRITE,
        enter_expenses,
        "EnteredExpenses",
        takes="NewExpenses",
    ),
    Endpoint(
        "GET",
        _PAYMENTS,
        "payments",
        "The payments of a building, by date.",
        ACCOUNTS_READ,
        payments,
        "PaymentList",
        (PERSON, *DATED),
    ),
    Endpoint(
        "POST",
        _PAYMENTS,
        "enter_payments",
        "Enters payments, by the rules of `payments.csv`.",
        PAYMENTS_WRITE,
        enter_payments,
        "EnteredPayments",
        takes="NewPayments",
    ),
    Endpoint(
        "GET",
        "/buildings/{building}/calls",
        "calls",
        "The calls for funds of a building, by the date of their issue.",
        ACCOUNTS_READ,
        calls,
        "CallList",
        DATED,
    ),
)
