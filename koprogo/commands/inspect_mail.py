"""`inspect-mail`: what the e-mail channel makes of a raw message, for whoever asks why it was taken as it was. Needs no database."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from bot.understanding import weights
from bot.understanding.features import language_features
from bot.understanding.words import cleaned, words
from channels import shaping
from channels.email.addresses import Own
from channels.email.mime import Unreadable
from channels.email.parse import Inspected, inspect
from core.kernel.i18n import LANGUAGES
from koprogo.output import DONE, Output, WrongInput
from koprogo.settings import Settings

MOST_BYTES = 64 * 2**20
"""No mail server lets a larger mail through."""
CLEAR, LIKELY = 0.6, 0.0
"""How far the language of a text leads before the second one, and what it scores at least, to be named."""
MOST_WORDS = 60
NOTHING = "-"


async def inspect_mail(options: Namespace, settings: Settings, out: Output) -> int:
    with Path(options.file).open("rb") as file:  # noqa: ASYNC230  nothing else runs in this process
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise WrongInput("cli.inspect.too_large")
    authserv_id = options.authserv_id or settings.email_authserv_id
    own = Own(settings.email_address, authserv_id) if settings.email_address else None
    try:
        seen = inspect(raw, own, authserv_id)
    except Unreadable as refusal:
        raise WrongInput(f"cli.inspect.{refusal.why}") from None
    language = language_of(seen.text)
    out.json(as_json(seen, language))
    _tell(out, seen, language)
    return DONE


def as_json(seen: Inspected, language: str | None) -> dict[str, Any]:
    return {
        "sender": seen.sender,
        "token": seen.token,
        "text": seen.text,
        "automatic": seen.automatic,
        "bounce_of": seen.bounce_of,
        "authentic": seen.authentic,
        "attachments": [
            {"name": file.name, "media_type": file.media_type, "size": file.size} for file in seen.attachments
        ],
        "language": language,
    }


def language_of(text: str) -> str | None:
    """The language of a text; None where none of ours is clearly ahead."""
    marks = [word.plain for word in words(cleaned(text[:4_000]))[:MOST_WORDS]]
    if not any(mark.isalpha() for mark in marks):
        return None
    learnt = weights.read().language_of
    scores = dict(zip(learnt.labels, learnt.scores(language_features(marks)), strict=True))
    first, second, *_ = sorted(LANGUAGES, key=scores.__getitem__, reverse=True)
    return first if scores[first] > LIKELY and scores[first] - scores[second] >= CLEAR else None


def _tell(out: Output, seen: Inspected, language: str | None) -> None:
    """The same in lines. What strangers wrote is shown without what would steer the terminal."""
    for name, value in (
        ("sender", seen.sender),
        ("token", seen.token),
        ("authentic", seen.authentic),
        ("bounce_of", seen.bounce_of),
        ("language", language),
    ):
        out.line(f"cli.inspect.{name}", value=shaping.line(value or NOTHING))
    out.line("cli.inspect.automatic" if seen.automatic else "cli.inspect.by_a_person")
    for file in seen.attachments:
        out.line("cli.inspect.attachment", name=file.name, media_type=file.media_type, size=file.size)
    out.line("cli.inspect.text")
    out.text(shaping.paragraph(seen.text))
