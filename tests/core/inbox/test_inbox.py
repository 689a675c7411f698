"""What arrives: stored once, answered in order, set aside when it cannot be; and no rubbish is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.database import Database
from core.inbox import service as inbox
from core.inbox import store
from core.inbox.model import MAX_TEXT, Waiting, content, reference_number, sender, tidy
from core.messaging.channel import (
    Address,
    Bounced,
    Departure,
    File,
    Gone,
    Ignored,
    Inbound,
    Joined,
    Message,
    Origin,
    Room,
    Seen,
    Trust,
)
from core.messaging.conversation import Conversation
from core.people import store as people
from tests.ground_floor import NOW, Sample

LEA, TOM = Address("telegram", "1"), Address("telegram", "2")
AT = datetime(2026, 11, 22, 8, 59, tzinfo=UTC)


def message(ref: str, said: str = "hello", who: Address = LEA, **rest: object) -> Message:
    return Message(Origin(who), ref, AT, said, **rest)  # type: ignore[arg-type]


async def take(database: Database, address: Address) -> str | None:
    """Answers what has waited longest at an address; gives its reference."""
    async with database.work() as uow:
        found = await inbox.next_at(uow, address)
        if found is None:
            return None
        await inbox.answered(uow, found[0])
        await uow.commit()
        return found[0].ref


# --------------------------------------------------------------------------------------------------- stored once, in order


async def test_what_arrives_twice_is_stored_once(database: Database) -> None:
    assert await inbox.receive(database, "telegram", message("7")) == LEA
    assert await inbox.receive(database, "telegram", message("7", "again")) is None
    assert await inbox.receive(database, "email", message("7", who=Address("email", "a"))) == Address("email", "a")
    async with database.work() as uow:
        found = await inbox.next_at(uow, LEA)
        assert found is not None
        assert (found[0].text, found[0].at, found[0].address) == ("hello", AT, LEA)
    assert (await inbox.counts(database))["waiting"] == 2


async def test_two_deliveries_of_one_message_at_once_are_one(database: Database) -> None:
    stored = await asyncio.gather(*(inbox.receive(database, "telegram", message("7")) for _ in range(6)))
    assert stored.count(LEA) == 1
    assert stored.count(None) == 5


async def test_messages_are_answered_in_order_at_each_address(database: Database) -> None:
    for number in range(5):
        await inbox.receive(database, "telegram", message(f"L{number}"))
        await inbox.receive(database, "telegram", message(f"T{number}", who=TOM))
    assert await inbox.waiting_addresses(database) == [LEA, TOM]
    assert [await take(database, LEA) for _ in range(6)] == [f"L{number}" for number in range(5)] + [None]
    assert await take(database, TOM) == "T0"
    assert await inbox.waiting_addresses(database) == [TOM]


async def test_one_at_a_time_at_an_address_and_many_at_many(database: Database) -> None:
    for number in range(2):
        await inbox.receive(database, "telegram", message(f"L{number}"))
    await inbox.receive(database, "telegram", message("T0", who=TOM))
    async with database.work() as first:
        assert await inbox.next_at(first, LEA) is not None
        later = asyncio.create_task(take(database, LEA))
        assert await take(database, TOM) == "T0"
        await asyncio.sleep(0.05)
        assert not later.done()
        found = await inbox.next_at(first, LEA)
        assert found is not None
        await inbox.answered(first, found[0])
        await first.commit()
    assert await later == "L1"


async def test_a_message_whose_answer_fails_still_waits(database: Database) -> None:
    await inbox.receive(database, "telegram", message("7"))
    async with database.work() as uow:
        found = await inbox.next_at(uow, LEA)
        assert found is not None
        await inbox.answered(uow, found[0])
    assert await take(database, LEA) == "7"


@pytest.mark.parametrize(
    ("inbound", "whose", "waits"),
    [
        (message("1"), LEA, True),
        (Gone(Origin(LEA), "1", AT, Departure.BLOCKED), LEA, True),
        (Bounced("1", AT, key="k", address=LEA, hard=False), LEA, True),
        (Bounced("1", AT, key="k"), None, False),
        (Seen(Origin(LEA), "1", AT, "9"), LEA, True),
        (Joined(Origin(LEA), "1", AT, 3), None, False),
        (Ignored("1", AT, "malformed"), None, False),
    ],
)
async def test_what_waits_for_an_answer(
    database: Database, inbound: Inbound, whose: Address | None, waits: bool
) -> None:
    assert sender(inbound) == whose
    assert await inbox.receive(database, "telegram", inbound) == (whose if waits else None)
    counts = await inbox.counts(database)
    assert counts["waiting"] == int(waits)
    assert counts["ignored"] == int(isinstance(inbound, Ignored))


async def test_the_address_last_used_is_the_one_just_answered(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        person = (await sample.places(uow))["lea-dubois"]
        who = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        for address in (LEA, TOM):
            await people.link(uow, address, who[person.membership.person])
        await uow.commit()
    await inbox.receive(sample.database, "telegram", message("7", who=TOM))
    await take(sample.database, TOM)
    async with sample.database.work(sample.organisation) as uow:
        lea = who["lea-dubois"]
        (_, recipient) = (await people.recipients(uow, [lea], ("telegram",)))[lea]
    assert {each.address: each.last_used for each in recipient.addresses} == {LEA: None, TOM: AT}


# ------------------------------------------------------------------------------------------------------------ what is kept


async def test_all_that_a_message_says_is_kept(database: Database) -> None:
    async def read() -> bytes:
        raise AssertionError("nobody asked for it")

    origin = Origin(LEA, Room("telegram", "-5"), language="nl", trust=Trust.FAIL)
    inbound = Message(
        origin, "7", AT, "texte", "token", "start", "r", "e", (File("a\x00b.pdf", "application/pdf", 3, read),)
    )
    await inbox.receive(database, "telegram", inbound)
    async with database.work() as uow:
        found = await inbox.next_at(uow, LEA)
    assert found is not None
    waiting = found[0]
    assert (waiting.text, waiting.choice, waiting.start, waiting.language) == ("texte", "token", "start", "nl")
    assert (waiting.room, waiting.addressed, waiting.kind) == (Room("telegram", "-5"), True, "message")
    assert waiting.content["files"] == [{"name": "ab.pdf", "media_type": "application/pdf", "size": 3}]
    assert waiting.content["trust"] == "fail"
    plain = Waiting(1, "1", LEA, "message", AT)
    assert (plain.text, plain.choice, plain.start, plain.language, plain.room, plain.addressed) == (
        *("", None, None, None, None),
        True,
    )


async def test_nothing_is_kept_of_what_is_not_for_us(database: Database) -> None:
    """What neighbours say to one another in a group is stored as heard, so that it is not heard twice, and without a word of it."""
    unaddressed = Message(Origin(LEA, Room("telegram", "-5"), addressed=False), "7", AT, "texte", in_reply_to="r")
    assert await inbox.receive(database, "telegram", unaddressed) is None
    assert content(unaddressed) == {"addressed": False}
    assert await take(database, LEA) is None


def test_who_puts_us_out_of_a_group_is_told_from_who_leaves_us() -> None:
    assert content(Gone(Origin(LEA), "1", AT, Departure.LEFT)) == {"how": "left"}
    assert content(Gone(Origin(LEA, Room("telegram", "-5")), "1", AT, Departure.LEFT)) == {"how": "left", "room": "-5"}


HOSTILE = [
    "a\x00b",
    "\ud800 alone \udfff",
    "\x1b[31m\x7f\x9b",
    "\u202egnirts\u2066",
    "\U0010ffff\ufdd0",
    "🙂" * 3,
    "x" * 100_000,
    "\x00" * 100_000 + "late",
    "",
]


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_messages_are_stored_tidy(database: Database, said: str) -> None:
    origin = Origin(LEA, Room("telegram", said[:99]), language=said[:99])
    inbound = Message(origin, "7", AT, said, said, said, said[:99], said[:99])
    assert await inbox.receive(database, "telegram", inbound) == LEA
    async with database.work() as uow:
        found = await inbox.next_at(uow, LEA)
    assert found is not None
    assert found[0].text == tidy(said)


async def test_a_hostile_reference_or_handle_is_refused_by_nobody(database: Database) -> None:
    for place, said in enumerate(HOSTILE[:5]):
        who = Address("email", f"{place}{said}")
        inbound = replace(message(f"<{said}{place}>"), origin=Origin(who))
        address = await inbox.receive(database, "email", inbound)
        assert address is not None
        assert await take(database, address) is not None
        assert await inbox.receive(database, "email", inbound) is None


@given(st.text(max_size=300))
def test_a_tidy_text_can_be_stored_and_is_tidy(said: str) -> None:
    once = tidy(said)
    assert tidy(once) == once
    assert "\x00" not in once
    once.encode()
    if said.isascii() and said.isprintable():
        assert once == said


def test_a_long_text_is_cut() -> None:
    assert len(tidy("é" * 100_000)) == MAX_TEXT
    assert tidy("line\n\ttab") == "line\n\ttab"


# -------------------------------------------------------------------------------------------------------------- set aside


async def test_what_fails_is_set_aside_under_a_number_and_the_next_is_answered(database: Database) -> None:
    await inbox.receive(database, "telegram", message("bad"))
    await inbox.receive(database, "telegram", message("good"))
    async with database.work() as uow:
        found = await inbox.next_at(uow, LEA)
    assert found is not None
    reference = await inbox.set_aside(database, found[0], "ValueError")
    assert reference == reference_number(found[0].inbound_id)
    assert await inbox.set_aside(database, found[0], "ValueError") == reference
    assert await inbox.counts(database) == {"waiting": 1, "set_aside": 1, "ignored": 0}
    assert await take(database, LEA) == "good"
    async with database.work() as uow:
        row = (await uow.connection.execute(text("SELECT * FROM set_aside"))).one()
        kept = await uow.connection.scalar(text("SELECT content ->> 'text' FROM inbox WHERE state = 'set_aside'"))
    assert (row.reference, row.inbound_id, row.reason) == (reference, found[0].inbound_id, "ValueError")
    assert kept == "hello"


def test_reference_numbers_are_short_and_each_its_own() -> None:
    numbers = [reference_number(inbound) for inbound in range(1, 20_001)]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 7 and number[3] == "-" for number in numbers)
    assert not set("01IO") & set("".join(numbers))


# ------------------------------------------------------------------------------------------------------ talks and cursors


async def test_a_talk_is_kept_until_it_ends_or_expires(database: Database, organisation: UUID) -> None:
    talk = Conversation(LEA, "human", {"building": "tilleuls"}, NOW + timedelta(hours=2), 3)
    async with database.work(organisation) as uow:
        assert await inbox.talk_of(uow, LEA) is None
        await inbox.keep_talk(uow, replace(talk, state={}))
        await inbox.keep_talk(uow, talk)
        await uow.commit()
    async with database.work(organisation) as uow:
        assert await inbox.talk_of(uow, LEA) == talk
        assert await inbox.talk_of(uow, TOM) is None
    async with database.work(organisation, now=NOW + timedelta(hours=2)) as uow:
        assert await inbox.talk_of(uow, LEA) is None


async def test_who_speaks_is_known_with_his_places_and_his_talk(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        lea = next(
            row for row in await people.residents(uow, sample.known.building_id) if row.resident.person == "lea-dubois"
        )
        speaker = await inbox.speaker(uow, lea.person_id, LEA)
        assert speaker is not None
        assert (speaker.person.name, speaker.person.language) == (lea.resident.name, "fr")
        (place,) = speaker.places
        assert place == (await sample.places(uow))["lea-dubois"]
        assert place.building == sample.known.building
        assert speaker.talk is None
        await inbox.keep_talk(uow, Conversation(LEA, "human", {}, uow.now + timedelta(seconds=1)))
        speaker = await inbox.speaker(uow, lea.person_id, LEA)
        assert speaker is not None
        assert speaker.talk is not None
        assert await inbox.talk_of(uow, LEA) is None
        assert await inbox.speaker(uow, UUID(int=9), LEA) is None
    async with sample.database.work() as uow:
        assert await inbox.speaker(uow, lea.person_id, LEA) is None


async def test_an_address_leads_to_a_person_in_each_organisation(sample: Sample) -> None:
    who = Address("email", "lea.dubois@tilleuls.example")
    await inbox.receive(sample.database, "email", message("1", who=who))
    async with sample.database.work(sample.organisation) as uow:
        handles = (await uow.connection.execute(text("SELECT handle, person_id FROM directory"))).all()
    address = Address("email", handles[0].handle)
    await inbox.receive(sample.database, "email", message("2", who=address))
    async with sample.database.work() as uow:
        known, unknown = await inbox.next_at(uow, address), await inbox.next_at(uow, Address("email", "nobody"))
    assert known is not None
    assert known[1] == [(sample.organisation, handles[0].person_id)]
    assert unknown is None


async def test_a_wire_remembers_its_cursors(database: Database) -> None:
    memory = inbox.StoredMemory(database, "telegram", "bot-1")
    other = inbox.StoredMemory(database, "telegram", "bot-2")
    assert await memory.get("offset") is None
    await memory.put("offset", "41")
    await memory.put("offset", "42")
    assert (await memory.get("offset"), await other.get("offset"), await memory.get("else")) == ("42", None, None)


async def test_a_lock_is_gone_with_its_transaction(database: Database) -> None:
    async with database.work() as uow:
        await store.lock(uow, LEA)
    async with database.work() as uow:
        await asyncio.wait_for(store.lock(uow, LEA), 1)
