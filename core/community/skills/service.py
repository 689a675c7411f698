"""Use cases: be found with what one can do, look for somebody, ask him, and answer. Each gives what the person is answered."""

from __future__ import annotations

from uuid import UUID

from core.buildings import service as buildings
from core.community.neighbours import service as neighbours
from core.community.posts import service as posts
from core.community.posts.insults import insulting
from core.community.posts.model import name_of
from core.community.removals import service as removals
from core.community.removals.model import Removal, gone, reason_of
from core.community.skills import cards, store
from core.community.skills.model import ANSWERS_WITHIN, Ask, Pay, Skill, State
from core.community.skills.module import begin
from core.community.words.model import decisive, ranked, terms
from core.database import Database, UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.kinds import EXCHANGE
from core.people.audit.model import Actor

POST, ASK = "skill", "skill_ask"
"""What an entry of the directory is called among posts, and a question to somebody in it."""


# ----------------------------------------------------------------------------------------------------------- to be found


async def asks_consent(uow: UnitOfWork, person: UUID, building: UUID, name: str) -> tuple[str, Text]:
    """What he would be found by, cleaned, and the sentence that he has to agree to. DomainError where it may not be listed."""
    await begins(uow, building, person)
    known = await buildings.get(uow, building)
    skill = name_of(name)
    if insulting(skill):
        raise DomainError("community.insulting")
    return skill, cards.consent(await _called(uow, building, person), skill, known.building.name)


async def put_in(uow: UnitOfWork, person: UUID, building: UUID, name: str, pay: Pay, consent: str) -> Card[Text]:
    """Puts him into the directory, as he agreed to. `consent`: the sentence that he agreed to, as he read it.

    Said again of the same skill, what he says of it now counts.
    """
    await begins(uow, building, person)
    skill = Skill(new_id(), building, person, name_of(name), pay, consent, uow.now)
    named = _named(skill.name)
    for other, has in await store.listed(uow, building):
        if other.person == person and has == named:
            again = Skill(other.skill_id, building, person, other.name, pay, consent, other.listed_at)
            await store.renew(uow, again)
            return cards.put_in(again)
    await posts.post(uow, person, building, POST, skill.skill_id, skill.name)
    await store.add(uow, skill, named)
    return cards.put_in(skill)


async def withdraw(uow: UnitOfWork, person: UUID, skill: UUID) -> Card[Text]:
    """He is found by it no more, at once; who waits for an answer is told. Always possible, as often as he likes."""
    found = (await _get(uow, skill)).of(person)
    await _out(uow, found)
    await posts.undone(uow, skill)
    return cards.withdrawn(found)


async def remove(uow: UnitOfWork, skill: UUID, actor: Actor, reason: str) -> Skill:
    """Those who decide take it out, for a reason that whoever is found by it is told. DomainError without one, and where it is out."""
    why = reason_of(reason)
    found = await store.get(uow, skill, lock=True)
    if found is None or found.withdrawn:
        raise gone()
    await _out(uow, found)
    await removals.removed(uow, Removal(POST, skill, found.building, found.person, found.name, why), actor)
    return found


async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    return await withdraw(uow, person, subject)


async def is_found_by(uow: UnitOfWork, person: UUID, building: UUID, name: str) -> bool:
    named = _named(name)
    return any(skill.person == person and has == named for skill, has in await store.listed(uow, building))


async def mine(uow: UnitOfWork, person: UUID, building: UUID) -> Card[Text]:
    """What he is found by."""
    return cards.mine([skill for skill, _ in await store.listed(uow, building) if skill.person == person])


# --------------------------------------------------------------------------------------------------------------- to find


async def find(uow: UnitOfWork, person: UUID, building: UUID, words: str = "", said: str = "") -> Card[Text]:
    """Who can do what somebody's words say, in whichever of the languages; all, where they say nothing.

    `said`: the whole sentence, which may say more: `who can repair a bike?` is about repairing, too.
    """
    await begins(uow, building, person)
    words = name_of(words) if words else ""
    here = {each.person: each.called for each in await neighbours.neighbours(uow, building)}
    wanted = terms(words) | terms(said) if words else frozenset()
    if words:
        rows = await store.with_terms(uow, building, decisive(wanted)) if wanted else []
        rows = ranked(wanted, rows, lambda row: row[1])
    else:
        rows = await store.listed(uow, building)
    entries = [
        cards.Entry(skill, "" if skill.person == person else here[skill.person])
        for skill, _ in rows
        if skill.person in here
    ]
    if not entries:
        return cards.nobody(words, others=bool(words) and bool(await store.listed(uow, building)))
    title = say("skills.list.found", words=words) if words else say("skills.list.title")
    return cards.listed(title, entries[: cards.MOST_LISTED], words, max(0, len(entries) - cards.MOST_LISTED))


async def ask(uow: UnitOfWork, asker: UUID, skill: UUID, words: str = "") -> Card[Text]:
    """Asks whoever has a skill if he can help: he is told what for and by whom, and decides."""
    found = (await _get(uow, skill, lock=True)).listed()
    await begins(uow, found.building, asker)
    if asker == found.person:
        raise DomainError("skills.own")
    who = await _called(uow, found.building, found.person)
    if not who:
        raise DomainError("skills.not_listed")
    last = await store.last_ask(uow, skill, asker)
    if last is not None and last.state is State.AGREED:
        return cards.agreed(found, await neighbours.contact(uow, found.building, found.person))
    if last is not None and last.state is State.ASKED:
        return cards.asked_already(who)
    if last is not None and last.bars(uow.now):
        raise DomainError("skills.not_again", who=who)
    made = Ask(new_id(), skill, asker, name_of(words) if words else "", uow.now)
    await posts.post(uow, asker, found.building, ASK, made.ask_id, made.words)
    await store.add_ask(uow, made)
    _tell(uow, found, found.person, cards.somebody_asks(made, found, await _called(uow, found.building, asker)), made)
    return cards.asked(who)


