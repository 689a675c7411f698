"""The photos that came along with a message: all of them, or the first."""

from __future__ import annotations

from bot.turn import Turn
from core.documents.photos.service import taken_in
from core.kernel.errors import DomainError

MOST = 4
"""Photos of one message that are kept."""


async def photos(turn: Turn, most: int = MOST) -> list[bytes]:
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
        if len(taken) == most:
            break
    if unreadable is not None and not taken:
        raise unreadable
    return taken


async def photo_of(turn: Turn) -> str | None:
    """The hash (hex) of the first of them, where one is wanted; None where no file came along.

    DomainError where something did, and it is no photo: it was sent to be one.
    """
    found = await photos(turn, 1)
    if not found and turn.shelf is not None and turn.waiting.files:
        raise DomainError("photo.not_one")
    return found[0].hex() if found else None
