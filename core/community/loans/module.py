"""The module of the loans: its word, its intents, and what happens to what is open when its council switches it off.

Nothing new begins: requests that nobody has granted are closed, and whoever asked is told. What was agreed is finished: hand-over, return
and reminders go on until the last thing is back.
"""

from __future__ import annotations

from core.buildings.model import Building, Module
from core.community.loans.model import OPEN, State

LOANS = Module("loans")
SEL = "sel"
"""The word of the module that a deposit in minutes needs."""
INTENTS = ("loans.borrow", "loans.lend", "loans.available", "loans.return")


def is_on(building: Building) -> bool:
    return LOANS.name in building.modules


def takes_deposits(building: Building) -> bool:
    """A deposit is in minutes of the exchange of services, so it takes both modules."""
    return is_on(building) and SEL in building.modules


def goes_on(state: State, *, on: bool) -> bool:
    """Whether a loan in that state goes on while the module is on, or off."""
    return on or state not in OPEN
