"""A ticket: what is broken, where, how far its repair is, and who may move it on. Pure.

The states are those of a repair: reported, acknowledged, assigned, being repaired, solved, closed; or refused, taken back, joined to
another one. The syndic and the council move it (the syndic does what keeps the common parts in order, Civil Code, art. 3.89 par. 5);
whoever reported it says that it works, or does not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.people.audit.model import COMMAND, Actor

MOST_A_DAY = 20
"""What one person reports, joins and adds within a day."""
DAY = timedelta(days=1)
TWIN_LASTS = timedelta(days=30)
"""What was reported longer ago is another event, even if it is still open."""
SILENCE = timedelta(days=7)
"""For so long a solved ticket waits for whoever reported it to say that it works; then it is closed."""
AGAIN_LASTS = timedelta(days=14)
"""For so long after it was closed the same thing is the same ticket."""
TAKEN_BACK_LASTS = timedelta(minutes=15)
LONGEST_TEXT, LONGEST_NOTE, LONGEST_NAME = 2_000, 1_000, 120
"""Signs of a report, of a note, and of whom it is assigned to."""
SHORTEST_NOTE = 3
MOST_PHOTOS = 10
"""Of one ticket."""
FARTHEST = timedelta(days=366)
"""No repair is planned for later."""


class Category(StrEnum):
    """What is broken. `DOOR`: locks, windows, bells and letterboxes too; `CLEANLINESS`: vermin too."""

    LIFT = "lift"
    HEATING = "heating"
    ROOF = "roof"
    WATER = "water"
    ELECTRICITY = "electricity"
    DOOR = "door"
    NOISE = "noise"
    CLEANLINESS = "cleanliness"
    GARDEN = "garden"
    PARKING = "parking"
    OTHER = "other"


class Danger(StrEnum):
    """What cannot wait: fire, smell of gas, water that bursts out, somebody shut up in the lift."""

    FIRE = "fire"
    GAS = "gas"
    FLOOD = "flood"
    TRAPPED = "trapped"


AREAS = ("hall", "stairs", "cellar", "garage", "roof", "garden", "bins")
PLACELESS = frozenset({Category.LIFT, Category.ROOF, Category.GARDEN})
"""Of these it is known where they are."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it is, as far as it was said. `floor`: 0 is the ground floor; `staircase`: its letter or number; `area`: one of AREAS."""

    floor: int | None = None
    staircase: str = ""
    lot: str = ""
    area: str = ""

    @property
    def known(self) -> bool:
        return self != NOWHERE

    @property
    def public(self) -> Spot:
        """What neighbours are told of it: never whose flat."""
        return replace(self, lot="")

    def near(self, other: Spot) -> bool:
        """Whether both may be the same place: nothing that was said of one is said otherwise of the other."""
        pairs = [(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)]
        return all(one == another or one in (None, "") or another in (None, "") for one, another in pairs)

    def to_json(self) -> dict[str, Any]:
        stored = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in stored.items() if value not in (None, "")}

    @classmethod
    def from_json(cls, stored: Any) -> Spot:
        """What was stored or pressed. ValueError for anything else."""
        match stored:
            case dict():
                floor, area = stored.get("floor"), str(stored.get("area", ""))
                if (floor is not None and type(floor) is not int) or area not in ("", *AREAS):
                    raise ValueError("no such place")
                return cls(floor, str(stored.get("staircase", ""))[:3], str(stored.get("lot", ""))[:40], area)
        raise ValueError("no place is stored like this")


NOWHERE = Spot()


class State(StrEnum):
    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    REPAIRING = "repairing"
    SOLVED = "solved"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


OPEN = (State.REPORTED, State.ACKNOWLEDGED, State.ASSIGNED, State.REPAIRING)
"""Something is still to be done."""
OVER = frozenset({State.CLOSED, State.REFUSED, State.WITHDRAWN, State.MERGED})


class Move(StrEnum):
    """What happens to a ticket, as its history keeps it. `SAME`, `ADD`, `PLACE`, `NOTE` leave its state as it is."""

    REPORT = "report"
    SAME = "same"
    ADD = "add"
    PLACE = "place"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    BEGIN = "begin"
    SOLVE = "solve"
    REFUSE = "refuse"
    NOTE = "note"
    MERGE = "merge"
    CONFIRM = "confirm"
    AGAIN = "again"
    TAKE_BACK = "take_back"
    CLOSE = "close"


