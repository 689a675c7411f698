"""The office with something of everything in it, wired as an installation has it, and another tenant next door."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy import text

from bot.understanding import Understanding
from core.buildings import store as buildings
from core.community.notices import service as notices
from core.community.notices.model import Draft, Kind
from core.community.notices.moderation import service as moderation
from core.database import UnitOfWork
from core.documents.photos.service import taken_in
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.interchange.setup import service as setup
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE
from core.kernel.ids import new_id
from core.messaging.channel import Address
from core.messaging.kinds import ACCOUNT, LEGAL, MONEY, NOTICE_BOARD, TICKET
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts.model import Audience, Broadcast, Occasion, Wording
from core.people import store as people
from core.people.accounts.model import Role
from core.people.accounts.service import Proofs
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import SCOPES
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from core.people.model import Person
from core.tickets import service as tickets
from core.tickets.words import report_of
from koprogo import office
from koprogo.application import Application
from koprogo.settings import read_settings
from tests.ground_floor import SAMPLE, Hands, Sample
from tests.servers.postgres import connect
from tests.talking import MAILBOX, WAYS
from tests.web_admin.community.conftest import Hall
from tests.web_admin.messages.conftest import Post
from tests.web_admin.messages.test_letters import broken
from tests.web_admin.reading import SYNDIC, CountedPasswords, Reader, Site, site_at
from tests.web_admin.tickets.conftest import Workshop
from web_admin.application import PREFIX
from web_admin.pages import OFFICE

SETTINGS = {
    "KOPROGO_TELEGRAM_TOKEN": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "KOPROGO_EMAIL_ADDRESS": MAILBOX,
    "KOPROGO_EMAIL_SMTP": "smtp://localhost:25?security=none",
    "KOPROGO_EMAIL_LMTP": "127.0.0.1:24",
    "KOPROGO_PUBLIC_URL": "http://kopro.example",
    "KOPROGO_SECRET": "the secret of an installation under test",
}
NEIGHBOUR = "boss@ailleurs.example"
NATHALIE = Actor(new_id(), "Nathalie Renard")
HOME = {
    "name": "Maison",
    "slug": "maison",
    "shares_total": "1000",
    "languages": "fr;nl",
    "city": "Namur",
    "postal_code": "5000",
}
ROWS: dict[str, list[dict[str, str]]] = {
    LOTS.file: [{"lot": "A", "kind": "apartment", "floor": "0", "shares": "1000"}],
    PEOPLE.file: [
        {"person": "ann", "name": "Ann Maes", "email": "ann@maison.example", "language": "nl", "roles": "owner"}
    ],
    OWNERSHIP.file: [
        {
            "lot": "A",
            "person": "ann",
            "right": "full",
            "numerator": "1",
            "denominator": "1",
            "from": "2020-01-01",
            "representative": "no",
        }
    ],
}
"""A building in which nothing is wrong."""


@dataclass
class House:
    """`post`: the office and its messages; `invitation`: the token of a one-time link; `ready`: a draft in which nothing is wrong; `note`:
    one with photos; `second`: another organisation of the syndic's; `neighbours`: one of others."""

    post: Post
    invitation: str
    ready: UUID
    note: UUID
    second: UUID
    neighbours: UUID
    tried: str = "/"
    """Where the syndic sees what became of a message to herself."""

    @property
    def site(self) -> Site:
        return self.post.site

    @property
    def sample(self) -> Sample:
        return self.post.sample

    async def syndic(self, language: str = "en") -> Reader:
        """One of two firms, signed in on another device too; has tried how a message reaches her."""
        await self.site.account(SYNDIC, Role.AUDITOR, organisation=self.second, language=language)
        await self.site.signed_in(SYNDIC, Role.SYNDIC, language=language)
        reader = self.site.reader(language)
        await reader.sign_in(SYNDIC)
        await reader.get("/settings/channels/email")
        self.tried = (await reader.send({}, to="")).path.removeprefix(PREFIX)
        return reader

    async def neighbour(self) -> Reader:
        """The syndic of the other organisation, which has a building of its own."""
        await self.site.account(NEIGHBOUR, Role.SYNDIC, organisation=self.neighbours)
        reader = self.site.reader()
        await reader.sign_in(NEIGHBOUR)
        return reader

    def starts(self) -> list[str]:
        """Where a walk begins: at the door, at what browsers ask for by themselves, and at what is worth seeing."""
        door = ("/", "/sign-in", "/sign-in/link", f"/link/{self.invitation}")
        browsers = ("/manifest-fr.webmanifest", "/worker.js", "/offline/fr")
        # Of many that are alike, those on which there is more than on the others.
        chosen = (
            "/buildings/tilleuls/ownership/lot?lot=5A",
            "/buildings/tilleuls/ownership/take-back?lot=2A",
            "/preview?message=charges.pay",
            "/preview?message=legal",
            f"/preview/deliveries/{self.post.delivery['broadcast']}",
            f"/preview/deliveries/{self.post.delivery[LEGAL]}",
            f"/setup/{self.ready}",
            f"/community/notices/{self.note}",
            self.tried,
        )
        return [f"{PREFIX}{path}" for path in (*door, *browsers, *chosen)]

    async def fingerprint(self) -> dict[str, str]:
        """What stands in each table of the first organisation, so that two moments can be compared."""
        connection = await connect(self.sample.owner)
        try:
            tables = await connection.fetch(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'organisation_id'"
                " ORDER BY 1"
            )
            found = {}
            for (table,) in tables:
                rows = await connection.fetch(
                    f'SELECT each::text FROM "{table}" AS each WHERE organisation_id = $1 ORDER BY 1',
                    self.sample.organisation,
                )
                found[table] = hashlib.sha256("\n".join(row[0] for row in rows).encode()).hexdigest()
            return found
        finally:
            await connection.close()


