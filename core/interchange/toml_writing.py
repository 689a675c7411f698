"""The settings of a building as texts, as somebody types them, and back to `building.toml`: the lines of its author stay as they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from core.buildings.model import Building
from core.interchange.building_toml import read_charter
from core.interchange.toml_lines import KeyPath, key_spans

RATE, ARTICLE = "arrears.interest.rate", "arrears.interest.article"
"""Two texts that are one value; both empty: the legal rate."""
_INTEREST = ("arrears", "interest")
_WHOLE = re.compile(r"[0-9]{1,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of `building.toml`. `text` writes what a building has as one types it; `toml` a typed text as a TOML value.

    What cannot be that value is written as a string, so that reading it says what is wrong with it.
    """

    name: str
    text: Callable[[Building], str]
    toml: Callable[[str], str]

    @property
    def path(self) -> KeyPath:
        return tuple(self.name.split("."))


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _CONTROL.sub(lambda sign: f"\\u{ord(sign[0]):04X}", escaped) + '"'


def _whole(text: str) -> str:
    return str(int(text)) if _WHOLE.fullmatch(text) else quoted(text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else quoted(text)
    except ValueError:
        return quoted(text)


def _listed(one: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "[" + ", ".join(one(part.strip()) for part in text.split(";") if part.strip()) + "]"


def _month_day(day: tuple[int, int] | None) -> str:
    return f"{day[0]:02d}-{day[1]:02d}" if day else ""


SETTINGS = (
    Setting("name", lambda building: building.name, quoted),
    Setting("address", lambda building: building.address, quoted),
    Setting("postal_code", lambda building: building.postal_code, quoted),
    Setting("city", lambda building: building.city, quoted),
    Setting("slug", lambda building: building.slug, quoted),
    Setting("region", lambda building: building.region, quoted),
    Setting("languages", lambda building: ";".join(building.languages), _listed(quoted)),
    Setting("enterprise_number", lambda building: building.enterprise_number, quoted),
    Setting("shares_total", lambda building: str(building.shares_total), _whole),
    Setting("financial_year_start", lambda building: _month_day(building.financial_year_start), quoted),
    Setting("assembly_window_start", lambda building: _month_day(building.assembly_window_start), quoted),
    Setting(
        "provisional_acceptance",
        lambda building: building.provisional_acceptance.isoformat() if building.provisional_acceptance else "",
        _day,
    ),
    Setting("settlement", lambda building: building.settlement, quoted),
    Setting("modules", lambda building: ";".join(building.modules), _listed(quoted)),
    Setting("accounts.working", lambda building: building.working_iban, quoted),
    Setting("accounts.reserve", lambda building: building.reserve_iban, quoted),
    Setting("arrears.reminder_days", lambda building: ";".join(map(str, building.reminder_days)), _listed(_whole)),
    Setting(RATE, lambda building: building.interest[0] if building.interest else "", quoted),
    Setting(ARTICLE, lambda building: building.interest[1] if building.interest else "", quoted),
    Setting("syndic.name", lambda building: building.syndic.name, quoted),
    Setting("syndic.email", lambda building: building.syndic.email, quoted),
    Setting("syndic.phone", lambda building: building.syndic.phone, quoted),
    Setting("syndic.emergency", lambda building: building.syndic.emergency, quoted),
)
NAMES = tuple(setting.name for setting in SETTINGS)


def settings_text(building: Building) -> dict[str, str]:
    """Every setting as one types it; empty where there is none."""
    return {setting.name: setting.text(building) for setting in SETTINGS}


def building_source(building: Building) -> str:
    """`building.toml` as its author wrote it, as far as it says what the building is today; what it does not is written anew."""
    charter = read_charter(building.source.encode())
    if not charter.faults and _same(charter.building(), building):
        return building.source
    return renewed(building.source, settings_text(building))


def renewed(source: str, wanted: Mapping[str, str]) -> str:
    """The text with these settings: of what it says already every line stays, comments too.

    Written from nothing where the text cannot be read, or is put together in a way that lines cannot be exchanged in.
    """
    charter = read_charter(source.encode())
    if charter.faults:
        return written(wanted)
    said = settings_text(charter.building())
    values, before = _values(wanted), _values(said)
    changes = {path: values.get(path) for path in {**before, **values} if values.get(path) != before.get(path)}
    if not changes:
        return source
    edited = _edited(source, changes)
    return edited if edited is not None else written(wanted)


def written(settings: Mapping[str, str]) -> str:
    """`building.toml` from nothing: what is empty is left out, but for the lists that may not be."""
    values = _values(settings)
    lines = [f"{path[0]} = {value}" for path, value in values.items() if len(path) == 1]
    for table in dict.fromkeys(path[0] for path in values if len(path) > 1):
        lines += ["", f"[{table}]"]
        lines += [f"{path[1]} = {value}" for path, value in values.items() if len(path) > 1 and path[0] == table]
    return "\n".join(lines) + "\n"


def _values(settings: Mapping[str, str]) -> dict[KeyPath, str]:
    """The TOML of what is given, by key."""
    values: dict[KeyPath, str] = {}
    for setting in SETTINGS:
        text = settings.get(setting.name, "").strip()
        if setting.name == RATE:
            article = settings.get(ARTICLE, "").strip()
            if text or article:
                values[_INTEREST] = f"{{ rate = {quoted(text)}, article = {quoted(article)} }}"
        elif text and setting.name != ARTICLE:
            values[setting.path] = setting.toml(text)
    return values


def _edited(source: str, changes: Mapping[KeyPath, str | None]) -> str | None:
    """The text with some keys exchanged, added or (None) taken out; None where that cannot be done line by line."""
    crlf = "\r\n" in source
    mark = "\ufeff" if source.startswith("\ufeff") else ""
    lines = source.removeprefix(mark).replace("\r\n", "\n").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    spans = key_spans("\n".join(lines))
    tables = {path[0]: first for path, (first, _) in spans.items() if _opens(lines[first - 1])}
    exchanged: dict[int, list[str]] = {}
    gone: set[int] = set()
    after: dict[int, list[str]] = {}
    added: dict[str, list[str]] = {}
    for path, value in changes.items():
        if path in spans:
            first, last = spans[path]
            indent = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
            exchanged[first] = [f"{indent}{path[-1]} = {value}"] if value is not None else []
            gone |= set(range(first + 1, last + 1))
        elif value is not None and len(path) == 1:
            top = [
                last for other, (first, last) in spans.items() if first < min(tables.values(), default=len(lines) + 1)
            ]
            after.setdefault(max(top, default=0), []).append(f"{path[0]} = {value}")
        elif value is not None and path[0] in tables:
            inside = [last for other, (_, last) in spans.items() if other[0] == path[0]]
            after.setdefault(max(inside), []).append(f"{path[1]} = {value}")
        elif value is not None:
            added.setdefault(path[0], []).append(f"{path[1]} = {value}")
    out: list[str] = [*after.get(0, [])]
    for number, line in enumerate(lines, start=1):
        if number not in gone:
            out += exchanged.get(number, [line])
        out += after.get(number, [])
    for table, inside_lines in added.items():
        out += ["", f"[{table}]", *inside_lines]
    edited = "\n".join(out) + "\n"
    if not _as_wanted(edited, "\n".join(lines), changes):
        return None
    return mark + (edited.replace("\n", "\r\n") if crlf else edited)


def _opens(line: str) -> bool:
    return line.lstrip().startswith("[")


def _as_wanted(edited: str, before: str, changes: Mapping[KeyPath, str | None]) -> bool:
    """Whether the edited text says what was to change, and of the rest what it said before."""
    try:
        now, then = _flat(tomllib.loads(edited)), _flat(tomllib.loads(before))
    except (ValueError, RecursionError):
        return False
    wanted = {path: value for path, value in then.items() if path not in changes}
    for path, value in changes.items():
        if value is not None:
            wanted[path] = tomllib.loads(f"value = {value}")["value"]
    return now == wanted


def _flat(settings: Mapping[str, Any]) -> dict[KeyPath, Any]:
    """The values by key; a table is taken apart, what stands inside it is not."""
    flat: dict[KeyPath, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            flat |= {(key, name): inner for name, inner in value.items()}
        else:
            flat[(key,)] = value
    return flat


def _same(one: Building, other: Building) -> bool:
    """Whether two are the same but for the text that they were read from."""
    names = [field.name for field in fields(Building) if field.name != "source"]
    return all(getattr(one, name) == getattr(other, name) for name in names)
