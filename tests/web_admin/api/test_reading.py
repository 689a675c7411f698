"""What an accounting tool reads: everything, in pieces, and nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.charges import service as charges
from core.charges import store as charges_store
from core.charges.accounts.model import owed
from core.charges.model import Call, Expense
from core.kernel.clock import local_day
from core.kernel.periods import Period
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.people import store as people
from tests.ground_floor import NOW, Hands, Sample
from tests.web_admin.api.conftest import BUILDING, EXPENSES, PAYMENTS, Tool, payment
from web_admin.api.document import ENDPOINTS

READING = [endpoint for endpoint in ENDPOINTS if endpoint.method == "GET"]


def at(path: str, building: str = "tilleuls", person: str = "lea-dubois") -> str:
    return path.replace("{building}", building).replace("{person}", person)


@pytest.mark.parametrize("endpoint", READING, ids=lambda endpoint: endpoint.name)
async def test_each_list_answers_and_has_a_tag(tool: Tool, endpoint: Any) -> None:
    said = await tool.get(at(endpoint.path))
    assert said.status == 200
    assert said.headers["Cache-Control"] == "private, no-cache"
    assert said.headers["X-Content-Type-Options"] == "nosniff"
    if endpoint.gives.endswith("List"):
        assert set(said.json) == {"items", "next"}
        assert endpoint.name == "deliveries" or said.items
    for tag in (said.headers["ETag"], f'"other", W/{said.headers["ETag"]}', "*"):
        again = await tool.ask("GET", at(endpoint.path), headers={"If-None-Match": tag})
        assert (again.status, again.text) == (304, "")
    head = await tool.ask("HEAD", at(endpoint.path))
    assert (head.status, head.text, head.headers["ETag"]) == (200, "", said.headers["ETag"])


async def test_a_tag_changes_with_what_it_is_of(tool: Tool) -> None:
    before = await tool.get(PAYMENTS, limit=200)
    assert (await tool.post(PAYMENTS, payment("lea-dubois"))).status == 201
    after = await tool.ask("GET", f"{PAYMENTS}?limit=200", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status == 200
    assert after.headers["ETag"] != before.headers["ETag"]


async def test_buildings_lots_and_keys(tool: Tool, sample: Sample) -> None:
    (building,) = (await tool.get("/buildings")).items
    assert building == (await tool.get(BUILDING)).json
    assert (building["building"], building["shares_total"]) == ("tilleuls", sample.known.building.shares_total)
    lots = await tool.walk(f"{BUILDING}/lots", limit=7)
    assert len(lots) == 24
    assert sum(lot["shares"] for lot in lots) == building["shares_total"]
    keys = await tool.walk(f"{BUILDING}/keys", limit=1)
    assert keys[0]["key"] == "general"
    assert keys[0]["weights"] == [{"lot": lot["lot"], "weight": lot["shares"]} for lot in lots]
    for key in keys:
        assert key["weight_total"] == sum(row["weight"] for row in key["weights"])
        assert [row["lot"] for row in key["weights"]] == [lot["lot"] for lot in lots]


async def test_people_with_their_rights(tool: Tool, sample: Sample) -> None:
    found = await tool.walk(f"{BUILDING}/people", limit=5)
    async with sample.database.work(sample.organisation) as uow:
        ownership = await people.ownership(uow, sample.known.building_id)
        listed = await people.residents(uow, sample.known.building_id)
    assert [row["person"] for row in found] == [row.resident.person for row in listed]
    lea = found[0]
    assert (lea["email"], lea["language"], lea["present"]) == ("lea.dubois@tilleuls.example", "fr", True)
    assert [right["lot"] for right in lea["ownership"]] == [row.lot for row in ownership if row.person == "lea-dubois"]
    assert sum(len(row["ownership"]) for row in found) == len(ownership)
    assert sum(len(row["tenancies"]) for row in found) == 2


async def test_accounts_are_what_the_bot_says(tool: Tool, sample: Sample) -> None:
    accounts = {row["person"]: row for row in await tool.walk(f"{BUILDING}/accounts", limit=4)}
    async with sample.database.work(sample.organisation) as uow:
        places = await sample.places(uow)
        seen = 0
        for person, place in places.items():
            (account,) = await charges.accounts(uow, [place])
            assert account.exists == (person in accounts)
            if account.exists:
                now = charges.owed_now(uow, account)
                row = accounts[person]
                seen += 1
                assert row["to_pay_cents"] == now.to_pay
                assert row["due"] == (now.due.isoformat() if now.due else None)
                assert row["communication"] == place.communication
                assert row == (await tool.get(f"{BUILDING}/accounts/{person}")).json
    assert seen == len(accounts) > 8


@pytest.mark.parametrize(
    ("first", "last"), [("2025-01-01", "2025-03-31"), ("2025-10-01", "2026-02-14"), ("2026-10-01", "2026-12-31")]
)
async def test_an_account_of_a_period_adds_up(tool: Tool, sample: Sample, first: str, last: str) -> None:
    period = Period.parse(f"{first}/{last}")
    for row in await tool.walk(f"{BUILDING}/accounts"):
        path = f"{BUILDING}/accounts/{row['person']}"
        account = (await tool.get(path, from_=first, to=last)).json
        entries = await tool.walk(f"{path}/entries", from_=first, to=last, limit=2)
        async with sample.database.work(sample.organisation) as uow:
            postings = (await charges_store.postings(uow, [(sample.known.building_id, row["person"])])).popitem()[1]
        expected = owed(postings, period, local_day(NOW))
        assert account["to_pay_cents"] == expected.to_pay
        booked = sum(entry["amount_cents"] for entry in entries)
        assert account["to_pay_cents"] == account["opening_cents"] + booked - account["paid_after_cents"]
        called = sum(account[f"called_{fund}_cents"] for fund in ("working", "reserve", "exceptional"))
        assert account["to_pay_cents"] == (
            account["opening_cents"] + called + account["settled_cents"] - account["paid_cents"]
        )
        assert [entry["booked_on"] for entry in entries] == sorted(entry["booked_on"] for entry in entries)
        assert all(first <= entry["booked_on"] <= last for entry in entries)


async def test_documents_as_they_are_stored(tool: Tool, sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        expenses = await charges_store.every(uow, sample.known.building_id, Expense)
        calls = await charges_store.every(uow, sample.known.building_id, Call)
    read = await tool.walk(EXPENSES, limit=11)
    assert {row["number"]: row["total_cents"] for row in read} == {row.number: row.total for row in expenses}
    assert [row["date"] for row in read] == sorted(row["date"] for row in read)
    called = await tool.walk(f"{BUILDING}/calls", limit=200)
    assert {row["number"]: row["due"] for row in called} == {row.number: row.due.isoformat() for row in calls}


async def test_only_some_days_and_only_one_person(tool: Tool) -> None:
    every = await tool.walk(PAYMENTS)
    some = await tool.walk(PAYMENTS, from_="2025-03-01", to="2025-06-30", limit=3)
    assert some == [row for row in every if "2025-03-01" <= row["date"] <= "2025-06-30"] != []
    lea = await tool.walk(PAYMENTS, person="lea-dubois", limit=2)
    assert lea == [row for row in every if row["person"] == "lea-dubois"] != []
    assert (await tool.get(PAYMENTS, person="nobody")).items == []


async def test_three_hundred_rows_in_pieces(tool: Tool) -> None:
    """Every row once and in its order, whatever the size of a piece; equal payments have names of their own; new rows come last."""
    batch = [payment("lea-dubois", amount_cents=100 + number // 2, date="2027-01-04") for number in range(300)]
    entered = (await tool.post(PAYMENTS, batch)).items
    assert len({row["id"] for row in entered}) == 300
    for limit in (1, 7, 100, 200):
        found = await tool.walk(PAYMENTS, from_="2027-01-04", limit=limit)
        assert found == entered
    first = await tool.get(PAYMENTS, from_="2027-01-04", limit=200)
    more = (await tool.post(PAYMENTS, payment("lea-dubois", date="2027-01-04"))).items
    rest = await tool.get(PAYMENTS, from_="2027-01-04", limit=200, next=first.json["next"])
    assert rest.items == [*entered[200:], *more]


async def test_deliveries_without_what_they_say(tool: Tool, sample: Sample, clock: Hands) -> None:
    async with sample.database.work(sample.organisation) as uow:
        listed = await people.residents(uow, sample.known.building_id)
        for number, row in enumerate(listed):
            card = Card(say("help.title"), (say("help.thanks"),))
            uow.tell(row.person_id, card, "account", key=f"told {number}", building=sample.known.building_id)
        uow.tell(listed[0].person_id, Card(say("help.thanks")), "account", key="about no building")
        uow.tell(Address("console", "x"), Card(say("help.thanks")), "account", key="somebody else")
        await uow.commit()
    found = await tool.walk(f"{BUILDING}/deliveries", limit=5)
    assert [row["person"] for row in found] == [*(row.resident.person for row in listed), listed[0].resident.person]
    assert {row["fate"] for row in found} <= {"waiting", "skipped", "sending"}
    assert all("card" not in row and "@" not in str(row) for row in found)
    skipped = await tool.walk(f"{BUILDING}/deliveries", fate="skipped")
    assert skipped == [row for row in found if row["fate"] == "skipped"]
    today = clock().date().isoformat()
    tomorrow = (clock() + timedelta(days=1)).date().isoformat()
    assert await tool.walk(f"{BUILDING}/deliveries", from_=today, to=today) == found
    assert await tool.walk(f"{BUILDING}/deliveries", from_=tomorrow) == []


WRONG_QUERIES = [
    ("limit", "0"),
    ("limit", "201"),
    ("limit", "ten"),
    ("limit", "١"),
    ("limit", "9" * 50),
    ("limit", ""),
    ("from", "yesterday"),
    ("from", "2026-02-30"),
    ("from", "0001-01-01"),
    ("to", "9999-12-31"),
    ("to", "2026-1-1"),
    ("next", "rubbish"),
    ("next", "WyJ4Il0"),
    ("next", "W10"),
    ("next", "WzFd"),
    ("next", "é"),
    ("next", "A" * 2000),
    ("next", "WyIyMDI2LTEwLTAxIiwgOTk5OTk5OTk5OTk5OTk5OTk5OV0"),
    ("person", ""),
    ("person", "a\0b"),
    ("person", "x" * 101),
    ("sort", "date"),
]


@pytest.mark.parametrize(("name", "value"), WRONG_QUERIES)
async def test_a_parameter_that_can_not_be_read_is_named(tool: Tool, name: str, value: str) -> None:
    said = await tool.get(PAYMENTS, **{name: value})
    assert (said.status, said.code) == (400, "wrong_query")
    assert said.fields == {(None, name)}


async def test_other_wrong_queries(tool: Tool) -> None:
    said = await tool.get(PAYMENTS, from_="2026-02-01", to="2026-01-31")
    assert (said.status, said.fields) == (400, {(None, "to")})
    said = await tool.ask("GET", f"{PAYMENTS}?limit=1&limit=2")
    assert (said.status, said.fields) == (400, {(None, "limit")})
    for place in ("?next=" + (await tool.get(f"{BUILDING}/lots", limit=1)).json["next"], "?%00=1", "?%ff=%ff"):
        assert (await tool.ask("GET", PAYMENTS + place)).status == 400


async def test_nothing_is_found_of_others(tool: Tool, stranger: Tool) -> None:
    """Each sees its own and not a trace of the other's, on every path."""
    assert [row["building"] for row in (await stranger.get("/buildings")).items] == ["ailleurs"]
    for endpoint in ENDPOINTS:
        if "{building}" in endpoint.path:
            body = {"json": payment("lea-dubois"), "headers": {"Idempotency-Key": "x"}} if endpoint.takes else {}
            for asking, theirs in ((stranger, "tilleuls"), (tool, "ailleurs"), (tool, "nowhere"), (tool, "a%00b")):
                said = await asking.ask(endpoint.method, at(endpoint.path, theirs), **body)
                assert (said.status, said.code) == (404, "not_found"), endpoint.path
    missing = await tool.get(f"{BUILDING}/accounts/nobody")
    assert (missing.status, missing.json) == (404, (await tool.get("/buildings/ailleurs")).json)


async def test_what_is_not_there_and_what_can_not_be_done(tool: Tool) -> None:
    for path in ("", "/", "/nothing", f"{BUILDING}/", "/buildings/../x", "/buildings/a/b/c/d/e"):
        assert (await tool.ask("GET", path)).status == 404
    for method, path, allowed in (
        ("DELETE", EXPENSES, "GET, POST, HEAD"),
        ("PUT", BUILDING, "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ):
        said = await tool.ask(method, path)
        assert (said.status, said.code, said.headers["Allow"]) == (405, "wrong_method", allowed)


async def test_what_is_said_is_in_the_language_of_who_asks(tool: Tool) -> None:
    sentences = set()
    for language in ("fr", "nl", "de", "en"):
        tool.language = language
        said = await tool.get("/buildings/nowhere")
        assert said.headers["Content-Language"] == language
        sentences.add(said.json["detail"])
    assert len(sentences) == 4
