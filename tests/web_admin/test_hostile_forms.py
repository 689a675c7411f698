"""Every form there is, with what nobody should send: it is refused in a sentence, changes nothing it must not, and is never shown raw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote_plus

import pytest
from aiohttp import FormData
from multidict import MultiDict

from tests.web_admin.house import House
from tests.web_admin.reading import Reader, Shown
from tests.web_admin.roundabout import WAYS
from tests.web_admin.walking import Form, Walk, page_at
from web_admin.application import PAGES, PREFIX
from web_admin.pages import FORM_TOKEN, Page

SENT = [page for page in PAGES if page.post is not None]
RAW = ("<img src=x", "<script>alert", "onerror=alert(1)>")
HOSTILE = {
    "nothing": "",
    "blanks": " \u00a0\u200b\t",
    "a zero byte": "a\0b",
    "the other direction": "\u202eabc\u2066\u200f",
    "pictures": "👨‍👩‍👧‍👦🏚️",
    "too long": "é" * 10_000,
    "SQL": "'; DROP TABLE buildings; --",
    "HTML": '"><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}',
    "a huge number": "9" * 40,
    "less than nothing": "-1",
    "no number": "NaN",
    "lines": "a\r\nSet-Cookie: b=c\r\n\r\n=cmd|' /C calc'!A0",
    "a path": "../../../etc/passwd",
}
ANSWERED = frozenset({200, 303, 400, 401, 404, 409, 413, 422, 429})
HUGE = "x" * 300_000
UPLOADS = (
    ("", b""),
    ("empty.zip", b""),
    ("not.zip", b"PK\x03\x04 not really"),
    ('"><img src=x onerror=alert(1)>.csv', b"lot,kind\n\0,\xff"),
    ("../../../etc/passwd", b"root"),
    ("large.pdf", b"%PDF-1.7" + b"\0" * 300_000),
    ("\u202egnp.exe", b"\x89PNG"),
)
TYPED = ("text", "textarea", "search", "email", "tel", "number", "date", "password", "url")
MOST_FIELDS = 12
"""Fields of one form that are tried one by one: those whose names differ by more than a number."""


async def form_of(house: House, page: Page, reader: Reader) -> Form:
    """The form by which that page is sent to, as it stands where the syndic sees it."""
    walk = Walk(reader)
    if page.path in WAYS:
        walk.note(await WAYS[page.path](house, reader))
    else:
        await walk.go(house.starts(), page.path, lambda: any(form.buttons for form in walk.forms.get(page.path, [])))
    found = next((form for form in walk.forms.get(page.path, []) if form.buttons), None)
    assert found is not None, f"no page shows a form to {page.path}; what has to be done before stands in roundabout.py"
    return found


def fields_of(form: Form) -> list[str]:
    kinds: dict[str, str] = {}
    names = dict.fromkeys(each.name for each in form.fields if each.name and each.kind != "file")
    names |= dict.fromkeys(each.name for each in form.buttons if each.name)
    for name in names:
        if name != FORM_TOKEN:
            kinds.setdefault(re.sub(r"\d+", "0", name), name)
    return list(kinds.values())[:MOST_FIELDS]


def with_value(form: Form, name: str, value: str) -> MultiDict[str]:
    sent = form.values()
    sent[name] = value
    return sent


async def post(
    reader: Reader, form: Form, fields: MultiDict[str], files: Mapping[str, tuple[str, bytes]] | None = None
) -> Shown:
    """As its browser would send it. `files`: name and content, by field."""
    path = form.path.removeprefix(PREFIX)
    if not form.multipart and not files:
        return await reader.post(path, fields, follow=False)
    data = FormData(quote_fields=False, default_to_multipart=True)
    for name, value in fields.items():
        data.add_field(name, value)
    for name, (called, content) in (files or {}).items():
        data.add_field(name, content, filename=called, content_type="application/octet-stream")
    return await reader.post(path, data, follow=False)  # type: ignore[arg-type]


async def wrong_with(reader: Reader, sent: Shown, what: str) -> list[str]:
    """What is wrong with an answer, and with the page to which it leads."""
    found = [] if sent.status in ANSWERED else [f"{what}: {sent.status}"]
    if sent.status == 303:
        location = sent.headers["Location"]
        if not location.startswith(f"{PREFIX}/") or page_at(location) is None:
            return [*found, f"{what}: leads to {location}"]
        sent = await reader.get(location.removeprefix(PREFIX))
        if sent.status >= 500:
            found.append(f"{what}: leads to {location}: {sent.status}")
    if sent.headers.get("Content-Type", "").startswith("text/html"):
        found += [f"{what}: {raw} on {sent.path}" for raw in RAW if raw in sent.text]
    return found


@pytest.mark.parametrize("page", SENT, ids=lambda page: page.path)
async def test_a_form_takes_whatever_comes(house: House, page: Page) -> None:
    """What was not made here is refused and changes nothing; what nobody should send breaks nothing."""
    reader = await house.syndic()
    form = await form_of(house, page, reader)
    before = await house.fingerprint()
    faults = [*await not_made_here(reader, form), *await no_form(reader, form)]
    if await house.fingerprint() != before:
        faults.append("what was refused changed something")
    faults += [*await hostile(reader, form), *await too_much(reader, form, page), *await files(reader, form)]
    assert not faults, "\n".join(faults)


async def not_made_here(reader: Reader, form: Form) -> list[str]:
    """Without its token, or with another."""
    token, faults = form.values().get(FORM_TOKEN, ""), []
    for wrong in (None, "", "x", token[::-1], token.upper(), "é" * 50):
        fields = form.values()
        if wrong is None:
            fields.popall(FORM_TOKEN, None)
        else:
            fields[FORM_TOKEN] = wrong
        sent = await post(reader, form, fields)
        if sent.status != 403:
            faults.append(f"token {wrong!r}: {sent.status}")
    return faults


async def no_form(reader: Reader, form: Form) -> list[str]:
    """By other methods, and as something else than a form."""
    faults = []
    for method in ("PUT", "DELETE", "PATCH", "GET"):
        if method == "GET" and page_at(form.path) is not None:
            continue
        async with reader.client.request(method, reader.address + form.path, allow_redirects=False) as answer:
            if answer.status != 405:
                faults.append(f"{method}: {answer.status}")
    for body, kind in (
        (b'{"a": 1}', "application/json"),
        (b"<a/>", "text/xml"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"a=%ff%fe&b=%", "application/x-www-form-urlencoded"),
        (b"a=b", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"\xff\xfe\x00", "application/octet-stream"),
    ):
        sent = await reader.post(form.path.removeprefix(PREFIX), body, follow=False, **{"Content-Type": kind})
        if sent.status not in (400, 403, 415):
            faults.append(f"{kind}: {sent.status}")
    return faults


async def hostile(reader: Reader, form: Form) -> list[str]:
    """Each value in each field, and in all at once."""
    faults: list[str] = []
    for kind, value in HOSTILE.items():
        for name in fields_of(form):
            sent = await post(reader, form, with_value(form, name, value))
            faults += await wrong_with(reader, sent, f"{kind} in {name}")
        fields = form.values()
        for each in form.fields:
            if each.kind in TYPED:
                fields[each.name] = value
        faults += await wrong_with(reader, await post(reader, form, fields), f"{kind} everywhere")
    return faults


async def too_much(reader: Reader, form: Form, page: Page) -> list[str]:
    name = next(iter(fields_of(form)), "strange")
    sent = await post(reader, form, with_value(form, name, HUGE))
    wanted = {401, 413} if page.most < len(HUGE) else ANSWERED
    return [] if sent.status in wanted else [f"300 kB in {name}: {sent.status}"]


async def files(reader: Reader, form: Form) -> list[str]:
    """Files for texts, files that are not what they should be, and bytes that are no text."""
    faults: list[str] = []
    for name in fields_of(form):
        fields = form.values()
        fields.popall(name, None)
        sent = await post(reader, form, fields, {name: ('..\\evil"><img src=x onerror=alert(1)>.exe', b"MZ\0\xff")})
        faults += await wrong_with(reader, sent, f"a file for {name}")
    for content in UPLOADS:
        for each in form.fields:
            if each.kind == "file":
                sent = await post(reader, form, form.values(), {each.name: content})
                faults += await wrong_with(reader, sent, f"{content[0]!r} for {each.name}")
    given = ((name, value if name == FORM_TOKEN else "%ff%fe%00") for name, value in form.values().items())
    raw = "&".join(f"{quote_plus(name)}={value}" for name, value in given)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = await reader.post(form.path.removeprefix(PREFIX), raw.encode(), follow=False, **kind)
    return faults if sent.status in ANSWERED | {403} else [*faults, f"no text: {sent.status}"]


async def test_what_was_kept_is_shown_escaped(house: House) -> None:
    """Hostile values in every form, and then a walk over every page."""
    reader = await house.syndic()
    walk = Walk(reader)
    await walk.go(house.starts())
    for kind in ("HTML", "pictures", "the other direction", "lines"):
        for page in SENT:
            for form in walk.forms.get(page.path, [])[:1]:
                if page.open or page.path == "/sign-out":
                    continue
                fields = form.values()
                for each in form.fields:
                    if each.kind in TYPED:
                        fields[each.name] = HOSTILE[kind]
                await post(reader, form, fields)
    faults: list[str] = []
    again = Walk(reader)
    await again.go(house.starts())
    for every in again.shown.values():
        for shown in every:
            if shown.status >= 500:
                faults.append(f"{shown.path}: {shown.status}")
            if shown.headers.get("Content-Type", "").startswith("text/html"):
                faults += [f"{shown.path}: {raw}" for raw in RAW if raw in shown.text]
    assert not faults, "\n".join(faults)
