"""The office of an installation with every channel."""

from __future__ import annotations

from tests.web_admin.invitations.conftest import installed, wired

__all__ = ["installed", "wired"]
