"""A walk through the office: from link to link to every page, with what stands on each, and the forms on the way."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import takewhile
from urllib.parse import urljoin, urlsplit

from multidict import MultiDict

from tests.web_admin.reading import Reader, Shown
from web_admin.application import PAGES, PREFIX
from web_admin.pages import Page

PLACE = re.compile(r"{(\w+)(?::((?:[^{}]|{[^{}]*})*))?}")
"""A placeholder in a path, with its pattern."""
OF_EACH = 3
"""Addresses of one page that a walk goes to: what a list links to is the same page many times."""
ADDRESSES = ("href", "src", "action", "formaction", "poster", "data", "srcset", "xlink:href", "hx-get", "hx-post")
FOLLOWED = ("href", "src", "hx-get")


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form. `options`: what can be chosen."""

    name: str
    kind: str
    value: str = ""
    options: tuple[str, ...] = ()
    ticked: bool = False

    @property
    def is_sent(self) -> bool:
        return bool(self.name) and self.kind != "file" and (self.kind not in ("checkbox", "radio") or self.ticked)


@dataclass
class Form:
    """A form as it stands on a page; `on` is the address of that page, `path` where it goes."""

    on: str
    path: str
    method: str
    multipart: bool
    fields: list[Input] = field(default_factory=list)
    buttons: list[Input] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    """Where else its buttons lead."""

    def values(self, button: Input | None = None) -> MultiDict[str]:
        """As a browser sends it, untouched."""
        sent = MultiDict((each.name, each.value) for each in self.fields if each.is_sent)
        pressed = button or next(iter(self.buttons), None)
        if pressed is not None and pressed.name:
            sent.add(pressed.name, pressed.value)
        return sent


class Seen(HTMLParser):
    """What stands on a page."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self.headings = 0
        self.language = ""
        self.whole = False
        self.links: list[str] = []
        self.elsewhere: list[str] = []
        self.inline: list[str] = []
        self.forms: list[Form] = []
        self._at = shown.path
        self._area: Input | None = None
        self._select: tuple[str, list[str], str] | None = None
        self._by_identity: dict[str, Form] = {}
        self.feed(shown.text)

    @property
    def _form(self) -> Form | None:
        return self.forms[-1] if self._open else None

    _open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._judged(tag, given)
        if tag == "html":
            self.whole, self.language = True, given.get("lang", "")
        elif tag == "h1":
            self.headings += 1
        elif tag == "form":
            path = urljoin(self._at, given.get("action", "")) or self._at
            made = Form(self._at, path, given.get("method", "get").lower(), "multipart" in given.get("enctype", ""))
            self.forms.append(made)
            self._by_identity[given.get("id", "")] = made
            self._open = True
        form = self._by_identity.get(given["form"]) if "form" in given else self._form
        if form is not None:
            self._filled(form, tag, given)

    def _filled(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input":
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                value = given.get("value", "on")
            form.fields.append(Input(name, kind, value, ticked="checked" in given))
        elif tag == "textarea":
            self._area = Input(name, tag)
        elif tag == "select":
            self._select = (name, [], "")
        elif tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append(Input(name, tag, value))
            if "formaction" in given:
                form.ways.append(urljoin(self._at, given["formaction"]))
        if tag == "option" and self._select is not None:
            name, options, chosen = self._select
            self._select = (name, [*options, value], value if "selected" in given else chosen)

    def _judged(self, tag: str, given: Mapping[str, str]) -> None:
        for name, value in given.items():
            if name in ADDRESSES and urlsplit(value).scheme not in ("", "mailto", "tel", "data"):
                self.elsewhere.append(f"{tag} {name}={value}")
            if name in ADDRESSES and value.startswith("//"):
                self.elsewhere.append(f"{tag} {name}={value}")
            if name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:"):
                self.inline.append(f"{tag} {name}={value[:60]}")
            if name in FOLLOWED and tag not in ("link", "script"):
                self.links.append(urljoin(self._at, value))
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area = Input(self._area.name, "textarea", self._area.value + data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        form = self._form
        if tag == "textarea" and self._area is not None and form is not None:
            form.fields.append(self._area)
            self._area = None
        elif tag == "select" and self._select is not None and form is not None:
            name, options, chosen = self._select
            form.fields.append(Input(name, tag, chosen or next(iter(options), ""), tuple(options)))
            self._select = None
        elif tag == "form":
            self._open = False


def pattern(page: Page) -> re.Pattern[str]:
    """What the router matches an address below the prefix with."""
    parts, end = [], 0
    for place in PLACE.finditer(page.path):
        parts += [re.escape(page.path[end : place.start()]), f"(?P<{place[1]}>{place[2] or '[^{}/]+'})"]
        end = place.end()
    return re.compile("".join(parts) + re.escape(page.path[end:]))


PATTERNS = [(page, pattern(page)) for page in PAGES]


def page_at(address: str, method: str = "get") -> Page | None:
    """The page that answers there, as the router chooses it."""
    path = urlsplit(address).path.removeprefix(PREFIX)
    for page, wanted in PATTERNS:
        if getattr(page, method) is not None and wanted.fullmatch(path):
            return page
    return None


EVERYBODY_S = frozenset({"channel", "language", "module", "step"})
"""Placeholders for what is the same for every tenant; the others are for something of one's own."""


