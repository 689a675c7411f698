"""Something with a date that goes into people's calendars: an assembly, a loan, a day on which something is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from core.kernel.text import Text, Value
from core.messaging.card import Attachment

CALENDAR = "calendar"
"""The kind of an attachment that the courier draws as a calendar file."""


def uid_of(thing: UUID, part: str = "") -> str:
    """The name of an event in every calendar, for ever: that of the thing it is about, or of a part of it (RFC 7986, 5.3)."""
    return str(uuid5(thing, part) if part else thing)


@dataclass(frozen=True, slots=True)
class Event:
    """What a calendar shows. `begins` and `ends` are instants, or days for what takes whole ones: the last one included; None: that day.

    `uid` never changes. `sequence` counts the changes since it was first told, and `changed` is the instant of the last, so that the file
    says the same whenever it is drawn (RFC 5545, 3.8.4.7, 3.8.7.4, 3.8.7.2). `organiser`: a name and an e-mail address; "": not told.
    """

    uid: str
    title: Text
    begins: datetime | date
    ends: datetime | date | None
    changed: datetime
    place: str = ""
    about: Text | None = None
    sequence: int = 0
    cancelled: bool = False
    organiser: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        if self.ends is not None and self.all_day is isinstance(self.ends, datetime):
            raise ValueError("an event begins and ends on days, or at instants")
        if self.ends is not None and self.ends < self.begins:
            raise ValueError("an event ends after it has begun")

    @property
    def all_day(self) -> bool:
        return not isinstance(self.begins, datetime)

    def moved(self, begins: datetime | date, ends: datetime | date | None, changed: datetime) -> Event:
        """The same event at another time."""
        return replace(self, begins=begins, ends=ends, changed=changed, sequence=self.sequence + 1)

    def called_off(self, changed: datetime) -> Event:
        """The same event, which does not take place: calendars strike it out."""
        return replace(self, changed=changed, sequence=self.sequence + 1, cancelled=True)

    def attachment(self) -> Attachment:
        """What a card carries of it; `event_of` gives it back."""
        values: dict[str, Value] = {
            "uid": self.uid,
            "title": self.title,
            "begins": self.begins,
            "changed": self.changed,
            "place": self.place,
            "sequence": self.sequence,
            "cancelled": self.cancelled,
            "organiser": self.organiser[0],
            "mail": self.organiser[1],
        }
        if self.ends is not None:
            values["ends"] = self.ends
        if self.about is not None:
            values["about"] = self.about
        return Attachment(CALENDAR, values)


def event_of(values: Mapping[str, Any]) -> Event:
    """The event among the values of an attachment. ValueError where there is none."""
    match dict(values):
        case {
            "uid": str(uid),
            "title": Text() as title,
            "begins": date() as begins,
            "changed": datetime() as changed,
            "place": str(place),
            "sequence": int(sequence),
            "cancelled": int(cancelled),
            "organiser": str(name),
            "mail": str(mail),
        }:
            ends, about = values.get("ends"), values.get("about")
            return Event(uid, title, begins, ends, changed, place, about, sequence, bool(cancelled), (name, mail))
    raise ValueError("an event needs a title, a time, and a name for ever")
