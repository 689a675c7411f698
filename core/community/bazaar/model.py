"""A thing that somebody gives or swaps, and the line of those who want it: states, moves, and who may make them. Pure.

    offered --> reserved --> collected
       ^            |
       +------------+ let go: the next one in the line is asked
    offered --> expired (after 30 days) | withdrawn (by whoever gives it)

Each move is a method that gives the new item, or refuses with a sentence and changes nothing. Done twice, it changes nothing either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.community.bazaar.draw import Draw, draw
from core.kernel.clock import local_day
from core.kernel.errors import DomainError

LASTS = timedelta(days=30)
"""For so long a thing is up, from the last time that its giver said so."""
AT_LEAST = timedelta(days=7)
"""So long a thing is up again that was let go."""
DRAW_AHEAD = timedelta(days=21)
"""The latest day of a draw."""
ANSWERS_WITHIN = timedelta(days=1)
"""Whoever is told that it is his turn has so long; then the next one is told too."""
REMINDED_AFTER = timedelta(days=3)
"""Both are asked whether a reserved thing was collected."""
SETTLED_AFTER = timedelta(days=7)
"""What its new owner says he has fetched counts as collected where the giver is silent for so long."""
LET_GO_AFTER = timedelta(days=14)
"""A reserved thing that nobody speaks of for so long goes to the next one."""


class State(StrEnum):
    OFFERED = "offered"
    RESERVED = "reserved"
    COLLECTED = "collected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OVER = frozenset({State.COLLECTED, State.EXPIRED, State.WITHDRAWN})


class How(StrEnum):
    """Who gets it: the first one who asks, one drawn by lot, or the one whose offer in return the giver chooses."""

    FIRST = "first"
    LOT = "lot"
    CHOICE = "choice"


class Standing(StrEnum):
    """Where somebody stands in a line. `ASKED`: he was told that it is his turn; `TAKER`: it is reserved to him, or his; `OUT`: no more."""

    WAITING = "waiting"
    ASKED = "asked"
    TAKER = "taker"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Interest:
    """Somebody who wants a thing. `position`: his place in the line, from 1. `ticket`: his lot in a draw.

    `in_return`: what he offers for it in a swap. `asked_at`: when he was told that it is his turn.
    """

    person: UUID
    position: int
    standing: Standing
    at: datetime
    ticket: str = ""
    in_return: str = ""
    asked_at: datetime | None = None


Line = tuple[Interest, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """`in_return`: what the giver of a swap would like, in his words ("": nothing was said).

    `expires_on`: the first day on which it is not up any more. `photo`: SHA-256 (hex) of a picture on the shelf. `draw_on`: the day of
    the draw, where it is by lot; `drawn`: it has been. `reserved_at`: since when it is; `fetched_at`: when its new owner said that he has
    it, the giver not yet. `nudged_on`: when its people were last asked about it unasked. `line`: all who ever wanted it, by their places.
    """

    item_id: UUID
    building: UUID
    giver: UUID
    name: str
    put_up_at: datetime
    expires_on: date
    how: How = How.FIRST
    in_return: str = ""
    photo: str | None = None
    draw_on: date | None = None
    drawn: bool = False
    state: State = State.OFFERED
    reserved_at: datetime | None = None
    fetched_at: datetime | None = None
    nudged_on: date | None = None
    line: Line = ()

    # -------------------------------------------------------------------------------------------------------- who is who

    @property
    def taker(self) -> Interest | None:
        return next((each for each in self.line if each.standing is Standing.TAKER), None)

    @property
    def asked(self) -> tuple[Interest, ...]:
        """Who was told that it is his turn, and has not answered."""
        return tuple(each for each in self.line if each.standing is Standing.ASKED)

    @property
    def waiting(self) -> tuple[Interest, ...]:
        """Who waits, and was not told yet that it is his turn."""
        return tuple(each for each in self.line if each.standing is Standing.WAITING)

    @property
    def hoping(self) -> tuple[Interest, ...]:
        """All who may get it still, but for whom it is reserved to."""
        return tuple(each for each in self.line if each.standing in (Standing.WAITING, Standing.ASKED))

    def of(self, person: UUID) -> Interest | None:
        return next((each for each in self.line if each.person == person), None)

    @property
    def is_swap(self) -> bool:
        return self.how is How.CHOICE

    @property
    def awaits_draw(self) -> bool:
        return self.how is How.LOT and not self.drawn

    # ------------------------------------------------------------------------------------------------- the giver's own moves

    def given_by(self, person: UUID) -> Item:
        """Itself, for its giver. DomainError for anybody else."""
        if person != self.giver:
            raise DomainError("bazaar.not_yours", item=self.name)
        return self

    def shown(self, photo: str) -> Item:
        return replace(self._open(), photo=photo)

    def by_lot(self, day: date, today: date) -> Item:
        """It will be drawn by lot on a day; who wants it signs up until the evening before."""
        self._unwanted()
        if not today < day <= today + DRAW_AHEAD:
            raise DomainError("bazaar.draw_day_wrong", first=today + timedelta(days=1), last=today + DRAW_AHEAD)
        expires_on = max(self.expires_on, day + AT_LEAST)
        return replace(self, how=How.LOT, draw_on=day, drawn=False, in_return="", expires_on=expires_on)

    def first_come(self) -> Item:
        """Whoever asks first gets it."""
        self._unwanted()
        return replace(self, how=How.FIRST, draw_on=None, drawn=False, in_return="")

    def swapped_for(self, in_return: str) -> Item:
        """The giver chooses among what is offered in return."""
        self._unwanted()
        return replace(self, how=How.CHOICE, draw_on=None, drawn=False, in_return=in_return)

    def kept_up(self, today: date) -> Item:
        """It stays up for another month. One that has expired is offered once more."""
        if self.state is State.EXPIRED:
            return replace(self, state=State.OFFERED, expires_on=today + LASTS)
        self._open()
        return replace(self, expires_on=max(self.expires_on, today + LASTS))

    def withdrawn(self) -> Item:
        """It is given away no more. What is reserved has to be let go first."""
        if self.state is State.WITHDRAWN:
            return self
        if self.state is State.RESERVED:
            raise DomainError("bazaar.reserved_already", item=self.name)
        return self._open()._over(State.WITHDRAWN)

    def chosen(self, person: UUID, now: datetime) -> Item:
        """The giver of a swap agrees to what somebody offers in return."""
        found = self.of(person)
        if self.state is State.RESERVED and self.taker == found:
            return self
        self._free()
        if not self.is_swap or found is None or found.standing is not Standing.WAITING:
            raise DomainError("bazaar.offer_gone")
        return self._reserved(person, now)

    def declined(self, person: UUID) -> Item:
        """The giver of a swap does not want what somebody offers."""
        found = self.of(person)
        self._open()
        if not self.is_swap or found is None or found.standing is Standing.TAKER:
            raise DomainError("bazaar.offer_gone")
        return self._standing(person, Standing.OUT)

    # ----------------------------------------------------------------------------------------------- moves of those who want it

    def wanted(self, person: UUID, ticket: str, now: datetime, today: date, in_return: str = "") -> Item:
        """Somebody wants it: reserved to him where he comes first; else he has a place in the line, or a lot in the draw.

        `ticket`: for the draw, unlike all others of the item. `in_return`: what he offers in a swap; offered anew, the last one counts.
        """
        if person == self.giver:
            raise DomainError("bazaar.own", item=self.name)
        self._open()
        if self.awaits_draw and self.draw_on is not None and today >= self.draw_on:
            raise DomainError("bazaar.draw_today", item=self.name)
        if self.is_swap and not in_return:
            raise DomainError("bazaar.offer_something", item=self.name)
        before = self.of(person)
        if before is not None and before.standing is Standing.TAKER:
            return self
        joined = self._joined(person, ticket, now, in_return)
        if self.is_swap or self.awaits_draw or self.state is State.RESERVED:
            return joined
        return joined._reserved(person, now) if joined._is_next(person, now) else joined

    def not_wanted(self, person: UUID, today: date) -> Item:
        """Somebody wants it no more. To whom it was reserved lets it go."""
        found = self.of(person)
        if found is None or found.standing is Standing.OUT:
            return self
        if self.state is State.COLLECTED:
            raise DomainError("bazaar.collected_already", item=self.name)
        if found.standing is Standing.TAKER:
            return self.let_go(person, today)
        return self._standing(person, Standing.OUT)

    # ------------------------------------------------------------------------------------------------ what both of them may do

    def collected(self, person: UUID, now: datetime) -> Item:
        """The giver says that it is gone: it is. Its new owner says that he has it: the giver is asked."""
        taker = self.taker
        if person != self.giver and (taker is None or taker.person != person):
            raise DomainError("bazaar.not_for_you", item=self.name)
        if self.state is State.COLLECTED:
            return self
        if self.state is not State.RESERVED:
            raise DomainError("bazaar.not_reserved", item=self.name)
        if person == self.giver:
            return self._over(State.COLLECTED)
        return replace(self, fetched_at=self.fetched_at or now)

    def not_collected(self) -> Item:
        """The giver has it still, whatever was said."""
        if self.state is State.COLLECTED:
            raise DomainError("bazaar.collected_already", item=self.name)
        if self.state is not State.RESERVED:
            raise DomainError("bazaar.not_reserved", item=self.name)
        return replace(self, fetched_at=None)

    def let_go(self, person: UUID, today: date) -> Item:
        """Giver or taker lets a reserved thing go: it is offered again."""
        taker = self.taker
        if person != self.giver and (taker is None or taker.person != person):
            raise DomainError("bazaar.not_for_you", item=self.name)
        return self.freed(today)

    def freed(self, today: date) -> Item:
        """Whoever it was reserved to gets it no more."""
        taker = self.taker
        if self.state is State.COLLECTED:
            raise DomainError("bazaar.collected_already", item=self.name)
        if self.state is not State.RESERVED or taker is None:
            raise DomainError("bazaar.not_reserved", item=self.name)
        return replace(
            self._standing(taker.person, Standing.OUT),
            state=State.OFFERED,
            reserved_at=None,
            fetched_at=None,
            expires_on=max(self.expires_on, today + AT_LEAST),
        )

    # ---------------------------------------------------------------------------------------------------- what time does

    def moved_on(self, now: datetime) -> Item:
        """The next one in the line of a free thing is asked, where it goes by the line.

        Nobody is, as long as somebody who was asked before has time to say yes; and he may say so later still.
        """
        if any(each.asked_at is not None and now < each.asked_at + ANSWERS_WITHIN for each in self.asked):
            return self
        if self.state is not State.OFFERED or self.is_swap or self.awaits_draw or not self.waiting:
            return self
        first = self.waiting[0]
        return self._changed(first.person, lambda each: replace(each, standing=Standing.ASKED, asked_at=now))

    def lots_drawn(self, today: date, now: datetime) -> tuple[Item, Draw | None]:
        """The draw, on its day: reserved to whose lot is first, the others wait in the order of theirs. None signed up: first come."""
        if self.state is not State.OFFERED or not self.awaits_draw or self.draw_on is None or today < self.draw_on:
            raise DomainError("bazaar.no_draw", item=self.name)
        if not self.waiting:
            return replace(self, how=How.FIRST, draw_on=None), None
        outcome = draw(self.item_id, self.draw_on, (each.ticket for each in self.waiting))
        place = {ticket: number for number, ticket in enumerate(outcome.order, 1)}
        behind = len(place)
        line = []
        for each in self.line:
            if each.standing is Standing.WAITING:
                line.append(replace(each, position=place[each.ticket]))
            else:
                behind += 1
                line.append(replace(each, position=behind))
        line.sort(key=lambda each: each.position)
        drawn = replace(self, drawn=True, line=tuple(line))
        return drawn._reserved(line[0].person, now), outcome

    def expires_soon(self, today: date) -> bool:
        """Whether its giver is to be asked, the day before, if it stays up."""
        eve = self.expires_on - timedelta(days=1)
        asked = self.nudged_on is not None and self.nudged_on >= eve
        return self.state is State.OFFERED and not self.awaits_draw and today >= eve and not asked

    def lies_about(self, now: datetime) -> bool:
        """Whether both are to be asked if it was collected: reserved some days ago, and nobody said a word."""
        if self.state is not State.RESERVED or self.reserved_at is None or self.fetched_at is not None:
            return False
        asked = self.nudged_on is not None and self.nudged_on > local_day(self.reserved_at)
        return now >= self.reserved_at + REMINDED_AFTER and not asked

    def nudged(self, today: date) -> Item:
        return replace(self, nudged_on=today)

    def expired(self, today: date) -> Item:
        """It was up long enough. What is reserved is finished first; what waits for its draw is drawn."""
        if self.state is not State.OFFERED or self.awaits_draw or today < self.expires_on:
            raise DomainError("bazaar.not_yet", item=self.name)
        return self._over(State.EXPIRED)

    def ended(self) -> Item:
        """Whoever gave it lives here no more: nothing of it goes on, whatever was agreed."""
        if self.state in OVER:
            return self
        line = tuple(replace(each, standing=Standing.OUT) for each in self.line)
        return replace(self, state=State.WITHDRAWN, reserved_at=None, fetched_at=None, line=line)

    def settled(self) -> Item:
        """Its new owner said that he has it, and the giver was silent: that is that."""
        if self.state is not State.RESERVED or self.fetched_at is None:
            raise DomainError("bazaar.not_reserved", item=self.name)
        return self._over(State.COLLECTED)

    # ------------------------------------------------------------------------------------------------------------ inside

    def _open(self) -> Item:
        if self.state in OVER:
            raise DomainError("bazaar.over", item=self.name)
        return self

    def _free(self) -> Item:
        if self._open().state is State.RESERVED:
            raise DomainError("bazaar.reserved_already", item=self.name)
        return self

    def _unwanted(self) -> None:
        """Who gets it, and how, is fair only as long as it is said before anybody asks."""
        self._free()
        if self.hoping:
            raise DomainError("bazaar.wanted_already", item=self.name)

    def _joined(self, person: UUID, ticket: str, now: datetime, in_return: str) -> Item:
        before = self.of(person)
        if before is None:
            position = max((each.position for each in self.line), default=0) + 1
            fresh = Interest(person, position, Standing.WAITING, now, ticket, in_return)
            return replace(self, line=(*self.line, fresh))
        if before.standing is not Standing.OUT:
            return self._changed(person, lambda each: replace(each, in_return=in_return))
        others = tuple(each for each in self.line if each.person != person)
        position = max((each.position for each in self.line), default=0) + 1
        back = Interest(person, position, Standing.WAITING, now, before.ticket or ticket, in_return)
        return replace(self, line=(*others, back))

    def _is_next(self, person: UUID, now: datetime) -> bool:
        """Whether he may have it now: he was told that it is his turn, or nobody stands before him who still has time to say yes."""
        for each in self.hoping:
            if each.person == person:
                return True
            if each.asked_at is None or now < each.asked_at + ANSWERS_WITHIN:
                return any(one.person == person for one in self.asked)
        return False

    def _reserved(self, person: UUID, now: datetime) -> Item:
        line = tuple(
            replace(each, standing=Standing.TAKER, asked_at=None)
            if each.person == person
            else replace(each, standing=Standing.WAITING, asked_at=None)
            if each.standing is Standing.ASKED
            else each
            for each in self.line
        )
        return replace(self, state=State.RESERVED, reserved_at=now, fetched_at=None, line=line)

    def _over(self, state: State) -> Item:
        """It is over, and so is the line."""
        line = tuple(
            each if each.standing is Standing.TAKER else replace(each, standing=Standing.OUT, asked_at=None)
            for each in self.line
        )
        return replace(self, state=state, line=line)

    def _standing(self, person: UUID, standing: Standing) -> Item:
        return self._changed(person, lambda each: replace(each, standing=standing, asked_at=None))

    def _changed(self, person: UUID, change: Callable[[Interest], Interest]) -> Item:
        return replace(self, line=tuple(change(each) if each.person == person else each for each in self.line))
