"""What is told: recorded once with its fact, claimed by one, settled as it went; and choices for whom they were offered to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.database import Database, UnitOfWork
from core.kernel.money import Money
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Address, Evidence, Receipt
from core.messaging.delivery import Claimed, Reader
from core.messaging.intent import Intent
from core.messaging.kinds import ANSWER
from core.outbox import service as outbox
from core.outbox import store
from core.outbox.model import LEASE, LONGEST_WAIT, MAX_ATTEMPTS, Told, backoff
from core.people import store as people
from tests.ground_floor import CHANNELS, NOW, Hands

LEA, TOM = Address("console", "lea"), Address("telegram", "2")
HELP, PAY = Intent("help"), Intent("charges.pay", {"building": "tilleuls", "list": [1, {"a": None}]})
CARD: Card[Text] = Card(
    say("charges.pay.title", amount=Money(500)),
    (literal("Léa 🌳"),),
    (Fact(say("charges.fact.to_pay"), literal(Money(500)), "to_pay", 500),),
    (Choice(HELP, say("bot.choice.help")), Choice(PAY, say("charges.choice.pay"))),
)
PLAIN: Card[Text] = Card(say("help.thanks"))


async def tell(
    database: Database, organisation: UUID, to: UUID | Address, key: str = "k", kind: str = "account", **rest: object
) -> Sequence[Claimed]:
    async with database.work(organisation) as uow:
        uow.tell(to, rest.pop("card", CARD), kind, key=key, **rest)  # type: ignore[arg-type]
        await uow.commit()
        return uow.claimed


async def told(database: Database, organisation: UUID) -> list[Told]:
    async with database.work(organisation) as uow:
        return await outbox.deliveries(uow)


async def somebody(database: Database, organisation: UUID, *addresses: Address, language: str = "de") -> UUID:
    async with database.work(organisation) as uow:
        person = await people.add_person(uow, "Somebody", language)
        for address in addresses:
            await people.link(uow, address, person)
        await uow.commit()
        return person


def receipt(ref: str = "w1", evidence: Evidence = Evidence.ACCEPTED) -> Receipt:
    return Receipt(ref, evidence, NOW)


# ---------------------------------------------------------------------------------------------------------- recorded once


async def test_an_answer_is_born_claimed(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation)
    (mine,) = await tell(
        database, organisation, LEA, kind=ANSWER, reply_to="m7", reader=Reader(person, "nl"), key="answer:1"
    )
    assert (mine.address, mine.reader, mine.reply_to, mine.attempts) == (LEA, Reader(person, "nl"), "m7", 1)
    assert [choice.intent for choice in mine.card.choices] == [HELP, PAY]
    assert all(choice.token for choice in mine.card.choices)
    assert replace(mine.card, choices=CARD.choices) == CARD
    assert await outbox.claim(database, CHANNELS) == []
    (row,) = await told(database, organisation)
    assert (row.fate, row.attempts, row.card, row.person_id, row.language) == ("sending", 1, mine.card, person, "nl")


async def test_a_notice_waits_to_be_claimed(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation, LEA)
    assert await tell(database, organisation, person) == []
    (row,) = await told(database, organisation)
    assert (row.fate, row.address, row.attempts, row.language) == ("waiting", LEA, 0, "de")
    (mine,) = await outbox.claim(database, CHANNELS)
    assert (mine.organisation, mine.address, mine.reader, mine.card) == (
        organisation,
        LEA,
        Reader(person, "de"),
        row.card,
    )
    assert (mine.key, mine.kind, mine.attempts) == ("k", "account", 1)


@pytest.mark.parametrize("kind", [ANSWER, "account"])
async def test_a_key_that_is_known_adds_nothing(database: Database, organisation: UUID, kind: str) -> None:
    first = await tell(database, organisation, LEA, kind=kind)
    assert await tell(database, organisation, LEA, kind=kind, card=PLAIN) == []
    async with database.work(organisation) as uow:
        uow.tell(LEA, PLAIN, kind, key="k")
        uow.tell(LEA, PLAIN, kind, key="other")
        uow.tell(LEA, PLAIN, kind, key="other")
        await uow.commit()
        assert len(uow.claimed) == int(kind == ANSWER)
    rows = await told(database, organisation)
    assert [row.card.title for row in rows] == [CARD.title, PLAIN.title]
    assert len(first) == int(kind == ANSWER)
    async with database.work(organisation) as uow:
        assert await uow.connection.scalar(text("SELECT count(*) FROM choices")) == 2


async def test_what_is_rolled_back_was_never_told(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        uow.tell(LEA, CARD, ANSWER, key="k")
        await uow.flush()
    assert await told(database, organisation) == []


async def test_who_cannot_be_reached_is_skipped_with_the_reason(database: Database, organisation: UUID) -> None:
    nobody = await somebody(database, organisation, Address("email", "a@b.example"))
    await tell(database, organisation, nobody, "1")
    await tell(database, organisation, uuid4(), "2")
    await tell(database, organisation, LEA, "3", expires=NOW)
    await tell(database, organisation, nobody, "4", kind=ANSWER)
    rows = await told(database, organisation)
    assert [(row.fate, row.reason) for row in rows] == [
        ("skipped", "no_address"),
        ("skipped", "no_address"),
        ("skipped", "expired"),
        ("skipped", "no_address"),
    ]
    assert await outbox.claim(database, CHANNELS) == []
    async with database.work(organisation) as uow:
        assert len(await outbox.deliveries(uow, failed=True)) == 4


async def test_a_stranger_is_told_in_the_default_language(database: Database) -> None:
    async with database.work() as uow:
        uow.tell(LEA, PLAIN, ANSWER, key="k")
        await uow.commit()
        assert uow.claimed[0].reader == Reader(None, "nl")


async def test_many_are_told_at_once_in_order(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        for number in range(300):
            uow.tell(Address("console", f"{number}"), CARD, "account", key=str(number))
        await uow.commit()
    rows = await told(database, organisation)
    assert len({choice.token for row in rows for choice in row.card.choices}) == 600
    claimed = [await outbox.claim(database, CHANNELS, 200), await outbox.claim(database, CHANNELS, 200)]
    assert [len(each) for each in claimed] == [200, 100]
    assert [delivery.key for each in claimed for delivery in each] == [str(number) for number in range(300)]


# ------------------------------------------------------------------------------------------------------------ claimed by one


async def test_two_who_claim_at_once_share_the_work(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        for number in range(40):
            uow.tell(Address("console", f"{number}"), PLAIN, "account", key=str(number))
        await uow.commit()
    async with database.work() as first, database.work() as second:
        one = await store.claim(first, CHANNELS, 25)
        other = await asyncio.wait_for(store.claim(second, CHANNELS, 25), 5)
        assert (len(one), len(other)) == (25, 15)
        assert not set(one) & set(other)
        await first.commit()
        await second.commit()
    claims = await asyncio.gather(*(outbox.claim(database, CHANNELS) for _ in range(3)))
    assert claims == [[], [], []]


async def test_a_claim_takes_no_more_than_it_asks_for(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        for number in range(30):
            uow.tell(Address("console", f"{number}"), PLAIN, "account", key=str(number))
        await uow.commit()
    async with database.work() as uow:
        # Whatever way the planner takes: a subquery that is run again for each row would take more.
        for setting in ("hashjoin", "hashagg", "mergejoin", "material", "memoize"):
            await uow.connection.execute(text(f"SET LOCAL enable_{setting} = off"))
        assert len(await store.claim(uow, CHANNELS, 3)) == 3


async def test_only_what_is_due_and_can_be_sent_here_is_claimed(
    database: Database, organisation: UUID, clock: Hands
) -> None:
    await tell(database, organisation, LEA, "later", due=NOW + timedelta(hours=1))
    await tell(database, organisation, TOM, "telegram")
    assert [each.key for each in await outbox.claim(database, ("console",))] == []
    assert [each.key for each in await outbox.claim(database, ("telegram",))] == ["telegram"]
    clock.now += timedelta(hours=1)
    assert [each.key for each in await outbox.claim(database, ("console",))] == ["later"]
    assert await outbox.claim(database, ()) == []


async def test_a_lease_that_ran_out_may_be_taken_up_by_another(
    database: Database, organisation: UUID, clock: Hands
) -> None:
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER)
    clock.now += LEASE - timedelta(seconds=1)
    assert await outbox.claim(database, CHANNELS) == []
    clock.now += timedelta(seconds=1)
    (theirs,) = await outbox.claim(database, CHANNELS)
    assert (theirs.delivery_id, theirs.attempts, theirs.card) == (mine.delivery_id, 2, mine.card)
    assert await outbox.claim(database, CHANNELS) == []
    clock.now += LEASE
    assert len(await outbox.claim(database, CHANNELS)) == 1


async def test_what_expired_while_it_waited_is_not_sent(database: Database, organisation: UUID, clock: Hands) -> None:
    await tell(database, organisation, LEA, expires=NOW + timedelta(minutes=5), due=NOW + timedelta(minutes=1))
    clock.now += timedelta(minutes=5)
    assert await outbox.claim(database, CHANNELS) == []
    (row,) = await told(database, organisation)
    assert (row.fate, row.reason) == ("skipped", "expired")


# ------------------------------------------------------------------------------------------------------- settled as it went


async def test_what_was_sent_stays_sent(database: Database, organisation: UUID, clock: Hands) -> None:
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER)
    assert await outbox.shown(database, organisation, mine.delivery_id) is None
    await outbox.sent(database, mine, receipt("w9"))
    (row,) = await told(database, organisation)
    assert (row.fate, row.evidence, row.sent_at, row.reason) == ("sent", Evidence.ACCEPTED, NOW, "")
    clock.now += LEASE * 2
    assert await outbox.claim(database, CHANNELS) == []
    found = await outbox.shown(database, organisation, mine.delivery_id)
    assert found is not None
    address, shown, what = found
    assert (address, shown, what) == (LEA, receipt("w9"), row)
    assert await outbox.shown(database, organisation, uuid4()) is None


async def test_evidence_only_grows(database: Database, organisation: UUID) -> None:
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER)
    seen = []
    for evidence in (Evidence.NONE, Evidence.DELIVERED, Evidence.ACCEPTED, Evidence.ACKNOWLEDGED, Evidence.SEEN):
        await outbox.sent(database, mine, receipt(evidence=evidence))
        seen.append((await told(database, organisation))[0].evidence)
    assert seen == [0, 2, 2, 4, 4]


async def test_what_failed_is_not_tried_again(database: Database, organisation: UUID, clock: Hands) -> None:
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER)
    await outbox.failed(database, mine, "unreachable: blocked")
    clock.now += timedelta(days=9)
    assert await outbox.claim(database, CHANNELS) == []
    async with database.work(organisation) as uow:
        (row,) = await outbox.deliveries(uow, failed=True)
    assert (row.fate, row.reason) == ("failed", "unreachable: blocked")


async def test_what_is_put_off_is_tried_again_until_it_was_enough(
    database: Database, organisation: UUID, clock: Hands
) -> None:
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER)
    for attempt in range(1, MAX_ATTEMPTS):
        assert mine.attempts == attempt
        await outbox.later(database, mine, "flood", timedelta(seconds=20))
        (row,) = await told(database, organisation)
        assert (row.fate, row.reason) == ("waiting", "flood")
        clock.now += backoff(attempt, timedelta(seconds=20)) - timedelta(seconds=1)
        assert await outbox.claim(database, CHANNELS) == []
        clock.now += timedelta(seconds=1) + backoff(attempt, timedelta(), 1) - backoff(attempt, timedelta())
        (mine,) = await outbox.claim(database, CHANNELS)
    await outbox.later(database, mine, "flood", timedelta(seconds=20))
    (row,) = await told(database, organisation)
    assert (row.fate, row.reason) == ("failed", "worn_out")


def test_each_wait_is_longer_than_the_one_before_up_to_an_hour() -> None:
    waits = [backoff(attempts, timedelta()) for attempts in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)
    assert waits[-1] == LONGEST_WAIT
    assert backoff(1, timedelta(hours=5)) == backoff(1, timedelta(hours=5), 1) == timedelta(hours=5)
    assert backoff(1, timedelta(), 1) == timedelta(seconds=12.5)


async def test_what_a_wire_refuses_is_set_aside_for_a_human(database: Database, organisation: UUID) -> None:
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER)
    reference = await outbox.set_aside(database, mine, "too long")
    assert (await told(database, organisation))[0].fate == "failed"
    async with database.work() as uow:
        row = (await uow.connection.execute(text("SELECT reference, delivery_id, reason FROM set_aside"))).one()
    assert tuple(row) == (reference, mine.delivery_id, "too long")


# --------------------------------------------------------------------------------------------- choices, for whom they are


async def pressed(database: Database, organisation: UUID, token: str, at: Address, who: UUID | None) -> Intent | None:
    async with database.work(organisation) as uow:
        found = await outbox.choice_by_token(uow, token, at, who)
    return found[0] if found else None


async def test_a_choice_is_his_to_whom_it_was_offered(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation, LEA)
    other = await somebody(database, organisation, TOM)
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER, reader=Reader(person, "fr"))
    token = mine.card.choices[1].token
    assert await pressed(database, organisation, token, LEA, person) == PAY
    assert await pressed(database, organisation, token, TOM, person) == PAY  # from another of his addresses
    assert await pressed(database, organisation, token, LEA, other) is None
    assert await pressed(database, organisation, token, LEA, None) is None
    assert await pressed(database, organisation, "unknown", LEA, person) is None
    async with database.work() as uow:
        assert await outbox.choice_by_token(uow, token, LEA, person) is None  # from another organisation


async def test_a_strangers_choice_is_that_of_his_address(database: Database, organisation: UUID) -> None:
    (mine,) = await tell(database, organisation, LEA, kind=ANSWER)
    token = mine.card.choices[0].token
    assert await pressed(database, organisation, token, LEA, None) == HELP
    assert await pressed(database, organisation, token, TOM, None) is None
    person = await somebody(database, organisation, LEA)
    assert await pressed(database, organisation, token, LEA, person) is None


async def test_a_number_is_the_choice_of_the_last_card_that_had_some(database: Database, organisation: UUID) -> None:
    async def number(chosen: int, at: Address = LEA) -> Intent | None:
        async with database.work(organisation) as uow:
            found = await outbox.choice_by_number(uow, at, chosen)
        return found[0] if found else None

    assert await number(1) is None
    await tell(database, organisation, LEA, "1", kind=ANSWER, card=replace(CARD, choices=CARD.choices[::-1]))
    assert [await number(chosen) for chosen in (0, 1, 2, 3, -1, 40_000, 2**40)] == [None, PAY, HELP, *[None] * 4]
    await tell(database, organisation, LEA, "2", kind=ANSWER)
    await tell(database, organisation, LEA, "3", kind=ANSWER, card=PLAIN)
    assert [await number(1), await number(2)] == [HELP, PAY]
    assert await number(1, TOM) is None


async def test_a_person_reads_all_that_he_was_told(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation, LEA)
    await tell(database, organisation, person, "1")
    await tell(database, organisation, LEA, "2", kind=ANSWER, card=PLAIN, reader=Reader(person, "fr"))
    await tell(database, organisation, TOM, "3")
    async with database.work(organisation) as uow:
        assert [row.card.title for row in await outbox.told_to(uow, person)] == [CARD.title, PLAIN.title]
        assert len(await outbox.deliveries(uow)) == 3
        assert await outbox.deliveries(uow, failed=True) == []


async def test_a_notice_goes_to_the_address_last_used(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation, LEA, TOM)
    for place, (address, at) in enumerate(((TOM, NOW - timedelta(days=2)), (LEA, NOW - timedelta(days=1)))):
        async with database.work(organisation) as uow:
            await uow.connection.execute(
                text("UPDATE directory SET last_used = :at WHERE handle = :handle"),
                {"at": at, "handle": address.handle},
            )
            uow.tell(person, PLAIN, "account", key=str(place))
            await uow.commit()
    assert [row.address for row in await told(database, organisation)] == [TOM, LEA]


async def test_a_last_resort_is_used_only_where_there_is_no_other(uow: UnitOfWork) -> None:
    recorder = outbox.Recorder(("telegram",), ("console",))
    person = await people.add_person(uow, "Somebody", "fr")
    await people.link(uow, LEA, person)
    await recorder(uow, [])
    uow.recorder = recorder
    uow.tell(person, PLAIN, "account", key="1")
    await uow.flush()
    await people.link(uow, TOM, person)
    uow.tell(person, PLAIN, "account", key="2")
    await uow.flush()
    assert [row.address for row in await outbox.told_to(uow, person)] == [LEA, TOM]


async def test_the_moment_of_telling_is_that_of_the_fact(database: Database, organisation: UUID, clock: Hands) -> None:
    clock.now = datetime(2026, 12, 31, 23, 59, tzinfo=NOW.tzinfo)
    await tell(database, organisation, LEA)
    assert (await told(database, organisation))[0].created_at == clock.now
