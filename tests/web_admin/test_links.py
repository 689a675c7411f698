"""Pages behind links in mails: to open one does nothing, its button acts, and what was not signed here leads nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import ClientSession, web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from core.kernel.ids import new_id
from core.messaging.channel import Address
from koprogo.behind import BehindLinks
from koprogo.links import Links
from tests.bot.conftest import rows
from tests.ground_floor import Sample
from tests.talking import Talking
from web_admin.links.pages import LinkPages
from web_admin.routes import FOLDER

LEA = "lea.dubois@tilleuls.example"
LINKS = Links(b"s" * 32, "https://kopro.example")


@dataclass
class Site:
    """The pages over HTTP, and the card of the last answer with its links."""

    client: ClientSession
    address: str
    talking: Talking
    sample: Sample

    async def get(self, path: str, language: str = "nl") -> tuple[int, str]:
        async with self.client.get(self.address + path, headers={"Accept-Language": language}) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str) -> tuple[int, str]:
        async with self.client.post(self.address + path) as answer:
            return answer.status, await answer.text()

    async def link(self, number: int) -> str:
        """The path of a choice on the last card."""
        row = (
            await rows(
                self.sample,
                "SELECT d.delivery_id, c.token FROM deliveries d JOIN choices c USING (delivery_id)"
                f" WHERE c.position = {number} ORDER BY d.ordinal DESC LIMIT 1",
            )
        )[0]
        key: UUID = row["delivery_id"]
        link = LINKS.choice(key.hex, row["token"])
        assert link is not None
        return link.removeprefix("https://kopro.example")

    async def waits(self) -> list[str]:
        """What arrived through pages and waits for the bot: the choices."""
        found = await rows(
            self.sample,
            "SELECT content ->> 'choice' AS choice FROM inbox WHERE ref LIKE 'page %' AND state = 'waiting'",
        )
        return [row["choice"] for row in found]


@pytest.fixture
async def site(talking: Talking, sample: Sample) -> AsyncIterator[Site]:
    templates = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=select_autoescape())
    pages = web.Application()
    behind = BehindLinks(sample.database, LINKS)
    pages.router.add_routes(LinkPages(behind, talking.application.catalogues, templates).routes())
    runner = web.AppRunner(pages)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as client:
        yield Site(client, f"http://127.0.0.1:{runner.addresses[0][1]}", talking, sample)
    await runner.cleanup()


async def test_opening_a_choice_does_nothing_and_its_button_acts(site: Site) -> None:
    await site.talking.say(LEA, "combien je dois ?")
    path = await site.link(2)
    for _ in range(2):
        status, page = await site.get(path)
        assert status == 200
        assert '<html lang="fr">' in page, "its reader's language, not the browser's"
        assert "740,40" in page
        assert ">Payer<" in page
        assert '<form method="post">' in page
    assert await site.waits() == []
    status, page = await site.post(path)
    assert (status, "Payer" in page) == (200, True)
    assert len(await site.waits()) == 1
    del site.talking.console.shown[:]
    await site.talking.application.reception().serve_all(Address("console", LEA))
    assert [shown.card.title for shown in site.talking.console.shown] == ["Voici comment payer 740,40\u00a0€"]


async def test_a_link_that_is_not_ours_leads_nowhere(site: Site) -> None:
    await site.talking.say(LEA, "combien je dois ?")
    path = await site.link(1)
    sealed, token = path.split("/")[2:]
    stranger = Links(b"t" * 32, "https://kopro.example").choice(new_id().hex, token)
    unknown = LINKS.choice(new_id().hex, token)
    assert stranger is not None
    assert unknown is not None
    for wrong in (
        f"/c/{sealed}/other-token",
        f"/c/{sealed[:-2]}aa/{token}",
        stranger[21:],
        unknown[21:],
        "/c/%00/x",
        "/u/x",
    ):
        for answer in (await site.get(wrong), await site.post(wrong)):
            assert answer[0] == 404
            assert "leidt nergens meer heen" in answer[1]
            assert "form" not in answer[1]
    assert await site.waits() == []


async def test_a_link_grows_old(site: Site) -> None:
    await site.talking.say(LEA, "combien je dois ?")
    path = await site.link(1)
    site.talking.clock.now += timedelta(days=31)
    assert (await site.get(path))[0] == 404
    assert (await site.post(path))[0] == 404


async def test_one_click_unsubscribes(site: Site) -> None:
    link = LINKS.unsubscribe(Address("email", LEA))
    assert link is not None
    path = link.removeprefix("https://kopro.example")
    status, page = await site.get(path)
    assert status == 200
    assert '<form method="post">' in page
    stopped = "SELECT stopped_at FROM directory WHERE channel = 'email' AND handle = 'lea.dubois@tilleuls.example'"
    await site.talking.application.reception().serve_all(Address("email", LEA))
    assert (await rows(site.sample, stopped))[0]["stopped_at"] is None
    assert (await site.post(path))[0] == 200
    await site.talking.application.reception().serve_all(Address("email", LEA))
    assert (await rows(site.sample, stopped))[0]["stopped_at"] is not None


async def test_what_a_person_wrote_is_text_on_the_page(site: Site) -> None:
    """A title is escaped, and nothing on the page runs."""
    await site.talking.say(LEA, "combien je dois ?")
    path = await site.link(1)
    await rows(
        site.sample,
        'UPDATE deliveries SET card = jsonb_set(card, \'{title}\', \'{"text": "", "values": {"value": "<script>x</script>"}}\')',
    )
    async with site.client.get(site.address + path) as answer:
        page = await answer.text()
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
