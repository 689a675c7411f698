"""The words of the calendar in four languages: data for the grammar in `periods.py`.

Each line is a tag and the plain words (no accents, lower case) that carry it; `_` joins words that are written apart.
M1..M12 are months, W0..W6 weekdays from Monday, O1.. ordinals, Q1..Q4 quarters, H1 and H2 halves of a year.
"""

from __future__ import annotations

_FR = """
M1 janvier janv
M2 fevrier fevr fev
M3 mars
M4 avril avr
M5 mai
M6 juin
M7 juillet juil
M8 aout
M9 septembre sept
M10 octobre oct
M11 novembre nov
M12 decembre dec
W0 lundi
W1 mardi
W2 mercredi
W3 jeudi
W4 vendredi
W5 samedi
W6 dimanche
O1 premier premiere 1er
O2 deuxieme second seconde
O3 troisieme
O4 quatrieme
DAY jour jours
WEEK semaine semaines
WEEKEND week-end weekend week_end we
MONTH mois
QUARTER trimestre trimestres trim
HALF semestre moitie
YEAR an annee annees ans
FYEAR exercice exercice_comptable annee_comptable exercice_financier annee_financiere exercice_social
THIS ce cet cette ces en_cours courant actuel actuelle present
LAST dernier derniere derniers dernieres passe passee passes passees ecoule ecoulee precedent precedente
NEXT prochain prochaine prochains prochaines suivant suivante venir
TODAY aujourdhui auj ajd
YESTERDAY hier
BEFOREYESTERDAY avant_hier avanthier
TOMORROW demain
AFTERTOMORROW apres_demain apresdemain surlendemain
SINCE depuis des_le a_partir_de a_partir_du
UNTIL jusque jusqu jusqu_a jusqu_au jusquau jusqua jusque_fin
FROM entre
OF de du d des
TO a au et
THE le la les l
IN en pour pr dans
ON
BEGIN debut
MID mi mi-
END fin
PART matin soir soiree midi apres-midi apres_midi aprem matinee
"""

_NL = """
M1 januari jan
M2 februari feb febr
M3 maart mrt
M4 april apr
M5 mei
M6 juni jun
M7 juli jul
M8 augustus aug
M9 september sept sep
M10 oktober okt
M11 november nov
M12 december dec
W0 maandag
W1 dinsdag
W2 woensdag
W3 donderdag
W4 vrijdag
W5 zaterdag
W6 zondag
O1 eerste
O2 tweede
O3 derde
O4 vierde laatste_kwart
DAY dag dagen
WEEK week weken
WEEKEND weekend weekeinde wkd
MONTH maand maanden mnd
QUARTER kwartaal kwartalen trimester kwart
HALF semester helft jaarhelft halfjaar
YEAR jaar jaren
FYEAR boekjaar werkjaar boekhoudjaar
THIS deze dit huidig huidige lopend lopende dees
LAST vorig vorige laatste afgelopen verleden voorbije verlopen voorgaand voorgaande
NEXT volgend volgende komend komende aanstaande
TODAY vandaag vanavond vanmiddag vanmorgen vanochtend
YESTERDAY gisteren gister
BEFOREYESTERDAY eergisteren
TOMORROW morgen morgenavond morgenochtend
AFTERTOMORROW overmorgen
SINCE sinds vanaf sedert
UNTIL tot tot_en_met t_m tem t/m tot_aan
FROM tussen
OF van v vd d
TO en
THE de het t
IN in voor vr over
ON op
BEGIN begin aanvang
MID half midden medio
END einde eind
PART avond ochtend namiddag middag voormiddag savonds smorgens
"""

