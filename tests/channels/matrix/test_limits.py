"""A homeserver that limits as it does by default: what it asks for is obeyed, and all arrives once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.messaging.card import Card
from core.messaging.channel import Address, Receipt, TryLater
from tests.channels.matrix.conftest import CHOICES, World, key
from tests.servers.synapse import synapse

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("matrix-limits")]

SENDS = 12
"""Synapse lets ten through and then one in five seconds."""


async def test_default_limits_are_obeyed(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with synapse(tmp_path_factory.mktemp("limits"), default_limits=True) as server:
        bot, lea = await server.newcomer("koprogo"), await server.newcomer("lea")
        world = World(server, bot, tmp_path_factory.mktemp("account"))
        await world.talk(lea)
        channel = world.channel(world.settings(password=None, access_token=bot.token))
        told: list[timedelta] = []

        async def deliver(number: int) -> Receipt:
            """As the courier does: later, with the same key."""
            while True:
                try:
                    card = Card(f"Avis {number}", choices=CHOICES if number == SENDS - 1 else ())
                    return await channel.send(Address("matrix", lea.id), card, (), key(number), None)
                except TryLater as error:
                    told.append(error.after)
                    await asyncio.sleep(error.after.total_seconds())

        receipts = await asyncio.gather(*(deliver(number) for number in range(SENDS)))
        assert channel.client.held
        await channel.close_connections()
        await lea.sync()
        said = {
            e["event_id"]: e["content"]["body"] for e in lea.events if e["sender"] == bot.id and "body" in e["content"]
        }
        assert sorted(said.values()) == sorted(
            f"Avis {number}" + ("\n\n1. Expliquer\n2. Payer" if number == SENDS - 1 else "") for number in range(SENDS)
        )
        assert set(said) == {receipt.wire_ref for receipt in receipts}
        assert [e for e in lea.events if e["type"] == "m.reaction"] == []
        assert all(timedelta(0) < after < timedelta(minutes=2) for after in told)
