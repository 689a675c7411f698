"""QR codes as PNG: a payment (EPC: version 002, error level M), and a link that a phone opens."""

from __future__ import annotations

from io import BytesIO

from core.kernel.banking import epc_text
from core.kernel.money import Money

SCALE, BORDER = 8, 4
"""Pixels a module, and modules of quiet room around: phones read it from a screen and from paper."""


def epc_png(name: str, iban: str, amount: Money, communication: str) -> bytes:
    return _png(epc_text(name, iban, amount, communication))


def link_png(link: str) -> bytes:
    return _png(link)


def _png(content: str) -> bytes:
    # Imported where it is drawn: most processes never draw one.
    import segno

    code = segno.make_qr(content, error="m", boost_error=False, encoding="utf-8")
    image = BytesIO()
    code.save(image, kind="png", scale=SCALE, border=BORDER)
    return image.getvalue()
