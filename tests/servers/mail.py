"""Real mail servers for the tests, on loopback, in a folder of their own; no mail can leave the machine.

    async with mail(folder) as server:
        await server.submit(raw, "lea@post.example", "koprogo@immeuble.example")
        (found,) = await server.mails("koprogo")

Where Postfix and Dovecot are installed and we are root, it is these (`Full`); else pymap as the mailbox and aiosmtpd before it (`Light`),
which needs nothing but Python. What only `Full` can show asks for it, and is skipped loudly elsewhere; where CI is set, it fails.

People have a mailbox each, KOPROGO at immeuble.example and the others at post.example; some addresses answer in a way of their own:

    refused@post.example    550 5.1.1 at once      full@post.example       452 4.2.2 at once
    barred@post.example     554 5.7.1 at once      unknown@post.example    taken, and bounced later (Full)
    ...@direct.example      handed by LMTP to `direct_port` (Full)

A mail with REFUSED in its subject is refused with 554 5.7.1 after it was sent.
"""

from __future__ import annotations

import asyncio
import imaplib
import os
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final
from weakref import WeakSet

import pytest
from aiosmtpd.smtp import SMTP

from tests.servers.ports import free_port
from tests.waiting import eventually

HOST: Final = "127.0.0.1"
DOMAIN: Final = "immeuble.example"
PEOPLE: Final = ("koprogo", "lea", "tom")
PASSWORD: Final = "a password for tests only"
PATIENCE: Final = 30.0
REFUSALS: Final = {
    "refused@post.example": "550 5.1.1 <refused@post.example>: Recipient address rejected: User unknown",
    "barred@post.example": "554 5.7.1 <barred@post.example>: Relay access denied",
    "full@post.example": "452 4.2.2 <full@post.example>: Mailbox full",
}
DAEMONS: Final = Path("/usr/lib/postfix/sbin")


def installed() -> bool:
    """Whether Postfix and Dovecot can be started by us."""
    return (
        os.geteuid() == 0 and all(map(shutil.which, ("postfix", "dovecot"))) and Path("/usr/lib/dovecot/lmtp").exists()
    )


def needs_full() -> None:
    """Ends a test that only Postfix and Dovecot can pass, where they are not to be had."""
    if not installed():
        why = "Postfix and Dovecot are not installed, or we are not root"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)


@asynccontextmanager
async def mail(folder: Path) -> AsyncIterator[Full | Light]:
    """The best mail server that is to be had, started."""
    server = Full(folder) if installed() else Light(folder)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


