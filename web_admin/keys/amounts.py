"""An amount as somebody types it, in any of the ways in which Belgium writes one. Pure."""

from __future__ import annotations

import re

MOST_DIGITS = 12
_SPACES = re.compile(r"[\s€'\u2019\u00a0\u202f]+")
_AMOUNT = re.compile(
    r"(?P<sign>[-\u2212]?)(?P<euros>[1-9][0-9]{0,2}(?P<group>[.,])[0-9]{3}(?:(?P=group)[0-9]{3})*|[0-9]+)"
    r"(?:(?P<point>[.,])(?P<cents>[0-9]{1,2}))?"
)


def cents_of(text: str) -> int | None:
    """Cents of `1000`, `1.234,50`, `1,234.50` or `1 234,5 €`; None where no amount is read. A single `1.234` is a thousand."""
    found = _AMOUNT.fullmatch(_SPACES.sub("", text.replace("EUR", "")))
    if found is None or (found["group"] and found["group"] == found["point"]):
        return None
    euros = re.sub(r"[.,]", "", found["euros"])
    if len(euros.lstrip("0")) > MOST_DIGITS:
        return None
    cents = int(euros) * 100 + int((found["cents"] or "").ljust(2, "0"))
    return -cents if found["sign"] else cents
