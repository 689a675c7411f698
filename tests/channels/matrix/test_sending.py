"""What leaves, as a person sees it on a real homeserver."""

from __future__ import annotations

import asyncio

import pytest

from channels.matrix.channel import Matrix
from channels.matrix.render import BYTE_LIMIT, KEYCAPS, TEXT_LIMIT, Thread, contents
from core.messaging.card import Card
from core.messaging.channel import (
    Address,
    Evidence,
    Membership,
    Origin,
    Rejected,
    Room,
    Signal,
    Unreachable,
)
from tests.channels.matrix.conftest import CARD, OFFER, PNG, World, file, key
from tests.servers.synapse_people import Person
from tests.waiting import eventually

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("matrix")]


def address(person: Person) -> Address:
    return Address("matrix", person.id)


async def test_a_person_never_met_is_invited_to_a_talk_of_two(world: World, sender: Matrix, lea: Person) -> None:
    first, second = await asyncio.gather(
        sender.send(address(lea), CARD, (), key(1), None), sender.send(address(lea), CARD, (), key(2), None)
    )
    await lea.until(lambda: bool(lea.invited))
    (room,) = lea.invited
    assert await world.bot.call("GET", f"user/{world.id}/account_data/m.direct") == {lea.id: [room]}
    await lea.join(room)
    answer = await lea.hears(by=world.id)
    assert (first.evidence, answer["event_id"]) == (Evidence.ACCEPTED, first.wire_ref)
    assert answer["content"] == {
        "msgtype": "m.notice",
        "body": "Vous devez 412,60 €\n\nTrimestre 4 de 2026.\n\nÀ payer: 412,60 €\nCommunication: +++010/8068/17183+++",
        "format": "org.matrix.custom.html",
        "formatted_body": "<p><strong>Vous devez 412,60 €</strong></p>\n<p>Trimestre 4 de 2026.</p>\n"
        "<p>À payer: 412,60 €<br>Communication: +++010/8068/17183+++</p>",
        "m.mentions": {},
    }
    assert (await lea.hears(by=world.id))["event_id"] == second.wire_ref
    assert lea.invited == []


async def test_the_talk_is_found_again_without_memory(world: World, sender: Matrix, lea: Person, tom: Person) -> None:
    group = await lea.create(invite=[world.id, tom.id])
    await tom.join(group)
    await world.bot.join(group)
    room = await world.talk(lea)
    await sender.send(address(lea), CARD, (), key(1), None)
    assert (await lea.hears(by=world.id))["room_id"] == room
    world.notes.kept.clear()
    other = world.channel()
    await other.send(address(lea), CARD, (), key(2), None)
    assert (await lea.hears(by=world.id))["room_id"] == room
    await other.close_connections()


async def test_the_same_key_arrives_once(world: World, lea: Person) -> None:
    await world.talk(lea)
    long = Card("Long", tuple(f"Paragraphe {number}. " + "mot " * 800 for number in range(10)))
    refs = set()
    for _ in range(2):  # as after a crash: another process, the same session
        channel = world.channel()
        refs.add((await channel.send(address(lea), CARD, (), key(1), None)).wire_ref)
        refs.add((await channel.send(address(lea), long, [file("a.png", "image/png", PNG)], key(2), None)).wire_ref)
        await channel.close_connections()
    assert len(refs) == 2
    await lea.sync()
    said = [event for event in lea.events if event["type"] == "m.room.message"]
    pieces = len(contents(long))
    assert pieces > 1
    assert len(said) == 1 + 1 + pieces
    assert [event["content"]["msgtype"] for event in said[:2]] == ["m.notice", "m.image"]
    assert said[-1]["event_id"] in refs


