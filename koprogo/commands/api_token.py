"""`api-token`: the tokens with which accounting tools read and write through the JSON API."""

from __future__ import annotations

from argparse import Namespace
from datetime import timedelta

from core.buildings import service as buildings
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import LASTS, LONGEST, Token
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Deed
from koprogo.application import opened
from koprogo.output import DONE, Output, Refusal, WrongInput
from koprogo.settings import Settings


async def api_token(options: Namespace, settings: Settings, out: Output) -> int:
    """With scopes: makes one, and shows its secret once. With --revoke: takes one back. With neither: lists what there is."""
    making, days = options.scopes is not None, _days(options.days)
    if (making or options.revoke) and not options.name:
        raise WrongInput("cli.api_token.nameless")
    async with opened(settings) as application:
        organisation = (await buildings.organisations(application.database)).get(options.organisation)
        if organisation is None:
            raise Refusal("cli.api_token.no_organisation", name=options.organisation[:100])
        async with application.database.work(organisation) as uow:
            if options.revoke:
                await api_tokens.revoke(uow, options.name)
                await audit.record(uow, COMMAND, Deed.TOKEN_TAKEN, f"token {options.name.strip()}")
                await uow.commit()
                out.line("cli.api_token.revoked", name=options.name)
                out.json({"name": options.name, "revoked": True})
            elif making:
                scopes = [scope.strip() for scope in options.scopes.split(",")]
                secret, token = await api_tokens.issue(uow, options.name, scopes, days)
                after = {"scopes": list(token.scopes), "expires": token.expires.isoformat()}
                await audit.record(uow, COMMAND, Deed.TOKEN_GIVEN, f"token {token.name}", None, after)
                await uow.commit()
                out.line("cli.api_token.issued", name=token.name, expires=token.expires)
                out.text(secret)
                out.json({"token": secret, **_as_json(token)})
            else:
                tokens = await api_tokens.every(uow)
                _list(tokens, out)
                out.json([_as_json(token) for token in tokens])
    return DONE


def _days(text: str | None) -> timedelta:
    if text is None:
        return LASTS
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST.days))):
        raise WrongInput("cli.api_token.wrong_days", value=text[:40])
    return timedelta(days=int(text))


def _list(tokens: list[Token], out: Output) -> None:
    if not tokens:
        out.line("cli.api_token.none")
    for token in tokens:
        values = {"name": token.name, "scopes": ", ".join(token.scopes)}
        if token.last_used is None:
            out.line("cli.api_token.row_unused", expires=token.expires, **values)
        else:
            out.line("cli.api_token.row", expires=token.expires, used=token.last_used, **values)


def _as_json(token: Token) -> dict[str, object]:
    return {
        "name": token.name,
        "scopes": list(token.scopes),
        "expires": token.expires.isoformat(),
        "last_used": token.last_used and token.last_used.isoformat(),
    }
