"""What a report is about, where, and whether it cannot wait: by words in four languages. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.buildings.model import Lot
from core.tickets.model import Category, Danger, Report, Spot, text_of

_CATEGORIES: dict[Category, str] = {
    Category.LIFT: "ascenseur elevateur cabine lift aufzug fahrstuhl elevator",
    Category.HEATING: """chauff chaudiere radiateur thermostat verwarm stookketel cv-ketel ketel warmwater heizung heizkorper geheizt
        warmwasser heizkessel heating boiler radiator thermostaat froid frigo""",
    Category.ROOF: """toit toiture gouttiere tuile corniche dak daken dakgoot dakpan goot dach dachrinne regenrinne dachziegel roof
        gutter tile""",
    Category.WATER: """eau eaux fuite fuit inond robinet canalisation tuyau egout evacuation humidite infiltr goutte coule water lek
        lekt lekken leiding buis kraan riool afvoer vocht druppel wasser leck leckt rohr wasserhahn abfluss feucht tropf leak leaking
        leaks pipe tap drain sewer damp drip flood toilet toilette""",
    Category.ELECTRICITY: """electr courant lumiere lampe ampoule eclair minuterie disjonct plombs prise elektr stroom licht lamp
        lampen verlicht zekering stopcontact strom lampe beleucht sicherung steckdose gluhbirne light lights lighting bulb power fuse
        socket""",
    Category.DOOR: """porte portes portail serrure cle cles clef verrou parlophone parlofoon videophone sonnette interphone vitre vitres
        fenetre lettres deur deuren voordeur inkomdeur garagedeur slot sloten sleutel bel bellen videofoon raam ramen ruit
        brievenbus poort tur turen haustur schloss schlussel klingel turoffner sprechanlage fenster scheibe glasscheibe
        briefkasten tor door doors lock locks key keys bell intercom window windows letterbox mailbox gate""",
    Category.NOISE: """bruit bruyant tapage vacarme musique aboie lawaai geluid lawaaierig muziek blaft larm laut krach musik bellt noise
        noisy loud music barking barks""",
    Category.CLEANLINESS: """sale saletes proprete nettoy poubelle dechets ordures odeur rats souris cafards pigeons vuil vuile vies
        proper schoonmaak poets vuilnis afval stank stinkt ratten muizen kakkerlak duiven schmutz dreck dreckig sauber mull abfall
        gestank ratte mause kakerlake tauben dirty clean rubbish bins garbage trash smell smells stinks mice rats cockroach pigeon""",
    Category.GARDEN: """jardin pelouse haie arbre branche tuin gazon haag boom bomen tak garten rasen hecke baum baume garden lawn
        hedge tree trees branch""",
    Category.PARKING: """garage garages parking emplacement voiture velo velos parkeer auto fiets fietsen parkplatz tiefgarage
        stellplatz fahrrad car cars bike bikes parked""",
}
"""The beginnings of words, without accents; those of less than four letters are whole words. What stands first wins."""
_SHORTEST = 4
_HOT_WATER = re.compile(r"\b(?:eau chaude|warm water|warmes wasser|hot water)\b")

_ORDINALS = (
    ("premier premiere 1er 1ere eerste 1ste ersten erste first 1st", 1),
    ("deuxieme second seconde tweede zweiten zweite 2nd", 2),
    ("troisieme derde dritten dritte third 3rd", 3),
    ("quatrieme vierde vierten vierte fourth", 4),
    ("cinquieme vijfde funften funfte fifth", 5),
    ("sixieme zesde sechsten sechste sixth", 6),
    ("septieme zevende siebten siebte seventh", 7),
    ("huitieme achtste achten achte eighth", 8),
    ("neuvieme negende neunten neunte ninth", 9),
    ("dixieme tiende zehnten zehnte tenth", 10),
)
_NUMBER = {word: number for words, number in _ORDINALS for word in words.split()}
_ORDINAL = (
    rf"(\d{{1,2}})\s?(?:e|eme|er|ere|de|ste|te|ten|th|nd|rd|st)?|({'|'.join(sorted(_NUMBER, key=len, reverse=True))})"
)
_FLOOR = re.compile(
    rf"\b(?:{_ORDINAL})\s(?:etage|verdieping|verdiep|verd|stock|stockwerk|etage|og|obergeschoss|floor|storey)\b"
    r"|\b(?:etage|verdieping|stock|floor|level|niveau)\s(\d{1,2})\b|\bau\s(\d{1,2})\s?(?:e|eme|er)\b"
)
_GROUND = re.compile(r"\b(?:rez de chaussee|rez|gelijkvloers|benedenverdieping|erdgeschoss|parterre|ground floor)\b")
_STAIRCASE = re.compile(
    r"\b(?:escalier|cage|bloc|trap|trappenhuis|blok|treppe|aufgang|treppenhaus|block|staircase|stairs)\s+([A-Z]|\d{1,2})\b",
    re.IGNORECASE,
)
_AREAS: dict[str, str] = {
    "bins": "local poubelle|local a poubelles|poubelles|vuilnislokaal|afvallokaal|containerlokaal|mullraum|bin room|rubbish room|bin store",
    "cellar": r"caves?|sous sol|kelders?|keller\w*|cellars?|basement",
    "garage": r"garages?|parking|parkeergarage|tiefgarage|garagen|car park",
    "roof": r"toit\w*|dak\w*|dach\w*|roof",
    "garden": r"jardin|cour|tuin|garten|hof|garden|courtyard",
    "stairs": r"escaliers?|cage d escalier|palier|trap|traphal|trappenhuis|overloop|treppe|treppenhaus|stairs|staircase|stairwell|landing",
    "hall": r"hall|entree|vestibule|voordeur|inkomdeur|haustur|front door|couloir|inkom\w*|gang|portaal|eingang\w*|hausflur|flur|diele|"
    r"entrance|lobby|hallway|corridor",
}
_AREA = {area: re.compile(rf"\b(?:{words})\b") for area, words in _AREAS.items()}

_GAS = re.compile(r"\b(?:gaz|gas|gasgeruch|gaslek|gasleck|gasgeur|gaslucht)\b")
_SMELLS = re.compile(
    r"\b(?:odeur|sent|sens|sentir|pue|fuite|ruik\w*|rook|geur|lek|gaslek|stink\w*|gasgeur|gaslucht|riech\w*|geruch|gasgeruch|gasleck|"
    r"tritt|smell\w*|leak\w*|stench)\b"
)
_FIRE = re.compile(
    r"\b(?:incendie|au feu|en feu|le feu|du feu|prend feu|flammes?|brule|fumee|brand|brandt|in brand|vuur|vlammen|rook|"
    r"feuer|flammen|brennt|rauch|fire|on fire|burning|flames|smoke)\b"
)
_SURELY_FIRE = re.compile(r"\b(?:incendie|au feu|en feu|flammes|vlammen|in brand|flammen|on fire|flames)\b")
_NO_FIRE = re.compile(
    r"\b(?:coupe feu|extincteurs?|detecteurs?|cigarettes?|barbecue|bbq|feu vert|feu rouge|ampoule|lampe|lumiere|brandblus\w*|brandtrap|"
    r"branddeur|brandmelder|rookmelders?|sigaret\w*|roken|licht|lamp|lampen|brandschutz\w*|feuerloscher|feuertur|feuerleiter|rauchmelder|"
    r"zigarette\w*|lampen|leuchtet|birne|extinguishers?|detectors?|fire doors?|fire escape|fire exit|light|lights|bulb|firewall|smoked|"
    r"assurance incendie|prevention incendie|porte incendie|fire safety|fire drill|fire insurance)\b"
)
_WATER = re.compile(r"\b(?:eau|water|wasser)\b")
_BURSTS = re.compile(
    r"\b(?:partout|a flots|a grande eau|jailli\w*|gicle\w*|torrent\w*|ruisselle|coule du plafond|tombe du plafond|traverse le plafond|"
    r"overal|spuit\w*|gutst|stroomt|door het plafond|uit het plafond|uberall|spritzt|stromt|schiesst|durch die decke|von der decke|"
    r"aus der decke|everywhere|pouring|gushing|spraying|rushing|through the ceiling|from the ceiling)\b"
)
_FLOOD = re.compile(
    r"\b(?:inondation|inonde\w*|(?:canalisation|tuyau|conduite)(?:\s\w+){0,3}\s(?:eclate\w*|pete\w*|rompu\w*|creve\w*)|overstrom\w*|"
    r"ondergelopen|onder water|(?:gesprongen|gebarsten) (?:leiding|buis)\w*|\w*(?:leiding|buis)(?:\s\w+){0,3}\s(?:gesprongen|gebarsten)|"
    r"waterleidingbreuk|rohrbruch|wasserrohrbruch|uberschwemm\w*|uberflut\w*|unter wasser|burst pipes?|burst water|"
    r"pipes?(?:\s\w+){0,3}\sburst|flooding|flooded|flood)\b"
)
_LIFT = re.compile(r"\b(?:ascenseur|elevateur|cabine|lift|aufzug|fahrstuhl|elevator)\b")
_SOMEBODY = (
    "quelqu un|quelqu une|je suis|nous sommes|on est|personnes?|gens|dame|monsieur|voisine?s?|enfants?|fille|fils|bebe|"
    "iemand|ik|we|wij|mensen|persoon|personen|buur\\w*|kind(?! of)|kinderen|kindje|dame|vrouw|meneer|"
    "jemand|ich|wir|leute|person|kinder|nachbar\\w*|frau|herr|"
    "somebody|someone|i am|i m|we are|we re|people|person|child\\w*|kids?|woman|man|neighbou?rs?|lady"
)
_SHUT = (
    "coince\\w*|bloque\\w*|enferme\\w*|prisonni\\w*|vast|vastzit\\w*|opgesloten|gevangen|fest|steckt|stecke|stecken|eingeschlossen|"
    "gefangen|stuck|trapped|locked|blocked"
)
_TRAPPED = re.compile(
    rf"\b(?:{_SOMEBODY})\s(?:\w+\s){{0,4}}(?:{_SHUT})\b"
    r"|\b(?:coince|bloque|enferme)\w*\s(?:dans l (?:ascenseur|elevateur)|dans la cabine|dedans|a l interieur)\b"
    rf"|\b(?:{_SOMEBODY})\s(?:\w+\s){{0,4}}(?:dedans|a l interieur|inside|drin|drinnen|erin|in it)\b"
    r"|\b(?:trapped|stuck)\s(?:in|inside)\s(?:the|our|this)?\s?(?:lift|elevator)\b|\btrapped\b|\bopgesloten\b|\beingeschlossen\b"
    rf"|\b(?:{_SHUT})\s(?:avec|met|mit|with)\s(?:\w+\s){{0,2}}(?:{_SOMEBODY})\b"
)


def report_of(text: str, lots: Sequence[Lot] = (), photos: tuple[bytes, ...] = ()) -> Report:
    """What a message reports, as far as its words say. `lots`: those of the building, whose names may stand in it."""
    said = text_of(text)
    danger = danger_of(said)
    return Report(said, category_of(said, danger), spot_of(said, lots), danger, photos)


def category_of(text: str, danger: Danger | None = None) -> Category:
    """OTHER where no word says what it is."""
    if danger is Danger.TRAPPED:
        return Category.LIFT
    if danger is Danger.FLOOD:
        return Category.WATER
    if danger is not None:
        return Category.OTHER
    plain = folded(text)
    if _HOT_WATER.search(plain):
        return Category.HEATING
    found = {_BEGINNINGS[begin] for word in plain.split() for begin in _beginnings(word) if begin in _BEGINNINGS}
    return next((category for category in _CATEGORIES if category in found), Category.OTHER)


def spot_of(text: str, lots: Sequence[Lot] = ()) -> Spot:
    """Where it is; empty where no word says so. A lot says its floor too."""
    plain = folded(text)
    lot = _lot(text, lots)
    floor = _floor_of(lot) if lot else None
    if floor is None and (match := _FLOOR.search(plain)):
        number = next(group for group in match.groups() if group)
        floor = _NUMBER[number] if number in _NUMBER else int(number)
    elif floor is None and _GROUND.search(plain):
        floor = 0
    staircase = next((name for name in _STAIRCASE.findall(text) if name.isdigit() or name.isupper()), "")
    area = "" if lot else next((area for area, pattern in _AREA.items() if pattern.search(plain)), "")
    return Spot(floor, staircase, lot.lot if lot else "", area)


def danger_of(text: str) -> Danger | None:
    """What cannot wait, as far as the words say. A report too many is shown the numbers rather than one too few."""
    plain = folded(text)
    if _LIFT.search(plain) and _TRAPPED.search(plain):
        return Danger.TRAPPED
    if _GAS.search(plain) and _SMELLS.search(plain):
        return Danger.GAS
    if _FIRE.search(plain) and (_SURELY_FIRE.search(_NO_FIRE.sub(" ", plain)) or not _NO_FIRE.search(plain)):
        return Danger.FIRE
    if _FLOOD.search(plain) or (_WATER.search(plain) and _BURSTS.search(plain)):
        return Danger.FLOOD
    return None


_NAMES = """
    ascenseur cabine parking garage garages cave caves cle cles clef porte entree hall couloir escalier escaliers cage toit jardin cour
    poubelle poubelles eau chaude froide chauffage radiateur robinet lumiere lampe electricite courant sonnette parlophone boite lettres
    velo velos internet wifi compteur compteurs lift parkeergarage kelder kelders sleutel sleutels deur voordeur inkom gang trap traphal
    dak tuin koer vuilnis vuilnisbak vuilnisbakken water warm koud verwarming radiator kraan licht lamp elektriciteit stroom bel
    brievenbus fiets fietsen teller tellers aufzug fahrstuhl parkplatz tiefgarage keller schlussel tur haustur eingang flur treppe
    treppenhaus dach garten hof mull mulltonne mulltonnen wasser warmes kaltes warmwasser heizung heizkorper wasserhahn strom klingel
    briefkasten fahrrad fahrrader zahler elevator cellar basement key keys door entrance corridor stairs roof garden courtyard rubbish
    bin bins hot cold heating tap light lamp power electricity bell letterbox mailbox bike bikes meter meters
