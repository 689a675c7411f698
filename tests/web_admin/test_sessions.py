"""Staying signed in: the short sign-in, what renews it, a token in two hands, and the list of where one is signed in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import jwt
import pytest

from core.people.accounts.model import OVERLAP, SESSION_IDLE, SESSION_LASTS, Role
from core.people.accounts.proofs import Keys
from tests.bot.conftest import rows
from tests.ground_floor import Hands
from tests.web_admin.reading import PASSWORD, SECRET, SYNDIC, Reader, Site, site_of

ACCESS, REFRESH = "koprogo_access", "koprogo_refresh"
TEN_MINUTES = timedelta(minutes=10, seconds=1)


def is_out(path: str) -> bool:
    return path.startswith("/office/sign-in")


async def test_the_short_sign_in_is_renewed_and_its_token_changes(rooms: Site, clock: Hands) -> None:
    reader = await rooms.signed_in()
    seen = {reader.cookie(REFRESH)}
    access = reader.cookie(ACCESS)
    await reader.get("/")
    assert reader.cookie(ACCESS) == access
    for _ in range(3):
        clock.now += TEN_MINUTES
        assert (await reader.get("/")).path == "/office/"
        seen.add(reader.cookie(REFRESH))
    assert len(seen) == 4
    (row,) = await rows(rooms.sample, "SELECT refresh, before FROM account_sessions")
    assert all(str(token).partition(".")[2].encode() not in row["refresh"] + row["before"] for token in seen)


async def test_a_refresh_token_that_comes_twice_ends_the_session_for_both(rooms: Site, clock: Hands) -> None:
    reader = await rooms.signed_in()
    stolen = str(reader.cookie(REFRESH))
    clock.now += TEN_MINUTES
    assert (await reader.get("/")).path == "/office/"
    clock.now += OVERLAP
    thief = rooms.reader()
    thief.set_cookie(REFRESH, stolen)
    assert is_out((await thief.get("/")).path)
    assert is_out((await reader.get("/")).path), "the family is revoked, at once"
    (row,) = await rows(rooms.sample, "SELECT ended_at, reused FROM account_sessions")
    assert row["reused"]
    assert row["ended_at"] == clock.now


async def test_a_thief_who_is_quicker_is_seen_when_the_owner_comes(rooms: Site, clock: Hands) -> None:
    reader = await rooms.signed_in()
    thief = rooms.reader()
    thief.set_cookie(REFRESH, str(reader.cookie(REFRESH)))
    clock.now += TEN_MINUTES
    assert (await thief.get("/")).path == "/office/"
    clock.now += TEN_MINUTES
    assert is_out((await reader.get("/")).path)
    assert is_out((await thief.get("/")).path)


async def test_a_token_of_long_ago_is_seen_too(rooms: Site, clock: Hands) -> None:
    reader = await rooms.signed_in()
    stolen = str(reader.cookie(REFRESH))
    for _ in range(4):
        clock.now += TEN_MINUTES
        await reader.get("/")
    thief = rooms.reader()
    thief.set_cookie(REFRESH, stolen)
    assert is_out((await thief.get("/")).path)
    assert is_out((await reader.get("/")).path)


async def test_two_tabs_that_wake_up_at_once_stay_signed_in(rooms: Site, clock: Hands) -> None:
    reader = await rooms.signed_in()
    token = str(reader.cookie(REFRESH))
    clock.now += TEN_MINUTES
    tabs = [rooms.reader() for _ in range(6)]
    for tab in tabs:
        tab.set_cookie(REFRESH, token)
    shown = await asyncio.gather(*(tab.get("/") for tab in tabs))
    assert {each.path for each in shown} == {"/office/"}
    fresh = [tab.cookie(REFRESH) for tab in tabs if tab.cookie(REFRESH) != token]
    assert len(fresh) == 1, "one of them got the next token, the others an access only"


async def test_a_session_ends_when_it_is_not_used_and_at_last_anyway(rooms: Site, clock: Hands) -> None:
    idle = await rooms.signed_in()
    clock.now += SESSION_IDLE
    assert is_out((await idle.get("/")).path)
    busy = rooms.reader()
    await busy.sign_in()
    began = clock.now
    while clock.now < began + SESSION_LASTS - SESSION_IDLE / 2:
        clock.now += SESSION_IDLE / 2
        assert (await busy.get("/")).path == "/office/"
    clock.now = began + SESSION_LASTS
    assert is_out((await busy.get("/")).path)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        jwt.encode({"sid": "0" * 32, "org": "0" * 32, "aud": "access", "exp": 9999999999}, "another secret" * 4),
        jwt.encode({"sid": "0" * 32, "org": "0" * 32, "aud": "flash", "exp": 9999999999}, Keys(SECRET).of("flash")),
        jwt.encode({"sid": "0" * 32, "org": "0" * 32, "aud": "access", "exp": 1}, Keys(SECRET).of("access")),
        jwt.encode({"sid": "0" * 32, "org": "0" * 32, "aud": "access", "exp": 9999999999}, Keys(SECRET).of("access")),
        "a" * 6000,
    ],
)
async def test_a_forged_sign_in_opens_nothing(rooms: Site, forged: str) -> None:
    """Not even one signed with the right key, for a session that there is not."""
    reader = rooms.reader()
    reader.set_cookie(ACCESS, forged)
    for name, value in ((REFRESH, forged), (REFRESH, f"{'0' * 32}.x"), (REFRESH, ".")):
        reader.set_cookie(name, value)
        assert is_out((await reader.get("/account")).path)


async def test_sessions_are_listed_and_ended_at_once(rooms: Site) -> None:
    await rooms.account()
    readers = [rooms.reader() for _ in range(3)]
    for reader in readers:
        await reader.sign_in()
    here, there, elsewhere = readers
    shown = await here.get("/account")
    assert shown.text.count("Last used") == 3
    assert shown.text.count("Here and now") == 1
    ended = [form for form in shown.forms if form["action"].endswith("/sessions")]
    assert len(ended) == 3
    sessions = await rows(rooms.sample, "SELECT session_id FROM account_sessions ORDER BY created_at, session_id")
    mine = await _session_of(there)
    assert mine in {row["session_id"].hex for row in sessions}
    await here.post("/account/sessions", {"form_token": ended[0]["form_token"], "session": mine})
    assert is_out((await there.get("/")).path), "at once, though its short sign-in had ten minutes to go"
    assert (await elsewhere.get("/")).path == "/office/"
    await here.get("/account")
    await here.post("/account/sessions", {"form_token": ended[0]["form_token"], "session": "others"})
    assert is_out((await elsewhere.get("/")).path)
    assert (await here.get("/")).path == "/office/"
    wrong = await here.post("/account/sessions", {"form_token": ended[0]["form_token"], "session": "not one"})
    assert wrong.status == 422


async def test_nobody_ends_another_s_session(rooms: Site) -> None:
    mine = await rooms.signed_in()
    other = await rooms.signed_in("council@kopro.example", Role.COUNCIL)
    await other.get("/account")
    form = other.last.form("/sign-out")  # type: ignore[union-attr]
    await other.post("/account/sessions", {"form_token": form["form_token"], "session": await _session_of(mine)})
    assert (await mine.get("/")).path == "/office/"


async def test_another_password_ends_every_other_session(rooms: Site) -> None:
    here = await rooms.signed_in()
    there = rooms.reader()
    await there.sign_in()
    await here.get("/account")
    fields = {"old": "not it at all", "password": "another one, and long", "again": "another one, and long"}
    refused = await here.send(fields, to="/account/password")
    assert (refused.status, "current password is not right" in refused.text) == (422, True)
    done = await here.send({**fields, "old": PASSWORD}, to="/account/password")
    assert "The password is changed" in done.text
    assert is_out((await there.get("/")).path)
    assert (await rooms.reader().sign_in(SYNDIC, "another one, and long")).path == "/office/"


async def test_a_role_that_is_taken_away_is_gone_at_the_next_page(rooms: Site) -> None:
    from core.people.accounts import service as accounts

    account, _ = await rooms.account()
    await rooms.account("another@renard-gestion.example")
    reader = rooms.reader()
    home = await reader.sign_in()
    assert "no building here yet" not in home.text
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await accounts.dismiss(uow, account.account_id, Role.SYNDIC)
        await uow.commit()
    assert "no building here yet" in (await reader.get("/")).text


@pytest.mark.parametrize(("base", "secure"), [("https://kopro.example", True), ("http://kopro.example", False)])
async def test_cookies_are_for_this_site_s_pages_only(rooms: Site, base: str, secure: bool) -> None:
    await rooms.account()
    async with site_of(rooms.sample, rooms.office.catalogues, base=base) as site:
        reader = site.reader()
        door = await reader.get("/sign-in")
        form = door.form("/sign-in")
        browser = next(line for line in door.headers.getall("Set-Cookie") if line.startswith("koprogo_browser"))
        value = browser.partition("=")[2].partition(";")[0]
        shown = await reader.post(
            "/sign-in", {**form, "email": SYNDIC, "password": PASSWORD}, follow=False, Cookie=f"koprogo_browser={value}"
        )
        assert shown.status == 303, shown.text
        set_cookies = shown.headers.getall("Set-Cookie")
        assert {line.partition("=")[0] for line in set_cookies} >= {ACCESS, REFRESH}
        for line in (*set_cookies, browser):
            attributes = {part.strip().lower() for part in line.split(";")[1:]}
            assert {"httponly", "samesite=lax", "path=/office"} <= attributes
            assert ("secure" in attributes) is secure
        assert ("Strict-Transport-Security" in shown.headers) is secure


async def _session_of(reader: Reader) -> str:
    claims = jwt.decode(str(reader.cookie(ACCESS)), options={"verify_signature": False})
    session: str = claims["sid"]
    return session
