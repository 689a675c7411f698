"""An offer or a request of help, and an answer to it. Pure.

An answer: asked -> agreed | declined. Before it is agreed each knows the other as `Tom V.`; after, both learn how to find one another.
An offer is open until its author takes it down, its last day is over, or its author has left; whoever has asked is told then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.community.posts.model import name_of
from core.community.words.model import decisive, ranked, terms
from core.kernel.errors import DomainError
from core.kernel.periods import Period

OFFER_LASTS, REQUEST_LASTS = timedelta(days=180), timedelta(days=30)
"""How long one stands that names no days."""
LONGEST_AHEAD = timedelta(days=366)
SHOWN = 8
"""How many are shown at once."""
MOST_ALERTS = 10
"""How many neighbours are told of one new offer or request at most: those whom it fits best."""
UNANSWERED = timedelta(days=14)
"""After so long without a word a question to get in touch lapses."""


class Kind(StrEnum):
    OFFER = "offer"
    REQUEST = "request"

    @property
    def fitting(self) -> Kind:
        """What it is matched with."""
        return Kind.REQUEST if self is Kind.OFFER else Kind.OFFER


@dataclass(frozen=True, slots=True)
class Offer:
    """`name`: what it is, in the author's words. `days`: when it is wanted, where that was said. `expires_on`: its last day."""

    offer_id: UUID
    building: UUID
    person: UUID
    kind: Kind
    name: str
    days: Period | None
    expires_on: date
    at: datetime
    open: bool = True

    @property
    def terms(self) -> frozenset[str]:
        return terms(self.name)

    def stands(self, today: date) -> bool:
        return self.open and today <= self.expires_on

    def close(self, by: UUID) -> Offer:
        """Its author takes it down."""
        if by != self.person:
            raise DomainError("sel.not_yours")
        if not self.open:
            raise DomainError("sel.offer_over")
        return replace(self, open=False)

    def check_answer(self, by: UUID, today: date) -> None:
        """DomainError where somebody may not ask to get in touch: it is his own, or it is over."""
        if by == self.person:
            raise DomainError("sel.own_offer")
        if not self.stands(today):
            raise DomainError("sel.offer_over")


def put_up(
    offer_id: UUID, building: UUID, person: UUID, kind: Kind, name: str, days: Period | None, now: datetime, today: date
) -> Offer:
    """A new one. DomainError for no name or one far too long, for days that are over, and for some more than a year ahead."""
    called = name_of(name)
    if days is not None and days.last < today:
        raise DomainError("sel.past", day=days.last)
    if days is not None and days.last > today + LONGEST_AHEAD:
        raise DomainError("sel.far_ahead")
    lasts = OFFER_LASTS if kind is Kind.OFFER else REQUEST_LASTS
    return Offer(offer_id, building, person, kind, called, days, days.last if days else today + lasts, now)


def same(one: Offer, other: Offer) -> bool:
    """Whether somebody says the same a second time."""
    return (one.person, one.kind, one.days) == (other.person, other.kind, other.days) and (
        one.name.casefold() == other.name.casefold()
    )


def fitting(wanted: Offer, among: Iterable[Offer]) -> list[Offer]:
    """Those of the other kind and of others that fit it, best first."""
    candidates = [
        each
        for each in among
        if each.kind is wanted.kind.fitting and each.person != wanted.person and _meet(wanted.days, each.days)
    ]
    return ranked(wanted.terms, candidates, lambda each: each.terms)


def about(topic: str, among: Iterable[Offer]) -> list[Offer]:
    """Those that a word means, best first; all of them, in their order, where it means nothing."""
    everything = list(among)
    wanted = terms(topic)
    return ranked(wanted, everything, lambda each: each.terms) if wanted and decisive(wanted) else everything


def _meet(one: Period | None, other: Period | None) -> bool:
    return one is None or other is None or (one.first <= other.last and other.first <= one.last)


class Said(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody would like to get in touch about an offer of another."""

    answer_id: UUID
    offer: Offer
    person: UUID
    said: Said
    at: datetime

    def agree(self, by: UUID) -> Answer:
        self._yours(by)
        return replace(self, said=Said.AGREED)

    def decline(self, by: UUID) -> Answer:
        self._yours(by)
        return replace(self, said=Said.DECLINED)

    def lapse(self) -> Answer:
        """Nobody has said anything, or the offer is over."""
        return replace(self, said=Said.DECLINED)

    def _yours(self, by: UUID) -> None:
        if by != self.offer.person:
            raise DomainError("sel.not_yours")
        if self.said is not Said.ASKED:
            raise DomainError("sel.answered_already")
