"""Accounts without pages: the table of roles, the pauses, codes by their standard, and that no tenant sees another's roles."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from core.buildings import store as buildings
from core.database import Database
from core.kernel.errors import DomainError
from core.people.accounts import service as accounts
from core.people.accounts import store
from core.people.accounts.model import (
    ADMIN_LASTS,
    EMPLOYEES,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MAY,
    Act,
    Grant,
    Role,
    Standing,
    WrongPassword,
    check_dismissal,
    check_password,
    clean_email,
    may,
    pause,
)
from core.people.accounts.proofs import Keys, Passwords, code_step
from core.people.audit import service as audit
from core.people.audit.cards import ROLES as ROLES_IN_LOG
from core.people.audit.model import COMMAND

ROLES = st.sampled_from(list(Role))
ACTS = st.sampled_from(list(Act))
BUILDINGS = st.sampled_from([UUID(int=number) for number in range(1, 4)])
GRANTS = st.lists(st.builds(Grant, ROLES, st.none() | BUILDINGS), max_size=4).map(tuple)

R, W, T, B, S, P, I, C, A, E, X = Act  # noqa: E741 - the columns of the table below


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        (Role.ADMINISTRATOR, {R, W, T, B, S, P, I, C, A, E, X}),
        (Role.SYNDIC, {R, W, T, B, S, P, I, C, A, E}),
        (Role.ACCOUNTANT, {R, B}),
        (Role.COUNCIL, {R, S, P}),
        (Role.AUDITOR, {R, A}),
    ],
)
def test_the_table_of_roles(role: Role, acts: set[Act]) -> None:
    assert {act for act in Act if may(role, act)} == acts
    assert set(MAY) == set(Role)


@given(ROLES)
def test_whoever_may_do_anything_may_read(role: Role) -> None:
    assert may(role, Act.READ)
    assert may(Role.ADMINISTRATOR, Act.RUN)
    assert may(role, Act.RUN) is (role is Role.ADMINISTRATOR)


@given(GRANTS, ACTS, BUILDINGS)
def test_a_standing_is_what_its_grants_say_and_no_more(grants: tuple[Grant, ...], act: Act, building: UUID) -> None:
    standing = Standing(grants)
    expected = any(act in MAY[grant.role] for grant in grants if grant.building is None or grant.building == building)
    assert standing.may(act, building) is expected
    whole = any(act in MAY[grant.role] for grant in grants if grant.building is None)
    assert standing.may(act) is whole
    assert standing.may_somewhere(act) is any(act in MAY[grant.role] for grant in grants)
    if standing.may(act):
        assert standing.may(act, building)


@given(GRANTS, st.builds(Grant, ROLES, st.none() | BUILDINGS), ACTS, BUILDINGS)
def test_one_more_grant_takes_nothing_away(grants: tuple[Grant, ...], more: Grant, act: Act, building: UUID) -> None:
    if Standing(grants).may(act, building):
        assert Standing((*grants, more)).may(act, building)
    assert not Standing().may(act, building)


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_pauses_grow_and_have_an_end(wrong: int, free: int) -> None:
    assert pause(wrong, free) <= pause(wrong + 1, free) <= LONGEST_PAUSE
    assert (pause(wrong, free) == timedelta(0)) is (wrong < free)
    assert pause(free, free) == FIRST_PAUSE


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
    ],
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """RFC 6238, appendix B: SHA-1; of its eight digits, authenticators show the last six."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code_step(secret, code[2:], at) == at // 30
    assert code_step(secret, code[2:], at + 30) == at // 30
    assert code_step(secret, code[2:], at + 90) is None


@given(st.text(max_size=30))
def test_what_is_no_code_is_refused_without_a_fault(text: str) -> None:
    step = code_step("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", text, 1_000_000_000)
    assert step is None or "".join(text.split()).isdigit()


def test_keys_are_one_for_each_purpose_and_installation() -> None:
    first, second = Keys(b"one"), Keys(b"two")
    account, nonce = uuid4(), b"n" * 16
    made = {
        first.of("access"),
        first.of("form"),
        second.of("access"),
        first.authenticator(account, nonce).encode(),
        first.authenticator(account, b"m" * 16).encode(),
        first.authenticator(uuid4(), nonce).encode(),
        second.authenticator(account, nonce).encode(),
    }
    assert len(made) == 7
    assert first.authenticator(account, nonce) == Keys(b"one").authenticator(account, nonce)


@given(st.text(max_size=300))
def test_an_address_is_clean_or_none(text: str) -> None:
    email = clean_email(text)
    assert email == "" or (
        email == clean_email(email) and "@" in email and len(email) <= 254 and email == email.lower()
    )


