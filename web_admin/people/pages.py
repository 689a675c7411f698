"""The people of a building: who owns, who rents, and since when."""

from __future__ import annotations

from web_admin.pages import Page
from web_admin.people.listed import PAGES as LISTED
from web_admin.people.ownership import PAGES as OWNERSHIP
from web_admin.people.person import PAGES as PERSON
from web_admin.people.taking_back import PAGES as TAKING_BACK
from web_admin.people.tenants import PAGES as TENANTS
from web_admin.people.transfer import PAGES as TRANSFER

PAGES: tuple[Page, ...] = (*LISTED, *PERSON, *OWNERSHIP, *TRANSFER, *TAKING_BACK, *TENANTS)
