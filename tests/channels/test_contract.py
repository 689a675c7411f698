"""What holds on every channel, tried over each wire: the same tests, a real counterpart behind each (of Telegram, our reading of it)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.letter import Envelope, Letter
from channels.letter.sheet import Drawn
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import (
    Address,
    ChannelError,
    Evidence,
    File,
    Message,
    Rejected,
    Room,
    Signal,
    Trust,
    TryLater,
    Unreachable,
)
from core.messaging.intent import Intent
from tests.channels.wires.servers import MAIL, MATRIX, Servers, servers
from tests.channels.wires.wire import Heard, Inbox, Wire, labels, paragraphs
from tests.channels.world import Notes

__all__ = ["servers"]

LABELS = (
    "D'où vient ce montant ?",
    "Payer <maintenant> & ici",
    "Un libellé si long qu'un téléphone n'a pas la place de le montrer entier",
)
CARD: Card[str] = Card(
    "À payer : 740,40\u00a0€, pour le 30 novembre 2026",
    (
        "Résidence Les Tilleuls, période 01/10/2026 - 31/12/2026.",
        "Un <b>deuxième</b> paragraphe & *tout* _ce_ qu'il faut.\nSur deux lignes.",
    ),
    (
        Fact("À payer", "740,40\u00a0€", "to_pay", 74040),
        Fact("Compte", "BE68 5390 0754 7034"),
        Fact("Communication structurée", "+++000/0100/01003+++"),
    ),
    tuple(Choice(Intent("help"), label, f"k7fQ29hX_0aBc{number}") for number, label in enumerate(LABELS)),
)
SHORT: Card[str] = Card("Bonjour")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def key(number: int) -> str:
    """A delivery key."""
    return f"{number:032x}"


def file(name: str, media_type: str, content: bytes) -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content), read)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


async def _opened(servers: Servers, name: str, tmp_path: Path, inbox: Inbox) -> AsyncIterator[Wire]:
    async with await servers.opened(name, tmp_path / name, inbox.receive, Notes()) as opened:
        yield opened


@pytest.fixture(params=["console", "telegram", MATRIX, MAIL])
async def wire(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path, inbox: Inbox) -> AsyncIterator[Wire]:
    """Every channel that people answer on."""
    async for opened in _opened(servers, request.param, tmp_path, inbox):
        yield opened


@pytest.fixture(params=["telegram", MATRIX, MAIL])
async def remote(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path, inbox: Inbox) -> AsyncIterator[Wire]:
    """Every channel with a network in it."""
    async for opened in _opened(servers, request.param, tmp_path, inbox):
        yield opened


async def told(wire: Wire, card: Card[str] = CARD, number: int = 1, files: Sequence[File] = ()) -> Heard:
    """A card that was sent, as its reader has it."""
    before = len(await wire.received())
    await wire.channel.send(wire.address, card, files, key(number), None)
    return (await wire.received(before + 1))[-1]


def said_by(wire: Wire, message: Message) -> None:
    """It came from that person, to us alone, now."""
    origin = message.origin
    assert (origin.sender, origin.room, origin.addressed) == (wire.address, None, True)
    assert message.ref
    assert abs(message.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert (message.start, message.edits, message.files) == (None, None, ())


# Out


async def test_a_card_is_read_complete_and_in_order(wire: Wire) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    receipt = await wire.channel.send(wire.address, CARD, (), key(1), None)
    assert receipt.wire_ref
    assert receipt.at >= before
    assert Evidence.ACCEPTED <= receipt.evidence <= wire.channel.traits.best_evidence
    (heard,) = await wire.received(1)
    for form in heard.forms:
        at = 0
        for words in paragraphs(CARD):
            for each in words.split("\n"):
                assert each in form[at:], form
                at = form.index(each, at) + len(each)
    assert heard.choices == labels(CARD.choices, wire)


async def test_it_is_read_the_same_in_each_form(wire: Wire) -> None:
    """Whether a program shows the plain text or the page, its reader learns the same."""
    heard = await told(wire)
    assert {" ".join(form.replace("\u00a0", " ").split()) for form in heard.forms} == {
        " ".join(heard.text.replace("\u00a0", " ").split())
    }


async def test_files_arrive_with_their_card_byte_for_byte(wire: Wire) -> None:
    pdf = b"%PDF-1.7\n" + bytes(range(256)) * 400
    files = [file("epc-qr.png", "image/png", PICTURE), file("décompte 2026.pdf", "application/pdf", pdf)]
    heard = await told(wire, files=files)
    assert heard.text.startswith(CARD.title)
    assert [content for _, content in heard.files] == [PICTURE, pdf]
    # A picture has no name on Telegram.
    assert {name for name, _ in heard.files} - {""} <= {"epc-qr.png", "décompte 2026.pdf"}
    assert heard.files[1][0] == "décompte 2026.pdf"


async def test_too_much_for_one_message_arrives_whole_and_in_order(wire: Wire) -> None:
    limit = wire.channel.traits.max_chars
    lines = [
        f"{number:06}. Ligne de la facture, hors TVA, avec son libellé et son montant."
        for number in range(limit * 5 // 4 // 70)
    ]
    card = replace(CARD, body=("\n".join(lines),))
    await wire.channel.send(wire.address, card, (), key(1), None)
    heard = await wire.received(2 if limit < 100_000 else 1)
    assert len(heard) > 1 or limit > 100_000
    for form in range(len(heard[0].forms)):
        text = "\n".join(each.forms[form] for each in heard)
        assert [each for each in text.split("\n") if each[:6].isdigit()] == lines
        assert text.index(CARD.title) < text.index(lines[0]) < text.index(lines[-1]) < text.index("BE68 5390 0754 7034")
    # What is to be pressed stands under the last.
    assert [each.choices for each in heard] == [*[()] * (len(heard) - 1), labels(CARD.choices, wire)]
    assert all(len(each.text) <= limit for each in heard) or limit > 100_000


@pytest.mark.parametrize("wire", [MATRIX, MAIL], indirect=True)
async def test_the_same_key_again_repeats_nothing(wire: Wire) -> None:
    assert wire.channel.traits.idempotent
    first = await wire.channel.send(wire.address, CARD, (), key(1), None)
    again = await wire.channel.send(wire.address, CARD, (), key(1), None)
    other = await wire.channel.send(wire.address, SHORT, (), key(2), None)
    assert first.wire_ref == again.wire_ref != other.wire_ref
    heard = await wire.received(2)
    while heard[-1].text != "Bonjour":
        heard = await wire.received(len(heard) + 1)
    # A mail that is sent again has the Message-ID of the first, by which it is known to be the same.
    assert len({each.id for each in heard}) == 2


async def test_an_answer_stands_under_what_it_answers(remote: Wire, inbox: Inbox) -> None:
    await remote.says("combien je dois ?")
    message = await inbox.message()
    await remote.channel.send(remote.address, CARD, (), key(1), message.thread)
    (heard,) = await remote.received(1)
    assert heard.text.startswith(CARD.title)
    await remote.replies(heard, "et pourquoi ?")
    assert (await inbox.message(2)).text == "et pourquoi ?"


@pytest.mark.parametrize("error", [Unreachable, TryLater, Rejected])
async def test_each_failure_of_the_wire_is_told_apart(remote: Wire, error: type[ChannelError]) -> None:
    async with remote.refusing(error) as refusing:
        with pytest.raises(ChannelError) as refused:
            await remote.channel.send(refusing.to, CARD, refusing.files, key(1), None)
    assert type(refused.value) is error
    assert refused.value.reason
    handle = refusing.to.handle
    assert handle not in refused.value.reason
    assert CARD.title not in refused.value.reason
    if isinstance(refused.value, TryLater):
        assert timedelta(0) < refused.value.after <= timedelta(hours=1)


@pytest.mark.parametrize("error", [TryLater, Rejected])
async def test_after_a_failure_the_wire_goes_on(remote: Wire, error: type[ChannelError]) -> None:
    async with remote.refusing(error) as refusing:
        with pytest.raises(error):
            await remote.channel.send(refusing.to, SHORT, refusing.files, key(1), None)
    heard = await told(remote, CARD, 2)
    assert heard.text.startswith(CARD.title)


async def test_what_says_nothing_never_fails(wire: Wire, inbox: Inbox) -> None:
    """Typing, read, a choice shown as taken, a card replaced: silent where the wire cannot."""
    receipt = await wire.channel.send(wire.address, CARD, (), key(1), None)
    await wire.received(1)
    await wire.says("merci")
    origin = (await inbox.message()).origin
    for signal in Signal:
        await wire.channel.signal(origin, signal)
    await wire.channel.close(receipt, wire.address, CARD, LABELS[0])
    await wire.channel.edit(receipt, wire.address, SHORT)
    assert len(await wire.received()) == 1


# In


async def test_words_arrive_as_they_were_written(wire: Wire, inbox: Inbox) -> None:
    words = "Combien je dois ? Été & œuf <b> 5 > 3 😀\nDeuxième ligne."
    await wire.says(words)
    message = await inbox.message()
    said_by(wire, message)
    assert (message.text, message.choice, message.in_reply_to) == (words, None, None)


async def test_a_number_answers_the_last_card(wire: Wire, inbox: Inbox) -> None:
    await told(wire)
    await wire.answers(2)
    message = await inbox.message()
    said_by(wire, message)
    assert (message.text, message.choice) == ("2", None)
    # By mail it names the delivery, by the address that it comes to; elsewhere the wire knows who writes.
    by_mail = message.origin.trust is Trust.REPLY
    assert message.origin.token == (key(1) if by_mail else None)
    assert by_mail == (wire.address.channel == "email")


@pytest.mark.parametrize("wire", ["console", "telegram", MATRIX], indirect=True)
async def test_a_button_gives_back_what_it_carries(wire: Wire, inbox: Inbox) -> None:
    """The token of the choice, or its number where the wire has reactions for buttons."""
    assert wire.taps
    heard = await told(wire)
    await wire.presses(heard.choices[1])
    message = await inbox.message()
    said_by(wire, message)
    assert message.text == ""
    if wire.channel.traits.buttons:
        assert message.choice == CARD.choices[1].token
    else:
        assert (message.choice, message.in_reply_to) == ("2", heard.id)


async def test_a_reply_names_what_it_answers(wire: Wire, inbox: Inbox) -> None:
    first = await told(wire)
    await told(wire, SHORT, 2)
    await wire.replies(first, "celui-ci, s'il vous plaît")
    message = await inbox.message()
    said_by(wire, message)
    assert message.text == "celui-ci, s'il vous plaît"
    assert message.in_reply_to == str(first.id)


async def test_what_was_not_acknowledged_comes_again_under_the_same_name(remote: Wire, inbox: Inbox) -> None:
    inbox.forgetful = 1
    await remote.says("merci")
    await inbox.message(2)
    await remote.says("merci")
    first, again, other = [await inbox.message(count) for count in (1, 2, 3)]
    assert first.ref == again.ref != other.ref
    assert first.text == again.text == other.text == "merci"


async def test_nothing_is_lost_when_much_comes_at_once(remote: Wire, inbox: Inbox) -> None:
    words = [f"message {number}" for number in range(20)]
    for each in words:
        await remote.says(each)
    await inbox.message(len(words))
    heard = [message.text for message in inbox.messages]
    assert (heard if remote.in_order else sorted(heard, key=words.index)) == words
    assert len({message.ref for message in inbox.messages}) == len(words)


async def test_two_people_are_two(remote: Wire, inbox: Inbox) -> None:
    tom = await remote.another()
    assert tom.address != remote.address
    await tom.says("ici Tom")
    message = await inbox.message()
    said_by(tom, message)
    await remote.channel.send(tom.address, SHORT, (), key(1), message.thread)
    await tom.received(1)
    await remote.channel.send(remote.address, CARD, (), key(2), None)
    (heard,) = await remote.received(1)
    assert heard.text.startswith(CARD.title)
    assert [each.text for each in await tom.received()] == ["Bonjour"]


# Letters: out only


class Tray:
    def __init__(self) -> None:
        self.letters: dict[str, Drawn] = {}

    async def put(self, to: Address, key: str, drawn: Drawn) -> None:
        self.letters.setdefault(key, drawn)


ENVELOPE = Envelope(
    recipient_lines=("Marguerite Lambert", "Square du Tilleul 7", "1030 SCHAERBEEK"),
    sender_lines=("Renard Gestion SRL", "Rue du Renard 1", "1000 Bruxelles"),
    dated="Schaerbeek, le 22 novembre 2026",
    language="fr",
    footer="Résidence Les Tilleuls",
    reference="Notre référence :",
    columns=("Rubrique", "Montant"),
    how_to_answer=("Comment répondre", "Entourez un numéro."),
    code="K7F29QABCD",
    invitation=("Préférez-vous les messages ?", "Écrivez ce code à @bot."),
    pictures={},
)


async def _posted(to: Address) -> Envelope | None:
    return ENVELOPE if to.handle == "marguerite" else None


async def test_a_letter_says_the_same_once() -> None:
    import pymupdf

    tray, to = Tray(), Address("letter", "marguerite")
    letter = Letter(_posted, tray.put)
    receipt = await letter.send(to, CARD, (), key(1), None)
    assert receipt == replace(await letter.send(to, CARD, (), key(1), None), at=receipt.at)
    (drawn,) = tray.letters.values()
    with pymupdf.open(stream=drawn.pdf, filetype="pdf") as pages:
        text = " ".join("".join(page.get_text() for page in pages).replace("\u00a0", " ").replace("’", "'").split())
    at = 0
    for words in (*paragraphs(CARD), *LABELS):
        wanted = " ".join(words.replace("\u00a0", " ").split())
        assert wanted in text[at:], (wanted, text)
        at = text.index(wanted, at) + len(wanted)


async def test_a_letter_without_an_address_or_for_many_is_not_posted() -> None:
    letter = Letter(_posted, Tray().put)
    for to in (Address("letter", "nobody"), Room("letter", "all")):
        with pytest.raises(Rejected):
            await letter.send(to, CARD, (), key(1), None)
    with pytest.raises(Rejected):
        await letter.send(
            Address("letter", "marguerite"), CARD, [file("a.pdf", "application/pdf", b"%PDF")], key(2), None
        )
