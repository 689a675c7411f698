"""`chat`, `press`, `inbox`: the bot in the terminal, with state kept between calls."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from channels.console import NAME, Console, Shown
from core.inbox import service as inbox
from core.kernel.clock import BRUSSELS, Clock, system_clock
from core.kernel.ids import new_id
from core.messaging.channel import Address, Message, Origin
from core.outbox import service as outbox
from core.people import service as people
from core.people.model import EMAIL
from koprogo import cards
from koprogo.application import Application, opened
from koprogo.output import DONE, Output, Refusal, WrongInput
from koprogo.settings import Settings, reachable

OTHER_TERMINAL_SECONDS = 0.05
"""How often a terminal looks whether another one of the same person has finished its turn."""


def clock_at(text: str | None) -> Clock:
    """The clock of `--at`: ISO 8601, a day being its first moment; without an offset in the building's time zone."""
    if text is None:
        return system_clock
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongInput("cli.wrong_time", value=text) from error
    if not 1900 <= moment.year < 2200:
        raise WrongInput("cli.wrong_time", value=text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=BRUSSELS)
    instant = moment.astimezone(UTC)
    return lambda: instant


def clean_address(text: str) -> str:
    address = text.strip().lower()
    if (
        address.count("@") != 1
        or not all(address.split("@"))
        or any(sign.isspace() or not sign.isprintable() for sign in address)
    ):
        raise WrongInput("cli.wrong_address", value=text[:80])
    return address


class Terminal:
    """One person's terminal: what he says goes in by the console channel, what he is told is shown."""

    def __init__(self, application: Application, console: Console, email: str, building: str | None) -> None:
        self._application, self._console = application, console
        self._reception = application.reception(building)
        self.address = Address(NAME, email)
        self._shown = len(console.shown)

    async def open(self) -> None:
        """Ties the terminal to whoever is on file with this e-mail address; nobody: a stranger."""
        await people.open_address(self._application.database, Address(EMAIL, self.address.handle), self.address)

    async def say(self, text: str = "", choice: str | None = None) -> list[Shown]:
        """Says something, or presses a choice; gives the cards that answer it."""
        message = Message(Origin(self.address), new_id().hex, self._application.database.clock(), text, choice)
        async with self._alone():
            await inbox.receive(self._application.database, NAME, message)
            await self._reception.serve_all(self.address)
            await self._application.courier.drain()
        new, self._shown = self._console.shown[self._shown :], len(self._console.shown)
        return [shown for shown in new if shown.to == self.address]

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One terminal of a person speaks at a time, in every process: else one might show what answers the other."""
        lock = int.from_bytes(sha256(f"terminal:{self.address.handle}".encode()).digest()[:8], signed=True)
        while True:
            async with self._application.database.elected(lock) as mine:
                if mine is not None:
                    yield
                    return
            await asyncio.sleep(OTHER_TERMINAL_SECONDS)

    def folder(self) -> Path:
        return self._application.settings.data / "shown" / new_id().hex[:12]


async def chat(options: Namespace, settings: Settings, out: Output) -> int:
    email = clean_address(options.person)
    clock = clock_at(options.at)
    console = Console()
    async with opened(settings, clock=clock, channels={NAME: console}, reach=reachable(settings)) as application:
        terminal = Terminal(application, console, email, options.building)
        await terminal.open()
        if options.text:
            out.json(await _printed(terminal, out, await terminal.say(" ".join(options.text))))
            return DONE
        if sys.stdin.isatty():
            out.line("cli.chat.hint")
        listed: list[dict[str, Any]] = []
        while (line := await _read_line(sys.stdin.isatty())) is not None:
            if line.strip():
                listed += await _printed(terminal, out, await terminal.say(line.rstrip("\n")))
        out.json(listed)
        return DONE


async def press(options: Namespace, settings: Settings, out: Output) -> int:
    email = clean_address(options.person)
    console = Console()
    async with opened(
        settings, clock=clock_at(options.at), channels={NAME: console}, reach=reachable(settings)
    ) as application:
        terminal = Terminal(application, console, email, None)
        await terminal.open()
        out.json(await _printed(terminal, out, await terminal.say(choice=options.token)))
        return DONE


async def show_inbox(options: Namespace, settings: Settings, out: Output) -> int:
    email = clean_address(options.person)
    console = Console()
    async with opened(settings, channels={NAME: console}, reach=reachable(settings)) as application:
        address = Address(NAME, email)
        persons = await people.open_address(application.database, Address(EMAIL, email), address)
        if not persons:
            raise Refusal("cli.nobody_at", address=email)
        await application.courier.drain()
        told = []
        for organisation, person in persons:
            async with application.database.work(organisation) as uow:
                told += [(organisation, row) for row in await outbox.told_to(uow, person)]
        listed: list[dict[str, Any]] = []
        for organisation, row in sorted(told, key=lambda each: each[1].created_at):
            card, files = await application.courier.rendered(row.card, row.language, organisation, row.person_id)
            folder = settings.data / "shown" / row.delivery_id.hex[:12]
            out.text(f"--- {row.created_at.astimezone(BRUSSELS):%Y-%m-%d %H:%M}  {row.address.channel}  {row.fate}")
            out.text(await cards.as_text(card, files, folder) + "\n")
            if out.as_json:
                listed.append(
                    {**await cards.as_json(card, files, folder), "channel": row.address.channel, "fate": row.fate}
                )
        out.json(listed)
        if not told:
            out.line("cli.inbox.empty")
        return DONE


async def _printed(terminal: Terminal, out: Output, shown: list[Shown]) -> list[dict[str, Any]]:
    """Prints cards for people; gives what scripts are to be given."""
    listed: list[dict[str, Any]] = []
    for each in shown:
        folder = terminal.folder()
        if out.as_json:
            listed.append(await cards.as_json(each.card, each.files, folder))
        else:
            out.text(await cards.as_text(each.card, each.files, folder) + "\n")
    return listed


async def _read_line(prompt: bool) -> str | None:
    """The next line that is typed; None at the end."""

    def read() -> str | None:
        try:
            return input("> ") if prompt else (sys.stdin.readline() or None)
        except EOFError:
            return None

    return await asyncio.to_thread(read)
