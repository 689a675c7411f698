"""Every fault is told once, on its line, with its message; none hides another, and none makes up another."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from core.interchange.folder import Folder
from core.interchange.model import Fault, Faults, fault_line
from core.interchange.reading import read_building
from core.kernel.i18n import LANGUAGES, Words
from core.kernel.text import Text
from tests.core.interchange.cases import BURDENED, CASES, LEA, OWNERS, A, C, D, E, G, K, L, N, P, S, T, W, Y
from tests.core.interchange.tiny import TINY, Change, places, spoiled


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_told_once_on_its_line(name: str) -> None:
    changes, expected = CASES[name]
    assert places(Folder.of(spoiled(changes))) == expected


RIGHT: dict[str, Mapping[str, Change]] = {
    "as it is": {},
    "byte order marks": {T: "\ufeff" + TINY[T], L: "\ufeff" + TINY[L]},
    "CRLF": {name: text.replace("\n", "\r\n") for name, text in TINY.items() if name.endswith((".csv", ".toml"))},
    "blank lines": {L: TINY[L].replace("\n", "\n\n")},
    "no end of line at the end": {L: TINY[L].rstrip("\n")},
    "two owners in turn": {
        W: OWNERS + "A,sam,full,1,1,2020-01-01,2022-05-05,no\nA,lea,full,1,1,2022-05-06,,no\n" + BURDENED
    },
    "full, usufruct and bare": {
        W: OWNERS
        + "A,lea,full,1,2,2020-01-01,,no\nA,sam,bare,1,2,2020-01-01,,no\nA,tom,usufruct,1,2,2020-01-01,,no\n"
        + BURDENED
    },
    "thirds": {W: OWNERS + "".join(f"A,{who},full,1,3,2020-01-01,,no\n" for who in ("lea", "sam", "tom")) + BURDENED},
    "representatives in turn": {
        W: OWNERS + "A,lea,full,1,1,2020-01-01,2022-01-01,yes\nA,sam,full,1,1,2022-01-02,,yes\n" + BURDENED
    },
    "row cut in two": {
        W: OWNERS + "A,lea,full,1,1,2020-01-01,2022-05-05,no\nA,lea,full,1,1,2022-05-06,,no\n" + BURDENED
    },
    "the first day of the owners": {E: ("E2,2025-02-20", "E2,2021-06-01"), A: ("C1,2025-01-05", "C1,2021-06-01")},
    "on the day of the opening balance": {Y: TINY[Y] + "2025-01-01,lea,1.00,,cash\n"},
    "old call of those without an opening balance": {A: TINY[A] + "C0,2024-12-01,2024-12-31,Old,reserve,1.00,lift\n"},
    "only the mandatory files": {name: None for name in TINY if name not in (T, L)},
    "one opening balance for another day": {G: TINY[G] + "tom,2024-06-01,1.00\n"},
    "the statutes' interest": {T: ('"legal"', '{ rate = "8.00", article = "art. 23" }')},
    "no IBAN yet": {T: [('"BE68 5390 0754 7034"', '""'), ('"0123.456.749"', '""')]},
    "enterprise number with BE": {T: ("0123.456.749", "BE 0123.456.749")},
    "inline tables": {T: re.sub(r"\[syndic\]\n(.*\n)*", "", 'syndic = { name = "S" }\n' + TINY[T])},
    "other files beside": {"README.txt": "x", "notes.xlsx": "x"},
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_no_fault(name: str) -> None:
    assert places(Folder.of(spoiled(RIGHT[name]))) == []


def test_all_faults_are_told_at_once_and_none_hides_another() -> None:
    files = spoiled(
        {
            T: [("BE68 5390", "BE68 5391"), ("shares_total = 1000", "shares_total = 1001"), ("city", "town")],
            K: TINY[K] + "lift,C,x\ndoor,B,0\n",
            P: [("lea@mail.example", "lea"), ("sam,Sam Jones", ",Sam Jones")],
            W: ("A,lea,full", "A,eve,full"),
            E: [("100.00,21,121.00", "100,21,121.00"), ("61000,lift", "51000,door"), ("2025-05-05", "2025-05-32")],
            A: [("C1,2025-01-05", "C1,x"), ("200.00,lift", "200.00,door")],
            Y: TINY[Y] + "2024-12-31,lea,0.00,,\n",
            D: ("bill.txt", "bills.txt"),
            "lot.csv": "",
        }
    )
    assert places(Folder.of(files)) == [
        (T, 4, "toml_unknown"),
        (T, 17, "iban"),
        (L, 3, "shares"),
        (K, 4, "whole"),
        (K, 4, "unknown_lot"),
        (K, 5, "key_weightless"),
        (P, 2, "email"),
        (P, 5, "empty"),
        (W, 2, "unknown_person"),
        (N, 2, "unknown_person"),
        (E, 2, "money"),
        (E, 2, "unknown_document"),
        (E, 3, "account_of_class"),
        (E, 4, "no_such_day"),
        (A, 2, "day"),
        (Y, 4, "empty"),
        (Y, 4, "payment_of_nothing"),
        (Y, 4, "payment_contained"),
        (D, 1, "document_undescribed"),
        (D, 2, "document_absent"),
        ("lot.csv", 1, "unknown_file"),
    ]


def test_what_cannot_be_read_makes_no_other_wrong() -> None:
    """Names that stand in a torn file are not told to be unknown, sums with an unreadable part are not told to be wrong."""
    for changes, expected in (
        ({L: TINY[L].encode("utf-16")}, [(L, 1, "not_utf8")]),
        ({L: TINY[L].replace("A,ap", '"A,ap')}, [(L, 2, "quotes")]),
        ({L: TINY[L].replace("lot", "lots", 1)}, [(L, 1, "unknown_column"), (L, 1, "missing_column")]),
        ({L: ("0,400", "0")}, [(L, 2, "cell_count")]),
        ({L: ("0,400", "0,4OO")}, [(L, 2, "whole")]),
        ({L: ("A,ap", ",ap")}, [(L, 2, "empty")]),
        ({P: TINY[P].replace(",", ";")}, [(P, 1, "separator")]),
        ({P: (LEA, '"' + LEA)}, [(P, 2, "quotes")]),
        ({P: TINY[P].replace("lea,L", "léa,L").encode("latin-1")}, [(P, 2, "not_utf8")]),
        ({K: TINY[K].replace(",", "\t")}, [(K, 1, "separator")]),
        ({K: TINY[K].replace("lift,B", ",B")}, [(K, 2, "key_weightless"), (K, 3, "empty")]),
        ({W: TINY[W].replace(",", ";")}, [(W, 1, "separator")]),
        ({W: ("A,lea", '"A,lea')}, [(W, 2, "quotes")]),
        ({W: ("A,lea", "C,lea")}, [(W, 2, "unknown_lot")]),
        ({W: ("B,tom", "C,tom")}, [(W, 4, "unknown_lot")]),
        ({W: ("A,lea", ",lea")}, [(W, 2, "empty")]),
        ({W: ("lea,full,1,1", "lea,full,1,x")}, [(W, 2, "whole")]),
        ({W: ("2020-01-01", "2020-01-32")}, [(W, 2, "no_such_day")]),
        ({W: ("2020-01-01,,no", "2020-01-01,no")}, [(W, 2, "cell_count")]),
        ({D: TINY[D].replace(",", ";")}, [(D, 1, "separator")]),
        ({D: ("bill.txt", "")}, [(D, 2, "empty")]),
        ({D: ("bill.txt", "bill.txt,")}, [(D, 2, "cell_count")]),
        ({S: ("S1,2025-01-01", "S1,2025-01-32")}, [(S, 2, "no_such_day")]),
        ({G: ("lea,2025-01-01", "lea,2025-01-32")}, [(G, 2, "no_such_day")]),
        ({E: ("E2,2025-02-20", "E2,2021-02-29")}, [(E, 3, "no_such_day")]),
        ({A: ("2025-01-31,Roof,reserve", "2025-01-31,Roof,roof")}, [(A, 3, "code")]),
        ({T: "x"}, [(T, 1, "toml_syntax")]),
        ({T: TINY[T].replace("= 1000", "= 1,000")}, [(T, 9, "toml_syntax")]),
    ):
        found = places(Folder.of(spoiled(changes)))
        assert found == expected, changes


def test_an_unknown_name_is_told_where_a_nameless_row_cannot_be_meant() -> None:
    files = spoiled({P: ("sam,Sam", ",Sam"), C: ("maria,email", "eve,email")})
    assert places(Folder.of(files)) == [(P, 5, "empty"), (C, 2, "unknown_person"), (N, 2, "unknown_person")]


def test_a_line_says_file_line_and_what_is_wrong_in_each_language(words: Mapping[str, Words]) -> None:
    files = spoiled({E: ("121.00", "100.00"), N: ("A,sam", '"Ca\u202eve","s\nam"'), "a\nb.csv": ""})
    with pytest.raises(Faults) as raised:
        read_building(Folder.of(files))
    assert [fault_line(fault, words["en"]) for fault in raised.value.faults] == [
        "tenancies.csv:2: person: “s\\nam” has to stand on one line",
        "tenancies.csv:2: lot: there is no lot “Ca\\u202eve” in lots.csv",
        "expenses.csv:2: total is 100.00, but 100.00 plus 21 % VAT is 121.00",
        "a\\nb.csv:1: no building has a file of this name; is it misspelt?",
    ]
    assert words["en"](raised.value.text) == "4 faults were found in the files. Nothing was changed."
    assert words["de"](raised.value.text).startswith("In den Dateien wurden 4 Fehler gefunden")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_can_be_said_in_every_language(language: str, words: Mapping[str, Words]) -> None:
    for changes, _ in CASES.values():
        with pytest.raises(Faults) as raised:
            read_building(Folder.of(spoiled(changes)))
        for fault in raised.value.faults:
            line = fault_line(fault, words[language])
            assert line.startswith(f"{fault.file}:{fault.line}: ")
            assert "\n" not in line
            assert not re.search(r"\{[a-z]+\}", line)


FOLDER_FAULTS = {
    *("unreadable", "no_file", "link", "path_of_file", "encrypted", "compression", "file_twice"),
    *("file_too_large", "folder_too_large", "too_many_files"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(FOLDER_FAULTS))
def test_the_faults_of_folders_can_be_said(key: str, language: str, words: Mapping[str, Words]) -> None:
    limit = {"most": "32"} if key in ("file_too_large", "folder_too_large", "too_many_files") else {}
    line = fault_line(Fault("documents/a.txt", 1, Text(f"interchange.fault.{key}", limit)), words[language])
    assert line.startswith("documents/a.txt:1: ")
    assert ("32" in line) == bool(limit)
