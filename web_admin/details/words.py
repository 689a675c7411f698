"""A building's details in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.buildings.model import Building
from core.kernel.text import Text, Value, literal, say

Line = tuple[Text, tuple[Value, ...]]
"""A name and its values; none where none is given."""


def groups(building: Building) -> list[tuple[Text, list[Line]]]:
    """All that can be changed, under the headings under which it is typed."""
    syndic = building.syndic
    return [
        (
            say("office.details.place"),
            [
                _line("name", building.name),
                _line("address", building.address),
                _line("postal_code", building.postal_code),
                _line("city", building.city),
                _line("region", say(f"office.details.region.{building.region}")),
                _line("languages", *(say(f"language.{language}") for language in building.languages)),
                _line("enterprise_number", building.enterprise_number),
            ],
        ),
        (
            say("office.details.law"),
            [
                _line("year", month_day(building.financial_year_start)),
                _line("window", month_day(building.assembly_window_start)),
                _line("provisional_acceptance", building.provisional_acceptance),
                _line("settlement", say(f"office.details.settlement.{building.settlement}")),
            ],
        ),
        (
            say("office.details.money"),
            [_line("working", iban(building.working_iban)), _line("reserve", iban(building.reserve_iban))],
        ),
        (
            say("office.details.late"),
            [_line("reminder_days", _reminders(building.reminder_days)), _line("interest", _interest(building))],
        ),
        (
            say("office.details.syndic"),
            [
                _line("syndic_name", syndic.name),
                _line("syndic_email", syndic.email),
                _line("syndic_phone", syndic.phone),
                _line("syndic_emergency", syndic.emergency),
            ],
        ),
    ]


def named(field: str, text: str) -> Text | str:
    """What stands in a field as a sentence may say it: choices by their names, days as dates."""
    if not text:
        return ""
    if field in ("region", "settlement"):
        return say(f"office.details.{field}.{text}")
    if field == "language":
        return say(f"language.{text}")
    if field.startswith("also_"):
        return say(f"language.{field.removeprefix('also_')}")
    if field.endswith("_month"):
        return say(f"office.details.month.{text}")
    return literal(date.fromisoformat(text)) if field == "provisional_acceptance" else text


def month_day(found: tuple[int, int] | None) -> Text | None:
    if found is None:
        return None
    return say("office.details.month_day", month=say(f"office.details.month.{found[0]}"), day=found[1])


def iban(account: str) -> str:
    """In groups of four, as it is printed (ISO 13616)."""
    return " ".join(account[place : place + 4] for place in range(0, len(account), 4))


def percent(written: str) -> Text:
    """A rate as the files write it: `8.00`."""
    whole, _, part = written.partition(".")
    if not part:
        return say("office.keys.percent_whole", whole=whole)
    return say("office.keys.percent", whole=whole, part=part)


def _line(field: str, *values: Value | None) -> Line:
    return say(f"office.details.field.{field}"), tuple(value for value in values if value)


def _reminders(days: Sequence[int]) -> Text:
    if not days:
        return say("office.details.no_reminders")
    return say("office.details.after_due", days=", ".join(map(str, days)))


def _interest(building: Building) -> Text:
    if building.interest is None:
        return say("office.details.legal_rate")
    rate, article = building.interest
    return say("office.details.statutes_rate", rate=percent(rate), article=article)
