"""What stands in every letter of the organisation beside what it says: seen, changed, looked at on paper."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from core.buildings import service as buildings
from core.buildings.model import Building
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, say
from core.outbox.letter_texts import service as letter_texts
from core.outbox.letter_texts.model import FIELDS, LINES, LONGEST, Kept, LetterTexts, Outdated, clean, too_long
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from web_admin.pages import Page, Visit, go_to, render
from web_admin.settings.wires import installation

PDF = "application/pdf"
TYPED = 4000
"""So much of what was typed is given back where it is too long."""
NEWEST = 9


async def every(visit: Visit) -> web.StreamResponse:
    """Each language with what stands in its letters now."""
    kept = await letter_texts.every(visit.uow)
    return render(visit, "settings/letters.html", kept=kept, standard=_standard(visit))


async def show(visit: Visit) -> web.StreamResponse:
    language = _language(visit)
    kept = (await letter_texts.every(visit.uow))[language]
    return _form(visit, kept, {name: getattr(kept.texts, name) for name in FIELDS}, kept.version)


async def change(visit: Visit) -> web.StreamResponse:
    """Keeps what was typed, unless somebody was faster."""
    language, typed = _language(visit), _typed(visit)
    kept = (await letter_texts.every(visit.uow))[language]
    version = visit.typed("version", NEWEST)
    refused = _refused(typed)
    if refused or not version.isdecimal() or not version.isascii():
        return _form(visit, kept, typed, kept.version, refused or {"": say("office.settings.letters.again")})
    actor = Actor(visit.who.account.account_id, visit.who.account.name)
    try:
        await letter_texts.change(visit.uow, language, LetterTexts(**typed), int(version), actor)
    except Outdated as refusal:
        kept = (await letter_texts.every(visit.uow))[language]
        return _form(visit, kept, typed, kept.version, {"": refusal.text}, 409)
    await visit.uow.commit()
    return go_to(visit, "/settings/letters", say("office.settings.letters.saved"))


async def preview(visit: Visit) -> web.StreamResponse:
    """A letter to nobody with what was typed, as PDF; nothing is kept."""
    language, typed = _language(visit), _typed(visit)
    async with visit.apart() as uow:
        kept = (await letter_texts.every(uow))[language]
        houses, day = await buildings.every(uow), local_day(uow.now)
    refused = _refused(typed)
    if not refused:
        building = houses[0].building if houses else _nowhere(visit, language)
        try:
            pdf = await installation(visit).specimen(building, language, LetterTexts(**typed), day)
        except DomainError as refusal:
            refused = {"": refusal.text}
        else:
            name = f"letter-{language}.pdf"
            return web.Response(
                body=pdf, content_type=PDF, headers={"Content-Disposition": f'inline; filename="{name}"'}
            )
    return _form(visit, kept, typed, kept.version, refused)


def _form(
    visit: Visit,
    kept: Kept,
    typed: Mapping[str, str],
    version: int,
    refused: Mapping[str, Text] | None = None,
    status: int = 422,
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    language = _language(visit)
    return render(
        visit,
        "settings/letter.html",
        status if refused else 200,
        code=language,
        kept=kept,
        values=typed,
        version=version,
        refused={name: words(text) for name, text in (refused or {}).items()},
        outdated=status == 409,
        standard=_standard(visit)[language],
        longest=LONGEST,
    )


def _typed(visit: Visit) -> dict[str, str]:
    return {name: clean(visit.typed(name, TYPED)) for name in FIELDS}


def _refused(typed: Mapping[str, str]) -> dict[str, Text]:
    """The sentences for the fields that are more than a letter takes."""
    return {
        name: say("office.settings.letters.too_long", count=LONGEST[name], lines=LINES)
        for name, text in typed.items()
        if too_long(name, text)
    }


def _standard(visit: Visit) -> dict[str, dict[str, str]]:
    """What stands in letters where an organisation has no text of its own; nothing is added."""
    return {
        language: {
            "greeting": words(say("letter.greeting")),
            "closing": words(say("letter.closing")),
            "added": "",
        }
        for language, words in visit.office.catalogues.items()
    }


def _language(visit: Visit) -> str:
    """The language of the path, or 404."""
    language = visit.request.match_info["language"]
    if language not in LANGUAGES:
        raise web.HTTPNotFound
    return language


def _nowhere(visit: Visit, language: str) -> Building:
    """What an example names where there is no building yet."""
    return Building(visit.office.catalogues[language](say("broadcast.fact.building")), "")


PAGES: tuple[Page, ...] = (
    Page("/settings/letters", every, act=Act.SET, whole=True, section="settings"),
    Page("/settings/letters/{language}", show, change, act=Act.SET, whole=True, section="settings"),
    Page(
        "/settings/letters/{language}/preview", None, preview, act=Act.SET, whole=True, section="settings", apart=True
    ),
)
