"""Who owns which lot, lots that change hands, and who speaks for them; over HTTP."""

from __future__ import annotations

from datetime import date

import pytest

from core.people.accounts.model import Role
from tests.core.small import day
from tests.web_admin.people.conftest import READERS, House
from tests.web_admin.reading import Reader, Shown

OWNER = {"right": "full", "part": "1/1", "language": "fr", "person": "", "name": "", "email": ""}


def owners(*given: dict[str, str], **more: str) -> dict[str, str]:
    """The fields of a transfer to these owners."""
    fields = {"count": str(len(given)), **more}
    for number, each in enumerate(given, start=1):
        fields |= {f"{name}-{number}": value for name, value in (OWNER | each).items()}
    return fields


async def press(reader: Reader, on: Shown, button: str, **given: str) -> Shown:
    return await reader.send({**given, "press": button}, on=on)


async def look(reader: Reader, house: House, lot: str, *given: dict[str, str], **more: str) -> Shown:
    form = await reader.get(f"{house.path}/ownership/transfer?lot={lot}")
    assert form.status == 200, form.text
    return await press(reader, form, "look", **owners(*given, **more))


async def confirm(reader: Reader, shown: Shown) -> Shown:
    assert shown.status == 200, shown.text
    return await press(reader, shown, "transfer")


async def test_every_lot_is_listed_with_its_owners(house: House) -> None:
    reader = await house.syndic()
    shown = await reader.get(f"{house.path}/ownership")
    assert shown.text.count('scope="row"') == 24
    for word in ("Priya Nair", "2 March 2026", "usufruct · represents the lot", "full ownership 1/3"):
        assert word in shown.text, word
    assert "Werner Klein" not in shown.text
    one = await reader.get(f"{house.path}/ownership/lot?lot=2A")
    before, _, past = one.text.partition(">Before<")
    assert "Priya Nair" in before
    assert "Werner Klein" in past
    assert "1 March 2026" in past


async def test_a_lot_is_sold_to_somebody_new_after_a_look(house: House) -> None:
    reader = await house.syndic()
    before = await house.booked("lea-dubois")
    shown = await look(reader, house, "3A", {"name": "Dan Dupont", "email": "dan@tilleuls.example"}, day="2026-11-01")
    for word in (
        "Check: transfer of lot 3A",
        "Ends on the day before 1 November 2026",
        "New in the list: Dan Dupont",
        "Call ",
    ):
        assert word in shown.text, word
    assert "is split anew" not in shown.text, "no settlement covers November"
    assert [row.person for row in await house.ownership("3A")] == ["lea-dubois"], "nothing is done yet"
    assert await house.booked("lea-dubois") == before
    assert "dan-dupont" not in await house.residents()
    assert await house.log() == []
    done = await confirm(reader, shown)
    assert done.path.endswith("/ownership/lot?lot=3A")
    assert "Lot 3A changes hands on 1 November 2026." in done.text
    rows = await house.ownership("3A")
    assert [(row.person, row.first, row.last) for row in rows] == [
        ("lea-dubois", day("2020-09-14"), day("2026-10-31")),
        ("dan-dupont", day("2026-11-01"), None),
    ]
    assert (await house.residents())["dan-dupont"].roles == ("owner",)
    assert set(await house.log()) == {("lot_transferred", "lot 3A"), ("person_changed", "person dan-dupont")}
    assert await house.verified() == []
    after = await house.booked("lea-dubois")
    assert {key: cents for key, cents in after.items() if key[0] == "settlement"} == {
        key: cents for key, cents in before.items() if key[0] == "settlement"
    }, "a closed period stays as it was"
    assert after != before, "the calls due after it are the buyer's"
    dan = await house.booked("dan-dupont")
    assert {kind for kind, _ in dan} == {"call"}
    assert sum(before.values()) == sum(after.values()) + sum(dan.values())


async def test_a_sale_in_a_closed_period_is_said_before(house: House) -> None:
    reader = await house.syndic()
    shown = await look(reader, house, "3A", {"person": "james-carter"}, day="2025-06-01")
    assert "is split anew" in shown.text
    assert "Settlement " in shown.text
    assert await house.log() == []


