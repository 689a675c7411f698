"""What leaves: the card whole, in the form that Telegram takes, at its pace, and each failure named."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from telegram.error import Forbidden, TelegramError

from channels.telegram.channel import Telegram
from channels.telegram.failure import channel_error
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import (
    Address,
    Channel,
    Evidence,
    File,
    Membership,
    Origin,
    Receipt,
    Rejected,
    Room,
    Signal,
    TryLater,
    Unreachable,
)
from core.messaging.intent import Intent
from tests.channels.telegram.conftest import CARD, PNG, TOKENS, Skipped, World, closed
from tests.servers.telegram import BotApi
from tests.servers.telegram_people import Person


def address(person: Person) -> Address:
    return Address("telegram", str(person.id))


@pytest.fixture
def lea(api: BotApi) -> Person:
    lea = api.person("Léa", "fr")
    lea.starts()
    return lea


def file(name: str, media_type: str, content: bytes, size: int | None = None) -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content) if size is None else size, read)


async def test_a_card(sender: Telegram, lea: Person) -> None:
    channel: Channel = sender
    receipt = await channel.send(address(lea), CARD, (), "k", None)
    assert lea.last.words == (
        "Vous devez 412,60 €\n\nTrimestre 4 de 2026.\n\nÀ payer: 412,60 €\nCommunication: +++010/8068/17183+++"
    )
    assert lea.last.marked("bold") == ["Vous devez 412,60 €", "412,60 €"]
    assert lea.last.marked("code") == ["+++010/8068/17183+++"]
    assert lea.last.buttons == [list(TOKENS.items())]
    assert (receipt.wire_ref, receipt.evidence) == (str(lea.last.id), Evidence.ACCEPTED)
    assert receipt.at.tzinfo is not None


async def test_links_are_not_looked_up(sender: Telegram, world: World, lea: Person) -> None:
    await sender.send(address(lea), Card("https://kopro.example/"), (), "k", None)
    assert world.api.called("sendMessage")[0].fields["link_preview_options"] == '{"is_disabled": true}'


async def test_nothing_in_a_value_is_markup(sender: Telegram, lea: Person) -> None:
    card = Card("A & B <b>bold</b>", ("<script>&lt;&amp;",), (Fact("</b>", "&#65; <i>"),))
    await sender.send(address(lea), card, (), "k", None)
    assert lea.last.words == "A & B <b>bold</b>\n\n<script>&lt;&amp;\n\n</b>: &#65; <i>"


@pytest.mark.parametrize("title", ["", "\x00", "\ud83d", "\u200b", "\u202e", " \n "])
async def test_a_card_without_anything_to_see_still_goes(sender: Telegram, lea: Person, title: str) -> None:
    await sender.send(address(lea), Card(title, (title,), (Fact(title, title),)), (), "k", None)
    assert lea.last.words == "…"


async def test_a_long_card_goes_in_several_messages_with_the_buttons_on_the_last(sender: Telegram, lea: Person) -> None:
    card = Card("Détail", tuple(f"{number}. {'mot ' * 200}" for number in range(30)), (), CARD.choices)
    receipt = await sender.send(address(lea), card, (), "k", "1")
    assert len(lea.messages) > 5
    assert "".join("".join(message.words for message in lea.messages).split()) == "".join(
        "".join([card.title, *card.body]).split()
    )
    assert [bool(message.buttons) for message in lea.messages] == [False] * (len(lea.messages) - 1) + [True]
    assert [message.reply_to for message in lea.messages] == [1] + [None] * (len(lea.messages) - 1)
    assert receipt.wire_ref == str(lea.last.id)


async def test_a_hundred_kilobytes_and_an_emoji(sender: Telegram, lea: Person) -> None:
    await sender.send(address(lea), Card("x" * 100_000), (), "k", None)
    assert "".join(message.words for message in lea.messages) == "x" * 100_000
    await sender.send(address(lea), Card("🏠" * 5_000), (), "k2", None)
    await sender.send(address(lea), Card("🏠"), (), "k3", None)
    assert lea.last.words == "🏠"


async def test_a_reply_to_what_is_gone_or_no_number(sender: Telegram, lea: Person) -> None:
    await sender.send(address(lea), CARD, (), "k", "999999")
    await sender.send(address(lea), CARD, (), "k2", "not a number")
    await sender.send(address(lea), CARD, (), "k3", str(lea.said))
    assert [message.reply_to for message in lea.messages] == [None, None, lea.said]


async def test_a_picture_with_the_card_under_it(sender: Telegram, lea: Person) -> None:
    receipt = await sender.send(address(lea), CARD, [file("qr.png", "image/png", PNG)], "k", None)
    (message,) = lea.messages
    assert message.photo == PNG
    assert message.words.startswith("Vous devez 412,60 €\n\nTrimestre 4")
    assert message.labels == ["Expliquer", "Payer"]
    assert receipt.wire_ref == str(message.id)


async def test_a_picture_before_a_card_that_does_not_fit_under_it(sender: Telegram, lea: Person) -> None:
    card = Card("Titre", ("mot " * 300,), (), CARD.choices)
    receipt = await sender.send(address(lea), card, [file("qr.png", "image/png", PNG)], "k", None)
    picture, text = lea.messages
    assert (picture.photo, picture.words, picture.buttons) == (PNG, "", [])
    assert text.words.startswith("Titre")
    assert text.buttons
    assert receipt.wire_ref == str(text.id)


async def test_documents(sender: Telegram, lea: Person) -> None:
    minutes = file("../PV\u202e 2026.pdf", "application/pdf", b"%PDF-1")
    await sender.send(address(lea), CARD, [minutes], "k", None)
    assert lea.last.document == ("PV 2026.pdf", b"%PDF-1")
    assert lea.last.labels
    await sender.send(address(lea), CARD, [minutes, file("qr.png", "image/png", PNG)], "k2", None)
    _, document, picture, text = lea.messages
    assert document.document == ("PV 2026.pdf", b"%PDF-1")
    assert picture.photo == PNG
    assert [bool(one.buttons) for one in (document, picture, text)] == [False, False, True]


async def test_a_picture_that_is_none_goes_as_a_document(sender: Telegram, lea: Person) -> None:
    await sender.send(address(lea), CARD, [file("qr.png", "image/png", b"no picture")], "k", None)
    assert lea.last.document == ("qr.png", b"no picture")
    assert lea.last.labels
    await sender.send(address(lea), CARD, [file("plan.svg", "image/svg+xml", b"<svg/>")], "k2", None)
    assert lea.last.document == ("plan.svg", b"<svg/>")


async def test_a_picture_refused_for_another_reason_is_not_tried_again(
    sender: Telegram, world: World, lea: Person
) -> None:
    world.api.fail("sendPhoto", 400, "Bad Request: chat not found")
    with pytest.raises(Unreachable):
        await sender.send(address(lea), CARD, [file("qr.png", "image/png", PNG)], "k", None)
    assert world.api.called("sendDocument") == []


async def test_a_file_too_large(sender: Telegram, world: World, lea: Person) -> None:
    with pytest.raises(Rejected, match="larger"):
        await sender.send(address(lea), CARD, [file("a.zip", "application/zip", b"x", 50_000_001)], "k", None)
    world.api.fail("sendDocument", 413, "Request Entity Too Large")
    with pytest.raises(Rejected, match="too large"):
        await sender.send(address(lea), CARD, [file("a.zip", "application/zip", b"x")], "k", None)
    assert lea.messages == []


async def test_buttons_of_any_label(sender: Telegram, lea: Person) -> None:
    labels = ["a", "b", "x" * 100, "", "Plan de paiement", "Contester", "\x00", "🏠" * 3]
    choices = tuple(Choice(Intent("help"), label, f"token{number:011}") for number, label in enumerate(labels))
    await sender.send(address(lea), Card("?", choices=choices), (), "k", None)
    assert lea.last.buttons == [
        [("a", "token00000000000"), ("b", "token00000000001")],
        [("x" * 39 + "…", "token00000000002")],
        [("…", "token00000000003"), ("Plan de paiement", "token00000000004")],
        [("Contester", "token00000000005"), ("…", "token00000000006")],
        [("🏠🏠🏠", "token00000000007")],
    ]


@pytest.mark.parametrize("token", ["", "x" * 65, "é" * 40])
async def test_a_choice_without_a_usable_token_is_our_fault(sender: Telegram, lea: Person, token: str) -> None:
    with pytest.raises(Rejected, match="token"):
        await sender.send(address(lea), Card("?", choices=(Choice(Intent("help"), "?", token),)), (), "k", None)


# Failures


@pytest.mark.parametrize(
    ("code", "description", "failure"),
    [
        (403, "Forbidden: bot was blocked by the user", Unreachable),
        (403, "Forbidden: bot can't initiate conversation with a user", Unreachable),
        (403, "Forbidden: user is deactivated", Unreachable),
        (403, "Forbidden: bot was kicked from the supergroup chat", Unreachable),
        (400, "Bad Request: chat not found", Unreachable),
        (400, "Bad Request: user is deactivated", Unreachable),
        (400, "Bad Request: PEER_ID_INVALID", Unreachable),
        (400, "Bad Request: can't parse entities: Unsupported start tag", Rejected),
        (400, "Bad Request: message is too long", Rejected),
        (400, "Bad Request: not enough rights to send text messages to the chat", Rejected),
        (401, "Unauthorized", Rejected),
        (404, "Not Found", Rejected),
        (409, "Conflict: terminated", TryLater),
        (500, "Internal Server Error", TryLater),
        (502, "Bad Gateway", TryLater),
        (503, "Service Unavailable", TryLater),
        (418, "", TryLater),
    ],
)
async def test_each_failure_has_its_name(
    sender: Telegram, world: World, lea: Person, code: int, description: str, failure: type[Exception]
) -> None:
    world.api.fail("sendMessage", code, description)
    with pytest.raises(failure) as caught:
        await sender.send(address(lea), CARD, (), "k", None)
    assert type(caught.value) is failure
    assert caught.value.__suppress_context__
    assert world.api.token not in str(caught.value)
    await sender.send(address(lea), CARD, (), "k", None)
    assert len(lea.messages) == 1


async def test_what_telegram_quotes_of_a_message_is_not_in_the_reason(
    sender: Telegram, world: World, lea: Person
) -> None:
    world.api.fail("sendMessage", 400, 'Bad Request: can\'t parse entities: Unsupported start tag "léa dupont" at 5')
    with pytest.raises(Rejected) as caught:
        await sender.send(address(lea), CARD, (), "k", None)
    assert "dupont" not in caught.value.reason
    assert "start tag" in caught.value.reason


async def test_blocked_gone_or_never_met(sender: Telegram, world: World, lea: Person) -> None:
    lea.blocks()
    with pytest.raises(Unreachable, match="blocked"):
        await sender.send(address(lea), CARD, (), "k", None)
    lea.vanishes()
    with pytest.raises(Unreachable, match="deactivated"):
        await sender.send(address(lea), CARD, (), "k", None)
    with pytest.raises(Unreachable, match="initiate"):
        await sender.send(address(world.api.person("Tom")), CARD, (), "k", None)
    with pytest.raises(Unreachable, match="hat not found"):
        await sender.send(Address("telegram", "123456"), CARD, (), "k", None)
    with pytest.raises(Unreachable, match="not a chat"):
        await sender.send(Address("telegram", "lea@kopro.example"), CARD, (), "k", None)
    with pytest.raises(Unreachable, match="not a member"):
        await sender.send(Room("telegram", str(world.api.group("R").id)), CARD, (), "k", None)


async def test_too_many_requests_leave_the_chat_alone_until_then(world: World, lea: Person) -> None:
    time = Skipped()
    sender = world.channel(sleep=time.sleep, monotonic=time.clock)
    tom = world.api.person("Tom")
    tom.starts()
    world.api.fail("sendMessage", 429, "Too Many Requests: retry after 17", retry_after=17)
    with pytest.raises(TryLater) as caught:
        await sender.send(address(lea), CARD, (), "k", None)
    assert caught.value.after == timedelta(seconds=17)
    time.now += 7
    with pytest.raises(TryLater) as caught:
        await sender.send(address(lea), CARD, (), "k", None)
    assert caught.value.after == timedelta(seconds=10)
    assert len(world.api.called("sendMessage")) == 1
    await sender.send(address(tom), CARD, (), "k2", None)
    time.now += 10
    await sender.send(address(lea), CARD, (), "k", None)
    assert len(lea.messages) == len(tom.messages) == 1
    await closed(sender)


async def test_a_cut_connection_and_a_server_too_slow(sender: Telegram, world: World, lea: Person) -> None:
    world.api.drop("sendMessage")
    with pytest.raises(TryLater, match="network"):
        await sender.send(address(lea), CARD, (), "k", None)
    sender._sending._client.timeout = 0.05
    world.api.slow("sendMessage", 0.5)
    with pytest.raises(TryLater, match="in time"):
        await sender.send(address(lea), CARD, (), "k", None)


async def test_an_answer_of_a_proxy_says_nothing_about_the_person(lea: Person, sender: Telegram) -> None:
    error = Forbidden("Forbidden (403). Parsing the server response b'<html>access denied</html>' failed")
    assert isinstance(channel_error(error), TryLater)


async def test_a_group_that_moved(sender: Telegram, world: World, lea: Person) -> None:
    group = world.api.group("Résidence")
    group.takes_bot_in(lea)
    world.api.fail("sendMessage", 400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100777)
    with pytest.raises(Unreachable, match="another chat"):
        await sender.send(Room("telegram", str(group.id)), CARD, (), "k", None)


def test_an_answer_that_is_no_answer_may_be_better_later() -> None:
    assert isinstance(channel_error(TelegramError("Invalid server response")), TryLater)


async def test_a_send_that_failed_half_way_goes_on_where_it_stopped(
    sender: Telegram, world: World, lea: Person
) -> None:
    card = Card("Titre", tuple(f"{number} " + "mot " * 900 for number in range(3)), (), CARD.choices)
    picture = file("qr.png", "image/png", PNG)
    world.api.fail("sendMessage", 502, "Bad Gateway")
    with pytest.raises(TryLater):
        await sender.send(address(lea), card, [picture], "k", None)
    assert [bool(message.photo) for message in lea.messages] == [True]
    receipt = await sender.send(address(lea), card, [picture], "k", None)
    assert [bool(message.photo) for message in lea.messages] == [True, False, False, False]
    assert receipt.wire_ref == str(lea.last.id)
    await sender.send(address(lea), card, [picture], "another", None)
    assert len(lea.messages) == 8


async def test_half_sent_cards_are_not_remembered_without_end(sender: Telegram) -> None:
    for number in range(1_500):
        sender._remember(str(number), 1)
    sender._remember("nothing left yet", 0)
    assert len(sender._partly) == 1_000
    assert "1499" in sender._partly
    assert "nothing left yet" not in sender._partly


# Pace


async def test_one_a_second_to_a_person_and_twenty_a_minute_to_a_group(lea: Person) -> None:
    time = Skipped()
    async with BotApi(clock=time.clock) as api:
        world = World(api)
        lea, group = api.person("Léa"), api.group("Résidence")
        lea.starts()
        group.takes_bot_in(lea)
        sender = world.channel(sleep=time.sleep, monotonic=time.clock)
        for number in range(5):
            await sender.send(address(lea), Card(str(number)), (), str(number), None)
        assert api.moments(lea.id) == [0.0, 1.0, 2.0, 3.0, 4.0]
        time.now = 10.0
        for number in range(25):
            await sender.send(Room("telegram", str(group.id)), Card(str(number)), (), str(number), None)
        assert api.moments(group.id) == [10.0] * 20 + [70.0] * 5
        assert [message.words for message in group.messages] == [str(number) for number in range(25)]
        await closed(sender)


async def test_thirty_a_second_in_all() -> None:
    """On a clock of the test's own: how long the machine takes plays no part."""
    time = Skipped()
    async with BotApi(clock=time.clock) as api:
        world = World(api)
        people = [api.person(f"P{number}") for number in range(35)]
        for person in people:
            person.starts()
        sender = world.channel(sleep=time.sleep, monotonic=time.clock)
        for person in people:
            await sender.send(address(person), CARD, (), str(person.id), None)
        moments = sorted(call.at for call in api.called("sendMessage"))
        assert moments[:30] == [0.0] * 30
        assert min(moments[30:]) >= 1.0
        await closed(sender)


