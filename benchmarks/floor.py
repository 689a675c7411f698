"""What the benchmarks share: a ground to measure on, figures beside their targets, and the machine that they were taken on.

A figure counts beside its floor, measured in the same run and in turn with it: on another machine both differ, their ratio hardly does.
"""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from core.migrations.upgrade import upgrade
from koprogo.embedded import start

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SAMPLE = ROOT / "koprogo" / "sample" / "residence-les-tilleuls"


def folder() -> Path:
    """A data folder of this run, on a path short enough for a socket, that the bundled server's own user may enter."""
    path = Path(tempfile.mkdtemp(prefix="kopro-bench-", dir="/tmp" if os.path.isdir("/tmp") else None))
    path.chmod(0o755)
    # Registered before the server is started, so that it runs after the server was stopped.
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@asynccontextmanager
async def ground(data: Path) -> AsyncIterator[URL]:
    """The bundled server as it is delivered, migrated; gives the owner's URL. It stops when the process ends."""
    owner = await start(data)
    await upgrade(owner)
    yield owner


def machine() -> None:
    """Says what the figures below were taken on."""
    print(
        f"# {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, {datetime.now():%Y-%m-%d %H:%M}, load {_load()}",
        flush=True,
    )


def figure(name: str, value: str, met: bool | None = None, target: str = "") -> None:
    """One line: what was measured, and whether it meets its target."""
    verdict = "" if met is None else f"   target {target}: {'ok' if met else 'MISSED'}"
    print(f"{name:<48} {value:>22}{verdict}", flush=True)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
