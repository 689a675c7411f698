"""A page of the office, and what it is made with.

How a page is added:

1. Write `web_admin/<noun>/pages.py` with one function for what is read and one for what is sent::

       async def show(visit: Visit) -> web.StreamResponse:
           return render(visit, "keys/list.html", keys=await buildings.keys(visit.uow, visit.building.building_id))

       async def change(visit: Visit) -> web.StreamResponse:
           await buildings.rename(visit.uow, visit.building.building_id, visit.typed("name"))
           await visit.uow.commit()
           return go_to(visit, f"/buildings/{visit.building.building.slug}", say("office.buildings.renamed"))

       PAGES = (Page("/buildings/{building}/keys", show, change, act=Act.READ, changes=Act.WRITE, section="buildings"),)

2. Name its PAGES in `web_admin/application.py`. An entry of the navigation shows as soon as a page stands at its path.
3. Its template begins with `{% extends "base.html" %}` and fills the blocks `title` (the one h1) and `content`. Sentences are
   `{{ t("office.key", name=value) }}`, values `{{ written(value) }}`, a `Text` from core `{{ words(text) }}`. A form begins with
   `<form method="post">{{ form_token }}`; its fields come from the macros of `fields.html`, which tie labels, hints and errors.
   Neither style= nor script: the browser refuses both.

What holds of itself: only whoever may do `act` (`changes` for what is sent) comes in; `{building}` in a path is a slug of the visitor's own
organisation in which he has that right, anything else is 404; a form that was not made here is refused; one unit of work for each request,
rolled back unless committed. `DomainError` becomes a page with its sentence; a page that wants it beside its field catches it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from uuid import UUID

from aiohttp import web
from jinja2 import Environment
from markupsafe import Markup
from multidict import MultiDict, MultiDictProxy

from core.buildings import service as buildings
from core.buildings.model import Known
from core.database import Database, UnitOfWork
from core.kernel.i18n import Catalogues
from core.kernel.text import Text, Value, from_json, say, to_json
from core.people.accounts.model import Account, Act, Standing
from core.people.accounts.service import Proofs
from web_admin.navigation import entries, tabs
from web_admin.seals import Seals

PREFIX = "/office"
ACCESS, REFRESH, BROWSER, FLASH = "koprogo_access", "koprogo_refresh", "koprogo_browser", "koprogo_flash"
OFFLINE = "koprogo_offline"
"""Cookies: the short sign-in, what renews it, the browser before anybody signed in, a sentence for the next page; whose pages this device
keeps (`web_admin/offline/keeping.py`)."""
FORM_TOKEN, FORM_TOKEN_HEADER = "form_token", "X-Form-Token"
FORM_BYTES = 2**18
"""The largest form; a page that takes uploads says its own `most`."""
FLASH_LASTS = timedelta(minutes=2)

Show = Callable[["Visit"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Page:
    """`act`: what one must be allowed to do to read it, `changes` to send it (None: the same); `whole`: in the organisation as a whole.

    `act` None: whoever is signed in. `open`: anybody, signed in or not. `section`: the entry of the navigation in which it stands; `tab`: of
    a building, the one under its name (`web_admin/navigation.py`); its template begins with `{% extends "building.html" %}`.
    `most`: bytes that may be sent to it. `apart`: what it does takes long, or commits more than once: `visit.uow` is closed by then, and
    it opens units of work of its own (`visit.apart()`).
    """

    path: str
    get: Show | None
    post: Show | None = None
    act: Act | None = Act.READ
    changes: Act | None = None
    whole: bool = False
    open: bool = False
    section: str = ""
    tab: str = ""
    most: int = FORM_BYTES
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """What all pages stand on. `base`: the address at which readers reach them, without the prefix; `secure`: by https.

    `paths`: where pages stand; `trace`: what of an error may be logged; `said`: sentences without values, by language, once they were read.
    """

    database: Database
    catalogues: Catalogues
    proofs: Proofs
    seals: Seals
    base: str
    templates: Environment
    paths: frozenset[str]
    trace: Callable[[BaseException], str]
    later: Callable[[Awaitable[None]], None]
    said: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        return self.base.startswith("https://")


OFFICE = web.AppKey("office", Office)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is here, in which organisation, and what he is there."""

    account: Account
    session: UUID
    organisation: UUID
    standing: Standing


