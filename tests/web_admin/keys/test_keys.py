"""The distribution keys of a building: seen with what they split, added, changed, renamed, removed."""

from __future__ import annotations

import re

import pytest

from core.buildings import service as buildings
from core.buildings.model import GENERAL, key_weights
from core.charges.bookkeeping import service as bookkeeping
from core.interchange.amendments import service as amendments
from core.interchange.tables import WEIGHTS
from core.kernel.money import split
from core.people.accounts.model import Role
from core.people.audit import service as audit
from tests.web_admin.reading import Reader, Shown, Site

HERE = "/buildings/tilleuls/keys"
NEW = f"{HERE}/new"
LIFT = f"{HERE}/edit?key=lift"
EDIT = f"{HERE}/edit"


async def weights(site: Site) -> dict[str, dict[str, int]]:
    async with site.sample.database.work(site.sample.organisation) as uow:
        found: dict[str, dict[str, int]] = {}
        for row in await buildings.weights(uow, site.sample.known.building_id):
            found.setdefault(row.key, {})[row.lot] = row.weight
        return found


async def log(site: Site) -> list[tuple[str, str]]:
    async with site.sample.database.work(site.sample.organisation) as uow:
        return sorted((entry.deed, entry.subject) for entry in (await audit.entries(uow)).entries)


def sent(shown: Shown, path: str = "/edit") -> dict[str, str]:
    form = shown.form(path)
    del form["action"]
    return form


def weigh(form: dict[str, str], **lots: str) -> dict[str, str]:
    """`_3A` is lot 3A."""
    places = {value: name[4:] for name, value in form.items() if re.fullmatch(r"lot-\d+", name)}
    return {**form, **{f"weight-{places[lot.lstrip('_')]}": text for lot, text in lots.items()}}


async def press(reader: Reader, path: str, form: dict[str, str]) -> Shown:
    """Saves; where it is asked whether one is sure, says yes."""
    shown = await reader.post(path, form)
    yes = re.search(r'name="sure" value="(\w+)"', shown.text)
    return await reader.post(path, {**form, "sure": yes[1]}) if yes else shown


def place(form: dict[str, str], lot: str) -> str:
    return next(name[4:] for name, value in form.items() if name.startswith("lot-") and value == lot)


# ---------------------------------------------------------------------------------------------------------------- read


async def test_every_key_with_its_picture_and_the_shares_first(rooms: Site) -> None:
    reader = await rooms.signed_in("reader@renard-gestion.example", Role.COUNCIL)
    shown = await reader.get(HERE)
    assert shown.status == 200
    assert [name for name in re.findall(r"keys\?key=(\w+)\"", shown.text)] == ["general", "lift", "heating", "garages"]
    assert shown.text.count('<svg class="bar"') == 4
    assert 'aria-label="Shares: from 0.60 % to 9.20 % for each lot."' in shown.text
    assert "24 lots pay; the weights add up to 1,000." in shown.text
    assert "This is the general key" in shown.text
    assert "keys/edit" not in shown.text
    assert "keys/new" not in shown.text
    for path in (NEW, LIFT, f"{HERE}/remove?key=lift"):
        assert (await reader.get(path)).status == 403
    token = shown.form("/sign-out")["form_token"]
    assert (await reader.post(EDIT, {"form_token": token, "key": "lift"})).status == 403


@pytest.mark.parametrize("key", [GENERAL, "lift", "heating", "garages"])
async def test_what_an_amount_costs_each_lot_by_the_split_of_the_books(rooms: Site, key: str) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        lots = await buildings.lots(uow, rooms.sample.known.building_id)
        given = key_weights(key, lots, await buildings.weights(uow, rooms.sample.known.building_id))
    wanted = {lot.lot: cents for lot, cents in zip(lots, split(123_457, given), strict=True) if cents}
    reader = await rooms.signed_in()
    shown = await reader.get(f"{HERE}?key={key}&amount=1.234,57")
    rows = re.findall(r'<tr><th scope="row">(\w+)</th>.*?<td class="number">€([\d,.]+)</td></tr>', shown.text)
    assert {lot: int(re.sub(r"\D", "", euros)) for lot, euros in rows} == wanted
    assert sum(wanted.values()) == 123_457
    assert "the parts make exactly €1,234.57." in shown.text


