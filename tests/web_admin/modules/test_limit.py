"""How far balances may go: read by all, decided by the syndic and the council, in hours."""

from __future__ import annotations

import asyncio

import pytest

from core.buildings import store as buildings
from core.community.sel import service as sel
from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Act, Role, may
from core.people.audit import service as audit
from tests.web_admin.reading import SYNDIC, Reader, Shown, Site

MODULES = "/buildings/tilleuls/modules"
LIMIT = f"{MODULES}/sel/limit"
ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]


async def now(rooms: Site) -> int:
    """In minutes."""
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        return await sel.limit(uow, rooms.sample.known.building_id)


async def decide(reader: Reader, hours: str, on: Shown | None = None) -> Shown:
    return await reader.send({"hours": hours}, to="", on=on or await reader.get(LIMIT))


async def test_it_stands_beside_the_switch_and_is_changed_in_hours(rooms: Site) -> None:
    reader = await rooms.signed_in()
    page = await reader.get(MODULES)
    assert "Balances go up to 20 hours above and below zero." in page.text
    assert f'href="/office{LIMIT}"' in page.text
    assert 'value="20"' in (await reader.get(LIMIT)).text
    done = await decide(reader, "35")
    assert (done.status, done.path) == (200, f"/office{MODULES}")
    assert "Noted: balances go up to 35 hours above and below zero." in done.text
    assert await now(rooms) == 35 * 60
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        (entry, *_) = (await audit.entries(uow)).entries
    assert (entry.deed, entry.subject, entry.before, entry.after) == (
        *("settings_changed", "module sel"),
        *({"limit_hours": 20}, {"limit_hours": 35}),
    )
    assert "limit of balances, in hours" in (await reader.get(f"/audit/{entry.number}")).text
    assert "nothing has changed" in (await decide(reader, "35")).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Please write a whole number of hours"),
        ("abc", "Please write a whole number of hours"),
        ("1,5", "Please write a whole number of hours"),
        ("-3", "Please write a whole number of hours"),
        ("٢٠", "Please write a whole number of hours"),
        ("9" * 5000, "Please write a whole number of hours"),
        ("<b>\u202e", "Please write a whole number of hours"),
        ("0", "The limit lies between 1 hour and 1000 hours."),
        ("1001", "The limit lies between 1 hour and 1000 hours."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(rooms: Site, typed: str, sentence: str) -> None:
    reader = await rooms.signed_in()
    shown = await decide(reader, typed)
    assert shown.status == 422
    assert sentence in shown.text.replace("1,000", "1000").partition('id="hours-error"')[2][:200], shown.text
    assert await now(rooms) == 1200


async def test_of_two_tabs_the_second_is_told(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = await reader.get(LIMIT)
    both = await asyncio.gather(*(decide(reader, hours, form) for hours in ("10", "40", "50")))
    assert sorted(each.status for each in both) == [200, 409, 409]
    late = await decide(reader, "77", form)
    assert late.status == 409
    assert "Somebody has changed this limit meanwhile" in late.text
    assert 'value="77"' in late.text, "what was typed stays"
    assert await now(rooms) in (600, 2400, 3000)
    assert (await decide(reader, "77", late)).status == 200, "who has read it may go on"
    assert await now(rooms) == 77 * 60


@pytest.mark.parametrize("role", ROLES)
async def test_who_reads_and_who_decides(rooms: Site, role: Role) -> None:
    reader = await rooms.signed_in(f"{role.value}@renard-gestion.example", role)
    decides = may(role, Act.SWITCH)
    shown = await reader.get(LIMIT)
    assert shown.status == 200
    assert ('name="hours"' in shown.text) is decides
    sent = {"form_token": shown.form("/sign-out")["form_token"], "seen": "1200", "hours": "30"}
    assert (await reader.post(LIMIT, sent)).status == (200 if decides else 403)
    assert await now(rooms) == (1800 if decides else 1200)


async def test_of_others_it_is_not_there(rooms: Site) -> None:
    async with rooms.sample.database.work() as uow:
        firm = await buildings.add_organisation(uow, "others")
        await uow.commit()
    await rooms.account("x@kopro.example", organisation=firm)
    reader = rooms.reader()
    await reader.sign_in("x@kopro.example")
    token = (await reader.get("/")).form("/sign-out")["form_token"]
    assert (await reader.get(LIMIT)).status == 404
    assert (await reader.post(LIMIT, {"form_token": token, "seen": "1200", "hours": "30"})).status == 404
    assert await now(rooms) == 1200


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(rooms: Site, language: str) -> None:
    await rooms.account(SYNDIC, language=language)
    reader = rooms.reader(language)
    await reader.sign_in()
    for path in (MODULES, LIMIT):
        assert "office.modules" not in (await reader.get(path)).text
