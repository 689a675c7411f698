"""Who asks for the one list of what waits for him: `my to-do list`, `qu'est-ce qui m'attend ?`. Pure.

The list is asked for in few ways, and a wish for it that is taken for anything else puts something up or answers with money alone: so it
is known by its wording, as a command is, and only where it is all that is said.
"""

from __future__ import annotations

import re

from bot.understanding.words import plain_text

_LIST = r"(?:to ?do|todo)(?: ?list(?:e|s)?| ?lijst(?:je)?)?"
_ASKED = {
    "fr": (
        rf"(?:voir |montrez? ?moi |donnez? ?moi )?(?:ma|mes) (?:{_LIST}|liste|taches|choses a faire)",
        r"ma liste (?:de|des) (?:taches|choses a faire)",
        r"(?:c est quoi|quelles? (?:est|sont)) (?:ma liste|mes taches)",
        r"qu est ce qui (?:m attend|est en attente pour moi|attend (?:ma|une) reponse de moi)",
        r"(?:y a t il |il y a |est ce qu il y a |est ce que )?quelque chose (?:qui )?m attend",
        r"qu est ce (?:qu il me|qui me) reste (?:encore )?a faire",
        r"que me reste t il (?:encore )?a faire",
        r"qu est ce que (?:je dois encore|j ai encore a) faire",
        r"(?:que dois je encore|qu ai je (?:encore )?a) faire",
        r"(?:dois je|est ce que je dois) encore faire quelque chose",
    ),
    "nl": (
        rf"(?:toon |geef )?mijn (?:{_LIST}|lijst(?:je)?|taken|takenlijst(?:je)?|actiepunten)",
        r"wat (?:wacht er(?: nog)? op mij|wacht op mij|ligt er(?: nog)? op mij te wachten)",
        r"(?:wacht|ligt) er (?:nog )?iets op mij(?: te wachten)?",
        r"wat moet ik (?:nog (?:allemaal )?|allemaal (?:nog )?)doen",
        r"wat staat er (?:nog )?(?:open|te doen|klaar|op mijn lijst(?:je)?)(?: (?:voor|bij) mij)?",
        r"wat (?:staat|is|valt) er (?:nog )?voor mij (?:nog )?te doen",
        r"wat heb ik nog te doen",
        r"(?:moet ik nog iets|heb ik nog iets te) doen",
    ),
    "de": (
        rf"(?:zeigen sie mir |zeig mir )?meine (?:{_LIST}|liste|aufgaben|aufgabenliste)",
        r"was wartet (?:noch )?auf mich",
        r"wartet (?:noch )?(?:et)?was auf mich",
        r"was (?:muss|soll) ich (?:noch (?:alles )?|alles (?:noch )?)(?:tun|machen|erledigen)",
        r"was (?:steht|liegt) (?:noch )?(?:bei mir|fur mich) (?:noch )?an",
        r"was habe ich noch zu (?:tun|erledigen)",
        r"was ist (?:noch )?(?:bei mir|fur mich) (?:noch )?offen",
        r"(?:muss ich noch etwas (?:tun|machen|erledigen)|habe ich noch etwas zu (?:tun|erledigen))",
    ),
    "en": (
        rf"(?:show me |what (?:is )?)?(?:on )?my (?:{_LIST}|list|tasks|task list)",
        r"what (?:is )?(?:still )?(?:waiting for me|on my (?:plate|list|to do list))",
        r"(?:is )?(?:there )?any ?thing (?:still )?waiting for me",
        r"what do i (?:still )?(?:have|need) to do",
        r"what have i (?:still )?got to do",
        r"(?:is )?(?:there )?any ?thing (?:left )?(?:i (?:still )?(?:need|have) to do|for me to do)",
        r"do i (?:still )?(?:have|need) to do any ?thing",
    ),
}
_BEFORE = (
    r"(?:(?:bonjour|bonsoir|salut|hallo|dag|goeiedag|goedemorgen|goedenavond|guten (?:tag|morgen|abend)|"
    r"hello|hi|hey|good (?:morning|evening)) )?"
)
_BEHIND = (
    r"(?: (?:aujourd hui|cette semaine|ce mois ci|maintenant|vandaag|deze week|nu|heute|diese woche|jetzt|today|this week|now|right now))?"
    r"(?: (?:svp|s il vous plait|merci|aub|alstublieft|alsjeblieft|bitte|danke|please|thanks|thank you))?"
)
_READ = {language: re.compile(_BEFORE + f"(?:{'|'.join(asked)})" + _BEHIND) for language, asked in _ASKED.items()}
_SIGNS = re.compile(r"[^\w]+")
LONGEST = 100


def asks_for_agenda(text: str) -> str | None:
    """The language in which a message asks for the list, and for nothing else; None where it does not."""
    if len(text) > LONGEST:
        return None
    said = _SIGNS.sub(" ", plain_text(text)).strip()
    return next((language for language, asked in _READ.items() if asked.fullmatch(said)), None)
