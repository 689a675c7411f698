"""Whom somebody chose to invite, on a form that makes one set of codes however often it is sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from core.kernel.errors import DomainError
from core.people.invitations.model import MOST, Invitee
from web_admin.pages import Visit

FORM_LASTS = timedelta(hours=12)
CHOSEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PURPOSE = "invitation"
"""What the form is sealed for, and what the codes are made with: one key of the installation's for each."""
LONGEST_LOT = 100


def seal(visit: Visit, form: UUID) -> str:
    return visit.office.seals.seal(PURPOSE, FORM_LASTS, id=form.hex, **_whose(visit))


def opened(visit: Visit) -> UUID:
    """The identity of the form that was sent. DomainError where it is none that this visitor had before him, or too old."""
    claims: Any = visit.office.seals.open(PURPOSE, visit.typed("form", 2000))
    if claims is None or any(claims.get(name) != value for name, value in _whose(visit).items()):
        raise DomainError("office.invitations.stale")
    return UUID(claims["id"])


def key_of(visit: Visit) -> bytes:
    """With what the codes of this installation are made."""
    return visit.office.proofs.keys.of(PURPOSE)


def ticked(visit: Visit) -> set[UUID]:
    return {
        UUID(given) for given in visit.form.getall("person", ()) if isinstance(given, str) and CHOSEN.fullmatch(given)
    }


def chosen(roster: Sequence[Invitee], wanted: Collection[UUID]) -> list[Invitee]:
    """Those who were chosen, in the order of the list; 404 where one is not on it. DomainError for nobody, or too many."""
    found = [each for each in roster if each.person_id in wanted]
    if len(found) < len(wanted):
        raise web.HTTPNotFound
    if not found:
        raise DomainError("office.invitations.nobody")
    if len(found) > MOST:
        raise DomainError("office.invitations.too_many", count=MOST)
    return found


def lots_of(person: Invitee) -> list[str]:
    return [lot.strip() for lot in person.lots.split(",") if lot.strip()]


def lot_wanted(visit: Visit) -> str:
    return visit.request.query.get("lot", "").replace("\0", "").strip()[:LONGEST_LOT]


def _whose(visit: Visit) -> dict[str, str]:
    return {
        "sub": visit.who.account.account_id.hex,
        "org": visit.who.organisation.hex,
        "building": visit.building.building_id.hex,
    }
