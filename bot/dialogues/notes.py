"""What a note says, as people write it: what kind it is, and when and where the event is that it announces. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from bot.understanding.periods import Moment, periods
from bot.understanding.words import cleaned, plain, words
from core.community.notices.model import Kind
from core.kernel.i18n import LANGUAGES

_KINDS = {
    Kind.CARPOOL: "covoitur co-voitur carpool meerijd autodel fahrgemeinschaft mitfahr ridesharing rideshare lift-sharing",
    Kind.CHILD_CARE: (
        "babysit baby-sit kinderoppas oppas kinderopvang onthaalmoeder kinderbetreu tagesmutter childcare child-care childmind"
        " nanny nounou garderie garde-d-enfant garde-des-enfant garder-mes-enfant garder-les-enfant garder-mon-fils garder-ma-fille"
        " look-after-my-child look-after-the-child look-after-my-kid mind-my-child"
    ),
    Kind.FOUND: (
        "perdu trouve retrouve egare objet-trouve objets-trouve verloren gevonden teruggevonden kwijt gefunden vermisst fundsache"
        " lost found mislaid missing"
    ),
    Kind.EVENT: (
        "fete apero aperitif barbecue bbq drink brocante vide-grenier pique-nique picknick picnic potluck party parties feest"
        " buurtfeest burenfeest borrel receptie rommelmarkt fest nachbarschaftsfest hausfest hoffest feier umtrunk grillen grillfest"
        " grillabend flohmarkt konzert concert workshop atelier spectacle filmavond filmabend soiree spelletjesavond spieleabend"
        " quiz event evenement evenement gathering get-together meeting reunion bijeenkomst vergadering treffen versammlung"
        " gouter kaffeetrinken koffie-uurtje cafe-rencontre neighbours-day"
    ),
}
"""The beginnings of words, without accents; the first kind that is found counts."""
_SHORT = 5
"""Beginnings up to so long are whole words, or their plural: `fest` is no beginning of `festival`."""

_CLOCK = re.compile(
    r"(?<![\d.,/:])(?:(\d{1,2}) ?[h:u](\d{2})(?!\d)|(\d{1,2})[.](\d{2}) ?(?:uhr|uur|h\b|u\b)|"
    r"(\d{1,2})(?:[.:](\d{2}))? ?(am|pm|a\.m\.|p\.m\.)(?!\w)|(\d{1,2}) ?(?:h|heures?|uur|u|uhr|o'?clock)(?!\w)())"
)
_EVENING = re.compile(
    r"\b(?:du soir|'?s avonds|abends|in the evening|de l'apres-midi|'?s middags|nachmittags|in the afternoon)\b"
)
_NOON = re.compile(r"\b(?:a midi|om 12 uur 's middags|at noon|zu mittag|mittags um 12)\b")

_THERE = (
    "dans la |dans le |dans les |dans l'|dans notre |a la |a l'|au |sur la |sur le |sous le |in de |in het |in onze |op het |op de |im |"
    "in der |in unserem |in unserer |auf der |auf dem |in the |on the |at the |in our |under the "
)
_SIZE = "petit |grand |kleine |grote |kleinen |grossen |little |big |common |shared |gemeenschappelijke "
_PLACE = (
    "jardin|cour|hall|hall d'entree|entree|salle commune|salle polyvalente|terrasse|toit-terrasse|toit|garage|cave|buanderie|local velos|"
    "tuin|koer|binnenkoer|binnenplaats|inkomhal|hal|gemeenschapszaal|polyvalente zaal|zaal|dakterras|terras|kelder|fietsenberging|"
    "wasplaats|garten|hof|innenhof|eingang|eingangshalle|halle|gemeinschaftsraum|dachterrasse|keller|waschkuche|fahrradkeller|"
    "garden|courtyard|yard|entrance|entrance hall|lobby|common room|terrace|roof terrace|roof|cellar|basement|bike room|laundry room"
)
_PLACES = re.compile(rf"\b(?:{_THERE})((?:{_SIZE})?(?:{_PLACE}))(?![\w-])")

_INTRODUCED = re.compile(
    r"^[^:\n]{0,120}?\b(?:that|que|qu'|dat|dass)\s*(?=\S)",
    re.IGNORECASE,
)
_EVERYBODY = re.compile(
    r"\b(?:voisin\w*|habitant\w*|tout le monde|tous|immeuble|buren|bewoners|iedereen|gebouw|nachbarn|bewohner\w*|alle\w*|haus|neighbou?rs?|"
    r"residents?|everyone|everybody|all|building|valves|tableau|prikbord|brett|board)\b"
)
_LOST = re.compile(
    r"\b(?:j'ai (?:perdu|trouve|egare)|a (?:disparu|perdu|ete trouvee?)|s'est (?:sauve|echappe)e?|"
    r"ik (?:heb|ben|vond)\b.*\b(?:verloren|gevonden|kwijt)|"
    r"ik vond|(?:kat|hond) is (?:weg|weggelopen)|ich (?:habe?|fand)\b.*\b(?:verloren|gefunden)|ich fand|ist (?:weg|entlaufen)|"
    r"i(?: have|'ve)? (?:lost|found)|is missing|ran away|(?:anyone|anybody|someone|somebody) (?:found|lost|lose)|was found)\b"
)
"""What is a note by itself: what somebody lost or found."""
_OWN = re.compile(
    r"\b(?:retire\w*|enlev\w*|supprim\w*|efface\w*|modifi\w*|chang\w*|verwijder\w*|weghalen|haal|wis|wijzig\w*|pas|entfern\w*|losch\w*|"
    r"abhang\w*|nimm|ander\w*|remove|delete|take|withdraw|update|change|edit)\b"
)
_NOTES = (
    r"(?:annonces?|mots?|messages?|avis|affiches?|briefje\w*|bericht(?:en)?|aankondiging\w*|zettel\w*|aushang\w*|anzeigen?|"
    r"nachricht(?:en)?|notes?|notices?|announcements?|posts?|posters?)"
)
_NOTE = re.compile(rf"\b{_NOTES}\b")
_MINE = re.compile(rf"(?:ma|mon|mes|mijn|meine?|my) {_NOTES}")
_FEW = 9
"""Words of a message that is about a note and is none."""


@dataclass(frozen=True, slots=True)
class Heard:
    """`day`, `clock` and `place`: of an event; None and "" where the text does not say."""

    kind: Kind = Kind.ANNOUNCEMENT
    day: date | None = None
    clock: time | None = None
    place: str = ""


def heard(text: str, language: str, today: date) -> Heard:
    """What kind of note it is. An event is what names a day to come: thanks for a party announce none."""
    kind = kind_of(text)
    if kind is not Kind.EVENT:
        return Heard(kind)
    day = day_of(text, language, today)
    return Heard(kind, day, clock_of(text), place_of(text)) if day and day >= today else Heard()


def kind_of(text: str) -> Kind:
    """What a text is about, by its words in any of the four languages; an announcement where none says more."""
    said = [word.plain for word in words(cleaned(text.replace("-", " ")))]
    for kind, beginnings in _BEGINNINGS.items():
        for beginning in beginnings:
            for place in range(len(said) - len(beginning) + 1):
                if all(_begins(word, begin) for word, begin in zip(said[place:], beginning, strict=False)):
                    return kind
    return Kind.ANNOUNCEMENT


def day_of(text: str, language: str, today: date) -> date | None:
    """The first single day that a text names, in his own language or another; None where it names none."""
    said = cleaned(text)
    for each in (language, *(other for other in LANGUAGES if other != language)):
        for found in periods(words(said), said, each, Moment(today, ahead=True)):
            if found.period is not None and found.period.days == 1:
                return found.period.first
    return None


def days_of(text: str) -> int | None:
    """So many days, where a text says nothing else; None where it does."""
    match = re.fullmatch(r"(\d{1,3}) ?(?:jours?|dag(?:en)?|tagen?|days?)?", _folded(text).strip())
    return int(match[1]) if match else None


def clock_of(text: str) -> time | None:
    """The first time of day that a text names."""
    said = _folded(text)
    match = _CLOCK.search(said)
    if match is None:
        return time(12) if _NOON.search(said) else None
    hour, minute = next((int(match[at]), int(match[at + 1] or 0)) for at in (1, 3, 5, 8) if match[at])
    half = (match[7] or "").replace(".", "")
    evening = half == "pm" or (not half and _EVENING.search(said[match.end() : match.end() + 20]))
    if evening and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def place_of(text: str) -> str:
    """Where in the building it is, in the words of the text; "" where it names no place of which we know."""
    match = _PLACES.search(_folded(text))
    return text[match.start(1) : match.end(1)].strip() if match and len(_folded(text)) == len(text) else ""


def about_own(text: str) -> bool:
    """Whether somebody speaks of a note that hangs already: `remove my note`."""
    said = " ".join(word.plain for word in words(cleaned(text)))
    return (
        ":" not in text
        and len(said.split()) <= _FEW
        and bool((_OWN.search(said) and _NOTE.search(said)) or _MINE.fullmatch(said))
    )


def note_in(text: str, slot: str) -> str:
    """What is to stand on the board, out of a message that asks for it; "" where that is not said yet.

    All behind the colon that was understood, all that follows on new lines, or behind `tell the neighbours that`; what was lost or found
    is said by itself.
    """
    if slot and (place := text.find(slot[:20])) >= 0:
        return text[place:]
    first, _, rest = text.strip().partition("\n")
    if rest.strip():
        return rest if first.rstrip().endswith(":") or len(first.split()) <= _FEW else text
    introduced = _INTRODUCED.match(first)
    if introduced and _EVERYBODY.search(_folded(introduced[0])) and len(first[introduced.end() :].split()) > 1:
        return first[introduced.end() :]
    return slot or (text if _LOST.search(_folded(first)) else "")


def _begins(word: str, beginning: str) -> bool:
    return (
        word.startswith(beginning)
        if len(beginning) > _SHORT
        else word in (beginning, f"{beginning}s", f"{beginning}e", f"{beginning}es")
    )


def _folded(text: str) -> str:
    """In lower case without accents, sign for sign."""
    return "".join(
        _PLAIN.get(sign) or (plain(sign) if sign.isalpha() else sign) or sign for sign in text.casefold()[: len(text)]
    )


_PLAIN = {"’": "'", "\u00a0": " ", "\u202f": " ", "ß": "s"}
_BEGINNINGS = {
    kind: [tuple(plain(part) for part in each.split("-")) for each in listed.split()] for kind, listed in _KINDS.items()
}
