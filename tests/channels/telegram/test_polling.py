"""What arrives by long polling: everything once, in order, stored before it is acknowledged."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from channels.telegram import TelegramSettings
from core.messaging.channel import (
    Address,
    ChannelError,
    Departure,
    Gone,
    Ignored,
    Joined,
    Message,
    Rejected,
    Room,
    Trust,
    TryLater,
)
from tests.channels.telegram.conftest import CARD, PNG, TOKENS, Skipped, World, closed
from tests.servers.telegram import BotApi
from tests.waiting import eventually


async def test_a_message_of_a_person(world: World) -> None:
    lea = world.api.person("Léa", "fr-BE")
    update = lea.says("combien je dois ce trimestre ?")
    async with world.listening():
        message = await world.inbox.message()
    assert message.text == "combien je dois ce trimestre ?"
    assert message.ref == str(update)
    assert message.origin.sender == Address("telegram", str(lea.id))
    assert message.origin.room is None
    assert message.origin.addressed
    assert message.origin.language == "fr"
    assert message.origin.trust is Trust.SURE
    assert message.at.tzinfo is UTC
    assert abs(datetime.now(UTC) - message.at) < timedelta(minutes=1)
    assert message.choice is message.start is message.in_reply_to is message.edits is None


async def test_an_update_is_acknowledged_when_it_is_stored_and_not_before(world: World) -> None:
    lea = world.api.person("Léa")
    update = lea.says("un")
    world.inbox.refusals = 1
    channel = world.channel()
    with pytest.raises(ConnectionError):
        await channel.run()
    assert world.api.pending == [update]
    assert world.notes.kept.get("offset") is None
    async with world.listening(channel):
        assert (await world.inbox.message()).text == "un"
        await eventually(lambda: world.api.pending == [])
    assert world.notes.kept["offset"] == str(update + 1)


async def test_what_was_stored_before_a_failure_does_not_come_again(world: World) -> None:
    lea = world.api.person("Léa")
    first, second = lea.says("un"), lea.says("deux")

    async def receive_first_only(inbound: object) -> None:
        if world.inbox.stored:
            raise ConnectionError("away")
        await world.inbox.receive(inbound)  # type: ignore[arg-type]

    channel = world.channel()
    channel._receive = receive_first_only
    with pytest.raises(ConnectionError):
        await channel.run()
    assert world.notes.kept["offset"] == str(first + 1)
    async with world.listening():
        await world.inbox.until(2)
    assert [one.ref for one in world.inbox.stored] == [str(first), str(second)]


async def test_a_restart_goes_on_after_the_last_one(world: World) -> None:
    lea = world.api.person("Léa")
    lea.says("un")
    async with world.listening():
        await world.inbox.until(1)
    lea.says("deux")
    async with world.listening():
        await world.inbox.until(2)
        await asyncio.sleep(0.05)
    assert [one.text for one in world.inbox.stored if isinstance(one, Message)] == ["un", "deux"]


async def test_order_is_kept(world: World) -> None:
    lea, tom = world.api.person("Léa"), world.api.person("Tom")
    for number in range(120):
        (lea if number % 3 else tom).says(str(number))
    async with world.listening():
        await world.inbox.until(120)
    assert [one.text for one in world.inbox.stored if isinstance(one, Message)] == [str(n) for n in range(120)]


async def test_an_update_that_is_sent_twice_has_one_reference(world: World) -> None:
    update = world.api.person("Léa").says("un")
    world.api.repeat(update)
    async with world.listening():
        assert {one.ref for one in await world.inbox.until(2)} == {str(update)}
        await eventually(lambda: world.api.pending == [])


async def test_numbers_that_start_again_lower_are_followed(world: World) -> None:
    lea = world.api.person("Léa")
    lea.says("before the silence")
    async with world.listening():
        await world.inbox.until(1)
        await eventually(lambda: world.api.pending == [])
        world.api.renumber(1_000)
        low = lea.says("a week later")
        await world.inbox.until(2)
        await eventually(lambda: world.notes.kept["offset"] == str(low + 1))
        await eventually(lambda: world.api.pending == [])
    assert len(world.inbox.stored) == 2


@pytest.mark.parametrize(
    ("update", "why"),
    [
        ({"message_reaction": {"chat": {"id": 1}, "message_id": 3}}, "unknown_kind"),
        ({"business_connection": {}}, "unknown_kind"),
        ({"a_kind_of_tomorrow": {"id": 1}}, "unknown_kind"),
        ({}, "unknown_kind"),
        ({"message": {"nonsense": 1}}, "malformed"),
        ({"message": "text"}, "malformed"),
        ({"message": []}, "malformed"),
        ({"message": {"message_id": 1, "date": "yesterday", "chat": {"id": 1, "type": "private"}}}, "malformed"),
        ({"message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}}, "no_person"),
        ({"callback_query": {"id": 7}}, "malformed"),
        ({"callback_query": {"id": "7", "from": {"id": "x", "is_bot": False, "first_name": "x"}}}, "malformed"),
        ({"my_chat_member": None}, "unknown_kind"),
    ],
)
async def test_what_makes_no_sense_is_counted_and_acknowledged(
    world: World, update: dict[str, object], why: str
) -> None:
    number = world.api.raw(update)
    good = world.api.person("Léa").says("after it")
    async with world.listening():
        bad, fine = await world.inbox.until(2)
        await eventually(lambda: world.api.pending == [])
    assert isinstance(bad, Ignored)
    assert (bad.ref, bad.why) == (str(number), why)
    assert fine.ref == str(good)


async def test_an_update_without_a_number_does_not_make_us_ask_without_end(world: World) -> None:
    world.api.raw({"message": {}}, numbered=False)
    channel = world.channel()
    with pytest.raises(TryLater, match="without a number"):
        await channel.run()
    assert await world.inbox.ignored() == "malformed"
    await closed(channel)


async def test_only_what_means_something_is_asked_for(world: World) -> None:
    async with world.listening():
        await eventually(lambda: bool(world.api.called("getUpdates")))
    assert world.api.allowed == {"message", "edited_message", "callback_query", "my_chat_member"}


async def test_a_deep_link(world: World) -> None:
    lea = world.api.person("Léa")
    lea.starts("K7FQ29HX")
    lea.starts()
    lea.says("/start with words")
    async with world.listening():
        await world.inbox.until(3)
    starts = [(one.start, one.text) for one in world.inbox.stored if isinstance(one, Message)]
    assert starts == [("K7FQ29HX", "/start K7FQ29HX"), (None, "/start"), (None, "/start with words")]


async def test_a_tap_is_answered_at_once_even_when_it_cannot_be_stored(world: World) -> None:
    lea = world.api.person("Léa", "fr")
    lea.starts()
    channel = world.channel()
    async with world.listening(channel):
        await world.inbox.until(1)
        await channel.send(Address("telegram", str(lea.id)), CARD, (), "k1", None)
    world.inbox.stored.clear()
    lea.presses(lea.last, "Expliquer")
    world.inbox.refusals = 1
    running = asyncio.create_task(channel.run())
    await eventually(lambda: list(world.api.taps.values()) == [1])
    with pytest.raises(ConnectionError):
        await running
    assert world.inbox.stored == []
    async with world.listening(channel):
        message = await world.inbox.message()
    assert message.choice == TOKENS["Expliquer"]
    assert message.in_reply_to == str(lea.last.id)
    assert message.text == ""
    assert message.origin.sender.handle == str(lea.id)


async def test_a_tap_that_cannot_be_answered_is_a_tap_all_the_same(world: World) -> None:
    lea = world.api.person("Léa")
    lea.starts()
    async with world.listening() as channel:
        await channel.send(Address("telegram", str(lea.id)), CARD, (), "k1", None)
        world.api.fail("answerCallbackQuery", 400, "Bad Request: query is too old")
        lea.presses_data(lea.last, "nobody knows this")
        world.api.drop("answerCallbackQuery")
        lea.presses(lea.last, "Payer")
        *_, unknown, known = await world.inbox.until(3)
        assert isinstance(unknown, Message)
        assert isinstance(known, Message)
        assert (unknown.choice, known.choice) == ("nobody knows this", TOKENS["Payer"])


async def test_an_edit_names_what_it_changes(world: World) -> None:
    lea = world.api.person("Léa")
    first = lea.says("combien je dos")
    second = lea.edits(lea.said, "combien je dois")
    async with world.listening():
        said, edited = await world.inbox.until(2)
    assert isinstance(said, Message)
    assert isinstance(edited, Message)
    assert (said.edits, edited.edits) == (None, str(lea.said))
    assert (said.ref, edited.ref) == (str(first), str(second))
    assert edited.text == "combien je dois"


async def test_blocking_and_coming_back(world: World) -> None:
    lea = world.api.person("Léa")
    lea.blocks()
    lea.unblocks()
    async with world.listening():
        gone, back = await world.inbox.until(2)
    assert isinstance(gone, Gone)
    assert gone.how is Departure.BLOCKED
    assert gone.origin.sender == Address("telegram", str(lea.id))
    assert isinstance(back, Ignored)
    assert back.why == "unblocked"


async def test_taken_into_a_group_and_put_out(world: World) -> None:
    lea, group = world.api.person("Léa"), world.api.group("Résidence")
    group.takes_bot_in(lea)
    group.puts_bot_out(lea)
    async with world.listening():
        joined, gone = await world.inbox.until(2)
    assert isinstance(joined, Joined)
    assert joined.origin.room == Room("telegram", str(group.id))
    assert isinstance(gone, Gone)
    assert gone.how is Departure.LEFT
    assert gone.origin.room == Room("telegram", str(group.id))
    assert gone.origin.sender == Address("telegram", str(lea.id))


@pytest.mark.parametrize(
    ("said", "text", "addressed"),
    [
        ("bonjour tout le monde", "bonjour tout le monde", False),
        ("@kopro_test_bot combien je dois ?", "combien je dois ?", True),
        ("combien, @Kopro_Test_Bot ?", "combien, ?", True),
        ("@kopro_test_bot2 hello", "@kopro_test_bot2 hello", False),
        ("/help", "/help", True),
        ("/help@kopro_test_bot now", "/help now", True),
        ("/help@other_bot", "/help@other_bot", False),
        ("écris à @lea", "écris à @lea", False),
    ],
)
async def test_in_a_group_we_are_meant_by_name_command_or_answer(
    world: World, said: str, text: str, addressed: bool
) -> None:
    lea, group = world.api.person("Léa"), world.api.group("Résidence")
    lea.says(said, group)
    async with world.listening():
        message = await world.inbox.message()
    assert message.origin.room == Room("telegram", str(group.id))
    assert message.origin.sender == Address("telegram", str(lea.id))
    assert (message.text, message.origin.addressed) == (text, addressed)


async def test_an_answer_to_us_in_a_group_is_for_us(world: World) -> None:
    lea, group = world.api.person("Léa"), world.api.group("Résidence")
    group.takes_bot_in(lea)
    async with world.listening() as channel:
        await world.inbox.until(1)
        await channel.send(Room("telegram", str(group.id)), CARD, (), "k1", None)
        lea.says("et moi ?", group, reply_to=group.last)
        lea.says("et lui ?", group, reply_to=4711)
        _, ours, other = await world.inbox.until(3)
    assert isinstance(ours, Message)
    assert isinstance(other, Message)
    assert (ours.origin.addressed, ours.in_reply_to) == (True, str(group.last.id))
    assert (other.origin.addressed, other.in_reply_to) == (False, "4711")


async def test_other_bots_are_ignored(world: World) -> None:
    world.api.person("Spammer", bot=True).says("buy")
    async with world.listening():
        assert await world.inbox.ignored() == "bot"


async def test_files_are_read_when_they_are_wanted(world: World) -> None:
    lea = world.api.person("Léa")
    lea.sends_photo(PNG, "la fuite")
    lea.sends_document("../..\\facture\u202e.pdf", b"%PDF", "application/pdf", "voilà")
    lea.says("", voice=world.api.stored(b"OggS") | {"duration": 3, "mime_type": "audio/ogg"})
    async with world.listening():
        stored = await world.inbox.until(3)
        photo, document, voice = [one for one in stored if isinstance(one, Message)]
        assert world.api.called("getFile") == []
        assert [one.text for one in (photo, document, voice)] == ["la fuite", "voilà", ""]
        assert photo.files[0].media_type == "image/jpeg"
        assert photo.files[0].size == len(PNG)
        assert await photo.files[0].read() == PNG
        assert (document.files[0].name, document.files[0].media_type) == ("facture.pdf", "application/pdf")
        assert await document.files[0].read() == b"%PDF"
        assert voice.files[0].name.endswith(".ogg")
        assert await voice.files[0].read() == b"OggS"


async def test_a_file_that_cannot_be_fetched(world: World) -> None:
    lea = world.api.person("Léa")
    lea.sends_photo(PNG)
    async with world.listening():
        message = await world.inbox.message()
        world.api.fail("getFile", 400, "Bad Request: file is too big")
        with pytest.raises(Rejected, match="too big"):
            await message.files[0].read()
        world.api.files.clear()
        with pytest.raises(ChannelError) as caught:
            await message.files[0].read()
    assert world.api.token not in str(caught.value)


async def test_what_has_no_words_still_arrives(world: World) -> None:
    lea = world.api.person("Léa")
    lea.says("", location={"latitude": 50.8, "longitude": 4.3})
    lea.says("", sticker=STICKER)
    lea.says("", pinned_message=None, new_chat_title="x")
    async with world.listening():
        place, sticker, service = await world.inbox.until(3)
    assert isinstance(place, Message)
    assert place.text == ""
    assert isinstance(sticker, Message)
    assert sticker.text == "👍"
    assert isinstance(service, Ignored)
    assert service.why == "service"


STICKER = {
    **{"file_id": "F", "file_unique_id": "u", "width": 1, "height": 1, "type": "regular", "emoji": "👍"},
    **{"is_animated": False, "is_video": False},
}


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("x" * 100_000, "x" * 100_000),
        ("\u202e\u200fabc\u0007", "\u202e\u200fabc\u0007"),
        ("🏠🏠🏠", "🏠🏠🏠"),
        ("a\x00b\ud83d", "ab"),
    ],
)
async def test_hostile_texts_are_handed_on_whole_and_storable(world: World, said: str, stored: str) -> None:
    world.api.person("Léa").says(said)
    async with world.listening():
        assert (await world.inbox.message()).text == stored


async def test_a_group_that_moves(world: World) -> None:
    lea, group = world.api.person("Léa"), world.api.group("Résidence")
    lea.says("", group, migrate_to_chat_id=-100777)
    async with world.listening():
        (gone,) = await world.inbox.until(1)
    assert isinstance(gone, Gone)
    assert gone.how is Departure.LEFT


async def test_menus_in_each_language_are_told_once(world: World) -> None:
    world.commands = {
        "": [("owed", "What do I owe?"), ("help", "Help")],
        "fr": [("owed", "Combien je dois ?")],
        "nl": [("owed", "Wat moet ik betalen?")],
    }
    async with world.listening():
        await eventually(lambda: bool(world.api.called("getUpdates")))
    assert world.api.commands == {
        ("default", language): [{"command": command, "description": text} for command, text in menu]
        for language, menu in world.commands.items()
    }
    async with world.listening():
        await eventually(lambda: len(world.api.called("getUpdates")) > 1)
    assert len(world.api.called("setMyCommands")) == 3
    world.commands = {"": [("owed", "What do I owe now?")]}
    async with world.listening():
        await eventually(lambda: len(world.api.called("setMyCommands")) == 4)


async def test_a_menu_that_is_refused_keeps_nobody_from_talking(world: World) -> None:
    world.commands = {"": [("Not A Command", "x")], "fr": [("aide", "Aide")]}
    world.api.person("Léa").says("un")
    async with world.listening():
        await world.inbox.message()
    assert ("default", "fr") in world.api.commands
    assert "commands" not in world.notes.kept


async def test_a_webhook_left_behind_is_taken_away(world: World) -> None:
    await world.api._setWebhook("https://old.example/hook")
    world.api.person("Léa").says("un")
    async with world.listening():
        await world.inbox.message()
    assert world.api.webhook.url == ""


async def test_a_second_program_with_our_token(world: World) -> None:
    channel = world.channel()
    world.api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    with pytest.raises(TryLater, match="another program"):
        await channel.run()
    await closed(channel)


async def test_the_network_fails_and_comes_back(world: World) -> None:
    world.api.person("Léa").says("un")
    channel = world.channel()
    world.api.drop("getUpdates")
    with pytest.raises(TryLater):
        await channel.run()
    world.api.fail("getUpdates", 502, "Bad Gateway")
    with pytest.raises(TryLater):
        await channel.run()
    world.api.fail("getUpdates", 429, "Too Many Requests: retry after 7", retry_after=7)
    with pytest.raises(TryLater) as caught:
        await channel.run()
    assert caught.value.after == timedelta(seconds=7)
    async with world.listening(channel):
        await world.inbox.message()


async def test_a_quiet_hour_is_no_failure(world: World) -> None:
    async with world.listening(world.channel(world.settings(poll_timeout=0))):
        await eventually(lambda: len(world.api.called("getUpdates")) >= 3)
    assert world.inbox.stored == []


async def test_a_wrong_token_is_said_and_never_shown(api: BotApi, caplog: pytest.LogCaptureFixture) -> None:
    secret = "999:a-secret-that-nobody-may-see"
    world = World(api)
    channel = world.channel(TelegramSettings(secret, api.url))
    with caplog.at_level(logging.DEBUG), pytest.raises(Rejected) as caught:
        await channel.run()
    with pytest.raises(Rejected):
        await channel.username()
    assert secret not in caplog.text
    assert secret not in repr(caught.value)
    assert caught.value.__suppress_context__
    assert secret not in repr(channel._settings)


async def test_no_log_shows_the_token_or_what_was_said(world: World, caplog: pytest.LogCaptureFixture) -> None:
    lea = world.api.person("Léa")
    lea.says("my secret sentence")
    time = Skipped()
    with caplog.at_level(logging.DEBUG):
        async with world.listening(world.channel(sleep=time.sleep, monotonic=time.clock)) as channel:
            await world.inbox.message()
            await channel.send(Address("telegram", str(lea.id)), CARD, (), "k", None)
            world.api.drop("sendMessage")
            with pytest.raises(TryLater):
                await channel.send(Address("telegram", str(lea.id)), CARD, (), "k2", None)
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("asyncio"))
    assert world.api.token not in ours
    assert "my secret sentence" not in ours
    assert "412,60" not in ours


async def test_the_bots_own_name(world: World) -> None:
    channel = world.channel()
    assert await channel.username() == "kopro_test_bot"
    await closed(channel)
