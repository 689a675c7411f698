"""Signing in: a password and a code, or a link sent on a linked channel; accepting an invitation; a new password; signing out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.people.accounts import service as accounts
from core.people.accounts.model import SHORTEST, Account, LinkFor, TooManyTries, WrongPassword, clean_email
from web_admin.guard import SIGN_IN, admit, kept_for, next_path
from web_admin.pages import ACCESS, PREFIX, REFRESH, Page, Visit, go_to, render

SECOND_LASTS = timedelta(minutes=5)
"""How long after the password the code may come."""


async def ask(visit: Visit) -> web.StreamResponse:
    return _door(visit, next_path(visit.request.query.get("next", "/")))


async def sign_in(visit: Visit) -> web.StreamResponse:
    email, password = clean_email(visit.typed("email")), _password(visit, "password")
    path = next_path(visit.typed("next") or "/")
    try:
        account = await accounts.check_in(visit.office.database, email, password, visit.network, visit.office.proofs)
    except DomainError as refusal:
        status = 429 if isinstance(refusal, TooManyTries) else 401
        return _door(visit, path, refusal.text, status)
    return await _proved(visit, account, path)


async def second(visit: Visit) -> web.StreamResponse:
    """The code after the password; who asks is sealed in the form."""
    claims = visit.office.seals.open("second", visit.typed("proved"))
    if claims is None:
        return _door(visit, "/", say("office.second.late"), 401)
    path = next_path(str(claims["next"]))
    try:
        account = await accounts.second_proof(
            visit.office.database, UUID(claims["sub"]), visit.typed("code", 40), visit.network, visit.office.proofs
        )
    except DomainError as refusal:
        status = 429 if isinstance(refusal, TooManyTries) else 401
        return _ask_code(visit, visit.typed("proved"), refusal.text, status)
    return await _let_in(visit, account, path)


async def ask_link(visit: Visit) -> web.StreamResponse:
    return render(visit, "sign_in/ask_link.html", recover=visit.request.query.get("for") == "password")


async def send_link(visit: Visit) -> web.StreamResponse:
    """The same page, at once, for every address: what is to be sent is looked up afterwards."""
    office, email = visit.office, clean_email(visit.typed("email"))
    purpose = LinkFor.RECOVERY if visit.typed("for") == "password" else LinkFor.SIGN_IN
    if email:
        base = f"{office.base}{PREFIX}"
        office.later(accounts.send_link(office.database, base, email, visit.network, purpose, office.proofs))
    return render(visit, "said.html", heading=say("office.ask_link.sent"), body=say("office.ask_link.sent_body"))


async def opened_link(visit: Visit) -> web.StreamResponse:
    """To open a link uses nothing up: programs that look at mails open every one. Its button acts."""
    account, purpose = await accounts.behind(visit.office.database, visit.request.match_info["token"])
    visit.language = account.language
    return _link_page(visit, account, purpose)


async def use_link(visit: Visit) -> web.StreamResponse:
    office, token = visit.office, visit.request.match_info["token"]
    account, purpose = await accounts.behind(office.database, token)
    visit.language = account.language
    password = _password(visit, "password")
    try:
        if purpose is not LinkFor.SIGN_IN and password != _password(visit, "again"):
            raise WrongPassword("office.password.differs")
        account = await accounts.redeem(office.database, token, password, office.proofs)
    except WrongPassword as refusal:
        return _link_page(visit, account, purpose, refusal.text, 422)
    path = "/account" if purpose is LinkFor.INVITATION else "/"
    return await _proved(visit, account, path)


async def sign_out(visit: Visit) -> web.StreamResponse:
    await accounts.end_session(visit.uow, visit.who.account.account_id, visit.who.session)
    await visit.uow.commit()
    visit.cookies += [(ACCESS, "", None), (REFRESH, "", None)]
    response = go_to(visit, SIGN_IN, say("office.sign_out.done"))
    # What this device kept of the office goes too (W3C Clear Site Data); cookies of ours are taken away above.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


async def _proved(visit: Visit, account: Account, path: str) -> web.StreamResponse:
    """One proof was given. Whoever has an authenticator gives a second."""
    visit.language = account.language
    if not account.second:
        return await _let_in(visit, account, path)
    proved = visit.office.seals.seal("second", SECOND_LASTS, sub=account.account_id.hex, next=path)
    return _ask_code(visit, proved)


async def _let_in(visit: Visit, account: Account, path: str) -> web.StreamResponse:
    visit.language = account.language
    agent = visit.request.headers.get("User-Agent", "")
    opened = await accounts.open_session(visit.office.database, account, agent)
    admit(visit, opened)
    kept = kept_for(visit, visit.typed("kept", 200_000), account.account_id)
    if kept is None:
        return go_to(visit, path)
    visit.browser = opened.session_id.hex  # the form that goes on belongs to the session that begins here
    return render(visit, "sign_in/kept.html", path=kept[0], fields=kept[1])


def _door(visit: Visit, path: str, refused: Text | None = None, status: int = 200) -> web.Response:
    values: dict[str, Any] = {"next": path, "email": visit.typed("email", 254), "refused": refused}
    return render(visit, "sign_in/sign_in.html", status, kept=visit.typed("kept", 200_000), **values)


def _ask_code(visit: Visit, proved: str, refused: Text | None = None, status: int = 200) -> web.Response:
    kept = visit.typed("kept", 200_000)
    return render(visit, "sign_in/second.html", status, proved=proved, kept=kept, refused=refused)


def _link_page(
    visit: Visit, account: Account, purpose: LinkFor, refused: Text | None = None, status: int = 200
) -> web.Response:
    return render(
        visit, "sign_in/link.html", status, account=account, purpose=purpose.value, refused=refused, shortest=SHORTEST
    )


def _password(visit: Visit, name: str) -> str:
    """As typed: blanks belong to it. One too long is cut where it is refused anyway."""
    value = visit.form.get(name, "")
    return value[:1000] if isinstance(value, str) else ""


PAGES = (
    Page(SIGN_IN, ask, sign_in, open=True),
    Page(f"{SIGN_IN}/code", None, second, open=True),
    Page(f"{SIGN_IN}/link", ask_link, send_link, open=True),
    Page("/link/{token:[A-Za-z0-9_-]{20,100}}", opened_link, use_link, open=True),
    Page("/sign-out", None, sign_out, act=None),
)
