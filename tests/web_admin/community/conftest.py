"""The office with the notice board of the sample building, and what hangs on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, time
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, ImageDraw

from bot.trace import trace
from core.community.bazaar import service as bazaar
from core.community.bazaar.seeks import service as seeks
from core.community.loans.things import service as things
from core.community.notices import service
from core.community.notices.model import Draft, Kind, Notice, When
from core.community.notices.moderation import service as moderation
from core.community.offered import service as offered
from core.community.offered.model import Posted
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Kind as Help
from core.community.skills import service as skills
from core.community.skills.model import Pay
from core.documents.photos.service import taken_in
from core.kernel.i18n import Catalogues
from core.people.audit.model import Actor
from tests.ground_floor import Hands, Sample
from tests.web_admin.reading import SECRET, CountedPasswords, Site, site_at
from web_admin.application import office
from web_admin.messages.reach import SHELF

COUNCIL = Actor(None, "the council")


@dataclass
class Hall:
    """The office, and the boards that it watches. Persons by their code in the files."""

    site: Site
    clock: Hands
    persons: dict[str, UUID]

    @property
    def sample(self) -> Sample:
        return self.site.sample

    @property
    def building(self) -> UUID:
        return self.sample.known.building_id

    async def do(self, act: Any, *given: Any, **named: Any) -> Any:
        async with self.sample.database.work(self.sample.organisation) as uow:
            done = await act(
                uow, *[self.persons.get(each, each) if isinstance(each, str) else each for each in given], **named
            )
            await uow.commit()
            return done

    async def post(self, who: str, title: str, text: str = "", kind: Kind = Kind.ANNOUNCEMENT, **draft: Any) -> Notice:
        language = draft.pop("language", "fr")
        posted = await self.do(service.post, who, self.building, Draft(kind, title, text, language, **draft))
        notice: Notice = posted.seen.notice
        return notice

    async def report(self, notice: Notice, *codes: str, because: str = "advertising", words: str = "") -> None:
        for code in codes:
            await self.do(moderation.report, code, notice.notice_id, words, "" if words else because)

    async def now(self, notice: Notice) -> Notice:
        found = await self.do(moderation.one, notice.notice_id)
        result: Notice = found[0].notice
        return result

    async def picture(self, colour: str) -> str:
        """The hash (hex) of a photo on the shelf."""
        image, kept = Image.new("RGB", (640, 480), colour), BytesIO()
        ImageDraw.Draw(image).ellipse((160, 80, 480, 400), fill="tan", outline="black", width=6)
        image.save(kept, "JPEG")
        return (await taken_in(self.sample.shelf, kept.getvalue())).hex()

    async def everything(self) -> dict[str, Notice]:
        """A board as one finds it: pinned, an event, lost and found with photos, reported, hidden, removed and objected to."""
        found: dict[str, Notice] = {}
        photos = (await self.picture("teal"), await self.picture("maroon"))
        found["pinned"] = await self.post(
            "lea-dubois",
            "Code de la porte du local vélos",
            "Le nouveau code est affiché à l'intérieur.\nNe le donnez à personne.",
        )
        await self.do(moderation.pin, found["pinned"].notice_id, COUNCIL)
        when = When(date(2026, 12, 4), time(19), "jardin")
        found["event"] = await self.post(
            "tom-vermeulen", "Burenborrel", "Iedereen welkom!", Kind.EVENT, when=when, language="nl"
        )
        for code in ("anna-schmitz", "youssef-benali"):
            await self.do(service.come, code, found["event"].notice_id)
        found["found"] = await self.post(
            "anna-schmitz", "Roter Handschuh gefunden", "Im Aufzug.", Kind.FOUND, photos=photos, language="de"
        )
        await self.do(service.title, "anna-schmitz", found["found"].notice_id, "fr", "Gant rouge trouvé")
        found["reported"] = await self.post("youssef-benali", "Cours de guitare, dix euros de l'heure")
        await self.report(
            found["reported"], "priya-nair", words="C'est de la publicité, et ce n'est pas la première fois."
        )
        found["hidden"] = await self.post("james-carter", "Rant about the lift", "It never works.", language="en")
        await self.report(found["hidden"], "anna-schmitz", "katrien-willems", "youssef-benali", because="insult")
        found["removed"] = await self.post("katrien-willems", "Te koop: alles moet weg", language="nl")
        await self.do(moderation.remove, found["removed"].notice_id, COUNCIL, "Dit hoort bij de zoekertjes.")
        await self.do(moderation.appeal, "katrien-willems", found["removed"].notice_id, "Het is maar één kast.")
        return found

    async def put_up(self) -> dict[str, Posted]:
        """Besides notes, one thing of each kind; what is given and what is lent have a photo."""
        here = self.building
        await self.do(bazaar.give, "tom-vermeulen", here, "Babybed", photo=await self.picture("teal"))
        await self.do(seeks.seek, "anna-schmitz", here, "Kinderwagen")
        thing = await self.do(things.lend, "lea-dubois", here, "Perceuse", photo=await self.picture("maroon"))
        await self.do(things.say_condition, "lea-dubois", thing.thing_id, "Avec sa rallonge.")
        await self.do(skills.put_in, "james-carter", here, "Bike repairs", Pay.PAID, "I agree.")
        await self.do(offers.add, here, "youssef-benali", Help.REQUEST, "Porter une armoire")
        return {each.kind: each for each in await self.do(offered.up, here)}


@pytest.fixture
async def hall(sample: Sample, clock: Hands, catalogues: Catalogues) -> AsyncIterator[Hall]:
    made = office(sample.database, catalogues, SECRET, "http://kopro.example", trace, CountedPasswords())
    made[SHELF] = sample.shelf
    async with site_at(sample, made) as site:
        yield Hall(site, clock, {code: person.person_id for code, person in (await sample.people()).items()})
