"""The list of buildings, and each at a glance."""

from __future__ import annotations

from web_admin.buildings.glance import PAGES as GLANCE
from web_admin.buildings.listing import PAGES as LIST
from web_admin.pages import Page

PAGES: tuple[Page, ...] = (*LIST, *GLANCE)
