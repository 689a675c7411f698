"""The notice boards in the office: what waits first, one note, and what is decided on it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from core.buildings import store as buildings
from core.buildings.model import Module
from core.community.notices import service
from core.community.notices.model import State
from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Act, Role, may
from core.people.audit import service as audit
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.web_admin.community.conftest import Hall
from tests.web_admin.reading import Reader, Shown

ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]


def path(notice: object) -> str:
    return f"/community/notices/{notice}"


async def send(reader: Reader, notice: object, do: str, **fields: str) -> Shown:
    """Presses one of the buttons on the page of a note."""
    shown = await reader.get(path(notice))
    form = next(each for each in shown.forms if "seen" in each)
    token = {name: form[name] for name in ("form_token", "seen")}
    return await reader.post(path(notice), {**token, "do": do, **fields})


async def test_what_waits_stands_first(hall: Hall) -> None:
    notes = await hall.everything()
    reader = await hall.site.signed_in()
    page = (await reader.get("/community")).text
    places = {name: page.index(str(notice.notice_id)) for name, notice in notes.items()}
    board = page.index("On the boards")
    assert {name for name, place in places.items() if place < board} == {"reported", "hidden", "removed"}
    for words in ("1 report", "hidden", "pinned", "author objects", "James C.", "Lending of things"):
        assert words in page, words
    assert "Carter" not in page


async def test_an_empty_board_says_what_to_do(hall: Hall) -> None:
    reader = await hall.site.signed_in()
    page = (await reader.get("/community")).text
    for words in ("Nothing waits for a decision.", "Put a note on the board", "0 are up"):
        assert words in page


async def test_one_note_with_its_photos_and_reports(hall: Hall) -> None:
    notes = await hall.everything()
    reader = await hall.site.signed_in()
    page = (await reader.get(path(notes["found"].notice_id))).text
    for words in ("Roter Handschuh gefunden", "Im Aufzug.", "Anna S.", "Gant rouge trouvé", "Photo 1 of 2"):
        assert words in page
    shown = await reader.get(f"{path(notes['found'].notice_id)}/photos/2")
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")
    page = (await reader.get(path(notes["reported"].notice_id))).text
    assert "C&#39;est de la publicité, et ce n&#39;est pas la première fois." in page
    assert "Priya" not in page
    page = (await reader.get(path(notes["removed"].notice_id))).text
    for words in ("Dit hoort bij de zoekertjes.", "Het is maar één kast.", "Katrien W. answers"):
        assert words in page


async def test_decisions_are_done_told_and_written_down(hall: Hall) -> None:
    notes = await hall.everything()
    reader = await hall.site.signed_in()
    for name, do, fields, state, said in (
        ("hidden", "keep", {}, State.SHOWN, "Stays up: Rant about the lift"),
        (
            "reported",
            "remove",
            {"reason": "C'est une publicité."},
            State.REMOVED,
            "Removed, the author knows the reason",
        ),
        ("removed", "restore", {}, State.SHOWN, "On the board again"),
        ("event", "pin", {}, State.SHOWN, "Pinned on top: Burenborrel"),
        ("pinned", "unpin", {}, State.SHOWN, "No longer pinned"),
    ):
        done = await send(reader, notes[name].notice_id, do, **fields)
        assert (done.status, said in done.text) == (200, True), (name, done.text)
        assert (await hall.now(notes[name])).state is state
    assert "Nothing waits for a decision." in (await reader.get("/community")).text
    async with hall.sample.database.work(hall.sample.organisation) as uow:
        entries = (await audit.entries(uow)).entries[:5]
    assert [(each.deed, each.actor.name, each.building) for each in entries] == [
        (deed, "nathalie.renard", hall.building)
        for deed in ("notice_unpinned", "notice_pinned", "notice_restored", "notice_removed", "notice_kept")
    ]
    log = (await reader.get("/audit")).text
    assert "Note removed" in log
    assert "note “Burenborrel”" in log


async def test_the_council_may_leave_it_down(hall: Hall) -> None:
    notes = await hall.everything()
    reader = await hall.site.signed_in("lea@kopro.example", Role.COUNCIL, building=hall.building)
    done = await send(reader, notes["removed"].notice_id, "uphold")
    assert "Stays down, the author is told" in done.text
    assert not (await hall.now(notes["removed"])).objects


@pytest.mark.parametrize("role", ROLES)
async def test_who_reads_and_who_decides(hall: Hall, role: Role) -> None:
    notes = await hall.everything()
    reader = await hall.site.signed_in(f"{role.value}@renard-gestion.example", role)
    decides = may(role, Act.SWITCH)
    page = await reader.get(path(notes["reported"].notice_id))
    assert page.status == 200
    assert ("publicité" in page.text) is decides
    assert ("Remove the note" in page.text) is decides
    token = page.form("/sign-out")["form_token"]
    sent = {"form_token": token, "seen": "shown", "do": "remove", "reason": "x y"}
    done = await reader.post(path(notes["reported"].notice_id), sent)
    assert done.status == (200 if decides else 403)
    assert (await hall.now(notes["reported"])).state is (State.REMOVED if decides else State.SHOWN)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Please write it in a few words."),
        (" \u200b\u202e ", "Please write it in a few words."),
        ("🎉", "Please write it in a few words."),
        ("x" * 501, "The text is too long: at most 500 characters."),
        ("x" * 100_000, "The text is too long: at most 500 characters."),
        ("<b>asshole</b>", "There is a word in your text"),
    ],
)
async def test_a_wrong_reason_is_said_beside_its_field(hall: Hall, reason: str, sentence: str) -> None:
    notes = await hall.everything()
    reader = await hall.site.signed_in()
    done = await send(reader, notes["reported"].notice_id, "remove", reason=reason)
    assert done.status == 422
    assert sentence in done.text
    assert 'aria-invalid="true"' in done.text
    assert "<b>asshole" not in done.text
    assert (await hall.now(notes["reported"])).state is State.SHOWN


async def test_of_two_tabs_the_second_is_told(hall: Hall) -> None:
    notes = await hall.everything()
    reader = await hall.site.signed_in()
    notice = notes["reported"].notice_id
    page = await reader.get(path(notice))
    form = next(each for each in page.forms if "seen" in each)
    sent = {"form_token": form["form_token"], "seen": form["seen"], "do": "remove", "reason": "Publicité"}
    both = await asyncio.gather(*(reader.post(path(notice), sent) for _ in range(3)))
    assert sorted(each.status for each in both) == [200, 409, 409]
    late = await reader.post(path(notice), {**sent, "do": "keep"})
    assert late.status == 409
    assert "the note has changed in the meantime" in late.text
    odd = await reader.post(path(notice), {**sent, "seen": "removed", "do": "burn"})
    assert odd.status == 422


async def test_three_pins_and_not_one_more(hall: Hall) -> None:
    notes = [await hall.post("tom-vermeulen", f"Note {number}") for number in range(4)]
    reader = await hall.site.signed_in()
    for each in notes[:3]:
        assert (await send(reader, each.notice_id, "pin")).status == 200
    done = await send(reader, notes[3].notice_id, "pin")
    assert (done.status, "3 notes are pinned already" in done.text) == (422, True)


async def stranger(hall: Hall) -> Reader:
    """The syndic of another firm."""
    async with hall.sample.database.work() as uow:
        firm = await buildings.add_organisation(uow, "others")
        await uow.commit()
    await hall.site.account("x@kopro.example", organisation=firm)
    reader = hall.site.reader()
    await reader.sign_in("x@kopro.example")
    return reader


async def test_what_is_not_there_is_404(hall: Hall) -> None:
    notes = await hall.everything()
    withdrawn = await hall.post("tom-vermeulen", "Withdrawn")
    await hall.do(service.withdraw, "tom-vermeulen", withdrawn.notice_id)
    reader = await hall.site.signed_in()
    found = notes["found"].notice_id
    for each in (
        "/community?building=ailleurs",
        path(uuid4()),
        path("nowhere"),
        path("%00"),
        path(withdrawn.notice_id),
        f"{path(found)}/photos/0",
        f"{path(found)}/photos/3",
        f"{path(found)}/photos/..%2F..",
        f"{path(notes['pinned'].notice_id)}/photos/1",
    ):
        assert (await reader.get(each)).status == 404, each
    assert (await reader.post(path(found), {"do": "keep"})).status == 403
    outside = await stranger(hall)
    for each in (path(found), f"{path(found)}/photos/1"):
        assert (await outside.get(each)).status == 404
    token = (await outside.get("/")).form("/sign-out")["form_token"]
    sent = {"form_token": token, "seen": "shown", "do": "remove", "reason": "mine now"}
    assert (await outside.post(path(found), sent)).status == 404
    assert (await hall.now(notes["found"])).state is State.SHOWN


async def test_switched_off_it_is_still_watched(hall: Hall) -> None:
    notes = await hall.everything()
    wish = Wish(Module("notices"), False, hall.clock().date())
    await hall.do(council.switch, hall.building, wish, Actor(None, "test"))
    reader = await hall.site.signed_in()
    assert "The notes are shown to nobody." in (await reader.get("/community")).text
    assert (await send(reader, notes["hidden"].notice_id, "keep")).status == 200


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(hall: Hall, language: str) -> None:
    notes = await hall.everything()
    await hall.site.account(language=language)
    reader = hall.site.reader(language)
    await reader.sign_in()
    for each in ("/community", "/community?building=tilleuls", *(path(note.notice_id) for note in notes.values())):
        shown = await reader.get(each)
        assert shown.status == 200
        assert "office.community" not in shown.text
        assert "notices." not in shown.text