AFTER: Mapping[Move, State] = {
    Move.ACKNOWLEDGE: State.ACKNOWLEDGED,
    Move.ASSIGN: State.ASSIGNED,
    Move.BEGIN: State.REPAIRING,
    Move.SOLVE: State.SOLVED,
    Move.REFUSE: State.REFUSED,
    Move.MERGE: State.MERGED,
    Move.CONFIRM: State.CLOSED,
    Move.AGAIN: State.REPORTED,
    Move.TAKE_BACK: State.WITHDRAWN,
    Move.CLOSE: State.CLOSED,
}
FROM: Mapping[Move, frozenset[State]] = {
    Move.ADD: frozenset((*OPEN, State.SOLVED)),
    Move.PLACE: frozenset(OPEN),
    Move.SAME: frozenset(OPEN),
    Move.ACKNOWLEDGE: frozenset({State.REPORTED}),
    Move.ASSIGN: frozenset(OPEN),
    Move.BEGIN: frozenset(OPEN) - {State.REPAIRING},
    Move.SOLVE: frozenset(OPEN),
    Move.REFUSE: frozenset(OPEN),
    Move.NOTE: frozenset((*OPEN, State.SOLVED)),
    Move.MERGE: frozenset(OPEN),
    Move.CONFIRM: frozenset({State.SOLVED}),
    Move.AGAIN: frozenset({State.SOLVED, State.CLOSED}),
    Move.TAKE_BACK: frozenset({State.REPORTED}),
    Move.CLOSE: frozenset({State.SOLVED}),
}
MANAGED = (Move.ACKNOWLEDGE, Move.ASSIGN, Move.BEGIN, Move.SOLVE, Move.REFUSE, Move.NOTE, Move.MERGE)
"""What the syndic and the council do."""
FOLLOWED = frozenset({Move.ADD, Move.PLACE, Move.CONFIRM, Move.AGAIN, Move.TAKE_BACK})
"""What those do who reported it."""
PRIVATE = frozenset({Move.REPORT, Move.SAME, Move.ADD, Move.PLACE, Move.AGAIN, Move.CONFIRM, Move.TAKE_BACK})
"""Whose words and names are for the syndic and the council only."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who moves a ticket, and what he is to it."""

    actor: Actor
    manages: bool = False
    follows: bool = False


