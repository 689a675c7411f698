"""What cannot wait: reports of danger that are open, the oldest first, each with its age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from core.kernel.text import Text, say
from core.people.accounts.model import Act
from core.tickets import cards, service
from core.tickets.model import OPEN, Ticket, Wanted
from web_admin.pages import Visit
from web_admin.todo.tasks import Line

MOST_URGENT = 8
"""So many are listed one by one; the page of the reports has all."""
CONFIDED = Act.SWITCH
"""Whoever may do this learns in which lot it is; others read what neighbours may."""
MINUTE, HOUR, DAY = 60, 3_600, 86_400


async def urgent(visit: Visit, within: frozenset[UUID] | None, houses: Mapping[UUID, str]) -> list[Line]:
    """Open reports of fire, gas, water and people in a lift. `within`: of these buildings only; `houses`: their names. One statement."""
    found = [ticket for ticket, _ in await service.listed(visit.uow, Wanted(within, states=OPEN, urgent=True))]
    confided = frozenset(house for house in houses if visit.who.standing.may(CONFIDED, house))
    return lines(found, houses, visit.uow.now, confided)


def lines(
    tickets: Sequence[Ticket], houses: Mapping[UUID, str], now: datetime, confided: frozenset[UUID]
) -> list[Line]:
    """A line for each. `confided`: the buildings of which the reader may know the lot."""
    found = [
        Line(
            cards.what(each, public=each.building not in confided),
            say("office.todo.see_ticket"),
            f"/tickets/{each.ticket}",
            houses.get(each.building, ""),
            age=age(each.made_at, now),
        )
        for each in tickets[:MOST_URGENT]
    ]
    if more := len(tickets) - len(found):
        found.append(
            Line(say("office.todo.urgent_more", count=more), say("office.todo.see_tickets"), "/tickets?urgency=urgent")
        )
    return found


def age(since: datetime, now: datetime) -> Text:
    seconds = int((now - since).total_seconds())
    for unit, word in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if seconds >= unit:
            return say(f"office.todo.{word}_ago", count=seconds // unit)
    return say("office.todo.just_now")
