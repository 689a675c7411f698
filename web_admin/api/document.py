"""The document that describes the API (OpenAPI 3.1), made of what stands beside each endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.interchange.cells import LONGEST_NAME
from core.people.api_tokens.model import SCOPES
from web_admin.api import accounts, books, buildings, deliveries
from web_admin.api.bodies import JSON, MOST_BYTES
from web_admin.api.endpoint import Endpoint
from web_admin.api.parameters import Parameter
from web_admin.api.problems import MEDIA_TYPE
from web_admin.api.shapes import Shape, example_of, listing, ref, text, thing, whole, without

VERSION = "1.0.0"
"""Of the API, not of the program: what is added raises the second number; what breaks would be `/api/v2`."""

PREFIX = "/api/v1"
LONGEST_SLUG = 40
ENDPOINTS: tuple[Endpoint, ...] = (
    *buildings.ENDPOINTS,
    *accounts.ENDPOINTS,
    *books.ENDPOINTS,
    *deliveries.ENDPOINTS,
)

PROBLEM = without(
    thing(
        "Why a request was not done (RFC 9457). `detail` is one sentence in the language of Accept-Language; `code` never changes.",
        type=text("about:blank"),
        title=text("Unprocessable Entity"),
        status=whole(422),
        code=text("mistakes"),
        detail=text("Nothing was entered: there is a mistake."),
        errors=listing(
            thing(
                "One mistake.",
                row={
                    "type": ["integer", "null"],
                    "description": "In which row of a batch, counted from 0; null: in none alone.",
                    "example": 0,
                },
                fields=listing(text("total_cents"), "In which fields, parameters or headers."),
                detail=text("total is 445.21, but 420.00 plus 6 % VAT is 445.20"),
            )
        ),
    ),
    "errors",
)

SCHEMAS: Mapping[str, Shape] = {
    **buildings.SCHEMAS,
    **accounts.SCHEMAS,
    **books.SCHEMAS,
    **deliveries.SCHEMAS,
    "Problem": PROBLEM,
}

_SAID = {
    "400": ("BadRequest", "A parameter, a header or the JSON of the body cannot be read."),
    "401": ("Unauthorized", "The token is missing, not known, expired or revoked: which of these is not told."),
    "403": ("Forbidden", "The token is not good for this."),
    "404": ("NotFound", "There is no such thing in this organisation."),
    "405": ("MethodNotAllowed", "This is read, or entered; the header Allow says which."),
    "409": ("Conflict", "A request with the same Idempotency-Key is being done at this moment; ask again."),
    "413": ("TooLarge", f"The body has more than {MOST_BYTES} bytes."),
    "415": ("WrongType", f"The body is not {JSON}."),
    "422": (
        "Unprocessable",
        "What was given breaks the rules, or the Idempotency-Key stands for another request. Nothing was entered.",
    ),
    "429": ("TooFast", "The token asks too often."),
    "500": ("Ours", "A fault of the program. Nothing was entered."),
    "503": ("Busy", "The database is not to be had at this moment."),
}
_HEADERS: Mapping[str, tuple[str, str]] = {
    "401": ("WWW-Authenticate", "Always `Bearer`."),
    "405": ("Allow", "The methods that there are."),
    "409": ("Retry-After", "Seconds."),
    "429": ("Retry-After", "Seconds."),
    "503": ("Retry-After", "Seconds."),
}


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        at = paths.setdefault(endpoint.path, {"parameters": _path_parameters(endpoint.path)})
        if not at["parameters"]:
            del at["parameters"]
        at[endpoint.method.lower()] = _operation(endpoint)
    paths["/openapi.json"] = {
        "get": {
            "operationId": "openapi",
            "summary": "This document.",
            "security": [],
            "responses": {
                "200": {"description": "The document.", "content": {JSON: {"schema": {"type": "object"}}}},
                "304": {"description": "It is the one whose ETag was given."},
                **_refusals("405"),
            },
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "KoproGo for accounting tools",
            "version": VERSION,
            "description": (
                "Reads the buildings, people, accounts and deliveries of an organisation, and enters expenses and payments. All amounts are"
                " whole cents. Dates are days of the building's calendar."
            ),
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A token of the organisation, good for one or more of: {', '.join(SCOPES)}.",
                }
            },
            "schemas": {name: _plain(shape) for name, shape in SCHEMAS.items()},
            "responses": {name: _refusal(status, about) for status, (name, about) in _SAID.items()},
            "parameters": {"IdempotencyKey": _key_parameter()},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    reads = endpoint.method == "GET"
    good = _content(endpoint.gives)
    if reads:
        tag = {"ETag": {"description": "Of what is answered.", "schema": {"type": "string"}}}
        answers: dict[str, Any] = {
            "200": {"description": "What was asked for.", "headers": tag, "content": good},
            "304": {"description": "It is what has the ETag in If-None-Match.", "headers": tag},
            **_refusals("400", "401", "403", "404", "405", "429", "500", "503"),
        }
    else:
        again = {"description": "`true` where it had been entered before.", "schema": {"type": "string"}}
        answers = {
            "201": {"description": "Entered.", "headers": {"Idempotency-Replayed": again}, "content": good},
            **_refusals("400", "401", "403", "404", "405", "409", "413", "415", "422", "429", "500", "503"),
        }
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.about,
        "description": f"Needs a token with the scope `{endpoint.scope}`.",
        "responses": answers,
    }
    if parameters := [_parameter(each) for each in endpoint.query]:
        found["parameters"] = parameters
    if endpoint.takes:
        found["parameters"] = [{"$ref": "#/components/parameters/IdempotencyKey"}]
        one = endpoint.takes.removesuffix("s")
        given = {JSON: {"schema": ref(endpoint.takes), "example": example_of(SCHEMAS[one], SCHEMAS)}}
        found["requestBody"] = {"required": True, "content": given}
    return found


def _content(name: str) -> dict[str, Any]:
    return {JSON: {"schema": ref(name), "example": example_of(SCHEMAS[name], SCHEMAS)}}


def _refusals(*statuses: str) -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/{_SAID[status][0]}"} for status in statuses}


def _refusal(status: str, about: str) -> dict[str, Any]:
    found: dict[str, Any] = {"description": about, "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}
    if status in _HEADERS:
        name, meaning = _HEADERS[status]
        found["headers"] = {name: {"description": meaning, "schema": {"type": "string"}}}
    return found


def _path_parameters(path: str) -> list[dict[str, Any]]:
    about = {
        "building": ("The building's name in addresses.", "tilleuls", LONGEST_SLUG),
        "person": ("The code of a person in the building.", "lea", LONGEST_NAME),
    }
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": meaning,
            "schema": {"type": "string", "minLength": 1, "maxLength": most},
            "example": example,
        }
        for name, (meaning, example, most) in about.items()
        if f"{{{name}}}" in path
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = {name: value for name, value in parameter.schema.items() if name != "example"}
    found = {"name": parameter.name, "in": "query", "description": parameter.about, "schema": schema}
    if "example" in parameter.schema:
        found["example"] = parameter.schema["example"]
    return found


def _key_parameter() -> dict[str, Any]:
    return {
        "name": books.KEY,
        "in": "header",
        "required": True,
        "description": (
            "Your own name of this request, a new one for each. For 24 hours the same request with the same key is answered with what"
            " was entered the first time, and nothing is entered again."
        ),
        "schema": {"type": "string", "pattern": f"^[!-~]{{1,{books.LONGEST_KEY}}}$"},
        "example": "1f0c6c9e-2a1f-4b07-8d3c-55a1c5a6b0fe",
    }


def _plain(shape: Any) -> Any:
    """A schema with its examples as JSON Schema 2020-12 has them: in a list."""
    if isinstance(shape, Mapping):
        found = {name: _plain(value) for name, value in shape.items() if name != "example"}
        if "example" in shape and "properties" not in shape:
            found["examples"] = [shape["example"]]
        return found
    if isinstance(shape, Sequence) and not isinstance(shape, str):
        return [_plain(value) for value in shape]
    return shape
