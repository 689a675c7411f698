"""What the pages ask of the installation: its channels by their settings, our names there, and letters drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bot.ways import Way, way
from core.buildings.model import Building
from core.kernel.errors import DomainError
from core.messaging.channel import Channel, TryLater
from core.outbox.letter_texts.model import STANDARD
from koprogo import wires
from koprogo.application import Application
from koprogo.settings import KNOWN, Settings, read_settings
from koprogo.wires import ASK_AGAIN_SECONDS, GUIDES, NEEDS, Wires

TELEGRAM = {"KOPROGO_TELEGRAM_TOKEN": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
ROOT = Path(__file__).parents[2]


def of(settings: Mapping[str, str], known: dict[str, Way] | None = None) -> Wires:
    nothing: Any = None
    return Wires(
        Application(read_settings(settings), make_url("postgresql://nobody@nowhere/none"), nothing, {}, known or {})
    )


def test_what_is_on_and_what_it_takes() -> None:
    found = {wire.channel: wire for wire in of(TELEGRAM).wires()}
    assert {name: wire.on for name, wire in found.items()} == {
        "telegram": True,
        "email": False,
        "matrix": False,
        "letter": True,
    }
    names = {known.name for known in KNOWN}
    assert all(name in names for needs in NEEDS.values() for name in needs)
    assert all((ROOT / guide).is_file() for guides in GUIDES.values() for guide in guides)


async def test_a_process_without_a_bot_asks_once_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers the page comes without, and the next one does not wait again."""
    asked = 0

    async def silence(settings: Settings, channels: Mapping[str, Channel], found: dict[str, Way]) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(60)

    monkeypatch.setattr(wires, "ways", silence)
    monkeypatch.setattr(wires, "configured", lambda *given: {})
    monkeypatch.setattr(wires, "ASK_SECONDS", 0.01)
    mine = of(TELEGRAM)
    assert await asyncio.gather(mine.ways(), mine.ways()) == [[], []]
    assert asked == 1
    now = asyncio.get_running_loop().time()
    mine._asked = now - ASK_AGAIN_SECONDS
    assert await mine.ways() == []
    assert asked == 2


async def test_who_knows_our_names_does_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*given: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(wires, "ways", never)
    link = "https://t.me/b?start={code}"
    (found,) = await of(TELEGRAM, {"telegram": way("telegram", "@b", link=link)}).ways()
    assert (found.channel, found.where, found.link) == ("telegram", "@b", link)


async def test_a_letter_that_does_not_come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = of({})

    async def broken(*sheets: object) -> None:
        raise TryLater("the process died")

    monkeypatch.setattr(mine, "_draw", broken)
    with pytest.raises(DomainError) as refusal:
        await mine.specimen(Building("Tilleuls", "tilleuls"), "fr", STANDARD, date(2026, 11, 22))
    assert refusal.value.text.key == "letter.not_drawn"
