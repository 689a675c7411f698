"""Access keys for programs: made and shown once, listed, taken away, by whoever gives others access."""

from __future__ import annotations

from datetime import timedelta

import pytest
from multidict import MultiDict

from core.buildings import store as buildings
from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Act, Role, may
from core.people.api_tokens import cards
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import SCOPES, Token
from core.people.audit import service as audit
from core.people.audit.model import Entry
from tests.ground_floor import NOW
from tests.web_admin.reading import Reader, Shown, Site

TOKENS = "/settings/tokens"
ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]


async def kept(rooms: Site) -> list[Token]:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        return await api_tokens.every(uow)


async def logged(rooms: Site) -> list[Entry]:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        return list((await audit.entries(uow)).entries)


async def make(
    reader: Reader, name: str = "Our books", days: str = "30", scopes: tuple[str, ...] = SCOPES[:2]
) -> Shown:
    form = (await reader.get(f"{TOKENS}/new")).form("")
    fields = MultiDict({"form_token": form["form_token"], "name": name, "days": days})
    fields.extend(("scope", scope) for scope in scopes)
    return await reader.post(f"{TOKENS}/new", fields)


async def test_a_key_is_shown_once_and_good_from_then_on(rooms: Site) -> None:
    reader = await rooms.signed_in()
    assert "There is no access key yet." in (await reader.get(TOKENS)).text
    shown = await make(reader)
    assert shown.status == 200
    secret = shown.text.partition("<code>")[2].partition("</code>")[0]
    assert secret.startswith("kpg_")
    assert shown.headers["Cache-Control"] == "no-store"
    bearer = await api_tokens.bearer(rooms.sample.database, secret)
    assert bearer is not None
    assert (bearer.organisation, bearer.scopes) == (rooms.sample.organisation, frozenset(SCOPES[:2]))
    listed = await reader.get(TOKENS)
    assert secret not in listed.text
    for words in ("Our books", "Read people, with what they own and rent", "22 December 2026"):
        assert words in listed.text, words
    (entry,) = await logged(rooms)
    assert (entry.deed, entry.subject, entry.actor.name) == ("token_given", "token Our books", "nathalie.renard")
    assert entry.after == {"scopes": list(SCOPES[:2]), "expires": (NOW + timedelta(days=30)).isoformat()}
    assert secret not in str(entry)


async def test_a_key_that_is_taken_away_opens_nothing(rooms: Site) -> None:
    reader = await rooms.signed_in()
    secret = (await make(reader)).text.partition("<code>")[2].partition("</code>")[0]
    page = await reader.get(TOKENS)
    done = await reader.send({"name": "Our books"}, to="/take")
    assert "Done: “Our books” is good for nothing any more." in done.text
    assert await api_tokens.bearer(rooms.sample.database, secret) is None
    assert [entry.deed for entry in await logged(rooms)] == ["token_taken", "token_given"]
    late = await reader.send({"name": "Our books"}, to="/take", on=page)
    assert late.status == 409
    assert "There is no token named “Our books”." in late.text
    assert len(await logged(rooms)) == 2


async def test_one_that_is_over_says_so(rooms: Site) -> None:
    reader = await rooms.signed_in()
    async with rooms.sample.database.work(rooms.sample.organisation, now=NOW - timedelta(days=9)) as uow:
        await api_tokens.issue(uow, "old", [SCOPES[0]], timedelta(days=1))
        await uow.commit()
    assert "state-skipped" in (await reader.get(TOKENS)).text
    assert (await make(reader, "old")).status == 200, "its name is free again"


@pytest.mark.parametrize(
    ("fields", "sentence", "status"),
    [
        ({"name": ""}, "The name of a token has 1 to 100 visible characters.", 422),
        ({"name": "x" * 5000}, "The name of a token has", 422),
        ({"name": "a\0b"}, "The name of a token has", 422),
        ({"name": "\u202eskoob"}, "The name of a token has", 422),
        ({"days": "0"}, "A token lasts 1 to 3,650 days.", 422),
        ({"days": "-1"}, "A token lasts", 422),
        ({"days": "9" * 500}, "A token lasts", 422),
        ({"days": "\u0663"}, "A token lasts", 422),
        ({"scopes": ()}, "Choose at least one right.", 422),
        ({"scopes": ("everything",)}, "is no right that a token can have", 422),
        ({"scopes": (SCOPES[0], "a\0b")}, "is no right that a token can have", 422),
        ({"name": "taken"}, "There is a token named “taken” already", 409),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    rooms: Site, fields: dict[str, str | tuple[str, ...]], sentence: str, status: int
) -> None:
    reader = await rooms.signed_in()
    await make(reader, "taken")
    shown = await make(reader, **{"name": "kept as typed", "days": "77", **fields})  # type: ignore[arg-type]
    assert shown.status == status
    assert sentence in shown.text
    assert "kpg_" not in shown.text
    if "days" not in fields:
        assert 'value="77"' in shown.text
    assert [token.name for token in await kept(rooms)] == ["taken"]
    assert len(await logged(rooms)) == 1


async def test_a_file_instead_of_a_tick_is_refused(rooms: Site) -> None:
    from aiohttp import FormData

    reader = await rooms.signed_in()
    form = (await reader.get(f"{TOKENS}/new")).form("")
    sent = FormData({"form_token": form["form_token"], "name": "x", "days": "1"})
    sent.add_field("scope", b"content", filename="scope.txt")
    shown = await reader.post(f"{TOKENS}/new", sent)  # type: ignore[arg-type]
    assert shown.status == 422
    assert "Choose at least one right." in shown.text


@pytest.mark.parametrize("role", ROLES)
async def test_who_may(rooms: Site, role: Role) -> None:
    reader = await rooms.signed_in(f"{role.value}@renard-gestion.example", role)
    token = (await reader.get("/")).form("/sign-out")["form_token"]
    able = may(role, Act.EMPLOY)
    for path in (TOKENS, f"{TOKENS}/new"):
        assert (await reader.get(path)).status == (200 if able else 403)
    sent = {"form_token": token, "name": "x", "days": "1", "scope": SCOPES[0]}
    assert (await reader.post(f"{TOKENS}/new", sent)).status == (200 if able else 403)
    assert len(await kept(rooms)) == able


async def test_a_syndic_of_one_building_makes_none_for_all(rooms: Site) -> None:
    reader = await rooms.signed_in("one@renard-gestion.example", building=rooms.sample.known.building_id)
    for path in (TOKENS, f"{TOKENS}/new"):
        assert (await reader.get(path)).status == 403


async def test_another_tenant_s_keys_are_not_there(rooms: Site) -> None:
    async with rooms.sample.database.work() as uow:
        await buildings.add_organisation(uow, "another")
        secret, _ = await api_tokens.issue(uow, "theirs", [SCOPES[0]])
        await uow.commit()
    reader = await rooms.signed_in()
    page = await reader.get(TOKENS)
    assert "theirs" not in page.text
    token = page.form("/sign-out")["form_token"]
    assert (await reader.post(f"{TOKENS}/take", {"form_token": token, "name": "theirs"})).status == 409
    assert await api_tokens.bearer(rooms.sample.database, secret) is not None


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(rooms: Site, language: str) -> None:
    reader = await rooms.signed_in(language=language)
    pages = [await reader.get(TOKENS), await make(reader, scopes=SCOPES), await reader.get(TOKENS)]
    for shown in pages:
        assert shown.status == 200
        assert "office.tokens" not in shown.text
    words = rooms.office.catalogues[language]
    assert len({words(cards.scope(name)) for name in SCOPES}) == len(SCOPES)