async def test_parallel_sends_to_one_chat_do_not_mix(sender: Telegram, lea: Person) -> None:
    cards = [Card(f"{name}1", tuple(f"{name}{number} " + "mot " * 700 for number in (2, 3, 4))) for name in "ABC"]
    await asyncio.gather(*(sender.send(address(lea), card, (), card.title, None) for card in cards))
    assert "".join(message.words[0] for message in lea.messages) == "AAABBBCCC"


# After sending


async def test_a_choice_made_stays_and_the_buttons_go(sender: Telegram, lea: Person) -> None:
    receipt = await sender.send(address(lea), CARD, (), "k", None)
    before = lea.last.words
    await sender.close(receipt, address(lea), CARD, TOKENS["Payer"])
    assert lea.last.words == f"{before}\n\n✓ Payer"
    assert lea.last.buttons == []
    await sender.close(receipt, address(lea), CARD, "Payer")
    assert lea.last.words == f"{before}\n\n✓ Payer"


async def test_a_choice_made_under_a_picture(sender: Telegram, lea: Person) -> None:
    receipt = await sender.send(address(lea), CARD, [file("qr.png", "image/png", PNG)], "k", None)
    await sender.close(receipt, address(lea), CARD, "Expliquer")
    assert lea.last.words.endswith("✓ Expliquer")
    assert lea.last.photo == PNG
    assert lea.last.buttons == []


