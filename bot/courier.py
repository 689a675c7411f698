"""The courier: takes what was told, turns it into words for its one reader, hands it to the channel, and settles it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from bot.drawings.qr import epc_png
from bot.trace import trace
from core.database import Database
from core.kernel.i18n import DEFAULT_LANGUAGE, Catalogues
from core.kernel.money import Money
from core.kernel.text import Text
from core.messaging.card import Attachment, Card
from core.messaging.channel import Channel, File, Receipt, Rejected, Room, TryLater, Unreachable
from core.messaging.delivery import Claimed
from core.outbox import service as outbox
from core.people import service as people
from core.people.groups import service as groups

logger = logging.getLogger(__name__)


class Courier:
    """Sends through the channels of this process. Several may work at once, here and elsewhere: what one has claimed is his."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], catalogues: Catalogues) -> None:
        self._database, self._channels, self._catalogues = database, channels, catalogues

    async def send(self, delivery: Claimed) -> Receipt | None:
        """Sends one claimed delivery, and settles how that went. None where it did not leave."""
        channel = self._channels.get(delivery.address.channel)
        if channel is None:
            await outbox.failed(self._database, delivery, "no_channel")
            return None
        try:
            card, files = await self.rendered(delivery.card, delivery.reader.language)
            receipt = await channel.send(delivery.address, card, files, delivery.delivery_id.hex, delivery.reply_to)
        except Unreachable as error:
            await outbox.failed(self._database, delivery, f"unreachable: {error.reason}")
            if isinstance(delivery.address, Room):
                await groups.forget(self._database, delivery.address)
            else:
                await people.bury_address(self._database, delivery.address)
        except TryLater as error:
            await outbox.later(self._database, delivery, error.reason, error.after)
        except Rejected as error:
            reference = await outbox.set_aside(self._database, delivery, error.reason)
            logger.error("a delivery was refused by %s and set aside as %s", channel.name, reference)
        except Exception as error:
            # Our own fault, whatever it is: nothing is lost, and an operator is told where to look.
            reference = await outbox.set_aside(self._database, delivery, type(error).__name__)
            logger.error("a delivery failed and was set aside as %s\n%s", reference, trace(error))
        else:
            await outbox.sent(self._database, delivery, receipt)
            return receipt
        return None

    async def rendered(self, card: Card[Text], language: str) -> tuple[Card[str], list[File]]:
        """A card in the words of its reader, and what is drawn for him."""
        words = self._catalogues.get(language) or self._catalogues[DEFAULT_LANGUAGE]
        return card.map(words), [await self._drawn(attachment) for attachment in card.attachments]

    async def drain(self, most: int = 50) -> int:
        """Sends everything that is due through this process's channels; gives how many were taken."""
        taken = 0
        while deliveries := await outbox.claim(self._database, tuple(self._channels), most):
            for lane in _lanes(deliveries):
                await asyncio.gather(*(self._in_order(address) for address in lane))
            taken += len(deliveries)
        return taken

    async def _in_order(self, deliveries: Sequence[Claimed]) -> None:
        for delivery in deliveries:
            await self.send(delivery)

    async def _drawn(self, attachment: Attachment) -> File:
        if attachment.kind != "epc_qr":
            raise ValueError(f"nobody draws {attachment.kind}")
        match dict(attachment.values):
            case {
                "name": str(name),
                "iban": str(iban),
                "amount": Money() as amount,
                "communication": str(communication),
            }:
                image = await asyncio.to_thread(epc_png, name, iban, amount, communication)
            case _:
                raise ValueError("a payment needs a name, an IBAN, an amount and a communication")

        async def read() -> bytes:
            return image

        return File("epc-qr.png", "image/png", len(image), read)


def _lanes(deliveries: Sequence[Claimed]) -> list[list[list[Claimed]]]:
    """One lane for each channel: within it the deliveries of each address, in order."""
    lanes: dict[str, dict[str, list[Claimed]]] = {}
    for delivery in deliveries:
        lanes.setdefault(delivery.address.channel, {}).setdefault(delivery.address.handle, []).append(delivery)
    return [list(addresses.values()) for addresses in lanes.values()]
