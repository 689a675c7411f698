"""What every owner is told he owes, for every quarter of the sample building and at many moments, against the naive recomputation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from core.kernel.clock import BRUSSELS
from tests import oracle
from tests.ground_floor import SAMPLE, Sample
from tests.koprogo.conftest import Command
from tests.talking import Card, Talking, cents, seat

FILES = oracle.read(SAMPLE)
PEOPLE = {row["person"]: row for row in FILES.rows("people")}
OWNERS = oracle.persons_with_account(FILES)
QUARTERS = [*oracle.quarters(FILES, 2025), *oracle.quarters(FILES, 2026), oracle.quarters(FILES, 2027)[0]]
ASKING = {
    "fr": "combien je dois pour le {number}e trimestre {year} ?",
    "nl": "hoeveel moet ik betalen voor het {number}e kwartaal {year}?",
    "de": "was schulde ich für das {number}. Quartal {year}?",
    "en": "what do I owe for quarter {number} of {year}?",
}
EXPLAINING = {
    "fr": "explique-moi le montant du {number}e trimestre {year}",
    "nl": "waar komt het bedrag van het {number}e kwartaal {year} vandaan?",
    "de": "erkläre mir den Betrag vom {number}. Quartal {year}",
    "en": "explain the amount of quarter {number} of {year}",
}
LEADING = ["balance_now", "to_pay", "due", "account", "communication"]
REST = ["opening", "called_working", "called_reserve", "called_exceptional", "settled", "paid"]


def within(first: date, last: date) -> Iterator[datetime]:
    """When people ask about the quarter they are in: on its edges, and around its bills."""
    yield at_noon(first)
    for days in (20, 58, 75):
        yield at_noon(first + timedelta(days=days))
    yield datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=BRUSSELS)


def around(first: date, last: date) -> Iterator[datetime]:
    """When people ask about a quarter by its name: before its bills, after them, in the next quarter, and long before or after."""
    yield at_noon(first + timedelta(days=20))
    yield datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=BRUSSELS)
    yield at_noon(last + timedelta(days=1))
    yield at_noon(last + timedelta(days=45))
    yield datetime(2026, 11, 22, 10, 0, tzinfo=BRUSSELS)
    yield datetime(2027, 3, 1, 0, 0, tzinfo=BRUSSELS)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, 0, tzinfo=BRUSSELS)


def expected(
    entries: list[oracle.Entry], quarter: tuple[date, date], asked: datetime
) -> tuple[dict[str, int], str | None]:
    """The amounts that the answer carries, and its due date."""
    answer = oracle.answer(entries, *quarter, asked)
    amounts = {key: getattr(answer, key) for key in REST if getattr(answer, key)}
    present = oracle.quarter_of(FILES, oracle.day_of(asked))
    if quarter[1] < present[0]:
        amounts["balance_now"] = oracle.answer(entries, *present, asked).to_pay
    return {"to_pay": answer.to_pay, **amounts}, answer.due.isoformat() if answer.due else None


def due(card: Card) -> str | None:
    return next((fact["date"] for fact in card["facts"] if fact.get("key") == "due"), None)


def handle(person: str) -> str:
    return PEOPLE[person]["email"] or f"{person}@terminal.example"


@pytest.fixture
async def seated(talking: Talking, sample: Sample) -> Talking:
    """Everybody with an account has a terminal, also who has no e-mail."""
    for person in OWNERS:
        if not PEOPLE[person]["email"]:
            await seat(sample, person, handle(person))
    return talking


@pytest.mark.parametrize("person", OWNERS)
async def test_every_quarter_by_name(seated: Talking, person: str) -> None:
    entries = oracle.account(FILES, person)
    for first, last in QUARTERS:
        number, year = (first.month + 2) // 3, first.year
        asking = ASKING[PEOPLE[person]["language"]].format(number=number, year=year)
        for asked in around(first, last):
            seated.clock.now = asked.astimezone(UTC)
            (card,) = await seated.say(handle(person), asking)
            amounts, day = expected(entries, (first, last), asked)
            assert cents(card) == amounts, (person, first, asked)
            assert due(card) == day, (person, first, asked)


@pytest.mark.parametrize("person", OWNERS)
async def test_this_quarter_in_french(seated: Talking, person: str) -> None:
    entries = oracle.account(FILES, person)
    for quarter in QUARTERS:
        for asked in within(*quarter):
            seated.clock.now = asked.astimezone(UTC)
            present = oracle.quarter_of(FILES, oracle.day_of(asked))
            (card,) = await seated.say(handle(person), "combien je dois ce trimestre ?")
            amounts, day = expected(entries, present, asked)
            assert cents(card) == amounts, (person, asked)
            assert due(card) == day, (person, asked)
            leads(card, amounts["to_pay"])


def leads(card: Card, to_pay: int) -> None:
    """Amount, due date, account and communication stand first, then the parts; what can be done about it follows."""
    keys = [fact.get("key") for fact in card["facts"]]
    assert keys == [key for key in (*LEADING, *REST) if key in keys]
    assert ("account" in keys) == ("communication" in keys) == (to_pay > 0)
    if to_pay > 0:
        facts = {fact["key"]: fact["value"] for fact in card["facts"]}
        assert facts["account"].replace(" ", "").replace("\u00a0", "") == "BE68539007547034"
        digits = "".join(sign for sign in facts["communication"] if sign.isdigit())
        assert len(digits) == 12
        assert int(digits[10:]) == (int(digits[:10]) % 97 or 97)
        assert facts["to_pay"] in card["title"]
    assert len(card["choices"]) == 1 + (to_pay > 0)


@pytest.mark.parametrize("person", OWNERS)
async def test_the_parts_add_up_to_the_whole(seated: Talking, person: str) -> None:
    entries = oracle.account(FILES, person)
    asked = datetime(2027, 2, 15, 12, 0, tzinfo=BRUSSELS)
    seated.clock.now = asked.astimezone(UTC)
    language = PEOPLE[person]["language"]
    for first, last in QUARTERS:
        text = EXPLAINING[language].format(number=(first.month + 2) // 3, year=first.year)
        (card,) = await seated.say(handle(person), text)
        answer = oracle.answer(entries, first, last, asked)
        subtotals = adding_up(card)
        wanted = {key: getattr(answer, key) for key in REST if getattr(answer, key)}
        assert {key: value for key, value in subtotals.items() if value} == {
            **wanted,
            **({"to_pay": answer.to_pay} if answer.to_pay else {}),
        }, (person, first)


def adding_up(card: Card) -> dict[str, int]:
    """The subtotals of an explanation, each checked against the lines above it."""
    parts, real, settled, totals = 0, 0, 0, dict[str, int]()
    for fact in card["facts"]:
        key, amount = fact["key"], fact["amount_cents"]
        if key == "part":
            parts += amount
        elif key in ("called_working", "called_reserve", "called_exceptional"):
            assert amount == parts
            parts, totals[key] = 0, amount
        elif key == "real":
            assert amount == parts
            parts, real = 0, amount
        elif key == "provisions":
            settled = real + amount
        elif key == "settled":
            assert amount == settled
            totals[key] = totals.get(key, 0) + amount
        else:
            totals[key] = amount
    assert parts == 0
    whole = sum(amount for key, amount in totals.items() if key not in ("paid", "to_pay"))
    assert whole - totals.get("paid", 0) == totals["to_pay"]
    return totals


async def test_communications_are_unique(seated: Talking) -> None:
    seated.clock.now = datetime(2025, 2, 1, 12, 0, tzinfo=UTC)
    seen = {}
    for person in OWNERS:
        (card,) = await seated.say(handle(person), "combien je dois ce trimestre ?")
        seen[person] = next((fact["value"] for fact in card["facts"] if fact.get("key") == "communication"), person)
    assert len(set(seen.values())) == len(OWNERS)


@pytest.mark.parametrize(
    ("person", "asked"),
    [("lea-dubois", "2026-11-22T10:30"), ("werner-klein", "2026-05-01"), ("james-carter", "2026-11-22T08:00:00Z")],
)
def test_by_the_command(koprogo: Command, person: str, asked: str) -> None:
    ran = koprogo("chat", "--as", handle(person), "--at", asked, "--json", "combien je dois ce trimestre ?")
    assert (ran.code, ran.err) == (0, "")
    moment = datetime.fromisoformat(asked)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=BRUSSELS)
    quarter = oracle.quarter_of(FILES, oracle.day_of(moment))
    (card,) = ran.json
    assert (cents(card), due(card)) == expected(oracle.account(FILES, person), quarter, moment)
