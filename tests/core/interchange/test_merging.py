"""A list from an office, taken into a draft: lots, people and who owns what, from one line or from several lists."""

from __future__ import annotations

from core.interchange.setup.merging import merged
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS
from core.interchange.typed import Typed

DEFAULTS = {"kind": "apartment", "language": "fr", "roles": "owner", "from": "2026-01-01"}


def test_one_line_tells_of_a_lot_its_owner_and_both() -> None:
    rows = [
        {"lot": "1A", "shares": "60", "name": "Léa Dubois", "email": "lea@x.example"},
        {"lot": "1B", "kind": "cellar", "shares": "40", "name": "léa dubois"},
        {"lot": "1C", "shares": "0"},
    ]
    found = merged(Typed(), LOTS, rows, DEFAULTS)
    assert [(row["lot"], row["kind"]) for row in found[LOTS.file]] == [
        ("1A", "apartment"),
        ("1B", "cellar"),
        ("1C", "apartment"),
    ]
    (lea,) = found[PEOPLE.file]
    assert (lea["person"], lea["roles"], lea["language"]) == ("lea-dubois", "owner", "fr")
    assert [(row["lot"], row["person"], row["from"], row["numerator"]) for row in found[OWNERSHIP.file]] == [
        ("1A", "lea-dubois", "2026-01-01", "1"),
        ("1B", "lea-dubois", "2026-01-01", "1"),
    ]
    now = Typed().with_rows(LOTS, found[LOTS.file]).with_rows(PEOPLE, found[PEOPLE.file])
    now = now.with_rows(OWNERSHIP, found[OWNERSHIP.file])
    again = merged(now, LOTS, rows, DEFAULTS)
    assert [len(again[table.file]) for table in (LOTS, PEOPLE, OWNERSHIP)] == [3, 1, 2], (
        "a list pasted twice adds nothing"
    )


def test_what_is_known_is_completed_and_namesakes_stay_two() -> None:
    now = Typed().with_rows(PEOPLE, [{"person": "tom", "name": "Tom", "email": "tom@x.example", "language": "nl"}])
    rows = [
        {"name": "Tom", "email": "TOM@x.example", "phone": "1", "street": "Rue 1"},
        {"name": "Tom", "email": "other@x.example", "language": "de"},
        {"name": "Ann", "email": "tom@x.example"},
        {"email": "nameless@x.example"},
    ]
    found = merged(now, PEOPLE, rows, DEFAULTS)[PEOPLE.file]
    assert [(row.get("person"), row.get("name", "")) for row in found] == [
        ("tom", "Tom & Ann"),
        ("tom-2", "Tom"),
        ("person", ""),
    ]
    assert (found[0]["phone"], found[0]["street"], found[0]["language"]) == ("1", "Rue 1", "nl")
    assert (found[1]["language"], found[1]["roles"]) == ("de", "owner")


def test_owners_and_tenants_are_found_by_name_and_address() -> None:
    now = Typed().with_rows(PEOPLE, [{"person": "tom", "name": "Tom V", "email": "tom@x.example"}])
    rows = [
        {"lot": "A", "person": "tom v", "from": "2020-01-01"},
        {"lot": "B", "email": "TOM@x.example"},
        {"lot": "C", "name": "Zoé"},
    ]
    found = merged(now, OWNERSHIP, rows, DEFAULTS)[OWNERSHIP.file]
    assert [(row["lot"], row["person"], row["from"]) for row in found] == [
        ("A", "tom", "2020-01-01"),
        ("B", "tom", "2026-01-01"),
        ("C", "Zoé", "2026-01-01"),
    ]
    found = merged(now, TENANCIES, [*rows, rows[0]], DEFAULTS)[TENANCIES.file]
    assert [(row["lot"], row["person"], row["from"]) for row in found] == [
        ("A", "tom", "2020-01-01"),
        ("B", "tom", ""),
        ("C", "Zoé", ""),
    ]


def test_a_weight_that_is_there_is_exchanged() -> None:
    now = Typed().with_rows(WEIGHTS, [{"key": "lift", "lot": "A", "weight": "1"}])
    rows = [{"key": "lift", "lot": "A", "weight": "2"}, {"key": "lift", "lot": "B", "weight": "3"}]
    found = merged(now, WEIGHTS, rows, DEFAULTS)[WEIGHTS.file]
    assert [(row["lot"], row["weight"]) for row in found] == [("A", "2"), ("B", "3")]
