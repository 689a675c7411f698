"""The HTML of a message as elements of our own page: what messages are made of, without attributes, and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser

from markupsafe import Markup, escape

SHOWN = frozenset({"p", "strong", "b", "em", "i", "u", "s", "code", "pre", "ol", "ul", "li", "blockquote", "br"})
LINK = "a"
"""Shown as a link looks, and leads nowhere: pressed in a preview, it would act for its reader."""
UNSHOWN = frozenset({"script", "style", "title", "template", "iframe", "object", "svg", "math"})
"""Gone with all that is in them."""


def shown(html: str) -> Markup:
    """Safe to stand in a page, whatever was given. Every element is closed within it."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return reading.whole()


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[Markup] = []
        self._open: list[str] = []
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSHOWN:
            self._unshown += 1
        elif self._unshown:
            return
        elif tag == "br":
            self._parts.append(Markup("<br>"))
        elif tag in SHOWN or tag == LINK:
            self._parts.append(Markup('<span class="link">') if tag == LINK else Markup(f"<{tag}>"))
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSHOWN:
            self._unshown = max(0, self._unshown - 1)
        elif not self._unshown and tag in self._open:
            while (last := self._open.pop()) != tag:
                self._parts.append(_end(last))
            self._parts.append(_end(tag))

    def handle_data(self, data: str) -> None:
        if not self._unshown:
            self._parts.append(escape(data))

    def whole(self) -> Markup:
        while self._open:
            self._parts.append(_end(self._open.pop()))
        return Markup("").join(self._parts)


def _end(tag: str) -> Markup:
    return Markup("</span>" if tag == LINK else f"</{tag}>")
