"""The one list of what can be switched on and off for a building."""

from __future__ import annotations

from core.buildings.model import Module
from core.kernel.errors import DomainError
from core.kernel.text import Text, say

MODULES = (
    Module("sel"),
    Module("loans"),
    Module("bazaar"),
    Module("skills"),
    Module("notices"),
    Module("tickets"),
    Module("polls"),
)
NAMES = tuple(module.name for module in MODULES)
_BY_NAME = {module.name: module for module in MODULES}


def named(name: str) -> Module:
    """The module of that name. DomainError where there is none."""
    if name not in _BY_NAME:
        raise DomainError("modules.unknown")
    return _BY_NAME[name]


def title(module: Module) -> Text:
    """What the module is called."""
    return say(f"modules.title.{module.name}")


def purpose(module: Module) -> Text:
    """What people do with it, in a sentence."""
    return say(f"modules.purpose.{module.name}")
