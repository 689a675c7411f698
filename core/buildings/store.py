"""Where buildings are kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.buildings.model import Building, Known, Lot, NoSuchBuilding, Syndic, Weight, settings_of
from core.database import UnitOfWork, insert_rows
from core.kernel.ids import new_id

EXPENSES = "expenses.csv"

_COLUMNS = (
    "building_id, number, slug, name, address, postal_code, city, languages, shares_total, year_month, year_day, modules,"
    " working_iban, reserve_iban, syndic, settings, source"
)


async def organisations(uow: UnitOfWork) -> dict[str, UUID]:
    """Every organisation by name, across tenants: names and identities, nothing else."""
    rows = await uow.connection.execute(text("SELECT name, organisation_id FROM every_organisation()"))
    return {row.name: row.organisation_id for row in rows}


async def add_organisation(uow: UnitOfWork, name: str) -> UUID:
    """Makes an organisation, and enters it."""
    organisation = new_id()
    await uow.enter(organisation)
    await uow.connection.execute(
        text("INSERT INTO organisations (organisation_id, name, created_at) VALUES (:id, :name, :now)"),
        {"id": organisation, "name": name, "now": uow.now},
    )
    return organisation


async def lock(uow: UnitOfWork, slug: str) -> None:
    """Keeps others from changing the books of this building until the transaction ends."""
    await uow.connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": f"{uow.organisation}/{slug}"}
    )


async def find(uow: UnitOfWork, slug: str) -> Known | None:
    row = (
        await uow.connection.execute(text(f"SELECT {_COLUMNS} FROM buildings WHERE slug = :slug"), {"slug": slug})
    ).one_or_none()
    return known(row) if row else None


async def get(uow: UnitOfWork, building: UUID) -> Known:
    """A building of the organisation by its identity. NoSuchBuilding."""
    row = (
        await uow.connection.execute(
            text(f"SELECT {_COLUMNS} FROM buildings WHERE building_id = :building"), {"building": building}
        )
    ).one_or_none()
    if row is None:
        raise NoSuchBuilding("buildings.unknown")
    return known(row)


async def switch(uow: UnitOfWork, building: UUID, modules: Sequence[str]) -> None:
    """From now on these modules are on in a building, and no others."""
    await uow.connection.execute(
        text("UPDATE buildings SET modules = :modules, updated_at = :now WHERE building_id = :building"),
        {"building": building, "modules": list(modules), "now": uow.now},
    )


async def every(uow: UnitOfWork) -> list[Known]:
    """The buildings of the organisation, by slug."""
    rows = await uow.connection.execute(text(f"SELECT {_COLUMNS} FROM buildings ORDER BY slug"))
    return [known(row) for row in rows]


async def save(uow: UnitOfWork, building: Building, before: Known | None) -> Known:
    """Adds the building, or brings it up to date."""
    building_id = before.building_id if before else new_id()
    values = {
        "id": building_id,
        "organisation": uow.organisation,
        "slug": building.slug,
        "name": building.name,
        "address": building.address,
        "postal_code": building.postal_code,
        "city": building.city,
        "languages": list(building.languages),
        "shares_total": building.shares_total,
        "year_month": building.financial_year_start[0],
        "year_day": building.financial_year_start[1],
        "modules": list(building.modules),
        "working_iban": building.working_iban,
        "reserve_iban": building.reserve_iban,
        "syndic": json.dumps(
            {
                "name": building.syndic.name,
                "email": building.syndic.email,
                "phone": building.syndic.phone,
                "emergency": building.syndic.emergency,
            }
        ),
        "settings": json.dumps(settings_of(building)),
        "source": building.source,
        "now": uow.now,
    }
    if before:
        statement = """
            UPDATE buildings SET name = :name, address = :address, postal_code = :postal_code, city = :city, languages = :languages,
                shares_total = :shares_total, year_month = :year_month, year_day = :year_day, modules = :modules,
                working_iban = :working_iban, reserve_iban = :reserve_iban, syndic = CAST(:syndic AS jsonb),
                settings = CAST(:settings AS jsonb), source = :source, updated_at = :now
            WHERE building_id = :id RETURNING number"""
    else:
        statement = """
            INSERT INTO buildings (organisation_id, building_id, number, slug, name, address, postal_code, city, languages, shares_total,
                year_month, year_day, modules, working_iban, reserve_iban, syndic, settings, source, updated_at)
            VALUES (:organisation, :id, nextval('building_numbers'), :slug, :name, :address, :postal_code, :city, :languages,
                :shares_total, :year_month, :year_day, :modules, :working_iban, :reserve_iban, CAST(:syndic AS jsonb),
                CAST(:settings AS jsonb), :source, :now)
            RETURNING number"""
    number = await uow.connection.scalar(text(statement), values)
    return Known(building_id, number or 0, building)


async def replace_lots(uow: UnitOfWork, building: UUID, lots: Sequence[Lot], weights: Sequence[Weight]) -> None:
    for table in ("distribution_weights", "lots"):
        await clear(uow, building, table)
    await insert_rows(
        uow,
        "lots",
        ("building_id", "position", "lot", "kind", "floor", "shares"),
        [(building, place, lot.lot, lot.kind, lot.floor, lot.shares) for place, lot in enumerate(lots)],
    )
    await insert_rows(
        uow,
        "distribution_weights",
        ("building_id", "position", "key", "lot", "weight"),
        [(building, place, row.key, row.lot, row.weight) for place, row in enumerate(weights)],
    )


async def replace_files(
    uow: UnitOfWork, building: UUID, columns: Mapping[str, tuple[str, ...]], unsaid_funds: Collection[str]
) -> None:
    """Keeps which files the building came with, which columns each had, and which expenses left their fund unsaid."""
    await clear(uow, building, "imported_files")
    await insert_rows(
        uow,
        "imported_files",
        ("building_id", "file", "columns", "unsaid"),
        [
            (building, file, list(names), sorted(unsaid_funds) if file == EXPENSES else [])
            for file, names in columns.items()
        ],
    )


async def lots(uow: UnitOfWork, building: UUID) -> tuple[Lot, ...]:
    rows = await uow.connection.execute(
        text("SELECT lot, kind, floor, shares FROM lots WHERE building_id = :building ORDER BY position"),
        {"building": building},
    )
    return tuple(Lot(*row) for row in rows)


async def weights(uow: UnitOfWork, building: UUID) -> tuple[Weight, ...]:
    rows = await uow.connection.execute(
        text("SELECT key, lot, weight FROM distribution_weights WHERE building_id = :building ORDER BY position"),
        {"building": building},
    )
    return tuple(Weight(*row) for row in rows)


async def files(uow: UnitOfWork, building: UUID) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """The columns of each file that the building came with, and the expenses that left their fund unsaid."""
    rows = (
        await uow.connection.execute(
            text("SELECT file, columns, unsaid FROM imported_files WHERE building_id = :building"),
            {"building": building},
        )
    ).all()
    columns = {row.file: tuple(row.columns) for row in rows}
    return columns, frozenset(number for row in rows for number in row.unsaid)


async def clear(uow: UnitOfWork, building: UUID, table: str) -> None:
    """Empties a table of one building, before its rows are stored anew."""
    await uow.connection.execute(text(f"DELETE FROM {table} WHERE building_id = :building"), {"building": building})


def known(row: Row[Any]) -> Known:
    """A building from its row."""
    return Known(
        row.building_id,
        row.number,
        _building(
            *(row.name, row.slug, row.address, row.postal_code, row.city, tuple(row.languages), row.shares_total),
            *(row.year_month, row.year_day, tuple(row.modules), row.working_iban, row.reserve_iban, row.source),
            _as_stored(row.settings),
            _as_stored(row.syndic),
        ),
    )


def _as_stored(value: Any) -> str:
    """JSON as its text, however the driver gives it."""
    return value if isinstance(value, str) else json.dumps(value)


@lru_cache(256)
def _building(
    name: str,
    slug: str,
    address: str,
    postal_code: str,
    city: str,
    languages: tuple[str, ...],
    shares_total: int,
    year_month: int,
    year_day: int,
    modules: tuple[str, ...],
    working_iban: str,
    reserve_iban: str,
    source: str,
    settings_text: str,
    syndic_text: str,
) -> Building:
    """The same columns make the same building: every turn reads those of its person."""
    settings = json.loads(settings_text)
    accepted = settings["provisional_acceptance"]
    window, interest = settings["assembly_window_start"], settings["interest"]
    return Building(
        name=name,
        slug=slug,
        address=address,
        postal_code=postal_code,
        city=city,
        region=settings["region"],
        languages=languages,
        enterprise_number=settings["enterprise_number"],
        shares_total=shares_total,
        financial_year_start=(year_month, year_day),
        assembly_window_start=tuple(window) if window else None,
        provisional_acceptance=date.fromisoformat(accepted) if accepted else None,
        settlement=settings["settlement"],
        modules=modules,
        working_iban=working_iban,
        reserve_iban=reserve_iban,
        reminder_days=tuple(settings["reminder_days"]),
        interest=tuple(interest) if interest else None,
        syndic=Syndic(**json.loads(syndic_text)),
        source=source,
    )
