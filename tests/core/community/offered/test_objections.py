"""Whoever put something up that was taken down may say once that he does not agree; who decides reads it and answers, once."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from core.community.offered import service as offered
from core.community.offered.model import GIFT, OBJECT, SEEK, SERVICE, SKILL
from core.community.removals import service
from core.community.removals.model import LONGEST_REASON, Told, told_of
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.people.accounts import store as accounts
from core.people.audit.model import Actor
from tests.core.community.bazaar.conftest import Shed
from tests.core.community.offered.test_offered import AUTHOR, KINDS, everything, up

COUNCIL = ("lea", "tom", "sofie")
REASON = "Not for a building."
WORDS = "It is quite new.\nPlease look again."


async def removed(house: Shed, kind: str, by: UUID | None = None) -> Told:
    """One thing of that kind is taken down; gives what the button carries that its author got."""
    await everything(house)
    posted = (await up(house))[kind]
    await house.does(offered.remove, kind, posted.subject, Actor(by, "office"), REASON)  # type: ignore[arg-type]
    ((_, card),) = await house.cards(AUTHOR[kind])
    (choice,) = card.choices
    assert (choice.intent.name, choice.intent.slots["do"]) == ("human", "object")
    return told_of(choice.intent.slots)


def deciders(kind: str) -> set[str]:
    return set(COUNCIL) - {AUTHOR[kind]}


async def comes_to_write(house: Shed, code: str) -> None:
    """From now on a notice finds him."""
    await house.rows(
        "INSERT INTO directory (organisation_id, channel, handle, person_id, linked_at, last_used)"
        " VALUES ($1, 'console', $2, $3, now(), now())",
        house.sample.organisation,
        code,
        getattr(house, code),
    )


async def account(house: Shed, email: str) -> UUID:
    async with house.sample.database.work(house.sample.organisation) as uow:
        made = await accounts.add(uow, email, "Somebody of the office", "nl")
        await uow.commit()
    return made.account_id


@pytest.mark.parametrize("kind", KINDS)
async def test_the_council_reads_what_the_author_says_and_one_of_it_answers(house: Shed, kind: str) -> None:
    told, author = await removed(house, kind), getattr(house, AUTHOR[kind])
    question = await house.does(service.ask, author, told)
    assert (question.title.key, question.title.values) == ("removals.why_object", {"name": told.name})
    assert (await house.does(service.object_to, author, told, WORDS)).title.key == "removals.objected"
    for member in COUNCIL:
        keys = await house.keys(member)
        assert keys.count("removals.objects") == (member in deciders(kind)), member
    member = min(deciders(kind))
    _, card = (await house.cards(member))[-1]
    assert card.title.values == {"name": told.name}
    assert card.body[1].values == {"value": WORDS}
    assert [fact.value.values["value"] for fact in card.facts] == [REASON]
    assert [told_of(choice.intent.slots) for choice in card.choices] == [told, told]
    assert [choice.intent.slots["do"] for choice in card.choices] == ["lift", "uphold"]
    assert (await house.does(service.rule, getattr(house, member), told, lifts=True)).title.key == "removals.you_lifted"
    assert (await house.keys(AUTHOR[kind]))[-1] == "removals.lifted"
    second = max(deciders(kind))
    assert await house.refused(lambda uow: service.rule(uow, getattr(house, second), told, lifts=False)) == (
        "removals.ruled_already"
    )
    assert await house.refused(service.object_to, author, told, "Once more") == "removals.answered_already"
    assert await house.refused(service.ask, author, told) == "removals.answered_already"


async def test_it_stays_down_and_the_author_is_told(house: Shed) -> None:
    told = await removed(house, GIFT)
    await house.does(service.object_to, house.tom, told, WORDS)
    await house.does(service.rule, house.sofie, told, lifts=False)
    assert (await house.keys("tom"))[-1] == "removals.upheld"
    assert GIFT not in await up(house)


async def test_whoever_removed_it_and_the_syndic_hear_of_it(house: Shed) -> None:
    """The syndic where a notice finds him; who removed it in the office, by the address with which he signs in."""
    told = await removed(house, GIFT, await account(house, "katrien.willems@tilleuls.example"))
    await comes_to_write(house, "nathalie")
    await house.does(service.object_to, house.tom, told, WORDS)
    heard = {who for who in ("lea", "sofie", "nathalie", "katrien", "tom", "anna", "james") if await house.cards(who)}
    assert {who for who in heard if "removals.objects" in await house.keys(who)} == {
        "lea",
        "sofie",
        "nathalie",
        "katrien",
    }
    await house.does(service.rule, house.katrien, told, lifts=True)


async def test_an_account_of_nobody_here_or_of_nobody_at_all(house: Shed) -> None:
    told = await removed(house, SEEK, await account(house, "office@firm.example"))
    await house.does(service.object_to, house.anna, told, WORDS)
    assert (await house.keys("sofie"))[-1] == "removals.objects"


async def test_only_the_author_objects_and_only_who_decides_answers(house: Shed) -> None:
    told = await removed(house, GIFT)
    assert await house.refused(service.object_to, house.anna, told, WORDS) == "removals.not_yours"
    assert await house.refused(service.ask, house.anna, told) == "removals.not_yours"
    strange = told_of({**told.slots, "subject": str(uuid4())})
    assert await house.refused(service.object_to, house.tom, strange, WORDS) == "removals.not_yours"
    await house.does(service.object_to, house.tom, told, WORDS)
    for who in ("tom", "anna", "katrien"):
        assert await house.refused(lambda uow, who=who: service.rule(uow, getattr(house, who), told, lifts=True)) == (
            "removals.deciders_only"
        )


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("", "removals.no_words"),
        (" \u200b 🎉", "removals.no_words"),
        ("x" * (LONGEST_REASON + 1), "community.long_text"),
        ("the asshole", "community.insulting"),
    ],
)
async def test_what_he_says_is_kept_decent(house: Shed, words: str, key: str) -> None:
    told = await removed(house, SERVICE)
    assert await house.refused(service.object_to, house.youssef, told, words) == key
    await house.does(service.object_to, house.youssef, told, "x" * LONGEST_REASON)


async def test_where_nobody_decides_he_is_told_so(house: Shed) -> None:
    told = await removed(house, SKILL)
    await house.rows("UPDATE residents SET roles = array_remove(array_remove(roles, 'council'), 'syndic')")
    assert await house.does(service.ask, house.james, told) is None
    card = await house.does(service.object_to, house.james, told, WORDS)
    assert card.title.key == "removals.nobody"
    assert [choice.intent.name for choice in card.choices] == ["human"]


async def test_of_two_at_once_one_counts(house: Shed) -> None:
    told = await removed(house, GIFT)
    both = await asyncio.gather(
        *(house.does(service.object_to, house.tom, told, f"{WORDS} {time}") for time in range(3)),
        return_exceptions=True,
    )
    assert [each.text.key for each in both if isinstance(each, DomainError)] == ["removals.answered_already"] * 2
    assert (await house.keys("sofie")).count("removals.objects") == 1
    rulings = await asyncio.gather(
        house.does(service.rule, house.lea, told, lifts=True),
        house.does(service.rule, house.sofie, told, lifts=False),
        return_exceptions=True,
    )
    assert [each.text.key for each in rulings if isinstance(each, DomainError)] == ["removals.ruled_already"]


async def test_it_is_said_in_every_language(house: Shed) -> None:
    told = await removed(house, OBJECT)
    await house.does(service.object_to, house.lea, told, WORDS)
    (card,) = [card for _, card in await house.cards("tom") if card.title.key == "removals.objects"]
    for language in LANGUAGES:
        said = card.map(house.words[language])
        assert "Perceuse" in said.title
        assert any("Léa D." in line for line in said.body)
        assert all(choice.label for choice in said.choices)
