"""Use cases about accounts: invite, sign in, stay signed in, prove oneself in a second way, and come back in.

What proves something (`Passwords`, `Keys`) is given by the caller. Functions that take a `Database` commit by themselves, because a try
counts even where what follows is refused; the others take the unit of work.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from core.buildings import store as buildings
from core.database import STRANGERS, Database, UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import digest, new_code, new_id, new_token
from core.messaging.channel import Address
from core.people import store as people
from core.people.accounts import cards, store
from core.people.accounts.model import (
    INVITATION_LASTS,
    OVERLAP,
    RECOVERY_CODES,
    SENT_LASTS,
    SESSION_IDLE,
    SESSION_LASTS,
    TRIES_ACCOUNT,
    TRIES_ADDRESS,
    Account,
    Grant,
    LinkFor,
    LinkOver,
    Opened,
    Role,
    Session,
    SignInRefused,
    Standing,
    TooManyTries,
    check_dismissal,
    check_password,
    clean_email,
)
from core.people.accounts.proofs import Keys, Passwords, code_step
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Deed
from core.people.model import EMAIL

AUTHENTICATOR_NONCE = 16
ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What the office proves people with: the same for all its pages."""

    passwords: Passwords
    keys: Keys


# -------------------------------------------------------------------------------------------------- accounts and links


async def administrator(database: Database, email: str, language: str, lasts: timedelta) -> tuple[Account, str]:
    """Makes an address an administrator of the installation; gives the token of a one-time link. Each organisation's log tells it: he may
    read and change everything there."""
    async with database.work() as uow:
        account = await store.add(uow, email, email, language)
        await store.change(uow, account.account_id, administrator=True)
        token = await link_for(uow, account, lasts)
        after = {"role": Role.ADMINISTRATOR.value}
        for organisation in (await buildings.organisations(uow)).values():
            await uow.enter(organisation)
            await audit.record(uow, COMMAND, Deed.EMPLOYED, f"account {account.email}", None, after)
        await uow.commit()
    return account, token


async def employ(
    uow: UnitOfWork,
    email: str,
    name: str,
    language: str,
    role: Role,
    building: UUID | None = None,
    by: UUID | None = None,
    *,
    across: bool = False,
) -> tuple[Account, str | None]:
    """Gives an address a role in the unit's organisation, in one building or (None) in all; and the token of an invitation for whoever has
    no password yet. Whoever has one signs in with it: an invitation would let its reader be him.

    DomainError where the account has a role elsewhere: another organisation could have made it for itself, and would come in with it; or
    this one would there. Only who looks after the installation may (`across`).
    """
    if role is Role.ADMINISTRATOR:
        raise DomainError("office.employ.not_here")
    if not clean_email(email):
        raise DomainError("office.employ.no_address")
    account = await store.add(uow, clean_email(email), name, language)
    if not across:
        await _only_here(uow, account)
    persons = dict(await people.persons_at(uow, Address(EMAIL, account.email)))
    await store.grant(uow, account.account_id, role, building, persons.get(uow.organisation), by)
    return account, None if account.has_password else await link_for(uow, account)


async def invite_again(uow: UnitOfWork, account: UUID, *, across: bool = False) -> tuple[Account, str]:
    """Another invitation for somebody of the unit's organisation who has no password yet; the one before leads nowhere any more.

    DomainError where he has one, or a role elsewhere, or none here.
    """
    found = next((each for each, _, _ in await store.employed(uow) if each.account_id == account), None)
    if found is None:
        raise DomainError("office.colleagues.gone")
    if found.has_password:
        raise DomainError("office.colleagues.has_password", name=found.name)
    if not across:
        await _only_here(uow, found)
    return found, await link_for(uow, found)


async def _only_here(uow: UnitOfWork, account: Account) -> None:
    """DomainError where another organisation could come to harm by what this one does with an account, or the installation."""
    everywhere = {organisation for organisation, _ in await store.organisations_of(uow, account.account_id)}
    if account.administrator or everywhere - {uow.organisation}:
        raise DomainError("office.employ.elsewhere")


