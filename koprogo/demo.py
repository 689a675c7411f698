"""The main job on the embedded database: a sample building, and a short talk in four languages."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from channels.console import NAME, Console
from core.buildings import service as buildings
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.kernel.clock import BRUSSELS
from core.people.accounts import service as accounts
from core.people.accounts.model import ADMIN_LASTS, Role
from koprogo import cards
from koprogo.application import opened
from koprogo.commands.building import run_import
from koprogo.commands.talk import Terminal, chat
from koprogo.office import link
from koprogo.output import DONE, Output
from koprogo.serve import PARTS, running, stopped_by_signal
from koprogo.settings import Settings, reachable

SAMPLE = Path(__file__).parent / "sample" / "residence-les-tilleuls"
ORGANISATION = "demo"
MOMENT = datetime(2026, 11, 22, 10, 30, tzinfo=BRUSSELS)
"""When the sample talk takes place: the sample building's bills end there."""
SYNDIC = ("nathalie.renard@renard-gestion.example", "Nathalie Renard")
"""Who looks after the sample building, and has an account of the office."""
TALK = (
    ("lea.dubois@tilleuls.example", "Léa", "Bonjour, combien je dois ce trimestre ?"),
    ("lea.dubois@tilleuls.example", "Léa", "comment je paie ?"),
    ("tom.vermeulen@tilleuls.example", "Tom", "Heb ik alles betaald voor dit kwartaal?"),
    ("tom.vermeulen@tilleuls.example", "Tom", "en waar komt dat bedrag vandaan?"),
    ("anna.schmitz@tilleuls.example", "Anna", "Ist meine Zahlung angekommen?"),
    ("james.carter@tilleuls.example", "James", "What do I owe this quarter?"),
    ("james.carter@tilleuls.example", "James", "how much is in the reserve fund?"),
)


async def demo(options: Namespace, settings: Settings, out: Output) -> int:
    await _load(settings, out)
    await _talk(settings, out)
    await _office(settings, out)
    if options.once:
        return DONE
    stop = stopped_by_signal()
    async with running(settings, PARTS):
        out.line("cli.serve.web", address=f"http://{settings.http_host}:{settings.http_port}")
        if sys.stdin.isatty():
            out.line("cli.demo.chat", name="Léa Dubois")
            await chat(Namespace(person=TALK[0][0], at=MOMENT.isoformat(), building=None, text=[]), settings, out)
        else:
            out.line("cli.demo.stop")
            await stop.wait()
    return DONE


async def _load(settings: Settings, out: Output) -> None:
    """Loads the sample building, if it is absent."""
    with Folder.open(SAMPLE) as folder:
        async with opened(settings, reach=reachable(settings)) as application:
            if ORGANISATION in await buildings.organisations(application.database):
                return
            done = await run_import(application, await asyncio.to_thread(read_building, folder), ORGANISATION, False)
    building = done.building.building
    out.line("cli.import.done_add", building=building.name, slug=building.slug, lots=done.lots, people=done.people)


async def _office(settings: Settings, out: Output) -> None:
    """A one-time link into the office, for who sits at this terminal."""
    email, name = SYNDIC
    async with opened(settings) as application:
        organisation = (await buildings.organisations(application.database))[ORGANISATION]
        async with application.database.work(organisation) as uow:
            account, _ = await accounts.employ(uow, email, name, "fr", Role.SYNDIC, across=True)
            token = await accounts.link_for(uow, account, ADMIN_LASTS)
            await uow.commit()
    out.line("cli.demo.office", name=name, link=link(settings, token))


async def _talk(settings: Settings, out: Output) -> None:
    console = Console()
    moment = MOMENT.astimezone(UTC)
    out.line("cli.demo.begin", at=MOMENT)
    async with opened(settings, clock=lambda: moment, channels={NAME: console}) as application:
        folder = settings.data / "shown" / "demo"
        told = []
        for email, name, question in TALK:
            terminal = Terminal(application, console, email, None)
            await terminal.open()
            out.text(f"\n{name}> {question}\n")
            for shown in await terminal.say(question):
                out.text(await cards.as_text(shown.card, shown.files, folder))
                told.append(await cards.as_json(shown.card, shown.files, folder))
        out.json(told)
    out.text("")
