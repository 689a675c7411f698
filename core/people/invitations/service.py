"""Use cases: see who has linked nothing yet, invite, take codes back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from core.buildings.model import Known
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed, Record
from core.people.invitations import cards, store
from core.people.invitations.model import AGAIN, Given, Invited, Invitee, Way
from core.people.model import LETTER
from core.people.service import ACCOUNT

ON_PAPER, BY_MESSAGE = LETTER, "message"
"""How the log says that a code went."""


async def roster(uow: UnitOfWork, building: UUID) -> list[Invitee]:
    """Everybody with a lot or a role in a building today, in the order of its file."""
    return (await store.roster(uow, [building]))[building]


async def rosters(uow: UnitOfWork, buildings: Collection[UUID]) -> dict[UUID, list[Invitee]]:
    """The same for several buildings at once."""
    return await store.roster(uow, buildings)


async def check(uow: UnitOfWork, given: Sequence[Invited]) -> None:
    """Given where the codes of this form were made more than a while ago, or one of them is good no more."""
    known = await store.known(uow, given)
    if known is not None and (known[1] or known[0] + AGAIN < uow.now):
        raise Given("invitation.given", at=known[0])


async def print_codes(uow: UnitOfWork, known: Known, given: Sequence[Invited], actor: Actor) -> int:
    """From now on these codes are good; they stand on paper and nowhere else. Gives how many are new; the caller commits.

    The same form once more changes nothing; Given where that was too long ago.
    """
    return len(await _keep(uow, known, given, actor, ON_PAPER))


async def send_codes(uow: UnitOfWork, known: Known, given: Sequence[Invited], ways: Sequence[Way], actor: Actor) -> int:
    """Tells each his code by a channel at which he is known, in this transaction. Gives how many are new; the caller commits.

    The same form once more changes nothing; Given where that was too long ago.
    """
    new = await _keep(uow, known, given, actor, BY_MESSAGE)
    for each in given:
        card = cards.message(each, known.building.name, ways)
        uow.tell(each.to.person_id, card, ACCOUNT, key=each.key, expires=each.until, building=known.building_id)
    return len(new)


async def revoke(uow: UnitOfWork, known: Known, persons: Collection[UUID], actor: Actor) -> int:
    """No code that is out for these people of a building ties a channel any more. Gives how many were; the caller commits."""
    mine = [each for each in await roster(uow, known.building_id) if each.person_id in persons]
    gone = await store.revoke(uow, [each.person_id for each in mine])
    records = [
        Record(Deed.INVITATION_REVOKED, f"person {each.code}", {"codes": gone[each.person_id]}, {"codes": 0})
        for each in mine
        if each.person_id in gone
    ]
    await audit.record_all(uow, actor, records, known.building_id)
    return sum(gone.values())


async def _keep(uow: UnitOfWork, known: Known, given: Sequence[Invited], actor: Actor, how: str) -> set[UUID]:
    new = await store.add(uow, given)
    await check(uow, given)
    records = [
        Record(
            Deed.INVITED, f"person {each.to.code}", None, {"channel": how, "expires": local_day(each.until).isoformat()}
        )
        for each in given
        if each.to.person_id in new
    ]
    await audit.record_all(uow, actor, records, known.building_id)
    return new
