"""The command `koprogo`: what was typed, checked, and handed to what does it. Never a traceback for what a user typed."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Awaitable, Callable, Sequence

from bot.trace import trace
from core.database import Busy, DatabaseError
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.messaging.kinds import NOTICE_BOARD, Urgency
from koprogo.output import REFUSED, WRONG, Output, Refusal
from koprogo.settings import Settings, WrongSettings, read_settings

Command = Callable[[argparse.Namespace, Settings, Output], Awaitable[int]]

COMMANDS = {
    "demo": "koprogo.demo:demo",
    "serve": "koprogo.serve:serve",
    "migrate": "koprogo.commands.operator:migrate",
    "import": "koprogo.commands.building:import_files",
    "export": "koprogo.commands.building:export",
    "admin": "koprogo.commands.admin:admin",
    "api-token": "koprogo.commands.api_token:api_token",
    "invite": "koprogo.commands.operator:invite",
    "chat": "koprogo.commands.talk:chat",
    "inbox": "koprogo.commands.talk:show_inbox",
    "press": "koprogo.commands.talk:press",
    "outbox": "koprogo.commands.operator:show_outbox",
    "broadcast": "koprogo.commands.broadcast:broadcast",
    "letters": "koprogo.commands.letters:letters",
    "understand": "koprogo.commands.operator:understand",
    "tick": "koprogo.commands.operator:tick",
    "verify": "koprogo.commands.building:verify",
    "matrix-registration": "koprogo.commands.matrix_registration:matrix_registration",
    "inspect-mail": "koprogo.commands.inspect_mail:inspect_mail",
    "doctor": "koprogo.commands.doctor:doctor",
}
"""What does each command; it is loaded when it is called."""


def parser(out: Output) -> argparse.ArgumentParser:
    def about(key: str) -> str:
        return out.words(say(f"cli.help.{key}")).replace("%", "%%")

    top = argparse.ArgumentParser(prog="koprogo", description=about("koprogo"), allow_abbrev=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {}
    for name in COMMANDS:
        help_text = about(name.replace("-", "_"))
        made[name] = commands.add_parser(name, help=help_text, description=help_text, allow_abbrev=False)
        made[name].add_argument("--json", action="store_true", help=about("json"))
    made["demo"].add_argument("--once", action="store_true", help=about("once"))
    made["serve"].add_argument("--only", metavar="bot,web,scheduler", help=about("only"))
    made["import"].add_argument("folder", metavar="FOLDER-or-ZIP")
    made["import"].add_argument("--organisation", metavar="NAME", default="default", help=about("organisation"))
    made["import"].add_argument("--dry-run", action="store_true", help=about("dry_run"))
    made["export"].add_argument("building", metavar="BUILDING")
    made["export"].add_argument("file", metavar="FILE.zip")
    made["admin"].add_argument("address", metavar="ADDRESS")
    made["api-token"].add_argument("--organisation", metavar="NAME", default="default", help=about("organisation"))
    made["api-token"].add_argument("--name", metavar="NAME", help=about("token_name"))
    wanted = made["api-token"].add_mutually_exclusive_group()
    wanted.add_argument("--scopes", metavar="SCOPE,...", help=about("scopes"))
    wanted.add_argument("--revoke", action="store_true", help=about("revoke"))
    made["api-token"].add_argument("--days", metavar="NUMBER", help=about("days"))
    made["invite"].add_argument("--channel", metavar="NAME", required=True, help=about("channel"))
    for name in ("invite", "chat", "inbox", "press"):
        made[name].add_argument("--as", dest="person", metavar="ADDRESS", required=True, help=about("as"))
    for name in ("chat", "press", "tick"):
        made[name].add_argument("--at", metavar="TIME", help=about("at"))
    made["chat"].add_argument("--building", metavar="SLUG", help=about("building"))
    made["chat"].add_argument("text", metavar="TEXT", nargs="*")
    made["press"].add_argument("token", metavar="TOKEN")
    made["outbox"].add_argument("--failed", action="store_true", help=about("failed"))
    written = made["broadcast"]
    written.add_argument("building", metavar="BUILDING")
    written.add_argument("--audience", metavar="WHO", help=about("audience"))
    written.add_argument("--title", metavar="TITLE", help=about("title"))
    written.add_argument("--text", metavar="FILE", help=about("text"))
    written.add_argument("--lang", metavar="LL", help=about("written_in"))
    translated = ("LL", "TITLE", "FILE")
    written.add_argument("--translation", action="append", nargs=3, metavar=translated, help=about("translation"))
    written.add_argument("--kind", metavar="KIND", default=NOTICE_BOARD, help=about("kind"))
    levels = [level.name.lower() for level in Urgency]
    written.add_argument("--urgency", choices=levels, help=about("urgency"))
    written.add_argument("--attach", metavar="FILE", action="append", help=about("attach"))
    written.add_argument("--event", metavar="TIME", help=about("event"))
    written.add_argument("--place", metavar="PLACE", help=about("place"))
    written.add_argument("--as", dest="person", metavar="ADDRESS", help=about("sender"))
    what = written.add_mutually_exclusive_group()
    what.add_argument("--preview", action="store_true", help=about("preview"))
    what.add_argument("--send", action="store_true", help=about("send"))
    for name in ("progress", "again", "stop"):
        what.add_argument(f"--{name}", metavar="ID", help=about(name))
    done = made["letters"].add_mutually_exclusive_group()
    done.add_argument("--print", metavar="FOLDER", help=about("print"))
    done.add_argument("--posted", metavar="ID", nargs="+", help=about("posted"))
    made["letters"].add_argument("--on", metavar="DATE", help=about("posted_on"))
    made["understand"].add_argument("--lang", metavar="LL", help=about("lang"))
    made["understand"].add_argument("--today", metavar="DATE", help=about("today"))
    made["understand"].add_argument("--building", metavar="SLUG", help=about("building_quarters"))
    made["verify"].add_argument("building", metavar="BUILDING", nargs="?")
    made["matrix-registration"].add_argument("--url", metavar="URL", help=about("matrix_url"))
    made["matrix-registration"].add_argument("--user", metavar="@NAME:SERVER", help=about("matrix_user"))
    made["inspect-mail"].add_argument("file", metavar="FILE.eml")
    made["inspect-mail"].add_argument("--authserv-id", metavar="ID", help=about("authserv_id"))
    made["doctor"].add_argument("--settings", action="store_true", help=about("settings"))
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    out = Output("--json" in given)
    _be_lenient()
    options = parser(out).parse_args(given)
    out.as_json = options.json
    try:
        settings = read_settings()
    except WrongSettings as error:
        for where, what in error.wrong:
            out.complain(f"{where}: {out.words(what)}")
        return WRONG
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The folder for run-time files of some systems is missing in containers; the bundled server says so on every start.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    module, _, name = COMMANDS[options.command].partition(":")
    command: Command = getattr(importlib.import_module(module), name)
    try:
        return asyncio.run(_run(command, options, settings, out))
    except Refusal as refusal:
        out.complain(out.words(refusal.text))
        return refusal.code
    except DatabaseError as refusal:
        out.complain(out.words(refusal.text))
        return REFUSED
    except DomainError as refusal:
        out.complain(out.words(refusal.text))
        return WRONG if options.command == "import" else REFUSED
    except Busy:
        out.complain(out.words(say("cli.busy")))
        return REFUSED
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more while closing it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except OSError as error:
        out.complain(out.words(say("cli.system", what=str(error.filename or ""), reason=error.strerror or str(error))))
        return REFUSED
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        # A fault of ours: where it happened goes to the log, and no words of it to the terminal.
        logging.getLogger(__name__).error("%s failed\n%s", options.command, trace(error))
        out.complain(out.words(say("cli.unexpected")))
        return REFUSED


def _be_lenient() -> None:
    """A sign that the terminal cannot write, or that is no text where text is read, is shown in another way instead of failing."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


async def _run(command: Command, options: argparse.Namespace, settings: Settings, out: Output) -> int:
    return await command(options, settings, out)
