"""The door of the office: password and code, links, invitations, and what is said to whoever does not come in."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pyotp
import pytest

from core.messaging.channel import Address
from core.people import service as people
from core.people.accounts import service as accounts
from core.people.accounts.model import (
    ADMIN_LASTS,
    INVITATION_LASTS,
    LONGEST_PAUSE,
    SENT_LASTS,
    TRIES_ACCOUNT,
    TRIES_ADDRESS,
    Role,
)
from tests.bot.conftest import rows
from tests.ground_floor import Hands
from tests.web_admin.reading import LEA, PASSWORD, SYNDIC, Reader, Site

WRONG = "do not belong together"
HIDDEN = re.compile(r'(name="(?:form_token|next)" value=")[^"]*')


def told(text: str, *addresses: str) -> str:
    """A page without what is different at each visit by its nature."""
    for address in addresses:
        text = text.replace(address, "ADDRESS")
    return HIDDEN.sub(r"\1", text)


async def new_secret(reader: Reader) -> str:
    """What the page shows to whoever adds an authenticator."""
    shown = await reader.get("/account/authenticator")
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", shown.text)
    assert secret is not None
    return secret[1].replace(" ", "")


def code_of(secret: str, clock: Hands) -> str:
    return pyotp.TOTP(secret).at(clock.now)


async def with_second(site: Site, clock: Hands, email: str = SYNDIC) -> tuple[str, list[str]]:
    """Somebody with an authenticator: its secret, and his recovery codes. The code that was used to add it is spent."""
    reader = await site.signed_in(email)
    secret = await new_secret(reader)
    shown = await reader.send({"code": code_of(secret, clock)})
    codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", shown.text)
    assert len(codes) == 10, shown.text
    clock.now += timedelta(seconds=60)
    return secret, codes


# ------------------------------------------------------------------------------------------------------------ password


async def test_whoever_has_the_password_comes_in_and_goes_out(rooms: Site) -> None:
    await rooms.account()
    reader = rooms.reader()
    door = await reader.get("/")
    assert door.path == "/office/sign-in?next=/"
    home = await reader.send({"email": f" {SYNDIC.upper()} ", "password": PASSWORD}, to="/sign-in")
    assert (home.status, home.path) == (200, "/office/")
    assert "<h1>To do</h1>" in home.text
    out = await reader.send({}, to="/sign-out")
    assert "You are signed out." in out.text
    assert (await reader.get("/")).path.startswith("/office/sign-in")


async def test_one_goes_on_to_the_page_that_one_wanted_and_to_no_other_site(rooms: Site) -> None:
    await rooms.account()
    for wanted, reached in (
        ("/account", "/office/account"),
        ("//evil.example/", "/office/"),
        ("/%5Cevil.example", "/office/"),
        ("https://evil.example", "/office/"),
        ("/sign-in", "/office/"),
        ("/account%0d%0aSet-Cookie:x", "/office/"),
    ):
        reader = rooms.reader()
        await reader.get(f"/sign-in?next={wanted}")
        shown = await reader.send({"email": SYNDIC, "password": PASSWORD}, to="/sign-in")
        assert shown.path == reached, wanted


async def test_unknown_and_wrong_are_answered_alike_after_the_same_work(rooms: Site) -> None:
    """Neither the words nor the number of passwords compared tell whether there is an account; nor whether it has a password yet."""
    await rooms.account()
    await rooms.account("new@kopro.example", Role.AUDITOR, password=None)
    passwords = rooms.office.proofs.passwords
    await passwords.check(None, "the first makes what nobody's is compared with")
    answers = []
    for email in (SYNDIC, "nobody@kopro.example", "new@kopro.example", "", "x" * 250 + "@y.z"):
        reader = rooms.reader()
        await reader.get("/sign-in")
        before = passwords.checked
        shown = await reader.send({"email": email, "password": "wrong password"}, to="/sign-in")
        assert passwords.checked == before + 1, email
        names = sorted(name for name in shown.headers if name not in ("Date", "Content-Length"))
        answers.append((shown.status, names, told(shown.text, email) if email else "", shown.path))
    assert answers[0][0] == 401
    assert WRONG in answers[0][2]
    assert answers[0] == answers[1] == answers[2]
    assert {answer[0] for answer in answers} == {401}


async def test_after_five_wrong_tries_one_waits_longer_each_time(rooms: Site, clock: Hands) -> None:
    """Of an unknown address as of a known one; the right password is not looked at meanwhile; another process counts on."""
    await rooms.account()
    for email, password in ((SYNDIC, PASSWORD), ("nobody@kopro.example", "whatever it is")):
        reader = rooms.reader()
        await reader.get("/sign-in")
        for _ in range(TRIES_ACCOUNT):
            shown = await reader.send({"email": email, "password": "wrong password"}, to="/sign-in")
            assert shown.status == 401
        checked = rooms.office.proofs.passwords.checked
        shown = await reader.send({"email": email, "password": password}, to="/sign-in")
        assert shown.status == 429
        assert "Too many tries" in shown.text
        assert rooms.office.proofs.passwords.checked == checked
        clock.now += timedelta(seconds=61)
        shown = await reader.send({"email": email, "password": "wrong again"}, to="/sign-in")
        assert shown.status == 401
        clock.now += timedelta(seconds=61)
        assert (await reader.send({"email": email, "password": password}, to="/sign-in")).status == 429, (
            "two minutes now"
        )
        clock.now += timedelta(seconds=61)
        shown = await reader.send({"email": email, "password": password}, to="/sign-in")
        assert shown.status == (200 if email == SYNDIC else 401)
        clock.now += LONGEST_PAUSE


async def test_many_tries_at_once_gain_nothing(rooms: Site) -> None:
    await rooms.account()
    readers = [rooms.reader() for _ in range(12)]
    for reader in readers:
        await reader.get("/sign-in")
    before = rooms.office.proofs.passwords.checked
    shown = await asyncio.gather(
        *(reader.send({"email": SYNDIC, "password": f"wrong {n}"}, to="/sign-in") for n, reader in enumerate(readers))
    )
    assert sorted(each.status for each in shown) == [401] * TRIES_ACCOUNT + [429] * (12 - TRIES_ACCOUNT)
    assert rooms.office.proofs.passwords.checked == before + TRIES_ACCOUNT


async def test_one_network_tries_many_accounts_in_vain(rooms: Site) -> None:
    await rooms.account()
    reader = rooms.reader()
    await reader.get("/sign-in")
    statuses = []
    for number in range(TRIES_ADDRESS + 2):
        form = {**reader.last.form("/sign-in"), "email": f"a{number}@kopro.example", "password": "wrong password"}  # type: ignore[union-attr]
        form.pop("action")
        shown = await reader.post("/sign-in", form, **{"X-Forwarded-For": "203.0.113.5, 203.0.113.9"})
        statuses.append(shown.status)
    assert statuses == [401] * TRIES_ADDRESS + [429] * 2
    shown = await reader.post("/sign-in", form, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert shown.status == 401, "only what one's own proxy says of the last hop counts"


async def test_an_old_hash_is_renewed_when_its_owner_comes_in(rooms: Site) -> None:
    from argon2 import PasswordHasher

    account, _ = await rooms.account()
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    await rows(rooms.sample, f"UPDATE accounts SET password = '{old}'")
    assert (await rooms.reader().sign_in()).status == 200
    (row,) = await rows(rooms.sample, "SELECT password FROM accounts")
    assert row["password"].startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert PASSWORD not in row["password"]
    assert account.email == SYNDIC


# ------------------------------------------------------------------------------------------------------- second factor


async def test_a_code_is_asked_and_each_is_good_once(rooms: Site, clock: Hands) -> None:
    secret, _ = await with_second(rooms, clock)
    reader = rooms.reader()
    shown = await reader.sign_in()
    assert (shown.status, shown.path) == (200, "/office/sign-in")
    assert "<h1>Your code</h1>" in shown.text
    assert reader.cookie("koprogo_access") is None, "half a proof opens nothing"
    assert (await reader.send({"code": "000000"}, to="/code")).status == 401
    code = code_of(secret, clock)
    home = await reader.send({"code": f"{code[:3]} {code[3:]}"}, to="/code")
    assert home.path == "/office/"
    again = rooms.reader()
    await again.sign_in()
    assert (await again.send({"code": code}, to="/code")).status == 401, "the same code a second time"


async def test_the_proof_of_the_password_grows_old_and_is_nobody_else_s(rooms: Site, clock: Hands) -> None:
    secret, _ = await with_second(rooms, clock)
    reader = rooms.reader()
    await reader.sign_in()
    form = reader.last.form("/code")  # type: ignore[union-attr]
    clock.now += timedelta(minutes=6)
    late = await reader.send({"code": code_of(secret, clock)}, to="/code")
    assert late.status == 401
    assert "That took too long" in late.text
    for forged in ("", "x.y.z", form["form_token"], reader.cookie("koprogo_browser") or ""):
        shown = await reader.post(
            "/sign-in/code", {"form_token": form["form_token"], "proved": forged, "code": code_of(secret, clock)}
        )
        assert shown.status == 401
    assert reader.cookie("koprogo_access") is None


async def test_codes_are_not_guessed(rooms: Site, clock: Hands) -> None:
    secret, codes = await with_second(rooms, clock)
    reader = rooms.reader()
    await reader.sign_in()
    form = reader.last.form("/code")  # type: ignore[union-attr]
    for number in range(TRIES_ACCOUNT):
        shown = await reader.post("/sign-in/code", {**form, "code": f"{number:06}"})
        assert shown.status == 401
    for right in (code_of(secret, clock), codes[0]):
        assert (await reader.post("/sign-in/code", {**form, "code": right})).status == 429
    assert reader.cookie("koprogo_access") is None


async def test_a_recovery_code_is_good_once_however_it_is_typed(rooms: Site, clock: Hands) -> None:
    _, codes = await with_second(rooms, clock)
    for typed, status in ((codes[0].lower().replace("-", " "), 200), (codes[0], 401), (codes[1], 200)):
        reader = rooms.reader()
        await reader.sign_in()
        assert (await reader.send({"code": typed}, to="/code")).status == status, typed
    stored = await rows(rooms.sample, "SELECT digest, used_at IS NOT NULL AS used FROM recovery_codes")
    assert sorted(row["used"] for row in stored) == [False] * 8 + [True] * 2
    assert all(code.encode() not in row["digest"] for row in stored for code in codes)


async def test_the_database_alone_makes_no_code(rooms: Site, clock: Hands) -> None:
    secret, _ = await with_second(rooms, clock)
    (row,) = await rows(rooms.sample, "SELECT authenticator FROM accounts")
    import base64

    assert base64.b32decode(secret) not in row["authenticator"]
    assert len(row["authenticator"]) == 16


# ------------------------------------------------------------------------------------------------- links and passwords


async def test_an_invitation_is_accepted_once(rooms: Site) -> None:
    _, token = await rooms.account(password=None, language="fr")
    reader = rooms.reader()
    for _ in range(3):
        shown = await reader.get(f"/link/{token}")
        assert shown.status == 200, "to look uses nothing up"
        assert '<html lang="fr">' in shown.text
    for first, second, said in (
        ("short", "short", "trop court"),
        ("x" * 201, "x" * 201, "trop long"),
        (SYNDIC, SYNDIC, "trop facilement"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "trop facilement"),
        (PASSWORD, PASSWORD + "x", "pas les mêmes"),
    ):
        shown = await reader.send({"password": first, "again": second})
        assert (shown.status, said in shown.text) == (422, True), shown.text
        assert 'aria-invalid="true"' in shown.text
        assert first not in shown.text.replace(SYNDIC, "") or first == SYNDIC
    shown = await reader.send({"password": PASSWORD, "again": PASSWORD})
    assert shown.path == "/office/account"
    other = rooms.reader()
    over = await other.get(f"/link/{token}")
    assert over.status == 422
    assert "used already" in over.text
    assert (await other.sign_in()).path == "/office/"


async def test_an_invitation_grows_old_and_a_new_one_ends_the_old(rooms: Site, clock: Hands) -> None:
    _, first = await rooms.account(password=None)
    _, second = await rooms.account(password=None)
    assert (await rooms.reader().get(f"/link/{first}")).status == 422
    assert (await rooms.reader().get(f"/link/{second}")).status == 200
    clock.now += INVITATION_LASTS
    assert (await rooms.reader().get(f"/link/{second}")).status == 422
    assert (await rooms.reader().get(f"/link/{'A' * 43}")).status == 422
    assert (await rooms.reader().get("/link/x")).status == 404


async def test_a_link_is_told_on_the_channel_that_its_owner_linked(rooms: Site, clock: Hands) -> None:
    sample = rooms.sample
    await people.open_address(sample.database, Address("email", SYNDIC), Address("telegram", "4711"))
    await rows(sample, "UPDATE directory SET last_used = now() WHERE handle = '4711'")
    await rooms.account()
    said = []
    for email in (SYNDIC, "nobody@kopro.example", "not an address"):
        reader = rooms.reader()
        await reader.get("/sign-in/link")
        shown = await reader.send({"email": email}, to="/sign-in/link")
        said.append((shown.status, shown.path, told(shown.text)))
    assert said[0] == said[1] == said[2]
    token = await told_link(rooms)
    reader = rooms.reader()
    shown = await reader.get(f"/link/{token}")
    assert 'type="password"' not in shown.text
    assert (await reader.send({})).path == "/office/"
    assert (await rooms.reader().get(f"/link/{token}")).status == 422, "once"


async def told_link(site: Site) -> str:
    """The token of the one link that was told, on which channel the plan chose."""
    for _ in range(200):
        found = await rows(
            site.sample, "SELECT channel, handle, kind, card::text AS card, expires, created_at FROM deliveries"
        )
        if found:
            break
        await asyncio.sleep(0.01)
    (row,) = found
    assert (row["channel"], row["handle"], row["kind"]) == ("telegram", "4711", "account")
    assert row["expires"] - row["created_at"] == SENT_LASTS
    link = re.search(r"http://kopro\.example/office/link/([\w-]+)", row["card"])
    assert link is not None
    return link[1]


async def test_a_forgotten_password_is_set_anew_and_ends_every_session(rooms: Site, clock: Hands) -> None:
    await people.open_address(rooms.sample.database, Address("email", SYNDIC), Address("telegram", "4711"))
    await rows(rooms.sample, "UPDATE directory SET last_used = now() WHERE handle = '4711'")
    signed_in = await rooms.signed_in()
    reader = rooms.reader()
    await reader.get("/sign-in/link?for=password")
    await reader.send({"email": SYNDIC}, to="/sign-in/link")
    token = await told_link(rooms)
    await reader.get(f"/link/{token}")
    shown = await reader.send({"password": "another one, and long", "again": "another one, and long"})
    assert shown.path == "/office/"
    assert (await signed_in.get("/")).path.startswith("/office/sign-in"), "whoever knew the old one is out"
    assert (await rooms.reader().sign_in()).status == 401
    assert (await rooms.reader().sign_in(password="another one, and long")).path == "/office/"


async def test_a_link_does_not_pass_by_the_second_factor(rooms: Site, clock: Hands) -> None:
    secret, _ = await with_second(rooms, clock)
    _, token = await rooms.account(password=None)
    reader = rooms.reader()
    await reader.get(f"/link/{token}")
    shown = await reader.send({})
    assert "<h1>Your code</h1>" in shown.text
    assert reader.cookie("koprogo_access") is None
    assert (await reader.send({"code": code_of(secret, clock)}, to="/code")).path == "/office/"


async def test_a_link_asked_for_too_often_is_sent_no_more(rooms: Site) -> None:
    await people.open_address(rooms.sample.database, Address("email", SYNDIC), Address("telegram", "4711"))
    await rows(rooms.sample, "UPDATE directory SET last_used = now() WHERE handle = '4711'")
    await rooms.account()
    for _ in range(TRIES_ACCOUNT + 3):
        reader = rooms.reader()
        await reader.get("/sign-in/link")
        assert (await reader.send({"email": SYNDIC}, to="/sign-in/link")).status == 200

    async def sent() -> int:
        (row,) = await rows(rooms.sample, "SELECT count(*) AS sent FROM deliveries")
        return int(row["sent"])

    async with asyncio.timeout(15):
        while await sent() < TRIES_ACCOUNT:  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert await sent() == TRIES_ACCOUNT
    (row,) = await rows(rooms.sample, "SELECT count(*) AS good FROM account_links WHERE used_at IS NULL")
    assert row["good"] == 1, "the last one only"


async def test_the_administrator_comes_in_by_his_link(rooms: Site, clock: Hands) -> None:
    _, token = await accounts.administrator(rooms.sample.database, "boss@kopro.example", "de", ADMIN_LASTS)
    clock.now += ADMIN_LASTS - timedelta(seconds=1)
    reader = rooms.reader()
    shown = await reader.get(f"/link/{token}")
    assert "<h1>Willkommen</h1>" in shown.text
    assert (await reader.send({"password": PASSWORD, "again": PASSWORD})).path == "/office/account"
    (row,) = await rows(rooms.sample, "SELECT administrator FROM accounts")
    assert row["administrator"]
    assert LEA not in shown.text


@pytest.mark.parametrize(
    "email", ["'; DROP TABLE accounts; --@x.y", "<script>alert(1)</script>@x.y", "a\x00b@x.y", "é" * 300 + "@x.y"]
)
async def test_what_is_typed_is_text(rooms: Site, email: str) -> None:
    reader = rooms.reader()
    await reader.get("/sign-in")
    shown = await reader.send(
        {"email": email, "password": "\x00" * 50 + "\ud800".encode("utf-8", "replace").decode()}, to="/sign-in"
    )
    assert shown.status == 401
    assert "<script" not in shown.text
