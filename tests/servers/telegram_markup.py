"""Telegram's HTML as we read it in the documentation of its Bot API: which tags there are, how they nest, what is left after parsing.

It is our reading, written for tests: stricter than Telegram where that shows a mistake sooner.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>[a-zA-Z-]*)(?P<rest>[^>]*)>|&(?P<entity>#x[0-9a-fA-F]+|#\d+|[a-zA-Z]+);|<")


class MarkupError(ValueError):
    """What Telegram would answer after `Bad Request: can't parse entities: `."""


@dataclass
class Entity:
    """A stretch of the text in UTF-16 code units."""

    type: str
    offset: int
    length: int = 0
    url: str | None = None


@dataclass
class Parsed:
    text: str
    entities: list[Entity] = field(default_factory=list)

    def marked(self, kind: str) -> list[str]:
        """The pieces of text under that kind of entity."""
        units = self.text.encode("utf-16-le")
        return [
            units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")
            for entity in self.entities
            if entity.type == kind
        ]


def units(text: str) -> int:
    """UTF-16 code units, by which Telegram measures entities; we take it for its limits too."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(markup: str) -> Parsed:
    text = ""
    entities: list[Entity] = []
    still_open: list[tuple[str, Entity]] = []
    position = 0
    for token in _TOKEN.finditer(markup):
        text += markup[position : token.start()]
        position = token.end()
        where = f"at byte offset {len(markup[: token.start()].encode())}"
        if token["entity"]:
            text += _character(token["entity"], token[0])
        elif token["end"]:
            tag = token["tag"].lower()
            if not still_open:
                raise MarkupError(f"Unexpected end tag {where}")
            expected, entity = still_open.pop()
            if tag != expected or token["rest"].strip():
                raise MarkupError(f'Unmatched end tag {where}, expected "</{expected}>", found "</{tag}>"')
            entity.length = units(text) - entity.offset
        else:
            tag = (token["tag"] or "").lower()
            if tag not in TAGS:
                raise MarkupError(f'Unsupported start tag "{tag}" {where}')
            if any(inner in {"code", "pre"} for inner, _ in still_open) or tag in {name for name, _ in still_open}:
                raise MarkupError(f'Tag "{tag}" must not be nested here {where}')
            link = re.fullmatch(r'\s+href="([^"<>]+)"', token["rest"]) if tag == "a" else None
            if token["rest"] and not link:
                raise MarkupError(f'Unexpected attribute of tag "{tag}" {where}')
            entity = Entity(TAGS[tag], units(text), url=link[1] if link else None)
            entities.append(entity)
            still_open.append((tag, entity))
    text += markup[position:]
    if still_open:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{still_open[-1][0]}"')
    if any(entity.length == 0 for entity in entities):
        raise MarkupError("An entity without text")
    return Parsed(text, entities)


def _character(entity: str, whole: str) -> str:
    """What an entity stands for; one that Telegram does not know stays as it was written."""
    if entity.startswith("#x"):
        return chr(int(entity[2:], 16))
    if entity.startswith("#"):
        return chr(int(entity[1:]))
    return NAMED.get(entity, whole)
