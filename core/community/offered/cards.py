"""How what is put up reads in a list. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from core.community.bazaar.model import How, Item
from core.community.bazaar.seeks.model import Seek
from core.community.loans.things.model import Thing
from core.community.offered.model import GIFT, OBJECT, SEEK, SERVICE, SKILL, Posted
from core.community.sel.offers.model import Kind, Offer
from core.community.skills.model import Skill
from core.kernel.text import Text, say

DAY = timedelta(days=1)
_HOW: Mapping[How, str] = {How.FIRST: "give", How.LOT: "lot", How.CHOICE: "swap"}


def gift(item: Item, called: str) -> Posted:
    drawn = item.awaits_draw and item.draw_on is not None
    state = say("offered.state.draw", day=item.draw_on) if drawn and item.draw_on else _until(item.expires_on - DAY)
    what = say(f"offered.kind.{_HOW[item.how]}")
    return Posted(
        GIFT, item.item_id, item.building, item.name, what, called, item.put_up_at, state, item.in_return, item.photo
    )


def seek(found: Seek, called: str, since: datetime | None) -> Posted:
    what, state = say("offered.kind.seek"), _until(found.expires_on - DAY)
    return Posted(SEEK, found.seek_id, found.building, found.name, what, called, since, state)


def thing(found: Thing, called: str, since: datetime | None, free: date | None, today: date) -> Posted:
    """`free`: from which day on it can be had; None: not within a year."""
    state = say("offered.state.free") if free == today else say("offered.state.lent")
    if free is not None and free > today:
        state = say("offered.state.lent_until", day=free)
    what = say("offered.kind.lend")
    return Posted(
        OBJECT, found.thing_id, found.building, found.name, what, called, since, state, found.condition, found.photo
    )


def skill(found: Skill, called: str) -> Posted:
    what = say(f"offered.kind.skill_{found.pay.value}" if found.pay else "offered.kind.skill")
    state = say("offered.state.listed")
    return Posted(SKILL, found.skill_id, found.building, found.name, what, called, found.listed_at, state)


def service(offer: Offer, called: str) -> Posted:
    what = say("offered.kind.offer" if offer.kind is Kind.OFFER else "offered.kind.request")
    return Posted(SERVICE, offer.offer_id, offer.building, offer.name, what, called, offer.at, _until(offer.expires_on))


def _until(last: date) -> Text:
    return say("offered.state.until", day=last)
