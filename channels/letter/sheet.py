"""A letter as a sheet of data, and the drawing of it: PDF/UA-1 for the printer, PNG for looking at it. Pure: the same data, the same bytes.

Run as a program it draws what comes from standard input and is gone: the compiler takes 30 MB, which no process has to keep. It knows
nothing of the rest of the house, so that it starts in a tenth of a second.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from typst import Compiler

TEMPLATE: Final = Path(__file__).with_name("letter.typ")
SUFFIXES: Final = {"image/png": "png", "image/jpeg": "jpg"}
"""The pictures that a letter shows, and how their files end."""
UNDRAWN: Final = "\N{WHITE SQUARE}"
"""Stands for a sign that none of our fonts has."""
LONG_VALUE: Final = 44
"""A value of more signs than these is set as text, and no longer as a figure."""
UNDRAWABLE_EXIT: Final = 3

_NO_GLYPH: Final = "could not be displayed"
"""In the compiler's words: PDF/UA forbids a sign without a glyph."""
_JOINERS: Final = "\u200d\ufe0e\ufe0f\u20e3"
"""What ties the parts of an emoji together."""
_UNBROKEN: Final = re.compile(r"\S{30,}")


class Undrawable(Exception):
    """The letter cannot be drawn as it is. Says nothing of what is in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of facts."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the text beside it, which says what it is and is read in its place."""

    media_type: str
    text: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a letter says, in the words of its reader.

    `columns`: what stands over the facts. `how_to_answer` and `invitation`: a heading and the paragraphs after it. `code`: its groups.
    `greeting` stands before the body; `added` and `closing` after the facts and pictures, before what is to be sent back. `invites`: the
    code is what the letter is about, and stands before its closing.
    """

    language: str
    region: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    dated: str
    title: str
    footer: str = ""
    reference: str = ""
    body: tuple[str, ...] = ()
    columns: tuple[str, str] = ("", "")
    facts: tuple[Line, ...] = ()
    pictures: tuple[Picture, ...] = ()
    choices: tuple[str, ...] = ()
    how_to_answer: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    invitation: tuple[str, ...] = ()
    greeting: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    invites: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is ready to be printed, and how many pages it has."""

    pdf: bytes = field(repr=False)
    pages: int


def draw(*sheets: Sheet) -> Drawn:
    """A letter as PDF/UA-1; several as one file, each beginning on a page of its own. Undrawable where a picture is none."""
    with TemporaryDirectory() as folder:
        compiler, pdf = _compiled(sheets, Path(folder))
        return Drawn(pdf, json.loads(compiler.query("<pages>", field="value", one=True)))


def look(sheet: Sheet, ppi: float = 100.0) -> list[bytes]:
    """The same letter, a PNG for each page."""
    with TemporaryDirectory() as folder:
        compiler, _ = _compiled((sheet,), Path(folder))
        pages = compiler.compile(format="png", ppi=ppi)
        return [pages] if isinstance(pages, bytes) else list(pages or ())


