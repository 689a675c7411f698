"""The unit of work, the fair pool, the roles and the rows stored by the many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError

from core.buildings import store as buildings
from core.database import (
    Busy,
    Database,
    DatabaseError,
    UnitOfWork,
    answers,
    application_role,
    application_url,
    insert_rows,
    owner_connection,
    owner_url,
)
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.delivery import Claimed, Notice
from tests.core.small import small_building, stored
from tests.ground_floor import NOW

END_OF_THE_LINE = Address("console", "lea")


async def silent(uow: UnitOfWork, notices: Sequence[Notice]) -> Sequence[Claimed]:
    return []


async def names(database: Database) -> list[str]:
    async with database.work() as uow:
        return sorted(await buildings.organisations(uow))


async def fail_after_writing(database: Database) -> None:
    async with database.work() as uow:
        await buildings.add_organisation(uow, "failed")
        raise ZeroDivisionError


# ---------------------------------------------------------------------------------------------------- the unit of work


async def test_a_unit_of_work_rolls_back_unless_committed(database: Database) -> None:
    async with database.work() as uow:
        await buildings.add_organisation(uow, "forgotten")
    assert await names(database) == []
    with pytest.raises(ZeroDivisionError):
        await fail_after_writing(database)
    assert await names(database) == []
    async with database.work() as uow:
        await buildings.add_organisation(uow, "kept")
        await uow.commit()
    assert await names(database) == ["kept"]


async def test_what_happens_after_the_commit_is_not_kept(database: Database) -> None:
    async with database.work() as uow:
        await uow.commit()
        await uow.connection.execute(
            text("INSERT INTO channel_memory VALUES ('a', 'b', 'c', 'late')"),
        )
    async with database.work() as uow:
        assert await uow.connection.scalar(text("SELECT count(*) FROM channel_memory")) == 0


async def test_one_instant_for_all_that_happens_in_it(database: Database) -> None:
    async with database.work() as uow:
        assert uow.now == NOW
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    async with database.work(now=moment) as uow:
        assert uow.now == moment


async def test_what_is_told_is_recorded_with_the_fact_or_not_at_all(owner: URL) -> None:
    recorded: list[str] = []

    async def recorder(uow: UnitOfWork, notices: Sequence[Notice]) -> Sequence[Claimed]:
        recorded.extend(notice.key for notice in notices)
        return []

    async with Database(application_url(owner), recorder=recorder) as database:
        async with database.work() as uow:
            uow.tell(END_OF_THE_LINE, Card(say("help.thanks")), "answer", key="lost")
        assert recorded == []
        async with database.work() as uow:
            uow.tell(END_OF_THE_LINE, Card(say("help.thanks")), "answer", key="one")
            await uow.flush()
            assert recorded == ["one"]
            uow.tell(UUID(int=3), Card(say("help.thanks")), "account", key="two")
            await uow.commit()
        assert recorded == ["one", "two"]


# --------------------------------------------------------------------------------------------------------- the fair pool


async def test_connections_are_served_in_order_of_arrival(owner: URL) -> None:
    served: list[int] = []

    async def visit(database: Database, number: int) -> None:
        async with database.work():
            served.append(number)
            await asyncio.sleep(0.005)

    async with Database(application_url(owner), recorder=silent, size=1) as database, asyncio.TaskGroup() as visits:
        for number in range(24):
            visits.create_task(visit(database, number))
    assert served == list(range(24))


async def test_no_more_work_at_once_than_there_are_places(owner: URL) -> None:
    inside = most = 0

    async def visit(database: Database) -> None:
        nonlocal inside, most
        async with database.work():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.02)
            inside -= 1

    async with Database(application_url(owner), recorder=silent, size=3) as database, asyncio.TaskGroup() as visits:
        for _ in range(12):
            visits.create_task(visit(database))
    assert most == 3


async def test_who_waits_too_long_is_told_so_and_takes_no_place(owner: URL) -> None:
    async with Database(application_url(owner), recorder=silent, size=1, wait=0.05) as database:
        async with database.work() as first:
            for _ in range(3):
                with pytest.raises(Busy):
                    async with database.work():
                        pytest.fail("there was no free connection")
            assert await first.connection.scalar(text("SELECT 1")) == 1
        async with database.work() as second:
            assert await second.connection.scalar(text("SELECT 1")) == 1


async def test_a_failure_or_a_cancellation_gives_the_place_back(owner: URL) -> None:
    async with Database(application_url(owner), recorder=silent, size=1, wait=1) as database:
        for _ in range(3):
            with pytest.raises(KeyError):
                async with database.work():
                    raise KeyError
        started = asyncio.Event()

        async def stay() -> None:
            async with database.work():
                started.set()
                await asyncio.sleep(60)

        stayed = asyncio.create_task(stay())
        await started.wait()
        stayed.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stayed
        async with database.work() as uow:
            assert await uow.connection.scalar(text("SELECT 1")) == 1


async def test_a_connection_that_breaks_is_busy_and_the_next_is_a_new_one(owner: URL) -> None:
    """Nothing was done, and it may be tried again: the caller needs to know no more."""
    async with Database(application_url(owner), recorder=silent, size=1, wait=1) as database:
        for _ in range(2):
            with pytest.raises(Busy):
                await broken_off(database, owner)
            async with database.work() as uow:
                assert await uow.connection.scalar(text("SELECT count(*) FROM channel_memory")) == 0


async def broken_off(database: Database, owner: URL) -> None:
    async with database.work() as uow:
        await uow.connection.execute(text("INSERT INTO channel_memory VALUES ('a', 'b', 'c', 'd')"))
        async with owner_connection(owner) as stronger:
            await stronger.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND datname = current_database()"
                )
            )
        await uow.commit()


async def test_what_a_statement_does_wrong_is_no_busy_database(database: Database) -> None:
    with pytest.raises(DBAPIError) as wrong:
        async with database.work() as uow:
            await uow.connection.execute(text("SELECT 1 / 0"))
    assert not isinstance(wrong.value, Busy)


async def test_no_server_no_place_lost() -> None:
    nowhere = make_url("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    async with Database(nowhere, recorder=silent, size=1, wait=0.5) as database:
        for _ in range(3):
            with pytest.raises(OSError, match=r"."):
                async with database.work():
                    pytest.fail("nobody listens there")


# ------------------------------------------------------------------------------------------------------------- the roles


@pytest.mark.parametrize("given", ["postgresql://u:p@h/d", "postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_the_owners_url_gets_our_driver(given: str) -> None:
    url = owner_url(given)
    assert (url.drivername, url.username, url.password, url.host, url.database) == (
        "postgresql+asyncpg",
        "u",
        "p",
        "h",
        "d",
    )


@pytest.mark.parametrize("given", ["sqlite:///x", "mysql://u@h/d"])
def test_only_postgresql_is_spoken(given: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL"):
        owner_url(given)


def test_the_applications_password_follows_from_the_owners() -> None:
    url = make_url("postgresql+asyncpg://koprogo:secret@h/d")
    name, password = application_role(url)
    assert name == "koprogo_app"
    assert password
    assert password != "secret"
    assert application_role(url.set(password="other"))[1] != password
    assert application_role(make_url("postgresql+asyncpg://koprogo@h/d")) == ("koprogo_app", None)
    assert (
        application_url(url).render_as_string(hide_password=False) == f"postgresql+asyncpg://koprogo_app:{password}@h/d"
    )


async def test_the_owner_has_one_connection_for_as_long_as_it_takes(owner: URL) -> None:
    async with owner_connection(owner) as connection:
        assert await connection.scalar(text("SELECT current_user")) == owner.username
        assert await connection.scalar(text("SHOW timezone")) == "UTC"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.example"])
async def test_a_server_that_does_not_answer_is_one_sentence(host: str) -> None:
    with pytest.raises(DatabaseError, match=r"database\.unreachable"):
        async with owner_connection(make_url(f"postgresql+asyncpg://nobody@{host}/nothing")):
            pytest.fail("nobody listens there")


async def test_a_role_that_does_not_exist_is_one_sentence(owner: URL) -> None:
    with pytest.raises(DatabaseError, match=r"database\.unreachable"):
        async with owner_connection(owner.set(username="no_such_role")):
            pytest.fail("there is no such role")


# ------------------------------------------------------------------------------------------------------------- many rows


async def test_many_rows_are_stored_at_once(uow: UnitOfWork) -> None:
    known = await stored(uow, small_building())
    rows = [
        (known.building_id, place, f"p{place}", date(2026, 1, 1), (-1) ** place * place, 'réf; "x"\n\\N', "bank")
        for place in range(3000)
    ]
    columns = ("building_id", "position", "person", "day", "cents", "reference", "source")
    await insert_rows(uow, "payments", columns, rows)
    found = await uow.connection.execute(
        text("SELECT organisation_id, person, cents, reference FROM payments ORDER BY position")
    )
    assert [tuple(row) for row in found] == [(uow.organisation, row[2], row[4], row[5]) for row in rows]


async def test_no_rows_are_no_trouble_and_twice_is_none_either(uow: UnitOfWork) -> None:
    known = await stored(uow, small_building())
    columns = ("building_id", "lot", "position", "kind", "floor", "shares")
    await insert_rows(uow, "lots", columns, [])
    before = await uow.connection.scalar(text("SELECT count(*) FROM lots"))
    await insert_rows(uow, "lots", columns, [(known.building_id, "X", 99, "cellar", "-1", 0)])
    assert await uow.connection.scalar(text("SELECT count(*) FROM lots")) == before + 1


async def test_rows_stored_at_once_are_ones_own(database: Database, organisation: UUID) -> None:
    """The organisation is that of the unit of work: nobody else's building can be written to."""
    async with database.work(organisation) as uow:
        known = await stored(uow, small_building())
        await uow.commit()
    async with database.work() as uow:
        await buildings.add_organisation(uow, "others")
        with pytest.raises(Exception, match="foreign key"):
            await insert_rows(
                uow,
                "lots",
                ("building_id", "lot", "position", "kind", "floor", "shares"),
                [(known.building_id, "X", 99, "cellar", "", 1)],
            )


# ----------------------------------------------------------------------------------------------------- the elected process


async def test_one_process_is_elected_and_the_next_when_it_is_gone(owner: URL) -> None:
    async with (
        Database(application_url(owner), recorder=silent, size=1, wait=1) as one,
        Database(application_url(owner), recorder=silent, size=1, wait=1) as other,
    ):
        async with one.elected(7) as mine:
            assert mine is not None
            assert await answers(mine)
            async with other.elected(7) as theirs, other.elected(8) as another:
                assert theirs is None
                assert another is not None
            # who is elected takes no place of those who work
            async with one.work() as uow:
                assert await uow.connection.scalar(text("SELECT 1")) == 1
        async with other.elected(7) as theirs:
            assert theirs is not None
