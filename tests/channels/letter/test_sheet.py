"""The letter on paper: what it says, in which order and language, where it stands, and that nothing written in it is taken for code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from channels.letter.sheet import (
    UNDRAWN,
    Drawn,
    Line,
    Picture,
    Sheet,
    Undrawable,
    breakable,
    draw,
    from_json,
    look,
    to_json,
    typographic,
)
from core.kernel.i18n import LANGUAGES
from tests.channels.letter.conftest import WORDS

Make = Callable[..., Sheet]
MM = 72 / 25.4


def text(drawn: Drawn) -> str:
    """What a reader hears, in the order of the pages, on one line; soft spaces made plain."""
    pages = [page.get_text() for page in pymupdf.open(stream=drawn.pdf)]
    return " ".join(" ".join(pages).replace("\N{ZERO WIDTH SPACE}", "").split())


def tags(drawn: Drawn) -> list[Any]:
    """The elements of the structure tree, in the order in which they are read."""

    def walk(node: Any) -> Iterator[Any]:
        node = node.get_object()
        if "/S" in node:
            yield node
        below = node.get("/K", [])
        for child in below if isinstance(below, list) else [below]:
            if not isinstance(child, int) and "/MCID" not in child.get_object():
                yield from walk(child)

    root = PdfReader(BytesIO(drawn.pdf)).trailer["/Root"]
    return list(walk(root["/StructTreeRoot"]))  # type: ignore[index]


def words(drawn: Drawn, page: int = 0) -> list[tuple[float, float, float, float, str]]:
    """The words of a page with where they stand, in millimetres from its upper left corner: x0, y0, x1, y1, word."""
    return [
        (*(edge / MM for edge in word[:4]), word[4]) for word in pymupdf.open(stream=drawn.pdf)[page].get_text("words")
    ]


# --------------------------------------------------------------------------------------------------- for whoever hears it


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_so_in_each_language(sheet: Make, language: str) -> None:
    drawn = draw(sheet(language))
    reader = PdfReader(BytesIO(drawn.pdf))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == ("en-IE" if language == "en" else f"{language}-BE")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert " ".join(str(reader.metadata.title).split()) == " ".join(WORDS[language][0].split())
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    said = text(drawn)
    title, paragraph, heading = WORDS[language]
    assert " ".join(title.split()) in said
    assert " ".join(typographic(paragraph, language).split()) in said
    assert heading in said
    assert drawn.pages == len(reader.pages) == 1


def test_the_order_is_that_of_a_letter(sheet: Make) -> None:
    said = text(draw(sheet()))
    order = [
        "Renard Gestion SRL",
        "Marguerite Lambert",
        "Schaerbeek, 22.11.2026",
        "À payer",
        "Bonjour",
        "Solde",
    ]
    order += [
        "BE68 5390 0754 7034",
        "Scannez ce code.",
        "Comment répondre",
        "1. Expliquer",
        "2. Payer",
        "Telegram",
        "K7F2 9QA BCD",
    ]
    places = [said.index(part) for part in order]
    assert places == sorted(places)


def test_everything_has_its_tag(sheet: Make) -> None:
    found = tags(draw(sheet()))
    kinds = [str(tag["/S"]) for tag in found]
    assert [kind for kind in kinds if kind in ("/H1", "/H2", "/Table", "/Figure", "/L")] == [
        *("/H1", "/Table", "/Figure", "/H2", "/L", "/H2")
    ]
    assert (kinds.count("/TH"), kinds.count("/TD"), kinds.count("/TR"), kinds.count("/LI")) == (2, 4, 3, 2)
    (figure,) = [tag for tag in found if tag["/S"] == "/Figure"]
    assert figure["/Alt"] == "Scannez ce code."


def test_the_page_and_the_fold_are_not_read_out(sheet: Make) -> None:
    """Footer and fold marks are artifacts: they stand on the page, and in no tag."""
    page = PdfReader(BytesIO(draw(sheet()).pdf)).pages[0]
    contents = page.get_contents()
    assert contents is not None
    assert b"/Artifact" in contents.get_data()


# ---------------------------------------------------------------------------------------------------- for whoever posts it


@pytest.mark.parametrize(
    "recipient",
    [
        ("Léa Dubois", "Square du Tilleul Argenté 7 bte 31", "1030 SCHAERBEEK"),
        ("Wilhelmina-Alexandrine Gräfin von und zu Hohenlohe-Schillingsfürst-Waldenburg", "Straße 1", "4700 EUPEN"),
        ("One", "Two", "Three", "Four", "Five", "Six", "IRELAND"),
        ("W" * 70, "1000 BRUXELLES"),
    ],
)
def test_the_address_is_seen_in_the_window_and_nothing_else(sheet: Make, recipient: tuple[str, ...]) -> None:
    drawn = draw(sheet(recipient=recipient, sender=("W" * 40, *["Rue de l'Expéditeur 1"] * 5)))
    above_the_fold = [word for word in words(drawn) if word[1] < 99]
    address = {part for line in recipient for part in line.split()}
    inside = [word for word in above_the_fold if word[2] > 90.5]
    assert "".join(word[4] for word in inside).replace("\N{ZERO WIDTH SPACE}", "") == "".join(
        "".join(recipient).split()
    )
    assert address
    assert min(word[0] for word in inside) >= 109.5
    assert max(word[2] for word in inside) <= 191
    assert min(word[1] for word in inside) >= 49
    assert max(word[3] for word in inside) <= 81


def test_what_is_counted_stands_figure_under_figure(sheet: Make) -> None:
    facts = tuple(Line(f"Poste {number}", f"{number * 1111},{number}0\N{NO-BREAK SPACE}€") for number in range(1, 10))
    placed = words(draw(sheet(facts=facts, pictures=(), choices=(), code=())))
    figures = [word for word in placed if word[0] > 100 and "," in word[4]]
    assert len(figures) == 9
    assert len({round(word[2], 1) for word in figures}) == 1
    assert len({round(word[2] - word[0], 1) for word in figures}) == 1


def test_a_long_letter_goes_on_with_its_page_numbers(sheet: Make) -> None:
    facts = tuple(Line(f"Facture {number} de l'ascenseur", f"{number},00 €") for number in range(1, 81))
    drawn = draw(sheet(facts=facts, body=("Un long paragraphe qui explique tout. " * 40,) * 2))
    assert drawn.pages == len(PdfReader(BytesIO(drawn.pdf)).pages) >= 3
    for number, page in enumerate(pymupdf.open(stream=drawn.pdf), 1):
        said = page.get_text()
        assert f"{number}/{drawn.pages}" in said
        assert "Résidence Les Tilleuls" in said
        for x0, y0, x1, y1, _ in words(drawn, number - 1):
            assert x0 >= 24
            assert x1 <= 191
            assert y0 >= 19
            assert y1 <= 292
    said = text(drawn)
    assert all(fact.label.replace("'", "’") in said for fact in facts)
    assert sum(str(tag["/S"]) == "/TR" for tag in tags(drawn)) == 81
    assert len(look(sheet(facts=facts, body=("Un long paragraphe qui explique tout. " * 40,) * 2), 40)) == drawn.pages


def test_the_choices_stay_together(sheet: Make) -> None:
    for lines in range(14, 24):
        drawn = draw(sheet(facts=tuple(Line(str(line), "1") for line in range(lines)), pictures=()))
        pages = [page.get_text() for page in pymupdf.open(stream=drawn.pdf)]
        (page,) = [page for page in pages if "Comment répondre" in page]
        assert "Expliquer" in page
        assert "Payer" in page


@pytest.mark.parametrize(
    "long",
    [
        "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 2,
        "https://www.tilleuls.example/a/very/long/path/that/goes/on?with=parameters&and=more&and=evenmore" * 2,
        "1" * 200,
        "W" * 200,
        "somebody.with.a.very.long.name@a.very.long.domain.name.of.a.building.tilleuls.example",
    ],
)
def test_what_has_no_end_stays_on_the_page(sheet: Make, long: str) -> None:
    drawn = draw(
        sheet(
            title=long, body=(long,), facts=(Line(long, long),), choices=(long,), how_to_answer=(long, long), footer="x"
        )
    )
    for page in range(drawn.pages):
        assert all(word[0] >= 24 and word[2] <= 191 for word in words(drawn, page)), words(drawn, page)


# ------------------------------------------------------------------------------------------------ whatever is written in it


CODE = [
    '#panic("x")',
    "#sys.inputs",
    "*b* _i_ $x$ `c` @ref <label> = h",
    "\\ #let x = 1",
    "]#[",
    '"',
    "{{",
    "${x}",
    "// c",
    "/* c",
]


@pytest.mark.parametrize("written", CODE)
def test_nothing_is_taken_for_code(sheet: Make, written: str) -> None:
    drawn = draw(
        sheet(
            *("de",),
            title=written,
            sender=(written,),
            recipient=(written,),
            dated=written,
            body=(written,),
            facts=(Line(written, written),),
            choices=(written,),
            footer=written,
            invitation=(written, written),
        )
    )
    assert text(drawn).count(" ".join(written.split())) >= 10


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Merci 🌳👩‍👩‍👧!", "Merci !"),
        ("日本 Yamada", f"{UNDRAWN}{UNDRAWN} Yamada"),
        ("Łódź Dvořák Őri Nguyễn Şahin", "Łódź Dvořák Őri Nguyễn Şahin"),
        ("Ελλάδα Россия", "Ελλάδα Россия"),
        ("½ ✓ → • ☐ € 1\N{NARROW NO-BREAK SPACE}234", "½ ✓ → • ☐ € 1 234"),
    ],
)
def test_every_sign_is_drawn_or_stood_in_for(sheet: Make, written: str, said: str) -> None:
    drawn = draw(sheet("nl", body=(f"[{written}]",), title=f"{written} x"))
    assert " ".join(said.split()).replace(" !", "!") in text(drawn).replace(" !", "!")


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=6, max_size=6))
def test_any_text_makes_a_letter(texts: list[str]) -> None:
    one, two, three, four, five, six = texts
    made = Sheet("fr", "BE", (one,), (two,), three, "x" + four, body=(five,), facts=(Line(six, one),), choices=(two,))
    assert draw(made).pages >= 1


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_what_is_no_picture_is_refused(sheet: Make, content: bytes) -> None:
    with pytest.raises(Undrawable) as refusal:
        draw(sheet(pictures=(Picture("image/png", "secret words", content),)))
    assert "secret" not in str(refusal.value)


def test_little_is_enough() -> None:
    drawn = draw(Sheet("nl", "BE", (), (), "", "Beste"))
    assert (drawn.pages, "Beste" in text(drawn)) == (1, True)


def test_the_same_letter_is_the_same_file(sheet: Make) -> None:
    assert draw(sheet()) == draw(sheet())


def test_several_letters_lie_in_one_file(sheet: Make) -> None:
    """Each begins on a page of its own with its own fold marks, counts its own pages, and is read out in its own language."""
    long = sheet("nl", body=("Een lange alinea die alles uitlegt. " * 40,) * 6, footer="Residentie")
    drawn = draw(sheet("fr"), long, sheet("de", footer="Haus"))
    pages = [page.get_text() for page in pymupdf.open(stream=drawn.pdf)]
    assert drawn.pages == len(pages) == draw(long).pages + 2
    counted = [re.findall(r"^\d/\d$", page, re.M) for page in pages]
    last = len(pages) - 2
    assert counted == [["1/1"], *([f"{number}/{last}"] for number in range(1, last + 1)), ["1/1"]]
    assert [("Haus" in page, "Residentie" in page) for page in (pages[0], pages[1], pages[-2], pages[-1])] == [
        *((False, False), (False, True), (False, True), (True, False))
    ]
    assert {str(tag["/Lang"]) for tag in tags(drawn) if "/Lang" in tag} >= {"nl-BE", "de-BE"}
    marks = [len(page.get_drawings()) for page in pymupdf.open(stream=drawn.pdf)]
    assert marks[1] > marks[2], "only where a letter begins it is folded"


def test_how_it_begins_and_ends(sheet: Make) -> None:
    said = text(
        draw(sheet("en", greeting=("Dear neighbour,",), added=("Open on Mondays.",), closing=("Yours,", "Ann")))
    )
    order = ["To pay", "Dear neighbour,", "It", "Scannez", "Open on Mondays.", "Yours,", "Ann", "How to answer"]
    places = [said.index(part) for part in order]
    assert places == sorted(places)


def test_a_sheet_travels_as_json(sheet: Make) -> None:
    for language in LANGUAGES:
        assert from_json(to_json(sheet(language), sheet())) == (sheet(language), sheet())


# ------------------------------------------------------------------------------------------------------- as print writes it


@pytest.mark.parametrize(
    ("language", "written", "printed"),
    [
        ("fr", "n'est-ce pas ?", "n’est-ce pas\N{NARROW NO-BREAK SPACE}?"),
        ("fr", "Compte : « oui »", "Compte\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}oui\N{NO-BREAK SPACE}»"),
        ("fr", "https://a.example/?a=1 et", "https://a.example/?a=1 et"),
        ("nl", "zo'n € 5 ?", "zo’n € 5 ?"),
        ("de", "z. B. heute", "z.\N{NARROW NO-BREAK SPACE}B. heute"),
        ("en", "it's 'so'", "it’s 'so'"),
    ],
)
def test_conventions(language: str, written: str, printed: str) -> None:
    assert typographic(written, language) == printed


def test_words_are_left_to_the_hyphenation() -> None:
    word = "Wohnungseigentümergemeinschaftsversammlungsprotokollführerin"
    assert breakable(word) == word
    assert breakable("short@a.example") == "short@a.example"
    assert "\N{ZERO WIDTH SPACE}" in breakable("1" * 40)


def test_words_are_hyphenated_as_in_their_language(sheet: Make) -> None:
    """A soft hyphen where a word was broken, which is not read out; and another place for it in another language."""
    column = "Verantwoordelijkheidsgevoel " * 24
    broken = {}
    for language in ("nl", "fr"):
        page = pymupdf.open(stream=draw(sheet(language, body=(column,))).pdf)[0].get_text()
        broken[language] = [line for line in page.splitlines() if line.endswith("\N{SOFT HYPHEN}")]
    assert broken["nl"]
    assert broken["nl"] != broken["fr"]
