"""What was read is written back, byte for byte; and any row that the model can hold survives the way through a file."""

from __future__ import annotations

import csv
import io
import random
from datetime import date
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.buildings.model import LOT_KINDS, Building, Syndic
from core.charges.model import BEARERS, FUNDS, NATURES, SOURCES, VAT_RATES, WORKING, Expense, vat_included
from core.documents.model import AUDIENCES, KINDS
from core.interchange import cells, tables
from core.interchange.building_toml import read_charter
from core.interchange.folder import Folder
from core.interchange.model import BuildingFiles
from core.interchange.reading import read_building, read_table
from core.interchange.tables import TABLES, Column, Table
from core.interchange.toml_lines import key_lines
from core.interchange.writing import write_building, write_tables
from core.people.model import LEGAL_CHANNELS, RIGHTS, ROLES, Ownership, Resident
from tests.core.interchange.cases import E, P, T
from tests.core.interchange.tiny import TINY, Change, places, spoiled

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("folder", ["koprogo/sample/residence-les-tilleuls", "docs/example"])
def test_the_buildings_of_the_project_come_back_as_they_are(folder: str) -> None:
    root = ROOT / folder
    there = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    written = write_building(read_building(Folder.open(root)))
    assert written.keys() == there.keys()
    assert {name for name in there if written[name] != there[name]} == set()


ALIKE: dict[str, dict[str, Change]] = {
    "as it is": {},
    "only what must be": {name: None for name in TINY if name not in (T, "lots.csv")},
    "headers without rows": {
        name: TINY[name].split("\n")[0] + "\n" for name in ("tenancies.csv", "payments.csv", "settlements.csv")
    },
    "all columns of people": {
        P: "person,name,email,phone,language,roles,channels_accepted,accepted_on,street,postal_code,city,country\n"
        "lea,Léa,,,fr,,,,Rue 1,1030,,BE\nmaria,M,,,nl,,,,,,,\ntom,T,,,nl,,,,,,,\nsam,S,,,en,,,,,,,\n"
    },
    "some columns of people": {
        P: "person,name,email,phone,language,roles,channels_accepted,accepted_on,city\n"
        "lea,Léa,,,fr,,,,Eupen\nmaria,M,,,nl,,,,\ntom,T,,,nl,,,,\nsam,S,,,en,,,,\n"
    },
    "expenses without fund": {
        E: "number,date,supplier,description,net,vat_rate,total,account,key,nature,borne_by,document,private_lot\n"
        "E1,2025-01-20,Net,Cleaning,1.00,0,1.00,6,general,ordinary,owner,bill.txt,\n"
    },
    "quotes, commas, lines": {E: ("Net Exemple", '"Net ""the best"", since 1900\nBrussels\n\nEupen"')},
    "many scripts": {P: ("Sam Jones", "Ζωή Ωμέγα 李 👩‍👩‍👧 עברית e\u0301")},
    "spaces in a text": {E: ("Net Exemple", "  Net  ")},
    "settings as their author likes them": {T: "# ours\r\n" + TINY[T].replace("\n", "\r\n")},
    "settings with a byte order mark": {T: "\ufeff" + TINY[T]},
}


@pytest.mark.parametrize("name", ALIKE)
def test_canonical_files_come_back_byte_for_byte(name: str) -> None:
    files = spoiled(ALIKE[name])
    assert write_building(read_building(Folder.of(files))) == files


def test_other_files_come_back_in_canonical_form_and_that_is_stable() -> None:
    lots = '\ufeff\r\nshares,lot,floor,kind\r\n\r\n0400,"A",0,apartment\r\n600,B,1,apartment'
    written = write_building(read_building(Folder.of(spoiled({"lots.csv": lots}))))
    assert written["lots.csv"].decode() == TINY["lots.csv"]
    assert write_building(read_building(Folder.of(written))) == written


