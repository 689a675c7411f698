"""What a building is made of: lots with their shares, and the keys that its charges are split by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from core.kernel.errors import DomainError
from core.kernel.periods import Period, quarter

GENERAL = "general"
"""The key that splits by shares (Civil Code 3.81); the name is reserved."""

REGIONS = ("brussels", "flanders", "wallonia", "german")
LOT_KINDS = ("apartment", "commercial", "garage", "parking", "cellar", "other")


class NoSuchBuilding(DomainError):
    """The organisation has no building of that identity; whether another one has is nobody's business."""


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the life in a building that its council can switch on and off. `name` is its word in `building.toml`."""

    name: str


@dataclass(frozen=True, slots=True)
class Lot:
    """A private part with its shares in the common parts (3.84, 3.85 par. 1)."""

    lot: str
    kind: str
    floor: str
    shares: int


@dataclass(frozen=True, slots=True)
class Weight:
    """What one lot weighs in a distribution key; integer of 0 or more."""

    key: str
    lot: str
    weight: int


@dataclass(frozen=True, slots=True)
class Syndic:
    name: str = ""
    email: str = ""
    phone: str = ""
    emergency: str = ""


@dataclass(frozen=True, slots=True)
class Building:
    """A co-owned building as its statutes and its `building.toml` describe it.

    `financial_year_start` and `assembly_window_start` are (month, day). IBANs are written without spaces, empty where none is known.
    `interest` is None for the legal rate, else the rate in percent as written and the article of the statutes. `source` is the text of
    `building.toml` as its author wrote it.
    """

    name: str
    slug: str
    address: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = "brussels"
    languages: tuple[str, ...] = ("nl",)
    enterprise_number: str = ""
    shares_total: int = 0
    financial_year_start: tuple[int, int] = (1, 1)
    assembly_window_start: tuple[int, int] | None = None
    provisional_acceptance: date | None = None
    settlement: str = "quarterly"
    modules: tuple[str, ...] = ()
    working_iban: str = ""
    reserve_iban: str = ""
    reminder_days: tuple[int, ...] = ()
    interest: tuple[str, str] | None = None
    syndic: Syndic = field(default_factory=Syndic)
    source: str = ""

    def quarter(self, day: date, offset: int = 0) -> Period:
        """The building's own quarter around a day, or so many later."""
        return quarter(day, self.financial_year_start, offset)


@dataclass(frozen=True, slots=True)
class Known:
    """A building as it is kept: with its identity, and the number that structured communications carry."""

    building_id: UUID
    number: int
    building: Building


def key_weights(key: str, lots: Sequence[Lot], weights: Sequence[Weight]) -> list[int]:
    """The weights of a key in the order of the lots; a lot that the key does not name weighs 0."""
    if key == GENERAL:
        return [lot.shares for lot in lots]
    named: Mapping[str, int] = {weight.lot: weight.weight for weight in weights if weight.key == key}
    return [named.get(lot.lot, 0) for lot in lots]


def settings_of(building: Building) -> dict[str, Any]:
    """What a row keeps of the building beside its own columns, as JSON values."""
    return {
        "region": building.region,
        "assembly_window_start": building.assembly_window_start,
        "provisional_acceptance": building.provisional_acceptance and building.provisional_acceptance.isoformat(),
        "settlement": building.settlement,
        "reminder_days": building.reminder_days,
        "interest": building.interest,
        "enterprise_number": building.enterprise_number,
    }
