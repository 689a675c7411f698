"""A talk in progress: what a dialogue keeps between two messages of one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.messaging.channel import Address


@dataclass(frozen=True, slots=True)
class Conversation:
    """`state` is what the dialogue wrote at `version`; a dialogue of another version ends the talk politely."""

    address: Address
    dialogue: str
    state: Mapping[str, Any] = field(default_factory=dict)
    expires: datetime | None = None
    version: int = 1
