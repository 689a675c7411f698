"""Every setting there is: read once, from the environment or the file that KOPROGO_SETTINGS names."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import ArgumentError

from core.database import owner_url
from core.kernel.text import Text, say


class WrongSettings(Exception):
    """What is wrong with the settings: all of it, as (where, what)."""

    def __init__(self, wrong: Sequence[tuple[str, Text]]) -> None:
        super().__init__(", ".join(where for where, _ in wrong))
        self.wrong = tuple(wrong)


def _data_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(base) / "koprogo"


def _text(value: str) -> str:
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _database(value: str) -> str:
    try:
        owner_url(value)
    except (ValueError, ArgumentError) as error:
        raise ValueError("settings.wrong.database") from error
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise ValueError("settings.wrong.port")
    return int(value)


def _pool(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 100:
        raise ValueError("settings.wrong.pool")
    return int(value)


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("settings.wrong.level")
    return value.upper()


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("settings.wrong.address")
    return value.rstrip("/")


def _telegram_token(value: str) -> str:
    number, colon, secret = value.partition(":")
    if not colon or not number.isdigit() or len(secret) < 20:
        raise ValueError("settings.wrong.token")
    return value


def _webhook_secret(value: str) -> str:
    if not 16 <= len(value) <= 256 or not all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in value):
        raise ValueError("settings.wrong.secret")
    return value


@dataclass(frozen=True, slots=True)
class Known:
    """A setting: its name, how it is read, and what holds where it is not given. What it means is the message `setting.<name>`."""

    name: str
    read: Callable[[str], Any]
    default: Any = None
    secret: bool = False


KNOWN = (
    Known("DATABASE_URL", _database, secret=True),
    Known("KOPROGO_DATA", _folder),
    Known("KOPROGO_SETTINGS", _folder),
    Known("KOPROGO_HTTP_HOST", _text, "127.0.0.1"),
    Known("KOPROGO_HTTP_PORT", _port, 8080),
    Known("KOPROGO_LOG_LEVEL", _level, "WARNING"),
    Known("KOPROGO_DATABASE_POOL", _pool, 8),
    Known("KOPROGO_TELEGRAM_TOKEN", _telegram_token, secret=True),
    Known("KOPROGO_TELEGRAM_WEBHOOK_URL", _web_address),
    Known("KOPROGO_TELEGRAM_WEBHOOK_SECRET", _webhook_secret, secret=True),
    Known("KOPROGO_TELEGRAM_API", _web_address, "https://api.telegram.org"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force, after reading."""

    database_url: str | None
    data: Path
    http_host: str
    http_port: int
    log_level: str
    database_pool: int
    telegram_token: str | None
    telegram_webhook_url: str | None
    telegram_webhook_secret: str | None
    telegram_api: str


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads all settings. WrongSettings names every wrong or missing one."""
    given = dict(os.environ if environment is None else environment)
    wrong: list[tuple[str, Text]] = []
    if given.get("KOPROGO_SETTINGS"):
        given = {**_settings_file(Path(given["KOPROGO_SETTINGS"]), wrong), **given}
    names = {known.name for known in KNOWN}
    strange = sorted(name for name in given if name.startswith("KOPROGO_") and name not in names)
    wrong += [(name, say("settings.wrong.unknown")) for name in strange]
    values: dict[str, Any] = {}
    for known in KNOWN:
        text = given.get(known.name, "").strip()
        try:
            values[known.name] = known.read(text) if text else known.default
        except ValueError as error:
            wrong.append((known.name, say(str(error))))
    if values.get("KOPROGO_TELEGRAM_WEBHOOK_URL") and not values.get("KOPROGO_TELEGRAM_WEBHOOK_SECRET"):
        wrong.append(("KOPROGO_TELEGRAM_WEBHOOK_SECRET", say("settings.wrong.no_secret")))
    if wrong:
        raise WrongSettings(wrong)
    return Settings(
        database_url=values["DATABASE_URL"],
        data=values["KOPROGO_DATA"] or _data_folder(),
        http_host=values["KOPROGO_HTTP_HOST"],
        http_port=values["KOPROGO_HTTP_PORT"],
        log_level=values["KOPROGO_LOG_LEVEL"],
        database_pool=values["KOPROGO_DATABASE_POOL"],
        telegram_token=values["KOPROGO_TELEGRAM_TOKEN"],
        telegram_webhook_url=values["KOPROGO_TELEGRAM_WEBHOOK_URL"],
        telegram_webhook_secret=values["KOPROGO_TELEGRAM_WEBHOOK_SECRET"],
        telegram_api=values["KOPROGO_TELEGRAM_API"],
    )


def _settings_file(path: Path, wrong: list[tuple[str, Text]]) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        wrong.append(("KOPROGO_SETTINGS", say("settings.wrong.file", file=str(path))))
        return {}
    settings = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            wrong.append((f"{path}:{number}", say("settings.wrong.line")))
        settings[name.strip()] = value.strip().strip('"')
    return settings


def reachable(settings: Settings) -> tuple[str, ...]:
    """The names of the channels that are configured, and by which people can be told something."""
    return ("telegram",) if settings.telegram_token else ()
