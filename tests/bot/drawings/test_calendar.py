"""A calendar file: read back as a calendar reads it, in every language, at every hour of the year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from bot.drawings.calendar import ics
from bot.drawings.enclosures import Enclosures
from core.buildings.model import Building, Known, Syndic
from core.charges.cards import due_in_calendar
from core.charges.model import Call
from core.kernel.clock import BRUSSELS
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.money import Money
from core.kernel.text import Text, literal, say
from core.messaging.card import Attachment, Card, card_from_json, card_to_json
from core.messaging.event import Event, event_of, uid_of
from koprogo.catalogues import load

THING = UUID("5b3c1c1e-7a0d-4c0e-9d54-2f1f3a0b6c11")
SAID = datetime(2026, 11, 22, 9, tzinfo=UTC)
BEGINS, ENDS = datetime(2026, 12, 5, 18, tzinfo=UTC), datetime(2026, 12, 5, 20, tzinfo=UTC)
ORGANISER = ("Renard Gestion SRL", "syndic@renard-gestion.example")
MEETING = Event(uid_of(THING), literal("Assemblée"), BEGINS, ENDS, SAID, "Salle, 1er étage", organiser=ORGANISER)
DUE = Event(uid_of(THING, "due"), say("charges.pay.title", amount=Money(74040)), date(2026, 12, 31), None, SAID)
WORDS: Catalogues = load()


def read(written: bytes) -> tuple[Calendar, Any]:
    """The calendar, and its one event."""
    calendar = Calendar.from_ical(written)
    (event,) = calendar.walk("VEVENT")
    assert event.errors == []
    return calendar, event


# ------------------------------------------------------------------------------------------------------------- what it says


def test_a_meeting() -> None:
    calendar, event = read(ics(MEETING, WORDS["fr"]))
    assert (calendar["VERSION"], calendar["METHOD"], calendar["CALSCALE"]) == ("2.0", "PUBLISH", "GREGORIAN")
    assert calendar["PRODID"]
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (str(THING), 0, "CONFIRMED")
    assert (event["SUMMARY"], event["LOCATION"]) == ("Assemblée", "Salle, 1er étage")
    assert event["DTSTAMP"].dt == SAID
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (BEGINS, ENDS)
    assert event["DTSTART"].params["TZID"] == "Europe/Brussels"
    assert event["ORGANIZER"] == f"mailto:{ORGANISER[1]}"
    assert event["ORGANIZER"].params["CN"] == ORGANISER[0]
    assert "ATTENDEE" not in event, "PUBLISH invites nobody (RFC 5546, 3.2.1)"
    assert calendar.walk("VALARM") == []


def test_a_day_on_which_something_is_due() -> None:
    calendar, event = read(ics(DUE, WORDS["nl"]))
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 31), date(2027, 1, 1))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["TRANSP"] == "TRANSPARENT"
    assert "ORGANIZER" not in event
    assert calendar.walk("VTIMEZONE") == []
    _, days = read(ics(DUE.moved(date(2026, 12, 30), date(2027, 1, 2), SAID), WORDS["nl"]))
    assert days["DTEND"].dt == date(2027, 1, 3), "the last day counts"


def test_the_day_on_which_a_call_is_due() -> None:
    known = Known(THING, 1, Building("Les Tilleuls", "tilleuls", syndic=Syndic(*ORGANISER)))
    call = Call("2026-4", date(2026, 11, 1), date(2026, 12, 31), "4e trimestre", "working", 300_000, "general")
    due, other = (due_in_calendar(known, each, SAID) for each in (call, replace(call, number="2027-1")))
    assert due.uid != other.uid
    put_off = due.moved(date(2027, 1, 15), None, SAID)
    for language in LANGUAGES:
        _, event = read(ics(put_off, WORDS[language]))
        assert (event["UID"], event["SEQUENCE"], event["DTSTART"].dt) == (due.uid, 1, date(2027, 1, 15))
        assert "4e trimestre (Les Tilleuls)" in event["SUMMARY"]
    assert due_in_calendar(known, call, SAID) == due


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_the_words_of_its_reader(language: str) -> None:
    _, event = read(ics(DUE, WORDS[language]))
    assert event["SUMMARY"] == WORDS[language](DUE.title)
    assert event["SUMMARY"].params["LANGUAGE"] == language
    assert len({WORDS[each](DUE.title) for each in LANGUAGES}) == len(LANGUAGES)


def test_a_change_and_a_calling_off_keep_the_name() -> None:
    moved = MEETING.moved(BEGINS + timedelta(days=1), ENDS + timedelta(days=1), SAID + timedelta(hours=1))
    off = moved.called_off(SAID + timedelta(hours=2))
    read_back = [read(ics(event, WORDS["fr"]))[1] for event in (MEETING, moved, off)]
    assert {event["UID"] for event in read_back} == {str(THING)}
    assert [event["SEQUENCE"] for event in read_back] == [0, 1, 2]
    assert [event["STATUS"] for event in read_back] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event["DTSTAMP"].dt - SAID for event in read_back] == [timedelta(hours=hours) for hours in (0, 1, 2)]
    assert read_back[1]["DTSTART"].dt == BEGINS + timedelta(days=1)


def test_the_same_event_gives_the_same_bytes() -> None:
    assert ics(MEETING, WORDS["de"]) == ics(MEETING, WORDS["de"])
    assert uid_of(THING, "due") == uid_of(THING, "due") != uid_of(THING, "other")


def test_what_is_no_event() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Event("u", literal("x"), ENDS, BEGINS, SAID)
    with pytest.raises(ValueError, match="on days, or at instants"):
        Event("u", literal("x"), date(2026, 1, 1), ENDS, SAID)
    with pytest.raises(ValueError, match="on days, or at instants"):
        Event("u", literal("x"), BEGINS, date(2026, 12, 6), SAID)
    with pytest.raises(ValueError, match="needs a title"):
        event_of({"uid": "u"})


# -------------------------------------------------------------------------------------------------- whatever is put into it

texts = st.text(max_size=200)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


def shown(text: str) -> str:
    """As a calendar shows it: no signs of control, one way to end a line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    return "".join(sign for sign in lines if sign in "\n\t" or not (ord(sign) < 32 or 127 <= ord(sign) < 160))


