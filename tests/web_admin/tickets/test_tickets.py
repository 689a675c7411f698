"""Defects in the office: found, looked at, moved on, by whoever may."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from core.people.accounts.model import Role
from core.people.audit import service as audit
from core.tickets.model import LONGEST_NAME, LONGEST_NOTE, Move, State
from tests.web_admin.reading import SYNDIC, Reader
from tests.web_admin.tickets.conftest import Workshop, another_firm

LIFT = "The lift is stuck, and that idiot from 5B laughs"


async def syndic(workshop: Workshop, language: str = "en") -> Reader:
    return await workshop.site.signed_in(SYNDIC, Role.SYNDIC, language=language)


async def test_an_empty_list_says_what_to_do(workshop: Workshop) -> None:
    reader = await syndic(workshop)
    shown = await reader.get("/tickets")
    assert shown.status == 200
    assert "Nothing is broken." in shown.text
    assert "Defects</a>" in shown.text, "it stands in the navigation"
    assert "No report fits this choice." in (await reader.get("/tickets?state=over")).text


async def test_the_list_is_what_was_chosen(workshop: Workshop) -> None:
    await workshop.reports("anna-schmitz", "the front door does not close")
    workshop.clock.now += timedelta(days=8)
    lift = await workshop.reports("james-carter", LIFT)
    await workshop.reports("youssef-benali", "I smell gas in the hallway")
    await workshop.moves(lift, Move.SOLVE)
    reader = await syndic(workshop)
    for query, found in (
        ("", ["No. 3", "No. 1"]),
        ("?state=open", ["No. 3", "No. 1"]),
        ("?state=solved", ["No. 2"]),
        ("?state=all", ["No. 3", "No. 1", "No. 2"]),
        ("?urgency=urgent", ["No. 3"]),
        ("?category=door", ["No. 1"]),
        ("?age=7", ["No. 1"]),
        ("?building=tilleuls&age=90", []),
        ("?state=nonsense&age=-1&category=%00", ["No. 3", "No. 1"]),
    ):
        shown = await reader.get(f"/tickets{query}")
        assert shown.status == 200
        places = [shown.text.find(f"{number}, ") for number in ("No. 1", "No. 2", "No. 3")]
        listed = [
            f"No. {index + 1}" for index, place in sorted(enumerate(places), key=lambda each: each[1]) if place > 0
        ]
        assert listed == found, query
    assert (await reader.get("/tickets?building=ailleurs")).status == 404


async def test_one_from_the_report_to_the_repair(workshop: Workshop) -> None:
    ticket = await workshop.reports("anna-schmitz", LIFT)
    await workshop.reports("james-carter", "the lift is stuck")
    reader = await syndic(workshop)
    shown = await reader.get(f"/tickets/{ticket.ticket}")
    assert "Anna Schmitz, James Carter" in shown.text
    assert "that idiot from 5B laughs" in shown.text
    shown = await reader.send({"move": "acknowledge"}, to=str(ticket.ticket))
    assert "Saved; 2 people are told." in shown.text
    shown = await reader.send(
        {"move": "assign", "to": "Ascenseurs Duval", "on": "2026-11-26", "note": "Ils appellent avant."},
        to=str(ticket.ticket),
    )
    assert "26 November 2026" in shown.text
    story = await workshop.story(ticket)
    assert (story.ticket.state, story.ticket.assigned_to) == (State.ASSIGNED, "Ascenseurs Duval")
    assert [each.move for each in story.moves] == [Move.REPORT, Move.SAME, Move.ACKNOWLEDGE, Move.ASSIGN]
    assert story.moves[-1].note == "Ils appellent avant."
    async with workshop.sample.database.work(workshop.sample.organisation) as uow:
        entries = (await audit.entries(uow)).entries
    assert [(entry.deed, entry.subject, entry.after) for entry in entries if entry.deed == "ticket_moved"] == [
        ("ticket_moved", "ticket 1", {"state": "assigned", "note": "Ils appellent avant."}),
        ("ticket_moved", "ticket 1", {"state": "acknowledged"}),
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"move": "assign", "to": ""}, "Say to whom: a name or a trade."),
        ({"move": "assign", "to": "x" * (LONGEST_NAME + 1)}, "The name is too long"),
        ({"move": "assign", "to": "\u202e\u200b"}, "Say to whom"),
        ({"move": "assign", "to": "Duval", "on": "2026-11-21"}, "is past"),
        ({"move": "assign", "to": "Duval", "on": "2026-02-31"}, "Give a day that exists."),
        ({"move": "assign", "to": "Duval", "on": "9999-01-01"}, "too far away"),
        ({"move": "refuse", "note": ""}, "Say in a few words why"),
        ({"move": "refuse", "note": "x" * (LONGEST_NOTE + 1)}, "The text is too long"),
        ({"move": "note", "note": "🔥"}, "Write a few words."),
        ({"move": "merge"}, "Choose what happens."),
        ({"move": "close"}, "Choose what happens."),
        ({"move": "\0"}, "Choose what happens."),
        ({"move": "confirm"}, "Choose what happens."),
    ],
)
async def test_what_is_wrong_is_said_and_changes_nothing(workshop: Workshop, fields: dict[str, str], said: str) -> None:
    ticket = await workshop.reports("anna-schmitz", LIFT)
    reader = await syndic(workshop)
    await reader.get(f"/tickets/{ticket.ticket}")
    shown = await reader.send(fields, to=str(ticket.ticket))
    assert shown.status == 422
    assert said in shown.text
    if fields.get("to", "").isascii():
        assert fields.get("to", "") in shown.text, "what was typed is kept"
    assert (await workshop.story(ticket)).ticket == ticket


async def test_two_tabs(workshop: Workshop) -> None:
    ticket = await workshop.reports("anna-schmitz", LIFT)
    reader = await syndic(workshop)
    first = await reader.get(f"/tickets/{ticket.ticket}")
    second = await reader.get(f"/tickets/{ticket.ticket}")
    await reader.send({"move": "acknowledge"}, to=str(ticket.ticket), on=first)
    shown = await reader.send({"move": "refuse", "note": "Pas chez nous."}, to=str(ticket.ticket), on=second)
    assert shown.status == 409
    assert "Somebody was faster" in shown.text
    assert "Pas chez nous." in shown.text
    assert (await workshop.story(ticket)).ticket.state is State.ACKNOWLEDGED
    shown = await reader.send({"number": "1"}, to="/merge", on=second)
    assert shown.status in (409, 422)


async def test_two_syndics_at_once(workshop: Workshop) -> None:
    ticket = await workshop.reports("anna-schmitz", LIFT)
    readers = [await syndic(workshop), await workshop.site.signed_in("other@renard-gestion.example", Role.SYNDIC)]
    pages = [await reader.get(f"/tickets/{ticket.ticket}") for reader in readers]
    shown = await asyncio.gather(
        *(
            reader.send({"move": "solve"}, to=str(ticket.ticket), on=page)
            for reader, page in zip(readers, pages, strict=True)
        )
    )
    assert sorted(each.status for each in shown) == [200, 409]
    assert (await workshop.story(ticket)).ticket.version == 2


async def test_twins_are_joined(workshop: Workshop) -> None:
    ticket = await workshop.reports("anna-schmitz", LIFT)
    twin = await workshop.reports("james-carter", "noise in the lift", sure=True)
    reader = await syndic(workshop)
    await reader.get(f"/tickets/{twin.ticket}")
    for number, said in (
        ("", "Give the number"),
        ("-1", "Give the number"),
        ("2", "joined to itself"),
        ("99", "no. 99"),
        ("9" * 19, "Give the number"),
    ):
        shown = await reader.send({"number": number}, to="/merge")
        assert shown.status == 422
        assert said in shown.text
        await reader.get(f"/tickets/{twin.ticket}")
    shown = await reader.send({"number": "1"}, to="/merge")
    assert shown.status == 200
    assert "No. 2 is joined to this one, no. 1." in shown.text
    assert "noise in the lift" in shown.text
    shown = await reader.get(f"/tickets/{twin.ticket}")
    assert "Joined to report no. 1" in shown.text
    assert shown.forms == [shown.form("/sign-out")], "there is nothing more to do with it"
    assert len((await workshop.story(ticket)).followers) == 2


async def test_photos_are_shown_to_whoever_may_read(workshop: Workshop) -> None:
    digest = await workshop.picture("navy")
    ticket = await workshop.reports("anna-schmitz", LIFT, digest)
    other = await workshop.reports("james-carter", "the roof leaks", await workshop.picture("red"))
    ((photo, _),) = (await workshop.story(ticket)).photos
    path = f"/tickets/{ticket.ticket}/photos/{photo}"
    reader = await syndic(workshop)
    assert path in (await reader.get(f"/tickets/{ticket.ticket}")).text
    shown = await reader.get(path)
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    for wrong in (f"/tickets/{other.ticket}/photos/{photo}", f"/tickets/{ticket.ticket}/photos/{uuid4()}", f"{path}x"):
        assert (await reader.get(wrong)).status == 404
    stranger = workshop.site.reader()
    assert (await stranger.get(path, follow=False)).status in (302, 303)
    elsewhere = await another_firm(workshop.site)
    await workshop.site.account("boss@ailleurs.example", Role.SYNDIC, organisation=elsewhere)
    neighbour = workshop.site.reader()
    await neighbour.sign_in("boss@ailleurs.example")
    assert (await neighbour.get(path)).status == 404


async def test_of_another_tenant_nothing_is_there(workshop: Workshop) -> None:
    ticket = await workshop.reports("anna-schmitz", LIFT)
    reader = await syndic(workshop)
    page = await reader.get(f"/tickets/{ticket.ticket}")
    elsewhere = await another_firm(workshop.site)
    await workshop.site.account("boss@ailleurs.example", Role.SYNDIC, organisation=elsewhere)
    neighbour = workshop.site.reader()
    await neighbour.sign_in("boss@ailleurs.example")
    assert "Nothing is broken." in (await neighbour.get("/tickets")).text
    for path in (f"/tickets/{ticket.ticket}", f"/tickets/{uuid4()}", "/tickets/no-identity"):
        assert (await neighbour.get(path)).status == 404
    token = (await neighbour.get("/tickets")).form("/sign-out")["form_token"]
    fields = {**page.form(str(ticket.ticket)), "move": "solve", "form_token": token}
    fields.pop("action")
    assert (await neighbour.post(f"/tickets/{ticket.ticket}", fields)).status == 404
    assert (await neighbour.post(f"/tickets/{ticket.ticket}/merge", {**fields, "number": "1"})).status == 404
    assert (await workshop.story(ticket)).ticket == ticket


@pytest.mark.parametrize(
    ("role", "confided", "moves"),
    [
        (Role.SYNDIC, True, True),
        (Role.COUNCIL, True, False),
        (Role.ACCOUNTANT, False, False),
        (Role.AUDITOR, False, False),
    ],
)
async def test_who_learns_what_and_who_may_do_what(workshop: Workshop, role: Role, confided: bool, moves: bool) -> None:
    ticket = await workshop.reports("anna-schmitz", "fuite chez cet idiot du 5B")
    reader = await workshop.site.signed_in(f"{role.value}@renard-gestion.example", role)
    shown = await reader.get(f"/tickets/{ticket.ticket}")
    assert shown.status == 200
    assert ("Anna Schmitz" in shown.text, "idiot" in shown.text, "lot 5B" in shown.text) == (confided,) * 3
    assert any(form["action"].endswith(str(ticket.ticket)) for form in shown.forms) is moves
    token = shown.form("/sign-out")["form_token"]
    answer = await reader.post(
        f"/tickets/{ticket.ticket}", {"form_token": token, "move": "solve", "seen": "1"}, follow=False
    )
    assert answer.status == (303 if moves else 403)
    assert (await workshop.story(ticket)).ticket.state is (State.SOLVED if moves else State.REPORTED)


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
async def test_in_four_languages(workshop: Workshop, language: str) -> None:
    ticket = await workshop.reports("anna-schmitz", "der Aufzug steckt fest")
    await workshop.moves(ticket, Move.ASSIGN, to="Duval")
    reader = await syndic(workshop, language)
    words = workshop.site.office.catalogues[language]
    shown = await reader.get(f"/tickets/{ticket.ticket}")
    assert shown.status == 200
    assert words(ticket.said) not in ("", ticket.state.value) or language == "en"
    assert (await reader.get("/tickets")).status == 200
