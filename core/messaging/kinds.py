"""The kinds of what people are told: a closed list, each with its urgency and whether its reader may switch it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Urgency(IntEnum):
    """How much a message may disturb. `QUIET` may wait for a digest; `NORMAL` waits for the end of quiet hours; `URGENT` for nothing."""

    QUIET = 0
    NORMAL = 1
    URGENT = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message is about. `may_stop`: its reader may switch it off; `by_law`: it takes a consent to the channel, else a letter.

    `digest`: it may wait for a digest where its reader wants one.
    """

    name: str
    urgency: Urgency
    may_stop: bool = True
    by_law: bool = False
    digest: bool = False


ANSWER = "answer"
"""The kind of what answers a message just said: at once, to the address that asked, judged by no preference."""
LEGAL, MONEY, VOTE, LOAN, EXCHANGE, NOTICE_BOARD, TICKET, ACCOUNT = (
    "legal",
    "money",
    "vote",
    "loan",
    "exchange",
    "notice_board",
    "ticket",
    "account",
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(ANSWER, Urgency.URGENT, may_stop=False),
        Kind(LEGAL, Urgency.NORMAL, may_stop=False, by_law=True),
        Kind(MONEY, Urgency.NORMAL, digest=True),
        Kind(VOTE, Urgency.NORMAL, digest=True),
        Kind(LOAN, Urgency.NORMAL),
        Kind(EXCHANGE, Urgency.NORMAL, digest=True),
        Kind(NOTICE_BOARD, Urgency.QUIET, digest=True),
        Kind(TICKET, Urgency.NORMAL, digest=True),
        Kind(ACCOUNT, Urgency.NORMAL, may_stop=False),
    )
}
"""`legal`: convocations and what else the law counts (Civil Code, art. 3.87 par. 3). `account`: linked addresses, security, messages
from person to person about oneself."""
