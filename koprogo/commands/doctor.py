"""`doctor`: looks at everything that an installation needs, and says what to do about each."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.inbox import service as inbox
from core.kernel.text import Text, say
from core.messaging.channel import ChannelError
from core.migrations.upgrade import HEAD, facts
from koprogo.application import Application, opened
from koprogo.channels import CHANNELS, configured
from koprogo.output import DONE, REFUSED, Output
from koprogo.settings import KNOWN, Settings, reachable
from koprogo.version import VERSION

GOOD, NOTE, BAD = "ok", "note", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, and what to do."""

    what: str
    state: str
    text: Text


async def doctor(options: Namespace, settings: Settings, out: Output) -> int:
    if options.settings:
        return _list_settings(out)
    findings = [Finding("program", GOOD, say("doctor.program", version=VERSION)), _root()]
    async with opened(settings, reach=reachable(settings)) as application:
        findings += await _database(application)
        findings += await _channels(application)
        findings.append(_backups(application))
        findings += await _set_aside(application)
    for finding in findings:
        out.text(f"{finding.state:5} {finding.what:12} {out.words(finding.text)}")
    out.json([{"what": row.what, "state": row.state, "text": out.words(row.text)} for row in findings])
    return REFUSED if any(finding.state == BAD for finding in findings) else DONE


def _list_settings(out: Output) -> int:
    listed = []
    for known in KNOWN:
        given = bool(os.environ.get(known.name))
        meaning = out.words(say(f"setting.{known.name.lower()}"))
        default = {None: "", True: "yes", False: "no"}.get(known.default, str(known.default))
        out.text(f"{known.name}\n    {meaning}")
        if default:
            out.line("doctor.default", value=default)
        listed.append(
            {"name": known.name, "meaning": meaning, "default": default, "given": given, "secret": known.secret}
        )
    out.json(listed)
    return DONE


def _root() -> Finding:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Finding("user", NOTE, say("doctor.root"))
    return Finding("user", GOOD, say("doctor.user"))


async def _database(application: Application) -> list[Finding]:
    known = await facts(application.database)
    where = "doctor.database" if application.settings.database_url else "doctor.embedded"
    findings = [Finding("database", GOOD, say(where, version=known.version, schema=HEAD))]
    if known.superuser or known.bypasses:
        findings.append(Finding("role", BAD, say("doctor.role_bad", role=known.role)))
    else:
        findings.append(Finding("role", GOOD, say("doctor.role", role=known.role)))
    return findings


async def _channels(application: Application) -> list[Finding]:
    """Each channel: off, or whether its servers take us."""

    async def nothing(inbound: object) -> None:
        """The doctor only looks; nothing is received."""

    settings, on = application.settings, reachable(application.settings)
    channels = configured(
        settings, application.database, application.catalogues, lambda name: nothing, application.shelf
    )
    findings = []
    for name in CHANNELS:
        if name not in on:
            findings.append(Finding(name, NOTE, say(f"doctor.{name}_off")))
            continue
        channel = channels[name]
        assert isinstance(channel, Answering)
        try:
            findings.append(Finding(name, GOOD, say(f"doctor.{name}", name=await channel.whoami())))
        except (ChannelError, OSError) as error:
            reason = error.reason if isinstance(error, ChannelError) else error.strerror or ""
            findings.append(Finding(name, BAD, say(f"doctor.{name}_bad", reason=reason)))
    return [*findings, _certificate(settings), _links(settings)]


@runtime_checkable
class Answering(Protocol):
    """A channel that can say who it is at its servers, which takes them to answer."""

    async def whoami(self) -> str: ...


def _certificate(settings: Settings) -> Finding:
    """Telegram calls us only by https."""
    address = settings.telegram_webhook_url
    if address is None:
        return Finding("certificate", GOOD, say("doctor.no_certificate"))
    if address.startswith("https://"):
        return Finding("certificate", NOTE, say("doctor.certificate", address=address))
    return Finding("certificate", BAD, say("doctor.certificate_bad", address=address))


def _links(settings: Settings) -> Finding:
    if settings.public_url:
        return Finding("links", GOOD, say("doctor.links", address=settings.public_url))
    return Finding("links", NOTE, say("doctor.links_off"))


def _backups(application: Application) -> Finding:
    key = "doctor.backup_url" if application.settings.database_url else "doctor.backup_embedded"
    return Finding("backups", NOTE, say(key, folder=str(application.settings.data)))


async def _set_aside(application: Application) -> list[Finding]:
    counts = await inbox.counts(application.database)
    ignored = Finding("ignored", GOOD, say("doctor.ignored", count=counts["ignored"]))
    if counts["set_aside"]:
        return [Finding("set aside", NOTE, say("doctor.set_aside", count=counts["set_aside"])), ignored]
    return [Finding("set aside", GOOD, say("doctor.nothing_set_aside")), ignored]
