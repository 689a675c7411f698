"""A transfer that was entered wrongly is taken back as one act, or it is said why not; over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Role
from tests.web_admin.people.conftest import READERS, House
from tests.web_admin.people.test_ownership import confirm, look
from tests.web_admin.reading import SYNDIC, Reader, Shown


def path(house: House, lot: str = "3A") -> str:
    return f"{house.path}/ownership/take-back?lot={lot}"


async def wrong(reader: Reader, house: House) -> None:
    """Lot 3A goes to Dan Dupont, who is new, and should not have."""
    new = {"name": "Dan Dupont", "email": "dan@tilleuls.example"}
    assert (await confirm(reader, await look(reader, house, "3A", new, day="2026-11-01"))).status == 200


async def press(reader: Reader, on: Shown) -> Shown:
    return await reader.send({}, to="take-back?lot=3A", on=on)


async def test_it_is_as_if_it_had_never_been(house: House) -> None:
    reader = await house.syndic()
    rights, people, booked = await house.ownership("3A"), await house.residents(), await house.booked("lea-dubois")
    await wrong(reader, house)
    lot = await reader.get(f"{house.path}/ownership/lot?lot=3A")
    assert "/ownership/take-back?lot=3A" in lot.text
    shown = await reader.get(path(house))
    assert shown.status == 200
    for words in ("Take back the latest transfer of lot 3A", "1 November 2026", "Dan Dupont", "Owns it again", "Call "):
        assert words in shown.text, words
    gone, _, again = shown.text.partition("Owns it again")
    assert ("Dan Dupont" in gone, "Léa Dubois" in gone.partition("No longer owns it")[2], "Léa Dubois" in again) == (
        True,
        False,
        True,
    )
    assert "dan-dupont" in await house.residents(), "nothing is done yet"
    done = await press(reader, shown)
    assert done.path.endswith("/ownership/lot?lot=3A")
    assert "The transfer of lot 3A on 1 November 2026 is taken back." in done.text
    assert await house.ownership("3A") == rights
    assert await house.residents() == people
    assert await house.booked("lea-dubois") == booked
    assert await house.booked("dan-dupont") == {}
    assert await house.verified() == []
    log = await house.log()
    assert [deed for deed, _ in log].count("lot_transferred") == 1
    assert ("transfer_taken_back", "lot 3A") in log
    assert "The transfer of a lot was taken back" in (await reader.get("/audit")).text


async def test_of_two_tabs_the_second_is_told(house: House) -> None:
    reader = await house.syndic()
    await wrong(reader, house)
    form = await reader.get(path(house))
    both = await asyncio.gather(*(press(reader, form) for _ in range(3)))
    assert sorted(each.status for each in both) == [200, 409, 409]
    late = await press(reader, form)
    assert late.status == 409
    assert "This building was changed meanwhile." in late.text
    assert [deed for deed, _ in await house.log()].count("transfer_taken_back") == 1
    assert len(await house.ownership("3A")) == 1


async def test_why_it_stays(house: House) -> None:
    """A settlement is split by it; and of a lot that never changed hands there is nothing to take back."""
    reader = await house.syndic()
    assert (
        await confirm(reader, await look(reader, house, "3A", {"person": "james-carter"}, day="2025-06-01"))
    ).status == 200
    shown = await reader.get(path(house))
    assert (shown.status, "can not be taken back" in shown.text) == (200, True)
    assert "is split by this transfer of lot 3A already" in shown.text
    assert "take-back" not in [form["action"].partition("?")[0].rpartition("/")[2] for form in shown.forms]
    sent = {"form_token": shown.form("/sign-out")["form_token"], "version": "x"}
    before = await house.ownership("3A")
    assert (await reader.post(path(house), sent)).status == 409
    never = await reader.get(path(house, "1A"))
    assert "Lot 1A has never changed hands" in never.text
    assert "take-back" not in (await reader.get(f"{house.path}/ownership/lot?lot=1A")).text
    assert await house.ownership("3A") == before


@pytest.mark.parametrize("lot", ["", "Z9", "%00", "3a", "x" * 3000])
async def test_an_unknown_lot_is_404(house: House, lot: str) -> None:
    reader = await house.syndic()
    token = await house.token(reader, await reader.get("/"))
    assert (await reader.get(path(house, lot))).status == 404
    assert (await reader.post(path(house, lot), {"form_token": token})).status == 404


@pytest.mark.parametrize("role", READERS)
async def test_who_reads_takes_nothing_back(house: House, role: Role) -> None:
    await wrong(await house.syndic(), house)
    reader = await house.site.signed_in("reader@tilleuls.example", role)
    lot = await reader.get(f"{house.path}/ownership/lot?lot=3A")
    assert "take-back" not in lot.text
    assert (await reader.get(path(house))).status == 403
    token = await house.token(reader, lot)
    assert (await reader.post(path(house), {"form_token": token})).status == 403
    assert len(await house.ownership("3A")) == 2


async def test_another_tenant_takes_nothing_back(house: House) -> None:
    await wrong(await house.syndic(), house)
    reader = await house.stranger()
    token = await house.token(reader, await reader.get("/"))
    assert (await reader.get(path(house))).status == 404
    assert (await reader.post(path(house), {"form_token": token})).status == 404
    assert len(await house.ownership("3A")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(house: House, language: str) -> None:
    await house.site.account(SYNDIC, language=language)
    reader = house.site.reader(language)
    await reader.sign_in()
    for lot in ("2A", "1A"):
        shown = await reader.get(path(house, lot))
        assert shown.status == 200
        assert "office." not in shown.text.replace("/static/office.css", "")
