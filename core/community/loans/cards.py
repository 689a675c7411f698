"""What is said about a loan, to the one side and to the other. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.community.loans.model import SILENCE, Loan, Side, State
from core.community.loans.things import cards as things
from core.community.loans.things.model import Thing
from core.community.neighbours.cards import reached_at
from core.community.neighbours.model import Contact
from core.community.sel.model import time
from core.kernel.periods import Period
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent

BORROW = things.BORROW


@dataclass(frozen=True, slots=True)
class Shown:
    """A loan as it is shown: with its thing, and both as neighbours call them."""

    loan: Loan
    thing: Thing
    lender: str
    borrower: str

    def moved(self, loan: Loan) -> Shown:
        return replace(self, loan=loan)

    def name(self, side: Side) -> str:
        return self.lender if side is Side.LENDER else self.borrower


def when(days: Period) -> Text:
    return literal(days.first) if days.days == 1 else say("loans.from_to", first=days.first, last=days.last)


# --- what there is ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A thing in a list. `owner`: as neighbours call him, "" for the reader himself; `free`: the first day on which nobody has it."""

    thing: Thing
    owner: str
    free: date | None
    today: date


MOST_LISTED = 8


def listed(title: Text, offers: Sequence[Offer], more: int = 0, days: Period | None = None) -> Card[Text]:
    """What can be borrowed. `more`: how many things besides; `days`: those that were asked for."""
    facts = tuple(Fact(literal(each.thing.name), _offer(each)) for each in offers)
    body = (say("loans.list.more", count=more),) if more else ()
    choices = tuple(things.borrow(each.thing, days) if each.owner else things.change(each.thing) for each in offers)
    return Card(title, body, facts, choices)


def nothing_listed() -> Card[Text]:
    return Card(
        say("loans.list.empty"),
        (say("loans.list.empty_body"),),
        choices=(Choice(Intent(things.LEND), say("help.offer.loans.lend")),),
    )


def _offer(each: Offer) -> Text:
    if not each.owner:
        return say("loans.list.yours")
    if each.free is None:
        return say("loans.list.taken", who=each.owner)
    if each.free <= each.today:
        return say("loans.list.now", who=each.owner)
    return say("loans.list.from", who=each.owner, day=each.free)


def which_days(thing: Thing, owner: str, days: Sequence[tuple[Text, Period]], wrong: Text | None = None) -> Card[Text]:
    """From when until when? `days`: what is offered as buttons; `wrong`: why those that were said do not do."""
    choices = tuple(
        Choice(Intent(BORROW, {"thing": str(thing.thing_id), "period": str(each)}), label) for label, each in days
    )
    lender = Fact(say("loans.fact.lender"), literal(owner))
    return Card(
        wrong or say("loans.which_days.title", thing=thing.name),
        (say("loans.which_days.body"),),
        (lender, *things.facts(thing)),
        choices,
        things.photos(thing.name, thing.photo),
    )


def taken(thing: Thing, days: Period, instead: Period | None) -> Card[Text]:
    """Somebody else has it then: other days, or the waiting list."""
    slots = {"thing": str(thing.thing_id)}
    choices = [Choice(Intent(BORROW, {**slots, "period": str(days), "do": "queue"}), say("loans.choice.queue"))]
    body = []
    if instead is not None:
        body = [say("loans.taken.free", day=instead.first)]
        choices.insert(
            0,
            Choice(Intent(BORROW, {**slots, "period": str(instead)}), say("loans.choice.instead", days=when(instead))),
        )
    return Card(
        say("loans.taken.title", thing=thing.name),
        tuple(body),
        (Fact(say("loans.fact.when"), when(days)),),
        tuple(choices),
    )


# --- asking ----------------------------------------------------------------------------------------------------------------------


def asked(shown: Shown, *, again: bool = False) -> Card[Text]:
    """For the lender: somebody would like to borrow it."""
    body = (say("loans.asked.again", who=shown.borrower),) if again else ()
    return Card(
        say("loans.asked.title", who=shown.borrower, thing=shown.thing.name),
        body,
        facts(shown),
        (
            choice(shown, "grant", "loans.choice.grant"),
            choice(shown, "refuse", "loans.choice.refuse"),
            choice(shown, "other", "loans.choice.other"),
        ),
    )