async def take_ask_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    """A question was put and cannot be unasked: whoever was asked has read it."""
    raise DomainError("skills.asked_already")


# ---------------------------------------------------------------------------------------------------------- to be asked


async def agree(uow: UnitOfWork, person: UUID, ask: UUID) -> Card[Text]:
    """He may be written to: both learn how to find one another."""
    before, skill = await _asked(uow, person, ask)
    skill.listed()
    if not await _called(uow, skill.building, before.asker):
        raise DomainError("skills.gone")
    after = before.agreed(uow.now)
    if before != after:
        await store.move_ask(uow, before, after)
        _tell(
            uow,
            skill,
            before.asker,
            cards.agreed(skill, await neighbours.contact(uow, skill.building, person)),
            after,
        )
    return cards.you_agreed(skill, await neighbours.contact(uow, skill.building, before.asker))


async def decline(uow: UnitOfWork, person: UUID, ask: UUID) -> Card[Text]:
    """Not now: whoever asked is told kindly, and learns nothing."""
    before, skill = await _asked(uow, person, ask)
    after = before.declined(uow.now)
    if before != after:
        await store.move_ask(uow, before, after)
        if before.state is State.ASKED:
            _tell(uow, skill, before.asker, cards.declined(await _called(uow, skill.building, person)), after)
    return cards.you_declined(await _called(uow, skill.building, before.asker))


# ------------------------------------------------------------------------------------------------------------- the clock


async def due(database: Database) -> int:
    """Ends what waits too long for an answer, and takes out who lives there no more; gives how many were moved."""
    moved = 0
    for organisation in (await buildings.organisations(database)).values():
        async with database.work(organisation) as uow:
            moved += await _leavers(uow) + await _unanswered(uow)
            await uow.commit()
    return moved


async def _unanswered(uow: UnitOfWork) -> int:
    asks = await store.waiting(uow, uow.now - ANSWERS_WITHIN)
    for ask in asks:
        await _lapse(uow, ask, ask.lapsed(uow.now), await _get(uow, ask.skill))
    return len(asks)


async def _leavers(uow: UnitOfWork) -> int:
    """Who has moved out is found no more."""
    here: dict[UUID, set[UUID]] = {}
    moved = 0
    for skill in await store.everywhere(uow):
        if skill.building not in here:
            here[skill.building] = {each.person for each in await neighbours.neighbours(uow, skill.building)}
        if skill.person not in here[skill.building]:
            await withdraw(uow, skill.person, skill.skill_id)
            moved += 1
    return moved


async def _lapse(uow: UnitOfWork, before: Ask, after: Ask, skill: Skill) -> None:
    await store.move_ask(uow, before, after)
    _tell(uow, skill, before.asker, cards.lapsed(skill), after)


# ------------------------------------------------------------------------------------------------------------ looking up


async def directory(uow: UnitOfWork, building: UUID) -> list[Skill]:
    """What neighbours of today are found by in a building, by name."""
    here = {each.person for each in await neighbours.neighbours(uow, building)}
    return [skill for skill, _ in await store.listed(uow, building) if skill.person in here]


async def get(uow: UnitOfWork, skill: UUID) -> Skill | None:
    return await store.get(uow, skill)


# ---------------------------------------------------------------------------------------------------------------- inside


async def _out(uow: UnitOfWork, skill: Skill) -> None:
    """He is found by it no more; who waits for an answer is told."""
    await store.withdraw(uow, skill.skill_id)
    for ask in await store.waiting(uow, skill=skill.skill_id):
        await _lapse(uow, ask, ask.closed(uow.now), skill)


async def begins(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    """DomainError where nothing new may begin: the module is off there, or he is no neighbour today."""
    begin((await buildings.get(uow, building)).building.modules)
    if await neighbours.neighbour(uow, building, person) is None:
        raise DomainError("skills.not_neighbour")


async def _get(uow: UnitOfWork, skill: UUID, *, lock: bool = False) -> Skill:
    found = await store.get(uow, skill, lock=lock)
    if found is None:
        raise DomainError("skills.not_listed")
    return found


async def _asked(uow: UnitOfWork, person: UUID, ask: UUID) -> tuple[Ask, Skill]:
    """A question to this person, and what it is about. DomainError for anybody else."""
    found = await store.ask(uow, ask)
    if found is None:
        raise DomainError("skills.not_yours")
    return found, (await _get(uow, found.skill)).of(person)


def _named(name: str) -> frozenset[str]:
    """The terms of what somebody can do, and of each of its words: who repairs bikes knows about bikes."""
    return terms(name).union(*(terms(word) for word in name.split()))


async def _called(uow: UnitOfWork, building: UUID, person: UUID) -> str:
    found = await neighbours.neighbour(uow, building, person)
    return found.called if found is not None else ""


def _tell(uow: UnitOfWork, skill: Skill, person: UUID, card: Card[Text], ask: Ask) -> None:
    uow.tell(person, card, EXCHANGE, key=f"skills:{ask.ask_id}:{ask.state}:{person}", building=skill.building)
