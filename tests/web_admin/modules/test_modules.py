"""Modules of a building: seen by all who read, switched by the syndic and the council, every decision kept."""

from __future__ import annotations

import asyncio

import pytest

from core.buildings import service as buildings
from core.kernel.i18n import LANGUAGES
from core.modules import NAMES
from core.people.accounts.model import Act, Role, may
from core.people.audit import service as audit
from core.people.council import service as council
from core.people.council.model import Decision
from tests.web_admin.reading import SYNDIC, Reader, Site

MODULES = "/buildings/tilleuls/modules"
TODAY = "2026-11-22"
ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]


async def decisions(rooms: Site) -> list[Decision]:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        return await council.history(uow, rooms.sample.known.building_id)


async def on(rooms: Site) -> tuple[str, ...]:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        return (await buildings.get(uow, rooms.sample.known.building_id)).building.modules


async def switch(reader: Reader, module: str, **fields: str) -> tuple[int, str]:
    await reader.get(f"{MODULES}/{module}")
    shown = await reader.send({"decided_on": TODAY, **fields}, to="")
    return shown.status, shown.text


async def test_all_modules_stand_there_with_what_they_are_for(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get(MODULES)
    for words in (
        "Lending of things",
        "Borrow things from neighbours",
        "No decision is recorded.",
        "Nothing was decided",
    ):
        assert words in shown.text
    for name in NAMES:
        assert f"{MODULES}/{name}" in shown.text


async def test_a_decision_is_followed_kept_and_written_down(rooms: Site) -> None:
    reader = await rooms.signed_in()
    status, page = await switch(reader, "loans", decided_on="2026-11-20", note="Nobody lends.\nSee <minutes>.")
    assert status == 200
    assert "Noted: “Lending of things” is off." in page
    assert "20 November 2026" in page
    assert "Nobody lends.\nSee &lt;minutes&gt;." in page
    assert "loans" not in await on(rooms)
    status, page = await switch(reader, "loans", note="We do, after all.")
    assert "Noted: “Lending of things” is on." in page
    assert "loans" in await on(rooms)
    assert page.index("We do, after all.") < page.index("Nobody lends."), "newest first, and the first is still there"
    assert [(each.on, each.note) for each in await decisions(rooms)] == [
        (True, "We do, after all."),
        (False, "Nobody lends.\nSee <minutes>."),
    ]
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        entries = (await audit.entries(uow)).entries
    assert [(entry.deed, entry.subject, entry.actor.name) for entry in entries] == [
        ("module_switched", "module loans", "nathalie.renard")
    ] * 2


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_switch(rooms: Site, role: Role) -> None:
    reader = await rooms.signed_in(f"{role.value}@renard-gestion.example", role)
    shown = await reader.get(MODULES)
    assert ("Switch off" in shown.text) is may(role, Act.SWITCH)
    token = shown.form("/sign-out")["form_token"]
    shown = await reader.get(f"{MODULES}/loans")
    assert ("decided_on" in shown.text) is may(role, Act.SWITCH)
    sent = {"form_token": token, "to": "off", "decided_on": TODAY, "note": ""}
    done = await reader.post(f"{MODULES}/loans", sent)
    assert done.status == (200 if may(role, Act.SWITCH) else 403)
    assert ("loans" in await on(rooms)) is not may(role, Act.SWITCH)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"decided_on": ""}, "We read no date here."),
        ({"decided_on": "x" * 9000}, "We read no date here."),
        ({"decided_on": "2026-11-23"}, "23 November 2026 is still to come"),
        ({"note": "x" * 501}, "The note may have 500 characters at most."),
        ({"note": "x" * 200_000}, "The note may have 500 characters at most."),
        ({"note": "a\0b"}, "invisible sign"),
        ({"note": "\u202eetnemom"}, "invisible sign"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(rooms: Site, fields: dict[str, str], sentence: str) -> None:
    reader = await rooms.signed_in()
    status, page = await switch(reader, "polls", **{"note": "kept as typed", **fields})
    assert status == 422
    assert sentence in page
    assert 'aria-invalid="true"' in page
    assert fields.get("note", "kept as typed")[:10] in page.replace("\ufffd", "\0")
    assert await decisions(rooms) == []


async def test_a_day_before_the_last_decision_makes_no_sense(rooms: Site) -> None:
    reader = await rooms.signed_in()
    await switch(reader, "polls")
    status, page = await switch(reader, "polls", decided_on="2026-11-21")
    assert status == 422
    assert "21 November 2026 is before the last decision" in page
    assert len(await decisions(rooms)) == 1


async def test_of_two_tabs_the_second_is_told(rooms: Site) -> None:
    reader = await rooms.signed_in()
    first = await reader.get(f"{MODULES}/polls")
    done = await reader.send({"note": "from one"}, on=first)
    assert done.status == 200
    late = await reader.send({"note": "from the other"}, on=first)
    assert late.status == 409
    assert "This module is off already." in late.text
    assert "from the other" in late.text
    assert [each.note for each in await decisions(rooms)] == ["from one"]


async def test_pressed_twice_at_once_is_decided_once(rooms: Site) -> None:
    reader = await rooms.signed_in()
    page = await reader.get(f"{MODULES}/polls")
    both = await asyncio.gather(*(reader.send({"note": "x"}, on=page) for _ in range(4)))
    assert sorted(shown.status for shown in both) == [200, 409, 409, 409]
    assert len(await decisions(rooms)) == 1


async def test_what_is_not_there_is_404(rooms: Site) -> None:
    reader = await rooms.signed_in()
    token = (await reader.get(MODULES)).form("/sign-out")["form_token"]
    for path in (
        f"{MODULES}/everything",
        f"{MODULES}/%00",
        "/buildings/ailleurs/modules",
        "/buildings/ailleurs/modules/sel",
    ):
        assert (await reader.get(path)).status == 404
    assert (await reader.post(f"{MODULES}/everything", {"form_token": token, "to": "on"})).status == 404
    assert (await reader.post(f"{MODULES}/sel", {"form_token": token, "to": "sideways"})).status == 422
    assert (await reader.post(f"{MODULES}/sel", {"to": "off"})).status == 403


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(rooms: Site, language: str) -> None:
    await rooms.account(SYNDIC, language=language)
    reader = rooms.reader(language)
    await reader.sign_in()
    for path in (MODULES, f"{MODULES}/sel"):
        shown = await reader.get(path)
        assert shown.status == 200
        assert "office.modules" not in shown.text
