"""What is kept of a message that arrived."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID

from core.kernel.ids import ALPHABET
from core.messaging.channel import (
    Address,
    Bounced,
    Departure,
    Gone,
    Inbound,
    Joined,
    Message,
    Origin,
    Room,
    Seen,
    Trust,
)

MAX_TEXT = 8_000
"""Signs of a message that are kept; nobody asks a question of more."""
LONGEST_NAME = 255
"""Signs of a reference or a handle."""


MOST_FILES, MOST_FILE_BYTES = 5, 10 * 2**20
"""Of what comes along with one message so much is kept: pictures of a thing, a letter that was scanned."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that came along with a message. `sha256`: where it lies on the shelf. What it is said to be is what the wire says."""

    name: str
    media_type: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored inbound that waits for its answer. `more`: another one waits behind it at the same address."""

    inbound_id: int
    ref: str
    address: Address
    kind: str
    at: datetime
    content: Mapping[str, Any] = field(default_factory=dict)
    more: bool = False

    @property
    def text(self) -> str:
        return str(self.content.get("text", ""))

    @property
    def room(self) -> Room | None:
        room = self.content.get("room")
        return Room(self.address.channel, room) if room else None

    @property
    def addressed(self) -> bool:
        return bool(self.content.get("addressed", True))

    @property
    def trust(self) -> Trust:
        given = self.content.get("trust")
        return Trust.SURE if given is None else Trust(given)

    @property
    def token(self) -> str | None:
        """The key of the delivery to whose reply address the message came."""
        return self.content.get("token")

    @property
    def in_reply_to(self) -> str | None:
        return self.content.get("in_reply_to")

    @property
    def thread(self) -> str | None:
        return self.content.get("thread")

    @property
    def unsubscribes(self) -> bool:
        """Somebody who goes, but only from what he is told unasked."""
        return self.content.get("how") in (Departure.UNSUBSCRIBED.value, Departure.STOP.value)

    @property
    def choice(self) -> str | None:
        return self.content.get("choice")

    @property
    def start(self) -> str | None:
        return self.content.get("start")

    @property
    def language(self) -> str | None:
        return self.content.get("language")

    @property
    def files(self) -> list[KeptFile]:
        """What came along and lies on the shelf."""
        return [
            KeptFile(each["name"], each["media_type"], bytes.fromhex(each["sha256"]))
            for each in self.content.get("files", ())
            if "sha256" in each
        ]


@dataclass(frozen=True, slots=True)
class Aside:
    """A message that a human has to look at. `came`: somebody wrote it, and was given the reference; else it was to be told to him.

    `reason`: what the program or the wire said, never what the person wrote. `name` "": nobody whom the organisation knows.
    """

    reference: str
    came: bool
    channel: str
    name: str
    reason: str
    at: datetime
    delivery: UUID | None = None


def tidy(text: str) -> str:
    """A text without the signs that nothing stores and nobody reads, and no longer than is kept."""
    return "".join(
        sign for sign in text[: 2 * MAX_TEXT] if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn")
    )[:MAX_TEXT]


def stored_name(given: str) -> str:
    """A reference or a handle as it is kept: as the wire gave it, or its hash where nothing stores it, so that it is no other's."""
    if len(given) <= LONGEST_NAME and tidy(given) == given:
        return given
    return sha256(given.encode("utf-8", "surrogatepass")).hexdigest()


def sender(inbound: Inbound) -> Address | None:
    """Whose inbound it is; None where it is nobody's."""
    match inbound:
        case (
            Message(origin=Origin(sender=address))
            | Seen(origin=Origin(sender=address))
            | Gone(origin=Origin(sender=address))
            | Joined(origin=Origin(sender=address, room=Room()))
            | Bounced(address=Address() as address)
        ):
            return Address(address.channel, stored_name(address.handle))
    return None


def content(inbound: Inbound, kept_files: Mapping[int, bytes] = MappingProxyType({})) -> dict[str, Any]:
    """What a row keeps, as JSON values; of files their names, and the hashes of those that lie on the shelf (by their places)."""
    match inbound:
        case Message() if not inbound.origin.addressed:
            # What neighbours say to one another is none of ours.
            return {"addressed": False}
        case Message():
            kept: dict[str, Any] = {
                "text": inbound.text,
                "choice": inbound.choice,
                "start": inbound.start,
                "in_reply_to": inbound.in_reply_to,
                "edits": inbound.edits,
                "room": inbound.origin.room and inbound.origin.room.handle,
                "language": inbound.origin.language,
                "trust": None if inbound.origin.trust is Trust.SURE else inbound.origin.trust.value,
                "token": inbound.origin.token,
                "thread": inbound.thread,
                "files": [
                    {"name": tidy(file.name), "media_type": tidy(file.media_type), "size": file.size}
                    | ({"sha256": kept_files[place].hex()} if place in kept_files else {})
                    for place, file in enumerate(inbound.files)
                ],
            }
            kept = {name: tidy(value) if isinstance(value, str) else value for name, value in kept.items()}
            return {name: value for name, value in kept.items() if value not in (None, "", [])}
        case Seen():
            return {"wire_ref": tidy(inbound.wire_ref), "up_to": inbound.up_to}
        case Gone():
            room = inbound.origin.room
            return {"how": inbound.how.value, **({"room": tidy(room.handle)} if room else {})}
        case Joined(origin=Origin(room=Room() as room, language=language)):
            return {"room": tidy(room.handle), **({"language": tidy(language)} if language else {})}
        case Bounced():
            return {"key": inbound.key and tidy(inbound.key), "hard": inbound.hard}
    return {}


def reference_number(inbound_id: int) -> str:
    """The short reference that a person is given when something went wrong: it names the set-aside message."""
    signs = ""
    rest = (inbound_id * 2_654_435_761) % 32**6
    for _ in range(6):
        rest, place = divmod(rest, 32)
        signs += ALPHABET[place]
    return f"{signs[:3]}-{signs[3:]}"
