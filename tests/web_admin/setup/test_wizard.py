"""A building set up entirely through the pages: by fields, by a pasted list, however wrongly, by two at once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from core.buildings import service as buildings
from core.charges.bookkeeping import service as bookkeeping
from core.kernel.i18n import LANGUAGES
from core.people import store as people
from core.people.accounts.model import Role
from tests.web_admin.setup.conftest import Clerk, Firm

SETTINGS = {"shares_total": "1.000", "address": "Rue du Noyer 12", "postal_code": "1030", "city": "Schaerbeek"}
NAMES = [
    f"{first} {last}"
    for last in ("Claes", "Dupont", "Müller", "Nys")
    for first in ("An", "Bo", "Cé", "Di", "Éva", "Flo")
]
LOTS = [f"{floor}{side}" for floor in range(1, 9) for side in "ABC"]
SHARES = [41] * 16 + [43] * 8
LIST = "Kavel;Soort;Verdieping;Quotités;Propriétaire;E-Mail;Téléphone;Langue;Remarque\n" + "\n".join(
    f"{lot};Appartement;{lot[0]};{share},00;{name};{place}@noyer.example;0470 00 00 {place:02};{'FR' if place % 2 else 'Nederlands'};x"
    for place, (lot, share, name) in enumerate(zip(LOTS, SHARES, NAMES, strict=True))
)


def error_at(page: str, name: str) -> str:
    found = re.search(rf'id="{re.escape(name)}-error">([^<]*)', page)
    assert found, re.findall(r'id="([^"]*)-error">([^<]*)', page)
    return found[1].strip().replace("&#39;", "'")


async def lots_by_hand(clerk: Clerk) -> None:
    """24 lots: 12 rows stand there, the others come by the button."""
    first = {f"{name}.{n}": text for n in range(12) for name, text in (("lot", LOTS[n]), ("shares", str(SHARES[n])))}
    more = await clerk.fill("lots", first, do="more")
    assert 'name="lot.26"' in more.text, "ten rows more, and five"
    rest = {f"{name}.{n}": text for n in range(12, 24) for name, text in (("lot", LOTS[n]), ("shares", str(SHARES[n])))}
    shown = await clerk.fill("lots", rest, on=more)
    assert shown.path.endswith("/keys"), shown.text


async def test_a_building_with_24_lots_by_hand(firm: Firm) -> None:
    clerk = await firm.clerk()
    shown = await clerk.begin("Résidence du Noyer")
    assert 'value="residence-du-noyer"' in shown.text
    assert 'value="Renard Gestion SRL"' in shown.text, "as in the firm's other building"
    shown = await clerk.fill(
        "building", {**SETTINGS, "languages": ["fr", "nl"], "language": "nl", "modules": ["loans"]}
    )
    assert shown.path.endswith("/lots")
    await lots_by_hand(clerk)
    keys = {"key.0": "lift"} | {f"weight.{n}.0": str(10 + n) for n in range(3, 24)}
    shown = await clerk.fill("keys", keys)
    assert shown.path.endswith("/people"), shown.text
    for begin, end in ((0, 12), (12, 24)):
        given: dict[str, str | list[str]] = {}
        for n in range(begin, end):
            given |= {
                f"name.{n}": NAMES[n],
                f"email.{n}": f"{n}@noyer.example",
                f"language.{n}": "fr" if n % 2 else "nl",
            }
        given["roles.3"] = ["owner", "council"]
        shown = await clerk.fill("people", given, do="more" if end < 24 else "next", on=shown)
    assert shown.path.endswith("/ownership"), shown.text
    assert shown.text.count("<option selected>") == 24, "a row for each lot stands already"
    codes = dict(re.findall(r'<option value="([a-z0-9-]+)">([^<]+)', shown.text))
    by_name = {name: code for code, name in codes.items()}
    assert by_name["Éva Müller"] == "eva-muller", "codes are made of themselves"
    owners = {f"person.{n}": by_name[name] for n, name in enumerate(NAMES)}
    shown = await clerk.fill("ownership", owners, on=shown)
    assert shown.path.endswith("/tenancies")
    shown = await clerk.fill("tenancies", {"lot.0": "8C", "person.0": by_name["An Nys"], "from.0": "01/02/2026"})
    assert shown.path.endswith(clerk.draft)
    assert "Everything is in order." in shown.text
    before = await firm.count("buildings")
    made = await clerk.reader.send({}, to="")
    assert "The building Résidence du Noyer is set up. Lots: 24. People: 24." in made.text, made.text
    assert await firm.count("buildings") == before + 1
    assert await firm.count("drafts") == 0
    assert (await firm.deeds())[-1] == "building_set_up"
    async with firm.sample.database.work(firm.sample.organisation) as uow:
        known = await buildings.find(uow, "residence-du-noyer")
        assert known is not None
        assert (known.building.languages, known.building.modules) == (("nl", "fr"), ("loans",))
        lots = await buildings.lots(uow, known.building_id)
        assert [(lot.lot, lot.shares) for lot in lots] == list(zip(LOTS, SHARES, strict=True))
        ownership = await people.ownership(uow, known.building_id)
        assert {row.lot: row.person for row in ownership} == dict(zip(LOTS, owners.values(), strict=True))
        assert {row.first.isoformat() for row in ownership} == {"2026-01-01"}
        (tenancy,) = await people.tenancies(uow, known.building_id)
        assert (tenancy.lot, tenancy.first.isoformat()) == ("8C", "2026-02-01")
        council = [
            row.resident.person
            for row in await people.residents(uow, known.building_id)
            if "council" in row.resident.roles
        ]
        assert council == ["di-claes"]
        assert len(await buildings.weights(uow, known.building_id)) == 21
        assert await bookkeeping.verify(uow, known.building_id) == []
    again = await clerk.reader.post(f"/setup/{clerk.draft}", {"form_token": made.form("/sign-out")["form_token"]})
    assert again.status == 404
    assert "finished or thrown away" in again.text


async def test_one_pasted_list_is_lots_people_and_who_owns_what(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    await clerk.fill("building", SETTINGS)
    shown = await clerk.fill("lots", {"paste": LIST}, do="paste")
    assert "24 rows of your list were taken over, without these unknown columns: Remarque." in shown.text, shown.text
    assert "The shares add up to 1,000: that is the total of the building." in shown.text
    last = await clerk.open()
    assert "Everything is in order." in last.text, last.text
    await clerk.reader.send({}, to="")
    async with firm.sample.database.work(firm.sample.organisation) as uow:
        known = await buildings.find(uow, "noyer")
        assert known is not None
        residents = [row.resident for row in await people.residents(uow, known.building_id)]
        assert [(row.name, row.email, row.language, row.roles) for row in residents[:2]] == [
            ("An Claes", "0@noyer.example", "nl", ("owner",)),
            ("Bo Claes", "1@noyer.example", "fr", ("owner",)),
        ]
        assert len(await people.ownership(uow, known.building_id)) == 24


async def test_what_is_wrong_is_kept_and_told_in_its_row(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    shown = await clerk.fill(
        "building", {"shares_total": "mille", "accounts.working": "BE00 0000", "slug": "Le Noyer!"}
    )
    assert shown.path.endswith("/building?look=1")
    assert "3 points are to be put right here" in shown.text
    assert error_at(shown.text, "shares_total") == "Total of the shares: “mille” is no whole number."
    assert "no valid IBAN" in error_at(shown.text, "accounts.working")
    assert 'value="Le Noyer!"' in shown.text
    wrong = {"lot.0": "A", "shares.0": "six", "lot.1": "A", "shares.1": "400", "lot.3": "<b>C", "shares.3": "600"}
    shown = await clerk.fill("lots", wrong)
    assert shown.path.endswith("/lots?look=1")
    assert error_at(shown.text, "shares.0") == "Shares: “six” is no whole number."
    assert error_at(shown.text, "lot.1") == "Lot: “A” stands already in row 1."
    assert "&lt;b&gt;C" in shown.text
    assert "<b>C" not in shown.text
    shown = await clerk.fill(
        "people", {"name.0": "Léa", "email.0": "lea at home", "name.1": "Tom", "roles.1": ["king"]}
    )
    assert "no e-mail address" in error_at(shown.text, "email.0")
    assert "there is no “king”" in shown.text
    shown = await clerk.fill(
        "ownership", {"person.0": "lea", "numerator.0": "3", "denominator.0": "2", "from.0": "31/2/2026"}
    )
    assert "2026-02-31" in shown.text
    last = await clerk.open()
    assert "points to put right" in last.text
    assert "Set the building up</button>" not in last.text, "one clear next step: to put things right"
    for file in (".csv", "building.toml", "line "):
        assert file not in last.text
    async with firm.sample.database.work(firm.sample.organisation) as uow:
        version = await uow.connection.scalar(text("SELECT version FROM drafts"))
    token = last.form("/drop")["form_token"]
    forced = await clerk.reader.post(f"/setup/{clerk.draft}", {"form_token": token, "version": str(version)})
    assert forced.status == 422
    assert await firm.count("buildings") == 1


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("building", {"name": "a\0b"}),
        ("building", {"address": "x" * 4001}),
        ("lots", {"lot.0": "a\0b"}),
        ("lots", {"lot.0": "A", "floor.0": "y" * 5000}),
        ("people", {"name.0": "Z", "phone.0": "\0"}),
        ("lots", {"paste": "A\tB\0\tC\td"}),
        ("lots", {"paste": "x" * 200_001}),
        ("lots", {"paste": "lot;shares\n"}),
        ("lots", {"paste": "\n".join(f"L{n};1" for n in range(2001))}),
    ],
)
async def test_what_cannot_be_kept_changes_nothing_and_is_still_in_the_form(
    firm: Firm, step: str, given: dict[str, str]
) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    shown = await clerk.fill(
        step, {"city": "Gent", "floor.1": "kept", **given} if step == "building" else {"floor.1": "kept", **given}
    )
    assert shown.status == 422, shown.text[:3000]
    assert 'role="alert"' in shown.text
    if step == "building":
        assert 'value="Gent"' in shown.text
    elif step == "lots" and "paste" not in given:
        assert 'value="kept"' in shown.text
    async with firm.sample.database.work(firm.sample.organisation) as uow:
        content = await uow.connection.scalar(text("SELECT content::text FROM drafts"))
    assert "Gent" not in content


@pytest.mark.parametrize("hostile", ["'; DROP TABLE drafts; --", "\u202eright to left", "{0}%s", "=1+1", "\u0661"])
async def test_hostile_text_comes_back_as_it_was(firm: Firm, hostile: str) -> None:
    clerk = await firm.clerk()
    shown = await clerk.begin(hostile)
    assert shown.status == 200
    shown = await clerk.fill("lots", {"lot.0": hostile, "shares.0": hostile})
    assert shown.status == 200
    assert (await clerk.open()).status == 200
    assert (await clerk.reader.get("/setup")).status == 200


async def test_a_draft_is_begun_with_a_name_and_gone_on_with(firm: Firm) -> None:
    clerk = await firm.clerk()
    empty = await clerk.reader.get("/setup/new")
    assert "begun already" not in empty.text
    for name in ("", "   "):
        shown = await clerk.reader.send({"name": name}, to="")
        assert shown.status == 422
        assert error_at(shown.text, "name") == "What is the building called?"
    shown = await clerk.reader.send({"name": "a\0b"}, to="")
    assert shown.status == 422
    assert "begun already" not in shown.text
    assert await firm.count("drafts") == 0, "nothing is half begun"
    await clerk.begin("Noyer")
    shown = await clerk.reader.get("/setup/new")
    assert "One building has been begun already." in shown.text
    assert "Noyer" in (await clerk.reader.get("/setup")).text


async def test_a_lot_that_is_called_otherwise_keeps_its_owner_and_weight(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    await clerk.fill("building", SETTINGS)
    await clerk.fill("lots", {"paste": LIST}, do="paste")
    await clerk.fill("keys", {"key.0": "lift", "weight.0.0": "1", "weight.1.0": "2"})
    shown = await clerk.fill("lots", {"lot.0": "1B", "lot.1": "1A", "lot.2": "PH"})
    assert shown.path.endswith("/keys")
    assert "Everything is in order." in (await clerk.open()).text
    async with firm.sample.database.work(firm.sample.organisation) as uow:
        tables = await uow.connection.scalar(text("SELECT content -> 'tables' FROM drafts"))
    assert [(row["lot"], row["person"]) for row in tables["ownership.csv"][:3]] == [
        ("1B", "an-claes"),
        ("1A", "bo-claes"),
        ("PH", "ce-claes"),
    ]
    assert [(row["lot"], row["weight"]) for row in tables["keys.csv"]] == [("1B", "1"), ("1A", "2")]
    shown = await clerk.fill("lots", {"drop.2": "yes"})
    assert "lot “PH”" in (await clerk.open()).text, "its owner has no lot any more"


async def test_of_two_tabs_none_overwrites_the_other(firm: Firm) -> None:
    ann = await firm.clerk("ann@firm.example")
    await ann.begin("Noyer")
    await ann.fill("building", SETTINGS)
    bob = Clerk((await firm.clerk("bob@firm.example")).reader, ann.draft)
    one, other = await ann.open("lots"), await bob.open("lots")
    people_before = await bob.open("people")
    saved = await ann.fill("lots", {"lot.0": "A", "shares.0": "1000"}, on=one)
    assert saved.path.endswith("/keys")
    late = await bob.fill("lots", {"lot.0": "B", "shares.0": "999"}, on=other)
    assert late.status == 409
    assert "ann changed this draft meanwhile" in late.text
    assert 'value="B"' in late.text
    assert "A · Apartment · 1000" in late.text, "what stands there now"

    async def kept() -> list[str]:
        async with firm.sample.database.work(firm.sample.organisation) as uow:
            tables = await uow.connection.scalar(text("SELECT content -> 'tables' FROM drafts"))
        return [row["lot"] for row in tables["lots.csv"]]

    assert await kept() == ["A"]
    elsewhere = await bob.fill("people", {"name.0": "Léa"}, on=people_before)
    assert elsewhere.status == 200, "another step that nobody touched"
    assert await kept() == ["A"]
    knowing = await bob.fill("lots", {}, on=late)
    assert knowing.status == 200
    assert await kept() == ["B"], "now he has seen it"
    settings = await ann.open("building")
    await bob.fill("building", {"city": "Gent"})
    late = await ann.fill("building", {"city": "Arlon"}, on=settings)
    assert late.status == 409
    assert "Town: Gent" in late.text
    assert 'value="Arlon"' in late.text


async def test_who_sets_up_or_throws_away_what_changed_meanwhile_is_told(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    await clerk.fill("building", SETTINGS)
    await clerk.fill("lots", {"paste": LIST}, do="paste")
    seen = await clerk.open()
    await clerk.fill("building", {"city": "Gent"})
    for to in ("", "/drop"):
        shown = (
            await clerk.reader.send({}, to=to, on=seen)
            if to
            else await clerk.reader.post(f"/setup/{clerk.draft}", seen.form(""))
        )
        assert shown.status == 409, shown.text
        assert "changed this draft meanwhile" in shown.text
    assert await firm.count("buildings") == 1
    assert await firm.count("drafts") == 1
    dropped = await clerk.reader.send({}, to="/drop")
    assert "The draft was thrown away." in dropped.text
    assert "No building is being set up." in dropped.text
    assert (await firm.deeds())[-1] == "draft_dropped"


async def test_a_short_name_that_is_taken_is_told_before_anything_is_made(firm: Firm) -> None:
    clerk = await firm.clerk()
    shown = await clerk.begin("Tilleuls")
    assert 'value="tilleuls-2"' in shown.text
    await clerk.fill("building", {**SETTINGS, "slug": "tilleuls"})
    await clerk.fill("lots", {"paste": LIST}, do="paste")
    await clerk.open()
    shown = await clerk.reader.send({}, to="")
    assert shown.status == 422
    assert "Another building has the short name “tilleuls” already." in shown.text


async def test_keys_by_a_pasted_table_and_a_key_given_twice(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    assert "Enter the lots first." in (await clerk.open("keys")).text
    await clerk.fill("building", SETTINGS)
    await clerk.fill("lots", {"paste": LIST}, do="paste")
    shown = await clerk.fill("keys", {"paste": "Lot\tLift\tHeating\n1A\t10\t1.200\n1B\t\t900"}, do="paste")
    assert 'name="weight.0.1" value="1200"' in shown.text
    assert "2,100" in shown.text, "the sum of the weights"
    shown = await clerk.fill("keys", {"key.0": "Heating", "key.2": "garden"}, on=shown)
    assert "is there twice" in shown.text
    assert "The key “garden” has no number for any lot yet." in shown.text
    assert shown.text.count('value="Heating" aria-label') == 2, "what was typed is kept"
    shown = await clerk.fill("keys", {"key.0": "general", "key.2": ""}, on=shown)
    assert "the split by shares itself" in shown.text


async def test_the_sum_is_told_while_one_types(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    await clerk.fill("building", SETTINGS)
    shown = await clerk.fill("lots", {"lot.0": "A", "shares.0": "400"}, do="sum")
    assert shown.text.strip() == "The shares add up to 400 of 1,000: 600 are missing."
    assert await firm.count("drafts WHERE content -> 'tables' ->> 'lots.csv' LIKE '%400%'") == 0


async def test_a_large_table_comes_in_pages_and_none_is_lost(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    await clerk.fill("building", {**SETTINGS, "shares_total": "100"})
    rows = "\n".join(f"L{n};garage;0;1;Owner {n};{n}@x.example" for n in range(100))
    shown = await clerk.fill("lots", {"paste": rows}, do="paste")
    assert "100 rows of your list" in shown.text
    assert 'value="L39"' in shown.text
    assert 'value="L40"' not in shown.text
    second = await clerk.open("lots", "?first=40")
    assert 'value="L40"' in second.text
    shown = await clerk.fill("lots", {"lot.1": "Forty-one", "shares.2": "many", "drop.3": "yes"}, on=second)
    assert shown.path.endswith("first=40")
    assert error_at(shown.text, "shares.2") == "Shares: “many” is no whole number."
    assert "Row 43" in (await clerk.open("lots", "?look=1")).text, "told on the other pages too"
    third = await clerk.open("lots", "?first=80")
    assert third.text.count('name="lot.') == 19 + 5
    assert len((await clerk.open("ownership")).text.encode()) < 100_000
    assert 'list="person-list"' in (await clerk.open("ownership")).text
    assert len((await clerk.open("people")).text.encode()) < 100_000
    for query in ("?first=-1", "?first=99999999", "?first=x", "?more=100000", "?first=%00"):
        assert (await clerk.open("lots", query)).status == 200, query


@pytest.mark.parametrize("role", [Role.COUNCIL, Role.AUDITOR, Role.ACCOUNTANT])
async def test_who_only_reads_sets_nothing_up(firm: Firm, role: Role) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    other = await firm.clerk("other@firm.example", role)
    for path in ("/setup", "/setup/new", "/setup/import", f"/setup/{clerk.draft}", f"/setup/{clerk.draft}/lots"):
        shown = await other.reader.get(path)
        assert shown.status == 403, path
        token = {"form_token": shown.form("/sign-out")["form_token"]}
        assert (await other.reader.post(path, token)).status in (403, 405), path


async def test_a_role_in_one_building_makes_no_other(firm: Firm) -> None:
    other = await firm.clerk("one@firm.example", Role.SYNDIC, building=firm.sample.known.building_id)
    assert (await other.reader.get("/setup")).status == 403


async def test_drafts_of_another_tenant_are_not_there(firm: Firm) -> None:
    clerk = await firm.clerk()
    await clerk.begin("Noyer")
    await firm.site.account("boss@other.example", organisation=firm.stranger)
    other = firm.site.reader()
    await other.sign_in("boss@other.example")
    listed = await other.get("/setup")
    assert "Noyer" not in listed.text
    token = {"form_token": listed.form("/sign-out")["form_token"], "version": "2"}
    for path in ("", "/lots", "/building", "/drop"):
        if path != "/drop":
            assert (await other.get(f"/setup/{clerk.draft}{path}")).status == 404
        assert (await other.post(f"/setup/{clerk.draft}{path}", token)).status == 404
    for nonsense in ("nonsense", "nonsense/lots", f"{clerk.draft}/expenses", f"{clerk.draft}/lots.csv", "%00"):
        assert (await clerk.reader.get(f"/setup/{nonsense}")).status == 404
    assert await firm.count("drafts") == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_in_each_language(firm: Firm, language: str) -> None:
    clerk = await firm.clerk(language=language)
    clerk.reader.language = language
    await clerk.begin("Noyer")
    await clerk.fill("lots", {"lot.0": "A", "shares.0": "1"})
    await clerk.fill("people", {"name.0": "", "email.0": "x"})
    for step in ("building", "lots", "keys", "people", "ownership", "tenancies", ""):
        shown = await clerk.open(step, "?look=1")
        assert shown.status == 200
        assert f'<html lang="{language}">' in shown.text
        assert "office.setup" not in shown.text
    for path in ("/setup", "/setup/new", "/setup/import", "/buildings/tilleuls/files"):
        shown = await clerk.reader.get(path)
        assert shown.status == 200, path
        assert "office.setup" not in shown.text
