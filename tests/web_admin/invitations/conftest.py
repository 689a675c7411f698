"""The office of an installation with every channel, wired as `koprogo serve` does it; nobody sends what is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pymupdf
import pytest
from multidict import MultiDict

from bot.trace import trace
from bot.ways import way
from core.buildings import service as buildings
from core.database import Database, application_url
from core.kernel.i18n import Catalogues
from core.messaging.channel import Address
from core.outbox import service as outbox
from core.outbox.model import Told
from core.outbox.service import Recorder
from core.people import service as people
from core.people import store
from core.people.audit import service as audit
from core.people.audit.model import Entry
from koprogo.application import Application
from koprogo.settings import read_settings
from koprogo.wires import Wires
from tests.ground_floor import Hands, Sample
from tests.web_admin.reading import SECRET, CountedPasswords, Reader, Shown, Site, site_at
from web_admin.application import office
from web_admin.messages.reach import SHELF
from web_admin.settings.wires import INSTALLATION

BOT, MAIL, MATRIX = "@tilleuls_bot", "maison@tilleuls.example", "@tilleuls:home.example"
SETTINGS = {
    "KOPROGO_TELEGRAM_TOKEN": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "KOPROGO_EMAIL_ADDRESS": MAIL,
    "KOPROGO_EMAIL_SMTP": "smtp://127.0.0.1:25",
    "KOPROGO_EMAIL_LMTP": "127.0.0.1:2424",
    "KOPROGO_MATRIX_HOMESERVER": "https://home.example",
    "KOPROGO_MATRIX_USER": MATRIX,
    "KOPROGO_MATRIX_PASSWORD": "secret of the wire",
}
WAYS = {
    "telegram": way("telegram", BOT, link="https://t.me/tilleuls_bot?start={code}", groups=True),
    "email": way("email", MAIL),
    "matrix": way("matrix", MATRIX, link=f"https://matrix.to/#/{MATRIX}", groups=True),
}


@dataclass
class Wired:
    """The office, and what a test looks up behind it."""

    site: Site
    persons: Mapping[str, UUID]
    application: Application
    stranger: UUID
    """The organisation of another tenant."""

    @property
    def sample(self) -> Sample:
        return self.site.sample

    async def told(self) -> list[Told]:
        async with self.sample.database.work(self.sample.organisation) as uow:
            return await outbox.deliveries(uow)

    async def log(self) -> list[Entry]:
        """What was written down, oldest first."""
        async with self.sample.database.work(self.sample.organisation) as uow:
            return list(reversed((await audit.entries(uow)).entries))

    async def link(self, code: str, address: Address) -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            await store.link(uow, address, self.persons[code])
            await uow.commit()

    async def redeem(self, code: str, address: Address) -> str | None:
        async with self.sample.database.work() as uow:
            linked = await people.redeem(uow, code, address)
            await uow.commit()
            return linked.person.name if linked else None

    async def outsider(self) -> Reader:
        """Somebody of another tenant."""
        await self.site.account("boss@other.example", organisation=self.stranger)
        reader = self.site.reader()
        await reader.sign_in("boss@other.example")
        return reader

    async def press(self, reader: Reader, shown: Shown, what: str, *codes: str, **given: str) -> tuple[Shown, bytes]:
        """A button of the form with the list of people, those with these codes ticked; what came, as text and as it is."""
        form = next(each for each in shown.forms if "/print" in each["action"])
        fields = MultiDict({"form_token": form["form_token"], "form": form["form"], **given})
        for code in codes:
            fields.add("person", str(self.persons.get(code, code)))
        path = form["action"].replace("/print", f"/{what}")
        async with reader.client.post(reader.address + path, data=fields) as answer:
            content = await answer.read()
            text = "" if answer.content_type == "application/pdf" else content.decode()
            return Shown(answer.status, text, answer.headers, answer.url.raw_path_qs), content


def pages_of(pdf: bytes) -> list[str]:
    """What stands on each page."""
    opened: Sequence[pymupdf.Page] = list(pymupdf.open(stream=pdf))  # type: ignore[no-untyped-call, call-overload]
    return [" ".join(page.get_text().replace("\u200b", "").split()) for page in opened]


Open = Callable[[Mapping[str, str]], AbstractAsyncContextManager[Wired]]


@pytest.fixture
def installed(sample: Sample, catalogues: Catalogues, clock: Hands, tmp_path: Path) -> Open:
    """Opens the office of an installation with these settings."""

    @asynccontextmanager
    async def opened(settings: Mapping[str, str]) -> AsyncIterator[Wired]:
        on = [name for name in WAYS if any(key.startswith(f"KOPROGO_{name.upper()}") for key in settings)]
        recorder = Recorder(on, ("console",))
        async with Database(application_url(sample.owner), recorder=recorder, clock=clock) as database:
            mine = replace(sample, database=database)
            application = Application(
                read_settings({**settings, "KOPROGO_DATA": str(tmp_path)}),
                sample.owner,
                database,
                {},
                {name: WAYS[name] for name in on},
            )
            made = office(database, catalogues, SECRET, "http://kopro.example", trace, CountedPasswords())
            made[SHELF], made[INSTALLATION] = mine.shelf, Wires(application)
            async with site_at(mine, made) as site:
                async with database.work(mine.organisation) as uow:
                    listed = await store.residents(uow, mine.known.building_id)
                async with database.work() as uow:
                    stranger = await buildings.enter(uow, "another")
                    await uow.commit()
                yield Wired(site, {row.resident.person: row.person_id for row in listed}, application, stranger)

    return opened


@pytest.fixture
async def wired(installed: Open) -> AsyncIterator[Wired]:
    """The office of an installation with every channel."""
    async with installed(SETTINGS) as made:
        yield made
