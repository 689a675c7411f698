"""The command `koprogo` as people and scripts meet it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.servers.postgres import Postgres, new_folder, remove
from tests.talking import talking, understanding

__all__ = ["talking", "understanding"]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output carries JSON and nothing else."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """What was complained of."""
        return self.err.splitlines()


@dataclass
class Command:
    """`koprogo ...`, in an environment that holds nothing but its settings. Whatever is typed, nobody meets a traceback."""

    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, given: str | bytes = b"", **more: str) -> Ran:
        done = subprocess.run(
            self.line(*arguments), input=_bytes(given), capture_output=True, timeout=120, **self.place(more)
        )
        return _ran(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """The same, not waited for."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            self.line(*arguments), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, **self.place(more)
        )

    def finish(self, started: subprocess.Popen[bytes]) -> Ran:
        out, err = started.communicate(timeout=120)
        return _ran(started.returncode, out, err)

    @staticmethod
    def line(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "koprogo", *arguments]

    def place(self, more: dict[str, str]) -> dict[str, Any]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        return {"cwd": ROOT, "env": {**kept, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **self.settings, **more}}


def _bytes(given: str | bytes) -> bytes:
    return given.encode() if isinstance(given, str) else given


def _ran(code: int, out: bytes, err: bytes) -> Ran:
    ran = Ran(code, out.decode(), err.decode())
    assert "Traceback" not in ran.out + ran.err, ran.err
    assert 'File "' not in ran.out + ran.err, ran.err
    return ran


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder of this module's own, still empty."""
    made = new_folder()
    yield made
    remove(made)


@pytest.fixture(scope="module")
def bundled(folder: Path) -> Command:
    """The command with the bundled database in that folder."""
    return Command({"KOPROGO_DATA": str(folder)})


@pytest.fixture
async def koprogo(postgres: Postgres, imported: str, tmp_path: Path) -> AsyncIterator[Command]:
    """The command with a DATABASE_URL: a copy of the sample building for this test alone."""
    async with postgres.copy(imported) as url:
        yield Command({"KOPROGO_DATA": str(tmp_path), "DATABASE_URL": url.render_as_string(hide_password=False)})


@pytest.fixture
async def bare(postgres: Postgres, migrated: str, tmp_path: Path) -> AsyncIterator[Command]:
    """The same with an empty database."""
    async with postgres.copy(migrated) as url:
        yield Command({"KOPROGO_DATA": str(tmp_path), "DATABASE_URL": url.render_as_string(hide_password=False)})
