"""One thing that can be asked for, and how it is answered: by whom, how often, in what language, and what is said where it is not."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from core.buildings.model import Known
from core.database import Busy, Database, UnitOfWork
from core.interchange.extracts import service as extracts
from core.kernel.i18n import Catalogues, Words
from core.kernel.ids import new_code
from core.kernel.text import say
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import Bearer
from web_admin.api.pace import Pace
from web_admin.api.parameters import USUAL, Parameter, read_query, storable, write_place
from web_admin.api.problems import Problem, not_found, problem_answer
from web_admin.reader import preferred

logger = logging.getLogger(__name__)

LONGEST_SECRET = 200
BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: JSON, with its status."""

    text: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request of somebody who may make it, with its parameters read."""

    endpoint: Endpoint
    request: web.Request
    bearer: Bearer
    database: Database
    query: Mapping[str, Any]

    @property
    def most(self) -> int:
        limit: int = self.query.get("limit", USUAL)
        return limit

    def named(self, name: str) -> str:
        """A part of the path. Problem where nothing can have such a name."""
        text = self.request.match_info[name]
        if not storable(text):
            raise not_found()
        return text

    async def building(self, uow: UnitOfWork) -> Known:
        """The building in the path. Problem where this organisation has none of that name."""
        known = await extracts.building(uow, self.named("building"))
        if known is None:
            raise not_found()
        return known


Show = Callable[[Ask], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`gives` and `takes` are schemas of the document; `query` all parameters that there are. `scope` is what a token needs."""

    method: str
    path: str
    name: str
    about: str
    scope: str
    show: Show
    gives: str
    query: tuple[Parameter, ...] = ()
    takes: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """What every request is answered with. `trace`: the words of an unexpected failure that may go to the log."""

    database: Database
    catalogues: Catalogues
    trace: Callable[[BaseException], str]
    pace: Pace

    def words(self, request: web.Request) -> Words:
        return self.catalogues[preferred(request.headers.get("Accept-Language", ""), self.catalogues)]

    def served(self, endpoint: Endpoint) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            bearer = await self._bearer(request)
            if endpoint.scope not in bearer.scopes:
                raise Problem(403, say("api.no_scope", scope=endpoint.scope))
            ask = Ask(endpoint, request, bearer, self.database, read_query(request, endpoint.query))
            return tagged(request, await endpoint.show(ask))

        return self.told(answer)

    def told(self, handler: Handler) -> Handler:
        """The same, with every failure said as a problem."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except Problem as problem:
                response = problem_answer(problem, self.words(request))
            except (Busy, OSError) as error:
                if isinstance(error, ConnectionResetError):
                    raise
                busy = Problem(503, say("api.busy"), headers={"Retry-After": str(BUSY_SECONDS)})
                response = problem_answer(busy, self.words(request))
            except Exception as error:
                reference = new_code()
                logger.error("a request to the API failed, reference %s\n%s", reference, self.trace(error))
                response = problem_answer(Problem(500, say("api.ours", reference=reference)), self.words(request))
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return answer

    async def _bearer(self, request: web.Request) -> Bearer:
        """Who asks. Problem where nobody does whom we know: the same for a token that never was, is over, or was taken back."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        secret = secret.strip()
        found = None
        if scheme.lower() == "bearer" and 0 < len(secret) <= LONGEST_SECRET and secret.isascii():
            pause = self.pace.wait(sha256(secret.encode()).digest())
            if pause:
                raise Problem(429, say("api.too_fast"), headers={"Retry-After": str(ceil(pause))})
            found = await api_tokens.bearer(self.database, secret)
        if found is None:
            raise Problem(401, say("api.unknown_token"), headers={"WWW-Authenticate": "Bearer"})
        return found


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def listed(rows: list[Any], after: Any) -> Answer:
    """A piece of a list, and where it goes on."""
    return Answer(json_text({"items": rows, "next": write_place(after) if after else None}))


def tagged(request: web.Request, answer: Answer) -> web.Response:
    """The answer with a tag of what it says; without its text where whoever asks has it already (RFC 9110, 13.1.2)."""
    headers = {"Cache-Control": "private, no-cache", **answer.headers}
    if request.method in ("GET", "HEAD"):
        tag = f'"{sha256(answer.text.encode()).hexdigest()[:32]}"'
        headers["ETag"] = tag
        has = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
        if tag in has or "*" in has:
            return web.Response(status=304, headers=headers)
    return web.Response(text=answer.text, status=answer.status, content_type="application/json", headers=headers)
