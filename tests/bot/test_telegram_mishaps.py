"""What may go wrong on Telegram, and that nothing is lost or told to the wrong one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.courier import Courier
from core.inbox import service as inbox
from core.messaging.channel import Address, Inbound
from core.outbox.model import LEASE, MAX_ATTEMPTS
from core.people import store as persons
from core.people.groups import service as groups
from tests.bot.conftest import PATIENCE, Desk, answered, rows
from tests.waiting import eventually


async def test_a_person_who_blocks_the_bot_is_told_nothing_more_there(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        desk.api.fail("sendMessage", 403, "Forbidden: bot was blocked by the user")
        lea.says("combien je dois ?")
        await eventually(lambda: desk.api.pending == [], PATIENCE)
        await eventually(lambda: len(desk.api.called("sendMessage")) == 2, PATIENCE)
    assert (await desk.fates())[-1] == ("failed", "unreachable: Forbidden: bot was blocked by the user", 1)
    assert await rows(desk.sample, "SELECT 1 FROM directory WHERE channel = 'telegram' AND dead_at IS NULL") == []
    assert len(lea.sent) == 1


async def test_a_block_is_honoured_and_after_it_she_is_a_stranger(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois", "fr")
        lea.blocks()
        await eventually(lambda: desk.api.pending == [], PATIENCE)
        lea.unblocks()
        lea.says("combien je dois ?")
        welcome = await answered(lea, 2)
    assert "Tilleuls" not in welcome.words
    assert welcome.labels == ["Français", "Nederlands", "Deutsch", "English"]


async def test_too_many_requests_are_obeyed_and_nothing_is_lost(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        desk.api.fail("sendMessage", 429, "Too Many Requests: retry after 30", retry_after=30)
        lea.says("merci")
        await eventually(lambda: len(desk.api.called("sendMessage")) == 2, PATIENCE)
        await eventually(lambda: desk.api.pending == [], PATIENCE)
    (_, held) = await desk.fates()
    assert held == ("waiting", "too many requests", 1)
    async with desk.telegram():  # a process started anew knows nothing of the wait; the row does
        assert await desk.application.courier.drain() == 0
        desk.talking.clock.now += timedelta(seconds=29)
        assert await desk.application.courier.drain() == 0
        desk.talking.clock.now += timedelta(seconds=2)
        assert await desk.application.courier.drain() == 1
        assert await desk.application.courier.drain() == 0
    assert lea.last.words == "Avec plaisir !"
    assert (await desk.fates())[-1] == ("sent", "", 2)


async def test_a_server_that_fails_is_tried_again_and_again_and_then_given_up(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        desk.api.fail("sendMessage", 502, "Bad Gateway", times=20)
        lea.says("merci")
        await eventually(lambda: len(desk.api.called("sendMessage")) == 2, PATIENCE)
        await eventually(lambda: desk.api.pending == [], PATIENCE)
    async with desk.telegram():
        tried = 1
        for _ in range(20):
            desk.talking.clock.now += timedelta(hours=1)
            tried += await desk.application.courier.drain()
    (_, fate) = await desk.fates()
    assert fate == ("failed", "worn_out", tried)
    assert tried == MAX_ATTEMPTS
    assert len(lea.sent) == 1


async def test_what_telegram_refuses_is_set_aside_with_its_reason(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        desk.api.fail("sendMessage", 400, "Bad Request: message is too strange")
        lea.says("merci")
        await eventually(lambda: desk.api.pending == [], PATIENCE)
        await eventually(lambda: len(desk.api.called("sendMessage")) == 2, PATIENCE)
        lea.says("bonjour")
        await answered(lea, 2)
    assert (await desk.fates())[1][0] == "failed"
    (aside,) = await rows(desk.sample, "SELECT reason, delivery_id FROM set_aside")
    assert aside["reason"].endswith("Message is too strange")
    assert aside["delivery_id"] is not None


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"nonsense": 1}},
        {"a_kind_of_tomorrow": {"id": 1}},
        {"message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}},
        {"callback_query": {"id": 7}},
        {"edited_message": []},
        {},
    ],
)
async def test_what_makes_no_sense_is_counted_and_ignored(desk: Desk, update: dict[str, object]) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        desk.api.raw(update)
        lea.says("merci")
        assert (await answered(lea, 2)).words == "Avec plaisir !"
        await eventually(lambda: desk.api.pending == [], PATIENCE)
    (counted,) = await rows(desk.sample, "SELECT kind, state FROM inbox WHERE kind NOT IN ('message')")
    assert (counted["kind"], counted["state"]) == ("ignored", "done")


async def test_the_same_update_twice_is_answered_once(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        update = lea.says("combien je dois ?")
        desk.api.repeat(update)
        await answered(lea, 2)
        lea.says("merci")
        assert (await answered(lea, 3)).words == "Avec plaisir !"
    assert len(await rows(desk.sample, "SELECT 1 FROM inbox WHERE ref = $1", str(update))) == 1


async def test_a_button_pressed_twice_is_a_question_asked_twice(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        lea.says("combien je dois ?")
        owed = await answered(lea, 2)
        data = owed.data("Payer")
        lea.presses_data(owed, data)
        await answered(lea, 3)
        lea.presses_data(owed, data)
        assert (await answered(lea, 4)).photo is not None
    assert set(desk.api.taps.values()) == {1}
    assert len(desk.api.taps) == 2


async def test_answers_come_in_the_order_of_the_questions(desk: Desk) -> None:
    async with desk.open():
        lea, tom = await desk.linked("Léa", "lea-dubois"), await desk.linked("Tom", "tom-vermeulen")
        for _ in range(6):
            lea.says("merci")
            tom.says("dank u")
            lea.says("comment payer ?")
        await answered(tom, 7)
        await answered(lea, 13)
    told = [message.words.split("\n")[0] for message in lea.messages[1:]]
    assert told == ["Avec plaisir !", "Voici comment payer 740,40\u00a0€"] * 6


async def test_a_crash_before_the_answer_is_given_loses_nothing(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
    lea.says("merci")

    async def store(inbound: Inbound) -> None:
        """As a process does that dies before it can answer."""
        await inbox.receive(desk.application.database, "telegram", inbound)

    async with desk.telegram() as channel:
        channel._receive = store
        await channel._ask(await channel._open())
    assert [row["state"] for row in await rows(desk.sample, "SELECT state FROM inbox ORDER BY 1")] == [
        "done",
        "waiting",
    ]
    async with desk.open():
        assert (await answered(lea, 2)).words == "Avec plaisir !"


async def test_a_crash_between_the_answer_and_its_sending_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        with monkeypatch.context() as dying:

            async def nothing(self: Courier, delivery: object) -> None:
                """The process is gone."""

            dying.setattr(Courier, "send", nothing)
            lea.says("merci")
            await eventually(lambda: desk.api.pending == [], PATIENCE)
            async with asyncio.timeout(PATIENCE):
                while (await desk.fates())[-1][0] != "sending":  # noqa: ASYNC110 - what is waited for tells nobody
                    await asyncio.sleep(0.02)
    async with desk.telegram():
        assert await desk.application.courier.drain() == 0, "it is still the other's"
        desk.talking.clock.now += LEASE + timedelta(seconds=1)
        assert await desk.application.courier.drain() == 1
    assert lea.last.words == "Avec plaisir !"
    assert (await desk.fates())[-1] == ("sent", "", 2)


async def test_money_is_never_told_to_a_group(desk: Desk) -> None:
    async with desk.open():
        lea, tom = await desk.linked("Léa", "lea-dubois"), desk.api.person("Tom")
        group = desk.api.group("Les Tilleuls")
        group.takes_bot_in(tom)
        # Two people are answered side by side: whoever is heard first is told how the group is tied, and nobody after him.
        await eventually(lambda: len(group.sent) == 1, PATIENCE)
        lea.says("@kopro_test_bot combien je dois ?", group=group)
        lea.says("bonjour")
        await answered(lea, 2)
        async with desk.sample.database.work(desk.sample.organisation) as uow:
            ((_, person_id),) = await persons.persons_at(uow, Address("telegram", str(lea.user["id"])))
            council = await persons.person(uow, person_id)
            place = (await desk.sample.places(uow))["lea-dubois"]
            assert council
            code = await groups.invite(uow, council, place, "telegram")
            await uow.commit()
        lea.says("combien je dois ?", group=group)
        lea.says(f"@kopro_test_bot {code}", group=group)
        lea.says("@kopro_test_bot combien je dois ?", group=group)
        owed = await answered(lea, 3)
        assert "740,40" in owed.words
        lea.says("/owe@kopro_test_bot", group=group)
        await answered(lea, 4)
        tom.says("@kopro_test_bot combien je dois ?", group=group)
        tom.says("@kopro_test_bot combien je dois ?", group=group)
        lea.says("merci")
        await answered(lea, 5)
        await eventually(lambda: desk.api.pending == [], PATIENCE)
        await eventually(lambda: len(group.sent) == 5, PATIENCE)
    said = [sent.words for sent in group.messages]
    assert [text.split("\n")[0] for text in said] == [
        "Dag! Ik help de mensen van een gebouw; hier antwoord ik alleen als men mij aanspreekt.",
        "Ce groupe est désormais relié à Résidence Les Tilleuls.",
        "Je vous ai écrit.",
        "Je vous ai écrit.",
        "Écrivez-moi en privé, s'il vous plaît : ici, je ne peux rien dire de personne.",
    ]
    assert not any("740" in text or "Dubois" in text for text in said)
    assert tom.sent == {}


async def test_who_puts_the_bot_out_of_a_group_has_not_left_it(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        group = desk.api.group("Les Tilleuls")
        group.takes_bot_in(lea)
        group.puts_bot_out(lea)
        lea.says("combien je dois ?")
        assert "740,40" in (await answered(lea, 2)).words


async def test_a_long_explanation_is_one_answer_in_several_messages(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        lea.says("explique-moi le détail de l'année 2026")
        await eventually(lambda: lea.last.labels == ["Payer"], PATIENCE)
    assert len(lea.sent) > 2
    assert all(message.labels == [] for message in lea.messages[1:-1])
    assert [fate for fate, *_ in await desk.fates()] == ["sent", "sent"]


async def test_the_code_of_one_is_no_use_to_another(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        used = (await rows(desk.sample, "SELECT count(*) AS n FROM link_codes WHERE used_at IS NOT NULL"))[0]["n"]
        assert used == 1
        lea.says("combien je dois ?")
        owed = await answered(lea, 2)
        thief = desk.api.person("Autre", "fr")
        thief.says("bonjour")
        await answered(thief, 1)
        thief.presses_data(owed, owed.data("Payer"))
        told = await answered(thief, 2)
    assert told.photo is None
    assert "740" not in told.words


async def test_a_message_of_many_signs_and_files(desk: Desk) -> None:
    async with desk.open():
        lea = await desk.linked("Léa", "lea-dubois")
        lea.says("x" * 4096)
        await answered(lea, 2)
        lea.sends_photo(b"\xff\xd8" + bytes(1000), caption="combien je dois ?")
        assert "740,40" in (await answered(lea, 3)).words
        lea.sends_document("facture.pdf", b"%PDF-1.7")
        kind = await answered(lea, 4)
        assert kind.labels
        lea.says("👍🏽")
        await answered(lea, 5)
