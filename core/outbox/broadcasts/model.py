"""A broadcast: what is written, to whom, in which languages; who will get it how; and how far it has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from core.buildings.model import Building
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.messaging.channel import Evidence
from core.messaging.delivery import Delivery, Skipped
from core.messaging.kinds import LEGAL, MONEY, NOTICE_BOARD, TICKET, VOTE, Urgency
from core.people.model import Place

SENDABLE = (NOTICE_BOARD, MONEY, TICKET, VOTE, LEGAL)
"""The kinds that whoever speaks for a building may send; the others are between neighbours, or about one person alone."""
EVERYONE, OWNERS, TENANTS, COUNCIL, PERSONS = "everyone", "owners", "tenants", "council", "persons"
GROUPS = (EVERYONE, OWNERS, TENANTS, COUNCIL, PERSONS)
LOTS = "lots"
"""Stands before names of lots for everyone who lives in or owns them."""
ANY = "*"
"""Ends the beginning of the names of lots: those of one entrance, where they are named after it."""

LONGEST_TITLE, LONGEST_TEXT, MOST_PAPERS = 200, 20_000, 10
AT_ONCE, LATER, DIGEST, NEVER = "at_once", "later", "digest", "never"
"""When somebody is told: now; after his quiet hours or his holiday; with what else waits for him; not at all."""
CANCELLED = "cancelled"
"""The reason why a delivery of a broadcast that was stopped does not leave."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast is for. `lots` narrows a group to those who own or rent them; each is a name, or the beginning of names with `*`.

    `persons`: their codes in the building, for the group of that name only.
    """

    group: str
    lots: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()

    @classmethod
    def parse(cls, written: str) -> Audience:
        """Reads `owners`, `tenants:A*`, `lots:A1,A2`, `persons:lea-dubois`. DomainError where it is none."""
        group, colon, rest = written.strip().partition(":")
        names = tuple(dict.fromkeys(name.strip() for name in rest.split(",") if name.strip()))
        listed = group in (LOTS, PERSONS)
        if group not in (*GROUPS, LOTS) or ((listed or colon) and not names):
            raise DomainError("broadcast.no_audience", audience=written[:60], known=", ".join((*GROUPS[:-1], LOTS)))
        if group == PERSONS:
            return cls(PERSONS, persons=names)
        return cls(EVERYONE if group == LOTS else group, names)

    def __str__(self) -> str:
        names = self.persons or self.lots
        group = LOTS if self.lots and self.group == EVERYONE else self.group
        return f"{group}:{','.join(names)}" if names else group

    def lots_among(self, lots: Sequence[str]) -> frozenset[str] | None:
        """The lots that are meant, of those of the building; None: it does not depend on lots. DomainError for a name of none."""
        if not self.lots:
            return None
        found: set[str] = set()
        for name in self.lots:
            meant = {lot for lot in lots if lot.startswith(name[:-1])} if name.endswith(ANY) else {name} & set(lots)
            if not meant:
                raise DomainError("broadcast.no_lot", lot=name[:40])
            found |= meant
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whom the building knows, with his place there today; `owned` and `rented` are his lots on that day."""

    person: UUID
    name: str
    language: str
    place: Place
    owned: frozenset[str] = frozenset()
    rented: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        """By which the files of the building name him."""
        return self.place.membership.person

    @property
    def roles(self) -> frozenset[str]:
        return self.place.roles

    def among(self, audience: Audience, lots: frozenset[str] | None) -> bool:
        """Whether a broadcast to that audience is for him. `lots`: those that it means, None for any."""
        if audience.group == PERSONS:
            return self.code in audience.persons
        role, roles = {OWNERS: "owner", TENANTS: "tenant", COUNCIL: "council"}.get(audience.group), self.roles
        if not roles or (role is not None and role not in roles):
            return False
        if lots is None:
            return True
        mine = {OWNERS: self.owned, TENANTS: self.rented}.get(audience.group, self.owned | self.rented)
        return not lots.isdisjoint(mine)


