"""The photos of a message: those that are some, made fit, and no more than four."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from bot.photos import MOST, photo_of, photos
from core.documents.service import Shelf
from core.inbox.model import KeptFile
from core.kernel.errors import DomainError


def picture(colour: str, form: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, form)
    return out.getvalue()


async def turn(shelf: Shelf, *files: tuple[str, bytes]) -> Any:
    kept = [KeptFile("file", media_type, await shelf.put(content)) for media_type, content in files]
    return SimpleNamespace(shelf=shelf, waiting=SimpleNamespace(files=kept))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


async def test_pictures_are_found_by_what_they_are_not_by_what_they_are_called(shelf: Shelf) -> None:
    files = [
        ("image/jpeg", picture("red")),
        ("application/pdf", b"%PDF-1.7"),
        ("application/octet-stream", picture("blue", "PNG")),
    ]
    found = await photos(await turn(shelf, *files))
    assert [Image.open(BytesIO(await shelf.get(each))).format for each in found] == ["JPEG", "JPEG"]


async def test_four_at_most(shelf: Shelf) -> None:
    colours = ("red", "green", "blue", "white", "black")
    assert len(await photos(await turn(shelf, *(("image/jpeg", picture(each)) for each in colours)))) == MOST


async def test_one_that_can_be_read_is_enough(shelf: Shelf) -> None:
    assert len(await photos(await turn(shelf, ("image/heic", b"ftypheic"), ("image/jpeg", picture("red"))))) == 1


async def test_what_is_called_a_picture_and_is_none(shelf: Shelf) -> None:
    with pytest.raises(DomainError) as refused:
        await photos(await turn(shelf, ("image/jpeg", b"<html>")))
    assert refused.value.text.key == "photo.not_one"


async def test_other_files_are_none_of_ours(shelf: Shelf) -> None:
    assert await photos(await turn(shelf, ("application/pdf", b"%PDF-1.7"))) == []
    assert await photos(await turn(shelf)) == []


async def test_a_file_that_is_gone_or_no_shelf(shelf: Shelf) -> None:
    lost = SimpleNamespace(shelf=shelf, waiting=SimpleNamespace(files=[KeptFile("a", "image/jpeg", b"\0" * 32)]))
    assert await photos(lost) == []
    assert await photos(SimpleNamespace(shelf=None, waiting=lost.waiting)) == []


async def test_the_first_that_is_one_where_one_is_wanted(shelf: Shelf) -> None:
    files = [("application/pdf", b"%PDF-1.7"), ("image/png", picture("blue", "PNG")), ("image/jpeg", picture("red"))]
    first = await photo_of(await turn(shelf, *files))
    assert first is not None
    with Image.open(BytesIO(await shelf.get(bytes.fromhex(first)))) as shown:
        assert shown.getpixel((20, 20)) == pytest.approx((0, 0, 255), abs=3)


async def test_none_where_no_file_came_and_a_refusal_where_one_is_none(shelf: Shelf) -> None:
    assert await photo_of(await turn(shelf)) is None
    assert await photo_of(SimpleNamespace(shelf=None, waiting=SimpleNamespace(files=[]))) is None
    for media_type in ("application/pdf", "image/jpeg"):
        with pytest.raises(DomainError) as refused:
            await photo_of(await turn(shelf, (media_type, b"%PDF-1.7")))
        assert refused.value.text.key == "photo.not_one"
