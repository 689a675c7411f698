"""What stands under somebody's words without having been said: signatures, lines of applications, contact blocks, disclaimers. Pure.

It works on what lies between two quotes, from its end upwards, and rather leaves a line too many than takes one that a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.email.lines import Line, Mark, folded, without_links


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DELIMITER = re.compile(r"--[ \t\xa0]*|[—–][ \t\xa0]*|-- ?<br>")
_NAME_AFTER = re.compile(r"--\s+\S+(?:\s\S+){0,3}")

_DEVICES = (
    r"iphone|ipad|ipod|mac|macbook|apple watch|galaxy|samsung|smartphone|mobile|gsm|t[ée]l[ée]phone|portable|tablette?|telefoon"
    r"|telefon|handy"
    r"|mobiel\w*|mobil\w*|appareil|apparaat|toestel|device|ger[äa]t|android\w*|huawei|xiaomi|redmi|poco|mi phone|oppo|oneplus|pixel|nokia"
    r"|honor|motorola|sony|xperia|htc|lg|fairphone|blackberry|windows\w*|phone|nothing phone|realme|wiko|ios|laptop|pc|computer"
    r"|ordinateur"
)
_APPLICATIONS = (
    r"outlook|hotmail|courrier|mail|e-mail|email|app|k-9|thunderbird|fairemail|spark|proton ?mail|proton|yahoo\w*|aol|gmx|web\.de|telekom"
    r"|t-online|freenet|bluemail|orange|free|sfr|bouygues|la poste|laposte|posteo|tutanota|tuta|nextcloud|infomaniak|em client"
    r"|mailbird|zimbra"
    r"|zoho|edison|aqua|aquamail|nine|telenet|proximus|skynet|voo|roundcube|horde|airmail|canary|superhuman|hey|typeapp|mymail"
    r"|gmail|inbox"
    r"|messagerie|webmail|boxer|polymail|newton|mailspring|postbox|vivaldi|ionos|1&1|mailbox\.org|notes|hcl verse|verse|mailo|netcourrier"
    r"|bluewin|swisscom|kpn|ziggo|xs4all|scarlet|openmailbox|disroot|delta chat|iredmail|sogo|open-xchange|ox"
)
_WHAT = rf"(?:{_DEVICES}|{_APPLICATIONS})"
_APOLOGY = (
    r"(?:[\s.,;:!-]*(?:please |veuillez |merci d'|excus|pardon|sorry|excuseer|bitte |entschuldig|mit der bitte|tippfehler|typo|gelieve "
    r"|désolé|hence|daher|dus ).{0,120})?"
)
_FROM = r"(?:de|du|d'un|depuis|à partir|avec|via|sur|from|with|using|on|vanaf|vanuit|met|von|mit|aus|über|per)"
_SENT = re.compile(
    rf"(?:(?:cet? (?:e-mail|email|courriel|message)|this (?:e-mail|email|message)|deze (?:e-mail|mail)|dit bericht"
    rf"|diese (?:e-mail|mail|nachricht)) (?:a été |was |is |werd |wurde )?)?"
    rf"(?:envoyée?s?|expédiée?|sent|verstuurd|verzonden|gesendet|geschickt|verschickt|versendet|gestuurd|provenant|mail|rédigé"
    rf"|écrit|written"
    rf"|geschrieben|geschreven|mobil gesendet|unterwegs|onderweg|enviado|inviato)"
    rf"(?: (?:rapidement|quickly|mobil|snel|unterwegs|gesendet|verzonden"
    rf"|envoyé))? {_FROM}(?: [^\s:?]{{1,40}}){{0,6}}?[ \[(\"'-]+{_WHAT}\b(?: [^\s:?]{{1,40}}){{0,6}}"
    rf"{_APOLOGY}[.!)\]\"']*"
    r"|(?:get|obtenez|obtenir|téléchargez|télécharger|download|installez|haal|krijg|ontvang|laden sie|holen sie(?: sich)?"
    r"|hol dir)(?: \S{1,12})?"
    r" (?:outlook|bluemail|yahoo|proton|spark|gmail|k-9|typeapp|aqua ?mail|fairemail|em client|mailbird)\b(?: [^\s:?]{1,40}){0,6}[.!)]*"
)
_NAMED_APPLICATION = re.compile(
    rf"[\[(]?(?:{_APPLICATIONS})(?: (?:mail|app|für|voor|pour|for|android|ios|secure|email|mobile))*[\])]?(?:\(https?://\S*\))?[.!]?"
)
_GET = re.compile(
    rf"(?:outlook|gmail|proton mail|k-9 mail|yahoo mail|spark|fairemail) (?:voor|für|pour|for|auf|on|op) \S{{1,20}}"
    rf"(?: \S{{1,20}})?(?: (?:downloaden|herunterladen|ophalen|abrufen|holen))?\.?"
    rf"|(?:von|vanaf|met|mit|via|depuis|from) (?:meine[mr]|mijn|mon|ma|my|der|de|the"
    rf"|dem) (?:\S{{1,20}} ){{0,3}}{_WHAT}(?: \S{{1,20}}){{0,3}}"
    r" (?:gesendet|verstuurd|verzonden|geschickt|versendet|verschickt|geschrieben|gestuurd|envoyée?|sent)\.?"
    rf"|{_WHAT}(?: \S{{1,20}}){{0,3}} (?:gesendet|verstuurd|verzonden)\.?"
    rf"|(?:diese (?:nachricht|e-mail|mail) wurde )?(?:von|mit|via"
    rf"|über) (?:\S{{1,20}} ){{0,3}}{_WHAT}(?:-\S{{1,20}})?(?: \S{{1,20}}){{0,4}} (?:gesendet|verschickt|versendet)\.?"
    r"|(?:yahoo|aol) mail (?:- )?.{0,60}|spark|proton mail|mailbird|em client|sent with (?:spark|mailbird|airmail|canary)\b.{0,60}"
    r"|provenance : courrier pour windows\S{0,5}|gesendet mit \S{1,30}(?: \S{1,30}){0,4}|wysłane z .{0,40}|inviato da .{0,40}"
    r"|enviado desde .{0,40}"
)
_TYPED = re.compile(
    r"\b(?:oui|non|ja|nee|nein|yes|no|stop|ok|1|2|3|demain|morgen|tomorrow|ce matin|vanmorgen|je|ik|ich|i|nous|wij|wir|we|hier"
    r"|gisteren|gestern|yesterday|vous|uw?|ihnen|you)\b(?!phone)"
)
_APOLOGY_ALONE = re.compile(
    r"(?:please )?excuse (?:my brevity|any typos|the brevity)[^.]{0,60}\.?|veuillez excuser (?:ma|la) brièveté\.?|excusez (?:ma"
    r"|la) brièveté\.?"
    r"|excuseer (?:mijn|de) beknoptheid\.?|bitte entschuldigen sie (?:meine|die) kürze\.?|excuses voor (?:eventuele )?(?:typ"
    r"|schrijf)fouten\.?"
)
_LEAD = re.compile(
    r"envoy|exp[ée]di|provenance|sent|verstuurd|verzonden|gesendet|geschickt|versendet|verschickt|gestuurd|provenant|get |obten"
    r"|t[ée]l[ée]charg|download|von |vanaf|met |mit |via |depuis |from "
    r"|outlook|gmail|proton|k-9|yahoo|aol|spark|fairemail|mail|em client|cet|cette|this|deze|dit|diese|unterwegs|onderweg|mobil"
    r"|rédigé|écrit"
    r"|written|geschr|wys|invia|envia|install|haal|krijg|ontvang|laden|holen|hol |iphone|ipad|galaxy|samsung|excus|please|veuillez|bitte"
)

_VIRUS = re.compile(
    r"(?:garanti )?(?:sans virus|virus-free|virusvrij|virenfrei|vrij van virussen|viren-frei"
    r"|garantiert virenfrei)\.?\s?(?:www\.)?\S{0,40}\.?"
    r"|.{0,120}(?:virus|viren|virussen|malware).{0,100}\b(?:avast|avg|mcafee|norton|kaspersky|eset|bitdefender|avira|g data"
    r"|trend micro|f-secure)\b.{0,120}"
    r"|.{0,100}\b(?:avast|avg|mcafee|norton|kaspersky|eset|bitdefender|avira|g data|f-secure)\b.{0,80}(?:virus|viren|malware"
    r"|gepr[üu]ft|gecontroleerd|analys|checked|scanned).{0,100}"
    r"|(?:www\.)?(?:avast|avg|mcafee|norton|avira)\.(?:com|de|fr|nl)(?:/\S*)?"
)
_PRINT = re.compile(
    r".{0,80}(?:avant d'imprimer|before printing|bevor sie (?:diese|ausdrucken|drucken)|voor(?:dat|aleer)? u (?:deze"
    r"|dit)?.{0,30}(?:afdrukt|print)"
    r"|n'imprimez (?:ce|cet|que)|pensez à l'environnement|pensez environnement|pensons à l'environnement|denk aan het milieu"
    r"|think before you print"
    r"|think of the environment|consider the environment|denken sie an die umwelt|denk an die umwelt|bespaar papier|économisez le papier"
    r"|milieu voordat u|muss diese (?:e-mail|mail) ausgedruckt|wirklich ausgedruckt|hou rekening met het milieu|save paper"
    r"|spare papier).{0,120}"
)

_LEGAL = tuple(
    re.compile(stem)
    for stem in (
        r"confidenti|vertrouwelijk|vertraulich|geheim",
        r"destinataire|intended (?:solely|only|recipient)|geadresseerde|bestemd voor|bestemmeling|empfänger|addressee|adressat"
        r"|recipient|ontvanger|destiné",
        r"par erreur|in error|by mistake|bij vergissing|per vergissing|irrtümlich|versehentlich|onterecht|nicht der richtige"
        r"|ten onrechte|pas le destin|not the (?:intended|named)|niet de (?:bedoelde|geadresseerde)",
        r"supprim|détrui|effacer|delet|destroy|verwijder|vernietig|wissen|löschen|vernichten",
        r"expéditeur|sender|afzender|absender|verzender",
        r"diffusion|reproduction|divulgation|dissemination|distribution|disclosure|copying|verspreid|kopi|openbaarmak|weitergabe"
        r"|verbreitung|unauthori[sz]ed|interdit|prohibited|verboden|nicht gestattet|untersagt|unbefugt|strikt",
        r"responsab|liab|aansprakelijk|haftung|haftet|verantwoordelijk|engage|bindend|verbindlich|binding",
        r"privileged|protégé|juridique|légal|legally|wettelijk|gesetzlich|rechtlich|secret professionnel|beroepsgeheim",
        r"pièces? jointes?|annexes?|bijlagen?|attachments?|anhang|anhänge|anlagen?|ses annexes",
        r"(?:ce|cet|le présent) (?:message|e-mail|email|courriel|mail|courrier)|(?:this|the) (?:e-mail|email|message"
        r"|communication)|(?:dit|deze) (?:bericht|e-mail|mail|boodschap)|diese (?:e-mail|mail|nachricht)",
        r"disclaimer|avis de confidentialité|privacyverklaring|vertraulichkeitshinweis|déclaration de confidentialité"
        r"|clause de non-responsabilité|virus",
    )
)
_MESSAGE = _LEGAL[9]
_LEGAL_TITLE = re.compile(
    r"[*_\s]*(?:e-?mail )?(?:disclaimer|avis (?:de confidentialité|juridique|légal)|clause de non-responsabilité"
    r"|vertraulichkeitshinweis|confidentiality notice"
    r"|rechtlicher hinweis|wichtiger hinweis|legal notice|privacy notice|note de confidentialité|vertrouwelijkheidsclausule"
    r"|mentions légales)\b[*_\s:.]*(?:https?://\S*|\S*\.\S*)?"
)
_BANNER = re.compile(
    r".{0,40}(?:unsubscribe|se désinscrire|uitschrijven|abmelden|mailing list|liste de diffusion|mailinglijst)\b.{0,100}https?://.{0,200}"
)

_CLOSING = re.compile(
    r"(?:(?:bien |très |tr[èe]s )?(?:cordialement|cdlt|cdt|amicalement|respectueusement|sincèrement)|bien à (?:vous"
    r"|toi)(?: tous)?|bàv|bav"
    r"|(?:avec )?(?:mes |nos )?(?:meilleures|sincères|cordiales|respectueuses|bonnes) salutations(?: distinguées)?"
    r"|salutations(?: distinguées| cordiales)?"
    r"|(?:veuillez|je vous prie|nous vous prions).{0,60}salutations.{0,40}|à bientôt|bonne (?:journée|soirée)|belle journée|bises"
    r"|merci d'avance"
    r"|(?:met )?(?:vriendelijke|hartelijke|beste|warme|lieve|oprechte) groet(?:en|jes)?|mvg|m\.v\.g\.|vriendelijke groeten"
    r"|groet(?:en|jes)?|hoogachtend"
    r"|(?:de )?groeten|(?:alvast )?(?:dank|bedankt) (?:en|bij voorbaat).{0,30}|prettige dag"
    r"|(?:mit )?(?:freundlichen?|besten?|herzlichen?|lieben?|schönen?|viele[n]?|sonnigen?) gr(?:ü|ue|u)(?:ß"
    r"|ss)(?:en?)?(?: aus \w+)?|mfg|lg|vg|hochachtungsvoll"
    r"|gr(?:ü|ue)(?:ß|ss)e?|(?:kind|best|warm|warmest|many|kindest) (?:regards|wishes)|regards|best|sincerely|yours(?: sincerely"
    r"| faithfully| truly)?|cheers"
    r"|sincerely yours|many thanks|thanks and regards|all the best|br|kr)\s*[,.!]*"
)
_PHONE = re.compile(r"(?:\+|00)?\(?\d[\d\s./()\-]{6,20}\d")
_LABELS = re.compile(
    r"(?<!\w)(?:t[ée]l(?:[ée]phone|efoon|efon)?|gsm|mobile?|mob|handy|fax|fixe|bureau|kantoor|e-?mail|courriel|mail|web|site"
    r"|website|internet|skype"
    r"|t|m|f|p|e|w|b|g|d|phone|direct|office|cell|portable|adresse?|adres|n°|btw|tva|vat|mwst|ust-?id|bce|kbo|rpr|rpm|iban|bic"
    r"|ipi|biv|fsma)\s?[.:]*(?!\w)"
)
_CONTACT = re.compile(
    r"[\w.+-]{1,100}@[\w-]{1,100}\.[\w.-]{1,60}|(?:https?://|www\.)\S{1,200}|(?<!\w)[\w-]{2,60}\.(?:be|com|net|org|fr|nl|de|eu|lu"
    r"|example|brussels|vlaanderen)(?!\w)"
    r"|be\s?0?\d{3}[. ]?\d{3}[. ]?\d{3}|\b[a-z]{2}\d{2}(?: ?\d{4}){3,5}\b"
)
_ANSWERS = _words(
    "oui non ja nee nein yes no ok okay stop d'accord akkoord einverstanden agreed abstention onthouding enthaltung abstain goed "
    "gut good bien prima "
    "merci bedankt danke thanks dank je j'ai j'accepte j'y ik ich i we wij wir nous on il elle c'est ce het es it is das dat pas "
    "niet nicht not voici "
    "hier bonjour hallo hello dag goedendag beste geachte cher chère chers madame monsieur dear guten ps p.s. nb n.b. pour contre "
    "voor tegen für gegen"
    " rien kein geen aucun volontiers graag gerne gladly super parfait perfekt perfect top appelez bel call rufen mon mijn mein "
    "my vote ma merci, "
    "rendez-vous rdv nouvelle nieuwe neue new livrez adresse adres address numéro nummer number le la les de het der die un une "
    "een ein eine the a"
)
_PARTICLES = _words(
    "de la le les du des d' van der den ter ten von zu vom und et en and of für voor pour for à a te bvba srl sa nv sprl & - | /"
)


def mark(lines: Sequence[Line]) -> list[Line]:
    """The lines, with the mark SIGNATURE on what is one. Quotes and the ends of parts bound what belongs together."""
    known = list(lines)
    begin = 0
    while begin < len(known):
        if known[begin].mark not in (Mark.NEW, Mark.SIGNATURE):
            begin += 1
            continue
        end = begin
        while end < len(known) and known[end].mark in (Mark.NEW, Mark.SIGNATURE):
            end += 1
        known[begin:end] = _Stretch(known[begin:end]).marked()
        begin = end
    return known


def is_contact(lines: Sequence[str]) -> bool:
    """Whether these lines are no more than names, addresses and numbers."""
    kept = [line for line in lines if line.strip()]
    return all(
        _is_loose(folded(line), line) or _is_firm(folded(line)) or _CLOSING.fullmatch(folded(line)) for line in kept
    )


class _Stretch:
    """Lines between two quotes."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._folded = [folded(without_links(line.text[:2_000])).replace("*", "").strip(" _") for line in lines]

    def marked(self) -> list[Line]:
        self._of_applications()
        self._delimited()
        self._legal()
        self._contact()
        self._rules()
        return self._lines

    def _take(self, begin: int, end: int) -> None:
        for at in range(begin, end):
            self._lines[at] = Line(self._lines[at].text, Mark.SIGNATURE)

    def _said(self) -> list[int]:
        """Where something still stands that counts as said."""
        return [at for at, line in enumerate(self._lines) if line.mark is Mark.NEW and not line.blank]

    def _of_applications(self) -> None:
        said = self._said()
        bare = False
        for place, at in enumerate(said):
            text = self._folded[at]
            if len(text) > 220 or self._lines[at].mark is not Mark.NEW:
                continue
            if is_of_application(text) or _VIRUS.fullmatch(text) or _PRINT.fullmatch(text):
                self._take(at, at + 1)
                bare = bare or bool(_VIRUS.fullmatch(text))
                if at + 1 < len(self._folded) and _NAMED_APPLICATION.fullmatch(self._folded[at + 1][:120]):
                    self._take(at + 1, at + 2)
                continue
            follower = said[place + 1] if place + 1 < len(said) else -1
            if (
                follower == at + 1
                and len(text) + len(self._folded[follower]) < 220
                and _LEAD.match(text)
                and len(text) > 25
            ) and is_of_application(f"{text} {self._folded[follower]}"):
                self._take(at, follower + 1)
        for at in said if bare else ():  # what is left of the links around the line of a virus scanner
            if not self._folded[at]:
                self._take(at, at + 1)

    def _delimited(self) -> None:
        for at, line in enumerate(self._lines):
            if line.mark is not Mark.NEW or line.text.lstrip("\t\xa0* ")[:1] not in ("-", "—", "–"):
                continue
            text = line.text.strip("\t\xa0* ")
            if _DELIMITER.fullmatch(text):
                self._take(at, len(self._lines))
                return
            if (
                text.startswith("-- ")
                and _NAME_AFTER.fullmatch(text)
                and _is_name(text[3:].strip())
                and at == self._said()[-1]
            ):
                self._take(at, at + 1)
                return

    def _legal(self) -> None:
        for begin, end in self._paragraphs():
            text = " ".join(self._folded[begin : min(end, begin + 60)])[:3_000]
            begin = self._legal_begin(begin, end) if _is_legal(text) else begin
            if (
                _LEGAL_TITLE.fullmatch(text)
                or _BANNER.fullmatch(text)
                or _is_legal(text)
                or _VIRUS.fullmatch(text[:300])
                or _PRINT.fullmatch(text[:300])
            ):
                later = " ".join(self._folded[end : end + 60])[:3_000]
                goes_on = _is_legal(text) and (not later or _sounds_legal(later))
                self._take(begin, len(self._lines) if goes_on else end)
                if goes_on:
                    return
                continue
            for at in range(max(begin + 1, end - 25), end):  # a disclaimer that was set right under the words
                if _MESSAGE.search(self._folded[at][:120]) and _is_legal(" ".join(self._folded[at:end])[:3_000]):
                    self._take(at, end)
                    break

    def _legal_begin(self, begin: int, end: int) -> int:
        """Where a disclaimer begins in a paragraph that opens with somebody's own sentence."""
        while (
            begin < end - 1
            and self._folded[begin].endswith((".", "!", "?", ","))
            and not any(stem.search(self._folded[begin]) for stem in _LEGAL)
        ):
            begin += 1
        return begin

    def _paragraphs(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        begin = -1
        for at in range(len(self._lines) + 1):
            inside = at < len(self._lines) and self._lines[at].mark is Mark.NEW and not self._lines[at].blank
            if inside and begin < 0:
                begin = at
            elif not inside and begin >= 0:
                found.append((begin, at))
                begin = -1
        return found

    def _contact(self) -> None:
        said = [at for at in self._said() if not _is_rule(self._folded[at])]
        if not said:
            return
        closing = self._closing(said)
        if closing is not None:
            below = [at for at in said if at > closing]
            if below and all(self._is_loose(at) or self._is_firm(at) for at in below):
                if len(below) > 1 or self._is_firm(below[0]):
                    keep = below[0] if not self._is_firm(below[0]) else closing
                    self._take(keep + 1, len(self._lines))
                return
        self._block(said)

    def _closing(self, said: list[int]) -> int | None:
        return next(
            (at for at in reversed(said[-14:]) if len(self._folded[at]) < 90 and _CLOSING.fullmatch(self._folded[at])),
            None,
        )

    def _block(self, said: list[int]) -> None:
        """A block with a telephone number, a mailbox or a site in it, at the end; a name opens it."""
        top = len(said)
        firm = -1
        while top > 0 and len(said) - top < 14 and (self._is_firm(said[top - 1]) or self._is_loose(said[top - 1])):
            top -= 1
            if self._is_firm(said[top]):
                firm = top
        if firm < 0 or (firm == len(said) - 1 and top == firm):
            return
        start = firm
        for place in range(firm - 1, top - 1, -1):  # what stands over the first number, up to the name
            if said[place + 1] - said[place] > 2 or (
                said[place + 1] - said[place] == 2 and self._opens(said[place + 1])
            ):
                break
            start = place
            if self._opens(said[place]) and (place == 0 or said[place] - said[place - 1] > 1):
                break
        while start < firm and not self._opens(said[start]):
            start += 1
        if start == 0 and (len(said) < 3 or not self._opens(said[0])):
            return
        if start > 0 and self._folded[said[start - 1]].endswith(":"):
            return
        if (
            start == firm
            and start > 0
            and said[start] - said[start - 1] == 1
            and len(said) - start < 2
            and not self._is_loose(said[start - 1])
        ):
            return
        self._take(said[start], len(self._lines))

    def _opens(self, at: int) -> bool:
        return _is_name(self._lines[at].text.strip(" *_,"))

    def _is_firm(self, at: int) -> bool:
        return _is_firm(self._folded[at])

    def _is_loose(self, at: int) -> bool:
        return _is_loose(self._folded[at], self._lines[at].text)

    def _rules(self) -> None:
        """Lines of dashes or underscores that close what was said."""
        for at in reversed(self._said()):
            if not _is_rule(self._folded[at]) and any(
                sign.isalnum() or ord(sign) > 0x2000 for sign in self._folded[at]
            ):
                return
            if not _is_rule(self._folded[at]):
                return
            self._take(at, at + 1)


def is_of_application(text: str) -> bool:
    """Whether a folded line was added by a telephone or a mail program."""
    if not _LEAD.match(text) or len(text) > 220:
        return False
    if _APOLOGY_ALONE.fullmatch(text):
        return True
    if _GET.fullmatch(text):
        return True
    return bool(_SENT.fullmatch(text)) and not _TYPED.search(text)


def _is_rule(text: str) -> bool:
    return len(text) >= 2 and not text.strip("-_=*~ ")


def _is_legal(text: str) -> bool:
    """Whether a folded paragraph is a disclaimer: four of its stock words, one of them of what is secret, forbidden or to be destroyed."""
    if len(text) < 60:
        return False
    found = [bool(stem.search(text)) for stem in _LEGAL]
    return sum(found) >= 4 and any(found[at] for at in (0, 3, 5, 6, 7))


def _sounds_legal(text: str) -> bool:
    return sum(1 for stem in _LEGAL if stem.search(text)) >= 2


def _is_firm(text: str) -> bool:
    """Whether a folded line is a telephone number, a mailbox, a site or a number of a firm, and no sentence around it."""
    if len(text) > 160 or not (_PHONE.search(text) or _CONTACT.search(text)):
        return False
    rest = _CONTACT.sub(" ", text)
    rest = _LABELS.sub(" ", _PHONE.sub(" ", rest))
    letters = re.findall(r"[^\W\d_]{2,}", rest)
    return len(letters) <= 4 and not (letters and letters[0] in _ANSWERS) and not text.endswith(("?", "!"))


def _is_loose(text: str, line: str) -> bool:
    """Whether a line may be a name, a title, a firm or a street: short, and no sentence."""
    if (
        not text
        or len(text) > 80
        or text.endswith(("?", "!", ":", "...", "…"))
        or (text.endswith(".") and not re.search(r"\b\w{1,4}\.$", text))
    ):
        return False
    spoken = re.findall(r"[^\W_][\w'.&-]*", text)
    if not spoken or len(spoken) > 9 or spoken[0] in _ANSWERS or len(text) < 3:
        return False
    first = line.strip(" *_|•-")[:1]
    if not (first.isupper() or first.isdigit()) or (first.isdigit() and len(spoken) < 2):
        return False
    written = re.findall(r"[^\W_][\w'.&-]*", line)
    small = [word for word in written if word[:1].islower() and word not in _PARTICLES]
    return len(small) <= 2 and not any(word in _SENTENCE for word in spoken)


_SENTENCE = _words(
    "je j'ai suis est sont sera ferai peux veux vous ne pas mais c'est ik ben kan wil niet maar zal heb u uw ich bin kann will "
    "nicht aber habe werde sie "
    "i am can will not but have you we please is are kommt komt come viens vient accepte choisis kies wähle choose stimme vote"
)


def _is_name(line: str) -> bool:
    """Whether a line is a person's or a firm's name: two to five words in capitals, particles aside."""
    spoken = line.split()
    if (
        not 2 <= len(spoken) <= 6
        or spoken[0].lower().strip(",.") in _ANSWERS - {"le", "la", "de"}
        or re.search(r"[?!:;\d@]", line)
    ):
        return False
    big = [word for word in spoken if word[:1].isupper()]
    return len(big) >= 2 and all(word[:1].isupper() or word.lower() in _PARTICLES for word in spoken)