async def test_what_is_too_long_comes_whole_in_several_events(world: World, sender: Matrix, lea: Person) -> None:
    room = await world.talk(lea)
    await lea.text(room, "Tout, s'il vous plaît")
    words = [f"« mot{number} » & <b>" for number in range(6_000)]
    card: Card[str] = Card("Tout", (" ".join(words), "🏠" * 9_000))
    receipt = await sender.send(address(lea), card, (), key(1), None)
    pieces = [await lea.hears(by=world.id)]
    while pieces[-1]["event_id"] != receipt.wire_ref:
        pieces.append(await lea.hears(by=world.id))
    bodies = [piece["content"]["body"] for piece in pieces]
    assert len(pieces) > 3
    assert all(len(body) <= TEXT_LIMIT for body in bodies)
    assert all(len(str(piece["content"]).encode()) < BYTE_LIMIT + 1_000 for piece in pieces)
    said = " ".join(bodies).split()
    assert said[0] == "Tout"
    assert [word for word in said[1:] if "🏠" not in word] == " ".join(words).split()
    assert sum(word.count("🏠") for word in said) == 9_000


async def test_files_go_before_the_text_with_their_sizes(world: World, sender: Matrix, lea: Person) -> None:
    room = await world.talk(lea)
    content = bytes(range(256)) * 400
    files = [file("epc-qr.png", "image/png", PNG), file("a/b/décompte.pdf", "application/pdf", content)]
    thread = Thread(room, await lea.text(room, "Le décompte ?"), "$x")
    receipt = await sender.send(address(lea), CARD, files, key(1), thread.text())
    image, document, text = [await lea.hears(by=world.id) for _ in range(3)]
    assert image["content"]["msgtype"] == "m.image"
    assert image["content"]["info"] == {"mimetype": "image/png", "size": len(PNG)}
    assert await lea.download(image["content"]["url"]) == PNG
    assert (document["content"]["msgtype"], document["content"]["body"]) == ("m.file", "décompte.pdf")
    assert await lea.download(document["content"]["url"]) == content
    assert text["event_id"] == receipt.wire_ref
    roots = [event["content"]["m.relates_to"]["event_id"] for event in (image, document, text)]
    assert roots == [thread.root] * 3
    small = world.channel(world.settings(file_limit=1_000))
    with pytest.raises(Rejected, match="larger"):
        await small.send(address(lea), CARD, files, key(2), None)


async def test_choices_can_be_tapped_and_the_one_chosen_stays(world: World, sender: Matrix, lea: Person) -> None:
    room = await world.talk(lea)
    receipt = await sender.send(address(lea), OFFER, (), key(1), None)
    said = await lea.hears(by=world.id)
    assert said["content"]["body"].endswith("1. Expliquer\n2. Payer")
    taps = [(await lea.hears(by=world.id, kind="m.reaction"))["content"]["m.relates_to"] for _ in range(2)]
    assert [(tap["key"], tap["event_id"]) for tap in taps] == [(sign, receipt.wire_ref) for sign in KEYCAPS[:2]]
    await sender.close(receipt, address(lea), OFFER, OFFER.choices[1].token)
    edit = (await lea.hears(by=world.id))["content"]
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": receipt.wire_ref}
    assert edit["m.new_content"]["body"].endswith("Communication: +++010/8068/17183+++\n\n✓ Payer")
    await sender.edit(receipt, address(lea), CARD)
    await sender.edit(receipt, address(lea), CARD)
    edit = (await lea.hears(by=world.id))["content"]
    assert edit["m.new_content"]["body"].endswith("+++010/8068/17183+++")
    now = await lea.event(room, receipt.wire_ref)
    assert now["unsigned"]["m.relations"]["m.replace"]["content"]["m.new_content"] == edit["m.new_content"]
    assert await lea.quiet(0.3, by=world.id) == []


async def test_more_choices_than_fit_are_only_numbered(world: World, sender: Matrix, lea: Person) -> None:
    await world.talk(lea)
    many = Card("Lequel ?", choices=OFFER.choices * 3)
    await sender.send(address(lea), many, (), key(1), None)
    await sender.send(address(lea), CARD, (), key(2), None)
    await lea.hears(lambda event: event["content"]["body"].startswith("Vous"), by=world.id)
    await lea.sync(0.3)
    assert [event for event in lea.events if event["type"] == "m.reaction"] == []


