"""Compiles the catalogues when the project is built or installed, so that `locale/` holds what the program reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent


def compile_catalogues(root: Path = ROOT) -> list[Path]:
    """Writes `messages.mo` beside each `messages.po`; gives those written."""
    written = []
    for source in sorted((root / "locale").glob("*/LC_MESSAGES/messages.po")):
        with source.open("rb") as lines:
            catalogue = read_po(lines, locale=source.parent.parent.name)
        target = source.with_suffix(".mo")
        partial = target.with_suffix(".part")
        with partial.open("wb") as place:
            write_mo(place, catalogue)
        partial.replace(target)
        written.append(target)
    return written


class Catalogues(BuildHookInterface[Any]):
    """The build hook that hatchling finds here."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues()
