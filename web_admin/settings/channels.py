"""One channel: whether it is on, how it does, and a test that goes to the visitor's own address on it."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from core.kernel.ids import new_id
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.delivery import Reader
from core.messaging.kinds import ACCOUNT
from core.outbox import service as outbox
from core.outbox.letters import service as tray
from core.outbox.model import FAILED, SENT, SKIPPED, Traffic
from core.people import service as people
from core.people.accounts.model import Act
from core.people.model import Person
from web_admin.messages.words import channel, evidence, fate, why
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.settings.wires import Wire, installation

OVER = frozenset({SENT, FAILED, SKIPPED})
"""Fates after which nothing more is waited for."""


async def show(visit: Visit) -> web.StreamResponse:
    return await _page(visit, _wire(visit))


async def test(visit: Visit) -> web.StreamResponse:
    """Tells the visitor something at his own address there, as anything else is told. The same form once more tells nothing."""
    wire = _wire(visit)
    if not wire.on or wire.on_paper:
        return await _page(visit, wire, say("office.settings.test.off"))
    reader, address = await _mine(visit, wire.channel)
    if reader is None or address is None:
        return await _page(visit, wire, say("office.settings.test.nowhere"))
    try:
        form = UUID(visit.typed("test", 40))
    except ValueError:
        return await _page(visit, wire, say("office.settings.test.again"))
    card: Card[Text] = Card(
        say("settings.test.title", channel=channel(wire.channel)),
        (say("settings.test.body", name=visit.who.account.name, at=visit.uow.now),),
    )
    visit.uow.tell(
        address, card, ACCOUNT, key=_key(wire.channel, form), reader=Reader(reader.person_id, reader.language)
    )
    await visit.uow.commit()
    return go_to(visit, f"/settings/channels/{wire.channel}/tests/{form}")


async def watch(visit: Visit) -> web.StreamResponse:
    """What became of a test; where the page asks for it again by itself, the fate alone."""
    wire = _wire(visit)
    try:
        form = UUID(visit.request.match_info["test"])
    except ValueError as error:
        raise web.HTTPNotFound from error
    ways = await outbox.ways_of(visit.uow, _key(wire.channel, form))
    if not ways:
        raise web.HTTPNotFound
    again = visit.request.headers.get("HX-Request") == "true"
    return render(
        visit,
        "settings/fate.html" if again else "settings/test.html",
        wire=wire,
        ways=ways,
        over=all(way.told.fate in OVER for way in ways),
        at=visit.uow.now,
        here=f"{PREFIX}/settings/channels/{wire.channel}/tests/{form}",
        back=f"{PREFIX}/settings/channels/{wire.channel}",
        channel=channel,
        evidence=evidence,
        fate=fate,
        why=why,
    )


async def _page(visit: Visit, wire: Wire, refused: Text | None = None) -> web.Response:
    ways = {way.channel: way.where for way in await installation(visit).ways()}
    person, address = await _mine(visit, wire.channel)
    traffic = await outbox.traffic(visit.uow)
    return render(
        visit,
        "settings/channel.html",
        422 if refused else 200,
        wire=wire,
        where=ways.get(wire.channel, ""),
        traffic=traffic.get(wire.channel, Traffic()),
        last=(await people.last_written(visit.uow)).get(wire.channel),
        waiting=len(await tray.tray(visit.uow)) if wire.on_paper else 0,
        person=person,
        address=address,
        test=new_id(),
        refused=refused,
        why=why,
    )


async def _mine(visit: Visit, wanted: str) -> tuple[Person | None, Address | None]:
    """Who the visitor is among the people of the organisation, and where he is on that channel: where he wrote from last."""
    person = await people.with_email(visit.uow, visit.who.account.email)
    if person is None:
        return None, None
    own = [each for each in await people.addresses(visit.uow, person) if each.address.channel == wanted]
    best = max(own, key=lambda each: (each.last_used is not None, each.last_used or each.since), default=None)
    return person, best.address if best else None


def _wire(visit: Visit) -> Wire:
    """The channel of the path, or 404."""
    named = visit.request.match_info["channel"]
    found = next((wire for wire in installation(visit).wires() if wire.channel == named), None)
    if found is None:
        raise web.HTTPNotFound
    return found


def _key(name: str, form: UUID) -> str:
    return f"test:{name}:{form.hex}"


PAGES: tuple[Page, ...] = (
    Page("/settings/channels/{channel}", show, test, act=Act.SET, section="settings"),
    Page("/settings/channels/{channel}/tests/{test}", watch, act=Act.SET, section="settings"),
)
