"""How the documentation is built: `make docs`, or `python -m sphinx -W -b html docs docs/_build`. Nothing is fetched."""

from __future__ import annotations

import tomllib
from pathlib import Path

_project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "KoproGo"
author = "the KoproGo contributors"
copyright = "2026, the KoproGo contributors, AGPL-3.0-or-later"
version = release = _project["version"]

extensions: list[str] = []
exclude_patterns = ["_build", "example", "dependencies.md"]
source_suffix = {".rst": "restructuredtext"}
language = "en"
highlight_language = "none"
nitpicky = True
smartquotes = False

html_theme = "alabaster"
html_theme_options = {
    "description": "A co-owned building, run together by message",
    "fixed_sidebar": True,
    "page_width": "1100px",
    "sidebar_width": "240px",
}
html_show_sphinx = False
html_copy_source = False
