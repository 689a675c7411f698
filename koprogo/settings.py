"""Every setting there is: read once, from the environment or the file that KOPROGO_SETTINGS names."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.database import owner_url


class WrongSettings(Exception):
    """What is wrong with the settings: all of it, a line each."""


def _data_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(base) / "koprogo"


def _text(value: str) -> str:
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _database(value: str) -> str:
    owner_url(value)
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    return int(value)


def _pool(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 100:
        raise ValueError("a pool has 1 to 100 connections")
    return int(value)


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("one of DEBUG, INFO, WARNING, ERROR is expected")
    return value.upper()


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address starting with https:// is expected")
    return value.rstrip("/")


def _telegram_token(value: str) -> str:
    number, colon, secret = value.partition(":")
    if not colon or not number.isdigit() or len(secret) < 20:
        raise ValueError("a bot token as BotFather gives it is expected: 123456:ABC...")
    return value


def _webhook_secret(value: str) -> str:
    if not 16 <= len(value) <= 256 or not all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in value):
        raise ValueError("16 to 256 letters, digits, _ or - are expected")
    return value


@dataclass(frozen=True, slots=True)
class Known:
    """A setting: its name, what it means, how it is read, and what holds where it is not given."""

    name: str
    meaning: str
    read: Callable[[str], Any]
    default: Any = None
    secret: bool = False


KNOWN = (
    Known(
        "DATABASE_URL",
        "PostgreSQL 15 or later, as postgresql://user:password@host/database; without it the bundled server runs in the data folder",
        _database,
        secret=True,
    ),
    Known(
        "KOPROGO_DATA", "folder of the embedded database and of stored files; default: the user's data folder", _folder
    ),
    Known(
        "KOPROGO_SETTINGS", "a file with these settings, one NAME=value a line; the environment wins over it", _folder
    ),
    Known("KOPROGO_HTTP_HOST", "where pages are served", _text, "127.0.0.1"),
    Known("KOPROGO_HTTP_PORT", "the port of the pages", _port, 8080),
    Known("KOPROGO_LOG_LEVEL", "how much is logged: DEBUG, INFO, WARNING or ERROR", _level, "WARNING"),
    Known("KOPROGO_DATABASE_POOL", "connections to the database, at most", _pool, 8),
    Known(
        "KOPROGO_TELEGRAM_TOKEN",
        "the token of the Telegram bot; without it Telegram is off",
        _telegram_token,
        secret=True,
    ),
    Known(
        "KOPROGO_TELEGRAM_WEBHOOK_URL",
        "the public https address of this server; without it Telegram is polled",
        _web_address,
    ),
    Known(
        "KOPROGO_TELEGRAM_WEBHOOK_SECRET",
        "what Telegram must show with every webhook call; needed with a webhook",
        _webhook_secret,
        secret=True,
    ),
    Known(
        "KOPROGO_TELEGRAM_API",
        "where the Bot API is, for one's own server of it",
        _web_address,
        "https://api.telegram.org",
    ),
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
    wrong: list[str] = []
    if given.get("KOPROGO_SETTINGS"):
        given = {**_settings_file(Path(given["KOPROGO_SETTINGS"]), wrong), **given}
    names = {known.name for known in KNOWN}
    wrong += [
        f"{name}: there is no such setting"
        for name in sorted(given)
        if name.startswith("KOPROGO_") and name not in names
    ]
    values: dict[str, Any] = {}
    for known in KNOWN:
        text = given.get(known.name, "").strip()
        try:
            values[known.name] = known.read(text) if text else known.default
        except ValueError as error:
            wrong.append(f"{known.name}: {error}")
    if values.get("KOPROGO_TELEGRAM_WEBHOOK_URL") and not values.get("KOPROGO_TELEGRAM_WEBHOOK_SECRET"):
        wrong.append("KOPROGO_TELEGRAM_WEBHOOK_SECRET: a webhook needs a secret")
    if wrong:
        raise WrongSettings("\n".join(wrong))
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


def _settings_file(path: Path, wrong: list[str]) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        wrong.append(f"KOPROGO_SETTINGS: {path} cannot be read")
        return {}
    settings = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            wrong.append(f"{path}:{number}: NAME=value is expected")
        settings[name.strip()] = value.strip().strip('"')
    return settings
