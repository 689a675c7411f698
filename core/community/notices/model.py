"""A note on the board: what it is, how long it stands, and every move with whoever may make it. Pure.

    shown -> hidden            three neighbours reported it
    shown, hidden -> shown     the council keeps it
    shown, hidden -> removed   the council takes it down, with a reason; the author may answer once
    removed -> shown           the council puts it back
    shown, hidden -> withdrawn the author takes it down
    shown, hidden -> ended     its last day is over, or its author has moved out
    ended -> shown             the author puts it up again

A move gives the note as it is after it, or raises DomainError with the sentence that says why not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from core.community.posts.model import LONGEST_NAME, name_of, text_of
from core.kernel.clock import BRUSSELS, local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES

STANDS, LONGEST_STANDS = 30, 90
"""Days for which a note stands where its author says nothing, and at most."""
FURTHEST = timedelta(days=366)
"""How far ahead an event may be."""
DAY = timedelta(days=1)
MOST_PHOTOS, MOST_PINNED = 3, 3
HIDES = 3
"""Reports of so many different neighbours hide a note until the council decides."""
PAGE = 5
"""Notes that are shown at once."""
LONGEST_PLACE, LONGEST_WORDS = 120, 500
"""Signs of where an event is, and of a reason or an appeal."""
SHORT_TITLE = 80
"""A line up to so long is a title by itself."""


class Kind(StrEnum):
    ANNOUNCEMENT = "announcement"
    EVENT = "event"
    FOUND = "found"
    """Lost and found."""
    CARPOOL = "carpool"
    CHILD_CARE = "child_care"


class State(StrEnum):
    SHOWN = "shown"
    HIDDEN = "hidden"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


STANDING = frozenset({State.SHOWN, State.HIDDEN})


@dataclass(frozen=True, slots=True)
class When:
    """When and where an event is. `clock`: on the building's clock; None: not said."""

    day: date
    clock: time | None = None
    place: str = ""

    @property
    def begins(self) -> datetime | date:
        return datetime.combine(self.day, self.clock, BRUSSELS) if self.clock else self.day

    def is_over(self, now: datetime) -> bool:
        begins = self.begins
        return begins < now if isinstance(begins, datetime) else begins < local_day(now)


