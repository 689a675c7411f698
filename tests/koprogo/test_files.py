"""`import`, `export` and `verify`, on the bundled database in a data folder of this module's own."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import zipfile
from pathlib import Path

import asyncpg
import pytest

from koprogo.embedded import start
from tests.ground_floor import SAMPLE
from tests.koprogo.conftest import Command
from tests.servers.postgres import connect

pytestmark = pytest.mark.xdist_group("koprogo-files")


@pytest.fixture(scope="module")
def koprogo(bundled: Command) -> Command:
    """The sample building is in it; each test leaves it so."""
    ran = bundled("import", str(SAMPLE))
    assert ran.code == 0, ran.err
    return bundled


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the sample's folder to change."""
    copy = tmp_path / "building"
    shutil.copytree(SAMPLE, copy)
    return copy


def rewrite(file: Path, number: int, **cells: str) -> None:
    """Changes cells of the row on that line of a file."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rows[number - 2].update(cells)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def exported(koprogo: Command, target: Path, building: str = "tilleuls") -> bytes:
    ran = koprogo("export", building, str(target))
    assert ran.code == 0, ran.err
    return target.read_bytes()


def files_in(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.startswith("records/")}


def test_what_was_imported_comes_back_byte_for_byte(koprogo: Command, tmp_path: Path) -> None:
    exported(koprogo, tmp_path / "out.zip")
    given = {str(path.relative_to(SAMPLE)): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    assert files_in(tmp_path / "out.zip") == given


def test_export_and_import_again_are_equal(koprogo: Command, tmp_path: Path) -> None:
    first = exported(koprogo, tmp_path / "first.zip")
    ran = koprogo("import", str(tmp_path / "first.zip"), "--json")
    assert (ran.code, ran.json["new"], ran.json["booked"], ran.json["reversed"]) == (0, False, 0, 0)
    assert exported(koprogo, tmp_path / "second.zip") == first


def test_into_another_organisation_too(koprogo: Command, tmp_path: Path) -> None:
    first = exported(koprogo, tmp_path / "first.zip")
    ran = koprogo("import", str(tmp_path / "first.zip"), "--organisation", "Les Voisins ASBL", "--json")
    assert (ran.code, ran.json["new"], ran.json["organisation"]) == (0, True, "Les Voisins ASBL")
    assert exported(koprogo, tmp_path / "there.zip", "Les Voisins ASBL/tilleuls") == first
    ambiguous = koprogo("export", "tilleuls", str(tmp_path / "which.zip"))
    assert (ambiguous.code, len(ambiguous.lines)) == (1, 1)
    assert not (tmp_path / "which.zip").exists()
    with_two = koprogo("verify", "--json")
    assert [row["differences"] for row in with_two.json] == [[], []]
    forget(koprogo, "Les Voisins ASBL")


def forget(koprogo: Command, organisation: str) -> None:
    """Takes an organisation away again, as only the owner of the database can."""
    by_hand(
        koprogo,
        f"""
        DO $$ DECLARE gone uuid := (SELECT organisation_id FROM organisations WHERE name = '{organisation}'); t record; BEGIN
            SET session_replication_role = replica;
            FOR t IN SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'organisation_id'
            LOOP EXECUTE format('DELETE FROM %I WHERE organisation_id = %L', t.table_name, gone); END LOOP;
        END $$""",
    )


def by_hand(koprogo: Command, statement: str) -> None:
    """Does what no command does: a statement by the owner of the database."""

    async def done() -> None:
        owner = await start(Path(koprogo.settings["KOPROGO_DATA"]))
        connection: asyncpg.Connection = await connect(owner)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(done())


def test_a_dry_run_says_and_changes_nothing(koprogo: Command, changed: Path, tmp_path: Path) -> None:
    before = exported(koprogo, tmp_path / "before.zip")
    with (changed / "payments.csv").open("a", encoding="utf-8") as rows:
        rows.write("2026-11-26,lea-dubois,740.40,+++000/0100/01003+++,bank\n")
    dry = koprogo("import", str(changed), "--dry-run", "--json")
    assert (dry.code, dry.json["dry_run"], dry.json["booked"], dry.json["reversed"]) == (0, True, 1, 0)
    assert exported(koprogo, tmp_path / "after.zip") == before


def test_a_row_is_added_and_taken_back(koprogo: Command, changed: Path, tmp_path: Path) -> None:
    exported(koprogo, tmp_path / "before.zip")
    with (changed / "payments.csv").open("a", encoding="utf-8") as rows:
        rows.write("2026-11-26,lea-dubois,740.40,+++000/0100/01003+++,bank\n")
    added = koprogo("import", str(changed), "--json")
    assert (added.code, added.json["booked"], added.json["reversed"]) == (0, 1, 0)
    asked = (
        "chat",
        "--as",
        "lea.dubois@tilleuls.example",
        "--at",
        "2026-11-27",
        "--json",
        "combien je dois ce trimestre ?",
    )
    (card,) = koprogo(*asked).json
    assert card["facts"][0]["amount_cents"] == 0
    taken = koprogo("import", str(SAMPLE), "--json")
    assert (taken.code, taken.json["booked"], taken.json["reversed"]) == (0, 0, 1)
    (card,) = koprogo(*asked).json
    assert card["facts"][0]["amount_cents"] == 74040
    assert koprogo("verify").code == 0
    exported(koprogo, tmp_path / "after.zip")
    assert files_in(tmp_path / "after.zip") == files_in(tmp_path / "before.zip")


def test_every_fault_at_once_and_nothing_is_changed(koprogo: Command, changed: Path, tmp_path: Path) -> None:
    before = exported(koprogo, tmp_path / "before.zip")
    rewrite(changed / "lots.csv", 2, shares="91")
    rewrite(changed / "people.csv", 5, language="it")
    rewrite(changed / "expenses.csv", 8, total="252.60")
    rewrite(changed / "payments.csv", 11, amount="1035,78")
    rewrite(changed / "ownership.csv", 9, person="nobody-here")
    toml = (changed / "building.toml").read_text(encoding="utf-8")
    (changed / "building.toml").write_text(toml.replace("BE68539007547034", "BE68539007547035"), encoding="utf-8")
    (changed / "budget.csv").write_bytes(
        b"year,account,description,amount,key,fund\n2026,61000,\xe9t\xe9,1.00,general,working\n"
    )

    ran = koprogo("import", str(changed))
    assert (ran.code, ran.out) == (2, "")
    places = {line.split(": ")[0] for line in ran.lines}
    assert places >= {"people.csv:5", "expenses.csv:8", "payments.csv:11", "ownership.csv:9", "budget.csv:2"}
    assert any(place.startswith("lots.csv:") for place in places)
    assert any(place.startswith("building.toml:") for place in places)

    again = koprogo("import", str(changed), "--dry-run", "--json")
    assert (again.code, sorted(again.json["faults"])) == (2, sorted(ran.lines))
    assert exported(koprogo, tmp_path / "after.zip") == before


def test_an_issued_call_does_not_change(koprogo: Command, changed: Path, tmp_path: Path) -> None:
    before = exported(koprogo, tmp_path / "before.zip")
    rewrite(changed / "calls.csv", 2, total="3951.00")
    ran = koprogo("import", str(changed))
    assert (ran.code, ran.out) == (2, "")
    assert [line.split(": ")[0] for line in ran.lines] == ["calls.csv:2"]
    assert exported(koprogo, tmp_path / "after.zip") == before


@pytest.mark.parametrize("what", ["nowhere", "a-text-file", "a-broken.zip", "an-empty-folder"])
def test_what_is_no_building(koprogo: Command, tmp_path: Path, what: str) -> None:
    place = tmp_path / what
    if what == "an-empty-folder":
        place.mkdir()
    elif what != "nowhere":
        place.write_bytes(b"PK\x03\x04 no more than that")
    ran = koprogo("import", str(place))
    assert (ran.code, ran.out) == (2, "")
    assert ran.lines


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_lines SET cents = cents + {by} WHERE entry = 7 AND line = 1",
        "UPDATE ledger_entries SET due = due + {by} WHERE number = 11",
        "UPDATE parts SET cents = cents + {by} WHERE source = (SELECT max(source) FROM parts) AND lot = '3A'",
    ],
)
def test_verify_finds_a_changed_cent(koprogo: Command, change: str) -> None:
    right = koprogo("verify", "--json")
    assert (right.code, right.json) == (0, [{"building": "tilleuls", "differences": []}])
    by_hand(koprogo, change.format(by=1))
    wrong = koprogo("verify", "tilleuls", "--json")
    assert wrong.code == 1
    assert wrong.json[0]["differences"]
    by_hand(koprogo, change.format(by=-1))
    assert koprogo("verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("export", "nobody-knows-it", "{tmp}/x.zip"), 1),
        (("export", "tilleuls", "{tmp}"), 1),
        (("export", "tilleuls", "{tmp}/no/such/folder/x.zip"), 1),
        (("export", "tilleuls", "/proc/x.zip"), 1),
        (("verify", "nobody-knows-it"), 1),
        (("import", "{sample}", "--organisation", "  "), 2),
        (("import", "{sample}", "--organisation", "\udcff\udcfe"), 2),
    ],
)
def test_refused_in_one_sentence(koprogo: Command, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    ran = koprogo(*(argument.format(tmp=tmp_path, sample=SAMPLE) for argument in arguments))
    assert (ran.code, ran.out, len(ran.lines)) == (code, "", 1), ran
    assert list(tmp_path.iterdir()) == []


def test_a_zip_of_the_folder(koprogo: Command, tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(SAMPLE.rglob("*")):
            if path.is_file():
                packed.write(path, str(path.relative_to(SAMPLE)))
    (tmp_path / "given.zip").write_bytes(archive.getvalue())
    ran = koprogo("import", str(tmp_path / "given.zip"), "--json")
    assert (ran.code, ran.json["booked"]) == (0, 0)
