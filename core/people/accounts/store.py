"""Where accounts, their sessions and one-time links are kept. Outside the tenants, but for the roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb
from core.kernel.ids import digest, new_id
from core.people.accounts.model import (
    FORGOTTEN,
    Account,
    LinkFor,
    Role,
    Session,
    Standing,
    grants_of,
    pause,
)

_ACCOUNT = (
    "a.account_id, a.email, a.name, a.language, a.password IS NOT NULL AS has_password, a.authenticator IS NOT NULL AS second,"
    " a.administrator"
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an account is proved by: the hash of its password, the nonce of its authenticator, and the step that was used last."""

    password: str | None
    authenticator: bytes | None
    step: int


def _account(row: Row[Any]) -> Account:
    return Account(row.account_id, row.email, row.name, row.language, row.has_password, row.second, row.administrator)


async def by_email(uow: UnitOfWork, email: str) -> Account | None:
    row = (
        await uow.connection.execute(
            text(f"SELECT {_ACCOUNT} FROM accounts a WHERE a.email = :email AND a.closed_at IS NULL"), {"email": email}
        )
    ).one_or_none()
    return _account(row) if row else None


async def by_id(uow: UnitOfWork, account: UUID) -> Account | None:
    row = (
        await uow.connection.execute(
            text(f"SELECT {_ACCOUNT} FROM accounts a WHERE a.account_id = :account AND a.closed_at IS NULL"),
            {"account": account},
        )
    ).one_or_none()
    return _account(row) if row else None


async def add(uow: UnitOfWork, email: str, name: str, language: str) -> Account:
    """The account of an address; made where there is none."""
    await uow.connection.execute(
        text(
            "INSERT INTO accounts (account_id, email, name, language, created_at) VALUES (:id, :email, :name, :language, :now)"
            " ON CONFLICT (email) DO UPDATE SET closed_at = NULL"
        ),
        {"id": new_id(), "email": email, "name": name, "language": language, "now": uow.now},
    )
    found = await by_email(uow, email)
    assert found is not None
    return found


async def change(uow: UnitOfWork, account: UUID, **values: object) -> None:
    """Sets columns of an account; the names are ours, never a reader's."""
    columns = ", ".join(f"{name} = :{name}" for name in values)
    await uow.connection.execute(
        text(f"UPDATE accounts SET {columns} WHERE account_id = :account"), {"account": account, **values}
    )


async def secrets_of(uow: UnitOfWork, account: UUID) -> Secrets:
    """Locked until the transaction ends, so that a code is used once."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT password, authenticator, authenticator_step FROM accounts WHERE account_id = :account FOR UPDATE"
            ),
            {"account": account},
        )
    ).one()
    return Secrets(row.password, row.authenticator, row.authenticator_step)


async def password_of(uow: UnitOfWork, email: str) -> tuple[UUID, str | None] | None:
    """The account of an address and the hash of its password, not locked."""
    row = (
        await uow.connection.execute(
            text("SELECT account_id, password FROM accounts WHERE email = :email AND closed_at IS NULL"),
            {"email": email},
        )
    ).one_or_none()
    return (row.account_id, row.password) if row else None


# -------------------------------------------------------------------------------------------------------------- roles


async def grant(
    uow: UnitOfWork, account: UUID, role: Role, building: UUID | None, person: UUID | None, by: UUID | None
) -> None:
    """A role in the unit's organisation, in one building or (None) in all."""
    await uow.connection.execute(
        text(
            "INSERT INTO account_roles (organisation_id, account_id, role, building_id, person_id, granted_at, granted_by)"
            " VALUES (:organisation, :account, :role, :building, :person, :now, :by)"
            " ON CONFLICT (organisation_id, account_id, role, building_id) DO UPDATE SET"
            " person_id = coalesce(excluded.person_id, account_roles.person_id)"
        ),
        {
            "organisation": uow.organisation,
            "account": account,
            "role": role.value,
            "building": building,
            "person": person,
            "now": uow.now,
            "by": by,
        },
    )


async def revoke(uow: UnitOfWork, account: UUID, role: Role, building: UUID | None) -> bool:
    """Whether he had it."""
    done = await uow.connection.execute(
        text(
            "DELETE FROM account_roles WHERE account_id = :account AND role = :role"
            " AND building_id IS NOT DISTINCT FROM CAST(:building AS uuid)"
        ),
        {"account": account, "role": role.value, "building": building},
    )
    return bool(done.rowcount)


async def lock_roles(uow: UnitOfWork) -> None:
    """Nobody else gives or takes a role of the unit's organisation until the transaction ends."""
    await uow.connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 3))"), {"name": f"roles/{uow.organisation}"}
    )


async def organisations_of(uow: UnitOfWork, account: UUID) -> list[tuple[UUID, UUID | None]]:
    """(organisation, who he is among its persons) wherever an account has a role. Across tenants."""
    rows = await uow.connection.execute(
        text("SELECT organisation_id, person_id FROM organisations_of_account(:account)"), {"account": account}
    )
    return [(row.organisation_id, row.person_id) for row in rows]


