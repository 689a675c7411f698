"""The courier: takes what was told, turns it into words for its one reader, hands it to the channel, and settles it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot.drawings.enclosures import Enclosures
from bot.lanes import Lane, Over, PutOff
from bot.trace import trace
from core.database import Database
from core.documents.service import Shelf
from core.kernel.i18n import DEFAULT_LANGUAGE, Catalogues
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import Address, Channel, File, Receipt, Rejected, Room, TryLater, Unreachable
from core.messaging.delivery import Claimed
from core.messaging.kinds import KINDS
from core.outbox import service as outbox
from core.outbox.service import Sent
from core.people.groups import service as groups

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 120.0
"""A wire that has not taken a card by then is taken to have failed. Its adapter knows better, and is sooner."""


class Courier:
    """Sends through the channels of this process. Several may work at once, here and elsewhere: what one has claimed is his."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        catalogues: Catalogues,
        shelf: Shelf | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._database, self._channels, self._catalogues, self._patience = database, channels, catalogues, patience
        self._enclosures = Enclosures(database, shelf)
        self._lanes: dict[str, Lane] = {}

    async def send(self, delivery: Claimed) -> Receipt | None:
        """Sends one claimed delivery, and settles how that went. None where it did not leave."""
        outcome = await self.attempt(delivery)
        if not isinstance(outcome, Sent):
            return None
        await outbox.all_sent(self._database, [outcome])
        return outcome.receipt

    async def attempt(self, delivery: Claimed) -> Sent | PutOff | Over:
        """Hands one delivery to its channel. A failure is settled; what was sent is not yet."""
        channel = self._channels.get(delivery.address.channel)
        if channel is None:
            await self._gone_on(await outbox.failed(self._database, delivery, "no_channel"))
            return Over.OVER
        kind = KINDS[delivery.kind]
        try:
            card, files = await self.rendered(
                delivery.card,
                delivery.reader.language,
                delivery.organisation,
                delivery.reader.person,
                on_paper=channel.traits.on_paper,
            )
            card = replace(card, may_stop=kind.may_stop and not isinstance(delivery.address, Room))
            async with asyncio.timeout(self._patience):
                receipt = await channel.send(delivery.address, card, files, delivery.delivery_id.hex, delivery.reply_to)
        except Unreachable as error:
            gone = isinstance(delivery.address, Address)
            await self._gone_on(
                await outbox.failed(self._database, delivery, f"unreachable: {error.reason}", dead=gone)
            )
            if isinstance(delivery.address, Room):
                await groups.forget(self._database, delivery.address)
        except TryLater as error:
            await self._gone_on(await outbox.later(self._database, delivery, error.reason, error.after))
            return PutOff(error.after)
        except Rejected as error:
            reference = await outbox.set_aside(self._database, delivery, error.reason)
            logger.error("a delivery was refused by %s and set aside as %s", channel.name, reference)
        except OSError as error:
            # A connection that broke, or an answer that never came (a TimeoutError is one too): the wire's fault, not the card's.
            await self._gone_on(await outbox.later(self._database, delivery, type(error).__name__, timedelta()))
            return PutOff(timedelta())
        except Exception as error:
            # Our own fault, whatever it is: nothing is lost, and an operator is told where to look.
            reference = await outbox.set_aside(self._database, delivery, type(error).__name__)
            logger.error("a delivery failed and was set aside as %s\n%s", reference, trace(error))
        else:
            return Sent(delivery, receipt, as_read(card) if kind.by_law else None)
        return Over.OVER

    async def _gone_on(self, deliveries: Sequence[Claimed]) -> None:
        """An answer that goes another way is this process's to send, unless another one has that channel."""
        for delivery in deliveries:
            if delivery.address.channel in self._channels:
                await self.send(delivery)
            else:
                await outbox.release(self._database, [delivery])

    async def rendered(
        self,
        card: Card[Text],
        language: str,
        organisation: UUID | None = None,
        person: UUID | None = None,
        *,
        on_paper: bool = False,
    ) -> tuple[Card[str], list[File]]:
        """A card in the words of its reader, and what goes along for him: documents where he may see them."""
        words = self._catalogues.get(language) or self._catalogues[DEFAULT_LANGUAGE]
        enclosed = await self._enclosures.of(card.attachments, words, organisation, person, on_paper=on_paper)
        card = replace(card, body=(*card.body, *enclosed.missing))
        return card.map(words), list(enclosed.files)

    def lane(self, channel: str) -> Lane:
        """What sends by one of this process's channels. There is one for each."""
        if channel not in self._lanes:
            self._lanes[channel] = Lane(self._database, channel, self._channels[channel].traits, self.attempt)
        return self._lanes[channel]

    async def drain(self) -> int:
        """Sends everything that is due through this process's channels, each in its lane; gives how many were taken.

        What goes on by another channel is sent too: the lanes are looked at again until there is nothing left.
        """
        lanes = [self.lane(channel) for channel in list(self._channels)]
        total = sum(await asyncio.gather(*(lane.drain() for lane in lanes)))
        while taken := sum(await asyncio.gather(*(lane.drain() for lane in lanes))):
            total += taken
        return total


def as_read(card: Card[str]) -> str:
    """What a card says, as plain text: what is kept of a legal notice to prove it."""
    facts = "\n".join(f"{fact.label}{card.colon}{fact.value}" for fact in card.facts)
    choices = "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(card.choices, 1))
    return "\n\n".join(block for block in (card.title, *card.body, facts, choices) if block)
