"""Somebody in the register of a building, as its syndic sees him: what he is there, what he owns or rents, how he is reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.messaging.channel import Address
from core.people.model import BY_DATE, EMAIL, ROLES, Ownership, Resident, Tenancy, roles_today

OWNER, TENANT = "owner", "tenant"
UNREACHABLE, UNLINKED = "unreachable", "unlinked"
REACHES = (UNREACHABLE, UNLINKED)
"""What the register can be asked for besides a role: whom nothing reaches, and who has linked no channel."""


@dataclass(frozen=True, slots=True)
class Way:
    """An address that leads to somebody. `accepted`: for legal notices of this building today (Civil Code, art. 3.87 par. 3)."""

    address: Address
    since: datetime
    last_used: datetime | None = None
    dead_at: datetime | None = None
    stopped_at: datetime | None = None
    accepted: bool = False

    @property
    def alive(self) -> bool:
        """Whether something that is sent there arrives, and is wanted."""
        return self.dead_at is None and self.stopped_at is None

    @property
    def linked(self) -> bool:
        """Whether he has tied it himself, or written from it; an e-mail address may only stand on file."""
        return self.address.channel != EMAIL or self.last_used is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """`owned` and `rented`: all that he ever had in the building, in the order of the files. `ways` without the letter, which his postal
    address stands for."""

    person_id: UUID
    resident: Resident
    ways: tuple[Way, ...]
    owned: tuple[Ownership, ...]
    rented: tuple[Tenancy, ...]

    @property
    def has_home(self) -> bool:
        """Whether a letter reaches him."""
        return bool(self.resident.street)

    @property
    def unreachable(self) -> bool:
        """Neither an address that is alive nor a postal one."""
        return not self.has_home and not any(way.alive for way in self.ways)

    @property
    def linked(self) -> bool:
        """Whether he can talk with the building from somewhere."""
        return any(way.alive and way.linked for way in self.ways)

    def owns(self, day: date) -> list[str]:
        """The lots in which he has a right on a day, each once."""
        return list(dict.fromkeys(row.lot for row in self.owned if row.holds(day)))

    def rents(self, day: date) -> list[str]:
        return list(dict.fromkeys(row.lot for row in self.rented if rented_on(row, day)))

    def roles(self, day: date) -> list[str]:
        """What he is on a day, in the order of `ROLES`."""
        found = roles_today(self.resident.roles, bool(self.owns(day)), bool(self.rents(day)))
        return [role for role in ROLES if role in found]

    def former(self, day: date) -> list[str]:
        """Of owner and tenant what he was before, and is no more."""
        ended = {
            OWNER: any(row.last is not None and row.last < day for row in self.owned),
            TENANT: any(row.last is not None and row.last < day for row in self.rented),
        }
        now = self.roles(day)
        return [role for role in ROLES if role in BY_DATE and ended[role] and role not in now]

    def fits(self, words: str) -> bool:
        """Whether each of these words stands in his name, his e-mail address, his telephone number or his lots."""
        about = self.resident
        lots = *(row.lot for row in self.owned), *(row.lot for row in self.rented)
        where = "\n".join((about.name, about.email, about.phone, *lots)).casefold()
        return all(word in where for word in words.casefold().split())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom the register is asked for: all that fits everything given. `reach`: one of REACHES."""

    words: str = ""
    role: str = ""
    reach: str = ""

    def among(self, entries: Iterable[Entry], day: date) -> list[Entry]:
        return [
            entry
            for entry in entries
            if entry.fits(self.words)
            and (not self.role or self.role in entry.roles(day))
            and (self.reach != UNREACHABLE or entry.unreachable)
            and (self.reach != UNLINKED or not entry.linked)
        ]


def rented_on(row: Tenancy, day: date) -> bool:
    """Both the first and the last day of a tenancy count."""
    return row.first <= day and (row.last is None or day <= row.last)
