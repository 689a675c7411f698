"""Use cases: the council switches a module on or off, and what it decided is looked up."""

from __future__ import annotations

from uuid import UUID

from core.buildings import store as buildings
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from core.people.council import store
from core.people.council.model import Decision, Wish, check, switched


async def switch(uow: UnitOfWork, building: UUID, wish: Wish, actor: Actor) -> Decision:
    """Switches a module of a building on or off, as its council decided. The decision is kept, and the building follows it.

    NoSuchBuilding; DomainError where it makes no sense: it is so already, the day is to come, or lies before the last decision.
    """
    known = await buildings.get(uow, building)
    await buildings.lock(uow, known.building.slug)
    modules = (await buildings.get(uow, building)).building.modules
    name = wish.module.name
    check(wish, name in modules, await store.last(uow, building, name), local_day(uow.now))
    decision = Decision(name, wish.on, wish.decided_on, wish.note.strip(), actor, uow.now)
    await store.add(uow, building, decision)
    await buildings.switch(uow, building, switched(modules, name, wish.on))
    await audit.record(
        uow,
        actor,
        Deed.MODULE_SWITCHED,
        f"module {name}",
        {"on": name in modules},
        {"on": wish.on, "decided_on": wish.decided_on.isoformat(), "note": decision.note},
        building,
    )
    return decision


async def history(uow: UnitOfWork, building: UUID) -> list[Decision]:
    """What was decided about the modules of a building, newest first. NoSuchBuilding."""
    await buildings.get(uow, building)
    return await store.history(uow, building)
