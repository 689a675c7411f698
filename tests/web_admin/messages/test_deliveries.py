"""What was told, as the office sees it: filtered, page by page, one by one, by whoever may."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.messaging.channel import Evidence
from core.messaging.kinds import ACCOUNT, MONEY, NOTICE_BOARD
from core.outbox import service as outbox
from core.outbox.model import Wanted
from core.people.accounts.model import Role
from tests.web_admin.messages.conftest import ROLES, SECRET_CODE, Post
from tests.web_admin.reading import Reader

ALL = {"Tom", "Léa", "Olivier", "Marguerite", "James"}


@pytest.mark.parametrize("role", list(ROLES))
async def test_every_role_sees_what_was_told_and_why_it_was_not(told: Post, role: Role) -> None:
    reader = await told.as_(role)
    shown = await reader.get("/messages")
    assert shown.status == 200
    for said in ("Tom Vermeulen", "Léa Dubois", "Olivier Lambert", "James Carter", "charges and payments"):
        assert said in shown.text
    assert "no address leads to this person" in shown.text
    assert "seen" in shown.text
    places = [
        shown.text.index(name)
        for name in ("James Carter", "Marguerite Lambert", "Olivier Lambert", "Léa Dubois", "Tom Vermeulen")
    ]
    assert places == sorted(places), "the newest first"


async def names(reader: Reader, query: str) -> set[str]:
    shown = await reader.get(f"/messages?{query}")
    assert shown.status == 200
    rows = shown.text.partition("<tbody")[2]
    return {name for name in ALL if name in rows}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fate=sent", {"Tom"}),
        ("fate=skipped", {"Marguerite"}),
        ("kind=notice_board", {"Léa"}),
        ("channel=console", {"Tom", "Léa", "James"}),
        ("channel=letter", {"Olivier"}),
        ("person=VERMEUL", {"Tom"}),
        ("person=%25", set()),
        ("person=%00Tom", {"Tom"}),
        ("building=residence-les-tilleuls", {"Tom", "Léa", "Olivier", "Marguerite"}),
        ("fate=sent&kind=legal", set()),
        ("fate=rubbish&kind=%27--&before=abc", ALL),
        ("before=99999999999999999999", ALL),
        ("before=9223372036854775807", ALL),
        ("before=-1", ALL),
    ],
)
async def test_a_filter_leaves_what_fits(told: Post, query: str, found: set[str]) -> None:
    reader = await told.as_(Role.SYNDIC)
    slug = told.sample.known.building.slug
    assert await names(reader, query.replace("residence-les-tilleuls", slug)) == found


async def test_page_by_page_each_delivery_stands_once(post: Post) -> None:
    codes = [code for code in post.persons if code != "marguerite-lambert"]
    for number in range(120):
        await post.tell(codes[number % len(codes)], MONEY)
    numbers: list[int] = []
    before: int | None = None
    async with post.sample.database.work(post.sample.organisation) as uow:
        while True:
            leaf = await outbox.leaf(uow, Wanted(), before)
            numbers += [row.number for row in leaf.rows]
            before = leaf.older
            if before is None:
                break
            assert len(leaf.rows) == 50
    assert len(numbers) == 120
    assert numbers == sorted(set(numbers), reverse=True)
    reader = await post.as_(Role.SYNDIC)
    first = await reader.get("/messages?kind=money")
    assert first.text.count('<th scope="row">') == 50
    assert f"before={numbers[49]}" in first.text
    assert "Newest" not in first.text
    third = await reader.get(f"/messages?kind=money&before={numbers[99]}")
    assert third.text.count('<th scope="row">') == 20
    assert "Older" not in third.text
    assert 'href="/office/messages?kind=money">Newest' in third.text


async def test_live_by_htmx_by_a_link_and_not_at_all(told: Post) -> None:
    reader = await told.as_(Role.SYNDIC)
    page = await reader.get("/messages?fate=sent")
    assert 'hx-get="/office/messages?fate=sent"' in page.text
    assert "every 5s" in page.text
    assert '<a href="/office/messages?fate=sent">Refresh</a>' in page.text
    rows = await reader.get("/messages?fate=sent", **{"HX-Request": "true"})
    assert rows.text.lstrip().startswith("<tr>")
    assert "Tom Vermeulen" in rows.text
    assert "<html" not in rows.text
    still = await reader.get("/messages?live=no")
    assert "hx-get" not in still.text
    assert "htmx" not in still.text


async def test_one_delivery_says_what_was_said_and_how_far_it_came(told: Post) -> None:
    reader = await told.as_(Role.AUDITOR)
    shown = await reader.get(f"/messages/deliveries/{told.delivery[MONEY]}")
    assert shown.status == 200
    assert 'lang="nl"' in shown.text
    assert "Guten Tag" in shown.text
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert" in shown.text
    assert "tom-vermeulen" in shown.text
    assert "Gebouw" in shown.text, "the facts in the language of their reader"


@pytest.mark.parametrize("role", [Role.SYNDIC, Role.COUNCIL])
async def test_codes_and_links_are_shown_to_nobody_but_their_reader(told: Post, role: Role) -> None:
    reader = await told.as_(role)
    shown = await reader.get(f"/messages/deliveries/{told.delivery[ACCOUNT]}")
    assert shown.status == 200
    assert SECRET_CODE not in shown.text
    assert "for the person alone" in shown.text
    assert SECRET_CODE not in (await reader.get("/messages")).text


async def test_the_ways_that_were_tried_stand_in_their_order(post: Post) -> None:
    """The terminal fails for good; it goes on, and the page of either shows both."""
    await post.tell("tom-vermeulen", MONEY)
    (claimed,) = await post.claimed()
    await outbox.failed(post.sample.database, claimed, "unreachable: <b>gone</b>", dead=True)
    reader = await post.as_(Role.SYNDIC)
    async with post.sample.database.work(post.sample.organisation) as uow:
        ways = await outbox.ways(uow, post.delivery[MONEY])
    assert len(ways) == 2
    for way in ways:
        shown = await reader.get(f"/messages/deliveries/{way.told.delivery_id}")
        table = shown.text.partition("ways-title")[2]
        assert table.index("failed") < table.index("not sent")
        assert "can no longer be reached (&lt;b&gt;gone&lt;/b&gt;)" in table


async def test_who_has_a_role_in_one_building_sees_what_was_told_for_it(told: Post) -> None:
    known = told.sample.known
    reader = await told.site.signed_in("lea.dubois@tilleuls.example", Role.COUNCIL, building=known.building_id)
    shown = await reader.get("/messages")
    assert "Tom Vermeulen" in shown.text
    assert "James Carter" not in shown.text, "told on behalf of no building"
    assert (await reader.get(f"/messages/deliveries/{told.delivery[MONEY]}")).status == 200
    assert (await reader.get(f"/messages/deliveries/{told.delivery[ACCOUNT]}")).status == 404


async def test_another_tenant_sees_nothing_of_it(told: Post) -> None:
    await told.site.account("boss@other.example", organisation=told.stranger)
    reader = told.site.reader()
    await reader.sign_in("boss@other.example")
    shown = await reader.get("/messages")
    assert shown.status == 200
    assert "Nothing has been sent yet" in shown.text
    for delivery in told.delivery.values():
        assert (await reader.get(f"/messages/deliveries/{delivery}")).status == 404
    assert (await reader.get(f"/messages?building={told.sample.known.building.slug}")).status == 404


@pytest.mark.parametrize("path", ["nonsense", "00000000-0000-0000-0000-000000000000", "%00", "'--"])
async def test_what_is_no_delivery_is_not_found(post: Post, path: str) -> None:
    reader = await post.as_(Role.SYNDIC)
    assert (await reader.get(f"/messages/deliveries/{path}")).status == 404


async def test_evidence_in_words(post: Post) -> None:
    await post.tell("tom-vermeulen", NOTICE_BOARD)
    async with post.sample.database.work(post.sample.organisation) as uow:
        for evidence in Evidence:
            await uow.connection.execute(text(f"UPDATE deliveries SET fate = 'sent', evidence = {int(evidence)}"))
        await uow.commit()
    reader = await post.as_(Role.SYNDIC)
    assert "read and confirmed" in (await reader.get("/messages")).text
