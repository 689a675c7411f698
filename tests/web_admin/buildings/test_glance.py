"""One building at a glance over HTTP: the numbers are those of the books, and of one building."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import text

from core.charges.accounts.model import Owed
from core.interchange.extracts import service as extracts
from core.interchange.extracts.model import Balance
from core.kernel.money import Money
from core.kernel.periods import Period
from core.messaging.channel import Address
from core.people import store as people
from core.people.accounts.model import Role
from core.people.model import Membership, Place
from tests.core.small import OWNERSHIP, PEOPLE, call, payment, small_building, stored
from tests.web_admin.reading import Site
from web_admin.buildings.glance import owing

QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31))
TODAY = date(2026, 11, 22)


def balance(site: Site, name: str, cents: int, due: date | None = None) -> Balance:
    known = site.sample.known
    place = Place(known, Membership(known.building_id, name.casefold(), 1, ("owner",)), True)
    return Balance(name, place, Owed(QUARTER, cents, 0, due=due))


async def test_who_owes_most_comes_first_and_credits_last(rooms: Site) -> None:
    rows = [
        balance(rooms, "Ann", 100, TODAY),
        balance(rooms, "Bob", -500),
        balance(rooms, "Cem", 300, date(2026, 11, 21)),
        balance(rooms, "Dan", 0),
    ]
    found = owing(rows, TODAY, "/people/{person}")
    assert [(row.name, row.cents, row.late, row.path) for row in found.accounts] == [
        ("Cem", 300, True, "/people/cem"),
        ("Ann", 100, False, "/people/ann"),
        ("Bob", -500, False, "/people/bob"),
    ]
    assert (found.owed, found.credit, found.debtors, found.late, found.even) == (Money(400), Money(500), 2, 1, 1)


async def test_the_amounts_are_those_of_the_books(rooms: Site) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        balances = (await extracts.balances(uow, sample.known, None, 100)).rows
    words = rooms.office.catalogues["en"]
    reader = await rooms.signed_in()
    shown = await reader.get("/buildings/tilleuls")
    assert shown.status == 200
    table = re.findall(r'<th scope="row">(.*?)<span class="hint">.*?</th><td class="number">(.*?)</td>', shown.text)
    amounts = {re.sub(r"<.*?>", "", name).replace("&amp;", "&"): amount for name, amount in table}
    owed = {row.name: words.written(Money(row.owed.to_pay)) for row in balances if row.owed.to_pay}
    assert owed
    assert amounts == owed
    for amount in owed.values():
        assert f'y="1.2em">{amount}</text>' in shown.text, "the picture tells the same"
    total = sum(row.owed.to_pay for row in balances if row.owed.to_pay > 0)
    assert f"owe {words.written(Money(total))} in all" in shown.text


async def test_a_credit_is_hatched_and_said_in_words(rooms: Site) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        calls = (call("C", "2026-11-01", 100000),)
        paid = (payment("2026-11-02", "bob", 50000), payment("2026-11-02", "cem", 60000))
        await stored(uow, small_building(calls=calls, payments=paid))
        await uow.commit()
    reader = await rooms.signed_in()
    shown = await reader.get("/buildings/three")
    assert "1 person owes €137.00 in all. 1 is late. Credits come to €237.00." in shown.text
    assert "late since 1 November 2026" in shown.text
    assert '<span class="hint">credit</span>' in shown.text
    assert shown.text.count('fill="url(#balances-below)"') == 1
    assert "1 other person has nothing to pay." in shown.text


async def test_facts_and_what_is_to_do_stand_there(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get("/buildings/tilleuls")
    for said in (
        "Square du Tilleul Argenté 7, 1030 Schaerbeek",
        "1,000",
        "01/01/2026 - 31/12/2026",
        "Français, Nederlands",
    ):
        assert said in shown.text, said
    assert 'aria-current="page">At a glance' in shown.text
    assert 'id="owes"' in shown.text, "the list of what is to do leads there"


async def test_who_takes_part_is_counted(rooms: Site) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        persons = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        await people.link(uow, Address("telegram", "1"), persons["lea-dubois"])
        await uow.connection.execute(text("UPDATE directory SET last_used = :now WHERE handle = '1'"), {"now": uow.now})
        await uow.commit()
    reader = await rooms.signed_in()
    shown = await reader.get("/buildings/tilleuls")
    rows = dict(re.findall(r'<th scope="row">([^<]*)</th><td class="number">(\d+)</td>', shown.text))
    assert rows == {
        **{"By e-mail": "15", "By Telegram": "1", "By Matrix": "0", "By letter": "16"},
        **{"Have linked a chat": "1", "Wrote in the last 90 days": "1"},
    }


async def test_a_building_without_anything_says_what_to_do(rooms: Site) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await stored(uow, small_building(people=PEOPLE, ownership=OWNERSHIP))
        await uow.commit()
    reader = await rooms.signed_in()
    shown = await reader.get("/buildings/three")
    assert "Nobody owes anything today" in shown.text
    assert '<span class="hint">credit</span>' not in shown.text


@pytest.mark.parametrize("slug", ["nowhere", "%00", "%E2%80%AE", "x" * 3000, "tilleuls'--"])
async def test_what_is_not_there_is_not_found(rooms: Site, slug: str) -> None:
    reader = await rooms.signed_in()
    assert (await reader.get(f"/buildings/{slug}")).status == 404


async def test_only_whoever_reads_it_sees_its_money(rooms: Site) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        known = await stored(uow, small_building())
        await uow.commit()
    member = await rooms.signed_in("council@three.example", Role.COUNCIL, building=known.building_id)
    assert (await member.get("/buildings/three")).status == 200
    assert (await member.get("/buildings/tilleuls")).status == 404
    for role in (Role.ACCOUNTANT, Role.AUDITOR):
        reader = await rooms.signed_in(f"{role.value}@tilleuls.example", role)
        assert (await reader.get("/buildings/tilleuls")).status == 200
    assert (await rooms.reader().get("/buildings/tilleuls")).path.startswith("/office/sign-in")
