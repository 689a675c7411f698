"""What arrives from a real homeserver, and that nothing of it is lost."""

from __future__ import annotations

import asyncio
import json

import pytest

from core.messaging.channel import Departure, Gone, Joined, Rejected, Room, Seen, TryLater
from tests.channels.matrix.conftest import CARD, PNG, World, key
from tests.servers.synapse_people import Person
from tests.waiting import eventually

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("matrix")]


async def test_who_invites_us_and_writes_at_once_is_heard_from_the_first_word(world: World, lea: Person) -> None:
    async with world.listening() as channel:
        room = await lea.create(invite=[world.id], direct=True)
        asked = await lea.text(room, "Que dois-je ce trimestre ?")
        message = await world.inbox.message()
        assert message.text == "Que dois-je ce trimestre ?"
        assert (message.ref, message.origin.sender.handle, message.origin.room) == (asked, lea.id, None)
        assert message.origin.addressed
        await channel.send(message.origin.sender, CARD, (), key(1), message.thread)
        answer = await lea.hears(by=world.id)
        assert answer["room_id"] == room
        assert answer["content"]["msgtype"] == "m.notice"
        assert "m.relates_to" not in answer["content"], (
            "a thread would hide the answer from whoever reads a direct talk"
        )
    assert world.notes.kept[f"dm:{lea.id}"] == room
    assert await world.bot.call("GET", f"user/{world.id}/account_data/m.direct") == {lea.id: [room]}


async def test_what_was_said_before_we_were_there_is_not_for_us(world: World, lea: Person, tom: Person) -> None:
    async with world.listening():
        room = await lea.create(invite=[tom.id], name="Escalier B")
        await tom.join(room)
        await lea.text(room, "KoproGo, avant l'invitation")
        await lea.invite(room, world.id)
        await eventually(lambda: any(isinstance(each, Joined) for each in world.inbox.stored))
        await lea.text(room, "KoproGo: après", mentions=[world.id])
        message = await world.inbox.message()
    (joined,) = [each for each in world.inbox.stored if isinstance(each, Joined)]
    assert (joined.origin.room, joined.origin.sender.handle) == (Room("matrix", room), lea.id)
    assert (joined.members, joined.encrypted) == (2, False)
    assert [each.text for each in world.inbox.messages] == [message.text]
    assert message.origin.room == Room("matrix", room)


async def test_an_encrypted_room_is_joined_and_said_to_be_so(world: World, lea: Person, tom: Person) -> None:
    async with world.listening():
        room = await lea.create(invite=[tom.id], encrypted=True)
        await tom.join(room)
        await lea.invite(room, world.id)
        await eventually(lambda: any(isinstance(each, Joined) for each in world.inbox.stored))
        await lea.send(room, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}, "m.room.encrypted")
        await eventually(lambda: "undecryptable" in world.inbox.ignored)
    (joined,) = [each for each in world.inbox.stored if isinstance(each, Joined)]
    assert joined.encrypted
    assert world.inbox.messages == []


async def test_in_a_group_we_are_meant_or_not(world: World, lea: Person, tom: Person) -> None:
    await world.bot.call("PUT", f"profile/{world.id}/displayname", {"displayname": "Kopro Bot"})
    room = await lea.create(invite=[tom.id, world.id])
    await tom.join(room)
    await world.bot.join(room)
    async with world.listening() as channel:
        ours = (await channel.send(Room("matrix", room), CARD, (), key(2), None)).wire_ref
        theirs = await lea.text(room, "Qui a une échelle ?")
        await tom.text(room, "Moi.", reply_to=theirs)
        await tom.text(room, "Kopro Bot: aide")
        await tom.text(room, "que dois-je ?", mentions=[world.id])
        await tom.text(room, "!kopro help")
        await tom.text(room, f"> <{world.id}> Vous devez\n\nEt pourquoi ?", reply_to=ours)
        await tom.react(room, theirs, "1️⃣")
        await tom.react(room, ours, "1️⃣")
        await eventually(lambda: len(world.inbox.stored) >= 8)
    said = [(each.text or each.choice, each.origin.addressed) for each in world.inbox.messages]
    assert said == [
        ("Qui a une échelle ?", False),
        ("Moi.", False),
        ("aide", True),
        ("que dois-je ?", True),
        ("!kopro help", True),
        ("Et pourquoi ?", True),
        ("1", True),
    ]
    assert all(each.origin.room == Room("matrix", room) for each in world.inbox.messages)
    assert world.inbox.messages[5].in_reply_to == ours
    assert world.inbox.ignored == ["reaction_to_another"]


