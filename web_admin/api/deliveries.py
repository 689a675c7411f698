"""How far what was told to the people of a building has come. Never what it said."""

from __future__ import annotations

from typing import Any

from core.interchange.extracts import service as extracts
from core.interchange.extracts.model import Sent
from core.messaging.channel import Evidence
from core.outbox.model import FAILED, SENDING, SENT, SKIPPED, WAITING
from core.people.api_tokens.model import DELIVERIES_READ
from web_admin.api.endpoint import Answer, Ask, Endpoint, listed
from web_admin.api.parameters import DATED, Parameter, one_of, read_place, span_of
from web_admin.api.shapes import choice, moment, or_null, piece, text, thing, whole

FATES = (WAITING, SENDING, SENT, FAILED, SKIPPED)
_LEVELS = tuple(level.name.lower() for level in Evidence)
FATE = Parameter("fate", one_of(FATES), "Only those with this fate.", {"type": "string", "enum": list(FATES)})

SCHEMAS = {
    "Delivery": thing(
        "Something that was told to somebody of the building, without its text and without the address.",
        id=text("5f0c6c9e-2a1f-4b07-8d3c-55a1c5a6b0fe", format="uuid"),
        person=text("lea", "The code of the person in this building; empty where it was told to no person of it."),
        channel=text("email", "The channel; `none` or empty where nobody could be reached."),
        kind=text("statement", "What sort of message it is."),
        language=text("fr"),
        fate=choice("", *FATES),
        reason=text("", "Why it was not sent, or has to wait; empty where there is nothing to say."),
        evidence=choice("How far it is known to have come: each includes those before it.", *_LEVELS),
        attempts=whole(1, "", 0),
        created_at=moment("2026-11-22T09:00:00+00:00"),
        sent_at=or_null(moment("2026-11-22T09:00:02+00:00")),
    ),
    "DeliveryList": piece("Delivery"),
}


async def every(ask: Ask) -> Answer:
    after = read_place(ask.query, int)
    async with ask.database.work(ask.bearer.organisation) as uow:
        known = await ask.building(uow)
        found = await extracts.deliveries(uow, known, span_of(ask.query), ask.query.get("fate"), after, ask.most)
    return listed([_sent(row) for row in found.rows], found.after)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/buildings/{building}/deliveries",
        "deliveries",
        "What the people of a building were told unasked, and how far it came, oldest first.",
        DELIVERIES_READ,
        every,
        "DeliveryList",
        (FATE, *DATED),
    ),
)


def _sent(row: Sent) -> dict[str, Any]:
    return {
        "id": str(row.delivery_id),
        "person": row.person,
        "channel": row.channel,
        "kind": row.kind,
        "language": row.language,
        "fate": row.fate,
        "reason": row.reason,
        "evidence": Evidence(row.evidence).name.lower(),
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
    }