async def first_of(uow: UnitOfWork, told: Broadcast) -> UUID:
    await uow.flush()
    found = await uow.connection.scalar(
        text("SELECT delivery_id FROM deliveries WHERE key LIKE :key ORDER BY key LIMIT 1"),
        {"key": f"broadcast:{told.broadcast_id}:%"},
    )
    assert isinstance(found, UUID)
    return found


async def a_defect(sample: Sample, uow: UnitOfWork, text: str) -> None:
    """Somebody of the building reports what is broken, with a photo."""
    kept = BytesIO()
    Image.new("RGB", (64, 48), "navy").save(kept, "JPEG")
    place = (await sample.places(uow))["youssef-benali"]
    (person,) = [
        row for row in await people.residents(uow, sample.known.building_id) if row.resident.name == "Youssef Benali"
    ]
    youssef = Person(person.person_id, person.resident.name, person.resident.language)
    report = report_of(text, photos=(await sample.shelf.put(kept.getvalue()),))
    await tickets.report(uow, youssef, place, report, new_id())


async def a_note(uow: UnitOfWork, post: Post) -> None:
    """A note on the board with a photo, reported."""
    kept = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(kept, "JPEG")
    photo = (await taken_in(post.sample.shelf, kept.getvalue())).hex()
    draft = Draft(Kind.FOUND, "Gant rouge", "Dans l'ascenseur.", "fr", (photo,))
    posted = await notices.post(uow, post.persons["lea-dubois"], post.sample.known.building_id, draft)
    await moderation.report(uow, post.persons["anna-schmitz"], posted.seen.notice.notice_id, "Das ist meiner.")


async def neighbourly(post: Post) -> UUID:
    """A notice board in full, something of each kind put up, two things that are broken, one with a photo. Gives the note with photos."""
    clock = post.sample.database.clock
    assert isinstance(clock, Hands)
    hall = Hall(post.site, clock, post.persons)
    notes = await hall.everything()
    await hall.put_up()
    async with post.sample.database.work(post.sample.organisation) as uow:
        listed = await people.residents(uow, post.sample.known.building_id)
    persons = {row.resident.person: Person(row.person_id, row.resident.name, row.resident.language) for row in listed}
    workshop = Workshop(post.site, clock, persons)
    await workshop.reports("lea-dubois", "L'ascenseur est en panne", await workshop.picture("teal"))
    await workshop.reports("tom-vermeulen", "Het licht in de kelder is stuk")
    return notes["found"].notice_id


