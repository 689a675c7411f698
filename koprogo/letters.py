"""Letters: whom they are for and what is on their envelope, in the reader's words; and the tray that keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from babel import Locale

from channels.letter import Envelope
from channels.letter.sheet import Drawn
from core.database import Database
from core.documents.service import Shelf
from core.kernel.clock import local_day
from core.kernel.i18n import COUNTRY, Catalogues, Words
from core.kernel.text import Text, say
from core.messaging.channel import Address
from core.outbox.letter_texts import service as letter_texts
from core.outbox.letter_texts.model import STANDARD, LetterTexts
from core.outbox.letters import service as letters
from core.outbox.letters.model import Correspondent
from core.people import service as people


class Post:
    """What the channel `letter` asks of this installation: `address_of` and `tray`.

    `invitation` tells the channel that the code in a letter ties, and the sentence that says where to write it; None: letters carry no code.
    """

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        catalogues: Catalogues,
        invitation: Callable[[], Awaitable[tuple[str, Text] | None]],
    ) -> None:
        self._database, self._shelf, self._catalogues, self._invitation = database, shelf, catalogues, invitation

    async def address_of(self, to: Address) -> Envelope | None:
        """The envelope for whoever lives at an address of the channel; None where there is no postal address."""
        for organisation, person in await people.known_at(self._database, to):
            async with self._database.work(organisation) as uow:
                found = await letters.correspondent(uow, person)
                if found is None:
                    continue
                texts = await letter_texts.texts(uow, found.language)
                code, where = "", tuple[Text, ...]()
                if invitation := await self._invitation():
                    channel, sentence = invitation
                    code = await people.invite(uow, person, channel)
                    lasts = local_day(uow.now + people.INVITATION_LASTS)
                    where = (say("letter.invitation.title"), sentence, say("letter.invitation.lasts", day=lasts))
                    await uow.commit()
                dated = say("letter.dated", place=found.houses[0].city, day=local_day(uow.now))
                return envelope(found, self._catalogues[found.language], dated, code, where, texts)
        return None

    async def tray(self, to: Address, key: str, drawn: Drawn) -> None:
        """Puts the PDF on the shelf, and lists it."""
        file = await self._shelf.put(drawn.pdf)
        for organisation, person in await people.known_at(self._database, to):
            async with self._database.work(organisation) as uow:
                if await letters.correspondent(uow, person) is None:
                    continue
                await letters.add(uow, key, person, file, drawn.pages)
                await uow.commit()
                return


def envelope(
    to: Correspondent,
    words: Words,
    dated: Text,
    code: str = "",
    invitation: tuple[Text, ...] = (),
    texts: LetterTexts = STANDARD,
) -> Envelope:
    """The envelope in the reader's words. The town in capitals, and the country only abroad, as bpost wants them.

    `texts`: what the organisation wants in its letters of that language; an empty one stands for the standard text.
    """
    house = to.houses[0]
    sender = [to.syndic, words(say("letter.sender.syndic", building=house.name))] if to.syndic else [house.name]
    return Envelope(
        recipient_lines=(to.name, to.street, f"{to.postal_code} {to.city}".strip().upper(), _country(to, words)),
        sender_lines=(*sender, house.address, f"{house.postal_code} {house.city}", to.syndic_phone, to.syndic_email),
        dated=words(dated),
        language=words.language,
        footer=" · ".join(
            words(say("letter.footer", building=at.name, address=at.address, postal_code=at.postal_code, city=at.city))
            for at in to.houses
        ),
        reference=words(say("letter.reference")),
        columns=(words(say("letter.column.label")), words(say("letter.column.value"))),
        how_to_answer=(words(say("letter.answer.title")), words(say("letter.answer.body"))),
        code=code,
        invitation=tuple(map(words, invitation)),
        pictures={"epc-qr.png": words(say("letter.picture.epc_qr"))},
        greeting=texts.greeting or words(say("letter.greeting")),
        added=texts.added,
        closing=texts.closing or words(say("letter.closing")),
        signature=sender[0],
    )


def _country(to: Correspondent, words: Words) -> str:
    if not to.country:
        return ""
    names = Locale(words.language, COUNTRY[words.language]).territories
    return str(names.get(to.country, to.country)).upper()
