"""Where persons and their rights are kept, and the directory that stands outside the tenants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb, insert_rows
from core.kernel.clock import local_day
from core.kernel.ids import new_id
from core.messaging.channel import Address
from core.messaging.delivery import Reachable, Recipient
from core.messaging.preferences import BY_DEFAULT, from_json
from core.people.model import EMAIL, LETTER, Consent, Membership, OwnAddress, Ownership, Person, Resident, Tenancy


async def persons_at(uow: UnitOfWork, address: Address) -> list[tuple[UUID, UUID]]:
    """(organisation, person) for everybody whom an address leads to; across tenants."""
    rows = await uow.connection.execute(
        text(
            "SELECT organisation_id, person_id FROM directory WHERE channel = :channel AND handle = :handle ORDER BY organisation_id"
        ),
        {"channel": address.channel, "handle": address.handle},
    )
    return [(row.organisation_id, row.person_id) for row in rows]


_LINK = (
    "INSERT INTO directory (channel, handle, organisation_id, person_id, linked_at)"
    " VALUES (:channel, :handle, :organisation, :person, :now)"
    " ON CONFLICT (channel, handle, organisation_id) DO UPDATE SET person_id = excluded.person_id, linked_at = excluded.linked_at,"
    " dead_at = NULL WHERE directory.person_id <> excluded.person_id OR directory.dead_at IS NOT NULL"
)


async def link(uow: UnitOfWork, address: Address, person: UUID) -> None:
    """Ties an address to a person of this organisation; the address follows its last link."""
    await uow.connection.execute(
        text(_LINK),
        {
            "channel": address.channel,
            "handle": address.handle,
            "organisation": uow.organisation,
            "person": person,
            "now": uow.now,
        },
    )


async def unlink(uow: UnitOfWork, address: Address, person: UUID | None = None) -> None:
    """The address leads nowhere any more in this organisation; given a person, only where it leads to him."""
    await uow.connection.execute(
        text(
            "DELETE FROM directory WHERE channel = :channel AND handle = :handle AND organisation_id = :organisation"
            " AND person_id = coalesce(CAST(:person AS uuid), person_id)"
        ),
        {
            "channel": address.channel,
            "handle": address.handle,
            "organisation": uow.organisation,
            "person": person,
        },
    )


async def addresses(uow: UnitOfWork, person: UUID) -> list[OwnAddress]:
    """The addresses from which a person may write in this organisation, in the order in which they were linked."""
    rows = await uow.connection.execute(
        text(
            "SELECT channel, handle, linked_at, last_used FROM directory WHERE organisation_id = :organisation AND person_id = :person"
            " AND channel <> :letter ORDER BY linked_at, channel, handle"
        ),
        {"organisation": uow.organisation, "person": person, "letter": LETTER},
    )
    return [OwnAddress(Address(row.channel, row.handle), row.linked_at, row.last_used) for row in rows]


async def last_written(uow: UnitOfWork) -> dict[str, datetime]:
    """By channel, when somebody of this organisation last wrote by it."""
    rows = await uow.connection.execute(
        text(
            "SELECT channel, max(last_used) AS at FROM directory WHERE organisation_id = :organisation AND last_used IS NOT NULL"
            " GROUP BY channel"
        ),
        {"organisation": uow.organisation},
    )
    return {row.channel: row.at for row in rows}


async def stop(uow: UnitOfWork, address: Address) -> None:
    """Whoever is at an address wants to be told nothing there but answers, by any organisation."""
    await uow.connection.execute(
        text("UPDATE directory SET stopped_at = :now WHERE channel = :channel AND handle = :handle"),
        {"channel": address.channel, "handle": address.handle, "now": uow.now},
    )


async def resume(uow: UnitOfWork, person: UUID) -> None:
    """A person of this organisation wants to be told things again wherever he had stopped them."""
    await uow.connection.execute(
        text("UPDATE directory SET stopped_at = NULL WHERE organisation_id = :organisation AND person_id = :person"),
        {"organisation": uow.organisation, "person": person},
    )


async def bury(uow: UnitOfWork, address: Address) -> bool:
    """Nothing arrives at an address any more, in any organisation: nobody is told anything there until he writes from it again.

    False where that was known.
    """
    done = await uow.connection.execute(
        text("UPDATE directory SET dead_at = :now WHERE channel = :channel AND handle = :handle AND dead_at IS NULL"),
        {"channel": address.channel, "handle": address.handle, "now": uow.now},
    )
    return bool(done.rowcount)


async def recipients(
    uow: UnitOfWork,
    persons: Sequence[UUID],
    channels: Sequence[str],
    last_resort: Sequence[str] = (),
    building: UUID | None = None,
) -> dict[UUID, tuple[str, Recipient]]:
    """For each person of this organisation his language, and how he can be reached over these channels; what he wants; and, for a building,
    the addresses that he accepted for legal notices today (art. 3.87 par. 3), and his postal one where he has one."""
    rows = (
        await uow.connection.execute(
            _RECIPIENTS,
            {
                "organisation": uow.organisation,
                "persons": list(persons),
                "channels": list(channels),
                "building": building,
                "today": local_day(uow.now),
            },
        )
    ).all()
    return {row.person_id: (row.language, _recipient(row, last_resort)) for row in rows}


# Sets instead of a look for each person: right after an import the tables have no statistics, and looks go wrong in thousands.
_RECIPIENTS = text(
    "WITH wanted AS (SELECT DISTINCT unnest(CAST(:persons AS uuid[])) AS person_id),"
    " ways AS MATERIALIZED (SELECT d.* FROM directory d JOIN wanted USING (person_id) WHERE d.organisation_id = :organisation),"
    " reached AS (SELECT person_id, jsonb_agg(jsonb_build_array(channel, handle, last_used, dead_at IS NOT NULL, stopped_at IS NOT NULL)"
    "   ORDER BY linked_at, channel, handle) AS addresses FROM ways WHERE channel = ANY(CAST(:channels AS text[])) GROUP BY person_id),"
    " living AS MATERIALIZED (SELECT r.* FROM residents r JOIN wanted USING (person_id)),"
    " said AS MATERIALIZED (SELECT c.* FROM consents c WHERE c.building_id = CAST(:building AS uuid)),"
    " accepted AS ("
    "  SELECT r.person_id, w.channel, w.handle FROM living r JOIN said c ON c.person = r.person JOIN ways w"
    "   ON w.person_id = r.person_id AND w.channel = c.channel AND (c.address = '' OR lower(c.address) = lower(w.handle))"
    "   WHERE r.building_id = CAST(:building AS uuid) AND c.accepted_on <= :today"
    "   AND (c.withdrawn_on IS NULL OR c.withdrawn_on > :today)"
    "  UNION"
    "  SELECT r.person_id, w.channel, w.handle FROM living r JOIN ways w ON w.person_id = r.person_id"
    "   LEFT JOIN said c ON c.person = r.person AND c.channel = w.channel"
    "   WHERE r.building_id = CAST(:building AS uuid) AND w.channel = ANY(r.channels_accepted) AND r.accepted_on <= :today"
    "   AND (w.channel <> 'email' OR w.handle = lower(r.email)) AND c.person IS NULL),"
    " consented AS (SELECT person_id, jsonb_agg(jsonb_build_array(channel, handle)) AS consents FROM accepted GROUP BY person_id),"
    " homes AS (SELECT DISTINCT person_id FROM living WHERE street <> '')"
    " SELECT p.person_id, p.language, w.wishes, reached.addresses, consented.consents, homes.person_id IS NOT NULL AS has_street"
    " FROM persons p JOIN wanted USING (person_id) LEFT JOIN preferences w USING (person_id) LEFT JOIN reached USING (person_id)"
    " LEFT JOIN consented USING (person_id) LEFT JOIN homes USING (person_id)"
)


def _recipient(row: Row[Any], last_resort: Sequence[str]) -> Recipient:
    addresses = [
        Reachable(
            Address(channel, handle),
            datetime.fromisoformat(used) if used else None,
            channel in last_resort,
            dead,
            stopped,
        )
        for channel, handle, used, dead, stopped in from_jsonb(row.addresses) or []
    ]
    return Recipient(
        tuple(addresses),
        from_json(from_jsonb(row.wishes)) if row.wishes else BY_DEFAULT,
        frozenset(Address(channel, handle) for channel, handle in from_jsonb(row.consents) or []),
        Address(LETTER, str(row.person_id)) if row.has_street else None,
    )


async def add_person(uow: UnitOfWork, name: str, language: str) -> UUID:
    person = new_id()
    await uow.connection.execute(
        text(
            "INSERT INTO persons (organisation_id, person_id, name, language) VALUES (:organisation, :person, :name, :language)"
        ),
        {"organisation": uow.organisation, "person": person, "name": name, "language": language},
    )
    return person


async def rename(uow: UnitOfWork, person: UUID, name: str) -> None:
    await uow.connection.execute(
        text("UPDATE persons SET name = :name WHERE person_id = :person"), {"person": person, "name": name}
    )


async def speak(uow: UnitOfWork, person: UUID, language: str) -> None:
    """From now on the person is spoken to in this language."""
    await uow.connection.execute(
        text("UPDATE persons SET language = :language WHERE person_id = :person"),
        {"person": person, "language": language},
    )


async def person(uow: UnitOfWork, person_id: UUID) -> Person | None:
    row = (
        await uow.connection.execute(
            text("SELECT person_id, name, language FROM persons WHERE person_id = :person"), {"person": person_id}
        )
    ).one_or_none()
    return Person(*row) if row else None


@dataclass(frozen=True, slots=True)
class Listed:
    """A resident as he is kept: who he is, the number of his account, and whether the files name him still."""

    person_id: UUID
    account: int
    present: bool
    resident: Resident


async def residents(uow: UnitOfWork, building: UUID) -> list[Listed]:
    """Everybody whom the files of a building name or named, in the order of the file."""
    rows = await uow.connection.execute(
        text(
            "SELECT person_id, account, present, person, name, email, phone, language, roles, channels_accepted, accepted_on,"
            " street, postal_code, city, country FROM residents WHERE building_id = :building ORDER BY position"
        ),
        {"building": building},
    )
    return [Listed(row.person_id, row.account, row.present, _resident(row)) for row in rows]


async def on_file(uow: UnitOfWork, emails: Sequence[str]) -> dict[str, UUID]:
    """Who in this organisation each e-mail address leads to."""
    rows = await uow.connection.execute(
        text(
            "SELECT handle, person_id FROM directory WHERE channel = :channel AND organisation_id = :organisation"
            " AND handle = ANY(CAST(:handles AS text[]))"
        ),
        {"channel": EMAIL, "organisation": uow.organisation, "handles": [email.lower() for email in emails]},
    )
    return {row.handle: row.person_id for row in rows}


async def answering(uow: UnitOfWork, building: UUID, roles: Sequence[str]) -> list[tuple[UUID, tuple[str, ...]]]:
    """The persons with one of these roles in a building who have written to us from somewhere, so that a notice will find them.

    In the order of the file, each with all his roles.
    """
    rows = await uow.connection.execute(
        text(
            "SELECT r.person_id, r.roles FROM residents r WHERE r.building_id = :building AND r.present"
            " AND r.roles && CAST(:roles AS text[]) AND EXISTS (SELECT 1 FROM directory d WHERE d.person_id = r.person_id"
            "  AND d.organisation_id = r.organisation_id AND d.last_used IS NOT NULL) ORDER BY r.position"
        ),
        {"building": building, "roles": list(roles)},
    )
    return [(row.person_id, tuple(row.roles)) for row in rows]


async def memberships(uow: UnitOfWork, person_id: UUID) -> list[Membership]:
    rows = await uow.connection.execute(
        text(
            "SELECT building_id, person, account, roles FROM residents WHERE person_id = :person ORDER BY building_id"
        ),
        {"person": person_id},
    )
    return [Membership(row.building_id, row.person, row.account, tuple(row.roles)) for row in rows]


async def save_residents(
    uow: UnitOfWork, building: UUID, residents: Sequence[Resident], identities: Mapping[str, tuple[UUID, int]]
) -> None:
    """Stores the people of a building as its files name them; whoever is named no longer stays known, but is present no more."""
    await uow.connection.execute(
        text(
            "UPDATE residents SET present = false, position = position + 1000000 WHERE building_id = :building AND present"
        ),
        {"building": building},
    )
    await uow.connection.execute(
        text(
            "DELETE FROM residents WHERE building_id = :building AND (person = ANY(CAST(:codes AS text[]))"
            " OR person_id = ANY(CAST(:persons AS uuid[])))"
        ),
        {
            "building": building,
            "codes": [row.person for row in residents],
            "persons": [person for person, _ in identities.values()],
        },
    )
    await insert_rows(
        uow,
        "residents",
        (
            *(
                "building_id",
                "position",
                "person",
                "person_id",
                "account",
                "name",
                "email",
                "phone",
                "language",
                "roles",
            ),
            *("channels_accepted", "accepted_on", "street", "postal_code", "city", "country", "present"),
        ),
        [
            (
                *(building, place, row.person, *identities[row.person], row.name, row.email, row.phone, row.language),
                *(list(row.roles), list(row.channels_accepted), row.accepted_on),
                *(row.street, row.postal_code, row.city, row.country, True),
            )
            for place, row in enumerate(residents)
        ],
    )


async def save_rights(
    uow: UnitOfWork,
    building: UUID,
    ownership: Sequence[Ownership],
    tenancies: Sequence[Tenancy],
    consents: Sequence[Consent],
) -> None:
    """Stores who owns, rents and accepted what, in the order of the files."""
    for table, columns, rows in (
        (
            "ownership",
            ("lot", "person", "right", "numerator", "denominator", "first", "last", "representative"),
            ownership,
        ),
        ("tenancies", ("lot", "person", "first", "last"), tenancies),
        ("consents", ("person", "channel", "address", "accepted_on", "withdrawn_on", "evidence"), consents),
    ):
        await uow.connection.execute(text(f"DELETE FROM {table} WHERE building_id = :building"), {"building": building})
        stored = [(building, place, *(getattr(row, name) for name in columns)) for place, row in enumerate(rows)]
        await insert_rows(uow, table, ("building_id", "position", *columns), stored)


async def ownership(uow: UnitOfWork, building: UUID) -> tuple[Ownership, ...]:
    rows = await uow.connection.execute(
        text(
            'SELECT lot, person, "right", numerator, denominator, first, last, representative FROM ownership'
            " WHERE building_id = :building ORDER BY position"
        ),
        {"building": building},
    )
    return tuple(Ownership(*row) for row in rows)


async def tenancies(uow: UnitOfWork, building: UUID) -> tuple[Tenancy, ...]:
    rows = await uow.connection.execute(
        text("SELECT lot, person, first, last FROM tenancies WHERE building_id = :building ORDER BY position"),
        {"building": building},
    )
    return tuple(Tenancy(*row) for row in rows)


async def consents(uow: UnitOfWork, building: UUID) -> tuple[Consent, ...]:
    rows = await uow.connection.execute(
        text(
            "SELECT person, channel, address, accepted_on, withdrawn_on, evidence FROM consents"
            " WHERE building_id = :building ORDER BY position"
        ),
        {"building": building},
    )
    return tuple(Consent(*row) for row in rows)


async def used(uow: UnitOfWork, address: Address, at: datetime) -> None:
    """Remembers that the person wrote from this address."""
    await uow.connection.execute(
        text("UPDATE directory SET last_used = :at WHERE channel = :channel AND handle = :handle"),
        {"channel": address.channel, "handle": address.handle, "at": at},
    )


def _resident(row: Row[Any]) -> Resident:
    return Resident(
        row.person,
        row.name,
        row.email,
        row.phone,
        row.language,
        tuple(row.roles),
        tuple(row.channels_accepted),
        row.accepted_on,
        row.street,
        row.postal_code,
        row.city,
        row.country,
    )


async def lots_of(uow: UnitOfWork, person_id: UUID, day: date) -> list[tuple[str, str]]:
    """For each building of a person its name and his lots there on a day, owned or rented, as one text."""
    rows = await uow.connection.execute(
        text(
            "SELECT b.name, (SELECT coalesce(string_agg(l.lot, ', ' ORDER BY l.position), '') FROM lots l"
            "  WHERE l.building_id = b.building_id AND ("
            "   EXISTS (SELECT 1 FROM ownership o WHERE o.building_id = b.building_id AND o.lot = l.lot AND o.person = r.person"
            "    AND o.first <= :day AND (o.last IS NULL OR o.last >= :day))"
            "   OR EXISTS (SELECT 1 FROM tenancies t WHERE t.building_id = b.building_id AND t.lot = l.lot AND t.person = r.person"
            "    AND t.first <= :day AND (t.last IS NULL OR t.last >= :day)))) AS lots"
            " FROM residents r JOIN buildings b USING (building_id) WHERE r.person_id = :person ORDER BY b.slug"
        ),
        {"person": person_id, "day": day},
    )
    return [(row.name, row.lots) for row in rows]
