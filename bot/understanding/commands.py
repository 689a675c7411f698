"""Slash commands, `!kopro` commands, and the bare first words of a mail: what is said without any doubt.

One English name and one in each other language for every intent that a person starts; all are known in every language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.understanding.slot_words import CHANNELS, LANGUAGES
from bot.understanding.words import cleaned, plain_text
from core.messaging.intent import Intent

_TABLE = """
charges.owed        owe           dois           schuld          schulden
charges.explain     explain       expliquer      uitleg          erklaeren
charges.expenses    expenses      depenses       uitgaven        ausgaben
charges.pay         pay           payer          betalen         zahlen
charges.paid        paid          paye           betaald         bezahlt
charges.statement   statement     decompte       afrekening      abrechnung
charges.funds       funds         fonds          fondsen         ruecklage
documents.get       documents     papiers        documenten      dokumente
assembly.next       assembly      assemblee      vergadering     versammlung
assembly.agenda     agenda        ordre_du_jour  agendapunten    tagesordnung
assembly.attend     attend        presence       aanwezig        teilnehmen
assembly.proxy      proxy         procuration    volmacht        vollmacht
assembly.vote       vote          voter          stemmen         abstimmen
assembly.results    decisions     resultats      beslissingen    beschluesse
assembly.propose    propose       proposer       voorstellen     vorschlagen
polls.open          polls         sondages       peilingen       umfragen
polls.answer        answer        repondre       antwoorden      antworten
polls.create        poll          sondage        peiling         umfrage
polls.results       poll_results  resultat_sondage  peiling_resultaat  umfrage_ergebnis
loans.borrow        borrow        emprunter      lenen           leihen
loans.lend          lend          preter         uitlenen        verleihen
loans.available     available     a_emprunter    te_leen         ausleihbar
loans.return        return        rendre         terugbrengen    zurueckgeben
sel.offer           offer         offrir         aanbieden       anbieten
sel.request         request       demander       vragen          anfragen
sel.browse          services      entraide       diensten        dienste
sel.balance         hours         heures         uren            stunden
sel.done            done          service_rendu  gedaan          erledigt
bazaar.give         give          donner         geven           verschenken
bazaar.want         want          chercher       zoeken          suchen
bazaar.browse       bazaar        donnerie       weggeefhoek     tauschecke
skills.find         skills        competences    talenten        kenntnisse
skills.add          my_skills     mes_talents    mijn_talenten   meine_kenntnisse
notices.post        post          afficher       ophangen        aushang
notices.browse      board         valves         prikbord        pinnwand
tickets.report      report        signaler       melden          stoerung
tickets.status      status        suivi          opvolging       stand
contacts.find       contacts      coordonnees    contacten       kontakte
settings.language   language      langue         taal            sprache
settings.notify     notifications  avis          meldingen       mitteilungen
settings.link       link          relier         koppelen        verknuepfen
privacy.export      my_data       mes_donnees    mijn_gegevens   meine_daten
privacy.erase       delete_me     effacer        wissen          loeschen
help                help          aide           hulp            hilfe
greet               hello         bonjour        hallo           guten_tag
thanks              thanks        merci          bedankt         danke
undo                undo          annuler        ongedaan        rueckgaengig
cancel              cancel        abandonner     laat_maar       abbrechen
human               human         humain         mens            mensch
"""


def _table() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for line in _TABLE.strip().splitlines():
        intent, english, french, dutch, german = line.split()
        found[intent] = MappingProxyType({"fr": french, "nl": dutch, "de": german, "en": english})
    return MappingProxyType(found)


COMMANDS = _table()
"""Intent -> language -> command without its slash, for every intent but `none`."""

RESUME = ("resume", "reprendre", "hervatten", "fortsetzen")
"""What undoes a stop; so does START alone, where it is no command of its own."""

ALSO = MappingProxyType(
    {
        "start": "help",
        "settings": "settings.link",
        "reglages": "settings.link",
        "instellingen": "settings.link",
        "einstellungen": "settings.link",
        "group": "settings.link",
        "groupe": "settings.link",
        "groep": "settings.link",
        "gruppe": "settings.link",
        "lang": "settings.language",
        "stop": "settings.notify",
        "stopp": "settings.notify",
        **dict.fromkeys(RESUME, "settings.notify"),
    }
)
"""Commands that clients and habits expect besides."""

GROUPS = frozenset({"group", "groupe", "groep", "gruppe"})
"""Commands that tie a group to a building: the intent `settings.link` with the slot `group`."""
AGENDA = MappingProxyType({"fr": "a_faire", "nl": "te_doen", "de": "zu_tun", "en": "todo"})
"""By language the command for what waits for somebody: the intent `help` with the slot `about`."""
_INTENT_OF = (
    {name: intent for intent, names in COMMANDS.items() for name in names.values()}
    | dict(ALSO)
    | dict.fromkeys(AGENDA.values(), "help")
)
_SLASH = re.compile(r"\s*(?:/([A-Za-z0-9_]{1,32})(?:@\w+)?|!kopro\s+([A-Za-z0-9_]{1,32}))(?:\s+(.*))?\s*", re.DOTALL)
_FIRST_WORDS = MappingProxyType(
    {
        "help": "help",
        "aide": "help",
        "hulp": "help",
        "hilfe": "help",
        "stop": "settings.notify",
        "stopp": "settings.notify",
        **dict.fromkeys(RESUME, "settings.notify"),
        "start": "settings.notify",
        "start again": "settings.notify",
    }
)
"""What a mail may consist of, or begin its subject with."""
_SWITCH = re.compile(r"(?:lang|langue|language|taal|sprache)[ :]+(\w+)", re.IGNORECASE)
_CODES = {code: code for code in LANGUAGES} | {
    word: code for code, entries in LANGUAGES.items() for word in entries.split()
}


class Said(NamedTuple):
    """A command and what was written behind it."""

    intent: str
    rest: str
    name: str


def spoken_command(text: str) -> Said | None:
    """The command that a text begins with, None where it begins with none that is known."""
    match = _SLASH.fullmatch(cleaned(text))
    if match is None:
        return None
    name = (match[1] or match[2]).lower()
    intent = _INTENT_OF.get(name)
    return Said(intent, (match[3] or "").strip(), name) if intent else None


def command(text: str) -> Intent | None:
    """`/owe Q2`, `/owe@SomeBot`, `!kopro owe`, and HELP, STOP, LANG NL alone: the intent, without the slots of what follows.

    A language that is named behind it fills the slot `language`, a channel `channel`: those need no grammar.
    """
    said = spoken_command(text)
    if said is None:
        bare = cleaned(text).strip().strip(".!").strip()
        if switch := _SWITCH.fullmatch(bare):
            code = _CODES.get(plain_text(switch[1]))
            return Intent("settings.language", {"language": code}) if code else None
        name = _FIRST_WORDS.get(bare.casefold())
        return Intent(name) if name else None
    slots: dict[str, Any] = {}
    behind = plain_text(said.rest)
    if said.intent == "settings.language" and (code := _CODES.get(behind)):
        slots["language"] = code
    if said.intent in ("settings.link", "settings.notify"):
        named = [channel for channel, pattern in CHANNELS.items() if re.search(pattern, behind)]
        if len(named) == 1:
            slots["channel"] = named[0]
    if said.name in GROUPS:
        slots["group"] = True
    if said.name in AGENDA.values():
        slots["about"] = "todo"
    return Intent(said.intent, slots)


_NUMBER_WORDS = (
    "un une een eins one",
    "deux twee zwei two",
    "trois drie drei three",
    "quatre vier four",
    "cinq vijf funf five",
    "six zes sechs",
    "sept zeven sieben seven",
    "huit acht eight",
    "neuf negen neun nine",
)
_PICKS = {word: value for value, entries in enumerate(_NUMBER_WORDS, start=1) for word in entries.split()}
_LEAD = (
    r"(?:(?:option|optie|keuze|choix|choice|auswahl|wahl|nummer|numero|number|nr|no|n|le|la|het|de|die|das|the|"
    r"antwoord|reponse|antwort|answer)(?:[ °.:#]+|(?=\d)))*"
)
_PICK = re.compile(rf"{_LEAD}#? ?(?:(\d{{1,2}})|([a-z]+))(?: ?(?:aub|svp|stp|bitte|please|pls))?")
_KEYCAP = re.compile("[\ufe0e\ufe0f\u20e3]")


def picked(text: str) -> int | None:
    """The number of a choice where a message is nothing else: `2`, `2)`, `#2`, `optie 2`, `n° 2`, `deux`, a keycap emoji."""
    if len(text) > 60:
        return None
    said = _KEYCAP.sub("", cleaned(text)).replace("\U0001f51f", "10").strip()
    said = said.strip("[]() \n").rstrip(".):,;!]/- ").lstrip("([").strip()
    match = _PICK.fullmatch(" ".join(_folded(said).split()))
    if match is None:
        return None
    value = int(match[1]) if match[1] else _PICKS.get(match[2])
    return value if value else None


_LEADING_NUMBER = re.compile(r"\s*#?(\d{1,2})\s*(?:[,.!;:)]\D|[,.!;:)]?\s*$)")
LONGEST_REPLY = 80


def picked_in_reply(text: str) -> int | None:
    """The number of a choice in the answer to a card: also where a short word follows it, as in `1, gladly!`."""
    if (number := picked(text)) is not None:
        return number
    match = _LEADING_NUMBER.match(cleaned(text)) if len(text.strip()) <= LONGEST_REPLY else None
    return int(match[1]) or None if match else None


def _folded(text: str) -> str:
    """Lower case without accents, signs kept."""
    return text.casefold().translate(_PLAINER)


_PLAINER = str.maketrans("éèêëàâäïîôöûüùç", "eeeeaaaiioouuuc")
