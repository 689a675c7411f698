"""The container files, checked without an engine: the Compose file against its schema, the Dockerfile line by line."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLAIN_IMAGE = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)?:[A-Za-z0-9_.-]+")


def compose() -> dict[str, Any]:
    whole: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return whole


def faults(whole: dict[str, Any], folder: Path) -> str:
    """What the schema of the Compose Specification says of it; the schema comes with check-jsonschema."""
    file = folder / "compose.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    result = subprocess.run(check, capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else result.stdout


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, rest), continued lines joined, comments left out."""
    lines = [
        line for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        (word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word
    ]


def last_stage() -> list[tuple[str, str]]:
    whole = instructions()
    return whole[max(place for place, (word, _) in enumerate(whole) if word == "FROM") :]


def test_the_compose_file_fits_its_schema(tmp_path: Path) -> None:
    assert faults(compose(), tmp_path) == ""


def test_the_schema_would_find_a_fault(tmp_path: Path) -> None:
    wrong = deepcopy(compose())
    wrong["services"]["koprogo"]["prots"] = ["8080:8080"]
    assert "prots" in faults(wrong, tmp_path)


def test_nothing_starts_by_accident_with_a_known_password() -> None:
    """Every secret comes from outside and has no default."""
    services = compose()["services"]
    needed = re.compile(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}")
    assert needed.fullmatch(services["database"]["environment"]["POSTGRES_PASSWORD"])
    assert needed.search(services["koprogo"]["environment"]["DATABASE_URL"])
    written = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert not re.search(r"\$\{[^}]*(PASSWORD|TOKEN|SECRET)[^}]*:?-", written)
    assert "POSTGRES_HOST_AUTH_METHOD" not in written
    for name, value in services["koprogo"]["environment"].items():
        assert value is None or not name.endswith(("TOKEN", "SECRET"))


def test_the_database_is_waited_for_and_not_reachable_from_outside() -> None:
    whole = compose()
    database, service = whole["services"]["database"], whole["services"]["koprogo"]
    assert service["depends_on"]["database"]["condition"] == "service_healthy"
    assert database["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert "ports" not in database
    assert [whole["networks"][name]["internal"] for name in database["networks"]] == [True]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_what_must_last_lies_in_a_volume() -> None:
    whole = compose()
    for name, place in (("database", "/var/lib/postgresql/data"), ("koprogo", "/data")):
        mounts = dict(mount.split(":")[:2][::-1] for mount in whole["services"][name]["volumes"])
        assert mounts[place] in whole["volumes"]


def test_the_database_is_one_that_is_supported() -> None:
    image, _, version = compose()["services"]["database"]["image"].partition(":")
    assert image == "postgres"
    assert int(version.split(".")[0]) >= 15


def test_images_name_no_registry() -> None:
    images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    images += [service["image"] for service in compose()["services"].values()]
    assert [image for image in images if not PLAIN_IMAGE.fullmatch(image)] == []


def test_the_image_has_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert compose()["services"]["koprogo"]["image"] == f"koprogo:{version}"


def test_the_container_runs_as_a_normal_user() -> None:
    stage = [word for word, _ in last_stage()]
    users = [rest for word, rest in last_stage() if word == "USER"]
    assert users
    assert users[-1] not in ("root", "0", "0:0")
    assert "RUN" not in stage[stage.index("USER") :], "nothing is installed by the user that serves"


def test_only_hashed_packages_are_installed() -> None:
    commands = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert len(commands) == 2
    assert "--require-hashes -r requirements.lock" in commands[0]
    assert "--no-deps" in commands[1]
    assert "--no-build-isolation" in commands[1]
    written = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!127\.0\.0\.1)|index-url|find-links|trusted-host|curl |wget ", written)


def test_the_build_tools_stand_in_the_lock() -> None:
    """`--no-build-isolation` builds with what is installed, so the lock has to bring it."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    for requirement in needed:
        name = re.split(r"[^A-Za-z0-9_-]", requirement)[0].lower()
        assert re.search(rf"^{name}==", lock, re.MULTILINE), name


def test_what_the_build_reads_is_not_ignored() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()}
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = whole["tool"]["hatch"]["build"]["targets"]["wheel"]
    read = {
        *wheel["packages"],
        *wheel.get("force-include", {}),
        whole["project"]["readme"],
        "LICENSE",
        "pyproject.toml",
    }
    assert read & ignored == set()
    assert {".env", ".git", "var", ".venv"} <= ignored


def test_health_is_asked_of_the_service_and_data_is_kept() -> None:
    found = dict(last_stage())
    assert "/health" in found["HEALTHCHECK"]
    command = json.loads(found["HEALTHCHECK"].partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")
    assert json.loads(found["VOLUME"]) == ["/data"]
    assert json.loads(found["ENTRYPOINT"]) == ["koprogo"]
    assert json.loads(found["CMD"]) == ["serve"]


@pytest.fixture
def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of systemd are in mixed case
    parser.read(ROOT / "deploy/koprogo.service", encoding="utf-8")
    return parser


def test_the_systemd_unit_gives_the_service_little(unit: configparser.RawConfigParser) -> None:
    service = unit["Service"]
    assert service["User"] not in ("root", "0")
    assert service["ExecStart"].endswith("/koprogo serve")
    assert service["CapabilityBoundingSet"] == ""
    for name, value in {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes"}.items():
        assert service[name] == value
    assert service["StateDirectory"] == "koprogo"
    assert "KOPROGO_DATA=/var/lib/koprogo" in service["Environment"]
