"""A message to a building from the office: written, seen, sent once, watched, stopped; and every way to fill the form wrongly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import text

from core.buildings.model import Known
from core.documents import service as documents
from core.kernel.i18n import LANGUAGES
from core.outbox.broadcasts.model import LONGEST_TEXT, LONGEST_TITLE
from core.people.accounts.model import Role
from tests.ground_floor import Hands
from tests.web_admin.messages.conftest import Post
from tests.web_admin.reading import Reader, Shown

PDF = b"%PDF-1.7 the plan of the works"
NEW = "/messages/broadcasts/new"
WORDS = {"title": "Coupure d'eau", "text": "L'eau est coupée jeudi.\n\nMerci.", "original": "fr"}


def fields(known: Known, **more: str) -> dict[str, str]:
    return {"building": known.building.slug, "group": "owners", "kind": "notice_board"} | WORDS | more


async def look(
    reader: Reader, given: Mapping[str, str], *files: tuple[str, bytes], papers: tuple[str, ...] = ()
) -> Shown:
    """What the form answers, sent as a browser sends it."""
    form = (
        reader.last
        if reader.last and "draft" in reader.last.text and NEW in reader.last.text
        else await reader.get(NEW)
    ).form(NEW)
    data = FormData(quote_fields=False)
    data.add_field("form_token", form["form_token"])
    data.add_field("draft", form["draft"])
    for name, value in given.items():
        data.add_field(name, value)
    for paper in papers:
        data.add_field("paper", paper)
    for name, content in files or (("", b""),):
        data.add_field("files", content, filename=name, content_type="application/octet-stream")
    return await reader.post(NEW, data)  # type: ignore[arg-type]


async def count(post: Post, table: str) -> int:
    async with post.sample.database.work(post.sample.organisation) as uow:
        return int(await uow.connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_written_seen_sent_watched_and_stopped(post: Post) -> None:
    known = post.sample.known
    reader = await post.as_(Role.SYNDIC)
    await reader.get(NEW)
    given = fields(
        known,
        title_nl="Waterpanne",
        text_nl="Geen water.",
        day="2026-12-03",
        begins="09:00",
        ends="12:00",
        place="Hall",
    )
    seen = await look(reader, given, ("../../Plan  des travaux.pdf", PDF))
    assert seen.status == 200, seen.text
    assert "11 people will get it, from Nathalie Renard" in seen.text
    assert "1 person cannot be reached" in seen.text
    assert "Marguerite Lambert" in seen.text
    assert "no address leads to this person" in seen.text
    assert "Waterpanne" in seen.text
    assert "Plan des travaux" in seen.text
    assert "3 december 2026" in seen.text, "as a Dutch reader has it"
    assert await count(post, "deliveries") == 0, "nothing leaves before it is sent"
    assert await count(post, "documents") == 5
    draft = seen.form("/send")

    shown = await reader.post("/messages/broadcasts/send", draft)
    assert shown.status == 200
    assert "It is on its way to 11 people." in shown.text
    assert "Left: 0 of 12" in shown.text
    assert re.search(r'<rect class="part-waiting" x="0" y="0" width="916"', shown.text)
    assert await count(post, "deliveries") == 12
    twice = await reader.post("/messages/broadcasts/send", draft)
    assert (twice.path, await count(post, "deliveries")) == (shown.path, 12), "a second press is harmless"
    assert (await count(post, "documents"), await count(post, "broadcasts")) == (6, 1)
    async with post.sample.database.work(post.sample.organisation) as uow:
        (paper,) = [
            row for row in await documents.visible(uow, known.building_id, ("owner",)) if "travaux" in row.document.file
        ]
        assert [row for row in await documents.visible(uow, known.building_id, ("tenant",)) if row == paper] == []
        deeds = (await uow.connection.execute(text("SELECT deed, actor FROM audit_log"))).all()
    assert await post.sample.shelf.get(paper.sha256) == PDF
    assert (paper.document.title, paper.document.visible_to, paper.document.day.isoformat()) == (
        "Plan des travaux",
        "owners",
        "2026-11-22",
    )
    assert [row.deed for row in deeds] == ["broadcast_sent"]

    path = shown.path.removeprefix("/office")
    rows = await reader.get(path, **{"HX-Request": "true"})
    assert rows.text.startswith("<p")
    assert "Left: 0 of 12" in rows.text
    stopped = await reader.send({}, to="/stop", on=shown)
    assert "Stopped: 11 messages will not leave." in stopped.text
    assert "the broadcast was stopped before" in stopped.text
    assert "hx-get" not in stopped.text, "nothing happens any more"
    assert "Coupure d&#39;eau" in (await reader.get("/messages/broadcasts")).text


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"title": ""}, "title", "Something is missing here."),
        ({"title": " \t\x00 "}, "title", "Something is missing here."),
        ({"text": "  "}, "text", "Something is missing here."),
        ({"title": "x" * (LONGEST_TITLE + 1)}, "title", "at most 200 characters"),
        ({"text": "y" * (LONGEST_TEXT + 1)}, "text", "at most 20,000 characters"),
        ({"building": "nobody-s"}, "building", "Choose a building."),
        ({"building": ""}, "building", "Choose a building."),
        ({"group": "persons"}, "group", "Choose one of the possibilities."),
        ({"kind": "account"}, "kind", "Choose one of the possibilities."),
        ({"original": "xx"}, "original", "Choose one of the possibilities."),
        ({"lots": "Z9"}, "lots", "There is no lot"),
        ({"group": "tenants", "lots": "C7"}, "group", "Nobody in this building fits"),
        ({"title_fr": "Encore"}, "title_fr", "language of the original"),
        ({"title_de": "Titel"}, "text_de", "Something is missing here."),
        ({"place": "Hall"}, "day", "We read no date here."),
        ({"day": "tomorrow"}, "day", "We read no date here."),
        ({"day": "2026-11-21"}, "day", "This day is over"),
        ({"day": "9999-12-31"}, "day", "This day is over"),
        ({"day": "2026-12-03", "begins": "25:00"}, "begins", "We read no time here."),
        ({"day": "2026-12-03", "ends": "12:00"}, "begins", "At what time does it begin?"),
        ({"day": "2026-12-03", "begins": "12:00", "ends": "09:00"}, "ends", "It ends before it begins."),
        ({"day": "2026-12-03", "place": "p" * 201}, "place", "at most 200 characters"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    post: Post, wrong: dict[str, str], field: str, sentence: str
) -> None:
    reader = await post.as_(Role.SYNDIC)
    shown = await look(reader, fields(post.sample.known, title_nl="Bewaard <b>&", text_nl="Ook") | wrong)
    assert shown.status == 422, shown.text[:2000]
    at = re.search(rf'<p class="error" id="{field}-error">([^<]*)</p>', shown.text)
    assert at is not None, re.findall(r'id="([^"]*)-error">([^<]*)', shown.text)
    assert sentence in at[1].replace("&#39;", "'")
    assert re.search(rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-error"[^>]*aria-invalid="true"', shown.text)
    assert "Bewaard &lt;b&gt;&amp;" in shown.text
    for name, value in wrong.items():
        if name not in ("building", "group", "kind", "original"):
            assert value.strip(" \t\x00") in shown.text, name
    assert await count(post, "broadcasts") == 0


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("virus.exe", b"MZ\x90", "is neither a PDF"),
        ("page.pdf", b"<html><script>alert(1)</script>", "is neither a PDF"),
        ("empty.pdf", b"", "is neither a PDF"),
        ("large.pdf", b"%PDF-" + bytes(10 * 2**20), "at most 10 MB"),
        ("<script>.exe", b"MZ", "is neither a PDF"),
    ],
)
async def test_an_upload_of_the_wrong_kind_or_size_is_refused_at_its_field(
    post: Post, name: str, content: bytes, sentence: str
) -> None:
    reader = await post.as_(Role.SYNDIC)
    shown = await look(reader, fields(post.sample.known), (name, content))
    assert shown.status == 422
    assert sentence in re.search(r'id="files-error">([^<]*)', shown.text)[1]  # type: ignore[index]
    assert "Coupure d&#39;eau" in shown.text
    assert "<script>.exe" not in shown.text


async def test_papers_are_kept_while_the_form_is_mended_and_can_be_dropped(post: Post) -> None:
    reader = await post.as_(Role.SYNDIC)
    first = await look(
        reader, fields(post.sample.known, title=""), ("plan.pdf", PDF), ("photo.JPG", b"\xff\xd8\xff jpeg")
    )
    assert first.status == 422
    papers = re.findall(r'name="paper" value="([0-9a-f]{32})" checked><label for="paper-\d">([^<]*)', first.text)
    assert [name for _, name in papers] == ["plan.pdf", "photo.jpg"]
    seen = await look(reader, fields(post.sample.known), papers=(papers[0][0], "f" * 32))
    assert seen.status == 200
    assert "Attachment" in seen.text or "Annexe" in seen.text
    changed = await reader.post("/messages/broadcasts/change", seen.form("/send"))
    assert re.findall(r'<label for="paper-\d">([^<]*)', changed.text) == ["plan.pdf"]
    assert changed.status == 200
    assert "L&#39;eau est coupée jeudi." in changed.text
    many = await look(
        reader, fields(post.sample.known), *[(f"{number}.pdf", PDF + bytes([number])) for number in range(11)]
    )
    assert "10 at most" in many.text


@pytest.mark.parametrize("role", [Role.COUNCIL, Role.AUDITOR, Role.ACCOUNTANT])
async def test_who_reads_sees_how_far_it_came_and_sends_and_stops_nothing(post: Post, role: Role) -> None:
    syndic = await post.as_(Role.SYNDIC)
    seen = await look(syndic, fields(post.sample.known))
    sent = await syndic.post("/messages/broadcasts/send", seen.form("/send"))
    path = sent.path.removeprefix("/office")
    reader = await post.as_(role)
    shown = await reader.get(path)
    assert shown.status == 200
    assert "Stop this message" not in shown.text
    assert "Write to a building" not in (await reader.get("/messages/broadcasts")).text
    assert (await reader.get(NEW)).status == 403
    token = {"form_token": shown.form("/sign-out")["form_token"]}
    for where in (NEW, "/messages/broadcasts/send", "/messages/broadcasts/change", f"{path}/stop"):
        assert (await reader.post(where, token)).status == 403, where
    assert await count(post, "deliveries WHERE fate = 'waiting'") == 11


async def test_a_role_in_one_building_reaches_no_other_and_no_other_tenant_reaches_it(post: Post) -> None:
    known = post.sample.known
    reader = await post.site.signed_in("syndic@one.example", Role.SYNDIC, building=known.building_id)
    seen = await look(reader, fields(known))
    draft = seen.form("/send")
    sent = await reader.post("/messages/broadcasts/send", draft)
    assert "It is on its way" in sent.text
    path = sent.path.removeprefix("/office")
    await post.site.account("boss@other.example", organisation=post.stranger)
    other = post.site.reader()
    await other.sign_in("boss@other.example")
    assert (await other.get(path)).status == 404
    empty = await other.get(NEW)
    assert "There is no building yet." in empty.text
    token = {"form_token": empty.form("/sign-out")["form_token"]}
    assert (await other.post(f"{path}/stop", token)).status == 404
    assert (await other.post("/messages/broadcasts/send", {**token, "draft": draft["draft"]})).status == 404
    assert (await other.post("/messages/broadcasts/change", {**token, "draft": draft["draft"]})).status == 404
    shown = await other.post(NEW, {**token, **fields(known)})
    assert shown.status == 422
    assert "Choose a building." in shown.text
    assert await count(post, "broadcasts WHERE stopped_at IS NOT NULL") == 0


@pytest.mark.parametrize("draft", ["", "rubbish", "a.b.c"])
async def test_a_draft_that_was_not_sealed_here_is_not_sent(post: Post, draft: str) -> None:
    reader = await post.as_(Role.SYNDIC)
    form = (await reader.get(NEW)).form(NEW)
    given = {"form_token": form["form_token"], "draft": draft}
    assert (await reader.post("/messages/broadcasts/send", given)).status == 404
    assert (await reader.post("/messages/broadcasts/send", {"draft": draft})).status == 403, "made elsewhere"


async def test_a_draft_of_yesterday_is_looked_at_again(post: Post, clock: Hands) -> None:
    reader = await post.as_(Role.SYNDIC)
    seen = await look(reader, fields(post.sample.known))
    clock.now += timedelta(hours=13)
    shown = await reader.post("/messages/broadcasts/send", seen.form("/send"))
    assert shown.status == 422
    assert "Please look once more" in shown.text
    assert "L&#39;eau est coupée jeudi." in shown.text
    assert await count(post, "broadcasts") == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_form_and_the_look_in_each_language(post: Post, language: str) -> None:
    reader = await post.site.signed_in("syndic@four.example", language=language)
    reader.language = language
    shown = await reader.get(NEW)
    assert f'<html lang="{language}">' in shown.text
    assert "office.messages" not in shown.text
    seen = await look(reader, fields(post.sample.known))
    assert "office.messages" not in seen.text
    assert seen.status == 200


@pytest.mark.parametrize("name", ["nonsense", "6bc62579-7305-427f-9e06-fbb18544d43d", "%00"])
async def test_what_is_no_broadcast_is_not_found(post: Post, name: str) -> None:
    reader = await post.as_(Role.SYNDIC)
    shown: Any = await reader.get(f"/messages/broadcasts/{name}")
    assert shown.status == 404
