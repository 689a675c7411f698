"""Talk about the notice board: what a note says, and what is asked, shown and refused on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.dialogues import notes
from bot.dialogues.notes import Heard
from channels.console import Shown
from core.buildings.model import Module
from core.community.notices import service
from core.community.notices.model import Kind
from core.messaging.channel import File
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.bot.conftest import rows
from tests.ground_floor import NOW, Sample
from tests.talking import Talking

TODAY = NOW.date()
JAMES, ANNA, LEA, TOM = (
    "james.carter@tilleuls.example",
    "anna.schmitz@tilleuls.example",
    "lea.dubois@tilleuls.example",
    "tom.vermeulen@tilleuls.example",
)
POST = "put a note on the board: "


# ----------------------------------------------------------------------------------------------------------- what it says


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "Neighbours' drink on Friday 4 December at 7 pm in the garden",
            Heard(Kind.EVENT, date(2026, 12, 4), time(19), "garden"),
        ),
        (
            "fr",
            "Fête de l'immeuble samedi à 18h30 dans la cour",
            Heard(Kind.EVENT, date(2026, 11, 28), time(18, 30), "cour"),
        ),
        (
            "nl",
            "Burenfeest op zaterdag 5 december om 19.30 uur in de tuin",
            Heard(Kind.EVENT, date(2026, 12, 5), time(19, 30), "tuin"),
        ),
        ("de", "Grillabend am Samstag um 7 Uhr abends im Hof", Heard(Kind.EVENT, date(2026, 11, 28), time(19), "Hof")),
        ("en", "concert tomorrow at noon", Heard(Kind.EVENT, date(2026, 11, 23), time(12))),
        ("nl", "Fête de l'immeuble le 12 décembre", Heard(Kind.EVENT, date(2026, 12, 12))),
        ("en", "sorry for the noise at our party", Heard()),
        ("en", "the barbecue yesterday was nice", Heard()),
        ("en", "party on 3 March 2024", Heard()),
        ("en", "festival tickets for 4 December", Heard()),
        ("fr", "covoiturage vers Namur le lundi", Heard(Kind.CARPOOL)),
        ("nl", "carpoolen naar Namen op maandag", Heard(Kind.CARPOOL)),
        ("de", "Fahrgemeinschaft nach Namur am Montag", Heard(Kind.CARPOOL)),
        ("fr", "qui peut garder mes enfants mercredi ?", Heard(Kind.CHILD_CARE)),
        ("nl", "kinderoppas gezocht", Heard(Kind.CHILD_CARE)),
        ("de", "Kinderbetreuung am Mittwoch gesucht", Heard(Kind.CHILD_CARE)),
        ("fr", "clés trouvées dans l'ascenseur", Heard(Kind.FOUND)),
        ("nl", "sleutels gevonden in de lift", Heard(Kind.FOUND)),
        ("de", "Schlüssel im Aufzug gefunden", Heard(Kind.FOUND)),
        ("en", "my cat is missing", Heard(Kind.FOUND)),
        ("en", "the water is cut on 4 December at 7 pm", Heard()),
        ("en", "", Heard()),
        ("en", "25:99 at 99 pm \u202e\x00 💥", Heard()),
    ],
)
def test_a_note_is_read(language: str, text: str, expected: Heard) -> None:
    assert notes.heard(text, language, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "slot", "said"),
    [
        ("put a note on the board: carpool\nto Namur", "carpool", "carpool\nto Namur"),
        ("Put this on the board:\nKeys found\nIn the lift", "", "Keys found\nIn the lift"),
        ("let the neighbours know that the door is broken", "", "the door is broken"),
        ("prévenez les voisins que la porte est cassée", "", "la porte est cassée"),
        ("laat de buren weten dat de deur stuk is", "", "de deur stuk is"),
        ("informiere alle Nachbarn, dass die Tür klemmt", "", "die Tür klemmt"),
        ("put a note on the board", "", ""),
        ("put a lost and found note on the board", "", ""),
        ("J’ai trouvé une clé dans le hall", "", "J’ai trouvé une clé dans le hall"),
        ("ik ben mijn sleutels kwijt", "", "ik ben mijn sleutels kwijt"),
        ("Ich habe meine Katze verloren", "", "Ich habe meine Katze verloren"),
        ("I found a wallet", "", "I found a wallet"),
    ],
)
def test_the_note_in_a_message(text: str, slot: str, said: str) -> None:
    assert notes.note_in(text, slot) == said


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("remove my note", True),
        ("verwijder mijn bericht", True),
        ("retirez mon annonce", True),
        ("nimm meinen Zettel ab", True),
        ("mes annonces", True),
        ("a message to my neighbours", False),
        ("put a note on the board", False),
        ("put up a note: take my old bike", False),
    ],
)
def test_whether_somebody_speaks_of_a_note_that_hangs(text: str, own: bool) -> None:
    assert notes.about_own(text) is own


# --------------------------------------------------------------------------------------------------------------- the talk


def choice(shown: list[Shown], label: str) -> str:
    return next(each.token for card in shown for each in card.card.choices if each.label.startswith(label))


async def press(talking: Talking, who: str, shown: list[Shown], label: str) -> list[Shown]:
    return await talking.shown(who, choice=choice(shown, label))


def title(shown: list[Shown]) -> str:
    (only,) = shown
    return only.card.title


def facts(shown: list[Shown]) -> dict[str, str]:
    return {fact.key or fact.label: fact.value for fact in shown[0].card.facts}


async def state(sample: Sample) -> list[str]:
    return [row["state"] for row in await rows(sample, "SELECT state FROM notices ORDER BY number")]


def file(content: bytes, media_type: str = "image/jpeg") -> File:
    async def read() -> bytes:
        return content

    return File("photo.jpg", media_type, len(content), read)


def photo(colour: str) -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x9286] = "taken at my home"
    Image.new("RGB", (60, 40), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_kind_time_and_titles_are_changed_by_buttons(talking: Talking, sample: Sample) -> None:
    up = await talking.shown(JAMES, POST + "Christmas drink in the hall")
    assert facts(up) == {"kind": "Announcement", "until": "22 December 2026"}
    asked = await press(talking, JAMES, await press(talking, JAMES, up, "Change the kind"), "Event")
    assert title(asked) == "On which day, and at what time?"
    assert title(await talking.shown(JAMES, "whenever")) == "I read no day in that."
    assert title(await talking.shown(JAMES, "3 March 2024")).startswith("3 March 2024 is over already")
    now = await talking.shown(JAMES, "18 December at 7 pm")
    assert facts(now) == {"kind": "Event", "when": "18 December 2026 at 19:00"}
    assert [each.name for each in now[0].files] == ["calendar.ics"]
    await press(talking, JAMES, now, "Say where")
    now = await talking.shown(JAMES, "in the hall, near the letter boxes")
    assert facts(now)["place"] == "in the hall, near the letter boxes"
    languages = await press(talking, JAMES, now, "Title and translations")
    await press(talking, JAMES, languages, "Add the title in French")
    assert title(await talking.shown(JAMES, "🎉")) == "Please say in a few words what it is."
    await talking.shown(JAMES, "Verre de Noël dans le hall")
    board = await talking.shown(LEA, "quoi de neuf au tableau ?")
    assert board[0].card.facts[0].label == "Verre de Noël dans le hall"
    board = await talking.shown(ANNA, "was hängt am schwarzen Brett?")
    assert board[0].card.facts[0].label == "Christmas drink in the hall (EN)"
    assert "Auf Englisch geschrieben." in (await press(talking, ANNA, board, "Christmas"))[0].card.body


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("1", "29 November 2026"),
        ("3", "20 February 2027"),
        ("15 December", "15 December 2026"),
        ("10 days", "2 December 2026"),
    ],
)
async def test_how_long_by_number_or_in_words(talking: Talking, said: str, until: str) -> None:
    up = await talking.shown(JAMES, POST + "carpool to Namur")
    await press(talking, JAMES, up, "Change how long")
    assert facts(await talking.shown(JAMES, said))["until"] == until


async def test_how_long_is_not_for_ever(talking: Talking) -> None:
    up = await talking.shown(JAMES, POST + "carpool to Namur")
    await press(talking, JAMES, up, "Change how long")
    assert title(await talking.shown(JAMES, "91")) == "A note stays up for 90 days at most."
    assert title(await talking.shown(JAMES, "for ever and ever, my friend")) == "I read no day in that."
    assert facts(await talking.shown(JAMES, "90"))["until"] == "20 February 2027"


async def test_a_photo_comes_along_and_says_nothing_of_its_camera(talking: Talking, sample: Sample) -> None:
    up = await talking.shown(JAMES, POST + "found: a red glove", files=(file(photo("red")),))
    assert [(each.name, each.media_type) for each in up[0].files] == [("photo-1.jpg", "image/jpeg")]
    assert b"taken at my home" not in await up[0].files[0].read()
    await press(talking, JAMES, up, "Add a photo")
    assert title(await talking.shown(JAMES, "it is red")) == "Send me the photo."
    wrong = await talking.shown(JAMES, files=(file(b"<html>no photo</html>"),))
    assert title(wrong).startswith("I cannot read this file as a photo")
    now = await talking.shown(JAMES, files=(file(photo("blue")), file(photo("green")), file(photo("white"))))
    assert len(now[0].files) == 3
    assert "Add a photo" not in [each.label for each in now[0].card.choices]
    late = await talking.shown(JAMES, choice=choice(up, "Add a photo"))
    assert title(late) == "Send me the photo."
    assert title(await talking.shown(JAMES, files=(file(photo("black")),))) == "3 photos at most for one note."
    assert len((await rows(sample, "SELECT photos FROM notices"))[0]["photos"]) == 3


async def test_what_is_asked_for_may_come_in_a_second_message(talking: Talking, sample: Sample) -> None:
    first = await talking.shown(JAMES, "put a note on the board", files=(file(photo("red")),))
    assert title(first) == "What should the note say?"
    assert title(await talking.shown(JAMES, "🎉🎉")) == "Please say in a few words what it is."
    assert title(await talking.shown(JAMES, "x" * 5000)) == "The text is too long: at most 2,000 characters."
    assert title(await talking.shown(JAMES, "what an asshole")).startswith("There is a word in your text")
    up = await talking.shown(JAMES, "Glove found\nIn the lift. <b>Red</b> https://kopro.example")
    assert title(up) == "It is up: Glove found"
    assert up[0].card.body == ("In the lift. <b>Red</b> https://kopro.example",)
    assert len(up[0].files) == 1


async def test_a_hundred_kilobytes_and_a_photo_that_is_none_are_refused(talking: Talking, sample: Sample) -> None:
    assert (
        title(await talking.shown(JAMES, POST + "word " * 20_000)) == "The text is too long: at most 2,000 characters."
    )
    await talking.shown(JAMES, "cancel")
    refused = await talking.shown(JAMES, POST + "a glove", files=(file(b"GIF89a"),))
    assert title(refused).startswith("I cannot read this file as a photo")
    assert await state(sample) == []


async def test_an_own_note_is_found_again_and_taken_down(talking: Talking, sample: Sample) -> None:
    assert title(await talking.shown(JAMES, "remove my note")) == "You have no note on the board."
    await talking.shown(JAMES, POST + "carpool to Namur")
    mine = await talking.shown(JAMES, "remove my note")
    one = await press(talking, JAMES, mine, "Carpool")
    assert title(await press(talking, JAMES, one, "Take it down")) == "It is down: Carpool to Namur"
    assert title(await press(talking, JAMES, one, "Take it down")).startswith("This note is no longer up")
    assert await state(sample) == ["withdrawn"]


async def test_undo_takes_down_what_was_put_up_last(talking: Talking, sample: Sample) -> None:
    await talking.shown(JAMES, POST + "carpool to Namur")
    await talking.shown(JAMES, POST + "carpool to Liège")
    assert title(await talking.shown(JAMES, "undo")) == "It is down: Carpool to Liège"
    assert sorted(await state(sample)) == ["shown", "withdrawn"]


async def test_five_at_a_time(talking: Talking) -> None:
    for number in range(7):
        await talking.shown(JAMES, f"{POST}carpool number {number}")
        talking.clock.now += timedelta(minutes=1)
    first = await talking.shown(ANNA, "was hängt am schwarzen Brett?")
    assert len(first[0].card.facts) == 5
    rest = await press(talking, ANNA, first, "Noch 2")
    assert [fact.label for fact in rest[0].card.facts] == ["Carpool number 1 (EN)", "Carpool number 0 (EN)"]


async def test_nobody_moderates_by_a_button_that_is_not_his(talking: Talking, sample: Sample) -> None:
    """Choices belong to whom they were offered; what they say is judged anew."""
    await talking.shown(JAMES, POST + "carpool to Namur")
    board = await talking.shown(LEA, "quoi de neuf au tableau ?")
    note = await press(talking, LEA, board, "Carpool")
    stolen = await talking.shown(ANNA, choice=choice(note, "La retirer"))
    assert title(stolen).startswith("Diese Schaltfläche") or stolen[0].card.facts == ()
    async with sample.database.work(sample.organisation) as uow:
        await uow.connection.exec_driver_sql("UPDATE residents SET roles = array_remove(roles, 'council')")
        await uow.commit()
    assert title(await press(talking, LEA, note, "Épingler")) == "C'est le conseil de copropriété qui en décide."
    assert title(await press(talking, LEA, note, "La retirer")) == "C'est le conseil de copropriété qui en décide."
    assert await state(sample) == ["shown"]


async def test_old_buttons_are_answered_kindly(talking: Talking, sample: Sample) -> None:
    await talking.shown(JAMES, POST + "carpool to Namur")
    board = await talking.shown(ANNA, "was hängt am schwarzen Brett?")
    note = await press(talking, ANNA, board, "Carpool")
    talking.clock.now += timedelta(days=60)
    await service.due(sample.database)
    for old, label in ((board, "Carpool"), (note, "James C."), (note, "Melden")):
        assert title(await press(talking, ANNA, old, label)) == "Dieser Aushang hängt nicht mehr am Schwarzen Brett."


async def test_a_report_in_words_or_by_number_and_only_once(talking: Talking, sample: Sample) -> None:
    await talking.shown(LEA, "bonjour")
    await talking.shown(JAMES, POST + "carpool to Namur")
    note = await press(talking, ANNA, await talking.shown(ANNA, "was hängt am schwarzen Brett?"), "Carpool")
    await press(talking, ANNA, note, "Melden")
    assert title(await talking.shown(ANNA, "2")).startswith("Danke, gemeldet")
    told = [each.card for each in talking.console.shown if each.to.handle == LEA]
    assert [fact.value for card in told for fact in card.facts if fact.key == "reason"] == ["Publicité"]
    await press(talking, ANNA, note, "Melden")
    assert title(await talking.shown(ANNA, "noch einmal")).startswith("Sie haben ihn schon gemeldet")


async def test_switched_off_in_between(talking: Talking, sample: Sample) -> None:
    up = await talking.shown(JAMES, POST + "carpool to Namur")
    board = await talking.shown(ANNA, "was hängt am schwarzen Brett?")
    asked = await talking.shown(TOM, "hang een bericht op het prikbord")
    assert title(asked) == "Wat moet er op het bericht staan?"
    async with sample.database.work(sample.organisation) as uow:
        wish = Wish(Module("notices"), False, TODAY)
        await council.switch(uow, sample.known.building_id, wish, Actor(None, "test"))
        await uow.commit()
    off = "„Schwarzes Brett“ ist in Ihrem Gebäude nicht eingeschaltet."
    assert title(await talking.shown(ANNA, "was hängt am schwarzen Brett?")) == off
    assert title(await press(talking, ANNA, board, "Carpool")) == off
    assert title(await talking.shown(TOM, "Sleutels gevonden")) == "“Prikbord” staat in uw gebouw niet aan."
    assert "not switched on" in title(await press(talking, JAMES, up, "Add a photo"))
    assert title(await press(talking, JAMES, up, "Take it down")) == "It is down: Carpool to Namur"


async def test_who_owns_nothing_there_any_more_has_no_board(talking: Talking) -> None:
    who = "werner.klein@tilleuls.example"
    assert "für alle, die im Gebäude wohnen" in title(await talking.shown(who, "was hängt am schwarzen Brett?"))


async def test_on_the_day_itself_an_event_can_still_be_put_up(talking: Talking) -> None:
    talking.clock.now = datetime(2026, 12, 4, 9, tzinfo=UTC)
    up = await talking.shown(JAMES, POST + "drink today at 7 pm")
    assert facts(up) == {"kind": "Event", "when": "4 December 2026 at 19:00"}


async def test_a_day_that_does_not_do_leaves_the_question_open(talking: Talking) -> None:
    (posted,) = await talking.say(JAMES, POST + "keys found in the lift")
    await talking.press(JAMES, posted, "Change how long")
    for wrong in ("91 days", "yesterday", "3 January 2020", "help with that"):
        await talking.say(JAMES, wrong)
    (card,) = await talking.say(JAMES, "15 December")
    assert [fact["value"] for fact in card["facts"]][1:] == ["15 December 2026"]


async def test_a_reason_of_a_few_words_is_no_cry_for_help(talking: Talking, sample: Sample) -> None:
    await talking.say(JAMES, POST + "keys found in the lift")
    (board,) = await talking.say(TOM, "wat hangt er op het prikbord?")
    (note,) = await talking.press(TOM, board, "Keys found in the lift")
    await talking.press(TOM, note, "Verwijderen")
    await talking.say(TOM, "dit hoort hier niet")
    (told,) = await talking.told(JAMES)
    assert "dit hoort hier niet" in told["text"]
