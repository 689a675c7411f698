"""Where the API is served."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import hdrs, web

from core.database import Database
from core.kernel.i18n import Catalogues
from core.kernel.text import say
from web_admin.api.document import ENDPOINTS, PREFIX, document
from web_admin.api.endpoint import Answer, Api, json_text, tagged
from web_admin.api.pace import Pace
from web_admin.api.problems import Problem, not_found

DOCUMENT = "/openapi.json"


def routes(
    database: Database, catalogues: Catalogues, trace: Callable[[BaseException], str], pace: Pace | None = None
) -> list[web.RouteDef]:
    """Everything below `/api/v1`. `trace`: the words of an unexpected failure that may go to the log."""
    api = Api(database, catalogues, trace, pace or Pace())
    described = Answer(json_text(document()))

    async def openapi(request: web.Request) -> web.StreamResponse:
        return tagged(request, described)

    async def nothing(request: web.Request) -> web.StreamResponse:
        raise not_found()

    found: list[web.RouteDef] = []
    for path in dict.fromkeys(endpoint.path for endpoint in ENDPOINTS):
        here = [endpoint for endpoint in ENDPOINTS if endpoint.path == path]
        for one in here:
            add = web.get if one.method == hdrs.METH_GET else web.post
            found.append(add(PREFIX + path, api.served(one)))
        found.append(_no_other(api, PREFIX + path, [one.method for one in here]))
    found.append(web.get(PREFIX + DOCUMENT, api.told(openapi)))
    found.append(_no_other(api, PREFIX + DOCUMENT, [hdrs.METH_GET]))
    found.append(web.route(hdrs.METH_ANY, PREFIX + "{rest:(/.*)?}", api.told(nothing)))
    return found


def _no_other(api: Api, path: str, methods: list[str]) -> web.RouteDef:
    """Says which methods there are, whichever other one was tried."""
    allowed = ", ".join([*methods, *([hdrs.METH_HEAD] if hdrs.METH_GET in methods else [])])

    async def refused(request: web.Request) -> web.StreamResponse:
        raise Problem(405, say("api.wrong_method", allowed=allowed), headers={"Allow": allowed})

    return web.route(hdrs.METH_ANY, path, api.told(refused))
