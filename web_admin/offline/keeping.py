"""What a device may keep of the office, so that its pages can be read without a connection.

Every answer forbids to be stored (`Cache-Control: no-store`). That binds the caches of browsers and of what stands between, which nobody
can empty for others: on a shared computer no page comes back after signing out. The store of our service worker (`static/worker.js`) is
filled and emptied by ourselves, so it may keep pages nevertheless, under four conditions:

- somebody asked for it on this device, for his own account (`/account`); until then it is off, and nothing is kept;
- only pages that one reads (`Act.READ`) are kept: not signing in, links, codes, tokens, accounts, settings, downloads, nor what answers a
  form; a sentence that is said once is not kept with its page;
- they belong to one session in one organisation and language: an answer that belongs to another one, or to nobody, empties the store;
  so does signing out, with `Clear-Site-Data` and without a connection too;
- after two weeks, when a session that is not used ends as well, a page is not shown any more.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256

from aiohttp import web

from core.people.accounts.model import Act
from web_admin.pages import OFFLINE, Visit

OFFLINE_LASTS = timedelta(days=400)
"""How long a device keeps pages for one account: as long as browsers keep any cookie (RFC 6265bis, 5.5). It proves nothing else."""
KEPT_FOR, KEEP = "X-Kept-For", "X-Keep"
"""Headers for the worker: to whom what is kept must belong after this answer, and whether this page is to be kept."""
NOBODY = "nobody"


def switch(visit: Visit, on: bool) -> None:
    """Has this device keep pages for the visitor, or not."""
    visit.cookies.append((OFFLINE, _device(visit), OFFLINE_LASTS) if on else (OFFLINE, "", None))


def is_on(visit: Visit) -> bool:
    return hmac.compare_digest(visit.request.cookies.get(OFFLINE, "").encode(), _device(visit).encode())


def mark(visit: Visit, response: web.StreamResponse) -> None:
    """Tells the worker of the visitor's browser what it may keep."""
    if visit.signed_in is None or not is_on(visit):
        response.headers[KEPT_FOR] = NOBODY
        return
    response.headers[KEPT_FOR] = _belongs_to(visit)
    read = visit.request.method == "GET" and visit.page.act is Act.READ and not visit.page.open
    if read and response.status == 200 and response.content_type == "text/html":
        response.headers[KEEP] = "yes"


def _device(visit: Visit) -> str:
    return _digest(visit, "device", visit.who.account.account_id.hex)


def _belongs_to(visit: Visit) -> str:
    return _digest(visit, "kept", f"{visit.who.session.hex} {visit.who.organisation.hex} {visit.language}")


def _digest(visit: Visit, purpose: str, text: str) -> str:
    return hmac.new(visit.office.seals.keys.of(f"offline/{purpose}"), text.encode(), sha256).hexdigest()[:32]
