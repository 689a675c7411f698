"""A broadcast: who it is for, what each reads, seen before it is sent, sent once, watched, sent again, stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.kernel.errors import DomainError
from core.kernel.i18n import Catalogues
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, Evidence, Receipt
from core.messaging.kinds import KINDS, LEGAL, MONEY, NOTICE_BOARD, Urgency
from core.messaging.preferences import QuietHours, Rhythm
from core.outbox import service as outbox
from core.outbox import store as outbox_store
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts import store
from core.outbox.broadcasts.cards import broadcast_card
from core.outbox.broadcasts.model import (
    AT_ONCE,
    DIGEST,
    LATER,
    LONGEST_TITLE,
    SENDABLE,
    Audience,
    Broadcast,
    Occasion,
    Paper,
    Wording,
    check,
)
from core.people import store as people
from core.people.wishes import service as wishes
from tests.core.outbox.conftest import (
    COUNCIL_CODE,
    DUTCH,
    FRENCH,
    OWNER_CODE,
    OWNERS,
    SYNDIC_CODE,
    TENANT_CODE,
    count,
    draft,
    preview,
    send,
)
from tests.ground_floor import NOW, Hands, Sample

# ----------------------------------------------------------------------------------------------------------- who it is for


@pytest.mark.parametrize(
    ("written", "audience"),
    [
        ("owners", Audience("owners")),
        ("lots:A1, A2,A1", Audience("everyone", ("A1", "A2"))),
        ("owners:A*", Audience("owners", ("A*",))),
        ("persons:lea-dubois", Audience("persons", persons=("lea-dubois",))),
    ],
)
def test_an_audience_in_words(written: str, audience: Audience) -> None:
    assert Audience.parse(written) == audience
    assert Audience.parse(str(audience)) == audience


@pytest.mark.parametrize("written", ["", "lots", "lots:", "persons:,", "neighbours", "owners:", "Owners", ":A1"])
def test_no_audience(written: str) -> None:
    with pytest.raises(DomainError) as refused:
        Audience.parse(written)
    assert refused.value.text.key == "broadcast.no_audience"


@pytest.mark.parametrize(
    ("audience", "codes"),
    [
        ("tenants", {"youssef-benali", "lukas-hermann"}),
        ("council", {"lea-dubois", "tom-vermeulen", "sofie-desmet"}),
        ("lots:1B", {"katrien-willems", "youssef-benali"}),
        ("owners:1B", {"katrien-willems"}),
        ("tenants:1B,5*", {"youssef-benali", "lukas-hermann"}),
        ("lots:C7", {"priya-nair"}),
        ("council:5A,RC", {"sofie-desmet"}),
        ("lots:4A", {"marguerite-lambert", "olivier-lambert"}),
        ("persons:anna-schmitz,nathalie-renard", {"anna-schmitz", "nathalie-renard"}),
    ],
)
async def test_whom_it_reaches(sample: Sample, write: Callable[..., Broadcast], audience: str, codes: set[str]) -> None:
    seen = await preview(sample, write(audience))
    assert {row.member.code for row in seen.everybody} == codes


async def test_everyone_is_who_has_a_place_there_today(sample: Sample, write: Callable[..., Broadcast]) -> None:
    everyone = {row.member.code for row in (await preview(sample, write("everyone"))).everybody}
    owners = {row.member.code for row in (await preview(sample, write("owners"))).everybody}
    assert "werner-klein" not in everyone, "he has sold"
    assert owners < everyone
    assert {"youssef-benali", "nathalie-renard"} <= everyone - owners
    assert len(owners) == OWNERS


@pytest.mark.parametrize(
    ("audience", "key"),
    [("lots:9Z", "broadcast.no_lot"), ("lots:Z*", "broadcast.no_lot"), ("persons:werner-klein", "broadcast.no_person")],
)
async def test_nobody_of_that_name(sample: Sample, write: Callable[..., Broadcast], audience: str, key: str) -> None:
    with pytest.raises(DomainError) as refused:
        await send(sample, write(audience))
    assert refused.value.text.key == key


@pytest.mark.parametrize("code", [OWNER_CODE, TENANT_CODE, "werner-klein"])
async def test_only_who_speaks_for_the_building_may(
    sample: Sample, write: Callable[..., Broadcast], who: dict[str, UUID], code: str
) -> None:
    for use in (send, preview):
        with pytest.raises(DomainError) as refused:
            await use(sample, write(by=code))
        assert refused.value.text.key == "broadcast.not_allowed"
    mine = write()
    await send(sample, mine)
    for case in (broadcasts.progress, broadcasts.unreached, broadcasts.stop, broadcasts.again):
        async with sample.database.work(sample.organisation) as uow:
            with pytest.raises(DomainError) as refused:
                await case(uow, mine.broadcast_id, who[code])
            assert refused.value.text.key == "broadcast.not_allowed"
    async with sample.database.work(sample.organisation) as uow:
        assert (await broadcasts.progress(uow, mine.broadcast_id, who[COUNCIL_CODE])).total > 0


# --------------------------------------------------------------------------------------------------------- what each reads


@pytest.mark.parametrize(
    ("reader", "title", "about"),
    [
        ("fr", FRENCH.title, []),
        ("nl", DUTCH.title, ["broadcast.translated"]),
        ("de", FRENCH.title, ["broadcast.original_only"]),
    ],
)
def test_each_reads_his_own_language(sample: Sample, reader: str, title: str, about: list[str]) -> None:
    card = broadcast_card(draft(sample, uuid4()), sample.known.building, "Nathalie", reader, (), NOW)
    assert card.title.values["value"] == title
    assert [paragraph.key for paragraph in card.body if paragraph.key] == about


def test_where_there_is_no_text_of_his_the_buildings_first_language_comes_before_the_original(sample: Sample) -> None:
    building = replace(sample.known.building, languages=("nl", "fr"))
    written = draft(sample, uuid4())
    assert written.language_for("de", building) == "nl"
    assert replace(written, wordings={"fr": FRENCH}).language_for("de", building) == "fr"


def test_the_card_says_everything_in_four_languages(sample: Sample, catalogues: Catalogues) -> None:
    occasion = Occasion(datetime(2026, 12, 5, 18, tzinfo=UTC), datetime(2026, 12, 5, 20, tzinfo=UTC), "Hall")
    paper = Paper(uuid4(), "Plan")
    for reader, words in catalogues.items():
        for each in (occasion, occasion.called_off(), Occasion(date(2026, 12, 5), date(2026, 12, 7))):
            written = draft(sample, uuid4(), occasion=each, kind=LEGAL)
            card = broadcast_card(written, sample.known.building, "Nathalie", reader, (paper,), NOW).map(words)
            facts = {fact.key: fact.value for fact in card.facts}
            assert (facts["sender"], facts["building"], facts["paper"]) == (
                "Nathalie",
                sample.known.building.name,
                "Plan",
            )
            assert "2026" in facts["when"]
            assert ("called_off" in facts) is each.cancelled
            assert not card.may_stop
            assert [attachment.kind for attachment in card.attachments] == ["document", "calendar"]
    assert (
        "19:00"
        in dict(
            (fact.key, fact.value)
            for fact in broadcast_card(
                draft(sample, uuid4(), occasion=occasion), sample.known.building, "N", "fr", (), NOW
            )
            .map(catalogues["fr"])
            .facts
        )["when"]
    )


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"kind": "answer"}, "broadcast.not_sendable"),
        ({"kind": "nonsense"}, "broadcast.not_sendable"),
        ({"original": "de"}, "broadcast.no_language"),
        ({"wordings": {"fr": FRENCH, "es": DUTCH}}, "broadcast.no_language"),
        ({"wordings": {"fr": Wording(" ", "x")}}, "broadcast.nothing_said"),
        ({"wordings": {"fr": Wording("x", " \n\n ")}}, "broadcast.nothing_said"),
        ({"wordings": {"fr": Wording("x" * (LONGEST_TITLE + 1), "x")}}, "broadcast.too_long"),
        ({"papers": tuple(Paper(uuid4(), "x") for _ in range(11))}, "broadcast.too_many_papers"),
        ({"occasion": Occasion(date(2026, 12, 5), date(2026, 12, 4))}, "broadcast.ends_too_early"),
        ({"occasion": Occasion(date(2026, 12, 5), NOW)}, "broadcast.ends_too_early"),
    ],
)
def test_what_cannot_be_sent_as_it_is(sample: Sample, change: dict[str, Any], key: str) -> None:
    with pytest.raises(DomainError) as refused:
        check(replace(draft(sample, uuid4()), **change))
    assert refused.value.text.key == key
    check(draft(sample, uuid4()))


def test_the_kinds_that_may_be_sent_are_kinds() -> None:
    assert set(SENDABLE) < set(KINDS)
    assert not {"answer", "account", "loan", "exchange"} & set(SENDABLE)


# ------------------------------------------------------------------------------------------------------------ before sending


async def test_a_preview_says_how_and_when_and_who_not_and_writes_nothing(
    sample: Sample, write: Callable[..., Broadcast], who: dict[str, UUID], clock: Hands
) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await wishes.switch(uow, who["tom-vermeulen"], NOTICE_BOARD, False)
        await wishes.gather(uow, who["sofie-desmet"], Rhythm.DAILY)
        await wishes.keep_quiet(uow, who["james-carter"], QuietHours(time(9), time(12)))
        await people.link(uow, Address("telegram", "7"), who["lea-dubois"])
        await people.used(uow, Address("telegram", "7"), NOW)
        await uow.commit()
    mine = write()
    before = await count(sample.database, sample.organisation, "deliveries")
    seen = await preview(sample, mine)
    by_code = {row.member.code: row for row in seen.everybody}
    assert {code: row.reason for code, row in by_code.items() if not row.channel} == {
        "tom-vermeulen": "switched_off",
        OWNER_CODE: "no_address",
    }
    assert seen.reasons == {"switched_off": 1, "no_address": 1}
    assert (by_code["lea-dubois"].channel, by_code["jan-desmet"].channel) == ("telegram", "console")
    assert (by_code["sofie-desmet"].wait, by_code["james-carter"].wait) == (DIGEST, LATER)
    assert by_code["james-carter"].due == datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert seen.waits == {AT_ONCE: len(seen.reached) - 2, DIGEST: 1, LATER: 1}
    assert sum(seen.channels.values()) == len(seen.reached) == len(seen.everybody) - 2
    assert (by_code["jan-desmet"].language, by_code["james-carter"].language) == ("nl", "fr")
    assert await count(sample.database, sample.organisation, "deliveries") == before
    assert await count(sample.database, sample.organisation, "broadcasts") == 0


async def test_what_is_previewed_is_what_happens(sample: Sample, write: Callable[..., Broadcast]) -> None:
    for kind, urgency in ((NOTICE_BOARD, None), (MONEY, Urgency.URGENT), (LEGAL, None)):
        mine = write("everyone", kind=kind, urgency=urgency)
        seen, done = await preview(sample, mine), await send(sample, mine)
        assert done.total == len(seen.everybody)
        assert done.channels == seen.channels
        assert done.reasons == seen.reasons
        assert (done.fates["waiting"], done.fates["skipped"]) == (len(seen.reached), len(seen.unreached))
        async with sample.database.work(sample.organisation) as uow:
            due = {row.person: row.due for row in await store.outcomes(uow, mine.broadcast_id) if row.channel}
        assert due == {row.member.person: row.due for row in seen.reached}


async def test_a_legal_one_goes_by_consent_or_letter(sample: Sample, write: Callable[..., Broadcast]) -> None:
    seen = await preview(sample, write(kind=LEGAL))
    assert set(seen.channels) == {"letter"}, "nobody accepted a terminal"


# -------------------------------------------------------------------------------------------------------------- sent, once


async def test_it_is_sent_once_however_often_it_is_pressed(
    sample: Sample, write: Callable[..., Broadcast], who: dict[str, UUID]
) -> None:
    mine = write("everyone", occasion=Occasion(NOW, NOW + timedelta(hours=2), "Hall"), urgency=Urgency.URGENT)
    first = await send(sample, mine)
    rows = await count(sample.database, sample.organisation, "deliveries")
    second = await send(sample, mine)
    assert second == first
    assert await count(sample.database, sample.organisation, "deliveries") == rows == first.total
    async with sample.database.work(sample.organisation) as uow:
        (kept,) = await broadcasts.sent(uow, sample.known.building_id, who[SYNDIC_CODE])
    assert kept.broadcast == mine
    assert (kept.at, kept.attempts, kept.stopped_at) == (NOW, 1, None)


async def test_it_is_all_or_nothing(sample: Sample, write: Callable[..., Broadcast]) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await broadcasts.send(uow, write())
    for table in ("broadcasts", "broadcast_recipients", "deliveries"):
        assert await count(sample.database, sample.organisation, table) == 0


async def test_to_nobody_it_is_not_sent(sample: Sample, write: Callable[..., Broadcast]) -> None:
    with pytest.raises(DomainError) as refused:
        await send(sample, write("tenants:G1"))
    assert refused.value.text.key == "broadcast.nobody"


# ------------------------------------------------------------------------------------------------- watched, again, stopped


async def test_progress_follows_each_delivery_to_its_next_way(
    sample: Sample, write: Callable[..., Broadcast], who: dict[str, UUID]
) -> None:
    mine = write()
    done = await send(sample, mine)
    assert done.pending == done.fates["waiting"]
    taken = await outbox.claim(sample.database, ("console",), 3)
    left, failed, gone_on = taken[:3]
    await outbox.sent(sample.database, left, Receipt("w", Evidence.DELIVERED, NOW))
    async with sample.database.work(sample.organisation) as uow:
        await outbox_store.settle_failed(uow, failed.delivery_id, "unreachable: blocked by 12345", failed.attempts)
        uow.tell(Address("telegram", "9"), Card(say("help.thanks")), NOTICE_BOARD, key="the next way")
        await outbox_store.settle_failed(uow, gone_on.delivery_id, "bounced", gone_on.attempts)
        await uow.flush()
        await uow.connection.execute(
            text(
                "UPDATE deliveries SET next_way = (SELECT delivery_id FROM deliveries WHERE key = 'the next way')"
                " WHERE delivery_id = :delivery"
            ),
            {"delivery": gone_on.delivery_id},
        )
        await uow.commit()
    async with sample.database.work(sample.organisation) as uow:
        now = await broadcasts.progress(uow, mine.broadcast_id, who[SYNDIC_CODE])
        missed = await broadcasts.unreached(uow, mine.broadcast_id, who[SYNDIC_CODE])
    assert now.total == done.total
    assert (now.fates["sent"], now.fates["failed"]) == (1, 1)
    assert now.evidence == {Evidence.DELIVERED: 1}
    assert now.reasons["unreachable"] == 1
    assert "bounced" not in now.reasons
    assert now.channels["telegram"] == 1
    assert left.reader.person not in {row.person for row in missed}
    assert {failed.reader.person, gone_on.reader.person, who[OWNER_CODE]} <= {row.person for row in missed}
    assert len(missed) == done.total - 1


async def test_again_reaches_those_who_missed_it_and_nobody_else(
    sample: Sample, write: Callable[..., Broadcast], who: dict[str, UUID]
) -> None:
    mine = write("council")
    await send(sample, mine)
    taken = {row.reader.person: row for row in await outbox.claim(sample.database, ("console",), 9)}
    await outbox.sent(sample.database, taken[who["lea-dubois"]], Receipt("w", Evidence.ACCEPTED, NOW))
    async with sample.database.work(sample.organisation) as uow:
        await outbox_store.settle_failed(uow, taken[who["tom-vermeulen"]].delivery_id, "bounced", 1)
        await uow.commit()
    # Sofie's is on its way still.
    for attempt in (2, 2):
        async with sample.database.work(sample.organisation) as uow:
            done = await broadcasts.again(uow, mine.broadcast_id, who[SYNDIC_CODE])
            await uow.commit()
        assert done.sent.attempts == attempt
    (again,) = await outbox.claim(sample.database, ("console",), 9)
    assert again.reader.person == who["tom-vermeulen"]
    assert done.total == 3
    await outbox.sent(sample.database, again, Receipt("w2", Evidence.SEEN, NOW))
    async with sample.database.work(sample.organisation) as uow:
        below = await broadcasts.unreached(uow, mine.broadcast_id, who[SYNDIC_CODE], Evidence.SEEN)
    assert {row.person for row in below} == {who["lea-dubois"], who["sofie-desmet"]}


async def test_stopping_cancels_what_has_not_left(
    sample: Sample, write: Callable[..., Broadcast], who: dict[str, UUID], clock: Hands
) -> None:
    mine, other = write(), write("council")
    done = await send(sample, mine)
    await send(sample, other)
    taken = await outbox.claim(sample.database, ("console",), 2)
    mine_taken = [row for row in taken if row.key.startswith(f"broadcast:{mine.broadcast_id}")]
    left, leaving = mine_taken[:2]
    await outbox.sent(sample.database, left, Receipt("w", Evidence.DELIVERED, NOW))
    for _ in range(2):
        async with sample.database.work(sample.organisation) as uow:
            stopped = await broadcasts.stop(uow, mine.broadcast_id, who[SYNDIC_CODE])
            await uow.commit()
        gone = len(mine_taken)
        assert (stopped.left, stopped.leaving) == (1, gone - 1)
        assert stopped.cancelled == done.fates["waiting"] - gone
    # What was leaving and is put off does not leave a second time; neither does anything else of it.
    await outbox.later(sample.database, leaving, "busy", timedelta(0))
    clock.now = NOW + timedelta(hours=3)
    rest = await outbox.claim(sample.database, ("console",), 50)
    assert rest
    assert all(row.key.startswith(f"broadcast:{other.broadcast_id}") for row in rest)
    async with sample.database.work(sample.organisation) as uow:
        now = await broadcasts.progress(uow, mine.broadcast_id, who[SYNDIC_CODE])
        assert now.reasons["cancelled"] == stopped.cancelled
        assert now.sent.stopped_at == NOW
        assert now.reasons.get("expired") == 1
        with pytest.raises(DomainError) as refused:
            await broadcasts.again(uow, mine.broadcast_id, who[SYNDIC_CODE])
    assert refused.value.text.key == "broadcast.was_stopped"


# -------------------------------------------------------------------------------------------------------------- and quickly


async def test_many_are_told_in_batches(sample: Sample, write: Callable[..., Broadcast], monkeypatch: Any) -> None:
    monkeypatch.setattr(broadcasts, "BATCH", 4)
    mine = write("everyone")
    seen, done = await preview(sample, mine), await send(sample, mine)
    assert done.total == len(seen.everybody) > 12
    assert await count(sample.database, sample.organisation, "broadcast_recipients") == done.total
