"""One person behind many addresses: linked by codes, confirmed on the first, unlinked by whoever it is, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.ways import NOWHERE
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.ids import new_code, new_id
from core.kernel.text import say
from core.messaging.channel import Message, Origin, Trust
from core.messaging.intent import Intent
from core.people.codes.model import ASKED_LASTS, TRIES
from core.people.model import YOUNG
from tests.bot.conftest import rows
from tests.bot.test_welcome import code_of, tells_nothing
from tests.ground_floor import Sample
from tests.talking import Card, Talking, at, seat

LEA, TOM, JAMES = (f"{name}@tilleuls.example" for name in ("lea.dubois", "tom.vermeulen", "james.carter"))
TELEGRAM, MATRIX, MAIL = "telegram:4711", "matrix:@lea:home.example", "email:lea@home.example"
WRONG, TOO_MANY = "Ce code n'est pas valable, ou il a déjà servi.", "C'était un code faux de trop."


def code_on(card: Card) -> str:
    return next(str(fact["value"]) for fact in card["facts"] if fact.get("key") == "code")


def labels(card: Card) -> list[str]:
    return [choice["label"] for choice in card["choices"]]


async def linked(talking: Talking, who: str = LEA, there: str = TELEGRAM) -> None:
    """Somebody asks for a code and sends it from another address."""
    channel = at(there).channel
    (how,) = await talking.say(who, f"/link {channel}")
    (welcome,) = await talking.say(there, code_on(how))
    assert welcome["title"].startswith(("Bienvenue", "Welkom", "Welcome"))


# How to link


@pytest.mark.parametrize(
    ("asked", "where", "link"),
    [
        ("telegram", "@tilleuls_bot", "https://t.me/tilleuls_bot?start={code}"),
        ("matrix", "@koprogo:tilleuls.example", "https://matrix.to/#/@koprogo:tilleuls.example"),
        ("email", "bonjour@tilleuls.example", None),
    ],
)
async def test_each_channel_says_how(talking: Talking, asked: str, where: str, link: str | None) -> None:
    (card,) = await talking.say(LEA, f"/link {asked}")
    assert where in card["body"][0]
    assert "15 minutes" in card["text"]
    links = [fact["value"] for fact in card["facts"] if fact.get("key") == "link"]
    assert links == ([link.format(code=code_on(card))] if link else [])


async def test_a_code_that_was_asked_for_ends_after_a_quarter_of_an_hour(talking: Talking) -> None:
    (card,) = await talking.say(LEA, "je veux aussi utiliser Telegram")
    talking.clock.now += ASKED_LASTS
    (late,) = await talking.say(TELEGRAM, code_on(card))
    tells_nothing(late)


@pytest.mark.parametrize("channel", ["letter", "matrix", "email"])
async def test_what_is_not_configured_is_not_offered(talking: Talking, channel: str) -> None:
    (card,) = await talking.say(LEA, f"/link {channel}")
    if channel == "letter":
        assert labels(card) == [f"Ajouter un canal : {each}" for each in ("Telegram", "Matrix", "e-mail")]
    talking.ways = NOWHERE
    (card,) = await talking.say(LEA, f"/link {channel}")
    assert card["title"].startswith("Ce canal n'est pas disponible ici")
    assert card["facts"] == []
    assert labels(card) == ["Parler à une personne", "Que puis-je demander ?"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_settings_name_every_address(talking: Talking, catalogues: Catalogues, language: str) -> None:
    await linked(talking)
    await talking.say(LEA, f"LANG {language}")
    talking.clock.now += timedelta(days=2)
    (card,) = await talking.say(TELEGRAM, "/settings")
    words = catalogues[language]
    assert card["title"] == words(say("settings.title"))
    facts = {fact["label"]: fact["value"] for fact in card["facts"]}
    assert facts["Telegram"] == words(say("settings.here"))
    assert "2026" in facts[f"{words(say('channel.console'))} {LEA}"]
    assert facts[f"{words(say('channel.email'))} {LEA}"] == words(say("settings.never_used"))


# Was it you?


async def test_a_second_channel_is_confirmed_on_the_first(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "bonjour")
    await talking.say(MATRIX, await code_of(sample, "lea-dubois", "matrix"))
    (told,) = await talking.told(LEA)
    assert "Matrix @lea:home.example" in told["title"]
    (undone,) = await talking.press(LEA, told, "Ce n'était pas moi")
    assert undone["title"] == "C'est fait : Matrix @lea:home.example ne mène plus à vous."
    (gone,) = await talking.told(MATRIX)
    tells_nothing(gone)
    (stranger,) = await talking.say(MATRIX, "combien je dois ?")
    tells_nothing(stranger)


async def test_that_was_not_me_ends_every_code_that_is_out(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "bonjour")
    spare = await code_of(sample, "lea-dubois", "telegram")
    await talking.say(MATRIX, await code_of(sample, "lea-dubois", "matrix"))
    (told,) = await talking.told(LEA)
    await talking.press(LEA, told, "Ce n'était pas moi")
    (card,) = await talking.say(TELEGRAM, spare)
    tells_nothing(card)
    await linked(talking)


async def test_pressed_twice_it_says_that_nothing_is_left_to_do(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "bonjour")
    await talking.say(MATRIX, await code_of(sample, "lea-dubois", "matrix"))
    (told,) = await talking.told(LEA)
    await talking.press(LEA, told, "Ce n'était pas moi")
    (again,) = await talking.press(LEA, told, "Ce n'était pas moi")
    assert again["title"].endswith("il n'y a rien à retirer.")


async def test_a_thief_is_not_asked_and_cannot_answer(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "bonjour")
    await talking.say(MATRIX, await code_of(sample, "lea-dubois", "matrix"))
    (told,) = await talking.told(LEA)
    assert all("moi" not in label for card in await talking.told(MATRIX) for label in labels(card))
    for thief in (JAMES, "telegram:999"):
        await talking.say(thief, choice=told["choices"][0]["token"])
        assert await rows(sample, "SELECT 1 FROM directory WHERE channel = 'matrix'")


async def test_a_thief_cannot_take_her_own_addresses_from_her(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "bonjour")
    talking.clock.now += timedelta(days=3)
    await talking.say(MATRIX, await code_of(sample, "lea-dubois", "matrix"))
    (settings,) = await talking.say(MATRIX, "/settings")
    (refused,) = await talking.press(MATRIX, settings, f"Retirer terminal {LEA}")
    assert refused["title"].endswith(f"je ne retire pas encore terminal {LEA}.")
    talking.clock.now += YOUNG
    (done,) = await talking.press(MATRIX, settings, f"Retirer terminal {LEA}")
    assert done["title"] == f"C'est fait : terminal {LEA} ne mène plus à vous."


# Unlink


async def test_unlinked_at_once_where_another_remains_and_linked_again(talking: Talking) -> None:
    await linked(talking)
    (settings,) = await talking.say(LEA, "/settings")
    (done,) = await talking.press(LEA, settings, "Retirer Telegram")
    assert done["title"] == "C'est fait : Telegram ne mène plus à vous."
    assert "nouveau code" in done["text"]
    (stranger,) = await talking.say(TELEGRAM, "combien je dois ?")
    tells_nothing(stranger)
    await linked(talking)


async def test_who_unlinks_the_address_he_writes_from_is_told_there_once(talking: Talking) -> None:
    await linked(talking)
    (settings,) = await talking.say(TELEGRAM, "/settings")
    (done,) = await talking.press(TELEGRAM, settings, "Retirer Telegram")
    assert done["title"] == "C'est fait : Telegram ne mène plus à vous."


async def test_the_last_is_unlinked_after_a_question(talking: Talking, sample: Sample) -> None:
    await seat(sample, "marguerite-lambert", TELEGRAM)
    (settings,) = await talking.say(TELEGRAM, "/settings")
    (asked,) = await talking.press(TELEGRAM, settings, "Retirer Telegram")
    assert "par lettre" in asked["text"]
    (kept,) = await talking.press(TELEGRAM, asked, "La garder")
    assert kept["title"] == "Très bien, laissons cela."
    (done,) = await talking.press(TELEGRAM, asked, "La retirer quand même")
    assert "invitation" in done["text"]
    assert await rows(sample, "SELECT 1 FROM directory WHERE channel = 'telegram'") == []


async def test_nobody_unlinks_what_is_not_his(
    talking: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if a choice named the address of somebody else."""
    from bot.concierge import Concierge

    await seat(sample, "tom-vermeulen", TELEGRAM)
    theirs = Intent("settings.link", {"channel": "telegram", "unlink": "4711", "sure": True})
    monkeypatch.setattr(Concierge, "_understood", lambda self, turn: (theirs, ()))
    (card,) = await talking.say(LEA, "x")
    assert card["title"] == "Telegram ne mène pas à vous : il n'y a rien à retirer."
    assert await rows(sample, "SELECT 1 FROM directory WHERE channel = 'telegram'")


