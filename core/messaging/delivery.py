"""From something to tell to a way to tell it: the notice, the person who gets it, and the pure `plan()`."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import Address, Room
from core.messaging.kinds import ANSWER, KINDS, Kind, Urgency
from core.messaging.preferences import BY_DEFAULT, Preferences, Rhythm


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads at an address, where the teller knows it. `person` None: a stranger."""

    person: UUID | None
    language: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a use case wants told. `key` makes a second press harmless; `reply_to` is the wire reference that it answers.

    To an address, `reader` says who is there; to a room, in which language. `building`: the one on whose behalf it is told, whose
    consents count for what the law counts. `urgency`: where it is another than that of its kind. `tried`: where it failed already.
    """

    to: UUID | Address | Room
    card: Card[Text]
    kind: str
    key: str
    due: datetime | None = None
    expires: datetime | None = None
    reply_to: str | None = None
    reader: Reader | None = None
    building: UUID | None = None
    urgency: Urgency | None = None
    tried: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A recorded delivery that this process is to send now, its choices with their tokens."""

    delivery_id: UUID
    organisation: UUID
    key: str
    kind: str
    address: Address | Room
    reader: Reader
    card: Card[Text]
    reply_to: str | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Reachable:
    """An address of a person and when he last wrote from it; None: never yet. `last_resort`: only where there is no other.

    `dead`: nothing arrives there; `stopped`: he wants nothing there that he may switch off.
    """

    address: Address
    last_used: datetime | None = None
    last_resort: bool = False
    dead: bool = False
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as `plan` sees him. `consents`: the addresses accepted for legal notices (art. 3.87 par. 3); `letter`: his postal one."""

    addresses: Sequence[Reachable] = ()
    preferences: Preferences = BY_DEFAULT
    consents: AbstractSet[Address] = frozenset()
    letter: Address | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """To be sent there, from then on. `digest`: together with what else waits. `passes`: it is told in quiet hours, and says why."""

    address: Address | Room
    due: datetime
    digest: bool = False
    passes: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not to be sent, and why: a word that is kept and counted."""

    reason: str


NO_ADDRESS, NO_CONSENT, EXPIRED, SWITCHED_OFF, STOPPED, NO_CHANNEL = REASONS = (
    "no_address",
    "no_consent",
    "expired",
    "switched_off",
    "stopped",
    "no_channel_wanted",
)
"""Why nothing is sent. `no_consent`: there are addresses, but none was accepted for what the law counts, and there is no letter;
`no_channel_wanted`: none of the channels that may bring this is alive."""
BY_PROOF = ("matrix", "email", "telegram")
"""Of several channels that were accepted for legal notices: the one whose evidence goes furthest first (seen, kept, accepted)."""


def plan(
    notice: Notice, recipient: Recipient, now: datetime, tried: AbstractSet[Address] = frozenset()
) -> Delivery | Skipped:
    """Where and when a notice goes, or why not. `tried`: where it failed for good already.

    To an address it goes there, as an answer does. What the law counts goes by a channel that was accepted for it, else by letter, and no
    preference but the quiet hours holds it. All else goes where the person last wrote from, among the channels that he wants for it;
    addresses never written from count after all that were, a last resort after those.
    """
    start = max(notice.due or now, now)
    if notice.expires is not None and notice.expires <= start:
        return Skipped(EXPIRED)
    if not isinstance(notice.to, UUID):
        return Delivery(notice.to, start)
    kind = KINDS[notice.kind]
    urgency = kind.urgency if notice.urgency is None else notice.urgency
    chosen = _by_law(recipient, tried) if kind.by_law else _wanted(kind, recipient, tried)
    if isinstance(chosen, Skipped):
        return chosen
    if chosen == recipient.letter or kind.name == ANSWER:
        return Delivery(chosen, start)
    return _timed(kind, urgency, recipient.preferences, chosen, start, notice.expires)


def _by_law(recipient: Recipient, tried: AbstractSet[Address]) -> Address | Skipped:
    """By a channel accepted individually, explicitly and in writing; the letter needs no consent (art. 3.87 par. 3)."""
    alive = {each.address for each in recipient.addresses if not each.dead}
    accepted = [address for address in recipient.consents if address in alive and address not in tried]
    if accepted:
        return min(accepted, key=lambda address: (_proof(address.channel), address))
    if recipient.letter is not None and recipient.letter not in tried:
        return recipient.letter
    return Skipped(NO_CONSENT if alive - tried else NO_ADDRESS)


def _proof(channel: str) -> int:
    return BY_PROOF.index(channel) if channel in BY_PROOF else len(BY_PROOF)


def _wanted(kind: Kind, recipient: Recipient, tried: AbstractSet[Address]) -> Address | Skipped:
    """Where the person wants to be told what may be switched off, or has to be told what may not."""
    preferences = recipient.preferences
    if kind.may_stop and kind.name in preferences.off:
        return Skipped(SWITCHED_OFF)
    if kind.may_stop and preferences.stopped:
        return Skipped(STOPPED)
    alive = [each for each in recipient.addresses if not each.dead and each.address not in tried]
    if not alive:
        return Skipped(NO_ADDRESS)
    open_ = [each for each in alive if not (each.stopped and kind.may_stop)]
    if not open_:
        return Skipped(STOPPED)
    wanted = [each for each in open_ if preferences.may_bring(each.address.channel, kind.name) or each.last_resort]
    if not wanted and kind.may_stop:
        return Skipped(NO_CHANNEL)
    wanted = wanted or open_
    wanted = [each for each in wanted if not each.last_resort] or wanted
    used = [each for each in wanted if each.last_used is not None]
    best = max(used, key=lambda each: each.last_used or datetime.min) if used else wanted[0]
    return best.address


def _timed(
    kind: Kind, urgency: Urgency, preferences: Preferences, address: Address, start: datetime, expires: datetime | None
) -> Delivery:
    """At an hour that the person accepts: as late as he likes, as early as it must; what would be over by then is held, never dropped.

    First it gives up the digest, then the holiday, and only then the quiet hours.
    """
    quiet = preferences.quiet
    awake = quiet.until(start)
    if urgency is Urgency.URGENT or (expires is not None and expires <= awake):
        return Delivery(address, start, passes=awake > start)
    back = start if kind.by_law else preferences.back(start)
    if kind.digest and preferences.rhythm is not Rhythm.AT_ONCE:
        gathered = quiet.until(preferences.next_digest(back))
        if expires is None or gathered < expires:
            return Delivery(address, gathered, digest=True)
    held = quiet.until(back)
    return Delivery(address, held if expires is None or held < expires else awake)
