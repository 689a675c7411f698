"""Where the pages of a building's people stand. The code of a person, and a lot, may hold any sign."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from web_admin.pages import Visit


def people(visit: Visit) -> str:
    return f"/buildings/{visit.building.building.slug}/people"


def person(visit: Visit, code: str, more: str = "") -> str:
    return f"{people(visit)}/{quote(code, safe='')}{more}"


def ownership(visit: Visit, page: str = "", lot: str = "") -> str:
    """`page`: `/lot`, `/transfer`, `/take-back` or `/representative`, for a lot."""
    path = f"/buildings/{visit.building.building.slug}/ownership{page}"
    return f"{path}?{urlencode({'lot': lot})}" if page else path


def tenants(visit: Visit, page: str = "", **about: str) -> str:
    """`page`: `/move-in` or `/move-out`."""
    query = urlencode({name: value for name, value in about.items() if value})
    return f"/buildings/{visit.building.building.slug}/tenants{page}" + (f"?{query}" if query else "")


def messages(visit: Visit, name: str) -> str:
    """What somebody was told; empty where no such page stands."""
    if "/messages" not in visit.office.paths:
        return ""
    return f"/messages?{urlencode({'building': visit.building.building.slug, 'person': name[:100]})}"


def invitation(visit: Visit, lots: Sequence[str]) -> str:
    """To invite the people of somebody's first lot, or of the building; empty where no such page stands."""
    if "/invitations/{building}" not in visit.office.paths:
        return ""
    query = f"?{urlencode({'lot': lots[0]})}" if lots else ""
    return f"/invitations/{visit.building.building.slug}{query}"
