"""Whoever reads a page: in which language, and what the browser is told to guard."""

from __future__ import annotations

from core.kernel.i18n import DEFAULT_LANGUAGE, Catalogues

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def preferred(header: str, catalogues: Catalogues) -> str:
    """The first of our languages in an Accept-Language header (RFC 9110, 12.5.4), by weight."""
    wanted: list[tuple[float, str]] = []
    for place, item in enumerate(header.split(",")[:20]):
        tag, _, weight = item.strip().partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            value = 0.0
        wanted.append((-value + place / 1000, tag[:2].lower()))
    return next((tag for _, tag in sorted(wanted) if tag in catalogues), DEFAULT_LANGUAGE)
