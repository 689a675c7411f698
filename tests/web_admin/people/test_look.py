"""The pages of a building's people in a real browser: at each width, light and dark, by axe-core; and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.messaging.channel import Address
from core.people import service as people
from core.people import store
from core.people.accounts.model import Role
from tests.web_admin.browser import look, signed_in
from tests.web_admin.people.conftest import House
from tests.web_admin.reading import SYNDIC

pytestmark = pytest.mark.xdist_group("chromium-people-look")


async def lived_in(house: House) -> None:
    """Addresses alive and dead, and an acceptance by message."""
    async with house.site.sample.database.work(house.site.sample.organisation) as uow:
        persons = {row.resident.person: row.person_id for row in await store.residents(uow, house.building)}
        for code, address in (
            ("lea-dubois", Address("telegram", "4711")),
            ("tom-vermeulen", Address("matrix", "@tom:tilleuls.example")),
            ("olivier-lambert", Address("telegram", "4712")),
        ):
            await store.link(uow, address, persons[code])
        await people.bury(uow, Address("email", "tom.vermeulen@tilleuls.example"))
        await uow.commit()


@pytest.mark.parametrize("language", ["en", "de"])
async def test_each_page_of_the_people(house: House, chromium: Browser, language: str) -> None:
    await lived_in(house)
    await house.site.account(SYNDIC, Role.SYNDIC, language=language)
    prefix = "people" if language == "en" else f"people-{language}"
    async with signed_in(chromium, house.site.address, language=language) as (page, complaints):
        for name, path in (
            ("list", "/people"),
            ("nobody", "/people?words=nobody+at+all"),
            ("one", "/people/tom-vermeulen"),
            ("edit", "/people/lea-dubois/edit"),
            ("add", "/add-person"),
            ("ownership", "/ownership"),
            ("lot", "/ownership/lot?lot=5A"),
            ("transfer", "/ownership/transfer?lot=4A"),
            ("representative", "/ownership/representative?lot=5A"),
            ("tenants", "/tenants"),
            ("move-in", "/tenants/move-in?lot=2B"),
            ("move-out", "/tenants/move-out?lot=1B&person=youssef-benali"),
        ):
            await page.goto(f"{house.site.address}/office{house.path}{path}")
            await look(page, f"{prefix}-{name}", widths=(320, 768, 1440) if language == "en" else (320, 1440))
        assert complaints == []


async def test_a_lot_is_sold_by_keyboard(house: House, chromium: Browser) -> None:
    await house.site.account(SYNDIC, Role.SYNDIC, language="fr")
    async with signed_in(chromium, house.site.address, language="fr") as (page, complaints):
        await page.goto(f"{house.site.address}/office{house.path}/ownership/transfer?lot=3A")
        await page.locator("#day").fill("2026-10-01")
        await page.locator("#part-1").fill("1/2")
        await page.locator("summary").focus()
        await page.keyboard.press("Enter")
        await page.locator("#name-1").fill("Dan Dupont")
        await page.locator("#part-1").press("Enter")
        await page.wait_for_selector("[role=alert]")
        await look(page, "people-transfer-wrong")
        await page.get_by_role("button", name="Encore un propriétaire").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#person-2")
        await page.locator("#person-2").select_option("james-carter")
        await page.locator("#part-2").fill("1/2")
        await page.locator("#voice").select_option("2")
        await look(page, "people-transfer-two")
        await page.locator("#part-2").press("Enter")
        await page.wait_for_selector("text=Dans les comptes")
        await page.locator("summary").press("Enter")
        await look(page, "people-transfer-look")
        await page.get_by_role("button", name="Transférer le lot 3A").first.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=a changé de mains")
        await look(page, "people-lot-sold")
        assert {row.person for row in await house.ownership("3A")} == {"lea-dubois", "dan-dupont", "james-carter"}
        await page.get_by_role("link", name="Annuler le dernier transfert").press("Enter")
        await page.wait_for_selector("text=Redevient propriétaire")
        await look(page, "people-take-back")
        await page.get_by_role("button", name="Annuler le transfert").press("Enter")
        await page.wait_for_selector("text=est annulé")
        await page.goto(f"{house.site.address}/office{house.path}/ownership/take-back?lot=2A")
        await look(page, "people-take-back-not")
        assert complaints == []
    assert {row.person for row in await house.ownership("3A")} == {"lea-dubois"}


async def test_the_list_is_searched_while_one_types(house: House, chromium: Browser) -> None:
    await house.site.account(SYNDIC, Role.SYNDIC)
    async with signed_in(chromium, house.site.address) as (page, complaints):
        await page.goto(f"{house.site.address}/office{house.path}/people")
        await page.locator("#words").press_sequentially("schmitz")
        await page.wait_for_selector("text=1 person")
        assert await page.locator("tbody tr").count() == 1
        assert await page.evaluate("document.activeElement.id") == "words"
        assert complaints == []
    async with signed_in(chromium, house.site.address, scripts=False) as (page, _):
        await page.goto(f"{house.site.address}/office{house.path}/people")
        await page.locator("#words").fill("schmitz")
        await page.locator("#words").press("Enter")
        await page.wait_for_selector("text=1 person")
