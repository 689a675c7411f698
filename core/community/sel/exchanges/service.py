"""Use cases: report help, confirm it, make it a gift, object, take it back, settle a dispute; and what falls due by itself.

Every move is made under the lock of the building, and checked before anything is written: a refusal changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.buildings import service as buildings
from core.community.neighbours import service as neighbours
from core.community.posts import service as posts
from core.community.posts.insults import insulting
from core.community.sel.accounts import service as accounts
from core.community.sel.accounts.model import Account, Entry, Kind
from core.community.sel.exchanges import cards, store
from core.community.sel.exchanges.cards import Names
from core.community.sel.exchanges.model import Exchange, State, check_limits, fits, reported
from core.community.sel.module import begin
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.messaging.kinds import EXCHANGE
from core.people.model import COUNCIL

POST = "exchange"
"""What `posts` call a reported exchange."""


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says of help. `gave`: he gave it to the partner; else he received it. `minutes` None: not said, which a gift may be."""

    partner: UUID
    gave: bool
    minutes: int | None
    gift: bool = False
    again: bool = False


async def report(uow: UnitOfWork, building: UUID, person: UUID, said: Report) -> Card[Text]:
    """Notes help that was given, and asks the other to confirm it; where he has reported the same already, this confirms it.

    DomainError: the module is off, one of the two is no neighbour there, it is oneself, a time that cannot be, a limit that would be passed,
    noted today already, or more than a day's posts.
    """
    begin((await buildings.get(uow, building)).building.modules)
    giver, receiver = (person, said.partner) if said.gave else (said.partner, person)
    made = reported(new_id(), building, giver, receiver, said.minutes, person, uow.now, gift=said.gift)
    if await neighbours.neighbour(uow, building, person) is None:
        raise DomainError("sel.not_here")
    if await neighbours.neighbour(uow, building, said.partner) is None:
        raise DomainError("sel.not_neighbour")
    await accounts.lock(uow, building)
    names = await accounts.called_names(uow, person, said.partner)
    for each in await store.between(uow, building, giver, receiver):
        if each.reporter != person and not said.again:
            return await _same(uow, each, made, said, names)
        if each.reporter == person and _alike(each, made) and local_day(each.reported_at) == local_day(uow.now):
            raise DomainError("sel.noted_already", name=names[said.partner])
    check_limits(made, *await _accounts(uow, made), person)
    await posts.post(uow, person, building, POST, made.exchange_id)
    await store.add(uow, made)
    _tell(uow, made, made.other, cards.question(made, names), "question")
    return cards.reported(made, names)


async def confirm(uow: UnitOfWork, exchange_id: UUID, person: UUID) -> Card[Text]:
    """The other says that it was so, and it is booked. DomainError where it is not his to confirm, is settled, or passes a limit."""
    return await _settled(uow, exchange_id, person, lambda found: found.confirm(person))


async def give(uow: UnitOfWork, exchange_id: UUID, person: UUID) -> Card[Text]:
    """The giver wants no hours for it. DomainError where he is not the giver, or it is settled."""
    return await _settled(uow, exchange_id, person, lambda found: found.give(person))


async def object_to(uow: UnitOfWork, exchange_id: UUID, person: UUID) -> Card[Text]:
    """The other says that it was not so: the council is told, and decides. DomainError where it is not his to say, or is settled.

    Without a council in the building, or where it is the two themselves, they settle it, or it lapses.
    """
    before = await _locked(uow, exchange_id)
    after = before.object(person, uow.now)
    names = await accounts.called_names(uow, *after.parties)
    await _move(uow, before, after)
    if after.state is State.CANCELLED:
        _tell(uow, after, after.reporter, cards.cancelled(after, after.reporter, names, "refused"), "refused")
        return cards.cancelled(after, person, names, "refused_by_you")
    judges = await _judges(uow, after)
    for judge in judges:
        _tell(uow, after, judge, cards.case(after, names), "case")
    _tell(uow, after, after.reporter, cards.disputed(after, names, bool(judges)), "disputed")
    return cards.objected(bool(judges))


async def explain(uow: UnitOfWork, exchange_id: UUID, person: UUID, words: str) -> Card[Text]:
    """What he who objected says about it: told to the council. DomainError where it is settled, or was said already."""
    before = await _locked(uow, exchange_id)
    after = before.explain(person, words)
    if insulting(after.objection):
        raise DomainError("community.insulting")
    if not after.objection:
        raise DomainError("community.no_name")
    names = await accounts.called_names(uow, *after.parties)
    await _move(uow, before, after)
    judges = await _judges(uow, after)
    for judge in judges:
        _tell(uow, after, judge, cards.case(after, names), "words")
    return cards.explained(bool(judges))


