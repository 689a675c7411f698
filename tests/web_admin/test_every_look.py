"""Every page that the syndic reads, as Chromium shows it and as axe-core judges it: wide and light, narrow and dark; each in one of four
languages, in turn. Its pictures are kept with the others."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page

from core.kernel.i18n import LANGUAGES
from tests.web_admin.browser import LARGEST, pictures, signed_in, violations
from tests.web_admin.house import House
from tests.web_admin.test_every_page import READ, is_page, walked
from web_admin.application import PREFIX

LOOKS = ((1440, "light"), (320, "dark"))


@pytest.mark.parametrize(
    "language",
    [pytest.param(each, marks=pytest.mark.xdist_group(f"chromium-{each}")) for each in LANGUAGES],
)
async def test_nothing_is_wrong_with_any_page_as_it_is_seen(chromium: Browser, house: House, language: str) -> None:
    walk = await walked(house, await house.syndic(language))
    mine = [page for number, page in enumerate(READ) if LANGUAGES[number % len(LANGUAGES)] == language]
    faults: list[str] = []
    async with signed_in(chromium, house.site.address, language=language) as (page, complaints):
        for each in mine:
            shown = next((one for one in walk.shown.get(each.path, []) if one.status == 200 and is_page(one)), None)
            if shown is not None and not shown.path.startswith(f"{PREFIX}/link/"):
                faults += await looked_at(page, house.site.address + shown.path, each.path, language)
    assert not faults, "\n".join(faults)
    assert complaints == []


async def looked_at(page: Page, address: str, path: str, language: str) -> list[str]:
    faults: list[str] = []
    name = re.sub(r"\W+", "-", re.sub(r"{(\w+)[^/]*}", r"\1", path)).strip("-") or "home"
    await page.goto(address)
    for width, scheme in LOOKS:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=pictures() / f"every-{name}-{width}-{scheme}-{language}.png", full_page=True)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            faults.append(f"{path}: {wide} px do not fit in {width}")
        faults += [f"{path} at {width}, {scheme}: {each}" for each in await violations(page)]
    if len((await page.content()).encode()) > LARGEST:
        faults.append(f"{path}: too large")
    return faults
