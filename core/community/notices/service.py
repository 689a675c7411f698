"""Use cases: put a note up, change it, take it down, read the board, say that one comes; and what time brings.

Who is told of a new note: whoever asked to be told at once, and whoever has what can wait gathered for him day by day, in that digest. Who
reads by the week finds it in the news of the building (`core/bulletin/digest`). Nobody else is written to: the board is there when he
looks. Everything goes as `notice_board`, which each may switch off.

Every move locks the note, and checks before anything is written: a refusal changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from core.buildings import service as buildings
from core.buildings.model import Known
from core.community.neighbours import service as neighbours
from core.community.neighbours.model import Neighbour, called
from core.community.notices import cards, store
from core.community.notices.cards import Page, Seen
from core.community.notices.model import PAGE, STANDING, Draft, Kind, Notice, State, When, put_up
from core.community.notices.module import MODULE, begin
from core.community.posts import service as posts
from core.community.posts.insults import insulting
from core.database import Database, UnitOfWork
from core.kernel.clock import BRUSSELS, local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import ACCOUNT, NOTICE_BOARD
from core.messaging.preferences import BY_DEFAULT, Preferences, Rhythm
from core.outbox import service as outbox
from core.people import store as people
from core.people.model import COUNCIL, SYNDIC
from core.people.wishes import store as wishes

POST = "notice"
"""What `posts` call a note."""
MOST_OF_ONE = 10
"""Of an author's notes so many are listed for him."""
MOST_COMPARED = 100
"""Of an author's notes so many are looked at, the newest first, for one that says the same."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A note that hangs now, as its author sees it, and how many neighbours are told of it."""

    seen: Seen
    told: int


# ------------------------------------------------------------------------------------------------------------ the author


async def post(uow: UnitOfWork, person: UUID, building: UUID, draft: Draft) -> Posted:
    """Puts a note up at once, and tells those who want to know.

    DomainError: the module is off, he is no neighbour there, it says nothing or too much, insults somebody, stands there already, its day
    is over, or it is the 21st of a day.
    """
    known = await _open(uow, building)
    author = await _neighbour(uow, building, person)
    notice = put_up(new_id(), building, person, draft, uow.now)
    place = notice.when.place if notice.when else ""
    await posts.post(uow, person, building, POST, notice.notice_id, notice.title, notice.text, place)
    for each in await store.of_author(uow, building, person, MOST_COMPARED):
        if (each.title, each.text) == (notice.title, notice.text):
            raise DomainError("notices.twin")
    await store.add(uow, notice)
    return Posted(Seen(notice, author.called, own=True), await _tell(uow, known, notice, author))


async def change_kind(uow: UnitOfWork, person: UUID, notice: UUID, kind: Kind) -> Seen:
    return await _changed(uow, person, notice, lambda found: found.called(person, kind, local_day(uow.now)))


async def hold(uow: UnitOfWork, person: UUID, notice: UUID, day: date, clock: time | None, place: str | None) -> Seen:
    """It is an event on that day; `place` None: where it was before. Who wanted to come is told of the change."""
    before = await _found(uow, notice)
    where = place if place is not None else before.when.place if before.when else ""
    _decent(where)
    seen = await _changed(uow, person, notice, lambda found: found.held(person, When(day, clock, where), uow.now))
    if before.when is not None and seen.notice.sequence != before.sequence:
        await _tell_comers(uow, seen.notice, lambda language: cards.moved(seen.notice, seen.name, language))
    return seen


async def place(uow: UnitOfWork, person: UUID, notice: UUID, where: str) -> Seen:
    """The event is there. DomainError where it is no event."""
    before = await _found(uow, notice)
    if before.when is None:
        raise DomainError("notices.no_day")
    return await hold(uow, person, notice, before.when.day, before.when.clock, where)


async def leave_until(uow: UnitOfWork, person: UUID, notice: UUID, last: date) -> Seen:
    """It stands up to that day, and hangs again where it had come down by itself."""
    today, open_reports = local_day(uow.now), await store.open_reports(uow, notice)
    return await _changed(
        uow, person, notice, lambda found: found.until(person, last, today, reported=bool(open_reports))
    )


async def title(uow: UnitOfWork, person: UUID, notice: UUID, language: str, words: str) -> Seen:
    """What it is called in a language, his own or another."""
    _decent(words)
    return await _changed(uow, person, notice, lambda found: found.titled(person, language, words, uow.now))


async def picture(uow: UnitOfWork, person: UUID, notice: UUID, photo: str) -> Seen:
    """A photo (SHA-256, hex) that lies on the shelf."""
    return await _changed(uow, person, notice, lambda found: found.pictured(person, photo))


async def withdraw(uow: UnitOfWork, person: UUID, notice: UUID) -> Card[Text]:
    """The author takes it down; who wanted to come is told. That is always possible."""
    before = await _found(uow, notice, lock=True)
    after = before.withdraw(person, uow.now)
    await store.save(uow, before, after)
    await posts.undone(uow, notice)
    await call_off(uow, after)
    return cards.withdrawn(after)


