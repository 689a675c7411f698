"""What somebody is told, where and when; and that off means off, on every path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from bot.understanding.wishes import Heard, heard
from core.kernel.clock import BRUSSELS
from core.kernel.ids import new_id
from core.kernel.text import literal
from core.messaging.card import Card
from core.messaging.channel import Address, Departure, Gone, Message, Origin, Room, Trust
from core.messaging.kinds import ACCOUNT, ANSWER, KINDS, LEGAL
from core.messaging.preferences import QUIET_HOURS, Preferences, QuietHours, Rhythm
from core.people import service as people
from core.people import store as persons
from core.people.wishes import service as wishes
from tests.bot.conftest import rows
from tests.ground_floor import NOW, Sample
from tests.talking import Talking, at, seat

LEA, TELEGRAM, MATRIX = "lea.dubois@tilleuls.example", "telegram:4711", "matrix:@lea:home.example"
ON_FILE = Address("email", LEA)
TODAY = NOW.date()
STOPPABLE = {name for name, kind in KINDS.items() if kind.may_stop}


async def wanted(sample: Sample, code: str = "lea-dubois") -> Preferences:
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await persons.residents(uow, sample.known.building_id)}
        return await wishes.wishes(uow, listed[code])


async def tell_every_kind(sample: Sample, code: str = "lea-dubois") -> None:
    """Everything that there is to tell, as a use case tells it."""
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await persons.residents(uow, sample.known.building_id)}
        for kind in set(KINDS) - {ANSWER}:
            uow.tell(
                listed[code], Card(literal(kind)), kind, key=f"{kind}:{new_id()}", building=sample.known.building_id
            )
        await uow.commit()


async def arrived(talking: Talking) -> dict[str, set[str]]:
    """What arrives now, by address."""
    del talking.console.shown[:]
    await talking.application.courier.drain()
    found: dict[str, set[str]] = {}
    for shown in talking.console.shown:
        assert not isinstance(shown.to, Room)
        # What comes all at once is gathered on one card, a line each.
        lines = {line.removeprefix("• ") for line in (shown.card.title, *shown.card.body)}
        found.setdefault(shown.to.channel, set()).update(lines & set(KINDS))
    return found


def everything(found: dict[str, set[str]]) -> set[str]:
    return set().union(*found.values())


async def on_telegram(talking: Talking, sample: Sample) -> None:
    await seat(sample, "lea-dubois", TELEGRAM)
    await talking.say(TELEGRAM, "bonjour")


# ---------------------------------------------------------------------------------------------------- stop means stop


async def by_button(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(TELEGRAM, "/avis")
    await talking.press(TELEGRAM, card, "Tout arrêter")


async def by_command(talking: Talking, sample: Sample) -> None:
    await talking.say(TELEGRAM, "/stop")


async def by_word(talking: Talking, sample: Sample) -> None:
    await talking.say(TELEGRAM, "STOP")


async def in_words(talking: Talking, sample: Sample) -> None:
    await talking.say(TELEGRAM, "arrêtez de m'envoyer des notifs")


async def at_the_terminal(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "stop")


async def by_mail(talking: Talking, sample: Sample) -> None:
    origin = Origin(ON_FILE, trust=Trust.PASS)
    await talking.happens(Message(origin, new_id().hex, talking.clock(), "STOP"))


async def all_kinds_off(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(TELEGRAM, "/avis")
    (card,) = await talking.press(TELEGRAM, card, "Activer ou désactiver des sujets")
    while labels := [each["label"] for each in card["choices"] if each["label"].startswith("Désactiver")]:
        (card,) = await talking.press(TELEGRAM, card, labels[0])


@pytest.mark.parametrize(
    "stops",
    [by_button, by_command, by_word, in_words, at_the_terminal, by_mail, all_kinds_off],
    ids=lambda f: f.__name__,
)
async def test_stopped_nothing_comes_on_any_channel_but_what_must(talking: Talking, sample: Sample, stops: Any) -> None:
    await on_telegram(talking, sample)
    await talking.say(LEA, "bonjour")
    await tell_every_kind(sample)
    assert everything(await arrived(talking)) == set(KINDS) - {ANSWER}, "before"
    await stops(talking, sample)
    await tell_every_kind(sample)
    assert everything(await arrived(talking)) == {LEGAL, ACCOUNT}
    talking.clock.now += timedelta(days=8)
    assert await arrived(talking) == {}, "and nothing later"
    (owed,) = await talking.say(TELEGRAM, "combien je dois ?")
    assert owed["facts"], "whoever asks is answered"


@pytest.mark.parametrize("how", [Departure.UNSUBSCRIBED, Departure.STOP])
async def test_unsubscribed_at_an_address_nothing_comes_there(talking: Talking, sample: Sample, how: Departure) -> None:
    await on_telegram(talking, sample)
    await talking.happens(Gone(Origin(at(TELEGRAM)), new_id().hex, talking.clock(), how))
    await tell_every_kind(sample)
    assert (await arrived(talking)).get("telegram", set()) <= {LEGAL, ACCOUNT}
    (card,) = await talking.say(TELEGRAM, "/reprendre")
    assert card["title"] == "Me revoici : je vous écris de nouveau."
    await tell_every_kind(sample)
    assert (await arrived(talking))["telegram"] == set(KINDS) - {ANSWER}


async def test_blocked_nothing_comes_there_at_all(talking: Talking, sample: Sample) -> None:
    await on_telegram(talking, sample)
    await talking.happens(Gone(Origin(at(TELEGRAM)), new_id().hex, talking.clock(), Departure.BLOCKED))
    await tell_every_kind(sample)
    assert "telegram" not in await arrived(talking)


async def test_a_mail_that_only_says_its_sender_stops_nothing(talking: Talking, sample: Sample) -> None:
    origin = Origin(ON_FILE, trust=Trust.NONE)
    await talking.happens(Message(origin, new_id().hex, talking.clock(), "STOP"))
    assert (await wanted(sample)).stopped is False


async def test_stopped_and_started_again(talking: Talking, sample: Sample) -> None:
    await on_telegram(talking, sample)
    (card,) = await talking.say(TELEGRAM, "/stop")
    assert "avis légaux restent" in card["text"]
    assert "Ils vous parviennent par" in card["text"]
    await talking.press(TELEGRAM, card, "Recommencer")
    await tell_every_kind(sample)
    assert everything(await arrived(talking)) == set(KINDS) - {ANSWER}
    await talking.say(TELEGRAM, "/stop")
    await talking.say(TELEGRAM, "start")
    assert (await wanted(sample)).stopped is False


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("tom-vermeulen", "tom.vermeulen@tilleuls.example"),
        ("marguerite-lambert", "par lettre"),
    ],
)
async def test_what_remains_is_said_with_its_way(talking: Talking, sample: Sample, code: str, way: str) -> None:
    await seat(sample, code, TELEGRAM)
    await talking.say(TELEGRAM, "parlez-moi en français")
    (card,) = await talking.say(TELEGRAM, "/stop")
    assert way in card["text"]


# --------------------------------------------------------------------------------------------------------- quiet hours


async def test_in_quiet_hours_nothing_on_any_channel_and_everything_after(talking: Talking, sample: Sample) -> None:
    await on_telegram(talking, sample)
    await talking.say(LEA, "bonjour")
    await talking.say(TELEGRAM, "heures de silence 22:00-07:00")
    assert (await wanted(sample)).quiet == QuietHours(time(22), time(7))
    evening = datetime(2026, 11, 22, 22, tzinfo=BRUSSELS)
    for hours in range(9):
        talking.clock.now = evening + timedelta(hours=hours)
        await tell_every_kind(sample)
        assert await arrived(talking) == {}, talking.clock.now
    talking.clock.now = evening + timedelta(hours=8, minutes=59, seconds=59)
    assert await arrived(talking) == {}
    (owed,) = await talking.say(TELEGRAM, "combien je dois ?")
    assert owed["facts"], "whoever asks at night is answered at night"
    talking.clock.now = evening + timedelta(hours=9)
    assert everything(await arrived(talking)) == set(KINDS) - {ANSWER}
    assert await rows(sample, "SELECT 1 FROM deliveries WHERE fate <> 'sent'") == []


# --------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("language", "text", "channel", "expected"),
    [
        ("en", "only by e-mail, not after 8 pm", "email", Heard(only=True, begin=time(20))),
        ("fr", "seulement par e-mail, pas après 20h", "email", Heard(only=True, begin=time(20))),
        ("nl", "alleen per mail, niet na 20 uur", "email", Heard(only=True, begin=time(20))),
        ("de", "nur per E-Mail, nicht nach 20 Uhr", "email", Heard(only=True, begin=time(20))),
        ("fr", "Je ne veux être joint que par mail", "email", Heard(only=True)),
        ("en", "write me by telegram from now on", "telegram", Heard(only=True)),
        ("en", "no more e-mails", "email", Heard(without=True)),
        ("fr", "je ne veux plus de mails", "email", Heard(without=True)),
        ("nl", "geen mails meer", "email", Heard(without=True)),
        ("de", "keine mitteilungen mehr auf telegram", "telegram", Heard(without=True)),
        ("en", "quiet hours 22:00-07:00", None, Heard(begin=time(22), end=time(7))),
        ("en", "only write to me between 9 and 18", None, Heard(begin=time(18), end=time(9))),
        ("en", "don't contact me after 9", None, Heard(begin=time(21))),
        ("en", "quiet before 9", None, Heard(end=time(9))),
        ("nl", "van 22u tot 7u moet het stil zijn", None, Heard(begin=time(22), end=time(7))),
        ("en", "stop", None, Heard(stop=True)),
        ("de", "Stopp!", None, Heard(stop=True)),
        ("en", "/stop", None, Heard(stop=True)),
        ("fr", "ne m'écrivez plus", None, Heard(stop=True)),
        ("nl", "geen berichten meer", None, Heard(stop=True)),
        ("de", "keine nachrichten mehr", None, Heard(stop=True)),
        ("en", "stop all messages please", None, Heard(stop=True)),
        # not everything is to stop
        ("en", "stop sending me reminders", None, Heard()),
        ("nl", "'s zondags geen berichten aub", None, Heard()),
        ("fr", "trop de notifications", None, Heard()),
        ("en", "start again", None, Heard(again=True)),
        ("fr", "/reprendre", None, Heard(again=True)),
        ("de", "informieren sie mich wieder", None, Heard(again=True)),
        ("en", "too many pings, once a week would be plenty", None, Heard(rhythm="weekly")),
        ("fr", "un résumé une fois par semaine svp", None, Heard(rhythm="weekly")),
        ("nl", "dagelijks is genoeg", None, Heard(rhythm="daily")),
        ("de", "einmal pro woche reicht", None, Heard(rhythm="weekly")),
        ("en", "pause the messages until 3 December", None, Heard(away=date(2026, 12, 3))),
        ("fr", "pas de messages jusqu'au 5 août", None, Heard(away=date(2027, 8, 5))),
        ("en", "no pings next week", None, Heard(away=date(2026, 11, 29))),
        ("en", "/notifications", None, Heard()),
    ],
)
def test_what_is_heard(language: str, text: str, channel: str | None, expected: Heard) -> None:
    assert heard(text, language, channel, TODAY) == expected


async def test_in_words_two_things_at_once(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(LEA, "seulement par e-mail, pas après 20h")
    assert card["title"] == "C'est noté."
    found = await wanted(sample)
    assert (found.only, found.quiet) == ({"": frozenset({"email"})}, QuietHours(time(20), QUIET_HOURS.end))
    await talking.press(LEA, card, "Par n'importe quel canal")
    assert (await wanted(sample)).only == {}


async def test_a_channel_that_he_has_not_is_offered_to_be_linked(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(LEA, "écrivez-moi par telegram")
    assert card["title"] == "Je ne vous connais pas encore par ce canal : Telegram."
    assert (await wanted(sample)).only == {}
    (how,) = await talking.press(LEA, card, "Ajouter un canal : Telegram")
    assert "@tilleuls_bot" in how["text"]


async def test_without_a_channel_it_comes_by_the_others(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "bonjour")
    talking.clock.now += timedelta(minutes=1)
    await on_telegram(talking, sample)
    await talking.say(TELEGRAM, "plus de messages par telegram")
    await tell_every_kind(sample)
    found = await arrived(talking)
    assert found["console"] == STOPPABLE
    assert found["telegram"] <= {LEGAL, ACCOUNT}


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Un message par jour", {"rhythm": Rhythm.DAILY}),
        ("Un message par semaine", {"rhythm": Rhythm.WEEKLY}),
        ("Seulement par ce canal : Telegram", {"only": {"": frozenset({"telegram"})}}),
        ("Tout arrêter", {"stopped": True}),
    ],
)
async def test_by_buttons(talking: Talking, sample: Sample, label: str, expected: dict[str, Any]) -> None:
    await on_telegram(talking, sample)
    (card,) = await talking.say(TELEGRAM, "/avis")
    await talking.press(TELEGRAM, card, label)
    assert await wanted(sample) == Preferences(**expected)


async def test_a_holiday_and_the_way_back(talking: Talking, sample: Sample) -> None:
    await on_telegram(talking, sample)
    (card,) = await talking.say(TELEGRAM, "/avis")
    await talking.press(TELEGRAM, card, "Je m'absente")
    (again,) = await talking.say(TELEGRAM, "longtemps")
    assert "pas lu de jour" in again["text"]
    (card,) = await talking.say(TELEGRAM, "le 5 décembre")
    assert (await wanted(sample)).away == date(2026, 12, 5)
    await tell_every_kind(sample)
    assert everything(await arrived(talking)) == {LEGAL}
    talking.clock.now = datetime(2026, 12, 6, 8, tzinfo=BRUSSELS)
    assert everything(await arrived(talking)) == set(KINDS) - {ANSWER, LEGAL}
    (card,) = await talking.say(TELEGRAM, "pas de messages jusqu'au 20 décembre")
    await talking.press(TELEGRAM, card, "Je suis de retour")
    assert (await wanted(sample)).away is None


async def test_a_holiday_without_end_is_refused(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(LEA, "pas de messages jusqu'au 31 décembre 2028")
    assert card["title"].startswith("Un an d'absence")
    assert (await wanted(sample)).away is None


async def test_a_question_that_waits_can_be_left(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(LEA, "/avis")
    await talking.press(LEA, card, "Changer les heures calmes")
    (left,) = await talking.say(LEA, "laisse tomber")
    assert left["title"] == "Très bien, laissons cela."
    assert await wanted(sample) == Preferences()


# ------------------------------------------------------------------------------------------------------- legal notices


async def kept(sample: Sample) -> Sequence[dict[str, Any]]:
    return await rows(
        sample, "SELECT * FROM consents WHERE person = 'tom-vermeulen' AND channel = 'telegram' ORDER BY position"
    )


async def asked(talking: Talking, sample: Sample) -> dict[str, Any]:
    """Tom, who accepted his mail address already, is shown the text for Telegram."""
    await seat(sample, "tom-vermeulen", TELEGRAM)
    (card,) = await talking.say(TELEGRAM, "/meldingen")
    (card,) = await talking.press(TELEGRAM, card, "Wettelijke berichten: Résidence Les Tilleuls")
    assert await kept(sample) == []
    (card,) = await talking.press(TELEGRAM, card, "Ze ontvangen via Telegram")
    return card


async def test_a_channel_is_accepted_by_the_choice_below_the_text(talking: Talking, sample: Sample) -> None:
    card = await asked(talking, sample)
    text = card["text"].split("\n\n")[1]
    assert text.startswith("Ik, Tom Vermeulen, aanvaard individueel, uitdrukkelijk en schriftelijk")
    assert "Telegram 4711" in text
    assert await kept(sample) == []
    (done,) = await talking.press(TELEGRAM, card, "Ik aanvaard deze tekst")
    (row,) = await kept(sample)
    assert text in row["evidence"]
    (delivery,) = await rows(
        sample, "SELECT key FROM deliveries WHERE replace(delivery_id::text, '-', '') = $1", _named(row)
    )
    assert delivery["key"].startswith("answer:")
    await talking.press(TELEGRAM, done, "Ze niet meer ontvangen via Telegram")
    (row,) = await kept(sample)
    assert row["withdrawn_on"] == TODAY


def _named(row: dict[str, Any]) -> str:
    """The delivery that the evidence names."""
    return str(row["evidence"]).split('"delivery": "')[1][:32]


async def test_nobody_accepts_by_words_alone(talking: Talking, sample: Sample) -> None:
    await asked(talking, sample)
    await talking.say(TELEGRAM, "ja, ik aanvaard deze tekst")
    assert await kept(sample) == []


async def test_who_said_yes_to_a_text_that_has_changed_is_asked_anew(talking: Talking, sample: Sample) -> None:
    card = await asked(talking, sample)
    await talking.say(TELEGRAM, "spreek Frans met mij aub")
    (again,) = await talking.press(TELEGRAM, card, "Ik aanvaard deze tekst")
    assert again["title"] == "Acceptez-vous ce texte ?"
    assert await kept(sample) == []
    await talking.press(TELEGRAM, again, "J'accepte ce texte")
    assert len(await kept(sample)) == 1


@pytest.mark.parametrize(("token", "may"), [(False, False), (True, True)])
async def test_a_mail_accepts_only_by_the_reply_address(
    talking: Talking, sample: Sample, token: bool, may: bool
) -> None:
    """Olivier writes by mail, and took back what he had accepted."""
    mail = Address("email", "olivier.lambert@tilleuls.example")
    name = "olivier-lambert"

    async def mails(text: str, trust: Trust) -> None:
        (last,) = await rows(sample, "SELECT delivery_id FROM deliveries ORDER BY ordinal DESC LIMIT 1") or [None]
        key = last["delivery_id"].hex if last and trust is Trust.REPLY else None
        await talking.happens(Message(Origin(mail, trust=trust, token=key), new_id().hex, talking.clock(), text))

    await mails("/avis", Trust.PASS)
    for _ in range(3):
        shown = talking.console.shown[-1].card
        wanted_choice = next(
            place
            for place, choice in enumerate(shown.choices, 1)
            if choice.label.startswith(("Avis légaux", "Les recevoir", "J'accepte"))
        )
        await mails(str(wanted_choice), Trust.REPLY if token else Trust.PASS)
        if not token and talking.console.shown[-1].card.title == "Est-ce bien vous qui nous avez écrit ?":
            break
    found = await rows(sample, "SELECT 1 FROM consents WHERE person = $1 AND accepted_on = $2", name, TODAY)
    assert bool(found) is may


async def test_a_tenant_has_nothing_to_accept(talking: Talking, sample: Sample) -> None:
    places = {}
    async with sample.database.work(sample.organisation) as uow:
        places = await sample.places(uow)
    tenant = next(code for code, place in places.items() if place.rents_today and not place.owns)
    await seat(sample, tenant, TELEGRAM)
    (card,) = await talking.say(TELEGRAM, "/notifications")
    assert not any("Résidence" in choice["label"] for choice in card["choices"])
    (card,) = await talking.say(TELEGRAM, "/stop")
    assert "Résidence" not in card["text"]


async def test_starting_again_is_for_his_own_addresses(talking: Talking, sample: Sample) -> None:
    await seat(sample, "tom-vermeulen", MATRIX)
    async with sample.database.work() as uow:
        await people.stop(uow, at(MATRIX))
        await uow.commit()
    await talking.say(LEA, "/reprendre")
    (row,) = await rows(sample, "SELECT stopped_at FROM directory WHERE channel = 'matrix'")
    assert row["stopped_at"] is not None
