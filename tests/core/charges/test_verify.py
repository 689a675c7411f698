"""`verify` recomputes everything from the entries: nothing wrong in what was imported, and no changed cent goes unseen."""

from __future__ import annotations

import pytest

from core.charges.bookkeeping import service as bookkeeping
from core.kernel.i18n import Catalogues
from core.kernel.money import Money
from core.kernel.text import Text
from tests.ground_floor import Sample
from tests.servers.postgres import connect


async def tamper(sample: Sample, statement: str) -> int:
    """Changes something as the owner of the tables, behind the back of the application; gives how many rows."""
    connection = await connect(sample.owner)
    try:
        done: str = await connection.execute(statement)
        return int(done.split()[-1])
    finally:
        await connection.close()


async def verified(sample: Sample) -> list[Text]:
    async with sample.database.work(sample.organisation) as uow:
        return await bookkeeping.verify(uow, sample.known.building_id)


async def test_what_was_imported_is_as_it_must_be(sample: Sample) -> None:
    assert await verified(sample) == []


ONE_LINE = "(SELECT ctid FROM ledger_lines WHERE account = '{}' ORDER BY entry DESC LIMIT 1)"
AN_ENTRY = "(SELECT number FROM ledger_entries WHERE kind = '{}' ORDER BY number LIMIT 1)"
CENTS = [
    ("a line of an owner", f"UPDATE ledger_lines SET cents = cents + 1 WHERE ctid = {ONE_LINE.format('4101')}"),
    ("a line of the reserve", f"UPDATE ledger_lines SET cents = cents - 1 WHERE ctid = {ONE_LINE.format('160')}"),
    (
        "two lines, so that the entry balances",
        "UPDATE ledger_lines SET cents = cents + CASE line WHEN 0 THEN 1 ELSE -1 END WHERE line < 2"
        f" AND entry = {AN_ENTRY.format('call')}",
    ),
    ("an expense", "UPDATE expenses SET total = total + 1 WHERE position = 3"),
    ("what an expense was before VAT", "UPDATE expenses SET net = net + 1 WHERE position = 3 AND vat_rate = 21"),
    ("a call", "UPDATE calls SET total = total - 1 WHERE position = 3"),
    ("an opening balance", "UPDATE openings SET cents = cents + 1 WHERE position = 0"),
    ("a payment", "UPDATE payments SET cents = cents - 1 WHERE position = 5"),
    ("the shares of a building", "UPDATE buildings SET shares_total = shares_total + 1"),
    ("a part", "UPDATE parts SET cents = cents + 1 WHERE (source, lot) = (SELECT source, lot FROM parts LIMIT 1)"),
    (
        "a part too many",
        "INSERT INTO parts SELECT organisation_id, building_id, 'call:none', lot, 1 FROM parts LIMIT 1",
    ),
    ("a part too few", "DELETE FROM parts WHERE (source, lot) = (SELECT source, lot FROM parts LIMIT 1)"),
]
BOOKS = [
    ("an account", f"UPDATE ledger_lines SET account = '4100' WHERE ctid = {ONE_LINE.format('4101')}"),
    ("whose a line is", "UPDATE ledger_lines SET person = 'tom-vermeulen' WHERE person = 'lea-dubois'"),
    ("of which lot a line is", "UPDATE ledger_lines SET lot = 'G1' WHERE lot = '3A'"),
    ("a line", f"DELETE FROM ledger_lines WHERE ctid = {ONE_LINE.format('4101')}"),
    (
        "the order of two lines",
        "UPDATE ledger_lines SET line = CASE line WHEN 0 THEN 901 ELSE 900 END"
        f" WHERE line < 2 AND entry = {AN_ENTRY.format('call')}",
    ),
    *(
        (f"{column} of an entry", f"UPDATE ledger_entries SET {column} = {value} WHERE number = 12")
        for column, value in {
            "kind": "'payment'",
            "source": "source || 'x'",
            "booked_on": "booked_on + 1",
            "known_on": "known_on - 1",
            "due": "due + 1",
            "fund": "'exceptional'",
            "reverses": "1",
            "previous": "sha256('x')",
            "hash": "sha256('x')",
        }.items()
    ),
    (
        "the last entry",
        "WITH last AS (SELECT max(number) AS number FROM ledger_entries), gone AS (DELETE FROM ledger_lines USING last"
        " WHERE entry = last.number) DELETE FROM ledger_entries USING last WHERE ledger_entries.number = last.number",
    ),
    (
        "an entry in the middle",
        "WITH gone AS (DELETE FROM ledger_lines WHERE entry = 40) DELETE FROM ledger_entries WHERE number = 40",
    ),
]
DOCUMENTS = [
    ("shares", "UPDATE lots SET shares = shares + 1 WHERE lot = '3A'"),
    (
        "shares moved",
        "UPDATE lots SET shares = shares + CASE lot WHEN '3A' THEN 1 ELSE -1 END WHERE lot IN ('3A', '2B')",
    ),
    ("the order of the lots", "UPDATE lots SET position = 100 - position"),
    ("a weight", "UPDATE distribution_weights SET weight = weight + 1 WHERE position = 2"),
    ("a key", "DELETE FROM distribution_weights WHERE key = 'lift'"),
    ("a fraction", "UPDATE ownership SET numerator = 1 WHERE numerator = 2"),
    ("an owner", "UPDATE ownership SET person = 'tom-vermeulen' WHERE lot = '3A'"),
    ("a day of a sale", "UPDATE ownership SET last = last - 1 WHERE last IS NOT NULL"),
    ("a right", "UPDATE ownership SET \"right\" = 'bare' WHERE \"right\" = 'usufruct'"),
    ("all owners of a lot", "DELETE FROM ownership WHERE lot = '1A'"),
    ("the day of an expense", "UPDATE expenses SET day = day - 100 WHERE position = 3"),
    ("the account of an expense", "UPDATE expenses SET account = '61999' WHERE position = 3"),
    ("the key of an expense", "UPDATE expenses SET key = 'general' WHERE key NOT IN ('', 'general')"),
    ("the nature of an expense", "UPDATE expenses SET nature = 'extraordinary' WHERE position < 20"),
    ("who pays an expense", "UPDATE expenses SET fund = 'reserve' WHERE position = 3"),
    ("a due date", "UPDATE calls SET due = due + 1 WHERE position = 3"),
    ("the period of a settlement", "UPDATE settlements SET last = last - 31 WHERE position = 2"),
    ("the payer of a payment", "UPDATE payments SET person = 'lea-dubois' WHERE person = 'tom-vermeulen'"),
    ("where a payment came in", "UPDATE payments SET source = 'cash' WHERE position = 5"),
    ("a document", "DELETE FROM expenses WHERE position = 3"),
    (
        "a document twice",
        "INSERT INTO openings SELECT organisation_id, building_id, 99, person, day + 1, 1 FROM openings LIMIT 1",
    ),
]