@dataclass
class Visit:
    """One request to one page."""

    request: web.Request
    office: Office
    page: Page
    language: str
    browser: str
    signed_in: SignedIn | None = None
    work: UnitOfWork | None = None
    known: Known | None = None
    form: MultiDictProxy[Any] = field(default_factory=lambda: MultiDictProxy(MultiDict()))
    cookies: list[tuple[str, str, timedelta | None]] = field(default_factory=list)
    """Set with the answer: name, value, how long (None: taken away)."""

    @property
    def who(self) -> SignedIn:
        assert self.signed_in is not None, "an open page has nobody"
        return self.signed_in

    @property
    def uow(self) -> UnitOfWork:
        """The unit of work of this request, in the visitor's organisation."""
        assert self.work is not None, "a page that is open or stands apart has no unit of work"
        return self.work

    def apart(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Another unit of work in the visitor's organisation. Not while `uow` is open: who holds a connection must not wait for one."""
        assert self.work is None, "the unit of work of this request is still open"
        return self.office.database.work(self.who.organisation)

    @property
    def building(self) -> Known:
        """The building that the path names, in which the visitor has the right."""
        assert self.known is not None, "no building in this path"
        return self.known

    async def buildings(self, act: Act = Act.READ) -> list[Known]:
        """The buildings of the organisation in which the visitor may do it."""
        every = await buildings.every(self.uow)
        return [known for known in every if self.who.standing.may(act, known.building_id)]

    def may(self, act: Act) -> bool:
        """Whether the visitor may do it here: in the building of the path, else in the organisation."""
        return self.who.standing.may(act, self.known.building_id if self.known else None)

    def typed(self, name: str, longest: int = 1000) -> str:
        """What stands in a field, trimmed and cut; empty for a file or where there is no such field."""
        value = self.form.get(name, "")
        return value.strip()[:longest] if isinstance(value, str) else ""

    @property
    def network(self) -> str:
        """Where the request comes from: an address, or the /64 of one (RFC 6177). Behind one's own proxy, what that says."""
        return network(self.request)

    @property
    def bound_to(self) -> str:
        return self.signed_in.session.hex if self.signed_in else self.browser


def render(visit: Visit, template: str, /, status: int = 200, **values: Any) -> web.Response:
    """A page in the reader's language."""
    office, request = visit.office, visit.request
    words = office.catalogues[visit.language]
    token = office.seals.form_token(visit.bound_to)

    constant = office.said.setdefault(visit.language, {})

    def t(key: str, /, **named: Value) -> str:
        if named:
            return words(say(key, **named))
        if key not in constant:
            constant[key] = words(say(key))
        return constant[key]

    text = office.templates.get_template(template).render(
        t=t,
        words=words,
        written=words.written,
        language=visit.language,
        form_token=Markup('<input type="hidden" name="{}" value="{}">').format(FORM_TOKEN, token),
        form_token_value=token,
        who=visit.signed_in,
        may=visit.may if visit.signed_in else lambda act: False,
        Act=Act,
        entries=entries(visit.signed_in.standing, office.paths, visit.page.section) if visit.signed_in else (),
        tabs=tabs(visit.known.building.slug, office.paths, visit.page.tab) if visit.known else (),
        prefix=PREFIX,
        seen_at=office.database.clock() if OFFLINE in request.cookies else None,
        building=visit.known,
        flash=_flash(visit),
        typed=visit.typed,
        **values,
    )
    if FLASH in request.cookies:
        visit.cookies.append((FLASH, "", None))
    return web.Response(text=text, content_type="text/html", status=status)


def go_to(visit: Visit, path: str, done: Text | None = None) -> web.Response:
    """After something was sent: on to a page of the office (`/buildings`), which says what was done."""
    if done is not None:
        claims = {"key": done.key, "values": {name: to_json(value) for name, value in done.values.items()}}
        visit.cookies.append((FLASH, visit.office.seals.seal("flash", FLASH_LASTS, **claims), FLASH_LASTS))
    return web.Response(status=303, headers={"Location": f"{PREFIX}{path}"})


def _flash(visit: Visit) -> Text | None:
    claims = visit.office.seals.open("flash", visit.request.cookies.get(FLASH, ""))
    if claims is None:
        return None
    return Text(claims["key"], {name: from_json(value) for name, value in claims["values"].items()})


def network(request: web.Request) -> str:
    try:
        peer = ip_address(request.remote or "")
        if peer.is_loopback or peer.is_private:
            said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
            peer = ip_address(said) if said else peer
    except ValueError:
        return "nowhere"
    return str(ip_network((peer, 64), strict=False)) if isinstance(peer, IPv6Address) else str(peer)
