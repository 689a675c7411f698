"""Pages behind the links of a mail. To open one does nothing: mail programs and their guards open every link. Its button acts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from jinja2 import Environment

from core.kernel.i18n import Catalogues
from core.kernel.text import Text, say
from core.messaging.channel import Address
from core.outbox.service import Offer
from web_admin.reader import SECURITY_HEADERS, preferred

FORM_HEADERS = {
    **SECURITY_HEADERS,
    "Content-Security-Policy": SECURITY_HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


class Behind(Protocol):
    """What the links of this installation lead to."""

    async def offered(self, sealed: str, token: str) -> Offer | None:
        """The choice behind a link; None where there is none, or no more."""

    async def press(self, offer: Offer) -> None:
        """Has its reader press it."""

    def unsubscribed(self, token: str) -> Address | None:
        """The address that a link to unsubscribe is for."""

    async def stop(self, address: Address) -> None:
        """Ends what is told there unasked."""


@dataclass(frozen=True, slots=True)
class LinkPages:
    behind: Behind
    catalogues: Catalogues
    templates: Environment

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/c/{sealed}/{token}", self.choice),
            web.post("/c/{sealed}/{token}", self.pressed),
            web.get("/u/{token}", self.leaving),
            web.post("/u/{token}", self.left),
        ]

    async def choice(self, request: web.Request) -> web.Response:
        return await self._with_offer(request, self._ask)

    async def pressed(self, request: web.Request) -> web.Response:
        return await self._with_offer(request, self._press)

    async def leaving(self, request: web.Request) -> web.Response:
        return self._unsubscribe(request, say("links.unsubscribe"), say("links.unsubscribe_body"), True)

    async def left(self, request: web.Request) -> web.Response:
        """One click is a POST without any page before it (RFC 8058)."""
        address = self.behind.unsubscribed(request.match_info["token"])
        if address is not None:
            await self.behind.stop(address)
        return self._unsubscribe(request, say("links.unsubscribed"), say("links.unsubscribed_body"), False)

    async def _with_offer(
        self, request: web.Request, answer: Callable[[Offer], Awaitable[web.Response]]
    ) -> web.Response:
        offer = await self.behind.offered(request.match_info["sealed"], request.match_info["token"])
        if offer is None:
            language = preferred(request.headers.get("Accept-Language", ""), self.catalogues)
            return self._page(language, say("links.over"), say("links.over_body"), status=404)
        return await answer(offer)

    async def _ask(self, offer: Offer) -> web.Response:
        words = self.catalogues[offer.language]
        return self._page(offer.language, offer.title, say("links.press"), button=words(offer.label))

    async def _press(self, offer: Offer) -> web.Response:
        await self.behind.press(offer)
        return self._page(
            offer.language,
            say("links.pressed"),
            say("links.pressed_body", choice=self.catalogues[offer.language](offer.label)),
        )

    def _unsubscribe(self, request: web.Request, title: Text, body: Text, ask: bool) -> web.Response:
        language = preferred(request.headers.get("Accept-Language", ""), self.catalogues)
        if self.behind.unsubscribed(request.match_info["token"]) is None:
            return self._page(language, say("links.over"), say("links.over_body"), status=404)
        button = self.catalogues[language](say("links.stop")) if ask else ""
        return self._page(language, title, body, button=button)

    def _page(self, language: str, title: Text, body: Text, *, button: str = "", status: int = 200) -> web.Response:
        words = self.catalogues[language]
        page = self.templates.get_template("link.html").render(
            language=language, title=words(title), body=words(body), button=button
        )
        return web.Response(text=page, content_type="text/html", status=status, headers=FORM_HEADERS)
