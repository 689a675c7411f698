"""The yardstick itself, held against figures that were worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import (
    Files,
    Owed,
    account,
    answer,
    cents,
    owed,
    part_of_call,
    part_of_settlement,
    parts_of_lots,
    persons_with_account,
    quarter_of,
    quarters,
    read,
    split,
)

SAMPLE = Path(__file__).parents[1] / "koprogo" / "sample" / "residence-les-tilleuls"

HEADERS = {
    "lots": "lot,kind,floor,shares",
    "keys": "key,lot,weight",
    "people": "person,name,email,phone,language,roles,channels_accepted,accepted_on",
    "ownership": "lot,person,right,numerator,denominator,from,to,representative",
    "expenses": "number,date,supplier,description,net,vat_rate,total,account,key,nature,borne_by,document,private_lot,fund",
    "calls": "number,date,due,title,fund,total,key",
    "settlements": "number,period_from,period_to,date,due",
    "opening": "person,date,amount",
    "payments": "date,person,amount,reference,source",
}
Write = Callable[..., Files]

Q1 = (date(2026, 1, 1), date(2026, 3, 31))
Q2 = (date(2026, 4, 1), date(2026, 6, 30))
LATE = date(2026, 12, 31)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a small building and reads it back: one text of comma-separated lines for each file."""

    def build(financial_year_start: str = "01-01", **tables: str) -> Files:
        toml = f'name = "Three lots"\nfinancial_year_start = "{financial_year_start}"\n'
        (tmp_path / "building.toml").write_text(toml, encoding="utf-8")
        for name, text in tables.items():
            lines = [HEADERS[name], *(line.strip() for line in text.strip().splitlines())]
            (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read(tmp_path)

    return build


def expense(on: str, total: str, key: str = "general", nature: str = "ordinary", lot: str = "", fund: str = "") -> str:
    return f"{on}-{total},{on},Supplier,Something,{total},0,{total},61000,{key},{nature},owner,,{lot},{fund}"


ONE_LOT = "A,apartment,1,1000"
ANN_OWNS_IT = "A,ann,full,1,1,2020-01-01,,no"
FIRST_QUARTER = "D1,2026-01-01,2026-03-31,2026-04-20,2026-05-20"


# -------------------------------------------------------------------------------------------- splitting: golden figures


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (123456, (137, 263, 600), [16913, 32469, 74074]),
        (123457, (137, 263, 600), [16914, 32469, 74074]),
        (10000, (1, 1, 1), [3334, 3333, 3333]),
        (1, (137, 263, 600), [0, 0, 1]),
        (5, (250, 250, 250, 250), [2, 1, 1, 1]),
        (-5, (250, 250, 250, 250), [-2, -1, -1, -1]),
        (-123456, (137, 263, 600), [-16913, -32469, -74074]),
        (0, (1, 2), [0, 0]),
    ],
)
def test_an_amount_is_split_by_largest_remainder(amount: int, weights: tuple[int, ...], parts: list[int]) -> None:
    assert split(amount, [Fraction(weight) for weight in weights]) == parts


def test_nobody_to_pay_is_an_error() -> None:
    with pytest.raises(AssertionError, match="nobody"):
        split(100, [Fraction(0), Fraction(0)])


@given(st.integers(-(10**9), 10**9), st.lists(st.fractions(0, 1000, max_denominator=400), min_size=1))
def test_parts_add_up_and_are_less_than_a_cent_off(amount: int, weights: list[Fraction]) -> None:
    total = sum(weights)
    if total == 0:
        return
    parts = split(amount, weights)
    assert sum(parts) == amount
    assert all(abs(part - amount * weight / total) < 1 for part, weight in zip(parts, weights, strict=True))


def test_money_is_read_without_rounding() -> None:
    assert [cents(text) for text in ("1234.56", "-0.01", "0.29", "12")] == [123456, -1, 29, 1200]
    with pytest.raises(AssertionError):
        cents("0.005")


