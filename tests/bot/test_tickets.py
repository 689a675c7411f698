"""Talk about what is broken: whatever comes in, on whichever button, by whomever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from core.kernel.ids import new_id
from core.messaging.channel import File
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from core.tickets.model import LONGEST_TEXT, MOST_A_DAY
from core.tickets.module import MODULE
from tests.bot.conftest import rows
from tests.ground_floor import Sample
from tests.talking import Card, Talking, token

ANNA, JAMES, YOUSSEF = (
    "anna.schmitz@tilleuls.example",
    "james.carter@tilleuls.example",
    "youssef.benali@tilleuls.example",
)
SYNDIC, WERNER = "nathalie.renard@renard-gestion.example", "werner.klein@tilleuls.example"
LIFT = "the lift is stuck again"


def picture() -> File:
    from io import BytesIO

    kept = BytesIO()
    Image.new("RGB", (40, 30), "red").save(kept, "JPEG")
    return file("lift.jpg", "image/jpeg", kept.getvalue())


def file(name: str, media_type: str, content: bytes) -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content), read)


async def made(sample: Sample) -> int:
    return int((await rows(sample, "SELECT count(*) AS n FROM tickets"))[0]["n"])


async def switched_off(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        wish = Wish(MODULE, on=False, decided_on=uow.now.date())
        await council.switch(uow, sample.known.building_id, wish, Actor(None, "test"))
        await uow.commit()


def labels(card: Card) -> list[str]:
    return [choice["label"] for choice in card["choices"]]


@pytest.mark.parametrize(
    ("thing", "asked"),
    [
        ("parking", "“parking”: what is wrong?"),
        ("ascenseur", "« ascenseur » : qu'est-ce qui ne va pas ?"),
        ("lift", "“lift”: wat is er mis?"),
        ("Aufzug", "„Aufzug“: Was stimmt nicht?"),
    ],
)
async def test_of_a_thing_alone_it_is_asked_what_is_wrong(
    talking: Talking, sample: Sample, thing: str, asked: str
) -> None:
    languages = {"parking": JAMES, "ascenseur": "lea.dubois@tilleuls.example", "Aufzug": ANNA}
    who = languages.get(thing, "tom.vermeulen@tilleuls.example")
    (card,) = await talking.say(who, thing)
    assert card["title"] == asked
    assert await made(sample) == 0
    (card,) = await talking.say(who, "smells of paint")
    assert await made(sample) == 1
    (kept,) = await rows(sample, "SELECT note FROM ticket_moves WHERE note <> ''")
    assert kept["note"] == f"{thing}: smells of paint"


async def test_a_question_is_asked_until_something_is_said(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(JAMES, "/report")
    assert card["title"] == "What is broken, and where?"
    for nothing in ("🔥😀", "...", "!!"):
        (card,) = await talking.say(JAMES, nothing)
        assert card["title"] == "I have not understood yet what is broken."
    assert await made(sample) == 0
    (card,) = await talking.say(JAMES, "the playground swing hangs down")
    assert card["title"].startswith("Passed on.")
    assert await made(sample) == 1


async def test_a_command_with_its_report(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(JAMES, "/report the lamp on the stairs is dead")
    assert card["title"] == "Passed on. Report no. 1: Electricity or lighting (stairs)"
    (row,) = await rows(sample, "SELECT note FROM ticket_moves")
    assert row["note"] == "the lamp on the stairs is dead"


async def test_the_offer_of_help_asks_first(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(JAMES, "help")
    (card,) = await talking.press(JAMES, card, "Among neighbours")
    (card,) = await talking.press(JAMES, card, "Report what is broken")
    assert card["title"] == "What is broken, and where?"
    (card,) = await talking.say(JAMES, "never mind")
    (card,) = await talking.say(JAMES, "what do I owe?")
    assert await made(sample) == 0


async def test_a_hundred_kilobytes_are_cut_and_said(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(JAMES, "the lift is stuck again " + "and again " * 10_000)
    assert "Your text was long: I have passed on its beginning." in card["body"]
    (row,) = await rows(sample, "SELECT note FROM ticket_moves")
    assert len(row["note"]) <= LONGEST_TEXT


async def test_anger_reaches_the_syndic_and_nobody_else(talking: Talking, sample: Sample) -> None:
    await talking.say(SYNDIC, "bonjour")
    await talking.say(YOUSSEF, "bonjour")
    await talking.say(JAMES, "the fucking lift is stuck again you bastards")
    (told,) = await talking.told(SYNDIC)
    assert "bastards" in told["text"]
    (card,) = await talking.say(YOUSSEF, "L'ascenseur est bloqué")
    assert "bastards" not in str(card)
    assert "James" not in str(card)


async def test_a_photo_comes_along_and_what_is_none_is_said(talking: Talking, sample: Sample) -> None:
    await talking.say(SYNDIC, "bonjour")
    shown = await talking.shown(JAMES, LIFT, files=(picture(),))
    assert len(shown) == 1
    told = [each for each in talking.console.shown if each.to.handle == SYNDIC]
    assert [each.files[0].media_type for each in told] == ["image/jpeg"]
    shown = await talking.shown(JAMES, "the roof leaks", files=(file("x.jpg", "image/jpeg", b"no picture at all"),))
    assert shown[0].card.title.startswith("Passed on.")
    assert len(shown) == 2, "the report is not lost for it"
    assert await made(sample) == 2


async def test_a_photo_alone_is_added(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(JAMES, LIFT)
    (card,) = await talking.press(JAMES, card, "Add a photo or a detail")
    shown = await talking.shown(JAMES, "", files=(file("x.pdf", "application/pdf", b"%PDF-"),))
    assert "what would you like to add" in shown[0].card.title, "a paper is no photo"
    shown = await talking.shown(JAMES, "", files=(picture(),))
    assert shown[0].card.title == "Added to report no. 1."
    assert len(await rows(sample, "SELECT 1 FROM ticket_photos")) == 1


async def test_the_same_is_joined_and_something_else_is_made_once(talking: Talking, sample: Sample) -> None:
    await talking.say(YOUSSEF, "L'ascenseur est bloqué")
    (card,) = await talking.say(JAMES, LIFT)
    assert labels(card) == ["It is the same", "It is something else"]
    other, same = token(card, "It is something else"), token(card, "It is the same")
    for _ in range(2):
        await talking.say(JAMES, choice=other)
    assert await made(sample) == 2
    for _ in range(2):
        (card,) = await talking.say(JAMES, choice=same)
    assert await made(sample) == 2
    assert len(await rows(sample, "SELECT 1 FROM ticket_followers")) == 3
    (row,) = await rows(sample, "SELECT note FROM ticket_moves WHERE move = 'same'")
    assert row["note"] == LIFT


async def test_an_emergency_is_never_refused(talking: Talking, sample: Sample) -> None:
    for _ in range(MOST_A_DAY):
        (card,) = await talking.say(JAMES, LIFT)
        if labels(card) != ["Add a photo or a detail"]:
            (card,) = await talking.press(JAMES, card, "It is something else")
    (card,) = await talking.say(JAMES, "there is a water leak")
    assert card["title"].startswith("You have made 20 reports today.")
    (card,) = await talking.say(JAMES, "I smell gas in the hallway")
    assert card["title"] == "Get out now, then call 112."
    assert [fact["value"] for fact in card["facts"]] == ["112", "+32 2 555 01 99", "+32 2 555 01 40"]
    assert "I could not alert anybody from here: please telephone yourself." in card["body"]
    assert await made(sample) == MOST_A_DAY


async def test_switched_off_the_numbers_are_given_and_nothing_is_made(talking: Talking, sample: Sample) -> None:
    await switched_off(sample)
    (card,) = await talking.say(JAMES, "fire on the third floor!")
    assert card["title"] == "Call 112 now."
    assert "+32 2 555 01 99" in card["text"]
    assert "I could not alert anybody" in card["text"]
    (card,) = await talking.say(JAMES, LIFT)
    assert "Defects and repairs" in card["title"]
    (card,) = await talking.say(JAMES, "what about the leak I reported?")
    assert "Defects and repairs" in card["title"]
    assert await made(sample) == 0


async def test_at_night_an_emergency_wakes_the_syndic_and_a_lamp_does_not(talking: Talking, sample: Sample) -> None:
    await talking.say(SYNDIC, "bonjour")
    talking.clock.now = talking.clock.now.replace(hour=1)
    await talking.say(JAMES, "the lamp on the stairs is dead")
    assert await talking.told(SYNDIC) == []
    await talking.say(JAMES, "I smell gas in the hallway")
    assert any("URGENT" in card["title"] for card in await talking.told(SYNDIC))


async def test_who_has_sold_is_given_the_numbers_and_no_ticket(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(WERNER, "es riecht nach Gas im Treppenhaus")
    assert "112" in card["title"]
    (card,) = await talking.say(WERNER, "der Aufzug steckt schon wieder fest")
    assert await made(sample) == 0


async def test_old_buttons_say_where_it_stands(talking: Talking, sample: Sample) -> None:
    await talking.say(SYNDIC, "bonjour")
    await talking.say(JAMES, LIFT)
    (new,) = await talking.told(SYNDIC)
    (card,) = await talking.press(SYNDIC, new, "C'est réparé")
    (solved,) = await talking.told(JAMES)
    talking.clock.now += timedelta(days=21)
    (card,) = await talking.press(SYNDIC, new, "J'ai bien vu")
    assert card["title"] == "Ce n'est plus possible : le signalement est réparé."
    (card,) = await talking.press(SYNDIC, new, "C'est réparé")
    assert card["title"] == "C'est déjà fait : le signalement est réparé."
    (card,) = await talking.press(SYNDIC, new, "Refuser…")
    assert card["title"] == "Ce n'est plus possible : le signalement est réparé."
    (card,) = await talking.press(JAMES, solved, "Yes, everything works")
    (card,) = await talking.press(JAMES, solved, "Yes, everything works")
    assert card["title"] == "That is done already: the report is closed."


async def test_what_was_asked_is_asked_again_until_it_can_be_used(talking: Talking, sample: Sample) -> None:
    await talking.say(SYNDIC, "bonjour")
    await talking.say(JAMES, LIFT)
    (new,) = await talking.told(SYNDIC)
    await talking.press(SYNDIC, new, "Refuser…")
    (card,) = await talking.say(SYNDIC, "??")
    assert card["title"] == "Dites en quelques mots pourquoi : qui l'a signalé le lira."
    await talking.press(SYNDIC, new, "Confier à…")
    (card,) = await talking.say(SYNDIC, "123")
    assert card["title"] == "Dites à qui : un nom ou un métier."
    (card,) = await talking.say(SYNDIC, "Duval, la semaine prochaine")
    assert ("Prévu le", "29 novembre 2026") in [(fact["label"], fact["value"]) for fact in card["facts"]]
    (card,) = await talking.told(JAMES)
    assert "Duval" in card["text"]


async def test_a_name_with_a_comma_stays_whole(talking: Talking, sample: Sample) -> None:
    await talking.say(SYNDIC, "bonjour")
    await talking.say(JAMES, LIFT)
    (new,) = await talking.told(SYNDIC)
    await talking.press(SYNDIC, new, "Confier à…")
    await talking.say(SYNDIC, "Duval, Frères et Fils")
    (row,) = await rows(sample, "SELECT assigned_to, planned_on FROM tickets")
    assert dict(row) == {"assigned_to": "Duval, Frères et Fils", "planned_on": None}


@pytest.mark.parametrize(
    "slots",
    [
        {"do": "solve"},
        {"do": "show", "ticket": "no identity"},
        {"do": "show", "ticket": "{ticket}"},
        {"do": "acknowledge", "ticket": "{ticket}"},
        {"do": "assign", "ticket": "{ticket}"},
        {"do": "confirm", "ticket": "{ticket}"},
        {"do": "close", "ticket": "{ticket}"},
        {"do": "merge", "ticket": "{ticket}"},
        {"do": "report", "ticket": "{ticket}"},
    ],
)
async def test_slots_are_never_trusted(talking: Talking, sample: Sample, slots: dict[str, Any]) -> None:
    """A neighbour who got hold of the syndic's button, or of one that never was."""
    from core.kernel.text import literal
    from core.messaging import card as cards
    from core.messaging.channel import Address
    from core.messaging.delivery import Reader
    from core.messaging.intent import Intent

    await talking.say(JAMES, LIFT)
    (row,) = await rows(sample, "SELECT ticket FROM tickets")
    before = await rows(sample, "SELECT * FROM tickets")
    await talking.say(ANNA, "hallo")
    slots = {name: str(value).replace("{ticket}", str(row["ticket"])) for name, value in slots.items()}
    (anna,) = await rows(sample, "SELECT person_id FROM persons WHERE name = 'Anna Schmitz'")
    async with sample.database.work(sample.organisation) as uow:
        forged = cards.Card(literal("?"), choices=(cards.Choice(Intent("tickets.status", slots), literal("!")),))
        uow.tell(Address("console", ANNA), forged, "answer", key=str(new_id()), reader=Reader(anna["person_id"], "de"))
        await uow.commit()
    (token_of,) = await rows(sample, "SELECT token FROM choices ORDER BY ctid DESC LIMIT 1")
    (card,) = await talking.say(ANNA, choice=token_of["token"])
    assert card["title"] in ("Diese Meldung finde ich nicht.", "Sie folgen zurzeit keiner Meldung.")
    assert await rows(sample, "SELECT * FROM tickets") == before