async def dismiss(
    uow: UnitOfWork, account: UUID, role: Role, building: UUID | None = None, by: UUID | None = None
) -> bool:
    """Takes a role away; it counts from the next page on. False where he does not have it. `by`: who does it.

    An invitation that was not used yet leads nowhere once the last role is gone. DomainError for the last syndic, and for one's own right
    to give roles: nobody would be left to give it back.
    """
    await store.lock_roles(uow)
    grants = [(each.account_id, Grant(held, where)) for each, held, where in await store.employed(uow)]
    if (account, Grant(role, building)) not in grants:
        return False
    check_dismissal(grants, account, Grant(role, building), by)
    await store.revoke(uow, account, role, building)
    if not await store.organisations_of(uow, account):
        await store.end_links(uow, account)
    return True


async def employed(uow: UnitOfWork) -> list[tuple[Account, Role, UUID | None]]:
    """Everybody with a role in the unit's organisation."""
    return await store.employed(uow)


async def link_for(uow: UnitOfWork, account: Account, lasts: timedelta = INVITATION_LASTS) -> str:
    """The token of a one-time link: to set a first password, or to come in where there is one. Whoever reads it can be that account."""
    token = new_token(32)
    purpose = LinkFor.SIGN_IN if account.has_password else LinkFor.INVITATION
    await store.add_link(uow, account.account_id, token, purpose, lasts)
    return token


async def send_link(database: Database, base: str, email: str, network: str, purpose: LinkFor, proofs: Proofs) -> None:
    """Has a link told to whoever has this account, on a channel that he linked. Says nothing of whether there is one. TooManyTries."""
    await _count(database, proofs.keys, ("link", email), ("network", network))
    async with database.work() as uow:
        account = await store.by_email(uow, email)
        if account is None:
            return
        known = [
            (organisation, person)
            for organisation, person in await store.organisations_of(uow, account.account_id)
            if person
        ]
        if not known:
            persons = await people.persons_at(uow, Address(EMAIL, email)) if account.administrator else []
            known = [(organisation, person) for organisation, person in persons]
        if not known:
            return
        organisation, person = known[0]
        assert person is not None
        await uow.enter(organisation)
        token = new_token(32)
        await store.add_link(uow, account.account_id, token, purpose, SENT_LASTS)
        card = cards.link(f"{base}/link/{token}", purpose)
        uow.tell(person, card, ACCOUNT, key=f"office:{digest(token).hex()}", expires=uow.now + SENT_LASTS)
        await uow.commit()


async def behind(database: Database, token: str) -> tuple[Account, LinkFor]:
    """Whose a one-time link is and what it is for. LinkOver. To look uses nothing up."""
    async with database.work() as uow:
        found = await store.link(uow, token)
    if found is None:
        raise LinkOver("office.link.over")
    return found


async def redeem(database: Database, token: str, password: str | None, proofs: Proofs) -> Account:
    """Uses a link up: sets the password where it asks for one, which ends all sessions and other links. LinkOver, WrongPassword."""
    account, purpose = await behind(database, token)
    hashed = None
    if purpose is not LinkFor.SIGN_IN:
        check_password(password or "", account.email)
        hashed = await proofs.passwords.hash(password or "")
    async with database.work() as uow:
        if await store.link(uow, token) is None:
            raise LinkOver("office.link.over")
        await store.use_link(uow, token)
        if hashed is not None:
            await store.change(uow, account.account_id, password=hashed)
            await store.end_links(uow, account.account_id)
            await store.end(uow, account.account_id)
            await store.forgive(uow, proofs.keys.digest("tries", f"account\0{account.email}"))
        await uow.commit()
    return account


# ------------------------------------------------------------------------------------------------------------- sign in


async def check_in(database: Database, email: str, password: str, network: str, proofs: Proofs) -> Account:
    """The account of an address and its password. SignInRefused in the same words and after the same work for an unknown address, a wrong
    password, and an account that has none yet; TooManyTries."""
    await _count(database, proofs.keys, ("account", email), ("network", network))
    async with database.work() as uow:
        found = await store.password_of(uow, email)
    account_id, stored = found or (None, None)
    if not await proofs.passwords.check(stored, password) or account_id is None or stored is None:
        raise SignInRefused("office.sign_in.refused")
    renewed = await proofs.passwords.hash(password) if proofs.passwords.is_old(stored) else None
    async with database.work() as uow:
        account = await store.by_id(uow, account_id)
        if account is None:
            raise SignInRefused("office.sign_in.refused")
        if renewed is not None:
            await store.change(uow, account_id, password=renewed)
        await _forgive(uow, proofs.keys, ("account", email), ("network", network))
        await uow.commit()
    return account