@given(title=texts, place=texts, about=texts, name=texts)
@example(title='a;b,c\\n"d"\nEND:VEVENT\r\nBEGIN:VEVENT', place="\\", about="\ufeff\u2028x", name='"; X=y:\n')
@example(title="🌳" * 60, place=",", about=";", name="A & B")
@example(title="", place="", about="", name="\\")
def test_any_words_come_back(title: str, place: str, about: str, name: str) -> None:
    event = Event("u", literal(title), BEGINS, ENDS, SAID, place, literal(about), organiser=(name, "a@b.example"))
    written = ics(event, WORDS["en"])
    calendar, back = read(written)
    assert len(calendar.walk()) == 5
    assert back["SUMMARY"] == shown(title)
    assert back.get("LOCATION", "") == shown(place)
    assert back["DESCRIPTION"] == shown(about)
    assert back["ORGANIZER"] == "mailto:a@b.example"
    lines = written.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines), "lines are folded (RFC 5545, 3.1)"
    assert not any(b"\n" in line or b"\r" in line for line in lines)


@given(begins=instants, minutes=st.integers(0, 60 * 24 * 400))
@example(begins=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), minutes=60)
@example(begins=datetime(2026, 10, 25, 1, 30, tzinfo=UTC), minutes=60)
@example(begins=datetime(2027, 3, 28, 0, 59, tzinfo=UTC), minutes=2)
def test_any_instant_comes_back(begins: datetime, minutes: int) -> None:
    ends = begins + timedelta(minutes=minutes)
    _, back = read(ics(Event("u", literal("x"), begins, ends, SAID), WORDS["en"]))
    # Two zones are never equal in an hour that comes twice, as Python compares them.
    assert back["DTSTART"].dt.astimezone(UTC) == begins
    assert back["DTEND"].dt.astimezone(UTC) == ends


@given(day=st.dates(date(2000, 1, 1), date(2060, 1, 1)), hour=st.integers(0, 23))
def test_its_own_zone_is_that_of_brussels(day: date, hour: int) -> None:
    """A phone that has no zones follows the rules in the file: they say what the zone says, outside of the hour that changes."""
    calendar, _ = read(ics(MEETING, WORDS["en"]))
    (zone,) = calendar.walk("VTIMEZONE")
    local = datetime.combine(day, time(hour))
    there = local.replace(tzinfo=BRUSSELS)
    changes = there.utcoffset() != (there + timedelta(hours=2)).utcoffset()
    changes |= there.utcoffset() != (there - timedelta(hours=2)).utcoffset()
    if not changes:
        assert isinstance(zone, Timezone)
        own = zone.to_tz(lookup_tzid=False)
        assert not isinstance(own, ZoneInfo)
        assert local.replace(tzinfo=own).utcoffset() == there.utcoffset()


# -------------------------------------------------------------------------------------------------------- through the house


@pytest.mark.parametrize("event", [MEETING, DUE, MEETING.called_off(SAID)])
def test_a_row_keeps_it(event: Event) -> None:
    card: Card[Text] = Card(say("help.title"), attachments=(event.attachment(),))
    (kept,) = card_from_json(card_to_json(card)).attachments
    assert event_of(kept.values) == event


async def test_the_courier_draws_it() -> None:
    enclosed = await Enclosures(None).of((MEETING.attachment(),), WORDS["fr"])  # type: ignore[arg-type]
    (file,) = enclosed.files
    assert (file.name, file.media_type) == ("calendar.ics", "text/calendar")
    assert await file.read() == ics(MEETING, WORDS["fr"])
    assert file.size == len(await file.read())
    assert enclosed.missing == ()


async def test_what_nobody_draws() -> None:
    enclosures = Enclosures(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nobody draws"):
        await enclosures.of((Attachment("sculpture"),), WORDS["fr"])
    with pytest.raises(ValueError, match="a payment needs"):
        await enclosures.of((Attachment("epc_qr", {"name": "x"}),), WORDS["fr"])


async def test_a_stranger_is_shown_no_document() -> None:
    attachment = Attachment("document", {"document": str(uuid4()), "title": "Plan"})
    enclosed = await Enclosures(None).of((attachment,), WORDS["en"])  # type: ignore[arg-type]
    assert enclosed.files == ()
    assert "Plan" in WORDS["en"](enclosed.missing[0])
