"""The compiled catalogues, found beside the packages."""

from __future__ import annotations

from gettext import GNUTranslations
from pathlib import Path

import core
from core.kernel.i18n import LANGUAGES, Catalogues, Words

FOLDER = Path(core.__file__).resolve().parent.parent / "locale"


def load(folder: Path = FOLDER) -> Catalogues:
    """All languages. FileNotFoundError where a catalogue is not compiled: `make catalogues` does it."""
    words = {}
    for language in LANGUAGES:
        with (folder / language / "LC_MESSAGES" / "messages.mo").open("rb") as compiled:
            words[language] = Words(language, GNUTranslations(compiled))
    return words
