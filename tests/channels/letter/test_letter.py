"""The channel `letter`: a card goes into the tray once, drawn by a process that is gone afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pymupdf
import pytest

import channels.letter
from channels.letter import Apart, Envelope, Letter, groups, reference, sheet_of
from channels.letter.sheet import Drawn, Picture, Sheet, draw
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Address, Channel, Evidence, Rejected, Room, TryLater
from core.messaging.intent import Intent
from tests.channels.letter.conftest import Tray, file, qr

TO = Address("letter", "0b0c6a0e-1f0f-4b9e-9a53-0d6f5f0c2a11")
KEY = "3f2a91bc" + "0" * 24
ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CARD = Card(
    "À payer : 412,37 €",
    ("Bonjour.\n\nMerci.",),
    (Fact("Solde", "412,37 €", "to_pay", 41237),),
    (Choice(Intent("a"), "Expliquer", "t1"), Choice(Intent("b"), "Payer", "t2")),
)


def letter(envelope: Envelope | None, tray: Tray, **rest: object) -> Letter:
    async def address_of(to: Address) -> Envelope | None:
        assert to == TO
        return envelope

    return Letter(address_of, tray, clock=lambda: NOW, **rest)  # type: ignore[arg-type]


def said(drawn: Drawn) -> str:
    return " ".join(" ".join(page.get_text() for page in pymupdf.open(stream=drawn.pdf)).split())


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


async def test_a_card_lies_in_the_tray(envelope: Envelope, tray: Tray) -> None:
    channel: Channel = letter(envelope, tray)
    receipt = await channel.send(TO, CARD, [file(qr())], KEY, None)
    assert (receipt.wire_ref, receipt.evidence, receipt.at) == (KEY, Evidence.NONE, NOW)
    ((key, (to, drawn)),) = tray.letters.items()
    assert (key, to, drawn.pages) == (KEY, TO, 1)
    text = said(drawn)
    for part in (
        "Marguerite Lambert",
        "Notre référence : 3F2A 91BC",
        "412,37 €",
        "Merci.",
        "Scannez ce code.",
        "2. Payer",
    ):
        assert part in text
    assert "K7F2 9QA BCD" in text
    assert "t1" not in text.split()


def test_the_compiler_is_not_in_a_process_that_sends() -> None:
    program = """
