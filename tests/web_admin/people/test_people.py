"""The people of a building: found, looked at, changed, added, removed; and every way to fill the form wrongly."""

from __future__ import annotations

import pytest
from aiohttp import FormData

from core.database import UnitOfWork
from core.messaging.channel import Address
from core.people import service as people
from core.people import store
from core.people.accounts.model import Role
from tests.web_admin.people.conftest import READERS, House
from tests.web_admin.reading import Reader, Shown

NUL, OVERRIDE, SCRIPT = "\0", "\u202egnp.exe", "<script>alert(1)</script>"


async def put(
    reader: Reader, form: Shown, roles: tuple[str, ...] = (), accepts: tuple[str, ...] = (), **given: str
) -> Shown:
    """The form sent as a browser sends it: only what is ticked."""
    fields = form.form("/add-person" if form.path.endswith("/add-person") else "/edit")
    path = fields.pop("action").removeprefix("/office")
    data = FormData()
    for name, value in {**fields, "language": "fr", **given}.items():
        if name not in ("roles", "channels_accepted"):
            data.add_field(name, value)
    for role in roles:
        data.add_field("roles", role)
    for channel in accepts:
        data.add_field("channels_accepted", channel)
    return await reader.post(path, data)  # type: ignore[arg-type]


async def test_everybody_is_listed_with_what_he_is_and_how_he_is_reached(house: House) -> None:
    reader = await house.syndic()
    shown = await reader.get(f"{house.path}/people")
    assert shown.status == 200
    assert "16 people" in shown.text
    for word in (
        "Léa Dubois",
        "co-owner, co-ownership council",
        "3A, G3, C3",
        "former co-owner",
        "rents 1B",
        "Legal notices: e-mail",
    ):
        assert word in shown.text, word
    assert shown.text.index("Léa Dubois") < shown.text.index("Tom Vermeulen"), "in the order of the files"


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("words=LÉA", "Léa Dubois", "Tom Vermeulen"),
        ("words=smet+5A", "Sofie De Smet", "Léa Dubois"),
        ("words=namur", None, "Olivier Lambert"),
        ("role=tenant", "Youssef Benali", "Léa Dubois"),
        ("role=syndic", "Nathalie Renard", "Léa Dubois"),
        ("role=owner", "Marguerite Lambert", "Werner Klein"),
        ("reach=unlinked", "Marguerite Lambert", None),
        ("reach=unreachable", None, "Marguerite Lambert"),
        ("role=nonsense&reach=%00&from=99999999999", "Léa Dubois", None),
        ("from=-1", "Léa Dubois", None),
        ("words=%00%E2%80%AE", None, "Léa Dubois"),
        ("words=" + "x" * 5000, None, "Léa Dubois"),
    ],
)
async def test_the_list_is_searched(house: House, query: str, there: str | None, gone: str | None) -> None:
    reader = await house.syndic()
    shown = await reader.get(f"{house.path}/people?{query}", **{"HX-Request": "true"})
    assert shown.status == 200
    assert "<html" not in shown.text, "only the rows"
    if there:
        assert there in shown.text
    else:
        assert "Nobody fits" in shown.text
    if gone:
        assert gone not in shown.text


async def test_who_is_reached_by_nothing_is_found(house: House) -> None:
    async with house.site.sample.database.work(house.site.sample.organisation) as uow:
        assert await people.bury(uow, Address("email", "tom.vermeulen@tilleuls.example"))
        await uow.commit()
    reader = await house.syndic()
    shown = await put(
        reader, await reader.get(f"{house.path}/people/tom-vermeulen/edit"), roles=("council",), street=""
    )
    assert "Nothing reaches this person" in shown.text
    assert "nothing arrives since" in shown.text
    found = await reader.get(f"{house.path}/people?reach=unreachable")
    assert "1 person" in found.text
    assert "Tom Vermeulen" in found.text


async def test_a_person_has_a_page(house: House) -> None:
    async with house.site.sample.database.work(house.site.sample.organisation) as uow:
        await linked(uow, "tom-vermeulen", Address("telegram", "4711"), house)
        await linked(uow, "tom-vermeulen", Address("matrix", "@tom:tilleuls.example"), house)
        await uow.commit()
    reader = await house.syndic()
    shown = await reader.get(f"{house.path}/people/tom-vermeulen")
    for word in (
        "Tom Vermeulen",
        "Nederlands",
        "+32 2 555 01 04",
        "26 February 2018",
        "@tom:tilleuls.example",
        "Telegram",
    ):
        assert word in shown.text, word
    assert "Formulaire signé du 3 février 2025" in shown.text, "the evidence"
    assert "4711" not in shown.text, "a number that says nothing to a reader"
    assert "/invitations/tilleuls?lot=2B" in shown.text
    gone = await reader.get(f"{house.path}/people/olivier-lambert")
    assert "Withdrawn on" in gone.text
    assert "30 June 2026" in gone.text
    assert "4A" in gone.text
    assert "bare ownership" in gone.text