async def employed(uow: UnitOfWork) -> list[tuple[Account, Role, UUID | None]]:
    """Everybody with a role in the unit's organisation, by address."""
    rows = await uow.connection.execute(
        text(
            f"SELECT {_ACCOUNT}, r.role, r.building_id FROM account_roles r JOIN accounts a USING (account_id)"
            " WHERE a.closed_at IS NULL ORDER BY a.email, r.role, r.building_id"
        )
    )
    return [(_account(row), Role(row.role), row.building_id) for row in rows]


# ----------------------------------------------------------------------------------------------------- one-time links


async def add_link(uow: UnitOfWork, account: UUID, token: str, purpose: LinkFor, lasts: timedelta) -> None:
    """Keeps a link as a hash; those of the same purpose that are out lead nowhere any more."""
    await uow.connection.execute(
        text("SELECT 1 FROM accounts WHERE account_id = :account FOR UPDATE"), {"account": account}
    )
    await uow.connection.execute(
        text(
            "UPDATE account_links SET used_at = :now WHERE account_id = :account AND purpose = :purpose AND used_at IS NULL"
        ),
        {"account": account, "purpose": purpose.value, "now": uow.now},
    )
    await uow.connection.execute(
        text(
            "INSERT INTO account_links (digest, account_id, purpose, created_at, expires)"
            " VALUES (:digest, :account, :purpose, :now, :expires)"
        ),
        {
            "digest": digest(token),
            "account": account,
            "purpose": purpose.value,
            "now": uow.now,
            "expires": uow.now + lasts,
        },
    )


async def link(uow: UnitOfWork, token: str) -> tuple[Account, LinkFor] | None:
    """Whose a link is and what it is for, while it is good. Locked until the transaction ends."""
    row = (
        await uow.connection.execute(
            text(
                f"SELECT {_ACCOUNT}, l.purpose FROM account_links l JOIN accounts a USING (account_id)"
                " WHERE l.digest = :digest AND l.used_at IS NULL AND l.expires > :now AND a.closed_at IS NULL FOR UPDATE OF l"
            ),
            {"digest": digest(token), "now": uow.now},
        )
    ).one_or_none()
    return (_account(row), LinkFor(row.purpose)) if row else None


async def use_link(uow: UnitOfWork, token: str) -> None:
    await uow.connection.execute(
        text("UPDATE account_links SET used_at = :now WHERE digest = :digest"),
        {"digest": digest(token), "now": uow.now},
    )


async def end_links(uow: UnitOfWork, account: UUID) -> None:
    """No link that is out for this account is good any more."""
    await uow.connection.execute(
        text("UPDATE account_links SET used_at = :now WHERE account_id = :account AND used_at IS NULL"),
        {"account": account, "now": uow.now},
    )


# ----------------------------------------------------------------------------------------------------------- sessions


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is kept, for whoever wants to go on with it."""

    session_id: UUID
    account_id: UUID
    chosen: UUID
    refresh: bytes
    before: bytes | None
    rotated_at: datetime
    created_at: datetime
    expires: datetime


async def open_session(
    uow: UnitOfWork, session: UUID, account: UUID, chosen: UUID, refresh: str, agent: str, expires: datetime
) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO account_sessions (session_id, account_id, chosen, refresh, rotated_at, created_at, last_used, expires, agent)"
            " VALUES (:session, :account, :chosen, :refresh, :now, :now, :now, :expires, :agent)"
        ),
        {
            "session": session,
            "account": account,
            "chosen": chosen,
            "refresh": digest(refresh),
            "now": uow.now,
            "expires": expires,
            "agent": agent,
        },
    )


async def session(uow: UnitOfWork, session: UUID) -> Kept | None:
    """A session that is open. Locked until the transaction ends: of two that come with one token at once, the second sees the first."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT s.session_id, s.account_id, s.chosen, s.refresh, s.before, s.rotated_at, s.created_at, s.expires"
                " FROM account_sessions s JOIN accounts a USING (account_id)"
                " WHERE s.session_id = :session AND s.ended_at IS NULL AND s.expires > :now AND a.closed_at IS NULL FOR UPDATE OF s"
            ),
            {"session": session, "now": uow.now},
        )
    ).one_or_none()
    return Kept(*row) if row else None


async def rotate(uow: UnitOfWork, session: UUID, refresh: str, expires: datetime) -> None:
    await uow.connection.execute(
        text(
            "UPDATE account_sessions SET before = refresh, refresh = :refresh, rotated_at = :now, last_used = :now, expires = :expires"
            " WHERE session_id = :session"
        ),
        {"session": session, "refresh": digest(refresh), "now": uow.now, "expires": expires},
    )


async def choose(uow: UnitOfWork, session: UUID, organisation: UUID) -> None:
    """The organisation that the session works in from now on."""
    await uow.connection.execute(
        text("UPDATE account_sessions SET chosen = :organisation WHERE session_id = :session"),
        {"session": session, "organisation": organisation},
    )