async def test_parts_are_exact_and_rounded(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get(f"{HERE}?key=lift")
    assert re.search(
        r"3A</th><td class=\"number\">20</td><td class=\"number\">1/10</td><td class=\"number rounded\">10.00 %",
        shown.text,
    )
    assert "€100.00" in shown.text, "1,000 euro unless another amount is asked for"
    assert 'id="split-title"' in shown.text
    assert shown.text.count('class="chart-above"') == 10
    assert "The other lots pay nothing by this key." in shown.text


@pytest.mark.parametrize("amount", ["ten", "1.234.50", "%00", "1" * 3000, "%E2%80%AE1", "<script>alert(1)</script>"])
async def test_an_amount_that_is_none_is_told_and_kept(rooms: Site, amount: str) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get(f"{HERE}?key=lift&amount={amount}")
    assert shown.status == 422
    assert 'id="amount-error">We read no amount here.' in shown.text
    assert "<script>alert" not in shown.text
    assert "1/10" in shown.text, "the parts are there all the same"


@pytest.mark.parametrize("key", ["nothing", "", "%00", "a" * 2000, "Lift"])
async def test_a_key_that_is_not_there_is_not_there(rooms: Site, key: str) -> None:
    reader = await rooms.signed_in()
    assert (await reader.get(f"{HERE}?key={key}")).status == 404
    for path in ("edit", "remove"):
        assert (await reader.get(f"{HERE}/{path}?key={key}")).status == 404
    assert (await reader.get(f"{HERE}/edit?key=general")).status == 404, "the shares are changed with the lots"
    assert (await reader.get("/buildings/elsewhere/keys")).status == 404


# -------------------------------------------------------------------------------------------------------------- change


async def test_a_key_is_added(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(NEW), "/new")
    done = await reader.post(NEW, weigh({**form, "name": "Toit & façade"}, RC="3", _3A="1", C1="0"))
    assert "Key Toit &amp; façade is saved." in done.text
    assert "Who bears what: Toit &amp; façade" in done.text
    assert (await weights(rooms))["Toit & façade"] == {"RC": 3, "3A": 1, "C1": 0}
    assert await log(rooms) == [("key_changed", "key Toit & façade")]


@pytest.mark.parametrize(("begin", "first"), [("one", "1"), ("shares", "92"), ("none", ""), ("xx", ""), ("%00", "")])
async def test_a_new_key_is_filled_in_for_a_start(rooms: Site, begin: str, first: str) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(f"{NEW}?begin={begin}"), "/new")
    assert form["weight-0"] == first


