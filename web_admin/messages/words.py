"""What became of a delivery, in words."""

from __future__ import annotations

from core.kernel.text import Text, say
from core.messaging.channel import Evidence
from core.messaging.delivery import REASONS
from core.outbox.broadcasts.model import CANCELLED
from core.outbox.model import FAILED, SENDING, SENT, SKIPPED, WAITING, WORN_OUT

FATES = (WAITING, SENDING, SENT, FAILED, SKIPPED)
OURS = ("no_channel", WORN_OUT, "bounced", "bounced_softly", "changed")
"""Reasons that the program gives; every other one is what a wire said."""
PROVES = {
    Evidence.NONE: "none",
    Evidence.ACCEPTED: "accepted",
    Evidence.DELIVERED: "delivered",
    Evidence.SEEN: "seen",
    Evidence.ACKNOWLEDGED: "acknowledged",
}
FAULTS = ("Error", "Exception")
"""How the names of faults of the program end."""
LONGEST_REASON = 200


def why(reason: str) -> Text | None:
    """Why a delivery has not come further; None where nothing is said."""
    if not reason:
        return None
    if reason in (*REASONS, CANCELLED):
        return say(f"skipped.{reason}")
    if reason in OURS:
        return say(f"office.messages.reason.{reason}")
    gone, colon, said = reason.partition(": ")
    if colon and gone == "unreachable":
        return say("office.messages.reason.unreachable", reason=said[:LONGEST_REASON])
    if reason.endswith(FAULTS) and reason.isidentifier():
        return say("office.messages.reason.fault", reason=reason[:LONGEST_REASON])
    return say("office.messages.reason.wire", reason=reason[:LONGEST_REASON])


def fate(name: str) -> Text:
    return say(f"office.messages.fate.{name}")


def evidence(value: int) -> Text:
    return say(f"office.messages.evidence.{PROVES[Evidence(value)]}")


def channel(name: str) -> Text:
    """A channel by its name; nothing planned has none."""
    return say(f"channel.{name}") if name else say("office.messages.no_channel")
