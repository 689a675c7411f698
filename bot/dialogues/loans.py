"""Talk about things that neighbours lend: put one up, find one, ask for it, grant it, hand it over, bring it back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from bot.dialogues import borrowing, days, lending
from bot.photos import photo_of
from bot.turn import BRIEF, Step, Turn
from core.community.loans import cards, service
from core.community.loans.cards import Shown
from core.community.loans.model import BOOKED, Side, State
from core.community.loans.module import INTENTS, LOANS
from core.community.loans.things.cards import AVAILABLE, LEND
from core.community.words.model import score, terms
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent

Move = Callable[[UnitOfWork, UUID, UUID], Awaitable[Card[Text]]]

MOVES: Mapping[str, Move] = {
    "grant": service.grant,
    "refuse": service.refuse,
    "accept": service.accept,
    "cancel": service.cancel,
    "hand_over": service.hand_over,
    "bring_back": service.bring_back,
    "deny": service.deny,
    "lose": service.lose,
    "longer": service.longer,
    "grant_longer": service.grant_longer,
    "refuse_longer": service.refuse_longer,
}
"""What is done with a loan by one tap."""


class Loans:
    """Slots from words: `item`, `period`. From our own choices: `do` with `loan`, `thing` or `words`; who may do it is judged anew."""

    name = "loans"
    version = 1
    module = LOANS.name
    intents = INTENTS
    offers = tuple((intent, say(f"help.offer.{intent}")) for intent in INTENTS)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        slots = intent.slots
        if "loan" in slots:
            return await self._moved(turn, str(slots["do"]), UUID(str(slots["loan"])))
        if slots.get("do") in ("alert", "no_alert"):
            return await borrowing.alert(turn, slots)
        if intent.name == LEND:
            return await (
                lending.pressed(turn, str(slots["do"]), UUID(str(slots["thing"])))
                if "thing" in slots
                else lending.lend(turn, intent)
            )
        if intent.name == AVAILABLE:
            return await borrowing.available(turn, intent)
        if intent.name == "loans.return":
            return await self._returned(turn, str(slots.get("item", "")))
        return await borrowing.borrow(turn, intent)

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        ask = str(state["ask"])
        if ask == "other":
            return await self._suggested(turn, state)
        if "loan" in state:
            return await self._pictured(turn, state)
        if lending.asks(ask):
            return await lending.answered(turn, ask, state)
        return await borrowing.answered(turn, state)

    async def _moved(self, turn: Turn, do: str, loan: UUID) -> Step:
        person = turn.person.person_id
        if do in MOVES:
            try:
                return Step((await MOVES[do](turn.uow, person, loan),))
            except DomainError as refusal:
                if refusal.text.key == "loans.still_out":
                    thing = (await service.shown(turn.uow, person, loan)).thing
                    return Step((cards.still_out(refusal.text, await _out(turn, thing.thing_id)),))
                if refusal.text.key != "loans.moved_on":
                    raise
                # Pressed twice, or long ago: what became of it says more than that it can be done no more.
                return Step((await service.standing(turn.uow, person, loan),))
        shown = await service.shown(turn.uow, person, loan)
        if do == "photo":
            return Step((_ask_photo(shown),), {"ask": "photo", "loan": str(loan), **BRIEF})
        return Step((cards.ask_other_days(shown),), {"ask": "other", "loan": str(loan), **BRIEF})

    async def _suggested(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        wanted = days.said(turn)
        if wanted is None:
            return Step((Card(say("loans.no_days"), (say("loans.which_days.body"),)),), state)
        try:
            return Step((await service.suggest(turn.uow, turn.person.person_id, UUID(state["loan"]), wanted),))
        except DomainError as refusal:
            if not (borrowing.wrong_days(refusal) or refusal.text.key == "loans.promised"):
                raise
            return Step((Card(refusal.text, (say("loans.which_days.body"),)),), state)

    async def _pictured(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        person, loan = turn.person.person_id, UUID(state["loan"])
        try:
            photo = await photo_of(turn)
        except DomainError as refusal:
            return Step((Card(refusal.text),), state)
        if photo is None:
            return Step((_ask_photo(await service.shown(turn.uow, person, loan)),), state)
        return Step((await service.add_photo(turn.uow, person, loan, photo),))

    async def _returned(self, turn: Turn, item: str) -> Step:
        """Of what he has borrowed; else of what he has lent: somebody brought it back."""
        person = turn.person.person_id
        running = [each for each in await service.running(turn.uow, person) if each.loan.state in BOOKED]
        mine = [each for each in running if each.loan.borrower == person]
        found = _about(item, mine) or _about(item, [each for each in running if each.loan.lender == person])
        out = [each for each in found if each.loan.state is State.OUT] or found
        if not out:
            return Step((cards.nothing_out(),))
        if len(out) > 1:
            sides: list[Side] = [each.loan.side(person) for each in out]
            return Step((cards.which(out, sides),))
        loan = out[0].loan.loan_id
        said = await service.bring_back(turn.uow, person, loan)
        if (photo := await photo_of(turn)) is not None:
            await service.add_photo(turn.uow, person, loan, photo)
        return Step((said,))


async def _out(turn: Turn, thing: UUID) -> list[Shown]:
    """The loans of a thing that is out, of which whoever asks is the lender."""
    person = turn.person.person_id
    found = (each for each in await service.running(turn.uow, person) if each.loan.thing == thing)
    return [each for each in found if each.loan.state is State.OUT and each.loan.lender == person]


def _about(item: str, loans: list[Shown]) -> list[Shown]:
    """Those that a word means; all where it says nothing that we know."""
    wanted = terms(item) if item else frozenset()
    return [each for each in loans if score(wanted, terms(each.thing.name))] if wanted else loans


def _ask_photo(shown: Shown) -> Card[Text]:
    return Card(say("loans.ask.loan_photo", thing=shown.thing.name))
