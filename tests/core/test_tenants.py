"""Who sees whose rows: every table of a tenant is closed to the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import URL, text

from core.buildings import store as buildings
from core.bulletin.digest import store as bulletins
from core.community.bazaar import service as bazaar
from core.community.bazaar import store as bazaar_store
from core.community.bazaar.draw import draw
from core.community.loans import service as loans
from core.community.loans.things import service as loan_things
from core.community.neighbours import service as neighbours
from core.community.notices import service as notices
from core.community.notices.answers import service as notice_answers
from core.community.notices.model import Draft, When
from core.community.notices.model import Kind as NoticeKind
from core.community.notices.moderation import service as moderation
from core.community.posts import service as posts
from core.community.sel import service as sel
from core.community.sel.exchanges import service as exchanges
from core.community.sel.exchanges.service import Report
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Kind
from core.community.sel.partings import store as partings
from core.community.skills import service as skills
from core.community.skills import store as skill_store
from core.community.skills.model import Pay
from core.database import STRANGERS, Database, UnitOfWork
from core.inbox import service as inbox
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.interchange.setup import service as setup
from core.kernel.ids import new_id
from core.kernel.periods import Period
from core.kernel.text import say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address
from core.messaging.conversation import Conversation
from core.messaging.intent import Intent
from core.messaging.preferences import BY_DEFAULT
from core.modules import MODULES
from core.outbox import service as outbox
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts.model import Audience, Broadcast, Wording
from core.outbox.letter_texts import service as letter_texts
from core.outbox.letter_texts.model import LetterTexts
from core.outbox.letters import service as letters
from core.people import store as people
from core.people.accounts import service as accounts
from core.people.accounts.model import Role
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import Kept
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from core.people.wishes import store as wishes
from core.tickets import service as tickets
from core.tickets.model import Report as Defect
from tests.core.statements import fetch, refused
from tests.core.test_role import APPEND_ONLY
from tests.ground_floor import SAMPLE, Sample, places

OUTSIDE = {
    "directory",
    "link_codes",
    "code_tries",
    "rooms",
    "inbox",
    "set_aside",
    "channel_memory",
    "alembic_version",
} | {
    *("accounts", "account_links", "account_sessions", "recovery_codes", "sign_in_tries"),
}
"""What stands outside the tenants: an inbound handle comes before its tenant is known."""
TENANTS = (
    "account_roles",
    "api_answers",
    "api_tokens",
    "audit_log",
    "bazaar_draws",
    "bazaar_items",
    "bazaar_line",
    "bazaar_seeks",
    "broadcast_recipients",
    "broadcasts",
    "budget_lines",
    "buildings",
    "bulletins",
    "calls",
    "choices",
    "consents",
    "conversations",
    "deliveries",
    "distribution_weights",
    "documents",
    "drafts",
    "expenses",
    "imported_files",
    "ledger_entries",
    "ledger_lines",
    "letter_texts",
    "letters",
    "loan_things",
    "loan_wishes",
    "loans",
    "lots",
    "module_decisions",
    "notice_answers",
    "notice_comers",
    "notice_followers",
    "notice_reports",
    "notices",
    "openings",
    "organisations",
    "ownership",
    "parts",
    "payments",
    "persons",
    "posts",
    "preferences",
    "residents",
    "sel_answers",
    "sel_entries",
    "sel_exchanges",
    "sel_holds",
    "sel_leavers",
    "sel_lines",
    "sel_offers",
    "sel_settings",
    "settlements",
    "skill_asks",
    "skills",
    "tenancies",
    "ticket_followers",
    "ticket_moves",
    "ticket_photos",
    "tickets",
)


NOBODY = Actor(None, "test")


@dataclass(frozen=True)
class Two:
    """Two organisations with the same building each; what is tried is tried from the second."""

    database: Database
    owner: URL
    first: UUID
    second: UUID


@pytest.fixture
async def two(sample: Sample) -> Two:
    async with sample.database.work() as uow:
        second = await buildings.add_organisation(uow, "others")
        with Folder.open(SAMPLE) as folder:
            await import_building(uow, read_building(folder), None)
        await uow.commit()
    for organisation in (sample.organisation, second):
        async with sample.database.work(organisation) as uow:
            (known,) = await buildings.every(uow)
            person = (await people.residents(uow, known.building_id))[0].person_id
            await inbox.keep_talk(uow, Conversation(Address("console", "x"), "help", {}, uow.now + timedelta(hours=1)))
            card = Card(say("help.title"), choices=(Choice(Intent("help"), say("bot.choice.help")),))
            uow.tell(person, card, "account", key="the same key")
            await letters.add(uow, "the same key", person, b"hash", 1)
            await letter_texts.change(uow, "fr", LetterTexts("Bonjour,"), 0, NOBODY)
            await accounts.employ(uow, f"{organisation}@kopro.example", "Ann", "nl", Role.SYNDIC)
            author = (await broadcasts.authors(uow, known.building_id))[0]
            written = {"fr": Wording("Eau", "Coupure jeudi.")}
            audience = Audience("persons", persons=(author.code,))
            await broadcasts.send(uow, Broadcast(new_id(), known.building_id, author.person, audience, written, "fr"))
            await bulletins.begin(uow, known.building_id, uow.now.date(), uow.now)
            await a_loan(uow, known.building_id)
            await some_hours(uow, known.building_id)
            await a_ticket(uow, known.building_id, person)
            await a_note(uow, known.building_id)
            await a_gift(uow, known.building_id)
            await a_skill(uow, known.building_id)
            modules = known.building.modules
            day = uow.now.date()
            await council.switch(uow, known.building_id, Wish(MODULES[0], MODULES[0].name not in modules, day), NOBODY)
            await setup.begin(uow, NOBODY)
            await wishes.keep(uow, person, BY_DEFAULT)
            await posts.post(uow, person, known.building_id, "object", new_id())
            _, token = await api_tokens.issue(uow, "books", ["payments:write"])
            await api_tokens.keep(uow, token.token_id, "key", Kept(b"request", 201, "{}"))
            await uow.commit()
    return Two(sample.database, sample.owner, sample.organisation, second)


async def a_loan(uow: UnitOfWork, building: UUID) -> None:
    """A row in each table of the loans."""
    one, other = [each.person for each in await neighbours.neighbours(uow, building)][:2]
    thing = await loan_things.lend(uow, one, building, "Perceuse")
    await loans.borrow(uow, other, thing.thing_id, Period(uow.now.date(), uow.now.date()))
    await loan_things.wish(uow, other, building, "échelle")


async def a_gift(uow: UnitOfWork, building: UUID) -> None:
    """A row in each table of the bazaar."""
    one, other = [each.person for each in await neighbours.neighbours(uow, building)][:2]
    await bazaar.want(uow, other, building, "armoire")
    await bazaar.give(uow, one, building, "Lit bébé")
    (gift,) = await bazaar.open_with(uow, one, building)
    await bazaar.take(uow, other, gift.item_id)
    await bazaar_store.add_draw(uow, draw(gift.item_id, uow.now.date(), ["A", "B"]))


async def a_skill(uow: UnitOfWork, building: UUID) -> None:
    """A row in each table of who can do what."""
    one, other = [each.person for each in await neighbours.neighbours(uow, building)][:2]
    await skills.put_in(uow, one, building, "plombier", Pay.FREE, "Vu par tous.")
    ((skill, _),) = await skill_store.listed(uow, building)
    await skills.ask(uow, other, skill.skill_id, "plombier")


async def a_note(uow: UnitOfWork, building: UUID) -> None:
    """A row in each table of the notice board."""
    one, other = [each.person for each in await neighbours.neighbours(uow, building)][:2]
    draft = Draft(NoticeKind.EVENT, "Fête", "", "fr", when=When(uow.now.date()))
    notice = (await notices.post(uow, one, building, draft)).seen.notice.notice_id
    await notices.come(uow, other, notice)
    await notices.follow(uow, other, building)
    await notice_answers.answer(uow, other, notice, "Avec plaisir")
    await moderation.report(uow, other, notice, "bruit")


async def some_hours(uow: UnitOfWork, building: UUID) -> None:
    """A row in each table of the time credits."""
    one, other = [each.person for each in await neighbours.neighbours(uow, building)][:2]
    await offers.add(uow, building, one, Kind.OFFER, "piano")
    (offer,) = await offers.standing(uow, building)
    await offers.touch(uow, offer.offer_id, other)
    await exchanges.report(uow, building, one, Report(other, gave=True, minutes=60))
    (waiting,) = await exchanges.open_of(uow, building, one)
    await exchanges.confirm(uow, waiting.exchange_id, other)
    await sel.hold(uow, building, one, 60, new_id())
    await partings.left(uow, building, one, uow.now.date())


async def a_ticket(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    """A row in each table of what is broken."""
    somebody = await people.person(uow, person)
    assert somebody is not None
    place = (await places(uow, await buildings.get(uow, building)))["lea-dubois"]
    await tickets.report(uow, somebody, place, Defect("lift", photos=(b"hash",)), new_id())


# ------------------------------------------------------------------------------------------------- the catalogue, walked


async def test_every_table_is_a_tenants_or_known_to_stand_outside(owner: URL) -> None:
    tables = await fetch(
        owner,
        """
        SELECT c.relname AS name, c.relkind AS kind, c.relrowsecurity AS secured,
            EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organisation_id' AND a.attnotnull) AS owned,
            (SELECT array_agg(p.polname || ' ' || p.polcmd::text || ' ' || p.polpermissive::text || ' '
                || pg_get_expr(p.polqual, p.polrelid) || ' ' || pg_get_expr(p.polwithcheck, p.polrelid))
             FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        """,
    )
    found = {table["name"]: table for table in tables}
    assert found.keys() >= OUTSIDE
    mine = "(organisation_id = ( SELECT (NULLIF(current_setting('koprogo.organisation'::text, true), ''::text))::uuid))"
    for name, table in found.items():
        if name not in OUTSIDE:
            assert table["kind"] in (b"r", "r"), f"{name} is no plain table: row-level security does not reach it"
            assert table["owned"], f"{name} says not whose its rows are"
            assert table["secured"], f"{name} is open to everybody"
            assert [policy.replace(' AS "nullif"', "") for policy in table["policies"] or ()] == [
                f"tenant * true {mine} {mine}"
            ], name
    assert set(found) - OUTSIDE == set(TENANTS)


async def test_the_walk_would_find_an_open_table(owner: URL) -> None:
    await fetch(owner, "CREATE TABLE gossip (organisation_id uuid NOT NULL, said text)")
    with pytest.raises(AssertionError, match="gossip is open to everybody"):
        await test_every_table_is_a_tenants_or_known_to_stand_outside(owner)
    await fetch(owner, "ALTER TABLE gossip ENABLE ROW LEVEL SECURITY")
    with pytest.raises(AssertionError, match="gossip"):
        await test_every_table_is_a_tenants_or_known_to_stand_outside(owner)


# ---------------------------------------------------------------------------------------------------- one and the other


async def test_there_is_something_to_see_in_every_table(two: Two) -> None:
    for table in TENANTS:
        (row,) = await fetch(
            two.owner,
            f"SELECT count(*) FILTER (WHERE organisation_id = $1) AS mine,"
            f" count(*) FILTER (WHERE organisation_id = $2) AS theirs FROM {table}",
            two.first,
            two.second,
        )
        assert row["mine"], table
        assert row["theirs"], table


@pytest.mark.parametrize("group", range(4))
async def test_the_rows_of_others_can_not_be_touched(two: Two, group: int) -> None:
    async with two.database.work(two.second) as uow:
        for table in TENANTS[group::4]:
            theirs = {"other": two.first}
            seen = await uow.connection.scalar(
                text(f"SELECT count(*) FROM {table} WHERE organisation_id = :other"), theirs
            )
            assert seen == 0, table
            assert await uow.connection.scalar(text(f"SELECT count(*) FROM {table}")) > 0, table
            if table not in APPEND_ONLY:
                for statement in (
                    f"UPDATE {table} SET organisation_id = organisation_id WHERE organisation_id = :other",
                    f"DELETE FROM {table} WHERE organisation_id = :other",
                ):
                    done = await uow.connection.execute(text(statement), theirs)
                    assert done.rowcount == 0, statement
                # one's own row can not be given away either
                statement = f"UPDATE {table} SET organisation_id = :other"
                assert "row-level security" in await refused(uow, statement, **theirs), table
            columns = [
                row[0]
                for row in await uow.connection.execute(
                    text(
                        "SELECT quote_ident(column_name) FROM information_schema.columns WHERE table_name = :table"
                        " AND table_schema = 'public' AND is_identity = 'NO' AND column_name <> 'organisation_id'"
                    ),
                    {"table": table},
                )
            ]
            listed = ", ".join(["organisation_id", *columns])
            copied = ", ".join(["CAST(:other AS uuid)", *columns])
            statement = f"INSERT INTO {table} ({listed}) SELECT {copied} FROM {table} LIMIT 1"
            assert "row-level security" in await refused(uow, statement, **theirs), table


async def test_without_an_organisation_nothing_is_seen(two: Two) -> None:
    async with two.database.engine.connect() as connection:
        for table in TENANTS:
            assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    async with two.database.work() as uow:
        for table in TENANTS:
            if table != "organisations":
                assert await uow.connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        assert uow.organisation == STRANGERS


async def test_the_organisation_is_left_with_the_transaction(two: Two) -> None:
    """A connection that comes back to the pool brings nobody's rows along."""
    async with two.database.work(two.first) as uow:
        await uow.connection.execute(text("SELECT 1"))
        await uow.commit()
        assert await uow.connection.scalar(text("SELECT count(*) FROM lots")) == 0
    async with two.database.work(two.first) as uow:
        assert await uow.connection.scalar(text("SELECT count(*) FROM lots")) == 24
        await uow.enter(two.second)
        seen = (await uow.connection.execute(text("SELECT DISTINCT organisation_id FROM lots"))).scalars().all()
        assert seen == [two.second]


async def test_what_crosses_the_tenants_tells_names_and_keys_only(two: Two) -> None:
    async with two.database.work(two.second) as uow:
        names = await buildings.organisations(uow)
        assert set(names) == {"default", "others"}
        functions = await uow.connection.execute(
            text(
                "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                " WHERE n.nspname = 'public' AND p.prosecdef ORDER BY 1"
            )
        )
        assert functions.scalars().all() == [
            *("bearer_of_token", "claim_deliveries", "delivery_owner", "every_organisation", "organisations_of_account")
        ]
    (told,) = await fetch(
        two.owner, "SELECT count(*) AS open FROM deliveries WHERE fate = 'skipped' AND key = 'the same key'"
    )
    assert told["open"] == 2  # nobody has an address of a channel yet


async def test_a_claim_across_tenants_is_worked_off_inside_each(two: Two) -> None:
    for organisation in (two.first, two.second):
        async with two.database.work(organisation) as uow:
            uow.tell(Address("console", "lea"), Card(say("help.thanks")), "account", key="to both")
            await uow.commit()
    claimed = await outbox.claim(two.database, ("console",))
    assert {delivery.organisation for delivery in claimed} == {two.first, two.second}
    async with two.database.work(two.first) as uow:
        theirs = next(delivery for delivery in claimed if delivery.organisation == two.second)
        assert await outbox.store.claimed(uow, [theirs.delivery_id]) == []
        await outbox.store.settle_failed(uow, theirs.delivery_id, "not mine", theirs.attempts)
        await uow.commit()
    (fate,) = await fetch(two.owner, "SELECT fate FROM deliveries WHERE delivery_id = $1", theirs.delivery_id)
    assert fate["fate"] == "sending"
    assert replace(theirs, organisation=two.first) != theirs
