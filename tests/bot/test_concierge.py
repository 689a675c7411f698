"""Who is answered what, whatever was said: choices, talks in progress, several organisations, and what goes wrong on our side."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import concierge
from bot.concierge import Concierge
from bot.dialogues.charges import Charges
from bot.dialogues.settings import Settings
from bot.registry import OFFERED
from bot.turn import PATIENCE, Step, Turn
from bot.understanding import Reading, Understanding
from core.buildings import store as buildings
from core.inbox import service as inbox
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.periods import CALENDAR_YEAR
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, Message, Origin, Room
from core.messaging.conversation import Conversation
from core.messaging.intent import INTENTS, Intent
from core.outbox import service as outbox
from core.people import service as people
from tests.bot.conftest import rows
from tests.ground_floor import SAMPLE, Sample
from tests.talking import Talking, cents, token

LEA, TOM, JAMES = (f"{name}@tilleuls.example" for name in ("lea.dubois", "tom.vermeulen", "james.carter"))


@dataclass
class Deaf:
    """An understanding that takes everything for one wish."""

    intent: str
    likely: tuple[str, ...] = ()

    def read(
        self, text: str, *, language: str | None, today: date, year_start: tuple[int, int] = CALENDAR_YEAR
    ) -> Reading:
        return Reading(Intent(self.intent), 100, language or "fr", self.likely)


def hears(talking: Talking, intent: str, *likely: str) -> None:
    talking.application.understanding = Deaf(intent, likely)  # type: ignore[assignment]


# What is said


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent != "none"])
async def test_every_intent_has_a_kind_answer_in_every_language(
    talking: Talking, catalogues: Catalogues, intent: str
) -> None:
    hears(talking, intent)
    for who in (LEA, TOM, "anna.schmitz@tilleuls.example", JAMES, "youssef.benali@tilleuls.example"):
        (shown,) = await talking.shown(who, "x y z")
        assert shown.card.title
        assert shown.card.title not in {words(say("bot.sorry")) for words in catalogues.values()}


@pytest.mark.parametrize(
    "likely", [(), ("thanks", "greet", "cancel", "undo"), ("charges.funds", "loans.borrow"), INTENTS]
)
async def test_what_is_not_understood_gets_three_choices_that_work(talking: Talking, likely: tuple[str, ...]) -> None:
    hears(talking, "none", *likely)
    (card,) = await talking.say(LEA, "x")
    assert card["title"] == "Je n'ai pas bien compris."
    assert len({choice["label"] for choice in card["choices"]}) == 3
    for choice in card["choices"]:
        (answer,) = await talking.say(LEA, choice=choice["token"])
        assert answer["title"] not in (card["title"], "Ce bouton n'est plus valable.")
    assert set(OFFERED) <= set(INTENTS)


# Choices


async def test_a_choice_still_means_what_it_says_three_weeks_later(talking: Talking) -> None:
    (owed,) = await talking.say(LEA, "combien je dois ?")
    for _ in range(3):
        talking.clock.now += timedelta(weeks=1)
        await talking.say(LEA, "merci")
    (explained,) = await talking.press(LEA, owed, "D'où vient ce montant ?")
    assert sum(fact["amount_cents"] for fact in explained["facts"] if fact["key"] == "to_pay") == 74040


async def test_a_number_is_a_choice_of_the_last_card_only(talking: Talking) -> None:
    (nothing,) = await talking.say(LEA, "2")
    assert nothing["title"] == "Je n'ai pas bien compris."
    await talking.say(LEA, "combien je dois ?")
    (pay,) = await talking.say(LEA, "2")
    assert pay["attachments"]
    (too_high,) = await talking.say(LEA, "2")
    assert too_high["title"] == "Je n'ai pas bien compris.", "the card to pay with has one choice"


async def test_numbers_of_two_people_are_not_mixed_up(talking: Talking) -> None:
    await talking.say(LEA, "combien je dois ?")
    await talking.say(JAMES, "hello")
    (pay,) = await talking.say(LEA, "2")
    assert cents(pay) == {"to_pay": 74040}


@pytest.mark.parametrize("thief", [JAMES, "nobody@elsewhere.example"])
async def test_the_choice_of_another_is_refused(talking: Talking, thief: str) -> None:
    (owed,) = await talking.say(LEA, "combien je dois ?")
    (told,) = await talking.say(thief, choice=token(owed, "Payer"))
    assert told["attachments"] == []
    assert "740" not in told["text"]
    (pay,) = await talking.press(LEA, owed, "Payer")
    assert pay["attachments"], "it is still hers"


@pytest.mark.parametrize("made_up", ["", "x", "' OR 1=1 --", "x" * 100_000, "\x00\ud800", "💶"])
async def test_an_unknown_choice_is_answered_kindly(talking: Talking, made_up: str) -> None:
    (card,) = await talking.say(LEA, choice=made_up)
    assert card["title"] in ("Ce bouton n'est plus valable.", "Je n'ai pas bien compris.")
    assert len(card["choices"]) == 3


# Talks in progress


async def wait(sample: Sample, who: str, dialogue: str, version: int, state: Mapping[str, Any]) -> None:
    async with sample.database.work(sample.organisation) as uow:
        talk = Conversation(Address("console", who), dialogue, state, uow.now + PATIENCE, version)
        await inbox.keep_talk(uow, talk)
        await uow.commit()


@pytest.mark.parametrize(("dialogue", "version"), [("human", 99), ("human", 0), ("a-dialogue-of-yesterday", 1)])
async def test_a_talk_of_another_version_ends_politely(
    talking: Talking, sample: Sample, dialogue: str, version: int
) -> None:
    await wait(sample, LEA, dialogue, version, {"anything": [1, 2]})
    (over,) = await talking.say(LEA, "le robinet goutte")
    assert over["title"].startswith("Reprenons depuis le début")
    assert len(over["choices"]) == 3
    (owed,) = await talking.say(LEA, "combien je dois ?")
    assert cents(owed)["to_pay"] == 74040


async def passing_on(talking: Talking) -> None:
    """Léa is asked for her message."""
    await talking.say("nathalie.renard@renard-gestion.example", "bonjour")
    (asked,) = await talking.say(LEA, "je veux parler à une personne")
    assert "Écrivez maintenant votre message" in asked["text"]


async def test_a_talk_is_forgotten_after_some_hours(talking: Talking) -> None:
    await passing_on(talking)
    talking.clock.now += PATIENCE + timedelta(seconds=1)
    (owed,) = await talking.say(LEA, "combien je dois ?")
    assert cents(owed)["to_pay"] == 74040


async def test_a_state_that_names_what_is_gone_asks_again(talking: Talking, sample: Sample) -> None:
    await passing_on(talking)
    await wait(sample, LEA, "human", 1, {"building": "a-building-that-was-sold"})
    (again,) = await talking.say(LEA, "le robinet goutte")
    assert "Écrivez maintenant votre message" in again["text"]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("/aide", "Voici ce que vous pouvez me demander."),
        ("aide", "Voici ce que vous pouvez me demander."),
        ("annuler", "Très bien, laissons cela."),
        ("/dois", "À payer : 740,40\u00a0€, pour le 30 novembre 2026"),
    ],
)
async def test_a_short_word_breaks_a_talk_off(talking: Talking, words: str, title: str) -> None:
    await passing_on(talking)
    (card,) = await talking.say(LEA, words)
    assert card["title"] == title
    (thanks,) = await talking.say(LEA, "merci")
    assert thanks["title"] == "Avec plaisir !"


async def test_a_sentence_does_not(talking: Talking) -> None:
    await passing_on(talking)
    (passed_on,) = await talking.say(LEA, "Pouvez-vous annuler le rendez-vous du chauffagiste de lundi ?")
    assert passed_on["title"].startswith("J'ai transmis votre message")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("combien je dois ?", "À payer : 740,40\u00a0€, pour le 30 novembre 2026"),
        ("combien je dois", "À payer : 740,40\u00a0€, pour le 30 novembre 2026"),
        ("au feu !", "Appelez le 112 tout de suite."),
    ],
)
async def test_a_question_is_no_answer_to_a_question(talking: Talking, words: str, title: str) -> None:
    (asked,) = await talking.say(LEA, "/preter")
    assert asked["title"] == "Que souhaitez-vous prêter ?"
    cards = await talking.say(LEA, words)
    assert cards[0]["title"] == title
    (thanks,) = await talking.say(LEA, "une échelle")
    assert "échelle" not in thanks["title"]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("ça sent le gaz", "Sortez tout de suite, puis appelez le 112."),
        ("il y a le feu à la cave", "Appelez le 112 tout de suite."),
        ("Exercice d'incendie mardi à 10 h", "C'est affiché : Exercice d'incendie mardi à 10 h"),
    ],
)
async def test_a_danger_is_no_note_for_the_board_unless_it_is_planned(talking: Talking, words: str, title: str) -> None:
    (asked,) = await talking.say(LEA, "Afficher une annonce")
    assert asked["title"] == "Que faut-il afficher ?"
    (card,) = await talking.say(LEA, words)
    assert card["title"] == title


@pytest.mark.parametrize(
    ("asks", "sentence", "title"),
    [
        ("/donner", "je donne une armoire", "C'est fait : « armoire » est proposé à vos voisins."),
        ("/preter", "je prête mon échelle", "Vos voisins peuvent maintenant emprunter « Échelle »"),
        ("je propose un service", "je propose des cours de guitare", "Votre offre est publiée : cours de guitare."),
        ("/donner", "armoire", "C'est fait : « armoire » est proposé à vos voisins."),
    ],
)
async def test_an_answer_may_be_a_whole_sentence(talking: Talking, asks: str, sentence: str, title: str) -> None:
    (asked,) = await talking.say(LEA, asks)
    assert asked["title"].endswith("?")
    (card,) = await talking.say(LEA, sentence)
    assert card["title"] == title


async def test_another_language_in_between_leaves_the_question_open(talking: Talking) -> None:
    await talking.say(LEA, "/preter")
    await talking.say(LEA, "/lang nl")
    (card,) = await talking.say(LEA, "ladder")
    assert card["title"] == "Uw buren kunnen nu “Ladder” lenen"


async def test_a_greeting_in_between_leaves_the_question_open(talking: Talking) -> None:
    await talking.say(LEA, "/preter")
    (greeted,) = await talking.say(LEA, "bonjour")
    assert "Bonjour" in greeted["title"]
    (put_up,) = await talking.say(LEA, "une échelle")
    assert "échelle" in put_up["title"]


@pytest.mark.parametrize("words", ["l'électricité", "Nederlands", "écrire les factures", "aide aux devoirs"])
async def test_what_sounds_like_a_wish_is_an_answer_where_one_is_asked_for(talking: Talking, words: str) -> None:
    await talking.say(LEA, "/mes_talents")
    (consent,) = await talking.say(LEA, words)
    assert words.split()[-1].removeprefix("l'") in str(consent)


async def test_whoever_cries_fire_to_a_person_gets_the_number_at_once(talking: Talking) -> None:
    await passing_on(talking)
    cards = await talking.say(LEA, "il y a le feu dans la cave !")
    assert "112" in str(cards[0])


async def test_a_button_pressed_meanwhile_ends_the_talk(talking: Talking) -> None:
    (owed,) = await talking.say(LEA, "combien je dois ?")
    await passing_on(talking)
    (pay,) = await talking.press(LEA, owed, "Payer")
    assert pay["attachments"]
    (thanks,) = await talking.say(LEA, "merci")
    assert thanks["title"] == "Avec plaisir !"


# What goes wrong on our side


async def test_what_fails_is_set_aside_with_an_apology(
    talking: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "-".join(("the", "words", "of", "a", "fault"))

    async def fails(self: Charges, turn: Turn, intent: Intent) -> Step:
        raise RuntimeError(secret, turn.waiting.text)

    with monkeypatch.context() as broken, caplog.at_level(logging.DEBUG):
        broken.setattr(Charges, "start", fails)
        (sorry,) = await talking.say(LEA, "combien je dois ?")
    assert sorry["title"] == "Excusez-moi, quelque chose n'a pas marché de mon côté."
    (kept,) = await rows(
        sample, "SELECT reference, reason, state, content FROM set_aside JOIN inbox USING (inbound_id)"
    )
    assert kept["reference"] in sorry["text"]
    assert (kept["reason"], kept["state"]) == ("RuntimeError", "set_aside")
    assert "combien je dois ?" in kept["content"]
    assert secret not in sorry["text"] + caplog.text
    assert "combien je dois" not in caplog.text
    assert kept["reference"] in caplog.text

    (again,) = await talking.say(LEA, "combien je dois ?")
    assert cents(again)["to_pay"] == 74040
    assert (await inbox.counts(sample.database))["set_aside"] == 1


async def test_books_that_do_not_add_up_are_not_explained(talking: Talking, sample: Sample) -> None:
    await rows(
        sample,
        "UPDATE ledger_lines l SET cents = l.cents + 1 FROM ledger_entries e WHERE e.number = l.entry"
        " AND l.person = 'lea-dubois' AND e.source LIKE '%A2026-15%'",
    )
    (owed,) = await talking.say(LEA, "combien je dois ?")
    assert cents(owed)["to_pay"] == 74041
    (explained,) = await talking.press(LEA, owed, "D'où vient ce montant ?")
    assert explained["title"].startswith("Excusez-moi")
    assert explained["facts"] == []


async def test_nothing_of_a_failed_turn_is_kept(
    talking: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = Settings.start

    async def changes_and_fails(self: Settings, turn: Turn, intent: Intent) -> Step:
        await started(self, turn, intent)
        raise ValueError

    monkeypatch.setattr(Settings, "start", changes_and_fails)
    (sorry,) = await talking.say(LEA, "parlez-moi anglais")
    assert sorry["title"].startswith("Excusez-moi")
    (language,) = await rows(sample, "SELECT language FROM persons WHERE name = 'Léa Dubois'")
    assert language["language"] == "fr"


async def test_a_message_of_a_group_that_is_not_for_us_is_not_answered(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "bonjour")
    address = Address("console", LEA)
    origin = Origin(address, room=Room("console", "the-stairs"), addressed=False)
    message = Message(origin, "r1", talking.clock(), "combien je dois ?")
    assert await inbox.receive(sample.database, "console", message) is None
    assert await Concierge(sample.database, talking.application.understanding).answer_next(address) is None
    (kept,) = await rows(sample, "SELECT content::text AS content FROM inbox WHERE ref = 'r1'")
    assert kept["content"] == '{"addressed": false}', "what neighbours say to one another is not kept"


# Several organisations at one address


@pytest.fixture
async def elsewhere(sample: Sample, tmp_path: Path) -> Sample:
    """The same people own a second building, which another syndic looks after."""
    folder = tmp_path / "second"
    shutil.copytree(SAMPLE, folder)
    text = (folder / "building.toml").read_text(encoding="utf-8")
    text = text.replace("Résidence Les Tilleuls", "Résidence Les Érables").replace('"tilleuls"', '"erables"')
    (folder / "building.toml").write_text(text, encoding="utf-8")
    with (folder / "payments.csv").open("a", encoding="utf-8") as payments:
        payments.write("2026-11-20,lea-dubois,700.00,+++000/0100/01003+++,bank\n")
    with Folder.open(folder) as opened:
        async with sample.database.work() as uow:
            await buildings.add_organisation(uow, "another syndic")
            await import_building(uow, read_building(opened), sample.shelf)
            await uow.commit()
    return sample


async def test_each_organisation_answers_for_itself(talking: Talking, elsewhere: Sample) -> None:
    cards = await talking.say(LEA, "combien je dois ?")
    by_name = {card["body"][0].split(",")[0]: card for card in cards}
    assert {name: cents(card)["to_pay"] for name, card in by_name.items()} == {
        "Résidence Les Tilleuls": 74040,
        "Résidence Les Érables": 4040,
    }
    (pay,) = await talking.press(LEA, by_name["Résidence Les Érables"], "Payer")
    assert cents(pay)["to_pay"] == 4040
    (pay,) = await talking.press(LEA, by_name["Résidence Les Tilleuls"], "Payer")
    assert cents(pay)["to_pay"] == 74040
    (unknown,) = await talking.say(LEA, choice="nobody-offered-that")
    assert unknown["title"] == "Ce bouton n'est plus valable."


async def test_one_building_where_a_caller_chose_it(talking: Talking, elsewhere: Sample) -> None:
    cards = await talking.say(LEA, "combien je dois ?", building="erables")
    assert [cents(card)["to_pay"] for card in cards if cents(card)] == [4040]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_language_that_one_chose_is_kept(
    talking: Talking, catalogues: Catalogues, understanding: Understanding, language: str
) -> None:
    (asked,) = await talking.say(LEA, "changer de langue")
    label = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}[language]
    (changed,) = await talking.press(LEA, asked, label)
    words = catalogues[language]
    assert changed["title"] == words(say("settings.language.changed"))
    (thanks,) = await talking.say(LEA, "merci")
    assert thanks["title"] == words(say("help.thanks"))


class Hasty:
    """Does half of what is asked for before it sees that it cannot be done."""

    name, version, module, intents, offers = "hasty", 1, "", ("thanks",), ()

    async def start(self, turn: Turn, intent: Intent) -> Step:
        await people.speak(turn.uow, turn.person, "de")
        turn.uow.tell(turn.person.person_id, Card(say("help.title")), "account", key="hasty")
        await turn.uow.flush()
        raise DomainError("community.no_name")


async def test_what_is_refused_in_the_middle_leaves_nothing(
    talking: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concierge, "BY_INTENT", {**concierge.BY_INTENT, "thanks": Hasty()})
    (card,) = await talking.say(LEA, "merci")
    assert card["title"] == "Dites en quelques mots ce que c'est, s'il vous plaît."
    (card,) = await talking.say(LEA, "aide")
    assert "Voici ce que" in card["text"], "she is spoken to in French still"
    async with sample.database.work(sample.organisation) as uow:
        assert [row.kind for row in await outbox.deliveries(uow)] == ["answer", "answer"]


@pytest.mark.parametrize("cry", ["au feu !", "il y a le feu au 3e étage", "brand op de derde verdieping", "Es brennt!"])
async def test_whoever_cries_fire_gets_the_number_at_once(talking: Talking, cry: str) -> None:
    cards = await talking.say(LEA, cry)
    assert "112" in cards[0]["text"].split("\n\n")[0] + cards[0]["text"].split("\n\n")[1]