async def test_a_talk_that_a_third_joins_or_anybody_may_join_is_none(world: World, lea: Person, tom: Person) -> None:
    async with world.listening() as channel:
        room = await lea.create(invite=[world.id], direct=True)
        await lea.text(room, "Seule ?")
        first = await world.inbox.message()
        await lea.invite(room, tom.id)
        await tom.join(room)
        await lea.text(room, "À trois ?")
        second = await world.inbox.message(2)
        assert (first.origin.room, second.origin.room) == (None, Room("matrix", room))
        await channel.send(first.origin.sender, CARD, (), key(3), first.thread)
        await lea.until(lambda: bool(lea.invited))
        assert lea.invited != [room]
        await lea.join(lea.invited[0])
        answer = await lea.hears(by=world.id)
        assert answer["room_id"] != room
        assert "m.relates_to" not in answer["content"]
        public = await tom.create(invite=[world.id], public=True)
        await tom.text(public, "À deux, porte ouverte")
        await eventually(lambda: any(isinstance(each, Joined) for each in world.inbox.stored))
        await tom.text(public, "Et maintenant ?")
        third = await world.inbox.message(3)
        assert third.origin.room == Room("matrix", public)


async def test_threads_answers_edits_and_reactions(world: World, lea: Person) -> None:
    room = await world.talk(lea)
    async with world.listening() as channel:
        root = await lea.text(room, "Une question")
        card = (await channel.send((await world.inbox.message()).origin.sender, CARD, (), key(4), None)).wire_ref
        within = await lea.text(room, "Une autre", thread=root)
        answered = await lea.text(room, "> <@x:y> Vous devez\n> encore\n\nMerci", reply_to=card)
        edited = await lea.edit(room, root, "Une meilleure question")
        await lea.react(room, card, "2️⃣")
        await lea.react(room, card, "3")
        await lea.react(room, card, "👍")
        await lea.notice(room, "Je suis un robot")
        await eventually(lambda: len(world.inbox.stored) >= 8)
    _, thread, reply, edit, two, three = world.inbox.messages
    assert (thread.ref, thread.text) == (within, "Une autre")
    assert json.loads(thread.thread or "") == {"room": room, "root": root, "event": within}
    assert (reply.ref, reply.text, reply.in_reply_to) == (answered, "Merci", card)
    assert (edit.ref, edit.text, edit.edits) == (edited, "Une meilleure question", root)
    assert [(each.choice, each.in_reply_to, each.text) for each in (two, three)] == [("2", card, ""), ("3", card, "")]
    assert world.inbox.ignored == ["reaction", "notice"]


async def test_nobody_changes_the_words_of_another(world: World, lea: Person, tom: Person) -> None:
    room = await lea.create(invite=[tom.id, world.id])
    await tom.join(room)
    await world.bot.join(room)
    async with world.listening():
        said = await lea.text(room, "Je vote non")
        await tom.edit(room, said, "Je vote oui")
        await eventually(lambda: len(world.inbox.stored) >= 2)
    assert [each.text for each in world.inbox.messages] == ["Je vote non"]
    assert world.inbox.ignored == ["forged"]