async def test_a_lot_is_split_among_several(house: House) -> None:
    reader = await house.syndic()
    form = await reader.get(f"{house.path}/ownership/transfer?lot=3A")
    more = await press(reader, form, "more", day="2026-12-01", **owners({"person": "lea-dubois", "right": "usufruct"}))
    assert more.status == 200
    assert 'name="person-2"' in more.text
    assert 'value="2026-12-01"' in more.text
    shown = await press(
        reader,
        more,
        "look",
        **owners(
            {"person": "lea-dubois", "right": "usufruct", "part": "1"},
            {"person": "james-carter", "right": "bare", "part": " 1 / 2 "},
            {"name": "Ann Peeters", "right": "bare", "part": "1/2", "language": "nl"},
            {},
            day="2026-12-01",
            voice="1",
        ),
    )
    assert "Until 1 December 2026 nothing changes" in shown.text
    assert (await confirm(reader, shown)).status == 200
    found = [
        (row.person, row.right, str(row.fraction), row.representative)
        for row in await house.ownership("3A")
        if row.last is None
    ]
    assert found == [
        ("lea-dubois", "usufruct", "1", True),
        ("james-carter", "bare", "1/2", False),
        ("ann-peeters", "bare", "1/2", False),
    ]
    assert await house.verified() == []


