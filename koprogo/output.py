"""How the command speaks: in the operator's language, as text or as JSON, and with its exit codes."""

from __future__ import annotations

import json
import os
import sys
from functools import cached_property
from typing import Any

from core.kernel.i18n import LANGUAGES, Words
from core.kernel.text import Text, Value, say
from koprogo.catalogues import load

DONE, REFUSED, WRONG = 0, 1, 2
"""Exit codes: success; a refusal that the user can mend; wrong usage or wrong input files."""


class Refusal(Exception):
    """What the user can mend: one sentence, exit code 1."""

    def __init__(self, key: str, /, **values: Value) -> None:
        super().__init__(key)
        self.text = Text(key, values)
        self.code = REFUSED


class WrongInput(Refusal):
    """Wrong usage: one sentence, exit code 2."""

    def __init__(self, key: str, /, **values: Value) -> None:
        super().__init__(key, **values)
        self.code = WRONG


def operator_language() -> str:
    """The language of the terminal; English where it says none that is spoken here, as terminals do."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value[:2].lower() if value[:2].lower() in LANGUAGES else "en"
    return "en"


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON that standard output can write: its signs escaped where the terminal has none for them."""
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        written.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return written


class Output:
    """What a command prints with."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def words(self) -> Words:
        return load()[operator_language()]

    def line(self, key: str, /, **values: Value) -> None:
        """A sentence for people; nothing where JSON is wanted."""
        if not self.as_json:
            print(self.words(say(key, **values)), flush=True)

    def text(self, text: str) -> None:
        if not self.as_json:
            print(text, flush=True)

    def json(self, value: Any) -> None:
        """The answer for scripts; nothing where people read."""
        if self.as_json:
            print(json_text(value, indent=2))

    def complain(self, text: str) -> None:
        print(text, file=sys.stderr)
