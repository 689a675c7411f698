"""What a broadcast says to one reader."""

from __future__ import annotations

from datetime import datetime

from core.buildings.model import Building
from core.kernel.clock import BRUSSELS, local_day
from core.kernel.text import Text, literal, say
from core.messaging.card import Attachment, Card, Fact
from core.messaging.event import Event, uid_of
from core.messaging.kinds import KINDS
from core.outbox.broadcasts.model import Broadcast, Member, Paper

DOCUMENT = "document"
"""The kind of an attachment that lies on the shelf."""


def broadcast_card(
    broadcast: Broadcast, building: Building, sender: str, reader: str, papers: tuple[Paper, ...], at: datetime
) -> Card[Text]:
    """The broadcast for somebody who is spoken to in the language `reader`; with those papers, which he may see.

    It says in which language it was written where that is another, and where there is no text in the reader's own.
    """
    language = broadcast.language_for(reader, building)
    wording = broadcast.wordings[language]
    facts = [
        Fact(say("broadcast.fact.sender"), literal(sender), "sender"),
        Fact(say("broadcast.fact.building"), literal(building.name), "building"),
    ]
    attachments = [Attachment(DOCUMENT, {"document": str(paper.document), "title": paper.title}) for paper in papers]
    event = event_of_broadcast(broadcast, building, language, at)
    if event is not None:
        facts += _event_facts(event)
        attachments.append(event.attachment())
    facts += [Fact(say("broadcast.fact.paper"), literal(paper.title), "paper") for paper in papers]
    return Card(
        literal(wording.title.strip()),
        (*(literal(paragraph) for paragraph in wording.paragraphs), *_about_language(broadcast, language, reader)),
        tuple(facts),
        attachments=tuple(attachments),
        may_stop=KINDS[broadcast.kind].may_stop,
    )


def papers_for(broadcast: Broadcast, member: Member) -> tuple[Paper, ...]:
    """Those of its papers that somebody may see."""
    return tuple(paper for paper in broadcast.papers if paper.is_for(member.roles))


def event_of_broadcast(broadcast: Broadcast, building: Building, language: str, at: datetime) -> Event | None:
    """What goes into the calendar of whoever reads it in that language."""
    occasion, wording = broadcast.occasion, broadcast.wordings[language]
    if occasion is None:
        return None
    return Event(
        occasion.uid or uid_of(broadcast.broadcast_id),
        literal((wording.event or wording.title).strip()),
        occasion.begins,
        occasion.ends,
        at,
        occasion.place,
        literal("\n\n".join(wording.paragraphs)),
        occasion.sequence,
        occasion.cancelled,
        (building.syndic.name, building.syndic.email),
    )


def _event_facts(event: Event) -> list[Fact[Text]]:
    day = local_day(event.begins) if isinstance(event.begins, datetime) else event.begins
    facts = [Fact(say("broadcast.fact.when"), _when(event), "when", day=None if event.cancelled else day)]
    if event.place:
        facts.append(Fact(say("broadcast.fact.where"), literal(event.place), "where"))
    if event.cancelled:
        facts.append(Fact(say("broadcast.fact.calendar"), say("broadcast.called_off"), "called_off"))
    return facts


def _when(event: Event) -> Text:
    begins, ends = event.begins, event.ends
    if ends is None or ends == begins:
        return literal(begins)
    if isinstance(begins, datetime) and isinstance(ends, datetime) and local_day(begins) == local_day(ends):
        return say("broadcast.on_day", day=local_day(begins), begins=_clock(begins), ends=_clock(ends))
    return say("broadcast.from_to", begins=begins, ends=ends)


def _clock(instant: datetime) -> str:
    """The time of day at the building, as all its languages write it."""
    return f"{instant.astimezone(BRUSSELS):%H:%M}"


def _about_language(broadcast: Broadcast, language: str, reader: str) -> tuple[Text, ...]:
    original = say(f"language.{broadcast.original}")
    if language != broadcast.original:
        return (say("broadcast.translated", original=original),)
    if language != reader:
        return (say("broadcast.original_only", original=original),)
    return ()
