"""Use case: take a photo in, so that neighbours see the thing and nothing else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING

from core.documents.photos.model import FORMATS, LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, QUALITY
from core.documents.service import Shelf
from core.kernel.errors import DomainError

if TYPE_CHECKING:
    from PIL.Image import Image

_DARKROOM = ThreadPoolExecutor(1, "photos")
"""One photo at a time: while it is read, one of 50 million pixels takes 200 MB."""


async def taken_in(shelf: Shelf, content: bytes) -> bytes:
    """Keeps a photo on the shelf as a JPEG of at most 1600 pixels a side; gives its hash.

    It stands upright, and has nothing of what a camera writes into it (place, time, owner, a smaller picture). The same bytes give the
    same hash. DomainError for whatever is no photo, is broken, or is larger than any camera makes.
    """
    clean = await asyncio.get_running_loop().run_in_executor(_DARKROOM, _cleaned, content)
    if clean is None:
        raise DomainError("photo.not_one")
    return await shelf.put(clean)


def _cleaned(content: bytes) -> bytes | None:
    """A new picture with the pixels of the old one and nothing else; None where it cannot be read."""
    # Imported with the first photo: most processes never see one, and it takes several megabytes.
    from PIL import Image

    if len(content) > MOST_BYTES:
        return None
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as given:
            if given.width * given.height > MOST_PIXELS:
                return None
            # A JPEG is read at the smallest of its scales that is still large enough.
            given.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            given.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = _upright(given).convert("RGBA")
    # The bytes are a stranger's, and decoders fail at them in more ways than they document.
    except Exception:
        return None
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright, mask=upright)
    out = BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _upright(given: Image) -> Image:
    """As it was held when it was taken; as it lies, where what it says of that cannot be read."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(given)
    except Exception:
        return given