import asyncio, sys
from channels.letter import Apart
from channels.letter.sheet import Sheet
drawn = asyncio.run(Apart()(Sheet("nl", "BE", (), ("Lea",), "", "Beste")))
assert drawn.pdf.startswith(b"%PDF")
print("typst" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.strip() == "False", done.stderr


async def test_no_process_is_left(envelope: Envelope) -> None:
    before = children()
    draw_apart = Apart(at_once=2)
    sheet = sheet_of(CARD, envelope, [], KEY)
    drawn = await asyncio.gather(*(draw_apart(sheet) for _ in range(5)))
    assert {one.pdf for one in drawn} == {draw(sheet).pdf}
    assert children() == before


async def test_two_at_once_and_no_more(envelope: Envelope, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    start = asyncio.create_subprocess_exec

    async def counted(*arguments: str, **rest: object) -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        worker = await start(*arguments, **rest)  # type: ignore[arg-type]
        end = worker.communicate

        async def communicate(given: bytes) -> object:
            nonlocal running
            done = await end(given)
            running -= 1
            return done

        worker.communicate = communicate  # type: ignore[method-assign,assignment]
        return worker

    monkeypatch.setattr(asyncio, "create_subprocess_exec", counted)
    draw_apart = Apart(at_once=2)
    await asyncio.gather(*(draw_apart(sheet_of(CARD, envelope, [], KEY)) for _ in range(6)))
    assert most == 2


async def test_what_draws_is_given_no_secrets(envelope: Envelope, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    start = asyncio.create_subprocess_exec

    async def watched(*arguments: str, **rest: object) -> object:
        seen.append(rest["env"])
        assert "Marguerite" not in " ".join(arguments)
        return await start(*arguments, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    await Apart()(sheet_of(CARD, envelope, [], KEY))
    assert seen == [{}]


async def test_drawing_that_never_ends_is_ended(envelope: Envelope) -> None:
    before = children()
    with pytest.raises(Rejected, match="too long"):
        await Apart(patience=0.001)(sheet_of(CARD, envelope, [], KEY))
    assert children() == before


async def test_a_cancelled_letter_leaves_no_process(envelope: Envelope) -> None:
    before = children()
    task = asyncio.create_task(Apart()(sheet_of(CARD, envelope, [], KEY)))
    await asyncio.sleep(0.03)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == before


async def test_a_process_that_breaks_down_is_tried_again_later(
    envelope: Envelope, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for program in ("raise SystemExit(1)", "print('no number')", "pass", "import os; os.kill(os.getpid(), 9)"):
        broken = tmp_path / "broken.py"
        broken.write_text(program)
        monkeypatch.setattr(channels.letter, "_DRAWING", broken)
        with pytest.raises(TryLater):
            await Apart()(sheet_of(CARD, envelope, [], KEY))


# ------------------------------------------------------------------------------------------------------- what is not taken


async def test_nobody_without_an_address(tray: Tray, envelope: Envelope) -> None:
    for found in (None, replace(envelope, recipient_lines=())):
        with pytest.raises(Rejected, match="no postal address"):
            await letter(found, tray).send(TO, CARD, [], KEY, None)
    assert tray.letters == {}


async def test_no_rooms(tray: Tray, envelope: Envelope) -> None:
    channel = letter(envelope, tray)
    with pytest.raises(Rejected):
        await channel.send(Room("letter", "all"), CARD, [], KEY, None)
    with pytest.raises(Rejected):
        await channel.members(Room("letter", "all"))


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"<svg/>", "image/svg+xml"),
        (b"x" * 5_000_001, "image/png"),
        (b"x", "image/png"),
    ],
)
async def test_only_pictures(tray: Tray, envelope: Envelope, content: bytes, media_type: str) -> None:
    with pytest.raises(Rejected) as refusal:
        await letter(envelope, tray).send(TO, CARD, [file(content, "secret.png", media_type)], KEY, None)
    assert tray.letters == {}
    assert "secret" not in refusal.value.reason


async def test_a_tray_that_fails_is_not_a_letter(envelope: Envelope, tray: Tray) -> None:
    async def full(to: Address, key: str, drawn: Drawn) -> None:
        raise OSError("disk full")

    async def quick(sheet: Sheet) -> Drawn:
        return Drawn(b"%PDF", 1)

    channel = letter(envelope, tray, draw=quick)
    channel._tray = full
    with pytest.raises(OSError, match="disk full"):
        await channel.send(TO, CARD, [], KEY, None)


# ------------------------------------------------------------------------------------------------------- card and envelope


def test_every_text_is_clean(envelope: Envelope) -> None:
    dirty = "a\x00b\u202ec\r\nd"
    made = sheet_of(
        Card(
            dirty,
            (dirty, " \n ", "one\n\n\n\ntwo"),
            (Fact(dirty, dirty), Fact(" ", "\u200b")),
            (Choice(Intent("a"), "\u200b"),),
        ),
        replace(envelope, recipient_lines=(dirty, "", "  "), sender_lines=(), footer=dirty, dated=dirty),
        [],
        KEY,
    )
    assert (made.title, made.footer, made.dated) == ("abc d", "abc d", "abc d")
    assert made.recipient == ("abc d",)
    assert made.body == ("abc\nd", "one", "two")
    assert [(fact.label, fact.value) for fact in made.facts] == [("abc d", "abc d")]
    assert made.choices == ("…",)


def test_without_a_code_nobody_is_invited(envelope: Envelope) -> None:
    made = sheet_of(CARD, replace(envelope, code=""), [], KEY)
    assert (made.code, made.invitation) == ((), ())
    assert "Préférez" not in said(draw(made))


def test_a_card_without_a_title_has_one_to_show(envelope: Envelope) -> None:
    assert draw(sheet_of(Card(""), envelope, [], KEY)).pages == 1


@pytest.mark.parametrize(
    ("code", "grouped"),
    [
        ("K7F29QABCD", ("K7F2", "9QA", "BCD")),
        ("ABCDEFGH", ("ABCD", "EFGH")),
        ("ABCDE", ("ABC", "DE")),
        ("AB CD", ("ABCD",)),
        ("", ()),
    ],
)
def test_a_code_in_groups(code: str, grouped: tuple[str, ...]) -> None:
    assert groups(code) == grouped


def test_the_reference_leads_back_to_the_delivery() -> None:
    assert reference(KEY) == "3F2A 91BC"
    assert KEY.startswith(reference(KEY).replace(" ", "").lower())


def test_an_envelope_does_not_show_its_code(envelope: Envelope) -> None:
    assert "K7F29QABCD" not in repr(envelope)
    assert "PDF" not in repr(Drawn(b"%PDF", 1))
    assert "secret" not in repr(Picture("image/png", "x", b"secret"))


async def test_a_letter_neither_listens_nor_changes(envelope: Envelope, tray: Tray) -> None:
    channel = letter(envelope, tray)
    assert await channel.run() is None  # type: ignore[func-returns-value]
    assert list(channel.routes()) == []
    assert not channel.traits.buttons
    assert not channel.traits.groups
    assert channel.traits.best_evidence is Evidence.ACCEPTED
