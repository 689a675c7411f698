"""A loan: its states, and every move with whoever may make it. Pure.

    asked -> granted -> out -> back         what goes well: the lender says yes, both confirm the hand-over, both confirm the return
    asked -> waiting -> asked               somebody else has it on these days; the lender is asked once it is free
    asked -> suggested -> granted           the lender proposes other days, the borrower takes them
    any of these but out -> cancelled, refused or lapsed;  out -> lost

A move gives the loan as it is after it, or raises DomainError with the sentence that says why not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.periods import Period

SILENCE = timedelta(days=3)
"""What one side confirmed counts after the other one said nothing for so long; what was granted and never fetched lapses as late."""
DAY = timedelta(days=1)


class State(StrEnum):
    ASKED = "asked"
    SUGGESTED = "suggested"
    WAITING = "waiting"
    GRANTED = "granted"
    OUT = "out"
    BACK = "back"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    LOST = "lost"


OPEN = frozenset({State.ASKED, State.SUGGESTED, State.WAITING})
"""Binds nobody yet."""
BOOKED = frozenset({State.GRANTED, State.OUT})
"""Nobody else has the thing on these days."""
OVER = frozenset(State) - OPEN - BOOKED


class Side(StrEnum):
    LENDER = "lender"
    BORROWER = "borrower"

    @property
    def other(self) -> Side:
        return Side.BORROWER if self is Side.LENDER else Side.LENDER


@dataclass(frozen=True, slots=True)
class Loan:
    """`claimed_by`, `claimed_at`: one side says that the thing was handed over (granted) or brought back (out), and since when.

    `longer`: the last day that the borrower asks for instead. `deposit`: minutes agreed, `held`: those blocked since the hand-over.
    `handed_photo`, `returned_photo`: SHA-256 (hex) of pictures on the shelf.
    """

    loan_id: UUID
    thing: UUID
    building: UUID
    lender: UUID
    borrower: UUID
    days: Period
    asked_at: datetime
    state: State = State.ASKED
    claimed_by: Side | None = None
    claimed_at: datetime | None = None
    longer: date | None = None
    deposit: int = 0
    held: int = 0
    handed_at: datetime | None = None
    over_at: datetime | None = None
    handed_photo: str | None = None
    returned_photo: str | None = None

    def side(self, person: UUID) -> Side:
        """Which side somebody is on. DomainError for a stranger to it."""
        if person not in (self.lender, self.borrower):
            raise DomainError("loans.not_yours")
        return Side.LENDER if person == self.lender else Side.BORROWER

    def person(self, side: Side) -> UUID:
        return self.lender if side is Side.LENDER else self.borrower

    def late(self, today: date) -> int:
        """How many days it is late; 0: it is not."""
        return max(0, (today - self.days.last).days) if self.state is State.OUT else 0

    def takes(self, today: date) -> Period | None:
        """The days on which nobody else has the thing: what is late is away today still. None: it takes none."""
        if self.state not in BOOKED:
            return None
        return Period(self.days.first, max(self.days.last, today)) if self.state is State.OUT else self.days

    # --- before it is agreed ---------------------------------------------------------------------------------------------------

    def grant(self, by: UUID, today: date) -> Loan:
        """The lender says yes."""
        if self.state is State.WAITING and self.side(by) is Side.LENDER:
            raise DomainError("loans.lent_already")
        self._is(by, Side.LENDER, State.ASKED)
        self._not_past(today)
        return replace(self, state=State.GRANTED)

    def refuse(self, by: UUID, now: datetime) -> Loan:
        """The lender says no."""
        self._is(by, Side.LENDER, *OPEN)
        return self._ended(State.REFUSED, now)

    def suggest(self, by: UUID, days: Period) -> Loan:
        """The lender would rather lend it on other days."""
        self._is(by, Side.LENDER, *OPEN)
        if (self.state, self.days) == (State.SUGGESTED, days):
            raise DomainError("loans.said_already")
        return replace(self, state=State.SUGGESTED, days=days)

    def accept(self, by: UUID, today: date) -> Loan:
        """The borrower takes the days that the lender proposed."""
        self._is(by, Side.BORROWER, State.SUGGESTED)
        self._not_past(today)
        return replace(self, state=State.GRANTED)

    def passed_over(self) -> Loan:
        """Somebody else was granted some of these days."""
        self._in(*OPEN)
        return replace(self, state=State.WAITING)

    def ask_again(self, today: date) -> Loan:
        """The days are free again, as far as they are to come: the lender is asked."""
        self._in(State.WAITING)
        self._not_past(today)
        return replace(self, state=State.ASKED, days=Period(max(self.days.first, today), self.days.last))

    def cancel(self, by: UUID, now: datetime) -> Loan:
        """The borrower needs it no more; or the lender can not after all, as long as it was not handed over."""
        if self.side(by) is Side.LENDER:
            self._in(State.GRANTED)
        else:
            self._in(*OPEN, State.GRANTED)
        if self.claimed_by is not None:
            raise DomainError("loans.deny_first")
        return self._ended(State.CANCELLED, now)

    # --- hand-over and return --------------------------------------------------------------------------------------------------

    def hand_over(self, by: UUID, now: datetime) -> Loan:
        """One side says that it was handed over; where the other one said so before, it is out."""
        side = self.side(by)
        self._in(State.GRANTED)
        if local_day(now) < self.days.first - DAY:
            raise DomainError("loans.too_early", day=self.days.first)
        return self._handed(now) if self._claims(side) else replace(self, claimed_by=side, claimed_at=now)

    def bring_back(self, by: UUID, now: datetime, *, alone: bool = False) -> Loan:
        """One side says that it is back; where the other one said so before, or is not there to be asked (`alone`), it is.

        Whoever brings a thing back had it: the hand-over that nobody confirmed is taken for granted.
        """
        side = self.side(by)
        self._in(*BOOKED)
        if self.state is State.GRANTED:
            if local_day(now) < self.days.first - DAY:
                raise DomainError("loans.too_early", day=self.days.first)
            handed = replace(self._handed(now), claimed_by=side, claimed_at=now)
        else:
            handed = replace(self, claimed_by=side, claimed_at=now)
            if self._claims(side):
                return self._ended(State.BACK, now)
        return handed._ended(State.BACK, now) if alone else handed

    def deny(self, by: UUID) -> Loan:
        """The other side said what is not so: nothing was said."""
        self._in(*BOOKED)
        if self.claimed_by is not self.side(by).other:
            raise DomainError("loans.nothing_to_deny")
        return replace(self, claimed_by=None, claimed_at=None)

    def silent(self, now: datetime) -> bool:
        """Whether one side's word has waited so long for the other's that it counts."""
        return self.claimed_at is not None and now >= self.claimed_at + SILENCE

    def settle(self, now: datetime) -> Loan:
        """The one side's word counts."""
        if not self.silent(now):
            raise DomainError("loans.moved_on")
        return self._handed(now) if self.state is State.GRANTED else self._ended(State.BACK, now)

    def lose(self, by: UUID, now: datetime) -> Loan:
        """The lender gives it up."""
        self._is(by, Side.LENDER, State.OUT)
        return self._ended(State.LOST, now)

    def holding(self, minutes: int) -> Loan:
        """So much of the deposit is held since the hand-over."""
        return replace(self, held=minutes)

    def pictured(self, by: UUID, photo: str) -> Loan:
        """One side shows how the thing is: at the hand-over, or once somebody said that it is back."""
        self.side(by)
        self._in(*BOOKED, State.BACK)
        if self.state is State.BACK or (self.state is State.OUT and self.claimed_by is not None):
            return replace(self, returned_photo=photo)
        return replace(self, handed_photo=photo)

    # --- longer ----------------------------------------------------------------------------------------------------------------

    def longest_day(self, longest: int, today: date, others: Iterable[Period] = ()) -> date:
        """Until when it could be kept: as long again, within the longest loan, and before anybody else's days.

        DomainError where that is no day more.
        """
        until = max(self.days.last, today) + timedelta(days=self.days.days)
        until = min(until, self.days.first + timedelta(days=longest - 1))
        if until <= self.days.last or until < today:
            raise DomainError("loans.no_longer", count=longest)
        ahead = [days.first for days in others if days.last > self.days.last and days.first <= until]
        until = min(until, *(first - DAY for first in ahead)) if ahead else until
        if until <= self.days.last or until < today:
            raise DomainError("loans.somebody_waits")
        return until

    def ask_longer(self, by: UUID, until: date) -> Loan:
        """The borrower would like to keep it until then."""
        self._is(by, Side.BORROWER, State.OUT)
        if self.claimed_by is not None:
            raise DomainError("loans.moved_on")
        if self.longer == until:
            raise DomainError("loans.said_already")
        return replace(self, longer=until)

    def grant_longer(self, by: UUID, today: date) -> Loan:
        self._is(by, Side.LENDER, State.OUT)
        if self.longer is None or self.longer <= self.days.last or self.longer < today:
            raise DomainError("loans.moved_on")
        return replace(self, days=Period(self.days.first, self.longer), longer=None)

    def refuse_longer(self, by: UUID) -> Loan:
        self._is(by, Side.LENDER, State.OUT)
        if self.longer is None:
            raise DomainError("loans.moved_on")
        return replace(self, longer=None)

    # --- what time brings ------------------------------------------------------------------------------------------------------

    def lapses(self, today: date) -> bool:
        """Whether its days went by: nobody answered, or nobody fetched it."""
        if self.state in OPEN:
            return self.days.last < today
        return self.state is State.GRANTED and self.claimed_by is None and self.days.last + SILENCE < today

    def lapse(self, now: datetime, *, closed: bool = False) -> Loan:
        """It ends by itself. `closed`: whatever binds nobody ends before its time, because nothing new begins any more."""
        if not (self.lapses(local_day(now)) or (closed and self.state in OPEN)):
            raise DomainError("loans.moved_on")
        return self._ended(State.LAPSED, now)

    # ---------------------------------------------------------------------------------------------------------------------------

    def _is(self, by: UUID, side: Side, *states: State) -> None:
        if self.side(by) is not side:
            raise DomainError("loans.not_yours")
        self._in(*states)

    def _in(self, *states: State) -> None:
        if self.state not in states:
            raise DomainError("loans.moved_on")

    def _not_past(self, today: date) -> None:
        if self.days.last < today:
            raise DomainError("loans.past")

    def _claims(self, side: Side) -> bool:
        """Whether a word of this side makes it both's. DomainError where it was said by this side before."""
        if self.claimed_by is side:
            raise DomainError("loans.said_already")
        return self.claimed_by is side.other

    def _handed(self, now: datetime) -> Loan:
        return replace(self, state=State.OUT, claimed_by=None, claimed_at=None, handed_at=now)

    def _ended(self, state: State, now: datetime) -> Loan:
        return replace(self, state=state, claimed_by=None, claimed_at=None, longer=None, over_at=now)


