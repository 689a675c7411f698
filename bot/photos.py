"""The photos that came along with a message."""

from __future__ import annotations

from bot.turn import Turn
from core.documents.photos.service import taken_in
from core.kernel.errors import DomainError

MOST = 4
"""Photos of one message that are kept."""


async def photos(turn: Turn) -> list[bytes]:
    """The hashes, on the turn's shelf, of the photos of its message, made fit to be shown; none where none came along.

    Other files are passed over. DomainError where there were said to be pictures, and none of them can be read.
    """
    taken: list[bytes] = []
    unreadable: DomainError | None = None
    if turn.shelf is None:
        return taken
    for file in turn.waiting.files:
        try:
            taken.append(await taken_in(turn.shelf, await turn.shelf.get(file.sha256)))
        except DomainError as refused:
            if file.media_type.startswith("image/"):
                unreadable = refused
        except (OSError, ValueError):
            continue
        if len(taken) == MOST:
            break
    if unreadable is not None and not taken:
        raise unreadable
    return taken
