"""What holds of `plan()` whatever a person wants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.messaging.channel import Address
from core.messaging.delivery import (
    REASONS,
    Delivery,
    Notice,
    Reachable,
    Recipient,
    Skipped,
    plan,
)
from core.messaging.kinds import ACCOUNT, ANSWER, KINDS, LEGAL, Urgency
from core.messaging.preferences import Preferences, QuietHours, Rhythm
from tests.core.messaging.readers import (
    LETTER,
    MAIL,
    MATRIX,
    PHONE,
    TERMINAL,
    notice,
)

instants = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 3, 28, 18), datetime(2026, 3, 29, 12), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 10, 24, 18), datetime(2026, 10, 25, 12), timezones=st.just(UTC)),
)
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
channels = st.frozensets(st.sampled_from(["telegram", "email", "matrix", "console"]))
preferences = st.builds(
    Preferences,
    quiet=st.builds(QuietHours, clocks, clocks),
    off=st.frozensets(st.sampled_from(sorted(KINDS))),
    only=st.dictionaries(st.sampled_from(["", *KINDS]), channels, max_size=3),
    rhythm=st.sampled_from(Rhythm),
    away=st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 31)),
    stopped=st.booleans(),
)
addresses = st.lists(
    st.builds(
        Reachable,
        st.sampled_from([PHONE, MAIL, MATRIX, TERMINAL]),
        st.none() | instants,
        dead=st.booleans(),
        stopped=st.booleans(),
    ),
    unique_by=lambda each: each.address,
    max_size=4,
)
recipients = st.builds(
    Recipient,
    addresses=addresses,
    preferences=preferences,
    consents=st.frozensets(st.sampled_from([PHONE, MAIL, MATRIX])),
    letter=st.none() | st.just(LETTER),
)
tries = st.frozensets(st.sampled_from([PHONE, MAIL, MATRIX, TERMINAL, LETTER]), max_size=3)


@st.composite
def notices(draw: st.DrawFn, now: datetime) -> Notice:
    due, expires = (
        draw(st.none() | st.timedeltas(timedelta(-2), timedelta(14)).map(lambda span: now + span)) for _ in "12"
    )
    return notice(
        draw(st.sampled_from(sorted(KINDS))),
        due=due,
        expires=expires,
        urgency=draw(st.none() | st.sampled_from(Urgency)),
    )


@st.composite
def plans(draw: st.DrawFn) -> tuple[Notice, Recipient, datetime, frozenset[Address], Delivery | Skipped]:
    now, recipient, tried = draw(instants), draw(recipients), draw(tries)
    asked = draw(notices(now))
    return asked, recipient, now, tried, plan(asked, recipient, now, tried)


Plan = tuple[Notice, Recipient, datetime, frozenset[Address], Delivery | Skipped]


def alive(recipient: Recipient, tried: frozenset[Address]) -> Iterator[Reachable]:
    return (each for each in recipient.addresses if not each.dead and each.address not in tried)


@given(plans())
def test_nothing_in_quiet_hours_but_what_says_why(planned: Plan) -> None:
    asked, recipient, now, _, found = planned
    if isinstance(found, Delivery):
        quiet = found.due in recipient.preferences.quiet
        assert not quiet or found.passes or asked.kind == ANSWER or found.address == LETTER
        assert not found.passes or (quiet and found.due == max(now, asked.due or now))


@given(plans())
def test_it_passes_only_because_it_is_urgent_or_would_be_over(planned: Plan) -> None:
    asked, recipient, _, _, found = planned
    if isinstance(found, Delivery) and found.passes:
        over = recipient.preferences.quiet.until(found.due)
        urgency = KINDS[asked.kind].urgency if asked.urgency is None else asked.urgency
        assert urgency is Urgency.URGENT or (asked.expires is not None and asked.expires <= over)


@given(plans())
def test_off_is_off_and_stop_is_stop(planned: Plan) -> None:
    asked, recipient, _, _, found = planned
    wishes = recipient.preferences
    if KINDS[asked.kind].may_stop and (wishes.stopped or asked.kind in wishes.off):
        assert isinstance(found, Skipped)
    if KINDS[asked.kind].may_stop and isinstance(found, Delivery):
        assert next(each for each in recipient.addresses if each.address == found.address).stopped is False
        assert wishes.may_bring(found.address.channel, asked.kind)


@given(plans())
def test_what_may_not_be_stopped_reaches_whoever_can_be_reached(planned: Plan) -> None:
    asked, recipient, now, tried, found = planned
    over = asked.expires is not None and asked.expires <= max(now, asked.due or now)
    if asked.kind in (ANSWER, ACCOUNT) and any(alive(recipient, tried)) and not over:
        assert isinstance(found, Delivery)


@given(plans())
def test_an_answer_is_never_held_back(planned: Plan) -> None:
    asked, _, now, _, found = planned
    if asked.kind == ANSWER and isinstance(found, Delivery):
        assert found == Delivery(found.address, max(now, asked.due or now))


@given(plans())
def test_what_the_law_counts_reaches_him_and_only_as_he_accepted(planned: Plan) -> None:
    asked, recipient, now, tried, found = planned
    if asked.kind != LEGAL:
        return
    if isinstance(found, Delivery):
        assert found.address in recipient.consents or found.address == recipient.letter
        assert not found.digest
    accepted = recipient.consents & {each.address for each in alive(recipient, tried)}
    over = asked.expires is not None and asked.expires <= max(now, asked.due or now)
    if (accepted or (recipient.letter is not None and recipient.letter not in tried)) and not over:
        assert isinstance(found, Delivery)


@given(plans())
def test_nothing_is_sent_where_nothing_arrives_nor_when_it_is_over(planned: Plan) -> None:
    asked, recipient, now, tried, found = planned
    if isinstance(found, Skipped):
        assert found.reason in REASONS
        return
    assert found.address == recipient.letter or found.address in {each.address for each in alive(recipient, tried)}
    assert found.address not in tried
    assert found.due >= max(now, asked.due or now)
    assert asked.expires is None or found.due < asked.expires


@given(plans())
def test_a_digest_holds_only_what_can_wait(planned: Plan) -> None:
    asked, recipient, _, _, found = planned
    if isinstance(found, Delivery) and found.digest:
        assert KINDS[asked.kind].digest
        assert asked.urgency is not Urgency.URGENT
        assert recipient.preferences.rhythm is not Rhythm.AT_ONCE


@given(plans())
def test_a_holiday_is_a_holiday(planned: Plan) -> None:
    asked, recipient, _, _, found = planned
    urgency = KINDS[asked.kind].urgency if asked.urgency is None else asked.urgency
    if isinstance(found, Delivery) and asked.kind not in (ANSWER, LEGAL) and urgency is not Urgency.URGENT:
        assert asked.expires is not None or recipient.preferences.back(found.due) == found.due
