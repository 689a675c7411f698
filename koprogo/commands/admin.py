"""`admin`: makes an address an administrator of the installation, and prints a one-time link."""

from __future__ import annotations

from argparse import Namespace

from core.people.accounts import service as accounts
from core.people.accounts.model import ADMIN_LASTS
from koprogo.application import opened
from koprogo.commands.talk import clean_address
from koprogo.office import link
from koprogo.output import DONE, Output, operator_language
from koprogo.settings import Settings


async def admin(options: Namespace, settings: Settings, out: Output) -> int:
    email = clean_address(options.address)
    async with opened(settings) as application:
        _, token = await accounts.administrator(application.database, email, operator_language(), ADMIN_LASTS)
        expires = application.database.clock() + ADMIN_LASTS
    address = link(settings, token)
    out.line("cli.admin.link", link=address, expires=expires)
    out.json({"address": email, "link": address, "expires": expires.isoformat()})
    return DONE
