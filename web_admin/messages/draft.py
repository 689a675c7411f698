"""What somebody writes to a building before it is sent: the fields of the form, and the broadcast that they make."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from core.buildings.model import Known
from core.documents.model import COUNCIL as FOR_COUNCIL
from core.documents.model import EVERYONE as FOR_EVERYONE
from core.documents.model import OWNERS as FOR_OWNERS
from core.documents.model import admitted
from core.kernel.clock import BRUSSELS
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, say
from core.messaging.kinds import Urgency
from core.outbox.broadcasts.model import (
    COUNCIL,
    EVERYONE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_PAPERS,
    OWNERS,
    SENDABLE,
    TENANTS,
    Audience,
    Broadcast,
    Occasion,
    Paper,
    Wording,
)
from web_admin.messages.uploads import Upload
from web_admin.pages import Visit

DRAFT_LASTS = timedelta(hours=12)
GROUPS = (EVERYONE, OWNERS, TENANTS, COUNCIL)
VISIBLE_TO = {EVERYONE: FOR_EVERYONE, TENANTS: FOR_EVERYONE, OWNERS: FOR_OWNERS, COUNCIL: FOR_COUNCIL}
"""Who may see the papers of a broadcast afterwards among the documents of the building."""
FIELDS = (
    *("building", "group", "lots", "kind", "urgent", "original", "title", "text", "day", "begins", "ends", "place"),
    *(f"{part}_{language}" for language in LANGUAGES for part in ("title", "text")),
)
LONGEST = {"text": 4 * LONGEST_TEXT, "title": 4 * LONGEST_TITLE}
"""So much of what was typed is given back where it is too long; other fields have room for a line."""
LINE, LONGEST_PLACE, FURTHEST = 1000, 200, timedelta(days=3 * 366)


class Refused(Exception):
    """The sentences for the fields that cannot stay as they are."""

    def __init__(self, fields: Mapping[str, Text]) -> None:
        super().__init__()
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed, as it was typed. `broadcast_id` is its identity from the first look on: sent twice it is one broadcast."""

    broadcast_id: UUID
    typed: Mapping[str, str]
    uploads: tuple[Upload, ...] = ()

    def seal(self, visit: Visit) -> str:
        return visit.office.seals.seal(
            "broadcast",
            DRAFT_LASTS,
            sub=visit.who.account.account_id.hex,
            org=visit.who.organisation.hex,
            id=self.broadcast_id.hex,
            typed={name: value for name, value in self.typed.items() if value},
            uploads=[upload.to_json() for upload in self.uploads],
        )


def typed(visit: Visit) -> dict[str, str]:
    """The fields of the form, without signs that nothing stores."""
    return {name: _clean(visit.typed(name, LONGEST.get(name.partition("_")[0], LINE))) for name in FIELDS}


def opened(visit: Visit, sealed: str) -> tuple[Draft, bool] | None:
    """A draft that this visitor had before him in this organisation, and whether it is still fresh; None: it is none of his."""
    seals = visit.office.seals
    claims: Any = seals.open("broadcast", sealed, expired=True)
    if claims is None or (claims["sub"], claims["org"]) != (
        visit.who.account.account_id.hex,
        visit.who.organisation.hex,
    ):
        return None
    given = {name: str(claims["typed"].get(name, "")) for name in FIELDS}
    uploads = tuple(Upload.from_json(stored) for stored in claims["uploads"])
    return Draft(UUID(claims["id"]), given, uploads), seals.open("broadcast", sealed) is not None


def building_of(draft: Draft, buildings: Sequence[Known]) -> Known:
    """The building that was chosen, of those to which the visitor may write. Refused."""
    found = next((known for known in buildings if known.building.slug == draft.typed["building"]), None)
    if found is None:
        raise Refused({"building": say("office.messages.write.no_building")})
    return found


def broadcast_of(draft: Draft, known: Known, author: UUID, today: date) -> Broadcast:
    """The broadcast that a draft makes. Refused, with a sentence for each field that is wrong."""
    given, wrong = draft.typed, dict[str, Text]()
    for name, allowed in (("group", GROUPS), ("kind", SENDABLE), ("original", LANGUAGES)):
        if given[name] not in allowed:
            wrong[name] = say("office.messages.write.choose")
    wordings = _wordings(given, wrong)
    occasion = _occasion(given, today, wrong)
    if len(draft.uploads) > MOST_PAPERS:
        wrong["files"] = say("broadcast.too_many_papers", most=MOST_PAPERS)
    if wrong:
        raise Refused(wrong)
    visible_to = admitted(VISIBLE_TO[given["group"]])
    lots = dict.fromkeys(name.strip() for name in given["lots"].split(",") if name.strip())
    return Broadcast(
        draft.broadcast_id,
        known.building_id,
        author,
        Audience(given["group"], tuple(lots)),
        wordings,
        given["original"],
        given["kind"],
        Urgency.URGENT if given["urgent"] else None,
        tuple(Paper(upload.document, upload.title, visible_to) for upload in draft.uploads),
        occasion,
    )


def _wordings(given: Mapping[str, str], wrong: dict[str, Text]) -> dict[str, Wording]:
    original = given["original"]
    wordings = {original: _wording(given, "", wrong)}
    for language in LANGUAGES:
        suffix = f"_{language}"
        if not (given[f"title{suffix}"] or given[f"text{suffix}"]):
            continue
        if language == original:
            wrong[f"title{suffix}"] = say("office.messages.write.twice")
        else:
            wordings[language] = _wording(given, suffix, wrong)
    return wordings


def _wording(given: Mapping[str, str], suffix: str, wrong: dict[str, Text]) -> Wording:
    title, text = given[f"title{suffix}"], given[f"text{suffix}"]
    for name, value, longest in ((f"title{suffix}", title, LONGEST_TITLE), (f"text{suffix}", text, LONGEST_TEXT)):
        if not value:
            wrong[name] = say("office.messages.write.empty")
        elif len(value) > longest:
            wrong[name] = say("office.messages.write.too_long", count=longest)
    return Wording(" ".join(title.split()), text)


def _occasion(given: Mapping[str, str], today: date, wrong: dict[str, Text]) -> Occasion | None:
    """The event: a whole day, or from a time on the building's clock; none where no field of it is filled in."""
    names = ("day", "begins", "ends", "place")
    if not any(given[name] for name in names):
        return None
    day = _read(date.fromisoformat, given["day"])
    begins, ends = (_read(time.fromisoformat, given[name]) for name in ("begins", "ends"))
    if day is None:
        wrong["day"] = say("office.messages.no_day")
    elif not today <= day <= today + FURTHEST:
        wrong["day"] = say("office.messages.write.day_out")
    for name, read in (("begins", begins), ("ends", ends)):
        if given[name] and read is None:
            wrong[name] = say("office.messages.write.no_time")
    if ends is not None and begins is None:
        wrong.setdefault("begins", say("office.messages.write.no_begin"))
    elif begins is not None and ends is not None and ends < begins:
        wrong["ends"] = say("broadcast.ends_too_early")
    if len(given["place"]) > LONGEST_PLACE:
        wrong["place"] = say("office.messages.write.too_long", count=LONGEST_PLACE)
    if day is None or wrong:
        return None
    if begins is None:
        return Occasion(day, place=given["place"])
    until = datetime.combine(day, ends, BRUSSELS) if ends is not None else None
    return Occasion(datetime.combine(day, begins, BRUSSELS), until, given["place"])


def _read(parse: Any, given: str) -> Any:
    try:
        return parse(given)
    except ValueError:
        return None


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn")
    ).strip()
