"""Lists as offices have them: other separators, other languages, other ways to write a day or a number; and rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.i18n import Catalogues
from koprogo.catalogues import load
from web_admin.setup.grids import BY_STEP, vocabulary
from web_admin.setup.pasting import Vocabulary, day, read, read_weights, whole

LOTS, PEOPLE, OWNERSHIP = (BY_STEP[step].pasted for step in ("lots", "people", "ownership"))
WORDS = vocabulary(load())


@pytest.fixture
def words(catalogues: Catalogues) -> Vocabulary:
    return vocabulary(catalogues)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Lot\tType\tÉtage\tQuotités\n1A\tAppart.\t1er\t1 250", LOTS),
        ("KAVEL;Soort;Verdieping;Aandelen\r\n1A;appartement;1er;1.250\r\n", LOTS),
        ("Los,Art,Stockwerk,Anteile\n1A,Wohnung,1er,1250", LOTS),
        ("Shares;Lot;Kind;Floor\n1250/10000;1A;flat;1er", LOTS),
        ("\n\n1A\tapartment\t1er\t1250,00\n;;;\n\t\t\n", LOTS),
        ('"Lot";"Type";"Étage";"Quotités"\n"1A";"Appartement";"1er";"1250"', LOTS),
    ],
)
def test_a_list_of_lots_however_it_is_written(words: Vocabulary, text: str, columns: tuple[str, ...]) -> None:
    found = read(text, words, columns)
    assert [dict(row) for row in found.rows][:1] == [
        {"lot": "1A", "kind": "apartment", "floor": "1er", "shares": "1250"}
    ]
    assert found.strange == ()


def test_people_and_what_they_are(words: Vocabulary) -> None:
    found = read("Naam\tE-mail\tTaal\tRollen\tOpmerking\nTom\ttom@x.example\tNL\tEigenaar, raadslid\thm", words, PEOPLE)
    assert found.strange == ("Opmerking",)
    assert dict(found.rows[0]) == {"name": "Tom", "email": "tom@x.example", "language": "nl", "roles": "owner;council"}
    (row,) = read("Tom;tom@x.example;;klingon;king", words, PEOPLE).rows
    assert (row["language"], row["roles"]) == ("klingon", "king"), "what nobody understands is told, not dropped"


def test_parts_and_rights(words: Vocabulary) -> None:
    found = read("Lot;Personne;Droit;Part;Depuis\n1A;Léa;nue-propriété;1 / 2;1/9/2020", words, OWNERSHIP)
    assert dict(found.rows[0]) == {
        "lot": "1A",
        "person": "Léa",
        "right": "bare",
        "numerator": "1",
        "denominator": "2",
        "from": "2020-09-01",
    }


def test_keys_stand_in_columns(words: Vocabulary) -> None:
    found = read_weights("Kavel;lift;\n1A;10;5\n1B;;\nC", words)
    assert [dict(row) for row in found.rows] == [{"key": "lift", "lot": "1A", "weight": "10"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.2020", "2020-02-01"),
        ("31-12-1999", "1999-12-31"),
        ("2020/3/4", "2020-03-04"),
        ("2020-03-04 00:00:00", "2020-03-04"),
        ("31/02/2020", "2020-02-31"),
        ("soon", "soon"),
        ("1/2/20", "1/2/20"),
    ],
)
def test_days(text: str, expected: str) -> None:
    assert day(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            ("1000", "1000"),
            ("1.000", "1000"),
            ("1 000", "1000"),
            ("45,0", "45"),
            ("45/1.000", "45"),
            ("1.000/10.000", "1000"),
        ),
        *(("4,5", "4,5"), ("-3", "-3"), ("", ""), ("²", "²"), ("١", "١"), ("1.0000", "1")),
    ],
)
def test_whole_numbers(text: str, expected: str) -> None:
    assert whole(text) == expected


@given(st.text(st.sampled_from('a1;,\t\n"\r /.\u00a0éß\0\u202e')), st.sampled_from([LOTS, PEOPLE, OWNERSHIP]))
def test_anything_can_be_pasted(text: str, columns: tuple[str, ...]) -> None:
    assert all(any(row.values()) for row in read(text, WORDS, columns).rows)
    assert all(row["key"] and row["weight"] for row in read_weights(text, WORDS).rows)
