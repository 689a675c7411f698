"""A card as Matrix shows it: plain text with HTML beside it, in as many events as it takes, and the relations between events. Pure.

An event may have 65,536 bytes in all, its signatures and ids included: see https://spec.matrix.org/latest/client-server-api/#size-limits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final

from channels import shaping
from core.messaging.card import Card

TEXT_LIMIT: Final = 16_000
"""Characters of one event."""
BYTE_LIMIT: Final = 40_000
"""Bytes of the content of one event: the text, the same as HTML, and what stands around them."""
FORMAT: Final = "org.matrix.custom.html"
KEYCAPS: Final = tuple(f"{number}\ufe0f\u20e3" for number in range(1, 10))
"""The reactions that stand for the numbers from 1 on."""
TAPPED: Final = range(2, 5)
"""How many choices are offered as reactions too."""
_AROUND: Final = 400

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Thread:
    """Where an answer belongs: in a room, in the thread with that root ("": in none), after that event. What `Message.thread` holds.

    An answer in a thread of its own would be hidden from whoever reads a direct talk in a client with threads.
    """

    room: str
    root: str
    event: str

    def text(self) -> str:
        return json.dumps({"room": self.room, "root": self.root, "event": self.event}, ensure_ascii=False)

    def relation(self) -> Content:
        """What stands under `m.relates_to`. Clients without threads show it as an answer to the event."""
        return {
            "rel_type": "m.thread",
            "event_id": self.root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": self.event},
        }


def thread(text: str | None) -> Thread | None:
    """What `Thread.text` gave; None for anything else."""
    try:
        match json.loads(text or "null"):
            case {"room": str(room), "root": str(root), "event": str(event)}:
                return Thread(room, root, event)
    except (ValueError, RecursionError):
        pass
    return None


def contents(card: Card[str]) -> list[Content]:
    """The card as the contents of one or more events. All that we say is a notice, so that no other program answers it."""
    whole = notice(shaping.plain(card), shaping.minimal_html(card))
    if len(whole["body"]) <= TEXT_LIMIT and _bytes(whole) <= BYTE_LIMIT:
        return [whole]
    title = shaping.line(card.title)
    pieces = shaping.split(shaping.plain(card), TEXT_LIMIT, _size)
    return [notice(piece, _html(piece, "" if number else title)) for number, piece in enumerate(pieces)]


def notice(body: str, html: str) -> Content:
    return {"msgtype": "m.notice", "body": body, "format": FORMAT, "formatted_body": html, "m.mentions": {}}


def closed(card: Card[str], label: str) -> Content:
    """The last event of the card, with the choice that was made in the place of the choices."""
    choice = f"✓ {shaping.shorten(label, 200)}"
    last = contents(replace(card, choices=()))[-1]
    return notice(f"{last['body']}\n\n{choice}", f"{last['formatted_body']}\n<p>{escape(choice)}</p>")


def replacement(event: str, content: Mapping[str, Any]) -> Content:
    """What takes the place of an event. Clients that know no edits see the beginning of the new text."""
    return {
        "msgtype": content["msgtype"],
        "body": f"* {shaping.shorten(content['body'], 200)}",
        "m.new_content": dict(content),
        "m.mentions": {},
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }


def reaction(event: str, number: int) -> Content:
    """Our own reaction, which waits to be tapped. `number` counts from 1."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": KEYCAPS[number - 1]}}


def file(name: str, media_type: str, size: int, place: Mapping[str, Any]) -> Content:
    """A file that was uploaded. `place`: what the upload gave."""
    kind = media_type.partition("/")[0]
    return {
        "msgtype": f"m.{kind}" if kind in ("image", "audio", "video") else "m.file",
        "body": name,
        "filename": name,
        "info": {"mimetype": media_type, "size": size},
        **place,
    }


def _html(piece: str, title: str) -> str:
    """A piece of a text that does not fit into one event."""
    blocks = [escape(block).replace("\n", "<br>") for block in piece.split("\n\n")]
    if title and shaping.visible(title) and blocks[0] == escape(title):
        blocks[0] = f"<strong>{blocks[0]}</strong>"
    return "\n".join(f"<p>{block}</p>" for block in blocks if shaping.visible(block))


def _size(text: str) -> int:
    """A length for which the limit of characters is that of bytes too."""
    weight = _bytes(text) + _bytes(_html(text, "")) + _AROUND
    return max(len(text), -(-weight * TEXT_LIMIT // BYTE_LIMIT))


def _bytes(content: Any) -> int:
    return len(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
