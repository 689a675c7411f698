"""What waits for a decision among neighbours, on the first page: how much of what, for those who may decide there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, text

from core.bulletin.overview.model import Glance
from core.community.notices.moderation import service as moderation
from core.community.notices.moderation.model import Undecided
from core.kernel.i18n import LANGUAGES
from core.kernel.ids import new_id
from core.people.accounts.model import Role
from tests.core.small import small_building, stored
from tests.web_admin.community.conftest import COUNCIL, Hall, hall
from tests.web_admin.reading import SYNDIC
from tests.web_admin.tickets.conftest import another_firm
from web_admin.todo.moderation import lines

__all__ = ["hall"]

OAK = Glance(new_id(), "oak", "Oak", "Gent", (), 3, 3, 0, 0, 0, 0, 0)
ELM = Glance(new_id(), "elm", "Elm", "Gent", (), 3, 3, 0, 0, 0, 0, 0)


def listed(page: str) -> str:
    """The section of the page, nothing where there is none."""
    return page.partition('id="todo-moderation"')[2].partition("</section>")[0]


def test_each_kind_of_each_building_has_its_line() -> None:
    found = lines((Undecided(ELM.building_id, 0, 1, 3), Undecided(OAK.building_id, 2, 0, 0)), (OAK, ELM))
    assert [(line.where, line.said.key, line.said.values["count"], line.path) for line in found] == [
        ("Oak", "office.todo.moderation_objected", 2, "/community?building=oak"),
        ("Elm", "office.todo.moderation_hidden", 1, "/community?building=elm"),
        ("Elm", "office.todo.moderation_reported", 3, "/community?building=elm"),
    ]
    assert lines((Undecided(new_id(), 1, 1, 1),), (OAK, ELM)) == [], "a building that he does not see"


async def test_what_waits_is_counted_until_it_is_decided(hall: Hall) -> None:
    found = await hall.everything()
    reader = await hall.site.signed_in()
    section = listed((await reader.get("/")).text)
    assert "1 author objects to a decision" in section
    assert "1 note is hidden until somebody decides" in section
    assert "1 note reported by neighbours" in section
    (path,) = set(re.findall(r'href="/office(/[^"]*)"', section))
    shown = await reader.get(path)
    assert shown.status == 200
    for name in ("reported", "hidden", "removed"):
        assert str(found[name].notice_id) in shown.text
    await hall.do(moderation.keep, found["reported"].notice_id, COUNCIL)
    await hall.do(moderation.uphold, found["removed"].notice_id, COUNCIL)
    section = listed((await reader.get("/")).text)
    assert "hidden until" in section
    assert "objects" not in section
    assert "reported" not in section
    await hall.do(moderation.remove, found["hidden"].notice_id, COUNCIL, "An insult")
    assert "todo-moderation" not in (await reader.get("/")).text


async def test_it_counts_what_the_page_lists(hall: Hall) -> None:
    """A hidden note whose author has answered is one case, and one that has expired none."""
    found = await hall.everything()
    await hall.do(moderation.appeal, "james-carter", found["hidden"].notice_id, "It is true.")
    (counted,) = await hall.do(moderation.undecided)
    assert counted == Undecided(hall.building, objected=2, hidden=0, reported=1)
    assert await hall.do(moderation.undecided, [hall.building]) == [counted]
    assert await hall.do(moderation.undecided, []) == []
    cases = await hall.do(moderation.boards, [hall.building])
    assert sum(case.waits for case in cases) == counted.objected + counted.hidden + counted.reported
    hall.clock.now += timedelta(days=91)
    assert await hall.do(moderation.undecided) == []


async def test_only_those_who_decide_are_told(hall: Hall) -> None:
    await hall.everything()
    sample = hall.sample
    async with sample.database.work(sample.organisation) as uow:
        other = (await stored(uow, small_building("other"))).building_id
        await uow.commit()
    for role, building, told in (
        (Role.SYNDIC, None, True),
        (Role.COUNCIL, hall.building, True),
        (Role.COUNCIL, other, False),
        (Role.AUDITOR, None, False),
        (Role.ACCOUNTANT, None, False),
    ):
        code = f"{role.value}-{'here' if building == hall.building else 'there'}@renard-gestion.example"
        reader = await hall.site.signed_in(code, role, building=building)
        assert bool(listed((await reader.get("/")).text)) is told, (role, building)
    await hall.site.account("x@kopro.example", organisation=await another_firm(hall.site))
    stranger = hall.site.reader()
    assert "todo-moderation" not in (await stranger.sign_in("x@kopro.example")).text


async def test_of_another_organisation_nothing_is_counted(hall: Hall) -> None:
    await hall.everything()
    async with hall.sample.database.work(await another_firm(hall.site)) as uow:
        assert await moderation.undecided(uow) == []
        assert await moderation.undecided(uow, [hall.building]) == []


@contextmanager
def asked(hall: Hall) -> Iterator[list[str]]:
    """The statements about reports that the database gets meanwhile."""
    found: list[str] = []

    def noted(*given: object) -> None:
        if "notice_reports" in str(given[2]):
            found.append(str(given[2]))

    engine = hall.sample.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", noted)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", noted)


async def test_one_statement_for_all_buildings(hall: Hall) -> None:
    await hall.everything()
    sample = hall.sample
    slugs: dict[UUID, str] = {}
    async with sample.database.work(sample.organisation) as uow:
        for number in range(3):
            known = await stored(uow, small_building(f"more-{number}"))
            slugs[known.building_id] = known.building.slug
            await uow.connection.execute(
                text(
                    "UPDATE notices SET building_id = :building WHERE notice_id ="
                    " (SELECT notice_id FROM notices WHERE building_id = :old AND (objects OR state = 'hidden') LIMIT 1)"
                ),
                {"building": known.building_id, "old": hall.building},
            )
        await uow.commit()
    reader = await hall.site.signed_in()
    with asked(hall) as statements:
        page = (await reader.get("/")).text
    assert len(statements) == 1
    assert sum(f"/community?building={slug}" in listed(page) for slug in slugs.values()) == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(hall: Hall, language: str) -> None:
    await hall.everything()
    await hall.site.account(SYNDIC, Role.SYNDIC, language=language)
    shown = await hall.site.reader(language).sign_in()
    section = listed(shown.text)
    assert section.count("<li>") == 3
    assert "office." not in section
