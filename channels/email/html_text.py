"""HTML of a mail as lines: what a reader sees of it, and what its containers tell (quote, signature, earlier mail). Pure.

The tags are found by regular expressions that cannot go back on themselves: html.parser takes quadratic time on broken comments and tags.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape

from channels.email.lines import Line, Mark, clean

MOST_SIGNS = 200_000
"""So much of a page is read, not counting comments, style and embedded pictures."""

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_BROKEN_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)([^<>]*+)>")
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_ATTRIBUTE = re.compile(r"([^\s=/\"']++)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++))?+")
_DATA = re.compile(r"data:[^\s\"'<>]{200,}")
_MOST_STYLE = 100_000


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_UNSEEN = _names(
    "script style title head template noscript object iframe audio video select textarea xml svg math o:xml"
)
_SWALLOWED = ("script", "style", "title")
_PARAGRAPHS = _names("p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre")
_BLOCKS = _PARAGRAPHS | _names(
    "address article aside body center dd div dl dt fieldset figure footer form header hr html li main nav section tr caption"
)

_SIGNATURE = re.compile(r"(?<!beginningof)signature|_rc_sig$|wisestamp|^mail-signature", re.IGNORECASE)
_EARLIER = re.compile(
    r"^(?:x_)*(?:appendonsend|divrplyfwdmsg|stopspelling|outlookmessageheader|orimsghtmlseperator|replysplit)$",
    re.IGNORECASE,
)
_QUOTE = re.compile(
    r"yahoo_quoted|^(?:zmail_extra|mail-editor-reference-message-container|ms-outlook-mobile-reference-message|olk_src_body_section"
    r"|isforwardcontent|isreplycontent|origbody|reply139content|moz-forward-container|forwardcontentmessage|quoted-content"
    r"|history_container"
    r"|__headers__|__quoted_text__|tutanota_quote|quotedtext|gmail_extra_quoted|replied-message|original-?message)$",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(
    r"^(?:moz-cite-prefix|gmail_attr|reply-intro|cite-prefix|cm_reply_header|quote-header)$", re.IGNORECASE
)
_WRAPPER = re.compile(
    r"^(?:gmail_quote|protonmail_quote|ik_mail_quote|quote|messagereplysection|reference|answercontentmessage)$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(r"<!--\s*originalmessage\s*-->", re.IGNORECASE)

_ZERO = r"\s*:\s*0+(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:!important\s*)?(?:;|$)"
_HIDES = re.compile(
    rf"display\s*:\s*none|mso-hide\s*:\s*all|(?<![\w-])opacity{_ZERO}|(?<![\w-])max-height{_ZERO}|(?<![\w-])max-width{_ZERO}"
    rf"|(?:left|top|text-indent)\s*:\s*-\d{{3,}}|clip\s*:\s*rect\(0",
    re.IGNORECASE,
)
_FLAT = re.compile(rf"(?<![\w-])(?:height|width){_ZERO}", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
_NO_SIZE = re.compile(rf"(?<![\w-])font-size{_ZERO}", re.IGNORECASE)
_SIZE = re.compile(
    r"(?<![\w-])font(?:-size)?\s*:[^;]{0,80}?(?<![\w.#-])(\d+(?:\.\d+)?)\s*(?:px|pt|em|rem|%|;|$|!|/)", re.IGNORECASE
)
_VISIBILITY = re.compile(r"(?<![\w-])visibility\s*:\s*(\w+)", re.IGNORECASE)
_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:white\b|#fff(?:fff)?\b|rgba?\(\s*255\s*,\s*255\s*,\s*255\b|transparent)", re.IGNORECASE
)
_GROUND = re.compile(
    r"(?<![\w-])background(?:-color)?\s*:\s*(?!\s*(?:none|transparent|white|inherit|initial|#fff))", re.IGNORECASE
)
_OUTLOOK_RULE = re.compile(
    r"border-top\s*:\s*(?:solid\s+#(?:e1e1e1|b5c4df)|#(?:e1e1e1|b5c4df)\s+1(?:\.0)?p[tx]\s+solid)"
    r"|border-top-color\s*:\s*rgb\(229, ?229, ?229\)",
    re.IGNORECASE,
)
_SIDE_RULE = re.compile(r"border-left(?:-\w+)?\s*:(?!\s*(?:none|0|medium none))", re.IGNORECASE)
_NO_RULE = re.compile(r"border(?:-width)?\s*:\s*(?:none|0)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside an element, and is inherited."""

    mark: Mark = Mark.NEW
    hidden: bool = False  # for good: display none
    invisible: bool = False  # size 0, visibility hidden: an inner element may end it
    white: bool = False
    ground: bool = False
    kept: bool = False  # white space counts: pre
    wrapper: bool = False  # of introduction and quote together: until the first quote inside, it is the introduction
    list_kind: str = ""