async def withdraw(uow: UnitOfWork, exchange_id: UUID, person: UUID) -> Card[Text]:
    """Who reported it takes it back. DomainError where it was not he, or it is settled."""
    before = await _locked(uow, exchange_id)
    after = before.withdraw(person)
    names = await accounts.called_names(uow, *after.parties)
    await _move(uow, before, after)
    _tell(uow, after, after.other, cards.cancelled(after, after.other, names, "withdrawn"), "withdrawn")
    return cards.cancelled(after, person, names, "withdrawn_by_you")


async def case(uow: UnitOfWork, exchange_id: UUID, member: UUID) -> Exchange:
    """One that a member of the council may decide on. DomainError where he may not, or there is nothing to decide."""
    found = await _locked(uow, exchange_id)
    found.dismiss(member)
    await _check_council(uow, found.building, member)
    return found


async def settle(uow: UnitOfWork, exchange_id: UUID, member: UUID, minutes: int | None = None) -> Card[Text]:
    """The council has it booked, as it was said or with other minutes. DomainError where he may not, or it passes a limit."""
    before = await case(uow, exchange_id, member)
    after = before.settle(member, minutes)
    names = await accounts.called_names(uow, *after.parties)
    await _book(uow, before, after, member)
    for party in after.parties:
        await _tell_booked(uow, after, party, names, "council")
    return cards.settled(after, names)


async def dismiss(uow: UnitOfWork, exchange_id: UUID, member: UUID) -> Card[Text]:
    """The council has nothing booked. DomainError where he may not."""
    before = await case(uow, exchange_id, member)
    after = before.dismiss(member)
    names = await accounts.called_names(uow, *after.parties)
    await _move(uow, before, after)
    for party in after.parties:
        _tell(uow, after, party, cards.cancelled(after, party, names, "council"), "settled")
    return cards.settled(after, names)


async def case_card(uow: UnitOfWork, exchange_id: UUID, member: UUID) -> Card[Text]:
    """Both sides of a dispute, for a member of the council. DomainError where he may not decide on it."""
    found = await case(uow, exchange_id, member)
    return cards.case(found, await accounts.called_names(uow, *found.parties))


async def ask_minutes(uow: UnitOfWork, exchange_id: UUID, member: UUID) -> Card[Text]:
    """Asks a member of the council how much is to be booked. DomainError where he may not decide on it."""
    found = await case(uow, exchange_id, member)
    return cards.ask_minutes(found, await accounts.called_names(uow, *found.parties))


async def unexplained(uow: UnitOfWork, exchange_id: UUID) -> bool:
    """Whether it is disputed, and he who objected has not said why."""
    found = await store.get(uow, exchange_id)
    return found is not None and found.state is State.DISPUTED and not found.objection


async def open_of(uow: UnitOfWork, building: UUID, person: UUID) -> list[Exchange]:
    """What waits for him or for another, oldest first."""
    return await store.open_of(uow, building, person)


async def disputed(uow: UnitOfWork, building: UUID, member: UUID) -> list[Exchange]:
    """What a member of the council may decide on; nothing for anybody else."""
    here = await neighbours.neighbour(uow, building, member)
    if here is None or COUNCIL not in here.roles:
        return []
    return [each for each in await store.disputed(uow, building) if member not in each.parties]


async def settled_between(
    uow: UnitOfWork, building: UUID, first: datetime, last: datetime
) -> list[tuple[UUID, UUID, int, bool]]:
    """Help that was booked from `first` to before `last`: giver, receiver, minutes that it took (0: unsaid), whether it was a gift."""
    return await store.settled_between(uow, building, first, last)


async def due(uow: UnitOfWork) -> int:
    """Books what nobody objected to in time, and cancels what nobody decided; gives how many moved."""
    moved = 0
    for building, exchange_id in await store.due(uow):
        await accounts.lock(uow, building)
        before = await store.get(uow, exchange_id)
        if before is None or before.due is None or before.due > uow.now:
            continue
        await _fall_due(uow, before)
        moved += 1
    return moved


async def _fall_due(uow: UnitOfWork, before: Exchange) -> None:
    after = before.fall_due()
    names = await accounts.called_names(uow, *after.parties)
    if after.state is State.CANCELLED:
        await _move(uow, before, after)
        for party in after.parties:
            _tell(uow, after, party, cards.cancelled(after, party, names, "undecided"), "settled")
        return
    giver, receiver = await _accounts(uow, after)
    if not fits(after, giver, receiver):
        waits = before.put_off(uow.now)
        await _move(uow, before, waits)
        for party in waits.parties:
            _tell(uow, waits, party, cards.stuck(waits, party, names, giver.limit), "stuck")
        return
    await _written(uow, before, after)
    for party in after.parties:
        await _tell_booked(uow, after, party, names, "silence")


