"""The terminal: for the demo, for scripts and for tests. What is sent is kept for whoever opened it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.messaging.card import Card
from core.messaging.channel import Address, Evidence, File, Membership, Origin, Receipt, Room, Signal, Traits

NAME = "console"


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that reached the terminal, and to whom."""

    to: Address | Room
    card: Card[str]
    files: Sequence[File]


class Console:
    """A channel whose wire is a list."""

    name = NAME
    traits = Traits(buttons=True, max_chars=1_000_000, max_file_bytes=50_000_000, best_evidence=Evidence.DELIVERED)

    def __init__(self) -> None:
        self.shown: list[Shown] = []

    async def run(self) -> None:
        """A terminal is spoken to by its command; nothing to listen to."""

    def routes(self) -> Sequence[Any]:
        return ()

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        self.shown.append(Shown(to, card, files))
        return Receipt(key, Evidence.DELIVERED, datetime.now(UTC))

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        """What was printed stays printed."""

    async def edit(self, receipt: Receipt, to: Address | Room, card: Card[str]) -> None:
        """What was printed stays printed."""

    async def signal(self, origin: Origin, signal: Signal) -> None:
        """A terminal shows no signals."""

    async def members(self, room: Room) -> Membership:
        return Membership(1, False)