def requested(shown: Shown) -> Card[Text]:
    """For the borrower: it was asked for."""
    return Card(
        say("loans.requested.title", who=shown.lender, thing=shown.thing.name),
        (say("loans.requested.body"),),
        facts(shown),
        (choice(shown, "cancel", "loans.choice.cancel_request"),),
    )


def queued(shown: Shown) -> Card[Text]:
    return Card(
        say("loans.queued.title", thing=shown.thing.name),
        (say("loans.queued.body", who=shown.lender),),
        facts(shown),
        (choice(shown, "cancel", "loans.choice.leave_queue"),),
    )


def passed_over(shown: Shown) -> Card[Text]:
    """For whoever asked for days that somebody else was granted."""
    return Card(
        say("loans.passed_over.title", thing=shown.thing.name),
        (say("loans.passed_over.body", who=shown.lender),),
        facts(shown),
        (choice(shown, "cancel", "loans.choice.leave_queue"), _other_days(shown)),
    )


def free_again(shown: Shown) -> Card[Text]:
    """For the first on the waiting list."""
    return Card(
        say("loans.free_again.title", thing=shown.thing.name),
        (say("loans.free_again.body", who=shown.lender),),
        facts(shown),
        (choice(shown, "cancel", "loans.choice.cancel_request"),),
    )


def granted(shown: Shown, side: Side, contact: Contact | None) -> Card[Text]:
    """For one side, with where to find the other one."""
    who = contact.name if contact is not None else shown.name(side.other)
    return Card(
        say(f"loans.granted.{side.value}.title", who=who, thing=shown.thing.name),
        (say("loans.granted.body"),),
        (*facts(shown), *reached_at(contact)),
        (
            choice(shown, "hand_over", f"loans.choice.handed.{side.value}"),
            choice(shown, "cancel", "loans.choice.cancel"),
        ),
    )


def refused(shown: Shown) -> Card[Text]:
    return Card(
        say("loans.refused.title", who=shown.lender, thing=shown.thing.name),
        (say("loans.refused.body"),),
        facts(shown),
        (_other_days(shown), Choice(Intent(things.AVAILABLE), say("loans.choice.all"))),
    )


def not_offered(shown: Shown) -> Card[Text]:
    """For whoever asked: it was withdrawn meanwhile."""
    return Card(
        say("loans.not_offered", thing=shown.thing.name),
        (say("loans.request_over"),),
        choices=(Choice(Intent(things.AVAILABLE), say("loans.choice.all")),),
    )


def ask_other_days(shown: Shown) -> Card[Text]:
    return Card(
        say("loans.other.title", who=shown.borrower, thing=shown.thing.name),
        (say("loans.which_days.body"),),
        facts(shown),
    )


def suggested(shown: Shown) -> Card[Text]:
    return Card(
        say("loans.suggested.title", who=shown.lender, thing=shown.thing.name),
        (),
        facts(shown),
        (choice(shown, "accept", "loans.choice.accept"), choice(shown, "cancel", "loans.choice.decline")),
    )


def passed_on(shown: Shown, side: Side) -> Card[Text]:
    """What somebody said was told to the other side."""
    return Card(say("loans.passed_on", who=shown.name(side)), (), facts(shown))


def cancelled(shown: Shown, by: Side, *, gone: bool = False) -> Card[Text]:
    """For the other side. `gone`: the thing is put up no more, so that there are no other days."""
    return Card(
        say(f"loans.cancelled.{by.value}.title", who=shown.name(by), thing=shown.thing.name),
        (),
        facts(shown),
        (_other_days(shown),) if by is Side.LENDER and not gone else (),
    )


def left_queue(shown: Shown) -> Card[Text]:
    return Card(say("loans.left_queue", thing=shown.thing.name))


