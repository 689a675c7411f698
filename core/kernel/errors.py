"""What goes wrong in a way that a person can understand and mend."""

from __future__ import annotations

from core.kernel.text import Text, Value


class DomainError(Exception):
    """A refusal: one sentence as a `Text`, and its facts. The concierge makes a card of it, the admin a page, the command a line."""

    def __init__(self, key: str, /, **values: Value) -> None:
        super().__init__(key)
        self.text = Text(key, values)
