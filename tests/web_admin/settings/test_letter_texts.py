"""The texts of letters: seen, changed, looked at as PDF; and in the letters that are really drawn."""

from __future__ import annotations

import pytest

from channels.letter import Letter
from channels.letter.sheet import Drawn
from core.kernel.i18n import LANGUAGES
from core.messaging.card import Card
from core.messaging.channel import Address
from core.outbox.letter_texts import service as letter_texts
from core.outbox.letter_texts.model import Kept
from core.people import store
from core.people.accounts.model import Role
from koprogo.letters import Post
from tests.web_admin.invitations.conftest import Wired, pages_of
from tests.web_admin.reading import SYNDIC, Reader

MINE = {"greeting": "Chers voisins,", "closing": "Bien à vous", "added": "Bureau ouvert le {lundi} #de 9 h à 12 h."}


async def syndic(wired: Wired, email: str = SYNDIC) -> Reader:
    return await wired.site.signed_in(email, Role.SYNDIC)


async def kept(wired: Wired, language: str = "fr") -> Kept:
    async with wired.sample.database.work(wired.sample.organisation) as uow:
        return (await letter_texts.every(uow))[language]


async def test_the_standard_texts_are_shown(wired: Wired) -> None:
    reader = await syndic(wired)
    shown = await reader.get("/settings/letters")
    assert "Veuillez agréer nos salutations distinguées." in shown.text
    assert "Mit freundlichen Grüßen" in shown.text
    assert shown.text.count("Standard text") == 2 * len(LANGUAGES)
    assert shown.text.count("Nothing is added") == len(LANGUAGES)
    shown = await reader.get("/settings/letters/nl")
    assert "Empty: “Geachte mevrouw, geachte heer,”" in shown.text


async def test_changed_and_really_on_the_letters_that_are_drawn(wired: Wired) -> None:
    reader = await syndic(wired)
    await reader.get("/settings/letters/fr")
    shown = await reader.send(MINE, to="/letters/fr")
    assert "Saved: the next letters carry these texts." in shown.text
    assert "Chers voisins," in shown.text
    assert "by nathalie.renard" in shown.text
    (entry,) = await wired.log()
    assert (entry.deed, entry.subject, entry.after) == ("settings_changed", "letter fr", MINE)
    application, drawn = wired.application, list[Drawn]()

    async def no_code() -> None:
        return None

    async def tray(to: Address, key: str, made: Drawn) -> None:
        drawn.append(made)

    post = Post(application.database, application.shelf, application.catalogues, no_code)
    letter = Letter(post.address_of, tray)
    for code in ("lea-dubois", "tom-vermeulen"):
        person = wired.persons[code]
        async with wired.sample.database.work(wired.sample.organisation) as uow:
            await store.link(uow, Address("letter", str(person)), person)
            await uow.commit()
        await letter.send(Address("letter", str(person)), Card("Avis", ("Le corps.",)), [], "0" * 32, None)
    (french,), (dutch,) = (pages_of(each.pdf) for each in drawn)
    spoken = french.replace("\u00a0", " ")
    places = [spoken.index(text) for text in (MINE["greeting"], "Le corps.", MINE["added"], MINE["closing"])]
    assert places == sorted(places)
    assert "Chers voisins" not in dutch
    assert "Geachte mevrouw, geachte heer," in dutch
    assert "Met vriendelijke groeten" in dutch


async def test_empty_again_is_the_standard_again(wired: Wired) -> None:
    reader = await syndic(wired)
    await reader.get("/settings/letters/fr")
    await reader.send(MINE, to="/letters/fr")
    await reader.get("/settings/letters/fr")
    shown = await reader.send(dict.fromkeys(MINE, "  \r\n "), to="/letters/fr")
    assert "Veuillez agréer" in shown.text
    assert (await kept(wired)).version == 2


