"""The module of time credits: its name, what people say to it, and what happens to what is open when it is switched off. Pure.

Switched off, nothing new begins: no offer, no request, no help reported, nobody asked for his address. What waits is finished: an exchange
that was reported is confirmed, settled by the council or booked by its day; who was asked may still answer; everybody sees his hours.
"""

from __future__ import annotations

from collections.abc import Collection

from core.buildings.model import Module
from core.kernel.errors import DomainError

MODULE = Module("sel")
INTENTS = ("sel.offer", "sel.request", "sel.browse", "sel.done", "sel.balance")


def begin(modules: Collection[str]) -> None:
    """Something new begins in a building with these modules. DomainError where this one is off."""
    if MODULE.name not in modules:
        raise DomainError("sel.off")
