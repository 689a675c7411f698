"""The print tray and what was set aside: seen, downloaded, marked, by whoever may."""

from __future__ import annotations

import io
import re
import zipfile
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.inbox import service as inbox
from core.messaging.channel import Address, Message, Origin
from core.messaging.kinds import LEGAL, MONEY
from core.outbox import service as outbox
from core.outbox.letters import service as tray
from core.people.accounts.model import Role
from tests.ground_floor import NOW
from tests.web_admin.messages.conftest import LETTER, ROLES, Post
from tests.web_admin.reading import Reader
from web_admin.pages import PREFIX

READERS = [role for role in ROLES if role is not Role.SYNDIC]


async def fetch(reader: Reader, path: str) -> tuple[int, bytes, str]:
    async with reader.client.get(reader.address + PREFIX + path) as answer:
        return answer.status, await answer.read(), answer.headers.get("Content-Disposition", "")


async def test_one_letter_and_all_of_them(told: Post) -> None:
    await told.letter("marguerite-lambert")
    reader = await told.as_(Role.SYNDIC)
    shown = await reader.get("/messages/letters")
    assert "2 letters wait to be printed and posted." in shown.text
    status, content, named = await fetch(reader, f"/messages/letters/{told.letters['olivier-lambert']}.pdf")
    assert (status, content) == (200, LETTER)
    assert re.fullmatch(r'attachment; filename="olivier-lambert-[0-9a-f]{8}\.pdf"', named)
    status, content, named = await fetch(reader, "/messages/letters/all.zip")
    assert (status, named) == (200, 'attachment; filename="letters-2026-11-22.zip"')
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert [name[:7] for name in sorted(archive.namelist())] == ["001-mar", "002-oli"] or len(
            archive.namelist()
        ) == 2
        assert {archive.read(name) for name in archive.namelist()} == {LETTER}
        assert all(re.fullmatch(r"\d{3}-[a-z-]+-[0-9a-f]{8}\.pdf", name) for name in archive.namelist())


