"""Somebody who reads the office's pages over HTTP: keeps its cookies, and sends forms as a browser does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from uuid import UUID

from aiohttp import ClientSession, CookieJar, web
from argon2 import PasswordHasher
from multidict import CIMultiDictProxy

from bot.trace import trace
from core.kernel.i18n import Catalogues
from core.people.accounts import service as accounts
from core.people.accounts.model import Account, Role
from core.people.accounts.proofs import Passwords
from tests.ground_floor import Sample
from web_admin.application import PAGES, PREFIX, office
from web_admin.pages import OFFICE, Office, Page
from web_admin.routes import FOLDER

SECRET = b"the secret of an installation under test"
PASSWORD = "een huis vol buren"
LEA, SYNDIC = "lea.dubois@tilleuls.example", "nathalie.renard@renard-gestion.example"


class _Form(HTMLParser):
    """The fields of the forms on a page, and its headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[dict[str, str]] = []
        self.current: dict[str, str] | None = None
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.current = {"action": given.get("action", "")}
            self.fields.append(self.current)
        elif tag in ("input", "textarea") and self.current is not None and "name" in given:
            self.current[given["name"]] = given.get("value", "")
            self.area = given["name"] if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self.area and self.current is not None:
            self.current[self.area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        if tag == "form":
            self.current = None


@dataclass
class Shown:
    """A page as it arrived; of what is no text, what can be read."""

    status: int
    text: str
    headers: CIMultiDictProxy[str]
    path: str

    @property
    def forms(self) -> list[dict[str, str]]:
        """The fields of each form as they stand on the page, `action` among them."""
        return _Form(self.text).fields

    def form(self, action: str = "") -> dict[str, str]:
        """The first form that is sent to a path which ends like this; without one, the first but signing out."""
        found = [fields for fields in self.forms if fields["action"].endswith(action)]
        wanted = [fields for fields in found if action or not fields["action"].endswith("/sign-out")]
        assert wanted, f"no form to {action!r} on {self.path}: {self.status}\n{self.text}"
        return wanted[0]


@dataclass
class Reader:
    """A browser. `get` and `send` follow redirects, unless told otherwise."""

    client: ClientSession
    address: str
    language: str = "en"
    last: Shown | None = None

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Shown:
        async with self.client.get(
            self.address + PREFIX + path, headers={"Accept-Language": self.language, **headers}, allow_redirects=follow
        ) as answer:
            self.last = Shown(
                answer.status, await answer.text(errors="replace"), answer.headers, answer.url.raw_path_qs
            )
            return self.last

    async def post(self, path: str, fields: Mapping[str, str] | bytes, *, follow: bool = True, **headers: str) -> Shown:
        """What is given, and nothing else."""
        async with self.client.post(
            self.address + PREFIX + path,
            data=fields,
            headers={"Accept-Language": self.language, **headers},
            allow_redirects=follow,
        ) as answer:
            self.last = Shown(
                answer.status, await answer.text(errors="replace"), answer.headers, answer.url.raw_path_qs
            )
            return self.last

    async def send(
        self, fields: Mapping[str, str], *, to: str = "", on: Shown | None = None, follow: bool = True
    ) -> Shown:
        """A form of the page shown last, with these fields filled in. `to`: how its path ends, where there are several."""
        shown = on or self.last
        assert shown is not None, "no page was opened yet"
        form = shown.form(to)
        path = form.pop("action") or shown.path
        return await self.post(path.removeprefix(PREFIX), {**form, **fields}, follow=follow)

    def cookie(self, name: str) -> str | None:
        return next((each.value for each in self.client.cookie_jar if each.key == name), None)

    def set_cookie(self, name: str, value: str) -> None:
        from yarl import URL

        self.client.cookie_jar.update_cookies({name: value}, URL(self.address + PREFIX + "/"))

    async def sign_in(self, email: str = SYNDIC, password: str = PASSWORD) -> Shown:
        await self.get("/sign-in")
        return await self.send({"email": email, "password": password}, to="/sign-in")


class CountedPasswords(Passwords):
    """Cheap to check, so that tests are quick; counts what is checked and hashed."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Site:
    """The office over HTTP, with the sample building and whoever a test gives a role."""

    sample: Sample
    address: str
    office: Office
    readers: list[ClientSession] = field(default_factory=list)

    def reader(self, language: str = "en") -> Reader:
        """Another browser."""
        client = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.readers.append(client)
        return Reader(client, self.address, language)

    async def account(
        self,
        email: str = SYNDIC,
        role: Role = Role.SYNDIC,
        *,
        building: UUID | None = None,
        organisation: UUID | None = None,
        password: str | None = PASSWORD,
        language: str = "en",
    ) -> tuple[Account, str]:
        """Gives somebody a role and, unless None, a password. Gives the account and the token of its invitation."""
        database = self.sample.database
        async with database.work(organisation or self.sample.organisation) as uow:
            account, _ = await accounts.employ(
                uow, email, email.partition("@")[0], language, role, building, across=True
            )
            token = await accounts.link_for(uow, account)
            await uow.commit()
        if password is not None:
            await accounts.redeem(database, token, password, self.office.proofs)
        return account, token

    async def signed_in(
        self, email: str = SYNDIC, role: Role = Role.SYNDIC, *, building: UUID | None = None, language: str = "en"
    ) -> Reader:
        """A browser of somebody with that role who has signed in."""
        await self.account(email, role, building=building, language=language)
        reader = self.reader(language)
        shown = await reader.sign_in(email)
        assert shown.status == 200, shown.text
        return reader

    async def administrator(self, email: str = "boss@kopro.example") -> Reader:
        """A browser of the installation's administrator."""
        from core.people.accounts.model import ADMIN_LASTS

        _, token = await accounts.administrator(self.sample.database, email, "en", ADMIN_LASTS)
        await accounts.redeem(self.sample.database, token, PASSWORD, self.office.proofs)
        reader = self.reader()
        await reader.sign_in(email)
        return reader


@asynccontextmanager
async def site_of(
    sample: Sample, catalogues: Catalogues, *, pages: tuple[Page, ...] = PAGES, base: str = "http://kopro.example"
) -> AsyncIterator[Site]:
    """The office, served on loopback. `base`: where its links lead; https makes its cookies secure."""
    application = office(sample.database, catalogues, SECRET, base, trace, CountedPasswords(), pages)
    async with site_at(sample, application) as made:
        yield made


@asynccontextmanager
async def site_at(sample: Sample, made: web.Application) -> AsyncIterator[Site]:
    """An office on loopback, until the block ends."""
    top = web.Application()
    top.router.add_static("/static", FOLDER / "static")
    top.add_subapp(PREFIX, made)
    runner = web.AppRunner(top, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site = Site(sample, f"http://127.0.0.1:{runner.addresses[0][1]}", made[OFFICE])
    try:
        yield site
    finally:
        for client in site.readers:
            await client.close()
        await runner.cleanup()
