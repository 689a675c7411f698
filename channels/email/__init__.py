"""E-mail: out by SMTP; in from a mailbox (IMAP), or from a mail server that hands each mail to us (LMTP). The settings of the adapter.

The adapter itself is in `channel`; each wire library is loaded only where its part is configured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

NAME = "email"

MEBIBYTE = 1024 * 1024


class Security(Enum):
    """How a connection to a server is kept secret. `TLS` from its first byte; `STARTTLS` after a greeting, and never without."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The server that takes our mail. Without a port, the usual one of `security`: 465, 587 or 25. Without a user, no sign-in."""

    host: str
    port: int | None = None
    user: str | None = None
    password: str = field(default="", repr=False)
    security: Security = Security.STARTTLS

    @property
    def usual_port(self) -> int:
        return self.port or {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}[self.security]


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """The mailbox that mail to us arrives in. Without a port, the usual one of `security`: 993, else 143.

    `folder`: as the server writes it. `delete`: whether a mail goes from the mailbox once it is stored here; else nothing is touched there.
    `look_seconds`: the longest time between two looks, whether or not the server tells of new mail.
    """

    host: str
    user: str
    password: str = field(repr=False)
    port: int | None = None
    security: Security = Security.TLS
    folder: str = "INBOX"
    delete: bool = False
    look_seconds: float = 60.0

    @property
    def usual_port(self) -> int:
        return self.port or (993 if self.security is Security.TLS else 143)


@dataclass(frozen=True, slots=True)
class LmtpSettings:
    """Where our own mail server hands mail to us. Whoever reaches it is believed: keep it on the loopback or inside one's own network."""

    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class DkimSettings:
    """How our mail is signed: `domain` and `selector` name the DNS record of the public key, `key_file` holds the RSA key, in PEM."""

    domain: str
    selector: str
    key_file: Path


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """`address`: ours, LOCAL@HOST; mail to LOCAL+ANYTHING@HOST has to arrive at the same place. `name` stands beside it.

    `authserv_id`: the name under which our own mail server writes Authentication-Results; without one no such line is believed.
    `most_bytes`: what a mail to us may weigh.
    """

    address: str
    name: str
    smtp: SmtpSettings
    imap: ImapSettings | None = None
    lmtp: LmtpSettings | None = None
    dkim: DkimSettings | None = None
    authserv_id: str | None = None
    most_bytes: int = 25 * MEBIBYTE
