"""Talk about what is given, swapped and sought: photos, draws, old buttons, and whoever presses what is not his."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.dialogues.swaps import swapped, without_article
from core.community.bazaar.rounds import service as rounds
from core.messaging.channel import File
from core.modules import named
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.bot.conftest import rows
from tests.ground_floor import Hands, Sample
from tests.talking import Card, Talking, token

LEA, TOM, ANNA, JAMES, YOUSSEF = (
    f"{name}@tilleuls.example"
    for name in ("lea.dubois", "tom.vermeulen", "anna.schmitz", "james.carter", "youssef.benali")
)
SYNDIC = "nathalie.renard@renard-gestion.example"


def file(content: bytes, media_type: str = "image/jpeg") -> File:
    async def read() -> bytes:
        return content

    return File("bed.jpg", media_type, len(content), read)


def picture() -> bytes:
    taken, exif = BytesIO(), Image.Exif()
    exif[0x010F] = "A camera that knows where it is"
    Image.new("RGB", (40, 30), "green").save(taken, "JPEG", exif=exif)
    return taken.getvalue()


async def says(talking: Talking, who: str, text: str, *files: File) -> Card:
    (shown,) = await talking.shown(who, text, files=files)
    return await talking.json(shown)


async def presses(talking: Talking, who: str, card: Card, label: str) -> Card:
    (answer,) = await talking.press(who, card, label)
    return answer


async def told(talking: Talking, who: str) -> Card:
    (card,) = await talking.told(who)
    return card


async def here(talking: Talking, *people: str) -> None:
    """They have written once, so that they can be written to."""
    for who in people:
        await talking.say(who, "/help")


async def ticks(talking: Talking, clock: Hands, **passed: float) -> None:
    clock.now += timedelta(**passed)
    del talking.console.shown[:]
    await rounds.due(talking.application.database)
    await talking.application.courier.drain()


def labels(card: Card) -> list[str]:
    return [choice["label"] for choice in card["choices"]]


@pytest.mark.parametrize(
    ("who", "gives", "button", "said", "how"),
    [
        (LEA, "Je donne une lampe", "Demander un échange", "rien", "au premier qui le demande"),
        (LEA, "Je donne une lampe", "Demander un échange", "Peu importe.", "à échanger, vous choisissez"),
        (TOM, "Ik geef een lamp weg", "Er iets voor in ruil vragen", "niets", "wie het eerst vraagt"),
        (TOM, "Ik geef een lamp weg", "Er iets voor in ruil vragen", "maakt niet uit", "te ruil, u kiest"),
        (ANNA, "Ich verschenke eine Lampe", "Etwas dafür eintauschen", "nichts", "wer zuerst fragt"),
        (ANNA, "Ich verschenke eine Lampe", "Etwas dafür eintauschen", "egal", "zum Tausch, Sie wählen"),
        (JAMES, "I give away a lamp", "Ask for something in return", "nothing", "first come"),
        (JAMES, "I give away a lamp", "Ask for something in return", "anything", "to swap, you choose"),
    ],
)
async def test_nothing_and_anything_are_answers_to_what_one_would_like_for_it(
    who: str, gives: str, button: str, said: str, how: str, talking: Talking
) -> None:
    await presses(talking, who, await says(talking, who, gives), button)
    card = await says(talking, who, said)
    assert card["facts"][0]["value"].startswith(how)


async def test_what_is_offered_in_return_can_be_taken_from_the_thing_itself(talking: Talking) -> None:
    await here(talking, LEA, ANNA)
    await presses(talking, LEA, await says(talking, LEA, "Je donne une lampe"), "Demander un échange")
    await says(talking, LEA, "peu importe")
    for who, seeks, button, bid in (
        (ANNA, "Ich suche eine Lampe", "Tausch vorschlagen: lampe", "ein Buch"),
        (JAMES, "I am looking for a lamp", "Offer a swap: lampe", "a chair"),
    ):
        await presses(talking, who, await says(talking, who, seeks), button)
        await says(talking, who, bid)
    mine = await says(talking, LEA, "qu'est-ce qui est à donner ?")
    mine = await presses(talking, LEA, mine, "Gérer : lampe")
    assert labels(mine)[:2] == ["Accepter : ein Buch", "Accepter : a chair"]
    taken = await presses(talking, LEA, mine, "Accepter : a chair")
    assert taken["title"] == "« lampe » est réservé à James Carter."


async def test_whoever_is_asked_for_a_day_may_look_what_there_is_first(talking: Talking) -> None:
    card = await says(talking, TOM, "Ik geef een lamp weg")
    await presses(talking, TOM, card, "Laten loten")
    assert (await says(talking, TOM, "Wat wordt er weggegeven?"))["title"] == "Wat uw buren weggeven en zoeken"


@pytest.mark.parametrize("said", ["5 december", "zaterdag", "morgen over een week", "op 1 december", "12.12.2026"])
async def test_a_day_is_no_greeting(said: str, talking: Talking) -> None:
    await presses(talking, TOM, await says(talking, TOM, "Ik geef een lamp weg"), "Laten loten")
    card = await says(talking, TOM, said)
    assert card["facts"][0]["value"].startswith("loting op")


def fact(card: Card, label: str) -> str:
    return next(each["value"] for each in card["facts"] if each["label"] == label)


# ------------------------------------------------------------------------------------------------------------------ photos


async def test_a_photo_goes_up_with_it_without_what_the_camera_knows(talking: Talking, sample: Sample) -> None:
    card = await says(talking, JAMES, "I am giving away a baby bed", file(picture()))
    assert card["title"] == "Done: “baby bed” is now offered to your neighbours."
    assert [each["media_type"] for each in card["attachments"]] == ["image/jpeg"]
    assert "Add a photo" not in labels(card)
    (item,) = await rows(sample, "SELECT photo FROM bazaar_items")
    shown = Image.open(BytesIO(await talking.application.shelf.get(bytes.fromhex(item["photo"]))))
    assert not shown.getexif()
    found = await says(talking, LEA, "je cherche un lit bébé")
    assert [each["media_type"] for each in found["attachments"]] == ["image/jpeg"]


async def test_a_photo_that_is_none(talking: Talking, sample: Sample) -> None:
    card = await says(talking, JAMES, "I am giving away a baby bed", file(b"<html>hello</html>"))
    assert "cannot read this file as a photo" in card["text"]
    assert await rows(sample, "SELECT 1 AS one FROM bazaar_items") == []
    card = await says(talking, JAMES, "I am giving away a baby bed")
    await presses(talking, JAMES, card, "Add a photo")
    for wrong in (file(b"\xff\xd8\xff not one"), file(b"%PDF-1.7", "application/pdf")):
        card = await says(talking, JAMES, "", wrong)
        assert "cannot read this file as a photo" in card["text"]
    card = await says(talking, JAMES, "", file(picture()))
    assert card["title"] == "Noted for “baby bed”."
    assert len(card["attachments"]) == 1


# ------------------------------------------------------------------------------------------------------------------- draws


async def test_the_draw_from_the_first_word_to_the_check(talking: Talking, sample: Sample, clock: Hands) -> None:
    await here(talking, LEA, ANNA, YOUSSEF)
    card = await says(talking, JAMES, "I am giving away a baby bed")
    await presses(talking, JAMES, card, "Draw by lot")
    await says(talking, JAMES, "Saturday")
    tickets = {}
    for who, asks, label, number in (
        (LEA, "je cherche un lit bébé", "M'inscrire : baby bed", "Votre numéro"),
        (ANNA, "ich suche ein Babybett", "Anmelden: baby bed", "Ihre Losnummer"),
        (YOUSSEF, "je cherche un lit bébé", "M'inscrire : baby bed", "Votre numéro"),
    ):
        found = await says(talking, who, asks)
        tickets[who] = fact(await presses(talking, who, found, label), number)
        again = await presses(talking, who, found, label)
        assert fact(again, number) == tickets[who], "signed up once"
    assert len(set(tickets.values())) == 3
    await ticks(talking, clock, days=6)
    outcome = {who: await told(talking, who) for who in tickets}
    assert "is reserved for" in (await told(talking, JAMES))["title"]
    won = [who for who, card in outcome.items() if "+32 2 555 01 06" in card["text"]]
    assert len(won) == 1
    (item,) = await rows(sample, "SELECT i.item_id, d.day FROM bazaar_items i JOIN bazaar_draws d USING (item_id)")
    said = "\n".join([str(item["item_id"]), item["day"].isoformat(), *sorted(tickets.values())])
    seed = hashlib.sha256(said.encode()).hexdigest()
    ranks = {who: hashlib.sha256(f"{seed}\n{ticket}".encode()).hexdigest() for who, ticket in tickets.items()}
    assert min(ranks, key=lambda who: ranks[who]) == won[0]
    assert all(seed in card["text"] for card in outcome.values())
    check = await presses(talking, LEA, outcome[LEA], "Vérifier le tirage")
    assert str(item["item_id"]) in check["text"]
    assert all(ticket in check["text"] for ticket in tickets.values())
    lost = next(who for who in tickets if who not in won)
    assert "+32 2 555 01 06" not in outcome[lost]["text"], "nobody else learns where he lives"


# ----------------------------------------------------------------------------------------------------------- what is old


async def test_buttons_of_long_ago(talking: Talking, sample: Sample, clock: Hands) -> None:
    await here(talking, JAMES)
    card = await says(talking, JAMES, "I am giving away a baby bed")
    found = await says(talking, LEA, "je cherche un lit bébé")
    other = await says(talking, ANNA, "ich suche ein Babybett")
    yours = await presses(talking, LEA, found, "Je le prends : baby bed")
    again = await presses(talking, LEA, found, "Je le prends : baby bed")
    assert again["facts"] == yours["facts"], "pressed twice, it is once"
    for label in ("Draw by lot", "Ask for something in return", "Add a photo", "Withdraw it"):
        late = await presses(talking, JAMES, card, label)
        assert late["title"] == "“baby bed” is already reserved for somebody."
    line = await presses(talking, ANNA, other, "Ich nehme es: baby bed")
    assert line["title"] == "Bei „baby bed“ war jemand schneller."
    own = await says(talking, JAMES, "what is being given away?")
    assert "reserved for Léa D." in own["text"]
    card = await presses(talking, JAMES, own, "Manage: baby bed")
    await presses(talking, JAMES, card, "It has been collected")
    assert (await told(talking, ANNA))[
        "title"
    ] == "„baby bed“ hat einen neuen Besitzer: Sie brauchen nicht mehr zu warten."
    clock.now += timedelta(days=21)
    for who, old, label, said in (
        (ANNA, line, "Ich möchte es nicht mehr", "Notiert"),
        (LEA, yours, "Je n'en veux plus", "« baby bed » a déjà changé de mains."),
        (LEA, yours, "Je l'ai reçu", "« baby bed » est à vous. Profitez-en bien !"),
        (JAMES, card, "Give it to somebody else", "“baby bed” has been collected already."),
    ):
        assert said in (await presses(talking, who, old, label))["title"]


async def test_a_button_is_only_his_to_whom_it_was_shown(talking: Talking, sample: Sample) -> None:
    await says(talking, JAMES, "I am giving away a baby bed")
    found = await says(talking, LEA, "je cherche un lit bébé")
    (card,) = await talking.say(TOM, choice=token(found, "Je le prends : baby bed"))
    assert "555 01 06" not in card["text"]
    assert await rows(sample, "SELECT 1 AS one FROM bazaar_line") == []


async def test_a_number_does_as_well(talking: Talking) -> None:
    await says(talking, JAMES, "I am giving away a baby bed")
    await says(talking, LEA, "je cherche un lit bébé")
    card = await says(talking, LEA, "1")
    assert card["title"] == "« baby bed » est pour vous !"


async def test_somebody_else_has_one_to_give(talking: Talking, sample: Sample) -> None:
    await says(talking, LEA, "je cherche un lit bébé")
    card = await says(talking, TOM, "wat wordt er weggegeven?")
    assert "gezocht door Léa D." in card["text"]
    up = await presses(talking, TOM, card, "Ik heb dit te geven: lit bébé")
    assert "1 buur zocht dit net" in up["text"]
    alert = await told(talking, LEA)
    assert alert["title"] == "Tom V. propose « lit bébé »."
    assert labels(alert)[0] == "Je le prends : lit bébé"


async def test_the_turn_of_the_next_one(talking: Talking) -> None:
    await here(talking, TOM)
    await says(talking, JAMES, "I am giving away a baby bed")
    yours = await presses(talking, LEA, await says(talking, LEA, "je cherche un lit bébé"), "Je le prends : baby bed")
    second = await says(talking, TOM, "ik zoek een babybed")
    assert "Niemand biedt dit nu aan" in second["title"], "what is reserved is not shown as free"
    await presses(talking, LEA, yours, "Je n'en veux plus")
    third = await says(talking, TOM, "wat wordt er weggegeven?")
    mine = await presses(talking, TOM, third, "Ik neem het: baby bed")
    assert "+32 2 555 01 06" in mine["text"]


# ----------------------------------------------------------------------------------------------------- who, where, how many


async def test_nobody_who_does_not_live_there(talking: Talking) -> None:
    card = await says(talking, SYNDIC, "je donne un lit bébé")
    assert "est pour ceux qui habitent l'immeuble" in card["title"]


async def test_switched_off(talking: Talking, sample: Sample) -> None:
    await here(talking, JAMES)
    await says(talking, JAMES, "I am giving away a baby bed")
    yours = await presses(talking, LEA, await says(talking, LEA, "je cherche un lit bébé"), "Je le prends : baby bed")
    async with sample.database.work(sample.organisation) as uow:
        off = Wish(named("bazaar"), False, uow.now.date())
        await council.switch(uow, sample.known.building_id, off, Actor(None, "test"))
        await uow.commit()
    for text in ("je donne une table", "je cherche une table", "qu'est-ce qui est à donner ?"):
        assert "n'est pas activé" in (await says(talking, LEA, text))["title"]
    done = await presses(talking, LEA, yours, "Je l'ai reçu")
    assert done["title"] == "« baby bed » est à vous. Profitez-en bien !"
    confirmed = await presses(talking, JAMES, await told(talking, JAMES), "Yes, it has been collected")
    assert confirmed["title"] == "“baby bed” has found a new owner. Thank you!"


async def test_taken_back_but_not_once_somebody_wants_it(talking: Talking) -> None:
    await says(talking, JAMES, "I am giving away a baby bed")
    assert (await says(talking, JAMES, "take that back"))["title"] == "“baby bed” is no longer on offer."
    await says(talking, JAMES, "I am giving away a garden table")
    await presses(
        talking, LEA, await says(talking, LEA, "je cherche une table de jardin"), "Je le prends : garden table"
    )
    assert "cannot change any more" in (await says(talking, JAMES, "take that back"))["title"]
    await says(talking, LEA, "je cherche un aspirateur")
    assert (await says(talking, LEA, "annule ça"))["title"] == "C'est noté, vous ne cherchez plus : aspirateur."


async def test_the_question_stays_open_until_it_is_answered(talking: Talking) -> None:
    assert (await says(talking, JAMES, "/want"))["title"] == "What are you looking for?"
    assert "few words" in (await says(talking, JAMES, "???"))["title"]
    assert "Nobody offers this right now: ladder" in (await says(talking, JAMES, "a ladder"))["title"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("J'échange un vélo d'enfant contre une trottinette", ("vélo d'enfant", "trottinette")),
        ("je troque mes livres contre des BD.", ("livres", "BD")),
        ("ik ruil een kinderfiets voor een step", ("kinderfiets", "step")),
        ("Ich tausche mein Fahrrad gegen einen Roller!", ("Fahrrad", "Roller")),
        ("I swap a child's bike for a scooter", ("child's bike", "scooter")),
        ("swapping my desk for the bookshelf, any time", ("desk", "bookshelf")),
        ("I'd like to trade our sofa", ("sofa", "")),
        ("je donne mon vélo en échange d'une trottinette", ("", "trottinette")),
        ("ik geef mijn fiets in ruil voor een step", ("", "step")),
        ("je donne un lit bébé", None),
        ("ik geef muggenmiddel tegen muggen weg", None),
    ],
)
def test_swaps_in_words(text: str, said: tuple[str, str] | None) -> None:
    assert swapped(text) == said


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("une armoire", "armoire"),
        ("l'armoire", "armoire"),
        ("een kast", "kast"),
        ("ein Schrank", "Schrank"),
        ("a desk", "desk"),
        ("desk", "desk"),
        ("the", "the"),
        ("Lampe", "Lampe"),
    ],
)
def test_articles_do_not_stand_in_lists(name: str, bare: str) -> None:
    assert without_article(name) == bare


async def test_a_swap_in_one_sentence(talking: Talking, sample: Sample) -> None:
    card = await says(talking, LEA, "/donner mon vélo en échange d'une trottinette")
    assert fact(card, "Comment") == "à échanger contre : trottinette"
