"""Steps of loading.feature: the command `koprogo` on an empty database."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.ground_floor import SAMPLE
from tests.koprogo.conftest import Command, Ran
from tests.talking import cents

scenarios("loading.feature")


@dataclass
class Syndic:
    """Works with the command on a folder of his own; `last` is how the last one ended."""

    koprogo: Command
    folder: Path
    last: Ran | None = None

    def does(self, *arguments: str) -> Ran:
        self.last = self.koprogo(*arguments, "--json")
        return self.last

    def rewrite(self, name: str, which: Callable[[dict[str, str]], bool], **cells: str) -> None:
        file = self.folder / name
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        (row,) = [row for row in rows if which(row)]
        row.update(cells)
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


@pytest.fixture
def syndic(bare: Command, tmp_path: Path) -> Syndic:
    return Syndic(bare, tmp_path / "building")


@given("the folder of Résidence Les Tilleuls")
def _folder(syndic: Syndic) -> None:
    shutil.copytree(SAMPLE, syndic.folder)


@given(parsers.parse("the shares of lot {lot} are {shares} instead of {before}"))
def _shares(syndic: Syndic, lot: str, shares: str, before: str) -> None:
    syndic.rewrite("lots.csv", lambda row: (row["lot"], row["shares"]) == (lot, before), shares=shares)


@given(parsers.parse("the expense {number} has a total of {total}"))
def _total(syndic: Syndic, number: str, total: str) -> None:
    syndic.rewrite("expenses.csv", lambda row: row["number"] == number, total=total)


@given(parsers.parse("the payment of {day} is made by {person}"))
def _payer(syndic: Syndic, day: str, person: str) -> None:
    syndic.rewrite("payments.csv", lambda row: row["date"] == day, person=person)


@given(parsers.parse("{person} has paid {amount} euro on {day}"))
def _paid(syndic: Syndic, person: str, amount: str, day: str) -> None:
    with (syndic.folder / "payments.csv").open("a", encoding="utf-8") as rows:
        rows.write(f"{day},{person},{amount},,bank\n")


@given("the syndic has imported it")
@when("the syndic imports it")
def _import(syndic: Syndic) -> None:
    syndic.does("import", str(syndic.folder))


@when("the syndic imports it as a dry run")
def _dry(syndic: Syndic) -> None:
    syndic.does("import", str(syndic.folder), "--dry-run")


@when(parsers.parse("the syndic exports {building}"))
def _export(syndic: Syndic, building: str) -> None:
    syndic.does("export", building, str(syndic.folder.with_suffix(".zip")))


@then("the command succeeds")
def _succeeds(syndic: Syndic) -> None:
    assert syndic.last is not None
    assert (syndic.last.code, syndic.last.err) == (0, "")


@then(parsers.parse("the command ends with {code:d}"))
def _ends(syndic: Syndic, code: int) -> None:
    assert syndic.last is not None
    assert syndic.last.code == code


@then(parsers.parse("it says that {lots:d} lots and {people:d} persons were added"))
def _added(syndic: Syndic, lots: int, people: int) -> None:
    assert syndic.last is not None
    said = syndic.last.json
    assert (said["new"], said["lots"], said["people"]) == (True, lots, people)


@then(parsers.parse("it says that {booked:d} entry was booked and {reversed_:d} reversed"))
def _booked(syndic: Syndic, booked: int, reversed_: int) -> None:
    assert syndic.last is not None
    assert (syndic.last.json["booked"], syndic.last.json["reversed"]) == (booked, reversed_)


@then(parsers.parse("{who}, asked on {day}, owes {amount} euro for this quarter"))
def _owes(syndic: Syndic, who: str, day: str, amount: str) -> None:
    ran = syndic.koprogo("chat", "--as", who, "--at", day, "--json", "combien je dois ce trimestre ?")
    (card,) = ran.json
    assert cents(card)["to_pay"] == int(amount.replace(".", ""))


@then("there is no building yet")
def _nothing(syndic: Syndic) -> None:
    assert syndic.koprogo("verify", "--json").json == []


@then("the books are right")
def _right(syndic: Syndic) -> None:
    assert syndic.koprogo("verify").code == 0


@then(parsers.parse("a fault is named in {file} at line {line:d}"))
def _fault_at(syndic: Syndic, file: str, line: int) -> None:
    assert syndic.last is not None
    assert any(complaint.startswith(f"{file}:{line}: ") for complaint in syndic.last.lines), syndic.last.err


@then(parsers.re(r"a fault is named in (?P<file>[a-z]+\.csv)$"))
def _fault(syndic: Syndic, file: str) -> None:
    assert syndic.last is not None
    assert any(complaint.startswith(f"{file}:") for complaint in syndic.last.lines), syndic.last.err


@then("the files are the same, byte for byte")
def _same(syndic: Syndic) -> None:
    given_ = {str(path.relative_to(SAMPLE)): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    with zipfile.ZipFile(syndic.folder.with_suffix(".zip")) as archive:
        back = {name: archive.read(name) for name in archive.namelist() if not name.startswith("records/")}
    assert back == given_