# Nobody guesses


async def test_somebody_who_is_known_guesses_no_code_either(talking: Talking, sample: Sample) -> None:
    toms = await code_of(sample, "tom-vermeulen")
    for _ in range(TRIES):
        (card,) = await talking.say(LEA, new_code())
        assert card["title"] == WRONG
    (card,) = await talking.say(LEA, toms)
    assert card["title"].startswith(TOO_MANY)
    assert "Tom" not in card["text"]
    (owed,) = await talking.say(LEA, "combien je dois ?")
    assert owed["facts"], "she is still answered"
    assert await rows(sample, "SELECT 1 FROM link_codes WHERE used_at IS NOT NULL") == []


async def test_another_language_or_another_talk_gives_no_new_tries(talking: Talking, sample: Sample) -> None:
    code = await code_of(sample, "lea-dubois", "telegram")
    (hello,) = await talking.say(TELEGRAM, "bonjour")
    for number in range(TRIES):
        await talking.say(TELEGRAM, choice=hello["choices"][number % 4]["token"])
        await rows(sample, "DELETE FROM conversations")
        (card,) = await talking.say(TELEGRAM, new_code())
        tells_nothing(card)
    await rows(sample, "DELETE FROM conversations")
    (card,) = await talking.say(TELEGRAM, code)
    tells_nothing(card)
    assert await rows(sample, "SELECT 1 FROM directory WHERE channel = 'telegram'") == []


@pytest.mark.parametrize(("trust", "may"), [(Trust.FAIL, False), (Trust.NONE, False), (Trust.PASS, True)])
async def test_a_forged_mail_ties_nobodys_address_to_another(
    talking: Talking, sample: Sample, trust: Trust, may: bool
) -> None:
    """James has a good code of his own, and writes as if he were Léa: her address must not lead to him."""
    code = await code_of(sample, "james-carter", "email")
    message = Message(Origin(at(f"email:{LEA}"), trust=trust), new_id().hex, talking.clock(), code)
    await talking.happens(message)
    (row,) = await rows(
        sample,
        "SELECT p.name FROM directory d JOIN persons p USING (person_id) WHERE channel = 'email' AND handle = $1",
        LEA,
    )
    assert (row["name"] == "James Carter") is may