_DE = """
M1 januar janner jan
M2 februar feb
M3 marz maerz
M4 april apr
M5 mai
M6 juni jun
M7 juli jul
M8 august aug
M9 september sept sep
M10 oktober okt
M11 november nov
M12 dezember dez
W0 montag montags
W1 dienstag
W2 mittwoch
W3 donnerstag
W4 freitag
W5 samstag sonnabend
W6 sonntag
O1 erste ersten erstes erster
O2 zweite zweiten zweites zweiter
O3 dritte dritten drittes dritter
O4 vierte vierten viertes vierter
DAY tag tage tagen
WEEK woche wochen
WEEKEND wochenende
MONTH monat monats monate monaten
QUARTER quartal quartals quartale vierteljahr trimester
HALF halbjahr halbjahres halfte semester
YEAR jahr jahres jahre jahren
FYEAR geschaftsjahr geschaftsjahres geschaftsjahre rechnungsjahr rechnungsjahres wirtschaftsjahr buchungsjahr haushaltsjahr
THIS diese dieser dieses diesen diesem dies laufend laufende laufenden laufendes laufender aktuell aktuelle aktuellen aktuelles
LAST letzte letzten letztes letzter letztem vorige vorigen voriges voriger vorigem vergangene vergangenen vergangenes vergangener
NEXT nachste nachsten nachstes nachster nachstem naechste naechsten naechstes naechster kommende kommenden kommendes kommender
TODAY heute
YESTERDAY gestern
BEFOREYESTERDAY vorgestern
TOMORROW morgen
AFTERTOMORROW ubermorgen uebermorgen
SINCE seit ab
UNTIL bis bis_zum bis_zu
FROM zwischen
OF von vom des fur fuer
TO und
THE der die das den dem
IN im in furs fuers
ON am
BEGIN anfang beginn
MID mitte
END ende
PART abend morgens abends nachmittag vormittag mittag fruh nachmittags
"""

_EN = """
M1 january jan
M2 february feb
M3 march
M4 april apr
M5 may
M6 june jun
M7 july jul
M8 august aug augustus
M9 september sept sep
M10 october oct
M11 november nov
M12 december dec
W0 monday mon
W1 tuesday tue tues
W2 wednesday wed
W3 thursday thu thurs
W4 friday fri
W5 saturday
W6 sunday
O1 first
O2 second
O3 third
O4 fourth
DAY day days
WEEK week weeks
WEEKEND weekend week-end week_end
MONTH month months
QUARTER quarter quarters qtr trimester
HALF half semester
YEAR year years
FYEAR financial_year fiscal_year accounting_year book_year financial_years
THIS this current ongoing running
LAST last past previous preceding
NEXT next coming upcoming following
TODAY today tonight
YESTERDAY yesterday
BEFOREYESTERDAY day_before_yesterday
TOMORROW tomorrow tmrw tmr 2morrow
AFTERTOMORROW day_after_tomorrow
SINCE since starting
UNTIL until till til through thru
FROM between from
OF of for
TO to and
THE the
IN in during
ON on
BEGIN beginning start early
MID mid middle
END end late
PART morning evening afternoon night noon
"""

ONLY_IN_CONTEXT = {
    "en": frozenset({"may", "march", "mon", "wed", "second", "jan", "august"}),
    "fr": frozenset({"second", "seconde", "we"}),
    "nl": frozenset({"half"}),
    "de": frozenset[str](),
}
"""Words that mean something else as well: a month only beside another word of the calendar or after `in`, `for`, `of`..."""


_PARTS_OF_DAY = {
    "nl": ("avond", "ochtend", "morgen", "middag", "namiddag", "voormiddag"),
    "de": ("abend", "morgen", "nachmittag", "vormittag", "mittag"),
}
"""Written as one word with the weekday: `vrijdagavond`, `Freitagabend`."""


def _read(lines: str) -> dict[tuple[str, ...], str]:
    table: dict[tuple[str, ...], str] = {}
    for line in lines.strip().splitlines():
        tag, *entries = line.split()
        for entry in entries:
            table[tuple(entry.split("_"))] = tag
    return table


def _with_parts(table: dict[tuple[str, ...], str], parts: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    weekdays = {entry: tag for entry, tag in table.items() if tag[0] == "W" and tag[1:].isdecimal() and len(entry) == 1}
    return table | {(entry[0] + part,): tag for entry, tag in weekdays.items() for part in parts}


CALENDAR_WORDS = {
    "fr": _read(_FR),
    "nl": _with_parts(_read(_NL), _PARTS_OF_DAY["nl"]),
    "de": _with_parts(_read(_DE), _PARTS_OF_DAY["de"]),
    "en": _read(_EN),
}
"""Language -> plain words -> tag."""
