"""The office with its shelf, and something broken in the building."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image, ImageDraw

from bot.trace import trace
from core.buildings import store as buildings
from core.documents.photos.service import taken_in
from core.kernel.i18n import Catalogues
from core.kernel.ids import new_id
from core.people.audit.model import Actor
from core.people.model import Person
from core.tickets import service
from core.tickets.model import Move, Story, Ticket
from core.tickets.words import report_of
from tests.ground_floor import Hands, Sample, places
from tests.web_admin.reading import SECRET, CountedPasswords, Site, site_at
from web_admin.application import office
from web_admin.messages.reach import SHELF


@dataclass
class Workshop:
    """The office and what was reported."""

    site: Site
    clock: Hands
    persons: Mapping[str, Person]

    @property
    def sample(self) -> Sample:
        return self.site.sample

    async def reports(self, code: str, text: str, *photos: bytes, sure: bool = False) -> Ticket:
        async with self.sample.database.work(self.sample.organisation) as uow:
            known = await buildings.get(uow, self.sample.known.building_id)
            place = (await places(uow, known))[code]
            said = report_of(text, await buildings.lots(uow, known.building_id), photos)
            outcome = await service.report(uow, self.persons[code], place, said, new_id(), sure=sure)
            if not outcome.made and not outcome.followed:
                await service.join(uow, self.persons[code], place, outcome.ticket.ticket, said)
            await uow.commit()
            return outcome.ticket

    async def moves(self, ticket: Ticket, move: Move, *, note: str = "", to: str = "") -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            actor = Actor(new_id(), "Nathalie Renard")
            await service.move(uow, ticket.ticket, ticket.building, move, actor, manages=True, note=note, to=to)
            await uow.commit()

    async def story(self, ticket: Ticket) -> Story:
        async with self.sample.database.work(self.sample.organisation) as uow:
            found = await service.story(uow, ticket.ticket)
            assert found is not None
            return found

    async def picture(self, colour: str) -> bytes:
        """The hash of a photo on the shelf."""
        image, kept = Image.new("RGB", (640, 480), colour), BytesIO()
        ImageDraw.Draw(image).rectangle((120, 60, 520, 460), fill="silver", outline="black", width=6)
        image.save(kept, "JPEG")
        return await taken_in(self.sample.shelf, kept.getvalue())


@pytest.fixture
async def workshop(sample: Sample, clock: Hands, catalogues: Catalogues) -> AsyncIterator[Workshop]:
    made = office(sample.database, catalogues, SECRET, "http://kopro.example", trace, CountedPasswords())
    made[SHELF] = sample.shelf
    async with site_at(sample, made) as site:
        yield Workshop(site, clock, await sample.people())


async def another_firm(site: Site) -> UUID:
    """An organisation of others, without a building."""
    async with site.sample.database.work() as uow:
        made = await buildings.add_organisation(uow, "others")
        await uow.commit()
        return made
