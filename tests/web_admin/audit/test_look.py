"""The log in a real browser: at each width, light and dark, by axe-core."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.web_admin.audit.conftest import Log
from tests.web_admin.browser import look, signed_in

pytestmark = pytest.mark.xdist_group("chromium-audit-look")


async def test_each_page_of_the_log(filled: Log, chromium: Browser) -> None:
    site = filled.site
    await site.account(language="nl")
    found = {entry.deed: entry.number for entry in await filled.all()}
    async with signed_in(chromium, site.address, language="nl") as (page, complaints):
        for name, path in (
            ("audit", ""),
            ("audit-none", "?person=niemand"),
            ("audit-wrong", "?since=gisteren"),
            ("audit-rows", f"/{found['ownership_changed']}"),
            ("audit-fields", f"/{found['module_switched']}"),
        ):
            await page.goto(f"{site.address}/office/audit{path}")
            await look(page, name)
        await page.goto(f"{site.address}/office/audit")
        async with page.expect_download() as download:
            await page.get_by_role("link", name="CSV").press("Enter")
        assert (await download.value).suggested_filename.endswith(".csv")
        assert complaints == []
