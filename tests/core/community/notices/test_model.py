"""A note: what it may say, how long it stands, and every move with whoever may make it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from core.community.notices.model import (
    HIDES,
    LONGEST_STANDS,
    MOST_PHOTOS,
    MOST_PINNED,
    STANDS,
    Draft,
    Kind,
    Notice,
    State,
    When,
    put_up,
    split,
)
from core.community.posts.model import LONGEST_NAME, LONGEST_TEXT, text_of
from core.kernel.clock import local_day
from core.kernel.errors import DomainError

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
TOM, LEA = UUID(int=1), UUID(int=2)
FRIDAY = When(date(2026, 12, 4), time(19), "garden")


def note(kind: Kind = Kind.CARPOOL, when: When | None = None, title: str = "Carpool", now: datetime = NOW) -> Notice:
    return put_up(uuid4(), UUID(int=9), TOM, Draft(kind, title, "", "en", when=when), now)


def refusal(move: object, *given: object, **named: object) -> str:
    with pytest.raises(DomainError) as refused:
        move(*given, **named)  # type: ignore[operator]
    return refused.value.text.key


def test_a_note_stands_for_thirty_days_and_an_event_until_the_day_after() -> None:
    assert note().expires_on == TODAY + timedelta(days=STANDS)
    event = note(Kind.EVENT, FRIDAY)
    assert (event.kind, event.expires_on) == (Kind.EVENT, date(2026, 12, 5))
    assert event.stands(date(2026, 12, 5))
    assert not event.stands(date(2026, 12, 6))
    assert note(Kind.EVENT).kind is Kind.ANNOUNCEMENT, "what names no day announces no event"


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("", "community.no_name"),
        ("   \n ", "community.no_name"),
        ("🎉🎉🎉", "community.no_name"),
        ("\u202e\u200b\x00", "community.no_name"),
        ("x" * (LONGEST_NAME + 1), "community.long_name"),
    ],
)
def test_what_is_no_title_is_refused(title: str, key: str) -> None:
    assert refusal(note, title=title) == key


def test_signs_that_nobody_sees_are_left_out_and_html_stays_text() -> None:
    assert note(title="<b>Fes\u202et</b>\x07 https://kopro.example").title == "<b>Fest</b> https://kopro.example"


@pytest.mark.parametrize(
    ("said", "title", "text"),
    [
        ("carpool to Namur on Mondays", "Carpool to Namur on Mondays", ""),
        ("Fête:\nVenez tous\navec un plat", "Fête", "Venez tous\navec un plat"),
        (
            "I found a bunch of keys in the lift. They have a red tag, ring at my door and describe them, please do.",
            "I found a bunch of keys in the lift",
            "They have a red tag, ring at my door and describe them, please do.",
        ),
    ],
)
def test_the_first_line_or_sentence_is_the_title(said: str, title: str, text: str) -> None:
    assert split(said) == (title, text)


def test_a_long_line_keeps_all_its_words_in_the_text() -> None:
    said = "we are looking for " + "very " * 60 + "friendly people"
    title, text = split(said)
    assert len(title) <= 80
    assert title.endswith("…")
    assert text == said


@given(st.text(max_size=3000))
def test_whatever_is_said_gives_a_title_that_fits_or_a_refusal(said: str) -> None:
    if len(text_of(said)) > LONGEST_TEXT:
        assert refusal(split, said) == "community.long_text"
        return
    title, text = split(said)
    assert len(title) <= LONGEST_NAME
    assert len(text) <= LONGEST_TEXT


def test_an_event_is_to_come_and_within_a_year() -> None:
    for day, key in ((TODAY - timedelta(days=1), "notices.past"), (date(2028, 1, 1), "notices.too_far")):
        assert refusal(note, Kind.EVENT, When(day)) == key
    assert refusal(note, Kind.EVENT, replace(FRIDAY, place="x" * 121)) == "community.long_name"
    assert note(Kind.EVENT, When(TODAY)).when == When(TODAY)


def test_a_change_of_an_event_is_counted_for_calendars() -> None:
    event = note(Kind.EVENT, FRIDAY)
    assert event.sequence == 0
    later = event.held(TOM, replace(FRIDAY, clock=time(20)), NOW + timedelta(hours=1))
    assert (later.sequence, later.changed_at) == (1, NOW + timedelta(hours=1))
    assert later.held(TOM, later.when or FRIDAY, NOW) == later, "nothing changed"
    assert later.withdraw(TOM, NOW).sequence == 2


def test_a_kind_is_changed_and_only_an_event_has_a_day() -> None:
    assert refusal(note().called, TOM, Kind.EVENT, TODAY) == "notices.no_day"
    plain = note(Kind.EVENT, FRIDAY).called(TOM, Kind.FOUND, TODAY)
    assert (plain.kind, plain.when, plain.expires_on) == (Kind.FOUND, None, TODAY + timedelta(days=STANDS))


def test_how_long_it_stands() -> None:
    mine = note()
    assert mine.until(TOM, TODAY, TODAY).expires_on == TODAY
    assert refusal(mine.until, TOM, TODAY - timedelta(days=1), TODAY) == "notices.past"
    assert refusal(mine.until, TOM, TODAY + timedelta(days=LONGEST_STANDS + 1), TODAY) == "notices.too_long"
    assert refusal(note(Kind.EVENT, FRIDAY).until, TOM, TODAY, TODAY) == "notices.event_expires"
    over = mine.end(NOW + timedelta(days=31))
    later = local_day(NOW + timedelta(days=31))
    assert over.until(TOM, later, later).state is State.SHOWN
    assert refusal(over.until, TOM, later, later, reported=True) == "notices.over"


def test_the_third_report_hides_it() -> None:
    mine = note()
    assert mine.reported(LEA, TODAY, HIDES - 1) == mine
    assert mine.reported(LEA, TODAY, HIDES).state is State.HIDDEN
    assert refusal(mine.reported, TOM, TODAY, 1) == "notices.own_report"
    assert refusal(mine.reported(LEA, TODAY, HIDES).reported, LEA, TODAY, 4) == "notices.gone"


def test_titles_in_other_languages() -> None:
    mine = note().titled(TOM, "fr", "Covoiturage", NOW)
    assert [mine.title_in(each) for each in ("en", "fr", "nl")] == ["Carpool", "Covoiturage", "Carpool"]
    assert [mine.is_foreign(each) for each in ("en", "fr", "nl")] == [False, False, True]
    assert replace(mine, text="x").is_foreign("fr"), "its text is not translated"
    assert mine.titled(TOM, "en", "Ride", NOW).title == "Ride"
    assert refusal(mine.titled, TOM, "xx", "Carpool", NOW) == "notices.moved_on"
    assert refusal(mine.titled, TOM, "nl", "🎉", NOW) == "community.no_name"


def test_three_photos_and_three_pins() -> None:
    mine = note()
    for each in range(MOST_PHOTOS):
        mine = mine.pictured(TOM, f"{each}")
    assert mine.pictured(TOM, "0") == mine, "the same one twice"
    assert refusal(mine.pictured, TOM, "9") == "notices.many_photos"
    assert mine.pin(NOW, MOST_PINNED - 1).pinned_at == NOW
    assert refusal(mine.pin, NOW, MOST_PINNED) == "notices.many_pinned"


def test_the_author_answers_once_and_as_long_as_it_matters() -> None:
    down = note().remove("Advertising", NOW)
    assert refusal(note().object, TOM, "but", TODAY) == "notices.over"
    assert refusal(down.object, TOM, " \n🎉", TODAY) == "notices.no_words"
    said = down.object(TOM, "It is not.", TODAY)
    assert (said.appeal, said.objects) == ("It is not.", True)
    assert refusal(said.object, TOM, "Again", TODAY) == "notices.answered_already"
    assert refusal(down.object, TOM, "Late", TODAY + timedelta(days=31)) == "notices.over"
    assert said.restore(TODAY).state is State.SHOWN
    assert refusal(said.restore, TODAY + timedelta(days=31)) == "notices.over"
    assert not said.uphold().objects
    assert refusal(said.uphold().uphold) == "notices.moved_on"


def test_nobody_but_the_author() -> None:
    mine = note()
    moves = [
        (mine.called, Kind.FOUND, TODAY),
        (mine.held, FRIDAY, NOW),
        (mine.until, TODAY, TODAY),
        (mine.titled, "fr", "Covoiturage", NOW),
        (mine.pictured, "x"),
        (mine.withdraw, NOW),
        (mine.remove("x", NOW).object, "words", TODAY),
    ]
    for move, *rest in moves:
        assert refusal(move, LEA, *rest) == "notices.not_yours"


MOVES = (
    *("hide", "keep", "remove", "restore", "uphold", "object", "withdraw"),
    *("until", "pin", "unpin", "kind", "hold", "gone"),
)


class Walks(RuleBasedStateMachine):
    """Any moves in any order, at any time: no state without a way out, and what must hold holds."""

    notes = Bundle("notes")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.every: dict[UUID, Notice] = {}

    @rule(target=notes, event=st.booleans())
    def post(self, event: bool) -> object:
        when = When(local_day(self.now) + timedelta(days=3), time(19)) if event else None
        made = note(Kind.EVENT if event else Kind.FOUND, when, now=self.now)
        self.every[made.notice_id] = made
        return multiple(made.notice_id)

    @rule(days=st.integers(0, 40))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days)
        for each in list(self.every.values()):
            if each.state in (State.SHOWN, State.HIDDEN) and each.expires_on < local_day(self.now):
                self.every[each.notice_id] = each.end(self.now)

    @rule(
        which=notes,
        move=st.sampled_from(MOVES),
        by=st.sampled_from([TOM, LEA]),
    )
    def move(self, which: UUID, move: str, by: UUID) -> None:
        before, today = self.every[which], local_day(self.now)
        pinned = sum(each.pinned_at is not None for each in self.every.values())
        moves = {
            "hide": lambda: before.reported(by, today, HIDES),
            "keep": before.keep,
            "remove": lambda: before.remove("because", self.now),
            "restore": lambda: before.restore(today),
            "uphold": before.uphold,
            "object": lambda: before.object(by, "no", today),
            "withdraw": lambda: before.withdraw(by, self.now),
            "until": lambda: before.until(by, today + timedelta(days=30), today),
            "pin": lambda: before.pin(self.now, pinned),
            "unpin": before.unpin,
            "kind": lambda: before.called(by, Kind.CARPOOL, today),
            "hold": lambda: before.held(by, When(today + timedelta(days=2)), self.now),
            "gone": lambda: before.end(self.now, gone=True),
        }
        with suppress(DomainError):
            self.every[which] = moves[move]()

    @invariant()
    def it_holds(self) -> None:
        today = local_day(self.now)
        for each in self.every.values():
            assert (each.kind is Kind.EVENT) == (each.when is not None)
            assert each.pinned_at is None or each.state is State.SHOWN
            assert not each.objects or (each.appeal and each.state in (State.REMOVED, State.HIDDEN))
            assert each.state is not State.REMOVED or each.reason
            if each.state in (State.SHOWN, State.HIDDEN):
                assert each.expires_on >= today
                assert each.withdraw(TOM, self.now).state is State.WITHDRAWN, "there is a way out"
                assert each.remove("x", self.now).state is State.REMOVED
            if each.state is State.REMOVED and today <= each.expires_on:
                assert each.restore(today).state is State.SHOWN
        assert sum(each.pinned_at is not None for each in self.every.values()) <= MOST_PINNED


TestWalks = Walks.TestCase
