"""Where the earlier mails begin and end in a mail, in four languages and the forms that the clients give them. Pure.

Two kinds of evidence: a quote that is marked on every line (`>`, a container in HTML) ends where the marks end, and what stands between
such quotes are answers. A quote that is only announced ("-----Original message-----", "On ... wrote:", From: Sent: To: Subject:)
has no end that can be seen: it goes on to the end of the mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from channels.email.lines import Line, Mark, folded, unquoted

ABOVE = {
    "fr": "Merci de répondre au-dessus de cette ligne",
    "nl": "Gelieve boven deze lijn te antwoorden",
    "de": "Bitte antworten Sie oberhalb dieser Zeile",
    "en": "Please reply above this line",
}
"""The sentences of the message `email.above`, by language. Our own mails begin with a line `--- sentence | sentence ---` of them, so that in
a reply the quote begins with that line at the latest; `above()` writes it."""


def above(*sentences: str) -> str:
    """The line above which an answer is asked for."""
    return f"--- {' | '.join(sentences)} ---"


class Evidence(IntEnum):
    """How it is known where the earlier mails stand: there are none, they go on from a line to the end, or each of their lines is marked."""

    NONE = 0
    ANNOUNCED = 1
    MARKED = 2


class Divided(NamedTuple):
    """A mail's lines, each NEW, QUOTED or SIGNATURE (PART between the parts), and how it is known."""

    lines: list[Line]
    evidence: Evidence


_MOST_SIGNS = 500  # of an introduction
_MOST_LINES = 5

_SENTENCES = frozenset(re.sub(r"[\W\d_]+", "", folded(sentence)) for sentence in ABOVE.values())

_VERB = re.compile(
    r"(?<!['\w])(?:a [ée]crit|[ée]crivait|a envoy[ée]|schreef|geschreven|schrieb|geschrieben|wrote|writes|ha scritto|escribi[óo]|escreveu"
    r"|het volgende geschreven|napisał(?:\(a\))?|skrev)(?!\w)"
)
_OPENING = re.compile(r"(?:le|on|op|am|den|il|el|em|dnia|w dniu|in a message dated)\s(?=.{0,30}\d)")
_NAMED = re.compile(r"(?:zitat von|quoting|citeren|citaat van|citation de|citando|quoth|\w+ citeert)\s")
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:h.]\s?[0-5]\d(?!\d)|(?<!\d)\d{1,2}\s?(?:uhr|h|u|am|pm)(?!\w)")
_DAY = re.compile(r"(?<!\d)(?:(?:19|20)\d\d(?!\d)|\d{1,2}[-/.]\d{1,2}[-/.](?:20)?\d\d(?!\d)|'\d\d(?!\d))")
_MAILBOX = re.compile(
    r"<\s?(?:mailto:)?[^<>\s@]{1,200}@[^<>\s]{1,200}>|\[mailto:|\([^()\s@]{1,200}@[^()\s]{1,200}\)|^\S{1,200}@\S{1,200} "
)
_ANYBOX = re.compile(r"[\w+.-]{1,200}@[\w-]{1,200}\.\w")
_PROSE = re.compile(r"(?<!\w)(?:m'|me|moi|je|j'|nous|on|ik|mij|me|ons|wij|ich|mir|uns|wir|i|us|we)(?!\w)")
_DASHED = re.compile(r"-----+\s*.{1,200}(?:schrieb|a [ée]crit|wrote|schreef)\s?:\s?-----+")

_ORIGINAL = (
    "original message|original appointment|original mail|original e-mail|message d'origine|message original|message initial|mail original"
    "|courriel original|courriel d'origine|e-mail d'origine|mail d'origine|message précédent|oorspronkelijk bericht"
    "|oorspronkelijke bericht"
    "|origineel bericht|originele bericht|origineel e-mailbericht|oorspronkelijke e-mail|ursprüngliche nachricht|original-nachricht"
    "|originalnachricht|original nachricht|originalmail|original-mail|ursprüngliche e-mail|ursprüngliche mail|reply message"
    "|mensaje original"
    "|messaggio originale|réponse au message|vorige bericht|nachricht von"
)
_FORWARDED = (
    "forwarded message|forwarded mail|message transféré|message transmis|message réexpédié|courriel transféré|mail transféré"
    "|e-mail transféré"
    "|doorgestuurd bericht|doorgestuurde bericht|doorgezonden bericht|doorgestuurde e-mail|weitergeleitete nachricht|weitergeleitete mail"
    "|weitergeleitete e-mail|weiterleitung|transfert|mensaje reenviado|messaggio inoltrato"
)
_SEPARATOR = re.compile(rf"[-_=*~ ]{{2,}}\s?(?:{_ORIGINAL})(?: de .{{0,60}})?\s?[-_=*~: ]*")
_FORWARD = re.compile(
    rf"[-_=*~ ]{{2,}}\s?(?:{_FORWARDED})(?: (?:de|par|von|van|from|by) .{{0,80}})?\s?[-_=*~: ]*"
    rf"|(?:début du |begin |begin van het |anfang der |beginn der )?(?:{_FORWARDED}|weitergeleiteten nachricht"
    rf"|weitergeleiteten e-mail)\s?:"
    r"|[-_=*]{4,}\s?(?:forwarded|transféré|doorgestuurd|weitergeleitet)\b.{0,60}"
)
_RULE = re.compile(r"[-_=*~]{5,}")

