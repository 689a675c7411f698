"""A signature that others can check, and that does not survive a change."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dkim
import pytest

from channels.email import DkimSettings
from channels.email.dkim_signing import Signer
from tests.channels.email.conftest import CARD, LEA, PDF, World, file

DOMAIN, SELECTOR = "immeuble.example", "s2026"


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dkim") / "dkim.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", path, "2048"], check=True, capture_output=True)
    return path


@pytest.fixture(scope="session")
def dns(key: Path) -> Callable[..., bytes]:
    """What the DNS of our domain says, and of no other."""
    public = subprocess.run(
        ["openssl", "rsa", "-in", key, "-pubout"], check=True, capture_output=True, text=True
    ).stdout
    record = "v=DKIM1; k=rsa; p=" + "".join(public.splitlines()[1:-1])

    def answer(name: bytes, timeout: float = 5) -> bytes:
        return record.encode() if name.rstrip(b".") == f"{SELECTOR}._domainkey.{DOMAIN}".encode() else b""

    return answer


@pytest.fixture
def settings(key: Path) -> DkimSettings:
    return DkimSettings(DOMAIN, SELECTOR, key)


async def test_what_arrives_is_signed_until_it_is_changed(
    world: World, settings: DkimSettings, dns: Callable[..., bytes]
) -> None:
    await world.sends(CARD, dkim=settings, files=[file("relevé.pdf", "application/pdf", PDF)])
    (raw,) = await world.server.mails("lea", 1)
    assert dkim.verify(raw, dnsfunc=dns)
    assert raw.count(b"DKIM-Signature:") == 1
    for before, after in [
        (b"412,60", b"41,26"),
        (b"\nSubject:", b"\nSubject: again\r\nSubject:"),
        (b"\nFrom:", b"\nFrom: x@evil.example\r\nFrom:"),
        (b"\nReply-To:", b"\nReply-To: x@evil.example\r\nReply-To:"),
        (b"JVBERi0", b"JVBERi1"),
    ]:
        assert raw.count(before) >= 1, before
        assert not dkim.verify(raw.replace(before, after, 1), dnsfunc=dns), before
    assert not dkim.verify(raw, dnsfunc=lambda name, timeout=5: b"")


async def test_one_click_is_under_the_signature(
    world: World, settings: DkimSettings, dns: Callable[..., bytes]
) -> None:
    from dataclasses import replace

    await world.sends(replace(CARD, may_stop=True), dkim=settings)
    (raw,) = await world.server.mails("lea", 1)
    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"/stop/", b"/more/"), dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"One-Click", b"Two-Click"), dnsfunc=dns)


async def test_without_a_key_nothing_is_signed(world: World) -> None:
    await world.sends(CARD, LEA.handle)
    (raw,) = await world.server.mails("lea", 1)
    assert b"DKIM-Signature" not in raw


@pytest.mark.parametrize(
    "content", [None, b"", b"no key", b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"]
)
def test_a_key_that_is_none_is_said_at_once(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="DKIM key"):
        Signer(DkimSettings(DOMAIN, SELECTOR, path))
