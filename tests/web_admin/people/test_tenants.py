"""Who rents a lot: moving in, moving out, and what cannot be; over HTTP."""

from __future__ import annotations

import pytest

from core.people.accounts.model import Role
from tests.core.small import day
from tests.web_admin.people.conftest import READERS, House

ARRIVAL = {
    "lot": "2B",
    "person": "",
    "name": "Sam Singh",
    "email": "",
    "language": "en",
    "first": "2026-12-01",
    "last": "",
}
OUT = "/tenants/move-out?lot=1B&person=youssef-benali"


async def test_tenants_are_listed(house: House) -> None:
    reader = await house.syndic()
    shown = await reader.get(f"{house.path}/tenants")
    here = shown.text.partition("Live here now")[2]
    for word in ("Youssef Benali", "1B", "1 September 2024", "Lukas Hermann"):
        assert word in here
    assert "Have moved out" not in shown.text


async def test_somebody_new_moves_in_and_out(house: House) -> None:
    reader = await house.syndic()
    await reader.get(f"{house.path}/tenants/move-in?lot=2B")
    done = await reader.send(ARRIVAL, to="/move-in")
    assert "Sam Singh rents lot 2B." in done.text
    assert "Will move in" in done.text
    (row,) = await house.tenancies("2B")
    assert (row.person, row.first, row.last) == ("sam-singh", day("2026-12-01"), None)
    assert (await house.residents())["sam-singh"].roles == ("tenant",)
    await reader.get(f"{house.path}{OUT}")
    done = await reader.send({"last": "2026-10-31"}, to="youssef-benali")
    assert "Youssef Benali leaves lot 1B; last day: 31 October 2026." in done.text
    assert "Have moved out" in done.text
    (row,) = await house.tenancies("1B")
    assert row.last == day("2026-10-31")
    assert await house.log() == [
        ("person_changed", "person sam-singh"),
        ("tenancy_changed", "lot 2B"),
        ("tenancy_changed", "lot 1B"),
    ]
    assert (await reader.get(f"{house.path}{OUT}")).status == 404, "he has left"
    assert await house.verified() == []


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"lot": ""}, "lot", "Choose a lot"),
        ({"lot": "Z9"}, "lot", "Choose a lot"),
        ({"lot": "\0"}, "lot", "invisible sign"),
        ({"name": ""}, "person", "Choose somebody"),
        ({"name": "", "person": "nobody"}, "person", "Choose somebody"),
        ({"person": "lea-dubois"}, "person", "not both"),
        ({"name": "", "person": "youssef-benali", "lot": "1B"}, "person", "rents lot 1B at that time already"),
        ({"name": "x" * 10_000}, "name", "too long"),
        ({"name": "x\0"}, "name", "invisible sign U+0000"),
        ({"email": "tom.vermeulen@tilleuls.example"}, "email", "already"),
        ({"first": ""}, "first", "Give a day"),
        ({"first": "1700-01-01"}, "first", "Choose a year"),
        ({"first": "2300-01-01"}, "first", "Choose a year"),
        ({"last": "2026-11-30"}, "last", "The last day comes before the first."),
        ({"last": "9999-12-31"}, "last", "Choose a year"),
        ({"last": "soon"}, "last", "Give a day"),
    ],
)
async def test_what_is_wrong_with_an_arrival(house: House, given: dict[str, str], field: str, sentence: str) -> None:
    reader = await house.syndic()
    await reader.get(f"{house.path}/tenants/move-in")
    shown = await reader.send({**ARRIVAL, **given}, to="/move-in")
    assert shown.status == 422, shown.text
    assert sentence in shown.text.partition(f'id="{field}-error"')[2][:300], shown.text
    assert await house.tenancies("2B") == []
    assert await house.log() == []


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ("", "Give a day"),
        ("\0", "Give a day"),
        ("1700-01-01", "does not rent lot 1B"),
        ("2024-08-31", "does not rent lot 1B"),
        ("2300-01-01", "Choose a year"),
        ("x" * 9999, "Give a day"),
    ],
)
async def test_what_is_wrong_with_a_departure(house: House, last: str, sentence: str) -> None:
    reader = await house.syndic()
    await reader.get(f"{house.path}{OUT}")
    shown = await reader.send({"last": last}, to="youssef-benali")
    assert shown.status == 422
    assert sentence in shown.text.partition('id="last-error"')[2][:300], shown.text
    assert [row.last for row in await house.tenancies("1B")] == [None]


async def test_of_two_tabs_the_second_is_told(house: House) -> None:
    reader = await house.syndic()
    arrives = await reader.get(f"{house.path}/tenants/move-in")
    leaves = await reader.get(f"{house.path}{OUT}")
    await reader.send(ARRIVAL, on=arrives, to="/move-in")
    again = await reader.send(ARRIVAL | {"name": "Another"}, on=arrives, to="/move-in")
    assert again.status == 409
    assert 'value="Another"' in again.text
    told = await reader.send({"last": "2026-12-31"}, on=leaves, to="youssef-benali")
    assert told.status == 409
    assert 'value="2026-12-31"' in told.text
    assert [row.last for row in await house.tenancies("1B")] == [None]
    assert len(await house.tenancies("2B")) == 1


@pytest.mark.parametrize("about", ["lot=1B&person=lea-dubois", "lot=Z&person=youssef-benali", "", "lot=%00&person=%00"])
async def test_who_does_not_rent_is_404(house: House, about: str) -> None:
    reader = await house.syndic()
    token = await house.token(reader, await reader.get("/"))
    assert (await reader.get(f"{house.path}/tenants/move-out?{about}")).status == 404
    given = {"form_token": token, "last": "2026-12-01"}
    assert (await reader.post(f"{house.path}/tenants/move-out?{about}", given)).status == 404


@pytest.mark.parametrize("role", READERS)
async def test_who_reads_moves_nobody(house: House, role: Role) -> None:
    reader = await house.site.signed_in("reader@tilleuls.example", role)
    shown = await reader.get(f"{house.path}/tenants")
    assert shown.status == 200
    assert "move-" not in shown.text
    token = await house.token(reader, shown)
    for page in ("/tenants/move-in", OUT):
        assert (await reader.get(house.path + page)).status == 403
        assert (await reader.post(house.path + page, {"form_token": token, **ARRIVAL})).status == 403


async def test_another_tenant_of_the_office_sees_nothing(house: House) -> None:
    reader = await house.stranger()
    token = await house.token(reader, await reader.get("/"))
    for page in ("/tenants", "/tenants/move-in", OUT):
        assert (await reader.get(house.path + page)).status == 404
    for page in ("/tenants/move-in", OUT):
        assert (await reader.post(house.path + page, {"form_token": token, **ARRIVAL})).status == 404
