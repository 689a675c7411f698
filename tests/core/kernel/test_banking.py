"""IBAN, structured communication and EPC text; the figures are those of the published examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.banking import (
    EPC_MAX_BYTES,
    clean_iban,
    epc_text,
    parse_communication,
    spaced_iban,
    structured_communication,
)
from core.kernel.money import Money

COMMUNICATIONS = {
    2026010042: "+++202/6010/04245+++",
    1234567890: "+++123/4567/89002+++",
    97: "+++000/0000/09797+++",
    909337554: "+++090/9337/55493+++",
    1231234123: "+++123/1234/12328+++",
}
IBANS = (
    "BE68 5390 0754 7034",
    "BE91 0010 0000 0076",
    "BE41 7340 0000 0110",
    "FR14 2004 1010 0505 0001 3M02 606",
    "FR76 3000 6000 0112 3456 7890 189",
    "FR76 1027 8022 0000 0201 2345 652",
)


@pytest.mark.parametrize(("base", "communication"), COMMUNICATIONS.items())
def test_structured_communications(base: int, communication: str) -> None:
    assert structured_communication(base) == communication
    assert parse_communication(communication) == base
    assert parse_communication(communication.replace("+", "*")) == base
    assert parse_communication(f" ref {communication[3:-3].replace('/', ' ')} thanks") == base


@given(st.integers(0, 10**10 - 1), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_found(base: int, place: int, by: int) -> None:
    digits = structured_communication(base).strip("+").replace("/", "")
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert parse_communication(digits) == base
    assert parse_communication(wrong) is None


@pytest.mark.parametrize(
    "text", ["", "123", "+++202/6010/04246+++", "+++202/6010/042455+++", "+++000/0000/00000+++", "²²²²²²²²²²²²"]
)
def test_what_is_no_communication(text: str) -> None:
    assert parse_communication(text) is None


@pytest.mark.parametrize("base", [-1, 10**10])
def test_a_base_has_ten_digits(base: int) -> None:
    with pytest.raises(ValueError, match="ten digits"):
        structured_communication(base)


@pytest.mark.parametrize("written", IBANS)
def test_ibans_are_cleaned_and_spaced(written: str) -> None:
    plain = written.replace(" ", "")
    assert clean_iban(f"  {written.lower()} ") == plain
    assert spaced_iban(plain) == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        "BE",
        "BE68 5390 0754 7035",
        "BE69 5390 0754 7034",
        "BE68 5390 0754 703",
        "BE41 5390 0754 7035",  # the rotated number fits, Belgium's own check does not
        "FR76 3000 6000 0112 3456 7890 188",
        "XX68 5390 0754 7034",
    ],
)
def test_wrong_ibans_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no valid IBAN"):
        clean_iban(written)


@given(st.integers(0, 10**10 - 1))
def test_every_account_of_a_belgian_bank_is_accepted(account: int) -> None:
    """A bank's code may be younger than any list of them."""
    national = f"{account:010d}{account % 97 or 97:02d}"
    check = 98 - int(f"{national}111400") % 97
    assert clean_iban(f"BE{check:02d}{national}") == f"BE{check:02d}{national}"


def test_the_text_of_an_epc_code() -> None:
    text = epc_text("ACP  Rue Haute\n1", "BE68539007547034", Money(38588), "+++202/6010/04245+++")
    assert text.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "ACP Rue Haute 1",
        "BE68539007547034",
        "EUR385.88",
        "",
        "",
        "+++202/6010/04245+++",
    ]


@pytest.mark.parametrize(
    ("cents", "written"), [(1, "EUR0.01"), (41100, "EUR411.00"), (99_999_999_999, "EUR999999999.99")]
)
def test_the_amount_of_an_epc_code(cents: int, written: str) -> None:
    assert epc_text("ACP", IBANS[0], Money(cents), "x").split("\n")[7] == written


@pytest.mark.parametrize("cents", [0, -1, 100_000_000_000])
def test_an_epc_code_carries_no_credit_and_no_fortune(cents: int) -> None:
    with pytest.raises(ValueError, match=r"0\.01"):
        epc_text("ACP", IBANS[0], Money(cents), "x")


def test_an_epc_code_has_limits() -> None:
    name = epc_text("é" * 69 + " and more", "BE68539007547034", Money(1), "x").split("\n")[5]
    assert name == "é" * 69
    with pytest.raises(ValueError, match=str(EPC_MAX_BYTES)):
        epc_text("ACP", "BE68539007547034", Money(1), "x" * 300)
