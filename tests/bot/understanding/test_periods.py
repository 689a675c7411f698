"""Words of time in four languages, relative to Sunday 22 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.understanding.periods import Moment, periods
from bot.understanding.words import cleaned, words
from core.kernel.periods import CALENDAR_YEAR

TODAY = date(2026, 11, 22)
LANGUAGES = ("fr", "nl", "de", "en")


def said(
    text: str, language: str, *, ahead: bool = False, start: tuple[int, int] = CALENDAR_YEAR, next_month: bool = False
) -> list[str]:
    text = cleaned(text)
    found = periods(words(text), text, language, Moment(TODAY, start, ahead, next_month))
    return [str(one.period) for one in found if one.period is not None]


LOOKING_BACK = """
fr | combien je dois ce trimestre ? | 2026-10-01/2026-12-31
fr | trimestre dernier | 2026-07-01/2026-09-30
fr | le trimestre en cours | 2026-10-01/2026-12-31
fr | le prochain trimestre | 2027-01-01/2027-03-31
fr | T2 | 2026-04-01/2026-06-30
fr | 3T 2025 | 2025-07-01/2025-09-30
fr | 1er trimestre | 2026-01-01/2026-03-31
fr | deuxième trimestre 2025 | 2025-04-01/2025-06-30
fr | le 2e trimestre de l'année passée | 2025-04-01/2025-06-30
fr | l'année dernière | 2025-01-01/2025-12-31
fr | cette année | 2026-01-01/2026-12-31
fr | en 2025 | 2025-01-01/2025-12-31
fr | l'exercice 2025 | 2025-01-01/2025-12-31
fr | en mars | 2026-03-01/2026-03-31
fr | mars dernier | 2026-03-01/2026-03-31
fr | en décembre | 2025-12-01/2025-12-31
fr | au mois de mars 2025 | 2025-03-01/2025-03-31
fr | ce mois-ci | 2026-11-01/2026-11-30
fr | le mois passé | 2026-10-01/2026-10-31
fr | depuis janvier | 2026-01-01/2026-11-22
fr | depuis le début de l'année | 2026-01-01/2026-11-22
fr | premier semestre 2026 | 2026-01-01/2026-06-30
fr | la première moitié de 2026 | 2026-01-01/2026-06-30
fr | de janvier à mars 2026 | 2026-01-01/2026-03-31
fr | hier | 2026-11-21/2026-11-21
fr | avant-hier | 2026-11-20/2026-11-20
fr | les trois derniers mois | 2026-08-23/2026-11-22
nl | dit kwartaal | 2026-10-01/2026-12-31
nl | vorig kwartaal | 2026-07-01/2026-09-30
nl | 2e kwartaal | 2026-04-01/2026-06-30
nl | het tweede kwartaal van 2025 | 2025-04-01/2025-06-30
nl | K2 2025 | 2025-04-01/2025-06-30
nl | kwartaal 3 van vorig jaar | 2025-07-01/2025-09-30
nl | vorig jaar | 2025-01-01/2025-12-31
nl | het afgelopen jaar | 2025-01-01/2025-12-31
nl | deze maand | 2026-11-01/2026-11-30
nl | vorige maand | 2026-10-01/2026-10-31
nl | voor oktober | 2026-10-01/2026-10-31
nl | maart vorig jaar | 2025-03-01/2025-03-31
nl | sinds januari | 2026-01-01/2026-11-22
nl | eerste helft van 2026 | 2026-01-01/2026-06-30
nl | van januari tot maart | 2026-01-01/2026-03-31
nl | afgelopen 6 maanden | 2026-05-23/2026-11-22
nl | gisteren | 2026-11-21/2026-11-21
nl | boekjaar 2025 | 2025-01-01/2025-12-31
de | dieses Quartal | 2026-10-01/2026-12-31
de | letztes Quartal | 2026-07-01/2026-09-30
de | zweites Quartal | 2026-04-01/2026-06-30
de | im 2. Quartal 2025 | 2025-04-01/2025-06-30
de | letztes Jahr | 2025-01-01/2025-12-31
de | im laufenden Jahr | 2026-01-01/2026-12-31
de | im März | 2026-03-01/2026-03-31
de | fuer maerz 2025 | 2025-03-01/2025-03-31
de | oktober bis dezember 2025 | 2025-10-01/2025-12-31
de | seit Januar | 2026-01-01/2026-11-22
de | erstes Halbjahr 2026 | 2026-01-01/2026-06-30
de | diesen Monat | 2026-11-01/2026-11-30
de | vorgestern | 2026-11-20/2026-11-20
de | Geschäftsjahr 2025 | 2025-01-01/2025-12-31
en | this quarter | 2026-10-01/2026-12-31
en | last quarter | 2026-07-01/2026-09-30
en | Q2 | 2026-04-01/2026-06-30
en | q1/2025 | 2025-01-01/2025-03-31
en | 2025-Q3 | 2025-07-01/2025-09-30
en | second quarter of 2025 | 2025-04-01/2025-06-30
en | the last quarter of 2025 | 2025-10-01/2025-12-31
en | Q1 and Q2 | 2026-01-01/2026-06-30
en | last year | 2025-01-01/2025-12-31
en | this month | 2026-11-01/2026-11-30
en | h1 | 2026-01-01/2026-06-30
en | first half of 2026 | 2026-01-01/2026-06-30
en | January to June 2026 | 2026-01-01/2026-06-30
en | from 2023 to 2025 | 2023-01-01/2025-12-31
en | since January | 2026-01-01/2026-11-22
en | in March | 2026-03-01/2026-03-31
en | Mr Haddad may vote for me in May | 2026-05-01/2026-05-31
en | on 3 March 2025 | 2025-03-03/2025-03-03
en | last Monday | 2026-11-16/2026-11-16
"""

LOOKING_AHEAD = """
fr | samedi | 2026-11-28/2026-11-28
fr | samedi prochain | 2026-11-28/2026-11-28
fr | mercredi matin | 2026-11-25/2026-11-25
fr | demain | 2026-11-23/2026-11-23
fr | après-demain | 2026-11-24/2026-11-24
fr | la semaine prochaine | 2026-11-23/2026-11-29
fr | ce week-end | 2026-11-21/2026-11-22
fr | le week-end prochain | 2026-11-28/2026-11-29
fr | le 13 décembre | 2026-12-13/2026-12-13
fr | 13/12 | 2026-12-13/2026-12-13
fr | du 3 au 5 décembre | 2026-12-03/2026-12-05
fr | entre le 3 et le 5 décembre | 2026-12-03/2026-12-05
fr | jusqu'à la fin du mois | 2026-11-22/2026-11-30
fr | jusqu'au 30 novembre | 2026-11-22/2026-11-30
fr | de vendredi à dimanche | 2026-11-27/2026-11-29
fr | en décembre | 2026-12-01/2026-12-31
nl | volgende zaterdag | 2026-11-28/2026-11-28
nl | vrijdagavond | 2026-11-27/2026-11-27
nl | vanavond | 2026-11-22/2026-11-22
nl | morgen | 2026-11-23/2026-11-23
nl | volgende week | 2026-11-23/2026-11-29
nl | vanaf vrijdag tot zondag | 2026-11-27/2026-11-29
nl | van 3 tot en met 5 december | 2026-12-03/2026-12-05
nl | tot eind november | 2026-11-22/2026-11-30
nl | tot het einde van de maand | 2026-11-22/2026-11-30
nl | in maart | 2027-03-01/2027-03-31
de | nächsten Samstag | 2026-11-28/2026-11-28
de | am Freitagabend | 2026-11-27/2026-11-27
de | am 13. Dezember | 2026-12-13/2026-12-13
de | 13.12. | 2026-12-13/2026-12-13
de | vom 3. bis 5. Dezember | 2026-12-03/2026-12-05
de | bis Ende des Monats | 2026-11-22/2026-11-30
de | nächste Woche | 2026-11-23/2026-11-29
de | übermorgen | 2026-11-24/2026-11-24
en | next Saturday | 2026-11-28/2026-11-28
en | on Wednesday | 2026-11-25/2026-11-25
en | tomorrow | 2026-11-23/2026-11-23
en | next week | 2026-11-23/2026-11-29
en | this weekend | 2026-11-21/2026-11-22
en | from 3 to 5 December | 2026-12-03/2026-12-05
en | Dec 5th | 2026-12-05/2026-12-05
en | 2026-12-05 | 2026-12-05/2026-12-05
en | 13/12/2026 | 2026-12-13/2026-12-13
en | until the end of the month | 2026-11-22/2026-11-30
en | friday evening until sunday | 2026-11-27/2026-11-29
en | 3 january | 2027-01-03/2027-01-03
"""

FINANCIAL_YEARS = """
fr | 4 | ce trimestre | 2026-10-01/2026-12-31
fr | 4 | T1 | 2026-04-01/2026-06-30
fr | 4 | T4 | 2027-01-01/2027-03-31
fr | 4 | T2 2025 | 2025-07-01/2025-09-30
fr | 4 | l'exercice en cours | 2026-04-01/2027-03-31
fr | 4 | l'exercice 2025 | 2025-04-01/2026-03-31
fr | 4 | cette année | 2026-01-01/2026-12-31
nl | 4 | vorig boekjaar | 2025-04-01/2026-03-31
nl | 4 | boekjaar 2025/2026 | 2025-04-01/2026-03-31
nl | 7 | eerste kwartaal | 2026-07-01/2026-09-30
nl | 7 | vorig kwartaal | 2026-07-01/2026-09-30
nl | 7 | vorig jaar | 2025-01-01/2025-12-31
de | 7 | zweites Quartal | 2026-10-01/2026-12-31
de | 7 | letztes Geschäftsjahr | 2025-07-01/2026-06-30
de | 7 | Geschäftsjahr 2024 | 2024-07-01/2025-06-30
en | 7 | Q4 | 2027-04-01/2027-06-30
en | 7 | third quarter of 2025 | 2026-01-01/2026-03-31
en | 4 | this financial year | 2026-04-01/2027-03-31
en | 4 | financial year 2025 | 2025-04-01/2026-03-31
"""

NO_PERIOD = """
fr | 84 euros
fr | au point 4
fr | fin mars
nl | 600 euro op een kwartaal
nl | punt 2
nl | 31/02
de | 2,5 Stunden
de | Punkt 10
en | Mr Haddad may vote for me
en | flat 7
en | on number 9 of the agenda
en | the next three months
en | I march on
"""


def table(lines: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("language", "text", "period"), table(LOOKING_BACK))
def test_looking_back(language: str, text: str, period: str) -> None:
    assert said(text, language) == [period]


@pytest.mark.parametrize(("language", "text", "period"), table(LOOKING_AHEAD))
def test_looking_ahead(language: str, text: str, period: str) -> None:
    assert said(text, language, ahead=True) == [period]


@pytest.mark.parametrize(("language", "month", "text", "period"), table(FINANCIAL_YEARS))
def test_a_building_counts_its_own_quarters(language: str, month: str, text: str, period: str) -> None:
    assert said(text, language, start=(int(month), 1)) == [period]


@pytest.mark.parametrize(("language", "text"), table(NO_PERIOD))
def test_what_is_no_clear_period(language: str, text: str) -> None:
    assert said(text, language) == []


def test_the_month_that_comes_next_is_meant_when_asking_what_is_owed() -> None:
    assert said("en décembre", "fr", next_month=True) == ["2026-12-01/2026-12-31"]
    assert said("en janvier", "fr", next_month=True) == ["2026-01-01/2026-01-31"]


@given(some.text(max_size=200), some.sampled_from(LANGUAGES), some.booleans())
def test_any_text_is_read_without_complaint(text: str, language: str, ahead: bool) -> None:
    said(text, language, ahead=ahead)


WORDS_OF_TIME = some.sampled_from(
    """de le du 3 31 0 2026 2025/2026 31/02 trimestre dernier en mars décembre T2 au à jusqu'au fin depuis
    exercice 1er lundi prochain 99 février 29 99/99""".split()  # noqa: SIM905
)


@given(some.lists(WORDS_OF_TIME, max_size=12), some.dates(date(2000, 1, 1), date(2090, 12, 31)), some.booleans())
def test_any_order_of_words_of_time_gives_periods_that_are_none_or_in_order(
    spoken: list[str], today: date, ahead: bool
) -> None:
    text = " ".join(spoken)
    for found in periods(words(text), text, "fr", Moment(today, (4, 1), ahead)):
        assert found.start < found.end <= len(words(text))
        assert found.period is None or found.period.first <= found.period.last
