"""What an accounting tool enters: by the rules of the files, all or nothing, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from core.buildings import service as buildings
from core.charges.bookkeeping import service as bookkeeping
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import export_building, import_building
from tests.core.test_tenants import fetch
from tests.ground_floor import Hands, Sample
from tests.web_admin.api.conftest import BUILDING, EXPENSES, PAYMENTS, Tool, expense, payment

NASTY = 'Zoë "Zaza", l\'ascenseur;\n=cmd()\u00a0€ – 漢字'


async def books(sample: Sample) -> dict[str, int]:
    """How many rows everything that could change has."""
    tables = ("expenses", "payments", "ledger_entries", "ledger_lines", "parts", "api_answers")
    return {table: (await fetch(sample.owner, f"SELECT count(*) FROM {table}"))[0][0] for table in tables}


async def verified(sample: Sample) -> None:
    """Every balance, split and link of the chain recomputed."""
    async with sample.database.work(sample.organisation) as uow:
        assert await bookkeeping.verify(uow, sample.known.building_id) == []


async def test_one_expense_and_a_batch(tool: Tool, sample: Sample) -> None:
    before = await books(sample)
    said = await tool.post(EXPENSES, expense())
    assert said.status == 201
    (entered,) = said.items
    assert entered == expense() | {"document": "", "private_lot": "", "fund": "working"}
    lot = (await tool.get(f"{BUILDING}/lots")).items[0]["lot"]
    batch = [
        expense("API-2", fund="reserve", nature="extraordinary", description=NASTY),
        expense("API-3", net_cents=-10000, total_cents=-10600),
        expense("API-4", key="", private_lot=lot, fund="exceptional", borne_by="tenant"),
        expense("API-5", net_cents=10000.0, total_cents=1.06e4),
    ]
    assert [row["number"] for row in (await tool.post(EXPENSES, batch)).items] == ["API-2", "API-3", "API-4", "API-5"]
    after = await books(sample)
    assert after["expenses"] - before["expenses"] == after["ledger_entries"] - before["ledger_entries"] == 5
    read = {row["number"]: row for row in await tool.walk(EXPENSES, from_="2026-11-20")}
    assert read["API-2"]["description"] == NASTY
    assert read["API-1"] == entered
    await verified(sample)


async def test_payments_change_what_is_owed(tool: Tool, sample: Sample) -> None:
    account = f"{BUILDING}/accounts/lea-dubois"
    before = (await tool.get(account)).json["to_pay_cents"]
    batch = [
        payment("lea-dubois", amount_cents=5000),
        payment("lea-dubois", amount_cents=5000),
        payment("lea-dubois", amount_cents=-1000, reference=NASTY, source="other"),
        payment("tom-vermeulen", amount_cents=1, source="cash"),
    ]
    said = await tool.post(PAYMENTS, batch)
    assert said.status == 201
    assert len({row["id"] for row in said.items}) == 4
    assert (await tool.get(account)).json["to_pay_cents"] == before - 9000
    read = await tool.walk(PAYMENTS, from_="2026-11-20", to="2026-11-20")
    assert read[-4:] == said.items
    await verified(sample)


async def test_what_was_entered_comes_back_in_the_export_and_in_again_equal(tool: Tool, sample: Sample) -> None:
    await tool.post(EXPENSES, [expense("API-1", description=NASTY), expense("API-2", fund="reserve")])
    await tool.post(PAYMENTS, [payment("lea-dubois", reference=NASTY), payment("lea-dubois", reference=NASTY)])
    async with sample.database.work(sample.organisation) as uow:
        first = await export_building(uow, sample.known, sample.shelf)
    assert first["expenses.csv"].count(b"API-") == 2
    files = read_building(Folder.of(first))
    assert files.expenses[-2].description == NASTY
    async with sample.database.work(sample.organisation) as uow:
        done = await import_building(uow, files, sample.shelf)
        assert (done.booked, done.reversed) == (0, 0)
        again = await export_building(uow, sample.known, sample.shelf)
    tables = [name for name in first if not name.startswith("records/")]
    assert {name: first[name] for name in tables} == {name: again[name] for name in tables}


async def test_an_expense_in_a_settled_period_renews_the_settlement(tool: Tool, sample: Sample) -> None:
    """As in an import, and to the same books."""
    before = await books(sample)
    said = await tool.post(EXPENSES, expense(date="2025-02-15"))
    assert said.status == 201
    after = await books(sample)
    assert after["ledger_entries"] - before["ledger_entries"] == 3, (
        "the expense, the settlement back, the settlement anew"
    )
    await verified(sample)


async def test_entered_and_imported_are_booked_alike(tool: Tool, sample: Sample) -> None:
    """The parts and the lines of the books are those that an import of the same rows makes."""
    await tool.post(EXPENSES, [expense("API-1"), expense("API-2", fund="reserve", net_cents=-333, total_cents=-353)])
    async with sample.database.work(sample.organisation) as uow:
        files = read_building(Folder.of(await export_building(uow, sample.known, sample.shelf)))
    async with sample.database.work() as uow:
        other = await buildings.enter(uow, "others")
        await import_building(uow, files, None)
        await uow.commit()
    for columns, table in (
        ("e.source, l.account, l.cents, l.person, l.lot", "ledger_entries e JOIN ledger_lines l ON l.entry = e.number"),
        ("source, lot, cents, 0, 0", "parts e"),
    ):
        joined = " AND l.building_id = e.building_id" if "JOIN" in table else ""
        mine, theirs = [
            Counter(
                tuple(row)
                for row in await fetch(
                    sample.owner, f"SELECT {columns} FROM {table}{joined} WHERE e.organisation_id = $1", organisation
                )
            )
            for organisation in (sample.organisation, other)
        ]
        assert mine == theirs


# ------------------------------------------------------------------------------------------------------------- only once


async def test_the_same_request_is_done_once(tool: Tool, sample: Sample, clock: Hands) -> None:
    first = await tool.post(PAYMENTS, payment("lea-dubois"), "key-1")
    before = await books(sample)
    again = await tool.post(PAYMENTS, payment("lea-dubois"), "key-1")
    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    other = await tool.post(PAYMENTS, payment("tom-vermeulen"), "key-1")
    assert (other.status, other.code) == (422, "other_request")
    elsewhere = await tool.post(EXPENSES, payment("lea-dubois"), "key-1")
    assert (elsewhere.status, elsewhere.code) == (422, "other_request")
    assert await books(sample) == before
    clock.now += timedelta(hours=24)
    assert (await tool.post(PAYMENTS, payment("lea-dubois"), "key-1")).status == 201
    after = await books(sample)
    assert after["payments"] - before["payments"] == 1
    assert after["api_answers"] == 1


async def test_a_key_is_its_token_s_own(tool: Tool, stranger: Tool, sample: Sample) -> None:
    assert (await tool.post(PAYMENTS, payment("lea-dubois"), "k")).status == 201
    said = await stranger.post("/buildings/ailleurs/payments", payment("lea-dubois"), "k")
    assert said.status == 201
    assert "Idempotency-Replayed" not in said.headers


async def test_two_hundred_at_once_with_one_key_are_one(tool: Tool, sample: Sample) -> None:
    before = await books(sample)
    said = await asyncio.gather(*(tool.post(PAYMENTS, payment("lea-dubois"), "at-once") for _ in range(200)))
    statuses = Counter(one.status for one in said)
    assert set(statuses) <= {201, 409}, statuses
    assert len({one.text for one in said if one.status == 201}) == 1
    assert sum("Idempotency-Replayed" not in one.headers for one in said if one.status == 201) == 1
    assert all(one.code == "in_progress" and one.headers["Retry-After"] for one in said if one.status == 409)
    after = await books(sample)
    assert after["payments"] - before["payments"] == 1
    assert after["ledger_entries"] - before["ledger_entries"] == 1
    again = await tool.post(PAYMENTS, payment("lea-dubois"), "at-once")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    await verified(sample)


async def test_many_different_at_once_are_all_booked(tool: Tool, sample: Sample) -> None:
    before = await books(sample)
    said = await asyncio.gather(
        *(tool.post(PAYMENTS, payment("lea-dubois")) for _ in range(10)),
        *(tool.post(EXPENSES, expense(f"API-{number % 5}")) for number in range(10)),
    )
    assert Counter(one.status for one in said) == {201: 15, 422: 5}
    after = await books(sample)
    assert after["payments"] - before["payments"] == 10
    assert after["expenses"] - before["expenses"] == 5
    await verified(sample)


@pytest.mark.parametrize("key", [None, "", "x" * 101, "ключ", "a b\tc"])
async def test_a_key_is_needed(tool: Tool, sample: Sample, key: str | None) -> None:
    before = await books(sample)
    headers = {} if key is None else {"Idempotency-Key": key}
    said = await tool.ask("POST", PAYMENTS, json=payment("lea-dubois"), headers=headers)
    assert (said.status, said.code, said.fields) == (400, "wrong_key", {(None, "Idempotency-Key")})
    assert await books(sample) == before


# --------------------------------------------------------------------------------------------------------- what is wrong

WRONG_EXPENSES: list[tuple[dict[str, Any], set[str]]] = [
    ({"number": ""}, {"number"}),
    ({"number": " x"}, {"number"}),
    ({"number": "F2025-001"}, {"number"}),
    ({"number": 7}, {"number"}),
    ({"number": None}, {"number"}),
    ({"number": "a\0b"}, {"number"}),
    ({"number": "\ud800"}, {"number"}),
    ({"number": "x" * 101}, {"number"}),
    ({"date": "2026-02-30"}, {"date"}),
    ({"date": "20/11/2026"}, {"date"}),
    ({"date": "0001-01-01"}, {"date"}),
    ({"date": 20261120}, {"date"}),
    ({"supplier": ["x"]}, {"supplier"}),
    ({"supplier": "x" * 2001}, {"supplier"}),
    ({"description": "a\rb"}, {"description"}),
    ({"net_cents": "10000"}, {"net_cents"}),
    ({"net_cents": 100.5}, {"net_cents"}),
    ({"net_cents": True}, {"net_cents"}),
    ({"net_cents": 10**15, "total_cents": 10**15}, {"net_cents", "total_cents"}),
    ({"net_cents": 10**200}, {"net_cents"}),
    ({"total_cents": 10601}, {"total_cents", "net_cents", "vat_rate"}),
    ({"vat_rate": 20}, {"vat_rate"}),
    ({"vat_rate": "6"}, {"vat_rate"}),
    ({"account": "41000"}, {"account"}),
    ({"account": "6" * 11}, {"account"}),
    ({"key": "nobody"}, {"key"}),
    ({"key": ""}, {"key", "private_lot"}),
    ({"private_lot": "A1"}, {"key", "private_lot"}),
    ({"key": "", "private_lot": "ZZ"}, {"private_lot"}),
    ({"nature": "unusual"}, {"nature"}),
    ({"borne_by": ""}, {"borne_by"}),
    ({"document": "nothing.pdf"}, {"document"}),
    ({"fund": "petty"}, {"fund"}),
    ({"date": "1950-01-01"}, {"date", "key", "private_lot"}),
    ({"colour": "red"}, {"colour"}),
    ({"\ud800\0": "red"}, {"\\ud800\\x00"}),
]


@pytest.mark.parametrize(("change", "fields"), WRONG_EXPENSES, ids=[str(place) for place in range(len(WRONG_EXPENSES))])
async def test_a_wrong_expense_is_not_entered(
    tool: Tool, sample: Sample, change: dict[str, Any], fields: set[str]
) -> None:
    """It is the second of three: none is entered, and what is wrong is named."""
    before = await books(sample)
    if change.get("private_lot") == "A1":
        change = {"private_lot": (await tool.get(f"{BUILDING}/lots")).items[0]["lot"]}
    said = await tool.post(EXPENSES, [expense("API-1"), expense("API-2") | change, expense("API-3")])
    assert (said.status, said.code) == (422, "mistakes"), said.text
    assert said.fields == {(1, field) for field in fields}, said.text
    assert await books(sample) == before


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"person": "nobody"}, {"person"}),
        ({"person": ""}, {"person"}),
        ({"amount_cents": 0}, {"amount_cents"}),
        ({"amount_cents": 0.1}, {"amount_cents"}),
        ({"amount_cents": None}, {"amount_cents"}),
        ({"amount": "12.00"}, {"amount"}),
        ({"source": "gold"}, {"source"}),
        ({"reference": 5}, {"reference"}),
        ({"date": ""}, {"date"}),
        ({"id": "x"}, {"id"}),
    ],
)
async def test_a_wrong_payment_is_not_entered(
    tool: Tool, sample: Sample, change: dict[str, Any], fields: set[str]
) -> None:
    before = await books(sample)
    said = await tool.post(PAYMENTS, payment("lea-dubois") | change)
    assert (said.status, said.code, said.fields) == (422, "mistakes", {(0, field) for field in fields})
    assert await books(sample) == before


async def test_a_payment_before_the_opening_balance_is_contained_in_it(tool: Tool, sample: Sample) -> None:
    (opening,) = await fetch(sample.owner, "SELECT person, day FROM openings ORDER BY position LIMIT 1")
    before = (opening["day"] - timedelta(days=1)).isoformat()
    said = await tool.post(PAYMENTS, payment(opening["person"], date=before))
    assert (said.status, said.fields) == (422, {(0, "date"), (0, "person")})


async def test_what_the_files_would_say_is_said_here(tool: Tool) -> None:
    tool.language = "fr"
    said = await tool.post(EXPENSES, [expense("A"), expense("A", account="7"), {"number": "B"}])
    assert said.json["detail"].startswith("Rien n'a été enregistré")
    by_row: dict[int, list[str]] = {}
    for error in said.json["errors"]:
        by_row.setdefault(error["row"], []).append(error["detail"])
    assert sorted(by_row) == [1, 2]
    assert any("« A » existe déjà" in line for line in by_row[1])
    assert any(line.startswith("account : ") or "classe 6" in line for line in by_row[1])
    missing = {
        "date",
        "supplier",
        "description",
        "net_cents",
        "vat_rate",
        "total_cents",
        "account",
        "nature",
        "borne_by",
    }
    named = {error["fields"][0] for error in said.json["errors"] if error["row"] == 2 and len(error["fields"]) == 1}
    assert named == missing, "and that neither key nor private_lot is given, which is one mistake of two fields"
    assert len(by_row[2]) == len(missing) + 1


async def test_many_mistakes_are_counted_and_some_of_them_listed(tool: Tool) -> None:
    said = await tool.post(PAYMENTS, [payment("nobody")] * 500)
    assert said.status == 422
    assert "500" in said.json["detail"]
    assert len(said.json["errors"]) == 100


BODIES: list[tuple[bytes, int, str]] = [
    (b"", 400, "wrong_body"),
    (b"{", 400, "wrong_body"),
    (b"\xff\xfe", 400, "wrong_body"),
    (b"{}{}", 400, "wrong_body"),
    (b'{"amount_cents": NaN}', 400, "wrong_body"),
    (b'{"person": "a", "person": "b"}', 400, "wrong_body"),
    (b"[" * 100_000, 400, "wrong_body"),
    (b"9" * 10_000, 400, "wrong_body"),
    (b'{"amount_cents": 1e999999999999999999999}', 400, "wrong_body"),
    (b'{"amount_cents": 1e999999}', 422, "mistakes"),
    (b"null", 422, "mistakes"),
    (b"7", 422, "mistakes"),
    (b'"text"', 422, "mistakes"),
    (b"[[]]", 422, "mistakes"),
    (b"[]", 422, "wrong_count"),
    (b"[" + b"{}," * 1000 + b"{}]", 422, "wrong_count"),
    (b"{}" + b" " * 1_000_000, 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=lambda part: str(part)[:30])
async def test_a_body_that_is_no_batch(tool: Tool, sample: Sample, body: bytes, status: int, code: str) -> None:
    before = await books(sample)
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    said = await tool.ask("POST", PAYMENTS, data=body, headers=headers)
    assert (said.status, said.code) == (status, code)

    async def slowly() -> Any:
        for begin in range(0, len(body), 60_000):
            yield body[begin : begin + 60_000]

    said = await tool.ask("POST", PAYMENTS, data=slowly(), headers=headers)
    assert (said.status, said.code) == (status, code), "without a Content-Length"
    assert await books(sample) == before


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16"]
)
async def test_a_body_that_is_no_json_by_its_own_account(tool: Tool, media_type: str) -> None:
    headers = {"Content-Type": media_type, "Idempotency-Key": "k"}
    said = await tool.ask("POST", PAYMENTS, data=b"{}", headers=headers)
    assert (said.status, said.code) == (415, "wrong_type")


async def test_a_wrong_request_leaves_its_key_free(tool: Tool) -> None:
    assert (await tool.post(PAYMENTS, payment("nobody"), "k")).status == 422
    assert (await tool.post(PAYMENTS, payment("lea-dubois"), "k")).status == 201
