"""The pages of Messages."""

from __future__ import annotations

from web_admin.messages.broadcasts import PAGES as BROADCASTS
from web_admin.messages.deliveries import PAGES as DELIVERIES
from web_admin.messages.letters import PAGES as LETTERS
from web_admin.messages.set_aside import PAGES as SET_ASIDE

PAGES = (*DELIVERIES, *BROADCASTS, *LETTERS, *SET_ASIDE)
