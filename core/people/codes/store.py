"""Where one-time codes are kept, hashed, and wrong ones counted. Outside the tenants: who sends a code is not known yet."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork, from_jsonb
from core.kernel.ids import digest
from core.messaging.channel import Address, Room
from core.people.codes.model import ANYWHERE, REST, TRIES, TooManyTries, Used


async def add(
    uow: UnitOfWork, person: UUID, channel: str, code: str, lasts: timedelta, building: UUID | None = None
) -> None:
    """Keeps a code with which that person ties a channel (`ANYWHERE`: any); given a building, a group on that channel to the building."""
    await uow.connection.execute(
        text(
            "INSERT INTO link_codes (digest, organisation_id, person_id, channel, building_id, created_at, expires)"
            " VALUES (:digest, :organisation, :person, :channel, :building, :now, :expires)"
        ),
        {
            "digest": digest(code),
            "organisation": uow.organisation,
            "person": person,
            "channel": channel,
            "building": building,
            "now": uow.now,
            "expires": uow.now + lasts,
        },
    )


_LOOKED_AT = (
    "looked_at AS (SELECT coalesce((SELECT wrong FROM code_tries WHERE channel = :channel AND handle = :handle AND last_at > :since), 0)"
    " < :most AS yes)"
)
_COUNTED = (
    "counted AS (INSERT INTO code_tries (channel, handle, wrong, last_at) SELECT :channel, :handle, 1, :now FROM looked_at"
    "  WHERE yes AND NOT EXISTS (SELECT 1 FROM good)"
    "  ON CONFLICT (channel, handle) DO UPDATE SET last_at = excluded.last_at,"
    "   wrong = CASE WHEN code_tries.last_at > :since THEN code_tries.wrong + 1 ELSE 1 END)"
)
# A good code forgives no wrong one: whoever may ask for codes could else guess for ever.

_REDEEM = text(
    f"WITH {_LOOKED_AT},"
    " good AS (UPDATE link_codes c SET used_at = :now FROM looked_at WHERE yes AND c.digest = :digest"
    f"  AND c.channel IN (:channel, '{ANYWHERE}') AND c.building_id IS NULL AND c.used_at IS NULL"
    "  AND c.expires > :now RETURNING c.organisation_id, c.person_id),"
    " linked AS (INSERT INTO directory (channel, handle, organisation_id, person_id, linked_at)"
    "  SELECT :channel, :handle, organisation_id, person_id, :now FROM good"
    "  ON CONFLICT (channel, handle, organisation_id) DO UPDATE SET person_id = excluded.person_id, linked_at = excluded.linked_at,"
    "   dead_at = NULL, last_used = CASE WHEN directory.person_id = excluded.person_id THEN directory.last_used END,"
    "   stopped_at = CASE WHEN directory.person_id = excluded.person_id THEN directory.stopped_at END"
    "   WHERE directory.person_id <> excluded.person_id OR directory.dead_at IS NOT NULL RETURNING 1),"
    f" {_COUNTED}"
    " SELECT yes, (SELECT organisation_id FROM good) AS organisation, (SELECT person_id FROM good) AS person,"
    " EXISTS (SELECT 1 FROM linked) AS new,"
    " (SELECT jsonb_agg(jsonb_build_array(d.channel, d.handle) ORDER BY d.last_used DESC, d.channel, d.handle)"
    "  FROM directory d JOIN good USING (organisation_id, person_id)"
    "  WHERE d.last_used IS NOT NULL AND d.dead_at IS NULL"
    "  AND (d.channel, d.handle) <> (CAST(:channel AS text), CAST(:handle AS text))) AS elsewhere"
    " FROM looked_at"
)

_IN_ROOM = text(
    f"WITH {_LOOKED_AT},"
    " used AS (UPDATE link_codes c SET used_at = :now FROM looked_at WHERE yes AND c.digest = :digest AND c.used_at IS NULL"
    "  RETURNING c.organisation_id, c.person_id, c.building_id, c.channel, c.expires),"
    " good AS (SELECT u.* FROM used u WHERE u.building_id IS NOT NULL AND u.channel = :channel AND u.expires > :now"
    "  AND EXISTS (SELECT 1 FROM directory d WHERE d.channel = :channel AND d.handle = :handle"
    "   AND d.organisation_id = u.organisation_id AND d.person_id = u.person_id)),"
    f" {_COUNTED}"
    " SELECT yes, good.organisation_id AS organisation, good.person_id AS person, good.building_id AS building"
    " FROM looked_at LEFT JOIN good ON true"
)


async def redeem(uow: UnitOfWork, code: str, address: Address) -> Used | None:
    """Uses a code up and ties the address to its person. Across tenants.

    None where the code is wrong, used, expired or for something else: a wrong try. TooManyTries after five.
    """
    row = (await uow.connection.execute(_REDEEM, _tried(uow, code, address))).one()
    if not row.yes:
        raise TooManyTries("welcome.too_many")
    if row.organisation is None:
        return None
    elsewhere = tuple(Address(channel, handle) for channel, handle in from_jsonb(row.elsewhere) or [])
    return Used(row.organisation, row.person, row.new, elsewhere)


async def redeem_in(uow: UnitOfWork, code: str, room: Room, sender: Address) -> tuple[UUID, UUID, UUID] | None:
    """Uses up a code that was written in a group: (organisation, person, building) where he who asked for it wrote it there himself.

    Whatever code it was, others have read it: it is good for nothing any more. None and TooManyTries as above.
    """
    row = (await uow.connection.execute(_IN_ROOM, _tried(uow, code, Address(room.channel, sender.handle)))).one()
    if not row.yes:
        raise TooManyTries("welcome.too_many")
    return (row.organisation, row.person, row.building) if row.building is not None else None


def _tried(uow: UnitOfWork, code: str, at: Address) -> dict[str, object]:
    """A code as it was written at an address, and since when wrong ones count."""
    return {
        "digest": digest(code),
        "channel": at.channel,
        "handle": at.handle,
        "now": uow.now,
        "since": uow.now - REST,
        "most": TRIES,
    }


async def revoke(uow: UnitOfWork, person: UUID) -> None:
    """No code that is out for this person is good any more."""
    await uow.connection.execute(
        text(
            "UPDATE link_codes SET used_at = :now WHERE organisation_id = :organisation AND person_id = :person AND used_at IS NULL"
        ),
        {"organisation": uow.organisation, "person": person, "now": uow.now},
    )