def lapsed(shown: Shown, before: State, *, closed: bool = False) -> Card[Text]:
    """Its days went by, or lending has ended in the building: `before` says what became of it."""
    if closed:
        return Card(say("loans.lapsed.closed", thing=shown.thing.name), (say("loans.request_over"),), facts(shown))
    return Card(
        say(f"loans.lapsed.{before.value}", who=shown.lender, thing=shown.thing.name),
        (say("loans.lapsed.body"),),
        facts(shown),
    )


# --- hand-over and return --------------------------------------------------------------------------------------------------------


def claimed(shown: Shown, photo: str | None = None) -> Card[Text]:
    """For the side that has not said yet whether it was handed over, or is back."""
    loan, what, by = shown.loan, _claim(shown.loan), _claimer(shown.loan)
    return Card(
        say(f"loans.{what}.{by.value}.title", who=shown.name(by), thing=shown.thing.name),
        (say("loans.claim.confirm"),),
        facts(shown),
        (
            choice(shown, "hand_over" if what == "handed" else "bring_back", "loans.choice.true"),
            choice(shown, "deny", "loans.choice.not_true"),
        ),
        things.photos(shown.thing.name, photo or (loan.handed_photo if what == "handed" else loan.returned_photo)),
    )


def noted(shown: Shown) -> Card[Text]:
    """For the side that said so: the other one has to confirm."""
    by = _claimer(shown.loan)
    return Card(
        say(f"loans.noted.{_claim(shown.loan)}", thing=shown.thing.name),
        (say("loans.noted.body", who=shown.name(by.other), count=SILENCE.days),),
        (),
        (choice(shown, "photo", "loans.choice.photo"),),
    )


def photo_shown(shown: Shown, by: Side, photo: str) -> Card[Text]:
    """For the other side: a picture came along."""
    return Card(
        say("loans.photo.shown", who=shown.name(by), thing=shown.thing.name),
        attachments=things.photos(shown.thing.name, photo),
    )


def out(shown: Shown, side: Side, *, silence: bool = False) -> Card[Text]:
    """For one side: it was handed over. `silence`: the other one said nothing, so it is taken for true."""
    body = [say("loans.by_silence")] if silence else []
    if shown.loan.deposit:
        body.append(say("loans.held", time=time(shown.loan.held)) if shown.loan.held else say("loans.not_held"))
    returned = "returned" if side is Side.BORROWER else "came_back"
    choices = [choice(shown, "bring_back", f"loans.choice.{returned}")]
    if side is Side.BORROWER:
        choices.append(choice(shown, "longer", "loans.choice.longer"))
    return Card(
        say(f"loans.out.{side.value}", who=shown.borrower, thing=shown.thing.name, day=shown.loan.days.last),
        tuple(body),
        choices=tuple(choices),
    )


def back(shown: Shown, side: Side, *, silence: bool = False) -> Card[Text]:
    """For one side: it is back."""
    body = [say("loans.by_silence")] if silence else []
    if shown.loan.held:
        body.append(say("loans.released", time=time(shown.loan.held)))
    return Card(say(f"loans.back.{side.value}", who=shown.name(side.other), thing=shown.thing.name), tuple(body))


def denied(shown: Shown, by: Side) -> Card[Text]:
    """For the side whose word the other one does not share."""
    state = "handed" if shown.loan.state is State.GRANTED else "returned"
    return Card(
        say(f"loans.denied.{state}", who=shown.name(by), thing=shown.thing.name),
        (say("loans.denied.body"),),
    )


def lost(shown: Shown, side: Side) -> Card[Text]:
    """For one side: the lender gave it up, and keeps the deposit."""
    body = [say(f"loans.lost.{side.value}_body", who=shown.name(side.other))]
    if shown.loan.held:
        body.append(say(f"loans.kept.{side.value}", who=shown.lender, time=time(shown.loan.held)))
    return Card(say(f"loans.lost.{side.value}", who=shown.lender, thing=shown.thing.name), tuple(body))


def still_out(why: Text, others: Sequence[Shown]) -> Card[Text]:
    """For the lender: somebody else has it by our list. `others`: those of whom he may say that they brought it back."""
    choices = [
        Choice(_intent(each, "bring_back"), say("loans.choice.this", thing=each.thing.name, who=each.borrower))
        for each in others
    ]
    return Card(why, choices=tuple(choices))


