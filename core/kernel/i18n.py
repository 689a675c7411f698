"""Turns a `Text` into words: a language's catalogue, its plurals, and the Belgian way to write amounts and dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, get_decimal_symbol, get_group_symbol

from core.kernel.clock import BRUSSELS
from core.kernel.money import Money
from core.kernel.periods import Period
from core.kernel.text import Text, Value

LANGUAGES = ("fr", "nl", "de", "en")
DEFAULT_LANGUAGE = "nl"
COUNTRY = {"fr": "BE", "nl": "BE", "de": "BE", "en": "IE"}
"""Whose way to write dates and amounts: Belgium's; for English, that of the country of the euro where it is spoken."""

FIRST_OF_MONTH = {"fr": "1er"}
"""How a language writes the first day of a month where that is no plain number: `1er décembre 2026`."""
MOST_DAYS = 4096
"""Of which one process remembers how a language writes them."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `words(text)` says a text in it. KeyError where the catalogue has no such message."""

    language: str
    catalogue: NullTranslations
    zone: tzinfo = BRUSSELS
    _locale: Locale = field(init=False, repr=False)
    _euros: Callable[[int], str] = field(init=False, repr=False)
    _day: Callable[[date], str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        locale = Locale(self.language, COUNTRY[self.language])
        object.__setattr__(self, "_locale", locale)
        object.__setattr__(self, "_euros", euros(locale))
        # The same few days stand in most messages: what falls due falls due for everybody.
        object.__setattr__(self, "_day", lru_cache(MOST_DAYS)(days(locale)))

    def __call__(self, text: Text) -> str:
        if not text.key:
            return self.written(text.values["value"])
        count = text.values.get("count")
        message = (
            self.catalogue.ngettext(text.key, text.key, count)
            if isinstance(count, int)
            else self.catalogue.gettext(text.key)
        )
        if message == text.key:
            message = self.catalogue.gettext(text.key)
            if message == text.key:
                raise KeyError(f"no message {text.key} in {self.language}")
        if not text.values:
            return message.format()
        return message.format_map({name: self.written(value) for name, value in text.values.items()})

    def written(self, value: Value) -> str:
        """A value as its reader writes it: `1.234,56 €`, `22 novembre 2026`."""
        match value:
            case str():
                return value
            case Text():
                return self(value)
            case Money():
                return self._euros(value.cents)
            case int():
                return format_decimal(value, locale=self._locale)
            case datetime():
                moment = value.astimezone(self.zone)
                return f"{self.written(moment.date())} {format_time(moment, 'HH:mm', locale=self._locale)}"
            case date():
                return self._day(value)
            case Period():
                return f"{self.short(value.first)} - {self.short(value.last)}"
            case Fraction():
                return f"{value.numerator}/{value.denominator}"

    def short(self, day: date) -> str:
        return f"{day.day:02}/{day.month:02}/{day.year:04}"


def euros(locale: Locale) -> Callable[[int], str]:
    """How a language writes an amount of cents. Babel is asked once: it takes longer over one amount than a card does for the rest."""
    point, group = get_decimal_symbol(locale), get_group_symbol(locale)
    owed, credited = (format_currency(Decimal(cents) / 100, "EUR", locale=locale) for cents in (1, -1))

    def written(cents: int) -> str:
        whole, rest = divmod(abs(cents), 100)
        number = f"{whole:,}".replace(",", group) + f"{point}{rest:02}"
        return (credited if cents < 0 else owed).replace(f"0{point}01", number)

    return written


def days(locale: Locale) -> Callable[[date], str]:
    """How a language writes a day: `22 novembre 2026`."""
    first = FIRST_OF_MONTH.get(locale.language)

    def written(day: date) -> str:
        said = format_date(day, "long", locale=locale)
        return said.replace("1", first, 1) if first and day.day == 1 else said

    return written


Catalogues = Mapping[str, Words]
"""All languages, by ISO code."""
