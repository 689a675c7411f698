"""What waits for a decision on the notice boards: objections of authors, notes that are hidden, notes that were reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from core.bulletin.overview.model import Glance
from core.community.notices.moderation import service
from core.community.notices.moderation.model import Undecided
from core.kernel.text import say
from core.people.accounts.model import Act
from web_admin.messages.reach import within
from web_admin.pages import Visit
from web_admin.todo.tasks import Line

DECIDES = Act.SWITCH
"""Whoever may do this in a building is its syndic or sits on its council, and decides there."""


async def moderation(visit: Visit, glances: Sequence[Glance]) -> list[Line]:
    """For whoever may decide, in the buildings where he may. One statement, whatever their number; none for anybody else."""
    if not glances or not visit.who.standing.may_somewhere(DECIDES):
        return []
    return lines(await service.undecided(visit.uow, within(visit, DECIDES)), glances)


def lines(found: Iterable[Undecided], glances: Sequence[Glance]) -> list[Line]:
    """Building by building, in the order of their list: the most serious first, each kind with how many there are."""
    by_building: dict[UUID, Undecided] = {each.building: each for each in found}
    made = []
    for glance in glances:
        here = by_building.get(glance.building_id)
        counts = (("objected", here.objected), ("hidden", here.hidden), ("reported", here.reported)) if here else ()
        made += [
            Line(
                say(f"office.todo.moderation_{kind}", count=count),
                say("office.todo.see_boards"),
                f"/community?building={glance.slug}",
                glance.name,
            )
            for kind, count in counts
            if count
        ]
    return made
