"""How far a visitor's rights reach among the messages of his organisation, and where the bytes of papers lie."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from core.documents.service import Shelf
from core.people.accounts.model import Act, may
from web_admin.pages import Visit

SHELF = web.AppKey("shelf", Shelf)
"""Set on the office where it is wired in: letters are fetched from it, and what is uploaded is put on it."""


def shelf(visit: Visit) -> Shelf:
    return visit.request.config_dict[SHELF]


def within(visit: Visit, act: Act = Act.READ) -> frozenset[UUID] | None:
    """The buildings in which the visitor may do it; None: everywhere in the organisation, and what belongs to no building too."""
    standing = visit.who.standing
    if standing.may(act):
        return None
    return frozenset(grant.building for grant in standing.grants if grant.building and may(grant.role, act))


def identity(visit: Visit, name: str) -> UUID:
    """The identity in the path, or 404."""
    try:
        return UUID(visit.request.match_info[name])
    except ValueError as error:
        raise web.HTTPNotFound from error