async def test_printed_then_posted_with_the_day_of_the_receipt(told: Post) -> None:
    letter = told.letters["olivier-lambert"]
    reader = await told.as_(Role.SYNDIC)
    shown = await reader.get("/messages/letters")
    assert "to be printed" in shown.text
    form = shown.form("/letters")
    done = await reader.post("/messages/letters", {**form, "letter": str(letter), "what": "printed"})
    assert "Noted: 1 letter printed." in done.text
    assert "printed on" in done.text
    done = await reader.post(
        "/messages/letters", {**form, "letter": str(letter), "what": "posted", "day": "2026-11-22"}
    )
    assert "Noted: 1 letter posted on 22 November 2026." in done.text
    assert "No letter waits." in done.text
    assert "posted on 22 November 2026, by" in done.text
    assert (await fetch(reader, f"/messages/letters/{letter}.pdf"))[0] == 200, "posted, and still to be read"
    async with told.sample.database.work(told.sample.organisation) as uow:
        (row,) = (await uow.connection.execute(text("SELECT deed, subject FROM audit_log"))).all()
        ways = await outbox.ways(uow, told.delivery[LEGAL])
    assert (row.deed, row.subject) == ("letter_posted", "Olivier Lambert")
    assert [way.told.evidence for way in ways] == [1], "the post has taken over"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"what": "posted", "day": "2026-11-22"}, "Choose letters first."),
        ({"what": "printed", "letter": "rubbish"}, "Choose letters first."),
        ({"what": "posted", "day": ""}, "We read no date here."),
        ({"what": "posted", "day": "x" * 5000}, "We read no date here."),
        ({"what": "posted", "day": "2026-11-23"}, "cannot have been posted on 23 November 2026"),
        ({"what": "posted", "day": "2026-11-21"}, "was not written yet on that day"),
        ({}, "We read no date here."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_marked(told: Post, given: dict[str, str], sentence: str) -> None:
    letter = told.letters["olivier-lambert"]
    reader = await told.as_(Role.SYNDIC)
    form = (await reader.get("/messages/letters")).form("/letters")
    ticked = {} if sentence.startswith("Choose") else {"letter": str(letter)}
    form.pop("letter")
    shown = await reader.post("/messages/letters", {**form, "day": "", **ticked, **given})
    assert shown.status == 422
    assert sentence in shown.text
    async with told.sample.database.work(told.sample.organisation) as uow:
        (left,) = await tray.tray(uow)
    assert (left.printed_at, left.posted_on) == (None, None)


@pytest.mark.parametrize("role", READERS)
async def test_who_reads_sees_the_tray_and_opens_no_letter(told: Post, role: Role) -> None:
    """A letter carries a code that ties a channel."""
    reader = await told.as_(role)
    shown = await reader.get("/messages/letters")
    assert "Olivier Lambert" in shown.text
    assert ".pdf" not in shown.text
    assert 'name="letter"' not in shown.text
    letter = told.letters["olivier-lambert"]
    assert (await fetch(reader, f"/messages/letters/{letter}.pdf"))[0] == 403
    assert (await fetch(reader, "/messages/letters/all.zip"))[0] == 403
    token = shown.form("/sign-out")["form_token"]
    assert (await reader.post("/messages/letters", {"form_token": token, "letter": str(letter)})).status == 403


async def test_letters_of_other_buildings_and_other_tenants_are_not_there(told: Post) -> None:
    letter = told.letters["olivier-lambert"]
    of_no_building = await told.letter("marguerite-lambert")
    one = await told.site.signed_in("syndic@one.example", Role.SYNDIC, building=told.sample.known.building_id)
    assert (await fetch(one, f"/messages/letters/{letter}.pdf"))[0] == 200
    assert (await fetch(one, f"/messages/letters/{of_no_building}.pdf"))[0] == 404
    assert "Marguerite" not in (await one.get("/messages/letters")).text
    await told.site.account("boss@other.example", organisation=told.stranger)
    other = told.site.reader()
    await other.sign_in("boss@other.example")
    shown = await other.get("/messages/letters")
    assert "No letter waits." in shown.text
    token = shown.form("/sign-out")["form_token"]
    for wanted in (letter, uuid4()):
        assert (await fetch(other, f"/messages/letters/{wanted}.pdf"))[0] == 404
        marked = await other.post("/messages/letters", {"form_token": token, "letter": str(wanted), "what": "printed"})
        assert marked.status == 404
    assert (await other.get("/messages/letters/all.zip")).path.endswith("/messages/letters")


# ------------------------------------------------------------------------------------------------------------ set aside


async def broken(post: Post, handle: str, words: str) -> str:
    """A message from that terminal that could not be answered; gives its reference."""
    address = Address("console", handle)
    await inbox.receive(post.sample.database, "console", Message(Origin(address), uuid4().hex, NOW, words))
    async with post.sample.database.work() as uow:
        found = await inbox.next_at(uow, address)
    assert found is not None
    return await inbox.set_aside(post.sample.database, found[0], "ZeroDivisionError")


async def test_what_was_set_aside_is_listed_and_marked(told: Post) -> None:
    reference = await broken(told, "lea-dubois", "private words")
    strange = await broken(told, "nobody-knows", "other words")
    await told.tell("sofie-desmet", MONEY)
    (claimed,) = [each for each in await told.claimed() if each.delivery_id == told.delivery[MONEY]]
    refused = await outbox.set_aside(told.sample.database, claimed, "Bad Request: <i>too long</i>")
    reader = await told.as_(Role.SYNDIC)
    shown = await reader.get("/messages/set-aside")
    assert "From: Léa Dubois" in shown.text
    assert "a fault of the program or of the network (ZeroDivisionError)" in shown.text
    assert "To: Sofie De Smet" in shown.text
    assert "the channel answered: Bad Request: &lt;i&gt;too long&lt;/i&gt;" in shown.text
    assert "private words" not in shown.text
    assert strange not in shown.text, "a stranger's is for whoever runs the installation"
    token = shown.form("/set-aside")["form_token"]
    done = await reader.post("/messages/set-aside", {"form_token": token, "reference": reference})
    assert f"Noted: {reference} is seen to." in done.text
    assert refused in done.text
    assert "From: Léa Dubois" not in done.text
    for gone in (reference, strange, "", "' OR 1=1 --", "\0"):
        assert (await reader.post("/messages/set-aside", {"form_token": token, "reference": gone})).status == 404
    boss = await told.site.administrator()
    assert strange in (await boss.get("/messages/set-aside")).text


@pytest.mark.parametrize("role", READERS)
async def test_who_reads_marks_nothing(told: Post, role: Role) -> None:
    reference = await broken(told, "lea-dubois", "words")
    reader = await told.as_(role)
    shown = await reader.get("/messages/set-aside")
    assert reference in shown.text
    assert 'name="reference"' not in shown.text
    token = shown.form("/sign-out")["form_token"]
    assert (await reader.post("/messages/set-aside", {"form_token": token, "reference": reference})).status == 403


async def test_another_tenant_neither_sees_nor_marks_it(told: Post) -> None:
    reference = await broken(told, "lea-dubois", "words")
    await told.site.account("boss@other.example", organisation=told.stranger)
    other = told.site.reader()
    await other.sign_in("boss@other.example")
    shown = await other.get("/messages/set-aside")
    assert "Nothing is set aside." in shown.text
    token = shown.form("/sign-out")["form_token"]
    assert (await other.post("/messages/set-aside", {"form_token": token, "reference": reference})).status == 404
    one = await told.site.signed_in("one@other.example", Role.SYNDIC, building=told.sample.known.building_id)
    assert reference in (await one.get("/messages/set-aside")).text, "she lives in that building"
