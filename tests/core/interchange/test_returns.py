"""A transfer that was entered wrongly, taken back as one act: as if it had never been, but for the log; or why not."""

from __future__ import annotations

from typing import Any

import pytest

from core.charges import store as charges
from core.charges.bookkeeping import service as bookkeeping
from core.database import UnitOfWork
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Right, Transfer
from core.kernel.errors import DomainError
from core.people import store as people
from core.people.audit import service as audit
from tests.core.interchange.test_amendments import ANN, DAN, hand_over, refused, shown
from tests.core.small import PEOPLE, call, day, expense, owns, payment, resident, settlement


async def back(uow: UnitOfWork, building: Any, lot: str) -> Any:
    seen = await amendments.editable(uow, building)
    return await amendments.take_back(uow, building, seen.version, lot, ANN)


async def test_a_transfer_is_taken_back_with_all_that_it_brought(uow: UnitOfWork) -> None:
    calls = (call("C1", "2026-01-31", 100_000), call("C2", "2026-06-30", 100_000))
    seen = await shown(uow, calls=calls, payments=(payment("2026-02-01", "bob", 26_300),))
    building = seen.known.building_id
    before = await charges.postings(uow, [(building, "bob")])
    await hand_over(uow, seen, Transfer("B", day("2026-03-02"), (Right("dan"),), (DAN,)))
    follows = await back(uow, building, "B")
    assert {(row.person, row.cents) for row in follows} == {("bob", 26_300), ("dan", -26_300)}
    now = await amendments.editable(uow, building)
    assert now.typed == seen.typed, "rights and people, as if it had never been"
    found = await charges.postings(uow, [(building, "bob")])
    assert sorted(found[building]) == sorted(before[building])
    assert await bookkeeping.verify(uow, building) == []
    log = [(entry.deed, entry.subject) for entry in (await audit.entries(uow)).entries]
    assert sorted(log[:2]) == [("person_changed", "person dan"), ("transfer_taken_back", "lot B")]
    assert ("lot_transferred", "lot B") in log, "the history keeps both"
    with pytest.raises(DomainError) as error:
        await back(uow, building, "B")
    assert refused(error) == "no_transfer"


async def test_it_is_foreseen_and_nothing_is_done(uow: UnitOfWork) -> None:
    seen = await shown(uow, calls=(call("C2", "2026-06-30", 100_000),))
    building = seen.known.building_id
    await hand_over(uow, seen, Transfer("B", day("2026-03-02"), (Right("cem"),)))
    after = await amendments.editable(uow, building)
    follows = await amendments.foresee_return(uow, building, after.version, "B", ANN)
    assert {(row.person, row.cents) for row in follows} == {("bob", 26_300), ("cem", -26_300)}
    assert await amendments.editable(uow, building) == after
    assert "transfer_taken_back" not in {entry.deed for entry in (await audit.entries(uow)).entries}


async def test_who_kept_his_half_keeps_it(uow: UnitOfWork) -> None:
    halves = (owns("A", "ann", fraction=(1, 2)), owns("A", "bob", fraction=(1, 2)), owns("B", "bob"), owns("C", "cem"))
    seen = await shown(uow, ownership=halves)
    rights = (Right("bob", "full", "1", "2"), Right("cem", "full", "1", "2"))
    await hand_over(uow, seen, Transfer("A", day("2026-05-01"), rights))
    assert await back(uow, seen.known.building_id, "A") == []
    assert await people.ownership(uow, seen.known.building_id) == halves


async def test_of_two_transfers_the_latest_only(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    building = seen.known.building_id
    await hand_over(uow, seen, Transfer("B", day("2026-03-02"), (Right("dan"),), (DAN,)))
    now = await amendments.editable(uow, building)
    await hand_over(uow, now, Transfer("B", day("2026-04-01"), (Right("ann"),)))
    await back(uow, building, "B")
    rows = [row for row in await people.ownership(uow, building) if row.lot == "B"]
    assert rows == [owns("B", "bob", last="2026-03-01"), owns("B", "dan", "2026-03-02")]
    await back(uow, building, "B")
    assert (await amendments.editable(uow, building)).typed == seen.typed


async def test_a_tenant_who_never_bought_is_a_tenant_again(uow: UnitOfWork) -> None:
    seen = await shown(uow, people=(*PEOPLE, resident("tim", "tenant")))
    await hand_over(uow, seen, Transfer("B", day("2026-03-02"), (Right("tim"),)))
    await back(uow, seen.known.building_id, "B")
    assert (await amendments.editable(uow, seen.known.building_id)).typed == seen.typed


@pytest.mark.parametrize(
    ("rest", "key"),
    [
        (
            {"calls": (call("C2", "2026-06-30", 100_000),), "payments": (payment("2026-07-02", "cem", 26_300),)},
            "transfer_paid",
        ),
        (
            {
                "expenses": (expense("E1", "2026-04-20", 90_000),),
                "settlements": (settlement("S1", "2026-01-01", "2026-06-30", "2026-07-15"),),
            },
            "transfer_settled",
        ),
    ],
)
async def test_what_was_settled_or_paid_by_it_holds_it(uow: UnitOfWork, rest: Any, key: str) -> None:
    seen = await shown(uow, **rest)
    building = seen.known.building_id
    await hand_over(uow, seen, Transfer("B", day("2026-03-02"), (Right("cem"),)))
    after = await amendments.editable(uow, building)
    with pytest.raises(DomainError) as error:
        await back(uow, building, "B")
    assert refused(error) == key
    assert await amendments.editable(uow, building) == after, "refused, nothing has changed"
    assert await bookkeeping.verify(uow, building) == []
    with pytest.raises(DomainError) as error:
        await amendments.take_back(uow, building, "old", "B", ANN)
    assert refused(error) == "outdated"
    with pytest.raises(DomainError) as error:
        await back(uow, building, "Z")
    assert refused(error) == "unknown_lot"


async def test_who_paid_for_another_lot_holds_nothing(uow: UnitOfWork) -> None:
    """He got it with no call in between: what he pays is for what he owns besides."""
    seen = await shown(
        uow, calls=(call("C1", "2026-01-31", 100_000),), payments=(payment("2026-04-01", "cem", 60_000),)
    )
    await hand_over(uow, seen, Transfer("B", day("2026-03-02"), (Right("cem"),)))
    assert await back(uow, seen.known.building_id, "B") == []
