"""What is said of what neighbours did together. Pure. Rounded down, everywhere: at least so much."""

from __future__ import annotations

from fractions import Fraction

from core.buildings.model import Building
from core.bulletin.impact.model import GRAMS, LEAST, Category, Figures, Line
from core.community.sel.model import HOUR
from core.kernel.text import Text, Value, literal, say
from core.messaging.card import Attachment, Card, Choice, Fact
from core.messaging.intent import Intent

HELP, IMPACT = "help", "impact"
PICTURE = "impact"
"""The attachment with `title`, `note`, and a `label_` and a `value_` for each of `count` figures, that the courier draws."""
SHARED, GIVEN, HOURS, MET, AVOIDED, CO2, PEOPLE = NAMES = (
    "shared",
    "given",
    "hours",
    "met",
    "avoided",
    "co2",
    "people",
)


def whole(figures: Figures) -> dict[str, int | None]:
    """The figures by name as whole numbers: hours, kilograms of CO2e, persons. None: too few to tell."""
    return {
        SHARED: figures.shared,
        GIVEN: figures.given,
        HOURS: _down(figures.minutes, HOUR),
        MET: figures.met,
        AVOIDED: _down(figures.avoided),
        CO2: _down(figures.grams, GRAMS),
        PEOPLE: figures.people,
    }


def label(name: str) -> Text:
    return say(f"impact.figure.{name}")


def shown(name: str, value: int | None) -> Text:
    """A figure as it is read, with its unit."""
    if value is None:
        return say("impact.too_few")
    if name == CO2:
        return say("impact.kilograms", kilograms=value)
    return say("impact.hours", count=value) if name == HOURS else literal(value)


def category(of: Category) -> Text:
    return say(f"impact.category.{of.value}")


def reason(of: Category) -> Text:
    """Why a thing of that category counts as it does."""
    return say(f"impact.because.{of.value}")


def of_building(building: Building, year: int, line: Line) -> Card[Text]:
    """For the council: the figures of a year, and the same as a picture."""
    title = say("impact.title", building=building.name, year=str(year))
    if not line.figures.something:
        return Card(title, (say("impact.nothing", count=LEAST),))
    facts = tuple(
        Fact(label(name), _people(value, line.people) if name == PEOPLE else shown(name, value), key=name)
        for name, value in whole(line.figures).items()
    )
    body = (say("impact.how", count=LEAST), say("impact.factors"))
    return Card(title, body, facts, attachments=(picture(title, facts),))


def picture(title: Text, facts: tuple[Fact[Text], ...]) -> Attachment:
    values: dict[str, Value] = {"title": title, "note": say("impact.picture_note"), "count": len(facts)}
    for place, fact in enumerate(facts):
        values |= {f"label_{place}": fact.label, f"value_{place}": fact.value}
    return Attachment(PICTURE, values)


def to_the_figures() -> Choice[Text]:
    return Choice(Intent(HELP, {"about": IMPACT}), say("impact.choice"))


def _people(value: int | None, people: int) -> Text:
    if value is None or value > people:
        return shown(PEOPLE, value)
    return say("impact.people_of", people=value, all=people)


def _down(value: int | Fraction | None, unit: int = 1) -> int | None:
    return None if value is None else int(value // unit)
