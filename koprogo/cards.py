"""A card in the terminal: as text for people, as JSON for scripts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from channels.shaping import plain
from core.messaging.card import Card
from core.messaging.channel import File


async def as_json(card: Card[str], files: Sequence[File], folder: Path) -> dict[str, Any]:
    """`attachments` are written below `folder`; `text` is the whole card as plain text."""
    facts = []
    for fact in card.facts:
        shown: dict[str, Any] = {"label": fact.label, "value": fact.value}
        if fact.key:
            shown["key"] = fact.key
        if fact.cents is not None:
            shown["amount_cents"] = fact.cents
        if fact.day is not None:
            shown["date"] = fact.day.isoformat()
        facts.append(shown)
    return {
        "title": card.title,
        "body": list(card.body),
        "facts": facts,
        "choices": [{"token": choice.token, "label": choice.label} for choice in card.choices],
        "attachments": [
            {"name": file.name, "media_type": file.media_type, "path": str(path)}
            for file, path in zip(files, await written(files, folder), strict=True)
        ],
        "text": plain(card),
    }


async def as_text(card: Card[str], files: Sequence[File], folder: Path) -> str:
    return "\n".join((plain(card), *(f"[{path}]" for path in await written(files, folder))))


async def written(files: Sequence[File], folder: Path) -> list[Path]:
    """Writes files where a script or a person can open them."""
    return [await asyncio.to_thread(_write, folder, file.name, await file.read()) for file in files]


def _write(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / re.sub(r"[^A-Za-z0-9._-]", "_", name)
    path.write_bytes(content)
    return path
