"""Use cases: read what stands in the letters of an organisation beside what they say, and change it."""

from __future__ import annotations

from dataclasses import asdict

from core.database import UnitOfWork
from core.kernel.i18n import LANGUAGES
from core.outbox.letter_texts import store
from core.outbox.letter_texts.model import FIELDS, STANDARD, Kept, LetterTexts, Outdated, too_long
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed


async def every(uow: UnitOfWork) -> dict[str, Kept]:
    """The texts of each language, those too that nobody has changed."""
    found = await store.every(uow)
    return {language: found.get(language, Kept()) for language in LANGUAGES}


async def texts(uow: UnitOfWork, language: str) -> LetterTexts:
    """What stands in letters of that language; the standard texts where the organisation has none of its own."""
    found = (await store.every(uow)).get(language)
    return found.texts if found else STANDARD


async def change(uow: UnitOfWork, language: str, wanted: LetterTexts, version: int, actor: Actor) -> None:
    """From now on letters of that language say this; the caller commits. The texts are clean (`model.clean`).

    Outdated where they are no longer those of `version`; ValueError for a language that there is not, or for more than a letter takes.
    """
    if language not in LANGUAGES or any(too_long(name, getattr(wanted, name)) for name in FIELDS):
        raise ValueError("no letter has such texts")
    before = (await store.every(uow)).get(language, Kept())
    if before.version == version and before.texts == wanted:
        return
    if before.version != version or not await store.change(uow, language, wanted, version, actor.name):
        raise Outdated("letter.texts.outdated")
    await audit.record(uow, actor, Deed.SETTINGS_CHANGED, f"letter {language}", asdict(before.texts), asdict(wanted))
