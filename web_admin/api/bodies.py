"""Reads what a request brings along: JSON of a limited size."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from aiohttp import web

from core.kernel.text import say
from web_admin.api.problems import Problem

MOST_BYTES = 1_000_000
JSON = "application/json"


async def read_bytes(request: web.Request) -> bytes:
    """The body as it came. Problem where it is no JSON by its own account, or more than anybody needs."""
    if request.content_type != JSON or (request.charset or "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Problem(415, say("api.wrong_type"))
    too_large = Problem(413, say("api.too_large", most=str(MOST_BYTES)))
    if (request.content_length or 0) > MOST_BYTES:
        raise too_large
    content = bytearray()
    try:
        async for piece in request.content.iter_any():
            content += piece
            if len(content) > MOST_BYTES:
                raise too_large
    except web.RequestPayloadError:
        raise Problem(400, say("api.wrong_body")) from None
    return bytes(content)


def read_json(content: bytes) -> Any:
    """The value. Fractions are decimals: none of them comes near money as a float. Problem where it is no JSON, or says a name twice."""
    try:
        return json.loads(
            content.decode("utf-8"), parse_float=Decimal, parse_constant=_refused, object_pairs_hook=_once
        )
    except (ValueError, ArithmeticError, RecursionError):
        raise Problem(400, say("api.wrong_body")) from None


def _refused(name: str) -> Any:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found