async def test_what_is_redacted_or_makes_no_sense_is_counted(world: World, lea: Person) -> None:
    room = await world.talk(lea)
    async with world.listening():
        await lea.text(room, "Début")
        await world.inbox.message()
    # Synapse still answers the question that was broken off, and gives that answer to the one who asks it again.
    await lea.text(room, "Milieu")
    await asyncio.sleep(0.3)
    taken_back = await lea.text(room, "Oubliez cela")
    await lea.redact(room, taken_back)
    await lea.send(room, {"msgtype": "m.file", "body": "x", "url": ["y"]})
    await lea.send(room, {"msgtype": "m.text", "body": "x", "m.relates_to": "y"})
    await lea.send(room, {"rel": 1}, "m.reaction")
    await lea.send(room, {"question": 1}, "m.poll.start")
    async with world.listening():
        await lea.text(room, "Fin")
        await world.inbox.message(3)
    assert [each.text for each in world.inbox.messages] == ["Début", "Milieu", "Fin"]
    assert world.inbox.ignored == [
        "redacted",
        "unknown_kind",
        "malformed",
        "malformed",
        "malformed",
        "unknown_kind",
    ]


async def test_files_arrive_within_their_limit(world: World, lea: Person) -> None:
    room = await world.talk(lea)
    async with world.listening(world.channel(world.settings(file_limit=2_000))):
        await lea.file(room, "fuite/../d'eau.png", PNG, "image/png", caption="Sous l'évier")
        await lea.file(room, "grand.bin", bytes(3_000))
        await lea.send(room, {"msgtype": "m.file", "body": "rien", "url": "mxc://home.example/../../sync"})
        picture, large, nowhere = [await world.inbox.message(number) for number in (1, 2, 3)]
        assert picture.text == "Sous l'évier"
        (image,) = picture.files
        assert (image.name, image.media_type, image.size) == ("d'eau.png", "image/png", len(PNG))
        assert await image.read() == PNG
        assert large.files[0].size == 3_000
        with pytest.raises(Rejected, match="larger"):
            await large.files[0].read()
        with pytest.raises(Exception, match="M_NOT_FOUND"):
            await nowhere.files[0].read()


async def test_what_was_read_is_seen(world: World, lea: Person) -> None:
    room = await world.talk(lea)
    async with world.listening() as channel:
        root = await lea.text(room, "Bonjour")
        await lea.text(room, "Encore", thread=root)
        await world.inbox.message(2)
        message = world.inbox.messages[1]
        receipt = await channel.send(message.origin.sender, CARD, (), key(5), None)
        await lea.read(room, receipt.wire_ref, "main")
        await eventually(lambda: any(isinstance(each, Seen) for each in world.inbox.stored))
        within = await channel.send(message.origin.sender, CARD, (), key(6), message.thread)
        await lea.read(room, within.wire_ref, root)
        await eventually(lambda: len([each for each in world.inbox.stored if isinstance(each, Seen)]) == 2)
    main, thread = [each for each in world.inbox.stored if isinstance(each, Seen)]
    assert (main.origin.sender.handle, main.wire_ref, main.up_to) == (lea.id, receipt.wire_ref, True)
    assert (thread.wire_ref, thread.up_to) == (within.wire_ref, False)


async def test_who_leaves_the_talk_is_gone(world: World, lea: Person, tom: Person) -> None:
    async with world.listening():
        left = await lea.create(invite=[world.id], direct=True)
        put_out = await tom.create(invite=[world.id])
        await lea.text(left, "Bonjour")
        await tom.text(put_out, "Bonjour")
        await world.inbox.message(2)
        await lea.leave(left)
        await tom.kick(put_out, world.id)
        await eventually(lambda: len(world.inbox.stored) >= 4)
    gone = {each.origin.sender.handle: each for each in world.inbox.stored if isinstance(each, Gone)}
    assert (gone[lea.id].how, gone[lea.id].origin.room) == (Departure.LEFT, None)
    assert (gone[tom.id].how, gone[tom.id].origin.room) == (Departure.BLOCKED, None)


