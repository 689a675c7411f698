"""Invitations to a building of 400 people: each page is light, and those are invited who are ticked on it."""

from __future__ import annotations

import re

import pytest

from tests.web_admin.invitations.conftest import Wired, pages_of
from tests.web_admin.lots.reading import MANY, build_tower

TOWER = "/invitations/tower"
LARGEST = 100_000
BOX = re.compile(r'name="person" value="([0-9a-f-]{36})"( checked)?')


async def test_four_hundred_are_listed_in_light_pages(wired: Wired) -> None:
    await build_tower(wired.sample)
    reader = await wired.site.signed_in()
    found: list[str] = []
    for page in (1, 2, 3):
        shown = await reader.get(f"{TOWER}?page={page}")
        assert shown.status == 200
        assert len(shown.text.encode()) < LARGEST
        assert f"Page {page} of 3." in shown.text
        found += [person for person, _ in BOX.findall(shown.text)]
    assert len(found) == len(set(found)) == MANY


@pytest.mark.parametrize(("page", "same"), [("x", "1"), ("0", "1"), ("99999", "3"), ("-1", "1"), ("1" * 40, "1")])
async def test_any_number_is_a_page(wired: Wired, page: str, same: str) -> None:
    await build_tower(wired.sample)
    reader = await wired.site.signed_in()
    assert f"Page {same} of 3." in (await reader.get(f"{TOWER}?page={page}")).text


async def test_those_ticked_on_a_page_are_invited_and_nobody_else(wired: Wired) -> None:
    await build_tower(wired.sample)
    reader = await wired.site.signed_in()
    shown = await reader.get(f"{TOWER}?page=3")
    boxes = BOX.findall(shown.text)
    assert all(ticked for _, ticked in boxes), "who has linked nothing and has no code is ticked at first"
    chosen = [person for person, _ in boxes[:2]]
    _, pdf = await wired.press(reader, shown, "print", *chosen)
    assert len(pages_of(pdf)) == 2
    again = (await reader.get(f"{TOWER}?page=3")).text
    out = [person for person, ticked in BOX.findall(again) if not ticked]
    assert sorted(out) == sorted(chosen)
