"""Reports of danger stand before all else on the first page: with their age, to whoever may read them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.kernel.i18n import LANGUAGES, Catalogues
from core.people.accounts.model import Role
from core.tickets.model import Move
from tests.ground_floor import NOW
from tests.web_admin.reading import SYNDIC
from tests.web_admin.tickets.conftest import Workshop, another_firm, workshop
from web_admin.todo.urgent import MOST_URGENT, age

__all__ = ["workshop"]


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        ({"seconds": 59}, "Reported just now"),
        ({"seconds": -5}, "Reported just now"),
        ({"minutes": 1}, "Reported 1 minute ago"),
        ({"minutes": 59}, "Reported 59 minutes ago"),
        ({"hours": 1}, "Reported 1 hour ago"),
        ({"hours": 47}, "Reported 1 day ago"),
        ({"days": 3}, "Reported 3 days ago"),
    ],
)
def test_an_age_in_words(catalogues: Catalogues, passed: dict[str, int], said: str) -> None:
    assert catalogues["en"](age(NOW - timedelta(**passed), NOW)) == said


async def test_danger_stands_first_until_it_is_over(workshop: Workshop) -> None:
    light = await workshop.reports("tom-vermeulen", "the light in the cellar is broken")
    gas = await workshop.reports("youssef-benali", "I smell gas in the hallway")
    workshop.clock.now += timedelta(hours=3)
    water = await workshop.reports("anna-schmitz", "water is pouring through the ceiling, flood!")
    reader = await workshop.site.signed_in()
    page = (await reader.get("/")).text
    first = page.index("<h2 ")
    assert page[first:].startswith('<h2 id="todo-urgent">')
    assert page.index(f'href="/office/tickets/{gas.ticket}"') < page.index(f'href="/office/tickets/{water.ticket}"')
    assert page.index(f"/tickets/{water.ticket}") < page.index('id="todo-due"')
    assert "Reported 3 hours ago" in page
    assert "Reported just now" in page
    assert str(light.ticket) not in page, "what can wait stands with the reports"
    assert f"/tickets/{gas.ticket}" in (await reader.get("/buildings/tilleuls")).text
    assert (await reader.get(f"/tickets/{gas.ticket}")).status == 200
    await workshop.moves(gas, Move.SOLVE)
    page = (await reader.get("/")).text
    assert str(gas.ticket) not in page
    assert str(water.ticket) in page
    await workshop.moves(water, Move.REFUSE, note="A cup was spilled.")
    assert "todo-urgent" not in (await reader.get("/")).text


async def test_of_many_the_oldest_and_how_many_more(workshop: Workshop) -> None:
    for _ in range(MOST_URGENT + 2):
        await workshop.reports("james-carter", "I smell gas in the hallway")
        workshop.clock.now += timedelta(days=2)
    reader = await workshop.site.signed_in()
    page = (await reader.get("/")).text
    listed = page.partition('id="todo-urgent"')[2].partition("</section>")[0]
    assert listed.count("ago</span>") == MOST_URGENT
    assert "And 2 more urgent reports" in listed
    assert 'href="/office/tickets?urgency=urgent"' in listed


async def test_who_sees_it_and_where(workshop: Workshop) -> None:
    report = await workshop.reports("anna-schmitz", "water is pouring from the ceiling in lot 3A, flood!")
    for role, knows in ((Role.SYNDIC, True), (Role.COUNCIL, True), (Role.AUDITOR, False), (Role.ACCOUNTANT, False)):
        reader = await workshop.site.signed_in(f"{role.value}@renard-gestion.example", role)
        page = (await reader.get("/")).text.partition('id="todo-urgent"')[2].partition("</section>")[0]
        assert str(report.ticket) in page
        assert ("3A" in page) is (knows and "3A" in str(report.spot)), role
    await workshop.site.account("x@kopro.example", organisation=await another_firm(workshop.site))
    stranger = workshop.site.reader()
    assert "todo-urgent" not in (await stranger.sign_in("x@kopro.example")).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(workshop: Workshop, language: str) -> None:
    await workshop.reports("youssef-benali", "I smell gas in the hallway")
    await workshop.site.account(SYNDIC, Role.SYNDIC, language=language)
    reader = workshop.site.reader(language)
    shown = await reader.sign_in()
    assert "todo-urgent" in shown.text
    assert "office." not in shown.text.replace("/static/office.css", "")