# ------------------------------------------------------------------------------------------- the statement of a quarter


def three_lots(write: Write, **tables: str) -> Files:
    return write(
        lots="A,apartment,0,137\nB,apartment,1,263\nC,apartment,2,600",
        keys="lift,B,350\nlift,C,650\nper_lot,A,1\nper_lot,B,1\nper_lot,C,1",
        ownership="\n".join(
            f"{lot},{name},full,1,1,2020-01-01,,no" for lot, name in (("A", "ann"), ("B", "bob"), ("C", "cem"))
        ),
        **tables,
    )


def test_the_quarterly_statement(write: Write) -> None:
    files = three_lots(
        write,
        expenses="\n".join(
            [
                expense("2026-01-15", "456.78"),
                expense("2026-01-31", "900.00"),
                expense("2026-02-10", "360.00", key="lift"),
                expense("2026-03-02", "600.00", key="per_lot"),
            ]
        ),
        calls="1,2026-01-05,2026-02-01,Working fund,working,3000.00,general\n2,2026-01-05,2026-02-01,Reserve fund,reserve,1500.00,general",
        settlements="D1,2026-01-01,2026-03-31,2026-03-31,2026-04-30",
        opening="ann,2025-12-31,120.00",
        payments="2026-01-30,ann,531.00,,bank\n2026-02-01,ann,205.50,,bank",
    )
    assert owed(files, "ann", *Q1, date(2026, 3, 31)) == Owed(
        to_pay=-2512,
        opening=12000,
        called_working=41100,
        called_reserve=20550,
        called_exceptional=0,
        settled=38588 - 41100,
        paid=73650,
        due=None,
    )
    settlement = files.rows("settlements")[0]
    assert part_of_settlement(files, "bob", settlement) == 68283 - 78900
    assert part_of_settlement(files, "cem", settlement) == 124807 - 180000
    reserve = files.rows("calls")[1]
    assert [part_of_call(files, person, reserve) for person in ("ann", "bob", "cem")] == [20550, 39450, 90000]


def test_only_the_working_fund_is_charged_by_a_settlement(write: Write) -> None:
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        expenses="\n".join(
            [
                expense("2026-01-01", "10.00"),  # the first and the last day of the period belong to it
                expense("2026-03-31", "20.00", fund="working"),
                expense("2026-02-02", "400.00", fund="reserve"),
                expense("2026-02-03", "800.00", fund="exceptional"),
                expense("2026-04-01", "1.00"),
            ]
        ),
        calls="1,2026-01-05,2026-01-31,Reserve,reserve,70.00,general\n2,2026-01-05,2026-01-31,Working,working,25.00,general",
        settlements=FIRST_QUARTER,
    )
    result = owed(files, "ann", *Q2, LATE)
    assert (result.opening, result.settled, result.to_pay) == (9500, 3000 - 2500, 10000)


def test_a_private_cost_falls_on_its_lot_alone_and_an_unnamed_lot_weighs_nothing(write: Write) -> None:
    files = three_lots(
        write,
        expenses="\n".join(
            [expense("2026-02-01", "99.99", key="", lot="B"), expense("2026-02-02", "10.00", key="lift")]
        ),
        settlements=FIRST_QUARTER,
    )
    assert [owed(files, person, *Q2, LATE).settled for person in ("ann", "bob", "cem")] == [0, 9999 + 350, 650]


def test_each_step_of_a_split_is_in_whole_cents(write: Write) -> None:
    """0.11 over two equal lots is 0.06 and 0.05; the 0.05 of the second goes 2/3 and 1/3: 0.03 and 0.02."""
    files = write(
        lots="A,apartment,1,500\nB,apartment,1,500",
        ownership="B,bea,full,2,3,2020-01-01,,yes\nA,ann,full,1,1,2020-01-01,,no\nB,bob,full,1,3,2020-01-01,,no",
        calls="1,2026-01-05,2026-02-01,Call,reserve,0.11,general",
    )
    assert parts_of_lots(files, 11, "general") == {"A": 6, "B": 5}
    assert [owed(files, person, *Q1, LATE).called_reserve for person in ("ann", "bea", "bob")] == [6, 3, 2]


