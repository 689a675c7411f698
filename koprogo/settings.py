"""Every setting there is: read once, from the environment or the file that KOPROGO_SETTINGS names."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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


def _secret(value: str) -> str:
    if len(value) < 16:
        raise ValueError("settings.wrong.short_secret")
    return value


LONGEST_LOCAL = 21
"""Signs before the @ of our address: a plus sign and the 42 of a reply token stand behind them, and RFC 5321 allows 64."""


def _mail_address(value: str) -> str:
    local, at, host = value.strip().lower().partition("@")
    if not at or not local or "+" in local or ("." not in host and host != "localhost"):
        raise ValueError("settings.wrong.mail_address")
    if len(local) > LONGEST_LOCAL:
        raise ValueError("settings.wrong.long_address")
    return f"{local}@{host}"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server of the mailbox, from an address such as `smtps://user:password@host:465`. `security`: tls, starttls or none."""

    host: str
    port: int
    security: str
    user: str | None
    password: str | None
    folder: str


def _mail_server(schemes: Mapping[str, tuple[str, int]]) -> Callable[[str], MailServer]:
    def read(value: str) -> MailServer:
        try:
            parts = urlsplit(value)
            security, port = schemes[parts.scheme]
            if not parts.hostname:
                raise ValueError
            named = [unquote(part) if part else None for part in (parts.username, parts.password)]
            folder = unquote(parts.path.strip("/")) or "INBOX"
            return MailServer(parts.hostname, parts.port or port, security, named[0], named[1], folder)
        except (ValueError, KeyError) as error:
            raise ValueError("settings.wrong.mail_server") from error

    return read


_SMTP = _mail_server({"smtps": ("tls", 465), "smtp+starttls": ("starttls", 587), "smtp": ("none", 25)})
_IMAP = _mail_server({"imaps": ("tls", 993), "imap+starttls": ("starttls", 143), "imap": ("none", 143)})


def _listen(value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not colon or not host:
        raise ValueError("settings.wrong.listen")
    return host.strip("[]"), _port(port)


def _file(value: str) -> Path:
    file = Path(value).expanduser().resolve()
    if not file.is_file():
        raise ValueError("settings.wrong.no_file")
    return file


def _matrix_user(value: str) -> str:
    if not value.startswith("@") or ":" not in value:
        raise ValueError("settings.wrong.matrix_user")
    return value


def _yes_or_no(value: str) -> bool:
    if value.lower() not in ("yes", "no"):
        raise ValueError("settings.wrong.yes_or_no")
    return value.lower() == "yes"


@dataclass(frozen=True, slots=True)
class Known:
    """A setting: its name, how it is read, and what holds where it is not given. What it means is the message `setting.<name>`."""

    name: str
    read: Callable[[str], Any]
    default: Any = None
    secret: bool = False

    @property
    def field(self) -> str:
        """Its name among the settings in force."""
        return self.name.removeprefix("KOPROGO_").lower()


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
    Known("KOPROGO_PUBLIC_URL", _web_address),
    Known("KOPROGO_SECRET", _secret, secret=True),
    Known("KOPROGO_EMAIL_ADDRESS", _mail_address),
    Known("KOPROGO_EMAIL_NAME", _text, "KoproGo"),
    Known("KOPROGO_EMAIL_SMTP", _SMTP, secret=True),
    Known("KOPROGO_EMAIL_IMAP", _IMAP, secret=True),
    Known("KOPROGO_EMAIL_LMTP", _listen),
    Known("KOPROGO_EMAIL_AUTHSERV_ID", _text),
    Known("KOPROGO_EMAIL_DKIM_SELECTOR", _text),
    Known("KOPROGO_EMAIL_DKIM_KEY", _file),
    Known("KOPROGO_MATRIX_HOMESERVER", _web_address),
    Known("KOPROGO_MATRIX_USER", _matrix_user),
    Known("KOPROGO_MATRIX_PASSWORD", _text, secret=True),
    Known("KOPROGO_MATRIX_AS_TOKEN", _secret, secret=True),
    Known("KOPROGO_MATRIX_HS_TOKEN", _secret, secret=True),
    Known("KOPROGO_MATRIX_ENCRYPTION", _yes_or_no, True),
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
    public_url: str | None
    secret: str | None
    email_address: str | None
    email_name: str
    email_smtp: MailServer | None
    email_imap: MailServer | None
    email_lmtp: tuple[str, int] | None
    email_authserv_id: str | None
    email_dkim_selector: str | None
    email_dkim_key: Path | None
    matrix_homeserver: str | None
    matrix_user: str | None
    matrix_password: str | None
    matrix_as_token: str | None
    matrix_hs_token: str | None
    matrix_encryption: bool

    @property
    def has_email(self) -> bool:
        return self.email_address is not None

    @property
    def has_matrix(self) -> bool:
        return self.matrix_homeserver is not None


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
    wrong += [
        (name, say("settings.wrong.missing"))
        for name in _missing({name for name, text in given.items() if text.strip()})
    ]
    if wrong:
        raise WrongSettings(wrong)
    fields = {known.field: values[known.name] for known in KNOWN if known.name != "KOPROGO_SETTINGS"}
    return Settings(**{**fields, "data": fields["data"] or _data_folder()})


def _missing(names: AbstractSet[str]) -> list[str]:
    """The settings without which others that are given mean nothing."""
    needed: list[tuple[bool, str]] = []

    def given(name: str) -> bool:
        return name in names

    mail = any(
        given(known.name) for known in KNOWN if known.name.startswith("KOPROGO_EMAIL_") and known.default is None
    )
    matrix = any(
        given(name) for name in ("KOPROGO_MATRIX_HOMESERVER", "KOPROGO_MATRIX_USER", "KOPROGO_MATRIX_PASSWORD")
    )
    tokens = given("KOPROGO_MATRIX_AS_TOKEN") or given("KOPROGO_MATRIX_HS_TOKEN")
    needed += [(given("KOPROGO_TELEGRAM_WEBHOOK_URL"), "KOPROGO_TELEGRAM_WEBHOOK_SECRET")]
    needed += [(mail, "KOPROGO_EMAIL_ADDRESS"), (mail, "KOPROGO_EMAIL_SMTP")]
    needed += [(mail and not given("KOPROGO_EMAIL_LMTP"), "KOPROGO_EMAIL_IMAP")]
    needed += [(given("KOPROGO_EMAIL_DKIM_KEY"), "KOPROGO_EMAIL_DKIM_SELECTOR")]
    needed += [(given("KOPROGO_EMAIL_DKIM_SELECTOR"), "KOPROGO_EMAIL_DKIM_KEY")]
    needed += [(matrix or tokens, "KOPROGO_MATRIX_HOMESERVER"), (matrix or tokens, "KOPROGO_MATRIX_USER")]
    needed += [(tokens, "KOPROGO_MATRIX_AS_TOKEN"), (tokens, "KOPROGO_MATRIX_HS_TOKEN")]
    needed += [(matrix and not tokens, "KOPROGO_MATRIX_PASSWORD")]
    return [name for wanted, name in needed if wanted and name not in names]


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
    telegram = bool(settings.telegram_token)
    return tuple(
        name
        for name, configured in (("email", settings.has_email), ("matrix", settings.has_matrix), ("telegram", telegram))
        if configured
    )
