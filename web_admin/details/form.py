"""The fields in which a building's settings are typed: one for each thing that a person thinks of. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.interchange.toml_writing import ARTICLE, RATE
from core.kernel.i18n import LANGUAGES

PLAIN: Mapping[str, str] = {
    "name": "name",
    "address": "address",
    "postal_code": "postal_code",
    "city": "city",
    "region": "region",
    "enterprise_number": "enterprise_number",
    "provisional_acceptance": "provisional_acceptance",
    "settlement": "settlement",
    "working": "accounts.working",
    "reserve": "accounts.reserve",
    "rate": RATE,
    "article": ARTICLE,
    "syndic_name": "syndic.name",
    "syndic_email": "syndic.email",
    "syndic_phone": "syndic.phone",
    "syndic_emergency": "syndic.emergency",
}
"""Fields that are one setting, by its name in `building.toml`."""
DAYS: Mapping[str, str] = {"year": "financial_year_start", "window": "assembly_window_start"}
"""Days of every year, in two fields: `year_day` and `year_month`."""
ALSO = tuple(f"also_{language}" for language in LANGUAGES)
FIELDS = (
    *PLAIN,
    *(f"{name}_{part}" for name in DAYS for part in ("day", "month")),
    "language",
    *ALSO,
    "reminder_days",
)
FIELD_OF: Mapping[str, str] = {
    **{setting: name for name, setting in PLAIN.items()},
    **{setting: f"{name}_day" for name, setting in DAYS.items()},
    "languages": "language",
    "arrears.reminder_days": "reminder_days",
    "arrears.interest": "rate",
}
"""Beside which field it is said what is wrong with a setting."""

_BETWEEN = re.compile(r"[\s,;]+")


def fields_of(settings: Mapping[str, str]) -> dict[str, str]:
    """What the fields show of a building."""
    found = {name: settings[setting] for name, setting in PLAIN.items()}
    for name, setting in DAYS.items():
        month, _, day = settings[setting].partition("-")
        found |= {f"{name}_day": day.lstrip("0"), f"{name}_month": month.lstrip("0")}
    first, *others = settings["languages"].split(";")
    found["language"] = first
    found |= {f"also_{language}": "yes" if language in others else "" for language in LANGUAGES}
    found["reminder_days"] = ", ".join(settings["arrears.reminder_days"].split(";"))
    return found


def settings_of(fields: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The settings that the fields say; languages stay in the order in which they were."""
    found = {setting: fields[name] for name, setting in PLAIN.items()}
    found[RATE] = fields["rate"].replace(",", ".")
    for name, setting in DAYS.items():
        day, month = fields[f"{name}_day"], fields[f"{name}_month"]
        found[setting] = f"{month:0>2}-{day:0>2}" if day or month else ""
    order = [*(code for code in before["languages"].split(";") if code in LANGUAGES), *LANGUAGES]
    others = [code for code in dict.fromkeys(order) if code != fields["language"] and fields[f"also_{code}"]]
    found["languages"] = ";".join([fields["language"], *others])
    found["arrears.reminder_days"] = ";".join(part for part in _BETWEEN.split(fields["reminder_days"]) if part)
    return found
