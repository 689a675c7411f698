"""Where earlier mails begin and end: the introductions, separators and headers of the clients, and what only looks like them."""

from __future__ import annotations

import pytest

from channels.email.lines import Mark, folded, plain_lines
from channels.email.quotes import ABOVE, Evidence, above, divide, introduces

INTRODUCTIONS = (
    "Le ven. 20 nov. 2026 à 14:03, ImmeubLE Dupont <bot@immeuble.example> a écrit :",
    "Le\u00a0vendredi 20 novembre 2026 à\u00a014h03, Immeuble <bot@immeuble.example> a écrit\u00a0:",
    "Le 20/11/2026 à 14:03, Immeuble a écrit :",
    "Op vr 20 nov 2026 om 14:03 schreef Linde <bot@immeuble.example>:",
    "Op 20 nov 2026 om 14:03 heeft Linde <bot@immeuble.example> het volgende geschreven:",
    "Linde schreef op 2026-11-20 14:03:",
    "Am 20.11.2026 um 14:03 schrieb Haus:",
    "Am 20.11.2026 14:03, schrieb Haus:",
    "Haus <bot@immeuble.example> hat am 20.11.2026 14:03 CET geschrieben:",
    "Haus am Ring <bot@immeuble.example> schrieb am Fr., 20. Nov. 2026, 14:03:",
    "Zitat von Haus <bot@immeuble.example>:",
    "On Fri, 20 Nov 2026 at 14:03, Court <bot@immeuble.example> wrote:",
    "On 11/20/2026 2:03:33 PM, Court <bot@immeuble.example> wrote:",
    '-----"Haus" <bot@immeuble.example> schrieb: -----',
)
PROSE = (
    "Le 3 novembre je suis en vacances et ma femme a écrit :",
    "On Monday he wrote:",
    "Am Montag um 14:30 schrieb mir der Hausmeister:",
    "Op 3 november schreef de syndicus:",
    "J'ai reçu une lettre, le syndic a écrit :",
    "Voici ce que la gérance a écrit le mardi :",
    "1. Oui :",
)
ANNOUNCED = (
    "-----Message d'origine-----",
    "-----Oorspronkelijk bericht-----",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d\u2019origine --------",
    "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
    "---------- Forwarded message ---------",
    "-------- Doorgestuurd bericht --------",
    "Début du message réexpédié :",
    "Anfang der weitergeleiteten Nachricht:",
    "De : Immeuble <bot@immeuble.example>\nEnvoyé : vendredi 20 novembre 2026 14:03\nÀ : Nadia\nObjet : Vote",
    "Van: Linde\nVerzonden: vrijdag 20 november 2026 14:03\nAan: Wout\nOnderwerp: Stemming",
    "Gesendet: Freitag, 20. November 2026 um 14:03 Uhr\nVon: Haus <bot@immeuble.example>\nAn: Karin\nBetreff: Wahl",
    "________________________________\nFrom: Court <bot@immeuble.example>\nSent: Friday, 20 November 2026 14:03",
    "*Von:* Haus <bot@immeuble.example>\n*Gesendet:* Freitag, 20. November 2026 14:03\n*An:* Karin\n*Betreff:* Wahl",
)


def new(text: str) -> list[str]:
    return [line.text for line in divide(plain_lines(text)).lines if line.mark is Mark.NEW and not line.blank]


@pytest.mark.parametrize("text", INTRODUCTIONS)
def test_an_introduction_is_known_even_where_the_quote_is_not_marked(text: str) -> None:
    assert introduces(folded(text))
    assert new(f"Ma réponse\n\n{text}\n\nSTOP\n1") == ["Ma réponse"]
    assert new(f"Ma réponse\n{text}\nSTOP") == ["Ma réponse"]


@pytest.mark.parametrize("text", INTRODUCTIONS[:-1])
@pytest.mark.parametrize("width", [30, 45, 78])
def test_an_introduction_may_be_wrapped(text: str, width: int) -> None:
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    wrapped = "\n".join([*lines, line])
    assert new(f"Ja\n\n{wrapped}\n> STOP\n\n2") == ["Ja", "2"]


@pytest.mark.parametrize("text", PROSE)
def test_prose_that_speaks_of_writing_stays(text: str) -> None:
    assert not introduces(folded(text))
    assert new(f"{text}\nà demain") == [text, "à demain"]


@pytest.mark.parametrize("text", ANNOUNCED)
def test_what_is_announced_goes_on_to_the_end(text: str) -> None:
    divided = divide(plain_lines(f"Oui\n\n{text}\n\nSTOP\n\n1"))
    assert [line.text for line in divided.lines if line.mark is Mark.NEW and not line.blank] == ["Oui"]
    assert divided.evidence is Evidence.ANNOUNCED


def test_answers_between_marked_quotes_stay_in_order() -> None:
    assert new("Bonjour,\n> un\ndeux\n> trois\n>> quatre\n\ncinq") == ["Bonjour,", "deux", "cinq"]


@pytest.mark.parametrize("sentence", ABOVE.values())
@pytest.mark.parametrize("form", ["{}", "*{}*", "{} ", "\u00a0{}"])
def test_our_own_line_ends_what_is_new(sentence: str, form: str) -> None:
    line = form.format(above(sentence))
    assert new(f"Oui\n{line}\nSTOP") == ["Oui"]
    assert new(f"Oui\n{line.replace('---', '—')}\nSTOP") == ["Oui"]


def test_our_own_line_in_all_languages_may_be_wrapped() -> None:
    words = above(*ABOVE.values()).split()
    for place in range(1, len(words)):
        assert new(f"Oui\n{' '.join(words[:place])}\n{' '.join(words[place:])}\nSTOP")[:1] == ["Oui"]
        assert "STOP" not in new(f"Oui\n{' '.join(words[:place])}\n{' '.join(words[place:])}\nSTOP")


def test_a_sentence_about_the_line_is_no_line() -> None:
    assert new(f"Que veut dire « {ABOVE['fr']} » ?\nMerci") == [f"Que veut dire « {ABOVE['fr']} » ?", "Merci"]


def test_a_comparison_is_no_quote() -> None:
    assert new("Il faut être\n> 18 ans") == ["Il faut être", "> 18 ans"]
    assert new("> 18 ans") == []
    assert new("Oui :\n> 2 fois\n> 3 fois") == ["Oui :"]


def test_quotes_in_one_part_do_not_end_with_it() -> None:
    divided = divide(plain_lines("> a\n\nb"))
    assert divided.evidence is Evidence.MARKED
    assert divide(plain_lines("b")).evidence is Evidence.NONE
