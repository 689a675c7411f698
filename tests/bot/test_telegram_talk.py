"""The whole way on Telegram, as `koprogo serve` wires it: an invitation, a question, a picture to pay with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession

from bot.understanding import Understanding
from core.kernel.i18n import Catalogues
from core.kernel.money import Money
from koprogo.application import Application
from koprogo.serve import PARTS, running
from koprogo.settings import Settings
from tests import oracle
from tests.bot.conftest import PATIENCE, answered, invited, rows
from tests.ground_floor import SAMPLE, Sample
from tests.koprogo.picture import read_qr
from tests.servers.telegram import BotApi
from tests.servers.telegram_people import Person
from tests.waiting import eventually

FILES = oracle.read(SAMPLE)
ACCOUNT = "BE68 5390 0754 7034"
SECRET = "a-secret-of-ours-for-tests"


@pytest.fixture(autouse=True)
def _understood(understanding: Understanding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded once for all tests."""
    monkeypatch.setattr(Application, "understanding", understanding)


def owed_today(person: str) -> oracle.Owed:
    now = datetime.now(UTC)
    return oracle.owed(FILES, person, *oracle.quarter_of(FILES, oracle.day_of(now)), now)


async def linked(application: Application, api: BotApi, sample: Sample, name: str, code: str, language: str) -> Person:
    person = api.person(name, language)
    person.starts(await invited(application.database, sample, code))
    await answered(person, 1)
    return person


async def test_from_the_invitation_to_the_payment(
    sample: Sample, settings: Settings, api: BotApi, catalogues: Catalogues
) -> None:
    async with running(settings, PARTS) as application:
        lea = await linked(application, api, sample, "Léa", "lea-dubois", "en")
        assert lea.last.words.startswith("Bienvenue, Léa Dubois !")
        assert "Résidence Les Tilleuls\u00a0: lots 3A, G3, C3" in lea.last.words
        assert "Français" in lea.last.words

        lea.says("combien je dois ce trimestre ?")
        owed = await answered(lea, 2)
        answer = owed_today("lea-dubois")
        amount = catalogues["fr"].written(Money(answer.to_pay))
        assert amount in owed.marked("bold")[0]
        assert owed.marked("bold")[1] == amount
        assert owed.marked("code")[0].replace("\u00a0", " ") == ACCOUNT
        communication = owed.marked("code")[1]
        assert owed.labels == ["D'où vient ce montant ?", "Payer"]

        tap = lea.presses(owed, "Payer")
        paying = await answered(lea, 3)
        assert tap
        assert paying.photo is not None
        assert amount in paying.words
        assert read_qr(paying.photo).splitlines() == [
            *("BCD", "002", "1", "SCT", "", "Résidence Les Tilleuls", ACCOUNT.replace(" ", "")),
            *("EUR{}.{:02}".format(*divmod(answer.to_pay, 100)), "", "", communication),
        ]
        await eventually(lambda: owed.labels == [], PATIENCE)
        assert owed.words.endswith("✓ Payer")
        assert amount in owed.words
        assert list(api.taps.values()) == [1]


async def test_each_reads_his_own_language_and_his_own_account(sample: Sample, settings: Settings, api: BotApi) -> None:
    asked = {
        "tom-vermeulen": ("nl", "wat moet ik dit kwartaal betalen?"),
        "anna-schmitz": ("de", "was muss ich dieses Quartal zahlen?"),
        "james-carter": ("en", "what do I owe this quarter?"),
    }
    async with running(settings, PARTS) as application:
        people = {
            code: await linked(application, api, sample, code, code, language) for code, (language, _) in asked.items()
        }
        for code, person in people.items():
            person.says(asked[code][1])
        for code, person in people.items():
            told = await answered(person, 2)
            words = application.catalogues[asked[code][0]]
            to_pay = owed_today(code).to_pay
            assert words.written(Money(abs(to_pay))) in told.words or to_pay == 0
            others = {abs(owed_today(other).to_pay) for other in people if other != code} - {abs(to_pay), 0}
            assert not any(words.written(Money(other)) in told.words for other in others)


