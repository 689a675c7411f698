"""A building brought in from its files, or up to date, all or nothing; and the same files given back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from core.buildings import service as buildings
from core.charges import service as charges
from core.charges.accounts.model import owed
from core.charges.bookkeeping import service as bookkeeping
from core.database import Database, UnitOfWork
from core.documents.service import Shelf
from core.interchange.folder import Folder
from core.interchange.model import BuildingFiles, Faults
from core.interchange.reading import read_building
from core.interchange.service import Imported, export_building, import_building
from core.kernel.i18n import Catalogues
from core.kernel.periods import Period
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.people import service as talking
from core.people import store as people
from core.people.model import Person
from tests import oracle
from tests.core.small import (
    as_files,
    call,
    day,
    expense,
    owns,
    payment,
    resident,
    settlement,
    small_building,
    stored,
)
from tests.ground_floor import SAMPLE, Hands, Sample, places
from tests.servers.postgres import connect

Edit = Callable[[str], str]
TODAY = day("2026-11-22")
CONTENT = {path.relative_to(SAMPLE).as_posix(): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}


def edited(**edits: Edit) -> BuildingFiles:
    """The sample building with some of its tables edited, as text."""
    content = dict(CONTENT)
    for name, edit in edits.items():
        before = content[f"{name}.csv"].decode()
        after = edit(before)
        assert after != before, f"{name}.csv was not changed"
        content[f"{name}.csv"] = after.encode()
    return read_building(Folder.of(content))


def line_of(name: str, part: str) -> int:
    (number,) = (at for at, line in enumerate(CONTENT[name].decode().splitlines(), 1) if part in line)
    return number


async def bring(sample: Sample, files: BuildingFiles, *, commit: bool = True) -> Imported:
    async with sample.database.work(sample.organisation) as uow:
        done = await import_building(uow, files, sample.shelf if commit else None)
        if commit:
            await uow.commit()
        return done


async def everything(sample: Sample) -> dict[str, list[str]]:
    """All rows of all tables, as the owner of the tables sees them."""
    connection = await connect(sample.owner)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {
            name: [row[0] for row in await connection.fetch(f'SELECT to_jsonb(t)::text FROM "{name}" t ORDER BY 1')]
            for (name,) in names
        }
    finally:
        await connection.close()


async def is_whole(sample: Sample, files: oracle.Files, moment: date = TODAY) -> None:
    """The books verify, and everybody owes what the oracle says of the files."""
    async with sample.database.work(sample.organisation) as uow:
        assert await bookkeeping.verify(uow, sample.known.building_id) == []
        everybody = await sample.places(uow)
        for person in oracle.persons_with_account(files):
            (account,) = await charges.accounts(uow, [everybody[person]])
            entries = oracle.account(files, person)
            for period in (Period(*each) for year in (2025, 2026) for each in oracle.quarters(files, year)):
                answer = owed(account.postings, period, moment)
                expected = oracle.answer(entries, period.first, period.last, moment)
                assert (answer.to_pay, answer.opening, answer.settled, answer.paid, answer.due) == (
                    *(expected.to_pay, expected.opening, expected.settled, expected.paid),
                    expected.due,
                ), (person, period)


# ---------------------------------------------------------------------------------------------------------- new, and again


async def test_a_new_building_is_booked_whole(database: Database, tmp_path: Path) -> None:
    async with database.work() as uow:
        await buildings.enter(uow, "default")
        done = await import_building(uow, edited(tenancies=lambda text: text + "5A,tom-vermeulen,2026-01-01,\n"), None)
        assert (done.new, done.lots, done.people, done.reversed) == (True, 24, 16, 0)
        rows = sum(
            len(getattr(files := read_building(Folder.of(CONTENT)), name)) for name in ("openings", "calls", "expenses")
        )
        assert done.booked == rows + len(files.settlements) + len(files.payments)
        assert await bookkeeping.verify(uow, done.building.building_id) == []


async def test_the_same_files_again_book_nothing(sample: Sample) -> None:
    before = await everything(sample)
    done = await bring(sample, read_building(Folder.of(CONTENT)))
    assert (done.new, done.booked, done.reversed, done.building.building_id) == (False, 0, 0, sample.known.building_id)
    assert await everything(sample) == before


async def test_a_dry_run_changes_nothing_and_says_what_would_happen(sample: Sample, tmp_path: Path) -> None:
    before = await everything(sample)
    files = edited(payments=lambda text: text + "2026-11-20,lea-dubois,100.00,,bank\n")
    done = await bring(sample, files, commit=False)
    assert (done.booked, done.reversed) == (1, 0)
    assert await everything(sample) == before
    async with sample.database.work(sample.organisation) as uow:
        await import_building(uow, small_building("other"), None)
    assert await everything(sample) == before
    async with sample.database.work(sample.organisation) as uow:
        await import_building(uow, files, Shelf(tmp_path))
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 5  # noqa: ASYNC240


async def test_added_rows_are_booked_and_nothing_else(sample: Sample) -> None:
    files = edited(
        payments=lambda text: text + "2026-11-20,lea-dubois,100.00,,bank\n2026-11-20,lea-dubois,100.00,,bank\n",
        calls=lambda text: text + "A2026-99,2026-11-21,2026-12-15,Travaux,exceptional,999.99,general\n",
        expenses=lambda text: text + "F2026-099,2026-11-20,X,Y,10.00,21,12.10,61050,general,ordinary,owner,,,\n",
        opening=lambda text: text + "priya-nair,2026-03-02,-1.00\n",
    )
    done = await bring(sample, files)
    assert (done.booked, done.reversed) == (5, 0)
    await is_whole(sample, as_files(files))


async def test_what_is_still_open_is_reversed_and_booked_anew(sample: Sample) -> None:
    """An unissued call, an expense and payments of the running quarter: changed and gone."""
    files = edited(
        calls=lambda text: text.replace("reserve,700.00", "reserve,900.00").replace(
            'A2026-20,2026-12-14,2027-01-31,"Provision pour ascenseur, 1er trimestre 2027",working,440.00,lift\n', ""
        ),
        expenses=lambda text: text.replace("408.15,6,432.64", "408.16,6,432.65"),
        payments=lambda text: text.replace("2026-11-19,tom-vermeulen,611.55", "2026-11-19,lea-dubois,611.55").replace(
            "2026-11-18,marguerite-lambert,499.35,+++104/2000/70126+++,bank\n", ""
        ),
    )
    done = await bring(sample, files)
    assert (done.booked, done.reversed) == (3, 5)
    await is_whole(sample, as_files(files))
    back = await bring(sample, read_building(Folder.of(CONTENT)))
    assert (back.booked, back.reversed) == (5, 3)
    await is_whole(sample, oracle.read(SAMPLE))
    async with sample.database.work(sample.organisation) as uow:
        kinds = [
            (row.entry.kind, row.entry.reverses is None)
            for row in await bookkeeping.ledger.books(uow, sample.known.building_id)
        ]
    assert kinds.count(("call", False)) == 3  # 1 changed and 1 gone, then the changed one back


ISSUED = "A2026-17,2026-10-12"
SETTLED = "F2026-002"


@pytest.mark.parametrize(
    ("name", "edit", "where", "key"),
    [
        ("calls", lambda text: changed(text, ISSUED, "650.00", "650.01"), ISSUED, "changed.call"),
        ("calls", lambda text: without(text, ISSUED), None, "vanished.call"),
        ("calls", lambda text: text.replace(ISSUED, "A2026-17,2026-10-13"), ISSUED, "changed.call"),
        ("expenses", lambda text: changed(text, SETTLED, ",owner,", ",tenant,"), SETTLED, "changed.expense"),
        ("expenses", lambda text: without(text, SETTLED), None, "vanished.expense"),
        ("settlements", lambda text: text.replace("2026-11-18", "2026-11-19"), "D2026-3", "changed.settlement"),
        ("settlements", lambda text: without(text, "D2026-3"), None, "vanished.settlement"),
        ("opening", lambda text: text.replace("84.20", "84.21"), "lea-dubois", "changed.opening"),
        ("opening", lambda text: without(text, "lea-dubois"), None, "vanished.opening"),
        ("payments", lambda text: "\n".join([*text.split("\n")[:1], *text.split("\n")[2:]]), None, "vanished.payment"),
    ],
)
async def test_what_can_no_longer_change_is_a_fault_and_nothing_happens(
    sample: Sample, catalogues: Catalogues, name: str, edit: Edit, where: str | None, key: str
) -> None:
    before = await everything(sample)
    with pytest.raises(Faults) as refusal:
        await bring(sample, edited(**{name: edit}))
    (fault,) = refusal.value.faults
    line = 1 if where is None else line_of(f"{name}.csv", where)
    assert (fault.file, fault.line, fault.wrong.key) == (f"{name}.csv", line, f"interchange.fault.{key}")
    assert await everything(sample) == before
    assert len({words(fault.wrong) for words in catalogues.values()}) == len(catalogues)


def without(text: str, part: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if part not in line)


def changed(text: str, part: str, old: str, new: str) -> str:
    return "".join(line.replace(old, new) if part in line else line for line in text.splitlines(keepends=True))


async def test_all_that_can_no_longer_change_is_told_at_once(sample: Sample) -> None:
    files = edited(
        calls=lambda text: without(changed(text, ISSUED, "650.00", "650.01"), "A2025-02,"),
        expenses=lambda text: without(text, SETTLED),
        opening=lambda text: without(text, "lea-dubois"),
    )
    with pytest.raises(Faults) as refusal:
        await bring(sample, files)
    assert [fault.file for fault in refusal.value.faults] == ["expenses.csv", "calls.csv", "calls.csv", "opening.csv"]


async def test_an_issued_call_is_bound_from_its_day_on(uow: UnitOfWork) -> None:
    def files(cents: int, issued: str) -> BuildingFiles:
        return small_building(calls=(call("1", "2026-12-31", cents, issued=issued),))

    await stored(uow, files(100, "2026-11-23"))
    await stored(uow, files(200, "2026-11-22"))
    with pytest.raises(Faults):
        await stored(uow, files(300, "2026-11-22"))


# -------------------------------------------------------------------------------------------------------------------- a sale


async def test_a_sale_told_late_rebooks_and_everybody_owes_what_he_should(sample: Sample) -> None:
    """Léa sold 3A in the middle of a settled quarter, and the syndic writes it down in November."""
    files = edited(
        ownership=lambda text: text.replace(
            "3A,lea-dubois,full,1,1,2020-09-14,,no",
            "3A,lea-dubois,full,1,1,2020-09-14,2026-05-14,no\n3A,youssef-benali,full,1,1,2026-05-15,,no",
        )
    )
    done = await bring(sample, files)
    assert done.booked == done.reversed > 5
    told = as_files(files)
    assert "youssef-benali" in oracle.persons_with_account(told)
    await is_whole(sample, told)


async def test_a_settlement_follows_its_expenses_where_it_is_not_booked_yet(uow: UnitOfWork) -> None:
    def files(cents: int) -> BuildingFiles:
        return small_building(
            expenses=(expense("1", "2026-10-01", cents),),
            settlements=(settlement("D", "2026-10-01", "2026-10-31", "2026-11-30"),),
        )

    await stored(uow, files(1000))
    done = await import_building(uow, files(2000), None)
    assert (done.booked, done.reversed) == (2, 2)
    assert await bookkeeping.verify(uow, done.building.building_id) == []


# ------------------------------------------------------------------------------------------------------------------ the people


async def persons(uow: UnitOfWork, files: BuildingFiles) -> dict[str, Any]:
    known = await stored(uow, files)
    return {row.resident.person: (row.person_id, row.account) for row in await people.residents(uow, known.building_id)}


async def test_a_person_stays_the_same_whatever_is_corrected(uow: UnitOfWork) -> None:
    before = await persons(uow, small_building())
    ann, bob, cem = small_building().people
    corrected = (replace(cem, name="Cem Y."), replace(ann, email="ann@new.example"), bob)
    assert await persons(uow, small_building(people=corrected)) == before
    assert (await people.person(uow, before["cem"][0])) == Person(before["cem"][0], "Cem Y.", "de")
    found = await people.on_file(uow, ["ann@new.example", "ann@three.example"])
    assert found == {"ann@new.example": before["ann"][0]}


async def test_a_new_code_at_the_same_address_is_the_same_person(uow: UnitOfWork) -> None:
    before = await persons(uow, small_building())
    ann, bob, cem = small_building().people
    renamed = small_building(
        people=(replace(ann, person="anne"), bob, cem),
        ownership=(owns("A", "anne"), owns("B", "bob"), owns("C", "cem")),
    )
    after = await persons(uow, renamed)
    assert after["anne"] == before["ann"]
    assert "ann" not in after


async def test_who_is_named_no_longer_stays_known_and_may_come_back(uow: UnitOfWork) -> None:
    before = await persons(uow, small_building())
    ann, bob, cem = small_building().people
    gone = small_building(people=(ann, bob), ownership=(owns("A", "ann"), owns("B", "bob"), owns("C", "bob")))
    assert await persons(uow, gone) == before
    new = small_building(people=(resident("dan"), ann, bob), ownership=gone.ownership)
    after = await persons(uow, new)
    assert after["dan"][1] == 4  # an account is never another's
    assert await persons(uow, small_building(people=(bob, ann, cem, resident("dan")))) == after


async def test_one_address_is_one_person_in_all_buildings_of_an_organisation(uow: UnitOfWork) -> None:
    one = await persons(uow, small_building("one"))
    two = await persons(uow, small_building("two", people=(resident("x", email="BOB@three.example"),), ownership=()))
    assert two["x"][0] == one["bob"][0]
    async with asyncio.timeout(5):
        assert len(await people.memberships(uow, one["bob"][0])) == 2


async def test_an_address_of_somebody_elsewhere_is_a_fault_on_its_line(uow: UnitOfWork) -> None:
    ann, bob, cem = small_building().people
    await stored(uow, small_building())
    await stored(uow, small_building("other", people=(resident("dan"),), ownership=()))
    taken = small_building(people=(ann, replace(bob, email="Dan@three.example"), cem))
    with pytest.raises(Faults) as refusal:
        await stored(uow, taken)
    assert [(fault.file, fault.line, fault.wrong.key) for fault in refusal.value.faults] == [
        ("people.csv", 3, "interchange.fault.address_taken"),
    ]


async def test_two_rows_are_not_one_person(uow: UnitOfWork) -> None:
    """Somebody elsewhere has two addresses; a file that gives each to a row of its own is told so."""
    one = await people.add_person(uow, "One", "fr")
    for email in ("x@three.example", "y@three.example"):
        await people.link(uow, Address("email", email), one)
    rows = (resident("x"), resident("y"))
    with pytest.raises(Faults) as refusal:
        await stored(uow, small_building(people=rows, ownership=()))
    assert [(fault.line, fault.wrong.key) for fault in refusal.value.faults] == [(3, "interchange.fault.address_taken")]


async def test_two_may_swap_their_addresses(uow: UnitOfWork) -> None:
    before = await persons(uow, small_building())
    ann, bob, cem = small_building().people
    swapped = (replace(ann, email=bob.email), replace(bob, email=ann.email), cem)
    assert await persons(uow, small_building(people=swapped)) == before
    assert await people.on_file(uow, [ann.email, bob.email]) == {
        ann.email: before["bob"][0],
        bob.email: before["ann"][0],
    }


async def test_an_address_taken_up_elsewhere_stays_where_it_is(uow: UnitOfWork) -> None:
    """Ann's address leads to somebody of another building by now; that her own file forgets it changes nothing."""
    ann, bob, cem = small_building().people
    await stored(uow, small_building())
    other = await people.add_person(uow, "Other", "fr")
    await people.link(uow, Address("email", ann.email), other)
    await stored(uow, small_building(people=(replace(ann, email="ann@new.example"), bob, cem)))
    assert (await people.on_file(uow, [ann.email]))[ann.email] == other