# -------------------------------------------------------------------------------------------------- forms of ownership


def test_usufruct_and_bare_ownership(write: Write) -> None:
    files = write(
        lots="A,apartment,1,500\nB,apartment,2,500",
        ownership=ANN_OWNS_IT + "\nB,ugo,usufruct,1,1,2020-01-01,,yes\nB,nel,bare,1,1,2020-01-01,,no",
        calls="""1,2026-01-05,2026-02-01,Working,working,100.00,general
                 2,2026-01-05,2026-02-01,Reserve,reserve,60.00,general
                 3,2026-01-05,2026-02-01,Door,exceptional,40.00,general""",
        expenses=expense("2026-02-10", "80.00") + "\n" + expense("2026-02-11", "20.00", nature="extraordinary"),
        settlements=FIRST_QUARTER,
    )
    half = (date(2026, 1, 1), date(2026, 6, 30))
    ann, ugo, nel = (owed(files, person, *half, LATE) for person in ("ann", "ugo", "nel"))
    assert (ann.called_working, ann.called_reserve, ann.called_exceptional, ann.settled) == (5000, 3000, 2000, 0)
    assert (ugo.called_working, ugo.called_reserve, ugo.called_exceptional, ugo.settled) == (5000, 0, 0, -1000)
    assert (nel.called_working, nel.called_reserve, nel.called_exceptional, nel.settled) == (0, 3000, 2000, 1000)


def test_a_full_owner_stands_beside_usufructuary_and_bare_owner(write: Write) -> None:
    files = write(
        lots=ONE_LOT,
        ownership="""A,fay,full,1,2,2020-01-01,,yes
                     A,ugo,usufruct,1,2,2020-01-01,,no
                     A,nel,bare,1,2,2020-01-01,,no""",
        calls="1,2026-01-05,2026-02-01,W,working,100.00,general\n2,2026-01-05,2026-02-01,R,reserve,60.00,general",
    )
    called = [owed(files, person, *Q1, LATE) for person in ("fay", "ugo", "nel")]
    assert [(each.called_working, each.called_reserve) for each in called] == [(5000, 3000), (5000, 0), (0, 3000)]


def test_a_sale_in_the_middle_of_a_quarter(write: Write) -> None:
    """45 of 90 days each. The provision falls on who owns on its due date; the odd cent on the first in the file.

    The date of the expense plays no part: both are dated in the days of one owner and fall on both.
    """
    files = write(
        lots=ONE_LOT,
        ownership="A,sal,full,1,1,2015-01-01,2026-02-14,no\nA,bea,full,1,1,2026-02-15,,no",
        calls="1,2026-01-05,2026-02-14,Working,working,90.00,general\n2,2026-01-05,2026-02-15,Reserve,reserve,7.00,general",
        expenses=expense("2026-01-02", "40.00") + "\n" + expense("2026-03-30", "60.01"),
        settlements=FIRST_QUARTER,
    )
    sal, bea = account(files, "sal"), account(files, "bea")
    assert answer(sal, *Q1, date(2026, 4, 1)).to_pay == 9000
    assert answer(bea, *Q1, date(2026, 4, 1)).to_pay == 700
    assert answer(sal, *Q2, LATE).settled == 2000 + 3001 - 9000
    assert answer(bea, *Q2, LATE).settled == 2000 + 3000
    assert persons_with_account(files) == []  # people.csv names nobody


