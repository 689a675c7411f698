"""Which channels there are, and which are configured. A tuple, no scanning; what is not configured is not imported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from bot.understanding import COMMANDS
from bot.ways import Way, way
from channels.letter import Letter
from core.database import Database
from core.documents.service import Shelf
from core.inbox.service import StoredMemory
from core.kernel.i18n import Catalogues
from core.kernel.text import Text, say
from core.messaging.channel import Channel, ChannelError, Receive
from koprogo.letters import Post
from koprogo.links import Links, secret_of
from koprogo.settings import Settings

CHANNELS = ("email", "matrix", "telegram")
"""Those by which the bot can be talked to."""

ASK_AGAIN_SECONDS = 30.0

MENU = (
    *("charges.owed", "charges.explain", "charges.pay", "charges.paid", "charges.expenses", "charges.funds"),
    *("settings.link", "settings.language", "human", "help"),
)
"""What a channel with a menu of commands shows in it."""


def configured(
    settings: Settings, database: Database, catalogues: Catalogues, receive: Callable[[str], Receive], shelf: Shelf
) -> Mapping[str, Channel]:
    """The channels of this installation, by name. `receive` gives each what it calls with an inbound; letters are put on the shelf."""
    channels: dict[str, Channel] = {}

    async def invitation() -> tuple[str, Text] | None:
        return await _by_letter(settings, channels)

    post = Post(database, shelf, catalogues, invitation)
    channels["letter"] = Letter(post.address_of, post.tray)
    if settings.has_email:
        channels["email"] = _email(settings, database, catalogues, receive("email"))
    if settings.has_matrix:
        channels["matrix"] = _matrix(settings, database, receive("matrix"))
    if settings.telegram_token:
        from channels.telegram import TelegramSettings
        from channels.telegram.channel import Telegram

        channels["telegram"] = Telegram(
            TelegramSettings(
                settings.telegram_token,
                settings.telegram_api,
                settings.telegram_webhook_url,
                settings.telegram_webhook_secret,
            ),
            receive("telegram"),
            StoredMemory(database, "telegram", account_of(settings, "telegram")),
            menus(catalogues),
        )
    return channels


def account_of(settings: Settings, channel: str) -> str:
    """Under which name this installation is known on a wire: what its memory there is about, and who may listen."""
    match channel:
        case "telegram":
            return (settings.telegram_token or "").partition(":")[0]
        case "matrix":
            return settings.matrix_user or ""
        case "email":
            mailbox = settings.email_imap
            return f"{mailbox.user}@{mailbox.host}/{mailbox.folder}" if mailbox else settings.email_address or ""
        case _:
            return ""


async def ways(settings: Settings, channels: Mapping[str, Channel], found: dict[str, Way]) -> None:
    """Finds how somebody reaches us on each channel. Telegram has to be asked, and is asked until it answers."""
    if settings.matrix_user:
        found["matrix"] = way(
            "matrix", settings.matrix_user, link=f"https://matrix.to/#/{settings.matrix_user}", groups=True
        )
    if settings.email_address:
        found["email"] = way("email", settings.email_address)
    if "telegram" not in channels:
        return
    from channels.telegram.channel import Telegram

    telegram = channels["telegram"]
    assert isinstance(telegram, Telegram)
    while "telegram" not in found:
        try:
            name = await telegram.username()
        except ChannelError:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            continue
        start, startgroup = f"https://t.me/{name}?start={{code}}", f"https://t.me/{name}?startgroup={{code}}"
        found["telegram"] = way("telegram", f"@{name}", link=start, groups=True, group_link=startgroup)


async def _by_letter(settings: Settings, channels: Mapping[str, Channel]) -> tuple[str, Text] | None:
    """The channel that a code in a letter ties, and the sentence that says where to write it."""
    if "telegram" in channels:
        from channels.telegram.channel import Telegram

        telegram = channels["telegram"]
        assert isinstance(telegram, Telegram)
        with suppress(ChannelError):
            return "telegram", say("letter.invitation.telegram", bot=await telegram.username())
    if settings.email_address:
        return "email", say("letter.invitation.email", address=settings.email_address)
    if settings.matrix_user:
        return "matrix", say("letter.invitation.matrix", user=settings.matrix_user)
    return None


def links(settings: Settings) -> Links:
    """What signs for this installation."""
    return Links(secret_of(settings.data, settings.secret), settings.public_url)


def _email(settings: Settings, database: Database, catalogues: Catalogues, receive: Receive) -> Channel:
    from channels.email import DkimSettings, EmailSettings, ImapSettings, LmtpSettings, Security, SmtpSettings
    from channels.email.channel import Email

    assert settings.email_address is not None
    assert settings.email_smtp is not None
    out, mailbox, handed = settings.email_smtp, settings.email_imap, settings.email_lmtp
    given = EmailSettings(
        settings.email_address,
        settings.email_name,
        SmtpSettings(out.host, out.port, out.user, out.password or "", Security(out.security)),
        None
        if mailbox is None
        else ImapSettings(
            mailbox.host,
            mailbox.user or settings.email_address,
            mailbox.password or "",
            mailbox.port,
            Security(mailbox.security),
            mailbox.folder,
        ),
        None if handed is None else LmtpSettings(handed[1], handed[0]),
        DkimSettings(settings.email_address.partition("@")[2], settings.email_dkim_selector, settings.email_dkim_key)
        if settings.email_dkim_selector and settings.email_dkim_key
        else None,
        settings.email_authserv_id,
    )
    memory = StoredMemory(database, "email", account_of(settings, "email"))
    return Email(given, receive, memory, links(settings), above=above(catalogues))


def _matrix(settings: Settings, database: Database, receive: Receive) -> Channel:
    """As an application service where its tokens are set, else as a user of the homeserver."""
    from channels.matrix import MatrixSettings

    assert settings.matrix_homeserver is not None
    assert settings.matrix_user is not None
    given = MatrixSettings(
        settings.matrix_homeserver,
        settings.matrix_user,
        settings.data / "matrix",
        settings.matrix_password,
        encryption=settings.matrix_encryption and settings.matrix_as_token is None,
    )
    memory = StoredMemory(database, "matrix", account_of(settings, "matrix"))
    if settings.matrix_as_token and settings.matrix_hs_token:
        from channels.matrix.appservice import MatrixService, Tokens

        return MatrixService(given, Tokens(settings.matrix_as_token, settings.matrix_hs_token), receive, memory)
    from channels.matrix.channel import Matrix

    return Matrix(given, receive, memory)


def above(catalogues: Catalogues) -> str:
    """The line above which an answer is to be written, in all languages: whoever reads a mail finds his own."""
    return f"--- {' | '.join(words(say('email.above')) for words in catalogues.values())} ---"


def menus(catalogues: Catalogues) -> dict[str, list[tuple[str, str]]]:
    """The menu of commands in each language, and in English under the empty name for any other."""
    by_language = {
        language: [
            (COMMANDS[intent][language], words(say(f"help.offer.{intent}"))) for intent in MENU if intent != "help"
        ]
        + [(COMMANDS["help"][language], words(say("bot.choice.help")))]
        for language, words in catalogues.items()
    }
    return {"": by_language["en"], **by_language}
