"""`broadcast`: a message from whoever speaks for a building to many: seen before it is sent, sent, watched, stopped."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from core.buildings.model import Known
from core.database import UnitOfWork
from core.documents import service as documents
from core.documents.model import SYNDIC, admitted
from core.kernel.clock import BRUSSELS, local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import say
from core.messaging.channel import Address, Evidence
from core.messaging.delivery import REASONS
from core.messaging.kinds import Urgency
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts.model import (
    CANCELLED,
    Audience,
    Broadcast,
    Occasion,
    Outcome,
    Paper,
    Preview,
    Progress,
    Sent,
    Wording,
)
from core.people import service as people
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Deed
from core.people.model import EMAIL
from koprogo.application import Application, opened
from koprogo.commands.building import one_building
from koprogo.commands.talk import clean_address
from koprogo.output import DONE, Output, Refusal, WrongInput
from koprogo.settings import Settings, reachable

LARGEST_TEXT = 100_000
"""Bytes of a text that are read."""


async def broadcast(options: Namespace, settings: Settings, out: Output) -> int:
    async with opened(settings, reach=reachable(settings)) as application:
        organisation, known = await one_building(application, options.building)
        who = await _named(application, organisation, options.person)
        async with application.database.work(organisation) as uow:
            author = await _author(uow, known, who)
            about = options.progress or options.again or options.stop
            if about is None:
                draft = await _draft(uow, known, author, options)
                if options.send:
                    new = await broadcasts.find(uow, draft.broadcast_id) is None
                    done = await broadcasts.send(uow, draft)
                    if new:
                        noted = {"audience": str(draft.audience), "people": done.total}
                        await _note(uow, Deed.BROADCAST_SENT, done.sent, noted)
                    missed = await broadcasts.unreached(uow, draft.broadcast_id, author)
                    await uow.commit()
                    _show_progress(done, missed, out)
                else:
                    _show_preview(draft, await broadcasts.preview(uow, draft), out)
                return DONE
            before = await _of_building(uow, known, author, about)
            named = before.broadcast.broadcast_id
            if options.stop:
                stopped = await broadcasts.stop(uow, named, author)
                if before.stopped_at is None:
                    await _note(uow, Deed.BROADCAST_STOPPED, before, {"cancelled": stopped.cancelled})
                await uow.commit()
                out.line("cli.broadcast.stopped", count=stopped.cancelled)
                out.line("cli.broadcast.had_left", count=stopped.left + stopped.leaving)
                out.json(
                    {
                        "broadcast": str(named),
                        "left": stopped.left,
                        "leaving": stopped.leaving,
                        "cancelled": stopped.cancelled,
                    }
                )
                return DONE
            if options.again:
                done = await broadcasts.again(uow, named, author)
                if done.sent.attempts > before.attempts:
                    await _note(uow, Deed.DELIVERY_RETRIED, before, {})
            else:
                done = await broadcasts.progress(uow, named, author)
            missed = await broadcasts.unreached(uow, named, author)
            await uow.commit()
            _show_progress(done, missed, out)
    return DONE


async def _named(application: Application, organisation: UUID, address: str | None) -> UUID | None:
    """Who sends, where the command says so. Refused where nobody of the building's organisation is at that address."""
    if address is None:
        return None
    email = clean_address(address)
    found = dict(await people.known_at(application.database, Address(EMAIL, email)))
    if organisation not in found:
        raise Refusal("cli.nobody_at", address=email)
    return found[organisation]


async def _author(uow: UnitOfWork, known: Known, named: UUID | None) -> UUID:
    """Who sends: who was named, else the syndic, else the first of the council."""
    if named is not None:
        return named
    able = await broadcasts.authors(uow, known.building_id)
    if not able:
        raise Refusal("broadcast.not_allowed")
    return next((member for member in able if SYNDIC in member.roles), able[0]).person


async def _draft(uow: UnitOfWork, known: Known, author: UUID, options: Namespace) -> Broadcast:
    """What the command says. The same words to the same people on the same day are the same broadcast, however often it is sent."""
    if not (options.audience and options.title and options.text):
        raise WrongInput("cli.broadcast.incomplete")
    original = options.lang or known.building.languages[0]
    if original not in LANGUAGES:
        raise WrongInput("cli.wrong_language", value=original[:20], known=", ".join(LANGUAGES))
    wordings = {original: Wording(options.title, await _text(options.text))}
    for language, title, file in options.translation or ():
        if language not in LANGUAGES or language in wordings:
            raise WrongInput("cli.wrong_language", value=language[:20], known=", ".join(LANGUAGES))
        wordings[language] = Wording(title, await _text(file))
    try:
        audience = Audience.parse(options.audience)
    except DomainError as error:
        raise WrongInput(error.text.key, **error.text.values) from error
    occasion = _occasion(options.event, options.place) if options.event else None
    said = [(language, each.title, each.body) for language, each in sorted(wordings.items())]
    content = repr((str(audience), said, options.kind, options.urgency, options.attach, occasion, local_day(uow.now)))
    return Broadcast(
        uuid5(known.building_id, content),
        known.building_id,
        author,
        audience,
        wordings,
        original,
        options.kind,
        Urgency[options.urgency.upper()] if options.urgency else None,
        await _papers(uow, known, options.attach or ()),
        occasion,
    )


async def _papers(uow: UnitOfWork, known: Known, files: Sequence[str]) -> tuple[Paper, ...]:
    """Documents of the building by the names of their files."""
    listed = {row.document.file: row for row in await documents.visible(uow, known.building_id, (SYNDIC,))}
    for file in files:
        if file not in listed:
            raise Refusal("cli.broadcast.no_paper", file=file[:80])
    rows = [listed[file] for file in dict.fromkeys(files)]
    return tuple(Paper(row.document_id, row.document.title, admitted(row.document.visible_to)) for row in rows)


