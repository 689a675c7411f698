"""Everything in one process, or the parts named: the bot with its channels, the pages, the clock."""

from __future__ import annotations

import asyncio
import logging
import signal
from argparse import Namespace
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from aiohttp import web

from bot.trace import trace
from core.database import Busy, Database, answers
from core.inbox import service as inbox
from core.messaging.channel import Channel, TryLater
from koprogo.application import Application, opened
from koprogo.behind import BehindLinks
from koprogo.channels import CHANNELS, configured, links, ways
from koprogo.output import DONE, Output, Refusal, WrongInput
from koprogo.settings import Settings, reachable
from koprogo.version import VERSION
from web_admin.routes import Part, Status, routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from apscheduler.schedulers.asyncio import AsyncIOScheduler

logger = logging.getLogger(__name__)

PARTS = ("bot", "web", "scheduler")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts of a channel that fails: doubled each time."""
LOOK_SECONDS = 2.0
"""How often the bot looks for what other processes told its channels to say."""
ELECTION_SECONDS = 5.0
"""How soon another process takes the clock over."""
TICKS_LOCK = 0x6B6F7474
"""The advisory lock that elects the one process whose clock ticks."""


async def serve(options: Namespace, settings: Settings, out: Output) -> int:
    parts = chosen_parts(options.only)
    stop = stopped_by_signal()
    async with running(settings, parts) as application:
        if "web" in parts or settings.telegram_webhook_url:
            out.line("cli.serve.web", address=f"http://{settings.http_host}:{settings.http_port}")
        if "bot" in parts:
            for name in sorted(set(CHANNELS) & set(application.channels)):
                out.line("cli.serve.channel", channel=name)
            for name in sorted(set(CHANNELS) - set(application.channels)):
                out.line("cli.serve.channel_off", channel=name)
        out.json({"parts": list(parts), "channels": sorted(set(CHANNELS) & set(application.channels))})
        await stop.wait()
    return DONE


def stopped_by_signal() -> asyncio.Event:
    """Set when the process is asked to stop, so that everything is closed in order."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    return stop


def chosen_parts(only: str | None) -> tuple[str, ...]:
    if only is None:
        return PARTS
    named = [part.strip() for part in only.split(",") if part.strip()]
    if not named or set(named) - set(PARTS):
        raise WrongInput("cli.serve.unknown_part", value=only[:60], known=", ".join(PARTS))
    return tuple(part for part in PARTS if part in named)


@asynccontextmanager
async def running(settings: Settings, parts: tuple[str, ...]) -> AsyncIterator[Application]:
    """The parts at work, until the block ends."""
    async with AsyncExitStack() as stack:
        application = await stack.enter_async_context(opened(settings, reach=reachable(settings)))
        pages = web.Application(client_max_size=2**20)
        tasks: list[asyncio.Task[None]] = []
        if "web" in parts:
            behind = BehindLinks(application.database, links(settings))
            pages.router.add_routes(routes(lambda: _status(application, parts), application.catalogues, behind))
        if "bot" in parts:
            reception = application.reception()
            application.channels.update(
                configured(settings, application.database, application.catalogues, reception.receive, application.shelf)
            )
            tasks.append(asyncio.create_task(ways(settings, application.channels, application.ways)))
            for channel in application.channels.values():
                pages.router.add_routes(channel.routes())
                tasks.append(asyncio.create_task(kept_up(channel)))
            if application.channels:
                await reception.catch_up()
                tasks.append(asyncio.create_task(_repeated(reception.catch_up, LOOK_SECONDS)))
                tasks.append(asyncio.create_task(_repeated(application.courier.drain, LOOK_SECONDS)))
        if "scheduler" in parts:
            from scheduler.ticks import clock

            tasks.append(asyncio.create_task(_elected(application.database, lambda: clock(_ticks(application)))))
        stack.push_async_callback(_stopped, tasks)
        if pages.router.routes():
            await _listen(stack, pages, settings)
        yield application


async def kept_up(channel: Channel, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Has a channel listen, and again when it fails, after a pause that grows."""
    pause = FIRST_PAUSE
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await channel.run()
            return
        except TryLater as error:
            logger.warning("%s: %s", channel.name, error.reason)
            pause = max(pause, error.after.total_seconds())
        except Exception as error:
            logger.error("%s stopped listening\n%s", channel.name, trace(error))
        await sleep(min(pause, LONGEST_PAUSE))
        lasted = asyncio.get_running_loop().time() - began
        pause = FIRST_PAUSE if lasted > LONGEST_PAUSE * 2 else pause * 2


async def _status(application: Application, parts: tuple[str, ...]) -> Status:
    healthy = True
    try:
        counts = await asyncio.wait_for(inbox.counts(application.database), 2.0)
    except Exception:
        healthy, counts = False, {}
    rows = [Part("database", "running" if healthy else "down")]
    rows += [Part(name, "running" if name in parts else "elsewhere") for name in PARTS]
    reached = reachable(application.settings)
    rows += [Part(name, "running" if name in reached else "off") for name in CHANNELS]
    if counts.get("set_aside"):
        rows.append(Part("set_aside", "waiting"))
    return Status(healthy, VERSION, rows)


def _ticks(application: Application) -> dict[str, Callable[[], Awaitable[object]]]:
    """What falls due. Deliveries are the bot's; nothing else falls due yet but what was left over."""

    async def leftovers() -> None:
        if application.channels:
            await application.courier.drain()

    return {"deliveries": leftovers}


async def _elected(database: Database, make: Callable[[], AsyncIOScheduler]) -> None:
    """Ticks in one process only: whoever holds the lock; when he goes, the next one has it within seconds."""
    while True:
        try:
            async with database.elected(TICKS_LOCK) as connection:
                if connection is not None:
                    scheduler = make()
                    scheduler.start()
                    try:
                        while await answers(connection):  # noqa: ASYNC110 - the election is a poll by nature
                            await asyncio.sleep(ELECTION_SECONDS)
                    finally:
                        scheduler.shutdown(wait=False)
        except (Busy, OSError) as error:
            logger.warning("the clock waits for the database (%s)", type(error).__name__)
        except Exception as error:
            logger.error("the clock stopped\n%s", trace(error))
        await asyncio.sleep(ELECTION_SECONDS)


async def _repeated(work: Callable[[], Awaitable[object]], pause: float) -> None:
    while True:
        try:
            await work()
        except Exception as error:
            logger.error("looking for deliveries failed\n%s", trace(error))
        await asyncio.sleep(pause)


async def _listen(stack: AsyncExitStack, pages: web.Application, settings: Settings) -> None:
    runner = web.AppRunner(pages, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    except OSError as error:
        raise Refusal("cli.serve.port_taken", address=f"{settings.http_host}:{settings.http_port}") from error


async def _stopped(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
