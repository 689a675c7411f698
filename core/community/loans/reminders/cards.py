"""What a loan reminds of. Pure."""

from __future__ import annotations

from core.community.loans.cards import Shown, choice, facts
from core.community.neighbours.cards import reached_at
from core.community.neighbours.model import Contact
from core.kernel.text import Text, say
from core.messaging.card import Card


def tomorrow(shown: Shown, lender: Contact | None) -> Card[Text]:
    """For the borrower, on the eve of the last day."""
    return Card(
        say("loans.eve.title", thing=shown.thing.name),
        (say("loans.eve.body", who=shown.lender),),
        reached_at(lender),
        (choice(shown, "bring_back", "loans.choice.returned"), choice(shown, "longer", "loans.choice.longer")),
    )


def late(shown: Shown, step: int, days: int, lender: Contact | None) -> Card[Text]:
    """For the borrower, kindly. `step`: the first, the second or the last time."""
    return Card(
        say("loans.late.title", thing=shown.thing.name, count=days),
        (say("loans.late.first" if step == 1 else "loans.late.again", who=shown.lender),),
        reached_at(lender),
        (choice(shown, "bring_back", "loans.choice.returned"), choice(shown, "longer", "loans.choice.longer")),
    )


def not_back(shown: Shown, days: int, borrower: Contact | None) -> Card[Text]:
    """For the lender: it should have come back."""
    return Card(
        say("loans.late.lender", who=shown.borrower, thing=shown.thing.name, count=days),
        (say("loans.late.lender_body"),),
        (*facts(shown), *reached_at(borrower)),
        (choice(shown, "bring_back", "loans.choice.came_back"), choice(shown, "lose", "loans.choice.lost")),
    )
