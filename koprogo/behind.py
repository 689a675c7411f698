"""What the pages behind links do, for the web pages, which know neither the bot nor who signs."""

from __future__ import annotations

from dataclasses import dataclass

from core.database import Database
from core.inbox import service as inbox
from core.kernel.ids import new_id
from core.messaging.channel import Address, Departure, Gone, Message, Origin, Trust
from core.outbox import service as outbox
from core.outbox.service import Offer
from koprogo.links import Links


@dataclass(frozen=True, slots=True)
class BehindLinks:
    """A press and a goodbye come in as if the channel had brought them: stored, and answered by whichever process runs the bot."""

    database: Database
    links: Links

    async def offered(self, sealed: str, token: str) -> Offer | None:
        key = self.links.chosen(sealed)
        return await outbox.offered(self.database, key, token) if key else None

    async def press(self, offer: Offer) -> None:
        origin = Origin(offer.address, language=offer.language, trust=Trust.REPLY, token=offer.key)
        message = Message(origin, f"page {new_id().hex}", self.database.clock(), choice=offer.token)
        await inbox.receive(self.database, offer.address.channel, message)

    def unsubscribed(self, token: str) -> Address | None:
        return self.links.unsubscribed(token)

    async def stop(self, address: Address) -> None:
        gone = Gone(Origin(address), f"page {new_id().hex}", self.database.clock(), Departure.UNSUBSCRIBED)
        await inbox.receive(self.database, address.channel, gone)
