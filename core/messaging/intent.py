"""What a person can want: a closed list of names, and the slots that the words filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INTENTS = (
    "charges.owed",
    "charges.explain",
    "charges.expenses",
    "charges.pay",
    "charges.paid",
    "charges.statement",
    "charges.funds",
    "documents.get",
    "assembly.next",
    "assembly.agenda",
    "assembly.attend",
    "assembly.proxy",
    "assembly.vote",
    "assembly.results",
    "assembly.propose",
    "polls.open",
    "polls.answer",
    "polls.create",
    "polls.results",
    "loans.borrow",
    "loans.lend",
    "loans.available",
    "loans.return",
    "sel.offer",
    "sel.request",
    "sel.browse",
    "sel.balance",
    "sel.done",
    "bazaar.give",
    "bazaar.want",
    "bazaar.browse",
    "skills.find",
    "skills.add",
    "notices.post",
    "notices.browse",
    "tickets.report",
    "tickets.status",
    "contacts.find",
    "settings.language",
    "settings.notify",
    "settings.link",
    "privacy.export",
    "privacy.erase",
    "help",
    "greet",
    "thanks",
    "undo",
    "cancel",
    "human",
    "none",
)
"""Every intent that exists. A name is stable: it stands in stored choices, in logs and in tests."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish: its name and what was said with it, as JSON values. A slot that was not clearly given is absent."""

    name: str
    slots: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.name, tuple(sorted(self.slots))))