# --- longer ----------------------------------------------------------------------------------------------------------------------


def longer_asked(shown: Shown, until: date) -> Card[Text]:
    return Card(
        say("loans.longer.asked", who=shown.borrower, thing=shown.thing.name, day=until),
        choices=(
            choice(shown, "grant_longer", "loans.choice.grant"),
            choice(shown, "refuse_longer", "loans.choice.refuse"),
        ),
    )


def longer_noted(shown: Shown, until: date) -> Card[Text]:
    return Card(say("loans.longer.noted", who=shown.lender, thing=shown.thing.name, day=until))


def longer_granted(shown: Shown) -> Card[Text]:
    return Card(
        say("loans.longer.granted", who=shown.lender, thing=shown.thing.name, day=shown.loan.days.last),
        choices=(choice(shown, "bring_back", "loans.choice.returned"),),
    )


def longer_refused(shown: Shown) -> Card[Text]:
    return Card(
        say("loans.longer.refused", who=shown.lender, thing=shown.thing.name, day=shown.loan.days.last),
        choices=(choice(shown, "bring_back", "loans.choice.returned"),),
    )


# --- where it stands -------------------------------------------------------------------------------------------------------------


def standing(shown: Shown, side: Side, contact: Contact | None) -> Card[Text] | None:
    """For one side: what he was told last, as it is now; None where it is over. `contact`: once it is agreed."""
    loan, lends = shown.loan, side is Side.LENDER
    if loan.claimed_by is not None:
        return claimed(shown) if loan.claimed_by is side.other else noted(shown)
    match loan.state:
        case State.ASKED:
            return asked(shown) if lends else requested(shown)
        case State.SUGGESTED:
            return passed_on(shown, side.other) if lends else suggested(shown)
        case State.WAITING:
            return passed_on(shown, side.other) if lends else queued(shown)
        case State.GRANTED:
            return granted(shown, side, contact)
        case State.OUT:
            return longer_asked(shown, loan.longer) if lends and loan.longer is not None else out(shown, side)
    return None


# --- which one? ------------------------------------------------------------------------------------------------------------------


def which(loans: Sequence[Shown], me: Sequence[Side]) -> Card[Text]:
    """Several are out: which one is back?"""
    choices = tuple(
        Choice(
            _intent(each, "bring_back"),
            say("loans.choice.this", thing=each.thing.name, who=each.name(side.other)),
        )
        for each, side in zip(loans, me, strict=True)
    )
    return Card(say("loans.which.title"), choices=choices)


def nothing_out() -> Card[Text]:
    return Card(
        say("loans.nothing_out.title"),
        (say("loans.nothing_out.body"),),
        choices=(
            Choice(Intent(things.AVAILABLE), say("loans.choice.all")),
            Choice(Intent("human"), say("bot.choice.human")),
        ),
    )


# ---------------------------------------------------------------------------------------------------------------------------------


def _claim(loan: Loan) -> str:
    """What one side said: that it was handed over, or brought back."""
    return "handed" if loan.state is State.GRANTED else "returned"


def _claimer(loan: Loan) -> Side:
    if loan.claimed_by is None:
        raise ValueError("nobody said anything")
    return loan.claimed_by


def facts(shown: Shown) -> tuple[Fact[Text], ...]:
    """What it is about: the days, and the deposit."""
    agreed = things.deposit(shown.loan.deposit)
    return (Fact(say("loans.fact.when"), when(shown.loan.days)), *((agreed,) if agreed else ()))


def _other_days(shown: Shown) -> Choice[Text]:
    return Choice(Intent(BORROW, {"thing": str(shown.thing.thing_id)}), say("loans.choice.other"))


def _intent(shown: Shown, do: str) -> Intent:
    return Intent(BORROW, {"do": do, "loan": str(shown.loan.loan_id)})


def choice(shown: Shown, do: str, label: str) -> Choice[Text]:
    """Something to do with a loan, by the name of its move."""
    return Choice(_intent(shown, do), Text(label))
