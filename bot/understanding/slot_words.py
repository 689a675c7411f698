"""Words of the slots in four languages: for and against, coming and absent, languages, channels, what is no part of a thing's name."""

from __future__ import annotations

from bot.understanding.words import listed

VOTES = {
    "abstain": (
        r"abstien|abstention|s abstenir|\bblanc\b|ni pour ni contre|neutre|onthou|blanco|noch voor noch tegen|enthalt|"
        r"weder noch|neutral|abstain|neither for nor against"
    ),
    "no": (
        r"\bnon\b|\bcontre\b|\bpas (?:d )?(?:accord|favorable|pour)|oppose|refus|defavorable|rejet|"
        r"\b(?:nee|neen)\b|\btegen\b|\bniet (?:akkoord|voor|eens)|afgekeurd|verwerp|afkeur|\bnein\b|\bgegen\b|dagegen|"
        r"\bnicht (?:einverstanden|dafur)|lehne|ablehn|\bno\b|\bnope\b|against|not (?:in favou?r|ok|for)|disagree"
    ),
    "yes": (
        r"\boui\b|\bpour\b|\bd ?accord\b|\bok(?:e|ay)?\b|favorable|approuve|j accepte|\bja\b|\b(?:er)?voor\b|\bakkoord\b|"
        r"goedgekeurd|keur|\beens\b|\bfur\b|dafur|einverstanden|zustimm|stimme zu|"
        r"\byes\b|\byep\b|\byeah\b|in favou?r|\bfor\b|go ahead|agree|approve|accept|support"
    ),
}
"""Patterns on plain text, in the order in which they are tried."""

STAYS_AWAY = (
    r"\bpas\b|\babsent|\bempech|\bexcus|\bsans (?:moi|nous)\b|\bimpossible|\bmanquer|\bni moi\b|\bjamais\b|\baucune\b|\brater|"
    r"\bniet\b|\bafwezig|\bverhinderd|\bzonder (?:mij|ons)\b|\bmis\b|\bgeen\b|\bverontschuldig|"
    r"\bnicht\b|\babwesend|\bverhindert|\bfehle|\bohne (?:mich|uns)\b|\bkein|\bentschuldig|\bverpasse|"
    r"\bnot\b|\bcannot\b|\bcant\b|\bwont\b|\bunable|\babsen|\bmiss\b|\bwithout (?:me|us)\b|\bapolog|\bcouldnt|"
    r"\bnor\b|\bnever\b|\bdont\b|\bexcuse"
)
"""A word that says that somebody does not come."""

LANGUAGES = {
    "fr": "francais francaise frans franse franzosisch french",
    "nl": "neerlandais neerlandaise hollandais flamand nederlands vlaams hollands niederlandisch flamisch hollandisch dutch flemish",
    "de": "allemand allemande duits duitse deutsch deutsche german",
    "en": "anglais anglaise engels engelse englisch englische english",
}

CHANNELS = {
    "telegram": r"\btelegram\b|\btelegramm\b",
    "matrix": r"\bmatrix\b|\belement\b",
    "email": r"\be ?mails?\b|\bmails?\b|\bcourriels?\b|\bmailtje\b|\bmailadres|\bmel\b|\bmailbox\b",
    "letter": r"\blettres?\b|\bcourrier\b|\bposte\b|\bpapier\b|\bbrief(?:post)?\b|\bbrieven\b|\bpost\b|\bletters?\b|\bpaper\b",
}

LEADING = {
    "fr": (
        "le la les l un une des du de d mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces quel quelle "
        "quelque quelques plusieurs pour sur a au aux en et ou par dans avec que qu est c s y ne n concernant vieux vieille vieilles "
        "vieil ancien ancienne petit coup main afin si m me vous nous il qui je j on celui celle gratuitement"
    ),
    "nl": (
        "de het t een n mijn m jouw uw zijn haar ons onze jullie hun dit dat deze die wat enkele paar voor over naar van met in op aan "
        "om te en of is er bij gratis kosteloos "
        "oude oud nog ook ik je mij me we dien uit tot ne nen ene nieuwe kreeg kregen krijgt ontving ontvangt betaalde"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer mein meine meinen meinem meiner unser unsere unseren unserem unserer "
        "dein deine ihr ihre ihren dieser diese dieses diesen diesem etwas ein paar fur uber von vom mit in im am an zu zum zur auf bei "
        "beim und oder ist ich mir mich wir uns es kostenlos umsonst gratis "
        "alte alter altes alten nen ne n ob dass was wegen betreffend denn"
    ),
    "en": (
        "the a an my your his her our their its this that these those some any few for about on of to with in at and or is are i me we "
        "us it old one how what which from by regarding who whose be been as like into new"
    ),
}
"""Plain words that never begin the name of a thing."""

TRAILING = {
    "fr": (
        "svp stp merci aussi encore maintenant et ou de du des la le les un une a au pour que qui ne n y est c je vous nous il on "
        "dans avec sur en si ca moi deja d l s plait elle elles qqpart bcp tantot"
    ),
    "nl": (
        "aub alsjeblieft alstublieft svp en of van de het een voor ook nog nu is in op aan met te ik dat die wie er dan eens maar "
        "al om iemand gvd graag bedankt dank ni zijn plz"
    ),
    "de": (
        "bitte danke und oder von der die das den dem ein eine fur auch noch jetzt ist in im an am mit zu ich wer dass denn mal "
        "schon hab habe kann man jemand gerne sie nich"
    ),
    "en": (
        "please pls plz thanks thx and or of the a an for to also too still now is are in on at with i it that who so again "
        "already was were be can yet anyone somebody someone if me she he"
    ),
}
"""Plain words that never end it."""

TITLES = listed(
    "mme mlle m mr monsieur madame mevr mevrouw meneer dhr heer frau herr herrn hr tante nonkel oncle mrs ms miss dr"
)
"""Plain words before the name of a person, that belong to it."""
