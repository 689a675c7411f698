"""Who may see which page, that forms were made here, what is kept of a form, and what every answer tells the browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from core.buildings import store as buildings
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.people.accounts.model import MAY, Act, Role, may
from tests.bot.conftest import rows
from tests.ground_floor import SAMPLE, Hands, Sample
from tests.web_admin.reading import PASSWORD, SYNDIC, Site, site_of
from web_admin.application import PAGES
from web_admin.pages import Page, Visit, go_to, render

TEN_MINUTES = timedelta(minutes=10, seconds=1)


async def _shown(visit: Visit) -> web.StreamResponse:
    if visit.typed("fail"):
        raise DomainError("office.password.differs")
    if visit.request.query.get("fault"):
        raise RuntimeError(f"Léa Dubois owes {700 + 40} euros")
    named = visit.known.building.slug if visit.known else "none"
    return render(visit, "said.html", heading=say("office.nav.todo"), body=say("office.account.chosen", name=named))


async def _sent(visit: Visit) -> web.StreamResponse:
    if visit.typed("fail"):
        raise DomainError("office.password.differs")
    return go_to(visit, "/building/tilleuls", say("office.account.chosen", name=visit.typed("name")))


TRIED = (
    *PAGES,
    *(Page(f"/try/{act.value}", _shown, _sent, act=act) for act in Act),
    *(Page(f"/whole/{act.value}", _shown, _sent, act=act, whole=True) for act in Act),
    *(Page(f"/building/{{building}}/{act.value}", _shown, _sent, act=act) for act in Act),
    Page("/building/{building}", _shown, _sent, changes=Act.WRITE),
    Page("/settings", _shown, act=Act.SET, section="settings"),
)


@pytest.fixture
async def tried(rooms: Site, catalogues: Any) -> Any:
    """The office with pages for each act."""
    async with site_of(rooms.sample, catalogues, pages=TRIED) as site:
        yield site


async def another_building(sample: Sample, organisation: str, slug: str) -> UUID:
    """The sample building once more, under another slug, perhaps at another firm."""
    async with sample.database.work(sample.organisation) as uow:
        if organisation != "default":
            await buildings.add_organisation(uow, organisation)
        with Folder.open(SAMPLE) as folder:
            files = read_building(folder)
        await import_building(uow, files, None)
        found = await buildings.find(uow, "tilleuls")
        assert found is not None
        await uow.connection.exec_driver_sql(
            f"UPDATE buildings SET slug = '{slug}' WHERE building_id = '{found.building_id}'"
        )
        await uow.commit()
    return found.building_id


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
async def test_each_role_sees_what_the_table_says(tried: Site, role: Role) -> None:
    reader = await tried.signed_in("somebody@kopro.example", role)
    for act in Act:
        for path in (f"/try/{act.value}", f"/whole/{act.value}", f"/building/tilleuls/{act.value}"):
            shown = await reader.get(path)
            assert shown.status == (200 if may(role, act) else 403), (role, act, path)
    shown = await reader.get("/building/tilleuls")
    form = reader.last.form("/sign-out")  # type: ignore[union-attr]
    sent = await reader.post("/building/tilleuls", {"form_token": form["form_token"], "name": "x"})
    assert sent.status == (200 if may(role, Act.WRITE) else 403)
    assert ('href="/office/settings"' in shown.text) is may(role, Act.SET)


async def test_the_administrator_sees_everything(tried: Site) -> None:
    reader = await tried.administrator()
    for act in Act:
        assert (await reader.get(f"/whole/{act.value}")).status == 200


async def test_a_role_in_one_building_ends_there(tried: Site) -> None:
    """Another building of the same firm is not there; nor is what takes the right in all of them."""
    sample = tried.sample
    async with sample.database.work(sample.organisation) as uow:
        await uow.connection.exec_driver_sql("UPDATE buildings SET slug = 'own'")
        await uow.commit()
    async with sample.database.work(sample.organisation) as uow:
        with Folder.open(SAMPLE) as folder:
            await import_building(uow, read_building(folder), None)
        await uow.commit()
    reader = await tried.signed_in("council@kopro.example", Role.COUNCIL, building=sample.known.building_id)
    assert (await reader.get("/building/own")).status == 200
    assert (await reader.get("/building/tilleuls")).status == 404
    assert (await reader.get("/try/switch")).status == 200
    assert (await reader.get("/whole/switch")).status == 403


async def test_what_is_another_firm_s_is_not_there(tried: Site) -> None:
    """Every page with a building in its path, by GET and POST, as every role: as if it did not exist."""
    await another_building(tried.sample, "others", "theirs")
    for role in (Role.SYNDIC, Role.COUNCIL):
        reader = await tried.signed_in(f"{role.value}@kopro.example", role)
        token = (await reader.get("/building/tilleuls")).form("/sign-out")["form_token"]
        for page in TRIED:
            if "{building}" in page.path:
                path = page.path.replace("{building}", "theirs")
                if page.get is not None:
                    shown, absent = await reader.get(path), await reader.get(page.path.replace("{building}", "nowhere"))
                    assert (shown.status, shown.text) == (404, absent.text), path
                if page.post is not None:
                    assert (await reader.post(path, {"form_token": token})).status == 404
    (row,) = await rows(tried.sample, "SELECT count(*) AS accounts FROM account_roles")
    assert row["accounts"] == 2


async def test_without_sign_in_no_page_but_the_door_opens(tried: Site) -> None:
    reader = tried.reader()
    for page in TRIED:
        path = re.sub(r"{\w+}", "tilleuls", page.path)
        if page.open:
            continue
        if page.get is not None:
            shown = await reader.get(path, follow=False)
            assert (shown.status, shown.headers["Location"].startswith("/office/sign-in?next=/")) == (303, True), path
        if page.post is not None:
            shown = await reader.post(path, {"name": "x"}, follow=False)
            assert shown.status == 401, path
            assert 'name="kept"' not in shown.text


async def test_htmx_is_sent_to_the_door_as_a_whole_page(tried: Site) -> None:
    shown = await tried.reader().get("/try/read", follow=False, **{"HX-Request": "true"})
    assert shown.status == 204
    assert shown.headers["HX-Redirect"].startswith("/office/sign-in?next=")


# --------------------------------------------------------------------------------------------------------------- forms


async def test_a_form_of_another_site_is_refused(tried: Site) -> None:
    reader = await tried.signed_in()
    other = await tried.signed_in("other@kopro.example")
    await other.get("/building/tilleuls")
    theirs = other.last.form("/sign-out")["form_token"]  # type: ignore[union-attr]
    stranger = (await tried.reader().get("/sign-in")).form("/sign-in")["form_token"]
    for token in (None, "", "x", theirs, stranger, "é" * 20, "a" * 100_000):
        fields = {"name": "x"} if token is None else {"name": "x", "form_token": token}
        for path in ("/building/tilleuls", "/sign-out", "/account/language", "/account/sessions"):
            shown = await reader.post(path, fields)
            assert shown.status == 403, (path, token)
    assert (await reader.get("/")).path == "/office/", "still signed in"
    mine = (await reader.get("/building/tilleuls")).form("/sign-out")["form_token"]
    assert (await reader.post("/building/tilleuls", {"name": "x"}, **{"X-Form-Token": mine})).status == 200


async def test_nobody_is_signed_in_by_another_site(tried: Site) -> None:
    """Nor by a form that was made for another browser."""
    await tried.account()
    form = (await tried.reader().get("/sign-in")).form("/sign-in")
    reader = tried.reader()
    fields = {"email": SYNDIC, "password": PASSWORD}
    for token in ("", form["form_token"]):
        shown = await reader.post("/sign-in", {**fields, "form_token": token})
        assert shown.status == 403
    assert reader.cookie("koprogo_access") is None


async def test_what_was_typed_outlives_the_session(tried: Site, clock: Hands) -> None:
    reader = await tried.signed_in()
    token = (await reader.get("/building/tilleuls")).form("/sign-out")["form_token"]
    clock.now += timedelta(days=15)
    typed = "Un long texte,\n<b>écrit</b> pendant une heure"
    shown = await reader.post("/building/tilleuls", {"form_token": token, "name": typed})
    assert shown.status == 401
    assert "What you wrote is kept" in shown.text
    wrong = await reader.send({"email": SYNDIC, "password": "wrong password"}, to="/sign-in")
    assert "What you wrote is kept" in wrong.text
    kept = await reader.send({"email": SYNDIC, "password": PASSWORD}, to="/sign-in")
    assert "Nothing is lost" in kept.text
    assert "<b>" not in kept.text
    assert kept.form("/building/tilleuls")["name"] == typed
    done = await reader.send({}, to="/building/tilleuls")
    assert done.status == 200
    assert "&lt;b&gt;écrit" in done.text


async def test_nothing_is_kept_for_another_account_or_from_another_site(tried: Site, clock: Hands) -> None:
    await tried.account("other@kopro.example")
    reader = await tried.signed_in()
    token = (await reader.get("/building/tilleuls")).form("/sign-out")["form_token"]
    clock.now += timedelta(days=15)
    forged = await reader.post("/building/tilleuls", {"form_token": "x", "name": "pay the thief"})
    assert (forged.status, 'name="kept"' in forged.text) == (401, False)
    fresh = await tried.signed_in()
    token = (await fresh.get("/building/tilleuls")).form("/sign-out")["form_token"]
    clock.now += timedelta(days=15)
    shown = await fresh.post("/building/tilleuls", {"form_token": token, "name": "mine"})
    assert 'name="kept"' in shown.text
    home = await fresh.send({"email": "other@kopro.example", "password": PASSWORD}, to="/sign-in")
    assert home.path == "/office/"
    huge = await tried.signed_in()
    token = (await huge.get("/building/tilleuls")).form("/sign-out")["form_token"]
    clock.now += timedelta(days=15)
    shown = await huge.post("/building/tilleuls", {"form_token": token, "name": "x" * 2**17})
    assert (shown.status, 'name="kept"' in shown.text) == (401, False)


async def test_too_much_is_refused_kindly(tried: Site) -> None:
    reader = await tried.signed_in()
    for path in ("/building/tilleuls", "/sign-in"):
        shown = await reader.post(path, {"form_token": "x", "name": "x" * 2**19})
        assert shown.status == 413
        assert "This is too much" in shown.text
    for body, kind in (
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"name=x", "application/x-www-form-urlencoded; charset=nonsense"),
    ):
        shown = await reader.post("/building/tilleuls", body, **{"Content-Type": kind})
        assert shown.status in (400, 403), (body, shown.status)


async def test_a_refusal_is_a_sentence_and_a_fault_a_reference(tried: Site, caplog: pytest.LogCaptureFixture) -> None:
    reader = await tried.signed_in()
    token = (await reader.get("/building/tilleuls")).form("/sign-out")["form_token"]
    shown = await reader.post("/building/tilleuls", {"form_token": token, "fail": "yes"})
    assert (shown.status, "The two passwords are not the same." in shown.text) == (422, True)
    fault = await reader.get("/building/tilleuls?fault=1")
    assert fault.status == 500
    assert "RuntimeError" not in fault.text
    assert "740" not in fault.text
    assert "740" not in caplog.text
    reference = caplog.text.partition("reference ")[2][:10]
    assert len(reference) == 10
    assert reference in fault.text


async def test_a_fault_does_not_cost_the_session(tried: Site, clock: Hands) -> None:
    """The token is renewed on the way to a page that then fails."""
    reader = await tried.signed_in()
    clock.now += TEN_MINUTES
    assert (await reader.get("/building/tilleuls?fault=1")).status == 500
    clock.now += TEN_MINUTES
    assert (await reader.get("/")).path == "/office/"


async def test_what_was_done_is_said_once_and_can_not_be_forged(tried: Site) -> None:
    reader = await tried.signed_in()
    token = (await reader.get("/building/tilleuls")).form("/sign-out")["form_token"]
    done = await reader.post("/building/tilleuls", {"form_token": token, "name": "<i>Ann</i>"})
    assert "You now work for &lt;i&gt;Ann&lt;/i&gt;." in done.text
    assert "Ann" not in (await reader.get("/building/tilleuls")).text
    reader.set_cookie("koprogo_flash", "eyJhbGciOiJub25lIn0.eyJrZXkiOiJvZmZpY2Uuc2F2ZSJ9.")
    assert 'class="flash"' not in (await reader.get("/building/tilleuls")).text


# ------------------------------------------------------------------------------------------------------ every answer


async def test_the_browser_is_told_what_to_guard(tried: Site) -> None:
    reader = tried.reader()
    signed_in = await tried.signed_in()
    for shown in (
        await reader.get("/sign-in"),
        await reader.get("/", follow=False),
        await reader.get("/nothing"),
        await reader.post("/sign-in", {}),
        await signed_in.get("/"),
        await signed_in.get("/building/tilleuls?fault=1"),
        await signed_in.get("/try/run"),
    ):
        policy = dict(part.strip().split(" ", 1) for part in shown.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in shown.headers["Content-Security-Policy"]
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert shown.headers["Cache-Control"] == "no-store"
        assert " style=" not in shown.text
        assert re.findall(r"<script(?! src=)", shown.text) == []
        assert " onclick=" not in shown.text


async def test_the_office_without_its_slash_and_methods_that_are_not(tried: Site) -> None:
    reader = tried.reader()
    bare = await reader.get("", follow=False)
    assert (bare.status, bare.headers["Location"]) == (308, "/office/")
    for path, status in (("/sign-out", 405), ("/%2e%2e/health", 404), ("/static/office.css", 404), ("/link/", 404)):
        assert (await reader.get(path)).status == status, path


async def test_each_reader_s_language(tried: Site) -> None:
    for language, said in (("fr", "Se connecter"), ("nl", "Aanmelden"), ("de", "Anmelden"), ("en", "Sign in")):
        shown = await tried.reader(language).get("/sign-in")
        assert f"<h1>{said}</h1>" in shown.text
        assert f'<html lang="{language}">' in shown.text
    reader = await tried.signed_in(language="de")
    reader.language = "fr"
    assert "<h1>Zu tun</h1>" in (await reader.get("/")).text, "the account's choice, not the browser's"
    await reader.get("/account")
    done = await reader.send({"language": "nl"}, to="/language")
    assert "voortaan Nederlands" in done.text
    assert (await reader.send({"language": "xx"}, to="/language")).status == 422


def test_every_right_is_somebody_s_and_every_page_asks_for_one() -> None:
    assert set(MAY) == set(Role)
    assert {page.path for page in PAGES if page.open or page.act is None} == {
        *("/sign-in", "/sign-in/code", "/sign-in/link", "/link/{token:[A-Za-z0-9_-]{20,100}}", "/sign-out"),
        *("/account", "/account/language", "/account/password", "/account/authenticator"),
        *("/account/authenticator/drop", "/account/codes", "/account/sessions", "/account/organisation"),
        *(
            "/manifest-{language:fr|nl|de|en}.webmanifest",
            "/worker.js",
            "/offline/{language:fr|nl|de|en}",
            "/account/offline",
        ),
    }, "whoever adds a page that takes no right says so here"
