"""What neighbours did together, counted; and in which totals it may be shown. Pure.

Three kinds of deeds count: a loan that is over, an exchange that was booked, a thing that went from hand to hand. No figure rests on fewer
than five persons, nor does the difference between any two figures that are ever shown:

- The deeds of a kind are told in batches, and stay in their batch for ever: those of a building as soon as five persons stand behind them.
- What is left at the end of a quarter is put together with what is left in the other buildings, and told as theirs together once five
  persons stand behind that; else it waits on.
- That is a line of its own, so that a total is the sum of its lines. A year begins anew.
- What is worked out from several kinds (who met, purchases avoided, CO2) comes from those deeds only that are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from core.kernel.clock import local_day
from core.kernel.periods import Period, quarter

LEAST = 5
"""Persons behind whatever is shown."""
GRAMS = 1000
"""In a kilogram."""


class Kind(StrEnum):
    LOAN = "loan"
    EXCHANGE = "exchange"
    GIFT = "gift"


class Category(StrEnum):
    """What a thing is, as far as it matters for what making it costs the climate. Each has its factor in `factors.toml`."""

    SMALL_APPLIANCE = "small_appliance"
    POWER_TOOL = "power_tool"
    VACUUM_CLEANER = "vacuum_cleaner"
    LADDER = "ladder"
    BICYCLE = "bicycle"
    SCREEN = "screen"
    CHAIR = "chair"
    TABLE = "table"
    SOFA = "sofa"
    CLOTHES = "clothes"
    BOOK = "book"
    OTHER = "other"
    UNCOUNTED = "uncounted"
    """What nobody would have bought new, or what is no thing: food, plants, a parking place."""


@dataclass(frozen=True, slots=True)
class Factor:
    """`grams` of CO2e for making one; `share`: of those who borrow or are given one, how many would have bought one.

    `source` of the grams as it is cited; "": an assumption of ours, of which the page gives the reason. `terms`: the words that mean it.
    """

    category: Category
    grams: int
    share: Fraction
    source: str
    terms: frozenset[str] = frozenset()

    @property
    def assumed(self) -> bool:
        return not self.source


Factors = Mapping[Category, Factor]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that two neighbours did: `giver` lent, helped or gave. `minutes`: of help. `category`: of a thing.

    `kept_well`: of a loan, that the thing came back.
    """

    kind: Kind
    building: UUID
    at: datetime
    giver: UUID
    taker: UUID
    minutes: int = 0
    category: Category = Category.UNCOUNTED
    kept_well: bool = True

    @property
    def persons(self) -> frozenset[UUID]:
        return frozenset((self.giver, self.taker))


Told = dict[UUID | None, list[Deed]]
"""By building what may be shown of it; under None what may be shown of several together."""


def told(deeds: Iterable[Deed], today: date) -> Told:
    """What may be shown of the deeds of one kind in one year, as they stand on a day."""
    shown: Told = {}
    waiting: dict[UUID, list[Deed]] = {}
    running: Period | None = None
    for deed in sorted(deeds, key=lambda each: (each.at, each.building.bytes, each.giver.bytes, each.taker.bytes)):
        current = quarter(local_day(deed.at))
        if running is not None and current != running:
            _put_together(waiting, shown)
        running = current
        batch = waiting.setdefault(deed.building, [])
        batch.append(deed)
        if _enough(batch):
            shown.setdefault(deed.building, []).extend(waiting.pop(deed.building))
    if running is not None and running.last < today:
        _put_together(waiting, shown)
    return shown


def _put_together(waiting: dict[UUID, list[Deed]], shown: Told) -> None:
    together = [deed for batch in waiting.values() for deed in batch]
    if _enough(together):
        shown.setdefault(None, []).extend(together)
        waiting.clear()


def _enough(batch: Iterable[Deed]) -> bool:
    return len({person for deed in batch for person in deed.persons}) >= LEAST


@dataclass(frozen=True, slots=True)
class Figures:
    """None: too few to tell. `minutes` of help; `met`: pairs of neighbours; `grams` of CO2e; `people` who took part.

    `avoided` purchases and `grams` are exact here; whoever shows them rounds down.
    """

    shared: int | None = None
    given: int | None = None
    minutes: int | None = None
    met: int | None = None
    avoided: Fraction | None = None
    grams: Fraction | None = None
    people: int | None = None

    @property
    def something(self) -> bool:
        return self.people is not None

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(_sum(one, another) for one, another in zip(self.listed, other.listed, strict=True)))  # type: ignore[arg-type]

    @property
    def listed(self) -> tuple[int | Fraction | None, ...]:
        return (self.shared, self.given, self.minutes, self.met, self.avoided, self.grams, self.people)


def _sum(one: int | Fraction | None, other: int | Fraction | None) -> int | Fraction | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def figures(deeds: Sequence[Deed], factors: Factors) -> Figures:
    """Of deeds that may be shown."""
    if not deeds:
        return Figures()
    kinds = {deed.kind for deed in deeds}
    returned = sum(deed.kind is Kind.LOAN and deed.kept_well for deed in deeds)
    things = [deed for deed in deeds if deed.kind is not Kind.EXCHANGE]
    avoided = _purchases(things, factors) if things else None
    return Figures(
        returned if Kind.LOAN in kinds else None,
        sum(deed.kind is Kind.GIFT for deed in deeds) if Kind.GIFT in kinds else None,
        sum(deed.minutes for deed in deeds) if Kind.EXCHANGE in kinds else None,
        len({(deed.building, deed.persons) for deed in deeds}),
        sum((avoided[each] for each in avoided), Fraction()) if avoided is not None else None,
        sum((avoided[each] * factors[each].grams for each in avoided), Fraction()) if avoided is not None else None,
        len({(deed.building, person) for deed in deeds for person in deed.persons}),
    )


def _purchases(things: Sequence[Deed], factors: Factors) -> dict[Category, Fraction]:
    """By category. Whoever borrows the same kind of thing ten times would have bought one: of each person the first one counts."""
    first = {(deed.kind, deed.taker, deed.category) for deed in things if deed.kind is Kind.LOAN and deed.kept_well}
    found = dict.fromkeys(Category, Fraction())
    for _, _, category in first:
        found[category] += factors[category].share
    for deed in things:
        if deed.kind is Kind.GIFT:
            found[deed.category] += factors[deed.category].share
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A building, or what several have together (`building` None). `people`: how many are on its list today; 0: that means nothing here."""

    building: UUID | None
    figures: Figures
    people: int = 0


@dataclass(frozen=True, slots=True)
class Impact:
    """Of a calendar year. `lines` are what may be shown, `total` is their sum. `few`: how many buildings have no line of their own."""

    year: int
    lines: tuple[Line, ...] = ()
    few: int = 0

    @property
    def total(self) -> Figures:
        return sum((line.figures for line in self.lines), Figures())

    def of(self, building: UUID) -> Line:
        return next((line for line in self.lines if line.building == building), Line(building, Figures()))


def impact(year: int, deeds: Sequence[Deed], people: Mapping[UUID, int], factors: Factors, today: date) -> Impact:
    """What may be shown of the deeds of a year. `people`: the buildings, in their order, each with how many are on its list."""
    seen: Told = {}
    for kind in Kind:
        for building, batch in told((deed for deed in deeds if deed.kind is kind), today).items():
            seen.setdefault(building, []).extend(batch)
    lines = [Line(each, figures(seen[each], factors), people[each]) for each in people if each in seen]
    few = len(people) - len(lines)
    if None in seen:
        lines.append(Line(None, figures(seen[None], factors)))
    return Impact(year, tuple(lines), few)
