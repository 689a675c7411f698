"""What a mail says, before it is known which of it is new."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """One part of a mail's body: as plain text, as HTML, or both ways (multipart/alternative). Decoded; lines end in a line feed."""

    plain: str | None = None
    html: str | None = None