@pytest.mark.parametrize(
    ("given", "more", "field", "sentence"),
    [
        ({"person": "james-carter"}, {"day": ""}, "day", "Give a day that exists"),
        ({"person": "james-carter"}, {"day": "2026-02-30"}, "day", "Give a day that exists"),
        ({"person": "james-carter"}, {"day": "٢٠٢٦-٠١-٠١"}, "day", "Give a day that exists"),
        ({"person": "james-carter"}, {"day": "1700-01-01"}, "day", "changes hands on 21 May 2012 already"),
        ({"person": "james-carter"}, {"day": "0001-01-01"}, "day", "changes hands on 21 May 2012 already"),
        ({"person": "james-carter"}, {"day": "2026-03-01"}, "day", "changes hands on 2 March 2026 already"),
        ({"person": "james-carter"}, {"day": "2300-01-01"}, "day", "Choose a year from 1900 to 2200."),
        ({"person": "james-carter", "part": "1/2"}, {}, "", "Together these fractions make 1/2."),
        ({"person": "james-carter", "right": "usufruct"}, {}, "", "Full and bare ownership together make 0."),
        ({"person": "james-carter", "part": "3/2"}, {}, "part-1", "Write a fraction of at most 1"),
        ({"person": "james-carter", "part": "1/0"}, {}, "part-1", "Write a fraction of at most 1"),
        ({"person": "james-carter", "part": "-1/2"}, {}, "part-1", "Write a fraction of at most 1"),
        ({"person": "james-carter", "part": "0.5"}, {}, "part-1", "Write a fraction of at most 1"),
        ({"person": "james-carter", "part": "9" * 5000 + "/2"}, {}, "part-1", "too long"),
        ({"person": "james-carter", "right": "lease"}, {}, "right-1", "Choose one of the options."),
        ({"person": "nobody"}, {}, "person-1", "Choose somebody from the list"),
        ({"person": "\0"}, {}, "person-1", "invisible sign"),
        ({"person": ""}, {}, "person-1", "Choose somebody from the list"),
        ({"person": "james-carter", "name": "Dan"}, {}, "person-1", "not both"),
        ({"name": "x" * 10_000}, {}, "name-1", "This is too long: 10,000 characters"),
        ({"name": "x" * 3000}, {}, "name-1", "This is too long: 3000 characters"),
        ({"name": "Dan\0"}, {}, "name-1", "invisible sign U+0000"),
        ({"name": "Dan", "email": "x"}, {}, "email-1", "is no e-mail address"),
        ({"name": "Dan", "email": "lea.dubois@tilleuls.example"}, {}, "email-1", "has the address"),
        ({"email": "dan@tilleuls.example"}, {}, "name-1", "Please fill this in."),
        ({"name": "Dan", "language": "xx"}, {}, "language-1", "Choose one of the options."),
        ({"person": "priya-nair"}, {}, "", "stays with the same persons"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    house: House, given: dict[str, str], more: dict[str, str], field: str, sentence: str
) -> None:
    reader = await house.syndic()
    before = await house.ownership("2A")
    shown = await look(reader, house, "2A", given, **{"day": "2026-12-01"} | more)
    assert shown.status == 422, shown.text
    there = shown.text.partition(f'id="{field}-error"' if field else 'role="alert"')[2][:300]
    assert sentence in there, there or shown.text
    for name in ("name", "email"):
        if given.get(name):
            assert given[name].replace("\0", "")[:3000] in shown.text.replace("\0", ""), "what was typed stays"
    assert await house.ownership("2A") == before
    assert await house.log() == []


async def test_the_voice_of_a_transfer_is_one_of_its_owners(house: House) -> None:
    reader = await house.syndic()
    for voice in ("9", "\0", "x" * 9999):
        shown = await look(
            reader,
            house,
            "2A",
            {"person": "james-carter", "part": "1/2"},
            {"person": "lea-dubois", "part": "1/2"},
            day="2026-12-01",
            voice=voice,
        )
        assert shown.status in (200, 422)
        assert "represents the lot" not in shown.text


@pytest.mark.parametrize("lot", ["", "Z9", "%00", "%E2%80%AE3A", "x" * 3000, "3a"])
async def test_an_unknown_lot_is_404(house: House, lot: str) -> None:
    reader = await house.syndic()
    token = await house.token(reader, await reader.get("/"))
    for page in ("lot", "transfer", "representative"):
        assert (await reader.get(f"{house.path}/ownership/{page}?lot={lot}")).status == 404
    for page in ("transfer", "representative"):
        given = {"form_token": token, "press": "transfer", "count": "x" * 99}
        assert (await reader.post(f"{house.path}/ownership/{page}?lot={lot}", given)).status == 404


async def test_a_lot_with_any_sign_in_its_name_is_found(house: House) -> None:
    from core.interchange.amendments import service as amendments
    from core.interchange.amendments.model import Changes
    from core.interchange.tables import LOTS
    from core.people.audit.model import Actor

    odd = "G/1?&é #2"
    async with house.site.sample.database.work(house.site.sample.organisation) as uow:
        seen = await amendments.editable(uow, house.building)
        rows = [*seen.typed.rows(LOTS), {"lot": odd, "kind": "garage", "shares": "0"}]
        await amendments.amend(
            uow, house.building, seen.version, Changes(tables={LOTS.file: rows}), Actor(None, "test")
        )
        await uow.commit()
    reader = await house.syndic()
    listed = await reader.get(f"{house.path}/ownership")
    assert "lot?lot=G%2F1%3F%26%C3%A9+%232" in listed.text
    assert "nobody" in listed.text
    form = await reader.get(f"{house.path}/ownership/transfer?lot=G%2F1%3F%26%C3%A9+%232")
    shown = await press(reader, form, "look", **owners({"person": "lea-dubois"}, day="0001-01-01"))
    assert shown.status == 422
    assert "Choose a year" in shown.text
    shown = await press(reader, shown, "look", **owners({"person": "lea-dubois"}, day="2026-01-01"))
    assert (await confirm(reader, shown)).status == 200
    assert [row.person for row in await house.ownership(odd)] == ["lea-dubois"]


async def test_of_two_tabs_the_second_is_told(house: House) -> None:
    reader = await house.syndic()
    first = await look(reader, house, "3A", {"person": "james-carter"}, day="2026-12-01")
    second = await look(reader, house, "3A", {"name": "Dan Dupont"}, day="2026-12-05")
    form = await reader.get(f"{house.path}/ownership/transfer?lot=3B")
    assert (await confirm(reader, first)).status == 200
    for told in (
        await confirm(reader, second),
        await press(reader, form, "look", **owners({"name": "Dan Dupont"}, day="2026-12-05")),
    ):
        assert told.status == 409
        assert "This building was changed meanwhile." in told.text
        assert 'value="Dan Dupont"' in told.text
        assert 'value="2026-12-05"' in told.text
    assert [row.person for row in await house.ownership("3A")] == ["lea-dubois", "james-carter"]
    again = await confirm(reader, first)
    assert again.status == 409, "pressed twice it is done once"
    assert len(await house.ownership("3A")) == 2


async def test_back_to_the_form_with_what_was_typed(house: House) -> None:
    reader = await house.syndic()
    shown = await look(reader, house, "3A", {"name": "Dan <Dupont>"}, day="2026-12-01")
    form = await press(reader, shown, "change")
    assert form.status == 200
    assert 'value="Dan &lt;Dupont&gt;"' in form.text
    assert 'value="2026-12-01"' in form.text
    assert await house.log() == []


# ------------------------------------------------------------------------------------------------------ representatives


async def test_another_representative_from_a_day_on(house: House) -> None:
    reader = await house.syndic()
    await reader.get(f"{house.path}/ownership/representative?lot=5A")
    done = await reader.send({"person": "jan-desmet", "how": "day", "day": "2026-12-01"}, to="lot=5A")
    assert "The representative of lot 5A is saved." in done.text
    rows = await house.ownership("5A")
    voices = {
        when: [row.person for row in rows if row.representative and row.holds(when)]
        for when in (date(2026, 11, 30), date(2026, 12, 1))
    }
    assert list(voices.values()) == [["sofie-desmet"], ["jan-desmet"]]
    assert sum(row.fraction for row in rows if row.holds(date(2026, 12, 1))) == 1
    assert await house.log() == [("ownership_changed", "lot 5A")]
    assert await house.verified() == []


async def test_a_representative_that_was_typed_wrongly(house: House) -> None:
    reader = await house.syndic()
    await reader.get(f"{house.path}/ownership/representative?lot=5A")
    await reader.send({"person": "", "how": "mistake", "day": ""}, to="lot=5A")
    rows = await house.ownership("5A")
    assert len(rows) == 2
    assert not any(row.representative for row in rows)
    assert "no representative" in (await reader.get(f"{house.path}/ownership")).text
    assert "its vote is suspended" in (await reader.get(f"{house.path}/ownership/lot?lot=5A")).text


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"person": "lea-dubois"}, "person", "does not own lot 5A"),
        ({"person": "\0"}, "person", "does not own lot 5A"),
        ({"person": "sofie-desmet"}, "person", "stays with the same persons"),
        ({"day": ""}, "day", "Give a day that exists"),
        ({"day": "1700-01-01"}, "person", "does not own lot 5A on"),
        ({"day": "2300-01-01"}, "day", "Choose a year"),
        ({"day": "2019-11-04"}, "day", "changes hands on"),
    ],
)
async def test_a_representative_that_makes_no_sense(
    house: House, given: dict[str, str], field: str, sentence: str
) -> None:
    reader = await house.syndic()
    await reader.get(f"{house.path}/ownership/representative?lot=5A")
    shown = await reader.send({"person": "jan-desmet", "how": "day", "day": "2026-12-01", **given}, to="lot=5A")
    assert shown.status == 422
    assert sentence in shown.text.partition(f'id="{field}-error"')[2][:300], shown.text
    assert await house.log() == []
    form = await reader.get(f"{house.path}/ownership/representative?lot=5A")
    assert (await reader.send({"how": "nonsense"}, to="lot=5A")).status == 422
    stale = await reader.send({"person": "jan-desmet", "how": "mistake", "version": "old"}, on=form, to="lot=5A")
    assert stale.status == 409


