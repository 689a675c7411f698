"""Who may ask, for what, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import ClientSession, web

from bot.trace import trace
from core.buildings import service as buildings
from core.kernel.errors import DomainError
from core.kernel.i18n import Catalogues
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import SCOPES
from tests.core.test_tenants import fetch
from tests.ground_floor import Hands, Sample
from tests.web_admin.api.conftest import Tool, payment, token_of
from web_admin.api.document import ENDPOINTS
from web_admin.api.pace import MOST_REMEMBERED, Pace
from web_admin.api.routes import routes


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_scope_opens_what_it_is_for_and_nothing_else(
    sample: Sample, tool: Tool, client: ClientSession, scope: str
) -> None:
    one = Tool(client, tool.address, await token_of(sample, sample.organisation, [scope]))
    opened = 0
    for endpoint in ENDPOINTS:
        path = endpoint.path.replace("{building}", "tilleuls").replace("{person}", "lea-dubois")
        if endpoint.method == "GET":
            said = await one.get(path)
        else:
            said = await one.post(path, {})
        if endpoint.scope == scope:
            opened += 1
            assert said.status in (200, 422), endpoint.name
        else:
            assert (said.status, said.code) == (403, "no_scope"), endpoint.name
            assert endpoint.scope in said.json["detail"]
    assert opened > 0


async def test_no_token_is_like_the_other(sample: Sample, tool: Tool, clock: Hands) -> None:
    """Unknown, revoked, expired, missing: the same answer to the byte."""
    assert (await tool.get("/buildings")).status == 200
    async with sample.database.work(sample.organisation) as uow:
        revoked, _ = await api_tokens.issue(uow, "revoked", ["buildings:read"])
        await api_tokens.revoke(uow, "revoked")
        expired, _ = await api_tokens.issue(uow, "expired", ["buildings:read"], timedelta(days=1))
        await uow.commit()
    clock.now += timedelta(days=1)
    answers = set()
    for token in ("kpg_" + "x" * 43, revoked, expired, "", "é", "x" * 4000):
        tool.token = token
        said = await tool.get("/buildings")
        assert (said.status, said.code) == (401, "unknown_token")
        assert said.headers["WWW-Authenticate"] == "Bearer"
        answers.add(said.text)
    said = await tool.ask("GET", "/buildings", headers={"Authorization": "Basic a29wcm86Z28="})
    answers.add(said.text)
    assert len(answers) == 1


async def test_a_token_is_kept_as_a_hash_and_its_last_use_is_known(sample: Sample, tool: Tool, clock: Hands) -> None:
    (row,) = await fetch(sample.owner, "SELECT * FROM api_tokens")
    assert tool.token.startswith("kpg_")
    assert tool.token not in str(dict(row))
    assert row["last_used"] is None
    for after, used in ((0, 0), (30, 0), (30, 60), (59, 60), (3600, 3719)):
        clock.now += timedelta(seconds=after)
        assert (await tool.get("/buildings")).status == 200
        (row,) = await fetch(sample.owner, "SELECT last_used, created_at FROM api_tokens")
        assert row["last_used"] - row["created_at"] == timedelta(seconds=used)


async def test_names_scopes_and_days(sample: Sample, clock: Hands) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await api_tokens.issue(uow, " books ", ["accounts:read", "buildings:read", "accounts:read"], timedelta(days=2))
        (token,) = await api_tokens.every(uow)
        assert (token.name, token.scopes) == ("books", ("buildings:read", "accounts:read"))
        for name, scopes, days, wrong in (
            ("books", ["buildings:read"], 1, "name_taken"),
            ("", ["buildings:read"], 1, "wrong_name"),
            ("a\nb", ["buildings:read"], 1, "wrong_name"),
            ("x" * 101, ["buildings:read"], 1, "wrong_name"),
            ("other", ["everything"], 1, "unknown_scope"),
            ("other", [], 1, "unknown_scope"),
            ("other", ["buildings:read"], 0, "wrong_days"),
            ("other", ["buildings:read"], 3651, "wrong_days"),
        ):
            with pytest.raises(DomainError) as refusal:
                await api_tokens.issue(uow, name, scopes, timedelta(days=days))
            assert refusal.value.text.key == f"api_tokens.{wrong}"
        await uow.commit()
    clock.now += timedelta(days=2)
    async with sample.database.work(sample.organisation) as uow:
        await api_tokens.issue(uow, "books", ["buildings:read"])
        await api_tokens.revoke(uow, "books")
        with pytest.raises(DomainError):
            await api_tokens.revoke(uow, "books")
        assert await api_tokens.every(uow) == []


async def test_a_token_of_one_is_not_revoked_by_another(sample: Sample, tool: Tool, stranger: Tool) -> None:
    (row,) = await fetch(sample.owner, "SELECT name FROM api_tokens WHERE organisation_id = $1", sample.organisation)
    async with sample.database.work() as uow:
        await uow.enter((await buildings.organisations(sample.database))["others"])
        with pytest.raises(DomainError):
            await api_tokens.revoke(uow, row["name"])
    assert (await tool.get("/buildings")).status == 200


async def test_who_asks_too_often_waits(
    sample: Sample, catalogues: Catalogues, tool: Tool, client: ClientSession
) -> None:
    now = 0.0
    pages = web.Application()
    pages.router.add_routes(routes(sample.database, catalogues, trace, Pace(5, 2.0, lambda: now)))
    runner = web.AppRunner(pages)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1"
    hasty = Tool(client, address, tool.token)
    assert [(await hasty.get("/buildings")).status for _ in range(7)] == [200] * 5 + [429] * 2
    refused = await hasty.get("/buildings")
    assert (refused.code, refused.headers["Retry-After"]) == ("too_fast", "1")
    other = Tool(client, address, await token_of(sample, sample.organisation))
    assert (await other.get("/buildings")).status == 200
    now = 0.5
    assert [(await hasty.get("/buildings")).status for _ in range(2)] == [200, 429]
    await runner.cleanup()


def test_the_pace_remembers_only_so_many() -> None:
    now = 0.0
    pace = Pace(2, 1.0, lambda: now)
    assert [pace.wait(b"a"), pace.wait(b"a"), pace.wait(b"a")] == [0.0, 0.0, 1.0]
    for number in range(MOST_REMEMBERED):
        assert pace.wait(b"%d" % number) == 0.0
    assert pace.wait(b"a") == 0.0
    now = 1000.0
    assert [pace.wait(b"a"), pace.wait(b"a"), pace.wait(b"a")] == [0.0, 0.0, 1.0]


async def test_without_the_database_the_service_says_that_it_is_busy(sample: Sample, tool: Tool) -> None:
    sample.database._wait = 0.05
    async with sample.database.work():
        places = [await sample.database._places.acquire() for _ in range(7)]
        try:
            said = await tool.get("/buildings")
            assert (said.status, said.code, said.headers["Retry-After"]) == (503, "busy", "5")
        finally:
            for _ in places:
                sample.database._places.release()
    assert (await tool.get("/buildings")).status == 200


async def test_a_fault_of_ours_says_nothing_of_itself(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError(" ".join(("a", "secret")))

    monkeypatch.setattr("core.interchange.additions.service.enter_payments", broken)
    said = await tool.post("/buildings/tilleuls/payments", payment("lea-dubois"))
    assert (said.status, said.code) == (500, "ours")
    assert "a secret" not in said.text + caplog.text
    assert said.json["detail"].split()[-1].rstrip(".") in caplog.text
