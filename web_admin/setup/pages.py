"""The wizard, the import by upload, and the export."""

from __future__ import annotations

from web_admin.pages import Page
from web_admin.setup.drafts import PAGES as DRAFTS
from web_admin.setup.exports import PAGES as EXPORTS
from web_admin.setup.imports import PAGES as IMPORTS
from web_admin.setup.steps import PAGES as STEPS

PAGES: tuple[Page, ...] = (*IMPORTS, *EXPORTS, *DRAFTS, *STEPS)
"""In this order: `/setup/import` is no draft, and `/setup/{draft}/drop` no step of one."""
