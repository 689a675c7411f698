"""The pages of defects in a real browser: at each width, light and dark, by axe-core; and by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from core.people.accounts.model import Role
from core.tickets.model import Move
from tests.web_admin.browser import look, signed_in
from tests.web_admin.reading import SYNDIC
from tests.web_admin.tickets.conftest import Workshop

pytestmark = pytest.mark.xdist_group("chromium-tickets-look")


async def test_the_list_and_one(workshop: Workshop, chromium: Browser) -> None:
    site = workshop.site
    await site.account(SYNDIC, Role.SYNDIC, language="fr")
    photos = [await workshop.picture(colour) for colour in ("#355c7d", "#6c5b7b")]
    door = await workshop.reports("anna-schmitz", "la porte d'entrée ne ferme plus", *photos)
    workshop.clock.now += timedelta(days=12)
    lift = await workshop.reports("james-carter", "the lift is stuck again")
    await workshop.reports(
        "youssef-benali", "L'ascenseur est bloqué depuis ce matin, c'est la troisième fois ce mois-ci !"
    )
    await workshop.reports("lukas-hermann", "es riecht nach Gas im Treppenhaus")
    await workshop.moves(lift, Move.ASSIGN, to="Ascenseurs Duval")
    await workshop.moves(door, Move.ACKNOWLEDGE, note="Le serrurier est appelé.")
    async with signed_in(chromium, site.address, language="fr") as (page, complaints):
        await page.goto(f"{site.address}/office/tickets")
        await look(page, "tickets")
        await page.goto(f"{site.address}/office/tickets?state=over")
        await look(page, "tickets-none")
        await page.goto(f"{site.address}/office/tickets/{door.ticket}")
        assert await page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 0)")
        await look(page, "tickets-one")
        assert complaints == []


async def test_assigned_by_keyboard(workshop: Workshop, chromium: Browser) -> None:
    site = workshop.site
    await site.account(SYNDIC, Role.SYNDIC)
    ticket = await workshop.reports("james-carter", "the lift is stuck again")
    async with signed_in(chromium, site.address) as (page, complaints):
        await page.goto(f"{site.address}/office/tickets/{ticket.ticket}")
        await page.locator("#move").select_option("assign")
        await page.locator("#to").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#to-error")
        await look(page, "tickets-wrong")
        await page.locator("#to").fill("Ascenseurs Duval")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Saved; 1 person is told.")
        await look(page, "tickets-assigned")
        assert complaints == []