@pytest.mark.parametrize("first", [True, False])
async def test_an_address_can_be_handed_on_to_somebody_new(uow: UnitOfWork, first: bool) -> None:
    """Ann gives up the family's address, and her daughter, who is new, takes it."""
    before = await persons(uow, small_building())
    ann, bob, cem = small_building().people
    daughter = resident("zoe", email=ann.email)
    moved = replace(ann, email="ann@new.example")
    now = (daughter, moved, bob, cem) if first else (moved, bob, cem, daughter)
    after = await persons(uow, small_building(people=now))
    assert after["ann"] == before["ann"]
    assert after["zoe"][0] not in {person for person, _ in before.values()}
    assert await people.on_file(uow, [ann.email, "ann@new.example"]) == {
        ann.email: after["zoe"][0],
        "ann@new.example": after["ann"][0],
    }


async def test_a_language_that_somebody_chose_stays_until_the_files_say_another(uow: UnitOfWork) -> None:
    before = await persons(uow, small_building())
    person = before["ann"][0]
    await talking.speak(uow, Person(person, "Ann", "fr"), "en")
    await stored(uow, small_building())
    assert (await people.person(uow, person)) == Person(person, "Ann", "en")
    ann, bob, cem = small_building().people
    await stored(uow, small_building(people=(replace(ann, language="nl"), bob, cem)))
    assert (await people.person(uow, person)) == Person(person, "Ann", "nl")


