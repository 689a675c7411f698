"""The afternoon of a syndic, by keyboard alone and in each language: from the invitation to a message that has reached every owner.

It is `koprogo serve` itself, with a mail server of Python's on loopback at its other end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.async_api import Browser, Locator, Page
from sqlalchemy import URL

from bot.understanding import Understanding
from core.buildings import service as buildings
from core.database import Database
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.text import say
from core.people.accounts import service as accounts
from core.people.accounts.model import Role
from koprogo.application import Application
from koprogo.office import link
from koprogo.serve import running
from koprogo.settings import Settings, read_settings
from tests.servers.ports import free_port
from tests.web_admin.browser import look, opened
from tests.web_admin.reading import PASSWORD
from tests.web_admin.setup.test_wizard import LIST, LOTS, NAMES

pytestmark = pytest.mark.xdist_group("chromium-story")

HOST, ADDRESS = "127.0.0.1", "residence@noyer.example"
SYNDIC_NAME, SYNDIC = "Nathalie Renard", "nathalie@renard-gestion.example"
MOST_TABS = 600
"""Presses of the tabulator after which nothing is found any more."""
SAID = {
    "fr": ("Coupure d'eau mardi", "L'eau sera coupée de 9 à 11 heures. Remplissez une carafe, s'il vous plaît."),
    "nl": ("Geen water dinsdag", "Het water wordt afgesloten van 9 tot 11 uur. Vul een kan, alstublieft."),
    "de": ("Kein Wasser am Dienstag", "Das Wasser wird von 9 bis 11 Uhr abgestellt. Füllen Sie bitte eine Kanne."),
    "en": ("No water on Tuesday", "The water will be off from 9 to 11. Please fill a jug."),
}


class Mailbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def subjects(self) -> Counter[str]:
        return Counter(str(mail["Subject"]) for mail in self.mails)


@asynccontextmanager
async def served(owner: URL, folder: Path) -> AsyncIterator[tuple[Application, Settings, Mailbox]]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname=HOST, port=free_port())
    controller.start()
    port = free_port()
    settings = read_settings(
        {
            "KOPROGO_DATA": str(folder),
            "DATABASE_URL": owner.render_as_string(hide_password=False),
            "KOPROGO_HTTP_PORT": str(port),
            "KOPROGO_PUBLIC_URL": f"http://{HOST}:{port}",
            "KOPROGO_EMAIL_ADDRESS": ADDRESS,
            "KOPROGO_EMAIL_SMTP": f"smtp://{HOST}:{controller.port}?security=none",
            "KOPROGO_EMAIL_LMTP": f"{HOST}:{free_port()}",
        }
    )
    try:
        async with running(settings, ("bot", "web")) as application:
            yield application, settings, mailbox
    finally:
        controller.stop()


async def invited(database: Database, settings: Settings, language: str) -> str:
    """Her firm, and the address of the one-time link that she is given."""
    async with database.work() as uow:
        await buildings.enter(uow, "Renard Gestion")
        _, token = await accounts.employ(uow, SYNDIC, SYNDIC_NAME, language, Role.SYNDIC)
        await uow.commit()
    assert token is not None
    return link(settings, token)


async def to(page: Page, wanted: Locator) -> None:
    """With the tabulator, as often as it takes."""
    for _ in range(MOST_TABS):
        if await wanted.evaluate_all("found => found.includes(document.activeElement)"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted} on {page.url}")


async def press(page: Page, wanted: Locator, then: str) -> None:
    await to(page, wanted)
    await enter(page, then)


async def enter(page: Page, then: str) -> None:
    async with page.expect_navigation(url=then):
        await page.keyboard.press("Enter")


async def write(page: Page, field: str, text: str) -> None:
    await to(page, page.locator(f"[id='{field}']"))
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(text)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_afternoon(
    owner: URL,
    chromium: Browser,
    catalogues: Catalogues,
    understanding: Understanding,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    language: str,
) -> None:
    monkeypatch.setattr(Application, "understanding", understanding)
    words, (title, text) = catalogues[language], SAID[language]

    def button(key: str, **values: Any) -> Locator:
        return page.get_by_role("button", name=words(say(key, **values)), exact=True)

    async with (
        served(owner, tmp_path) as (application, settings, mailbox),
        opened(chromium, settings.public_url or "", language=language) as (page, complaints),
    ):
        # She sets her password, and is told what to begin with.
        await page.goto(await invited(application.database, settings, language))
        await write(page, "password", PASSWORD)
        await write(page, "again", PASSWORD)
        await enter(page, "**/office/account")
        await press(page, page.locator("nav a[href='/office/']"), "**/office/")
        await look(page, f"story-{language}-1-begin", widths=(320, 1440))
        await press(page, page.locator("main a[href='/office/setup/new']"), "**/setup/new")

        # A building of 24 lots, from the list that she has in a spreadsheet.
        await write(page, "name", "Résidence du Noyer")
        await enter(page, "**/building")
        for field, value in (
            ("shares_total", "1000"),
            ("address", "Rue du Noyer 12"),
            ("postal_code", "1030"),
            ("city", "Schaerbeek"),
        ):
            await write(page, field, value)
        await enter(page, "**/lots")
        await write(page, "paste", LIST)
        await press(page, button("office.setup.paste.take"), "**/lots**")
        draft = page.url.partition("/lots")[0]
        await press(page, page.locator(f"a[href='{draft[draft.index('/office') :]}/people']"), "**/people")
        if not await page.locator("#paste").is_visible():
            await to(page, page.locator("summary", has_text=words(say("office.setup.paste.title"))))
            await page.keyboard.press("Enter")
        await write(page, "paste", f"Name;E-mail;Roles\n{SYNDIC_NAME};{SYNDIC};syndic")
        await press(page, button("office.setup.paste.take"), "**/people**")
        await press(page, page.locator(f"main a[href='{draft[draft.index('/office') :]}']"), draft)
        await look(page, f"story-{language}-2-ready", widths=(320, 1440))
        await press(page, button("office.setup.make"), "**/buildings/residence-du-noyer**")
        assert words(say("office.setup.made", name="Résidence du Noyer", lots=24, people=25)) in await page.inner_text(
            "main"
        )

        # The owners are invited.
        await press(page, page.locator("nav a[href='/office/invitations']"), "**/invitations")
        await press(
            page, page.locator("main a[href='/office/invitations/residence-du-noyer']"), "**/residence-du-noyer"
        )
        await look(page, f"story-{language}-3-invite", widths=(320, 1440))
        await press(page, button("office.invitations.send"), "**/invitations/residence-du-noyer**")
        await page.wait_for_selector("[role=status]")

        # A message to everybody, watched until it has reached them.
        await press(page, page.locator("nav a[href='/office/messages']"), "**/messages")
        await press(page, page.locator("main a[href='/office/messages/broadcasts']"), "**/broadcasts")
        await press(page, page.locator("main a[href='/office/messages/broadcasts/new']"), "**/new")
        await write(page, "title", title)
        await write(page, "text", text)
        await to(page, page.locator("#urgent"))
        await page.keyboard.press("Space")
        await to(page, button("office.messages.write.look"))
        await enter(page, "**/new")
        await look(page, f"story-{language}-4-preview", widths=(320, 1440))
        await press(page, page.locator("form[action$='/broadcasts/send'] button").first, "**/broadcasts/*-*")
        everybody = words(say("office.messages.watch.left", count=25, total=25))
        await page.wait_for_selector(f"text={everybody}", timeout=60_000)
        await look(page, f"story-{language}-5-sent", widths=(320, 1440))
        assert complaints == []

        found = [mail for mail in mailbox.mails if title in str(mail["Subject"])]
        assert len({str(mail["To"]) for mail in found}) == len(found) == len(NAMES) + 1
        assert text.split(".")[0] in found[0].get_body(("plain",)).get_content().replace("\n", " ")
        assert len(LOTS) == 24