async def end(
    uow: UnitOfWork,
    account: UUID,
    *,
    only: UUID | None = None,
    besides: UUID | None = None,
    reused: bool = False,
) -> None:
    """Ends sessions of an account: all of them, one only, or all but one. `reused`: because its token came twice."""
    await uow.connection.execute(
        text(
            "UPDATE account_sessions SET ended_at = :now, reused = reused OR :reused WHERE account_id = :account AND ended_at IS NULL"
            " AND session_id = coalesce(CAST(:only AS uuid), session_id)"
            " AND session_id IS DISTINCT FROM CAST(:besides AS uuid)"
        ),
        {"account": account, "only": only, "besides": besides, "reused": reused, "now": uow.now},
    )


async def sessions(uow: UnitOfWork, account: UUID) -> list[Session]:
    """Those that are open, the one used last first."""
    rows = await uow.connection.execute(
        text(
            "SELECT session_id, created_at, last_used, agent FROM account_sessions WHERE account_id = :account AND ended_at IS NULL"
            " AND expires > :now ORDER BY last_used DESC, session_id"
        ),
        {"account": account, "now": uow.now},
    )
    return [Session(*row) for row in rows]


async def standing(uow: UnitOfWork, session: UUID) -> tuple[Account, Standing] | None:
    """Whose a session is, while it is open, and what he is in the unit's organisation. One statement: it is asked at every page."""
    row = (
        await uow.connection.execute(
            text(
                f"SELECT {_ACCOUNT}, (SELECT jsonb_agg(jsonb_build_array(r.role, r.building_id)) FROM account_roles r"
                "  WHERE r.account_id = a.account_id) AS roles"
                " FROM account_sessions s JOIN accounts a USING (account_id)"
                " WHERE s.session_id = :session AND s.ended_at IS NULL AND s.expires > :now AND a.closed_at IS NULL"
            ),
            {"session": session, "now": uow.now},
        )
    ).one_or_none()
    if row is None:
        return None
    roles = [(role, UUID(building) if building else None) for role, building in from_jsonb(row.roles) or []]
    return _account(row), grants_of(roles, row.administrator)


# ----------------------------------------------------------------------------------------------------- recovery codes


async def replace_codes(uow: UnitOfWork, account: UUID, digests: Sequence[bytes]) -> None:
    await uow.connection.execute(text("DELETE FROM recovery_codes WHERE account_id = :account"), {"account": account})
    for each in digests:
        await uow.connection.execute(
            text("INSERT INTO recovery_codes (account_id, digest) VALUES (:account, :digest)"),
            {"account": account, "digest": each},
        )


async def use_code(uow: UnitOfWork, account: UUID, wanted: bytes) -> bool:
    used = await uow.connection.execute(
        text(
            "UPDATE recovery_codes SET used_at = :now WHERE account_id = :account AND digest = :digest AND used_at IS NULL"
            " RETURNING 1"
        ),
        {"account": account, "digest": wanted, "now": uow.now},
    )
    return used.one_or_none() is not None


async def codes_left(uow: UnitOfWork, account: UUID) -> int:
    left = await uow.connection.scalar(
        text("SELECT count(*) FROM recovery_codes WHERE account_id = :account AND used_at IS NULL"),
        {"account": account},
    )
    return int(left or 0)


# -------------------------------------------------------------------------------------------------------- wrong tries


async def count_try(uow: UnitOfWork, of_whom: bytes, free: int) -> datetime | None:
    """Counts a try as wrong before it is looked at, so that many at once gain nothing. Gives until when to wait, and counts nothing then."""
    await uow.connection.execute(
        text(
            "INSERT INTO sign_in_tries (of_whom, wrong, last_at, rests_until) VALUES (:of, 0, :now, :now) ON CONFLICT DO NOTHING"
        ),
        {"of": of_whom, "now": uow.now},
    )
    row = (
        await uow.connection.execute(
            text("SELECT wrong, last_at, rests_until FROM sign_in_tries WHERE of_whom = :of FOR UPDATE"),
            {"of": of_whom},
        )
    ).one()
    if row.rests_until > uow.now:
        until: datetime = row.rests_until
        return until
    wrong = 1 if row.last_at + FORGOTTEN <= uow.now else row.wrong + 1
    await uow.connection.execute(
        text("UPDATE sign_in_tries SET wrong = :wrong, last_at = :now, rests_until = :until WHERE of_whom = :of"),
        {"of": of_whom, "wrong": wrong, "now": uow.now, "until": uow.now + pause(wrong, free)},
    )
    return None


async def forgive(uow: UnitOfWork, of_whom: bytes, one: bool = False) -> None:
    """It was right: nothing was wrong before it; `one`: only this try was no wrong one."""
    if one:
        statement = "UPDATE sign_in_tries SET wrong = greatest(wrong - 1, 0), rests_until = :now WHERE of_whom = :of"
    else:
        statement = "DELETE FROM sign_in_tries WHERE of_whom = :of OR last_at < :old"
    values = {"of": of_whom, "now": uow.now} if one else {"of": of_whom, "old": uow.now - FORGOTTEN}
    await uow.connection.execute(text(statement), values)
