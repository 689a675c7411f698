"""Use cases of the loans: ask, grant, hand over, bring back. Each gives the card for whoever did it, and tells the other side.

Every move locks the thing first, so that two of them never meet; what the database itself refuses is who has it on which days.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from core.community.loans import cards, store
from core.community.loans.cards import Offer, Shown
from core.community.loans.model import BOOKED, OPEN, Loan, Side, State, free, next_free, next_in_line, overlap
from core.community.loans.things import cards as thing_cards
from core.community.loans.things import service as things
from core.community.loans.things import store as thing_store
from core.community.loans.things.model import AHEAD, Thing
from core.community.neighbours import service as neighbours
from core.community.neighbours.model import called
from core.community.posts import service as posts
from core.community.removals import service as removals
from core.community.removals.model import Removal, gone, reason_of
from core.community.sel import service as hours
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.periods import Period
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import LOAN
from core.people import service as people
from core.people.audit.model import Actor

POST = "loan"
"""What a request is called among posts."""
POSTS = (things.POST, POST)
"""The kinds of posts that `take_back` takes back."""


# --- what there is ---------------------------------------------------------------------------------------------------------------


async def offers(uow: UnitOfWork, reader: UUID, found: list[Thing]) -> list[Offer]:
    """Things as their reader sees them in a list: whose each is, and from when on it is free."""
    today, first = local_day(uow.now), await free_from(uow, found)
    listed = []
    for thing in found:
        owner = "" if thing.owner == reader else await _called(uow, thing.owner)
        listed.append(Offer(thing, owner, first[thing.thing_id], today))
    return listed


async def owner_of(uow: UnitOfWork, thing: Thing) -> str:
    """Whose it is, as neighbours call him. DomainError where he lives there no more, or has withdrawn it."""
    owner = await neighbours.neighbour(uow, thing.offered().building, thing.owner)
    if owner is None:
        raise DomainError("loans.not_offered", thing=thing.name)
    return owner.called


async def instead(uow: UnitOfWork, thing: Thing, days: Period) -> Period | None:
    """The first days from those wanted on, as many as wanted, on which nobody has it; None within a year from now."""
    taken = await _taken(uow, [thing.thing_id])
    return next_free(days, taken.get(thing.thing_id, []), local_day(uow.now) + AHEAD)


async def free_from(uow: UnitOfWork, found: list[Thing]) -> dict[UUID, date | None]:
    """From which day on each thing can be had; None: not within a year."""
    today = local_day(uow.now)
    taken = await _taken(uow, [thing.thing_id for thing in found])
    ahead = {
        thing.thing_id: next_free(Period(today, today), taken.get(thing.thing_id, []), today + AHEAD) for thing in found
    }
    return {thing: days.first if days else None for thing, days in ahead.items()}


async def running(uow: UnitOfWork, person: UUID) -> list[Shown]:
    """The loans of a person that are not over, on whichever side he is, by their last day."""
    loans = await store.of_person(uow, person)
    known = await thing_store.several(uow, {loan.thing for loan in loans})
    return [await _shown(uow, loan, known[loan.thing]) for loan in loans]


async def shown(uow: UnitOfWork, person: UUID, loan: UUID) -> Shown:
    """A loan of his. DomainError where it is none of his."""
    found = await store.get(uow, loan)
    if found is None:
        raise DomainError("loans.not_yours")
    found.side(person)
    return await _shown(uow, found, await things.known(uow, found.thing))


async def standing(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """Where a loan of his stands, with what he may do now. DomainError where it is over."""
    seen = await shown(uow, person, loan)
    side = seen.loan.side(person)
    agreed = seen.loan.state is State.GRANTED
    contact = await neighbours.contact(uow, seen.loan.building, seen.loan.person(side.other)) if agreed else None
    card = cards.standing(seen, side, contact)
    if card is None:
        raise DomainError("loans.over", thing=seen.thing.name)
    return card


# --- asking ----------------------------------------------------------------------------------------------------------------------


async def borrow(uow: UnitOfWork, borrower: UUID, thing: UUID, days: Period, *, queue: bool = False) -> Card[Text]:
    """Asks the lender for a thing on some days, which binds nobody yet.

    Where somebody else has it then, other days are proposed instead; or, with `queue`, he goes on the waiting list.
    """
    today = local_day(uow.now)
    found = await thing_store.lock(uow, thing)
    if found is None:
        raise DomainError("loans.not_yours")
    await things.begins(uow, found.building, borrower)
    if found.owner == borrower:
        raise DomainError("loans.own", thing=found.name)
    found.allows(days, today)
    await owner_of(uow, found)
    others = await store.running(uow, thing)
    if any(each.borrower == borrower and overlap(each.days, days) for each in others):
        raise DomainError("loans.asked_already", thing=found.name)
    taken = [away for each in others if (away := each.takes(today)) is not None]
    busy = not free(days, taken)
    if busy and not queue:
        return cards.taken(found, days, next_free(days, taken, today + AHEAD))
    loan = Loan(
        new_id(),
        thing,
        found.building,
        found.owner,
        borrower,
        days,
        uow.now,
        State.WAITING if busy else State.ASKED,
        deposit=found.deposit if await things.deposits(uow, found.building) else 0,
    )
    await posts.post(uow, borrower, found.building, POST, loan.loan_id)
    await store.add(uow, loan)
    seen = await _shown(uow, loan, found)
    if busy:
        return cards.queued(seen)
    _tell(uow, seen, Side.LENDER, cards.asked(seen), "asked")
    return cards.requested(seen)


async def grant(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """The lender says yes: both learn where to find one another; whoever else asked for these days goes on the waiting list."""
    seen = await _locked(uow, loan)
    return await _agreed(uow, seen, seen.loan.grant(person, local_day(uow.now)), Side.LENDER)


async def accept(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """The borrower takes the days that the lender proposed."""
    seen = await _locked(uow, loan)
    return await _agreed(uow, seen, seen.loan.accept(person, local_day(uow.now)), Side.BORROWER)


async def refuse(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    seen = await _locked(uow, loan)
    seen = await _moved(uow, seen, seen.loan.refuse(person, uow.now))
    _tell(uow, seen, Side.BORROWER, cards.refused(seen), "refused")
    await ask_next(uow, seen.thing)
    return cards.passed_on(seen, Side.BORROWER)


async def suggest(uow: UnitOfWork, person: UUID, loan: UUID, days: Period) -> Card[Text]:
    """The lender proposes other days. Nobody asks of himself what the longest loan forbids others."""
    seen = await _locked(uow, loan)
    after = seen.loan.suggest(person, days)
    await _both_here(uow, seen)
    seen.thing.allows(days, local_day(uow.now))
    if not free(days, (await _taken(uow, [seen.thing.thing_id])).get(seen.thing.thing_id, [])):
        raise DomainError("loans.promised")
    seen = await _moved(uow, seen, after)
    _tell(uow, seen, Side.BORROWER, cards.suggested(seen), f"suggested:{days}")
    return cards.passed_on(seen, Side.BORROWER)


async def cancel(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """The borrower needs it no more, or the lender can not after all. Whoever waits for these days is next."""
    seen = await _locked(uow, loan)
    side, before = seen.loan.side(person), seen.loan.state
    seen = await _moved(uow, seen, seen.loan.cancel(person, uow.now))
    await posts.undone(uow, loan)
    if before is not State.WAITING:
        _tell(uow, seen, side.other, cards.cancelled(seen, side), "cancelled")
    await ask_next(uow, seen.thing)
    return cards.passed_on(seen, side.other) if before is not State.WAITING else cards.left_queue(seen)


# --- hand-over and return --------------------------------------------------------------------------------------------------------


async def hand_over(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """One side says that it was handed over. Once both did, it is out, and the deposit is held."""
    seen = await _locked(uow, loan)
    side = seen.loan.side(person)
    after = seen.loan.hand_over(person, uow.now)
    if after.state is State.OUT:
        seen = await _out(uow, seen, after)
        _tell(uow, seen, side.other, cards.out(seen, side.other), "out")
        return cards.out(seen, side)
    return await _claimed(uow, seen, after)


async def bring_back(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """One side says that it is back. Once both did, it is, and the deposit is free. Of one who moved out the lender's word is enough."""
    seen = await _locked(uow, loan)
    side = seen.loan.side(person)
    gone = await neighbours.neighbour(uow, seen.thing.building, seen.loan.borrower) is None
    after = seen.loan.bring_back(person, uow.now, alone=gone and side is Side.LENDER)
    if seen.loan.state is State.GRANTED:
        await _once_out(uow, seen.loan)
    if after.state is State.BACK:
        seen = await _back(uow, seen, after)
        _tell(uow, seen, side.other, cards.back(seen, side.other), "back")
        return cards.back(seen, side)
    return await _claimed(uow, seen, after)