async def test_a_stranger_is_welcomed_and_told_nothing(sample: Sample, settings: Settings, api: BotApi) -> None:
    async with running(settings, PARTS):
        stranger = api.person("Quelqu'un", "nl-BE")
        stranger.says("combien je dois ce trimestre ?")
        welcome = await answered(stranger, 1)
        assert "Tilleuls" not in welcome.words
        assert welcome.labels == ["Français", "Nederlands", "Deutsch", "English"]
        stranger.presses(welcome, "Deutsch")
        german = await answered(stranger, 2)
        assert german.words.startswith("Guten Tag!")
        stranger.starts("AAAAAAAAAA")
        wrong = await answered(stranger, 3)
        assert wrong.words.startswith("Dieser Code ist nicht gültig")
    assert await rows(sample, "SELECT 1 FROM directory WHERE channel = 'telegram'") == []


async def test_health_and_the_menu_while_it_runs(settings: Settings, api: BotApi, understanding: Understanding) -> None:
    async with running(settings, PARTS) as application, ClientSession() as browser:
        async with browser.get(f"http://127.0.0.1:{settings.http_port}/health") as response:
            assert response.status == 200
            health = await response.json()
        assert health["status"] == "ok"
        assert health["parts"]["telegram"] == health["parts"]["bot"] == health["parts"]["database"] == "running"
        await eventually(lambda: len(api.called("setMyCommands")) == 5, PATIENCE)
        assert sorted(application.channels) == ["letter", "telegram"]
    menus = {call.fields.get("language_code", ""): call.fields["commands"] for call in api.called("setMyCommands")}
    assert set(menus) == {"", "fr", "nl", "de", "en"}


async def test_by_webhook_with_the_secret(sample: Sample, settings: Settings, api: BotApi) -> None:
    hook = f"http://127.0.0.1:{settings.http_port}/from/telegram"
    called = replace(settings, telegram_webhook_url=hook, telegram_webhook_secret=SECRET)
    async with running(called, ("bot",)) as application, ClientSession() as anybody:
        await eventually(lambda: api.webhook.url == hook, PATIENCE)
        lea = await linked(application, api, sample, "Léa", "lea-dubois", "fr")
        forged = {
            "update_id": 1,
            "message": {"message_id": 9, "from": lea.user, "chat": lea.chat, "date": 1, "text": "/owe"},
        }
        for headers, status in (({}, 401), ({"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"}, 403)):
            async with anybody.post(hook, json=forged, headers=headers) as response:
                assert response.status == status
        lea.says("merci")
        assert (await answered(lea, 2)).words == "Avec plaisir !"
        assert set(api.webhook.answers) == {200}
        assert api.called("getUpdates") == []
    assert await rows(sample, "SELECT 1 FROM inbox WHERE ref = '1'") == []


async def test_what_arrived_while_nobody_was_there_is_answered_after_the_start(
    sample: Sample, settings: Settings, api: BotApi
) -> None:
    async with running(settings, PARTS) as application:
        lea = await linked(application, api, sample, "Léa", "lea-dubois", "fr")
    lea.says("merci")
    lea.says("combien je dois ?")
    async with running(settings, PARTS):
        owed = await answered(lea, 3)
    assert lea.messages[1].words == "Avec plaisir !"
    assert owed.words.startswith("À payer")
    assert [row["state"] for row in await rows(sample, "SELECT DISTINCT state FROM inbox")] == ["done"]


async def test_the_database_goes_away_in_the_middle(sample: Sample, settings: Settings, api: BotApi) -> None:
    """Whatever connection is cut when, the message is stored or comes again, and is answered once."""
    async with running(settings, ("bot",)) as application:
        lea = await linked(application, api, sample, "Léa", "lea-dubois", "fr")
        await rows(
            sample,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        lea.says("merci")
        assert (await answered(lea, 2)).words == "Avec plaisir !"
