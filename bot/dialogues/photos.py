"""The photo that came along with a message."""

from __future__ import annotations

from bot.turn import Turn
from core.documents.photos.service import taken_in


async def photo_of(turn: Turn) -> str | None:
    """The hash (hex) of the first photo that came along, made fit to be shown; None where nothing did.

    DomainError for what is no photo.
    """
    if turn.shelf is None or not turn.waiting.files:
        return None
    files = turn.waiting.files
    first = next((file for file in files if file.media_type.startswith("image/")), files[0])
    return (await taken_in(turn.shelf, await turn.shelf.get(first.sha256))).hex()