@given(st.text(max_size=250))
def test_a_password_is_judged_by_its_length_only_but_for_what_everybody_guesses(password: str) -> None:
    try:
        check_password(password, "lea@kopro.example")
    except WrongPassword:
        assert len(password) < 12 or len(password) > 200 or len(set(password.casefold())) < 4
    else:
        assert 12 <= len(password) <= 200


async def test_roles_stay_within_their_organisation(database: Database, organisation: UUID) -> None:
    async with database.work() as uow:
        other = await buildings.add_organisation(uow, "others")
        await uow.commit()
    for each, role in ((organisation, Role.SYNDIC), (other, Role.AUDITOR)):
        async with database.work(each) as uow:
            account, _ = await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", role, across=True)
            await uow.commit()
    opened = await accounts.open_session(database, account, "a browser")
    for each, role in ((organisation, Role.SYNDIC), (other, Role.AUDITOR)):
        async with database.work(each) as uow:
            found = await accounts.standing(uow, opened.session_id)
            assert found is not None
            assert found[1] == Standing((Grant(role),))
            assert [role for _, role, _ in await accounts.employed(uow)] == [role]
    async with database.work() as uow:
        assert set((await accounts.organisations(uow, account)).values()) == {organisation, other}
        nobody = await accounts.standing(uow, opened.session_id)
        assert nobody is not None
        assert nobody[1] == Standing()


async def test_a_role_is_given_once_and_by_nobody_to_the_whole_installation(
    database: Database, organisation: UUID
) -> None:
    async with database.work(organisation) as uow:
        for _ in range(2):
            account, _ = await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.SYNDIC)
        assert len(await accounts.employed(uow)) == 1
        with pytest.raises(DomainError):
            await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.ADMINISTRATOR)
        await accounts.employ(uow, "bob@kopro.example", "Bob", "nl", Role.SYNDIC)
        assert await accounts.dismiss(uow, account.account_id, Role.SYNDIC)
        assert not await accounts.dismiss(uow, account.account_id, Role.SYNDIC), "he has it no more"
        assert [each.name for each, _, _ in await accounts.employed(uow)] == ["Bob"]


SYNDICS = st.lists(
    st.tuples(st.sampled_from([UUID(int=8), UUID(int=9)]), st.builds(Grant, ROLES, st.none() | BUILDINGS)),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(SYNDICS, st.integers(0, 4), st.none() | st.sampled_from([UUID(int=8), UUID(int=9)]))
def test_no_dismissal_leaves_an_organisation_without_who_may_give_roles(
    employed: list[tuple[UUID, Grant]], index: int, by: UUID | None
) -> None:
    account, gone = employed[index % len(employed)]
    left = [each for each in employed if each != (account, gone)]

    def whole(rows: list[tuple[UUID, Grant]], whose: UUID | None = None) -> bool:
        return Standing(tuple(grant for each, grant in rows if whose in (None, each))).may(Act.EMPLOY)

    try:
        check_dismissal(employed, account, gone, by)
    except DomainError as refusal:
        if refusal.text.key == "office.colleagues.last_syndic":
            assert gone.role is Role.SYNDIC
            assert not any(grant == Grant(Role.SYNDIC) for _, grant in left)
        else:
            assert by == account
            assert not whole(left, account)
    else:
        assert gone.role is not Role.SYNDIC or gone.building is not None or whole(left)
        assert by != account or not whole(employed, account) or whole(left, account)


async def test_two_who_dismiss_one_another_at_once_leave_one(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        ann, _ = await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.SYNDIC)
        bob, _ = await accounts.employ(uow, "bob@kopro.example", "Bob", "nl", Role.SYNDIC)
        await uow.commit()

    async def dismiss(who: UUID, by: UUID) -> bool:
        async with database.work(organisation) as uow:
            done = await accounts.dismiss(uow, who, Role.SYNDIC, by=by)
            await asyncio.sleep(0.05)
            await uow.commit()
            return done

    done = await asyncio.gather(
        dismiss(ann.account_id, bob.account_id), dismiss(bob.account_id, ann.account_id), return_exceptions=True
    )
    assert sorted(str(each) for each in done) == ["True", "office.colleagues.last_syndic"]
    async with database.work(organisation) as uow:
        assert len(await accounts.employed(uow)) == 1


async def test_an_invitation_leads_nowhere_once_its_role_is_gone_or_another_was_made(
    database: Database, organisation: UUID
) -> None:
    """Whoever was handed the link by mistake sets no password with it, under an address that may be invited again."""
    async with database.work(organisation) as uow:
        await accounts.employ(uow, "boss@kopro.example", "Boss", "nl", Role.SYNDIC)
        ann, first = await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.AUDITOR)
        _, second = await accounts.invite_again(uow, ann.account_id)
        assert first is not None
        assert await store.link(uow, first) is None
        assert await store.link(uow, second) is not None
        await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.ACCOUNTANT)
        third = (await accounts.invite_again(uow, ann.account_id))[1]
        await accounts.dismiss(uow, ann.account_id, Role.AUDITOR)
        assert await store.link(uow, third) is not None
        await accounts.dismiss(uow, ann.account_id, Role.ACCOUNTANT)
        assert await store.link(uow, third) is None
        with pytest.raises(DomainError, match="gone"):
            await accounts.invite_again(uow, ann.account_id)


