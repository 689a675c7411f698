"""What does not arrive goes on by the next way, and the person is told: once, and never where he does not want it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import URL, text

from bot.courier import Courier
from core.buildings import store as buildings
from core.database import Database, application_url
from core.kernel.i18n import Catalogues
from core.kernel.text import literal, say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address, Evidence, Receipt, TryLater, Unreachable
from core.messaging.delivery import Claimed, Reader
from core.messaging.intent import Intent
from core.messaging.kinds import ANSWER, KINDS, LOAN
from core.messaging.preferences import Rhythm
from core.outbox import service as outbox
from core.outbox.model import MAX_ATTEMPTS, Told
from core.people import store as people
from core.people.wishes import service as wishes
from tests.core.outbox.test_lanes import Recorded
from tests.ground_floor import NOW, Hands

TELEGRAM, MATRIX, EMAIL = (
    Address("telegram", "7"),
    Address("matrix", "@lea:x.example"),
    Address("email", "lea@x.example"),
)
ASKED = Card(literal("The ladder"), choices=(Choice(Intent("help"), literal("Gladly")),))
BLOCKED = Unreachable("blocked")


@pytest.fixture
async def database(owner: URL, clock: Hands) -> AsyncIterator[Database]:
    recorder = outbox.Recorder(("telegram", "matrix", "email"))
    async with Database(application_url(owner), recorder=recorder, clock=clock) as opened:
        yield opened


class House:
    """Léa with her addresses, and the channels that reach her, or not."""

    def __init__(self, database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands) -> None:
        self.database, self.organisation, self.clock = database, organisation, clock
        self.telegram, self.matrix, self.email = Recorded("telegram"), Recorded("matrix"), Recorded("email")
        self.channels = {each.name: each for each in (self.telegram, self.matrix, self.email)}
        self.courier = Courier(database, self.channels, catalogues)  # type: ignore[arg-type]
        self.lea = UUID(int=0)

    async def move_in(self, *addresses: Address, used: bool = True) -> None:
        async with self.database.work(self.organisation) as uow:
            self.lea = await people.add_person(uow, "Léa", "en")
            for place, address in enumerate(addresses):
                await people.link(uow, address, self.lea)
                if used:
                    await people.used(uow, address, NOW - timedelta(days=1 + place))
            await uow.commit()

    async def tell(self, kind: str = LOAN, key: str = "ask", **rest: object) -> None:
        async with self.database.work(self.organisation) as uow:
            uow.tell(self.lea, ASKED, kind, key=key, **rest)  # type: ignore[arg-type]
            await uow.commit()

    async def answer(self) -> Claimed:
        async with self.database.work(self.organisation) as uow:
            uow.tell(
                TELEGRAM, ASKED, ANSWER, key="answer", reader=Reader(self.lea, "en"), reply_to="thread of telegram"
            )
            await uow.commit()
            return uow.claimed[0]

    async def rows(self) -> list[Told]:
        async with self.database.work(self.organisation) as uow:
            return await outbox.deliveries(uow)

    async def ways(self) -> list[tuple[str, str, str, str]]:
        return [(row.kind, row.address.channel, row.fate, row.reason) for row in await self.rows()]

    async def sql(self, statement: str) -> None:
        async with self.database.work(self.organisation) as uow:
            await uow.connection.execute(text(statement))
            await uow.commit()


@pytest.fixture
def house(database: Database, organisation: UUID, catalogues: Catalogues, clock: Hands) -> House:
    return House(database, organisation, catalogues, clock)


async def test_it_goes_on_by_the_next_channel_and_she_is_told_once(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    house.telegram.meets = {"The ladder": [BLOCKED, BLOCKED]}
    await house.tell()
    await house.tell(key="again", due=NOW + timedelta(hours=1))
    await house.courier.drain()
    assert await house.ways() == [
        ("loan", "telegram", "failed", "unreachable: blocked"),
        ("loan", "telegram", "waiting", ""),
        ("account", "email", "sent", ""),
        ("loan", "email", "sent", ""),
    ]
    lost, moved = house.email.cards
    assert lost.title == "Your messages on Telegram no longer reach you"
    assert (moved.title, moved.body) == (
        "The ladder",
        ("We could not reach you on another channel (Telegram), so this message comes to you here.",),
    )
    first, _, _, last = await house.rows()
    assert (first.next_way, last.tried) == (last.delivery_id, (TELEGRAM,))
    house.clock.now += timedelta(hours=1)
    await house.courier.drain()
    assert [card.title for card in house.email.cards] == [lost.title, "The ladder", "The ladder"], "told once"
    assert house.telegram.meets == {"The ladder": [BLOCKED]}, "nothing more is tried where nothing arrives"


async def test_where_there_is_no_other_way_the_last_says_why(house: House) -> None:
    await house.move_in(TELEGRAM)
    house.telegram.meets = {"The ladder": [BLOCKED]}
    await house.tell()
    await house.courier.drain()
    assert await house.ways() == [
        ("loan", "telegram", "failed", "unreachable: blocked"),
        ("account", "", "skipped", "no_address"),
        ("loan", "", "skipped", "no_address"),
    ]


async def test_through_three_channels_each_once(house: House) -> None:
    await house.move_in(TELEGRAM, MATRIX, EMAIL)
    house.telegram.meets = house.matrix.meets = house.email.meets = {"The ladder": [BLOCKED] * 3}
    await house.tell()
    await house.courier.drain()
    loans = [row for row in await house.rows() if row.kind == LOAN]
    assert [row.address.channel for row in loans] == ["telegram", "matrix", "email", ""]
    assert [len(row.tried) for row in loans] == [0, 1, 2, 3]
    assert [row.next_way for row in loans] == [*(row.delivery_id for row in loans[1:]), None]


async def test_a_choice_of_the_second_way_counts(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    house.telegram.meets = {"The ladder": [BLOCKED]}
    await house.tell()
    await house.courier.drain()
    token = house.email.cards[-1].choices[0].token
    async with house.database.work(house.organisation) as uow:
        assert await outbox.choice_by_token(uow, token, EMAIL, house.lea) == (
            Intent("help"),
            (await house.rows())[-1].delivery_id,
        )
        found = await outbox.choice_by_number(uow, EMAIL, 1)
        assert found is not None
        assert found[0] == Intent("help")


async def test_worn_out_on_one_channel_it_goes_on_and_the_address_lives(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    house.telegram.meets = {"The ladder": [TryLater("away", timedelta())] * MAX_ATTEMPTS}
    await house.tell()
    for _ in range(2 * MAX_ATTEMPTS):  # nothing is tried in the quiet hours of the night between
        await house.courier.drain()
        house.clock.now += timedelta(minutes=90)
    house.clock.now = NOW + timedelta(days=2)
    await house.courier.drain()
    assert await house.ways() == [("loan", "telegram", "failed", "worn_out"), ("loan", "email", "sent", "")]
    assert (await house.rows())[0].attempts == MAX_ATTEMPTS


async def test_a_mail_that_bounced_goes_on_and_its_evidence_stays(house: House) -> None:
    await house.move_in(EMAIL, MATRIX)
    await house.tell()
    await house.courier.drain()
    key = house.email.keys[0]
    for _ in range(2):  # a second bounce of the same mail changes nothing
        async with house.database.work() as uow:
            assert await outbox.bounced(uow, key, EMAIL, hard=True)
            await uow.commit()
    await house.courier.drain()
    assert await house.ways() == [
        ("loan", "email", "failed", "bounced"),
        ("account", "matrix", "sent", ""),
        ("loan", "matrix", "sent", ""),
    ]
    first = (await house.rows())[0]
    assert (first.evidence, first.sent_at) == (Evidence.ACCEPTED, NOW)
    assert house.matrix.keys[-1] != key


async def test_a_soft_bounce_goes_on_and_the_address_lives(house: House) -> None:
    await house.move_in(EMAIL, MATRIX)
    await house.tell()
    await house.courier.drain()
    async with house.database.work() as uow:
        assert await outbox.bounced(uow, house.email.keys[0], EMAIL, hard=False)
        await uow.commit()
    await house.tell(key="next")
    assert [(row.address.channel, row.reason) for row in await house.rows()] == [
        ("email", "bounced_softly"),
        ("matrix", ""),
        ("email", ""),
    ]


async def test_what_bounced_softly_and_then_hard_buries_the_address_and_goes_on_once(house: House) -> None:
    await house.move_in(EMAIL, MATRIX)
    await house.tell()
    await house.courier.drain()
    for hard in (False, True):
        async with house.database.work() as uow:
            assert await outbox.bounced(uow, house.email.keys[0], EMAIL, hard=hard)
            await uow.commit()
    await house.courier.drain()
    assert [card.title for card in house.matrix.cards] == ["The ladder", "Your messages on e-mail no longer reach you"]
    await house.tell(key="next")
    assert (await house.rows())[-1].address == MATRIX


async def test_a_forged_bounce_of_another_address_changes_nothing(house: House) -> None:
    await house.move_in(EMAIL, MATRIX)
    await house.tell()
    await house.courier.drain()
    async with house.database.work() as uow:
        assert not await outbox.bounced(uow, house.email.keys[0], MATRIX, hard=True)
    assert await house.ways() == [("loan", "email", "sent", "")]


async def test_an_answer_goes_on_to_where_she_wrote_from(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    house.telegram.meets = {"The ladder": [BLOCKED]}
    assert await house.courier.send(await house.answer()) is None
    assert [(row.kind, row.address.channel) for row in await house.rows() if row.fate == "sent"] == [
        ("answer", "email")
    ]
    assert house.email.cards[0].title == "The ladder", "at once, by the process that answers"


async def test_an_answer_does_not_go_to_an_address_that_she_never_used(house: House) -> None:
    await house.move_in(TELEGRAM)
    async with house.database.work(house.organisation) as uow:
        await people.link(uow, EMAIL, house.lea)
        await uow.commit()
    house.telegram.meets = {"The ladder": [BLOCKED]}
    await house.courier.send(await house.answer())
    await house.courier.drain()
    assert ("answer", "email") not in [(row.kind, row.address.channel) for row in await house.rows()]


async def test_an_answer_by_a_channel_of_another_process_is_left_to_it(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    email = house.channels.pop("email")
    house.telegram.meets = {"The ladder": [BLOCKED]}
    await house.courier.send(await house.answer())
    assert ("answer", "email", "waiting", "") in await house.ways()
    house.channels["email"] = email
    await house.courier.drain()
    assert "The ladder" in [card.title for card in house.email.cards]


# --------------------------------------------------------------------------------- what changed between telling and sending


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {ANSWER}))
async def test_who_stops_while_it_waits_gets_nothing_that_may_be_stopped(house: House, kind: str) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    await house.tell(kind, due=NOW + timedelta(hours=1))
    async with house.database.work(house.organisation, now=NOW + timedelta(minutes=1)) as uow:
        await wishes.stop(uow, house.lea)
        await uow.commit()
    house.clock.now += timedelta(hours=1)
    await house.courier.drain()
    sent = [card for channel in house.channels.values() for card in channel.cards]
    if KINDS[kind].may_stop:
        assert sent == []
        assert [(row.fate, row.reason) for row in await house.rows()] == [
            ("skipped", "changed"),
            ("skipped", "stopped"),
        ]
    elif kind != "legal":
        assert [card.title for card in sent] == ["The ladder"]


async def test_who_unsubscribes_an_address_while_it_waits_is_told_elsewhere(house: House) -> None:
    await house.move_in(EMAIL, TELEGRAM)
    await house.tell(due=NOW + timedelta(hours=1))
    async with house.database.work(now=NOW + timedelta(minutes=1)) as uow:
        await people.stop(uow, EMAIL)
        await uow.commit()
    house.clock.now += timedelta(hours=1)
    await house.courier.drain()
    assert (house.email.cards, [card.title for card in house.telegram.cards]) == ([], ["The ladder"])
    assert house.telegram.cards[0].body == (), "nothing failed, so nothing is explained"


async def test_an_address_that_is_unlinked_while_it_waits_gets_nothing(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    await house.tell(due=NOW + timedelta(hours=1))
    async with house.database.work(house.organisation) as uow:
        await people.unlink(uow, TELEGRAM, house.lea)
        await uow.commit()
    house.clock.now += timedelta(hours=1)
    await house.courier.drain()
    assert (house.telegram.cards, len(house.email.cards)) == ([], 1)


async def test_a_wish_of_before_changes_nothing(house: House) -> None:
    await house.move_in(TELEGRAM)
    async with house.database.work(house.organisation) as uow:
        await wishes.gather(uow, house.lea, Rhythm.AT_ONCE)
        await uow.commit()
    await house.tell()
    await house.courier.drain()
    assert await house.ways() == [("loan", "telegram", "sent", "")]


async def test_what_expired_on_its_way_is_not_sent_again(house: House) -> None:
    await house.move_in(TELEGRAM, EMAIL)
    await house.tell(expires=NOW + timedelta(minutes=1))
    house.telegram.meets = {"The ladder": [TryLater("busy", timedelta(minutes=5))]}
    await house.courier.drain()
    house.clock.now += timedelta(minutes=6)
    await house.courier.drain()
    assert await house.ways() == [("loan", "telegram", "skipped", "expired")]


async def test_in_another_organisation_nothing_moves(house: House, database: Database) -> None:
    async with database.work() as uow:
        other = await buildings.add_organisation(uow, "other")
        await uow.commit()
    await house.move_in(TELEGRAM, EMAIL)
    await house.tell()
    (mine,) = await outbox.claim(database, ("telegram",))
    await outbox.failed(database, mine, "unreachable", dead=True)
    async with database.work(other) as uow:
        assert await outbox.deliveries(uow) == []


async def test_evidence_does_not_shrink_when_it_goes_on(house: House) -> None:
    await house.move_in(EMAIL, MATRIX)
    await house.tell()
    (mine,) = await outbox.claim(house.database, ("email",))
    await outbox.sent(house.database, mine, Receipt("ref", Evidence.DELIVERED, NOW))
    async with house.database.work() as uow:
        await outbox.bounced(uow, mine.delivery_id.hex, EMAIL, hard=False)
        await uow.commit()
    assert (await house.rows())[0].evidence == Evidence.DELIVERED


def test_the_words_exist(catalogues: Catalogues) -> None:
    for words in catalogues.values():
        assert "Matrix" in words(say("elsewhere.moved", channel=say("channel.matrix")))
