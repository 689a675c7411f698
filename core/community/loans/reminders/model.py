"""Of what a loan reminds, and when. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from core.community.loans.model import Loan, State
from core.kernel.clock import BRUSSELS, local_day

EVE = time(18)
"""The hour at the building on the day before the last one."""
LATE = (1, 3, 7)
"""On which days after the last one the borrower is reminded."""
LENDER = 3
"""From which of them on the lender is asked whether it is back."""


def tomorrow_is_last(loan: Loan, now: datetime) -> bool:
    """Whether the borrower has to hear that tomorrow is the last day: not where he had it only since that hour."""
    if loan.state is not State.OUT or loan.claimed_by is not None or loan.handed_at is None:
        return False
    eve = datetime.combine(loan.days.last - timedelta(days=1), EVE, BRUSSELS)
    return loan.handed_at < eve <= now and local_day(now) < loan.days.last


def late(loan: Loan, now: datetime) -> int | None:
    """The last of the days of reminding that has come; None: not late enough, or it is said to be back."""
    if loan.claimed_by is not None:
        return None
    return max((step for step in LATE if step <= loan.late(local_day(now))), default=None)
