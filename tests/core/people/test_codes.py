"""One-time codes: how long they last, for what they are good, and that nobody guesses one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database import Database
from core.kernel.errors import DomainError
from core.kernel.ids import ALPHABET, new_code
from core.messaging.channel import Address, Room
from core.people import service as people
from core.people import store
from core.people.cards import Linked
from core.people.codes.model import ASKED_LASTS, INVITED_LASTS, REST, TRIES, TooManyTries, code_in, surely
from core.people.groups import service as groups
from core.people.groups.model import Tie
from core.people.model import YOUNG, Membership, OwnAddress, Person, Place
from tests.ground_floor import NOW, Hands, Sample

PHONE, OTHER, MATRIX = Address("telegram", "1"), Address("telegram", "2"), Address("matrix", "@lea:home.example")
GROUP = Room("telegram", "-100")
WRONG = "WRNG234567"


@pytest.fixture
async def lea(database: Database, organisation: UUID) -> Person:
    async with database.work(organisation) as uow:
        person = await store.add_person(uow, "Léa", "fr")
        await uow.commit()
        return Person(person, "Léa", "fr")


async def code_for(
    database: Database, organisation: UUID, person: Person, channel: str = "telegram", *, asked: bool = False
) -> str:
    async with database.work(organisation) as uow:
        code = (
            await people.ask_code(uow, person, channel)
            if asked
            else await people.invite(uow, person.person_id, channel)
        )
        await uow.commit()
        return code


async def redeem(database: Database, code: str, address: Address = PHONE) -> Linked | None:
    async with database.work() as uow:
        linked = await people.redeem(uow, code, address)
        await uow.commit()
        return linked


async def guess(database: Database, times: int, address: Address = PHONE) -> None:
    for _ in range(times):
        assert await redeem(database, new_code(), address) is None


# -------------------------------------------------------------------------------------------------------------- how long


@pytest.mark.parametrize(
    ("asked", "after", "good"),
    [
        (False, timedelta(days=29, hours=23), True),
        (False, timedelta(days=30), False),
        (True, timedelta(minutes=14, seconds=59), True),
        (True, timedelta(minutes=15), False),
    ],
)
async def test_a_code_lasts(
    database: Database, organisation: UUID, lea: Person, clock: Hands, asked: bool, after: timedelta, good: bool
) -> None:
    assert (timedelta(days=30), timedelta(minutes=15)) == (INVITED_LASTS, ASKED_LASTS)
    code = await code_for(database, organisation, lea, asked=asked)
    clock.now += after
    assert (await redeem(database, code) is not None) is good


# ------------------------------------------------------------------------------------------------------- nobody guesses


async def test_the_sixth_code_is_not_even_looked_at(database: Database, organisation: UUID, lea: Person) -> None:
    code = await code_for(database, organisation, lea)
    await guess(database, TRIES)
    for tried in (code, new_code()):
        with pytest.raises(TooManyTries):
            await redeem(database, tried)
    assert await redeem(database, code, OTHER) is not None, "it is still good, and others do not wait"


async def test_wrong_codes_are_forgotten_after_a_rest(
    database: Database, organisation: UUID, lea: Person, clock: Hands
) -> None:
    await guess(database, TRIES)
    clock.now += REST - timedelta(seconds=1)
    with pytest.raises(TooManyTries):
        await redeem(database, new_code())
    clock.now += timedelta(seconds=1)
    await guess(database, TRIES - 1)
    assert await redeem(database, await code_for(database, organisation, lea)) is not None


async def test_a_rest_begins_with_the_last_wrong_one(database: Database, lea: Person, clock: Hands) -> None:
    for _ in range(TRIES):
        await guess(database, 1)
        clock.now += REST - timedelta(seconds=1)
    with pytest.raises(TooManyTries):
        await redeem(database, new_code())


async def test_a_good_code_forgives_no_wrong_one(database: Database, organisation: UUID, lea: Person) -> None:
    """Whoever may ask for codes of his own could else guess for ever."""
    await guess(database, TRIES - 1)
    assert await redeem(database, await code_for(database, organisation, lea, asked=True)) is not None
    await guess(database, 1)
    with pytest.raises(TooManyTries):
        await redeem(database, await code_for(database, organisation, lea, asked=True))


async def test_a_code_for_another_channel_is_a_wrong_one(database: Database, organisation: UUID, lea: Person) -> None:
    code = await code_for(database, organisation, lea, "matrix")
    for _ in range(TRIES):
        assert await redeem(database, code) is None
    with pytest.raises(TooManyTries):
        await redeem(database, code)
    assert await redeem(database, code, MATRIX) is not None


# ---------------------------------------------------------------------------------------------------- who is told of it


async def told(database: Database, organisation: UUID, person: Person, code: str, address: Address) -> list[Address]:
    """Where it is said that this code was used."""
    async with database.work() as uow:
        await people.redeem(uow, code, address)
        return [notice.to for notice in uow.notices if isinstance(notice.to, Address)]


async def use(database: Database, organisation: UUID, person: Person, *addresses: Address) -> None:
    async with database.work(organisation) as uow:
        for address in addresses:
            await store.link(uow, address, person.person_id)
            await store.used(uow, address, uow.now)
        await uow.commit()


async def test_who_has_no_other_address_in_use_is_told_nowhere(
    database: Database, organisation: UUID, lea: Person
) -> None:
    async with database.work(organisation) as uow:
        await store.link(uow, Address("email", "lea@home.example"), lea.person_id)
        await uow.commit()
    assert await told(database, organisation, lea, await code_for(database, organisation, lea), PHONE) == []


async def test_he_is_told_wherever_else_he_wrote_from(database: Database, organisation: UUID, lea: Person) -> None:
    await use(database, organisation, lea, MATRIX, OTHER)
    code = await code_for(database, organisation, lea)
    assert set(await told(database, organisation, lea, code, PHONE)) == {MATRIX, OTHER}


async def test_an_address_that_was_his_already_is_no_news(database: Database, organisation: UUID, lea: Person) -> None:
    await use(database, organisation, lea, MATRIX, PHONE)
    assert await told(database, organisation, lea, await code_for(database, organisation, lea), PHONE) == []


# ------------------------------------------------------------------------------------------------------------- of groups


async def group_code(sample: Sample, person: str, at: Address) -> str:
    """A code that somebody asks for, whose address this is."""
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row for row in await store.residents(uow, sample.known.building_id)}[person]
        await store.link(uow, at, listed.person_id)
        somebody = await people.person(uow, listed.person_id)
        assert somebody
        code = await groups.invite(uow, somebody, (await sample.places(uow))[person], GROUP.channel)
        await uow.commit()
        return code


async def tie(sample: Sample, code: str, sender: Address = PHONE, room: Room = GROUP) -> Tie | None:
    async with sample.database.work() as uow:
        tied = await groups.redeem(uow, code, room, sender)
        await uow.commit()
        return tied


async def tied(sample: Sample, room: Room = GROUP) -> Tie | None:
    async with sample.database.work() as uow:
        return await groups.tied(uow, room)


@pytest.mark.parametrize("person", ["lea-dubois", "nathalie-renard"])
async def test_the_council_and_the_syndic_tie_a_group(sample: Sample, person: str) -> None:
    done = await tie(sample, await group_code(sample, person, PHONE))
    assert done == await tied(sample)
    assert done is not None
    assert (done.building, done.languages) == ("Résidence Les Tilleuls", ("fr", "nl", "de", "en"))
    assert done.building_id == sample.known.building_id


@pytest.mark.parametrize("person", ["james-carter", "youssef-benali", "anna-schmitz", "werner-klein"])
async def test_nobody_else_does(sample: Sample, person: str) -> None:
    with pytest.raises(DomainError):
        await group_code(sample, person, PHONE)


async def test_a_group_is_tied_only_by_who_asked(sample: Sample) -> None:
    code = await group_code(sample, "lea-dubois", PHONE)
    assert await tie(sample, code, OTHER) is None
    assert await tie(sample, code, PHONE) is None, "others have read it"
    assert await tied(sample) is None


async def test_a_group_code_lasts_a_quarter_of_an_hour_and_works_once(sample: Sample, clock: Hands) -> None:
    code = await group_code(sample, "lea-dubois", PHONE)
    assert await tie(sample, code) is not None
    assert await tie(sample, code, room=Room("telegram", "-200")) is None
    late = await group_code(sample, "lea-dubois", PHONE)
    clock.now += ASKED_LASTS
    assert await tie(sample, late) is None


async def test_a_code_for_a_group_ties_no_person_and_the_other_way_round(sample: Sample) -> None:
    code = await group_code(sample, "lea-dubois", PHONE)
    assert await redeem(sample.database, code, OTHER) is None
    assert await people.known_at(sample.database, OTHER) == []
    async with sample.database.work(sample.organisation) as uow:
        ((_, person),) = await store.persons_at(uow, PHONE)
        own = await people.invite(uow, person, "telegram")
        await uow.commit()
    assert await tie(sample, own) is None
    assert await tied(sample) is None
    assert await redeem(sample.database, own, OTHER) is None, "it was read by all in the group"


async def test_wrong_codes_in_groups_count_with_the_others(sample: Sample) -> None:
    code = await group_code(sample, "lea-dubois", PHONE)
    for _ in range(TRIES):
        assert await tie(sample, new_code()) is None
    for attempt in (tie(sample, code), redeem(sample.database, code)):
        with pytest.raises(TooManyTries):
            await attempt


async def test_a_group_follows_its_last_tie_and_leaving_ends_it(sample: Sample) -> None:
    for _ in range(2):
        assert await tie(sample, await group_code(sample, "lea-dubois", PHONE)) is not None
    await groups.forget(sample.database, GROUP)
    assert await tied(sample) is None
    async with sample.database.work() as uow:
        assert await groups.ties(uow, GROUP) == 2


# ------------------------------------------------------------------------------------------------------------------ pure


@given(st.text(alphabet=ALPHABET + ALPHABET.lower() + " -", max_size=16))
def test_a_code_is_read_however_it_was_copied(text: str) -> None:
    bare = text.replace(" ", "").replace("-", "").upper()
    assert code_in(text) == (bare if len(bare) == 10 else None)


def test_no_code_is_a_word() -> None:
    assert all(surely(new_code()) and code_in(new_code()) for _ in range(300))
    assert not surely("CHAUFFAGES")


@pytest.mark.parametrize(
    ("own", "other", "after", "may"),
    [
        (0, 0, timedelta(), True),
        (1, 0, timedelta(), False),
        (1, 0, YOUNG, False),
        (1, 0, YOUNG + timedelta(hours=1), True),
        (0, 1, timedelta(), True),
    ],
)
def test_a_new_address_does_not_take_the_old_ones_away(own: int, other: int, after: timedelta, may: bool) -> None:
    mine = OwnAddress(PHONE, NOW + timedelta(hours=own))
    its = OwnAddress(MATRIX, NOW + timedelta(hours=other))
    assert mine.may_unlink(its, NOW + after) is may
    assert mine.may_unlink(mine, NOW + after)


@pytest.mark.parametrize(
    ("roles", "owns", "owns_today", "rents", "today", "books", "manages"),
    [
        (("owner",), True, True, False, {"owner"}, True, False),
        (("owner",), True, False, False, set(), True, False),
        (("owner", "council"), True, True, False, {"owner", "council"}, True, True),
        (("council",), True, False, False, {"council"}, True, True),
        (("syndic",), False, False, False, {"syndic"}, True, True),
        (("auditor",), False, False, False, {"auditor"}, True, False),
        (("tenant",), False, False, True, {"tenant"}, False, False),
        (("tenant",), False, False, False, set(), False, False),
        (("tenant", "caretaker"), False, False, True, {"tenant", "caretaker"}, False, False),
        ((), True, False, True, {"tenant"}, True, False),
        ((), False, False, False, set(), False, False),
    ],
)
def test_what_somebody_may_do_in_a_building_today(
    sample_known: Place,
    roles: tuple[str, ...],
    owns: bool,
    owns_today: bool,
    rents: bool,
    today: set[str],
    books: bool,
    manages: bool,
) -> None:
    member = Membership(sample_known.membership.building_id, "x", 1, roles)
    place = Place(sample_known.known, member, owns, owns_today, rents)
    assert (place.roles, place.sees_books, place.manages) == (today, books, manages)


@pytest.fixture
def sample_known() -> Place:
    from core.buildings.model import Building, Known

    building = UUID(int=7)
    return Place(Known(building, 1, Building("B", "b")), Membership(building, "x", 1), False)
