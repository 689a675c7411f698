"""The office wired in: its pages with this installation's database, secret and address, and one-time links that lead there."""

from __future__ import annotations

from aiohttp import web

from bot.trace import trace
from koprogo.application import Application
from koprogo.links import secret_of
from koprogo.preview import Pictures
from koprogo.settings import Settings
from koprogo.try_it import Trials
from koprogo.wires import Wires
from web_admin.application import PREFIX, office
from web_admin.messages.reach import SHELF
from web_admin.preview.protocols import PREVIEWS, TRY_IT
from web_admin.settings.wires import INSTALLATION

__all__ = ["PREFIX", "base", "link", "pages"]


def base(settings: Settings) -> str:
    """The address at which readers reach the web pages: as set, else as served."""
    return settings.public_url or f"http://{settings.http_host}:{settings.http_port}"


def pages(application: Application) -> web.Application:
    settings = application.settings
    secret = secret_of(settings.data, settings.secret)
    made = office(application.database, application.catalogues, secret, base(settings), trace)
    made[SHELF] = application.shelf
    made[INSTALLATION] = Wires(application)
    made[PREVIEWS] = Pictures(application)
    made[TRY_IT] = Trials(application)
    return made


def link(settings: Settings, token: str) -> str:
    return f"{base(settings)}{PREFIX}/link/{token}"