class Mailboxes:
    """What both kinds have in common: ports, and looking into a mailbox with the standard library."""

    people: tuple[str, ...] = PEOPLE
    """Who has a mailbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self.smtp_port, self.imap_port = free_port(), free_port()

    async def submit(self, raw: bytes, sender: str, *recipients: str) -> None:
        """Somebody sends a mail."""
        await self.submit_all([raw], sender, *recipients)

    async def submit_all(self, raws: list[bytes], sender: str, *recipients: str) -> None:
        """Somebody sends mails, one after the other, over one connection."""

        def sent() -> None:
            with smtplib.SMTP(HOST, self.smtp_port, timeout=PATIENCE) as smtp:
                for raw in raws:
                    smtp.sendmail(sender, recipients, raw)

        await asyncio.to_thread(sent)

    async def mails(self, user: str, at_least: int = 0) -> list[bytes]:
        """What lies in a mailbox, oldest first, once there is so much."""
        end = time.monotonic() + PATIENCE
        while True:
            found = await asyncio.to_thread(self._mails, user)
            if len(found) >= at_least:
                return found
            assert time.monotonic() < end, f"{len(found)} of {at_least} mails for {user}\n{self.log()}"
            await asyncio.sleep(0.1)

    async def put(self, user: str, *raws: bytes) -> None:
        """Mails lie in a mailbox, however they came there."""

        def put() -> None:
            with self._signed_in(user) as box:
                for raw in raws:
                    box.append("INBOX", "", "", raw)

        await asyncio.to_thread(put)

    async def empty(self) -> None:
        """Nothing lies in any mailbox."""

        def empty() -> None:
            for user in self.people:
                with self._signed_in(user) as box:
                    if box.select("INBOX")[1] == [b"0"]:
                        continue
                    box.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
                    box.expunge()

        await asyncio.to_thread(empty)

    def _mails(self, user: str) -> list[bytes]:
        with self._signed_in(user) as box:
            box.select("INBOX", readonly=True)
            numbers = box.search(None, "ALL")[1][0].split()
            return [_content(box.fetch(number, "(BODY.PEEK[])")[1]) for number in numbers]

    def _signed_in(self, user: str) -> imaplib.IMAP4:
        box = imaplib.IMAP4(HOST, self.imap_port, timeout=PATIENCE)
        box.login(user, PASSWORD)
        return box

    def log(self) -> str:
        return ""


class Full(Mailboxes):
    """Postfix and Dovecot. Stopped and started again, they keep what they have."""

    kind: Final = "full"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.submission_port, self.smtps_port, self.imaps_port = free_port(), free_port(), free_port()
        self.direct_port, self._lmtp_port, self._auth_port = free_port(), free_port(), free_port()
        self.certificate = folder / "certificate.pem"
        self._dovecot: asyncio.subprocess.Process | None = None
        self._write()

    def _write(self) -> None:
        """Everything that the two read, and the folders that they write in."""
        here, key = self.folder, self.folder / "key.pem"
        for name in ("postfix", "queue", "data", "log", "mail", "run", "state"):
            (here / name).mkdir(exist_ok=True)
        shutil.chown(here / "data", "postfix")
        shutil.chown(here / "mail", "nobody", "nogroup")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
                *("-addext", f"subjectAltName=IP:{HOST},DNS:localhost", "-keyout", key, "-out", self.certificate),
            ],
            check=True,
            capture_output=True,
        )
        (here / "postfix" / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {here}/queue
data_directory = {here}/data
command_directory = /usr/sbin
daemon_directory = {DAEMONS}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {here}/log/postfix
maillog_file_prefixes = {here}
myhostname = mx.{DOMAIN}
mydestination =
local_recipient_maps =
alias_maps =
relay_domains = {DOMAIN}, post.example, direct.example
inet_interfaces = {HOST}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
recipient_delimiter = +
smtp_dns_support_level = disabled
default_transport = error:no mail leaves this machine
transport_maps = inline:{{ {DOMAIN}=lmtp:inet:{HOST}:{self._lmtp_port}, post.example=lmtp:inet:{HOST}:{self._lmtp_port},
    direct.example=direct:inet:{HOST}:{self.direct_port} }}
direct_destination_concurrency_limit = 1
header_checks = regexp:{here}/postfix/headers
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
message_size_limit = 60000000
smtpd_client_connection_rate_limit = 0
smtpd_recipient_restrictions = check_recipient_access regexp:{here}/postfix/recipients, permit_mynetworks, reject
smtpd_tls_cert_file = {self.certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_session_cache_database =
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{HOST}:{self._auth_port}
smtp_tls_security_level = none
lmtp_tls_security_level = none
""")
        (here / "postfix" / "headers").write_text("/^Subject:.*REFUSED/ REJECT 5.7.1 content refused\n")
        (here / "postfix" / "recipients").write_text(
            "".join(f"/^{address}$/ {answer}\n" for address, answer in REFUSALS.items())
        )
        signed_in = "-o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"
        (here / "postfix" / "master.cf").write_text(f"""
{HOST}:{self.smtp_port} inet n - n - - smtpd
{HOST}:{self.submission_port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt {signed_in}
{HOST}:{self.smtps_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {signed_in}
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
direct unix - - n - - lmtp
anvil unix - - n - 1 anvil
showq unix n - n - - showq
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
""")
        users = "".join(f"{user}:{{PLAIN}}{PASSWORD}:65534:65534::{here}/mail/{user}\n" for user in PEOPLE)
        (here / "users").write_text(users)
        (here / "dovecot.conf").write_text(f"""
base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/log/dovecot
protocols = imap lmtp
listen = {HOST}
ssl = yes
ssl_cert = <{self.certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_username_format = %Ln
auth_failure_delay = 0
mail_location = maildir:~/Maildir
first_valid_uid = 1
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = {here}/users
}}
userdb {{
  driver = passwd-file
  args = {here}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.imap_port}
  }}
  inet_listener imaps {{
    port = {self.imaps_port}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = {HOST}
    port = {self._lmtp_port}
  }}
}}
service auth {{
  inet_listener {{
    address = {HOST}
    port = {self._auth_port}
  }}
}}
service anvil {{
  chroot =
}}
protocol lmtp {{
  postmaster_address = postmaster@{DOMAIN}
}}
""")

    async def start(self) -> None:
        await asyncio.gather(self.start_imap(), self.start_smtp())

    async def stop(self) -> None:
        await asyncio.gather(self.stop_imap(), self.stop_smtp())

    async def start_imap(self) -> None:
        """Dovecot: the mailboxes, and the sign-in."""
        # Who was killed left his locks behind, for which the next one would wait two minutes.
        for lock in (self.folder / "mail").rglob("*.lock"):
            lock.unlink()
        command = ("dovecot", "-F", "-c", self.folder / "dovecot.conf")
        self._dovecot = await asyncio.create_subprocess_exec(*command, start_new_session=True)
        await answering(self.imap_port, b"* OK", self.log)
        await answering(self._lmtp_port, b"220", self.log)

    async def stop_imap(self) -> None:
        """All at once, in the middle of whatever it does."""
        if self._dovecot is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._dovecot.pid, signal.SIGKILL)
            await asyncio.wait_for(self._dovecot.wait(), PATIENCE)
            self._dovecot = None

    async def start_smtp(self) -> None:
        await self._postfix("start")
        await answering(self.smtp_port, b"220", self.log)

    async def stop_smtp(self) -> None:
        await self._postfix("stop")

    async def flush(self) -> None:
        """What Postfix keeps is tried again now."""
        await self._postfix("flush")

    async def _postfix(self, what: str) -> None:
        command = ["postfix", "-c", self.folder / "postfix", what]
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=PATIENCE, check=False)

    def queued(self) -> int:
        """How many mails Postfix keeps."""
        command = ["postqueue", "-c", self.folder / "postfix", "-j"]
        return len(subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True).stdout.splitlines())

    def log(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in sorted((self.folder / "log").iterdir()))


