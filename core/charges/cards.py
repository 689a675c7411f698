"""What is said about money. Pure: from what is known to a card in no language yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from core.buildings.model import Known
from core.charges.accounts.model import FundBalance, Owed
from core.charges.explanations.model import Explanation, Item
from core.charges.model import EXCEPTIONAL, FUNDS, RESERVE, WORKING, Call, Expense, Payment
from core.kernel.banking import spaced_iban
from core.kernel.money import Money
from core.kernel.periods import Period
from core.kernel.text import Text, Value, literal, say
from core.messaging.card import Attachment, Card, Choice, Fact
from core.messaging.event import Event, uid_of
from core.messaging.intent import Intent
from core.people.model import Place

MOST_LINES = 60
"""Invoices that one card lists; the rest is counted."""


def owed(place: Place, answer: Owed, now: Owed, today: date) -> Card[Text]:
    """What is to pay in a period; one that is over is led by what is to pay today (`now`)."""
    past = answer.period.last < today
    facts: list[Fact[Text]] = []
    if past:
        facts.append(_money("balance_now", now.to_pay))
    then = "balance_then" if answer.to_pay < 0 else "to_pay_then"
    facts.append(_money("to_pay", answer.to_pay, then if past else ""))
    if answer.due:
        facts.append(Fact(say("charges.fact.due"), literal(answer.due), "due", day=answer.due))
    if (now if past else answer).to_pay > 0:
        facts += _where_to_pay(place)
    facts += _breakdown(answer)
    body = [say("charges.owed.about", building=place.building.name, period=answer.period)]
    if past:
        how = "owed" if answer.to_pay > 0 else "credit" if answer.to_pay < 0 else "even"
        body.append(say(f"charges.owed.past_{how}", period=answer.period, amount=Money(abs(answer.to_pay))))
    choices = [_choice("charges.explain", "charges.choice.explain", place, answer.period)]
    if now.to_pay > 0:
        choices.append(_choice("charges.pay", "charges.choice.pay", place))
    return Card(_owed_title(now if past else answer, today), tuple(body), tuple(facts), tuple(choices))


def no_account(place: Place) -> Card[Text]:
    """For somebody without an account in the building: a tenant, say."""
    return Card(
        say("charges.no_account.title"),
        (say("charges.no_account.body", building=place.building.name),),
        choices=(
            Choice(Intent("human"), say("bot.choice.human")),
            Choice(Intent("help"), say("bot.choice.help")),
        ),
    )


def for_owners(place: Place) -> Card[Text]:
    """For somebody who owns nothing in the building and asks for its accounts."""
    return Card(
        say("charges.for_owners.title", building=place.building.name),
        (say("charges.for_owners.body"),),
        choices=(
            Choice(Intent("human"), say("bot.choice.human")),
            Choice(Intent("help"), say("bot.choice.help")),
        ),
    )


def pay(place: Place, now: Owed) -> Card[Text]:
    """How to pay what is to pay now: account, amount, communication, and the same as an EPC QR code."""
    if now.to_pay <= 0:
        key = "charges.pay.nothing" if now.to_pay == 0 else "charges.pay.credit"
        return Card(
            say(f"{key}.title", amount=Money(abs(now.to_pay))),
            (say(f"{key}.body", building=place.building.name),),
            (_money("to_pay", now.to_pay),),
            (_choice("charges.owed", "charges.choice.owed", place),),
        )
    facts = [_money("to_pay", now.to_pay)]
    if now.due:
        facts.append(Fact(say("charges.fact.due"), literal(now.due), "due", day=now.due))
    body = [say("charges.pay.body", building=place.building.name)]
    attachments: tuple[Attachment, ...] = ()
    if place.building.working_iban:
        body.append(say("charges.pay.qr"))
        attachments = (
            Attachment(
                "epc_qr",
                {
                    "name": place.building.name,
                    "iban": place.building.working_iban,
                    "amount": Money(now.to_pay),
                    "communication": place.communication,
                },
            ),
        )
    facts.append(Fact(say("charges.fact.beneficiary"), literal(place.building.name), "beneficiary"))
    facts += _where_to_pay(place)
    return Card(
        say("charges.pay.title", amount=Money(now.to_pay)),
        tuple(body),
        tuple(facts),
        (_choice("charges.explain", "charges.choice.explain", place, now.period),),
        attachments,
    )


def paid(place: Place, payments: Sequence[Payment], now: Owed) -> Card[Text]:
    """The payments that arrived last, newest first, and what remains to pay."""
    facts = [
        Fact(
            say("charges.paid.refund" if payment.cents < 0 else f"charges.paid.{payment.source}", day=payment.day),
            literal(Money(abs(payment.cents))),
            "payment",
            payment.cents,
            payment.day,
        )
        for payment in payments
    ]
    facts.append(_money("to_pay", now.to_pay))
    if payments:
        latest = payments[0]
        title = say("charges.paid.title", amount=Money(abs(latest.cents)), day=latest.day)
        if latest.cents < 0:
            title = say("charges.paid.refunded", amount=Money(abs(latest.cents)), day=latest.day)
        body: tuple[Text, ...] = (say("charges.paid.body", building=place.building.name),)
    else:
        title = say("charges.paid.none")
        body = (say("charges.paid.none_body", building=place.building.name),)
    choices = [_choice("charges.owed", "charges.choice.owed", place)]
    if now.to_pay > 0:
        choices.append(_choice("charges.pay", "charges.choice.pay", place))
    return Card(title, body, tuple(facts), tuple(choices))


def expenses(place: Place, period: Period, rows: Sequence[Expense], topic: str, topic_found: bool) -> Card[Text]:
    """The invoices of the building in a period, oldest first, with their sum."""
    total = sum(row.total for row in rows)
    facts = [
        Fact(
            say("charges.expenses.line", day=row.day, supplier=row.supplier, description=row.description),
            literal(Money(row.total)),
            None,
            row.total,
            row.day,
        )
        for row in rows[:MOST_LINES]
    ]
    facts.append(_money("total", total))
    body = [say("charges.expenses.about", building=place.building.name, period=period)]
    if topic and not topic_found:
        body.append(say("charges.expenses.topic_unknown", topic=topic))
    if len(rows) > MOST_LINES:
        body.append(say("charges.expenses.more", count=len(rows) - MOST_LINES))
    if not rows:
        return Card(say("charges.expenses.none", building=place.building.name, period=period))
    title = say("charges.expenses.title", count=len(rows), amount=Money(total))
    return Card(title, tuple(body), tuple(facts))


def funds(place: Place, balances: Sequence[FundBalance], day: date) -> Card[Text]:
    """What each fund holds by the books."""
    facts = []
    for fund in balances:
        facts.append(
            Fact(say(f"charges.fund.{fund.fund}"), literal(Money(fund.balance)), f"fund_{fund.fund}", fund.balance)
        )
    reserve = next(fund for fund in balances if fund.fund == RESERVE)
    return Card(
        say(
            "charges.funds.title" if reserve.balance >= 0 else "charges.funds.title_short",
            amount=Money(abs(reserve.balance)),
        ),
        (say("charges.funds.about", building=place.building.name, day=day), say("charges.funds.meaning")),
        tuple(facts),
    )


def explained(
    place: Place, answer: Owed, explanation: Explanation, topic: str, chosen: Sequence[Item] | None
) -> Card[Text]:
    """Where an amount comes from, item by item; `chosen`: only those that the topic is about."""
    if chosen is not None:
        return _explained_topic(place, answer.period, topic, chosen)
    body = [say("charges.explain.about", building=place.building.name, period=answer.period)]
    if topic:
        body.append(say("charges.explain.topic_unknown", topic=topic))
    facts: list[Fact[Text]] = []
    if answer.opening:
        facts.append(_money("opening", answer.opening))
    for fund in FUNDS:
        calls = [item for item in explanation.calls if item.fund == fund]
        facts += [_item(item) for item in calls]
        if calls:
            facts.append(_money(f"called_{fund}", sum(item.part for item in calls)))
    for closing in explanation.closings:
        settled = Period(closing.settlement.first, closing.settlement.last)
        facts += [_item(item) for item in closing.expenses]
        real = sum(item.part for item in closing.expenses)
        facts.append(Fact(say("charges.explain.real", period=settled), literal(Money(real)), "real", real))
        facts.append(
            Fact(
                say("charges.explain.provisions", period=settled),
                literal(Money(-closing.called)),
                "provisions",
                -closing.called,
            )
        )
        facts.append(
            Fact(say("charges.explain.settled", period=settled), _in_words(closing.result), "settled", closing.result)
        )
    if answer.paid:
        facts.append(_money("paid", answer.paid))
    facts.append(_money("to_pay", answer.to_pay))
    if any(item.rounded for item in explanation.items):
        body.append(say("charges.explain.rounding"))
    if not explanation.items and not answer.opening and not answer.paid:
        body.append(say("charges.explain.nothing"))
    choices = [_choice("charges.pay", "charges.choice.pay", place)] if answer.to_pay > 0 else []
    return Card(_explained_title(answer), tuple(body), tuple(facts), tuple(choices))


def _explained_topic(place: Place, period: Period, topic: str, chosen: Sequence[Item]) -> Card[Text]:
    """Advances and real charges are never added up: the ones take the place of the others."""
    about = say("charges.explain.about", building=place.building.name, period=period)
    choices = (_choice("charges.explain", "charges.choice.explain_all", place, period),)
    advances = [item for item in chosen if not item.supplier]
    real = [item for item in chosen if item.supplier]
    called, charged = sum(item.part for item in advances), sum(item.part for item in real)
    if not advances or not real:
        facts = [*map(_item, chosen), _money("your_part", called + charged)]
        title = say("charges.explain.topic_title", topic=topic, amount=Money(called + charged))
        return Card(title, (about,), tuple(facts), choices)
    facts = [*map(_item, advances), _money("your_advances", called), *map(_item, real), _money("your_charges", charged)]
    title = say("charges.explain.topic_both", topic=topic, called=Money(called), charged=Money(charged))
    return Card(title, (about, say("charges.explain.topic_netted")), tuple(facts), choices)


def _item(item: Item) -> Fact[Text]:
    if item.supplier:
        label = say(
            "charges.explain.expense", number=item.number, day=item.day, supplier=item.supplier, title=item.title
        )
    else:
        label = say("charges.explain.call", number=item.number, day=item.day, title=item.title)
    values: dict[str, Value] = {
        "total": Money(item.total),
        "weight": item.weight,
        "whole": item.whole,
        "lot": item.lot,
        "lot_part": Money(item.lot_part),
        "part": Money(item.part),
        "share": item.share,
    }
    how = "private" if item.whole == item.weight == 1 and not item.key else "rounded" if item.rounded else "split"
    shared = "_shared" if item.share != 1 else ""
    return Fact(label, Text(f"charges.explain.{how}{shared}", values), "part", item.part, item.day)


def _breakdown(answer: Owed) -> list[Fact[Text]]:
    rows = [("opening", answer.opening)]
    rows += [(f"called_{fund}", answer.called.get(fund, 0)) for fund in (WORKING, RESERVE, EXCEPTIONAL)]
    rows += [("settled", answer.settled), ("paid", answer.paid)]
    return [_money(key, cents) for key, cents in rows if cents]


def _money(key: str, cents: int, label: str = "") -> Fact[Text]:
    """A fact that scripts rely on: money by its key. A credit and a refund are said so in words."""
    if key == "paid" and cents < 0:
        return Fact(say("charges.fact.refunded"), literal(Money(-cents)), key, cents)
    if key in ("to_pay", "balance_now", "opening", "settled"):
        label = "balance" if cents < 0 and key == "to_pay" and not label else label
        return Fact(say(f"charges.fact.{label or key}"), _in_words(cents), key, cents)
    return Fact(say(f"charges.fact.{key}"), literal(Money(cents)), key, cents)


def _in_words(cents: int) -> Text:
    return say("charges.value.credit", amount=Money(-cents)) if cents < 0 else literal(Money(cents))


def _where_to_pay(place: Place) -> list[Fact[Text]]:
    if not place.building.working_iban:
        return [Fact(say("charges.fact.account"), say("charges.value.no_account"), "account")]
    return [
        Fact(say("charges.fact.account"), literal(spaced_iban(place.building.working_iban)), "account"),
        Fact(say("charges.fact.communication"), literal(place.communication), "communication"),
    ]


def _owed_title(answer: Owed, today: date) -> Text:
    amount = Money(abs(answer.to_pay))
    if answer.to_pay < 0:
        return say("charges.owed.credit", amount=amount)
    if answer.to_pay == 0:
        return say("charges.owed.nothing")
    if answer.due:
        return say(
            "charges.owed.title_late" if answer.due < today else "charges.owed.title", amount=amount, due=answer.due
        )
    return say("charges.owed.title_undated", amount=amount)


def _explained_title(answer: Owed) -> Text:
    amount = Money(abs(answer.to_pay))
    if answer.to_pay < 0:
        return say("charges.explain.title_credit", amount=amount)
    if answer.to_pay == 0:
        return say("charges.explain.title_even")
    return say("charges.explain.title", amount=amount)


def _choice(intent: str, label: str, place: Place, period: Period | None = None) -> Choice[Text]:
    slots = {"building": place.building.slug}
    if period:
        slots["period"] = str(period)
    return Choice(Intent(intent, slots), say(label))


def due_in_calendar(known: Known, call: Call, changed: datetime) -> Event:
    """The day on which a call is due, for calendars; for whoever has to pay it, and the same one for all.

    `changed`: the instant at which it was last said. A call that is put off or withdrawn keeps its name: `moved`, `called_off`.
    """
    syndic = known.building.syndic
    return Event(
        uid_of(known.building_id, f"call:{call.number}"),
        say("charges.calendar.due", title=call.title, building=known.building.name),
        call.due,
        None,
        changed,
        organiser=(syndic.name, syndic.email),
    )