async def linked(uow: UnitOfWork, code: str, address: Address, house: House) -> None:
    persons = {row.resident.person: row.person_id for row in await store.residents(uow, house.building)}
    await store.link(uow, address, persons[code])


async def test_an_acceptance_by_message_shows_what_was_said(house: House) -> None:
    evidence = '{"accepted": "2026-05-04T10:00:00+02:00", "delivery": "ab", "sha256": "c0ffee", "text": "I agree <b>fully</b>"}'
    async with house.site.sample.database.work(house.site.sample.organisation) as uow:
        from sqlalchemy import text

        await uow.connection.execute(
            text("UPDATE consents SET evidence = :evidence WHERE person = 'tom-vermeulen' AND channel = 'matrix'"),
            {"evidence": evidence + "\nnot json {"},
        )
        await uow.commit()
    reader = await house.syndic()
    shown = await reader.get(f"{house.path}/people/tom-vermeulen")
    assert "Accepted by message, 4 May 2026 10:00" in shown.text
    assert "I agree &lt;b&gt;fully&lt;/b&gt;" in shown.text
    assert "not json {" in shown.text
    assert "c0ffee" not in shown.text


async def test_details_are_changed_and_logged(house: House) -> None:
    reader = await house.syndic()
    form = await reader.get(f"{house.path}/people/lea-dubois/edit")
    shown = await put(
        reader,
        form,
        roles=("auditor",),
        accepts=("email", "matrix"),
        name="Léa Dubois-Maes",
        phone="+32 2 555 01 99",
        language="nl",
    )
    assert shown.path.endswith("/people/lea-dubois")
    assert "The details of Léa Dubois-Maes are saved." in shown.text
    lea = (await house.residents())["lea-dubois"]
    assert (lea.name, lea.phone, lea.language) == ("Léa Dubois-Maes", "+32 2 555 01 99", "nl")
    assert set(lea.roles) == {"owner", "auditor"}, "owner stays, the council was not ticked"
    assert lea.channels_accepted == ("email", "matrix")
    assert lea.street == "Square du Tilleul Argenté 7 bte 31"
    assert await house.log() == [("person_changed", "person lea-dubois")]
    assert await house.verified() == []


async def test_somebody_is_added_and_removed(house: House) -> None:
    reader = await house.syndic()
    shown = await put(
        reader,
        await reader.get(f"{house.path}/add-person"),
        roles=("caretaker",),
        name="Léa Dubois",
        email="lea2@tilleuls.example",
    )
    assert shown.path.endswith("/people/lea-dubois-2")
    assert (await house.residents())["lea-dubois-2"].roles == ("caretaker",)
    await reader.get(f"{house.path}/people/lea-dubois-2/edit")
    gone = await reader.send({}, to="/remove")
    assert "Léa Dubois is no longer in the list." in gone.text
    assert "lea-dubois-2" not in await house.residents()
    assert (await reader.get(f"{house.path}/people/lea-dubois-2")).status == 404
    assert [deed for deed, _ in await house.log()] == ["person_changed", "person_changed"]


@pytest.mark.parametrize("person", ["lea-dubois", "werner-klein", "youssef-benali"])
async def test_whom_a_lot_names_stays(house: House, person: str) -> None:
    reader = await house.syndic()
    await reader.get(f"{house.path}/people/{person}/edit")
    refused = await reader.send({}, to="/remove")
    assert refused.status == 422
    assert "therefore stays in the list" in refused.text
    assert person in await house.residents()
    assert await house.log() == []


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"name": ""}, "name", "Please fill this in."),
        ({"name": "x" * 10_000}, "name", "This is too long: 10,000 characters, at most 2,000."),
        ({"name": "x" * 2500}, "name", "This is too long: 2500 characters, at most 2000."),
        ({"name": f"Léa{NUL}"}, "name", "invisible sign U+0000"),
        ({"name": "Léa\u0007"}, "name", "invisible sign U+0007"),
        ({"email": "no address"}, "email", "is no e-mail address"),
        (
            {"email": "TOM.vermeulen@tilleuls.example"},
            "email",
            "Somebody else in the building has the address",
        ),
        ({"language": "tlh"}, "language", "Choose one of the options."),
        ({"accepted_on": ""}, "accepted_on", "Say on which day this was accepted."),
        ({"accepted_on": "1700-01-01"}, "accepted_on", "Choose a year from 1900 to 2200."),
        ({"accepted_on": "2300-01-01"}, "accepted_on", "Choose a year from 1900 to 2200."),
        ({"accepted_on": "31/12/2025"}, "accepted_on", "Give a day that exists"),
        ({"city": "a\nb"}, "city", "Write this on one line."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    house: House, given: dict[str, str], field: str, sentence: str
) -> None:
    reader = await house.syndic()
    before = await house.residents()
    form = await reader.get(f"{house.path}/people/lea-dubois/edit")
    shown = await put(reader, form, roles=("council",), accepts=("email",), **{"phone": "typed before"} | given)
    assert shown.status == 422
    assert sentence in shown.text.partition(f'id="{field}-error"')[2][:300], shown.text
    assert 'value="typed before"' in shown.text
    assert await house.residents() == before
    assert await house.log() == []