async def test_who_left_or_never_was_is_unreachable(world: World, sender: Matrix, lea: Person, tom: Person) -> None:
    room = await world.talk(lea)
    await sender.send(address(lea), CARD, (), key(1), None)
    await lea.leave(room)
    sender.rooms.changed(room)
    with pytest.raises(Unreachable, match="left"):
        await sender.send(address(lea), CARD, (), key(2), None)
    put_out = await tom.create(invite=[world.id])
    await world.bot.join(put_out)
    await sender.rooms.remember(tom.id, put_out)
    await tom.ban(put_out, world.id)
    with pytest.raises(Unreachable, match="let us into"):
        await sender.send(address(tom), CARD, (), key(3), None)
    kicked = await tom.create(invite=[world.id])
    await world.bot.join(kicked)
    await sender.rooms.remember(tom.id, kicked)
    await tom.kick(kicked, world.id)
    with pytest.raises(Unreachable, match="put us out"):
        await sender.send(address(tom), CARD, (), key(3), None)
    for nobody in ("@nobody-here:home.example", "lea", "@a b:home.example", "", "@x:home.example/../y"):
        with pytest.raises(Unreachable):
            await sender.send(Address("matrix", nobody), CARD, (), key(4), None)
    with pytest.raises(Unreachable):
        await sender.send(Room("matrix", put_out), CARD, (), key(5), None)
    assert await world.bot.call("GET", "joined_rooms") == {"joined_rooms": [room]}


async def test_a_root_that_no_thread_may_have_loses_no_answer(world: World, sender: Matrix, lea: Person) -> None:
    room = await world.talk(lea)
    said = await lea.text(room, "A")
    edited = await lea.edit(room, said, "B")
    await sender.send(address(lea), CARD, (), key(1), Thread(room, edited, edited).text())
    assert "m.relates_to" not in (await lea.hears(by=world.id))["content"]
    await sender.send(address(lea), CARD, (), key(2), "no thread at all")
    assert "m.relates_to" not in (await lea.hears(by=world.id))["content"]


async def test_an_answer_never_goes_into_a_room_that_others_see(
    world: World, sender: Matrix, lea: Person, tom: Person
) -> None:
    group = await lea.create(invite=[tom.id, world.id])
    await tom.join(group)
    await world.bot.join(group)
    asked = await lea.text(group, "Que dois-je ?")
    await sender.rooms.remember(lea.id, group)
    await sender.send(address(lea), CARD, (), key(1), Thread(group, asked, asked).text())
    await lea.until(lambda: bool(lea.invited))
    await lea.join(lea.invited[0])
    assert (await lea.hears(by=world.id))["room_id"] != group
    await tom.sync()
    assert [event for event in tom.events if event["sender"] == world.id and event["type"] == "m.room.message"] == []


async def test_signals_and_members(world: World, lea: Person, tom: Person) -> None:
    room = await world.talk(lea)
    async with world.listening() as channel:
        asked = await lea.text(room, "Vous écrivez ?")
        message = await world.inbox.message()
        await channel.signal(message.origin, Signal.READ)
        await lea.until(lambda: world.id in lea.receipts[asked])
        await channel.signal(message.origin, Signal.TYPING)
        await lea.until(lambda: [world.id] in lea.typing[room])
        await channel.signal(Origin(address(tom)), Signal.TYPING)
        assert await channel.members(Room("matrix", room)) == Membership(1, False)
        await lea.state(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
        assert await channel.members(Room("matrix", room)) == Membership(1, True)
        with pytest.raises(Unreachable):
            await channel.members(Room("matrix", "!nowhere:home.example"))


async def test_to_a_group(world: World, sender: Matrix, lea: Person, tom: Person) -> None:
    room = await lea.create(invite=[tom.id, world.id])
    await tom.join(room)
    await world.bot.join(room)
    asked = await tom.text(room, "KoproGo ?")
    await sender.send(Room("matrix", room), CARD, (), key(1), Thread(room, asked, asked).text())
    heard = await lea.hears(by=world.id)
    assert heard["content"]["m.relates_to"]["m.in_reply_to"] == {"event_id": asked}
    await eventually(lambda: not sender._tapped)