def html_lines(html: str) -> list[Line]:
    """The lines that a reader sees, marked by the containers in which they stand."""
    page = _Page(html)
    lines = page.read(white=False)
    return lines if any(line.mark is Mark.NEW and not line.blank for line in lines) else page.read(white=True)


class _Page:
    def __init__(self, html: str) -> None:
        bare, styles = _bare(_DATA.sub("data:", html))
        self._html = bare[:MOST_SIGNS]
        self._hiding = _hiding(styles)

    def read(self, white: bool) -> list[Line]:
        """The lines; white letters on no ground of their own are read only where `white` says so."""
        writer = _Writer(self._hiding, white)
        for text, closing, tag, attributes in _tokens(self._html):
            if text:
                writer.write(text)
            elif closing:
                writer.close(tag)
            else:
                writer.open(tag, attributes)
        return writer.lines()


class _Writer:
    """Takes tags and text in order, and keeps what is visible, line by line."""

    def __init__(self, hiding: frozenset[str], white: bool) -> None:
        self._hiding = hiding
        self._white = white
        self._stack: list[tuple[str, _State]] = []
        self._open: Counter[str] = Counter()
        self._wrappers: list[int] = []
        self._counts: list[int] = []
        self._state = _State()
        self._done: list[Line] = []
        self._pieces: list[str] = []
        self._mark = Mark.NEW
        self._signature_next = False

    def write(self, text: str) -> None:
        state = self._state
        if state.hidden or state.invisible or (state.white and not state.ground and not self._white):
            return
        words = unescape(text) if "&" in text else text
        if state.kept:
            for number, line in enumerate(clean(words).split("\n")):
                if number:
                    self._end()
                self._put(line)
            return
        flat = re.sub(r"[ \t\r\n\f]+", " ", words)
        if flat != " " or self._pieces:
            self._put(flat)

    def open(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "br":
            if _is_signature_break(attributes):
                self._signature_next = True
            self._end(always=True)
            return
        if tag == "img":
            alternative = attributes.get("alt", "")
            if alternative and not any(sign.isalnum() for sign in alternative) and len(alternative) <= 12:
                self.write(alternative)
            return
        if tag == "!original":
            self._end()
            self._done.append(Line("", Mark.EARLIER))
            return
        if tag in _BLOCKS:
            self._end()
            if tag in _PARAGRAPHS:
                self._gap()
        elif tag in ("td", "th"):
            self._put(" ")
        if tag == "li" and not self._hidden:
            self._item()
        state = self._inside(tag, attributes)
        if tag in _VOID:
            return
        if tag in ("ul", "ol"):
            start = attributes.get("start", "")
            self._counts.append(int(start) - 1 if start.isdecimal() and len(start) < 6 else 0)
        self._stack.append((tag, self._state))
        self._open[tag] += 1
        if state.wrapper and not self._state.wrapper:
            self._wrappers.append(len(self._stack))
        self._state = state

    def close(self, tag: str) -> None:
        if tag == "p" and not self._open[tag]:
            self._end(always=True)
        if not self._open[tag]:
            return
        while self._stack:
            last, state = self._stack.pop()
            self._open[last] -= 1
            if self._wrappers and self._wrappers[-1] > len(self._stack):
                self._wrappers.pop()
            if last in _BLOCKS:
                self._end()
                if last in _PARAGRAPHS:
                    self._gap()
            if last in ("ul", "ol") and self._counts:
                self._counts.pop()
            self._state = state
            if last == tag:
                break

    def lines(self) -> list[Line]:
        self._end()
        return self._done

    @property
    def _hidden(self) -> bool:
        return self._state.hidden or self._state.invisible

    def _inside(self, tag: str, attributes: Mapping[str, str]) -> _State:
        """What holds inside an element that opens here."""
        names = [*attributes.get("class", "").split()[:20], attributes.get("id", ""), attributes.get("name", "")]
        names += [attributes.get("data-marker", ""), attributes.get("fairemail", "")]
        names = [name for name in names if name]
        style = attributes.get("style", "")[:4_000]
        state = self._state
        if (
            tag in _UNSEEN
            or "hidden" in attributes
            or (style and _hides(style))
            or self._is_hidden_by_rule(tag, attributes)
        ):
            state = replace(state, hidden=True)
        if style:
            state = _styled(state, style)
        if tag == "pre" or "pre-wrap" in style or "white-space:pre" in style.replace(" ", ""):
            state = replace(state, kept=True)
        if "color" in attributes and _WHITE.search(f"color:{attributes['color']}"):
            state = replace(state, white=True)
        if "bgcolor" in attributes and attributes["bgcolor"].lower() not in ("white", "#ffffff", "#fff"):
            state = replace(state, ground=True)
        return self._marked(state, tag, attributes, names, style)

    def _marked(self, state: _State, tag: str, attributes: Mapping[str, str], names: list[str], style: str) -> _State:
        if tag == "blockquote" and _is_quote(attributes, style):
            for place in self._wrappers:
                self._end_wrapper(place)
            self._wrappers = []
            return replace(state, mark=Mark.QUOTED, wrapper=False)
        if state.mark is Mark.QUOTED:
            return state
        if (tag == "div" and _OUTLOOK_RULE.search(style)) or any(_EARLIER.match(name) for name in names):
            self._end()
            self._done.append(Line("", Mark.EARLIER))
            return replace(state, mark=Mark.QUOTED)
        if any(_QUOTE.search(name) for name in names) or attributes.get("name") == "quote":
            return replace(state, mark=Mark.QUOTED)
        if tag == "div" and _SIDE_RULE.search(style) and "padding" in style:
            return replace(state, mark=Mark.QUOTED)
        if state.mark is Mark.SIGNATURE:
            return state
        if self._signature_next and tag in ("div", "p", "span"):
            self._signature_next = False
            return replace(state, mark=Mark.SIGNATURE)
        if "data-signatureblock" in attributes or any(_SIGNATURE.search(name) for name in names):
            return replace(state, mark=Mark.SIGNATURE)
        if any(_INTRODUCTION.match(name) for name in names):
            return replace(state, mark=Mark.INTRODUCTION)
        if tag == "div" and not state.wrapper and any(_WRAPPER.match(name) for name in names):
            return replace(state, mark=Mark.INTRODUCTION, wrapper=True)
        return state

    def _end_wrapper(self, place: int) -> None:
        """The quote of a wrapper has begun: what stands in the wrapper after it is no introduction any more."""
        self._stack[place:] = [
            (tag, replace(state, mark=Mark.NEW, wrapper=True) if state.mark is Mark.INTRODUCTION else state)
            for tag, state in self._stack[place:]
        ]
        if self._state.mark is Mark.INTRODUCTION:
            self._state = replace(self._state, mark=Mark.NEW)

    def _is_hidden_by_rule(self, tag: str, attributes: Mapping[str, str]) -> bool:
        if not self._hiding:
            return False
        names = [f".{name}" for name in attributes.get("class", "").lower().split()[:20]]
        names += [f"#{attributes['id'].lower()}"] if "id" in attributes else []
        return any(name in self._hiding or tag + name in self._hiding for name in names)

    def _item(self) -> None:
        kind = next((tag for tag, _ in reversed(self._stack[-6:]) if tag in ("ul", "ol")), "")
        if kind == "ol" and self._counts:
            self._counts[-1] += 1
            self._put(f"{self._counts[-1]}. ")
        else:
            self._put("- ")

    def _put(self, text: str) -> None:
        if not self._pieces or (not self._mark_matters() and text.strip()):
            self._mark = self._state.mark
        elif self._mark is not self._state.mark and text.strip():
            self._end()
            self._mark = self._state.mark
        if self._signature_next and text.strip():
            self._mark = Mark.SIGNATURE
            self._signature_next = False
        self._pieces.append(text)

    def _mark_matters(self) -> bool:
        return any(piece.strip() for piece in self._pieces)

    def _end(self, always: bool = False) -> None:
        """The line ends here."""
        text = clean("".join(self._pieces))
        self._pieces = []
        if not self._state.kept:
            text = " ".join(text.split())
        if text.strip() or always:
            self._done.append(Line(text, self._mark if text.strip() else self._state.mark))

    def _gap(self) -> None:
        """An empty line, unless there is one."""
        if self._done and not self._done[-1].blank:
            self._done.append(Line("", self._state.mark))


def _styled(state: _State, style: str) -> _State:
    if "size" in style or "font" in style:
        size = _SIZE.search(style)
        if size:
            measure = float(size[1][:8])
            relative = "em" in size[0] or "%" in size[0]
            state = replace(state, invisible=measure == 0 or (measure < 1.5 and not relative))
    visibility = _VISIBILITY.search(style)
    if visibility:
        state = replace(state, invisible=visibility[1].lower() in ("hidden", "collapse"))
    if _WHITE.search(style):
        state = replace(state, white=True)
    elif re.search(r"(?<![\w-])color\s*:", style):
        state = replace(state, white=False)
    if _GROUND.search(style):
        state = replace(state, ground=True)
    return state


def _is_quote(attributes: Mapping[str, str], style: str) -> bool:
    """Whether a blockquote quotes: some editors use it for indenting what one writes."""
    names = attributes.get("class", "").lower()
    if attributes.get("type", "").lower() == "cite" or "cite" in attributes or "quote" in names or "cite" in names:
        return True
    if _SIDE_RULE.search(style):
        return True
    return not _NO_RULE.search(style)


def _is_signature_break(attributes: Mapping[str, str]) -> bool:
    return attributes.get("id", "").lower().endswith("linebreakatbeginningofsignature")


def _bare(html: str) -> tuple[str, str]:
    """The page without comments, scripts and style, and the style. The comment that Samsung's client writes above a quote becomes a tag."""
    styles: list[str] = []
    for tag in _SWALLOWED:
        html = _without(html, tag, styles)
    pieces: list[str] = []
    place = 0
    while (begin := html.find("<!--", place)) >= 0:
        pieces.append(html[place:begin])
        end = html.find("-->", begin + 4)
        if end < 0:
            place = len(html)
            break
        if _ORIGINAL.match(html[begin : begin + 40]):
            pieces.append("<!original>")
        place = end + 3
    pieces.append(html[place:])
    return "".join(pieces), " ".join(styles)


def _without(html: str, tag: str, styles: list[str]) -> str:
    lower = html.lower()
    if len(lower) != len(html):  # a letter that is longer in lower case would move every place behind it
        lower = re.sub(r"[A-Z]+", lambda found: found[0].lower(), html)
    pieces: list[str] = []
    place = 0
    while (begin := lower.find(f"<{tag}", place)) >= 0:
        pieces.append(html[place:begin])
        inside = lower.find(">", begin)
        end = lower.find(f"</{tag}", begin)
        if inside < 0 or end < 0:
            place = len(html) if inside < 0 else inside + 1
            if end < 0:
                break
            continue
        if tag == "style" and len(styles) < 50:
            styles.append(html[inside + 1 : end][:50_000])
        close = lower.find(">", end)
        place = close + 1 if close >= 0 else len(html)
    pieces.append(html[place:])
    return "".join(pieces)


def _hiding(styles: str) -> frozenset[str]:
    """The simple selectors (`.name`, `#name`, `tag.name`) whose elements a style sheet hides, rules for other media left aside."""
    found: set[str] = set()
    depth = 0
    selectors = ""
    for piece in re.split(r"([{}])", styles[:_MOST_STYLE]):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(depth - 1, 0)
        elif depth == 0:
            selectors = piece
        elif depth == 1 and "@" not in selectors and (_hides(piece) or _NO_SIZE.search(piece[:2_000])):
            found.update(selector.strip().lower() for selector in selectors.split(",")[:50])
    return frozenset(name for name in found if re.fullmatch(r"[a-z0-9]*[.#][\w-]+", name[:100]))


def _hides(declarations: str) -> bool:
    """Whether declarations of style take an element out of sight for good."""
    style = declarations[:2_000]
    if _HIDES.search(style):
        return True
    return bool(_CLIPPED.search(style) and _FLAT.search(style))


def _tokens(html: str) -> Iterator[tuple[str, bool, str, Mapping[str, str]]]:
    """Text, or a tag: (text, closing, tag, attributes)."""
    place = 0
    while True:
        begin = html.find("<", place)
        if begin < 0:
            break
        if begin > place:
            yield html[place:begin], False, "", {}
        found = _TAG.match(html, begin) or _BROKEN_TAG.match(html, begin)
        if found:
            place = found.end()
            yield "", bool(found[1]), found[2].lower(), _attributes(found[3])
            continue
        if html.startswith("<!original>", begin):
            yield "", False, "!original", {}
        declaration = _DECLARATION.match(html, begin)
        if declaration:
            place = declaration.end()
            continue
        yield "<", False, "", {}
        place = begin + 1
    if place < len(html):
        yield html[place:], False, "", {}


def _attributes(text: str) -> Mapping[str, str]:
    if not text or text == "/":
        return {}
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text[:20_000]):
        found.setdefault(name.lower(), unescape(value.strip("\"'")))
    return found