# -------------------------------------------------------------------------------------------------------------------- export


async def export(sample: Sample) -> dict[str, bytes]:
    async with sample.database.work(sample.organisation) as uow:
        return await export_building(uow, sample.known, sample.shelf)


async def test_the_sample_comes_back_byte_for_byte(sample: Sample) -> None:
    written = await export(sample)
    assert {name: content for name, content in written.items() if not name.startswith("records/")} == CONTENT


async def test_an_update_comes_back_as_it_was_given(sample: Sample) -> None:
    files = edited(
        payments=lambda text: text + '2026-11-20,lea-dubois,100.00,"a, ""b""",cash\n',
        people=lambda text: without(text, "lukas-hermann"),
        tenancies=lambda text: without(text, "lukas-hermann"),
    )
    await bring(sample, files)
    written = await export(sample)
    assert written["payments.csv"].endswith(b'2026-11-20,lea-dubois,100.00,"a, ""b""",cash\n')
    assert b"lukas" not in written["people.csv"] + written["tenancies.csv"]


async def test_what_was_exported_can_be_imported_elsewhere(sample: Sample) -> None:
    written = await export(sample)
    async with sample.database.work() as uow:
        await buildings.enter(uow, "others")
        done = await import_building(uow, read_building(Folder.of(written)), sample.shelf)
        again = await export_building(uow, done.building, sample.shelf)
        assert (done.new, done.building.number) == (True, sample.known.number + 1)
        await uow.commit()
    assert {name: content for name, content in again.items() if not name.startswith("records/")} == CONTENT
    found = await buildings.everywhere(sample.database)
    assert [known.building.slug for _, known in found] == ["tilleuls", "tilleuls"]
    assert set(await buildings.organisations(sample.database)) == {"default", "others"}
    async with sample.database.work() as uow:
        assert await buildings.enter(uow, "default") == sample.organisation


