"""A building of 400 lots and as many owners: every page stays small, nothing typed is lost between the parts of the form, all counts."""

from __future__ import annotations

import re

import pytest

from core.interchange.tables import WEIGHTS
from core.kernel.i18n import LANGUAGES
from tests.web_admin.browser import LARGEST
from tests.web_admin.lots.reading import MANY, build_tower, typed_now
from tests.web_admin.lots.test_lots import press, sent
from tests.web_admin.reading import SYNDIC, Reader, Shown, Site
from web_admin.lots.parts import SIZE, base_in, packed, rest_in, unpacked

HERE = "/buildings/tower/lots"
EDIT = f"{HERE}/edit"


@pytest.fixture
async def tower(rooms: Site) -> Site:
    """The same with the tower."""
    await build_tower(rooms.sample)
    return rooms


async def lots_now(site: Site) -> dict[str, str]:
    """The shares of each lot."""
    return {row["lot"]: row["shares"] for row in (await typed_now(site, "tower")).tables["lots.csv"]}


def small(shown: Shown) -> Shown:
    assert len(shown.text.encode()) < LARGEST, f"{shown.path}: {len(shown.text.encode())} bytes"
    return shown


async def part(reader: Reader, form: dict[str, str], number: int) -> dict[str, str]:
    shown = small(await reader.post(EDIT, {**form, "part": str(number)}))
    assert shown.status == 200
    return sent(shown)


async def test_every_part_is_small_and_all_lots_stand_in_one(tower: Site) -> None:
    reader = await tower.signed_in()
    form = sent(small(await reader.get(EDIT)))
    seen: list[str] = []
    for number in range(1, 8):
        form = await part(reader, form, number)
        seen += [value for name, value in form.items() if name.startswith("was-")]
    assert seen == list(await lots_now(tower))
    assert "shares-402" in form, "the empty rows are in the last"
    assert "Nothing was different." in (await reader.post(EDIT, form)).text
    table = small(await reader.get(HERE))
    assert "400 lots" in table.text
    assert "Page 1 of 4" in table.text
    last = small(await reader.get(f"{HERE}?page=4"))
    assert ">A400</th>" in last.text
    assert "/lots/edit?part=7" in last.text
    assert 'value="A361"' in small(await reader.get(f"{EDIT}?part=7")).text
    for odd in ("0", "-1", "99999", "x", "%00", "9" * 50):
        assert (await reader.get(f"{EDIT}?part={odd}")).status == 200
        assert (await reader.get(f"{HERE}?page={odd}")).status == 200


async def test_what_is_typed_in_one_part_goes_with_the_others(tower: Site) -> None:
    """One changes in the first, one in the last, one goes, one is new: the sum is that of the building."""
    reader = await tower.signed_in()
    form = sent(await reader.get(EDIT))
    form["shares-0"], form["floor-1"] = "20", "méz<b>'\""
    form = await part(reader, form, 4)
    form[f"gone-{3 * SIZE}"] = "yes"
    form = await part(reader, form, 7)
    form |= {"shares-399": "30", "lot-400": "P1", "kind-400": "parking", "shares-400": "24"}
    form |= {"owner-400": "Owner-Of-Lot-007", "since-400": "2020-01-01"}
    form = await part(reader, form, 1)
    assert (form["shares-0"], form["floor-1"]) == ("20", "méz<b>'\"")
    refused = small(await reader.post(EDIT, form))
    assert refused.status == 422
    assert "The shares add up to 9,999, not 10,000." in refused.text
    assert sent(refused)["shares-0"] == "20"
    form = await part(reader, sent(refused), 7)
    assert (form["shares-399"], form["lot-400"], form["owner-400"]) == ("30", "P1", "Owner-Of-Lot-007")
    form["shares-400"] = "25"
    done = await press(reader, form, EDIT)
    assert "The lots are saved." in done.text
    now = await lots_now(tower)
    assert (now["A001"], now["A400"], now["P1"], len(now)) == ("20", "30", "25", MANY)
    assert "A181" not in now
    rows = await typed_now(tower, "tower")
    assert next(row["floor"] for row in rows.tables["lots.csv"] if row["lot"] == "A002") == "méz<b>'\""
    assert [row["person"] for row in rows.tables["ownership.csv"] if row["lot"] == "P1"] == ["owner-of-lot-007"]


async def test_the_part_with_what_is_wrong_is_shown(tower: Site) -> None:
    reader = await tower.signed_in()
    form = sent(await reader.get(EDIT))
    form = await part(reader, form, 3)
    form["shares-125"], form["lot-126"] = "many", ""
    form = await part(reader, form, 6)
    form["shares-305"] = "-1"
    form = await part(reader, form, 1)
    shown = small(await reader.post(EDIT, form))
    assert shown.status == 422
    assert 'id="shares-125-error"' in shown.text
    assert "2 to look at" in shown.text
    assert "1 to look at" in shown.text
    assert await part(reader, sent(shown), 6) | {"shares-305": "-1"} == await part(reader, sent(shown), 6)
    assert set((await lots_now(tower)).values()) == {"25"}


