"""The news of a building: when they are told, to whom, and what belongs to them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from core.kernel.clock import BRUSSELS
from core.kernel.text import Text
from core.messaging.card import Choice
from core.messaging.kinds import NOTICE_BOARD
from core.messaging.preferences import BY_DEFAULT, Preferences, Rhythm

FRIDAY, HOUR = 4, time(17)
"""When the news are told, on the clock of the building: before the weekend, on which people meet. `FRIDAY` is `date.weekday`."""
WEEK = timedelta(days=7)
STALE = timedelta(days=2)
"""What could not be told for so long waits for the next Friday: nobody reads the news of the week on a Wednesday."""
SETTLED = timedelta(minutes=1)
"""What was put up later than that belongs to the next news: it may not be written yet, and would be missed by both."""
AHEAD = timedelta(days=10)
"""Of what is to come in so many days the news remind, however long it is known: up to the Monday on which those who read once a week get
the next ones."""


class Section(StrEnum):
    """In the order in which they are told."""

    EVENT = "event"
    NOTICE = "notice"
    REQUEST = "request"
    OFFER = "offer"
    THING = "thing"
    GIFT = "gift"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Item:
    """Something new. `what` it is, and what is said of it (`about`); `by`: whoever put it up, who knows it already.

    `choice`: what a reader does with it; None: there is nothing to do. `readers`: the only ones who may press it; None: everybody.
    `singly`: whoever reads what is new day by day was told of it when it was put up.
    """

    section: Section
    what: Text
    about: Text
    choice: Choice[Text] | None = None
    by: UUID | None = None
    readers: frozenset[UUID] | None = None
    day: date | None = None
    singly: bool = False

    def choice_for(self, reader: UUID) -> Choice[Text] | None:
        return self.choice if self.readers is None or reader in self.readers else None


@dataclass(frozen=True, slots=True)
class Issue:
    """The news of one Friday in a building: what was put up after `since` and until `until`."""

    building: UUID
    day: date
    since: datetime
    until: datetime


def friday(now: datetime) -> datetime:
    """The last moment up to now at which the news were to be told."""
    local = now.astimezone(BRUSSELS)
    day = local.date() - timedelta(days=(local.weekday() - FRIDAY) % 7)
    at = datetime.combine(day, HOUR, BRUSSELS)
    return at if at <= local else datetime.combine(day - WEEK, HOUR, BRUSSELS)


def is_due(now: datetime) -> bool:
    """Whether that moment is not too long ago."""
    return now < friday(now) + STALE


def issue(building: UUID, last: datetime | None, now: datetime) -> Issue:
    """The news to be told now. `last`: until when those before were; the first ones are those of a week."""
    at = friday(now)
    first = datetime.combine(at.date() - WEEK, HOUR, BRUSSELS)
    return Issue(building, at.date(), first if last is None else last, now - SETTLED)


def wants(wishes: Preferences) -> bool:
    """Whether somebody wants to read what is new together: he asked for it by the day or by the week, and has not switched it off."""
    return wishes.rhythm is not Rhythm.AT_ONCE and NOTICE_BOARD not in wishes.off and not wishes.stopped


def news_for(
    reader: UUID, items: Sequence[Item], wishes: Preferences = BY_DEFAULT, read: date = date.min
) -> list[Item]:
    """What is new for one reader, section by section: all but what he put up himself, was told before in his message of the day, or is over
    on the day on which it is `read`."""
    order = {section: place for place, section in enumerate(Section)}
    told = wishes.rhythm is Rhythm.DAILY

    def concerns(item: Item) -> bool:
        over = item.section is Section.EVENT and item.day is not None and item.day < read
        return item.by != reader and not (item.singly and told) and not over

    return sorted(filter(concerns, items), key=lambda item: order[item.section])
