"""Everything in one process, or the parts named: the bot with its channels, the pages, the clock."""

from __future__ import annotations

import asyncio
import logging
import signal
from argparse import Namespace
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from bot.trace import trace
from core.inbox import service as inbox
from core.messaging.channel import Channel, TryLater
from koprogo.application import Application, opened
from koprogo.behind import BehindLinks
from koprogo.channels import CHANNELS, account_of, configured, links, ways
from koprogo.due import DUE
from koprogo.election import while_elected
from koprogo.output import DONE, Output, Refusal, WrongInput
from koprogo.settings import Settings, reachable
from koprogo.version import VERSION
from web_admin.routes import Part, Status, routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

logger = logging.getLogger(__name__)

PARTS = ("bot", "web", "scheduler")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts of a channel that fails: doubled each time."""
LOOK_SECONDS = 2.0
"""How often the bot looks for what other processes told its channels to say."""
TICKS = "ticks"
"""The office of the one process whose clock ticks."""


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
            from koprogo import office
            from web_admin.api.routes import routes as api_routes

            pages.router.add_routes(api_routes(application.database, application.catalogues, trace))
            pages.add_subapp(office.PREFIX, office.pages(application))
        if "bot" in parts:
            reception = application.reception()
            application.channels.update(
                configured(settings, application.database, application.catalogues, reception.receive, application.shelf)
            )
            tasks.append(asyncio.create_task(ways(settings, application.channels, application.ways)))
            for channel in application.channels.values():
                pages.router.add_routes(channel.routes())
                tasks.append(asyncio.create_task(received(application, channel)))
            if application.channels:
                await reception.catch_up()
                tasks.append(asyncio.create_task(_repeated(reception.catch_up, LOOK_SECONDS)))
                for name in application.channels:
                    tasks.append(asyncio.create_task(_repeated(application.courier.lane(name).drain, LOOK_SECONDS)))
        if "scheduler" in parts:
            ticking = partial(_ticking, application)
            tasks.append(asyncio.create_task(while_elected(application.database, TICKS, ticking)))
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
    """What falls due. Deliveries are the bot's, but for what was left over."""

    async def leftovers() -> None:
        if application.channels:
            await application.courier.drain()

    return {"deliveries": leftovers, **{name: partial(due, application.database) for name, due in DUE}}


async def _ticking(application: Application) -> None:
    """The clock of the elected process."""
    from scheduler.ticks import clock

    scheduler = clock(_ticks(application))
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)


async def received(application: Application, channel: Channel) -> None:
    """Has a channel listen: in one process only where its wire allows no more, else in each."""
    if channel.traits.one_receiver:
        office = f"receive:{channel.name}:{account_of(application.settings, channel.name)}"
        await while_elected(application.database, office, lambda: kept_up(channel))
    else:
        await kept_up(channel)


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
