"""Groups: answered only when addressed, and nothing about anybody ever stands in one."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.console import Shown
from channels.shaping import plain
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.ids import new_code
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, File, Receipt, Room, Unreachable
from core.messaging.intent import INTENTS
from core.people import store as persons
from core.people.codes.model import ASKED_LASTS, TRIES
from core.people.groups import cards
from core.people.groups.model import Tie
from tests.bot.conftest import rows
from tests.bot.test_concierge import hears
from tests.bot.test_linking import code_on
from tests.bot.test_welcome import code_of
from tests.ground_floor import Sample
from tests.talking import Talking, at, room, seat

GROUP, OTHER = "telegram:-100200", "telegram:-100300"
LEA, TOM, ANNA, JAMES, YOUSSEF, NATHALIE = (f"telegram:{number}" for number in range(1, 7))
SEATS = {
    LEA: "lea-dubois",
    TOM: "tom-vermeulen",
    ANNA: "anna-schmitz",
    JAMES: "james-carter",
    YOUSSEF: "youssef-benali",
    NATHALIE: "nathalie-renard",
}
STRANGER = "telegram:99"
OWED = "combien je dois ?"


@pytest.fixture
async def neighbours(talking: Talking, sample: Sample) -> Talking:
    """Everybody on Telegram."""
    for handle, person in SEATS.items():
        await seat(sample, person, handle)
    return talking


async def code(talking: Talking, who: str = LEA) -> str:
    (card,) = await talking.say(who, "/group")
    return code_on(card)


@pytest.fixture
async def group(neighbours: Talking) -> Talking:
    """And a group that Léa has tied to the building."""
    (tied,) = await neighbours.shown(LEA, await code(neighbours), group=GROUP)
    assert tied.card.title == "Ce groupe est désormais relié à Résidence Les Tilleuls."
    assert [fact.value for fact in tied.card.facts] == ["Français", "Nederlands", "Deutsch", "English"]
    return neighbours


def in_group(shown: list[Shown]) -> list[str]:
    return [plain(each.card) for each in shown if isinstance(each.to, Room)]


def privately(shown: list[Shown]) -> list[Card[str]]:
    return [each.card for each in shown if isinstance(each.to, Address)]


async def secrets(sample: Sample) -> list[str]:
    """What must not be read in a group: names, lots, codes, e-mail addresses, telephone numbers and accounts of people."""
    people = await rows(sample, "SELECT name, email, phone, person FROM residents")
    lots = await rows(sample, "SELECT lot FROM lots WHERE lot ~ '[0-9]'")
    words = [part for row in people for value in row.values() for part in (value, *value.split()) if len(part) > 3]
    return [*words, *(row["lot"] for row in lots), "€", "BE68", "+++", "Renard"]


# Nothing about anybody


@pytest.mark.parametrize("intent", INTENTS)
async def test_no_message_to_a_group_says_anything_about_anybody(group: Talking, sample: Sample, intent: str) -> None:
    hears(group, intent, "charges.owed", "charges.pay", "human")
    told = []
    for who in (*SEATS, STRANGER):
        shown = await group.shown(who, "Léa Dubois lot 3A 740,40 € x y z", group=GROUP)
        assert len(in_group(shown)) == 1
        assert all(not each.card.choices and not each.files for each in shown if isinstance(each.to, Room))
        told += in_group(shown)
    for secret in await secrets(sample):
        assert not any(re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text) for text in told), secret


async def test_the_same_words_would_be_found_in_a_private_answer(group: Talking, sample: Sample) -> None:
    """The test above can fail: what goes to the person holds what it looks for."""
    (card,) = privately(await group.shown(LEA, OWED, group=GROUP))
    found = {secret for secret in await secrets(sample) if secret in plain(card)}
    assert {"€", "BE68", "+++"} <= found


@given(
    building=st.text(min_size=1, max_size=30).filter(str.isprintable),
    languages=st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True),
)
def test_what_is_said_in_a_group_is_made_of_the_building_and_its_languages(
    building: str, languages: list[str], catalogues: Catalogues
) -> None:
    """Every card that a group can be told, with nothing in it to fill but these."""
    tie = Tie(UUID(int=1), UUID(int=2), building, tuple(languages))
    said = [cards.joined(), cards.untied(), cards.wrong_code(), cards.help_here(), cards.written(), cards.privately()]
    for card in (*said, cards.tied(tie)):
        assert not card.choices
        assert not card.attachments
        for text in (card.title, *card.body):
            assert set(text.values.values()) <= {building}
        assert [fact.value.key for fact in card.facts] in ([], [f"language.{each}" for each in languages])


# To whom


async def test_the_answer_goes_to_whoever_asked(group: Talking) -> None:
    shown = await group.shown(JAMES, "what do I owe?", group=GROUP)
    (card,) = privately(shown)
    assert "2,527.10" in card.title
    assert [each.to for each in shown] == [at(JAMES), room(GROUP)], "first the answer, then the word of it"
    assert in_group(shown) == ["I have written to you."]


async def test_it_says_nothing_unless_it_is_addressed(group: Talking, sample: Sample) -> None:
    for who in (LEA, STRANGER):
        assert await group.shown(who, OWED, group=GROUP, addressed=False) == []
    kept = await rows(sample, "SELECT 1 FROM inbox WHERE content::text LIKE '%combien je dois%'")
    assert kept == [], "what neighbours say to one another is not kept"


async def test_help_is_answered_there(group: Talking) -> None:
    shown = await group.shown(TOM, "/help", group=GROUP)
    assert privately(shown) == []
    assert in_group(shown)[0].startswith("Vraag mij wat u over het gebouw wilt weten")


async def test_a_stranger_is_told_once_a_day(group: Talking) -> None:
    assert len(await group.shown(STRANGER, OWED, group=GROUP)) == 1
    assert await group.shown(STRANGER, OWED, group=GROUP) == []
    assert len(await group.shown("telegram:98", OWED, group=GROUP)) == 1
    group.clock.now = group.clock.now.replace(day=23)
    (again,) = await group.shown(STRANGER, OWED, group=GROUP)
    assert again.card.title.startswith("Écrivez-moi en privé")


async def test_who_has_no_place_in_the_building_is_a_stranger_there(group: Talking, sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        somebody = await persons.add_person(uow, "Somebody Else", "en")
        await persons.link(uow, at(STRANGER), somebody)
        await uow.commit()
    shown = await group.shown(STRANGER, "what do I owe?", group=GROUP)
    assert privately(shown) == []
    assert len(in_group(shown)) == 1


async def test_a_private_talk_goes_on_in_private(group: Talking) -> None:
    await group.say(NATHALIE, "bonjour")
    (asked,) = await group.say(LEA, "/human")
    assert "Écrivez maintenant votre message" in asked["text"]
    await group.shown(LEA, OWED, group=GROUP)
    (passed_on,) = await group.say(LEA, "Le robinet du local vélos goutte.")
    assert passed_on["title"].startswith("J'ai transmis votre message")


async def test_a_number_in_the_group_chooses_nothing(group: Talking) -> None:
    await group.say(LEA, OWED)
    (card,) = privately(await group.shown(LEA, "2", group=GROUP))
    assert card.title == "Je n'ai pas bien compris."
    (owed,) = await group.say(LEA, OWED)
    assert await group.shown(LEA, choice=owed["choices"][1]["token"], group=GROUP) == []


# Which building


async def test_an_untied_group_is_told_once_how_to_tie_it(neighbours: Talking) -> None:
    (hello,) = await neighbours.joins(LEA, GROUP)
    assert hello.card.title.startswith("Bonjour ! J'aide les gens d'un immeuble")
    assert "/group" in plain(hello.card)
    for who in (LEA, TOM, STRANGER):
        assert await neighbours.shown(who, OWED, group=GROUP) == []
    (other,) = await neighbours.shown(TOM, OWED, group=OTHER)
    assert "/group" in other.card.title
    assert await neighbours.shown(LEA, OWED, group=OTHER) == []


async def test_put_out_the_tie_ends(group: Talking, sample: Sample) -> None:
    await group.leaves(TOM, GROUP)
    (told,) = await group.joins(TOM, GROUP)
    assert told.to == room(GROUP)
    assert await group.shown(LEA, OWED, group=GROUP) == []
    (owed,) = await group.say(TOM, "hoeveel moet ik betalen?")
    assert owed["facts"], "who puts us out of a group has not left us himself"
    assert len(await rows(sample, "SELECT 1 FROM rooms WHERE left_at IS NOT NULL")) == 1


async def test_a_group_that_nothing_reaches_is_tied_no_more(
    group: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = group.application.channels["telegram"]
    send = wire.send

    async def closed(to: Any, card: Card[str], files: list[File], key: str, reply_to: str | None) -> Receipt:
        if isinstance(to, Room):
            raise Unreachable("kicked")
        return await send(to, card, files, key, reply_to)

    monkeypatch.setattr(wire, "send", closed)
    await group.shown(LEA, OWED, group=GROUP)
    assert await rows(sample, "SELECT 1 FROM rooms WHERE left_at IS NULL") == []
    assert len(await rows(sample, "SELECT 1 FROM directory WHERE channel = 'telegram' AND dead_at IS NULL")) == len(
        SEATS
    )


@pytest.mark.parametrize("who", [ANNA, JAMES, YOUSSEF])
async def test_only_the_council_and_the_syndic_are_given_a_code(neighbours: Talking, who: str) -> None:
    (card,) = await neighbours.say(who, "/group")
    assert card["facts"] == []
    assert not any("Tilleuls" in choice["label"] for choice in card["choices"])
    (settings,) = await neighbours.say(who, "/settings")
    assert not any("Tilleuls" in choice["label"] for choice in settings["choices"])


@pytest.mark.parametrize("who", [LEA, TOM, NATHALIE])
async def test_they_find_it_in_their_settings(neighbours: Talking, who: str) -> None:
    (settings,) = await neighbours.say(who, "/settings")
    label = next(choice["label"] for choice in settings["choices"] if "Tilleuls" in choice["label"])
    (card,) = await neighbours.press(who, settings, label)
    (tied,) = await neighbours.shown(who, code_on(card), group=OTHER)
    assert "Résidence Les Tilleuls" in tied.card.title


async def test_from_a_channel_without_groups_one_is_chosen(neighbours: Talking) -> None:
    (where,) = await neighbours.say("lea.dubois@tilleuls.example", "/group")
    assert [choice["label"] for choice in where["choices"]] == [
        "Relier un groupe à Résidence Les Tilleuls : Telegram",
        "Relier un groupe à Résidence Les Tilleuls : Matrix",
    ]
    (how,) = await neighbours.press("lea.dubois@tilleuls.example", where, where["choices"][0]["label"])
    (tied,) = await neighbours.shown(LEA, code_on(how), group=GROUP)
    assert "Tilleuls" in tied.card.title


async def test_a_code_is_of_use_to_nobody_else(neighbours: Talking, sample: Sample) -> None:
    secret = await code(neighbours)
    (refused,) = await neighbours.shown(TOM, secret, group=GROUP)
    assert refused.card.title == "Deze code is hier niet geldig. Vraag mij er apart een."
    (late,) = await neighbours.shown(LEA, secret, group=GROUP)
    assert late.card.title == "Ce code n'est pas valable ici. Demandez-m'en un en privé."
    assert await rows(sample, "SELECT 1 FROM rooms") == []


async def test_a_code_ends_after_a_quarter_of_an_hour(neighbours: Talking, sample: Sample) -> None:
    secret = await code(neighbours)
    neighbours.clock.now += ASKED_LASTS
    await neighbours.shown(LEA, secret, group=GROUP)
    assert await rows(sample, "SELECT 1 FROM rooms") == []


async def test_a_code_of_a_person_links_nobody_in_a_group(neighbours: Talking, sample: Sample) -> None:
    own = await code_of(sample, "sofie-desmet", "telegram")
    shown = await neighbours.shown(STRANGER, own, group=GROUP)
    assert privately(shown) == []
    assert not any("De Smet" in text for text in in_group(shown))
    await neighbours.shown(STRANGER, own)
    assert await rows(sample, "SELECT 1 FROM directory WHERE handle = '99'") == [], "all have read it"


async def test_guessing_ends_in_groups_too(neighbours: Talking, sample: Sample) -> None:
    secret = await code(neighbours)
    for _ in range(TRIES):
        await neighbours.shown(LEA, new_code(), group=GROUP)
    (card,) = await neighbours.shown(LEA, secret, group=GROUP)
    assert card.card.title.startswith("C'était un code faux de trop")
    assert await rows(sample, "SELECT 1 FROM rooms") == []


async def test_a_group_moves_to_another_building_only_by_a_code(group: Talking, sample: Sample) -> None:
    await group.shown(NATHALIE, await code(group, NATHALIE), group=GROUP)
    assert len(await rows(sample, "SELECT 1 FROM rooms")) == 2
    assert len(await rows(sample, "SELECT 1 FROM rooms WHERE left_at IS NULL")) == 1


async def test_an_answer_to_a_group_is_kept_as_one(group: Talking, sample: Sample) -> None:
    """What waits for a room is still for the room when another process sends it."""
    await group.shown(LEA, OWED, group=GROUP)
    await rows(sample, "UPDATE deliveries SET fate = 'waiting', lease_until = NULL WHERE room")
    del group.console.shown[:]
    await group.application.courier.drain()
    assert {each.to for each in group.console.shown} == {room(GROUP)}
    assert len(group.console.shown) == 2


async def test_each_says_it_in_the_language_of_whom_it_is_said_to(group: Talking, catalogues: Catalogues) -> None:
    for who, language in ((LEA, "fr"), (TOM, "nl"), (ANNA, "de"), (JAMES, "en")):
        (text,) = in_group(await group.shown(who, "/owe", group=GROUP))
        assert text == catalogues[language](say("group.written"))
