"""Use cases: write down who did what, and read it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from core.database import UnitOfWork
from core.people.audit import store
from core.people.audit.model import (
    LONGEST_SUBJECT,
    MOST_BYTES,
    Actor,
    Deed,
    Entry,
    Fields,
    Filter,
    Page,
    Record,
    differing,
)

MOST_ENTRIES = 200
"""No page has more."""
EVERY = Filter()


async def record(
    uow: UnitOfWork,
    actor: Actor,
    deed: Deed,
    subject: str,
    before: Fields | None = None,
    after: Fields | None = None,
    building: UUID | None = None,
) -> None:
    """Writes down, in the transaction of the deed itself, what `actor` did to `subject`.

    Of `before` and `after` only the fields that differ are kept; where none does, nothing was done, and nothing is written.
    """
    await record_all(uow, actor, [Record(deed, subject, before, after)], building)


async def record_all(uow: UnitOfWork, actor: Actor, records: Sequence[Record], building: UUID | None = None) -> None:
    """The same for several deeds at once."""
    written = [kept for each in records if (kept := _kept(each)) is not None]
    if written:
        await store.add(uow, actor, written, building)


async def entries(uow: UnitOfWork, wanted: Filter = EVERY, before: int | None = None, most: int = 50) -> Page:
    """The latest entries that fit, `most` of them; `before` is the `older` of the page above."""
    most = max(1, min(most, MOST_ENTRIES))
    found: list[Entry] = await store.entries(uow, wanted, before, most + 1)
    return Page(tuple(found[:most]), found[most - 1].number if len(found) > most else None)


async def entry(uow: UnitOfWork, number: int, within: frozenset[UUID] | None = None) -> Entry | None:
    """One entry; None where there is none, or it is about none of the buildings `within`."""
    found = await store.entry(uow, number)
    return found if found and (within is None or found.building in within) else None


def _kept(each: Record) -> Record | None:
    before, after = differing(each.before, each.after)
    if before is not None and after is not None and not before and not after:
        return None
    before, after = _storable(before), _storable(after)
    sizes = [len(json.dumps(fields)) if fields is not None else 0 for fields in (before, after)]
    if sum(sizes) > MOST_BYTES:
        before, after = (
            {"bytes": size} if fields is not None else None for fields, size in zip((before, after), sizes, strict=True)
        )
    return replace(each, subject=_clean(each.subject)[:LONGEST_SUBJECT], before=before, after=after)


def _storable(fields: Fields | None) -> Fields | None:
    """Without what a database does not take in a text."""
    return None if fields is None else {_clean(name): _cleaned(value) for name, value in fields.items()}


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return _clean(value)
        case dict():
            return {_clean(str(name)): _cleaned(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_cleaned(inner) for inner in value]
    return value


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