async def test_nobody_is_invited_again_who_has_a_password_or_a_role_elsewhere(
    database: Database, organisation: UUID
) -> None:
    async with database.work(organisation) as uow:
        ann, _ = await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.SYNDIC)
        bob, _ = await accounts.employ(uow, "bob@kopro.example", "Bob", "nl", Role.SYNDIC)
        await store.change(uow, bob.account_id, password="a hash")
        await uow.commit()
    async with database.work() as uow:
        await buildings.add_organisation(uow, "others")
        await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.AUDITOR, across=True)
        for who, why in ((ann, "elsewhere"), (bob, "gone")):
            with pytest.raises(DomainError, match=why):
                await accounts.invite_again(uow, who.account_id)
        await accounts.invite_again(uow, ann.account_id, across=True)
    async with database.work(organisation) as uow:
        with pytest.raises(DomainError, match="has_password"):
            await accounts.invite_again(uow, bob.account_id)


async def test_each_organisation_is_told_of_an_administrator(database: Database, organisation: UUID) -> None:
    async with database.work() as uow:
        other = await buildings.add_organisation(uow, "others")
        await uow.commit()
    await accounts.administrator(database, "boss@kopro.example", "nl", ADMIN_LASTS)
    for each in (organisation, other):
        async with database.work(each) as uow:
            (entry,) = (await audit.entries(uow)).entries
        assert (entry.actor, entry.deed, entry.subject) == (COMMAND, "employed", "account boss@kopro.example")


def test_the_log_knows_the_roles() -> None:
    assert {role.value for role in Role} == ROLES_IN_LOG
    assert set(EMPLOYEES) == set(Role) - {Role.ADMINISTRATOR}


async def test_an_account_that_is_closed_is_signed_in_nowhere(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        account, _ = await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.SYNDIC)
        await uow.commit()
    opened = await accounts.open_session(database, account, "")
    async with database.work(organisation) as uow:
        assert await accounts.standing(uow, opened.session_id) is not None
        await store.change(uow, account.account_id, closed_at=uow.now)
        assert await accounts.standing(uow, opened.session_id) is None
        assert await store.by_email(uow, "ann@kopro.example") is None
        await uow.commit()
    assert opened.refresh is not None
    assert await accounts.go_on(database, opened.refresh) is None


async def test_no_organisation_comes_in_elsewhere_by_employing_somebody(database: Database, organisation: UUID) -> None:
    """Neither by an account that it made before the other did, nor by an invitation to one that is in use."""
    proofs = accounts.Proofs(Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), Keys(b"secret"))
    async with database.work(organisation) as uow:
        account, token = await accounts.employ(uow, "Ann@Kopro.example", "Ann", "nl", Role.SYNDIC)
        assert account.email == "ann@kopro.example"
        assert token is not None
        await uow.commit()
    async with database.work() as uow:
        await buildings.add_organisation(uow, "others")
        with pytest.raises(DomainError, match="elsewhere"):
            await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.AUDITOR)
        assert await accounts.employed(uow) == []
    await accounts.redeem(database, token, "a password that is long", proofs)
    async with database.work(organisation) as uow:
        _, again = await accounts.employ(uow, "ann@kopro.example", "Ann", "nl", Role.ACCOUNTANT)
        assert again is None, "she has a password, and signs in with it"
        for wrong in ("", "ann", "a b@c"):
            with pytest.raises(DomainError):
                await accounts.employ(uow, wrong, "Ann", "nl", Role.AUDITOR)
    await accounts.administrator(database, "boss@kopro.example", "nl", ADMIN_LASTS)
    async with database.work(organisation) as uow:
        with pytest.raises(DomainError, match="elsewhere"):
            await accounts.employ(uow, "boss@kopro.example", "Boss", "nl", Role.AUDITOR)
