"""Photos: what neighbours see is the thing, upright, and nothing that a camera wrote."""

from __future__ import annotations

import os
import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path
from subprocess import run

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.documents.photos.model import LONGEST_SIDE, MOST_BYTES
from core.documents.photos.service import taken_in
from core.documents.service import Shelf
from core.kernel.errors import DomainError

ORIENTATION, GPS, MAKE, ARTIST = 0x0112, 0x8825, 0x010F, 0x013B
PLACE = {1: "N", 2: (50.0, 51.0, 1.0), 3: "E", 4: (4.0, 21.0, 8.0)}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def picture(form: str = "JPEG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: object) -> bytes:
    """Its left half is red."""
    made = Image.new("RGB", size, "blue")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    made.convert(mode).save(out, form, **options)
    return out.getvalue()


async def kept(shelf: Shelf, content: bytes) -> Image.Image:
    found = Image.open(BytesIO(await shelf.get(await taken_in(shelf, content))))
    found.load()
    return found


def is_red(found: Image.Image, x: float, y: float) -> bool:
    red, green, blue = found.getpixel((int(found.width * x), int(found.height * y)))  # type: ignore[misc]
    return red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_each_format_becomes_a_small_jpeg(shelf: Shelf, form: str) -> None:
    found = await kept(shelf, picture(form, (4000, 3000)))
    assert found.format == "JPEG"
    assert found.size == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)
    assert is_red(found, 0.2, 0.5)
    assert not is_red(found, 0.8, 0.5)


async def test_a_small_one_stays_as_large_as_it_is(shelf: Shelf) -> None:
    assert (await kept(shelf, picture(size=(400, 300)))).size == (400, 300)


async def test_nothing_that_the_camera_wrote_is_kept(shelf: Shelf) -> None:
    exif = Image.Exif()
    exif[MAKE], exif[ARTIST] = "CameraMaker", "Lea Dubois"
    exif.get_ifd(GPS).update(PLACE)
    content = picture(
        exif=exif, comment=b"taken at home", icc_profile=b"profile" * 20, xmp=b"<x:xmpmeta>50.85</x:xmpmeta>"
    )
    before = Image.open(BytesIO(content)).getexif()
    assert before.get_ifd(GPS)[2] == PLACE[2], "the picture says where it was taken"
    clean = await shelf.get(await taken_in(shelf, content))
    after = Image.open(BytesIO(clean))
    assert dict(after.getexif()) == {}
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for trace in (b"Exif", b"GPS", b"CameraMaker", b"Lea", b"taken at", b"profile", b"xmpmeta", b"ICC"):
        assert trace not in clean


async def test_nothing_of_a_png_either(shelf: Shelf) -> None:
    said = PngInfo()
    said.add_text("Location", "Rue des Tilleuls 14")
    exif = Image.Exif()
    exif.get_ifd(GPS).update(PLACE)
    content = picture("PNG", pnginfo=said, exif=exif)
    assert b"Tilleuls" in content
    clean = await shelf.get(await taken_in(shelf, content))
    assert b"Tilleuls" not in clean
    assert dict(Image.open(BytesIO(clean)).getexif()) == {}


@pytest.mark.parametrize(
    ("orientation", "red"), [(1, (0.1, 0.5)), (3, (0.9, 0.5)), (6, (0.5, 0.1)), (8, (0.5, 0.9)), (2, (0.9, 0.5))]
)
async def test_it_stands_upright(shelf: Shelf, orientation: int, red: tuple[float, float]) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    found = await kept(shelf, picture(size=(2000, 1000), exif=exif))
    assert found.size == ((1600, 800) if orientation in (1, 2, 3) else (800, 1600))
    assert is_red(found, *red)
    assert not is_red(found, 1 - red[0], 1 - red[1])


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "L"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"), ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "I;16")],
)
async def test_every_kind_of_pixels(shelf: Shelf, form: str, mode: str) -> None:
    content = BytesIO()
    Image.new("I;16", (40, 30)).save(content, "PNG")
    found = await kept(shelf, content.getvalue() if mode == "I;16" else picture(form, (40, 30), mode))
    assert (found.mode, found.size) == ("RGB", (40, 30))


async def test_what_is_transparent_is_white(shelf: Shelf) -> None:
    content = BytesIO()
    Image.new("RGBA", (30, 30), (255, 0, 0, 0)).save(content, "PNG")
    assert (await kept(shelf, content.getvalue())).getpixel((15, 15)) == (255, 255, 255)


async def test_the_same_photo_is_kept_once(shelf: Shelf) -> None:
    assert await taken_in(shelf, picture()) == await taken_in(shelf, picture())


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says to be that large."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


NO_PHOTOS = {
    "nothing": b"",
    "text": b"this is a ladder",
    "page": b"<html><script>alert(1)</script></html>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "paper": b"%PDF-1.7\n%%EOF",
    "half": picture(size=(800, 600))[:900],
    "head": b"\xff\xd8\xff\xe0" + b"\0" * 50,
    "animation": picture("GIF"),
    "bitmap": picture("BMP"),
    "script": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "bomb": bomb(30_000, 30_000),
    "long": bomb(60_000_000, 1),
    "heavy": picture() + b"\0" * MOST_BYTES,
}


@pytest.mark.parametrize("content", NO_PHOTOS.values(), ids=NO_PHOTOS)
async def test_what_is_no_photo_is_refused_kindly_and_not_kept(shelf: Shelf, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        await taken_in(shelf, content)
    assert refused.value.text.key == "photo.not_one"
    assert not os.listdir(tmp_path)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
async def test_what_it_says_of_itself_may_be_broken(shelf: Shelf) -> None:
    assert (await kept(shelf, picture(exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))).size == (400, 300)


def test_the_library_is_loaded_with_the_first_photo_only() -> None:
    asks = "import sys, bot.photos, core.documents.photos.service; print('PIL' in sys.modules)"
    assert run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout.strip() == "False"
