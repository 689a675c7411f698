"""The page of what neighbours did together, its picture, its table and its file."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import quote

import pytest

from core.buildings import store as buildings
from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Role
from tests.core.bulletin.impact.test_reading import happens
from tests.web_admin.reading import Site
from web_admin.audit.sheet import MARK


async def done(rooms: Site) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await happens(uow, rooms.sample)
        await uow.commit()


async def test_with_nothing_it_says_so_and_how_it_would_be_counted(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get("/impact")
    assert shown.status == 200
    assert "This is too little to tell yet." in shown.text
    assert "<svg" not in shown.text
    assert "Our assumption" in shown.text
    assert "ADEME (2018)" in shown.text


async def test_the_picture_and_the_table_tell_the_same(rooms: Site) -> None:
    await done(rooms)
    reader = await rooms.signed_in()
    shown = await reader.get("/impact")
    assert shown.status == 200
    row = re.search(r'<tr><th scope="row">Résidence Les Tilleuls</th>((?:<td>.*?</td>)+)</tr>', shown.text)
    assert row is not None
    cells = re.findall("<td>(.*?)</td>", row[1])
    assert cells == ["4", "3", "too few to tell", "4", "1", "34 kg", "5"]
    assert '<text class="chart-value" x="100%" y="1.2em">4</text>' in shown.text
    for name in ("Léa", "Tom", "Youssef"):
        assert name not in shown.text, "no personal data"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_file_has_the_same_figures(rooms: Site, language: str) -> None:
    await done(rooms)
    reader = await rooms.signed_in(language=language)
    shown = await reader.get("/impact/impact.csv?year=2026")
    assert shown.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "impact-2026.csv" in shown.headers["Content-Disposition"]
    assert shown.text.startswith(MARK)
    head, house, every = list(csv.reader(io.StringIO(shown.text.removeprefix(MARK))))
    assert len(head) == len(house) == len(every) == 9
    assert house == ["2026", "Résidence Les Tilleuls", "4", "3", "", "4", "1", "34", "5"]
    assert every[2:] == house[2:]


@pytest.mark.parametrize("year", ["1999", "x", "-1", "2026; DROP TABLE loans", ""])
async def test_a_year_that_is_none_is_this_one(rooms: Site, year: str) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get(f"/impact?year={quote(year)}")
    assert shown.status == 200
    assert "in 2026" in shown.text


async def test_another_tenant_sees_nothing_of_it(rooms: Site) -> None:
    await done(rooms)
    async with rooms.sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "ailleurs")
        await uow.commit()
    await rooms.account("boss@ailleurs.example", Role.SYNDIC, organisation=other)
    reader = rooms.reader()
    await reader.sign_in("boss@ailleurs.example")
    shown = await reader.get("/impact")
    assert "Tilleuls" not in shown.text
    assert "too little" in shown.text