def test_what_is_read_is_what_the_files_say() -> None:
    files = read_building(Folder.of(spoiled({E: ("Net Exemple", '"Net\nExemple"')})))
    building = files.building
    assert (building.name, building.slug, building.shares_total) == ("Villa des Charmes", "charmes", 1000)
    assert (building.working_iban, building.enterprise_number) == ("BE68539007547034", "0123.456.749")
    assert (building.financial_year_start, building.assembly_window_start) == ((1, 1), (5, 1))
    assert building.provisional_acceptance == date(2015, 4, 30)
    assert (building.interest, building.reminder_days) == (None, (15, 30, 60))
    assert building.syndic == Syndic("Syndic Exemple", "bureau@syndic.example", "+32 2 000 00 00", "+32 2 000 00 01")
    assert files.people[0] == Resident(
        "lea", "Léa Dubois", "lea@mail.example", "", "fr", ("owner", "council"), ("email",), date(2025, 1, 6)
    )
    assert files.ownership[1] == Ownership("B", "maria", "usufruct", 1, 1, date(2021, 6, 1), None, True)
    assert files.expenses[2] == Expense(
        *("E3", date(2025, 5, 5), "Key Exemple", "Lost key", -1000, 0, -1000, "61010", "", "extraordinary", "owner"),
        *("", "A", "reserve"),
    )
    assert [row.fund for row in files.expenses] == [WORKING, WORKING, "reserve"]
    assert files.unsaid_funds == {"E1"}
    assert files.lines[E] == (2, 4, 5)
    assert files.columns["tenancies.csv"] == ("lot", "person", "from", "to")
    bill = files.files["bill.txt"]
    assert (bill.size, bill.sha256, bill.read()) == (17, sha256(b"Cleaning: 121.00\n").digest(), b"Cleaning: 121.00\n")


def test_settings_that_are_left_out_are_those_of_the_model() -> None:
    source = b'name = "A"\nslug = "a"\nlanguages = ["de"]\nshares_total = 3\n'
    charter = read_charter(source)
    assert charter.faults == []
    assert charter.building() == Building("A", "a", languages=("de",), shares_total=3, source=source.decode())


def test_statutory_interest_and_numbers_as_people_write_them() -> None:
    files = spoiled({T: [('"legal"', '{ article = "23", rate = "8.00" }'), ("0123.456.749", "BE0123456749")]})
    building = read_building(Folder.of(files)).building
    assert (building.interest, building.enterprise_number) == (("8.00", "23"), "0123.456.749")


def test_rows_without_a_known_file_are_written_whole() -> None:
    """A building that did not come from files: nothing is lost, and it can be read again."""
    files = read_building(Folder.of(spoiled({})))
    bare = BuildingFiles(files.building, lots=files.lots, people=files.people)
    written = write_tables(bare)
    assert set(written) == {T, "lots.csv", P}
    assert (
        written[P].decode().startswith("person,name,email,phone,language,roles,channels_accepted,accepted_on,street,")
    )
    assert read_building(Folder.of(written)).people == files.people


def test_an_optional_column_appears_where_leaving_it_out_would_lose_something() -> None:
    files = read_building(Folder.of(spoiled({})))
    moved = tuple(
        Resident(row.person, row.name, row.email, row.phone, row.language, row.roles, city="Eupen")
        for row in files.people
    )
    written = write_tables(BuildingFiles(files.building, people=moved, columns=files.columns))
    assert written[P].decode().split("\n")[0].endswith("accepted_on,city")


# ------------------------------------------------------------------------------------------------------------ any row

_sign = st.characters(exclude_categories=("Cc", "Cs"))
_texts = st.text(_sign, max_size=30)
_lines = st.text(_sign | st.just("\n"), max_size=30)
_given = _lines.filter(lambda text: bool(text.strip()))
_names = st.text(_sign, min_size=1, max_size=30).filter(lambda text: text == text.strip())
_days = st.dates(date(cells.FIRST_YEAR, 1, 1), date(cells.LAST_YEAR, 12, 31))
_cents = st.integers(-(10**14) + 1, 10**14 - 1)
_path_parts = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=9)


def _of(kind: cells.Kind[Any], column: Column) -> st.SearchStrategy[Any]:
    """Any value that such a cell can hold."""
    known: dict[int, st.SearchStrategy[Any]] = {
        id(cells.NAME): _names,
        id(cells.REFERENCE): st.just("") | _names,
        id(cells.TEXT): _texts,
        id(cells.TEXT_GIVEN): _texts.filter(lambda text: bool(text.strip())),
        id(cells.LINES): _lines,
        id(cells.LINES_GIVEN): _given,
        id(cells.EMAIL): st.just("") | st.from_regex(r"[a-z.]{1,9}@[a-z]{1,9}(\.[a-z]{1,9}){1,2}", fullmatch=True),
        id(cells.PATH): st.lists(_path_parts, min_size=1, max_size=3).map("/".join),
        id(cells.DAY): _days,
        id(cells.DAY_OR_NONE): st.none() | _days,
        id(cells.MONEY): _cents,
        id(cells.YEAR): st.integers(cells.FIRST_YEAR, cells.LAST_YEAR),
        id(cells.LANGUAGE): st.sampled_from(("fr", "nl", "de", "en")),
        id(cells.LANGUAGE_OR_NONE): st.sampled_from(("", "fr", "nl", "de", "en")),
        id(cells.YES_NO): st.booleans(),
    }
    closed = {
        "kind": LOT_KINDS,
        "right": RIGHTS,
        "fund": FUNDS,
        "nature": NATURES,
        "borne_by": BEARERS,
        "source": SOURCES,
        "visible_to": AUDIENCES,
        "channel": LEGAL_CHANNELS,
        "vat_rate": VAT_RATES,
    }
    several = {"roles": ROLES, "channels_accepted": LEGAL_CHANNELS}
    if id(kind) in known:
        return known[id(kind)]
    if column.name in several:
        return st.lists(st.sampled_from(several[column.name]), unique=True).map(tuple)
    if column.name == "account":
        return st.integers(0, 10**9 - 1).map(lambda number: f"6{number}")
    if column.name in closed:
        choice = st.sampled_from(closed[column.name])
        return st.sampled_from(KINDS) if column in tables.DOCUMENTS.columns and column.name == "kind" else choice
    return st.integers(1, cells.MOST)