async def test_a_choice_made_where_there_is_no_room_for_it(sender: Telegram, lea: Person) -> None:
    card = Card("x" * 4090, choices=CARD.choices)
    receipt = await sender.send(address(lea), card, (), "k", None)
    await sender.close(receipt, address(lea), card, "Payer")
    assert (lea.last.words, lea.last.buttons) == ("x" * 4090, [])
    long = Card("Titre", tuple("mot " * 900 for _ in range(3)), (), CARD.choices)
    receipt = await sender.send(address(lea), long, (), "k2", None)
    last = lea.last.words
    await sender.close(receipt, address(lea), long, "Payer")
    assert (lea.last.words, lea.last.buttons) == (f"{last}\n\n✓ Payer", [])


async def test_closing_under_a_picture_never_fails_either(sender: Telegram, world: World, lea: Person) -> None:
    receipt = await sender.send(address(lea), CARD, [file("qr.png", "image/png", PNG)], "k", None)
    world.api.fail("editMessageCaption", 400, "Bad Request: message can't be edited")
    await sender.close(receipt, address(lea), CARD, "Payer")
    assert not lea.last.words.endswith("Payer")
    assert lea.last.buttons == []


async def test_closing_never_fails(sender: Telegram, world: World, lea: Person) -> None:
    receipt = await sender.send(address(lea), CARD, (), "k", None)
    for code in (400, 403, 429, 500):
        parameters = {"retry_after": 3} if code == 429 else {}
        world.api.fail("editMessageText", code, "Bad Request: message can't be edited", **parameters)
        world.api.fail("editMessageReplyMarkup", code, "Bad Request: message can't be edited", **parameters)
        await sender.close(receipt, address(lea), CARD, "Payer")
    await sender.close(receipt, Address("telegram", "nobody"), CARD, "Payer")


