"""To which of the bot's addresses a mail was delivered. Never from what its author wrote in the body, the subject or a Reply-To."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from channels.email.addresses import Own, token
from channels.email.headers import Headers, addresses, written_host

_BY_OUR_SERVER: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to")
_BY_THE_AUTHOR: Final = ("to", "cc")
_FOR = re.compile(r"\bfor\s+<([^<>\s]{3,320})>")


def recipients(headers: Headers, recipient: str | None = None) -> list[list[str]]:
    """The addresses that a mail was delivered to, the surest first: of the envelope, of the servers that delivered it, of To and Cc."""
    found = [
        [recipient] if recipient else [],
        list(_traces(headers)),
        [address for name in _BY_THE_AUTHOR for value in headers.all(name) for address in addresses(value)],
    ]
    return [group for group in found if group]


def _traces(headers: Headers) -> Iterator[str]:
    """What the servers that delivered a mail put above it. The author can write below their first Received only."""
    before = []
    for name, value in headers.fields:
        before.append((name, value))
        if name == "received":
            break
    else:
        before = list(headers.fields)
    above = Headers(before)
    for name in _BY_OUR_SERVER:
        # Of several, the topmost was written last, by the server nearest to us.
        yield from addresses(above.first(name))[:1]
    yield from _FOR.findall(above.first("received"))[:1]


def bot_address(
    headers: Headers, own: Own | None, recipient: str | None = None, authserv_id: str | None = None
) -> str | None:
    """The bot's address to which a mail was delivered, as written. Where nobody says which is ours, the surest recipient is.

    `authserv_id`: our own mail server; an address at its domain is sooner ours than another. Of those that the same servers name, one
    with something behind its plus comes before one without, which a server on the way may have cut off.
    """
    groups = recipients(headers, recipient)
    for is_ours in (own.owns if own else None, partial(_is_near, authserv_id) if authserv_id else None):
        ours = [found for group in groups if is_ours and (found := list(filter(is_ours, group)))]
        if ours:
            groups = ours
            break
    return next((next((address for address in group if token(address)), group[0]) for group in groups), None)


def _is_near(server: str, address: str) -> bool:
    host = written_host(address.rpartition("@")[2])
    return f".{written_host(server)}".endswith(f".{host}")