_FIELDS = {
    "from": "from de van von da expéditeur afzender absender envoyé~par verzonden~door gesendet~von",
    "sent": "sent date datum envoyé envoyé~le envoyée envoyée~le date~d'envoi verzonden verzonden~op verzenddatum gesendet gesendet~am "
    "fecha data enviado inviato sent~at sent~on verstuurd date~et~heure",
    "to": "to à a aan an pour para destinataire destinataires ontvanger empfänger",
    "copy": "cc cci ccn bcc kopie copie copie~à copy répondre~à antwoord~aan antwort~an reply-to kopie~(cc)",
    "subject": "subject objet sujet onderwerp betreff asunto oggetto betreft object",
    "else": "importance priorité prioriteit wichtigkeit attachments bijlagen anlagen pièces~jointes attach organisation sensitivity",
}
_KINDS = {name.replace("~", " "): kind for kind, names in _FIELDS.items() for name in names.split()}
_FIELD = re.compile(r"(?:^|[\s*_])(" + "|".join(sorted(map(re.escape, _KINDS), key=len, reverse=True)) + r")\s?\*?\s?:")
_COMPARISON = re.compile(r"\s{0,3}>\s?=?\s?\d+(?:[.,]\d+)?(?:\s?(?:%|€|°)|\s+[^\W\d_])")
_LETTER_END = re.compile(r"[.!?:;…)]\s*$")


def divide(lines: Sequence[Line]) -> Divided:
    """Says of each line whether it is new, from what the clients mark and from what they announce."""
    return _Division(lines).divided()


