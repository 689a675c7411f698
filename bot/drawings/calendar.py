"""An event as a file for calendars: iCalendar (RFC 5545), to be opened from a mail or a chat (METHOD:PUBLISH, RFC 5546, 3.2.1).

PUBLISH asks for no answer and names no guests: phones and mail programs offer to add it, and find it again by its UID when a later file
changes or cancels it. There is no alarm in it: when to be reminded is for whoever keeps the calendar.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from core.kernel.clock import BRUSSELS
from core.kernel.i18n import Words
from core.messaging.event import Event

if TYPE_CHECKING:
    from icalendar import Timezone

ZONE = "Europe/Brussels"
SUMMER, WINTER = timedelta(hours=2), timedelta(hours=1)


def ics(event: Event, words: Words) -> bytes:
    """The event in the words of its reader. The same event gives the same bytes."""
    # Imported where it is drawn: most processes never draw one.
    from icalendar import Calendar, vCalAddress, vText
    from icalendar import Event as Entry

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//KoproGo//KoproGo//{words.language.upper()}")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    entry = Entry()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.changed.astimezone(UTC))
    entry.add("last-modified", event.changed.astimezone(UTC))
    entry.add("summary", _clean(words(event.title)), parameters={"LANGUAGE": words.language})
    if event.place:
        entry.add("location", _clean(event.place))
    if event.about is not None:
        entry.add("description", _clean(words(event.about)))
    name, mail = event.organiser
    if mail:
        organiser = vCalAddress(f"mailto:{mail}")
        # A parameter has no way to escape (RFC 5545, 3.2), and readers take a backslash for one all the same.
        organiser.params["CN"] = vText(" ".join(_clean(name).replace('"', "'").replace("\\", "/").split()))
        entry.add("organizer", organiser)
    entry.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    if isinstance(event.begins, datetime):
        calendar.add_component(_brussels())
        entry.add("dtstart", _local(event.begins))
        if isinstance(event.ends, datetime):
            entry.add("dtend", _local(event.ends))
    else:
        entry.add("dtstart", event.begins)
        entry.add("dtend", _after(event.ends or event.begins))
        # A day that is marked is not a day that is taken.
        entry.add("transp", "TRANSPARENT")
    calendar.add_component(entry)
    written: bytes = calendar.to_ical()
    return written


def _after(day: date) -> date:
    """The end of a whole day is the next one, which is not part of it (RFC 5545, 3.6.1)."""
    return day + timedelta(days=1)


def _local(instant: datetime) -> datetime:
    """On the clock of the building. An hour that comes twice means its first time there; the second is told in UTC (3.3.5)."""
    local = instant.astimezone(BRUSSELS)
    return instant.astimezone(UTC) if local.fold else local


def _brussels() -> Timezone:
    """The zone as rules, which phones without zones of their own follow: summer time by Directive 2000/84/EC, art. 2 and 3."""
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    zone = Timezone()
    zone.add("tzid", ZONE)
    for made, name, first, month, before, after in (
        (TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), 3, WINTER, SUMMER),
        (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), 10, SUMMER, WINTER),
    ):
        made.add("dtstart", first)
        made.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        made.add("tzname", name)
        made.add("tzoffsetfrom", before)
        made.add("tzoffsetto", after)
        zone.add_component(made)
    return zone


def _clean(text: str) -> str:
    """Without signs that no calendar shows (of control, halves of others, byte order marks); lines end as one does everywhere."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
