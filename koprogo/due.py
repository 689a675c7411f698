"""What falls due in the life of the buildings, by name: each looks through all organisations, does what is due by now, and tells people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.bulletin.digest import service as bulletin
from core.community.bazaar.rounds import service as bazaar
from core.community.loans.reminders import service as loans
from core.community.notices import service as notices
from core.community.sel import service as sel
from core.community.skills import service as skills
from core.database import Database
from core.tickets import service as tickets

Due = Callable[[Database], Awaitable[object]]

DUE: tuple[tuple[str, Due], ...] = (
    ("loans", loans.due),
    ("sel", sel.due),
    ("bazaar", bazaar.due),
    ("skills", skills.due),
    ("notices", notices.due),
    ("tickets", tickets.due),
    ("bulletin", bulletin.due),
)


async def do_all(database: Database) -> None:
    """All of it once, one after the other."""
    for _, due in DUE:
        await due(database)
