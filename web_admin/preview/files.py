"""What goes along with a message, handed to the browser of whoever looks at it."""

from __future__ import annotations

from aiohttp import web

from core.messaging.channel import File
from web_admin.messages.uploads import plain_name

PDF, BYTES = "application/pdf", "application/octet-stream"
PICTURES = ("image/png", "image/jpeg")
"""What a browser is shown; any other file it is given to keep."""


def given(file: File, content: bytes) -> web.Response:
    """A file: a picture to be looked at, anything else to be kept."""
    if file.media_type in PICTURES:
        return web.Response(body=content, content_type=file.media_type)
    named = {"Content-Disposition": f'attachment; filename="{_ascii(plain_name(file.name, ""))}"'}
    return web.Response(body=content, content_type=PDF if file.media_type == PDF else BYTES, headers=named)


def _ascii(name: str) -> str:
    return name.encode("ascii", "ignore").decode() or "file"
