"""The module of the directory of skills: its name, what people say to it, and what happens to what is open when it is switched off. Pure.

Switched off, nothing new begins: nobody is listed, found or asked. Who was asked before may still answer, and whoever is listed may take
himself out at any time. What is listed rests; switched on again, it is found as before.
"""

from __future__ import annotations

from collections.abc import Collection

from core.buildings.model import Module
from core.kernel.errors import DomainError

MODULE = Module("skills")
INTENTS = ("skills.find", "skills.add")


def begin(modules: Collection[str]) -> None:
    """Something new begins in a building with these modules. DomainError where this one is off."""
    if MODULE.name not in modules:
        raise DomainError("skills.off")