def places(page: Page) -> list[str]:
    return [place[1] for place in PLACE.finditer(page.path)]


def is_one_s_own(page: Page) -> bool:
    """Whether its path names something that belongs to one organisation."""
    return bool(set(places(page)) - EVERYBODY_S)


def is_office(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.netloc and (parts.path == PREFIX or parts.path.startswith(f"{PREFIX}/"))


@dataclass
class Walk:
    """Where a reader came: the answers by the path of their page, and every form that is sent somewhere by POST."""

    reader: Reader
    shown: dict[str, list[Shown]] = field(default_factory=dict)
    forms: dict[str, list[Form]] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    """Links that lead nowhere."""

    def address(self, page: Page) -> str | None:
        """An address of that page to which a link led, and where something is shown."""
        every = self.shown.get(page.path, [])
        return next((each.path for each in every if each.status == 200), every[0].path if every else None)

    async def go(self, starts: Iterable[str], wanted: str = "", enough: Callable[[], bool] = lambda: False) -> None:
        """From these addresses to everything that is linked. `wanted`: addresses that begin like this come first."""
        waiting, known = list(dict.fromkeys(starts)), set[str]()
        while waiting and not enough():
            waiting.sort(key=lambda address: -_alike(address.removeprefix(PREFIX), wanted))
            address = waiting.pop(0)
            page = page_at(address)
            where = address.partition("#")[0]
            if where in known or not is_office(where):
                continue
            known.add(where)
            if page is None:
                self.dead.append(where)
                continue
            here = self.shown.setdefault(page.path, [])
            if len(here) >= OF_EACH:
                continue
            got = await self.reader.get(where.removeprefix(PREFIX), follow=False)
            here.append(got)
            waiting += [link for link in self.note(got) if link.partition("#")[0] not in known]

    def note(self, shown: Shown) -> list[str]:
        """Keeps the forms of a page; gives where its links lead."""
        if 300 <= shown.status < 400:
            return [shown.headers["Location"]]
        if not shown.headers.get("Content-Type", "").startswith("text/html"):
            return []
        seen = Seen(shown)
        for form in seen.forms:
            if form.method != "post":
                continue
            for path in (form.path, *form.ways):
                page = page_at(path, "post")
                if page is None:
                    self.dead.append(f"a form on {shown.path} to {path}")
                elif len(self.forms.setdefault(page.path, [])) < OF_EACH:
                    self.forms[page.path].append(Form(form.on, path, "post", form.multipart, form.fields, form.buttons))
        return seen.links


def _alike(one: str, other: str) -> int:
    """How many parts two paths begin with in common; what is no detail of another page comes first."""
    pairs = zip(one.split("?")[0].strip("/").split("/"), other.strip("/").split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] or pair[1].startswith("{"), pairs))


Step = Callable[[Reader], Awaitable[Sequence[Shown]]]
"""What leads to a form that no link leads to: gives the pages on the way, the last of which shows it."""
