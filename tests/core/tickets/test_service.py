"""Tickets in the database: one for each thing, everybody told who is to know, and nobody else."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.messaging.kinds import Urgency
from core.people import store as people
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from core.tickets import service
from core.tickets.model import (
    AGAIN_LASTS,
    MOST_A_DAY,
    MOST_PHOTOS,
    SILENCE,
    TWIN_LASTS,
    Category,
    Danger,
    Move,
    Report,
    Spot,
    State,
    Wanted,
)
from core.tickets.module import MODULE
from tests.core.tickets.conftest import ANNA, JAMES, LEA, SYNDIC, TOM, WERNER, YOUSSEF, Street

LIFT = "L'ascenseur est encore bloqué"


async def test_a_report_is_one_fact_with_its_messages(street: Street) -> None:
    outcome = await street.reports(ANNA, LIFT)
    assert outcome.made
    story = await street.story(outcome.ticket)
    assert (story.ticket.number, story.ticket.category, story.ticket.state) == (1, Category.LIFT, State.REPORTED)
    assert [(each.move, each.actor.name, each.note) for each in story.moves] == [(Move.REPORT, "Anna Schmitz", LIFT)]
    assert list(story.followers.values()) == ["Anna Schmitz"]
    for manager in (SYNDIC, LEA, TOM):
        assert await street.told(manager) == ["tickets.to_you.report"]
    assert await street.told(ANNA) == await street.told(JAMES) == []
    (row,) = await street.rows("SELECT DISTINCT building_id, kind, urgency FROM deliveries")
    assert row == {"building_id": street.sample.known.building_id, "kind": "ticket", "urgency": None}


async def test_who_reports_and_manages_is_not_told_of_himself(street: Street) -> None:
    await street.reports(LEA, LIFT)
    assert await street.told(LEA) == []
    assert await street.told(TOM) == ["tickets.to_you.report"]


async def test_two_equal_reports_at_once_are_one_ticket(street: Street) -> None:
    everybody = [LEA, TOM, ANNA, JAMES, SYNDIC, YOUSSEF]
    outcomes = await asyncio.gather(*(street.reports(code, LIFT) for code in everybody))
    assert sorted(outcome.made for outcome in outcomes) == [False] * 5 + [True]
    assert len({outcome.ticket.ticket for outcome in outcomes}) == 1
    assert not any(outcome.followed or outcome.own for outcome in outcomes if not outcome.made), "they are asked"
    assert len(await street.rows("SELECT 1 FROM tickets")) == 1
    (ticket,) = {outcome.ticket for outcome in outcomes if outcome.made}
    others = [code for code, outcome in zip(everybody, outcomes, strict=True) if not outcome.made]
    await asyncio.gather(*(street.joins(code, ticket) for code in others))
    assert len((await street.story(ticket)).followers) == 6


async def test_the_same_danger_at_once_is_one_ticket_without_a_question(street: Street) -> None:
    everybody = [ANNA, JAMES, YOUSSEF]
    outcomes = await asyncio.gather(*(street.reports(code, "ça sent le gaz dans l'escalier") for code in everybody))
    assert sorted(outcome.made for outcome in outcomes) == [False, False, True]
    assert all(outcome.made or outcome.followed for outcome in outcomes)
    (row,) = await street.rows("SELECT danger FROM tickets")
    assert row["danger"] == Danger.GAS
    assert await street.told(SYNDIC) == ["tickets.to_you.urgent", "tickets.to_you.same", "tickets.to_you.same"]
    urgent = await street.rows("SELECT DISTINCT urgency FROM deliveries")
    assert urgent == [{"urgency": int(Urgency.URGENT)}]


async def test_another_danger_is_another_ticket(street: Street) -> None:
    await street.reports(ANNA, "ça sent le gaz")
    assert (await street.reports(JAMES, "fire on the third floor!")).made
    street.clock.now += timedelta(days=1, seconds=1)
    assert (await street.reports(JAMES, "I smell gas")).made


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("fuite d'eau au 2e étage", "leak on the second floor", True),
        ("fuite d'eau au 2e étage", "leak on the third floor", False),
        ("fuite d'eau", "leak on the third floor", True),
        ("la porte d'entrée ne ferme plus", "fuite d'eau dans l'entrée", False),
        ("une marche est cassée dans l'escalier", "la marche de l'escalier est toujours cassée", True),
        ("une marche est cassée dans l'escalier", "une balançoire pend dans l'escalier", False),
    ],
)
async def test_the_same_thing_at_the_same_place(street: Street, first: str, second: str, one: bool) -> None:
    await street.reports(ANNA, first)
    assert (await street.reports(JAMES, second)).made is not one


async def test_something_else_is_made_and_once_however_often_it_is_pressed(street: Street) -> None:
    await street.reports(ANNA, LIFT)
    identity = new_id()
    outcomes = await asyncio.gather(*(street.reports(JAMES, LIFT, sure=True, identity=identity) for _ in range(3)))
    assert sorted(outcome.made for outcome in outcomes) == [False, False, True]
    assert [row["number"] for row in await street.rows("SELECT number FROM tickets ORDER BY number")] == [1, 2]


async def test_what_was_reported_long_ago_is_another_event(street: Street) -> None:
    await street.reports(ANNA, LIFT)
    street.clock.now += TWIN_LASTS
    assert (await street.reports(JAMES, LIFT)).made


async def test_the_whole_way_of_a_repair(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    await street.joins(JAMES, ticket)
    steps: tuple[tuple[str, Move, dict[str, Any]], ...] = (
        (SYNDIC, Move.ACKNOWLEDGE, {}),
        (LEA, Move.ASSIGN, {"to": "Ascenseurs Duval", "on": date(2026, 11, 26)}),
        (SYNDIC, Move.NOTE, {"note": "Le technicien attend une pièce."}),
        (SYNDIC, Move.BEGIN, {}),
        (SYNDIC, Move.SOLVE, {}),
        (JAMES, Move.CONFIRM, {}),
    )
    for code, move, more in steps:
        done = await street.moves(code, ticket, move, **more)
        assert done.moved.move is move
    story = await street.story(ticket)
    assert [each.move for each in story.moves][2:] == [
        *(Move.ACKNOWLEDGE, Move.ASSIGN, Move.NOTE, Move.BEGIN, Move.SOLVE, Move.CONFIRM)
    ]
    assert story.ticket.state is State.CLOSED
    assert story.ticket.planned_on == date(2026, 11, 26)
    told = [f"tickets.told.{move}" for move in ("acknowledge", "assign", "note", "begin", "solve")]
    assert await street.told(JAMES) == told
    assert await street.told(ANNA) == [*told, "tickets.told.confirm"]
    assert await street.told(SYNDIC) == ["tickets.to_you.report", "tickets.to_you.confirm"]


async def test_neighbours_never_learn_who_said_it_nor_in_which_words(street: Street) -> None:
    ticket = (await street.reports(ANNA, "fuite d'eau chez ce crétin de Lukas au 5B")).ticket
    await street.joins(JAMES, ticket)
    for move in (Move.ACKNOWLEDGE, Move.BEGIN, Move.SOLVE):
        await street.moves(SYNDIC, ticket, move)
    await street.moves(ANNA, ticket, Move.AGAIN)
    (row,) = await street.rows(
        "SELECT string_agg(card::text, ' ') AS said FROM deliveries WHERE person_id = $1",
        street.persons[JAMES].person_id,
    )
    assert "tickets.told.again" in row["said"]
    for secret in ("Anna", "Lukas", "5B", "crétin"):
        assert secret not in row["said"]
    (row,) = await street.rows(
        "SELECT string_agg(card::text, ' ') AS said FROM deliveries WHERE person_id = $1",
        street.persons[SYNDIC].person_id,
    )
    for word in ("Anna Schmitz", "5B", "crétin", "4B, G4"):
        assert word in row["said"]


@pytest.mark.parametrize("code", [JAMES, YOUSSEF, ANNA])
async def test_a_neighbour_moves_nothing_on(street: Street, code: str) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    before = await street.rows("SELECT * FROM tickets")
    for move in (Move.ACKNOWLEDGE, Move.ASSIGN, Move.BEGIN, Move.SOLVE, Move.REFUSE, Move.NOTE, Move.CONFIRM):
        with pytest.raises(DomainError):
            await street.moves(code, ticket, move, note="parce que", to="Duval")
    assert await street.rows("SELECT * FROM tickets") == before
    assert await street.told(ANNA) == []


async def test_pressed_twice_it_is_done_once(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    done = await asyncio.gather(
        *(street.moves(code, ticket, Move.ACKNOWLEDGE) for code in (SYNDIC, LEA, TOM)), return_exceptions=True
    )
    refused = [each for each in done if isinstance(each, DomainError)]
    assert [each.text.key for each in refused] == ["tickets.already", "tickets.already"]
    assert await street.told(ANNA) == ["tickets.told.acknowledge"]


async def test_who_looked_at_an_older_version_is_told_so(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    await street.moves(LEA, ticket, Move.ACKNOWLEDGE, seen=1)
    with pytest.raises(service.Faster):
        await street.moves(SYNDIC, ticket, Move.SOLVE, seen=1)
    assert (await street.story(ticket)).ticket.state is State.ACKNOWLEDGED


async def test_silence_closes_it_and_a_second_look_does_nothing(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    await street.moves(SYNDIC, ticket, Move.SOLVE)
    street.clock.now += SILENCE - timedelta(minutes=1)
    assert await service.due(street.sample.database) == 0
    street.clock.now += timedelta(minutes=1)
    assert sum(await asyncio.gather(*(service.due(street.sample.database) for _ in range(4)))) == 1
    assert await service.due(street.sample.database) == 0
    assert (await street.story(ticket)).ticket.state is State.CLOSED
    assert await street.told(ANNA) == ["tickets.told.solve", "tickets.told.close"]


async def test_broken_again_it_is_the_same_ticket_for_a_fortnight(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    await street.moves(SYNDIC, ticket, Move.SOLVE)
    await street.moves(ANNA, ticket, Move.CONFIRM)
    street.clock.now += AGAIN_LASTS - timedelta(minutes=1)
    outcome = await street.reports(JAMES, "the lift is stuck again")
    assert not outcome.made
    assert outcome.ticket.state is State.CLOSED
    assert (await street.joins(JAMES, ticket)).state is State.REPORTED
    assert (await street.told(ANNA))[-1] == "tickets.told.again"
    assert (await street.told(SYNDIC))[-1] == "tickets.to_you.again"
    await street.moves(SYNDIC, ticket, Move.SOLVE)
    await street.moves(ANNA, ticket, Move.CONFIRM)
    street.clock.now += AGAIN_LASTS
    assert (await street.reports(JAMES, LIFT)).made


async def test_what_was_refused_can_not_be_joined(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    await street.moves(SYNDIC, ticket, Move.REFUSE, note="Une panne de courant de la rue.")
    with pytest.raises(DomainError, match="too_late"):
        await street.joins(JAMES, ticket)
    assert (await street.reports(JAMES, LIFT)).made


async def test_twins_become_one(street: Street) -> None:
    photo = sha256(b"photo").digest()
    one = (await street.reports(ANNA, LIFT)).ticket
    twin = (await street.reports(JAMES, "the lift makes a noise", sure=True, photos=(photo,))).ticket
    async with street.work(SYNDIC) as (uow, person, place):
        await service.merge(uow, twin.ticket, one.number, place.known.building_id, Actor(person.person_id, person.name))
        await uow.commit()
    gone, kept = await street.story(twin), await street.story(one)
    assert (gone.ticket.state, gone.ticket.into) == (State.MERGED, one.ticket)
    assert set(kept.followers) == {street.persons[ANNA].person_id, street.persons[JAMES].person_id}
    assert [digest for _, digest in kept.photos] == [photo]
    assert ("James Carter", "the lift makes a noise") in [(each.actor.name, each.note) for each in kept.moves]
    assert await street.told(JAMES) == ["tickets.told.merge"]
    assert await street.told(ANNA) == []
    await street.moves(SYNDIC, one, Move.SOLVE)
    assert (await street.told(JAMES))[-1] == "tickets.told.solve"
    assert (await street.joins(YOUSSEF, twin)).ticket == one.ticket, "an old button leads to the one that is left"


async def test_two_that_are_joined_to_each_other_at_once(street: Street) -> None:
    one = (await street.reports(ANNA, LIFT)).ticket
    other = (await street.reports(JAMES, LIFT, sure=True)).ticket

    async def joined(gone: int, into: int) -> None:
        async with street.work(SYNDIC) as (uow, person, place):
            ticket = {1: one, 2: other}[gone]
            actor = Actor(person.person_id, person.name)
            await service.merge(uow, ticket.ticket, into, place.known.building_id, actor)
            await uow.commit()

    done = await asyncio.gather(joined(1, 2), joined(2, 1), return_exceptions=True)
    assert [type(each) for each in done if each is not None] == [DomainError]
    states = {row["state"] for row in await street.rows("SELECT state FROM tickets")}
    assert states == {"merged", "reported"}


async def test_twenty_a_day_and_not_one_more_however_quick(street: Street) -> None:
    done = await asyncio.gather(
        *(street.reports(ANNA, LIFT, sure=True) for _ in range(MOST_A_DAY + 4)), return_exceptions=True
    )
    refused = [each for each in done if isinstance(each, DomainError)]
    assert [each.text.key for each in refused] == ["tickets.too_many"] * 4
    assert (await street.reports(JAMES, LIFT, sure=True)).made
    street.clock.now += timedelta(days=1, seconds=1)
    assert (await street.reports(ANNA, LIFT, sure=True)).made


async def test_whoever_is_no_longer_there_reports_nothing_and_is_told_nothing(street: Street) -> None:
    with pytest.raises(DomainError, match="not_here"):
        await street.reports(WERNER, LIFT)
    ticket = (await street.reports(YOUSSEF, LIFT)).ticket
    connection_rows = "UPDATE tenancies SET last = '2026-11-30' WHERE person = 'youssef-benali' RETURNING lot"
    assert await street.rows(connection_rows)
    await street.moves(SYNDIC, ticket, Move.ACKNOWLEDGE)
    street.clock.now += timedelta(days=10)
    await street.moves(SYNDIC, ticket, Move.SOLVE)
    assert await street.told(YOUSSEF) == ["tickets.told.acknowledge"]


async def test_switched_off_nothing_begins_and_what_runs_is_finished(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    async with street.work(SYNDIC) as (uow, person, place):
        wish = Wish(MODULE, on=False, decided_on=uow.now.date())
        await council.switch(uow, place.known.building_id, wish, Actor(person.person_id, person.name))
        await uow.commit()
    with pytest.raises(DomainError, match="off"):
        await street.reports(JAMES, "fuite d'eau")
    await street.moves(SYNDIC, ticket, Move.SOLVE)
    await street.moves(ANNA, ticket, Move.CONFIRM)
    assert (await street.told(ANNA)) == ["tickets.told.solve"]


async def test_a_report_is_taken_back(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    async with street.work(ANNA) as (uow, person, _):
        with pytest.raises(DomainError, match="unknown"):
            await service.take_back(uow, street.persons[JAMES].person_id, ticket.ticket)
        await service.take_back(uow, person.person_id, ticket.ticket)
        await uow.commit()
    assert (await street.story(ticket)).ticket.state is State.WITHDRAWN
    assert (await street.told(SYNDIC))[-1] == "tickets.to_you.take_back"
    assert (await street.reports(JAMES, LIFT)).made, "nobody is led to what was taken back"


async def test_where_it_is_can_be_said_later_and_only_a_lot_that_there_is(street: Street) -> None:
    ticket = (await street.reports(ANNA, "fuite d'eau")).ticket
    async with street.work(ANNA) as (uow, person, place):
        after = await service.place_it(uow, person, place, ticket.ticket, None, Spot(lot="4B"))
        assert after.spot == Spot(4, lot="4B")
        after = await service.place_it(uow, person, place, ticket.ticket, None, Spot(lot="the moon", area="hall"))
        assert after.spot == Spot(area="hall")
        await uow.commit()
    async with street.work(JAMES) as (uow, person, place):
        with pytest.raises(DomainError, match="not_yours"):
            await service.place_it(uow, person, place, ticket.ticket, Category.NOISE, None)


async def test_photos_are_few_and_each_once(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT, photos=(b"1", b"1", b"2"))).ticket
    async with street.work(ANNA) as (uow, person, place):
        for number in range(MOST_PHOTOS):
            await service.add(uow, person, place, ticket.ticket, "", (b"more" + bytes([number]),))
        await uow.commit()
    assert len((await street.story(ticket)).photos) == MOST_PHOTOS


async def test_the_office_s_list(street: Street) -> None:
    await street.reports(ANNA, "la porte d'entrée ne ferme plus")
    street.clock.now += timedelta(days=8)
    await street.reports(JAMES, LIFT)
    gas = (await street.reports(YOUSSEF, "ça sent le gaz")).ticket
    building = street.sample.known.building_id
    async with street.sample.database.work(street.sample.organisation) as uow:

        async def numbers(wanted: Wanted) -> list[int]:
            return [ticket.number for ticket, _ in await service.listed(uow, wanted)]

        assert await numbers(Wanted()) == [3, 1, 2], "what cannot wait, then the oldest"
        assert await numbers(Wanted(within=frozenset())) == []
        assert await numbers(Wanted(within=frozenset({building}), building=building, urgent=True)) == [gas.number]
        assert await numbers(Wanted(category=Category.LIFT)) == [2]
        assert await numbers(Wanted(before=uow.now - timedelta(days=7))) == [1]
        assert await numbers(Wanted(states=(State.SOLVED,))) == []


async def test_another_organisation_sees_nothing(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    async with street.sample.database.work(new_id()) as uow:
        assert await service.story(uow, ticket.ticket) is None
        assert await service.listed(uow, Wanted()) == []
        actor = Actor(new_id(), "somebody")
        with pytest.raises(DomainError, match="unknown"):
            await service.move(uow, ticket.ticket, ticket.building, Move.SOLVE, actor, manages=True)


async def test_of_another_building_it_is_unknown(street: Street) -> None:
    ticket = (await street.reports(ANNA, LIFT)).ticket
    async with street.work(SYNDIC) as (uow, _, _):
        with pytest.raises(DomainError, match="unknown"):
            await service.move(uow, ticket.ticket, new_id(), Move.SOLVE, Actor(None, "x"), manages=True)
        assert await service.story(uow, ticket.ticket, {new_id()}) is None


async def test_a_home_is_what_he_rents_then_what_he_owns(street: Street) -> None:
    for code, lots in ((YOUSSEF, ["1B"]), (LEA, ["3A"]), ("katrien-willems", ["1B", "3B"]), (SYNDIC, [])):
        async with street.work(code) as (uow, _, place):
            assert [lot.lot for lot in await service.home(uow, place)] == lots


async def test_a_report_of_a_person_without_an_address_is_still_told_on(street: Street) -> None:
    """The syndic may be reached by nothing yet: the ticket stands, and she finds it."""
    async with street.work(ANNA) as (uow, person, place):
        await service.report(uow, person, place, Report("??"), new_id())
        await uow.commit()
    async with street.work(SYNDIC) as (uow, person, place):
        assert [each.number for each in await service.of_person(uow, person, [place])] == [1]
        assert await people.person(uow, person.person_id) is not None