class _Division:
    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = _with_comparisons(lines)
        self._evidence = Evidence.MARKED if any(line.mark is Mark.QUOTED for line in self._lines) else Evidence.NONE
        self._known: dict[int, str] = {}

    def divided(self) -> Divided:
        self._split_glued()
        self._announced()
        self._introduced()
        self._wrapped()
        return Divided(self._lines, self._evidence)

    def _text(self, at: int) -> str:
        """The line as it is compared: folded, without links and emphasis, at most as long as an introduction."""
        if at not in self._known:
            self._known[at] = folded(self._lines[at].text[: 2 * _MOST_SIGNS]).replace("*", "").strip()
        return self._known[at]

    def _is_open(self, at: int) -> bool:
        return at < len(self._lines) and self._lines[at].mark is Mark.NEW

    def _next(self, at: int) -> int:
        """The first line from here on with something in it."""
        while at < len(self._lines) and self._lines[at].blank and self._lines[at].mark is not Mark.EARLIER:
            at += 1
        return at

    def _quote(self, begin: int, end: int) -> None:
        for at in range(begin, min(end, len(self._lines))):
            if self._lines[at].mark is not Mark.PART:
                self._lines[at] = Line(self._lines[at].text, Mark.QUOTED)

    def _rest_is_quoted(self, begin: int) -> None:
        if not any(line.mark is Mark.QUOTED for line in self._lines[:begin]):
            self._evidence = Evidence.ANNOUNCED
        self._quote(begin, len(self._lines))

    # What is announced

    def _announced(self) -> None:
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if line.mark is Mark.EARLIER:
                self._rest_is_quoted(at)
                return
            if line.mark is Mark.INTRODUCTION:
                end = at
                while end < len(self._lines) and self._lines[end].mark is Mark.INTRODUCTION:
                    end += 1
                if any(_FORWARD.fullmatch(self._text(place)) for place in range(at, min(end, at + 30))):
                    self._rest_is_quoted(at)
                    return
                self._quote(at, end)
                self._evidence = max(self._evidence, Evidence.MARKED)
                at = end
                continue
            if line.mark is not Mark.NEW or line.blank:
                at += 1
                continue
            if _FORWARD.fullmatch(self._text(at)) or self._is_ours(at):
                self._rest_is_quoted(at)
                return
            headed = self._heading(at)
            if headed is None:
                at += 1
                continue
            following = self._next(headed)
            if following < len(self._lines) and self._lines[following].mark is not Mark.QUOTED:
                self._rest_is_quoted(at)
                return
            self._quote(at, headed)
            self._evidence = max(self._evidence, Evidence.ANNOUNCED)
            at = headed

    def _is_ours(self, at: int) -> bool:
        """Whether a line says, in one of the four languages, that the answer is wanted above it; it may be wrapped."""
        text = self._text(at)
        if not text.startswith("-"):
            return False
        for follower in ("", self._text(at + 1) if at + 1 < len(self._lines) else ""):
            letters = re.sub(r"[\W\d_]+", "", text + follower)
            if any(sentence in letters for sentence in _SENTENCES):
                return True
        return False

    def _heading(self, at: int) -> int | None:
        """The end of what announces an earlier mail from this line on, None where nothing does."""
        text = self._text(at)
        if _SEPARATOR.fullmatch(text) or _DASHED.fullmatch(text):
            end = self._next(at + 1)
            while self._is_open(end) and not self._lines[end].blank and end - at < 14:
                end += 1
            return end
        if _RULE.fullmatch(text):
            begin = self._next(at + 1)
            return self._fields(begin) if begin - at <= 3 and self._is_open(begin) else None
        return self._fields(at) or self._introduction(at)

    def _fields(self, at: int) -> int | None:
        """The end of a block of From, Sent, To, Subject, in any order and language."""
        kinds: list[str] = []
        seen = ""
        place = end = at
        loose = 0
        while place < len(self._lines) and place - at < 30 and self._lines[place].mark in (Mark.NEW, Mark.INTRODUCTION):
            text = self._text(place)
            label, colon, _ = text.partition(":")
            kind = _KINDS.get(label.strip(" _|•-")) if colon else None
            if kind:
                kinds.append(kind)
                seen += " " + text
                end = place + 1
                loose = 0
            elif place == at:
                return self._flat_fields(text, at)
            elif not text:
                following = self._text(place + 1) if place + 1 < len(self._lines) else ""
                if _KINDS.get(following.partition(":")[0].strip(" _|•-")) is None or ":" not in following:
                    break
            else:
                loose += 1
                if loose > 2 or kinds[-1] == "sent":
                    break
                seen += " " + text
            place += 1
        return end if _are_fields(set(kinds), seen) else self._flat_fields(self._text(at), at)

    def _flat_fields(self, text: str, at: int) -> int | None:
        """The same on one line, where a client lost its line breaks."""
        if len(text) < 30 or text.count(":") < 3:
            return None
        found = list(_FIELD.finditer(text[:_MOST_SIGNS]))
        if not found or found[0].start() > 3:
            return None
        kinds = {_KINDS[match[1]] for match in found}
        return at + 1 if len(kinds) >= 3 and _are_fields(kinds, text) else None

    def _introduction(self, at: int) -> int | None:
        """The end of "On ... wrote:", over as many as five lines."""
        first = self._text(at)
        if not first or not (
            _OPENING.match(first + " ") or _NAMED.match(first) or first[0] in "\"'<(" or first[0].isalpha()
        ):
            return None
        joined = ""
        for end in range(at, min(at + _MOST_LINES, len(self._lines))):
            if not self._is_open(end) or not self._text(end):
                break
            joined = f"{joined} {self._text(end)}".strip()
            if len(joined) > _MOST_SIGNS:
                break
            if joined.endswith((":", ":-", "-----")) and introduces(joined):
                return None if self._begins_later(at, end + 1) else end + 1
        return None

    def _begins_later(self, at: int, end: int) -> bool:
        """Whether the introduction begins on a line below `at`, and the words over it are somebody's own."""
        if _OPENING.match(self._text(at)):
            return False
        for begin in range(at + 1, end):
            text = " ".join(self._text(place) for place in range(begin, end))
            if text[:1] not in "<([" and introduces(text):
                return True
        return False

    # What is marked

    def _introduced(self) -> None:
        """The lines right above a marked quote that speak of it, though nothing else tells."""
        marks = [line.mark for line in self._lines]
        for at in range(1, len(self._lines)):
            if marks[at] is not Mark.QUOTED or self._lines[at].blank:
                continue
            end = at
            while end > 0 and at - end < 3 and self._lines[end - 1].blank:
                end -= 1
            if end == 0 or not self._is_open(end - 1):
                continue
            begin = self._before_quote(end)
            if begin is not None:
                self._quote(begin, end)

    def _before_quote(self, end: int) -> int | None:
        joined = ""
        shortest = None
        for begin in range(end - 1, max(end - 1 - _MOST_LINES, -1), -1):
            if not self._is_open(begin) or self._lines[begin].blank:
                break
            joined = f"{self._text(begin)} {joined}".strip()
            if len(joined) > _MOST_SIGNS:
                break
            if _near_quote(joined):
                if _OPENING.match(joined) or _NAMED.match(joined):
                    return begin
                shortest = begin if shortest is None else shortest
        return shortest

    def _wrapped(self) -> None:
        """The ends of quoted lines that a client broke without marking the second half."""
        for at in range(1, len(self._lines) - 1):
            before, line, after = self._lines[at - 1 : at + 2]
            if (
                line.mark is not Mark.NEW
                or before.mark is not Mark.QUOTED
                or after.mark is not Mark.QUOTED
                or line.blank
            ):
                continue
            if not (
                before.text.lstrip().startswith(">")
                and after.text.lstrip().startswith(">")
                and unquoted(after.text).strip()
            ):
                continue
            if (
                len(before.text) >= 60
                and len(line.text) < 40
                and line.text[:1].islower()
                and not _LETTER_END.search(before.text)
            ):
                self._quote(at, at + 1)

    def _split_glued(self) -> None:
        """An introduction that stands on the line of the answer is set on its own."""
        for at, line in enumerate(self._lines):
            if (
                line.mark is not Mark.NEW
                or not 30 < len(line.text) < 2_000
                or ("@" not in line.text and at + 1 >= len(self._lines))
            ):
                continue
            found = _GLUED.search(line.text)
            if not found or found.start() == 0:
                continue
            tail = folded(line.text[found.start() :])
            if (
                _TIME.search(tail)
                and (tail.endswith(":") or "@" in tail)
                and introduces(tail if tail.endswith(":") else tail + ":")
            ):
                self._lines[at : at + 1] = [Line(line.text[: found.start()]), Line(line.text[found.start() :])]
                self._known.clear()
                return