def _rows(table: Table) -> st.SearchStrategy[list[Any]]:
    fields = {column.attribute: _of(column.kind, column) for column in table.columns}
    return st.lists(st.builds(table.model, **fields), max_size=4)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.file)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_row_survives_the_way_through_its_file(table: Table, data: st.DataObject) -> None:
    rows = tuple(data.draw(_rows(table)))
    files = _alone(table, rows, table.names())
    content = write_tables(files)[table.file]
    sheet = read_table(table, content)
    assert sheet.faults == []
    assert sheet.models() == rows
    starts = [1] + [content.decode().count("\n", 0, at) + 1 for at in _row_starts(content.decode())]
    assert [row.line for row in sheet.rows] == starts[1:]
    again = _alone(table, sheet.models(), sheet.columns)
    assert write_tables(again)[table.file] == content


def _alone(table: Table, rows: tuple[Any, ...], columns: tuple[str, ...]) -> BuildingFiles:
    """A building with nothing but this table."""
    fields: dict[str, Any] = {table.rows: rows}
    return BuildingFiles(Building("A", "a"), columns={table.file: columns}, **fields)


def _row_starts(text: str) -> list[int]:
    """Where each row after the header begins: after a line end outside quotes."""
    starts, quoted = [], False
    for at, sign in enumerate(text):
        quoted ^= sign == '"'
        if sign == "\n" and not quoted and at + 1 < len(text):
            starts.append(at + 1)
    return starts


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.file)
@given(content=st.binary(max_size=200) | st.text(st.sampled_from('a,"\n\r;0-.é\0'), max_size=200).map(str.encode))
@settings(max_examples=60, deadline=None)
def test_no_bytes_make_the_reader_stumble(table: Table, content: bytes) -> None:
    header = ",".join(table.names()).encode() + b"\n"
    for written in (content, header + content):
        sheet = read_table(table, written)
        last = written.count(b"\n") + 1
        assert all(1 <= fault.line <= last for fault in sheet.faults)
        assert sheet.faults or not sheet.torn
    files = spoiled({table.file: header + content})
    assert all(line >= 1 for _, line, _ in places(Folder.of(files)))


