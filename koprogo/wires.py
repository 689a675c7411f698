"""What the pages of settings and invitations ask of this installation: its channels, how it is reached, and letters drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from uuid import UUID

from bot.drawings.qr import link_png
from channels.letter import Apart, Envelope, sheet_of
from channels.letter.sheet import Picture, Sheet
from core.buildings.model import Building
from core.kernel.errors import DomainError
from core.kernel.i18n import Words
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Fact
from core.messaging.channel import ChannelError
from core.outbox.letter_texts.model import STANDARD, LetterTexts
from core.outbox.letters.model import Correspondent, House
from core.people.invitations import cards
from core.people.invitations.model import Invited, Way
from core.people.model import LETTER
from koprogo.application import Application
from koprogo.channels import configured, ways
from koprogo.letters import envelope
from koprogo.settings import reachable
from web_admin.settings.wires import Wire

ASK_SECONDS = 3.0
"""How long a page waits for a channel to say who we are there."""
ASK_AGAIN_SECONDS = 60.0
NEEDS = {
    "email": ("KOPROGO_EMAIL_ADDRESS", "KOPROGO_EMAIL_SMTP", "KOPROGO_EMAIL_IMAP"),
    "matrix": ("KOPROGO_MATRIX_HOMESERVER", "KOPROGO_MATRIX_USER", "KOPROGO_MATRIX_PASSWORD"),
    "telegram": ("KOPROGO_TELEGRAM_TOKEN",),
}
"""What switches each channel on in the usual way; the guides tell of the others."""
GUIDES = {
    "email": ("docs/hosting/email-mailbox.rst", "docs/hosting/email-server.rst"),
    "matrix": ("docs/hosting/matrix-user.rst", "docs/hosting/matrix-service.rst"),
    "telegram": ("docs/hosting/telegram.rst",),
    LETTER: ("docs/hosting/letters.rst",),
}
ORDER = ("telegram", "email", "matrix")
"""In which order somebody who is invited reads of the channels: first the one that a phone opens by itself."""


class Wires:
    """The `Installation` of the office."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._draw = Apart()
        self._asking = asyncio.Lock()
        self._asked: float | None = None

    def wires(self) -> list[Wire]:
        on = {*reachable(self._application.settings), LETTER}
        return [Wire(name, name in on, NEEDS.get(name, ()), GUIDES[name], name == LETTER) for name in (*ORDER, LETTER)]

    async def ways(self) -> list[Way]:
        found = self._application.ways
        async with self._asking:
            if set(reachable(self._application.settings)) - set(found) and self._time_to_ask():
                await self._ask()
        return [Way(name, found[name].where, found[name].link) for name in ORDER if name in found]

    async def invitations(
        self, building: Building, given: Sequence[Invited], texts: Mapping[str, LetterTexts], day: date
    ) -> bytes:
        known = await self.ways()
        catalogues = self._application.catalogues
        sheets = [
            invitation(building, each, known, catalogues[each.to.language], texts.get(each.to.language, STANDARD), day)
            for each in given
        ]
        return await self._drawn(sheets)

    async def specimen(self, building: Building, language: str, texts: LetterTexts, day: date) -> bytes:
        return await self._drawn([specimen(building, self._application.catalogues[language], texts, day)])

    async def _drawn(self, sheets: Sequence[Sheet]) -> bytes:
        try:
            return (await self._draw(*sheets)).pdf
        except ChannelError as error:
            raise DomainError("letter.not_drawn") from error

    def _time_to_ask(self) -> bool:
        now = asyncio.get_running_loop().time()
        due = self._asked is None or now >= self._asked + ASK_AGAIN_SECONDS
        self._asked = now if due else self._asked
        return due

    async def _ask(self) -> None:
        """A process that runs no bot has nobody yet who asked Telegram for our name."""

        async def nothing(inbound: object) -> None:
            """Who we are is all that is asked; nothing is received."""

        mine = self._application
        running = mine.channels.keys() >= set(reachable(mine.settings))
        channels = (
            mine.channels
            if running
            else configured(mine.settings, mine.database, mine.catalogues, lambda name: nothing, mine.shelf)
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(ways(mine.settings, channels, mine.ways), ASK_SECONDS)


def invitation(
    building: Building, given: Invited, known: Sequence[Way], words: Words, texts: LetterTexts, day: date
) -> Sheet:
    """The letter that invites somebody: his lot and language, the code, where to write it, and a picture that a phone opens."""
    to, card = given.to, cards.letter(given, building.name).map(words)
    pictures = [
        Picture("image/png", words(say("invitation.qr", link=link)), link_png(link))
        for way in known
        if way.channel == "telegram" and (link := cards.opened(way, given.code))
    ]
    home = (to.street, to.postal_code, to.city, to.country) if to.street.strip() and to.city.strip() else None
    street, postal_code, city, country = home or (building.address, building.postal_code, building.city, "")
    found = _correspondent(to.person_id, to.language, to.name, street, postal_code, city, country, building)
    made = _envelope(found, words, day, texts, given.code, cards.how(known, given))
    lots = cards.lots(to)
    if home is None and lots is not None:
        # Put into the letterbox by hand: the lot says which.
        name, *address = made.recipient_lines
        made = replace(made, recipient_lines=(name, words(lots), *address))
    return replace(sheet_of(card, made, pictures, ""), invites=True)


def specimen(building: Building, words: Words, texts: LetterTexts, day: date) -> Sheet:
    """A letter to nobody."""
    card: Card[Text] = Card(
        say("letter.specimen.title"),
        (say("letter.specimen.body"),),
        (Fact(say("broadcast.fact.building"), literal(building.name)),),
    )
    found = _correspondent(
        UUID(int=0),
        words.language,
        words(say("letter.specimen.recipient")),
        building.address,
        building.postal_code,
        building.city,
        "",
        building,
    )
    return sheet_of(card.map(words), _envelope(found, words, day, texts), [], "")


def _envelope(
    to: Correspondent, words: Words, day: date, texts: LetterTexts, code: str = "", how: tuple[Text, ...] = ()
) -> Envelope:
    """No delivery stands behind it, so there is no reference."""
    dated = say("letter.dated", place=to.houses[0].city, day=day)
    return replace(envelope(to, words, dated, code, how, texts), reference="")


def _correspondent(
    person: UUID, language: str, name: str, street: str, postal_code: str, city: str, country: str, building: Building
) -> Correspondent:
    house = House(building.name, building.address, building.postal_code, building.city)
    syndic = building.syndic
    abroad = "" if country.upper() == "BE" else country.upper()
    return Correspondent(
        person,
        language,
        name,
        street,
        postal_code,
        city,
        abroad,
        (house,),
        syndic.name,
        syndic.email,
        syndic.phone,
    )
