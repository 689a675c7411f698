"""How money finds its way to an account in Belgium: IBAN, structured communication, EPC QR code."""

from __future__ import annotations

import unicodedata

from stdnum import iban as _iban
from stdnum.exceptions import ValidationError

from core.kernel.money import Money

EPC_MAX_BYTES = 331
EPC_MAX_NAME = 70


def clean_iban(text: str) -> str:
    """The IBAN without spaces, in capitals. ValueError where its check digits, or those of its country, do not fit (ISO 13616).

    Belgium's own check stands here: the library's wants a bank code of its list too, and lists age.
    """
    try:
        number: str = _iban.validate(text, check_country=not text.strip().upper().startswith("BE"))
    except ValidationError as error:
        raise ValueError("this is no valid IBAN") from error
    if number.startswith("BE") and int(number[-2:]) != (int(number[4:-2]) % 97 or 97):
        raise ValueError("this is no valid IBAN")
    return number


def spaced_iban(iban: str) -> str:
    """In groups of four, as people read and copy it."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def structured_communication(base: int) -> str:
    """The Belgian structured communication of a base of ten digits: `+++202/6010/04245+++`.

    The check is the base modulo 97, and 97 where that is 0.
    """
    if not 0 <= base < 10**10:
        raise ValueError("the base of a structured communication has ten digits")
    digits = f"{base:010d}{base % 97 or 97:02d}"
    return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


def parse_communication(text: str) -> int | None:
    """The base of a structured communication however it is written, None where the text is none."""
    digits = "".join(sign for sign in text if sign in "0123456789")
    if len(digits) != 12:
        return None
    base, check = int(digits[:10]), int(digits[10:])
    return base if check == (base % 97 or 97) else None


def epc_text(name: str, iban: str, amount: Money, communication: str) -> str:
    """The text of an EPC QR code (EPC069-12, version 002), with the communication in the unstructured line.

    A Belgian structured communication is no ISO 11649 reference, so the structured line stays empty. The amount is 0.01 to
    999,999,999.99 euro.
    """
    if not 1 <= amount.cents <= 99_999_999_999:
        raise ValueError("an EPC QR code carries 0.01 to 999999999.99 euro")
    euros, cents = divmod(amount.cents, 100)
    plain = unicodedata.normalize("NFC", " ".join(name.split()))[:EPC_MAX_NAME].rstrip()
    text = "\n".join(("BCD", "002", "1", "SCT", "", plain, iban, f"EUR{euros}.{cents:02d}", "", "", communication))
    if len(text.encode()) > EPC_MAX_BYTES:
        raise ValueError("an EPC QR code carries 331 bytes at most")
    return text
