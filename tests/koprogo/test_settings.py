"""Settings: read once, from the environment or a file; what is wrong is named, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.kernel.i18n import Catalogues
from core.kernel.text import say
from koprogo.settings import KNOWN, MailServer, WrongSettings, reachable, read_settings

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def wrong(environment: Mapping[str, str]) -> dict[str, str]:
    """Where something is wrong, and what: the key of its message."""
    with pytest.raises(WrongSettings) as refused:
        read_settings(environment)
    return {where: what.key.removeprefix("settings.wrong.") for where, what in refused.value.wrong}


def test_without_any_everything_has_a_default() -> None:
    settings = read_settings({})
    assert settings.database_url is None
    assert (settings.http_host, settings.http_port, settings.log_level) == ("127.0.0.1", 8080, "WARNING")
    assert settings.data.is_absolute()
    assert settings.data.name == "koprogo"
    assert settings.telegram_api == "https://api.telegram.org"
    assert reachable(settings) == ()


def test_what_is_empty_is_not_given() -> None:
    assert read_settings({known.name: "  " for known in KNOWN if known.name != "KOPROGO_SETTINGS"}) == read_settings({})


def test_with_all_of_them(tmp_path: Path) -> None:
    key = tmp_path / "dkim.pem"
    key.write_text("key")
    settings = read_settings(
        {
            "DATABASE_URL": "postgresql://kopro:secret@db.example/kopro",
            "KOPROGO_DATA": str(tmp_path / "." / "data"),
            "KOPROGO_HTTP_HOST": "0.0.0.0",
            "KOPROGO_HTTP_PORT": "65535",
            "KOPROGO_LOG_LEVEL": "debug",
            "KOPROGO_DATABASE_POOL": "1",
            "KOPROGO_TELEGRAM_TOKEN": TOKEN,
            "KOPROGO_TELEGRAM_WEBHOOK_URL": "https://kopro.example/telegram/",
            "KOPROGO_TELEGRAM_WEBHOOK_SECRET": "0123456789-abcd_",
            "KOPROGO_TELEGRAM_API": "http://127.0.0.1:8081/",
            "KOPROGO_PUBLIC_URL": "https://kopro.example/",
            "KOPROGO_SECRET": "0123456789abcdef",
            "KOPROGO_EMAIL_ADDRESS": "Building@Kopro.example",
            "KOPROGO_EMAIL_NAME": "Les Tilleuls",
            "KOPROGO_EMAIL_SMTP": "smtp+starttls://bot%40kopro.example:p%2Fw@mail.example",
            "KOPROGO_EMAIL_IMAP": "imaps://bot:pw@mail.example:1993/Kopro%20in",
            "KOPROGO_EMAIL_LMTP": "[::1]:2424",
            "KOPROGO_EMAIL_AUTHSERV_ID": "mx.kopro.example",
            "KOPROGO_EMAIL_DKIM_SELECTOR": "k1",
            "KOPROGO_EMAIL_DKIM_KEY": str(key),
            "KOPROGO_MATRIX_HOMESERVER": "https://matrix.example",
            "KOPROGO_MATRIX_USER": "@bot:matrix.example",
            "KOPROGO_MATRIX_PASSWORD": "pw",
            "KOPROGO_MATRIX_AS_TOKEN": "a" * 32,
            "KOPROGO_MATRIX_HS_TOKEN": "h" * 32,
            "KOPROGO_MATRIX_ENCRYPTION": "No",
            "PATH": "/bin",
        }
    )
    assert settings.database_url == "postgresql://kopro:secret@db.example/kopro"
    assert settings.data == tmp_path / "data"
    assert (settings.http_port, settings.log_level, settings.database_pool) == (65535, "DEBUG", 1)
    assert settings.telegram_webhook_url == "https://kopro.example/telegram"
    assert settings.telegram_api == "http://127.0.0.1:8081"
    assert settings.public_url == "https://kopro.example"
    assert settings.email_address == "building@kopro.example"
    assert settings.email_smtp == MailServer("mail.example", 587, "starttls", "bot@kopro.example", "p/w", "INBOX")
    assert settings.email_imap == MailServer("mail.example", 1993, "tls", "bot", "pw", "Kopro in")
    assert settings.email_lmtp == ("::1", 2424)
    assert settings.email_dkim_key == key
    assert settings.matrix_encryption is False
    assert reachable(settings) == ("email", "matrix", "telegram")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DATABASE_URL", "sqlite:///kopro.db", "database"),
        ("DATABASE_URL", "no url at all", "database"),
        ("KOPROGO_HTTP_PORT", "0", "port"),
        ("KOPROGO_HTTP_PORT", "65536", "port"),
        ("KOPROGO_HTTP_PORT", "-1", "port"),
        ("KOPROGO_HTTP_PORT", "８０８０", "port"),
        ("KOPROGO_DATABASE_POOL", "0", "pool"),
        ("KOPROGO_DATABASE_POOL", "101", "pool"),
        ("KOPROGO_LOG_LEVEL", "chatty", "level"),
        ("KOPROGO_TELEGRAM_TOKEN", "110201543", "token"),
        ("KOPROGO_TELEGRAM_TOKEN", "bot:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "token"),
        ("KOPROGO_TELEGRAM_TOKEN", "110201543:short", "token"),
        ("KOPROGO_TELEGRAM_API", "api.telegram.org", "address"),
        ("KOPROGO_TELEGRAM_API", "ftp://api.example", "address"),
        ("KOPROGO_TELEGRAM_WEBHOOK_SECRET", "fifteen-letters", "secret"),
        ("KOPROGO_TELEGRAM_WEBHOOK_SECRET", "é" * 20, "secret"),
        ("KOPROGO_TELEGRAM_WEBHOOK_SECRET", "a" * 257, "secret"),
        ("KOPROGO_HTPP_PORT", "8080", "unknown"),
        ("KOPROGO_PUBLIC_URL", "kopro.example", "address"),
        ("KOPROGO_SECRET", "too short", "short_secret"),
        ("KOPROGO_MATRIX_ENCRYPTION", "perhaps", "yes_or_no"),
    ],
)
def test_each_wrong_one_is_named(name: str, value: str, why: str) -> None:
    assert wrong({name: value}) == {name: why}


def test_all_wrong_ones_are_named_at_once() -> None:
    given = {
        "DATABASE_URL": "mysql://x",
        "KOPROGO_HTTP_PORT": "http",
        "KOPROGO_TELEGRAM_WEBHOOK_URL": "https://kopro.example/telegram",
        "KOPROGO_COLOUR": "blue",
    }
    assert wrong(given) == {
        "DATABASE_URL": "database",
        "KOPROGO_HTTP_PORT": "port",
        "KOPROGO_TELEGRAM_WEBHOOK_SECRET": "missing",
        "KOPROGO_COLOUR": "unknown",
    }


MAIL = {
    "KOPROGO_EMAIL_ADDRESS": "bot@kopro.example",
    "KOPROGO_EMAIL_SMTP": "smtps://mail.example",
    "KOPROGO_EMAIL_LMTP": "127.0.0.1:2424",
}
MATRIX = {
    "KOPROGO_MATRIX_HOMESERVER": "https://matrix.example",
    "KOPROGO_MATRIX_USER": "@bot:matrix.example",
    "KOPROGO_MATRIX_PASSWORD": "pw",
}


@pytest.mark.parametrize(
    ("whole", "name", "value", "why"),
    [
        (MAIL, "KOPROGO_EMAIL_ADDRESS", "bot+x@kopro.example", "mail_address"),
        (MAIL, "KOPROGO_EMAIL_ADDRESS", "bot", "mail_address"),
        (MAIL, "KOPROGO_EMAIL_ADDRESS", "a" * 22 + "@kopro.example", "long_address"),
        (MAIL, "KOPROGO_EMAIL_SMTP", "mail.example", "mail_server"),
        (MAIL, "KOPROGO_EMAIL_SMTP", "imaps://mail.example", "mail_server"),
        (MAIL, "KOPROGO_EMAIL_SMTP", "smtps://mail.example:many", "mail_server"),
        (MAIL, "KOPROGO_EMAIL_LMTP", "2424", "listen"),
        (MAIL, "KOPROGO_EMAIL_LMTP", "127.0.0.1:0", "port"),
        (MAIL, "KOPROGO_EMAIL_SMTP", "", "missing"),
        (MAIL, "KOPROGO_EMAIL_ADDRESS", "", "missing"),
        (MATRIX, "KOPROGO_MATRIX_USER", "bot", "matrix_user"),
        (MATRIX, "KOPROGO_MATRIX_PASSWORD", "", "missing"),
        (MATRIX, "KOPROGO_MATRIX_HOMESERVER", "", "missing"),
    ],
)
def test_a_channel_is_configured_whole(whole: dict[str, str], name: str, value: str, why: str) -> None:
    read_settings(whole)
    assert wrong({**whole, name: value}) == {name: why}


def test_mail_needs_a_way_in() -> None:
    assert wrong({**MAIL, "KOPROGO_EMAIL_LMTP": ""}) == {"KOPROGO_EMAIL_IMAP": "missing"}
    assert wrong({**MAIL, "KOPROGO_EMAIL_DKIM_SELECTOR": "k"}) == {"KOPROGO_EMAIL_DKIM_KEY": "missing"}
    assert wrong({**MATRIX, "KOPROGO_MATRIX_AS_TOKEN": "a" * 20}) == {"KOPROGO_MATRIX_HS_TOKEN": "missing"}


def test_a_refusal_quotes_no_secret() -> None:
    secret = "mysql://kopro:the-password@db.example/kopro"
    with pytest.raises(WrongSettings) as refused:
        read_settings({"DATABASE_URL": secret, "KOPROGO_TELEGRAM_TOKEN": "the-token"})
    told = str(refused.value) + repr([what for _, what in refused.value.wrong])
    assert "the-password" not in told
    assert "the-token" not in told


def test_a_file_of_settings(tmp_path: Path) -> None:
    file = tmp_path / "koprogo.conf"
    file.write_text('# the port\nKOPROGO_HTTP_PORT = 9090\n\n  KOPROGO_HTTP_HOST="::1"\nKOPROGO_LOG_LEVEL=INFO\n')
    settings = read_settings({"KOPROGO_SETTINGS": str(file), "KOPROGO_LOG_LEVEL": "ERROR"})
    assert (settings.http_port, settings.http_host) == (9090, "::1")
    assert settings.log_level == "ERROR", "the environment wins"


def test_what_is_wrong_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "koprogo.conf"
    file.write_text("KOPROGO_HTTP_PORT=many\nno setting at all\nKOPROGO_SHAPE=round\n")
    assert wrong({"KOPROGO_SETTINGS": str(file), "KOPROGO_LOG_LEVEL": "LOUD"}) == {
        "KOPROGO_HTTP_PORT": "port",
        f"{file}:2": "line",
        "KOPROGO_SHAPE": "unknown",
        "KOPROGO_LOG_LEVEL": "level",
    }
    file.write_bytes(b"KOPROGO_HTTP_HOST=\xe9\n")
    assert wrong({"KOPROGO_SETTINGS": str(file)}) == {"KOPROGO_SETTINGS": "file"}
    assert wrong({"KOPROGO_SETTINGS": str(tmp_path)}) == {"KOPROGO_SETTINGS": "file"}
    assert wrong({"KOPROGO_SETTINGS": str(tmp_path / "none")}) == {"KOPROGO_SETTINGS": "file"}


def test_each_has_a_meaning_in_every_language(catalogues: Catalogues) -> None:
    for language, words in catalogues.items():
        meanings = [words(say(f"setting.{known.name.lower()}")) for known in KNOWN]
        assert len(set(meanings)) == len(KNOWN), language


def test_the_data_folder_follows_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert read_settings({}).data == tmp_path / "share" / "koprogo"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert read_settings({}).data == tmp_path / "home" / ".local" / "share" / "koprogo"