async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    """Takes down what he has just put up. DomainError where somebody wants to come to it: that is for him to say, not to undo."""
    found = await _found(uow, subject, lock=True)
    if found.state in STANDING and await store.comers(uow, subject):
        raise DomainError("notices.somebody_comes")
    return await withdraw(uow, person, subject)


async def own(uow: UnitOfWork, person: UUID, notice: UUID) -> Notice:
    """His note, for him to change. DomainError where it is not his, or the module is off."""
    found = await _found(uow, notice)
    if found.author != person:
        raise DomainError("notices.not_yours")
    await _open(uow, found.building)
    return found


async def mine(uow: UnitOfWork, person: UUID, building: UUID) -> Card[Text]:
    """His notes that stand, for him to change or take down."""
    return cards.mine(await store.of_author(uow, building, person, MOST_OF_ONE))


# ------------------------------------------------------------------------------------------------------------ the readers


async def page(uow: UnitOfWork, person: UUID, building: UUID, after: int = 0) -> Page:
    """What is on the board now, five at a time. DomainError where the module is off, or he has nothing to do with the building."""
    known = await _open(uow, building)
    moderates = await may_moderate(uow, building, person)
    if not moderates:
        await _neighbour(uow, building, person)
    today, after = local_day(uow.now), max(0, after)
    total = await store.count(uow, building, today)
    found = await store.board(uow, building, today, after, PAGE)
    names = await store.names(uow, {each.author for each in found})
    return Page(
        known.building.name,
        tuple((each, called(names[each.author])) for each in found),
        after,
        total,
        person in await store.followers(uow, building),
        (await wishes.of(uow, person)).rhythm is not Rhythm.AT_ONCE,
        await store.to_decide(uow, building, today, person) if moderates else 0,
    )


async def seen(uow: UnitOfWork, person: UUID, notice: UUID) -> Seen:
    """One note. DomainError where it is not there for him (any more): `notices.gone`, whatever the reason."""
    found = await _found(uow, notice)
    if found.author == person:
        return await _seen(uow, found, person)
    await _open(uow, found.building)
    moderates = await may_moderate(uow, found.building, person)
    here = moderates or await neighbours.neighbour(uow, found.building, person) is not None
    visible = found.stands(local_day(uow.now)) or (moderates and found.state in (State.HIDDEN, State.REMOVED))
    if not here or not visible:
        raise DomainError("notices.gone")
    return await _seen(uow, found, person)


async def come(uow: UnitOfWork, person: UUID, notice: UUID, *, comes: bool = True) -> Seen:
    """He comes to an event; or does not, after all. His name is for the author to see."""
    found = await standing_for(uow, person, notice)
    if found.when is None:
        raise DomainError("notices.no_event")
    if found.author == person:
        raise DomainError("notices.own_event")
    if found.when.is_over(uow.now):
        raise DomainError("notices.past", day=found.when.day)
    if comes:
        await store.come(uow, notice, person)
    else:
        await store.stay_away(uow, notice, person)
    return await _seen(uow, found, person)


async def follow(uow: UnitOfWork, person: UUID, building: UUID, *, follows: bool = True) -> None:
    """He wants to be told of each new note at once; or no more."""
    if not follows:
        await store.unfollow(uow, building, person)
        return
    await _open(uow, building)
    await _neighbour(uow, building, person)
    await store.follow(uow, building, person)


async def fresh(uow: UnitOfWork, building: UUID, since: datetime) -> list[tuple[Notice, str]]:
    """What was put up since then and still stands, oldest first, with what its author is called; nothing where the module is off."""
    if MODULE.name not in (await buildings.get(uow, building)).building.modules:
        return []
    found = await store.fresh(uow, building, local_day(uow.now), since)
    names = await store.names(uow, {each.author for each in found})
    return [(each, called(names[each.author])) for each in found]


async def standing_for(uow: UnitOfWork, person: UUID, notice: UUID) -> Notice:
    """A note that stands, locked, for a neighbour who wants something of it. DomainError where it does not, or he is none."""
    found = await _found(uow, notice, lock=True)
    await _open(uow, found.building)
    if not found.stands(local_day(uow.now)) or await neighbours.neighbour(uow, found.building, person) is None:
        raise DomainError("notices.gone")
    return found


async def may_moderate(uow: UnitOfWork, building: UUID, person: UUID) -> bool:
    """Whether somebody sits on the council of a building today, or is its syndic."""
    found = await neighbours.neighbour(uow, building, person)
    if found is not None and COUNCIL in found.roles:
        return True
    return any(syndic == person for syndic, _ in await people.answering(uow, building, [SYNDIC]))


# --------------------------------------------------------------------------------------------------------- what time brings


async def due(database: Database) -> int:
    """Ends what has stood to its last day, and what people left who have moved out. Gives how many."""
    done = 0
    for organisation in (await buildings.organisations(database)).values():
        async with database.work(organisation) as uow:
            done += await _due(uow)
            await uow.commit()
    return done


