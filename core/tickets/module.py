"""Defects and repairs can be switched off for a building: no report is taken any more, what is open is finished.

Moves of what was reported go on, are told, and can be looked up; a question about a twin that was still open leads nowhere. Numbers for
an emergency are given whether the module is on or not.
"""

from __future__ import annotations

from collections.abc import Collection

from core.buildings.model import Module
from core.kernel.errors import DomainError

MODULE = Module("tickets")
INTENTS = ("tickets.report", "tickets.status")


def check_begin(modules: Collection[str]) -> None:
    """DomainError where nothing new is begun in a building with these modules on."""
    if MODULE.name not in modules:
        raise DomainError("tickets.off")