async def test_an_example_before_anything_is_kept(wired: Wired) -> None:
    reader = await syndic(wired)
    shown = await reader.get("/settings/letters/de")
    form = shown.form("/letters/de")
    path = form.pop("action")
    fields = {**form, "greeting": "Liebe Nachbarn,", "added": "Montags \u202egeöffnet"}
    async with reader.client.post(f"{reader.address}{path}/preview", data=fields) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        (page,) = pages_of(await answer.read())
    for text in (
        "Liebe Nachbarn,",
        "Montags geöffnet",
        "Mit freundlichen Grüßen",
        "Ein Beispielbrief",
        "Renard Gestion",
    ):
        assert text in page
    assert await kept(wired, "de") == Kept()


async def test_two_tabs(wired: Wired) -> None:
    """The second is told, sees what is saved now, keeps what was typed, and may save it knowingly."""
    reader, other = await syndic(wired), await syndic(wired, "ann@renard-gestion.example")
    await reader.get("/settings/letters/fr")
    await other.get("/settings/letters/fr")
    await other.send({"greeting": "Bonjour à tous,"}, to="/letters/fr")
    shown = await reader.send(MINE, to="/letters/fr")
    assert shown.status == 409
    assert "Somebody else has changed these texts in the meantime." in shown.text
    assert "Saved meanwhile by ann" in shown.text
    assert "Bonjour à tous," in shown.text
    assert shown.form("/letters/fr")["greeting"] == "Chers voisins,"
    assert (await kept(wired)).texts.greeting == "Bonjour à tous,"
    assert (await reader.send({}, to="/letters/fr")).status == 200
    assert (await kept(wired)).texts.greeting == "Chers voisins,"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"greeting": "x" * 121}, "greeting"),
        ({"closing": "x" * 401}, "closing"),
        ({"added": "x" * 100_000}, "added"),
        ({"added": "\n".join("x" * 9)}, "added"),
    ],
)
async def test_more_than_a_letter_takes(wired: Wired, given: dict[str, str], field: str) -> None:
    reader = await syndic(wired)
    shown = await reader.get("/settings/letters/fr")
    form = shown.form("/letters/fr")
    for path in ("/settings/letters/fr", "/settings/letters/fr/preview"):
        answer = await reader.post(path, {**form, **MINE, **given})
        assert answer.status == 422
        assert f'id="{field}-error"' in answer.text
        assert MINE["closing" if field != "closing" else "greeting"] in answer.text, "what was typed stays"
    assert await kept(wired) == Kept()


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 400, "²", "\0", "1"])
async def test_a_version_that_never_was(wired: Wired, version: str) -> None:
    reader = await syndic(wired)
    await reader.get("/settings/letters/fr")
    shown = await reader.send({**MINE, "version": version}, to="/letters/fr")
    assert shown.status in (409, 422)
    assert await kept(wired) == Kept()


async def test_hostile_signs_are_texts(wired: Wired) -> None:
    reader = await syndic(wired)
    await reader.get("/settings/letters/en")
    nasty = {"greeting": "<script>alert(1)</script>\0\u202e{t}", "closing": "#eval(sys)", "added": "{{ 7 * 7 }}\ud7ff"}
    shown = await reader.send(nasty, to="/letters/en")
    assert "<script>alert" not in shown.text
    assert (await kept(wired, "en")).texts.greeting == "<script>alert(1)</script>{t}"
    async with reader.client.post(
        f"{reader.address}/office/settings/letters/en/preview",
        data=(await reader.get("/settings/letters/en")).form("/letters/en"),
    ) as answer:
        (page,) = pages_of(await answer.read())
    assert "#eval(sys)" in page
    assert "{{ 7 * 7 }}" in page


async def test_other_languages_and_other_tenants(wired: Wired) -> None:
    reader = await syndic(wired)
    for language in ("es", "FR", "%00", "x" * 300):
        assert (await reader.get(f"/settings/letters/{language}")).status == 404
    await reader.get("/settings/letters/fr")
    await reader.send(MINE, to="/letters/fr")
    outsider = await wired.outsider()
    assert "Chers voisins" not in (await outsider.get("/settings/letters")).text
    shown = await outsider.get("/settings/letters/fr")
    form = shown.form("/letters/fr")
    async with outsider.client.post(f"{outsider.address}/office/settings/letters/fr/preview", data=form) as answer:
        assert answer.status == 200, "without a building there is an example too"