async def test_weights_change_and_the_books_follow_after_a_yes(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = weigh(sent(await reader.get(LIFT)), _3A="40", RC="5")
    asked = await reader.post(EDIT, form)
    assert asked.status == 200
    assert re.search(r"\d+ entries are reversed and booked again", asked.text)
    assert (await weights(rooms))["lift"]["3A"] == 20
    done = await press(reader, EDIT, form)
    assert "Key lift is saved." in done.text
    lift = (await weights(rooms))["lift"]
    assert (lift["3A"], lift["RC"]) == (40, 5)
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        assert await bookkeeping.verify(uow, rooms.sample.known.building_id) == []
        assert list(await weights(rooms)) == ["lift", "heating", "garages"], "it stays in its place"
    same = await reader.post(EDIT, sent(await reader.get(LIFT)))
    assert "Nothing was different." in same.text


async def test_a_key_that_bills_use_is_neither_renamed_nor_removed(rooms: Site) -> None:
    reader = await rooms.signed_in()
    before = await weights(rooms)
    shown = await reader.post(EDIT, {**sent(await reader.get(LIFT)), "name": "elevator"})
    assert shown.status == 422
    assert re.search(r'id="name-error">It is used \d+ times, in the budget, in bills', shown.text)
    assert 'value="elevator"' in shown.text
    form = sent(await reader.get(f"{HERE}/remove?key=lift"), "/remove")
    shown = await reader.post(f"{HERE}/remove", form)
    assert shown.status == 422
    assert "key lift keeps its name and stays." in shown.text
    assert await weights(rooms) == before
    assert await log(rooms) == []


async def test_a_key_that_nothing_uses_is_renamed_and_removed(rooms: Site) -> None:
    reader = await rooms.signed_in()
    await reader.post(NEW, weigh({**sent(await reader.get(NEW), "/new"), "name": "roof"}, RC="3"))
    done = await reader.post(EDIT, {**sent(await reader.get(f"{HERE}/edit?key=roof")), "name": "Roof"})
    assert "Key Roof is saved." in done.text
    assert "roof" not in await weights(rooms)
    removal = sent(await reader.get(f"{HERE}/remove?key=Roof"), "/remove")
    done = await reader.post(f"{HERE}/remove", removal)
    assert "Key Roof is removed." in done.text
    assert set(await weights(rooms)) == {"lift", "heating", "garages"}
    assert "Key Roof no longer exists." in (await reader.post(f"{HERE}/remove", removal)).text


@pytest.mark.parametrize(
    ("name", "given", "field", "sentence"),
    [
        ("", "1", "name", "Please fill this in."),
        ("general", "1", "name", "This name is that of the shares."),
        ("lift", "1", "name", "“lift” is here already."),
        ("x" * 10_000, "1", "name", "This is too long: 10,000 characters, at most 2,000."),
        ("x" * 101, "1", "name", "This is too long: 101 characters, at most 100."),
        ("tf\u202eil", "1", "name", "invisible sign U+202E"),
        ("a\0", "1", "name", "invisible sign U+0000"),
        ("a\nb", "1", "name", "Write it all on one line."),
        ("roof", "", "weight-0", "Give at least one lot a weight above 0."),
        ("roof", "0", "weight-0", "Give at least one lot a weight above 0."),
        ("roof", "-1", "weight-0", "“-1” is no whole number: write digits only."),
        ("roof", "0.5", "weight-0", "“0.5” is no whole number"),
        ("roof", "9" * 30, "weight-0", "Write a number from 0 to 999,999,999,999."),
        ("roof", "9" * 5000, "weight-0", "This is too long: 5,000 characters"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    rooms: Site, name: str, given: str, field: str, sentence: str
) -> None:
    reader = await rooms.signed_in()
    before = await weights(rooms)
    form = weigh({**sent(await reader.get(NEW), "/new"), "name": name}, RC=given)
    shown = await reader.post(NEW, form)
    assert shown.status == 422
    at = shown.text.index(f'id="{field}-error"')
    assert sentence in shown.text[at : at + 200]
    assert sent(shown, "/new")["weight-0"] == given, "what was typed is kept"
    assert await weights(rooms) == before
    assert await log(rooms) == []


async def test_hostile_forms_change_nothing(rooms: Site) -> None:
    reader = await rooms.signed_in()
    form = sent(await reader.get(LIFT))
    before = await weights(rooms)
    for fields in (
        {"form_token": form["form_token"]},
        {**form, "key": "nothing"},
        {**form, "key": "x" * 5000},
        {**form, "lot-0": "no such lot", "weight-0": "3"},
        {**form, "version": "\u202e"},
    ):
        shown = await reader.post(EDIT, fields)
        assert shown.status in (404, 409, 422), fields
    assert await weights(rooms) == before


# ------------------------------------------------------------------------------------------------------------------ two


async def test_of_two_tabs_the_second_sees_both_and_overwrites_nothing(rooms: Site) -> None:
    first, second = await rooms.signed_in(), await rooms.signed_in("colleague@renard-gestion.example")
    one, two = sent(await first.get(LIFT)), sent(await second.get(LIFT))
    assert "saved" in (await press(first, EDIT, weigh(one, _3A="21", _4A="26"))).text
    shown = await press(second, EDIT, weigh(two, _3A="22", _5A="33"))
    assert shown.status == 409
    assert "This building was changed meanwhile." in shown.text
    assert "There is now: 21" in shown.text
    form = sent(shown)
    assert [form[f"weight-{place(form, lot)}"] for lot in ("3A", "4A", "5A")] == ["22", "26", "33"]
    lift = (await weights(rooms))["lift"]
    assert (lift["3A"], lift["4A"], lift["5A"]) == (21, 26, 30), "nothing is overwritten"
    assert "saved" in (await press(second, EDIT, form)).text
    lift = (await weights(rooms))["lift"]
    assert (lift["3A"], lift["4A"], lift["5A"]) == (22, 26, 33)


async def test_a_key_that_was_removed_meanwhile_is_told_and_what_was_typed_is_kept(rooms: Site) -> None:
    reader = await rooms.signed_in()
    await reader.post(NEW, weigh({**sent(await reader.get(NEW), "/new"), "name": "roof"}, RC="3"))
    form = weigh(sent(await reader.get(f"{HERE}/edit?key=roof")), RC="4")
    late = sent(await reader.get(f"{HERE}/remove?key=lift"), "/remove")
    await reader.post(f"{HERE}/remove", sent(await reader.get(f"{HERE}/remove?key=roof"), "/remove"))
    shown = await reader.post(EDIT, form)
    assert shown.status == 409
    assert "Key roof no longer exists." in shown.text
    again = sent(shown, "/new")
    assert (again["name"], again["weight-0"], again["key"]) == ("roof", "4", "")
    assert "Key roof is saved." in (await reader.post(NEW, again)).text
    shown = await reader.post(f"{HERE}/remove", late)
    assert shown.status == 409
    assert "Nothing was overwritten" in shown.text
    assert "lift" in await weights(rooms)


async def test_a_building_without_other_keys_or_without_lots_says_what_to_do(rooms: Site) -> None:
    from core.buildings.model import Building
    from tests.core.small import small_building, stored

    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await stored(uow, small_building("three", weights=()))
        empty = Building("Empty", "empty", languages=("fr",), shares_total=1000)
        await stored(uow, small_building("empty", building=empty, lots=(), weights=(), ownership=(), people=()))
        await uow.commit()
    reader = await rooms.signed_in()
    assert "There are only the shares. Add a key" in (await reader.get("/buildings/three/keys")).text
    for path in ("keys", "keys/new"):
        shown = await reader.get(f"/buildings/empty/{path}")
        assert "There is no lot yet, so nothing to split." in shown.text
    assert "There is no lot yet. Add the first one" in (await reader.get("/buildings/empty/lots")).text
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        known = await buildings.find(uow, "three")
        assert known is not None
        assert (await amendments.editable(uow, known.building_id)).typed.rows(WEIGHTS) == ()
