"""One building at a glance: what it is, what is to do, who owes, who takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from core.bulletin.overview import service as overview
from core.bulletin.overview.model import ACTIVE, Participation
from core.interchange.extracts import service as extracts
from core.interchange.extracts.model import Balance
from core.kernel.clock import local_day
from core.kernel.i18n import Words
from core.kernel.money import Money
from core.kernel.periods import financial_year
from core.kernel.text import say
from core.modules import named, title
from core.people.accounts.model import Act
from web_admin.charts.bars import BarChart, Row, bars
from web_admin.messages.words import channel
from web_admin.pages import Page, Visit, render
from web_admin.todo.tasks import PERSON, groups
from web_admin.todo.urgent import urgent

EVERYBODY = 10_000
"""More than have an account in any building."""
CHANNELS = ("email", "telegram", "matrix", "letter")
"""Shown in this order; others where somebody has them."""


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody owes, or has in his favour (`cents` below 0). `late`: something of it is past its due date."""

    name: str
    cents: int
    due: date | None
    late: bool
    path: str

    @property
    def amount(self) -> Money:
        return Money(self.cents)


@dataclass(frozen=True, slots=True)
class Owing:
    """Who owes: the largest first, then who has something in his favour. Whoever has nothing to pay is counted only."""

    accounts: tuple[Account, ...]
    even: int

    @property
    def owed(self) -> Money:
        return Money(sum(row.cents for row in self.accounts if row.cents > 0))

    @property
    def credit(self) -> Money:
        return Money(-sum(row.cents for row in self.accounts if row.cents < 0))

    @property
    def late(self) -> int:
        """Of how many something is late."""
        return sum(row.late for row in self.accounts)

    @property
    def debtors(self) -> int:
        return sum(row.cents > 0 for row in self.accounts)


def owing(balances: Sequence[Balance], today: date, person_path: str = "") -> Owing:
    """`person_path`: where the page of a person stands, with `{person}` in it."""
    open_ones = sorted((row for row in balances if row.owed.to_pay), key=lambda row: (-row.owed.to_pay, row.name))
    rows = tuple(
        Account(
            row.name,
            row.owed.to_pay,
            row.owed.due,
            row.owed.due is not None and row.owed.due < today,
            person_path.replace("{person}", row.place.membership.person),
        )
        for row in open_ones
    )
    return Owing(rows, len(balances) - len(rows))


def owing_chart(found: Owing, words: Words) -> BarChart:
    return bars(Row(row.name, row.cents, words.written(row.amount)) for row in found.accounts)


def participation_chart(found: Participation, words: Words) -> BarChart:
    """Of all people: whom each channel reaches, who linked one, who wrote lately."""
    others = sorted(set(found.reach) - set(CHANNELS))
    counted = [
        (words(say("office.glance.reach", channel=channel(name))), found.reach.get(name, 0))
        for name in (*CHANNELS, *others)
    ]
    counted.append((words(say("office.glance.linked")), found.linked))
    counted.append((words(say("office.glance.wrote", count=ACTIVE.days)), found.wrote))
    return bars((Row(label, count, words.written(count)) for label, count in counted), found.people)


async def show(visit: Visit) -> web.StreamResponse:
    known, uow = visit.building, visit.uow
    building, today, words = known.building, local_day(uow.now), visit.office.catalogues[visit.language]
    todo = await overview.todo(uow, [known.building_id])
    (glance,) = todo.buildings
    unreachable = await overview.unreachable(uow, [known.building_id]) if glance.unreachable or glance.unwarned else []
    lots = await overview.voiceless(uow, known.building_id) if glance.voiceless else []
    danger = await urgent(visit, frozenset((known.building_id,)), {known.building_id: building.name})
    balances = (await extracts.balances(uow, known, None, EVERYBODY)).rows
    paths = visit.office.paths
    found = owing(balances, today, PERSON.replace("{building}", building.slug) if PERSON in paths else "")
    participation = await overview.participation(uow, known.building_id)
    return render(
        visit,
        "buildings/glance.html",
        glance=glance,
        year=financial_year(today, building.financial_year_start),
        modules=[title(named(name)) for name in building.modules],
        groups=groups(todo, unreachable, (), today, paths, lots, danger),
        level=3,
        has_accounts=bool(balances),
        owing=found,
        owes=owing_chart(found, words),
        participation=participation,
        takes_part=participation_chart(participation, words),
        tells=visit.may(Act.TELL),
        invites=visit.may(Act.INVITE),
    )


PAGES = (Page("/buildings/{building}", show, section="buildings", tab="glance"),)
