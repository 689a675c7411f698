"""Words with which nobody addresses a neighbour. A short list of plain ones: it keeps the tone, people moderate the rest. Pure."""

from __future__ import annotations

import re
import unicodedata

_LISTED = """
    connard connards connasse connasses salope salopes salopard encule encules pute putes batard batards abruti abrutis cretin
    cretins bougnoule bougnoules negro negros pede pedes pouffiasse
    klootzak klootzakken kutwijf kutwijven hoer hoeren hoerenzoon mongool kankerlijer kankerlijers rotzak rotzakken smeerlap
    smeerlappen nikker nikkers makak makakken debiel debielen
    arschloch arschlocher hurensohn schlampe schlampen fotze wichser missgeburt drecksau kanake kanaken schwuchtel spast spasti mistkerl
    asshole assholes arsehole arseholes bastard bastards bitch bitches cunt cunts motherfucker dickhead wanker wankers faggot faggots
    nigger niggers slut sluts whore whores
    idiot idiots idiote idiotes idioot idioten
"""
_WORDS = frozenset(_LISTED.split())
_WORD = re.compile(r"[^\W\d_]+")


def insulting(text: str) -> bool:
    """Whether a text contains such a word, in whichever of our languages, with or without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return any(word in _WORDS for word in _WORD.findall("".join(s for s in plain if not unicodedata.combining(s))))
