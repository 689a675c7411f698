"""What is said about money: the figures that scripts rely on, the choices that are offered, words in four languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from core.buildings.model import Building, Known
from core.charges import cards
from core.charges import service as charges
from core.charges.accounts.model import FundBalance, Owed
from core.charges.explanations.model import Explanation, Item
from core.kernel.i18n import Catalogues
from core.kernel.money import Money
from core.kernel.periods import Period
from core.kernel.text import Text
from core.messaging.card import Card
from core.people.model import Membership, Place
from tests import oracle
from tests.core.small import day, expense, payment
from tests.ground_floor import SAMPLE, Sample

TODAY = day("2026-11-22")
NOW = Period(day("2026-10-01"), day("2026-12-31"))
PAST = Period(day("2026-07-01"), day("2026-09-30"))
PLACE = Place(
    Known(UUID(int=1), 42, Building("ACP Rue Haute", "haute", working_iban="BE68539007547034")),
    Membership(UUID(int=1), "ann", 7, ("owner",)),
    True,
)
NO_IBAN = replace(PLACE, known=replace(PLACE.known, building=Building("ACP Rue Haute", "haute")))
DUE = day("2026-11-30")


def answer(period: Period = NOW, to_pay: int = 0, due: date | None = None, **rest: int) -> Owed:
    called = {fund: rest.pop(fund, 0) for fund in ("working", "reserve", "exceptional")}
    return Owed(period, to_pay, rest.pop("opening", 0), called, due=due, **rest)


OWES = answer(to_pay=41_100, due=DUE, opening=12_000, working=41_100, reserve=500, settled=-2_500, paid=10_000)
CREDIT = answer(to_pay=-2_512, opening=-2_512)
EVEN = answer()


def said(card: Card[Text], catalogues: Catalogues) -> dict[str, Card[str]]:
    """The card in each language, whole: no hole is left in it."""
    found = {language: card.map(words) for language, words in catalogues.items()}
    for each in found.values():
        texts = [each.title, *each.body, *(fact.label for fact in each.facts), *(fact.value for fact in each.facts)]
        texts += [choice.label for choice in each.choices]
        assert all(text and "{" not in text for text in texts)
    return found


def facts(card: Card[Text]) -> dict[str, int | date | None]:
    """What scripts rely on: cents, or the day."""
    return {fact.key: fact.day if fact.cents is None else fact.cents for fact in card.facts if fact.key}


def intents(card: Card[Text]) -> list[str]:
    return [choice.intent.name for choice in card.choices]


# --------------------------------------------------------------------------------------------------------- what is owed


def test_what_is_to_pay_leads_and_the_rest_adds_up(catalogues: Catalogues) -> None:
    card = cards.owed(PLACE, OWES, OWES, TODAY)
    assert facts(card) == {
        "to_pay": 41_100,
        "due": DUE,
        "account": None,
        "communication": None,
        "opening": 12_000,
        "called_working": 41_100,
        "called_reserve": 500,
        "settled": -2_500,
        "paid": 10_000,
    }
    assert [fact.key for fact in card.facts][:4] == ["to_pay", "due", "account", "communication"]
    assert intents(card) == ["charges.explain", "charges.pay"]
    assert dict(card.choices[0].intent.slots) == {"building": "haute", "period": "2026-10-01/2026-12-31"}
    for each in said(card, catalogues).values():
        values = {fact.key: fact.value for fact in each.facts}
        assert values["account"] == "BE68 5390 0754 7034"
        assert values["communication"] == PLACE.communication == "+++000/4200/07067+++"
        assert "411" in each.title


def test_nothing_to_pay_is_said_without_a_way_to_pay(catalogues: Catalogues) -> None:
    for each in (EVEN, CREDIT):
        card = cards.owed(PLACE, each, each, TODAY)
        assert set(facts(card)) <= {"to_pay", "opening"}
        assert facts(card)["to_pay"] == each.to_pay
        assert intents(card) == ["charges.explain"]
        said(card, catalogues)
    for each in said(cards.owed(PLACE, CREDIT, CREDIT, TODAY), catalogues).values():
        assert "-" not in each.facts[0].value  # a credit is said in words
        assert "25" in each.title


@pytest.mark.parametrize("then", [answer(PAST, 100, DUE, opening=100), answer(PAST), answer(PAST, -300, opening=-300)])
@pytest.mark.parametrize("now", [OWES, CREDIT, EVEN])
def test_a_period_that_is_over_is_led_by_what_is_to_pay_today(catalogues: Catalogues, then: Owed, now: Owed) -> None:
    card = cards.owed(PLACE, then, now, TODAY)
    assert [fact.key for fact in card.facts][:2] == ["balance_now", "to_pay"]
    found = facts(card)
    assert (found["balance_now"], found["to_pay"]) == (now.to_pay, then.to_pay)
    assert ("account" in found) == (now.to_pay > 0)
    assert ("charges.pay" in intents(card)) == (now.to_pay > 0)
    said(card, catalogues)


def test_a_refund_of_the_period_is_said_so(catalogues: Catalogues) -> None:
    refunded = answer(to_pay=500, paid=-500)
    card = cards.owed(PLACE, refunded, refunded, TODAY)
    assert facts(card)["paid"] == -500
    for each in said(card, catalogues).values():
        assert "-" not in next(fact.value for fact in each.facts if fact.key == "paid")


def test_a_due_date_that_has_passed_is_said(catalogues: Catalogues) -> None:
    late = replace(OWES, due=day("2026-11-01"))
    titles = [
        {language: each.title for language, each in said(cards.owed(PLACE, one, one, TODAY), catalogues).items()}
        for one in (OWES, late, replace(OWES, due=None))
    ]
    for language in catalogues:
        assert len({title[language] for title in titles}) == 3


async def test_the_card_of_every_owner_says_what_the_oracle_does(sample: Sample, catalogues: Catalogues) -> None:
    files = oracle.read(SAMPLE)
    quarter = oracle.quarter_of(files, TODAY)
    async with sample.database.work(sample.organisation) as uow:
        for person, place in (await sample.places(uow)).items():
            (account,) = await charges.accounts(uow, [place])
            if not account.exists:
                continue
            expected = oracle.owed(files, person, *quarter, TODAY)
            now = charges.owed_now(uow, account)
            found = facts(cards.owed(place, now, now, TODAY))
            names = ("to_pay", "opening", "called_working", "called_reserve", "called_exceptional", "settled", "paid")
            assert {name: found.get(name, 0) for name in names} == {name: getattr(expected, name) for name in names}
            assert all(found[name] for name in names[1:] if name in found)  # what is zero is left out
            assert found.get("due") == expected.due
            explanation = await charges.explained(uow, account, now.period)
            said(cards.explained(place, now, explanation, "", None), catalogues)
            said(cards.pay(place, now), catalogues)
            said(cards.paid(place, await charges.payments(uow, place), now), catalogues)


# ------------------------------------------------------------------------------------------------------------ how to pay


def test_how_to_pay(catalogues: Catalogues) -> None:
    card = cards.pay(PLACE, OWES)
    assert facts(card) == {"to_pay": 41_100, "due": DUE, "beneficiary": None, "account": None, "communication": None}
    (code,) = card.attachments
    assert (code.kind, dict(code.values)) == (
        "epc_qr",
        {
            "name": "ACP Rue Haute",
            "iban": "BE68539007547034",
            "amount": Money(41_100),
            "communication": PLACE.communication,
        },
    )
    said(card, catalogues)
    assert "due" not in facts(cards.pay(PLACE, replace(OWES, due=None)))


def test_without_an_account_there_is_no_code(catalogues: Catalogues) -> None:
    card = cards.pay(NO_IBAN, OWES)
    assert card.attachments == ()
    assert "communication" not in facts(card)
    said(card, catalogues)


@pytest.mark.parametrize("now", [EVEN, CREDIT])
def test_who_owes_nothing_is_not_asked_to_pay(catalogues: Catalogues, now: Owed) -> None:
    card = cards.pay(PLACE, now)
    assert facts(card) == {"to_pay": now.to_pay}
    assert card.attachments == ()
    assert intents(card) == ["charges.owed"]
    said(card, catalogues)


# ------------------------------------------------------------------------------------------------------------ what arrived


def test_what_arrived(catalogues: Catalogues) -> None:
    rows = [payment("2026-11-01", "ann", 500, source=source) for source in ("bank", "cash", "other")]
    card = cards.paid(PLACE, [*rows, payment("2026-10-01", "ann", -20)], OWES)
    assert [(fact.key, fact.cents, fact.day) for fact in card.facts] == [
        *[("payment", 500, day("2026-11-01"))] * 3,
        ("payment", -20, day("2026-10-01")),
        ("to_pay", 41_100, None),
    ]
    assert intents(card) == ["charges.owed", "charges.pay"]
    for each in said(card, catalogues).values():
        assert len({fact.label for fact in each.facts}) == 5
    refunded = cards.paid(PLACE, [payment("2026-11-01", "ann", -500)], EVEN)
    assert refunded.title.key != card.title.key
    assert intents(refunded) == ["charges.owed"]
    none = cards.paid(PLACE, [], CREDIT)
    assert facts(none) == {"to_pay": CREDIT.to_pay}
    said(refunded, catalogues)
    said(none, catalogues)


# ------------------------------------------------------------------------------------------------------------ the building


def test_the_invoices_of_a_period(catalogues: Catalogues) -> None:
    rows = [expense(str(number), "2026-11-01", 100 + number) for number in range(cards.MOST_LINES + 2)]
    card = cards.expenses(PLACE, NOW, rows, "", False)
    assert facts(card) == {"total": sum(row.total for row in rows)}
    assert len(card.facts) == cards.MOST_LINES + 1
    assert len(card.body) == 2
    said(card, catalogues)
    few = cards.expenses(PLACE, NOW, rows[:1], "lift", False)
    assert [fact.cents for fact in few.facts] == [100, 100]
    assert len(few.body) == 2
    assert len(cards.expenses(PLACE, NOW, rows[:1], "lift", True).body) == 1
    said(few, catalogues)
    said(cards.expenses(PLACE, NOW, rows[: cards.MOST_LINES + 1], "", False), catalogues)


def test_no_invoice_is_said_so(catalogues: Catalogues) -> None:
    card = cards.expenses(PLACE, NOW, [], "", False)
    assert card.facts == ()
    said(card, catalogues)


@pytest.mark.parametrize("reserve", [5_000, 0, -1])
def test_what_the_funds_hold(catalogues: Catalogues, reserve: int) -> None:
    balances = [FundBalance("reserve", reserve, 0), FundBalance("working", 10, 20), FundBalance("exceptional", 0, 0)]
    card = cards.funds(PLACE, balances, TODAY)
    assert {"fund_reserve": reserve, "fund_working": -10}.items() <= facts(card).items()
    said(card, catalogues)


def test_who_has_no_account_is_told_kindly_and_what_he_can_ask(catalogues: Catalogues) -> None:
    for card in (cards.no_account(PLACE), cards.for_owners(PLACE)):
        assert intents(card)
        assert card.body
        said(card, catalogues)


# ------------------------------------------------------------------------------------------------------------- explanations


def item(**rest: object) -> Item:
    given: dict[str, object] = {
        **{"number": "1", "day": DUE, "title": "Title", "supplier": "", "key": "general", "total": 1000},
        **{"weight": 137, "whole": 1000, "lot": "A", "lot_part": 137, "share": Fraction(1), "part": 137},
    }
    return Item(**(given | rest))  # type: ignore[arg-type]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(
    "how",
    [{}, {"lot_part": 138}, {"key": "", "weight": 1, "whole": 1, "lot_part": 1000}, {"supplier": "Net & Clair"}],
)
def test_an_item_says_how_it_came_about(catalogues: Catalogues, how: dict[str, object], shared: bool) -> None:
    given = {**how, "share": Fraction(1, 3), "part": 46} if shared else how
    card = cards.explained(PLACE, OWES, Explanation(NOW, (item(**given),), ()), "", None)
    for each in said(card, catalogues).values():
        line = next(fact.value for fact in each.facts if fact.key == "part")
        assert ("1/3" in line) is shared


def test_an_explanation_about_a_topic_is_of_what_was_found(catalogues: Catalogues) -> None:
    chosen = [item(part=5), item(part=-2)]
    card = cards.explained(PLACE, OWES, Explanation(NOW, tuple(chosen), ()), "lift", chosen)
    assert facts(card) == {"part": -2, "your_part": 3}
    said(card, catalogues)
    unknown = cards.explained(PLACE, OWES, Explanation(NOW, tuple(chosen), ()), "ladder", None)
    assert any(text.values.get("topic") == "ladder" for text in unknown.body)
    said(unknown, catalogues)


@pytest.mark.parametrize("now", [OWES, CREDIT, EVEN])
def test_an_empty_explanation_is_no_empty_card(catalogues: Catalogues, now: Owed) -> None:
    card = cards.explained(PLACE, now, Explanation(NOW, (), ()), "", None)
    assert facts(card)["to_pay"] == now.to_pay
    assert ("charges.pay" in intents(card)) == (now.to_pay > 0)
    said(card, catalogues)
