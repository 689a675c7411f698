"""`migrate`, `invite`, `outbox`, `tick`, `understand`: for whoever runs the installation."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections import Counter
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from bot.understanding import Understanding, as_json
from bot.ways import Way
from channels.console import NAME, Console
from core.buildings import service as buildings
from core.kernel.clock import BRUSSELS, local_day, system_clock
from core.kernel.i18n import LANGUAGES
from core.kernel.periods import CALENDAR_YEAR
from core.kernel.text import say
from core.messaging.channel import Address, Evidence
from core.messaging.delivery import REASONS
from core.migrations.upgrade import HEAD, upgrade
from core.outbox import service as outbox
from core.outbox.model import Told
from core.people import service as people
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Deed
from core.people.model import EMAIL
from koprogo.application import Application, opened, owner_of
from koprogo.channels import configured, ways
from koprogo.commands.building import one_building
from koprogo.commands.talk import clean_address, clock_at
from koprogo.due import do_all
from koprogo.output import DONE, Output, Refusal, WrongInput, json_text
from koprogo.settings import Settings, reachable

ASK_SECONDS = 10.0
"""How long a channel is waited for to say who we are there."""
ENDED = ("cancelled", "changed", "worn_out", "bounced", "bounced_softly", "no_channel")
"""Other reasons for which there are words: how a delivery that was planned came to nothing."""
LINKABLE = ("telegram", "matrix", "email")
"""The channels that an invitation can tie."""


async def migrate(options: Namespace, settings: Settings, out: Output) -> int:
    changed = await upgrade(await owner_of(settings), renew_role=True)
    out.line("cli.migrate.done" if changed else "cli.migrate.current", version=HEAD)
    out.json({"version": HEAD, "changed": changed})
    return DONE


async def invite(options: Namespace, settings: Settings, out: Output) -> int:
    email = clean_address(options.person)
    if options.channel not in LINKABLE:
        raise WrongInput("cli.invite.unknown_channel", channel=options.channel[:40], known=", ".join(LINKABLE))
    invitations: list[dict[str, Any]] = []
    async with opened(settings) as application:
        persons = await people.known_at(application.database, Address(EMAIL, email))
        if not persons:
            raise Refusal("cli.nobody_at", address=email)
        way = await _way(application, options.channel)
        for organisation, person in persons:
            async with application.database.work(organisation) as uow:
                code = await people.invite(uow, person, options.channel)
                expires = uow.now + people.INVITATION_LASTS
                await audit.record(uow, COMMAND, Deed.INVITED, f"person {email}", None, {"channel": options.channel})
                await uow.commit()
            link = way.link.replace("{code}", code) if way and way.link else None
            invitations.append({"channel": options.channel, "code": code, "link": link, "expires": expires.isoformat()})
            out.line("cli.invite.code", code=code, expires=expires)
            if link:
                out.line("cli.invite.link", link=link)
            if way:
                out.text(out.words(way.say))
            else:
                out.line("cli.invite.no_link")
    out.json(invitations)
    return DONE


async def show_outbox(options: Namespace, settings: Settings, out: Output) -> int:
    listed: list[Told] = []
    reasons: Counter[str] = Counter()
    async with opened(settings, reach=reachable(settings)) as application:
        for organisation in (await buildings.organisations(application.database)).values():
            async with application.database.work(organisation) as uow:
                listed += await outbox.deliveries(uow, failed=options.failed)
                reasons.update(await outbox.reasons(uow))
    listed.sort(key=lambda row: row.created_at)
    for row in listed:
        out.text(
            f"{row.created_at.astimezone(BRUSSELS):%Y-%m-%d %H:%M}  {row.address.channel or '-':9} {row.address.handle or '-':32} "
            f"{row.kind:8} {row.fate:8} {Evidence(row.evidence).name.lower():12} {row.attempts}  {_why(out, row.reason)}"
        )
    for reason, count in reasons.most_common():
        out.text(f"{count:5}  {_why(out, reason)}")
    if not listed:
        out.line("cli.outbox.empty")
    out.json(
        [
            {
                "to": row.address.handle,
                "channel": row.address.channel,
                "kind": row.kind,
                "fate": row.fate,
                "evidence": Evidence(row.evidence).name.lower(),
                "attempts": row.attempts,
                "reason": row.reason,
                "at": row.created_at.isoformat(),
                "sent_at": row.sent_at.isoformat() if row.sent_at else None,
                "tried": [{"channel": each.channel, "to": each.handle} for each in row.tried],
                "went_on": row.next_way is not None,
            }
            for row in listed
        ]
    )
    return DONE


def _why(out: Output, reason: str) -> str:
    """Why something was not sent, in words; what a wire said stays as it said it."""
    return out.words(say(f"skipped.{reason}")) if reason in (*REASONS, *ENDED) else reason


async def tick(options: Namespace, settings: Settings, out: Output) -> int:
    """What is due at that time, once: messages not answered yet, what falls due in the buildings, deliveries not sent yet."""
    async with opened(
        settings, clock=clock_at(options.at), channels={NAME: Console()}, reach=reachable(settings)
    ) as application:
        reception = application.reception()
        application.channels.update(
            configured(settings, application.database, application.catalogues, reception.receive, application.shelf)
        )
        await reception.catch_up()
        await reception.idle()
        await do_all(application.database)
        sent = await application.courier.drain()
    out.line("cli.tick.done", count=sent)
    out.json({"deliveries": sent})
    return DONE


async def understand(options: Namespace, settings: Settings, out: Output) -> int:
    """Lines on standard input -> one JSON object a line."""
    if options.lang is not None and options.lang not in LANGUAGES:
        raise WrongInput("cli.wrong_language", value=options.lang[:20], known=", ".join(LANGUAGES))
    today = _day(options.today) if options.today else local_day(system_clock())
    start = CALENDAR_YEAR
    if options.building:
        async with opened(settings) as application:
            _, known = await one_building(application, options.building)
            start = known.building.financial_year_start
    understanding = Understanding.load()
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        reading = understanding.read(text, language=options.lang, today=today, year_start=start)
        print(json_text(as_json(text, reading)), flush=True)
    return DONE


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
    except ValueError as error:
        raise WrongInput("cli.wrong_time", value=text[:40]) from error


async def _way(application: Application, channel: str) -> Way | None:
    """How somebody reaches us on a channel; None where it is not configured, or does not answer at once."""

    async def nothing(inbound: object) -> None:
        """An invitation only asks who we are; nothing is received."""

    channels = configured(
        application.settings, application.database, application.catalogues, lambda name: nothing, application.shelf
    )
    found: dict[str, Way] = {}
    with suppress(TimeoutError):
        await asyncio.wait_for(ways(application.settings, channels, found), ASK_SECONDS)
    return found.get(channel)