def _compiled(sheets: Sequence[Sheet], folder: Path) -> tuple[Compiler, bytes]:
    """A compiler with the letters in it, and the PDF. Signs that no font has are looked for only where there are any."""
    from typst import TypstError

    said = [_said(sheet, folder, f"{number}-") for number, sheet in enumerate(sheets, 1)]
    (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
    try:
        try:
            return _pdf(said, folder)
        except TypstError as error:
            if _NO_GLYPH not in str(error):
                raise
            missing = _without_glyph(_signs(said))
            return _pdf(_each(said, lambda text: _replaced(text, missing)), folder)
    except TypstError:
        raise Undrawable("the compiler does not take the letter") from None


def _pdf(said: Any, folder: Path) -> tuple[Compiler, bytes]:
    from typst import Compiler

    compiler = Compiler(
        folder / TEMPLATE.name, root=folder, ignore_system_fonts=True, sys_inputs={"sheets": json.dumps(said)}
    )
    pdf = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    assert isinstance(pdf, bytes)
    return compiler, pdf


def _said(sheet: Sheet, folder: Path, prefix: str) -> Any:
    """The sheet as the template reads it; its pictures lie in the folder, under names that begin like this."""
    said = asdict(sheet)
    for fact in said["facts"]:
        fact["long"] = len(fact["value"]) > LONG_VALUE
    for number, picture in enumerate(said["pictures"], 1):
        picture["file"] = f"{prefix}{number}.{SUFFIXES[picture['media_type']]}"
        (folder / picture["file"]).write_bytes(picture.pop("content"))
        # A code is made of squares, and stays sharp; a photo is smoothed.
        picture["scaling"] = "pixelated" if picture["media_type"] == "image/png" else "smooth"
    kept = {name: said[name] for name in ("language", "region", "code", "invites")}
    files = [picture["file"] for picture in said["pictures"]]
    said = _each(said, lambda text: breakable(typographic(text, sheet.language)))
    for picture, file in zip(said["pictures"], files, strict=True):
        picture["file"] = file
    return {**said, **kept}


def typographic(text: str, language: str) -> str:
    """The text with the apostrophes of print; in French with no-break spaces where a mark stands off, in German where `z. B.` does."""
    text = re.sub(r"(?<=\w)'(?=\w)", "\N{RIGHT SINGLE QUOTATION MARK}", text)
    if language == "fr":
        text = re.sub(r" (?=[:»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)
        text = re.sub(r" (?=[;!?](?:\s|$))", "\N{NARROW NO-BREAK SPACE}", text)
    if language == "de":
        text = re.sub(r"\b(z|u|d|i)\. (?=[A-Za-z]\.)", "\\1.\N{NARROW NO-BREAK SPACE}", text)
    return text


def breakable(text: str) -> str:
    """The text with places to break what is longer than a column and no word: addresses of pages, numbers, names without end.

    Words of a language are left to its hyphenation, up to the longest that there are.
    """
    return _UNBROKEN.sub(_with_breaks, text)


def _with_breaks(found: re.Match[str]) -> str:
    run = re.sub(r"([/.@_&=?,;+-])(?=\w)", "\\1\N{ZERO WIDTH SPACE}", found[0])
    run = re.sub(r"((?:[^\W_a-zà-öø-ÿ]){15})(?=[^\W_a-zà-öø-ÿ])", "\\1\N{ZERO WIDTH SPACE}", run)
    return re.sub(r"(\w{20})(?=\w{41})", "\\1\N{SOFT HYPHEN}", run)


def _signs(said: Any) -> set[str]:
    """Every sign that stands in the data."""
    found: set[str] = set()

    def look_at(text: str) -> str:
        found.update(text)
        return text

    _each(said, look_at)
    return found


def _each(said: Any, change: Callable[[str], str]) -> Any:
    """The same data with every text in it changed."""
    match said:
        case str():
            return change(said)
        case dict():
            return {name: _each(inner, change) for name, inner in said.items()}
        case list() | tuple():
            return [_each(inner, change) for inner in said]
    return said


def _replaced(text: str, missing: set[str]) -> str:
    """Emoji that cannot be drawn go, for they only adorn; letters leave a square."""
    return "".join(sign if sign not in missing else _instead(sign) for sign in text if sign not in _JOINERS)


def _instead(sign: str) -> str:
    return UNDRAWN if unicodedata.category(sign)[0] in "LN" else ""


def _without_glyph(signs: set[str]) -> set[str]:
    """Which of the signs cannot be drawn: each is tried, a thousand a second."""
    from typst import Compiler, TypstError

    compiler = Compiler(ignore_system_fonts=True)
    program = b'#set document(title: "?")\n#set text(font: "Libertinus Serif")\n#sys.inputs.sign'
    missing = set()
    for sign in signs - set(map(chr, range(0x20, 0x7F))):
        try:
            compiler.compile(program, format="pdf", pdf_standards=["ua-1"], sys_inputs={"sign": sign})
        except TypstError:
            missing.add(sign)
    return missing


def to_json(*sheets: Sheet) -> bytes:
    listed = []
    for sheet in sheets:
        said = asdict(sheet)
        for picture in said["pictures"]:
            picture["content"] = b64encode(picture["content"]).decode("ascii")
        listed.append(said)
    return json.dumps(listed).encode()


def from_json(written: bytes) -> tuple[Sheet, ...]:
    return tuple(_sheet(read) for read in json.loads(written))


def _sheet(read: Mapping[str, Any]) -> Sheet:
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in read.items()}
    said["facts"] = tuple(Line(**fact) for fact in said["facts"])
    said["pictures"] = tuple(
        Picture(picture["media_type"], picture["text"], b64decode(picture["content"])) for picture in said["pictures"]
    )
    return Sheet(**said)


def main() -> int:
    """From standard input sheets as JSON, to standard output the number of pages on a line of its own and the PDF."""
    try:
        drawn = draw(*from_json(sys.stdin.buffer.read()))
    except Undrawable:
        return UNDRAWABLE_EXIT
    sys.stdout.buffer.write(b"%d\n" % drawn.pages + drawn.pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
