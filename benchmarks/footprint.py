"""How large the program is and how soon it is there: `python benchmarks/footprint.py [--small]`.

Memory is the resident set of the whole process, the libraries that it shares with others included, without the database server: of
`koprogo demo` when it serves after its talk, and of `koprogo serve` with Telegram configured (a stand-in for its server runs here). Time
runs from the start of the command on a database that is initialised, the start of the bundled server included. `--small`: once each.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median

import psutil
from aiohttp import ClientError, ClientSession
from floor import figure, folder, machine

from tests.servers.mail import DOMAIN, HOST, PASSWORD, PEOPLE, mail
from tests.servers.synapse import PASSWORD as MATRIX_PASSWORD
from tests.servers.synapse import synapse
from tests.servers.telegram import TOKEN, BotApi

TIMES = 3
BOT = f"{PEOPLE[0]}@{DOMAIN}"
"""The mailbox of the program at the mail server."""
MOST_DEMO_MB, MOST_SERVE_MB, MOST_ALL_MB = 128, 144, 160
MOST_START_S, MOST_DEMO_S = 2.0, 5.0
PATIENCE_S = 60.0


def environment(data: Path, port: int, **more: str) -> dict[str, str]:
    """That of a command which knows nothing of this machine's own settings."""
    mine = {name: value for name, value in os.environ.items() if name != "DATABASE_URL" and "KOPROGO" not in name}
    return {**mine, "KOPROGO_DATA": str(data), "KOPROGO_HTTP_PORT": str(port), **more}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@asynccontextmanager
async def running(settings: dict[str, str], *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command at work; stopped as an operator stops it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "koprogo", *command),
        env=settings,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE_S)


async def once(settings: dict[str, str], *command: str) -> float:
    """Runs a command to its end; gives the seconds that it took."""
    begun = time.perf_counter()
    async with running(settings, *command) as process:
        if await process.wait():
            raise SystemExit(f"koprogo {' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - begun


def megabytes(process: asyncio.subprocess.Process) -> float:
    """The resident set of a process and of all that it started, but for the database server."""
    whole = psutil.Process(process.pid)
    parts = [whole, *(child for child in whole.children(recursive=True) if "postgres" not in child.name())]
    return float(sum(part.memory_info().rss for part in parts)) / 2**20


async def until(
    process: asyncio.subprocess.Process, reached: Callable[[], Awaitable[bool]], begun: float = 0.0
) -> float:
    """Waits for something; gives the seconds since `begun`."""
    given_up = time.perf_counter() + PATIENCE_S
    while not await reached():
        if process.returncode is not None:
            raise SystemExit(f"the command ended with {process.returncode}")
        if time.perf_counter() > given_up:
            raise SystemExit("nothing happened for too long")
        await asyncio.sleep(0.005)
    return time.perf_counter() - begun


async def called(api: BotApi, method: str, before: int) -> bool:
    """Whether a method was called more often than it had been `before`."""
    return len(api.called(method)) > before


async def healthy(port: int) -> bool:
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health") as answer:
            return answer.status == 200
    except (ClientError, OSError):
        return False


async def demo(data: Path, times: int) -> None:
    port = free_port()
    settings = environment(data, port)
    first = await once(settings, "demo", "--once")
    again = [await once(settings, "demo", "--once") for _ in range(times)]
    figure("koprogo demo --once, first run", f"{first:.2f} s")
    figure(
        "koprogo demo --once, second run",
        f"{median(again):.2f} s",
        median(again) < MOST_DEMO_S,
        f"< {MOST_DEMO_S:.0f} s",
    )
    async with running(settings, "demo") as process:
        await until(process, partial(healthy, port))
        await asyncio.sleep(1)
        resident = megabytes(process)
    figure(
        "koprogo demo, serving after its talk", f"{resident:.1f} MB", resident < MOST_DEMO_MB, f"< {MOST_DEMO_MB} MB"
    )


async def serve(data: Path, times: int) -> None:
    health, listening, resident = [], [], []
    async with BotApi() as api:
        lea = api.person("Léa", "fr")
        for _ in range(times):
            port = free_port()
            settings = environment(data, port, KOPROGO_TELEGRAM_TOKEN=TOKEN, KOPROGO_TELEGRAM_API=api.url)
            polls, answers = len(api.called("getUpdates")), len(api.called("sendMessage"))
            begun = time.perf_counter()
            async with running(settings, "serve") as process:
                polled = asyncio.create_task(until(process, partial(called, api, "getUpdates", polls), begun))
                health.append(await until(process, partial(healthy, port), begun))
                listening.append(await polled)
                lea.says("Bonjour")
                await until(process, partial(called, api, "sendMessage", answers))
                await asyncio.sleep(1)
                resident.append(megabytes(process))
    for name, seconds in (("/health answers after", health), ("Telegram is listened to after", listening)):
        figure(
            f"koprogo serve, {name}",
            f"{median(seconds):.2f} s",
            median(seconds) < MOST_START_S,
            f"< {MOST_START_S:.0f} s",
        )
    most = max(resident)
    figure(
        "koprogo serve with Telegram, after an answer", f"{most:.1f} MB", most < MOST_SERVE_MB, f"< {MOST_SERVE_MB} MB"
    )


async def everything(data: Path) -> None:
    """Telegram, Matrix with encryption, and e-mail by IMAP, each after an answer; by real servers but for Telegram's."""
    port, place = free_port(), data / "servers"
    place.mkdir(parents=True)
    async with BotApi() as api, synapse(place / "synapse") as homeserver, mail(place / "mail") as post:
        name = (await homeserver.register("kopro")).id
        settings = environment(
            data,
            port,
            KOPROGO_TELEGRAM_TOKEN=TOKEN,
            KOPROGO_TELEGRAM_API=api.url,
            KOPROGO_MATRIX_HOMESERVER=homeserver.url,
            KOPROGO_MATRIX_USER=name,
            KOPROGO_MATRIX_PASSWORD=MATRIX_PASSWORD,
            KOPROGO_EMAIL_ADDRESS=BOT,
            KOPROGO_EMAIL_SMTP=f"smtp://{HOST}:{post.smtp_port}",
            KOPROGO_EMAIL_IMAP=f"imap://{BOT.partition('@')[0]}:{PASSWORD}@{HOST}:{post.imap_port}",
        )
        async with running(settings, "serve") as process:
            await until(process, partial(healthy, port))
            stranger = await homeserver.newcomer("lea")
            room = await stranger.create(invite=[name], direct=True)
            await stranger.text(room, "Bonjour")
            api.person("Léa", "fr").says("Bonjour")
            words = f"From: lea@{DOMAIN}\r\nTo: {BOT}\r\nSubject: Bonjour\r\n\r\nBonjour\r\n"
            await post.submit(words.encode(), f"lea@{DOMAIN}", BOT)
            await stranger.hears(by=name)
            await until(process, partial(called, api, "sendMessage", 0))
            await asyncio.sleep(3)
            resident = megabytes(process)
    figure("koprogo serve with every channel", f"{resident:.1f} MB", resident < MOST_ALL_MB, f"< {MOST_ALL_MB} MB")


async def main(small: bool) -> None:
    machine()
    data, times = folder(), 1 if small else TIMES
    await demo(data, times)
    await serve(data, times)
    await everything(folder())  # a Telegram of its own, whose updates are counted from the beginning again


if __name__ == "__main__":
    asyncio.run(main("--small" in sys.argv[1:]))