async def _due(uow: UnitOfWork) -> int:
    done = 0
    known = {each.building_id: each for each in await buildings.every(uow)}
    here: dict[UUID, set[UUID]] = {}
    for notice in await store.standing(uow):
        if notice.building not in here:
            here[notice.building] = {each.person for each in await neighbours.neighbours(uow, notice.building)}
        gone, over = notice.author not in here[notice.building], notice.expires_on < local_day(uow.now)
        if not gone and not over:
            continue
        after = notice.end(uow.now, gone=gone)
        await store.save(uow, notice, after)
        done += 1
        if gone:
            await call_off(uow, after)
        elif (
            notice.state is State.SHOWN
            and notice.when is None
            and MODULE.name in known[notice.building].building.modules
        ):
            key = f"notice:{notice.notice_id}:ended:{notice.expires_on}"
            uow.tell(notice.author, cards.ended(after), NOTICE_BOARD, key=key, building=notice.building)
    return done


# ----------------------------------------------------------------------------------------------------------------- parts


async def _open(uow: UnitOfWork, building: UUID) -> Known:
    """The building, where the module is on."""
    known = await buildings.get(uow, building)
    begin(known.building.modules)
    return known


async def _neighbour(uow: UnitOfWork, building: UUID, person: UUID) -> Neighbour:
    found = await neighbours.neighbour(uow, building, person)
    if found is None:
        raise DomainError("notices.not_here")
    return found


async def _found(uow: UnitOfWork, notice: UUID, *, lock: bool = False) -> Notice:
    found = await store.find(uow, notice, lock=lock)
    if found is None:
        raise DomainError("notices.gone")
    return found


async def _changed(uow: UnitOfWork, person: UUID, notice: UUID, move: Callable[[Notice], Notice]) -> Seen:
    """The author changes his note: while the module is on, and as a neighbour."""
    before = await _found(uow, notice, lock=True)
    after = move(before)
    await _open(uow, before.building)
    await _neighbour(uow, before.building, person)
    await store.save(uow, before, after)
    return await _seen(uow, after, person)


async def _seen(uow: UnitOfWork, notice: Notice, person: UUID) -> Seen:
    comers = await store.comers(uow, notice.notice_id) if notice.when is not None else []
    names = await store.names(uow, {notice.author, *comers})
    own = notice.author == person
    moderates = not own and await may_moderate(uow, notice.building, person)
    return Seen(
        notice,
        called(names[notice.author]),
        own,
        person in comers,
        tuple(names[each] for each in comers),
        moderates,
        await store.open_reports(uow, notice.notice_id) if moderates else 0,
    )


async def _tell(uow: UnitOfWork, known: Known, notice: Notice, author: Neighbour) -> int:
    """Tells those who want to know. What has expired before it leaves is not sent."""
    others = [each for each in await neighbours.neighbours(uow, notice.building) if each.person != notice.author]
    asked = await store.followers(uow, notice.building)
    known_wishes = await wishes.of_all(uow, [each.person for each in others])
    wanting = [each for each in others if _wants(each.person in asked, known_wishes.get(each.person, BY_DEFAULT))]
    over = datetime.combine(notice.expires_on + timedelta(days=1), time(), BRUSSELS)
    for each in wanting:
        uow.tell(
            each.person,
            cards.news(notice, author.called, each.language),
            NOTICE_BOARD,
            key=_key(notice, each.person),
            expires=over,
            building=known.building_id,
        )
    return len(wanting)


def _key(notice: Notice, person: UUID) -> str:
    """Of what somebody is told of a new note."""
    return f"notice:{notice.notice_id}:{person}"


def _wants(asked: bool, wishes: Preferences) -> bool:
    """Whether somebody is told of a new note: he asked for it, or has what can wait gathered day by day."""
    if NOTICE_BOARD in wishes.off or wishes.stopped:
        return False
    return wishes.rhythm is Rhythm.DAILY or (asked and wishes.rhythm is Rhythm.AT_ONCE)


async def call_off(uow: UnitOfWork, notice: Notice) -> None:
    """It hangs no more: what waits to be told of it is not told, and those who wanted to come to an event learn that nothing comes of it."""
    here = await neighbours.neighbours(uow, notice.building)
    await outbox.call_off(uow, [_key(notice, each.person) for each in here])
    if notice.when is None or notice.when.is_over(uow.now):
        return
    names = await store.names(uow, {notice.author})
    name = called(names[notice.author])
    await _tell_comers(uow, notice, lambda language: cards.called_off(notice, name, language))


async def _tell_comers(uow: UnitOfWork, notice: Notice, card: Callable[[str], Card[Text]]) -> None:
    """About what they said themselves: no digest, and nothing that is switched off, keeps it from them. `card`: for their language."""
    comers = set(await store.comers(uow, notice.notice_id))
    for each in await neighbours.neighbours(uow, notice.building):
        if each.person in comers:
            key = f"notice:{notice.notice_id}:{notice.sequence}:{each.person}"
            uow.tell(each.person, card(each.language), ACCOUNT, key=key, building=notice.building)


def _decent(*words: str) -> None:
    if any(insulting(each) for each in words):
        raise DomainError("community.insulting")
