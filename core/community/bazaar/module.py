"""The module of the bazaar: its name, what people say to it, and what happens to what is open when it is switched off. Pure.

Switched off, nothing new begins: nothing is put up, sought, taken or drawn, and nobody in a line is told that it is his turn. What is
reserved is finished: collected, or let go. What is up rests, and may be withdrawn; switched on again, it is shown as before.
"""

from __future__ import annotations

from collections.abc import Collection

from core.buildings.model import Module
from core.kernel.errors import DomainError

MODULE = Module("bazaar")
INTENTS = ("bazaar.give", "bazaar.want", "bazaar.browse")


def is_on(modules: Collection[str]) -> bool:
    return MODULE.name in modules


def begin(modules: Collection[str]) -> None:
    """Something new begins in a building with these modules. DomainError where this one is off."""
    if not is_on(modules):
        raise DomainError("bazaar.off")
