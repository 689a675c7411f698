"""Who may see which page: by sign-in, organisation, building and role; and that a form was made here."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiDictProxy

from core.buildings import service as buildings
from core.kernel.text import say
from core.people.accounts import service as accounts
from core.people.accounts.model import SESSION_LASTS, Act, Opened, Standing
from web_admin.offline.keeping import mark
from web_admin.pages import (
    ACCESS,
    BROWSER,
    FORM_TOKEN,
    FORM_TOKEN_HEADER,
    OFFICE,
    PREFIX,
    REFRESH,
    Page,
    Show,
    SignedIn,
    Visit,
    go_to,
    render,
)
from web_admin.reader import preferred
from web_admin.refusals import refused

ACCESS_LASTS = timedelta(minutes=10)
MOST_FIELDS = 2**14
"""Of one form: a building of a thousand lots fits; its bytes are limited besides."""
KEPT_BYTES = 2**16
"""How much of a form that was sent after the session had ended is kept until its sender is back."""
KEPT_LASTS = timedelta(hours=1)
SIGN_IN = "/sign-in"


def guarded(page: Page, show: Show) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        office = request.app[OFFICE]
        request = request.clone(client_max_size=page.most, client_max_fields=MOST_FIELDS)
        browser = request.cookies.get(BROWSER, "")
        language = preferred(request.headers.get("Accept-Language", ""), office.catalogues)
        visit = Visit(request, office, page, language, browser[:64])
        if not browser:
            visit.browser = secrets.token_urlsafe(24)
            visit.cookies.append((BROWSER, visit.browser, SESSION_LASTS))
        try:
            response = await (_open(visit, show) if page.open else _signed_in(visit, show))
        except Exception as error:
            # Whatever went wrong, a session that was renewed on the way stays so.
            response = refused(visit, error)
        set_cookies(visit, response)
        mark(visit, response)
        return response

    return answer


async def _open(visit: Visit, show: Show) -> web.StreamResponse:
    if visit.request.method == "POST":
        visit.form = await _form(visit.request)
        if not _made_here(visit):
            return forbidden_form(visit)
    return await show(visit)


async def _signed_in(visit: Visit, show: Show) -> web.StreamResponse:
    found = await _session(visit)
    if found is None:
        return await _sign_in_first(visit)
    session, organisation = found
    if visit.request.method == "POST":
        # Before a connection is taken: an upload may be slow, and whoever holds one keeps others waiting.
        visit.form = await _form(visit.request)
    async with visit.office.database.work(organisation) as uow:
        known = await accounts.standing(uow, session)
        if known is None:
            visit.cookies += [(ACCESS, "", None), (REFRESH, "", None)]
            return await _sign_in_first(visit)
        account, standing = known
        visit.signed_in = SignedIn(account, session, organisation, standing)
        visit.language, visit.work = account.language, uow
        slug = visit.request.match_info.get("building")
        if slug is not None:
            # The database takes no text with a NUL in it, so no slug has one.
            visit.known = None if "\0" in slug else await buildings.find(uow, slug)
            # Without the right to read it, a building is not there: neither another tenant's nor one's own firm's other ones.
            if visit.known is None or not standing.may(Act.READ, visit.known.building_id):
                return missing(visit)
        if not _may(visit, standing):
            return render(
                visit, "said.html", 403, heading=say("office.error.forbidden"), body=say("office.error.forbidden_body")
            )
        if visit.request.method == "POST" and not _made_here(visit):
            return forbidden_form(visit)
        if not visit.page.apart:
            return await show(visit)
        visit.work = None
    return await show(visit)


def _may(visit: Visit, standing: Standing) -> bool:
    page = visit.page
    act = (page.changes or page.act) if visit.request.method == "POST" else page.act
    if act is None:
        return True
    if visit.known is not None:
        return standing.may(act, visit.known.building_id)
    return standing.may(act) if page.whole else standing.may_somewhere(act) or visit.page.path == "/"


async def _session(visit: Visit) -> tuple[UUID, UUID] | None:
    """The session and the organisation of this browser; renewed where the short sign-in is over."""
    claims = visit.office.seals.open("access", visit.request.cookies.get(ACCESS, ""))
    if claims is not None:
        return UUID(claims["sid"]), UUID(claims["org"])
    token = visit.request.cookies.get(REFRESH, "")
    opened = await accounts.go_on(visit.office.database, token[:200]) if token else None
    if opened is None:
        return None
    admit(visit, opened)
    return opened.session_id, opened.organisation


def admit(visit: Visit, opened: Opened) -> None:
    """From the next page on the browser is signed in."""
    seal = visit.office.seals.seal(
        "access", ACCESS_LASTS, sub=opened.account_id.hex, sid=opened.session_id.hex, org=opened.organisation.hex
    )
    visit.cookies.append((ACCESS, seal, SESSION_LASTS))
    if opened.refresh is not None:
        visit.cookies.append((REFRESH, opened.refresh, SESSION_LASTS))


def set_cookies(visit: Visit, response: web.StreamResponse) -> None:
    """None of ours is for scripts or for other sites; by https, for https only. Their names hide nothing, their values do."""
    for name, value, lasts in visit.cookies:
        if lasts is None:
            response.del_cookie(name, path=PREFIX, httponly=True, samesite="Lax", secure=visit.office.secure)
            continue
        response.set_cookie(
            name,
            value,
            path=PREFIX,
            max_age=int(lasts.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=visit.office.secure,
        )


async def _form(request: web.Request) -> MultiDictProxy[Any]:
    """What was sent. HTTPBadRequest where it is no form, whatever is wrong with it."""
    try:
        return await request.post()
    except (ValueError, LookupError, AssertionError, HttpProcessingError) as error:
        raise web.HTTPBadRequest from error


def _made_here(visit: Visit) -> bool:
    given = visit.request.headers.get(FORM_TOKEN_HEADER) or visit.form.get(FORM_TOKEN, "")
    return isinstance(given, str) and visit.office.seals.is_form_token(given, visit.bound_to)


def forbidden_form(visit: Visit) -> web.Response:
    return render(visit, "said.html", 403, heading=say("office.error.form"), body=say("office.error.form_body"))


def missing(visit: Visit) -> web.Response:
    return render(visit, "said.html", 404, heading=say("office.error.missing"), body=say("office.error.missing_body"))


# --------------------------------------------------------------------------------------------------- signing in first


async def _sign_in_first(visit: Visit) -> web.StreamResponse:
    """To the door, and back to the page afterwards; what was typed is kept. (htmx is told to go there as a whole.)"""
    request = visit.request
    if request.method != "POST":
        path = f"{SIGN_IN}?next={quote(request.rel_url.raw_path_qs.removeprefix(PREFIX), safe='/')}"
        if request.headers.get("HX-Request"):
            return web.Response(status=204, headers={"HX-Redirect": PREFIX + path})
        return go_to(visit, path)
    kept = await _keep(visit)
    visit.cookies.append((ACCESS, "", None))
    return render(visit, "sign_in/sign_in.html", 401, kept=kept, next="", email="", refused=None)


async def _keep(visit: Visit) -> str:
    """A form whose sender's session ended meanwhile, sealed for him; empty where it was not he who sent it, or it is too much.

    The token of the form is compared with the session that the cookie still names: other sites can send no form with it.
    """
    claims = visit.office.seals.open("access", visit.request.cookies.get(ACCESS, ""), expired=True)
    if claims is None or (visit.request.content_length or 0) > KEPT_BYTES:
        return ""
    form = await _form(visit.request)
    token = form.get(FORM_TOKEN, "")
    if not isinstance(token, str) or not visit.office.seals.is_form_token(token, UUID(claims["sid"]).hex):
        return ""
    fields = [(name, value) for name, value in form.items() if name != FORM_TOKEN and isinstance(value, str)]
    return visit.office.seals.seal(
        "kept", KEPT_LASTS, sub=claims["sub"], path=visit.request.rel_url.raw_path_qs, fields=fields
    )


def kept_for(visit: Visit, sealed: str, account: UUID) -> tuple[str, list[tuple[str, str]]] | None:
    """The path and the fields of a form that was kept for this account."""
    claims: Any = visit.office.seals.open("kept", sealed) if sealed else None
    if claims is None or claims["sub"] != account.hex:
        return None
    return str(claims["path"]), [(str(name), str(value)) for name, value in claims["fields"]]


def next_path(given: str) -> str:
    """A path within the office to go on to; anything else leads home."""
    plain = given.startswith("/") and given.isprintable() and not any(sign in given for sign in "\\#")
    return given if plain and not given.startswith(("//", SIGN_IN)) and len(given) < 500 else "/"
