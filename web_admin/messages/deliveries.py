"""What was told: all of it, newest first, and one delivery with what it said and which ways it was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from core.buildings.model import Known
from core.kernel.i18n import DEFAULT_LANGUAGE
from core.messaging.channel import Address, Room
from core.messaging.kinds import ACCOUNT, ANSWER, KINDS
from core.outbox import service as outbox
from core.outbox.model import Listed, Wanted
from core.people.model import LETTER
from web_admin.messages.reach import identity, within
from web_admin.messages.words import FATES, channel, evidence, fate, why
from web_admin.pages import PREFIX, Page, Visit, render

CHANNELS = ("telegram", "matrix", "email", "letter", "console")
BETWEEN_US = frozenset({ANSWER, ACCOUNT})
"""Kinds whose words are their reader's alone: they carry one-time codes and links, with which anybody could pass for him."""
LONGEST_NAME = 100
LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Filter:
    """What was chosen above the list, as it stands in the address of the page."""

    building: str = ""
    fate: str = ""
    channel: str = ""
    kind: str = ""
    person: str = ""

    @classmethod
    def of(cls, visit: Visit) -> Filter:
        query = visit.request.query

        def one_of(name: str, known: tuple[str, ...]) -> str:
            given = query.get(name, "")
            return given if given in known else ""

        return cls(
            query.get("building", "")[:LONGEST_NAME],
            one_of("fate", FATES),
            one_of("channel", CHANNELS),
            one_of("kind", tuple(KINDS)),
            query.get("person", "").replace("\0", "").strip()[:LONGEST_NAME],
        )

    def link(self, **more: str) -> str:
        given = {name: getattr(self, name) for name in self.__slots__} | more
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{PREFIX}/messages?{query}" if query else f"{PREFIX}/messages"


async def show(visit: Visit) -> web.StreamResponse:
    """All deliveries that fit; where the page asks for it again by itself, its rows alone."""
    buildings = await visit.buildings()
    chosen = Filter.of(visit)
    known = next((each for each in buildings if each.building.slug == chosen.building), None)
    if chosen.building and known is None:
        raise web.HTTPNotFound
    wanted = Wanted(
        known.building_id if known else None, chosen.fate, chosen.channel, chosen.kind, chosen.person, within(visit)
    )
    before = _number(visit.request.query.get("before", ""))
    leaf = await outbox.leaf(visit.uow, wanted, before)
    live = before is None and visit.request.query.get("live") != "no"
    again = visit.request.headers.get("HX-Request") == "true"
    return render(
        visit,
        "messages/rows.html" if again else "messages/deliveries.html",
        rows=leaf.rows,
        houses=_houses(buildings),
        buildings=buildings,
        chosen=chosen,
        filtered=chosen != Filter(),
        older=chosen.link(before=str(leaf.older)) if leaf.older is not None else "",
        newest=chosen.link() if before is not None else "",
        live=live,
        here=chosen.link(live="" if live else "no"),
        toggled=chosen.link(live="no" if live else ""),
        at=visit.uow.now,
        channels=CHANNELS,
        kinds=tuple(KINDS),
        fates=FATES,
        **_SPOKEN,
    )


async def one(visit: Visit) -> web.StreamResponse:
    ways = await outbox.ways(visit.uow, identity(visit, "delivery"), within(visit))
    this = next((each for each in ways if str(each.told.delivery_id) == visit.request.match_info["delivery"]), None)
    if this is None:
        raise web.HTTPNotFound
    words = visit.office.catalogues.get(this.told.language) or visit.office.catalogues[DEFAULT_LANGUAGE]
    hidden = this.told.kind in BETWEEN_US
    return render(
        visit,
        "messages/delivery.html",
        row=this,
        ways=ways,
        card=None if hidden else this.told.card.map(words),
        house=_houses(await visit.buildings()).get(this.building),
        handle=_handle(this),
        in_room=isinstance(this.told.address, Room),
        **_SPOKEN,
    )


_SPOKEN: dict[str, Any] = {"why": why, "fate": fate, "evidence": evidence, "channel": channel}


def _houses(buildings: list[Known]) -> dict[Any, str]:
    return {each.building_id: each.building.name for each in buildings}


def _handle(row: Listed) -> str:
    """The person's own address; a group's and a letter's say nothing to a reader."""
    there = row.told.address
    return there.handle if isinstance(there, Address) and there.channel != LETTER else ""


def _number(given: str) -> int | None:
    """A number of the list; anything else is where it begins."""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0
    return number if 0 < number <= LARGEST_NUMBER else None


PAGES = (
    Page("/messages", show, section="messages"),
    Page("/messages/deliveries/{delivery}", one, section="messages"),
)