async def fill(post: Post) -> House:
    """A message in each state, a broadcast, letters, what was set aside, buildings being set up, an entry of the log, an invitation, notes
    on the board, what is broken."""
    sample = post.sample
    async with sample.database.work(sample.organisation) as uow:
        for code, person in post.persons.items():
            if code != "marguerite-lambert":
                await people.link(uow, Address("console", code), person)
        await uow.commit()
    await post.tell("tom-vermeulen", MONEY)
    (claimed,) = await post.claimed()
    await post.receipt(claimed)
    await post.tell("lea-dubois", NOTICE_BOARD)
    await post.tell("olivier-lambert", LEGAL)
    await post.tell("marguerite-lambert", TICKET)
    await post.tell("james-carter", ACCOUNT, building=False)
    await post.letter("olivier-lambert", post.delivery[LEGAL])
    await broken(post, "lea-dubois", "words")
    async with sample.database.work(sample.organisation) as uow:
        author = await broadcasts.speaker(uow, sample.known.building_id, SYNDIC)
        assert author is not None
        wording = Wording("Coupure d'eau", "L'eau est coupée jeudi.\n\nMerci.")
        told = Broadcast(
            uuid4(),
            sample.known.building_id,
            author.person,
            Audience("owners"),
            {"fr": wording},
            "fr",
            occasion=Occasion(date(2026, 12, 3)),
        )
        await broadcasts.send(uow, told)
        post.delivery["broadcast"] = await first_of(uow, told)
        draft = await setup.begin(uow, NATHALIE)
        await setup.type_settings(uow, draft.draft_id, draft.version, {"name": "Villa", "slug": "villa"}, NATHALIE)
        ready = await setup.begin(uow, NATHALIE)
        ready = await setup.type_settings(uow, ready.draft_id, ready.version, HOME, NATHALIE)
        for file, rows in ROWS.items():
            ready = await setup.type_rows(uow, ready.draft_id, ready.version, file, rows, NATHALIE)
        await api_tokens.issue(uow, "Boekhouding", SCOPES)
        await a_defect(sample, uow, "la porte d'entrée ne ferme plus")
        await a_defect(sample, uow, "ça sent le gaz dans l'escalier")
        shares = ({"shares": "79"}, {"shares": "80"})
        await audit.record(uow, NATHALIE, Deed.LOT_CHANGED, "lot 1A", *shares, building=sample.known.building_id)
        await a_note(uow, post)
        await uow.commit()
    note = await neighbourly(post)
    _, invitation = await post.site.account("new@renard-gestion.example", Role.ACCOUNTANT, password=None)
    async with sample.database.work() as uow:
        second = await buildings.add_organisation(uow, "second firm")
        neighbours = await buildings.add_organisation(uow, "neighbours")
        with Folder.open(SAMPLE) as folder:
            files = read_building(folder)
        elsewhere = replace(files.building, slug="ailleurs", name="Ailleurs")
        await import_building(uow, replace(files, building=elsewhere), None)
        await uow.commit()
    return House(post, invitation, ready.draft_id, note, second, neighbours)


@asynccontextmanager
async def house_of(sample: Sample, understanding: Understanding, folder: Path) -> AsyncIterator[House]:
    application = Application(
        read_settings({**SETTINGS, "KOPROGO_DATA": str(folder)}),
        sample.owner,
        sample.database,
        {},
        dict(WAYS.by_channel),
    )
    application.understanding, application.shelf = understanding, sample.shelf
    made = office.pages(application)
    made[OFFICE] = replace(made[OFFICE], proofs=Proofs(CountedPasswords(), made[OFFICE].proofs.keys))
    async with site_at(sample, made) as site:
        async with sample.database.work(sample.organisation) as uow:
            persons = {
                row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)
            }
        yield await fill(Post(site, persons))