async def test_undo_takes_a_report_back(talking: Talking, sample: Sample) -> None:
    await talking.say(SYNDIC, "bonjour")
    await talking.say(JAMES, LIFT)
    (card,) = await talking.say(JAMES, "/undo")
    assert card["title"] == "Report no. 1 is withdrawn: Lift"
    (told,) = await talking.told(SYNDIC)
    assert told["title"] == "Signalement n° 1 retiré : Ascenseur"
    (card,) = await talking.say(JAMES, "what about the lift I reported?")
    assert card["title"] == "You follow no report about this: lift."


async def test_what_is_asked_about_is_found(talking: Talking, sample: Sample) -> None:
    await talking.say(JAMES, LIFT)
    await talking.say(JAMES, "/report the swing on the playground hangs down")
    (card,) = await talking.say(JAMES, "/status")
    assert len(card["choices"]) == 2
    (card,) = await talking.press(JAMES, card, "No. 1, Lift")
    assert LIFT in card["body"]
    (card,) = await talking.say(JAMES, "what about the lift I reported?")
    assert card["title"] == "No. 1, Lift"


async def test_a_day_is_nobody_to_whom_a_repair_is_given(talking: Talking, sample: Sample) -> None:
    await talking.say(JAMES, LIFT)
    (card,) = await talking.say(SYNDIC, "où en est l'ascenseur ?")
    await talking.press(SYNDIC, card, "Confier à…")
    for day in ("demain", "jeudi", "le 26 novembre"):
        (refused,) = await talking.say(SYNDIC, day)
        assert refused["title"] == "Dites à qui : un nom ou un métier."
        assert not await talking.told(JAMES)
    (done,) = await talking.say(SYNDIC, "Ascenseurs Duval, jeudi")
    assert [fact["value"] for fact in done["facts"]] == ["Ascenseurs Duval", "26 novembre 2026"]


@pytest.mark.parametrize(
    ("who", "asks", "same"),
    [
        (ANNA, "was ist mit dem Aufzug?", "Es ist dasselbe"),
        (YOUSSEF, "où en est l'ascenseur ?", "C'est la même chose"),
    ],
)
async def test_whoever_asks_about_what_another_reported_may_follow_it(
    who: str, asks: str, same: str, talking: Talking, sample: Sample
) -> None:
    await talking.say(JAMES, f"{LIFT}, I am James from 5B")
    (card,) = await talking.say(who, asks)
    assert "James" not in card["text"]
    assert labels(card)[0] == same
    (followed,) = await talking.press(who, card, same)
    assert "1" in followed["title"]
    (card,) = await talking.say(who, asks)
    assert card["title"].startswith(("Nr. 1, Aufzug", "N° 1, Ascenseur"))
    assert "James" not in card["text"]
    assert await made(sample) == 1