@pytest.mark.parametrize(
    ("what", "statement"), CENTS + BOOKS + DOCUMENTS, ids=[what for what, _ in CENTS + BOOKS + DOCUMENTS]
)
async def test_a_change_behind_the_back_of_the_program_is_found(
    sample: Sample, catalogues: Catalogues, what: str, statement: str
) -> None:
    assert await tamper(sample, statement) > 0
    wrong = await verified(sample)
    assert wrong, what
    for text in wrong:
        assert {text.key.split(".")[0]} == {"verify"}
        assert len({words(text) for words in catalogues.values()}) == len(catalogues)


async def test_a_changed_entry_is_named(sample: Sample) -> None:
    await tamper(
        sample, f"UPDATE ledger_lines SET cents = cents + 1 WHERE entry = {AN_ENTRY.format('call')} AND line = 0"
    )
    chain, unbalanced, differs, balance = await verified(sample)
    assert [text.key for text in (chain, unbalanced)] == ["verify.chain", "verify.unbalanced"]
    assert chain.values == unbalanced.values
    assert differs.key == "verify.differs"
    assert str(differs.values["source"]).startswith("call:")
    assert balance.values["stored"] == Money(balance.values["computed"].cents + 1)  # type: ignore[union-attr]


async def test_a_missing_document_is_named(sample: Sample) -> None:
    await tamper(sample, "DELETE FROM payments WHERE position = 0")
    (unfounded, balance) = await verified(sample)
    assert unfounded.key == "verify.unfounded"
    assert str(unfounded.values["source"]).startswith("payment:")
    assert balance.key == "verify.balance"


async def test_an_entry_that_was_added_to_the_chain_with_skill_is_found(sample: Sample) -> None:
    """A bill booked a second time: every hash fits, no person's balance changes."""
    building = sample.known.building_id
    async with sample.database.work(sample.organisation) as uow:
        books = await bookkeeping.ledger.books(uow, building)
        bill = next(booked for booked in books if booked.entry.kind == "expense")
        await bookkeeping.ledger.book(uow, building, [bill.entry])
        (wrong,) = await bookkeeping.verify(uow, building)
    assert (wrong.key, wrong.values["source"]) == ("verify.unfounded", bill.entry.source)
