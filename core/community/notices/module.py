"""The module of the notice board: its name, its intents, and what happens to what is open when it is switched off. Pure.

Switched off, nothing is put up, read, reported or answered for the first time, and what stands is shown to nobody. Nothing is lost by it:
what has not expired by then is there again once it is switched on. An author may still take his note down or answer the council, who writes
to somebody already may go on, and days go on expiring.
"""

from __future__ import annotations

from collections.abc import Collection

from core.buildings.model import Module
from core.kernel.errors import DomainError

MODULE = Module("notices")
INTENTS = ("notices.post", "notices.browse")


def begin(modules: Collection[str]) -> None:
    """Something is put up, read or begun in a building with these modules. DomainError where this one is off."""
    if MODULE.name not in modules:
        raise DomainError("notices.off")
