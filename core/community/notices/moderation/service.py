"""Use cases: report a note, decide on it, answer the council, pin what is important.

In the talk it is the council of the building that decides (its syndic too); in the office, whoever may do it there. Nobody decides on a
note of his own. Every decision is written down in the log, whoever made it and wherever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from core.community.neighbours import service as neighbours
from core.community.notices import service as notices
from core.community.notices import store
from core.community.notices.model import Notice, State
from core.community.notices.moderation import cards
from core.community.notices.moderation import store as reports
from core.community.notices.moderation.model import Case, Report, Undecided, reported
from core.community.posts.insults import insulting
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import ACCOUNT
from core.people import service as people
from core.people import store as persons
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from core.people.model import COUNCIL, SYNDIC

MOST_CASES = 200
"""Notes that are listed for whoever decides."""
SETTLING = frozenset({Deed.NOTICE_KEPT, Deed.NOTICE_REMOVED})
"""Decisions after which the reports so far count no more."""


# ---------------------------------------------------------------------------------------------------------- the neighbours


async def report(uow: UnitOfWork, person: UUID, notice: UUID, words: str = "", because: str = "") -> Card[Text]:
    """A neighbour says why it should not stand there. The council is told of the first; the third hides it until the council decides.

    DomainError: it is not there, it is his own, he reported it before, or he gives no reason.
    """
    said = reported(because, words, uow.now)
    before = await notices.standing_for(uow, person, notice)
    before.reported(person, local_day(uow.now), 0)
    if not await reports.report(uow, notice, person, said):
        raise DomainError("notices.reported_already")
    waiting = await store.open_reports(uow, notice)
    after = before.reported(person, local_day(uow.now), waiting)
    hides = after.state is State.HIDDEN
    if hides:
        await store.save(uow, before, after)
        _tell(uow, after, after.author, cards.hidden(after), f"hidden:{uow.now.isoformat()}")
    if waiting == 1 or hides:
        found = await _case(uow, notice)
        card = cards.case(found, await reports.reports(uow, notice))
        await _tell_council(uow, after, card, f"case:{hides}:{uow.now.isoformat()}")
    reporter = await neighbours.neighbour(uow, after.building, person)
    return cards.thanked(after, hides, reporter.language if reporter else after.language)


async def appeal(uow: UnitOfWork, person: UUID, notice: UUID, words: str) -> Card[Text]:
    """The author answers the council, once; it is told. DomainError where it is not his, nothing was decided, or he has answered."""
    if insulting(words):
        raise DomainError("community.insulting")
    before = await _locked(uow, notice)
    after = before.object(person, words, local_day(uow.now))
    await store.save(uow, before, after)
    await _tell_council(uow, after, cards.objection(await _case(uow, notice)), "objection")
    return cards.objected()


# ------------------------------------------------------------------------------------------------------------- the council


async def moderator(uow: UnitOfWork, person: UUID, notice: UUID) -> Actor:
    """Who decides in a talk. DomainError for whoever does not sit on the council, and for the author himself."""
    found = await _locked(uow, notice)
    if not await notices.may_moderate(uow, found.building, person):
        raise DomainError("notices.council_only")
    if found.author == person:
        raise DomainError("notices.own_decision")
    known = await people.person(uow, person)
    return Actor(person, known.name if known else "")


async def waiting(uow: UnitOfWork, person: UUID, building: UUID) -> list[Case]:
    """What waits for a decision of the council, for one of its members. DomainError for anybody else."""
    if not await notices.may_moderate(uow, building, person):
        raise DomainError("notices.council_only")
    found = await reports.cases(uow, [building], local_day(uow.now), MOST_CASES)
    return [each for each in found if each.waits and each.notice.author != person]


async def keep(uow: UnitOfWork, notice: UUID, actor: Actor) -> Notice:
    """Nothing is wrong with it: it hangs, and the reports so far count no more."""
    before, after = await _moved(uow, notice, actor, Deed.NOTICE_KEPT, Notice.keep)
    if before.state is State.HIDDEN:
        _tell(uow, after, after.author, cards.back(after), f"back:{uow.now.isoformat()}")
    return after


async def remove(uow: UnitOfWork, notice: UUID, actor: Actor, reason: str) -> Notice:
    """It comes down, for a reason that its author is told. DomainError without one."""
    if insulting(reason):
        raise DomainError("community.insulting")
    _, after = await _moved(uow, notice, actor, Deed.NOTICE_REMOVED, lambda found: found.remove(reason, uow.now))
    _tell(uow, after, after.author, cards.removed(after), f"removed:{uow.now.isoformat()}")
    await notices.call_off(uow, after)
    return after


async def restore(uow: UnitOfWork, notice: UUID, actor: Actor) -> Notice:
    """It hangs again."""
    _, after = await _moved(uow, notice, actor, Deed.NOTICE_RESTORED, lambda found: found.restore(local_day(uow.now)))
    _tell(uow, after, after.author, cards.back(after), f"back:{uow.now.isoformat()}")
    return after


async def uphold(uow: UnitOfWork, notice: UUID, actor: Actor) -> Notice:
    """It stays down, whatever its author objected."""
    _, after = await _moved(uow, notice, actor, Deed.NOTICE_UPHELD, Notice.uphold)
    _tell(uow, after, after.author, cards.upheld(after), f"upheld:{uow.now.isoformat()}")
    return after


async def pin(uow: UnitOfWork, notice: UUID, actor: Actor) -> Notice:
    """It stands above the others. DomainError where three do already."""
    found = await _locked(uow, notice)
    await store.lock(uow, store.PINS, found.building)
    pinned = await store.pinned(uow, found.building, local_day(uow.now))
    return (await _moved(uow, notice, actor, Deed.NOTICE_PINNED, lambda each: each.pin(uow.now, pinned)))[1]


async def unpin(uow: UnitOfWork, notice: UUID, actor: Actor) -> Notice:
    return (await _moved(uow, notice, actor, Deed.NOTICE_UNPINNED, Notice.unpin))[1]


# -------------------------------------------------------------------------------------------------------------- the office


async def boards(uow: UnitOfWork, buildings: Collection[UUID]) -> list[Case]:
    """What stands on the boards of these buildings, what waits for a decision first; also where the module is off just now."""
    return await reports.cases(uow, buildings, local_day(uow.now), MOST_CASES)


async def undecided(uow: UnitOfWork, buildings: Collection[UUID] | None = None) -> list[Undecided]:
    """How much waits for a decision in each of these buildings; None: in all. Only where something does. One statement."""
    return await reports.undecided(uow, buildings, local_day(uow.now))


async def one(uow: UnitOfWork, notice: UUID) -> tuple[Case, list[Report]] | None:
    """A note with all that was reported of it; None where there is none."""
    found = await reports.case(uow, notice)
    return (found, await reports.reports(uow, notice)) if found else None


# ------------------------------------------------------------------------------------------------------------------- parts


async def _moved(
    uow: UnitOfWork, notice: UUID, actor: Actor, deed: Deed, move: Callable[[Notice], Notice]
) -> tuple[Notice, Notice]:
    before = await _locked(uow, notice)
    after = move(before)
    if after != before:
        await store.save(uow, before, after)
    was = _logged(before, await store.open_reports(uow, notice))
    if deed in SETTLING:
        await reports.settle(uow, notice)
    became = _logged(after, await store.open_reports(uow, notice))
    await audit.record(uow, actor, deed, f"notice {after.title}", was, became, before.building)
    return before, after


def _logged(notice: Notice, reported: int) -> Mapping[str, Any]:
    """What the log keeps of a note: what was decided of it, and not what it says."""
    reason = notice.reason if notice.state is State.REMOVED else ""
    return {"reason": reason, "pinned": notice.pinned_at is not None, "reports": reported, "objection": notice.objects}


async def _locked(uow: UnitOfWork, notice: UUID) -> Notice:
    found = await store.find(uow, notice, lock=True)
    if found is None:
        raise DomainError("notices.gone")
    return found


async def _case(uow: UnitOfWork, notice: UUID) -> Case:
    found = await reports.case(uow, notice)
    assert found is not None, "it is locked"
    return found


async def _tell_council(uow: UnitOfWork, notice: Notice, card: Card[Text], what: str) -> None:
    """Everybody on the council but the author; the syndic, where there is nobody else."""
    here = await neighbours.neighbours(uow, notice.building)
    council = [each.person for each in here if COUNCIL in each.roles and each.person != notice.author]
    syndic = [person for person, _ in await persons.answering(uow, notice.building, [SYNDIC])]
    for person in council or syndic:
        _tell(uow, notice, person, card, what)


def _tell(uow: UnitOfWork, notice: Notice, person: UUID, card: Card[Text], what: str) -> None:
    """About what somebody wrote himself, or has to decide: no digest keeps it."""
    key = f"notice:{notice.notice_id}:{what}:{person}"
    uow.tell(person, card, ACCOUNT, key=key, building=notice.building)
