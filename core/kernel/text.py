"""A sentence that waits for a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Union

from core.kernel.money import Money
from core.kernel.periods import Period

Value = Union[str, int, Money, date, datetime, Period, Fraction, "Text"]
NOTHING: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """The key of a message and the values that it names. A whole sentence, never a piece of one.

    `count` among the values chooses the plural. The empty key stands for the one value named `value`, written as its reader writes it.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.key, tuple(sorted(self.values))))


def say(key: str, /, **values: Value) -> Text:
    return Text(key, values)


def literal(value: Value) -> Text:
    """A value by itself: a name, an amount, a date."""
    return Text("", {"value": value})


def to_json(value: Value) -> Any:
    """What a row keeps of a value; `from_json` gives the value back."""
    match value:
        case Text():
            return {"text": value.key, "values": {name: to_json(inner) for name, inner in value.values.items()}}
        case Money():
            return {"cents": value.cents}
        case Period():
            return {"period": str(value)}
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Fraction():
            return {"fraction": str(value)}
    return value


def from_json(stored: Any) -> Value:
    match stored:
        case {"text": key, "values": values}:
            return Text(key, {name: from_json(inner) for name, inner in values.items()})
        case {"cents": cents}:
            return Money(cents)
        case {"period": period}:
            return Period.parse(period)
        case {"at": moment}:
            return datetime.fromisoformat(moment)
        case {"day": day}:
            return date.fromisoformat(day)
        case {"fraction": fraction}:
            return Fraction(fraction)
        case str() | int():
            return stored
    raise ValueError(f"no value is stored like this: {stored!r}")
