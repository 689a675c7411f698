"""Thirty buildings, as a syndic has them."""

from __future__ import annotations

from dataclasses import replace

from core.buildings.model import Building
from core.database import UnitOfWork
from core.kernel.ids import new_id
from tests.core.small import OWNERSHIP, PEOPLE, small_building, stored

CITIES = ("Schaerbeek", "Ixelles", "Gent", "Eupen", "Namur", "Liège")


async def many(uow: UnitOfWork, count: int = 29) -> None:
    """So many buildings beside the sample, some with worries."""
    for number in range(count):
        people = tuple(
            replace(
                row,
                person=f"{row.person}-{number}",
                email="" if number % 4 == 0 and row.person == "ann" else f"{row.person}-{number}@many.example",
                street=f"Rue {number}" if number % 3 else "",
            )
            for row in PEOPLE
        )
        rights = tuple(replace(row, person=f"{row.person}-{number}") for row in OWNERSHIP)
        name = f"Residentie {['Eikenhof', 'Beukenhof', 'Lindehof', 'Kastanjehof'][number % 4]} {number:02}"
        building = Building(
            name,
            f"house-{number:02}",
            address=f"Dorpsstraat {number}",
            postal_code="9000",
            city=CITIES[number % len(CITIES)],
            languages=("nl",),
            shares_total=1000,
            source=f'name = "{name}"\nslug = "house-{number:02}"\nshares_total = 1000\n# {new_id()}\n',
        )
        await stored(uow, small_building(building=building, people=people, ownership=rights))
