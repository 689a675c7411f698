"""What an entry of the log is about, in words."""

from __future__ import annotations

from core import modules
from core.kernel.text import Text, say
from core.people.audit import cards
from core.people.audit.model import Entry


def subject(entry: Entry) -> Text:
    """As the log says it; a module by what it is called."""
    kind, _, name = entry.subject.partition(" ")
    if kind == "module" and name in modules.NAMES:
        return say("audit.subject.module", name=modules.title(modules.named(name)))
    return cards.subject(entry)
