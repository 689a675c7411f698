"""What every removal does besides taking the thing down: its author is told, the log is written, and nothing is left to undo."""

from __future__ import annotations

from core.community.posts import service as posts
from core.community.removals import cards
from core.community.removals.model import Removal
from core.database import UnitOfWork
from core.messaging.kinds import ACCOUNT
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed


async def removed(uow: UnitOfWork, removal: Removal, actor: Actor) -> None:
    """In the transaction in which it is taken down. About what somebody put up himself: no digest keeps it."""
    await posts.undone(uow, removal.subject)
    subject, why = f"{removal.kind} {removal.name}", {"reason": removal.reason}
    await audit.record(uow, actor, Deed.POST_REMOVED, subject, {"reason": ""}, why, removal.building)
    key = f"removal:{removal.kind}:{removal.subject}"
    uow.tell(removal.author, cards.removed(removal), ACCOUNT, key=key, building=removal.building)