async def second_proof(database: Database, account: UUID, code: str, network: str, proofs: Proofs) -> Account:
    """The account, where a code of its authenticator or one of its recovery codes is right. Each is good once.

    SignInRefused, TooManyTries.
    """
    await _count(database, proofs.keys, ("code", str(account)), ("network", network))
    async with database.work() as uow:
        found = await store.by_id(uow, account)
        if found is None or not await _code_is_right(uow, account, code, proofs.keys):
            raise SignInRefused("office.second.refused")
        await _forgive(uow, proofs.keys, ("code", str(account)), ("network", network))
        await uow.commit()
    return found


async def open_session(database: Database, account: Account, agent: str) -> Opened:
    """Signs somebody in who has proved himself: in the first organisation where he has a role."""
    session, refresh = new_id(), secrets.token_urlsafe(32)
    async with database.work() as uow:
        chosen = next(iter((await organisations(uow, account)).values()), STRANGERS)
        expires = uow.now + SESSION_IDLE
        await store.open_session(uow, session, account.account_id, chosen, refresh, agent[:200], expires)
        await uow.commit()
    return Opened(session, account.account_id, chosen, _refresh_token(session, refresh))


async def go_on(database: Database, token: str) -> Opened | None:
    """Trades a refresh token for the next one. None: sign in anew.

    A token that comes again after it was used is in two hands: the session is ended, for whoever has it. Two tabs that wake up at once are
    no thieves: within half a minute the token before is let through, and gets no new one.
    """
    session_text, _, secret = token.partition(".")
    try:
        session_id = UUID(hex=session_text)
    except ValueError:
        return None
    async with database.work() as uow:
        kept = await store.session(uow, session_id)
        if kept is None:
            return None
        given = digest(secret)
        if hmac.compare_digest(given, kept.refresh):
            fresh = secrets.token_urlsafe(32)
            expires = min(uow.now + SESSION_IDLE, kept.created_at + SESSION_LASTS)
            await store.rotate(uow, session_id, fresh, expires)
            await uow.commit()
            return Opened(session_id, kept.account_id, kept.chosen, _refresh_token(session_id, fresh))
        if kept.before is not None and hmac.compare_digest(given, kept.before) and uow.now < kept.rotated_at + OVERLAP:
            return Opened(session_id, kept.account_id, kept.chosen, None)
        await store.end(uow, kept.account_id, only=session_id, reused=True)
        await uow.commit()
    return None


async def standing(uow: UnitOfWork, session: UUID) -> tuple[Account, Standing] | None:
    """Whose a session is, and what he is in the unit's organisation; None where it has ended."""
    return await store.standing(uow, session)


async def organisations(uow: UnitOfWork, account: Account) -> dict[str, UUID]:
    """The organisations in which somebody can work, by name: the administrator in every one. Across tenants."""
    every = await buildings.organisations(uow)
    mine = {organisation for organisation, _ in await store.organisations_of(uow, account.account_id)}
    return {name: each for name, each in sorted(every.items()) if account.administrator or each in mine}


async def choose(uow: UnitOfWork, session: UUID, organisation: UUID) -> None:
    await store.choose(uow, session, organisation)


# -------------------------------------------------------------------------------------------------- one's own account


async def sessions(uow: UnitOfWork, account: UUID) -> list[Session]:
    return await store.sessions(uow, account)


async def end_session(uow: UnitOfWork, account: UUID, session: UUID) -> None:
    """Ends one session of this account; of another's, nothing happens."""
    await store.end(uow, account, only=session)


async def end_others(uow: UnitOfWork, account: UUID, session: UUID) -> None:
    await store.end(uow, account, besides=session)


async def speak(uow: UnitOfWork, account: UUID, language: str) -> None:
    await store.change(uow, account, language=language)