"""
_THINGS = frozenset(_NAMES.split())
_SMALL = (
    "le la les l un une du de des d mon ma mes notre nos a aux het een ons onze mijn der die das dem den ein eine mein meine unser unsere "
    "the an my our"
)
_LITTLE = frozenset(_SMALL.split())
MOST_OF_A_NAME = 2


def only_named(text: str) -> bool:
    """Whether a text names a thing or a place of the building, and not what is wrong with it: `parking`, `de lift`, `hot water`."""
    said = [word for word in folded(text).split() if word not in _LITTLE]
    return 0 < len(said) <= MOST_OF_A_NAME and _THINGS.issuperset(said)


def alike(one: str, other: str) -> bool:
    """Whether two texts have a word in common that says something, and not only where."""
    return bool(_telling(one) & _telling(other))


def folded(text: str) -> str:
    """In small letters without accents, each word apart by one blank."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return " ".join(
        "".join(sign if sign.isalnum() else " " for sign in bare if not unicodedata.combining(sign)).split()
    )


def _telling(text: str) -> set[str]:
    plain = folded(text)
    for pattern in _AREA.values():
        plain = pattern.sub(" ", plain)
    return {word[:6] for word in plain.split() if len(word) > _SHORTEST}


_BEGINNINGS = {
    folded(begin).replace(" ", ""): category
    for category, words in reversed(_CATEGORIES.items())
    for begin in words.split()
}


def _beginnings(word: str) -> list[str]:
    return [word, *(word[:length] for length in range(_SHORTEST, len(word)))]


def _lot(text: str, lots: Sequence[Lot]) -> Lot | None:
    """The lot that a text names: by a name with a digit in it, or one that stands there just as it is written."""
    words = re.findall(r"\w+", text)
    plain = {word.casefold() for word in words}
    for lot in lots:
        named = lot.lot in words if not any(map(str.isdigit, lot.lot)) else lot.lot.casefold() in plain
        if named and not lot.lot.isdigit():
            return lot
    return None


def _floor_of(lot: Lot) -> int | None:
    try:
        return int(lot.floor)
    except ValueError:
        return None
