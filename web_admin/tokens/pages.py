"""The tokens with which accounting programs come in: made and shown once, listed, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web

from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.people.accounts.model import Act
from core.people.api_tokens import cards
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import LASTS, LONGEST, LONGEST_NAME, SCOPES
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from web_admin.pages import Page, Visit, go_to, render

TOKENS = "/settings/tokens"
FIELD_OF = {
    "api_tokens.wrong_name": "name",
    "api_tokens.name_taken": "name",
    "api_tokens.wrong_days": "days",
    "api_tokens.unknown_scope": "scopes",
    "office.tokens.no_scope": "scopes",
}
"""Beside which field the sentence of a refusal stands."""


async def show(visit: Visit) -> web.StreamResponse:
    return await _list(visit)


async def write(visit: Visit) -> web.StreamResponse:
    return _form(visit)


async def make(visit: Visit) -> web.StreamResponse:
    """A new token; its secret is on this page and nowhere else."""
    try:
        if not _ticked(visit):
            raise DomainError("office.tokens.no_scope")
        secret, token = await api_tokens.issue(
            visit.uow, visit.typed("name"), _ticked(visit), _days(visit.typed("days"))
        )
    except DomainError as refusal:
        status = 409 if refusal.text.key == "api_tokens.name_taken" else 422
        return _form(visit, {FIELD_OF.get(refusal.text.key, ""): refusal.text}, status)
    after = {"scopes": list(token.scopes), "expires": token.expires.isoformat()}
    await audit.record(visit.uow, _actor(visit), Deed.TOKEN_GIVEN, f"token {token.name}", None, after)
    await visit.uow.commit()
    return render(visit, "tokens/token.html", secret=secret, token=token)


async def take(visit: Visit) -> web.StreamResponse:
    """Takes a token away, by its name."""
    name = visit.typed("name").replace("\0", "")
    try:
        await api_tokens.revoke(visit.uow, name)
    except DomainError as refusal:
        return await _list(visit, 409, refusal.text)
    await audit.record(visit.uow, _actor(visit), Deed.TOKEN_TAKEN, f"token {name}")
    await visit.uow.commit()
    return go_to(visit, TOKENS, say("office.tokens.taken", name=name))


async def _list(visit: Visit, status: int = 200, refused: Text | None = None) -> web.Response:
    return render(
        visit,
        "tokens/tokens.html",
        status,
        tokens=await api_tokens.every(visit.uow),
        scope=cards.scope,
        now=visit.uow.now,
        refused=refused,
    )


def _form(visit: Visit, refused: Mapping[str, Text] | None = None, status: int = 422) -> web.Response:
    words = visit.office.catalogues[visit.language]
    return render(
        visit,
        "tokens/make.html",
        status if refused else 200,
        refused={name: words(text) for name, text in (refused or {}).items()},
        scopes=SCOPES,
        scope=cards.scope,
        ticked=_ticked(visit),
        days=str(LASTS.days),
        longest_name=LONGEST_NAME,
    )


def _ticked(visit: Visit) -> list[str]:
    return [given for given in visit.form.getall("scope", ()) if isinstance(given, str)]


def _days(typed: str) -> timedelta:
    """How long it is to last; not at all where no number was typed, which is refused as such."""
    fits = typed.isascii() and typed.isdigit() and len(typed) <= len(str(LONGEST.days))
    return timedelta(days=int(typed)) if fits else timedelta(0)


def _actor(visit: Visit) -> Actor:
    return Actor(visit.who.account.account_id, visit.who.account.name)


PAGES = (
    Page(TOKENS, show, act=Act.EMPLOY, whole=True, section="settings"),
    Page(f"{TOKENS}/new", write, make, act=Act.EMPLOY, whole=True, section="settings"),
    Page(f"{TOKENS}/take", None, take, act=Act.EMPLOY, whole=True, section="settings"),
)
