"""The API over HTTP on a real database, with a token for everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession, web
from multidict import CIMultiDict

from bot.trace import trace
from core.buildings import store as buildings
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.kernel.i18n import Catalogues
from core.kernel.ids import new_id
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import SCOPES
from tests.ground_floor import SAMPLE, Sample
from web_admin.api.pace import Pace
from web_admin.api.routes import routes

BUILDING = "/buildings/tilleuls"
EXPENSES, PAYMENTS = f"{BUILDING}/expenses", f"{BUILDING}/payments"


@dataclass
class Said:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json["items"]
        return found

    @property
    def code(self) -> str:
        """Of a problem, which is one by its media type too."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.text
        assert self.json["status"] == self.status
        assert self.json["detail"].strip()
        return str(self.json["code"])

    @property
    def fields(self) -> set[tuple[int | None, str]]:
        """Where the mistakes are."""
        return {(error["row"], name) for error in self.json["errors"] for name in error["fields"] or [""]}


@dataclass
class Tool:
    """An accounting tool with a token."""

    client: ClientSession
    address: str
    token: str
    language: str = "en"
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **more: Any) -> Said:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language, **self.headers}
        headers.update(more.pop("headers", {}))
        async with self.client.request(method, f"{self.address}{path}", headers=headers, **more) as answer:
            return Said(answer.status, CIMultiDict(answer.headers), await answer.text())

    async def get(self, path: str, /, **query: Any) -> Said:
        return await self.ask("GET", path, params={name.rstrip("_"): str(value) for name, value in query.items()})

    async def post(self, path: str, body: Any, key: str | None = None) -> Said:
        return await self.ask("POST", path, json=body, headers={"Idempotency-Key": key or new_id().hex})

    async def walk(self, path: str, /, **query: Any) -> list[dict[str, Any]]:
        """A whole list, piece by piece."""
        found: list[dict[str, Any]] = []
        while True:
            piece = await self.get(path, **query)
            assert piece.status == 200, piece.text
            found += piece.items
            if piece.json["next"] is None:
                return found
            assert piece.items
            query["next"] = piece.json["next"]


async def token_of(sample: Sample, organisation: UUID, scopes: Sequence[str] = SCOPES) -> str:
    async with sample.database.work(organisation) as uow:
        secret, _ = await api_tokens.issue(uow, f"tool {new_id().hex}", scopes)
        await uow.commit()
        return secret


@pytest.fixture
async def address(sample: Sample, catalogues: Catalogues) -> AsyncIterator[str]:
    pages = web.Application()
    pages.router.add_routes(routes(sample.database, catalogues, trace, Pace(100_000, 10_000)))
    runner = web.AppRunner(pages)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1"
    await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
async def tool(sample: Sample, address: str, client: ClientSession) -> Tool:
    """One that may do everything in the organisation of the sample building."""
    return Tool(client, address, await token_of(sample, sample.organisation))


@pytest.fixture
async def stranger(sample: Sample, address: str, client: ClientSession) -> Tool:
    """One that may do everything in another organisation, which has a building of its own."""
    async with sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "others")
        with Folder.open(SAMPLE) as folder:
            files = read_building(folder)
        elsewhere = replace(files.building, slug="ailleurs", name="Ailleurs")
        await import_building(uow, replace(files, building=elsewhere), None)
        await uow.commit()
    return Tool(client, address, await token_of(sample, other))


def expense(number: str = "API-1", **more: Any) -> dict[str, Any]:
    """An expense that may be entered."""
    return {
        "number": number,
        "date": "2026-11-20",
        "supplier": "Ascenseurs Dupont SA",
        "description": "Entretien",
        "net_cents": 10000,
        "vat_rate": 6,
        "total_cents": 10600,
        "account": "61100",
        "key": "general",
        "nature": "ordinary",
        "borne_by": "owner",
        **more,
    }


def payment(person: str, **more: Any) -> dict[str, Any]:
    """A payment that may be entered."""
    return {"date": "2026-11-20", "person": person, "amount_cents": 12345, "source": "bank", **more}
