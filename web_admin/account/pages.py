"""One's own account: language, password, authenticator and recovery codes, and where one is signed in."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

import segno
from aiohttp import web
from markupsafe import Markup

from core.database import Database, UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, say
from core.people.accounts import service as accounts
from core.people.accounts.model import SHORTEST, Opened, WrongPassword
from core.people.accounts.proofs import authenticator_link
from core.people.accounts.service import Proofs
from web_admin.account.agents import browser_of
from web_admin.guard import admit
from web_admin.offline.keeping import is_on
from web_admin.pages import Page, Visit, go_to, render

ENROL_LASTS = timedelta(minutes=30)


async def show(visit: Visit) -> web.StreamResponse:
    return await _account(visit, visit.uow)


async def speak(visit: Visit) -> web.StreamResponse:
    language = visit.typed("language")
    if language not in LANGUAGES:
        raise DomainError("office.account.language_unknown")
    await accounts.speak(visit.uow, visit.who.account.account_id, language)
    await visit.uow.commit()
    return go_to(visit, "/account", say("office.account.language_done"))


async def change_password(visit: Visit) -> web.StreamResponse:
    old, new, again = (str(visit.form.get(name, ""))[:1000] for name in ("old", "password", "again"))
    try:
        if new != again:
            raise WrongPassword("office.password.differs")
        await accounts.change_password(
            visit.office.database, visit.who.account, visit.who.session, old, new, visit.network, visit.office.proofs
        )
    except DomainError as refusal:
        async with visit.apart() as uow:
            return await _account(visit, uow, 422, password_refused=refusal.text)
    return go_to(visit, "/account", say("office.password.done"))


async def enrol(visit: Visit) -> web.StreamResponse:
    """A new authenticator, as a picture and to type. It counts once a code of it was shown."""
    if visit.who.account.second:
        return go_to(visit, "/account")
    return _enrol(visit, accounts.new_nonce())


async def enrolled(visit: Visit) -> web.StreamResponse:
    account = visit.who.account
    claims = visit.office.seals.open("enrol", visit.typed("made"))
    if claims is None or claims["sub"] != account.account_id.hex or account.second:
        return go_to(visit, "/account/authenticator", say("office.second.late"))
    nonce = bytes.fromhex(claims["nonce"])
    keys = visit.office.proofs.keys
    try:
        codes = await accounts.add_authenticator(visit.uow, account.account_id, nonce, visit.typed("code", 40), keys)
    except DomainError as refusal:
        return _enrol(visit, nonce, refusal.text)
    await visit.uow.commit()
    return render(visit, "account/codes.html", codes=codes, fresh=True)


async def drop(visit: Visit) -> web.StreamResponse:
    try:
        await accounts.drop_authenticator(*_with_code(visit))
    except DomainError as refusal:
        async with visit.apart() as uow:
            return await _account(visit, uow, 422, code_refused=refusal.text)
    return go_to(visit, "/account", say("office.second.dropped"))


async def renew(visit: Visit) -> web.StreamResponse:
    try:
        codes = await accounts.renew_codes(*_with_code(visit))
    except DomainError as refusal:
        async with visit.apart() as uow:
            return await _account(visit, uow, 422, code_refused=refusal.text)
    return render(visit, "account/codes.html", codes=codes, fresh=False)


async def end(visit: Visit) -> web.StreamResponse:
    """Ends one session, or all but this one."""
    me, chosen = visit.who, visit.typed("session")
    if chosen == "others":
        await accounts.end_others(visit.uow, me.account.account_id, me.session)
    else:
        try:
            await accounts.end_session(visit.uow, me.account.account_id, UUID(chosen))
        except ValueError as error:
            raise DomainError("office.error.wrong_body") from error
    await visit.uow.commit()
    return go_to(visit, "/account", say("office.sessions.ended"))


async def choose(visit: Visit) -> web.StreamResponse:
    """Another organisation to work in."""
    places = await accounts.organisations(visit.uow, visit.who.account)
    organisation = places.get(visit.typed("organisation"))
    if organisation is None:
        raise web.HTTPNotFound
    await accounts.choose(visit.uow, visit.who.session, organisation)
    await visit.uow.commit()
    admit(visit, Opened(visit.who.session, visit.who.account.account_id, organisation, None))
    return go_to(visit, "/", say("office.account.chosen", name=visit.typed("organisation")))


def _with_code(visit: Visit) -> tuple[Database, UUID, str, str, Proofs]:
    office = visit.office
    return office.database, visit.who.account.account_id, visit.typed("code", 40), visit.network, office.proofs


async def _account(
    visit: Visit,
    uow: UnitOfWork,
    status: int = 200,
    password_refused: Text | None = None,
    code_refused: Text | None = None,
) -> web.Response:
    me = visit.who
    return render(
        visit,
        "account/account.html",
        status,
        sessions=await accounts.sessions(uow, me.account.account_id),
        codes_left=await accounts.codes_left(uow, me.account.account_id),
        places=await accounts.organisations(uow, me.account),
        keeps=is_on(visit),
        browser_of=browser_of,
        languages=LANGUAGES,
        shortest=SHORTEST,
        password_refused=password_refused,
        code_refused=code_refused,
    )


def _enrol(visit: Visit, nonce: bytes, refused: Text | None = None) -> web.Response:
    account = visit.who.account
    secret = visit.office.proofs.keys.authenticator(account.account_id, nonce)
    made = visit.office.seals.seal("enrol", ENROL_LASTS, sub=account.account_id.hex, nonce=nonce.hex())
    return render(
        visit,
        "account/enrol.html",
        422 if refused else 200,
        picture=_picture(authenticator_link(secret, account.email)),
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        made=made,
        refused=refused,
    )


def _picture(text: str) -> Markup:
    """A QR code as SVG that stands in the page: dark on light in either scheme, as cameras want it."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=False,
        scale=5,
        border=4,
        light="#fff",
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return Markup(drawn.getvalue().decode())


PAGES = (
    Page("/account", show, act=None, section="account"),
    Page("/account/language", None, speak, act=None, section="account"),
    Page("/account/password", None, change_password, act=None, section="account", apart=True),
    Page("/account/authenticator", enrol, enrolled, act=None, section="account"),
    Page("/account/authenticator/drop", None, drop, act=None, section="account", apart=True),
    Page("/account/codes", None, renew, act=None, section="account", apart=True),
    Page("/account/sessions", None, end, act=None, section="account"),
    Page("/account/organisation", None, choose, act=None, section="account"),
)
