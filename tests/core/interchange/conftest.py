"""What the tests of interchange share."""

from __future__ import annotations

import io
from collections.abc import Mapping
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core.kernel.i18n import LANGUAGES, Words

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def words() -> Mapping[str, Words]:
    """The four languages, from the catalogues as they are written."""
    return {language: _words(language) for language in LANGUAGES}


def _words(language: str) -> Words:
    with (ROOT / "locale" / language / "LC_MESSAGES/messages.po").open("rb") as lines:
        catalogue = read_po(lines, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(language, GNUTranslations(compiled))
