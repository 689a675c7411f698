"""Why something was not sent: kept with the delivery, counted, and said to the operator in words."""

from __future__ import annotations

from argparse import Namespace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from core.database import Database, UnitOfWork
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.delivery import EXPIRED, NO_ADDRESS, NO_CHANNEL, NO_CONSENT, STOPPED, SWITCHED_OFF
from core.messaging.kinds import ACCOUNT, LEGAL, LOAN, VOTE
from core.outbox import service as outbox
from core.people import store as people
from core.people.wishes import service as wishes
from koprogo.commands.operator import show_outbox
from koprogo.output import Output
from koprogo.settings import read_settings
from tests.ground_floor import NOW, Sample

CARD = Card(say("help.thanks"))


async def somebody(uow: UnitOfWork, name: str, reachable: bool = True) -> UUID:
    person = await people.add_person(uow, name, "fr")
    if reachable:
        await people.link(uow, Address("telegram", name), person)
    return person


async def told_in_vain(uow: UnitOfWork) -> None:
    lea, tom, ann = await somebody(uow, "1"), await somebody(uow, "2"), await somebody(uow, "3", reachable=False)
    await wishes.stop(uow, lea)
    await wishes.switch(uow, tom, LOAN, on=False)
    await wishes.only_by(uow, tom, "email", VOTE)
    for place, (person, kind) in enumerate(
        [(lea, VOTE), (lea, LOAN), (lea, LEGAL), (tom, LOAN), (tom, VOTE), (ann, ACCOUNT), (lea, ACCOUNT)]
    ):
        uow.tell(person, CARD, kind, key=f"k{place}")
    uow.tell(tom, CARD, ACCOUNT, key="late", expires=NOW - timedelta(hours=1))
    await uow.flush()


async def test_reasons_are_counted(uow: UnitOfWork) -> None:
    assert await outbox.reasons(uow) == {}
    await told_in_vain(uow)
    found = await outbox.reasons(uow)
    assert found == {STOPPED: 2, NO_CONSENT: 1, SWITCHED_OFF: 1, NO_CHANNEL: 1, NO_ADDRESS: 1, EXPIRED: 1}
    assert next(iter(found)) == STOPPED


async def test_those_of_others_are_not(database: Database, sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await told_in_vain(uow)
        await uow.commit()
    async with database.work(UUID(int=9)) as uow:
        assert await outbox.reasons(uow) == {}


async def test_the_operator_reads_them_in_words(
    sample: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await told_in_vain(uow)
        await uow.commit()
    monkeypatch.setenv("LC_ALL", "en_IE.UTF-8")
    url = sample.owner.render_as_string(hide_password=False)
    settings = read_settings({"DATABASE_URL": url, "KOPROGO_DATA": str(tmp_path)})
    await show_outbox(Namespace(failed=True), settings, Output(as_json=False))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("the person has stopped the messages")
    assert lines[7] == "    2  the person has stopped the messages"
    assert "    1  no channel accepted for legal notices, and no postal address" in lines[8:]
