"""The office with its shelf, and messages in every state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bot.trace import trace
from core.buildings import store as buildings
from core.kernel.i18n import Catalogues
from core.kernel.text import literal, say
from core.messaging.card import Card, Fact
from core.messaging.channel import Address, Evidence, Receipt
from core.messaging.delivery import Claimed
from core.messaging.kinds import ACCOUNT, LEGAL, MONEY, NOTICE_BOARD, TICKET
from core.outbox import service as outbox
from core.outbox.letters import service as tray
from core.people import store as people
from core.people.accounts.model import Role
from tests.ground_floor import Sample
from tests.web_admin.reading import SECRET, CountedPasswords, Reader, Site, site_at
from web_admin.application import office
from web_admin.messages.reach import SHELF

LETTER = b"%PDF-1.7 a letter on the shelf"
SECRET_CODE = "J7QX-9W2K"
ROLES: dict[Role, str] = {
    role: f"{role.value}@renard-gestion.example" for role in Role if role is not Role.ADMINISTRATOR
}


@dataclass
class Post:
    """The office with messages: `delivery` by kind, `letters` by name."""

    site: Site
    persons: dict[str, UUID]
    delivery: dict[str, UUID] = field(default_factory=dict)
    letters: dict[str, UUID] = field(default_factory=dict)
    stranger: UUID | None = None
    """The organisation of another tenant."""

    @property
    def sample(self) -> Sample:
        return self.site.sample

    async def as_(self, role: Role) -> Reader:
        return await self.site.signed_in(ROLES[role], role)

    async def tell(self, code: str, kind: str, *, building: bool = True, key: str = "") -> UUID:
        """Has something told to somebody by his code; gives the delivery."""
        key = key or uuid4().hex
        card = Card(
            literal(f"About {kind}"),
            (literal(f"<script>alert(1)</script> {SECRET_CODE if kind == ACCOUNT else 'Guten Tag'}"),),
            (Fact(say("broadcast.fact.building"), literal("Tilleuls")),),
        )
        async with self.sample.database.work(self.sample.organisation) as uow:
            uow.tell(
                self.persons[code], card, kind, key=key, building=self.sample.known.building_id if building else None
            )
            await uow.commit()
        async with self.sample.database.work(self.sample.organisation) as uow:
            found = await uow.connection.scalar(
                text("SELECT delivery_id FROM deliveries WHERE key = :key"), {"key": key}
            )
        assert isinstance(found, UUID)
        self.delivery[kind] = found
        return found

    async def claimed(self) -> list[Claimed]:
        return await outbox.claim(self.sample.database, ("console",))

    async def letter(self, code: str, delivery: UUID | None = None) -> UUID:
        digest = await self.sample.shelf.put(LETTER)
        key = (delivery or uuid4()).hex
        async with self.sample.database.work(self.sample.organisation) as uow:
            await tray.add(uow, key, self.persons[code], digest, 2)
            (made,) = [each for each in await tray.tray(uow) if each.delivery_key == key]
            await uow.commit()
        self.letters[code] = made.letter_id
        return made.letter_id

    async def receipt(self, delivery: Claimed, evidence: Evidence = Evidence.SEEN) -> None:
        await outbox.sent(self.sample.database, delivery, Receipt("wire", evidence, self.sample.database.clock()))


@pytest.fixture
async def post(sample: Sample, catalogues: Catalogues) -> AsyncIterator[Post]:
    application = office(sample.database, catalogues, SECRET, "http://kopro.example", trace, CountedPasswords())
    application[SHELF] = sample.shelf
    async with site_at(sample, application) as site:
        async with sample.database.work(sample.organisation) as uow:
            persons = {
                row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)
            }
            for code, person in persons.items():
                if code != "marguerite-lambert":
                    await people.link(uow, Address("console", code), person)
            await uow.commit()
        async with sample.database.work() as uow:
            stranger = await buildings.add_organisation(uow, "another")
            await uow.commit()
        made = Post(site, persons, stranger=stranger)
        yield made


@pytest.fixture
async def told(post: Post) -> Post:
    """Some deliveries: one waits, one was seen, one nobody can get, one about an account; and a letter."""
    await post.tell("tom-vermeulen", MONEY)
    (claimed,) = await post.claimed()
    await post.receipt(claimed)
    await post.tell("lea-dubois", NOTICE_BOARD)
    await post.tell("olivier-lambert", LEGAL)
    await post.tell("marguerite-lambert", TICKET)
    await post.tell("james-carter", ACCOUNT, building=False)
    await post.letter("olivier-lambert", post.delivery[LEGAL])
    return post
