"""`plan()` as a truth table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.text import say
from core.messaging.channel import Address, Room
from core.messaging.delivery import (
    EXPIRED,
    NO_ADDRESS,
    NO_CHANNEL,
    NO_CONSENT,
    REASONS,
    STOPPED,
    SWITCHED_OFF,
    Delivery,
    Recipient,
    Skipped,
    plan,
)
from core.messaging.kinds import ACCOUNT, ANSWER, KINDS, LEGAL, LOAN, MONEY, NOTICE_BOARD, TICKET, VOTE, Urgency
from core.messaging.preferences import BY_DEFAULT, Preferences, QuietHours, Rhythm
from tests.core.messaging.readers import (
    DIGEST,
    EARLIER,
    EQUAL,
    HOUR,
    LATER,
    LETTER,
    MAIL,
    MATRIX,
    MONDAY,
    MORNING,
    NEVER,
    NIGHT,
    NOBODY,
    NOON,
    NOW,
    OFTEN,
    ONCE,
    ONLY_RESORT,
    PHONE,
    RESORT,
    STOPPABLE,
    TERMINAL,
    UNASKED,
    UNUSED,
    local,
    notice,
    only,
    reachable,
    wanting,
    with_one,
)

# ---------------------------------------------------------------------------------------------------------------- where


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        # the address last used, else the first
        (NOBODY, Skipped(NO_ADDRESS)),
        (replace(NOBODY, letter=LETTER), Skipped(NO_ADDRESS)),
        (NEVER, MAIL),
        (ONCE, PHONE),
        (OFTEN, PHONE),
        (EQUAL, MATRIX),
        # a last resort only where there is no other
        (RESORT, MAIL),
        (UNUSED, MAIL),
        (ONLY_RESORT, TERMINAL),
        # where nothing arrives nothing is sent
        (with_one(OFTEN, PHONE, dead=True), MAIL),
        (with_one(RESORT, MAIL, dead=True), TERMINAL),
        (with_one(ONLY_RESORT, TERMINAL, dead=True), Skipped(NO_ADDRESS)),
        # by the channels that are wanted
        (only(OFTEN, "email"), MAIL),
        (only(OFTEN, "email", "matrix"), MAIL),
        (only(OFTEN, "matrix"), MATRIX),
        (only(RESORT, "email"), MAIL),
        (only(RESORT, "matrix"), TERMINAL),
        # what was accepted for legal notices has nothing to do with it
        (replace(OFTEN, consents=frozenset({MAIL}), letter=LETTER), PHONE),
    ],
)
@pytest.mark.parametrize("kind", UNASKED)
def test_where_a_notice_goes(recipient: Recipient, expected: Address | Skipped, kind: str) -> None:
    found = plan(notice(kind), recipient, NOW)
    assert found == (expected if isinstance(expected, Skipped) else Delivery(expected, NOW))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", [MAIL, TERMINAL, Room("telegram", "-1")])
@pytest.mark.parametrize("recipient", [NOBODY, OFTEN, wanting(OFTEN, stopped=True, away=date(2027, 1, 1))])
@pytest.mark.parametrize("now", [NOW, NIGHT])
def test_to_an_address_it_goes_there(kind: str, to: Address | Room, recipient: Recipient, now: datetime) -> None:
    """Who asked is answered where he asked, whatever else is known of him."""
    assert plan(notice(kind, to), recipient, now) == Delivery(to, now)
    assert plan(notice(kind, to, due=LATER), recipient, now) == Delivery(to, LATER)
    assert plan(notice(kind, to, expires=EARLIER), recipient, now) == Skipped(EXPIRED)


@pytest.mark.parametrize("kind", UNASKED)
def test_where_it_failed_for_good_it_is_not_tried_again(kind: str) -> None:
    tried: set[Address] = set()
    for expected in (PHONE, MAIL, MATRIX):
        found = plan(notice(kind), OFTEN, NOW, tried)
        assert found == Delivery(expected, NOW)
        tried.add(expected)
    assert plan(notice(kind), OFTEN, NOW, tried) == Skipped(NO_ADDRESS)


# ------------------------------------------------------------------------------------------------------------ whether


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("recipient", "reason"),
    [
        (wanting(OFTEN, stopped=True), STOPPED),
        (wanting(OFTEN, off=frozenset(KINDS)), SWITCHED_OFF),
        (wanting(OFTEN, off=frozenset(KINDS), stopped=True), SWITCHED_OFF),
        (replace(OFTEN, addresses=tuple(replace(each, stopped=True) for each in OFTEN.addresses)), STOPPED),
        (with_one(only(OFTEN, "email"), MAIL, dead=True), NO_CHANNEL),
        (only(OFTEN), NO_CHANNEL),
        (with_one(with_one(reachable((MAIL, NOW), (PHONE, NOW)), MAIL, stopped=True), PHONE, dead=True), STOPPED),
    ],
)
def test_what_may_be_stopped_is_stopped_and_nothing_else(kind: str, recipient: Recipient, reason: str) -> None:
    for urgency in (None, *Urgency):
        found = plan(notice(kind, urgency=urgency), replace(recipient, consents=frozenset({MAIL}), letter=LETTER), NOW)
        if KINDS[kind].may_stop:
            assert found == Skipped(reason)
        else:
            assert isinstance(found, Delivery)


def test_a_kind_that_is_off_leaves_the_others_on() -> None:
    recipient = wanting(OFTEN, off=frozenset({LOAN}))
    assert plan(notice(LOAN), recipient, NOW) == Skipped(SWITCHED_OFF)
    for kind in set(KINDS) - {LOAN, LEGAL}:
        assert plan(notice(kind), recipient, NOW) == Delivery(PHONE, NOW)


@pytest.mark.parametrize("kind", STOPPABLE)
def test_stopped_at_one_address_it_goes_to_another(kind: str) -> None:
    recipient = with_one(OFTEN, PHONE, stopped=True)
    assert plan(notice(kind), recipient, NOW) == Delivery(MAIL, NOW)
    assert plan(notice(ACCOUNT), recipient, NOW) == Delivery(PHONE, NOW)
    assert plan(notice(kind), only(recipient, "telegram"), NOW) == Skipped(NO_CHANNEL)


def test_a_kind_may_have_channels_of_its_own() -> None:
    recipient = wanting(OFTEN, only={"": frozenset({"email"}), LOAN: frozenset({"matrix"})})
    assert plan(notice(LOAN), recipient, NOW) == Delivery(MATRIX, NOW)
    assert plan(notice(VOTE), recipient, NOW) == Delivery(MAIL, NOW)


def test_what_must_be_told_is_told_elsewhere_where_the_only_channel_is_dead() -> None:
    recipient = with_one(only(OFTEN, "email"), MAIL, dead=True)
    assert plan(notice(ACCOUNT), recipient, NOW) == Delivery(PHONE, NOW)
    assert plan(notice(ANSWER), recipient, NIGHT) == Delivery(PHONE, NIGHT)


# ------------------------------------------------------------------------------------------------------------- the law


@pytest.mark.parametrize(
    ("recipient", "tried", "expected"),
    [
        # by what was accepted, most proof first; never by anything else
        (replace(OFTEN, consents=frozenset({MAIL})), (), MAIL),
        (replace(OFTEN, consents=frozenset({PHONE, MAIL})), (), MAIL),
        (replace(OFTEN, consents=frozenset({PHONE, MAIL, MATRIX})), (), MATRIX),
        (replace(OFTEN, consents=frozenset({PHONE})), (), PHONE),
        # the letter needs no consent
        (replace(OFTEN, letter=LETTER), (), LETTER),
        (replace(NOBODY, letter=LETTER), (), LETTER),
        (replace(OFTEN, consents=frozenset({MAIL}), letter=LETTER), (), MAIL),
        # what is dead, failed, or no address of his any more is passed over
        (with_one(replace(OFTEN, consents=frozenset({PHONE, MAIL})), MAIL, dead=True), (), PHONE),
        (with_one(replace(OFTEN, consents=frozenset({MAIL}), letter=LETTER), MAIL, dead=True), (), LETTER),
        (replace(OFTEN, consents=frozenset({PHONE, MAIL}), letter=LETTER), (MAIL,), PHONE),
        (replace(OFTEN, consents=frozenset({PHONE, MAIL}), letter=LETTER), (MAIL, PHONE), LETTER),
        (replace(OFTEN, consents=frozenset({Address("email", "old@b.example")}), letter=LETTER), (), LETTER),
        # nobody can be reached, and why
        (OFTEN, (), Skipped(NO_CONSENT)),
        (with_one(replace(OFTEN, consents=frozenset({MAIL})), MAIL, dead=True), (), Skipped(NO_CONSENT)),
        (NOBODY, (), Skipped(NO_ADDRESS)),
        (replace(reachable((MAIL, NOW)), consents=frozenset({MAIL})), (MAIL,), Skipped(NO_ADDRESS)),
        (replace(NOBODY, letter=LETTER), (LETTER,), Skipped(NO_ADDRESS)),
    ],
)
@pytest.mark.parametrize(
    "wishes",
    [
        BY_DEFAULT,
        Preferences(stopped=True),
        Preferences(off=frozenset(KINDS)),
        Preferences(only={"": frozenset({"telegram"})}),
        Preferences(away=date(2027, 1, 1)),
        Preferences(rhythm=Rhythm.WEEKLY),
    ],
)
@pytest.mark.parametrize("stopped_there", [False, True])
def test_what_the_law_counts(
    recipient: Recipient,
    tried: tuple[Address, ...],
    expected: Address | Skipped,
    wishes: Preferences,
    stopped_there: bool,
) -> None:
    addresses = tuple(replace(each, stopped=stopped_there) for each in recipient.addresses)
    recipient = replace(recipient, addresses=addresses, preferences=wishes)
    found = plan(notice(LEGAL), recipient, NOW, frozenset(tried))
    assert found == (expected if isinstance(expected, Skipped) else Delivery(expected, NOW))


def test_a_letter_does_not_wait_for_the_morning() -> None:
    assert plan(notice(LEGAL), replace(OFTEN, letter=LETTER), NIGHT) == Delivery(LETTER, NIGHT)
    by_mail = replace(OFTEN, consents=frozenset({MAIL}), letter=LETTER)
    assert plan(notice(LEGAL), by_mail, NIGHT) == Delivery(MAIL, MORNING)
    assert plan(notice(LEGAL, expires=MORNING), by_mail, NIGHT) == Delivery(MAIL, NIGHT, passes=True)


# ----------------------------------------------------------------------------------------------------------------- when

AWAY = date(2026, 11, 25)
BACK = local("2026-11-26 08:00")
DAILY, WEEKLY = {"rhythm": Rhythm.DAILY}, {"rhythm": Rhythm.WEEKLY}
LATE_RISER = QuietHours(time(22), time(10, 30))


@pytest.mark.parametrize(
    ("kinds", "wishes", "now", "more", "expected"),
    [
        # at its time, and not before now
        (UNASKED, {}, NOW, {}, Delivery(PHONE, NOW)),
        (UNASKED, {}, NOW, {"due": LATER}, Delivery(PHONE, LATER)),
        (UNASKED, {}, NOW, {"due": EARLIER}, Delivery(PHONE, NOW)),
        (UNASKED, {}, NOW, {"expires": LATER}, Delivery(PHONE, NOW)),
        # too late
        (KINDS, {}, NOW, {"expires": NOW}, Skipped(EXPIRED)),
        (KINDS, {}, NOW, {"expires": EARLIER, "due": LATER}, Skipped(EXPIRED)),
        (KINDS, {}, NIGHT, {"expires": NOW, "urgency": Urgency.URGENT}, Skipped(EXPIRED)),
        # quiet hours: held, never dropped
        (UNASKED, {}, NIGHT, {}, Delivery(PHONE, MORNING)),
        (UNASKED, {}, NOW, {"due": NIGHT}, Delivery(PHONE, MORNING)),
        (UNASKED, {}, NIGHT, {"expires": NOON}, Delivery(PHONE, MORNING)),
        (UNASKED, {"quiet": QuietHours(time(8), time(8))}, NIGHT, {}, Delivery(PHONE, NIGHT)),
        (UNASKED, {"quiet": QuietHours(time(22), time(7))}, NIGHT, {}, Delivery(PHONE, MORNING - HOUR)),
        # what cannot wait passes them, and says why
        (UNASKED, {}, NIGHT, {"urgency": Urgency.URGENT}, Delivery(PHONE, NIGHT, passes=True)),
        (UNASKED, {}, NIGHT, {"expires": MORNING}, Delivery(PHONE, NIGHT, passes=True)),
        (UNASKED, {}, NIGHT, {"expires": NIGHT + HOUR}, Delivery(PHONE, NIGHT, passes=True)),
        (UNASKED, {}, NOW, {"urgency": Urgency.URGENT}, Delivery(PHONE, NOW)),
        # what answers waits for nothing, and needs no excuse
        ([ANSWER], {}, NIGHT, {}, Delivery(PHONE, NIGHT)),
        ([ANSWER], {"away": AWAY, **DAILY}, NIGHT, {"expires": MORNING}, Delivery(PHONE, NIGHT)),
        # digests
        ([MONEY, VOTE, NOTICE_BOARD, TICKET], DAILY, NOW, {}, Delivery(PHONE, DIGEST, digest=True)),
        ([MONEY, VOTE, NOTICE_BOARD, TICKET], DAILY, NIGHT, {}, Delivery(PHONE, DIGEST, digest=True)),
        ([MONEY, VOTE], WEEKLY, NOW, {}, Delivery(PHONE, MONDAY, digest=True)),
        ([MONEY, VOTE], WEEKLY, NOON, {}, Delivery(PHONE, local("2026-11-30 09:00"), digest=True)),
        ([LOAN, ACCOUNT], DAILY, NOW, {}, Delivery(PHONE, NOW)),
        ([MONEY], DAILY, NOW, {"urgency": Urgency.URGENT}, Delivery(PHONE, NOW)),
        ([MONEY], DAILY, NOW, {"urgency": Urgency.QUIET}, Delivery(PHONE, DIGEST, digest=True)),
        # a digest respects quiet hours too
        ([MONEY], {"quiet": LATE_RISER, **DAILY}, NOW, {}, Delivery(PHONE, local("2026-11-23 10:30"), digest=True)),
        # what would be over by the next digest does not wait for it, but for the morning
        ([VOTE], DAILY, NOW, {"expires": DIGEST}, Delivery(PHONE, NOW)),
        ([VOTE], WEEKLY, NOON, {"expires": NOON + HOUR}, Delivery(PHONE, NOON)),
        ([VOTE], DAILY, NIGHT, {"expires": DIGEST}, Delivery(PHONE, MORNING)),
        ([VOTE], DAILY, NIGHT, {"expires": MORNING}, Delivery(PHONE, NIGHT, passes=True)),
        # holidays
        (UNASKED, {"away": AWAY}, NOW, {}, Delivery(PHONE, BACK)),
        (UNASKED, {"away": AWAY}, NIGHT, {}, Delivery(PHONE, BACK)),
        (UNASKED, {"away": date(2026, 11, 21)}, NOW, {}, Delivery(PHONE, NOW)),
        (UNASKED, {"away": AWAY}, NOW, {"due": local("2026-11-26 12:00")}, Delivery(PHONE, local("2026-11-26 12:00"))),
        ([VOTE], {"away": AWAY, **DAILY}, NOW, {}, Delivery(PHONE, BACK + HOUR, digest=True)),
        (UNASKED, {"away": AWAY}, NOW, {"urgency": Urgency.URGENT}, Delivery(PHONE, NOW)),
        (UNASKED, {"away": AWAY}, NIGHT, {"urgency": Urgency.URGENT}, Delivery(PHONE, NIGHT, passes=True)),
        # what would be over by then is told in the holiday, but not at night
        (UNASKED, {"away": AWAY}, NOW, {"expires": LATER}, Delivery(PHONE, NOW)),
        (UNASKED, {"away": AWAY}, NIGHT, {"expires": LATER}, Delivery(PHONE, MORNING)),
        ([VOTE], {"away": AWAY, **DAILY}, NOW, {"expires": BACK + HOUR}, Delivery(PHONE, BACK)),
    ],
)
def test_when_a_notice_goes(
    kinds: list[str],
    wishes: dict[str, Any],
    now: datetime,
    more: dict[str, Any],
    expected: Delivery | Skipped,
) -> None:
    for kind in kinds:
        recipient = wanting(replace(OFTEN, consents=frozenset({PHONE})), **wishes)
        assert plan(notice(kind, **more), recipient, now) == expected, kind


@pytest.mark.parametrize("kind", UNASKED)
@pytest.mark.parametrize(
    ("night", "over"),
    [("2026-03-28 23:00", "2026-03-29 06:00"), ("2026-10-24 23:00", "2026-10-25 07:00")],
)
def test_the_nights_on_which_the_clock_changes(kind: str, night: str, over: str) -> None:
    """At eight in the morning where the person lives, whatever the hour in UTC."""
    ends = datetime.fromisoformat(over).replace(tzinfo=UTC)
    assert plan(notice(kind), ONCE, local(night)) == Delivery(PHONE, ends)


# ------------------------------------------------------------------------------------------------------------- reasons


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_can_be_said(language: str, catalogues: Catalogues) -> None:
    said = [catalogues[language](say(f"skipped.{reason}")) for reason in REASONS]
    assert len(set(said)) == len(REASONS)
