"""Turns a `Text` into words: a language's catalogue, its plurals, and the Belgian way to write amounts and dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from core.kernel.clock import BRUSSELS
from core.kernel.money import Money
from core.kernel.periods import Period
from core.kernel.text import Text, Value

LANGUAGES = ("fr", "nl", "de", "en")
DEFAULT_LANGUAGE = "nl"
COUNTRY = {"fr": "BE", "nl": "BE", "de": "BE", "en": "IE"}
"""Whose way to write dates and amounts: Belgium's; for English, that of the country of the euro where it is spoken."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `words(text)` says a text in it. KeyError where the catalogue has no such message."""

    language: str
    catalogue: NullTranslations
    zone: tzinfo = BRUSSELS
    _locale: Locale = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_locale", Locale(self.language, COUNTRY[self.language]))

    def __call__(self, text: Text) -> str:
        values = {name: self.written(value) for name, value in text.values.items()}
        if not text.key:
            return values["value"]
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
        return message.format_map(values)

    def written(self, value: Value) -> str:
        """A value as its reader writes it: `1.234,56 €`, `22 novembre 2026`."""
        match value:
            case str():
                return value
            case Text():
                return self(value)
            case Money():
                return format_currency(Decimal(value.cents) / 100, "EUR", locale=self._locale)
            case int():
                return format_decimal(value, locale=self._locale)
            case datetime():
                moment = value.astimezone(self.zone)
                return f"{self.written(moment.date())} {format_time(moment, 'HH:mm', locale=self._locale)}"
            case date():
                return format_date(value, "long", locale=self._locale)
            case Period():
                return f"{self.short(value.first)} - {self.short(value.last)}"
            case Fraction():
                return f"{value.numerator}/{value.denominator}"

    def short(self, day: date) -> str:
        return format_date(day, "dd/MM/yyyy", locale=self._locale)


Catalogues = Mapping[str, Words]
"""All languages, by ISO code."""