def overlap(one: Period, other: Period) -> bool:
    return one.first <= other.last and other.first <= one.last


def free(days: Period, taken: Collection[Period]) -> bool:
    return not any(overlap(days, each) for each in taken)


def next_free(days: Period, taken: Collection[Period], until: date) -> Period | None:
    """As many days as wanted, as soon as nobody has the thing: on these or later. None where that is not before `until`."""
    length = timedelta(days=days.days - 1)
    for first in sorted({days.first, *(each.last + DAY for each in taken if each.last >= days.first)}):
        found = Period(first, first + length)
        if found.last <= until and free(found, taken):
            return found
    return None


def next_in_line(waiting: Iterable[Loan], others: Iterable[Loan], today: date) -> list[Loan]:
    """Who of those who wait may have the lender asked now: first come, where nobody has the days or was asked for them.

    `others`: all other loans of the thing that are open or booked.
    """
    taken = [days for loan in others if (days := loan.takes(today) or _asks(loan)) is not None]
    found = []
    for loan in sorted(waiting, key=lambda each: (each.asked_at, each.loan_id)):
        if loan.days.last >= today and free(ahead := Period(max(loan.days.first, today), loan.days.last), taken):
            found.append(loan)
            taken.append(ahead)
    return found


def _asks(loan: Loan) -> Period | None:
    return loan.days if loan.state in (State.ASKED, State.SUGGESTED) else None
