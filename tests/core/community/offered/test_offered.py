"""All that neighbours put up in one list, and how each is taken down: once, for a reason that its author and the log know."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.community.bazaar import service as bazaar
from core.community.bazaar.seeks import service as seeks
from core.community.loans import service as loans
from core.community.loans.things import service as things
from core.community.offered import service
from core.community.offered.model import GIFT, MODULES, OBJECT, SEEK, SERVICE, SKILL, Posted
from core.community.posts import service as posts
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Kind
from core.community.skills import service as skills
from core.community.skills.model import Pay
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.periods import Period
from core.modules import NAMES
from core.people.audit import service as audit
from core.people.audit.model import Actor
from tests.core.community.bazaar.conftest import Shed

COUNCIL = Actor(None, "council")
KINDS = (GIFT, SEEK, OBJECT, SKILL, SERVICE)
AUTHOR = {GIFT: "tom", SEEK: "anna", OBJECT: "lea", SKILL: "james", SERVICE: "youssef"}


async def everything(house: Shed) -> None:
    """One thing of each kind, each of somebody else."""
    await house.given("tom", "Babybed")
    await house.does(seeks.seek, house.anna, house.building, "Kinderwagen")
    await house.does(things.lend, house.lea, house.building, "Perceuse")
    consent = "I agree."
    await house.does(skills.put_in, house.james, house.building, "Bike repairs", Pay.FREE, consent)
    await house.does(offers.add, house.building, house.youssef, Kind.OFFER, "Babysitting")


async def up(house: Shed, module: str = "") -> dict[str, Posted]:
    found = await house.does(service.up, house.building, module)  # type: ignore[arg-type]
    return {each.kind: each for each in found}  # type: ignore[attr-defined]


async def remove(house: Shed, posted: Posted, reason: str = "Advertising") -> Any:
    return await house.does(service.remove, posted.kind, posted.subject, COUNCIL, reason)  # type: ignore[arg-type]


async def test_everything_is_in_one_list(house: Shed) -> None:
    await everything(house)
    found = await up(house)
    words = house.words["en"]
    assert {kind: (each.name, words(each.what), each.called) for kind, each in found.items()} == {
        GIFT: ("Babybed", "to give away", "Tom V."),
        SEEK: ("Kinderwagen", "looked for", "Anna S."),
        OBJECT: ("Perceuse", "to lend", "Léa D."),
        SKILL: ("Bike repairs", "skill, free among neighbours", "James C."),
        SERVICE: ("Babysitting", "help offered", "Youssef B."),
    }
    assert {each.since for each in found.values()} == {house.clock.now}
    assert words(found[OBJECT].state) == "available"
    assert words(found[GIFT].state) == "until 21 December 2026"
    for module in MODULES:
        assert {each.module for each in (await up(house, module)).values()} == {module}
    assert set(MODULES) <= set(NAMES)
    for posted in found.values():
        assert await house.does(service.one, posted.kind, posted.subject) == posted  # type: ignore[arg-type]
        assert await house.does(service.where, posted.kind, uuid4()) is None  # type: ignore[arg-type]
    assert await house.does(service.one, "notice", found[GIFT].subject) is None  # type: ignore[arg-type]
    for language in LANGUAGES:
        assert all(house.words[language](each.what) and house.words[language](each.state) for each in found.values())


async def test_what_is_lent_or_drawn_says_so(house: Shed) -> None:
    await everything(house)
    found, today, words = await up(house), local_day(house.clock.now), house.words["en"]
    await house.does(bazaar.by_lot, house.tom, found[GIFT].subject, today + timedelta(days=3))
    await house.does(loans.borrow, house.anna, found[OBJECT].subject, Period(today, today + timedelta(days=1)))
    (loan,) = await house.rows("SELECT loan_id FROM loans")
    await house.does(loans.grant, house.lea, loan["loan_id"])
    now = await up(house)
    assert words(now[GIFT].state) == "drawn on 25 November 2026"
    assert words(now[OBJECT].state) == "lent, free from 24 November 2026"


async def test_whoever_left_is_not_listed(house: Shed) -> None:
    await everything(house)
    for who in AUTHOR.values():
        await house.moves_out(who)
    assert await up(house) == {}


@pytest.mark.parametrize("kind", KINDS)
async def test_taken_down_its_author_reads_why(house: Shed, kind: str) -> None:
    await everything(house)
    posted = (await up(house))[kind]
    for reason, key in (
        ("", "removals.no_reason"),
        (" \u200b 🎉", "removals.no_reason"),
        ("x" * 501, "community.long_text"),
        ("the asshole", "community.insulting"),
    ):
        assert await house.refused(service.remove, kind, posted.subject, COUNCIL, reason) == key
    await remove(house, posted, "C'est de la <b>publicité</b>.\0")
    assert kind not in await up(house)
    assert len(await up(house)) == len(KINDS) - 1
    assert await house.does(service.one, kind, posted.subject) is None  # type: ignore[arg-type]
    ((_, card),) = await house.cards(AUTHOR[kind])
    assert card.title.key == "removals.removed"
    assert card.title.values == {"name": posted.name}
    assert [str(fact.value.values["value"]) for fact in card.facts] == ["C'est de la <b>publicité</b>."]
    (told,) = await house.rows("SELECT kind FROM deliveries WHERE person_id = $1", getattr(house, AUTHOR[kind]))
    assert told["kind"] == "account"
    async with house.sample.database.work(house.sample.organisation) as uow:
        (entry,) = (await audit.entries(uow)).entries
        assert await posts.last(uow, getattr(house, AUTHOR[kind])) is None, "there is nothing to undo"
    assert (entry.deed, entry.subject) == ("post_removed", f"{kind} {posted.name}")
    assert entry.after == {"reason": "C'est de la <b>publicité</b>."}
    assert entry.building == house.building
    assert await house.refused(service.remove, kind, posted.subject, COUNCIL, "Twice") == "removals.gone"
    assert await house.refused(service.remove, kind, uuid4(), COUNCIL, "Nothing") == "removals.gone"


@pytest.mark.parametrize("kind", KINDS)
async def test_of_two_who_remove_it_one_does(house: Shed, kind: str) -> None:
    await everything(house)
    posted = (await up(house))[kind]
    both = await asyncio.gather(*(remove(house, posted) for _ in range(4)), return_exceptions=True)
    refused = [each.text.key for each in both if isinstance(each, DomainError)]
    assert refused == ["removals.gone"] * 3
    assert (await house.keys(AUTHOR[kind])).count("removals.removed") == 1


async def test_who_waited_for_it_is_told_too(house: Shed) -> None:
    await everything(house)
    found = await up(house)
    today = local_day(house.clock.now)
    await house.does(bazaar.by_lot, house.tom, found[GIFT].subject, today + timedelta(days=3))
    await house.does(bazaar.take, house.priya, found[GIFT].subject)
    await house.does(loans.borrow, house.priya, found[OBJECT].subject, Period(today, today))
    await house.does(skills.ask, house.priya, found[SKILL].subject)
    await house.does(offers.touch, found[SERVICE].subject, house.priya)
    for kind in (GIFT, OBJECT, SKILL, SERVICE):
        await remove(house, found[kind])
    assert len(await house.keys("priya")) == 4
    assert await house.rows("SELECT 1 FROM loans WHERE state = 'asked'") == []
    assert await house.rows("SELECT 1 FROM skill_asks WHERE state = 'asked'") == []
    assert await house.rows("SELECT 1 FROM sel_answers WHERE state = 'asked'") == []


async def test_what_is_agreed_is_finished(house: Shed) -> None:
    """A thing that somebody has is brought back though it is up no more; what is reserved is off the board already."""
    await everything(house)
    found, today = await up(house), local_day(house.clock.now)
    await house.does(loans.borrow, house.priya, found[OBJECT].subject, Period(today, today))
    (loan,) = await house.rows("SELECT loan_id FROM loans")
    await house.does(loans.grant, house.lea, loan["loan_id"])
    await remove(house, found[OBJECT])
    assert [row["state"] for row in await house.rows("SELECT state FROM loans")] == ["granted"]
    await house.does(bazaar.take, house.priya, found[GIFT].subject)
    assert GIFT not in await up(house)
    assert await house.refused(service.remove, GIFT, found[GIFT].subject, COUNCIL, "Late") == "removals.gone"


async def test_of_others_there_is_nothing(house: Shed) -> None:
    await everything(house)
    posted = (await up(house))[GIFT]
    async with house.sample.database.work() as uow:
        from core.buildings import store as buildings

        firm = await buildings.add_organisation(uow, "others")
        await uow.commit()
    async with house.sample.database.work(firm) as uow:
        assert await service.up(uow, house.building) == []
        assert await service.where(uow, posted.kind, posted.subject) is None
        with pytest.raises(DomainError) as refusal:
            await service.remove(uow, posted.kind, UUID(str(posted.subject)), COUNCIL, "Mine now")
        assert refusal.value.text.key == "removals.gone"
    assert GIFT in await up(house)
