"""What a building's files say after the office has changed them."""

from __future__ import annotations

from core.buildings import store as buildings
from core.interchange.amendments import service as amendments
from core.interchange.typed import Typed
from tests.web_admin.reading import Site


async def typed_now(site: Site, slug: str) -> Typed:
    async with site.sample.work() as uow:
        known = await buildings.find(uow, slug)
        assert known is not None
        return (await amendments.editable(uow, known.building_id)).typed