@pytest.mark.parametrize("ticked", [{"roles": ("king",)}, {"accepts": ("pigeon",)}, {"roles": ("council;", "syndic")}])
async def test_what_is_no_option_is_refused(house: House, ticked: dict[str, tuple[str, ...]]) -> None:
    reader = await house.syndic()
    form = await reader.get(f"{house.path}/people/lea-dubois/edit")
    shown = await put(reader, form, **ticked)  # type: ignore[arg-type]
    assert shown.status == 422
    assert "Choose one of the options." in shown.text
    assert (await house.residents())["lea-dubois"].roles == ("owner", "council")


async def test_signs_that_turn_the_line_stay_in_their_place(house: House) -> None:
    reader = await house.syndic()
    form = await reader.get(f"{house.path}/people/lea-dubois/edit")
    shown = await put(reader, form, name=f"{SCRIPT}{OVERRIDE}")
    assert shown.status == 200
    assert SCRIPT not in shown.text
    assert f"<bdi>&lt;script&gt;alert(1)&lt;/script&gt;{OVERRIDE}</bdi>" in shown.text
    assert "\\u202egnp.exe are saved." in shown.text, "made visible in a sentence"


async def test_of_two_tabs_the_second_is_told_and_keeps_what_was_typed(house: House) -> None:
    reader = await house.syndic()
    one = await reader.get(f"{house.path}/people/lea-dubois/edit")
    two = await reader.get(f"{house.path}/people/lea-dubois/edit")
    assert (await put(reader, one, name="First", phone="1")).status == 200
    told = await put(reader, two, name="Second", phone="2")
    assert told.status == 409
    assert "This building was changed meanwhile." in told.text
    assert 'value="Second"' in told.text
    assert "Stored now: First" in told.text
    assert (await house.residents())["lea-dubois"].name == "First"
    again = await put(reader, told, name="Second", phone="2")
    assert again.status == 200
    assert (await house.residents())["lea-dubois"].name == "Second"
    assert (await put(reader, two, name="x")).status == 409
    assert (await reader.send({"version": "' OR 1=1"}, on=two, to="/remove")).status == 409


@pytest.mark.parametrize("role", READERS)
async def test_who_reads_changes_nothing(house: House, role: Role) -> None:
    reader = await house.site.signed_in("reader@tilleuls.example", role)
    shown = await reader.get(f"{house.path}/people/lea-dubois")
    assert shown.status == 200
    assert "/edit" not in shown.text
    assert "/add-person" not in (await reader.get(f"{house.path}/people")).text
    token = await house.token(reader, shown)
    for path in ("/people/lea-dubois/edit", "/add-person"):
        assert (await reader.get(house.path + path)).status == 403
    for path in ("/people/lea-dubois/edit", "/people/lea-dubois/remove", "/add-person"):
        assert (await reader.post(house.path + path, {"form_token": token, "name": "x"})).status == 403
    assert await house.log() == []


async def test_another_tenant_sees_nobody(house: House) -> None:
    reader = await house.stranger()
    token = await house.token(reader, await reader.get("/"))
    for path in ("/people", "/people/lea-dubois", "/people/lea-dubois/edit", "/add-person"):
        assert (await reader.get(house.path + path)).status == 404, path
    for path in ("/people/lea-dubois/edit", "/people/lea-dubois/remove", "/add-person"):
        assert (await reader.post(house.path + path, {"form_token": token, "name": "x"})).status == 404, path


@pytest.mark.parametrize(
    "code", ["nobody", "%00", "..%2F..", "%E2%80%AE", "x" * 3000, "%F0%9F%92%A9", "lea-dubois%2Fedit"]
)
async def test_who_is_not_there_is_404(house: House, code: str) -> None:
    reader = await house.syndic()
    assert (await reader.get(f"{house.path}/people/{code}")).status == 404
    assert (await reader.get(f"{house.path}/people/{code}/edit")).status == 404
    token = await house.token(reader, await reader.get("/"))
    assert (await reader.post(f"{house.path}/people/{code}/remove", {"form_token": token})).status == 404