async def change_password(
    database: Database, account: Account, session: UUID, old: str, new: str, network: str, proofs: Proofs
) -> None:
    """Sets another password, which ends every other session. SignInRefused where the old one is wrong; WrongPassword; TooManyTries."""
    check_password(new, account.email)
    if account.has_password:
        try:
            await check_in(database, account.email, old, network, proofs)
        except SignInRefused as error:
            raise SignInRefused("office.password.not_yours") from error
    hashed = await proofs.passwords.hash(new)
    async with database.work() as uow:
        await store.change(uow, account.account_id, password=hashed)
        await store.end_links(uow, account.account_id)
        await store.end(uow, account.account_id, besides=session)
        await uow.commit()


def new_nonce() -> bytes:
    """What a new authenticator is made from, until a code of it was shown."""
    return secrets.token_bytes(AUTHENTICATOR_NONCE)


async def add_authenticator(uow: UnitOfWork, account: UUID, nonce: bytes, code: str, keys: Keys) -> list[str]:
    """From now on a code is asked at each sign-in. Gives the recovery codes, once. SignInRefused where the code is not the authenticator's,
    or there is one already."""
    step = code_step(keys.authenticator(account, nonce), code, uow.now.timestamp())
    held = await store.secrets_of(uow, account)
    if step is None or held.authenticator is not None:
        raise SignInRefused("office.second.refused")
    await store.change(uow, account, authenticator=nonce, authenticator_step=step)
    return await _new_codes(uow, account, keys)


async def drop_authenticator(database: Database, account: UUID, code: str, network: str, proofs: Proofs) -> None:
    """No code is asked any more. SignInRefused, TooManyTries: only who has it, or a recovery code, takes it away."""
    await second_proof(database, account, code, network, proofs)
    async with database.work() as uow:
        await store.change(uow, account, authenticator=None, authenticator_step=0)
        await store.replace_codes(uow, account, [])
        await uow.commit()


async def renew_codes(database: Database, account: UUID, code: str, network: str, proofs: Proofs) -> list[str]:
    """Other recovery codes in place of those before. SignInRefused, TooManyTries."""
    await second_proof(database, account, code, network, proofs)
    async with database.work() as uow:
        codes = await _new_codes(uow, account, proofs.keys)
        await uow.commit()
    return codes


async def codes_left(uow: UnitOfWork, account: UUID) -> int:
    return await store.codes_left(uow, account)


# -------------------------------------------------------------------------------------------------------------- inside


async def _code_is_right(uow: UnitOfWork, account: UUID, code: str, keys: Keys) -> bool:
    held = await store.secrets_of(uow, account)
    if held.authenticator is None:
        return False
    step = code_step(keys.authenticator(account, held.authenticator), code, uow.now.timestamp())
    if step is not None and step > held.step:
        await store.change(uow, account, authenticator_step=step)
        return True
    plain = "".join(code.split()).replace("-", "").upper()[:40]
    return await store.use_code(uow, account, keys.digest("recovery", plain))


async def _new_codes(uow: UnitOfWork, account: UUID, keys: Keys) -> list[str]:
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    await store.replace_codes(uow, account, [keys.digest("recovery", code) for code in codes])
    return codes


def _refresh_token(session: UUID, secret: str) -> str:
    return f"{session.hex}.{secret}"


async def _count(database: Database, keys: Keys, *of: tuple[str, str]) -> None:
    """Counts a try of each, in a transaction of its own. TooManyTries where one of them has to wait."""
    async with database.work() as uow:
        waits = [await store.count_try(uow, keys.digest("tries", "\0".join(each)), _free(each[0])) for each in of]
        await uow.commit()
    until = max((moment for moment in waits if moment), default=None)
    if until is not None:
        raise TooManyTries("office.sign_in.wait", until=until)


async def _forgive(uow: UnitOfWork, keys: Keys, own: tuple[str, str], network: tuple[str, str]) -> None:
    """Nothing of one's own was wrong; of the network, behind which others may be trying, only this try was not."""
    await store.forgive(uow, keys.digest("tries", "\0".join(own)))
    await store.forgive(uow, keys.digest("tries", "\0".join(network)), one=True)


def _free(kind: str) -> int:
    return TRIES_ADDRESS if kind == "network" else TRIES_ACCOUNT
