"""The office with a shelf, and somebody who fills in its wizard as a browser does."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from aiohttp import FormData
from sqlalchemy import text

from bot.trace import trace
from core.buildings import store as buildings
from core.kernel.i18n import Catalogues
from core.people.accounts.model import Role
from core.people.audit import service as audit
from tests.ground_floor import Sample
from tests.web_admin.reading import SECRET, CountedPasswords, Reader, Shown, Site, site_at
from web_admin.application import office
from web_admin.messages.reach import SHELF


class Fields(HTMLParser):
    """The fields of the form that is sent to a path, as a browser would send them: lists, selects and ticks too."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.fields = action, False, list[tuple[str, str]]()
        self.select, self.options, self.option = "", list[tuple[str, bool]](), False
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("action", "").endswith(self.action)
        if not self.inside:
            return
        if tag == "input" and given.get("name") and given.get("type") not in ("file",):
            if given.get("type") != "checkbox" or "checked" in given:
                self.fields.append((given["name"], given.get("value", "")))
        elif tag == "textarea":
            self.area = given["name"]
            self.fields.append((self.area, ""))
        elif tag == "select":
            self.select, self.options = given["name"], []
        elif tag == "option":
            self.options.append((given.get("value", "\0"), "selected" in given))
            self.option = "value" not in given

    def handle_data(self, data: str) -> None:
        if self.area:
            name, so_far = self.fields.pop()
            self.fields.append((name, so_far + (data if so_far else data.removeprefix("\n"))))
        if self.select and self.option and self.options:
            self.options[-1] = (data.strip(), self.options[-1][1])
            self.option = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = ""
        elif tag == "select" and self.select:
            chosen = [value for value, selected in self.options if selected]
            self.fields.append((self.select, (chosen or [value for value, _ in self.options][:1] or [""])[-1]))
            self.select = ""


@dataclass
class Clerk:
    """Somebody at the wizard."""

    reader: Reader
    draft: str = ""

    async def begin(self, name: str) -> Shown:
        await self.reader.get("/setup/new")
        shown = await self.reader.send({"name": name}, to="")
        self.draft = re.search(r"/setup/([0-9a-f-]{36})", shown.path)[1]  # type: ignore[index]
        return shown

    async def open(self, step: str = "", query: str = "") -> Shown:
        return await self.reader.get(f"/setup/{self.draft}{'/' if step else ''}{step}{query}")

    async def fill(
        self, step: str, given: Mapping[str, str | Sequence[str]], *, do: str = "next", on: Shown | None = None
    ) -> Shown:
        """Opens a step, fills some fields in, and sends all of them. A list: several ticks of one name; an empty one: none."""
        shown = on or await self.open(step)
        fields = [each for each in Fields(shown.text, f"/{step}").fields if each[0] not in given]
        for name, value in given.items():
            fields += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        data = FormData()
        for name, value in [*fields, ("do", do)]:
            data.add_field(name, value)
        return await self.reader.post(f"/setup/{self.draft}/{step}", data)  # type: ignore[arg-type]


@dataclass
class Firm:
    """The office of the sample's syndic, and another tenant."""

    site: Site
    stranger: UUID

    @property
    def sample(self) -> Sample:
        return self.site.sample

    async def clerk(self, email: str = "clerk@firm.example", role: Role = Role.SYNDIC, **more: Any) -> Clerk:
        return Clerk(await self.site.signed_in(email, role, **more))

    async def count(self, table: str) -> int:
        async with self.sample.database.work(self.sample.organisation) as uow:
            return int(await uow.connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)

    async def deeds(self) -> list[str]:
        async with self.sample.database.work(self.sample.organisation) as uow:
            return [entry.deed for entry in reversed((await audit.entries(uow)).entries)]


@pytest.fixture
async def firm(sample: Sample, catalogues: Catalogues, tmp_path: Any, monkeypatch: Any) -> AsyncIterator[Firm]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    application = office(sample.database, catalogues, SECRET, "http://kopro.example", trace, CountedPasswords())
    application[SHELF] = sample.shelf
    async with site_at(sample, application) as site:
        async with sample.database.work() as uow:
            stranger = await buildings.add_organisation(uow, "another")
            await uow.commit()
        yield Firm(site, stranger)