def test_days_of_ownership_weigh_with_the_fraction(write: Write) -> None:
    """Ann keeps 1/3 for all 90 days (weight 30); Bob has 2/3 for 30 days (20), Cem 2/3 for 60 days (40)."""
    files = write(
        lots=ONE_LOT,
        ownership="""A,ann,full,1,3,2020-01-01,,yes
                     A,bob,full,2,3,2020-01-01,2026-01-30,no
                     A,cem,full,2,3,2026-01-31,,no""",
        expenses=expense("2026-02-10", "9.00"),
        settlements=FIRST_QUARTER,
    )
    assert [owed(files, person, *Q2, LATE).settled for person in ("ann", "bob", "cem")] == [300, 200, 400]


# ----------------------------------------------------------------------------------------------- after the period's end


def test_a_payment_after_the_period_counts_as_far_as_it_covers(write: Write) -> None:
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        calls="1,2026-01-05,2026-02-01,Working,working,100.00,general",
        payments="2026-02-01,ann,40.00,,bank\n2026-04-10,ann,150.00,,bank",
    )
    before, after = (owed(files, "ann", *Q1, date(2026, 4, on)) for on in (9, 10))
    assert (before.to_pay, before.paid, before.due) == (6000, 4000, date(2026, 2, 1))
    assert (after.to_pay, after.paid, after.due) == (0, 10000, None)
    following = owed(files, "ann", *Q2, date(2026, 4, 10))
    assert (following.opening, following.paid, following.to_pay) == (6000, 15000, -9000)


def test_part_of_a_later_payment_covers_part(write: Write) -> None:
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        calls="1,2026-01-05,2026-02-01,First,working,60.00,general\n2,2026-02-05,2026-03-01,Second,working,40.00,general",
        payments="2026-04-10,ann,80.00,,bank\n2026-04-12,ann,-5.00,,bank",
    )
    result = owed(files, "ann", *Q1, LATE)
    assert (result.to_pay, result.paid, result.due) == (2500, 7500, date(2026, 3, 1))


@pytest.mark.parametrize("later", ["50.00", "-20.00"])
def test_a_credit_of_the_past_stays_one(write: Write, later: str) -> None:
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        calls="1,2026-01-05,2026-02-01,Working,working,100.00,general",
        payments=f"2026-02-01,ann,120.00,,bank\n2026-04-10,ann,{later},,bank",
    )
    result = owed(files, "ann", *Q1, LATE)
    assert (result.to_pay, result.paid, result.due) == (-2000, 12000, None)


@pytest.mark.parametrize(("spent", "still_open"), [("70.00", 7000), ("0.00", 0), ("130.00", 10000)])
def test_a_settlement_after_the_period_covers_when_it_is_a_credit(write: Write, spent: str, still_open: int) -> None:
    """100 was called and not paid. A later settlement that gives back closes some of it; one that asks more does not."""
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        calls="1,2026-01-05,2026-02-01,Working,working,100.00,general",
        expenses=expense("2026-02-10", spent),
        settlements=FIRST_QUARTER,
    )
    assert owed(files, "ann", *Q1, date(2026, 4, 19)).to_pay == 10000
    result = owed(files, "ann", *Q1, date(2026, 4, 20))
    assert (result.to_pay, result.paid, result.settled) == (still_open, 10000 - still_open, 0)
    following = owed(files, "ann", *Q2, date(2026, 4, 20))
    assert (following.opening, following.settled) == (10000, cents(spent) - 10000)


def test_a_negative_call_after_the_period_credits_on_its_due_date(write: Write) -> None:
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        calls="""1,2026-01-05,2026-02-01,Working,working,100.00,general
                 2,2026-04-01,2026-05-15,Taken back,working,-30.00,general""",
    )
    assert owed(files, "ann", *Q1, date(2026, 5, 14)).to_pay == 10000
    assert owed(files, "ann", *Q1, date(2026, 5, 15)).to_pay == 7000
    assert owed(files, "ann", *Q2, date(2026, 5, 14)).to_pay == 7000


# ------------------------------------------------------------------------------------------------ negative calls, dates


