"""An exchange: help that one neighbour gave another, in minutes. Its states, and who may move it. Pure.

    waiting --confirmed by the other, silent for 7 days, made a gift--> booked
    waiting --not right, says the other--> disputed --settled by the council, confirmed after all, made a gift--> booked
    waiting, disputed --taken back by who reported it--> cancelled
    disputed --dismissed by the council, undecided for 30 days--> cancelled

A gift is help for which no hours are counted: it is booked as done, and moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.community.posts.model import text_of
from core.community.sel.accounts.model import Account
from core.community.sel.model import HOUR, time
from core.kernel.errors import DomainError

LONGEST = 12 * HOUR
"""What one exchange counts at most: a long day's help."""
SILENCE = timedelta(days=7)
"""After so long without a word of the other it is booked."""
UNDECIDED = timedelta(days=30)
"""After so long without a decision a disputed one is cancelled: nobody loses what he had."""
AGAIN = timedelta(days=1)
"""How long one that did not fit the limits on its day waits until it is tried again."""


class State(StrEnum):
    WAITING = "waiting"
    DISPUTED = "disputed"
    BOOKED = "booked"
    CANCELLED = "cancelled"


OPEN = (State.WAITING, State.DISPUTED)


@dataclass(frozen=True, slots=True)
class Exchange:
    """`minutes`: how long the help took; 0 where that was not said of a gift. `reporter`: the giver or the receiver, who said so first.

    `due`: when it moves by itself; None once it is booked or cancelled. `objection`: what the other says, in his words; "" for nothing.
    """

    exchange_id: UUID
    building: UUID
    giver: UUID
    receiver: UUID
    minutes: int
    gift: bool
    reporter: UUID
    state: State
    reported_at: datetime
    due: datetime | None
    objection: str = ""

    @property
    def credited(self) -> int:
        """The minutes that pass from the receiver's account to the giver's."""
        return 0 if self.gift else self.minutes

    @property
    def other(self) -> UUID:
        """Who has to confirm it."""
        return self.receiver if self.reporter == self.giver else self.giver

    @property
    def parties(self) -> tuple[UUID, UUID]:
        return self.giver, self.receiver

    def partner(self, person: UUID) -> UUID:
        return self.receiver if person == self.giver else self.giver

    def confirm(self, by: UUID) -> Exchange:
        """The other says that it was so; after an objection too, if he thinks better of it."""
        self._open(by)
        if by != self.other:
            raise DomainError("sel.other_confirms")
        return self._booked()

    def give(self, by: UUID) -> Exchange:
        """The giver wants no hours for it."""
        self._open(by)
        if by != self.giver:
            raise DomainError("sel.only_giver")
        return replace(self._booked(), gift=True)

    def object(self, by: UUID, now: datetime) -> Exchange:
        """The other says that it was not so. Where he was to receive it as a gift nothing is at stake: it is cancelled."""
        self._open(by)
        if by != self.other:
            raise DomainError("sel.other_confirms")
        if self.state is State.DISPUTED:
            raise DomainError("sel.disputed_already")
        if self.gift and by == self.receiver:
            return self._cancelled()
        return replace(self, state=State.DISPUTED, due=now + UNDECIDED)

    def explain(self, by: UUID, words: str) -> Exchange:
        """What he who objected says about it, once."""
        self._open(by)
        if self.state is not State.DISPUTED or by != self.other:
            raise DomainError("sel.over")
        if self.objection:
            raise DomainError("sel.explained_already")
        return replace(self, objection=text_of(words))

    def withdraw(self, by: UUID) -> Exchange:
        """Who reported it takes it back."""
        self._open(by)
        if by != self.reporter:
            raise DomainError("sel.only_reporter")
        return self._cancelled()

    def settle(self, by: UUID, minutes: int | None = None) -> Exchange:
        """A member of the council, who is none of the two, has it booked: as it was said, or with other minutes."""
        self._judged(by)
        if minutes is None:
            return self._booked()
        return replace(self._booked(), minutes=checked(minutes), gift=False)

    def dismiss(self, by: UUID) -> Exchange:
        """A member of the council, who is none of the two, has nothing booked."""
        self._judged(by)
        return self._cancelled()

    def fall_due(self) -> Exchange:
        """Its day has come without a word: one that waited is booked, one that nobody decided is cancelled."""
        return self._booked() if self.state is State.WAITING else self._cancelled()

    def put_off(self, now: datetime) -> Exchange:
        """It does not fit the limits today; it is tried again tomorrow."""
        return replace(self, due=now + AGAIN)

    def drop(self) -> Exchange:
        """One of the two has left the building for good."""
        return self._cancelled()

    def _booked(self) -> Exchange:
        return replace(self, state=State.BOOKED, due=None)

    def _cancelled(self) -> Exchange:
        return replace(self, state=State.CANCELLED, due=None)

    def _open(self, by: UUID) -> None:
        if by not in self.parties:
            raise DomainError("sel.not_yours")
        self._still_open()

    def _judged(self, by: UUID) -> None:
        if by in self.parties:
            raise DomainError("sel.own_case")
        self._still_open()
        if self.state is not State.DISPUTED:
            raise DomainError("sel.nothing_to_decide")

    def _still_open(self) -> None:
        if self.state not in OPEN:
            raise DomainError("sel.booked_already" if self.state is State.BOOKED else "sel.over")


def checked(minutes: int) -> int:
    """How long help took. DomainError for none, for less than none, and for more than a long day."""
    if minutes <= 0:
        raise DomainError("sel.no_time")
    if minutes > LONGEST:
        raise DomainError("sel.too_long", time=time(LONGEST))
    return minutes


def reported(
    exchange_id: UUID,
    building: UUID,
    giver: UUID,
    receiver: UUID,
    minutes: int | None,
    reporter: UUID,
    now: datetime,
    *,
    gift: bool = False,
) -> Exchange:
    """Help that somebody says was given. DomainError for oneself as counterpart, and a time that cannot be: only a gift may have none."""
    if giver == receiver:
        raise DomainError("sel.oneself")
    if reporter not in (giver, receiver):
        raise DomainError("sel.not_yours")
    took = 0 if gift and not minutes else checked(minutes or 0)
    return Exchange(exchange_id, building, giver, receiver, took, gift, reporter, State.WAITING, now, now + SILENCE)


def fits(exchange: Exchange, giver: Account, receiver: Account) -> bool:
    """Whether neither account would pass the limit."""
    return receiver.can_receive(exchange.credited) and giver.can_give(exchange.credited)


def check_limits(exchange: Exchange, giver: Account, receiver: Account, by: UUID) -> None:
    """DomainError, said to the one who moves it, where an account would pass the limit.

    His own standing comes first and is said to him. How the other's account stands is nobody else's to know, nor on which side of zero.
    """
    if fits(exchange, giver, receiver):
        return
    limit = time(receiver.limit)
    if by == exchange.receiver and not receiver.can_receive(exchange.credited):
        raise DomainError("sel.limit.you_low", limit=limit)
    if by == exchange.giver and not giver.can_give(exchange.credited):
        raise DomainError("sel.limit.you_high", limit=limit)
    raise DomainError("sel.limit.one_of_two")
