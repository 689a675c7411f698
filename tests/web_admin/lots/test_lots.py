"""The lots of a building: all of them in one form, so that two can change at once; who was faster, what is wrong, what binds."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from core.buildings import service as buildings
from core.buildings.model import Lot
from core.charges.bookkeeping import service as bookkeeping
from core.interchange.tables import OWNERSHIP, TENANCIES, WEIGHTS
from core.people.accounts.model import Role
from core.people.audit import service as audit
from tests.web_admin.lots.reading import typed_now
from tests.web_admin.reading import Reader, Shown, Site
from web_admin.pages import PREFIX

HERE = "/buildings/tilleuls/lots"
EDIT = f"{HERE}/edit"
BARE = "/buildings/bare/lots/edit"


def sent(shown: Shown) -> dict[str, str]:
    """The fields as a browser sends them: choices too, ticks only where they are set."""
    form = shown.form()
    for name, value in re.findall(r'<select id="([\w-]+)"[\s\S]*?<option value="([^"]*)" selected', shown.text):
        form[name] = value
    for name in [name for name in form if name.startswith("gone-")]:
        if not re.search(rf'id="{name}"[^>]* checked', shown.text):
            del form[name]
    del form["action"]
    return form


def place(form: dict[str, str], lot: str) -> int:
    """The row of a lot; of no lot, the first empty one."""
    if lot:
        return next(int(name[4:]) for name, value in form.items() if name.startswith("was-") and value == lot)
    return next(int(name[4:]) for name, value in form.items() if re.fullmatch(r"lot-\d+", name) and not value)


def with_lot(form: dict[str, str], lot: str, /, **cells: str) -> dict[str, str]:
    return {**form, **{f"{name}-{place(form, lot)}": value for name, value in cells.items()}}


async def now(site: Site) -> dict[str, Lot]:
    async with site.sample.database.work(site.sample.organisation) as uow:
        return {row.lot: row for row in await buildings.lots(uow, site.sample.known.building_id)}


async def log(site: Site) -> list[tuple[str, str]]:
    async with site.sample.database.work(site.sample.organisation) as uow:
        return sorted((entry.deed, entry.subject) for entry in (await audit.entries(uow)).entries)


async def press(reader: Reader, form: dict[str, str], path: str = EDIT) -> Shown:
    """Saves; where it is asked whether one is sure, says yes."""
    shown = await reader.post(path, form)
    if 'name="sure"' not in shown.text:
        return shown
    yes = re.search(r'name="sure" value="(\w+)"', shown.text)
    assert yes
    return await reader.post(path, {**sent(shown), "sure": yes[1]})


@pytest.fixture
async def bare(rooms: Site) -> Site:
    """The same with a second building, that has no books yet: two lots of 400 and 600, somebody and a tenant."""
    from core.buildings.model import Building, Weight
    from tests.core.small import owns, resident, small_building, stored

    building = Building("Bare", "bare", languages=("fr",), shares_total=1000, source="")
    files = small_building(
        "bare",
        building=building,
        lots=(Lot("A", "apartment", "0", 400), Lot("B", "apartment", "1", 600)),
        weights=(Weight("lift", "B", 1), Weight("lift", "A", 1)),
        people=(resident("ann", email="ann@bare.example"), resident("tim", "tenant", email="tim@bare.example")),
        ownership=(owns("A", "ann"), owns("B", "ann")),
    )
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await stored(uow, files)
        await uow.commit()
    return rooms


# ---------------------------------------------------------------------------------------------------------------- read


async def test_every_lot_with_its_shares_and_its_owners_of_today(rooms: Site) -> None:
    reader = await rooms.signed_in("reader@renard-gestion.example", Role.AUDITOR)
    shown = await reader.get(HERE)
    assert shown.status == 200
    rows = re.findall(r"<tr><th scope=\"row\">(\w+)</th>[\s\S]*?</tr>", shown.text)
    assert rows == list(await now(rooms))
    assert "24 lots, with their shares" in shown.text
    assert re.search(r"3A</th><td>Apartment</td>.*>84</td><td>Léa Dubois</td>", shown.text)
    assert "(usufruct)" in shown.text
    assert "Olivier Lambert (bare ownership)" in shown.text
    assert ">1,000</td>" in shown.text
    assert "lots/edit" not in shown.text
    assert (await reader.get(EDIT)).status == 403
    token = shown.form("/sign-out")["form_token"]
    assert (await reader.post(EDIT, {"form_token": token})).status == 403


async def test_lots_of_others_are_not_there(bare: Site) -> None:
    reader = await bare.signed_in()
    for slug in ("elsewhere", "TILLEULS"):
        assert (await reader.get(f"/buildings/{slug}/lots")).status == 404
        assert (await reader.get(f"/buildings/{slug}/lots/edit")).status == 404
    one = await bare.signed_in("other@renard-gestion.example", building=bare.sample.known.building_id)
    assert (await one.get(EDIT)).status == 200
    form = sent(one.last or await one.get(EDIT))
    assert (await one.get(BARE)).status == 404
    assert (await one.post(BARE, form)).status == 404


# -------------------------------------------------------------------------------------------------------------- change


async def test_two_lots_change_at_once_and_the_books_follow_after_a_yes(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(EDIT))
    form = with_lot(with_lot(form, "RC", shares="90"), "1A", shares="82", floor="mezzanine")
    asked = await reader.post(EDIT, form)
    assert asked.status == 200
    assert "Nothing is saved yet." in asked.text
    assert re.search(r"\d+ entries are reversed and booked again", asked.text)
    assert (await now(rooms))["RC"].shares == 92, "not before the yes"
    assert sent(asked)["shares-0"] == "90", "what was typed is kept"
    done = await press(reader, form)
    assert "The lots are saved." in done.text
    after = await now(rooms)
    assert (after["RC"].shares, after["1A"].shares, after["1A"].floor) == (90, 82, "mezzanine")
    assert await log(rooms) == [("lot_changed", "lot 1A"), ("lot_changed", "lot RC")]
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        assert await bookkeeping.verify(uow, rooms.sample.known.building_id) == []


async def test_a_yes_to_one_change_is_none_to_another(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(EDIT))
    asked = await reader.post(EDIT, with_lot(with_lot(form, "RC", shares="90"), "1A", shares="82"))
    yes = re.search(r'name="sure" value="(\w+)"', asked.text)
    assert yes
    other = with_lot(with_lot(form, "RC", shares="0"), "1A", shares="172")
    again = await reader.post(EDIT, {**other, "sure": yes[1]})
    assert "Nothing is saved yet." in again.text
    assert (await now(rooms))["RC"].shares == 92


async def test_what_changes_nothing_in_the_books_is_saved_at_once(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(EDIT))
    done = await reader.post(EDIT, with_lot(form, "C1", kind="other", floor="basement"))
    assert "The lots are saved." in done.text
    assert (await now(rooms))["C1"] == Lot("C1", "other", "basement", 6)
    assert "Nothing was different." in (await reader.post(EDIT, sent(await reader.get(EDIT)))).text


async def test_a_new_lot_comes_with_its_owner(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = {**sent(await reader.get(EDIT)), "shares_total": "1010"}
    new = {"lot": "P1", "kind": "parking", "floor": "-1", "shares": "10"}
    shown = await reader.post(EDIT, with_lot(form, "", **new))
    assert shown.status == 422
    assert "these lots would bear charges without having an owner: P1. Say whose they are" in shown.text
    assert re.search(r"From \d+ \w+ 20\d\d on these lots", shown.text), "the first day, as one writes it"
    assert sent(shown)[f"lot-{place(form, '')}"] == "P1"
    done = await press(reader, with_lot(form, "", **new, owner="james-carter", since="2010-01-01"))
    assert "The lots are saved." in done.text
    assert (await now(rooms))["P1"] == Lot("P1", "parking", "-1", 10)
    (right,) = [row for row in (await typed_now(rooms, "tilleuls")).rows(OWNERSHIP) if row["lot"] == "P1"]
    assert (right["person"], right["from"], right["right"]) == ("james-carter", "2010-01-01", "full")
    assert ("ownership_changed", "lot P1") in await log(rooms)


async def test_an_owner_needs_a_day_and_has_to_be_somebody(bare: Site) -> None:
    reader = await bare.signed_in()
    form = {**sent(await reader.get(BARE)), "shares_total": "1010"}
    shown = await reader.post(BARE, with_lot(form, "", lot="C", shares="10", owner="tim"))
    assert shown.status == 422
    assert re.search(r'id="since-2-error">Please fill this in\.', shown.text)
    shown = await reader.post(BARE, with_lot(form, "", lot="C", shares="10", owner="mallory", since="2026-01-01"))
    assert re.search(r'id="owner-2-error">[^<]*nobody “mallory”', shown.text)
    shown = await reader.post(BARE, with_lot(form, "", lot="C", shares="10", owner="tim", since="2026-01-01"))
    assert "The lots are saved." in shown.text
    roles = {row["person"]: row["roles"] for row in (await typed_now(bare, "bare")).tables["people.csv"]}
    assert roles["tim"] == "tenant;owner", "who gets a lot is an owner"


async def test_a_lot_that_is_called_otherwise_is_so_everywhere(bare: Site) -> None:
    reader = await bare.signed_in()
    form = sent(await reader.get(BARE))
    done = await press(reader, with_lot(with_lot(form, "A", lot="B"), "B", lot="A0"), BARE)
    assert "The lots are saved." in done.text
    after = await typed_now(bare, "bare")
    assert [(row["lot"], row["shares"]) for row in after.tables["lots.csv"]] == [("B", "400"), ("A0", "600")]
    assert [row["lot"] for row in after.rows(OWNERSHIP)] == ["B", "A0"]
    assert [row["lot"] for row in after.rows(WEIGHTS)] == ["A0", "B"]


async def test_a_lot_goes_with_all_that_hangs_on_it_after_a_yes(bare: Site) -> None:
    reader = await bare.signed_in()
    form = {**with_lot(sent(await reader.get(BARE)), "B", gone="yes"), "shares_total": "400"}
    asked = await reader.post(BARE, form)
    assert "Lot B disappears, with its owners, its tenants and its weight" in asked.text
    assert len((await typed_now(bare, "bare")).tables["lots.csv"]) == 2
    done = await press(reader, form, BARE)
    assert "The lots are saved." in done.text
    after = await typed_now(bare, "bare")
    for table in (OWNERSHIP, WEIGHTS, TENANCIES):
        assert all(row["lot"] == "A" for row in after.rows(table))
    assert after.settings["shares_total"] == "400"


async def test_a_lot_that_stands_in_the_books_is_neither_removed_nor_renamed(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(EDIT))
    before = await now(rooms)
    for cells in ({"gone": "yes"}, {"lot": "3A2"}):
        shown = await reader.post(EDIT, {**with_lot(form, "3A", **cells), "shares_total": "916"})
        assert shown.status == 422
        row = place(form, "3A")
        assert f'id="lot-{row}-error">Lot 3A stands in the books' in shown.text
        assert await now(rooms) == before


async def test_more_rows_keep_what_was_typed(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = with_lot(sent(await reader.get(EDIT)), "", lot="P1", shares="10")
    shown = await reader.post(EDIT, {**with_lot(form, "RC", shares="91"), "more": "yes"})
    after = sent(shown)
    assert shown.status == 200
    assert (after["shares-0"], after["lot-24"]) == ("91", "P1")
    assert sum(name.startswith("lot-") for name in after) == 24 + 1 + 5


# --------------------------------------------------------------------------------------------------------------- wrong


@pytest.mark.parametrize(
    ("cells", "field", "sentence"),
    [
        ({"shares": "93"}, "shares_total", "The shares add up to 1,001, not 1,000. Change the shares or this sum."),
        ({"shares": ""}, "shares-0", "Please fill this in."),
        ({"shares": "-5"}, "shares-0", "“-5” is no whole number: write digits only."),
        ({"shares": "1e3"}, "shares-0", "is no whole number"),
        ({"shares": "9" * 40}, "shares-0", "Write a number from 0 to 999,999,999,999."),
        ({"lot": ""}, "lot-0", "Please fill this in."),
        ({"lot": "3A"}, "lot-5", "“3A” is here already."),
        ({"lot": "x" * 10_000}, "lot-0", "This is too long: 10,000 characters, at most 2,000."),
        ({"lot": "x" * 101}, "lot-0", "This is too long: 101 characters, at most 100."),
        ({"lot": "R\u202eC"}, "lot-0", "invisible sign U+202E"),
        ({"floor": "\u200f0"}, "floor-0", "invisible sign U+200F"),
        ({"floor": "0\0"}, "floor-0", "invisible sign U+0000"),
        ({"floor": "a\nb"}, "floor-0", "Write it all on one line."),
        ({"kind": "castle"}, "kind-0", "Choose something from the list."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    bare: Site, cells: dict[str, str], field: str, sentence: str
) -> None:
    """In the building without books, but for the sum and what stands twice."""
    path = EDIT if field in ("shares_total", "lot-5") else BARE
    reader = await bare.signed_in()
    form = sent(await reader.get(path))
    before = (await typed_now(bare, "tilleuls"), await typed_now(bare, "bare"))
    shown = await reader.post(path, {**form, **{f"{name}-0": value for name, value in cells.items()}})
    assert shown.status == 422
    if field == "lot-5":
        assert "stands in the books" in shown.text or sentence in shown.text
    else:
        at = shown.text.index(f'id="{field}-error"')
        assert sentence in shown.text[at : at + 200]
        assert re.search(rf'aria-describedby="[^"]*{field}-error"', shown.text)
    assert (await typed_now(bare, "tilleuls"), await typed_now(bare, "bare")) == before
    assert await log(bare) == []


@pytest.mark.parametrize("whole", ["", "0", "many", "-1", "1" * 500, "1000\u202e"])
async def test_a_sum_that_is_none_is_told(rooms: Site, whole: str) -> None:
    reader = await rooms.signed_in()
    shown = await reader.post(EDIT, {**sent(await reader.get(EDIT)), "shares_total": whole})
    assert shown.status == 422
    assert 'id="shares_total-error"' in shown.text
    assert len(await now(rooms)) == 24


async def test_a_form_that_leaves_lots_out_takes_none_away(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(EDIT))
    few = {name: form[name] for name in ("form_token", "version", "base", "shares_total")}
    shown = await reader.post(EDIT, few)
    assert "Nothing was different." in shown.text
    shown = await reader.post(EDIT, {**few, "lot-0": "X", "was-0": "no such lot", "kind-0": "other", "shares-0": "0"})
    assert len(await now(rooms)) >= 24


async def test_more_rows_than_anybody_types_are_refused(bare: Site) -> None:
    reader = await bare.signed_in()
    form = sent(await reader.get(BARE))
    rows = {f"{name}-{number}": f"L{number}" for number in range(2, 2500) for name in ("lot", "shares")}
    shown = await reader.post(BARE, {**form, **rows})
    assert shown.status in (413, 422)
    assert len((await typed_now(bare, "bare")).tables["lots.csv"]) == 2


# ------------------------------------------------------------------------------------------------------------------ two


async def test_of_two_tabs_the_second_sees_both_and_overwrites_nothing(bare: Site) -> None:
    first, second = await bare.signed_in(), await bare.signed_in("colleague@renard-gestion.example")
    one, two = sent(await first.get(BARE)), sent(await second.get(BARE))
    one = with_lot(with_lot(one, "A", shares="500", kind="commercial"), "B", shares="500")
    one = with_lot(one, "", lot="C", shares="0")
    assert "saved" in (await press(first, one, BARE)).text
    two = with_lot(with_lot(two, "A", shares="450", floor="ground"), "B", shares="550")
    two = with_lot(two, "", lot="D", shares="0")
    shown = await press(second, two, BARE)
    assert shown.status == 409
    assert "This building was changed meanwhile. Nothing was overwritten" in shown.text
    assert shown.text.count("There is now: 500") == 2
    assert "There is now: Commercial" in shown.text
    assert "This lot was added meanwhile." in shown.text
    form = sent(shown)
    a, c = place(form, "A"), place(form, "C")
    assert (form[f"shares-{a}"], form[f"floor-{a}"]) == ("450", "ground"), "what was typed is kept"
    assert (form[f"kind-{a}"], form[f"lot-{c}"]) == ("commercial", "C"), "what was not touched follows"
    rows = (await typed_now(bare, "bare")).tables["lots.csv"]
    assert [row["shares"] for row in rows] == ["500", "500", "0"], "nothing is overwritten"
    assert "saved" in (await press(second, form, BARE)).text
    rows = (await typed_now(bare, "bare")).tables["lots.csv"]
    assert [(row["lot"], row["shares"]) for row in rows] == [("A", "450"), ("B", "550"), ("C", "0"), ("D", "0")]
    assert rows[0]["kind"] == "commercial"


async def test_a_lot_that_was_removed_meanwhile_is_told(bare: Site) -> None:
    reader = await bare.signed_in()
    two = with_lot(sent(await reader.get(BARE)), "B", floor="2")
    one = {**with_lot(sent(await reader.get(BARE)), "B", gone="yes"), "shares_total": "400"}
    assert "saved" in (await press(reader, one, BARE)).text
    shown = await reader.post(BARE, two)
    assert shown.status == 409
    assert "This lot was removed meanwhile. Save to add it again" in shown.text
    form = sent(shown)
    assert (form["lot-1"], form["floor-1"], form["shares_total"]) == ("B", "2", "400")
    assert "was-1" not in form
    assert len((await typed_now(bare, "bare")).tables["lots.csv"]) == 1


async def test_what_was_changed_elsewhere_is_said_too(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = with_lot(sent(await reader.get(EDIT)), "C1", floor="cellar")
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await uow.connection.execute(text("UPDATE buildings SET city = 'Evere'"))
        await uow.commit()
    shown = await reader.post(EDIT, form)
    assert shown.status == 409
    assert "Nothing on this page is different: save again." in shown.text
    assert "saved" in (await reader.post(EDIT, sent(shown))).text
    assert (await now(rooms))["C1"].floor == "cellar"


@pytest.mark.parametrize(
    "base", ["", "[]", "{", '{"lots": 5, "whole": []}', '{"lots": {"RC": [], "1A": {"kind": {}}}}']
)
async def test_a_form_that_forgot_what_it_showed_takes_nothing_for_granted(rooms: Site, base: str) -> None:
    reader = await rooms.signed_in()
    form = with_lot(sent(await reader.get(EDIT)), "RC", floor="ground")
    shown = await reader.post(EDIT, {**form, "version": "old", "base": base})
    assert shown.status == 409
    assert sent(shown)["floor-0"] == "ground"
    assert (await now(rooms))["RC"].floor == "0"


async def test_the_form_is_small_and_leads_back(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get(EDIT)
    assert len(shown.text.encode()) < 100_000
    assert f'href="{PREFIX}{HERE}"' in shown.text
