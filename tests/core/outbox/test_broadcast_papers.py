"""The papers that go along with a broadcast: only to those who may see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot.courier import Courier
from channels.console import Console, Shown
from core.database import UnitOfWork
from core.documents import service as documents
from core.documents.model import SYNDIC, admitted
from core.kernel.i18n import Catalogues
from core.messaging.kinds import Urgency
from core.outbox.broadcasts.cards import broadcast_card
from core.outbox.broadcasts.model import (
    Broadcast,
    Occasion,
    Paper,
)
from tests.core.outbox.conftest import (
    TENANT_CODE,
    draft,
    preview,
    send,
)
from tests.ground_floor import NOW, Sample


async def paper(sample: Sample, uow: UnitOfWork, file: str) -> Paper:
    listed = await documents.visible(uow, sample.known.building_id, (SYNDIC,))
    row = next(row for row in listed if row.document.file == file)
    return Paper(row.document_id, row.document.title, admitted(row.document.visible_to))


@pytest.mark.parametrize("change", ["nothing", "closed", "taken away"])
async def test_a_paper_goes_to_those_who_may_see_it(
    sample: Sample, write: Callable[..., Broadcast], catalogues: Catalogues, change: str
) -> None:
    async with sample.database.work(sample.organisation) as uow:
        minutes = await paper(sample, uow, "pv-ag-2026-04-21.pdf")
        rules = await paper(sample, uow, "roi-2024.pdf")
    mine = write("everyone", papers=(minutes, rules), urgency=Urgency.URGENT)
    seen = await preview(sample, mine)
    assert {row.member.code for row in seen.everybody if row.without} == {"youssef-benali", "lukas-hermann"}
    await send(sample, mine)
    async with sample.database.work(sample.organisation) as uow:
        if change == "closed":
            await uow.connection.execute(
                text("UPDATE documents SET visible_to = 'syndic' WHERE document_id = :it"), {"it": minutes.document}
            )
        if change == "taken away":
            await uow.connection.execute(
                text("DELETE FROM documents WHERE document_id = :it"), {"it": minutes.document}
            )
        await uow.commit()
    shown: list[Shown] = []
    console = Console()
    console.shown = shown
    courier = Courier(sample.database, {"console": console}, catalogues, sample.shelf)
    await courier.drain()
    by_handle = {each.to.handle: each for each in shown}
    owner, tenant = by_handle["jan-desmet"], by_handle[TENANT_CODE]
    assert [file.name for file in tenant.files] == ["roi-2024.pdf"]
    assert not any(minutes.title in line for line in tenant.card.body)
    names = [file.name for file in owner.files]
    if change == "nothing":
        assert names == ["pv-ag-2026-04-21.pdf", "roi-2024.pdf"]
        assert (await owner.files[0].read()).startswith(b"%PDF")
        assert owner.files[0].media_type == "application/pdf"
    else:
        assert names == ["roi-2024.pdf"]
        assert any(minutes.title in line for line in owner.card.body), "he is told that it is missing"


async def test_on_paper_a_letter_names_what_goes_along(sample: Sample, catalogues: Catalogues) -> None:
    occasion = Occasion(date(2026, 12, 5))
    card = broadcast_card(
        draft(sample, uuid4(), occasion=occasion), sample.known.building, "N", "fr", (Paper(uuid4(), "Plan"),), NOW
    )
    courier = Courier(sample.database, {}, catalogues, sample.shelf)
    shown, files = await courier.rendered(card, "fr", sample.organisation, uuid4(), on_paper=True)
    assert files == []
    assert "Plan" in {fact.value for fact in shown.facts}


async def test_bytes_that_are_gone_are_our_own_fault(
    sample: Sample, write: Callable[..., Broadcast], catalogues: Catalogues
) -> None:
    async with sample.database.work(sample.organisation) as uow:
        rules = await paper(sample, uow, "roi-2024.pdf")
        await uow.connection.execute(
            text("UPDATE documents SET sha256 = :none WHERE document_id = :it"),
            {"it": rules.document, "none": b"x" * 32},
        )
        await uow.commit()
    mine = write("persons:lea-dubois", papers=(rules,))
    await send(sample, mine)
    await Courier(sample.database, {"console": Console()}, catalogues, sample.shelf).drain()
    async with sample.database.work(sample.organisation) as uow:
        assert await uow.connection.scalar(text("SELECT count(*) FROM set_aside")) == 1