@dataclass(frozen=True, slots=True)
class Notice:
    """`titles`: by language, what the author gave besides his own `language`. `photos`: SHA-256 (hex) of pictures on the shelf.

    `when`: of an event, and of nothing else. `expires_on`: the last day on which it stands. `sequence`: how often the event was changed.
    `reason`: why the council took it down; `appeal`: what the author answered, once; he `objects` until the council
    has decided on it.
    """

    notice_id: UUID
    building: UUID
    author: UUID
    kind: Kind
    language: str
    title: str
    text: str
    posted_at: datetime
    changed_at: datetime
    expires_on: date
    when: When | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[str, ...] = ()
    sequence: int = 0
    state: State = State.SHOWN
    pinned_at: datetime | None = None
    reason: str = ""
    appeal: str = ""
    objects: bool = False

    def title_in(self, language: str) -> str:
        """The title for a reader of that language: the author's own where he gave no other."""
        return self.title if language == self.language else self.titles.get(language, self.title)

    def is_foreign(self, language: str) -> bool:
        """Whether there is something in it that is not in that language."""
        return language != self.language and (bool(self.text) or language not in self.titles)

    def stands(self, today: date) -> bool:
        """Whether neighbours see it."""
        return self.state is State.SHOWN and today <= self.expires_on

    # --- the author ------------------------------------------------------------------------------------------------------------

    def called(self, by: UUID, kind: Kind, today: date) -> Notice:
        """It is of another kind. DomainError for an event: that takes a day."""
        self._his(by)
        if kind is Kind.EVENT and self.kind is not Kind.EVENT:
            raise DomainError("notices.no_day")
        if kind is self.kind:
            return self
        if self.kind is Kind.EVENT:
            expires = max(local_day(self.posted_at) + timedelta(days=STANDS), today)
            return replace(self, kind=kind, when=None, expires_on=expires)
        return replace(self, kind=kind)

    def held(self, by: UUID, when: When, now: datetime) -> Notice:
        """It is an event, then and there."""
        self._his(by)
        when = checked(when, now)
        if when == self.when:
            return self
        return replace(
            self,
            kind=Kind.EVENT,
            when=when,
            expires_on=when.day + DAY,
            changed_at=now,
            sequence=self.sequence + (self.when is not None),
        )

    def until(self, by: UUID, last: date, today: date, *, reported: bool = False) -> Notice:
        """It stands up to and including that day; what had ended by itself is put up again, unless it is `reported` and nobody decided."""
        self._is(by)
        if self.kind is Kind.EVENT:
            raise DomainError("notices.event_expires")
        if self.state not in STANDING and (self.state is not State.ENDED or reported):
            raise DomainError("notices.over")
        if last < today:
            raise DomainError("notices.past", day=last)
        if last > today + timedelta(days=LONGEST_STANDS):
            raise DomainError("notices.too_long", count=LONGEST_STANDS)
        return replace(self, expires_on=last, state=State.SHOWN if self.state is State.ENDED else self.state)

    def titled(self, by: UUID, language: str, title: str, now: datetime) -> Notice:
        """What it is called in a language, his own or another."""
        self._his(by)
        if language not in LANGUAGES:
            raise DomainError("notices.moved_on")
        title = name_of(title)
        step = 1 if self.when is not None else 0
        new = replace(self, changed_at=now, sequence=self.sequence + step)
        return (
            replace(new, title=title)
            if language == self.language
            else replace(new, titles={**self.titles, language: title})
        )

    def pictured(self, by: UUID, photo: str) -> Notice:
        self._his(by)
        if photo in self.photos:
            return self
        if len(self.photos) >= MOST_PHOTOS:
            raise DomainError("notices.many_photos", count=MOST_PHOTOS)
        return replace(self, photos=(*self.photos, photo))

    def withdraw(self, by: UUID, now: datetime) -> Notice:
        """The author takes it down."""
        self._his(by)
        return self._gone(State.WITHDRAWN, now)

    def object(self, by: UUID, words: str, today: date) -> Notice:
        """The author answers the council, once, as long as it could still be put back."""
        self._is(by)
        if self.state not in (State.HIDDEN, State.REMOVED) or today > self.expires_on:
            raise DomainError("notices.over")
        if self.appeal:
            raise DomainError("notices.answered_already")
        return replace(self, appeal=words_of(words), objects=True)

    # --- the neighbours and the council ----------------------------------------------------------------------------------------

    def reported(self, by: UUID, today: date, open_reports: int) -> Notice:
        """Somebody reports it; `open_reports`: of different neighbours, this one's counted, on which nobody decided yet."""
        if by == self.author:
            raise DomainError("notices.own_report")
        if not self.stands(today):
            raise DomainError("notices.gone")
        return replace(self, state=State.HIDDEN, pinned_at=None) if open_reports >= HIDES else self

    def keep(self) -> Notice:
        """The council finds nothing wrong with it."""
        self._in(*STANDING)
        return replace(self, state=State.SHOWN, objects=False)

    def remove(self, reason: str, now: datetime) -> Notice:
        """The council takes it down."""
        self._in(*STANDING)
        reason = words_of(reason)
        return replace(self._gone(State.REMOVED, now), reason=reason)

    def restore(self, today: date) -> Notice:
        """The council puts it back."""
        self._in(State.REMOVED)
        if today > self.expires_on:
            raise DomainError("notices.over")
        return replace(self, state=State.SHOWN, objects=False)

    def uphold(self) -> Notice:
        """The council leaves it down, whatever its author objects."""
        self._in(State.REMOVED)
        if not self.objects:
            raise DomainError("notices.moved_on")
        return replace(self, objects=False)

    def pin(self, now: datetime, pinned: int) -> Notice:
        """It stands above the others; `pinned`: how many do already."""
        if not self.stands(local_day(now)):
            raise DomainError("notices.gone")
        if self.pinned_at is not None:
            return self
        if pinned >= MOST_PINNED:
            raise DomainError("notices.many_pinned", count=MOST_PINNED)
        return replace(self, pinned_at=now)

    def unpin(self) -> Notice:
        return replace(self, pinned_at=None)

    # --- what time brings ------------------------------------------------------------------------------------------------------

    def end(self, now: datetime, *, gone: bool = False) -> Notice:
        """Its last day is over; or its author is `gone`."""
        self._in(*STANDING)
        if local_day(now) <= self.expires_on and not gone:
            raise DomainError("notices.moved_on")
        return self._gone(State.ENDED, now)

    # ---------------------------------------------------------------------------------------------------------------------------

    def _gone(self, state: State, now: datetime) -> Notice:
        """Down; the file for calendars says that it changed."""
        step = 1 if self.when is not None else 0
        return replace(self, state=state, pinned_at=None, objects=False, changed_at=now, sequence=self.sequence + step)

    def _is(self, by: UUID) -> None:
        if by != self.author:
            raise DomainError("notices.not_yours")

    def _his(self, by: UUID) -> None:
        self._is(by)
        self._in(*STANDING)

    def _in(self, *states: State) -> None:
        if self.state not in states:
            raise DomainError("notices.over")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants on the board. `when` makes it an event."""

    kind: Kind
    title: str
    text: str
    language: str
    photos: tuple[str, ...] = ()
    when: When | None = None


def put_up(notice_id: UUID, building: UUID, author: UUID, draft: Draft, now: datetime) -> Notice:
    """The note as it stands from now on. DomainError where nothing is said in it, or too much, or its day is over."""
    title, text = name_of(draft.title), text_of(draft.text)
    if len(draft.photos) > MOST_PHOTOS:
        raise DomainError("notices.many_photos", count=MOST_PHOTOS)
    expires = local_day(now) + timedelta(days=STANDS)
    kind = Kind.ANNOUNCEMENT if draft.kind is Kind.EVENT else draft.kind
    plain = Notice(
        notice_id, building, author, kind, draft.language, title, text, now, now, expires, photos=draft.photos
    )
    return plain if draft.when is None else plain.held(author, draft.when, now)


def checked(when: When, now: datetime) -> When:
    """When an event is, as it may stand on the board. DomainError for a day that is over, or is years ahead."""
    today = local_day(now)
    if when.day < today:
        raise DomainError("notices.past", day=when.day)
    if when.day > today + FURTHEST:
        raise DomainError("notices.too_far", day=when.day)
    place = " ".join(text_of(when.place).split())
    if len(place) > LONGEST_PLACE:
        raise DomainError("community.long_name", count=LONGEST_PLACE)
    return replace(when, place=place)


def words_of(said: str) -> str:
    """A reason or an answer. DomainError where nothing is said, or far too much."""
    words = text_of(said)
    if not any(sign.isalnum() for sign in words):
        raise DomainError("notices.no_words")
    if len(words) > LONGEST_WORDS:
        raise DomainError("community.long_text", count=LONGEST_WORDS)
    return words


def split(said: str) -> tuple[str, str]:
    """Title and text of a note as people write it: its first line, or first sentence, and what follows; else its first words, and all of it.

    DomainError where nothing is said, or far too much.
    """
    whole = text_of(said)
    first, _, rest = whole.partition("\n")
    if len(first) <= (LONGEST_NAME if rest.strip() else SHORT_TITLE):
        return _titled(first), rest.strip()
    sentence = _SENTENCE.match(first)
    if sentence and len(sentence[0]) <= LONGEST_NAME:
        rest = whole[sentence.end() :].strip()
        return _titled(sentence[0].rstrip(". ")), rest
    return _titled(first[: SHORT_TITLE - 1].rpartition(" ")[0] or first[: SHORT_TITLE - 1]) + "…", whole


_SENTENCE = re.compile(r".{8,}?[.!?](?=\s)")


def _titled(words: str) -> str:
    title = words.strip().rstrip(":").strip()
    return title[:1].upper() + title[1:]
