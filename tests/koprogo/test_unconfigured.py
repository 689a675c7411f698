"""What is not configured is not in memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.koprogo.test_settings import MAIL, MATRIX, TOKEN

WIRES = {
    "telegram": {"telegram"},
    "matrix": {"nio", "vodozemac", "peewee"},
    "email": {"aiosmtplib", "aiosmtpd"},
}
NEVER = {"typst", "aioimaplib", "dkim", "argon2"}
"""Loaded by nobody here: letters are drawn by a process of their own, a mailbox and a signature are not configured."""
ASKED = """
import sys
from pathlib import Path
import koprogo.serve
from core.database import Database
from koprogo.catalogues import load
from koprogo.channels import configured
from koprogo.settings import read_settings
from core.documents.service import Shelf

async def nothing(inbound):
    pass

configured(read_settings(), None, load(), lambda name: nothing, Shelf(Path(".")))
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    ("given", "on"),
    [
        ({}, set()),
        ({"KOPROGO_TELEGRAM_TOKEN": TOKEN}, {"telegram"}),
        (MATRIX, {"matrix"}),
        (MAIL, {"email"}),
        ({**MAIL, **MATRIX, "KOPROGO_TELEGRAM_TOKEN": TOKEN}, {"telegram", "matrix", "email"}),
    ],
)
def test_only_what_is_configured_is_imported(given: dict[str, str], on: set[str], tmp_path: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASKED],
        env={"PATH": "/usr/bin:/bin", "KOPROGO_DATA": str(tmp_path), **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    loaded = set(ran.stdout.split())
    for channel, wires in WIRES.items():
        assert (wires & loaded != set()) == (channel in on), (channel, wires & loaded)
    assert not NEVER & loaded