async def test_the_books_in_an_export_can_be_verified_without_this_program(sample: Sample) -> None:
    await bring(sample, edited(calls=lambda text: text.replace("reserve,700.00", "reserve,900.00")))
    records = [json.loads(line) for line in (await export(sample))["records/ledger.jsonl"].decode().splitlines()]
    previous = bytes(32)
    for number, record in enumerate(records, start=1):
        content = json.dumps(record["content"], ensure_ascii=False, separators=(",", ":"))
        assert (record["number"], record["previous"]) == (number, previous.hex())
        previous = sha256(previous + f"{number}:{content}".encode()).digest()
        assert record["hash"] == previous.hex()
        assert sum(line[1] for line in record["content"][7]) == 0
    assert len(records) > 200


async def test_what_people_were_told_is_in_the_records_but_not_what_it_said(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        rows = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        await people.link(uow, Address("telegram", "7"), rows["lea-dubois"])
        uow.tell(rows["lea-dubois"], Card(say("help.thanks")), "account", key="1")
        await uow.commit()
    (line,) = (await export(sample))["records/deliveries.jsonl"].decode().splitlines()
    assert json.loads(line) == {
        "person": "lea-dubois",
        "at": "2026-11-22T09:00:00+00:00",
        "channel": "telegram",
        "kind": "account",
        "fate": "waiting",
        "evidence": 0,
    }


# ------------------------------------------------------------------------------------------------------------- two at once


async def test_two_imports_of_a_new_building_at_once_are_one_building(sample: Sample) -> None:
    async def once() -> Imported:
        return await bring(sample, small_building("fresh", payments=(payment("2026-01-01", "ann", 100),)))

    done = await asyncio.gather(*(once() for _ in range(4)))
    assert sorted(each.new for each in done) == [False, False, False, True]
    assert sorted(each.booked for each in done) == [0, 0, 0, 1]
    assert len({each.building.building_id for each in done}) == 1


async def test_two_updates_at_once_keep_the_books_in_one_chain(sample: Sample, clock: Hands) -> None:
    def files(number: int) -> BuildingFiles:
        return edited(payments=lambda text: text + f"2026-11-2{number},lea-dubois,{number}.00,,bank\n")

    await asyncio.gather(*(bring(sample, files(number)) for number in (1, 2, 3)))
    async with sample.database.work(sample.organisation) as uow:
        assert await bookkeeping.verify(uow, sample.known.building_id) == []
        place = (await places(uow, sample.known))["lea-dubois"]
        (account,) = await charges.accounts(uow, [place])
    assert len([row for row in account.postings if row.cents in (-100, -200, -300)]) == 1
