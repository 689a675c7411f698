"""A building's details: read by all who may, changed by who may write; two at one time, and what is wrong beside its field."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.buildings import service as buildings
from core.buildings.model import Building
from core.interchange.amendments import service as amendments
from core.people.accounts.model import Role
from core.people.audit import service as audit
from tests.web_admin.reading import Reader, Shown, Site
from web_admin.details.form import FIELDS, fields_of, settings_of

HERE = "/buildings/tilleuls/details"
EDIT = f"{HERE}/edit"


def open_form(shown: Shown) -> dict[str, str]:
    """The fields as a browser sends them: choices too, ticks only where they are set."""
    import re

    form = shown.form()
    for name, value in re.findall(r'<select id="(\w+)"[\s\S]*?<option value="([^"]*)" selected', shown.text):
        form[name] = value
    for name in [name for name in form if name.startswith("also_")]:
        if not re.search(rf'id="{name}"[^>]* checked', shown.text):
            del form[name]
    form.pop("action")
    return form


async def building_now(site: Site) -> Building:
    async with site.sample.database.work(site.sample.organisation) as uow:
        return (await buildings.get(uow, site.sample.known.building_id)).building


async def log(site: Site) -> list[tuple[str, str]]:
    async with site.sample.database.work(site.sample.organisation) as uow:
        return [(entry.deed, entry.actor.name) for entry in (await audit.entries(uow)).entries]


async def change(reader: Reader, **fields: str) -> Shown:
    form = open_form(await reader.get(EDIT))
    return await reader.post(EDIT, {**form, **fields})


# ---------------------------------------------------------------------------------------------------------------- read


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.COUNCIL, Role.AUDITOR])
async def test_everybody_of_the_office_reads_and_who_may_not_write_is_offered_nothing(rooms: Site, role: Role) -> None:
    reader = await rooms.signed_in("reader@renard-gestion.example", role)
    shown = await reader.get(HERE)
    assert shown.status == 200
    for there in ("Résidence Les Tilleuls", "0999.999.922", "BE68 5390 0754 7034", "15 April", "30 June 2008"):
        assert there in shown.text
    assert "15, 30, 60 days after the due date" in shown.text
    assert "The legal rate" in shown.text
    assert "details/edit" not in shown.text
    assert (await reader.get(EDIT)).status == 403
    token = shown.form("/sign-out")["form_token"]
    assert (await reader.post(EDIT, {"form_token": token, "name": "Mine"})).status == 403


async def test_it_is_said_why_the_short_name_and_the_modules_stay(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get(HERE)
    assert "tilleuls. It stands in links and exports" in shown.text
    assert "The co-ownership council decides about them." in shown.text
    form = (await reader.get(EDIT)).form()
    assert "slug" not in form
    assert "modules" not in form
    done = await change(reader, slug="mine", modules="", city="Evere")
    assert done.path.endswith(HERE)
    now = await building_now(rooms)
    assert (now.slug, len(now.modules), now.city) == ("tilleuls", 7, "Evere")


async def test_a_building_of_another_tenant_or_of_nobody_is_not_there(rooms: Site) -> None:
    reader = await rooms.signed_in()
    for slug in ("elsewhere", "TILLEULS", "%20", "a" * 500):
        for page in ("details", "details/edit"):
            assert (await reader.get(f"/buildings/{slug}/{page}")).status == 404


# -------------------------------------------------------------------------------------------------------------- change


async def test_everything_can_be_changed_at_once_and_is_logged(rooms: Site) -> None:
    reader = await rooms.signed_in()
    done = await change(
        reader,
        name="  Les Tilleuls d'Argent ",
        address="Square du Tilleul 9",
        postal_code="1140",
        city="Evere",
        region="flanders",
        language="nl",
        enterprise_number="BE 0123 456 749",
        year_day="1",
        year_month="4",
        window_day="20",
        window_month="6",
        provisional_acceptance="2010-01-31",
        settlement="yearly",
        working="be91 0010 0000 0076",
        reserve="",
        reminder_days="10 20; 40",
        rate="7,50",
        article="art. 23",
        syndic_name="Renard & Fils",
        syndic_email="bureau@renard-gestion.example",
        syndic_phone="+32 2 555 01 41",
        syndic_emergency="",
    )
    assert "The details are saved." in done.text
    now = await building_now(rooms)
    assert (now.name, now.address, now.postal_code, now.city) == (
        "Les Tilleuls d'Argent",
        "Square du Tilleul 9",
        "1140",
        "Evere",
    )
    assert (now.region, now.languages, now.enterprise_number) == ("flanders", ("nl", "de", "en"), "0123.456.749")
    assert (now.financial_year_start, now.assembly_window_start, now.settlement) == ((4, 1), (6, 20), "yearly")
    assert (now.working_iban, now.reserve_iban) == ("BE91001000000076", "")
    assert (now.reminder_days, now.interest) == ((10, 20, 40), ("7.50", "art. 23"))
    assert (now.syndic.name, now.syndic.emergency) == ("Renard & Fils", "")
    assert await log(rooms) == [("building_changed", "nathalie.renard")]
    shown = await reader.get(HERE)
    assert "7.50 % (art. 23)" in shown.text
    assert "Renard &amp; Fils" in shown.text


async def test_what_is_not_different_is_not_written(rooms: Site) -> None:
    reader = await rooms.signed_in()
    assert "Nothing was different." in (await change(reader)).text
    assert await log(rooms) == []


@pytest.mark.parametrize(
    ("fields", "where", "sentence"),
    [
        ({"name": ""}, "name", "Please fill this in."),
        ({"working": "BE68 5390 0754 7035"}, "working", "is no valid IBAN: a digit is wrong or missing."),
        ({"reserve": "<b>x</b>"}, "reserve", "“&lt;b&gt;x&lt;/b&gt;” is no valid IBAN"),
        ({"enterprise_number": "0123.456.748"}, "enterprise_number", "is no valid enterprise number"),
        ({"syndic_email": "nobody"}, "syndic_email", "“nobody” is no e-mail address."),
        ({"year_day": "29", "year_month": "3"}, "year_day", "Choose a day from 1 to 28"),
        ({"window_day": "31", "window_month": "2"}, "window_day", "choose a day and a month"),
        ({"window_day": "", "window_month": "2"}, "window_day", "choose a day and a month"),
        ({"window_day": "x" * 50}, "window_day", "choose a day and a month"),
        ({"provisional_acceptance": "30/06/2008"}, "provisional_acceptance", "We read no date here."),
        ({"provisional_acceptance": "0001-01-01"}, "provisional_acceptance", "We read no date here."),
        ({"region": "narnia"}, "region", "Choose something from the list."),
        ({"language": "xx"}, "language", "Choose something from the list."),
        ({"reminder_days": "30, 15"}, "reminder_days", "Write growing numbers of days"),
        ({"reminder_days": "soon"}, "reminder_days", "“&#34;soon&#34;” is no whole number"),
        ({"rate": "8"}, "rate", "Give the rate, for example 8.00, and the article"),
        ({"name": "x" * 10_000}, "name", "This is too long: 10,000 characters, at most 2,000."),
        ({"name": "Les \u202esliarT"}, "name", "invisible sign U+202E"),
        ({"city": "Lou\u200fvain"}, "city", "invisible sign U+200F"),
        ({"city": "a\0b"}, "city", "invisible sign U+0000"),
        ({"address": "one\ntwo"}, "address", "Write it all on one line."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    rooms: Site, fields: dict[str, str], where: str, sentence: str
) -> None:
    reader = await rooms.signed_in()
    before = await building_now(rooms)
    shown = await change(reader, syndic_phone="+32 2 000 00 00", **fields)
    assert shown.status == 422
    assert "Nothing was changed." in shown.text
    place = shown.text.index(f'id="{where}-error"')
    assert sentence in shown.text[place : place + 300]
    assert 'value="+32 2 000 00 00"' in shown.text, "what was typed besides is kept"
    assert await building_now(rooms) == before
    assert await log(rooms) == []


async def test_all_that_is_wrong_is_said_at_once_and_mended_in_one_go(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await change(reader, name="", working="BE00", city="Evere")
    assert shown.status == 422
    assert "2 points have to be put right." in shown.text
    done = await reader.post(EDIT, {**open_form(shown), "name": "Tilleuls", "working": ""})
    assert "The details are saved." in done.text
    assert ((await building_now(rooms)).name, (await building_now(rooms)).city) == ("Tilleuls", "Evere")


async def test_a_form_without_anything_changes_nothing(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = (await reader.get(EDIT)).form()
    before = await building_now(rooms)
    shown = await reader.post(EDIT, {"form_token": form["form_token"]})
    assert shown.status == 409, "no version: nobody knows what he saw"
    assert await building_now(rooms) == before


# ---------------------------------------------------------------------------------------------------------------- two


async def test_of_two_tabs_the_second_sees_both_and_overwrites_nothing(rooms: Site) -> None:
    first, second = await rooms.signed_in(), await rooms.signed_in("colleague@renard-gestion.example")
    one, two = open_form(await first.get(EDIT)), open_form(await second.get(EDIT))
    assert "saved" in (await first.post(EDIT, {**one, "city": "Evere", "region": "flanders", "year_month": "7"})).text
    shown = await second.post(EDIT, {**two, "city": "Jette", "postal_code": "1090"})
    assert shown.status == 409
    assert "This building was changed meanwhile. Nothing was overwritten" in shown.text
    form = open_form(shown)
    assert (form["city"], form["postal_code"]) == ("Jette", "1090"), "what was typed is kept"
    assert "There is now: Evere" in shown.text
    assert "There is now: Flanders" in shown.text
    assert (form["region"], form["year_month"]) == ("flanders", "7"), "what was not touched follows"
    assert (await building_now(rooms)).city == "Evere"
    assert "saved" in (await second.post(EDIT, form)).text
    now = await building_now(rooms)
    assert (now.city, now.postal_code, now.region, now.financial_year_start) == ("Jette", "1090", "flanders", (7, 1))


async def test_what_was_changed_elsewhere_is_said_too(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = open_form(await reader.get(EDIT))
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await uow.connection.execute(text("UPDATE lots SET floor = 'x' WHERE lot = 'RC'"))
        await uow.commit()
    shown = await reader.post(EDIT, {**form, "city": "Evere"})
    assert shown.status == 409
    assert "Nothing on this page is different: save again." in shown.text
    assert "saved" in (await reader.post(EDIT, open_form(shown))).text


@pytest.mark.parametrize("base", ["", "[]", "{", '{"city": 5}', "[" * 10_000])
async def test_a_form_that_forgot_what_it_showed_takes_nothing_for_granted(rooms: Site, base: str) -> None:
    reader = await rooms.signed_in()
    form = open_form(await reader.get(EDIT))
    shown = await reader.post(EDIT, {**form, "version": "old", "base": base, "city": "Jette"})
    assert shown.status == 409
    assert open_form(shown)["city"] == "Jette"
    assert "There is now: Schaerbeek" in shown.text


# --------------------------------------------------------------------------------------------------------------- forms


async def test_what_the_fields_show_says_what_the_building_says(rooms: Site) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        settings = (await amendments.editable(uow, rooms.sample.known.building_id)).typed.settings
    fields = fields_of(settings)
    assert set(fields) == set(FIELDS)
    said = settings_of(fields, settings)
    assert {name: settings[name] for name in said} == said
    assert set(settings) - set(said) == {"slug", "modules", "shares_total"}
