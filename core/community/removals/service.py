"""What every removal does besides taking the thing down: its author is told, the log is written, nothing is left to undo.

Its author may say once that he does not agree: the council, the syndic and whoever removed it read that, and the first of them who decides
has the answer told. What is down stays down; where they give in, the author puts it up again himself.
"""

from __future__ import annotations

from uuid import UUID

from core.community.neighbours import service as neighbours
from core.community.neighbours.model import called
from core.community.posts import service as posts
from core.community.posts.model import Post
from core.community.removals import cards
from core.community.removals.model import Removal, Told, objection_of
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import ACCOUNT
from core.outbox import service as outbox
from core.people import service as people
from core.people import store as persons
from core.people.accounts import store as accounts
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from core.people.model import COUNCIL, SYNDIC


async def removed(uow: UnitOfWork, removal: Removal, actor: Actor) -> None:
    """In the transaction in which it is taken down. About what somebody put up himself: no digest keeps it."""
    await posts.undone(uow, removal.subject)
    subject, why = f"{removal.kind} {removal.name}", {"reason": removal.reason}
    await audit.record(uow, actor, Deed.POST_REMOVED, subject, {"reason": ""}, why, removal.building)
    told = Told(removal.kind, removal.subject, removal.name, removal.reason, actor.actor_id)
    uow.tell(removal.author, cards.removed(told), ACCOUNT, key=_key("removal", told), building=removal.building)


async def ask(uow: UnitOfWork, person: UUID, told: Told) -> Card[Text] | None:
    """What its author is asked before he objects; None where nobody who decides can be reached. DomainError as for `object_to`."""
    return cards.which_objection(told) if await _read_by(uow, person, told) else None


async def object_to(uow: UnitOfWork, person: UUID, told: Told, words: str) -> Card[Text]:
    """Its author does not agree, once; those who decide are told. DomainError where it was not his, he said so before, or says nothing."""
    said = objection_of(words)
    readers = await _read_by(uow, person, told)
    if not readers:
        return cards.nobody()
    post, known = await _post(uow, told), await people.person(uow, person)
    card = cards.objection(told, called(known.name) if known else "", said)
    for reader in readers:
        uow.tell(reader, card, ACCOUNT, key=f"{_key('objection', told)}:{reader}", building=post.building)
    return cards.objected()


async def rule(uow: UnitOfWork, person: UUID, told: Told, *, lifts: bool) -> Card[Text]:
    """One of those who decide answers the author. DomainError for anybody else, and where another has answered."""
    post = await _post(uow, told)
    if person not in await _deciders(uow, post, told.by):
        raise DomainError("removals.deciders_only")
    key = _key("ruling", told)
    if await outbox.ways_of(uow, key):
        raise DomainError("removals.ruled_already")
    uow.tell(post.person, cards.ruled(told, lifts), ACCOUNT, key=key, building=post.building)
    return cards.decided(told, lifts)


async def _read_by(uow: UnitOfWork, person: UUID, told: Told) -> list[UUID]:
    """Who would read what its author says."""
    post = await _post(uow, told)
    if post.person != person:
        raise DomainError("removals.not_yours")
    readers = await _deciders(uow, post, told.by)
    for reader in readers:
        if await outbox.ways_of(uow, f"{_key('objection', told)}:{reader}"):
            raise DomainError("removals.answered_already")
    return readers


async def _deciders(uow: UnitOfWork, post: Post, by: UUID | None) -> list[UUID]:
    """The council of today, the syndic where a notice finds him, and whoever removed it where he is known here; never its author."""
    here = await neighbours.neighbours(uow, post.building)
    found = [each.person for each in here if COUNCIL in each.roles]
    found += [syndic for syndic, _ in await persons.answering(uow, post.building, [SYNDIC])]
    account = await accounts.by_id(uow, by) if by else None
    remover = await people.with_email(uow, account.email) if account else None
    if remover is not None:
        found.append(remover.person_id)
    return [each for each in dict.fromkeys(found) if each != post.person]


async def _post(uow: UnitOfWork, told: Told) -> Post:
    found = await posts.of(uow, told.kind, told.subject)
    if found is None:
        raise DomainError("removals.not_yours")
    return found


def _key(what: str, told: Told) -> str:
    return f"{what}:{told.kind}:{told.subject}"