async def test_an_edit_replaces_what_was_sent(sender: Telegram, world: World, lea: Person) -> None:
    receipt = await sender.send(address(lea), CARD, (), "k", None)
    await sender.edit(receipt, address(lea), Card("Solde 0", choices=CARD.choices[:1]))
    assert (lea.last.words, lea.last.labels) == ("Solde 0", ["Expliquer"])
    await sender.edit(receipt, address(lea), Card("Solde 0", choices=CARD.choices[:1]))
    gone = Receipt("4711", Evidence.ACCEPTED, receipt.at)
    await sender.edit(gone, address(lea), CARD)
    world.api.fail("editMessageText", 502, "Bad Gateway")
    with pytest.raises(TryLater):
        await sender.edit(receipt, address(lea), CARD)
    lea.blocks()
    await sender.edit(receipt, address(lea), CARD)
    assert lea.last.words == "Solde 0"


async def test_typing_is_shown_and_reading_is_not(sender: Telegram, world: World, lea: Person) -> None:
    await sender.signal(Origin(address(lea)), Signal.TYPING)
    await sender.signal(Origin(address(lea)), Signal.READ)
    assert [call.fields["action"] for call in world.api.called("sendChatAction")] == ["typing"]
    lea.blocks()
    await sender.signal(Origin(address(lea)), Signal.TYPING)
    await sender.signal(Origin(Address("telegram", "nobody")), Signal.TYPING)


async def test_the_members_of_a_group(sender: Telegram, world: World, lea: Person) -> None:
    group = world.api.group("Résidence")
    group.takes_bot_in(lea)
    group.members = 25
    assert await sender.members(Room("telegram", str(group.id))) == Membership(24, encrypted=False)
    group.puts_bot_out(lea)
    with pytest.raises(Unreachable):
        await sender.members(Room("telegram", str(group.id)))


async def test_what_telegram_can_is_data(sender: Telegram) -> None:
    traits = sender.traits
    assert (traits.buttons, traits.edits, traits.groups, traits.one_receiver, traits.idempotent) == (
        *(True, True, True, True),
        False,
    )
    assert (traits.max_chars, traits.per_second, traits.per_chat_second) == (4096, 30.0, 1.0)
    assert sender.name == "telegram"