async def test_a_burst_while_we_were_stopped_is_received_once_and_in_order(
    world: World, lea: Person, tom: Person
) -> None:
    room, other = await world.talk(lea), await world.talk(tom)
    async with world.listening():
        await lea.text(room, "avant")
        await world.inbox.message()

    async def burst(person: Person, where: str, count: int) -> None:
        for number in range(count):
            await person.text(where, str(number))

    await asyncio.gather(burst(lea, room, 150), burst(tom, other, 20))
    async with world.listening():
        await world.inbox.message(171)
        await lea.text(room, "après")
        await world.inbox.message(172)
    by_lea = [each.text for each in world.inbox.messages if each.origin.sender.handle == lea.id]
    assert by_lea == ["avant", *(str(number) for number in range(150)), "après"]
    assert [each.text for each in world.inbox.messages if each.origin.sender.handle == tom.id] == [
        str(number) for number in range(20)
    ]
    assert len({each.ref for each in world.inbox.messages}) == 172


async def test_the_first_sync_answers_nothing_old_but_accepts_invitations(
    world: World, lea: Person, tom: Person
) -> None:
    room = await world.talk(lea)
    await lea.text(room, "Du temps d'avant")
    waiting = await tom.create(invite=[world.id], direct=True)
    await tom.text(waiting, "Vous êtes là ?")
    async with world.listening():
        message = await world.inbox.message()
        await lea.text(room, "Nouveau")
        await world.inbox.message(2)
    assert [each.text for each in world.inbox.messages] == ["Vous êtes là ?", "Nouveau"]
    assert message.origin.sender.handle == tom.id
    assert world.notes.kept["invited"] == "[]"


async def test_what_could_not_be_stored_comes_again_with_the_same_references(world: World, lea: Person) -> None:
    room = await world.talk(lea)
    async with world.listening():
        pass
    since = world.notes.kept["since"]
    sent = [await lea.text(room, str(number)) for number in range(3)]
    world.inbox.refusals = 1
    with pytest.raises(ConnectionError):
        await world.channel().run()
    assert world.notes.kept["since"] == since
    async with world.listening():
        await world.inbox.message(3)
        assert [each.ref for each in world.inbox.messages] == sent
    # As after a crash between receiving and keeping the token.
    world.notes.kept["since"] = since
    async with world.listening():
        await world.inbox.message(6)
    assert [each.ref for each in world.inbox.messages] == sent + sent


async def test_a_homeserver_that_goes_and_comes_back(world: World, lea: Person) -> None:
    room = await world.talk(lea)
    channel = world.channel()
    running = asyncio.create_task(channel.run())
    await eventually(lambda: "since" in world.notes.kept)
    await lea.text(room, "avant")
    message = await world.inbox.message()
    await world.server.kill()
    try:
        with pytest.raises(TryLater, match="away"):
            await running
        with pytest.raises(TryLater, match="away"):
            await channel.send(message.origin.sender, CARD, (), key(7), message.thread)
    finally:
        await world.server.start()
    async with world.listening(channel):
        await channel.send(message.origin.sender, CARD, (), key(7), message.thread)
        await lea.text(room, "après")
        assert (await world.inbox.message(2)).text == "après"
    await lea.hears(by=world.id)
    assert await lea.quiet(0.3, by=world.id) == []


async def test_a_room_that_cannot_be_joined_keeps_nobody_waiting(world: World, lea: Person) -> None:
    world.notes.kept["invited"] = json.dumps(["!gone:home.example"])
    room = await world.talk(lea)
    async with world.listening():
        await lea.text(room, "Bonjour")
        assert (await world.inbox.message()).text == "Bonjour"
        await eventually(lambda: world.notes.kept["invited"] == "[]")