async def drop(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    """Cancels what is open of somebody who has left for good, and tells the other. The caller holds the lock of the building."""
    for before in await store.open_of(uow, building, person):
        after = before.drop()
        names = await accounts.called_names(uow, *after.parties)
        await _move(uow, before, after)
        partner = after.partner(person)
        _tell(uow, after, partner, cards.cancelled(after, partner, names, "left"), "settled")


async def persons(uow: UnitOfWork, building: UUID) -> set[UUID]:
    """Who has something open."""
    return await store.persons(uow, building)


async def verify(uow: UnitOfWork, building: UUID) -> list[Text]:
    """Says which booked exchanges and which entries do not belong together. Empty: all is well."""
    entries = await accounts.entries(uow, building, Kind.EXCHANGE)
    wanted = {
        each.exchange_id: {each.giver: each.credited, each.receiver: -each.credited}
        for each in await store.booked(uow, building)
        if each.credited
    }
    differing = [subject for subject in {*entries, *wanted} if entries.get(subject) != wanted.get(subject)]
    return [say("sel.verify.exchange", subject=str(subject)) for subject in sorted(differing)]


async def _same(uow: UnitOfWork, found: Exchange, made: Exchange, said: Report, names: Names) -> Card[Text]:
    """The other has reported help between the two already: if it is the same, this confirms it; else he is asked."""
    if _alike(found, made):
        return await confirm(uow, found.exchange_id, made.reporter)
    if made.gift and made.reporter == found.giver and made.minutes in (0, found.minutes):
        return await give(uow, found.exchange_id, made.reporter)
    slots = {
        "neighbour": str(said.partner),
        "gave": said.gave,
        "minutes": said.minutes,
        "gift": said.gift,
        "again": True,
    }
    return cards.noted_otherwise(found, names, Intent(cards.INTENT, slots))


def _alike(one: Exchange, other: Exchange) -> bool:
    return (one.minutes, one.gift) == (other.minutes, other.gift)


async def _settled(
    uow: UnitOfWork, exchange_id: UUID, person: UUID, move: Callable[[Exchange], Exchange]
) -> Card[Text]:
    """One of the two moves it so that it is booked; the other is told."""
    before = await _locked(uow, exchange_id)
    after = move(before)
    names = await accounts.called_names(uow, *after.parties)
    await _book(uow, before, after, person)
    await _tell_booked(uow, after, after.partner(person), names)
    balance = (await accounts.account(uow, after.building, person)).balance
    return cards.booked(after, person, names, balance)


async def _locked(uow: UnitOfWork, exchange_id: UUID) -> Exchange:
    """As it stands, and nobody else moves it until the transaction ends. DomainError where there is none."""
    found = await store.get(uow, exchange_id)
    if found is not None:
        await accounts.lock(uow, found.building)
        found = await store.get(uow, exchange_id)
    if found is None:
        raise DomainError("sel.not_yours")
    return found


async def _accounts(uow: UnitOfWork, exchange: Exchange) -> tuple[Account, Account]:
    giver = await accounts.account(uow, exchange.building, exchange.giver)
    return giver, await accounts.account(uow, exchange.building, exchange.receiver)


async def _book(uow: UnitOfWork, before: Exchange, after: Exchange, by: UUID) -> None:
    check_limits(after, *await _accounts(uow, after), by)
    await _written(uow, before, after)


async def _written(uow: UnitOfWork, before: Exchange, after: Exchange) -> None:
    await _move(uow, before, after)
    if after.credited:
        entry = Entry(Kind.EXCHANGE, after.exchange_id, after.receiver, after.giver, after.credited)
        await accounts.book(uow, after.building, entry)


async def _move(uow: UnitOfWork, before: Exchange, after: Exchange) -> None:
    if not await store.move(uow, before, after):
        raise DomainError("sel.over")
    if after.due is None:
        await posts.undone(uow, after.exchange_id)


async def _judges(uow: UnitOfWork, exchange: Exchange) -> list[UUID]:
    """The members of the council who are none of the two."""
    return [
        each.person
        for each in await neighbours.neighbours(uow, exchange.building)
        if COUNCIL in each.roles and each.person not in exchange.parties
    ]


async def _check_council(uow: UnitOfWork, building: UUID, member: UUID) -> None:
    here = await neighbours.neighbour(uow, building, member)
    if here is None or COUNCIL not in here.roles:
        raise DomainError("sel.council_only")


async def _tell_booked(uow: UnitOfWork, exchange: Exchange, party: UUID, names: Names, why: str = "") -> None:
    balance = (await accounts.account(uow, exchange.building, party)).balance
    _tell(uow, exchange, party, cards.booked(exchange, party, names, balance, why), "settled")


def _tell(uow: UnitOfWork, exchange: Exchange, to: UUID, card: Card[Text], what: str) -> None:
    uow.tell(to, card, EXCHANGE, key=f"sel:{what}:{exchange.exchange_id}:{to}", building=exchange.building)
