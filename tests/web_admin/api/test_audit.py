"""What programs enter stands in the log, under the name of their token."""

from __future__ import annotations

from core.people.api_tokens import service as api_tokens
from core.people.audit import service as audit
from core.people.audit.model import Entry
from tests.ground_floor import Sample
from tests.web_admin.api.conftest import EXPENSES, PAYMENTS, Tool, expense, payment


async def logged(sample: Sample) -> list[Entry]:
    async with sample.database.work(sample.organisation) as uow:
        return list((await audit.entries(uow)).entries)


async def test_each_booking_is_written_down_once(tool: Tool, sample: Sample) -> None:
    await tool.post(EXPENSES, [expense("API-1"), expense("API-2", net_cents=-10000, total_cents=-10600)], "one")
    await tool.post(PAYMENTS, payment("lea-dubois", reference="between us"), "two")
    again = await tool.post(PAYMENTS, payment("lea-dubois", reference="between us"), "two")
    assert again.headers["Idempotency-Replayed"] == "true"
    paid, *spent = await logged(sample)
    async with sample.database.work(sample.organisation) as uow:
        (token,) = await api_tokens.every(uow)
    assert {(entry.actor.actor_id, entry.actor.name) for entry in (paid, *spent)} == {(token.token_id, token.name)}
    assert {entry.building for entry in (paid, *spent)} == {sample.known.building_id}
    assert (paid.deed, paid.subject, paid.before) == ("payment_booked", "payment lea-dubois", None)
    assert paid.after == {"date": "2026-11-20", "amount_cents": 12345, "source": "bank"}
    assert sorted((entry.deed, entry.subject) for entry in spent) == [
        ("expense_booked", "expense API-1"),
        ("expense_booked", "expense API-2"),
    ]
    assert {entry.after["total_cents"] for entry in spent if entry.after} == {10600, -10600}


async def test_what_is_refused_is_not_written_down(tool: Tool, sample: Sample) -> None:
    assert (await tool.post(PAYMENTS, [payment("lea-dubois"), payment("nobody")])).status == 422
    assert await logged(sample) == []
