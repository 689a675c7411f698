"""What somebody types, and what becomes of it: settings as lines of TOML, rows as lines of a table, faults by row and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.interchange.building_toml import read_charter
from core.interchange.folder import Folder
from core.interchange.model import BuildingFiles, Faults
from core.interchange.reading import read_again, read_building, read_table
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, WEIGHTS
from core.interchange.toml_writing import NAMES, building_source, renewed, settings_text
from core.interchange.toml_writing import written as toml
from core.interchange.typed import MOST_ROWS, Typed, clean_rows, problems, typed, written
from core.interchange.writing import write_tables
from core.kernel.errors import DomainError
from tests.core.interchange.tiny import TINY, spoiled


def tiny() -> BuildingFiles:
    return read_building(Folder.of(spoiled({})))


# ------------------------------------------------------------------------------------------------------------- settings

SOURCE = """\
# Ours, since 1974
name = "Villa"   # as the deed has it
slug = "villa"
languages = [
    "fr",  # first
    "nl",
]
shares_total = 1_000

[syndic]
name = "Syndic"
# call in the morning

[accounts]
working = "BE68 5390 0754 7034"
"""


def meaning(source: str) -> dict[str, str]:
    charter = read_charter(source.encode())
    assert charter.faults == []
    return settings_text(charter.building())


@pytest.mark.parametrize(
    "change",
    [
        {"city": "Namur"},
        {"languages": "nl"},
        {"languages": "de;fr", "name": 'Vi"lla \\ \t'},
        {"shares_total": "2000"},
        {"syndic.phone": "+32 2", "syndic.name": ""},
        {"accounts.working": "", "accounts.reserve": "BE91001000000076"},
        {"arrears.reminder_days": "10;20"},
        {"arrears.interest.rate": "8.00", "arrears.interest.article": "art. 23"},
        {"provisional_acceptance": "2015-04-30", "assembly_window_start": "05-01"},
        {"modules": "sel;polls"},
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_lines_that_do_not_change_stay(change: Mapping[str, str], line_end: str) -> None:
    source = SOURCE.replace("\n", line_end)
    wanted = {**meaning(source), **change}
    after = renewed(source, wanted)
    assert meaning(after) == {name: text.strip() for name, text in wanted.items()}
    assert "# Ours, since 1974" + line_end in after
    assert "# call in the morning" in after
    assert ("\r\n" in after) is (line_end == "\r\n")
    before = source.split(line_end)
    kept = [line for line in before if line in after.split(line_end)]
    assert len(kept) >= len(before) - 5


def test_what_changes_nothing_leaves_every_byte() -> None:
    assert renewed(SOURCE, meaning(SOURCE)) == SOURCE
    building = tiny().building
    assert building_source(building) == building.source == TINY["building.toml"]


@pytest.mark.parametrize(
    "source",
    [
        'syndic = { name = "S" }\nname = "V"\nslug = "v"\nlanguages = ["fr"]\nshares_total = 10\n',
        'syndic.name = "S"\nname = "V"\nslug = "v"\nlanguages = ["fr"]\nshares_total = 10\n',
        '"name" = "V"\nslug = "v"\nlanguages = ["fr"]\nshares_total = 10',
        '\ufeffname = "V"\nslug = "v"\nlanguages = ["fr"]\nshares_total = 10\n',
        'name = """V"""\nslug = "v"\nlanguages = ["fr"]\nshares_total = 10\n[syndic]\n',
        "",
        "not TOML at all [",
    ],
)
def test_however_it_was_written_it_says_what_it_is_to_say(source: str) -> None:
    wanted = dict.fromkeys(NAMES, "") | {"name": "W", "slug": "v", "languages": "nl", "shares_total": "11"}
    wanted |= {"syndic.name": "T", "syndic.email": "t@syndic.example", "region": "flanders", "settlement": "yearly"}
    wanted |= {"financial_year_start": "07-01"}
    assert meaning(renewed(source, wanted)) == wanted


def test_a_building_that_is_not_what_its_text_says_is_written_as_it_is() -> None:
    building = replace(tiny().building, modules=("polls",), city="Namur")
    after = building_source(building)
    assert meaning(after) == settings_text(building)
    assert 'address = "Rue du Charme 3"\n' in after


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_is_typed_as_a_setting_is_toml_and_stands_in_its_place(settings: dict[str, str]) -> None:
    """It may be wrong, but it is never a line of its own, and what is wrong is said of that setting."""
    charter = read_charter(toml(settings).encode())
    for fault in charter.faults:
        assert fault.wrong.key != "interchange.fault.toml_syntax"
        assert fault.wrong.key != "interchange.fault.toml_unknown"
        name = str(fault.wrong.values.get("column", ""))
        assert name in (*NAMES, "arrears.interest")


# ----------------------------------------------------------------------------------------------------------------- rows


def test_what_a_building_says_can_be_typed_again() -> None:
    files = tiny()
    now = typed(files)
    for table in (LOTS, WEIGHTS, PEOPLE, OWNERSHIP):
        sheet = read_table(table, written(table, now.rows(table)).content)
        assert sheet.faults == []
        assert sheet.models() == getattr(files, table.rows)
    assert now.fingerprint == typed(files).fingerprint
    assert now.fingerprint != now.with_settings({"city": "Namur"}).fingerprint
    assert now.fingerprint != now.with_rows(LOTS, now.rows(LOTS)[::-1]).fingerprint


CELLS = st.text(st.sampled_from('a,"\n\r é;\t='), max_size=8)


@given(st.lists(st.fixed_dictionaries({name: CELLS for name in ("lot", "kind", "floor", "shares")}), max_size=6))
def test_every_row_is_found_on_its_line(rows: list[dict[str, str]]) -> None:
    cleaned = clean_rows(LOTS, rows)
    file = written(LOTS, cleaned)
    sheet = read_table(LOTS, file.content)
    assert not sheet.torn
    assert [dict(row.raw) for row in sheet.rows] == [dict(row) for row in cleaned]
    assert [file.rows[row.line] for row in sheet.rows] == list(range(len(cleaned)))


def test_rows_without_anything_are_left_out_and_spaces_taken_off() -> None:
    assert clean_rows(LOTS, [{}, {"lot": "  "}, {"lot": " A ", "floor": "\r\n"}]) == (
        {"lot": "A", "kind": "", "floor": "", "shares": ""},
    )


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"lot": "a\0"}, "interchange.fault.hidden_sign"),
        ({"lot": "\udcff"}, "interchange.fault.hidden_sign"),
        ({"lot": "x" * 5000}, "interchange.fault.too_long"),
        ({"organisation_id": "x"}, "interchange.fault.unknown_column"),
    ],
)
def test_what_cannot_be_kept_is_refused(row: dict[str, str], key: str) -> None:
    with pytest.raises(DomainError) as refusal:
        Typed().with_rows(LOTS, [row])
    assert refusal.value.text.key == key


def test_more_than_a_building_needs_is_refused() -> None:
    rows = [{"lot": str(number)} for number in range(MOST_ROWS)]
    assert len(Typed().with_rows(LOTS, rows).rows(LOTS)) == MOST_ROWS
    with pytest.raises(DomainError) as refusal:
        Typed().with_rows(LOTS, [*rows, {"lot": "one more"}])
    assert refusal.value.text.key == "setup.too_many_rows"
    with pytest.raises(DomainError) as refusal:
        Typed().with_rows(PEOPLE, [{name: "x" * 4000 for name in PEOPLE.names()}] * 50)
    assert refusal.value.text.key == "setup.too_much"
    with pytest.raises(DomainError) as refusal:
        Typed().with_settings({"building_id": "x"})
    assert refusal.value.text.key == "interchange.fault.toml_unknown"


def test_faults_are_told_by_row_and_column() -> None:
    files = tiny()
    people = [dict(row) for row in typed(files).rows(PEOPLE)]
    people[0]["street"] = "Rue du Charme 3\nboîte 2"
    people[2]["language"] = "xx"
    people[3]["person"] = "lea"
    contents = write_tables(files)
    file = written(PEOPLE, clean_rows(PEOPLE, people))
    contents["people.csv"] = file.content
    with pytest.raises(Faults) as faults:
        read_again(contents, files.files)
    found = {
        (problem.row, problem.column, problem.wrong.key.rpartition(".")[2]): problem.wrong.values
        for problem in problems(faults.value, {"people.csv": file}).problems
        if problem.file == "people.csv"
    }
    assert set(found) == {(2, "language", "code"), (3, "person", "repeated")}
    assert found[3, "person", "repeated"]["line"] == "1"