@given(content=st.binary(max_size=200) | st.text(st.sampled_from("a=\"'[]{}\n\r.#0-é\\"), max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_the_settings_stumble(content: bytes) -> None:
    charter = read_charter(content)
    assert charter.faults
    assert all(1 <= fault.line <= content.count(b"\n") + 1 for fault in charter.faults)


@given(text=st.text(max_size=20) | st.from_regex(r"BE[0-9]{2}( ?[0-9A-Z]{4}){3}", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_an_iban_or_an_enterprise_number_stumble(text: str) -> None:
    quoted = "".join(f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}" for sign in text)
    for line in (f'accounts.working = "{quoted}"', f'enterprise_number = "{quoted}"'):
        read_charter(f'name = "A"\nslug = "a"\nlanguages = ["de"]\nshares_total = 3\n{line}\n'.encode())


def test_the_line_of_a_key_is_found_in_any_style_of_toml() -> None:
    source = (
        "# a = 1\n\n"
        'name = """\nslug = "x"\n""" # not a key\n'
        "  list = [ # [no]\n  '[table]', \"a = 1\",\n]\n"
        "'quoted key' . \"b\\u0061\" = '''\n'''\n"
        "inline = { rate = 1 }\n"
        "[ a . b ] # [c]\n"
        'c = "\\"" \n'
        "[[many]]\nd = 1\n"
    )
    lines = key_lines(source)
    assert lines[("name",)] == 3
    assert lines[("list",)] == 6
    assert lines["quoted key", "ba"] == 9
    assert lines[("inline",)] == 11
    assert (lines["a", "b"], lines["a", "b", "c"]) == (12, 13)
    assert (lines[("many",)], lines["many", "d"]) == (14, 15)
    assert ("slug",) not in lines
    assert key_lines("\n[a]\nb = 1") == {("a",): 2, ("a", "b"): 3}
    assert ("rate",) not in lines


# -------------------------------------------------------------------------------------------------------- large and old


def _large() -> dict[str, bytes]:
    """5,000 lots, half of them sold once, 1,000 expenses and 10,000 payments in 24 settled quarters."""
    chance = random.Random(7)
    lots = [f"L{number}" for number in range(5000)]
    quarters = [
        (date(2019 + at // 4, 3 * (at % 4) + 1, 1), date(2019 + at // 4, 3 * (at % 4) + 3, 28)) for at in range(24)
    ]
    owners = []
    for place, lot in enumerate(lots):
        if place % 2:
            owners.append((lot, f"p{place}", "full", 1, 1, "2010-01-01", "", "no"))
        else:
            owners.append((lot, f"p{place}", "full", 1, 1, "2010-01-01", "2021-06-30", "no"))
            owners.append((lot, f"p{(place + 9) % 5000}", "full", 1, 1, "2021-07-01", "", "no"))
    nets = [chance.randrange(1, 10**6) for _ in range(1000)]
    rows: dict[str, list[Any]] = {
        "lots.csv": [(lot, "apartment", "", 2) for lot in lots],
        "keys.csv": [(f"k{key}", lot, chance.randrange(1, 99)) for key in range(4) for lot in lots],
        P: [(f"p{place}", f"P {place}", f"p{place}@mail.example", "", "nl", "owner", "", "") for place in range(5000)],
        "ownership.csv": owners,
        E: [
            (
                *(f"E{at}", quarters[at % 24][0], "S", "D", cells.money_text(net), 21),
                *(cells.money_text(vat_included(net, 21)), 61000, chance.choice(("general", "k0", "k1", "k2", "k3"))),
                *("ordinary", "owner", "", ""),
            )
            for at, net in enumerate(nets)
        ],
        "calls.csv": [
            (f"C{at}", first, last, "T", "working", "90000.00", "k1") for at, (first, last) in enumerate(quarters)
        ],
        "settlements.csv": [(f"S{at}", first, last, last, last) for at, (first, last) in enumerate(quarters)],
        "opening.csv": [(f"p{place}", "2019-01-01", "1.00") for place in range(5000)],
        "payments.csv": [("2019-02-01", f"p{chance.randrange(5000)}", "10.00", "", "bank") for _ in range(10000)],
    }
    files = {T: TINY[T].replace("= 1000", "= 10000").encode()}
    for name, table in {table.file: table for table in TABLES}.items():
        if name in rows:
            out = io.StringIO()
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow([column.name for column in table.columns if not column.optional])
            writer.writerows(rows[name])
            files[name] = out.getvalue().encode()
    return files


def test_a_large_building_is_read_right_or_wrong() -> None:
    files = _large()
    assert places(Folder.of(files)) == []
    late = files | {"ownership.csv": files["ownership.csv"].replace(b"2010-01-01", b"2024-01-01")}
    found = places(Folder.of(late | {"opening.csv": files["opening.csv"].replace(b"2019-01-01", b"2024-06-01")}))
    kinds = {(file, key) for file, _, key in found}
    assert {(E, "unowned"), ("calls.csv", "unowned"), ("payments.csv", "payment_contained")} <= kinds
    assert len([place for place in found if place[0] == E]) == sum(at % 24 < 20 for at in range(1000))


def test_fractions_are_exact_however_odd() -> None:
    """Sevenths, elevenths and thirteenths that make one, and the same with a hair too much."""
    parts = [Fraction(3, 7), Fraction(2, 11), Fraction(1, 13)]
    rest = 1 - sum(parts, Fraction(0))
    header = TINY["ownership.csv"].split("\n")[0]
    burdened = "\n".join(TINY["ownership.csv"].split("\n")[2:])
    who = ["lea", "maria", "tom", "sam"]

    def owned(fractions: list[Fraction]) -> dict[str, bytes]:
        rows = [
            f"A,{person},full,{part.numerator},{part.denominator},2020-01-01,,no"
            for person, part in zip(who, fractions, strict=True)
        ]
        files: dict[str, bytes] = spoiled({"ownership.csv": "\n".join([header, *rows, burdened])})
        return files

    assert places(Folder.of(owned([*parts, rest]))) == []
    assert places(Folder.of(owned([*parts, rest + Fraction(1, 10**8)]))) == [("ownership.csv", 5, "lot_overlap")]
    assert places(Folder.of(owned([*parts, rest - Fraction(1, 10**8)]))) == [("ownership.csv", 5, "lot_gap")]
