"""An acceptance individually, explicitly and in writing, and its withdrawal (Civil Code, art. 3.87 par. 3), with what proves it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from core.kernel.clock import BRUSSELS
from core.kernel.errors import DomainError
from core.messaging.channel import Address
from core.people.model import EMAIL, Consent, Resident

ACCEPTABLE = ("matrix", "email", "telegram")
"""The channels that can be accepted by message; that which proves most first. A letter needs no acceptance."""
ACCEPTED, WITHDRAWN = "accepted", "withdrawn"
LONGEST_EVIDENCE, FOR_WITHDRAWING = 2000, 200
"""Signs of a cell of `consents.csv`; and what an acceptance leaves free, so that it can always be withdrawn."""


def fingerprint(text: str) -> str:
    """What tells one accepted text from another: its SHA-256, in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def accepting(at: datetime, delivery: UUID, text: str) -> dict[str, str]:
    """The act of accepting: when, the delivery that asked, and the text to which it said yes, with its hash."""
    return {
        ACCEPTED: _stamp(at),
        "delivery": delivery.hex,
        "sha256": fingerprint(text),
        "text": text,
    }


def withdrawing(at: datetime, delivery: UUID) -> dict[str, str]:
    return {WITHDRAWN: _stamp(at), "delivery": delivery.hex}


def acts(evidence: str) -> Iterator[Mapping[str, Any]]:
    """What was done by message, one act a line; what the files say besides is passed over."""
    for line in evidence.split("\n"):
        try:
            act = json.loads(line)
        except ValueError:
            continue
        if isinstance(act, dict) and not {ACCEPTED, WITHDRAWN}.isdisjoint(act):
            yield act


def proved(row: Consent, act: Mapping[str, str]) -> Consent:
    """The same with one act more; evidence only grows. DomainError where there is no room left for an acceptance."""
    line = json.dumps(act, ensure_ascii=False)
    if ACCEPTED in act and len(row.evidence) + len(line) > LONGEST_EVIDENCE - FOR_WITHDRAWING:
        raise DomainError("consent.too_often")
    before = row.evidence[: LONGEST_EVIDENCE - len(line) - 1]
    return replace(row, evidence=f"{before}\n{line}" if before else line)


def covers(row: Consent, address: Address) -> bool:
    """Whether a row speaks of that address: of all on the channel where it names none."""
    return row.channel == address.channel and row.address.lower() in ("", address.handle.lower())


def in_full(resident: Resident, channel: str, rows: Sequence[Consent]) -> Consent | None:
    """What `channels_accepted` says of a channel, as the row for which it stands; None where it says nothing, or a row says it better."""
    if channel not in resident.channels_accepted or resident.accepted_on is None:
        return None
    if any(row.channel == channel for row in rows):
        return None
    address = resident.email if channel == EMAIL else ""
    row = Consent(resident.person, channel, address, resident.accepted_on, None, "")
    return proved(row, {ACCEPTED: resident.accepted_on.isoformat(), "file": "people.csv"})


def merged(files: Sequence[Consent], kept: Sequence[Consent]) -> tuple[Consent, ...]:
    """The rows of a file that comes in, and what was accepted or withdrawn by message, which no file takes back.

    A file may be older than what a person said since: his withdrawal stays, and so does all that proves it.
    """
    by_message = {_key(row): row for row in kept if any(acts(row.evidence))}
    rows = [_joined(row, by_message.pop(_key(row), None)) for row in files]
    return (*rows, *by_message.values())


def _joined(row: Consent, mine: Consent | None) -> Consent:
    if mine is None:
        return row
    evidence = row.evidence if mine.evidence in row.evidence else mine.evidence
    return replace(row, withdrawn_on=mine.withdrawn_on or row.withdrawn_on, evidence=evidence)


def _key(row: Consent) -> tuple[str, str, str, date]:
    return row.person, row.channel, row.address.lower(), row.accepted_on


def _stamp(at: datetime) -> str:
    return at.astimezone(BRUSSELS).isoformat(timespec="seconds")