_GLUED = re.compile(
    r"(?<=\S)\s*(?=(?:Le|On|Op|Am) (?:\w{2,10}\.?,? )?\d{1,2}[ ./-]|(?<=[\s.!?])(?:Le|On|Op|Am) \w{2,10}\.?,? (?:\w{3,10}\.? )?\d)"
)


def introduces(text: str) -> bool:
    """Whether a folded text is a client's "On ... wrote:" even where no marked quote follows.

    A sentence of a person's own ("Le 3 novembre ma femme a écrit :") has neither a mailbox nor a full date with a time.
    """
    if _DASHED.fullmatch(text):
        return True
    dated = bool(_TIME.search(text) and _DAY.search(text))
    boxed = bool(_MAILBOX.search(text))
    verb = _VERB.search(text)
    if _NAMED.match(text):
        return boxed
    if not verb:
        return bool(_OPENING.match(text)) and dated and boxed and text.endswith(":")
    if _OPENING.match(text):
        rest = text[text.index(" ") :].replace("on behalf of", "")
        return (boxed and bool(_DAY.search(text) or _TIME.search(text))) or (dated and not _PROSE.search(rest))
    before = text[: verb.start()]
    if len(before.split()) > 14:
        return False
    after = text[verb.end() :]
    return (boxed and len(after) < 120) or bool(
        dated and re.match(r"\s(?:op|am|on|le|:)\s", after) and not _PROSE.search(before)
    )


def _near_quote(text: str) -> bool:
    """Whether a folded text right above a marked quote belongs to it: less is asked than of one that stands alone."""
    if introduces(text if text.endswith(":") else text + ":"):
        return True
    box, day, time = bool(_ANYBOX.search(text)), bool(_DAY.search(text)), bool(_TIME.search(text))
    if not text.endswith(":"):
        return (box and day and time) or bool(_OPENING.match(text) and day and time and len(text) < 120)
    verb = _VERB.search(text)
    if verb:
        named = len(text[: verb.start()].split()) <= 8 and not _PROSE.search(text)
        return named or box or (day and time)
    return (box and (day or time)) or bool(_OPENING.match(text) and day and time)


def _are_fields(kinds: set[str], text: str) -> bool:
    named = kinds - {"else"}
    if "from" not in named or len(named) < 2:
        return False
    dated = bool(_TIME.search(text) and _DAY.search(text))
    box = bool(_ANYBOX.search(text))
    if len(named) == 2:
        return box and dated
    return box or (dated and "sent" in named) or len(named) >= 4


def _with_comparisons(lines: Sequence[Line]) -> list[Line]:
    """A lone line that begins with `>` and a number, in the middle of somebody's own paragraph, compares ("> 18 ans")."""
    known = list(lines)
    marked = [
        at
        for at, line in enumerate(known)
        if line.mark is Mark.QUOTED and line.text.lstrip(" \t\xa0")[:1] in (">", "›")
    ]
    if not marked:
        return known
    first = marked[0]
    lone = first > 0 and (len(marked) == 1 or marked[1] > first + 1)
    if (
        lone
        and known[first - 1].mark is Mark.NEW
        and not known[first - 1].blank
        and _COMPARISON.match(known[first].text)
    ) and not folded(known[first - 1].text).endswith(":"):
        known[first] = Line(known[first].text)
    return known