async def deny(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """It is not as the other side says."""
    seen = await _locked(uow, loan)
    side = seen.loan.side(person)
    since = seen.loan.claimed_at
    seen = await _moved(uow, seen, seen.loan.deny(person))
    _tell(uow, seen, side.other, cards.denied(seen, side), f"denied:{since}")
    return cards.passed_on(seen, side.other)


async def add_photo(uow: UnitOfWork, person: UUID, loan: UUID, photo: str) -> Card[Text]:
    """A picture of the thing at the hand-over or the return, for the other side to see."""
    seen = await _locked(uow, loan)
    side = seen.loan.side(person)
    seen = await _moved(uow, seen, seen.loan.pictured(person, photo))
    _tell(uow, seen, side.other, cards.photo_shown(seen, side, photo), f"photo:{photo}")
    return cards.passed_on(seen, side.other)


async def lose(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """The lender gives it up: he keeps the deposit, the thing is put up no more, and whoever was to have it next is told."""
    seen = await _locked(uow, loan)
    seen = await _moved(uow, seen, seen.loan.lose(person, uow.now))
    await hours.take(uow, loan, seen.loan.lender)
    _tell(uow, seen, Side.BORROWER, cards.lost(seen, Side.BORROWER), "lost")
    await _withdraw(uow, seen.thing)
    for other in await store.running(uow, seen.thing.thing_id):
        if other.state is State.GRANTED and other.claimed_by is None:
            off = await _moved(uow, await _shown(uow, other, seen.thing), other.cancel(person, uow.now))
            _tell(uow, off, Side.BORROWER, cards.cancelled(off, Side.LENDER, gone=True), "cancelled")
    return cards.lost(seen, Side.LENDER)


# --- longer ----------------------------------------------------------------------------------------------------------------------


async def longer(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    """The borrower asks to keep it as long again, if that is within the longest loan and nobody waits for it."""
    seen = await _locked(uow, loan)
    until = await _longest_day(uow, seen)
    seen = await _moved(uow, seen, seen.loan.ask_longer(person, until))
    _tell(uow, seen, Side.LENDER, cards.longer_asked(seen, until), f"longer:{until}")
    return cards.longer_noted(seen, until)


async def grant_longer(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    seen = await _locked(uow, loan)
    after = seen.loan.grant_longer(person, local_day(uow.now))
    if await _longest_day(uow, seen) < after.days.last:
        raise DomainError("loans.somebody_waits")
    seen = await _moved(uow, seen, after)
    _tell(uow, seen, Side.BORROWER, cards.longer_granted(seen), f"longer_granted:{after.days.last}")
    return cards.passed_on(seen, Side.BORROWER)


async def refuse_longer(uow: UnitOfWork, person: UUID, loan: UUID) -> Card[Text]:
    seen = await _locked(uow, loan)
    asked = seen.loan.longer
    seen = await _moved(uow, seen, seen.loan.refuse_longer(person))
    _tell(uow, seen, Side.BORROWER, cards.longer_refused(seen), f"longer_refused:{asked}")
    return cards.passed_on(seen, Side.BORROWER)


# --- taking away -----------------------------------------------------------------------------------------------------------------


async def withdraw(uow: UnitOfWork, person: UUID, thing: UUID) -> Card[Text]:
    """It is put up no more: whoever asked for it is told, what was agreed is finished."""
    found = await thing_store.lock(uow, thing)
    if found is None:
        raise DomainError("loans.not_yours")
    asked_for = bool(await store.running(uow, thing))
    await _withdraw(uow, found.owned_by(person).offered())
    return thing_cards.withdrawn(found, asked_for=asked_for)


async def remove(uow: UnitOfWork, thing: UUID, actor: Actor, reason: str) -> Thing:
    """Those who decide take it down, for a reason that its owner is told: as if he had withdrawn it. DomainError without one."""
    why = reason_of(reason)
    found = await thing_store.lock(uow, thing)
    if found is None or found.withdrawn:
        raise gone()
    await _withdraw(uow, found)
    await removals.removed(uow, Removal(things.POST, thing, found.building, found.owner, found.name, why), actor)
    return found


async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    """Undoes what he put up or asked for last. DomainError where it binds somebody already."""
    found = await thing_store.lock(uow, subject)
    if found is not None:
        if any(loan.state in BOOKED for loan in await store.running(uow, subject)):
            raise DomainError("loans.binds", thing=found.name)
        return await withdraw(uow, person, subject)
    seen = await _locked(uow, subject)
    if seen.loan.state in BOOKED:
        raise DomainError("loans.binds", thing=seen.thing.name)
    return await cancel(uow, person, subject)


# --- what time brings ------------------------------------------------------------------------------------------------------------


async def settle(uow: UnitOfWork, loan: UUID) -> None:
    """One side's word counts, after the other one said nothing. Harmless where that is not so any more."""
    seen = await _locked(uow, loan)
    if not seen.loan.silent(uow.now):
        return
    handed = seen.loan.state is State.GRANTED
    after = seen.loan.settle(uow.now)
    seen = await (_out(uow, seen, after) if handed else _back(uow, seen, after))
    for side in Side:
        card = (cards.out if handed else cards.back)(seen, side, silence=True)
        _tell(uow, seen, side, card, "out" if handed else "back")


async def lapse(uow: UnitOfWork, loan: UUID, *, closed: bool = False) -> None:
    """Its days went by, or (`closed`) nothing new begins in the building any more. Harmless where that is not so any more."""
    seen = await _locked(uow, loan)
    before = seen.loan.state
    if not seen.loan.lapses(local_day(uow.now)) and not (closed and before in OPEN):
        return
    seen = await _moved(uow, seen, seen.loan.lapse(uow.now, closed=closed))
    _tell(uow, seen, Side.BORROWER, cards.lapsed(seen, before, closed=closed), "lapsed")
    if before is State.GRANTED:
        _tell(uow, seen, Side.LENDER, cards.lapsed(seen, before, closed=closed), "lapsed")
    if not closed:
        await ask_next(uow, seen.thing)


async def ask_next(uow: UnitOfWork, thing: Thing) -> None:
    """Of those who wait for a thing, those are next whose days nobody has any more: the lender is asked, and they are told."""
    if thing.withdrawn or not await things.goes_on(uow, thing.building):
        return
    today = local_day(uow.now)
    loans = await store.running(uow, thing.thing_id)
    waiting = [loan for loan in loans if loan.state is State.WAITING]
    for loan in next_in_line(waiting, [each for each in loans if each.state is not State.WAITING], today):
        after = loan.ask_again(today)
        await store.move(uow, loan, after)
        seen = await _shown(uow, after, thing)
        _tell(uow, seen, Side.LENDER, cards.asked(seen, again=True), f"again:{uow.now.isoformat()}")
        _tell(uow, seen, Side.BORROWER, cards.free_again(seen), f"free:{uow.now.isoformat()}")


# ---------------------------------------------------------------------------------------------------------------------------------


async def _agreed(uow: UnitOfWork, seen: Shown, after: Loan, by: Side) -> Card[Text]:
    today, loan, thing = local_day(uow.now), seen.loan, seen.thing
    await _both_here(uow, seen)
    others = [each for each in await store.running(uow, thing.thing_id) if each.loan_id != loan.loan_id]
    if not free(after.days, [away for each in others if (away := each.takes(today)) is not None]):
        raise DomainError("loans.promised")
    seen = await _moved(uow, seen, after)
    for other in others:
        if other.state in OPEN and overlap(other.days, after.days):
            await _pass_over(uow, other, thing)
    card = {
        side: cards.granted(seen, side, await neighbours.contact(uow, thing.building, after.person(side.other)))
        for side in Side
    }
    _tell(uow, seen, by.other, card[by.other], "granted")
    return card[by]


async def _both_here(uow: UnitOfWork, seen: Shown) -> None:
    """DomainError where nothing can be agreed between them any more: the module is off, or one of them lives there no more."""
    await things.begins(uow, seen.thing.building, seen.loan.lender)
    if await neighbours.neighbour(uow, seen.thing.building, seen.loan.borrower) is None:
        raise DomainError("loans.gone", who=seen.borrower)


async def _pass_over(uow: UnitOfWork, loan: Loan, thing: Thing) -> None:
    if loan.state is State.WAITING:
        return
    after = loan.passed_over()
    await store.move(uow, loan, after)
    seen = await _shown(uow, after, thing)
    _tell(uow, seen, Side.BORROWER, cards.passed_over(seen), f"passed_over:{uow.now.isoformat()}")


async def _claimed(uow: UnitOfWork, seen: Shown, after: Loan) -> Card[Text]:
    seen = await _moved(uow, seen, after)
    by = after.claimed_by
    assert by is not None
    _tell(uow, seen, by.other, cards.claimed(seen), f"{after.state.value}_claimed:{uow.now.isoformat()}")
    return cards.noted(seen)


async def _out(uow: UnitOfWork, seen: Shown, after: Loan) -> Shown:
    await _once_out(uow, seen.loan)
    return await _moved(uow, seen, after.holding(await _held(uow, after)))


async def _held(uow: UnitOfWork, loan: Loan) -> int:
    """The minutes that are held as deposit. None where his account has no room: the thing is in his hands all the same."""
    if not loan.deposit or not await things.deposits(uow, loan.building):
        return 0
    try:
        await hours.hold(uow, loan.building, loan.borrower, loan.deposit, loan.loan_id)
    except DomainError:
        return 0
    return loan.deposit


async def _back(uow: UnitOfWork, seen: Shown, after: Loan) -> Shown:
    seen = await _moved(uow, seen, after)
    await hours.release(uow, after.loan_id)
    await ask_next(uow, seen.thing)
    return seen


async def _once_out(uow: UnitOfWork, loan: Loan) -> None:
    """Nobody gets a thing that somebody else has still."""
    others = await store.running(uow, loan.thing)
    if any(each.state is State.OUT and each.loan_id != loan.loan_id for each in others):
        raise DomainError("loans.still_out")


async def _longest_day(uow: UnitOfWork, seen: Shown) -> date:
    """How long it can be kept: nobody else has the thing then, or waits for it."""
    others = [each for each in await store.running(uow, seen.thing.thing_id) if each.loan_id != seen.loan.loan_id]
    return seen.loan.longest_day(seen.thing.longest, local_day(uow.now), [each.days for each in others])


async def _withdraw(uow: UnitOfWork, thing: Thing) -> None:
    await thing_store.withdraw(uow, thing.thing_id)
    await posts.undone(uow, thing.thing_id)
    for loan in await store.running(uow, thing.thing_id):
        if loan.state in OPEN:
            after = loan.refuse(thing.owner, uow.now)
            await store.move(uow, loan, after)
            seen = await _shown(uow, after, thing)
            _tell(uow, seen, Side.BORROWER, cards.not_offered(seen), "not_offered")


async def _taken(uow: UnitOfWork, wanted: list[UUID]) -> dict[UUID, list[Period]]:
    """On which days somebody has these things."""
    today = local_day(uow.now)
    taken: dict[UUID, list[Period]] = {}
    for loan in await store.booked(uow, wanted):
        if (away := loan.takes(today)) is not None:
            taken.setdefault(loan.thing, []).append(away)
    return taken


async def _locked(uow: UnitOfWork, loan: UUID) -> Shown:
    found = await store.locked(uow, loan)
    if found is None:
        raise DomainError("loans.not_yours")
    return await _shown(uow, *found)


async def _moved(uow: UnitOfWork, seen: Shown, after: Loan) -> Shown:
    await store.move(uow, seen.loan, after)
    return seen.moved(after)


async def _shown(uow: UnitOfWork, loan: Loan, thing: Thing) -> Shown:
    return Shown(loan, thing, await _called(uow, loan.lender), await _called(uow, loan.borrower))


async def _called(uow: UnitOfWork, person: UUID) -> str:
    found = await people.person(uow, person)
    return called(found.name) if found else ""


def _tell(uow: UnitOfWork, seen: Shown, side: Side, card: Card[Text], what: str) -> None:
    """Tells one side what the other did, or what time brought; `what` makes it once in the life of the loan."""
    loan = seen.loan
    uow.tell(loan.person(side), card, LOAN, key=f"loan:{loan.loan_id}:{what}:{side.value}", building=loan.building)
