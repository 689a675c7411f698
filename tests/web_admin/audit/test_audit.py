"""The log: read, searched, page by page, one by one, and taken along; by whoever may, as far as he may."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from core.buildings import store as buildings
from core.interchange.service import import_building
from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Act, Role, may
from core.people.audit.model import Actor, Deed, Record
from tests.core.small import small_building
from tests.web_admin.audit.conftest import Log
from tests.web_admin.reading import Reader, Shown
from web_admin.audit.sheet import ACTIVE, line
from web_admin.pages import PREFIX

ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]


def numbers(shown: Shown) -> list[int]:
    """The entries that are listed, in their order."""
    parts = shown.text.split(f'href="{PREFIX}/audit/')[1:]
    return [int(part.partition('"')[0]) for part in parts if part[0].isdigit()]


async def table(reader: Reader, **query: str) -> list[dict[str, str]]:
    """The rows of the table that is taken along, by number of column."""
    address = f"{reader.address}{PREFIX}/audit/log.csv?{urlencode(query)}"
    async with reader.client.get(address) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-2026-11-22.csv"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        text = (await answer.read()).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


async def test_an_empty_log_says_so(log: Log) -> None:
    reader = await log.site.signed_in()
    assert "Nothing was changed yet." in (await reader.get("/audit")).text


async def test_the_latest_stands_first(filled: Log) -> None:
    reader = await filled.site.signed_in()
    shown = await reader.get("/audit")
    for words in (
        "Access to the office was given",
        "Account piet@renard-gestion.example",
        "Lot A/1",
        "Nathalie Renard",
        "koprogo",
        "22 November 2026 10:00",
    ):
        assert words in shown.text, words
    assert numbers(shown) == [entry.number for entry in await filled.all()]


async def test_an_entry_has_an_address_of_its_own(filled: Log) -> None:
    reader = await filled.site.signed_in()
    found = {entry.deed: entry.number for entry in await filled.all()}
    lot = (await reader.get(f"/audit/{found['lot_changed']}")).text
    assert all(words in lot for words in ("shares", "137", "138", "floor", "What changed", "Nathalie Renard"))
    module = (await reader.get(f"/audit/{found['module_switched']}")).text
    assert all(words in module for words in ("Module Lending of things", "yes", "no", "18 November 2026", "nothing"))
    rows = (await reader.get(f"/audit/{found['ownership_changed']}")).text
    assert all(words in rows for words in ("person: lea-dubois", "person: tom-vermeulen", "from: 1 March 2019"))
    assert "€445.20" in (await reader.get(f"/audit/{found['expense_booked']}")).text
    assert "Accountant" in (await reader.get(f"/audit/{found['employed']}")).text


async def test_hostile_texts_are_shown_as_they_are(log: Log) -> None:
    evil = "<script>alert(1)</script>"
    (number,) = await log.write(
        [Record(Deed.PERSON_CHANGED, evil, {evil: evil}, {evil: [evil, {evil: 1}]})], Actor(None, evil)
    )
    reader = await log.site.signed_in()
    for path in ("/audit", f"/audit/{number}"):
        text = (await reader.get(path)).text
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("query", "deeds"),
    [
        ({"deed": "lot_changed"}, ["lot_changed"]),
        ({"deed": "nonsense"}, 6),
        ({"person": "BOEK"}, ["expense_booked"]),
        ({"person": "%"}, []),
        ({"person": "nobody"}, []),
        ({"person": "a\0b" + "x" * 5000}, []),
        ({"building": "tilleuls", "person": "renard", "deed": "module_switched"}, ["module_switched"]),
        ({"building": "tilleuls"}, 5),
        ({"since": "2026-11-22"}, 6),
        ({"since": "2026-11-23"}, []),
        ({"until": "2026-11-22"}, 6),
        ({"until": "2026-11-21"}, []),
        ({"older": "rubbish"}, 6),
        ({"older": "9" * 30}, 6),
    ],
)
async def test_what_is_asked_for_is_what_is_shown_and_taken_along(
    filled: Log, query: dict[str, str], deeds: list[str] | int
) -> None:
    reader = await filled.site.signed_in()
    shown = await reader.get(f"/audit?{urlencode(query)}")
    assert shown.status == 200
    known = {entry.number: entry.deed for entry in await filled.all()}
    listed = [known[number] for number in numbers(shown)]
    assert listed == deeds or len(listed) == deeds
    query.pop("older", None)
    assert [known[int(row["Number"])] for row in await table(reader, **query)] == listed
    if not listed:
        assert "No entry fits." in shown.text


async def test_a_day_is_the_reader_s(log: Log) -> None:
    """23.30 of the 19th in Brussels is 22.30 in UTC; half past midnight of the 20th is still the 19th there."""
    (late,) = await log.write([Record(Deed.INVITED, "person lea")], at=datetime(2026, 11, 19, 22, 30, tzinfo=UTC))
    (early,) = await log.write([Record(Deed.INVITED, "person tom")], at=datetime(2026, 11, 19, 23, 30, tzinfo=UTC))
    reader = await log.site.signed_in()
    assert numbers(await reader.get("/audit?since=2026-11-19&until=2026-11-19")) == [late]
    assert numbers(await reader.get("/audit?since=2026-11-20&until=2026-11-20")) == [early]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "x" * 5000, "\u202e2026"])
async def test_what_is_no_day_is_said_beside_its_field(filled: Log, wrong: str) -> None:
    reader = await filled.site.signed_in()
    shown = await reader.get(f"/audit?{urlencode({'until': wrong})}")
    assert shown.status == 422
    assert "We read no date here." in shown.text
    assert numbers(shown) == []
    assert (await reader.get(f"/audit/log.csv?{urlencode({'until': wrong})}")).status == 400


async def test_page_by_page_each_stands_once(log: Log) -> None:
    written = await log.write(
        [Record(Deed.LOT_CHANGED, f"lot {number}", None, {"shares": "1"}) for number in range(120)]
    )
    reader = await log.site.signed_in()
    shown, seen = await reader.get("/audit?deed=lot_changed"), []
    while True:
        seen += numbers(shown)
        further = re.search(r'href="/office(/audit\?[^"]*older=\d+)"', shown.text)
        if further is None:
            break
        shown = await reader.get(further[1].replace("&amp;", "&"))
    assert seen == written[::-1]
    assert "The latest" in shown.text


async def test_the_table_is_whole_however_long(log: Log) -> None:
    await log.write([Record(Deed.LOT_CHANGED, f"lot {number}", None, {"shares": "1"}) for number in range(450)])
    rows = await table(await log.site.signed_in())
    assert [row["About"] for row in rows] == [f"Lot {number}" for number in reversed(range(450))]
    assert {row["When"] for row in rows} == {"2026-11-22T10:00:00+01:00"}
    assert json.loads(rows[0]["After"]) == {"shares": "1"}
    assert rows[0]["Before"] == ""


@pytest.mark.parametrize("sign", ACTIVE)
async def test_no_cell_is_computed_by_a_spreadsheet(log: Log, sign: str) -> None:
    await log.write(
        [Record(Deed.BROADCAST_SENT, f'{sign}HYPERLINK("https://evil.example")')], Actor(None, f"{sign}1+1")
    )
    (row,) = await table(await log.site.signed_in())
    assert row["About"].startswith(f"'{sign}HYPER")
    assert row["Who"] == f"'{sign}1+1"
    assert line([f"{sign}1", "1-1", ""]).startswith(("'", "\"'"))


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_read_it(filled: Log, role: Role) -> None:
    reader = await filled.site.signed_in(f"{role.value}@renard-gestion.example", role)
    number = (await filled.all())[0].number
    for path in ("/audit", "/audit/log.csv", f"/audit/{number}"):
        assert (await reader.get(path)).status == (200 if may(role, Act.AUDIT) else 403), path
    assert ("/audit" in (await reader.get("/")).text) is may(role, Act.AUDIT)


async def test_who_has_one_building_sees_its_entries_and_no_others(filled: Log) -> None:
    sample = filled.site.sample
    async with sample.database.work(sample.organisation) as uow:
        other = (await import_building(uow, small_building(), None)).building
        await uow.commit()
    (elsewhere,) = await filled.write(
        [Record(Deed.KEY_CHANGED, "key lift", None, {"rows": []})], building=other.building_id
    )
    of_office = next(entry.number for entry in await filled.all() if entry.deed == "employed")
    reader = await filled.site.signed_in(
        "auditor@renard-gestion.example", Role.AUDITOR, building=sample.known.building_id
    )
    shown = await reader.get("/audit")
    assert len(numbers(shown)) == 5
    assert not {elsewhere, of_office} & set(numbers(shown))
    assert len(await table(reader)) == 5
    for number in (elsewhere, of_office):
        assert (await reader.get(f"/audit/{number}")).status == 404
    for path in ("/audit", "/audit/log.csv"):
        assert (await reader.get(f"{path}?building={other.building.slug}")).status == 404
    whole = await filled.site.signed_in()
    assert len(numbers(await whole.get(f"/audit?building={other.building.slug}"))) == 1


async def test_what_belongs_to_another_tenant_is_not_there(filled: Log) -> None:
    async with filled.site.sample.database.work() as uow:
        stranger = await buildings.add_organisation(uow, "another")
        await uow.commit()
    (number,) = await filled.write([Record(Deed.INVITED, "person somebody else")], organisation=stranger)
    reader = await filled.site.signed_in()
    assert number not in numbers(await reader.get("/audit"))
    for wrong in (str(number), "0", "-1", "9" * 30, "rubbish", "%00", "1e3"):
        assert (await reader.get(f"/audit/{wrong}")).status == 404, wrong
    assert "somebody else" not in str(await table(reader))
    assert (await reader.get("/audit?building=ailleurs")).status == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(filled: Log, language: str) -> None:
    reader = await filled.site.signed_in(language=language)
    for path in ("/audit", *(f"/audit/{entry.number}" for entry in await filled.all())):
        shown = await reader.get(path)
        assert shown.status == 200
        assert "office.audit" not in shown.text
