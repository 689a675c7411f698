"""Who works in the office: invited by a link that is shown once, given and deprived of roles, and never the last syndic."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from core.buildings import store as buildings
from core.kernel.i18n import LANGUAGES
from core.people.accounts import service as accounts
from core.people.accounts.model import EMPLOYEES, Act, Role, may
from core.people.audit import service as audit
from core.people.audit.model import Entry
from tests.web_admin.reading import PASSWORD, SYNDIC, Reader, Shown, Site

COLLEAGUES = "/settings/colleagues"
ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]
PIET = {
    "email": "Piet.Peeters@renard-gestion.example",
    "name": "Piet Peeters",
    "language": "nl",
    "role": "accountant",
    "building": "",
}


async def employed(rooms: Site) -> list[tuple[str, str, UUID | None]]:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        return [(account.email, role.value, building) for account, role, building in await accounts.employed(uow)]


async def logged(rooms: Site) -> list[Entry]:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        return list((await audit.entries(uow)).entries)


async def invite(reader: Reader, **fields: str) -> Shown:
    await reader.get(f"{COLLEAGUES}/new")
    return await reader.send(PIET | fields)


async def dismiss(reader: Reader, account: UUID, role: Role, building: UUID | None = None) -> Shown:
    token = (await reader.get("/")).form("/sign-out")["form_token"]
    sent = {"form_token": token, "account": str(account), "role": role.value, "building": str(building or "")}
    return await reader.post(f"{COLLEAGUES}/dismiss", sent)


def link_on(shown: Shown) -> str:
    """The path of the one-time link on a page."""
    found = re.search(r"http://kopro\.example/office(/link/[\w-]{43})<", shown.text)
    assert found, shown.text
    return found[1]


async def test_from_an_invitation_to_a_colleague_who_is_in(rooms: Site) -> None:
    reader = await rooms.signed_in()
    shown = await invite(reader)
    assert shown.status == 200
    assert "29 November 2026" in shown.text, "how long it lasts"
    assert "piet.peeters@renard-gestion.example" in shown.text
    path = link_on(shown)
    listed = await reader.get(COLLEAGUES)
    assert path not in listed.text
    assert "Piet Peeters" in listed.text
    assert "Has not chosen a password yet." in listed.text
    assert "This is you" in listed.text
    piet = rooms.reader("nl")
    await piet.get(path)
    await piet.send({"password": PASSWORD, "again": PASSWORD})
    assert (await piet.sign_in("piet.peeters@renard-gestion.example")).status == 200
    assert (await piet.get("/buildings/tilleuls/modules")).status == 200
    assert (await piet.get(COLLEAGUES)).status == 403
    assert "Has not chosen a password yet." not in (await reader.get(COLLEAGUES)).text
    (entry,) = await logged(rooms)
    assert (entry.deed, entry.subject) == ("employed", "account piet.peeters@renard-gestion.example")
    assert entry.after == {"name": "Piet Peeters", "role": "accountant", "building": ""}
    assert path.rpartition("/")[2] not in str(entry)


async def test_a_role_in_one_building(rooms: Site) -> None:
    reader = await rooms.signed_in()
    await invite(reader, building="tilleuls", role="council")
    house = rooms.sample.known.building_id
    assert (PIET["email"].lower(), "council", house) in await employed(rooms)
    (entry,) = await logged(rooms)
    assert entry.building == house
    again = await invite(reader, building="tilleuls", role="council")
    assert again.status == 409
    assert "This person has that role there already." in again.text
    assert (await invite(reader, building="tilleuls", role="auditor")).status == 200
    assert len(await employed(rooms)) == 3


async def test_whoever_has_a_password_gets_no_link(rooms: Site) -> None:
    await rooms.account("lea@renard-gestion.example", Role.AUDITOR)
    reader = await rooms.signed_in()
    shown = await invite(reader, email="lea@renard-gestion.example")
    assert "has a password already, and signs in with it" in shown.text
    assert "/link/" not in shown.text
    assert ("lea@renard-gestion.example", "accountant", None) in await employed(rooms)


async def test_another_link_and_the_one_before_leads_nowhere(rooms: Site) -> None:
    reader = await rooms.signed_in()
    first = link_on(await invite(reader))
    await reader.get(COLLEAGUES)
    shown = await reader.send({"account": await identity(rooms, PIET["email"])}, to="/link")
    second = link_on(shown)
    assert first != second
    outside = rooms.reader()
    assert "password" not in (await outside.get(first)).text.partition("<main")[2]
    await outside.get(second)
    await outside.send({"password": PASSWORD, "again": PASSWORD})
    token = (await reader.get("/")).form("/sign-out")["form_token"]
    sent = {"form_token": token, "account": await identity(rooms, PIET["email"])}
    late = await reader.post(f"{COLLEAGUES}/link", sent)
    assert late.status == 409
    assert "Piet Peeters has a password already" in late.text


async def identity(rooms: Site, email: str) -> str:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        found = {account.email: account.account_id for account, _, _ in await accounts.employed(uow)}
    return str(found[email.lower()])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": ""}, "This is no e-mail address."),
        ({"email": "piet"}, "This is no e-mail address."),
        ({"email": "a\0b@c.example"}, "This is no e-mail address."),
        ({"email": "\u202epiet@c.example"}, "This is no e-mail address."),
        ({"email": "x" * 900 + "@c.example"}, "This is no e-mail address."),
        ({"name": ""}, "Give a name of 1 to 100 visible characters."),
        ({"name": "x" * 5000}, "Give a name of"),
        ({"name": "a\0b"}, "Give a name of"),
        ({"name": "\u202etep"}, "Give a name of"),
        ({"language": "es"}, "language"),
        ({"role": ""}, "Choose a role."),
        ({"role": "administrator"}, "Choose a role."),
        ({"building": "ailleurs"}, "Choose a building of the list."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(rooms: Site, fields: dict[str, str], sentence: str) -> None:
    reader = await rooms.signed_in()
    shown = await invite(reader, **fields)
    assert shown.status == 422
    assert sentence in shown.text
    assert "-error" in shown.text
    kept = "Piet.Peeters@renard-gestion.example" if "email" not in fields else "Piet Peeters"
    assert kept in shown.text
    assert len(await employed(rooms)) == 1
    assert await logged(rooms) == []


async def test_an_account_of_another_organisation_is_left_alone(rooms: Site) -> None:
    async with rooms.sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "another")
        await uow.commit()
    theirs, _ = await rooms.account("ann@another.example", organisation=other, password=None)
    reader = await rooms.signed_in()
    shown = await invite(reader, email="ann@another.example")
    assert shown.status == 422
    assert "already has an account in another organisation" in shown.text
    assert "ann@another.example" not in (await reader.get(COLLEAGUES)).text
    token = (await reader.get("/")).form("/sign-out")["form_token"]
    for path, status in (("link", 409), ("dismiss", 409)):
        sent = {"form_token": token, "account": str(theirs.account_id), "role": "syndic", "building": ""}
        assert (await reader.post(f"{COLLEAGUES}/{path}", sent)).status == status
    async with rooms.sample.database.work(other) as uow:
        assert len(await accounts.employed(uow)) == 1
    boss = await rooms.administrator()
    assert "Link for" in (await invite(boss, email="ann@another.example")).text, "who looks after all of it may"


async def test_a_role_is_taken_away(rooms: Site) -> None:
    lea, _ = await rooms.account("lea@renard-gestion.example", Role.COUNCIL, building=rooms.sample.known.building_id)
    reader = await rooms.signed_in()
    theirs = rooms.reader()
    await theirs.sign_in("lea@renard-gestion.example")
    assert (await theirs.get("/buildings/tilleuls/modules")).status == 200
    page = await reader.get(COLLEAGUES)
    sent = next(each for each in page.forms if each.get("account") == str(lea.account_id))
    path = sent.pop("action").removeprefix("/office")
    done = await reader.post(path, sent)
    assert "has the role “Member of the council” no more" in done.text
    assert (await theirs.get("/buildings/tilleuls/modules")).status == 404
    assert await employed(rooms) == [(SYNDIC, "syndic", None)]
    (entry,) = await logged(rooms)
    assert (entry.deed, entry.after) == ("dismissed", None)
    assert entry.before is not None
    assert entry.before["role"] == "council"
    late = await reader.post(path, sent)
    assert late.status == 409
    assert "no longer has that role" in late.text
    assert len(await logged(rooms)) == 1


async def test_the_last_syndic_and_oneself_stay(rooms: Site) -> None:
    me, _ = await rooms.account()
    reader = rooms.reader()
    await reader.sign_in()
    refused = await dismiss(reader, me.account_id, Role.SYNDIC)
    assert refused.status == 422
    assert "This is the last syndic of the organisation." in refused.text
    await rooms.account("other@renard-gestion.example")
    refused = await dismiss(reader, me.account_id, Role.SYNDIC)
    assert refused.status == 422
    assert "You would lose the right to give roles." in refused.text
    assert len(await employed(rooms)) == 2
    assert await logged(rooms) == []


@pytest.mark.parametrize(
    "wrong", [{"account": "rubbish"}, {"account": ""}, {"building": "\0"}, {"building": "x" * 5000}]
)
async def test_what_is_no_identity_is_404(rooms: Site, wrong: dict[str, str]) -> None:
    reader = await rooms.signed_in()
    token = (await reader.get("/")).form("/sign-out")["form_token"]
    sent = {"form_token": token, "account": str(uuid4()), "role": "syndic", "building": "", **wrong}
    assert (await reader.post(f"{COLLEAGUES}/dismiss", sent)).status == 404


@pytest.mark.parametrize("role", ROLES)
async def test_who_may(rooms: Site, role: Role) -> None:
    reader = await rooms.signed_in(f"{role.value}@renard-gestion.example", role)
    token = (await reader.get("/")).form("/sign-out")["form_token"]
    able = may(role, Act.EMPLOY)
    for path in (COLLEAGUES, f"{COLLEAGUES}/new"):
        assert (await reader.get(path)).status == (200 if able else 403)
    assert (await reader.post(f"{COLLEAGUES}/new", {**PIET, "form_token": token})).status == (200 if able else 403)
    assert len(await employed(rooms)) == 1 + able


async def test_a_syndic_of_one_building_gives_no_roles(rooms: Site) -> None:
    reader = await rooms.signed_in("one@renard-gestion.example", building=rooms.sample.known.building_id)
    for path in (COLLEAGUES, f"{COLLEAGUES}/new"):
        assert (await reader.get(path)).status == 403


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(rooms: Site, language: str) -> None:
    reader = await rooms.signed_in(language=language)
    pages = [await invite(reader), await reader.get(COLLEAGUES), await reader.get(f"{COLLEAGUES}/new")]
    for shown in pages:
        assert shown.status == 200
        assert "office.colleagues" not in shown.text
    words = rooms.office.catalogues[language]
    for role in EMPLOYEES:
        assert f'id="role-{role.value}"' in pages[2].text
    assert len(words.language) == 2