class Light(Mailboxes):
    """pymap, with the mailbox of KOPROGO alone, and an SMTP server in the loop of the test that puts mail into it. Stopped, it forgets."""

    kind: Final = "light"
    people = PEOPLE[:1]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.sent: list[tuple[str, str, bytes]] = []
        """What was sent to anybody else: sender, recipient, mail."""
        self._pymap: asyncio.subprocess.Process | None = None
        self._server: asyncio.Server | None = None
        self._talks: WeakSet[SMTP] = WeakSet()

    async def start(self) -> None:
        await asyncio.gather(self.start_imap(), self.start_smtp())

    async def stop(self) -> None:
        await asyncio.gather(self.stop_imap(), self.stop_smtp())

    async def start_imap(self) -> None:
        with (self.folder / "pymap.log").open("ab") as log:
            self._pymap = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-c",
                    "from pymap.main import main; main()",
                    "--no-tls",
                    "--host",
                    HOST,
                    "--port",
                    str(self.imap_port),
                ),
                *("dict", "--demo-user", PEOPLE[0], "--demo-password", PASSWORD),
                stdout=log,
                stderr=log,
            )
        await answering(self.imap_port, b"* OK", self.log)

    async def stop_imap(self) -> None:
        if self._pymap is not None:
            with suppress(ProcessLookupError):
                self._pymap.terminate()
            await asyncio.wait_for(self._pymap.wait(), PATIENCE)
            self._pymap = None

    async def start_smtp(self) -> None:
        loop = asyncio.get_running_loop()

        def talk() -> SMTP:
            opened = SMTP(self, hostname=f"mx.{DOMAIN}", enable_SMTPUTF8=True, loop=loop)
            self._talks.add(opened)
            return opened

        self._server = await loop.create_server(talk, HOST, self.smtp_port)

    async def stop_smtp(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            for opened in list(self._talks):
                if opened.transport is not None:
                    opened.transport.close()

    async def empty(self) -> None:
        self.sent.clear()
        await super().empty()

    async def mails(self, user: str, at_least: int = 0) -> list[bytes]:
        if user == PEOPLE[0]:
            return await super().mails(user, at_least)
        await eventually(lambda: len(self._of(user)) >= at_least, PATIENCE)
        return self._of(user)

    def _of(self, user: str) -> list[bytes]:
        return [raw for _, to, raw in self.sent if to.partition("@")[0].partition("+")[0] == user]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """The name is aiosmtpd's."""
        if address in REFUSALS:
            return REFUSALS[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """The name is aiosmtpd's."""
        head, _, _ = envelope.content.partition(b"\r\n\r\n")
        if b"REFUSED" in head:
            return "554 5.7.1 content refused"
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from
        for to in envelope.rcpt_tos:
            if to.partition("@")[0].partition("+")[0] == PEOPLE[0]:
                traced = f"Return-Path: <{sender}>\r\nDelivered-To: {to}\r\n".encode() + envelope.content
                await self.put(PEOPLE[0], traced)
            else:
                self.sent.append((sender, to, envelope.content))
        return "250 2.0.0 OK"

    def log(self) -> str:
        return (self.folder / "pymap.log").read_text()[-3000:]


async def answering(port: int, greeting: bytes, log: Callable[[], str]) -> None:
    """Waits until a server greets there."""
    end = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, asyncio.TimeoutError):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                if (await asyncio.wait_for(reader.readline(), 5)).startswith(greeting):
                    return
            finally:
                writer.close()
        assert time.monotonic() < end, f"nobody greets at port {port}\n{log()}"
        await asyncio.sleep(0.05)


def _content(fetched: list[Any]) -> bytes:
    return next((part[1] for part in fetched if isinstance(part, tuple)), b"")
