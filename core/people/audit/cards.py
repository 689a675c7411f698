"""What is said of an entry of the log."""

from __future__ import annotations

from core.kernel.text import Text, literal, say
from core.people.audit.model import Deed, Entry

_KNOWN = frozenset(deed.value for deed in Deed)


def sentence(entry: Entry) -> Text:
    """What was done, in words; as it is written where this version does not know it."""
    return say(f"audit.deed.{entry.deed}") if entry.deed in _KNOWN else literal(entry.deed)
