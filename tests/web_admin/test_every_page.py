"""Every page there is, found by walking from link to link: in four languages, by every role, by another tenant, with ids that are not.

A page that is added is walked over by itself. Where no link leads to it, or something has to happen first, `House` (house.py) shows how.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest

from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Role, may
from tests.ground_floor import SAMPLE
from tests.web_admin.browser import LARGEST
from tests.web_admin.house import House
from tests.web_admin.reading import Reader, Shown
from tests.web_admin.walking import PLACE, Seen, Walk, is_one_s_own, pattern, places
from web_admin.application import PAGES, PREFIX
from web_admin.pages import FORM_TOKEN, Page
from web_admin.routes import FOLDER

READ = [page for page in PAGES if page.get is not None]
SENT = [page for page in PAGES if page.post is not None]
OTHERS = [role for role in Role if role not in (Role.ADMINISTRATOR, Role.SYNDIC)]
KEY = re.compile(r"\b(?:office|web)\.[a-z_]+\.[a-z_.]+\b")
"""A key of the catalogue where a sentence should stand."""
NOT_OURS = ("nowhere", "0", "x" * 300, "..%2F..", "%00", "%E2%80%AE", "' OR 1=1 --")
"""Where an identity is expected, none."""


async def walked(house: House, reader: Reader) -> Walk:
    walk = Walk(reader)
    await walk.go(house.starts())
    return walk


def is_page(shown: Shown) -> bool:
    return shown.headers.get("Content-Type", "").startswith("text/html")


def faults_of(shown: Shown, language: str) -> list[str]:
    """What is wrong with a page as it arrived."""
    found = []
    seen = Seen(shown)
    if seen.elsewhere:
        found.append(f"an address of another host: {seen.elsewhere}")
    if seen.inline:
        found.append(f"style or script in the page: {seen.inline}")
    if keys := KEY.findall(re.sub(r"<[^>]*>", "", shown.text)):
        found.append(f"keys for sentences: {keys}")
    if len(shown.text.encode()) > LARGEST:
        found.append(f"{len(shown.text.encode())} bytes")
    if seen.whole and (seen.headings, seen.language) != (1, language):
        found.append(f"{seen.headings} h1, in {seen.language}")
    if not seen.whole:
        found.append("no whole page")
    return [f"{shown.path}: {each}" for each in found]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_stands_in_every_language(house: House, language: str) -> None:
    walk = await walked(house, await house.syndic(language))
    faults = [f"a link to {each}, where nothing is" for each in walk.dead]
    for page in READ:
        every = walk.shown.get(page.path, [])
        if not every:
            faults.append(f"{page.path}: no link leads here; or `House` has nothing to show on it")
        for shown in every:
            if shown.status != 200:
                faults.append(f"{shown.path}: {shown.status}")
            elif is_page(shown) and not shown.path.startswith((f"{PREFIX}/offline/", f"{PREFIX}/link/")):
                faults += faults_of(shown, language)
    assert not faults, "\n".join(faults)


async def test_no_page_without_a_word(house: House) -> None:
    """The office of somebody who has nothing yet: a building, a message, a colleague."""
    await house.site.account("new@second.example", Role.SYNDIC, organisation=house.second)
    reader = house.site.reader()
    await reader.sign_in("new@second.example")
    walk = Walk(reader)
    await walk.go([f"{PREFIX}/"])
    faults = [f"a link to {each}, where nothing is" for each in walk.dead]
    for every in walk.shown.values():
        for shown in every:
            if shown.status != 200:
                faults.append(f"{shown.path}: {shown.status}")
            elif is_page(shown):
                faults += faults_of(shown, "en")
                main = shown.text.partition("<h1")[2].partition("</main>")[0]
                if not re.search(r"<(p|li|label|td|dd)\b", main):
                    faults.append(f"{shown.path}: not a word")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", OTHERS)
async def test_each_role_comes_in_where_the_table_says(house: House, role: Role) -> None:
    walk = await walked(house, await house.syndic())
    reader = await house.site.signed_in(f"{role.value}@renard-gestion.example", role)
    faults = []
    for page in READ:
        address = walk.address(page)
        if address is None:
            continue
        wanted = 200 if page.open or page.act is None or may(role, page.act) else 403
        shown = await reader.get(address.removeprefix(PREFIX), follow=False)
        if shown.status != wanted:
            faults.append(f"{address}: {shown.status}, not {wanted}")
        elif wanted == 200 and is_page(shown) and not page.open:
            faults += faults_of(shown, "en")
    token = (await reader.get("/account")).form("/sign-out")[FORM_TOKEN]
    for page in SENT:
        act = page.changes or page.act
        for form in walk.forms.get(page.path, [])[:1]:
            if not page.open and act is not None and not may(role, act):
                sent = await reader.post(form.path.removeprefix(PREFIX), {FORM_TOKEN: token})
                if sent.status != 403:
                    faults.append(f"POST {form.path}: {sent.status}, not 403")
    assert not faults, "\n".join(faults)


async def test_no_page_shows_a_role_a_way_that_is_shut(house: House) -> None:
    """Whatever is linked or can be pressed on a page that somebody may read, he may follow or press."""
    faults = []
    for role in OTHERS:
        reader = await house.site.signed_in(f"{role.value}@renard-gestion.example", role)
        walk = Walk(reader)
        await walk.go([f"{PREFIX}/"])
        faults += [f"{role.value}: a link to {each}" for each in walk.dead]
        for every in walk.shown.values():
            faults += [
                f"{role.value}: a link to {shown.path}: {shown.status}" for shown in every if shown.status >= 400
            ]
        for page in SENT:
            act = page.changes or page.act
            if not page.open and act is not None and not may(role, act):
                faults += [
                    f"{role.value}: a form on {form.on} to {form.path}"
                    for form in walk.forms.get(page.path, [])[:1]
                    if form.buttons
                ]
    assert not faults, "\n".join(faults)


async def test_another_tenant_finds_nothing_and_changes_nothing(house: House) -> None:
    """With every address and every form of the first: where it names something of theirs 404, and nowhere a word of it."""
    walk = await walked(house, await house.syndic())
    reader = await house.neighbour()
    token = (await reader.get("/account")).form("/sign-out")[FORM_TOKEN]
    before = await house.fingerprint()
    theirs = re.compile(
        r"tilleuls/|Résidence Les Tilleuls|" + "|".join(str(each) for each in house.post.persons.values())
    )
    assert SAMPLE.name.endswith("tilleuls")
    faults = []
    for page in READ:
        for there in [] if page.open else walk.shown.get(page.path, []):
            shown = await reader.get(there.path.removeprefix(PREFIX), follow=False)
            if is_one_s_own(page) and shown.status != 404:
                faults.append(f"{there.path}: {shown.status}")
            if not is_page(shown):
                continue
            main = shown.text.partition("<main")[2]
            if shown.status >= 500 or ((found := theirs.search(main)) and found[0] not in there.path):
                faults.append(f"{there.path}: {shown.status} {theirs.findall(main)}")
    for page in SENT:
        for form in [] if page.open or page.path == "/sign-out" else walk.forms.get(page.path, [])[:2]:
            for button in form.buttons or [None]:
                fields = form.values(button)
                fields[FORM_TOKEN] = token
                sent = await reader.post(form.path.removeprefix(PREFIX), fields, follow=False)
                if (is_one_s_own(page) and sent.status != 404) or sent.status >= 500:
                    faults.append(f"POST {form.path}: {sent.status}")
    after = await house.fingerprint()
    assert not faults, "\n".join(faults)
    assert {name for name in after if after[name] != before[name]} == set()


async def test_what_is_not_there_is_404(house: House) -> None:
    walk = await walked(house, await house.syndic())
    reader = await house.syndic()
    token = (await reader.get("/account")).form("/sign-out")[FORM_TOKEN]
    faults = []
    for page in PAGES:
        address = walk.address(page) or next((form.path for form in walk.forms.get(page.path, [])), None)
        if address is None or page.open:
            continue
        for place in places(page):
            for wrong in (str(uuid4()), *NOT_OURS):
                path = _with(page, urlsplit(address).path.removeprefix(PREFIX), place, wrong)
                if page.get is not None and (shown := await reader.get(path, follow=False)).status != 404:
                    faults.append(f"{path[:90]}: {shown.status}")
                if page.post is not None:
                    sent = await reader.post(path, {FORM_TOKEN: token}, follow=False)
                    if sent.status != 404:
                        faults.append(f"POST {path[:90]}: {sent.status}")
    assert not faults, "\n".join(faults)


def _with(page: Page, path: str, place: str, value: str) -> str:
    """A path of that page with another value in one place."""
    found = pattern(page).fullmatch(path)
    assert found is not None, path
    values = {**found.groupdict(), place: value}
    return PLACE.sub(lambda each: values[each[1]] if "%" in values[each[1]] else quote(values[each[1]]), page.path)


async def test_whoever_is_not_signed_in_comes_to_the_door(house: House) -> None:
    walk = await walked(house, await house.syndic())
    reader = house.site.reader()
    faults = []
    for page in READ:
        address = walk.address(page)
        if address is None or page.open:
            continue
        shown = await reader.get(address.removeprefix(PREFIX), follow=False)
        if (shown.status, shown.headers.get("Location", "").partition("?")[0]) != (303, f"{PREFIX}/sign-in"):
            faults.append(f"{address}: {shown.status}")
    for page in SENT:
        for form in [] if page.open else walk.forms.get(page.path, [])[:1]:
            sent = await reader.post(form.path.removeprefix(PREFIX), form.values(), follow=False)
            if sent.status != 401:
                faults.append(f"POST {form.path}: {sent.status}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("style", sorted((FOLDER / "static").glob("*.css")), ids=lambda path: path.name)
def test_no_style_asks_another_host(style: object) -> None:
    text = (FOLDER / "static" / str(style)).read_text(encoding="utf-8")
    assert "@import" not in text
    assert re.findall(r"url\(\s*['\"]?(?!data:|/)", text) == []
