"""A building of many lots, and what a building's files say after the office has changed them."""

from __future__ import annotations

from core.buildings import store as buildings
from core.buildings.model import Building, Lot, Weight
from core.interchange.amendments import service as amendments
from core.interchange.typed import Typed
from tests.core.small import owns, resident, small_building, stored
from tests.ground_floor import Sample
from tests.web_admin.reading import Site

MANY = 400


async def build_tower(sample: Sample) -> None:
    """A second building: 400 lots of 25 shares, each of somebody else."""
    building = Building("Tower", "tower", languages=("fr",), shares_total=25 * MANY, source="")
    numbers = range(1, MANY + 1)
    files = small_building(
        "tower",
        building=building,
        lots=tuple(Lot(f"A{number:03}", "apartment", str(number // 10), 25) for number in numbers),
        weights=tuple(Weight("lift", f"A{number:03}", 1) for number in numbers),
        people=tuple(resident(f"owner-of-lot-{number:03}", email=f"o{number}@tower.example") for number in numbers),
        ownership=tuple(owns(f"A{number:03}", f"owner-of-lot-{number:03}") for number in numbers),
    )
    async with sample.work() as uow:
        await stored(uow, files)


async def typed_now(site: Site, slug: str) -> Typed:
    async with site.sample.work() as uow:
        known = await buildings.find(uow, slug)
        assert known is not None
        return (await amendments.editable(uow, known.building_id)).typed
