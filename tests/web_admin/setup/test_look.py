"""Every page of the wizard, the import and the export in a real browser: at each width, light and dark, by axe-core; by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from core.people.accounts.model import Role
from tests.core.interchange.tiny import spoiled
from tests.web_admin.browser import look, signed_in
from tests.web_admin.reading import SYNDIC
from tests.web_admin.setup.conftest import Firm
from tests.web_admin.setup.test_files import sample_files, zipped
from tests.web_admin.setup.test_wizard import LIST, LOTS

pytestmark = pytest.mark.xdist_group("chromium-setup-look")


async def begun(page: Page, address: str) -> str:
    """A draft begun by keyboard; gives its address."""
    await page.goto(f"{address}/office/setup/new")
    await page.keyboard.type("Résidence du Noyer")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/building")
    return page.url.removesuffix("/building")


async def paste(page: Page, text: str) -> None:
    await page.locator("#paste").fill(text)
    await page.get_by_role("button", name="Take these rows over").press("Enter")
    await page.wait_for_selector("text=of your list")


async def test_each_step_right_and_wrong(firm: Firm, chromium: Browser) -> None:
    address = firm.site.address
    await firm.site.account(SYNDIC, Role.SYNDIC)
    async with signed_in(chromium, address) as (page, complaints):
        await page.goto(f"{address}/office/setup")
        await look(page, "setup-none")
        await page.goto(f"{address}/office/setup/new")
        await look(page, "setup-new")
        draft = await begun(page, address)
        await look(page, "setup-building")
        await page.locator("#shares_total").fill("mille")
        await page.locator("[id='accounts.working']").fill("BE00 1234")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector("#shares_total-error")
        await look(page, "setup-building-wrong")
        await page.locator("#shares_total").fill("1000")
        await page.locator("[id='accounts.working']").fill("BE68 5390 0754 7034")
        await page.locator("#name").press("Enter")
        await page.wait_for_url("**/lots")
        await look(page, "setup-lots-empty")
        await paste(page, LIST)
        await look(page, "setup-lots")
        await page.get_by_label("Shares, row 3", exact=True).fill("four")
        await page.get_by_label("Lot, row 2", exact=True).fill("1A")
        await page.get_by_label("Lot, row 2", exact=True).press("Enter")
        await page.wait_for_selector("[id='shares.2-error']")
        await look(page, "setup-lots-wrong")
        await page.get_by_label("Shares, row 3", exact=True).fill("41")
        await page.get_by_label("Lot, row 2", exact=True).fill("1B")
        await page.get_by_label("Lot, row 2", exact=True).press("Enter")
        await page.wait_for_url("**/keys")
        await look(page, "setup-keys-empty")
        await page.locator("[id='key.0']").fill("lift")
        for place in range(3, len(LOTS)):
            await page.locator(f"[name='weight.{place}.0']").fill(str(10 + place))
        await page.locator("[id='key.1']").fill("heating")
        await page.locator("[id='key.1']").press("Enter")
        await page.wait_for_selector("text=The key “heating” has no number")
        await look(page, "setup-keys-wrong")
        await page.goto(f"{draft}/people")
        await look(page, "setup-people")
        await page.get_by_label("E-mail, row 4", exact=True).fill("di at home")
        await page.get_by_label("E-mail, row 4", exact=True).press("Enter")
        await page.wait_for_selector("[id='email.3-error']")
        await look(page, "setup-people-wrong")
        await page.goto(f"{draft}/ownership")
        await look(page, "setup-ownership")
        await page.get_by_label("Part, row 2", exact=True).fill("3")
        await page.get_by_label("Part, row 2", exact=True).press("Enter")
        await page.wait_for_selector("text=more than")
        await look(page, "setup-ownership-wrong")
        await page.goto(f"{draft}/tenancies")
        await look(page, "setup-tenancies")
        await page.goto(draft)
        await look(page, "setup-last-wrong")
        await page.goto(f"{address}/office/setup")
        await look(page, "setup-drafts")
        assert complaints == []


async def test_by_keyboard_alone_with_and_without_scripts(firm: Firm, chromium: Browser) -> None:
    """From nothing to a building; the sum of the shares follows what is typed."""
    address = firm.site.address
    await firm.site.account(SYNDIC, Role.SYNDIC)
    for scripts in (True, False):
        async with signed_in(chromium, address, scripts=scripts) as (page, complaints):
            await begun(page, address)
            await page.locator("#shares_total").focus()
            await page.keyboard.type("1000")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/lots")
            await page.get_by_label("Lot, row 1", exact=True).focus()
            for place, keys in enumerate(("A", "Tab", "Tab", "0", "Tab", "400", "Tab")):
                await (page.keyboard.press(keys) if keys == "Tab" else page.keyboard.type(keys))
                assert place < 9
            if scripts:
                await page.wait_for_selector("text=600 are missing")
            await page.keyboard.type("B")
            for keys in ("Tab", "Tab", "Tab", "600", "Enter"):
                await (page.keyboard.press(keys) if keys != "600" else page.keyboard.type(keys))
            await page.wait_for_url("**/keys")
            await page.get_by_role("button", name="Save and go on").press("Enter")
            await page.wait_for_url("**/people")
            await page.get_by_label("Name, row 1", exact=True).focus()
            await page.keyboard.type("Léa Dubois")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/ownership")
            for row in (1, 2):
                await page.get_by_label(f"Person, row {row}", exact=True).focus()
                await page.keyboard.press("L")
            await page.keyboard.press("Enter") if not scripts else None
            await page.get_by_label("Part, row 1", exact=True).press("Enter")
            await page.wait_for_url("**/tenancies")
            await page.get_by_role("button", name="Save and go on").press("Enter")
            await page.wait_for_selector("text=Everything is in order.")
            if scripts:
                await look(page, "setup-last")
            await page.get_by_role("button", name="Set the building up").press("Enter")
            await page.wait_for_selector("text=is set up. Lots: 2. People: 1.")
            assert complaints == []


async def test_two_tabs(firm: Firm, chromium: Browser) -> None:
    address = firm.site.address
    await firm.site.account(SYNDIC, Role.SYNDIC)
    async with signed_in(chromium, address) as (page, complaints):
        draft = await begun(page, address)
        other = await page.context.new_page()
        for tab in (page, other):
            await tab.goto(f"{draft}/lots")
        for tab, lot in ((other, "A"), (page, "B")):
            await tab.get_by_label("Lot, row 1", exact=True).fill(lot)
            await tab.get_by_label("Lot, row 1", exact=True).press("Enter")
            await tab.wait_for_load_state()
        await page.wait_for_selector("text=What is kept now, and differs")
        assert await page.get_by_label("Lot, row 1", exact=True).input_value() == "B"
        await look(page, "setup-too-late")
        assert complaints == []


async def test_import_and_export(firm: Firm, chromium: Browser, tmp_path: Path) -> None:
    address = firm.site.address
    await firm.site.account(SYNDIC, Role.SYNDIC)
    files = sample_files()
    people = files["people.csv"].replace(b"tom.vermeulen@", b"tom@")
    uploads = {
        "wrong": zipped(
            spoiled({"people.csv": b"person\nx\n"}) | {"lots.csv": b"lot,kind,floor,shares\nA,castle,0,x\n"}
        ),
        "new": zipped(spoiled({})),
        "changed": zipped(files | {"people.csv": people, "tenancies.csv": b"lot,person,from,to\n"}),
    }
    async with signed_in(chromium, address) as (page, complaints):
        await page.goto(f"{address}/office/setup/import")
        await look(page, "setup-import")
        for name, content in uploads.items():
            path = tmp_path / f"{name}.zip"
            path.write_bytes(content)
            await page.goto(f"{address}/office/setup/import")
            await page.locator("#files").set_input_files(path)
            await page.get_by_role("button", name="Look at the files").press("Enter")
            await page.wait_for_load_state()
            await look(page, f"setup-import-{name}")
        await page.get_by_role("button", name="Bring it in").press("Enter")
        await page.wait_for_selector("text=brought up to date")
        await page.goto(f"{address}/office/buildings/tilleuls/files")
        await look(page, "setup-files")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Download the ZIP file").press("Enter")
        assert (await download.value).suggested_filename == "tilleuls-2026-11-22.zip"
        assert complaints == []
