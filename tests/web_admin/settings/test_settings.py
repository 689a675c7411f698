"""Settings: every part with how it stands; a channel tested by whoever has an address on it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, Evidence, Receipt
from core.messaging.kinds import ACCOUNT
from core.outbox import service as outbox
from core.people import store
from core.people.accounts.model import Role
from tests.ground_floor import NOW, Hands
from tests.web_admin.invitations.conftest import BOT, MAIL, MATRIX, SETTINGS, Open, Wired
from tests.web_admin.reading import SYNDIC, Reader

ME = "nathalie-renard"
CHANNELS = ("telegram", "email", "matrix", "letter")


async def syndic(wired: Wired) -> Reader:
    return await wired.site.signed_in(SYNDIC, Role.SYNDIC)


# ------------------------------------------------------------------------------------------------------------- the parts


async def test_every_part_has_its_place(wired: Wired) -> None:
    reader = await syndic(wired)
    shown = await reader.get("/settings")
    assert shown.status == 200
    for channel in CHANNELS:
        assert f"/office/settings/channels/{channel}" in shown.text
    for where in (BOT, MAIL, MATRIX):
        assert where in shown.text
    assert shown.text.count(">On<") == 4
    assert "The letters carry the standard texts." in shown.text
    assert "Français, Nederlands, Deutsch, English" in shown.text
    assert "after 15, 30, 60 days" in shown.text
    paths = wired.site.office.paths
    for part in ("colleagues", "tokens"):
        assert (f'"/office/settings/{part}"' in shown.text) == (f"/settings/{part}" in paths)
    assert ("/office/buildings/tilleuls/details" in shown.text) == ("/buildings/{building}/details" in paths)


async def test_how_a_channel_does(wired: Wired, clock: Hands) -> None:
    async with wired.sample.database.work(wired.sample.organisation) as uow:
        await store.used(uow, Address("email", "lea.dubois@tilleuls.example"), NOW - timedelta(hours=3))
        await uow.commit()
    reader = await syndic(wired)
    for handle in ("1", "2"):
        async with wired.sample.database.work(wired.sample.organisation) as uow:
            uow.tell(Address("telegram", handle), Card(say("help.thanks")), ACCOUNT, key=handle)
            await uow.commit()
    first, second = await outbox.claim(wired.sample.database, ("telegram",))
    await outbox.sent(wired.sample.database, first, Receipt("w", Evidence.ACCEPTED, NOW))
    await outbox.failed(wired.sample.database, second, "unreachable: <blocked>")
    shown = await reader.get("/settings")
    assert "Needs a look" in shown.text
    assert "One delivery failed" in shown.text
    shown = await reader.get("/settings/channels/telegram")
    assert "22 November 2026 10:00" in shown.text
    assert "&lt;blocked&gt;" in shown.text
    assert "/office/messages?channel=telegram&amp;fate=failed" in shown.text
    shown = await reader.get("/settings/channels/email")
    assert "22 November 2026 07:00" in shown.text, "when Léa wrote"
    assert "never yet" in shown.text, "nothing was sent"


async def test_what_is_off_says_what_it_needs_and_no_secret(installed: Open) -> None:
    async with installed({name: value for name, value in SETTINGS.items() if "EMAIL" in name}) as wired:
        reader = await syndic(wired)
        shown = await reader.get("/settings")
        assert shown.text.count(">Off<") == 2
        shown = await reader.get("/settings/channels/telegram")
        assert "KOPROGO_TELEGRAM_TOKEN" in shown.text
        assert "docs/hosting/telegram.rst" in shown.text
        assert "Send a test" not in shown.text
        token = shown.form("/sign-out")["form_token"]
        refused = await reader.post("/settings/channels/telegram", {"form_token": token, "test": str(uuid4())})
        assert refused.status == 422
        assert await wired.told() == []
    async with installed(SETTINGS) as wired:
        reader = await syndic(wired)
        for path in ("", *(f"/channels/{channel}" for channel in CHANNELS)):
            text = (await reader.get(f"/settings{path}")).text
            assert not any(secret in text for secret in ("AAAAAAAA", "secret of the wire", "127.0.0.1:2424"))


# -------------------------------------------------------------------------------------------------------------- the test


async def test_a_test_goes_to_ones_own_address_and_is_watched(wired: Wired) -> None:
    reader = await syndic(wired)
    await reader.get("/settings/channels/email")
    form = reader.last.form("/channels/email") if reader.last else {}
    shown = await reader.send({}, to="/channels/email")
    assert re.fullmatch(r"/office/settings/channels/email/tests/[0-9a-f-]{36}", shown.path)
    assert "waiting" in shown.text
    assert 'hx-trigger="every 3s"' in shown.text
    (told,) = await wired.told()
    assert (told.kind, told.address, told.fate) == (ACCOUNT, Address("email", SYNDIC), "waiting")
    assert (told.language, told.person_id) == ("fr", wired.persons[ME])
    again = await reader.post("/settings/channels/email", {name: form[name] for name in ("form_token", "test")})
    assert again.path == shown.path
    assert len(await wired.told()) == 1, "pressed twice, told once"
    (claimed,) = await outbox.claim(wired.sample.database, ("email",))
    await outbox.sent(wired.sample.database, claimed, Receipt("w", Evidence.DELIVERED, NOW))
    path = shown.path.removeprefix("/office")
    part = await reader.get(path, **{"HX-Request": "true"})
    assert "The test was sent: look whether you received it." in part.text
    assert "<html" not in part.text
    shown = await reader.get(path)
    assert "hx-trigger" not in shown.text, "it is over"


async def test_a_test_that_fails_says_why(wired: Wired) -> None:
    await wired.link(ME, Address("telegram", "42"))
    reader = await syndic(wired)
    await reader.get("/settings/channels/telegram")
    shown = await reader.send({}, to="/channels/telegram")
    (claimed,) = await outbox.claim(wired.sample.database, ("telegram",))
    await outbox.failed(wired.sample.database, claimed, "unreachable: blocked", dead=True)
    shown = await reader.get(shown.path.removeprefix("/office"))
    assert "could not be sent by this channel" in shown.text
    assert "blocked" in shown.text
    assert "e-mail" in shown.text, "where it went on"


async def test_without_an_address_there_it_is_said_how_to_get_one(wired: Wired) -> None:
    reader = await syndic(wired)
    shown = await reader.get("/settings/channels/matrix")
    assert "you have not linked this channel yet" in shown.text
    assert "Send a test" not in shown.text
    token = shown.form("/sign-out")["form_token"]
    refused = await reader.post("/settings/channels/matrix", {"form_token": token, "test": str(uuid4())})
    assert (refused.status, "You have no address on this channel" in refused.text) == (422, True)
    stranger = await wired.site.signed_in("ann@renard-gestion.example", Role.SYNDIC)
    shown = await stranger.get("/settings/channels/email")
    assert "Nobody in a building has the e-mail address of your account, ann@renard-gestion.example" in shown.text
    shown = await stranger.get("/settings/channels/letter")
    token = shown.form("/sign-out")["form_token"]
    refused = await stranger.post("/settings/channels/letter", {"form_token": token, "test": str(uuid4())})
    assert refused.status == 422
    assert await wired.told() == []


@pytest.mark.parametrize("given", ["", "rubbish", "\0\u202e", "x" * 100_000])
async def test_what_is_no_form(wired: Wired, given: str) -> None:
    reader = await syndic(wired)
    await reader.get("/settings/channels/email")
    shown = await reader.send({"test": given}, to="/channels/email")
    assert shown.status == 422
    assert "Nothing was sent. Press once more." in shown.text
    assert await wired.told() == []


# ------------------------------------------------------------------------------------------------------- who comes in


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.COUNCIL, Role.AUDITOR])
async def test_others_set_nothing(wired: Wired, role: Role) -> None:
    reader = await wired.site.signed_in(f"{role.value}@renard-gestion.example", role)
    shown = await reader.get("/")
    assert '"/office/settings"' not in shown.text
    token = shown.form("/sign-out")["form_token"]
    for path in ("", "/channels/email", f"/channels/email/tests/{uuid4()}", "/letters", "/letters/fr"):
        assert (await reader.get(f"/settings{path}")).status == 403, path
    for path in ("/channels/email", "/letters/fr", "/letters/fr/preview"):
        assert (await reader.post(f"/settings{path}", {"form_token": token})).status == 403, path


async def test_a_syndic_of_one_building_sees_that_and_no_texts(wired: Wired) -> None:
    one = await wired.site.signed_in("one@renard-gestion.example", Role.SYNDIC, building=wired.sample.known.building_id)
    shown = await one.get("/settings")
    assert "Résidence Les Tilleuls" in shown.text
    assert "/office/settings/letters" not in shown.text
    assert (await one.get("/settings/letters")).status == 403


async def test_tests_of_another_tenant_are_not_there(wired: Wired) -> None:
    reader = await syndic(wired)
    await reader.get("/settings/channels/email")
    path = (await reader.send({}, to="/channels/email")).path.removeprefix("/office")
    outsider = await wired.outsider()
    assert (await outsider.get(path)).status == 404
    shown = await outsider.get("/settings")
    assert "Tilleuls" not in shown.text.replace(MAIL, "").replace(MATRIX, "").replace(BOT, "")
    for missing in ("/channels/pigeon", "/channels/email/tests/rubbish", f"/channels/email/tests/{UUID(int=1)}"):
        assert (await reader.get(f"/settings{missing}")).status == 404
    assert (await reader.get(path.replace("email", "telegram"))).status == 404
