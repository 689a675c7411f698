"""From one way to the next, with real servers: Telegram blocked, the mail bounced by Postfix, the letter in the tray.

Telegram is our reading of its API; e-mail is Postfix, which takes the mail and sends it back to the envelope's own address (VERP).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from channels import letter
from core.database import Database, application_url
from core.inbox.service import StoredMemory
from core.kernel.clock import BRUSSELS, system_clock
from core.kernel.i18n import Catalogues
from core.kernel.text import Text, literal, say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.kinds import LEGAL, LOAN
from core.outbox.letters import service as letters
from core.outbox.letters.model import Letter
from core.outbox.service import Recorder
from core.people import store as people
from koprogo.application import Application
from koprogo.letters import Post
from koprogo.settings import read_settings
from tests.channels.wires.servers import Servers, servers
from tests.ground_floor import Sample
from tests.koprogo.conftest import Command
from tests.servers.mail import needs_full

__all__ = ["servers"]

pytestmark = pytest.mark.xdist_group("mail")

GONE = Address("email", "lea.gone@immeuble.example")
"""Postfix takes what is for her, finds nobody there, and sends it back."""


PATIENCE = 30.0

NOON = system_clock().astimezone(BRUSSELS).replace(hour=12, minute=0)
SINCE = time.monotonic()


def by_day() -> datetime:
    """It is past noon at the building, whatever the hour of this run: what is told at night would wait for the morning."""
    return (NOON + timedelta(seconds=time.monotonic() - SINCE)).astimezone(UTC)


async def no_invitation() -> tuple[str, Text] | None:
    return None


@pytest.fixture
async def application(
    sample: Sample, servers: Servers, catalogues: Catalogues, tmp_path: Path, understanding: Any
) -> AsyncIterator[tuple[Application, Any]]:
    """An installation with Telegram, e-mail and letters, and what stands at the other end of Telegram."""
    needs_full()
    recorder = Recorder(("telegram", "email"))
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            Database(application_url(sample.owner), recorder=recorder, clock=by_day)
        )
        made = Application(read_settings({"KOPROGO_DATA": str(tmp_path)}), sample.owner, database, {})
        made.__dict__["understanding"] = understanding
        reception = made.reception()
        wires = {}
        for name in ("telegram", "email"):
            memory = StoredMemory(database, name, "test")
            opened = await servers.opened(name, tmp_path, reception.receive(name), memory)
            wires[name] = await stack.enter_async_context(opened)
            made.channels[name] = wires[name].channel
        post = Post(database, sample.shelf, catalogues, no_invitation)
        made.channels["letter"] = letter.Letter(post.address_of, post.tray)
        yield made, wires["telegram"].api


async def test_from_telegram_to_the_mail_to_the_letter_tray(
    sample: Sample, application: tuple[Application, Any], catalogues: Catalogues
) -> None:
    made, api = application
    database, organisation = made.database, sample.organisation
    telegram = Address("telegram", str(api.person("Léa").user["id"]))
    async with database.work(organisation) as uow:
        rows = await people.residents(uow, sample.known.building_id)
        lea = next(row.person_id for row in rows if row.resident.person == "lea-dubois")
        await people.unlink(uow, Address("email", "lea.dubois@tilleuls.example"), lea)
        await people.link(uow, GONE, lea)
        await people.link(uow, telegram, lea)
        await people.used(uow, telegram, uow.now)
        uow.tell(lea, Card(literal("L'échelle")), LOAN, key="loan", due=None)
        building = sample.known.building_id
        uow.tell(lea, Card(literal("Convocation")), LEGAL, key="legal", building=building)
        await uow.commit()
    async with database.work(organisation) as uow:  # and today she signs for e-mail too
        await uow.connection.execute(
            text(
                "INSERT INTO consents (organisation_id, building_id, position, person, channel, address, accepted_on, evidence)"
                " VALUES (:organisation, :building, 999, 'lea-dubois', 'email', :address, '2026-01-01', 'signed')"
            ),
            {"organisation": organisation, "building": building, "address": GONE.handle},
        )
        await uow.commit()

    async def at_once() -> list[Letter]:
        """Nothing waits for its time. What lies in the tray."""
        async with database.work(organisation) as uow:
            await uow.connection.execute(
                text("UPDATE deliveries SET due = :now WHERE fate = 'waiting'"), {"now": uow.now}
            )
            found = await letters.tray(uow)
            await uow.commit()
            return found

    await at_once()
    api.fail("sendMessage", 403, "Forbidden: bot was blocked by the user", times=9)

    async def outbox() -> list[dict[str, Any]]:
        command = Command(
            {
                "KOPROGO_DATA": str(made.settings.data),
                "DATABASE_URL": sample.owner.render_as_string(hide_password=False),
            }
        )
        return list((await asyncio.to_thread(command, "outbox", "--json")).json)

    end = time.monotonic() + PATIENCE
    tray: list[Letter] = []
    while not tray:
        assert time.monotonic() < end, "\n".join(map(str, await outbox()))
        await made.courier.drain()
        tray = await at_once()
        await asyncio.sleep(0.2)
    steps = [
        (
            row["kind"],
            row["channel"],
            row["fate"],
            row["reason"],
            row["went_on"],
            [each["channel"] for each in row["tried"]],
        )
        for row in await outbox()
    ]
    blocked = "unreachable: Forbidden: bot was blocked by the user"
    loans = [step[1:] for step in steps if step[0] == LOAN]
    assert loans == [
        ("telegram", "failed", blocked, True, []),
        ("email", "failed", "bounced", True, ["telegram"]),
        ("", "skipped", "no_address", False, ["telegram", "email"]),
    ]
    legal = [step[1:] for step in steps if step[0] == LEGAL]
    assert legal == [
        ("telegram", "failed", blocked, True, []),
        ("email", "failed", "bounced", True, ["telegram"]),
        ("letter", "sent", "", False, ["telegram", "email"]),
    ]
    told = [step[1:4] for step in steps if step[0] == "account"]
    assert told[0][0] == "email", "she is told by mail that Telegram does not reach her any more"
    assert [each.person_id for each in tray] == [lea]
    async with database.work(organisation) as uow:
        letter_says = await uow.connection.scalar(text("SELECT rendered FROM deliveries WHERE channel = 'letter'"))
    for channel in ("telegram", "email"):
        assert catalogues["fr"](say("elsewhere.moved", channel=say(f"channel.{channel}"))) in letter_says
