"""Messages to look at: of each kind something that a person could be told, and what the bot answers to him."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from bot.registry import BUILT
from bot.understanding import COMMANDS
from core.buildings.model import Building, Known
from core.kernel.clock import BRUSSELS, local_day
from core.kernel.i18n import Catalogues
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.kinds import ACCOUNT, ANSWER, EXCHANGE, KINDS, LEGAL, LOAN, NOTICE_BOARD, TICKET
from core.outbox.broadcasts.cards import broadcast_card
from core.outbox.broadcasts.model import EVERYONE, Audience, Broadcast, Occasion, Wording
from core.outbox.gathering.cards import gathered
from core.people import cards as people_cards
from web_admin.preview.protocols import Sample

STRANGER, DIGEST = "stranger", "digest"
QUESTIONS = (
    *("charges.owed", "charges.explain", "charges.pay", "charges.paid", "charges.expenses", "charges.funds"),
    *("settings.notify", "settings.link", "human", "help"),
)
"""What is asked most; of what the bot answers by now."""
BETWEEN_NEIGHBOURS = (LOAN, EXCHANGE)
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told unasked: a card of a kind."""

    card: Card[Text]
    kind: str


def samples() -> Sequence[Sample]:
    asked = [Sample(intent, say(_label(intent)), answer=True) for intent in QUESTIONS if intent in BUILT]
    stranger = Sample(STRANGER, say("office.preview.sample.stranger"), answer=True)
    kinds = [Sample(kind, say(f"kind.{kind}")) for kind in KINDS if kind != ANSWER]
    return (*asked, stranger, *kinds, Sample(DIGEST, say("office.preview.sample.digest")))


def question(name: str, language: str) -> str:
    """What somebody writes to be answered that: a command, which leaves no doubt."""
    return f"/{COMMANDS['greet' if name == STRANGER else name][language]}"


def told(name: str, known: Known, language: str, catalogues: Catalogues, now: datetime) -> Told | None:
    """The sample of that name; None where there is none."""
    if name == DIGEST:
        parts = [_card(kind, known, language, catalogues, now) for kind in (NOTICE_BOARD, TICKET)]
        return Told(gathered(parts, True), NOTICE_BOARD)
    if name not in KINDS or name == ANSWER:
        return None
    return Told(_card(name, known, language, catalogues, now), name)


def _card(kind: str, known: Known, language: str, catalogues: Catalogues, now: datetime) -> Card[Text]:
    if kind == ACCOUNT:
        return people_cards.was_it_you(Address("email", known.building.syndic.email or "koprogo@mail.example"))
    title, body = (say(f"office.preview.sample.{kind}.{part}") for part in ("title", "body"))
    if kind in BETWEEN_NEIGHBOURS:
        return Card(title, (body,))
    words = catalogues[language]
    wording = Wording(words(title), words(body))
    occasion = _assembly(known.building, now) if kind == LEGAL else None
    # The same words for whichever language the building would have chosen: nothing is said of a translation.
    broadcast = Broadcast(
        NOBODY, known.building_id, NOBODY, Audience(EVERYONE), {language: wording}, language, kind, occasion=occasion
    )
    sender = known.building.syndic.name or known.building.name
    return broadcast_card(broadcast, known.building, sender, language, (), now)


def _assembly(building: Building, now: datetime) -> Occasion:
    day = local_day(now) + timedelta(days=22)
    begins = datetime.combine(day, time(19), BRUSSELS)
    return Occasion(begins, begins + timedelta(hours=2), f"{building.address}, {building.city}")


def _label(intent: str) -> str:
    return "bot.choice.help" if intent == "help" else f"help.offer.{intent}"
