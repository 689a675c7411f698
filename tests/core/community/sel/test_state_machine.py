"""Whatever neighbours do in whichever order: hours add up to zero, a refused move changes nothing, and there is always a way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from core.community.sel.accounts.model import POT_BELOW, Account, Entry, Kind, kept, left_behind
from core.community.sel.exchanges.model import OPEN, Exchange, State, check_limits, fits, reported
from core.kernel.errors import DomainError

LIMIT = 180
PEOPLE = [UUID(int=number) for number in range(1, 5)]
COUNCIL = UUID(int=9)
PERSON = st.sampled_from(PEOPLE)
MINUTES = st.one_of(st.integers(-10, 10), st.sampled_from([15, 45, 60, 90, 120, 180, 181, 720, 721, 600_000]))


@dataclass
class Hours:
    """The hours of a building, kept as the database keeps them: entries, holds, and the exchanges as they stand."""

    entries: list[Entry] = field(default_factory=list)
    holds: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    exchanges: dict[UUID, Exchange] = field(default_factory=dict)
    now: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    def balance(self, person: UUID | None) -> int:
        return sum(line.minutes for entry in self.entries for line in entry.lines if line.person == person)

    def account(self, person: UUID) -> Account:
        held = sum(minutes for holder, minutes in self.holds.values() if holder == person)
        return Account(self.balance(person), held, LIMIT)

    def written(self, after: Exchange) -> None:
        self.exchanges[after.exchange_id] = after
        if after.state is State.BOOKED and after.credited:
            self.entries.append(Entry(Kind.EXCHANGE, after.exchange_id, after.receiver, after.giver, after.credited))


class Neighbours(RuleBasedStateMachine):
    exchanges: Bundle[UUID] = Bundle("exchanges")
    loans: Bundle[UUID] = Bundle("loans")

    @initialize()
    def begin(self) -> None:
        self.house = Hours()

    def moved(self, move: Callable[[], Exchange], by: UUID) -> None:
        """Makes a move, or is refused and has changed nothing."""
        before = (list(self.house.entries), dict(self.house.exchanges), dict(self.house.holds))
        try:
            after = move()
            if after.state is State.BOOKED:
                accounts = self.house.account(after.giver), self.house.account(after.receiver)
                check_limits(after, *accounts, by)
        except DomainError:
            assert before == (self.house.entries, self.house.exchanges, self.house.holds)
            return
        self.house.written(after)

    @rule(target=exchanges, giver=PERSON, receiver=PERSON, by=PERSON, minutes=MINUTES, gift=st.booleans())
    def report(self, giver: UUID, receiver: UUID, by: UUID, minutes: int, gift: bool):  # type: ignore[no-untyped-def]
        try:
            made = reported(uuid4(), UUID(int=0), giver, receiver, minutes, by, self.house.now, gift=gift)
            check_limits(made, self.house.account(giver), self.house.account(receiver), by)
        except DomainError:
            return multiple()
        assert giver != receiver
        assert made.credited <= LIMIT * 2
        self.house.written(made)
        return made.exchange_id

    @rule(which=exchanges, by=PERSON)
    def confirm(self, which: UUID, by: UUID) -> None:
        found = self.house.exchanges[which]
        self.moved(lambda: found.confirm(by), by)
        if by == found.reporter:
            assert self.house.exchanges[which] == found

    @rule(which=exchanges, by=PERSON)
    def give(self, which: UUID, by: UUID) -> None:
        self.moved(lambda: self.house.exchanges[which].give(by), by)

    @rule(which=exchanges, by=PERSON)
    def object_to(self, which: UUID, by: UUID) -> None:
        self.moved(lambda: self.house.exchanges[which].object(by, self.house.now), by)

    @rule(which=exchanges, by=PERSON)
    def withdraw(self, which: UUID, by: UUID) -> None:
        self.moved(lambda: self.house.exchanges[which].withdraw(by), by)

    @rule(which=exchanges, by=st.sampled_from([*PEOPLE, COUNCIL]), minutes=st.one_of(st.none(), MINUTES))
    def settle(self, which: UUID, by: UUID, minutes: int | None) -> None:
        found = self.house.exchanges[which]
        self.moved(lambda: found.settle(by, minutes), by)
        if by in found.parties or found.state is not State.DISPUTED:
            assert self.house.exchanges[which] == found

    @rule(which=exchanges)
    def dismiss(self, which: UUID) -> None:
        self.moved(lambda: self.house.exchanges[which].dismiss(COUNCIL), COUNCIL)

    @rule(days=st.integers(1, 31))
    def time_passes(self, days: int) -> None:
        self.house.now += timedelta(days=days)
        for before in list(self.house.exchanges.values()):
            if before.due is None or before.due > self.house.now:
                continue
            after = before.fall_due()
            if after.state is State.BOOKED and not fits(
                after, self.house.account(after.giver), self.house.account(after.receiver)
            ):
                after = before.put_off(self.house.now)
            self.house.written(after)

    @rule(target=loans, person=PERSON, minutes=st.integers(1, 2 * LIMIT))
    def hold(self, person: UUID, minutes: int):  # type: ignore[no-untyped-def]
        if not self.house.account(person).can_receive(minutes):
            return multiple()
        subject = uuid4()
        self.house.holds[subject] = person, minutes
        return subject

    @rule(subject=consumes(loans))
    def release(self, subject: UUID) -> None:
        del self.house.holds[subject]

    @rule(subject=consumes(loans), to=PERSON)
    def take(self, subject: UUID, to: UUID) -> None:
        person, minutes = self.house.holds.pop(subject)
        if person == to:
            return
        his, over = kept(minutes, self.house.account(to))
        for kind, creditor, part in ((Kind.DEPOSIT, to, his), (Kind.POT, None, over)):
            if part:
                self.house.entries.append(Entry(kind, subject, person, creditor, part))

    @rule(person=PERSON)
    def leave(self, person: UUID) -> None:
        for found in list(self.house.exchanges.values()):
            if found.state in OPEN and person in found.parties:
                self.house.written(found.drop())
        minutes = left_behind(self.house.account(person), self.house.balance(None))
        if minutes:
            debtor, creditor = (person, None) if minutes > 0 else (None, person)
            self.house.entries.append(Entry(Kind.POT, uuid4(), debtor, creditor, abs(minutes)))

    @invariant()
    def it_adds_up_to_zero(self) -> None:
        assert sum(self.house.balance(person) for person in [None, *PEOPLE]) == 0
        assert all(sum(line.minutes for line in entry.lines) == 0 for entry in self.house.entries)

    @invariant()
    def nobody_is_beyond_the_limits(self) -> None:
        for person in PEOPLE:
            account = self.house.account(person)
            assert account.balance - account.held >= -LIMIT
            assert account.balance <= LIMIT
        assert self.house.balance(None) >= -POT_BELOW * LIMIT

    @invariant()
    def what_is_booked_is_in_the_books_once(self) -> None:
        wanted = {
            each.exchange_id: each.credited
            for each in self.house.exchanges.values()
            if each.state is State.BOOKED and each.credited
        }
        booked = [(each.subject, each.minutes) for each in self.house.entries if each.kind is Kind.EXCHANGE]
        assert dict(booked) == wanted
        assert len(booked) == len(wanted)

    @invariant()
    def there_is_a_way_out(self) -> None:
        for each in self.house.exchanges.values():
            assert (each.state in OPEN) == (each.due is not None)
            if each.state in OPEN:
                assert each.withdraw(each.reporter).state is State.CANCELLED
                assert each.give(each.giver).state is State.BOOKED
                assert each.drop().state is State.CANCELLED
            else:
                for by in each.parties:
                    for move in (each.confirm, each.give, each.withdraw):
                        try:
                            move(by)
                        except DomainError:
                            continue
                        raise AssertionError("what is settled was moved")


Neighbours.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestNeighbours = Neighbours.TestCase