CLOCK = Hand(COMMAND)
"""What falls due by itself."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """`number`: its own within the building; `since`: when its state began; `version`: how often it was written; `into`: the ticket that it
    was joined to. `assigned_to`: a name or a trade, as written; `planned_on`: the day on which somebody comes."""

    ticket: UUID
    building: UUID
    number: int
    category: Category
    spot: Spot
    danger: Danger | None
    reporter: UUID
    made_at: datetime
    state: State
    since: datetime
    version: int = 1
    assigned_to: str = ""
    planned_on: date | None = None
    into: UUID | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def may_come_again(self, now: datetime) -> bool:
        return self.state is State.SOLVED or (self.state is State.CLOSED and now < self.since + AGAIN_LASTS)

    def moves(self, hand: Hand, now: datetime) -> tuple[Move, ...]:
        """What this hand may do with it now, joining it to another and notes apart."""
        return tuple(
            move
            for move in (*MANAGED, Move.CONFIRM, Move.AGAIN)
            if move not in (Move.NOTE, Move.MERGE) and not self._refusal(move, hand, now)
        )

    def check(self, move: Move, hand: Hand, now: datetime) -> None:
        """DomainError where this hand may not make this move now, whatever is said with it."""
        if refusal := self._refusal(move, hand, now):
            raise refusal

    def moved(
        self, move: Move, hand: Hand, now: datetime, *, note: str = "", to: str = "", on: date | None = None
    ) -> Ticket:
        """The ticket after a move. DomainError with the sentence that says why it is none."""
        self.check(move, hand, now)
        if move in (Move.REFUSE, Move.NOTE) and sum(map(str.isalpha, note)) < SHORTEST_NOTE:
            raise DomainError("tickets.why" if move is Move.REFUSE else "tickets.no_note")
        if len(note) > LONGEST_NOTE and move not in PRIVATE:
            raise DomainError("tickets.long_note", count=LONGEST_NOTE)
        after = replace(self, version=self.version + 1)
        if move in AFTER:
            after = replace(after, state=AFTER[move], since=now)
        if move is Move.AGAIN:
            # Whoever had it is done with it; its history says who that was.
            after = replace(after, assigned_to="", planned_on=None)
        return after._assigned(to, on, local_day(now)) if move is Move.ASSIGN else after

    def placed(self, hand: Hand, now: datetime, category: Category, spot: Spot) -> Ticket:
        """What it is and where, as whoever reported it says afterwards."""
        return replace(self.moved(Move.PLACE, hand, now), category=category, spot=spot)

    def joined(self, hand: Hand, now: datetime, other: Ticket) -> Ticket:
        """This one is the same as another open one of the building."""
        if other.ticket == self.ticket:
            raise DomainError("tickets.with_itself")
        if other.building != self.building:
            raise DomainError("tickets.unknown")
        if not other.is_open:
            raise DomainError("tickets.other_over")
        return replace(self.moved(Move.MERGE, hand, now), into=other.ticket)

    def taken_back(self, hand: Hand, now: datetime, followers: int) -> Ticket:
        """It was no good report; nobody else relies on it, and nobody has begun anything."""
        if now >= self.made_at + TAKEN_BACK_LASTS:
            raise DomainError("tickets.too_long_ago")
        if followers > 1:
            raise DomainError("tickets.others_follow")
        return self.moved(Move.TAKE_BACK, hand, now)

    def _assigned(self, to: str, on: date | None, today: date) -> Ticket:
        if not any(map(str.isalpha, to)):
            raise DomainError("tickets.to_nobody")
        if len(to) > LONGEST_NAME:
            raise DomainError("tickets.long_name", count=LONGEST_NAME)
        if on is not None and on < today:
            raise DomainError("tickets.past", day=on)
        if on is not None and on > today + FARTHEST:
            raise DomainError("tickets.far", day=on)
        return replace(self, assigned_to=to, planned_on=on)

    def _refusal(self, move: Move, hand: Hand, now: datetime) -> DomainError | None:
        if (move in MANAGED and not hand.manages) or (move in FOLLOWED and not hand.follows):
            return DomainError("tickets.not_yours")
        if move is Move.CLOSE and not (hand == CLOCK or hand.manages or hand.follows):
            return DomainError("tickets.not_yours")
        if move is Move.CLOSE and now < self.since + SILENCE:
            return DomainError("tickets.not_yet")
        if self.state not in FROM.get(move, ()):
            already = AFTER.get(move) is self.state
            return DomainError("tickets.already" if already else "tickets.too_late", state=self.said)
        if move is Move.AGAIN and not self.may_come_again(now):
            return DomainError("tickets.again_too_late", count=AGAIN_LASTS.days)
        return None

    @property
    def said(self) -> Any:
        """Its state in words."""
        return say(f"tickets.state.{self.state.value}")


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says is broken. `photos`: hashes of pictures on the shelf that are fit to be shown."""

    text: str
    category: Category = Category.OTHER
    spot: Spot = NOWHERE
    danger: Danger | None = None
    photos: tuple[bytes, ...] = ()

    @property
    def says_something(self) -> bool:
        return bool(self.photos) or any(map(str.isalpha, self.text))


@dataclass(frozen=True, slots=True)
class Moved:
    """An entry of a ticket's history. `state`: the one after it; `to`, `on`: to whom it was assigned, and for which day."""

    move: Move
    state: State
    actor: Actor
    at: datetime
    note: str = ""
    number: int = 0
    to: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket with all that happened to it. `photos`: identity and hash of each; `followers`: everybody who is told, by name."""

    ticket: Ticket
    moves: tuple[Moved, ...]
    followers: Mapping[UUID, str] = field(default_factory=dict)
    photos: tuple[tuple[UUID, bytes], ...] = ()

    def hand(self, actor: Actor, manages: bool = False) -> Hand:
        return Hand(actor, manages, actor.actor_id in self.followers)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets of an organisation are wanted: all that fit everything given. `within`: of these buildings only; `before`: made
    before then."""

    within: frozenset[UUID] | None = None
    building: UUID | None = None
    states: tuple[State, ...] = ()
    urgent: bool = False
    category: Category | None = None
    before: datetime | None = None


def text_of(text: str, longest: int = LONGEST_TEXT) -> str:
    """What somebody wrote, with its lines, and without signs that nobody sees or that turn text around; cut where it is too long."""
    seen = "".join(
        sign if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn") else ""
        for sign in unicodedata.normalize("NFC", text[: 4 * longest])
    )
    said = "\n".join(" ".join(line.split()) for line in seen.splitlines()).strip()
    return said if len(said) <= longest else f"{said[: longest - 1].rstrip()}…"


def line_of(text: str) -> str:
    """The same on one line, for a name; whether it is too long is for who uses it to say."""
    return " ".join(text_of(text, 4 * LONGEST_NAME).split())
