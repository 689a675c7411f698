"""What a building is billed for, in four languages: somebody who asks about the lift finds the invoices of the `ascenseur`."""

from __future__ import annotations

import re
import unicodedata

SUBJECTS = {
    "lift": "ascenseur elevateur lift aufzug fahrstuhl elevator",
    "heating": "chauff chaudiere gaz mazout radiateur verwarm stookolie stookplaats cv-ketel gas heiz heat boiler fuel",
    "water": "eau eaux water wasser robinet kraan",
    "electricity": "electric eclairage elektri verlichting strom beleuchtung lighting",
    "cleaning": "nettoy menage femme-de-menage poets schoonma kuis reinig putz clean",
    "insurance": "assuran verzeker brandverzeker versicher feuerversicher insuran",
    "syndic": "syndic honoraires gerant beheer ereloon verwalt honorar management fee fees",
    "garage": "garage garages parking portail poort garagepoort parkeer tiefgarage tor",
    "roof": "toit toiture etancheite dak dakwerken dach dacharbeiten roof",
    "garden": "jardin tilleul arbre pelouse tuin boom bomen garten baum baume garden tree trees hedge",
    "door": "porte parlophone videophon deur deurtelefoon tur tuer haustur sprechanlage door intercom",
    "drain": "debouch egout evacuation riool ontstopp afvoer abfluss kanal drain sewer",
    "reserve": "reserve reservefonds reservekapitaal rucklage rucklagen",
}
"""The beginnings of words, without accents."""

_BEGINNINGS = {begin: subject for subject, words in SUBJECTS.items() for begin in words.split()}
_SHORTEST = 4
"""Shorter ones are whole words: `eau` is no beginning of `eaubonne`."""


def subjects(text: str) -> frozenset[str]:
    """What a text speaks of; empty for most."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    found = set()
    for word in re.findall(r"[a-z]+(?:-[a-z]+)*", bare):
        for begin, subject in _BEGINNINGS.items():
            if word == begin or (len(begin) >= _SHORTEST and word.startswith(begin)):
                found.add(subject)
    return frozenset(found)