@dataclass(frozen=True, slots=True)
class Wording:
    """Title and body in one language; paragraphs of the body are parted by empty lines. `event`: the title in calendars, where another."""

    title: str
    body: str
    event: str = ""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        parts = self.body.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")
        return tuple(part.strip() for part in parts if part.strip())


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the building that goes along. `admitted`: the roles that may see it; None: whoever has any."""

    document: UUID
    title: str
    admitted: frozenset[str] | None = None

    def is_for(self, roles: frozenset[str]) -> bool:
        return bool(roles) if self.admitted is None else not self.admitted.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a broadcast invites to: from when to when, as instants or as days; where.

    A change or a calling off is another broadcast with the `uid` of the first and the next `sequence`: `moved`, `called_off`.
    """

    begins: datetime | date
    ends: datetime | date | None = None
    place: str = ""
    uid: str = ""
    sequence: int = 0
    cancelled: bool = False

    def moved(self, begins: datetime | date, ends: datetime | date | None = None, place: str | None = None) -> Occasion:
        where = self.place if place is None else place
        return replace(self, begins=begins, ends=ends, place=where, sequence=self.sequence + 1)

    def called_off(self) -> Occasion:
        return replace(self, sequence=self.sequence + 1, cancelled=True)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What is written before it is sent. `broadcast_id` is made with the draft: to send the same draft again changes nothing.

    `wordings` by language; `original`: the one in which it was written. `expires`: told to nobody after that instant.
    """

    broadcast_id: UUID
    building: UUID
    author: UUID
    audience: Audience
    wordings: Mapping[str, Wording]
    original: str
    kind: str = NOTICE_BOARD
    urgency: Urgency | None = None
    papers: tuple[Paper, ...] = ()
    occasion: Occasion | None = None
    expires: datetime | None = None

    def language_for(self, reader: str, building: Building) -> str:
        """In which language somebody reads it: his own, else the building's first, else the one in which it was written."""
        return next(each for each in (reader, building.languages[0], self.original) if each in self.wordings)

    def key(self, person: UUID, attempt: int = 1) -> str:
        """The key of the delivery to a person: one for each time that it is sent to him."""
        return f"broadcast:{self.broadcast_id}:{person}:{attempt}"


def check(broadcast: Broadcast) -> None:
    """DomainError for what cannot be sent as it is."""
    if broadcast.kind not in SENDABLE:
        raise DomainError("broadcast.not_sendable", kind=broadcast.kind[:40], known=", ".join(SENDABLE))
    if broadcast.original not in broadcast.wordings or not set(LANGUAGES).issuperset(broadcast.wordings):
        raise DomainError("broadcast.no_language", known=", ".join(LANGUAGES))
    for wording in broadcast.wordings.values():
        if not wording.title.strip() or not wording.paragraphs:
            raise DomainError("broadcast.nothing_said")
        if len(wording.title) > LONGEST_TITLE or len(wording.body) > LONGEST_TEXT:
            raise DomainError("broadcast.too_long", title=LONGEST_TITLE, text=LONGEST_TEXT)
    if len(broadcast.papers) > MOST_PAPERS:
        raise DomainError("broadcast.too_many_papers", most=MOST_PAPERS)
    occasion = broadcast.occasion
    if occasion is not None and occasion.ends is not None:
        same = isinstance(occasion.begins, datetime) is isinstance(occasion.ends, datetime)
        if not same or occasion.ends < occasion.begins:
            raise DomainError("broadcast.ends_too_early")


@dataclass(frozen=True, slots=True)
class Planned:
    """What will happen for one person. `channel` "" and a `reason`: he cannot be reached. `due`: when it leaves.

    `language`: the one in which he reads it. `without`: the titles of the papers that he may not see.
    """

    member: Member
    language: str
    channel: str
    due: datetime | None
    wait: str
    reason: str = ""
    without: tuple[str, ...] = ()


def planned(
    member: Member, language: str, way: Delivery | Skipped, now: datetime, without: tuple[str, ...] = ()
) -> Planned:
    if isinstance(way, Skipped):
        return Planned(member, language, "", None, NEVER, way.reason, without)
    wait = DIGEST if way.digest else LATER if way.due > now else AT_ONCE
    return Planned(member, language, way.address.channel, way.due, wait, "", without)


@dataclass(frozen=True, slots=True)
class Preview:
    """Who will get it and how, and who cannot be reached and why, in the order of the building's list."""

    everybody: tuple[Planned, ...]

    @property
    def reached(self) -> tuple[Planned, ...]:
        return tuple(row for row in self.everybody if row.channel)

    @property
    def unreached(self) -> tuple[Planned, ...]:
        return tuple(row for row in self.everybody if not row.channel)

    @property
    def channels(self) -> Mapping[str, int]:
        return Counter(row.channel for row in self.reached)

    @property
    def waits(self) -> Mapping[str, int]:
        return Counter(row.wait for row in self.reached)

    @property
    def reasons(self) -> Mapping[str, int]:
        return Counter(row.reason for row in self.unreached)

    @property
    def languages(self) -> Mapping[str, int]:
        return Counter(row.language for row in self.reached)


@dataclass(frozen=True, slots=True)
class Sent:
    """A broadcast that was sent, frozen as it was; `attempts`: how many times, to all or to some."""

    broadcast: Broadcast
    at: datetime
    attempts: int = 1
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far it has come for one person: the best of all times that it was sent to him. `channel` "": by none."""

    person: UUID
    name: str
    fate: str
    channel: str
    evidence: Evidence
    reason: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a broadcast has come at one moment: persons, by fate, channel, evidence and reason; channels of what left or waits to."""

    sent: Sent
    total: int
    fates: Mapping[str, int]
    channels: Mapping[str, int]
    evidence: Mapping[Evidence, int]
    reasons: Mapping[str, int]
    pending: int = 0
    """How many deliveries of it have still to leave."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What stopping did, in deliveries: how many had left before; how many were leaving at that moment; how many never will."""

    left: int
    leaving: int
    cancelled: int