def test_a_negative_call_is_mirrored_and_covers_like_a_payment(write: Write) -> None:
    files = write(
        lots="A,apartment,1,1\nB,apartment,1,1",
        ownership=ANN_OWNS_IT + "\nB,bob,full,1,1,2020-01-01,,no",
        calls="""1,2026-01-05,2026-02-01,First,reserve,60.00,general
                 2,2026-01-05,2026-03-15,Second,reserve,100.00,general
                 3,2026-02-20,2026-03-01,Taken back,reserve,-60.01,general""",
    )
    ann, bob = (owed(files, person, *Q1, LATE) for person in ("ann", "bob"))
    assert (ann.called_reserve, bob.called_reserve) == (3000 + 5000 - 3001, 3000 + 5000 - 3000)
    assert ann.due == bob.due == date(2026, 3, 15)
    assert owed(files, "ann", *Q1, date(2026, 2, 19)).due == date(2026, 2, 1)


def test_payments_cover_the_oldest_due_date_first(write: Write) -> None:
    def due_after(paid: str) -> date | None:
        files = write(
            lots=ONE_LOT,
            ownership=ANN_OWNS_IT,
            opening="ann,2026-01-01,10.00",
            calls="1,2026-01-05,2026-05-31,Working,working,30.00,general",
            expenses=expense("2026-02-10", "20.00"),
            settlements="D1,2026-01-01,2026-03-31,2026-04-20,2026-05-20",
            payments=f"2026-04-25,ann,{paid},,bank",
        )
        return owed(files, "ann", *Q2, date(2026, 4, 25)).due

    assert due_after("9.99") == date(2026, 1, 1)
    assert due_after("10.00") == date(2026, 5, 20)
    assert due_after("29.99") == date(2026, 5, 20)
    assert due_after("30.00") == date(2026, 5, 31)
    assert due_after("60.00") is None


def test_an_opening_balance_inside_the_period_is_opening(write: Write) -> None:
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        opening="ann,2026-02-01,55.00",
        payments="2026-02-03,ann,15.00,,cash",
    )
    assert owed(files, "ann", *Q1, date(2026, 1, 31)).to_pay == 0
    result = owed(files, "ann", *Q1, date(2026, 2, 3))
    assert (result.opening, result.paid, result.to_pay, result.due) == (5500, 1500, 4000, date(2026, 2, 1))


def test_what_is_not_yet_issued_booked_or_paid_is_not_known(write: Write) -> None:
    files = write(
        lots=ONE_LOT,
        ownership=ANN_OWNS_IT,
        calls="1,2026-04-10,2026-05-31,Working,working,30.00,general",
        payments="2026-04-12,ann,30.00,,bank",
    )
    assert owed(files, "ann", *Q2, date(2026, 4, 9)).to_pay == 0
    assert owed(files, "ann", *Q2, date(2026, 4, 11)).to_pay == 3000
    assert owed(files, "ann", *Q2, date(2026, 4, 12)).to_pay == 0
    assert owed(files, "ann", *Q1, date(2026, 4, 11)).to_pay == 0
    # a moment is a day of the building's zone: 22.30 UTC in April is already the next day in Brussels
    assert owed(files, "ann", *Q2, datetime(2026, 4, 9, 21, 30, tzinfo=UTC)).to_pay == 0
    assert owed(files, "ann", *Q2, datetime(2026, 4, 9, 22, 30, tzinfo=UTC)).to_pay == 3000
    assert owed(files, "ann", *Q2, datetime(2026, 4, 9, 22, 30)).to_pay == 0


# ------------------------------------------------------------------------------------------------------ whom and when


def test_quarters_follow_the_financial_year(write: Write) -> None:
    assert quarters(write("01-01"), 2026)[3] == (date(2026, 10, 1), date(2026, 12, 31))
    july = write("07-15")
    assert quarters(july, 2026)[1:3] == [
        (date(2026, 10, 15), date(2027, 1, 14)),
        (date(2027, 1, 15), date(2027, 4, 14)),
    ]
    assert quarter_of(july, date(2026, 7, 14)) == (date(2026, 4, 15), date(2026, 7, 14))
    assert quarter_of(july, date(2026, 7, 15))[0] == date(2026, 7, 15)