async def _note(uow: UnitOfWork, deed: Deed, sent: Sent, after: Mapping[str, Any]) -> None:
    """Writes into the log what was done to a broadcast."""
    broadcast = sent.broadcast
    title = broadcast.wordings[broadcast.original].title
    noted = {"broadcast": str(broadcast.broadcast_id), **after}
    await audit.record(uow, COMMAND, deed, title, None, noted, broadcast.building)


async def _of_building(uow: UnitOfWork, known: Known, author: UUID, name: str) -> Sent:
    """The broadcast of that building whose identity begins like this."""
    wanted = name.strip().lower()
    found = [
        sent
        for sent in await broadcasts.sent(uow, known.building_id, author)
        if wanted and str(sent.broadcast.broadcast_id).startswith(wanted)
    ]
    if len(found) != 1:
        raise Refusal("broadcast.unknown")
    return found[0]


async def _text(file: str) -> str:
    """The words of a file; of standard input for `-`."""

    def read() -> bytes:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST_TEXT + 1)
        with Path(file).open("rb") as opened_file:
            return opened_file.read(LARGEST_TEXT + 1)

    try:
        return (await asyncio.to_thread(read)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongInput("cli.broadcast.no_text", file=file[:80]) from error


def _occasion(written: str, place: str | None) -> Occasion:
    """Reads `2026-12-05T19:00/2026-12-05T21:00`, `2026-12-05`, and the like; without an offset on the building's clock."""
    begins, _, ends = written.partition("/")
    try:
        return Occasion(_moment(begins), _moment(ends) if ends else None, place or "")
    except ValueError as error:
        raise WrongInput("cli.wrong_time", value=written[:40]) from error


def _moment(written: str) -> datetime | date:
    if len(written) == len("2026-12-05"):
        return date.fromisoformat(written)
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=BRUSSELS)


# ------------------------------------------------------------------------------------------------------------ what is shown


def _show_preview(draft: Broadcast, preview: Preview, out: Output) -> None:
    out.line("cli.broadcast.would", count=len(preview.reached))
    for channel, count in preview.channels.items():
        out.text(f"{count:7}  {out.words(say(f'channel.{channel}'))}")
    for wait, count in preview.waits.items():
        out.text(f"{count:7}  {out.words(say(f'cli.broadcast.{wait}'))}")
    if preview.unreached:
        out.line("cli.broadcast.would_miss", count=len(preview.unreached))
        for row in preview.unreached:
            out.text(f"         {row.member.name}: {_why(out, row.reason)}")
    if without := [row for row in preview.reached if row.without]:
        out.line("cli.broadcast.without", count=len(without))
        for row in without:
            out.text(f"         {row.member.name}: {', '.join(row.without)}")
    out.json(
        {
            "broadcast": str(draft.broadcast_id),
            "reached": len(preview.reached),
            "unreached": len(preview.unreached),
            "channels": dict(preview.channels),
            "when": dict(preview.waits),
            "reasons": dict(preview.reasons),
            "languages": dict(preview.languages),
            "recipients": [
                {
                    "person": row.member.code,
                    "name": row.member.name,
                    "language": row.language,
                    "channel": row.channel,
                    "when": row.wait,
                    "due": row.due.isoformat() if row.due else None,
                    "reason": row.reason,
                    "without": list(row.without),
                }
                for row in preview.everybody
            ],
        }
    )


def _show_progress(progress: Progress, missed: Sequence[Outcome], out: Output) -> None:
    """Counts, and who has not been reached by now."""
    sent = progress.sent
    out.line("cli.broadcast.sent", id=str(sent.broadcast.broadcast_id), at=sent.at, count=progress.total)
    if sent.stopped_at:
        out.line("cli.broadcast.stopped_at", at=sent.stopped_at)
    for counts, family in ((progress.fates, "cli.broadcast.fate"), (progress.channels, "channel")):
        for name, count in counts.items():
            out.text(f"{count:7}  {out.words(say(f'{family}.{name}'))}")
    for evidence, count in _named_evidence(progress.evidence).items():
        out.text(f"{count:7}  {evidence}")
    if missed:
        out.line("cli.broadcast.missed", count=len(missed))
        for row in missed:
            out.text(f"         {row.name}: {_outcome(out, row)}")
    out.json(
        {
            "broadcast": str(sent.broadcast.broadcast_id),
            "sent_at": sent.at.isoformat(),
            "stopped_at": sent.stopped_at.isoformat() if sent.stopped_at else None,
            "attempts": sent.attempts,
            "people": progress.total,
            "pending": progress.pending,
            "fates": dict(progress.fates),
            "channels": dict(progress.channels),
            "evidence": _named_evidence(progress.evidence),
            "reasons": dict(progress.reasons),
            "unreached": [
                {"name": row.name, "fate": row.fate, "channel": row.channel, "reason": row.reason} for row in missed
            ],
        }
    )


def _outcome(out: Output, row: Outcome) -> str:
    fate = out.words(say(f"cli.broadcast.fate.{row.fate}"))
    return f"{fate} ({_why(out, row.reason)})" if row.reason else fate


def _why(out: Output, reason: str) -> str:
    return out.words(say(f"skipped.{reason}")) if reason in (*REASONS, CANCELLED) else reason


def _named_evidence(counts: Mapping[Evidence, int]) -> dict[str, Any]:
    return {evidence.name.lower(): count for evidence, count in sorted(counts.items())}
