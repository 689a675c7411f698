"""Something that waits for somebody, and the order in which it does. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.kernel.text import Text
from core.messaging.card import Choice


@dataclass(frozen=True, slots=True)
class Task:
    """`what`: in a line. `choice`: does it, or opens what it takes to decide. `day`: by when; None: it can wait.

    `urgent`: before everything that has a day.
    """

    building: UUID
    what: Text
    choice: Choice[Text]
    day: date | None = None
    urgent: bool = False


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """What cannot wait, then by their days, then what has none; equal ones as they come."""
    return sorted(tasks, key=lambda task: (not task.urgent, task.day is None, task.day or date.max))