def test_who_has_an_account(write: Write) -> None:
    people = [f"{name},{name},{name}@three.example,,en,,," for name in ("tenant", "payer", "opened", "owner", "former")]
    files = write(
        lots=ONE_LOT,
        people="\n".join(people),
        ownership="A,former,full,1,1,2015-01-01,2025-12-31,no\nA,owner,full,1,1,2026-01-01,,no",
        opening="opened,2026-01-01,1.00",
        payments="2026-01-02,payer,1.00,,bank",
    )
    assert persons_with_account(files) == ["payer", "opened", "owner", "former"]


# --------------------------------------------------------------------------------------------------- the sample building


@pytest.fixture(scope="module")
def tilleuls() -> Files:
    return read(SAMPLE)


def test_everything_in_the_sample_is_paid_by_somebody(tilleuls: Files) -> None:
    persons = persons_with_account(tilleuls)
    for call in tilleuls.rows("calls"):
        assert sum(part_of_call(tilleuls, person, call) for person in persons) == cents(call["total"])
    for settlement in tilleuls.rows("settlements"):
        period = (settlement["period_from"], settlement["period_to"])
        spent = sum(
            cents(row["total"])
            for row in tilleuls.rows("expenses")
            if row["fund"] == "working" and period[0] <= row["date"] <= period[1]
        )
        called = sum(
            cents(row["total"])
            for row in tilleuls.rows("calls")
            if row["fund"] == "working" and period[0] <= row["due"] <= period[1]
        )
        assert sum(part_of_settlement(tilleuls, person, settlement) for person in persons) == spent - called


def test_the_sample_keeps_its_own_rules(tilleuls: Files) -> None:
    lots = tilleuls.rows("lots")
    assert len(lots) == 24
    assert sum(int(lot["shares"]) for lot in lots) == tilleuls.building["shares_total"] == 1000
    for row in tilleuls.rows("expenses"):
        net, rate = cents(row["net"]), int(row["vat_rate"])
        vat = (abs(net) * rate * 2 + 100) // 200  # half up
        assert abs(cents(row["total"])) == abs(net) + vat, row["number"]
        assert bool(row["key"]) != bool(row["private_lot"]), row["number"]
    for lot in lots:
        rows = [row for row in tilleuls.rows("ownership") if row["lot"] == lot["lot"]]
        on = date.fromisoformat("2025-01-01")
        while on <= date(2027, 1, 31):
            held = [row for row in rows if row["from"] <= on.isoformat() <= (row["to"] or "9999-12-31")]
            for right in ("usufruct", "bare"):
                fractions = [
                    Fraction(int(row["numerator"]), int(row["denominator"]))
                    for row in held
                    if row["right"] in ("full", right)
                ]
                assert sum(fractions) == 1, (lot["lot"], on)
            on += timedelta(days=1)


def test_the_sample_has_somebody_in_each_situation(tilleuls: Files) -> None:
    asked = date(2026, 11, 22)
    quarter = quarter_of(tilleuls, asked)
    lea, tom, james, katrien, olivier = (
        owed(tilleuls, name, *quarter, asked)
        for name in ("lea-dubois", "tom-vermeulen", "james-carter", "katrien-willems", "olivier-lambert")
    )
    assert (lea.to_pay, lea.due) == (74040, date(2026, 11, 30))
    assert (tom.to_pay, tom.due) == (0, None)
    assert james.to_pay > 0
    assert james.due == date(2026, 5, 31)
    assert katrien.to_pay < 0
    assert (olivier.called_working, olivier.due) == (0, date(2026, 6, 30))
    coming = quarters(tilleuls, 2027)[0]
    assert owed(tilleuls, "lea-dubois", *coming, asked).called_working == 0
    assert owed(tilleuls, "lea-dubois", *coming, date(2026, 12, 14)).called_working > 0
