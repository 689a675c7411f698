"""The first step: the building itself, as a form of its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from babel.dates import format_date

from core.buildings.model import REGIONS
from core.interchange.building_toml import ANY_YEAR, SETTLEMENTS
from core.interchange.toml_writing import NAMES
from core.kernel.i18n import LANGUAGES, Words
from core.kernel.text import say
from core.modules import MODULES, title
from core.modules import NAMES as MODULE_NAMES
from web_admin.pages import Visit
from web_admin.setup import pasting

DAYS = ("financial_year_start", "assembly_window_start")
"""Days of every year: a month and a day of it."""
LONGEST = 4001
PLACES = {"arrears.interest": "arrears.interest.rate"}
"""Where a problem stands that is about two fields."""


def sent(visit: Visit) -> dict[str, str]:
    """The settings as they were typed into the form."""
    settings = {name: visit.typed(name, LONGEST) for name in NAMES}
    for name in DAYS:
        month, of_month = visit.typed(f"{name}.month", 20), visit.typed(f"{name}.day", 20)
        settings[name] = f"{month}-{of_month.zfill(2)}" if month else ""
    settings["shares_total"] = pasting.whole(settings["shares_total"])
    settings["provisional_acceptance"] = pasting.day(settings["provisional_acceptance"])
    settings["modules"] = ";".join(_ticked(visit, "modules", MODULE_NAMES))
    first, others = visit.typed("language", 20), _ticked(visit, "languages", LANGUAGES)
    settings["languages"] = ";".join(dict.fromkeys(each for each in (first, *others) if each))
    days = settings["arrears.reminder_days"].replace(",", ";").replace(" ", ";").split(";")
    settings["arrears.reminder_days"] = ";".join(each for each in days if each)
    return settings


def _ticked(visit: Visit, name: str, known: Sequence[str]) -> list[str]:
    given = [each for each in visit.form.getall(name, []) if isinstance(each, str)]
    return [each for each in known if each in given]


def shown(settings: Mapping[str, str]) -> dict[str, str | list[str]]:
    """The settings as the fields of the form show them."""
    values: dict[str, str | list[str]] = {name: settings.get(name, "") for name in NAMES}
    for name in DAYS:
        month, _, of_month = settings.get(name, "").partition("-")
        values[f"{name}.month"], values[f"{name}.day"] = month, of_month.lstrip("0")
    languages = [each for each in settings.get("languages", "").split(";") if each]
    values["language"], values["languages"] = (languages or [""])[0], languages
    values["modules"] = settings.get("modules", "").split(";")
    values["arrears.reminder_days"] = ", ".join(settings.get("arrears.reminder_days", "").split(";"))
    return values


def choices(words: Words) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen, by what is sent and what is shown."""
    months = [date(ANY_YEAR, month, 1) for month in range(1, 13)]
    return {
        "months": [(f"{day.month:02d}", format_date(day, "LLLL", locale=words.language)) for day in months],
        "regions": [(each, words(say(f"office.setup.region.{each}"))) for each in REGIONS],
        "settlements": [(each, words(say(f"office.setup.settled.{each}"))) for each in SETTLEMENTS],
        "languages": [(each, words(say(f"language.{each}"))) for each in LANGUAGES],
        "modules": [(each.name, words(title(each))) for each in MODULES],
    }
