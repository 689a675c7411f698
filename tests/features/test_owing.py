"""Steps of owing.feature: people at their terminals."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.kernel.clock import BRUSSELS
from tests import oracle
from tests.features.conftest import Done
from tests.ground_floor import SAMPLE, Sample
from tests.koprogo.picture import read_qr
from tests.talking import Card, Talking

scenarios("owing.feature")
MAIL = {row["name"]: row["email"] for row in oracle.read(SAMPLE).rows("people")}


@dataclass
class Talk:
    """Who speaks, and the last answer."""

    talking: Talking
    who: str = ""
    last: Card = field(default_factory=dict)


@pytest.fixture
def talk(talking: Talking) -> Talk:
    return Talk(talking)


@given(parsers.parse("it is {day} at {time} in Résidence Les Tilleuls"))
def _at(talk: Talk, day: str, time: str) -> None:
    talk.talking.clock.now = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=BRUSSELS).astimezone(UTC)


@when(parsers.re(r'(?P<who>she|[A-Z].+) writes "(?P<words>.+)"'))
def _writes(talk: Talk, done: Done, who: str, words: str) -> None:
    talk.who = talk.who if who == "she" else MAIL[who]
    (talk.last,) = done(talk.talking.say(talk.who, words))


@when(parsers.parse('she presses "{label}"'))
def _presses(talk: Talk, done: Done, label: str) -> None:
    (talk.last,) = done(talk.talking.press(talk.who, talk.last, label))


@when(parsers.parse("it is {day} and the bank has brought {amount} euro of {person}"))
def _brought(talk: Talk, sample: Sample, done: Done, tmp_path: Path, day: str, amount: str, person: str) -> None:
    talk.talking.clock.now = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=BRUSSELS).astimezone(UTC)
    folder = tmp_path / "building"
    shutil.copytree(SAMPLE, folder)
    with (folder / "payments.csv").open("a", encoding="utf-8") as rows:
        rows.write(f"{day},{person},{amount},,bank\n")

    async def imported() -> None:
        with Folder.open(folder) as opened:
            async with sample.database.work(sample.organisation) as uow:
                await import_building(uow, read_building(opened), sample.shelf)
                await uow.commit()

    done(imported())


@then(parsers.parse('the answer leads with "{title}"'))
def _leads(talk: Talk, title: str) -> None:
    assert talk.last["title"].replace("\u00a0", " ") == title


@then(parsers.parse("it names the account {iban} and a structured communication"))
def _names(talk: Talk, iban: str) -> None:
    facts = {fact["key"]: fact["value"] for fact in talk.last["facts"]}
    assert facts["account"].replace("\u00a0", " ") == iban
    assert facts["communication"].startswith("+++")


@then(parsers.parse("the answer carries a picture that pays {amount} euro to {iban}"))
def _pays(talk: Talk, amount: str, iban: str) -> None:
    (picture,) = talk.last["attachments"]
    lines = read_qr(Path(picture["path"]).read_bytes()).splitlines()
    assert (lines[6], lines[7]) == (iban, f"EUR{amount}")


@then(parsers.parse("the parts add up to {amount} euro"))
def _adds_up(talk: Talk, amount: str) -> None:
    by_key: dict[str, int] = {}
    for fact in talk.last["facts"]:
        by_key[fact["key"]] = by_key.get(fact["key"], 0) + fact["amount_cents"]
    assert by_key["part"] + by_key["provisions"] == by_key["to_pay"] == int(amount.replace(".", ""))


@then(parsers.parse("the invoice {number} is split by {share}"))
def _split(talk: Talk, number: str, share: str) -> None:
    lines = [fact["value"] for fact in talk.last["facts"] if number in fact["label"]]
    assert any(f"× {share} " in line.replace("\u202f", " ").replace("\u00a0", " ") for line in lines), lines


@then("no amount is told")
def _no_amount(talk: Talk) -> None:
    assert talk.last["facts"] == []
    assert "€" not in talk.last["text"]