async def test_more_rows_than_fit_come_in_a_part_of_their_own(tower: Site) -> None:
    reader = await tower.signed_in()
    form = sent(await reader.get(EDIT))
    for number in range(8):
        shown = small(await reader.post(EDIT, {**form, "more": "yes"}))
        form = sent(shown)
        empty = next(name for name in form if name.startswith("owner-") and not form[name.replace("owner", "lot")])
        form[empty.replace("owner", "lot")] = f"N{number}"
    assert "8:" in shown.text
    form = await part(reader, form, 1)
    rest = rest_in(form["rest"])
    assert {row.cells["lot"] for row in rest.values() if not row.was and row.cells["lot"]} == {
        f"N{n}" for n in range(8)
    }


async def test_of_two_tabs_the_second_sees_both(tower: Site) -> None:
    reader = await tower.signed_in()
    one, two = sent(await reader.get(EDIT)), sent(await reader.get(EDIT))
    one |= {"shares-0": "20", "shares-1": "30"}
    one = await part(reader, one, 7)
    one |= {"shares-398": "20", "shares-399": "30"}
    assert "The lots are saved." in (await press(reader, one, EDIT)).text
    two = await part(reader, two, 7)
    two |= {"shares-399": "26", "floor-390": "top"}
    two = await part(reader, two, 2)
    two |= {"shares-60": "24"}
    shown = small(await reader.post(EDIT, two))
    assert shown.status == 409
    assert "Nothing was overwritten" in shown.text
    form = await part(reader, sent(shown), 7)
    assert (form["shares-398"], form["shares-399"], form["floor-390"]) == ("20", "26", "top")
    assert "There is now: 30" in (reader.last.text if reader.last else "")
    assert (await part(reader, form, 1))["shares-0"] == "20", "what was left alone follows"
    assert (await lots_now(tower))["A400"] == "30", "nothing is overwritten"


ODD = ([[0], ["x", "y", 0], [1, 2, 3], None], [[-1, "A", 0, *"abcd"]], {"a": 1}, "x")


@pytest.mark.parametrize("rest", ["", "x", "AAAA", "[]", *map(packed, ODD)])
async def test_what_we_did_not_pack_takes_nothing_away(tower: Site, rest: str) -> None:
    reader = await tower.signed_in()
    form = {**sent(await reader.get(EDIT)), "rest": rest}
    assert (await reader.post(EDIT, form)).status in (200, 409, 422)
    assert len(await lots_now(tower)) == MANY


def test_what_is_packed_comes_back_and_a_bomb_does_not() -> None:
    for value in ({"lots": {"é": {"lot": "\ud800".encode("utf-8", "replace").decode()}}}, [], "x"):
        assert unpacked(packed(value)) == value
    assert unpacked(packed("0" * 2**23)) is None
    for odd in ("", "=", "é", packed([1])[:-3], "x" * 5000):
        assert unpacked(odd) is None
        assert base_in(odd) == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(tower: Site, language: str) -> None:
    await tower.account(SYNDIC, language=language)
    reader = tower.reader(language)
    await reader.sign_in()
    for path in (HERE, f"{EDIT}?part=7"):
        shown = small(await reader.get(path))
        assert not re.search(r"office\.lots\.", shown.text)


async def test_the_owners_of_so_many_stand_on_several_pages(tower: Site) -> None:
    reader = await tower.signed_in()
    first = small(await reader.get("/buildings/tower/ownership"))
    assert ("A120" in first.text, "A121" in first.text, "ownership?page=2" in first.text) == (True, False, True)
    last = small(await reader.get("/buildings/tower/ownership?page=4"))
    assert ("A400" in last.text, "page=5" in last.text) == (True, False)
    assert (await reader.get("/buildings/tower/ownership?page=x")).text.count("A001") > 0


@pytest.mark.parametrize("page", ["", "/people", "/tenants", "/details", "/modules", "/files"])
async def test_the_other_pages_of_a_large_building(tower: Site, page: str) -> None:
    reader = await tower.signed_in()
    assert small(await reader.get(f"/buildings/tower{page}")).status == 200


async def test_the_keys_of_so_many(tower: Site) -> None:
    reader = await tower.signed_in()
    first = small(await reader.get("/buildings/tower/keys?key=lift&amount=4000"))
    assert ("A120</th>" in first.text, "A121</th>" in first.text) == (True, False)
    last = small(await reader.get("/buildings/tower/keys?key=lift&amount=4000&page=4"))
    assert "A400</th>" in last.text
    assert "page=3" in last.text
    assert "€10.00" in last.text, "each bears a four hundredth"
    form = small(await reader.get("/buildings/tower/keys/edit?key=lift"))
    sent_form = {**sent(form), "weight-399": "5"}
    done = await press(reader, sent_form, "/buildings/tower/keys/edit")
    assert done.status == 200
    weights = {row["lot"]: row["weight"] for row in (await typed_now(tower, "tower")).rows(WEIGHTS)}
    assert (weights["A400"], weights["A001"], len(weights)) == ("5", "1", MANY)
