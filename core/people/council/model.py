"""What the council of a building decided about its modules: who, when, and what follows from it. Pure.

The council watches over the life of the building between assemblies (Civil Code, art. 3.90); what it decides is written down and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.buildings.model import Module
from core.kernel.errors import DomainError
from core.people.audit.model import Actor

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """A module was switched. `decided_on`: the day of the decision; `at`: when it was entered, by `actor`."""

    module: str
    on: bool
    decided_on: date
    note: str
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be decided."""

    module: Module
    on: bool
    decided_on: date
    note: str = ""


def check(wish: Wish, on_now: bool, last: Decision | None, today: date) -> None:
    """DomainError with the sentence that says why a decision makes no sense."""
    if wish.on == on_now:
        raise DomainError("council.on_already" if on_now else "council.off_already")
    if wish.decided_on > today:
        raise DomainError("council.not_yet", day=wish.decided_on)
    if last is not None and wish.decided_on < last.decided_on:
        raise DomainError("council.before_the_last", day=wish.decided_on, last=last.decided_on)
    if len(wish.note) > LONGEST_NOTE:
        raise DomainError("council.long_note", count=LONGEST_NOTE)
    if any(not sign.isprintable() and sign not in "\n\r\t" for sign in wish.note):
        raise DomainError("council.hidden_sign")


def switched(modules: Sequence[str], module: str, on: bool) -> tuple[str, ...]:
    """The modules that are on, after one more decision."""
    others = tuple(name for name in modules if name != module)
    return (*others, module) if on else others


def followed(modules: Sequence[str], decided: Mapping[str, bool]) -> tuple[str, ...]:
    """The modules that are on where files say one thing and the council decided another: what was decided stands, the files say the rest."""
    kept = tuple(name for name in modules if decided.get(name, True))
    return (*kept, *(name for name, on in decided.items() if on and name not in kept))
