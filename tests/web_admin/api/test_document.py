"""The document says what is served, all of it, and nothing else: read by hand, and asked by Schemathesis."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from core.people.api_tokens.model import SCOPES
from tests.core.test_tenants import fetch
from tests.ground_floor import Sample
from tests.web_admin.api.conftest import EXPENSES, PAYMENTS, Tool, expense, payment
from web_admin.api.document import ENDPOINTS, document

MINUTES = 4


def whole(schema: Any) -> Any:
    """A schema of the document that can stand by itself."""
    return json.loads(json.dumps({**schema, "components": document()["components"]}))


def test_every_endpoint_and_every_answer_stands_there() -> None:
    paths = document()["paths"]
    assert set(paths) == {endpoint.path for endpoint in ENDPOINTS} | {"/openapi.json"}
    always = {"400", "401", "403", "404", "405", "429", "500", "503"}
    entering = {"201", "409", "413", "415", "422"}
    for endpoint in ENDPOINTS:
        operation = paths[endpoint.path][endpoint.method.lower()]
        assert set(operation["responses"]) == always | ({"200", "304"} if endpoint.method == "GET" else entering)
        assert endpoint.scope in operation["description"]
    assert {endpoint.scope for endpoint in ENDPOINTS} == set(SCOPES)
    names = [endpoint.name for endpoint in ENDPOINTS]
    assert len(set(names)) == len(names)


def test_every_schema_is_one_and_its_example_is_valid() -> None:
    described = document()
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    seen = 0
    for at in described["paths"].values():
        for operation in (at[method] for method in ("get", "post") if method in at):
            shown = [answer.get("content", {}) for answer in operation["responses"].values()]
            shown.append(operation.get("requestBody", {}).get("content", {}))
            for content in shown:
                for media in content.values():
                    if "example" in media:
                        Draft202012Validator(whole(media["schema"])).validate(media["example"])
                        seen += 1
    assert seen == len(ENDPOINTS) + 2


def test_money_is_whole_cents() -> None:
    schemas = document()["components"]["schemas"]
    money = [
        field
        for schema in schemas.values()
        for name, field in schema.get("properties", {}).items()
        if name.endswith("_cents")
    ]
    assert len(money) > 10
    assert all(field["type"] == "integer" for field in money)
    assert '"number"' not in json.dumps([field.get("type") for field in money])


async def test_anybody_may_read_it(tool: Tool) -> None:
    said = await tool.ask("GET", "/openapi.json", headers={"Authorization": ""})
    assert (said.status, said.json) == (200, json.loads(json.dumps(document())))
    again = await tool.ask("GET", "/openapi.json", headers={"If-None-Match": said.headers["ETag"]})
    assert again.status == 304


async def test_what_is_answered_is_what_is_described(tool: Tool) -> None:
    schemas = document()["components"]["schemas"]
    assert (await tool.post(EXPENSES, expense())).status == 201
    assert (await tool.post(PAYMENTS, payment("lea-dubois"))).status == 201
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            path = endpoint.path.replace("{building}", "tilleuls").replace("{person}", "lea-dubois")
            said = await tool.get(path)
            Draft202012Validator(whole(schemas[endpoint.gives])).validate(said.json)
    refused = await tool.post(EXPENSES, [expense(account="x"), {}])
    Draft202012Validator(whole(schemas["Problem"])).validate(refused.json)


@pytest.mark.server
@pytest.mark.parametrize(
    "named", ["[parameters]\nbuilding = 'tilleuls'\nperson = 'lea-dubois'\n", ""], ids=["known", "any"]
)
async def test_schemathesis_finds_nothing(tool: Tool, sample: Sample, tmp_path: Path, named: str) -> None:
    """It asks, of a known building and of any, what the document allows and what it does not: no 500, no answer that is not described.

    Left out is one check: whether what fits the schema keeps the rules of the books, or begins before it ends, is not for a schema to say.
    """
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(f"[phases.stateful]\nenabled = false\n{named}", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(settings),
            "run",
            f"{tool.address}/openapi.json",
        ),
        *("--url", tool.address, "--header", f"Authorization: Bearer {tool.token}", "--seed", "20261122"),
        *("--max-examples", "25", "--generation-database", "none", "--no-color", "--workers", "1"),
        *("--exclude-checks", "positive_data_acceptance"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60 * MINUTES)
    assert process.returncode == 0, said.decode()[-20_000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", said.decode())
    assert cases is not None, said.decode()[-2_000:]
    assert int(cases[1]) == int(cases[2]) > 1000
    (entered,) = await fetch(sample.owner, "SELECT count(*) AS so_many FROM api_answers WHERE status = 201")
    assert entered["so_many"] > 0, "the examples of the document are entered"
