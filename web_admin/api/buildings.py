"""Buildings with their lots, keys and people."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.buildings.model import LOT_KINDS, REGIONS, Known, Lot
from core.interchange.extracts import service as extracts
from core.interchange.extracts.model import Key, Registered
from core.kernel.i18n import LANGUAGES
from core.people.api_tokens.model import BUILDINGS_READ, PEOPLE_READ
from core.people.model import RIGHTS, ROLES
from web_admin.api.endpoint import Answer, Ask, Endpoint, json_text, listed
from web_admin.api.parameters import PIECE, read_place
from web_admin.api.shapes import choice, day, listing, or_null, piece, ref, text, thing, whole

SCHEMAS = {
    "Building": thing(
        "A co-owned building.",
        building=text("tilleuls", "Its name in addresses."),
        name=text("Résidence Les Tilleuls"),
        address=text("Avenue des Tilleuls 12"),
        postal_code=text("1050"),
        city=text("Ixelles"),
        region=choice("Whose housing law holds.", *REGIONS),
        enterprise_number=text("0123.456.749", "Empty where none is known."),
        languages=listing(choice("", *LANGUAGES), "The first is the usual one."),
        shares_total=whole(1000, "The shares of all lots."),
        financial_year_start=text("01-01", "Month and day; quarters are counted from it."),
        settlement=choice("How often real charges take the place of advances.", "quarterly", "yearly"),
        working_iban=text("BE68539007547034", "The account that owners pay to; empty where none is known."),
        reserve_iban=text("BE43068999999501"),
    ),
    "Lot": thing(
        "A private part of a building.",
        lot=text("A1"),
        kind=choice("", *LOT_KINDS),
        floor=text("1"),
        shares=whole(41, "In the common parts.", 0),
    ),
    "Key": thing(
        "A key by which charges are split: what each lot weighs, in the order of every split.",
        key=text("general", "`general` are the shares."),
        weight_total=whole(1000, "", 0),
        weights=listing(thing("", lot=text("A1"), weight=whole(41, "", 0))),
    ),
    "Person": thing(
        "A person of a building.",
        person=text("lea", "The code of the person in this building."),
        id=text(
            "0c5ff3a1-6d0c-4c3e-9d7e-d0c0a55e3f11", "The same in all buildings of the organisation.", format="uuid"
        ),
        name=text("Léa Dubois"),
        email=text("lea.dubois@tilleuls.example", "Empty where none is known."),
        phone=text("+32 470 00 00 00"),
        language=choice("", *LANGUAGES),
        roles=listing(choice("", *ROLES), "As the files say."),
        street=text("Avenue des Tilleuls 12"),
        postal_code=text("1050"),
        city=text("Ixelles"),
        country=text("Belgique"),
        present={"type": "boolean", "description": "Whether the files name the person still.", "example": True},
        ownership=listing(ref("Ownership")),
        tenancies=listing(ref("Tenancy")),
    ),
    "Ownership": thing(
        "A right in a lot, on the days from `from` to `to`, both counted.",
        lot=text("A1"),
        right=choice("", *RIGHTS),
        numerator=whole(1, "", 1),
        denominator=whole(1, "", 1),
        representative={"type": "boolean", "example": False},
        **{"from": day("2015-04-30"), "to": or_null(day("2026-06-30", "Null: still."))},
    ),
    "Tenancy": thing(
        "A lot that is rented.",
        lot=text("A1"),
        **{"from": day("2023-09-01"), "to": or_null(day("2026-08-31", "Null: still."))},
    ),
    **{f"{name}List": piece(name) for name in ("Building", "Lot", "Key", "Person")},
}


async def every(ask: Ask) -> Answer:
    after = read_place(ask.query, str)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.every_building(uow, after, ask.most)
    return listed([_building(known) for known in found.rows], found.after)


async def one(ask: Ask) -> Answer:
    async with ask.database.work(ask.bearer.organisation) as uow:
        return Answer(json_text(_building(await ask.building(uow))))


async def lots(ask: Ask) -> Answer:
    after = read_place(ask.query, int)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.lots(uow, await ask.building(uow), after, ask.most)
    return listed([_lot(lot) for lot in found.rows], found.after)


async def keys(ask: Ask) -> Answer:
    after = read_place(ask.query, int)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.keys(uow, await ask.building(uow), after, ask.most)
    return listed([_key(key) for key in found.rows], found.after)


async def everybody(ask: Ask) -> Answer:
    after = read_place(ask.query, int)
    async with ask.database.work(ask.bearer.organisation) as uow:
        found = await extracts.everybody(uow, await ask.building(uow), after, ask.most)
    return listed([_person(row) for row in found.rows], found.after)


ENDPOINTS = (
    Endpoint("GET", "/buildings", "buildings", "The buildings, by name.", BUILDINGS_READ, every, "BuildingList", PIECE),
    Endpoint("GET", "/buildings/{building}", "building", "One building.", BUILDINGS_READ, one, "Building"),
    Endpoint(
        "GET",
        "/buildings/{building}/lots",
        "lots",
        "The lots of a building, in the order of every split.",
        BUILDINGS_READ,
        lots,
        "LotList",
        PIECE,
    ),
    Endpoint(
        "GET",
        "/buildings/{building}/keys",
        "keys",
        "The keys by which charges are split.",
        BUILDINGS_READ,
        keys,
        "KeyList",
        PIECE,
    ),
    Endpoint(
        "GET",
        "/buildings/{building}/people",
        "people",
        "The people of a building, with what they own and rent.",
        PEOPLE_READ,
        everybody,
        "PersonList",
        PIECE,
    ),
)


def _building(known: Known) -> dict[str, Any]:
    building = known.building
    return {
        "building": building.slug,
        "name": building.name,
        "address": building.address,
        "postal_code": building.postal_code,
        "city": building.city,
        "region": building.region,
        "enterprise_number": building.enterprise_number,
        "languages": list(building.languages),
        "shares_total": building.shares_total,
        "financial_year_start": "{:02}-{:02}".format(*building.financial_year_start),
        "settlement": building.settlement,
        "working_iban": building.working_iban,
        "reserve_iban": building.reserve_iban,
    }


def _lot(lot: Lot) -> dict[str, Any]:
    return {"lot": lot.lot, "kind": lot.kind, "floor": lot.floor, "shares": lot.shares}


def _key(key: Key) -> dict[str, Any]:
    return {
        "key": key.key,
        "weight_total": sum(weight for _, weight in key.weights),
        "weights": [{"lot": lot, "weight": weight} for lot, weight in key.weights],
    }


def _person(row: Registered) -> dict[str, Any]:
    resident = row.resident
    return {
        "person": resident.person,
        "id": str(row.person_id),
        "name": resident.name,
        "email": resident.email,
        "phone": resident.phone,
        "language": resident.language,
        "roles": list(resident.roles),
        "street": resident.street,
        "postal_code": resident.postal_code,
        "city": resident.city,
        "country": resident.country,
        "present": row.present,
        "ownership": [
            {
                "lot": right.lot,
                "right": right.right,
                "numerator": right.numerator,
                "denominator": right.denominator,
                "representative": right.representative,
                "from": right.first.isoformat(),
                "to": _day(right.last),
            }
            for right in row.ownership
        ],
        "tenancies": [
            {"lot": tenancy.lot, "from": tenancy.first.isoformat(), "to": _day(tenancy.last)}
            for tenancy in row.tenancies
        ],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
