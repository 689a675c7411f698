"""A letter to look at, and a tray that remembers what was put into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

import pytest
import segno

from channels.letter import Envelope
from channels.letter.sheet import Drawn, Line, Picture, Sheet
from core.messaging.channel import Address, File

WORDS = {
    "fr": ("À payer : 412,37\N{NO-BREAK SPACE}€", "Bonjour à tous, cœur, ÿ, « oui » ; l'été.", "Comment répondre"),
    "nl": (
        "Te betalen: €\N{NO-BREAK SPACE}412,37",
        "Geïnteresseerde mede-eigenaars, één à twee keer.",
        "Hoe antwoorden",
    ),
    "de": ("Zu zahlen: 412,37\N{NO-BREAK SPACE}€", "Größe, Übung, Äpfel, STRAẞE.", "So antworten Sie"),
    "en": ("To pay: €412.37", "It's “due” – in December…", "How to answer"),
}
"""For each language a title, a paragraph with its own signs, and a heading."""


@dataclass
class Tray:
    """The letters that were put into it, by delivery key."""

    letters: dict[str, tuple[Address, Drawn]] = field(default_factory=dict)

    async def __call__(self, to: Address, key: str, drawn: Drawn) -> None:
        self.letters.setdefault(key, (to, drawn))


def qr() -> bytes:
    image = BytesIO()
    segno.make_qr("BCD\n002\n1\nSCT\n\nLes Tilleuls\nBE68539007547034\nEUR412.37", error="m").save(
        image, kind="png", scale=8, border=4
    )
    return image.getvalue()


def file(content: bytes, name: str = "epc-qr.png", media_type: str = "image/png") -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content), read)


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(
        recipient_lines=("Marguerite Lambert", "Square du Tilleul Argenté 7 bte 41", "1030 SCHAERBEEK"),
        sender_lines=("Renard Gestion SRL", "Rue du Renard 1", "1000 Bruxelles"),
        dated="Schaerbeek, le 22 novembre 2026",
        language="fr",
        footer="Résidence Les Tilleuls",
        reference="Notre référence :",
        columns=("Rubrique", "Montant"),
        how_to_answer=("Comment répondre", "Entourez un numéro."),
        code="K7F29QABCD",
        invitation=("Préférez-vous les messages ?", "Écrivez ce code à @bot."),
        pictures={"epc-qr.png": "Scannez ce code."},
    )


@pytest.fixture
def sheet() -> Callable[..., Sheet]:
    """Makes a full sheet in a language; what is given replaces what there is."""

    def make(language: str = "fr", **given: object) -> Sheet:
        title, paragraph, heading = WORDS[language]
        values: dict[str, object] = {
            "language": language,
            "region": "IE" if language == "en" else "BE",
            "sender": ("Renard Gestion SRL", "Rue du Renard 1", "1000 Bruxelles"),
            "recipient": ("Marguerite Lambert", "Square du Tilleul Argenté 7 bte 41", "1030 SCHAERBEEK"),
            "dated": "Schaerbeek, 22.11.2026",
            "title": title,
            "footer": "Résidence Les Tilleuls",
            "reference": "3F2A 91BC",
            "body": (paragraph,),
            "columns": ("Rubrique", "Montant"),
            "facts": (Line("Solde", "412,37 €"), Line("Compte", "BE68 5390 0754 7034")),
            "pictures": (Picture("image/png", "Scannez ce code.", qr()),),
            "choices": ("Expliquer", "Payer"),
            "how_to_answer": (heading, "1 2 3"),
            "code": ("K7F2", "9QA", "BCD"),
            "invitation": ("Telegram?", "@tilleuls_bot"),
        }
        return Sheet(**{**values, **given})  # type: ignore[arg-type]

    return make
