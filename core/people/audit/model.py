"""An entry of the log: who did what to what, when, and what it was before and after. Pure.

The log holds personal data only as far as they are the subject's own fields that changed. An entry may be kept for `RETENTION_YEARS` years
from its day: as long as somebody can still be asked to answer for the act (limitation of personal actions, old Civil Code, art. 2262bis
par. 1). The application's role can add to the log and read it; it can neither change nor remove an entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

RETENTION_YEARS = 10
LONGEST_SUBJECT = 200
MOST_BYTES = 100_000
"""Of before and after together; what is longer is counted and not written out."""

Fields = Mapping[str, Any]
"""What a subject was or became, as JSON values by the names of its fields."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: somebody's account or person or a program's token, with the name that it had then; without an identity, a command or
    the clock."""

    actor_id: UUID | None
    name: str


COMMAND = Actor(None, "koprogo")
"""Who acts at the command line: whoever has the machine. It knows nobody's name for sure."""


class Deed(StrEnum):
    """What is written down. `audit.deed.<value>` says it in words."""

    BUILDING_SET_UP = "building_set_up"
    BUILDING_IMPORTED = "building_imported"
    BUILDING_EXPORTED = "building_exported"
    BUILDING_CHANGED = "building_changed"
    LOT_CHANGED = "lot_changed"
    KEY_CHANGED = "key_changed"
    PERSON_CHANGED = "person_changed"
    OWNERSHIP_CHANGED = "ownership_changed"
    LOT_TRANSFERRED = "lot_transferred"
    TRANSFER_TAKEN_BACK = "transfer_taken_back"
    TENANCY_CHANGED = "tenancy_changed"
    MODULE_SWITCHED = "module_switched"
    DRAFT_DROPPED = "draft_dropped"
    BROADCAST_SENT = "broadcast_sent"
    BROADCAST_STOPPED = "broadcast_stopped"
    DELIVERY_RETRIED = "delivery_retried"
    LETTER_POSTED = "letter_posted"
    SET_ASIDE_RESOLVED = "set_aside_resolved"
    INVITED = "invited"
    INVITATION_REVOKED = "invitation_revoked"
    ADDRESS_CHANGED = "address_changed"
    EMPLOYED = "employed"
    DISMISSED = "dismissed"
    SETTINGS_CHANGED = "settings_changed"
    NOTICE_PINNED = "notice_pinned"
    NOTICE_UNPINNED = "notice_unpinned"
    NOTICE_KEPT = "notice_kept"
    NOTICE_REMOVED = "notice_removed"
    NOTICE_RESTORED = "notice_restored"
    NOTICE_UPHELD = "notice_upheld"
    POST_REMOVED = "post_removed"
    TICKET_MOVED = "ticket_moved"
    EXPENSE_BOOKED = "expense_booked"
    PAYMENT_BOOKED = "payment_booked"
    TOKEN_GIVEN = "token_given"
    TOKEN_TAKEN = "token_taken"


@dataclass(frozen=True, slots=True)
class Record:
    """An entry to be written. `subject` names what it is about within the building: `lot A`, `module sel`."""

    deed: Deed
    subject: str
    before: Fields | None = None
    after: Fields | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log; `number` grows. `deed` is a text: a later version may have known others."""

    number: int
    at: datetime
    actor: Actor
    deed: str
    subject: str
    building: UUID | None
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted: all that fits everything given. `since` counts, `until` does not.

    `within`: of these buildings only, and none that is about the organisation. `named`: what the actor's name contains, in any case.
    """

    within: frozenset[UUID] | None = None
    building: UUID | None = None
    actor: UUID | None = None
    named: str = ""
    deed: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `older`: what to ask for to see those before, None where there are none."""

    entries: tuple[Entry, ...]
    older: int | None


def differing(before: Fields | None, after: Fields | None) -> tuple[Fields | None, Fields | None]:
    """Only the fields that changed; both as they are where there was nothing before, or is nothing after."""
    if before is None or after is None:
        return before, after
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
