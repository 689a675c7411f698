"""The paper around the program says what is true: licence, README, changes, dependencies, locks, documentation."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import subprocess
import sys
import tomllib
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from koprogo.settings import KNOWN

ROOT = Path(__file__).resolve().parents[2]
# The text as the Free Software Foundation publishes it.
AGPL_SHA256 = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
LOCKS = ("requirements.lock", "requirements-test.lock")
SOURCES_OF_PACKAGES = re.compile(
    r"https?://|pypi\.org|pythonhosted|--(extra-)?index-url|--find-links|--trusted-host|^-[if]\b", re.MULTILINE
)


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def pyproject() -> dict[str, Any]:
    return tomllib.loads(text("pyproject.toml"))


def plain(requirement: str) -> str:
    """The normalised name of a requirement such as `sqlalchemy[asyncio]>=2.1` (PEP 503)."""
    found = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def required() -> set[str]:
    whole = pyproject()
    lists = [
        whole["build-system"]["requires"],
        whole["project"].get("dependencies", []),
        *whole["project"].get("optional-dependencies", {}).values(),
        *whole.get("dependency-groups", {}).values(),
    ]
    names = {plain(line) for lines in lists for line in lines if isinstance(line, str)}
    return names - {plain(whole["project"]["name"])}


def listed() -> dict[str, tuple[str, str]]:
    """Name -> (reason, licence) of the dependencies in docs/dependencies.md, without the files that are shipped."""
    now = text("docs/dependencies.md").split("\n## Files of others")[0]
    rows = re.findall(r"^\| *([^|]+?) *\| *([^|]*?) *\| *([^|]*?) *\|$", now, re.MULTILINE)
    return {plain(name): (reason, licence) for name, reason, licence in rows if name[0].isalnum() and name != "package"}


def test_the_licence_is_the_whole_agpl() -> None:
    licence = (ROOT / "LICENSE").read_bytes()
    assert licence.split(b"\n")[0].strip() == b"GNU AFFERO GENERAL PUBLIC LICENSE"
    assert hashlib.sha256(licence).hexdigest() == AGPL_SHA256


def test_readme_names_the_copyright_the_licence_and_both_commands() -> None:
    readme = text("README.md")
    assert "Copyright (C) 2026 the KoproGo contributors" in readme
    assert "AGPL-3.0-or-later" in readme
    lines = [line.strip() for line in readme.splitlines()]
    assert "make demo" in lines
    assert "make test" in lines


def test_the_licence_in_pyproject_is_the_same() -> None:
    assert pyproject()["project"]["license"] == "AGPL-3.0-or-later"


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_carry_hashes_and_no_address(lock: str) -> None:
    content = text(lock)
    assert not SOURCES_OF_PACKAGES.search(content)
    pinned = re.findall(r"^([A-Za-z0-9][^\s=]*)==(\S+)(.*(?:\n(?: +|#).*)*)", content, re.MULTILINE)
    assert len(pinned) > 10
    without = [name for name, _, rest in pinned if "--hash=sha256:" not in rest]
    assert without == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://mirror.example/simple",
        "--extra-index-url=x",
        "--find-links /somewhere",
        "-f wheels",
        "-i x",
        "a @ https://files.example/a.whl",
    ],
)
def test_an_address_in_a_lock_would_be_found(line: str) -> None:
    assert SOURCES_OF_PACKAGES.search(f"aiohttp==1\n{line}\n")


def test_the_lock_for_use_holds_what_the_program_needs() -> None:
    locked = {plain(line) for line in text("requirements.lock").splitlines() if line[:1].isalnum()}
    needed = {plain(line) for line in pyproject()["project"]["dependencies"]}
    assert needed - locked == set()


def test_every_dependency_has_its_reason_and_licence() -> None:
    assert required() - set(listed()) == set(), "these have no line in docs/dependencies.md"
    assert set(listed()) - required() == set(), "these stand in docs/dependencies.md and not in pyproject.toml"
    assert [name for name, (reason, licence) in listed().items() if len(reason) < 4 or not licence] == []


def test_the_newest_change_is_this_version() -> None:
    versions = re.findall(r"^## (\S+)(?: \((\d{4}-\d{2}-\d{2})\))?$", text("CHANGELOG.md"), re.MULTILINE)
    assert versions[0][0] == pyproject()["project"]["version"]
    assert versions[0][1], "the version has its date"


PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("page", PAGES)
def test_links_between_the_pages_lead_somewhere(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", text(page)) if "://" not in link]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    build: list[str | Path] = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        "html",
        "-d",
        tmp_path / "trees",
    ]
    done = subprocess.run([*build, ROOT / "docs", tmp_path / "html"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "syndics" / "files.html").exists()


def test_every_setting_stands_in_the_documentation() -> None:
    explained = set(re.findall(r"^   \* - ``([A-Z_]+)``$", text("docs/hosting.rst"), re.MULTILINE))
    assert explained == {setting.name for setting in KNOWN}


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(f"docs/example/{name}.csv"))))


def test_the_example_building_agrees_with_itself() -> None:
    """Whoever prepares files copies this folder: its sums are right, and every column of it is explained."""
    building = tomllib.loads(text("docs/example/building.toml"))
    assert sum(int(row["shares"]) for row in table("lots")) == building["shares_total"]
    for row in table("expenses"):
        net, rate, total = Decimal(row["net"]), Decimal(row["vat_rate"]), Decimal(row["total"])
        assert (net * (100 + rate) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP) == total, row["number"]
    for row in table("documents"):
        assert (ROOT / "docs/example/documents" / row["file"]).is_file()
    reference = text("docs/syndics/files.rst")
    for path in sorted((ROOT / "docs/example").glob("*.csv")):
        section = reference.split(f"literalinclude:: ../example/{path.name}\n")[1].split("literalinclude::")[0]
        for column in table(path.stem)[0]:
            assert f"``{column}``" in section, f"{path.name}: {column} is not explained"
