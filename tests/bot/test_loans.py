"""Talk about things that neighbours lend: what is asked back, what is understood, and what a photo becomes."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from core.buildings.model import Module
from core.kernel.clock import local_day
from core.messaging.channel import File
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from koprogo import due
from tests.bot.conftest import rows
from tests.ground_floor import Sample
from tests.talking import Card, Talking

LEA, TOM, ANNA, JAMES = (
    f"{name}@tilleuls.example" for name in ("lea.dubois", "tom.vermeulen", "anna.schmitz", "james.carter")
)


def photo(name: str = "ladder.jpg", content: bytes | None = None) -> File:
    if content is None:
        picture, exif = BytesIO(), Image.Exif()
        exif[0x010F] = "A camera that knows where it is"
        Image.new("RGB", (40, 30), "green").save(picture, "JPEG", exif=exif)
        content = picture.getvalue()

    async def read() -> bytes:
        return content

    return File(name, "image/jpeg", len(content), read)


async def sends(talking: Talking, who: str, text: str, *files: File) -> list[Card]:
    return [await talking.json(each) for each in await talking.shown(who, text, files=files)]


async def says(talking: Talking, who: str, text: str) -> Card:
    (card,) = await talking.say(who, text)
    return card


async def presses(talking: Talking, who: str, card: Card, label: str) -> Card:
    (answer,) = await talking.press(who, card, label)
    return answer


async def told(talking: Talking, who: str) -> Card:
    (card,) = await talking.told(who)
    return card


def labels(card: Card) -> list[str]:
    return [choice["label"] for choice in card["choices"]]


async def lent(talking: Talking, who: str = JAMES, what: str = "ladder") -> Card:
    return await says(talking, who, f"I have a {what} that neighbours may use")


async def out(talking: Talking, borrower: str = TOM) -> Card:
    """A ladder of James is out from today on; what Tom was answered last."""
    await lent(talking)
    await says(talking, borrower, "Mag ik vandaag een ladder lenen?")
    granted = await presses(talking, JAMES, await told(talking, JAMES), "Yes, gladly")
    his = await told(talking, borrower)
    await presses(talking, JAMES, granted, "Handed over")
    return await presses(talking, borrower, his, "Ontvangen")


# --------------------------------------------------------------------------------------------------------------- lending


async def test_a_photo_comes_along_and_knows_no_place_any_more(talking: Talking, sample: Sample) -> None:
    (card,) = await sends(talking, JAMES, "I have a ladder that neighbours may use", photo())
    assert card["title"] == "Your neighbours can now borrow “Ladder”"
    assert [each["media_type"] for each in card["attachments"]] == ["image/jpeg"]
    (row,) = await rows(sample, "SELECT photo FROM loan_things")
    kept = await talking.application.shelf.get(bytes.fromhex(row["photo"]))
    assert b"camera" not in kept
    assert dict(Image.open(BytesIO(kept)).getexif()) == {}


async def test_what_is_no_photo_is_refused_and_nothing_is_put_up(talking: Talking, sample: Sample) -> None:
    (card,) = await sends(talking, JAMES, "I have a ladder that neighbours may use", photo(content=b"MZ not a photo"))
    assert card["title"].startswith("I cannot read this file as a photo")
    assert await rows(sample, "SELECT 1 FROM loan_things") == []


async def test_the_name_is_asked_for_where_it_is_missing(talking: Talking) -> None:
    asked = await says(talking, JAMES, "I want to lend something to my neighbours")
    assert asked["title"] == "What would you like to lend?"
    card = await says(talking, JAMES, "sewing machine")
    assert card["title"] == "Your neighbours can now borrow “Sewing machine”"


async def test_the_owner_says_more_about_it(talking: Talking, sample: Sample) -> None:
    card = await lent(talking)
    await presses(talking, JAMES, card, "Describe its condition")
    card = await says(talking, JAMES, "3 metres, one step is loose")
    assert card["facts"][0]["value"] == "3 metres, one step is loose"
    await presses(talking, JAMES, card, "Change how long")
    for wrong in ("91", "0", "for a while"):
        assert "From 1 to 90" in (await says(talking, JAMES, wrong))["text"]
    card = await says(talking, JAMES, "two weeks")
    asked = await presses(talking, JAMES, card, "Ask for a deposit")
    assert "1 hour" in asked["title"]
    for wrong in ("60", "a little"):
        assert asked["title"] in (await says(talking, JAMES, wrong))["text"]
    card = await says(talking, JAMES, "one hour")
    assert [fact["value"] for fact in card["facts"][1:]] == ["14 days", "1 hour"]
    await presses(talking, JAMES, card, "Add a photo")
    assert (await says(talking, JAMES, "here it is"))["title"].startswith("I cannot read this file")
    (card,) = await sends(talking, JAMES, "", photo())
    assert len(card["attachments"]) == 1
    gone = await presses(talking, JAMES, card, "Stop lending it")
    assert gone["title"] == "“Ladder” is no longer on the list"
    assert (await presses(talking, JAMES, card, "Change how long"))["title"] == "“Ladder” is no longer offered."
    (row,) = await rows(sample, "SELECT condition, longest, deposit, withdrawn_at IS NOT NULL AS gone FROM loan_things")
    assert row == {"condition": "3 metres, one step is loose", "longest": 14, "deposit": 60, "gone": True}


@pytest.mark.parametrize(
    ("said", "deposit"), [("2", "2 hours"), ("2 hours", "2 hours"), ("30 minutes", "30 minutes"), ("nothing", None)]
)
async def test_a_deposit_is_said_in_hours(said: str, deposit: str | None, talking: Talking) -> None:
    card = await lent(talking)
    await presses(talking, JAMES, card, "Ask for a deposit")
    await says(talking, JAMES, "1 hour")
    await presses(talking, JAMES, card, "Ask for a deposit")
    card = await says(talking, JAMES, said)
    assert [fact["value"] for fact in card["facts"] if fact["label"] == "Deposit"] == ([deposit] if deposit else [])


async def test_it_is_taken_back_by_undo(talking: Talking) -> None:
    await lent(talking)
    assert (await says(talking, JAMES, "no, take that back"))["title"] == "“Ladder” is no longer on the list"
    await lent(talking)
    await says(talking, TOM, "Mag ik morgen een ladder lenen?")
    await says(talking, TOM, "/undo")
    assert (await told(talking, JAMES))["title"] == "Tom V. no longer needs “Ladder”"


# ------------------------------------------------------------------------------------------------------------- borrowing


@pytest.mark.parametrize(
    ("who", "text", "when"),
    [
        (LEA, "Je peux emprunter une échelle samedi ?", "28 novembre 2026"),
        (TOM, "Kan ik de ladder lenen van 3 tot 5 december?", "van 3 december 2026 tot en met 5 december 2026"),
        (ANNA, "Kann ich am Samstag eine Leiter leihen?", "28. November 2026"),
    ],
)
async def test_one_thing_and_days_are_asked_for_at_once(talking: Talking, who: str, text: str, when: str) -> None:
    await lent(talking)
    card = await says(talking, who, text)
    assert "James C." in card["title"]
    assert card["facts"][0]["value"] == when
    asked = await told(talking, JAMES)
    assert asked["title"].endswith("would like to borrow “Ladder”")


async def test_without_days_they_are_asked_for(talking: Talking) -> None:
    await lent(talking)
    card = await says(talking, LEA, "Je voudrais emprunter une échelle")
    assert card["title"] == "« Ladder » : de quand à quand ?"
    assert labels(card) == ["Aujourd'hui", "Demain", "Samedi"]
    assert (await says(talking, LEA, "quand il fera beau"))["title"] == "Je n'ai pas compris quels jours."
    assert (await says(talking, LEA, "hier"))["title"] in (
        "Ces jours sont déjà passés. Choisissez-en d'autres, s'il vous plaît.",
        "Je n'ai pas compris quels jours.",
    )


@pytest.mark.parametrize(
    ("answer", "when"),
    [
        ("du 3 au 5 décembre", "du 3 décembre 2026 au 5 décembre 2026"),
        ("2", "23 novembre 2026"),
        ("vrijdag", "27 novembre 2026"),
        ("de vendredi à dimanche", "du 27 novembre 2026 au 29 novembre 2026"),
        ("cette semaine", "22 novembre 2026"),
    ],
)
async def test_the_days_are_answered_in_words(talking: Talking, answer: str, when: str) -> None:
    await lent(talking)
    await says(talking, LEA, "Je voudrais emprunter une échelle")
    card = await says(talking, LEA, answer)
    assert card["title"] == "J'ai demandé « Ladder » à James C."
    assert card["facts"][0]["value"] == when


async def test_a_button_pressed_twice_says_where_it_stands(talking: Talking) -> None:
    await lent(talking)
    await says(talking, TOM, "Mag ik vandaag een ladder lenen?")
    asked = await told(talking, JAMES)
    granted = await presses(talking, JAMES, asked, "Yes, gladly")
    for label in ("Yes, gladly", "No, sorry"):
        again = await presses(talking, JAMES, asked, label)
        assert (again["title"], again["facts"]) == (granted["title"], granted["facts"])
        assert not talking.console.shown[1:], "nobody else is told a second time"
    await presses(talking, JAMES, granted, "Call it off")
    over = "“Ladder”: this request or loan is over, there is nothing left to do."
    assert (await presses(talking, JAMES, asked, "Yes, gladly"))["title"] == over


@pytest.mark.parametrize("wrong", ["gisteren", "20 november 2026", "van 1 december tot 1 april", "in december 2030"])
async def test_days_that_do_not_do_are_asked_for_again(wrong: str, talking: Talking) -> None:
    await lent(talking)
    first = await says(talking, TOM, f"Mag ik een ladder lenen {wrong}?")
    assert labels(first) == ["Vandaag", "Morgen", "Zaterdag"]
    assert labels(await says(talking, TOM, wrong)) == labels(first)
    assert (await says(talking, TOM, "op 1 december"))["title"] == "Ik heb James C. om “Ladder” gevraagd"


async def test_the_lender_who_proposes_days_that_are_past_is_asked_again(talking: Talking) -> None:
    await lent(talking)
    await says(talking, TOM, "Mag ik morgen een ladder lenen?")
    await presses(talking, JAMES, await told(talking, JAMES), "Other days")
    assert "over already" in (await says(talking, JAMES, "on 3 January 2020"))["title"]
    await says(talking, JAMES, "on Saturday")
    assert (await told(talking, TOM))["title"] == "“Ladder”: James C. stelt andere dagen voor"


async def test_a_thing_put_up_twice_is_one(talking: Talking) -> None:
    first = await lent(talking)
    again = await lent(talking)
    assert again["title"] == "You have put up “Ladder” already"
    assert labels(again) == labels(first)
    assert [fact["label"] for fact in (await says(talking, TOM, "Wat kan ik lenen?"))["facts"]] == ["Ladder"]
    await presses(talking, JAMES, first, "Stop lending it")
    assert (await lent(talking))["title"] == first["title"]


async def test_whoever_lives_there_no_more_is_not_told_that_it_is_off(talking: Talking) -> None:
    for who, text, said in (
        ("werner.klein@tilleuls.example", "Kann ich eine Leiter ausleihen?", "„Sachen leihen“ ist für alle, die"),
        ("nathalie.renard@renard-gestion.example", "Je donne une table", "« Petites annonces » est pour ceux qui"),
    ):
        card = await says(talking, who, text)
        assert card["title"].startswith(said)
        assert card["body"] == []


async def test_a_button_for_the_days_ends_the_question(talking: Talking) -> None:
    await lent(talking)
    card = await says(talking, LEA, "Je voudrais emprunter une échelle")
    assert (await presses(talking, LEA, card, "Demain"))["facts"][0]["value"] == "23 novembre 2026"
    assert (await says(talking, LEA, "Combien je dois ?"))["title"].startswith("À payer")


async def test_of_several_one_is_chosen(talking: Talking) -> None:
    await lent(talking, JAMES, "stepladder")
    await says(talking, TOM, "Ik leen mijn ladder uit")
    card = await says(talking, LEA, "Je peux emprunter une échelle samedi ?")
    assert sorted(labels(card)) == ["Emprunter « Ladder »", "Emprunter « Stepladder »"]
    chosen = await presses(talking, LEA, card, "Emprunter « Ladder »")
    assert chosen["title"] == "J'ai demandé « Ladder » à Tom V."
    assert chosen["facts"][0]["value"] == "28 novembre 2026"


async def test_what_nobody_has_is_told_once_somebody_does(talking: Talking) -> None:
    card = await says(talking, LEA, "Je peux emprunter une échelle samedi ?")
    assert card["title"] == "Personne ne prête encore « échelle » ici"
    noted = await presses(talking, LEA, card, "Me prévenir")
    assert noted["title"] == "Je vous préviens dès que quelqu'un prête « échelle »."
    await lent(talking)
    heard = await told(talking, LEA)
    assert heard["title"] == "James C. prête « Ladder »"
    assert (await presses(talking, LEA, heard, "Emprunter « Ladder »"))["title"] == "« Ladder » : de quand à quand ?"
    assert (await presses(talking, LEA, noted, "Ne plus me prévenir"))["title"].startswith("Ce n'est plus possible")


async def test_ones_own_thing(talking: Talking) -> None:
    await lent(talking)
    assert (await says(talking, JAMES, "Can I borrow a ladder on Saturday?"))[
        "title"
    ] == "“Ladder” is yours: no need to borrow it."


async def test_which_thing_is_asked_for(talking: Talking) -> None:
    await lent(talking)
    asked = await says(talking, LEA, "/borrow")
    assert asked["title"] == "Que souhaitez-vous emprunter ?"
    assert (await says(talking, LEA, "une échelle"))["title"] == "« Ladder » : de quand à quand ?"


async def test_what_there_is(talking: Talking) -> None:
    empty = await says(talking, LEA, "Qu'est-ce que je peux emprunter dans l'immeuble ?")
    assert labels(empty) == ["Prêter quelque chose à mes voisins"]
    await lent(talking)
    await says(talking, LEA, "Je prête ma perceuse")
    card = await says(talking, LEA, "Qu'est-ce que je peux emprunter dans l'immeuble ?")
    assert {fact["label"]: fact["value"] for fact in card["facts"]} == {
        "Perceuse": "c'est à vous",
        "Ladder": "James C., libre dès maintenant",
    }
    own = await presses(talking, LEA, card, "Modifier « Perceuse »")
    assert own["title"] == "Ce que vos voisins lisent de « Perceuse »"


async def test_days_that_are_taken_wait(talking: Talking) -> None:
    await lent(talking)
    await says(talking, TOM, "Kan ik de ladder lenen van 3 tot 5 december?")
    await presses(talking, JAMES, await told(talking, JAMES), "Yes, gladly")
    card = await says(talking, LEA, "Puis-je emprunter l'échelle le 4 décembre ?")
    assert card["title"] == "« Ladder » n'est pas libre ces jours-là"
    assert labels(card) == ["Demander : 6 décembre 2026", "Sur la liste d'attente"]
    assert (await presses(talking, LEA, card, "Sur la liste d'attente"))["title"].startswith("Vous êtes sur la liste")
    assert (await presses(talking, LEA, card, "Demander : 6 décembre 2026"))["title"].startswith("J'ai demandé")


async def test_other_days_are_suggested(talking: Talking) -> None:
    await lent(talking)
    await says(talking, TOM, "Mag ik zaterdag een ladder lenen?")
    asked = await presses(talking, JAMES, await told(talking, JAMES), "Other days")
    assert asked["title"] == "Which days do you suggest to Tom V. for “Ladder”?"
    assert (await says(talking, JAMES, "no idea"))["title"] == "I did not understand which days."
    await says(talking, JAMES, "from 1 to 3 December")
    suggested = await told(talking, TOM)
    agreed = await presses(talking, TOM, suggested, "Akkoord")
    assert agreed["title"] == "James Carter leent u “Ladder”"
    assert (await told(talking, JAMES))["title"] == "Agreed: you lend “Ladder” to Tom Vermeulen"


# ----------------------------------------------------------------------------------------------------- out, and back again


async def test_it_is_out_and_comes_back_with_a_photo(talking: Talking) -> None:
    mine = await out(talking)
    assert mine["title"] == "“Ladder” is bij u tot en met 22 november 2026"
    (noted,) = await sends(talking, TOM, "Ik heb de ladder teruggebracht", photo())
    assert noted["title"] == "De terugkeer van “Ladder” is genoteerd"
    claim, shown = await talking.told(JAMES)
    assert claim["title"] == "Tom V. says that “Ladder” was brought back"
    assert len(shown["attachments"]) == 1
    back = await presses(talking, JAMES, claim, "Yes, that is right")
    assert back["title"] == "“Ladder” is back. Thank you for lending it!"
    assert (await presses(talking, JAMES, claim, "No, not yet"))["title"].startswith(
        "“Ladder”: this request or loan is over"
    )
    assert (await presses(talking, TOM, mine, "Langer houden"))["title"].startswith(
        "“Ladder”: deze vraag of lening is voorbij"
    )


async def test_what_another_has_by_our_list_is_said_to_be_back_by_one_button(talking: Talking) -> None:
    await out(talking)
    talking.clock.now += timedelta(days=3)
    await says(talking, LEA, "Je peux emprunter une échelle demain ?")
    await presses(talking, JAMES, await told(talking, JAMES), "Yes, gladly")
    hers = await told(talking, LEA)
    talking.clock.now += timedelta(days=1)
    await presses(talking, LEA, hers, "Bien reçu")
    claim = await told(talking, JAMES)
    refused = await presses(talking, JAMES, claim, "Yes, that is right")
    assert refused["title"].startswith("It is still noted with somebody else")
    assert labels(refused) == ["“Ladder”, Tom V."]
    await presses(talking, JAMES, refused, "“Ladder”, Tom V.")
    returned = await told(talking, TOM)
    await presses(talking, TOM, returned, "Ja, dat klopt")
    assert (await presses(talking, JAMES, claim, "Yes, that is right"))["title"].startswith("“Ladder” is with Léa D.")


async def test_whoever_was_to_have_what_is_lost_is_told(talking: Talking, sample: Sample) -> None:
    await out(talking)
    await says(talking, LEA, "Je peux emprunter une échelle samedi ?")
    await presses(talking, JAMES, await told(talking, JAMES), "Yes, gladly")
    talking.clock.now += timedelta(days=3)
    del talking.console.shown[:]
    await due.do_all(talking.application.database)
    await talking.application.courier.drain()
    await presses(talking, JAMES, await told(talking, JAMES), "It is lost")
    off = await told(talking, LEA)
    assert off["title"] == "James C. ne peut finalement pas vous prêter « Ladder »"
    assert off["choices"] == []


async def test_a_photo_is_added_by_a_button(talking: Talking) -> None:
    mine = await out(talking)
    noted = await presses(talking, TOM, mine, "Teruggebracht")
    asked = await presses(talking, TOM, noted, "Een foto toevoegen")
    assert asked["title"] == "Stuur me de foto van “Ladder”."
    assert (await sends(talking, TOM, "", photo(content=b"nothing")))[0]["title"].startswith("Ik kan dit bestand niet")
    assert (await sends(talking, TOM, "", photo()))[0]["title"] == "Genoteerd, en James C. weet het"
    assert len((await told(talking, JAMES))["attachments"]) == 1


async def test_the_lender_says_that_it_is_back(talking: Talking) -> None:
    await out(talking)
    assert (await says(talking, JAMES, "the ladder was brought back"))["title"] == "The return of “Ladder” is noted"
    claim = await told(talking, TOM)
    assert (await presses(talking, TOM, claim, "Ja, dat klopt"))["title"].startswith("De teruggave van “Ladder”")


async def test_of_several_it_is_asked_which_one(talking: Talking) -> None:
    await out(talking)
    await lent(talking, JAMES, "drill")
    await says(talking, TOM, "Mag ik vandaag een boormachine lenen?")
    granted = await presses(talking, JAMES, await told(talking, JAMES), "Yes, gladly")
    his = await told(talking, TOM)
    await presses(talking, JAMES, granted, "Handed over")
    await presses(talking, TOM, his, "Ontvangen")
    card = await says(talking, TOM, "/return")
    assert sorted(labels(card)) == ["“Drill”, James C.", "“Ladder”, James C."]
    assert (await presses(talking, TOM, card, "“Drill”, James C."))["title"] == "De terugkeer van “Drill” is genoteerd"
    assert (await says(talking, TOM, "Ik heb de ladder teruggebracht"))[
        "title"
    ] == "De terugkeer van “Ladder” is genoteerd"


async def test_nothing_is_out(talking: Talking) -> None:
    assert (await says(talking, TOM, "Ik heb de ladder teruggebracht"))["title"] == "Ik vind niets dat nu uitgeleend is"


async def test_what_was_said_twice_is_said_once(talking: Talking) -> None:
    await out(talking)
    await says(talking, TOM, "Ik heb de ladder teruggebracht")
    again = await says(talking, TOM, "Ik heb de ladder teruggebracht")
    assert again["title"] == "U hebt het al gezegd; ik wacht op het andere antwoord."
    assert await talking.told(JAMES) == []


# ---------------------------------------------------------------------------------------------------------- who may what


async def test_a_button_is_nobody_elses(talking: Talking) -> None:
    await lent(talking)
    await says(talking, TOM, "Mag ik zaterdag een ladder lenen?")
    asked = await told(talking, JAMES)
    (card,) = await talking.press(LEA, asked, "Yes, gladly")
    assert "bouton" in card["title"].lower()
    assert await talking.told(TOM) == []


async def test_where_it_is_off_it_is_said_and_what_is_out_comes_back(talking: Talking, sample: Sample) -> None:
    mine = await out(talking)
    async with sample.database.work(sample.organisation) as uow:
        wish = Wish(Module("loans"), False, local_day(uow.now))
        await council.switch(uow, sample.known.building_id, wish, Actor(None, "Ann"))
        await uow.commit()
    for text in ("Mag ik zaterdag een ladder lenen?", "Ik leen mijn ladder uit", "Wat kan ik lenen in het gebouw?"):
        assert "staat in uw gebouw niet aan" in (await says(talking, TOM, text))["title"]
    assert labels(mine)[0] == "Teruggebracht"
    assert (await says(talking, TOM, "Ik heb de ladder teruggebracht"))[
        "title"
    ] == "De terugkeer van “Ladder” is genoteerd"


async def test_help_offers_it_among_neighbours(talking: Talking) -> None:
    card = await presses(talking, JAMES, await says(talking, JAMES, "what can you do?"), "Among neighbours")
    assert {"Borrow something from a neighbour", "Lend something to my neighbours"} <= set(labels(card))


async def test_the_clock_looks_after_loans() -> None:
    assert "loans" in dict(due.DUE)
