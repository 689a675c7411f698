"""`letters`: what lies in the print tray, onto paper and into the post."""

from __future__ import annotations

import asyncio
import getpass
import os
from argparse import Namespace
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from channels.letter import reference
from core.buildings import service as buildings
from core.kernel.clock import local_day
from core.outbox.letters import service as tray
from core.outbox.letters.model import Letter
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Deed
from koprogo.application import Application, opened
from koprogo.output import DONE, Output, Refusal, WrongInput
from koprogo.settings import Settings, reachable

NOBODY = "-"
"""Stands for who posted a letter where the system has no name for whoever types."""


async def letters(options: Namespace, settings: Settings, out: Output) -> int:
    if options.on is not None and options.posted is None:
        raise WrongInput("cli.letters.on_alone")
    async with opened(settings, reach=reachable(settings)) as application:
        waiting = await _waiting(application)
        if options.posted is not None:
            return await _post(application, waiting, options.posted, options.on, out)
        if options.print is not None:
            return await _print(application, waiting, Path(options.print), out)
    for _, letter in waiting:
        key = "cli.letters.printed" if letter.printed_at else "cli.letters.waiting"
        out.line(
            key, reference=reference(letter.delivery_key), name=letter.name, day=letter.made_at, count=letter.pages
        )
    if not waiting:
        out.line("cli.letters.empty")
    out.json([_listed(letter) for _, letter in waiting])
    return DONE


async def _print(application: Application, waiting: Sequence[tuple[UUID, Letter]], folder: Path, out: Output) -> int:
    """Writes every letter of the tray as a file, and marks it as printed."""
    written = []
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for organisation, letter in waiting:
        path = folder / f"{reference(letter.delivery_key).replace(' ', '')}-{letter.letter_id.hex[:4]}.pdf"
        try:
            pdf = await application.shelf.get(letter.file)
        except (OSError, ValueError) as error:
            raise Refusal("cli.letters.gone", reference=reference(letter.delivery_key)) from error
        await asyncio.to_thread(_write, path, pdf)
        async with application.database.work(organisation) as uow:
            await tray.printed(uow, [letter.letter_id])
            await uow.commit()
        written.append({**_listed(letter), "path": str(path)})
    out.line("cli.letters.written", count=len(written), folder=str(folder))
    out.json(written)
    return DONE


async def _post(
    application: Application,
    waiting: Sequence[tuple[UUID, Letter]],
    named: Sequence[str],
    day: str | None,
    out: Output,
) -> int:
    """Marks letters as posted: all of those that were named, or none."""
    chosen = {
        letter.letter_id: (organisation, letter) for organisation, letter in (_named(waiting, name) for name in named)
    }
    after: list[Letter] = []
    for organisation in {organisation for organisation, _ in chosen.values()}:
        mine = [letter.letter_id for owner, letter in chosen.values() if owner == organisation]
        async with application.database.work(organisation) as uow:
            await tray.posted(uow, mine, _who(), _day(day) if day else local_day(uow.now))
            done = [letter for letter in [await tray.find(uow, letter) for letter in mine] if letter]
            for letter in done:
                posted_on = letter.posted_on.isoformat() if letter.posted_on else ""
                noted = {"letter": str(letter.letter_id), "posted_on": posted_on}
                await audit.record(uow, COMMAND, Deed.LETTER_POSTED, letter.name, None, noted)
            after += done
            await uow.commit()
    out.line("cli.letters.posted", count=len(after))
    out.json([_listed(letter) for letter in after])
    return DONE


async def _waiting(application: Application) -> list[tuple[UUID, Letter]]:
    """What lies in the tray of each organisation, oldest first."""
    found: list[tuple[UUID, Letter]] = []
    for organisation in (await buildings.organisations(application.database)).values():
        async with application.database.work(organisation) as uow:
            found += [(organisation, letter) for letter in await tray.tray(uow)]
    return sorted(found, key=lambda row: (row[1].made_at, row[1].delivery_key))


def _named(waiting: Sequence[tuple[UUID, Letter]], name: str) -> tuple[UUID, Letter]:
    """The one letter with that id, or with that reference on its paper."""
    wanted = "".join(name.split()).replace("-", "").lower()
    found = [
        row
        for row in waiting
        if wanted in (row[1].letter_id.hex, reference(row[1].delivery_key).replace(" ", "").lower())
    ]
    if not found:
        raise Refusal("cli.letters.unknown", id=name[:60])
    if len(found) > 1:
        raise Refusal("cli.letters.ambiguous", id=name[:60])
    return found[0]


def _listed(letter: Letter) -> dict[str, Any]:
    return {
        "id": str(letter.letter_id),
        "reference": reference(letter.delivery_key),
        "to": letter.name,
        "pages": letter.pages,
        "made_at": letter.made_at.isoformat(),
        "printed_at": letter.printed_at.isoformat() if letter.printed_at else None,
        "posted_on": letter.posted_on.isoformat() if letter.posted_on else None,
        "posted_by": letter.posted_by,
    }


def _write(path: Path, pdf: bytes) -> None:
    """Only whoever prints may read what is between the sender and one reader."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pdf)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongInput("cli.wrong_time", value=text[:40]) from error


def _who() -> str:
    """The name by which the system knows whoever types."""
    try:
        return getpass.getuser() or NOBODY
    except (KeyError, OSError):
        return NOBODY