# --------------------------------------------------------------------------------------------------------- who may what


@pytest.mark.parametrize("role", READERS)
async def test_who_reads_transfers_nothing(house: House, role: Role) -> None:
    reader = await house.site.signed_in("reader@tilleuls.example", role)
    shown = await reader.get(f"{house.path}/ownership")
    assert shown.status == 200
    assert "/transfer" not in shown.text
    one = await reader.get(f"{house.path}/ownership/lot?lot=5A")
    assert one.status == 200
    assert "/representative" not in one.text
    token = await house.token(reader, shown)
    for page in ("transfer", "representative"):
        assert (await reader.get(f"{house.path}/ownership/{page}?lot=5A")).status == 403
        given = {"form_token": token, "press": "transfer", "how": "mistake"}
        assert (await reader.post(f"{house.path}/ownership/{page}?lot=5A", given)).status == 403
    assert await house.log() == []


async def test_another_tenant_sees_and_moves_nothing(house: House) -> None:
    reader = await house.stranger()
    token = await house.token(reader, await reader.get("/"))
    for page in ("", "/lot?lot=5A", "/transfer?lot=5A", "/representative?lot=5A"):
        assert (await reader.get(f"{house.path}/ownership{page}")).status == 404
    for page in ("transfer", "representative"):
        given = {"form_token": token, "press": "transfer", **owners({"name": "x"}, day="2026-12-01")}
        assert (await reader.post(f"{house.path}/ownership/{page}?lot=5A", given)).status == 404
