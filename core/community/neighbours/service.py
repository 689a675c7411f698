"""Use cases: who the neighbours are, whom a name means, and how to find somebody with whom something is agreed."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from core.community.neighbours import store
from core.community.neighbours.model import Contact, Neighbour
from core.database import UnitOfWork
from core.kernel.clock import local_day


async def neighbours(uow: UnitOfWork, building: UUID) -> list[Neighbour]:
    """Everybody who takes part in a building today, in the order of its list."""
    return await store.neighbours(uow, building, local_day(uow.now))


async def neighbour(uow: UnitOfWork, building: UUID, person: UUID) -> Neighbour | None:
    """Somebody, if he takes part in that building today; None for whoever has moved out."""
    return await store.neighbour(uow, building, person, local_day(uow.now))


async def contact(uow: UnitOfWork, building: UUID, person: UUID) -> Contact | None:
    """Where to ring and to call. Only for whoever has agreed something with him: neighbours may not know it before."""
    return await store.contact(uow, building, person, local_day(uow.now))


async def named(uow: UnitOfWork, building: UUID, name: str, besides: UUID | None = None) -> list[Neighbour]:
    """The neighbours whom a name means, as people say it: `Tom`, `Mme Dubois`, `Tom Vermeulen`. Several where it is several's."""
    wanted = [word for word in _plain(name).split() if word not in _TITLES]
    if not wanted:
        return []
    everybody = [each for each in await neighbours(uow, building) if each.person != besides]
    return [each for each in everybody if set(wanted) <= set(_plain(each.name).split())]


_LISTED = "m mr mme mlle monsieur madame mademoiselle dhr meneer mijnheer mevr mevrouw mw herr frau hr fr mrs ms miss"
_TITLES = frozenset(_LISTED.split())


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign if sign.isalnum() else " " for sign in folded if not unicodedata.combining(sign))
