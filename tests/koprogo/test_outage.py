"""We are stopped, killed, or left by the servers, and nothing that was said is lost or answered twice: `koprogo serve`, a real process.

Matrix is Synapse, e-mail Postfix and Dovecot, Telegram our reading of its API. What was counted is printed (`pytest -rP`).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import asyncpg
import pytest

from core.messaging.channel import Address
from core.people import store as persons
from tests.channels.wires.mail import HOME, PASSED, PERSON, TRUSTED
from tests.ground_floor import Sample
from tests.koprogo.conftest import Command
from tests.servers import mail as mail_server
from tests.servers.mail import HOST, Full, needs_full
from tests.servers.ports import free_port
from tests.servers.postgres import connect
from tests.servers.synapse import PASSWORD, Synapse, synapse
from tests.servers.synapse_people import Event
from tests.servers.synapse_people import Person as User
from tests.servers.telegram import BotApi
from tests.servers.telegram_people import Person as Phone

pytestmark = pytest.mark.xdist_group("outage")

MOST = 200
"""Messages on each channel."""
THANKS = {
    "lea-dubois": "merci",
    "tom-vermeulen": "dank u",
    "anna-schmitz": "danke",
    "james-carter": "thanks",
    "martin-peeters": "merci",
    "katrien-willems": "dank u",
    "olivier-lambert": "merci",
    "sofie-desmet": "dank u",
    "jan-desmet": "dank u",
    "priya-nair": "thanks",
}
"""People of the sample building, and a word of theirs that is answered by one short card."""
PATIENCE = 120.0
QUIET = 3.0
"""Seconds after the last answer in which another one would come: the bot looks for what is due every two."""


@dataclass
class Office:
    """An installation whose process is started, stopped and killed, and what its database says."""

    sample: Sample
    command: Command
    owner: asyncpg.Connection
    running: subprocess.Popen[bytes] | None = None
    handles: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)

    async def start(self) -> None:
        place = {"KOPROGO_HTTP_PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
        self.running = self.command.start("serve", "--json", **place)
        said = await asyncio.wait_for(asyncio.to_thread(self._first_words, self.running), PATIENCE)
        assert json.loads(said)["channels"]

    @staticmethod
    def _first_words(running: subprocess.Popen[bytes]) -> bytes:
        """All that it prints when it listens."""
        assert running.stdout is not None
        said = b""
        while line := running.stdout.readline():
            said += line
            if line == b"}\n":
                return said
        raise AssertionError(running.communicate())

    async def stop(self) -> None:
        """As the system does at the end of the day."""
        await self._ends(signal.SIGTERM)

    async def kill(self) -> dict[str, int]:
        """As a power failure does. How many answers were on their way on each channel."""
        await self._ends(signal.SIGKILL)
        rows = await self.owner.fetch(
            "SELECT channel, count(*) FROM deliveries WHERE fate = 'sending' GROUP BY channel"
        )
        return {row["channel"]: row["count"] for row in rows}

    async def _ends(self, sign: signal.Signals) -> None:
        if self.running is not None:
            os.kill(self.running.pid, sign)
            ran = await asyncio.to_thread(self.command.finish, self.running)
            self.running = None
            self.logs.append(ran.err)
            assert ran.code in (0, -sign)
            # No address of a person stands in the log.
            assert [handle for handle in self.handles if handle in ran.err] == [], ran.err

    async def knows(self, channel: str, handle: str, person: str) -> None:
        """That address is that person's."""
        async with self.sample.database.work(self.sample.organisation) as uow:
            rows = await persons.residents(uow, self.sample.known.building_id)
            row = next(row for row in rows if row.resident.person == person)
            await persons.link(uow, Address(channel, handle), row.person_id)
            await uow.commit()
        if not handle.isdigit():
            self.handles.append(handle)

    async def sent(self, channel: str) -> int:
        query = "SELECT count(*) FROM deliveries WHERE channel = $1 AND fate = 'sent'"
        return int(await self.owner.fetchval(query, channel))

    async def until(self, channel: str, count: int) -> None:
        """So many answers were sent there."""
        end = time.monotonic() + PATIENCE
        while (sent := await self.sent(channel)) < count:
            assert time.monotonic() < end, f"{sent} of {count} on {channel}"
            assert self.running is None or self.running.poll() is None
            await asyncio.sleep(0.05)

    async def any_until(self, count: int) -> None:
        """So many answers were sent on the channel that is fastest."""
        query = "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM deliveries WHERE fate = 'sent' GROUP BY channel) s"
        async with asyncio.timeout(PATIENCE):
            while await self.owner.fetchval(query) < count:  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.01)

    async def a_while_later(self) -> None:
        """What waits for a later attempt, or for a sender who died, is due now: nobody has to wait half a minute for it."""
        await self.owner.execute("UPDATE deliveries SET due = now() WHERE fate = 'waiting' AND due > now()")
        await self.owner.execute("UPDATE deliveries SET lease_until = now() WHERE fate = 'sending'")

    async def settled(self) -> None:
        """Nothing failed, nothing was set aside, nothing waits."""
        fates = await self.owner.fetch("SELECT fate, count(*) FROM deliveries GROUP BY fate")
        assert [row["fate"] for row in fates] == ["sent"]
        assert await self.owner.fetchval("SELECT count(*) FROM set_aside") == 0


@pytest.fixture
async def office(sample: Sample, tmp_path: Path) -> AsyncIterator[Office]:
    url = sample.owner.render_as_string(hide_password=False)
    owner = await connect(sample.owner)
    made = Office(sample, Command({"DATABASE_URL": url, "KOPROGO_DATA": str(tmp_path)}), owner)
    try:
        yield made
    finally:
        if made.running is not None:
            made.running.kill()
            made.running.communicate()
        await owner.close()


@dataclass
class OnMatrix:
    """People who each talk with us in a room of their own, in a thread, so that each answer names what it answers."""

    server: Synapse
    office: Office
    talks: list[tuple[User, str, str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    name: str = "matrix"

    async def configure(self) -> None:
        bot = await self.server.newcomer("koprogo")
        self.us = bot.id
        self.office.command.settings |= {
            "KOPROGO_MATRIX_HOMESERVER": self.server.url,
            "KOPROGO_MATRIX_USER": bot.id,
            "KOPROGO_MATRIX_PASSWORD": PASSWORD,
            "KOPROGO_MATRIX_ENCRYPTION": "no",
        }

    async def meet(self) -> None:
        """Everybody invites us, and we come: nothing that is said before that is ours to read."""
        self.talks = list(await asyncio.gather(*(self._met(person) for person in THANKS)))

    async def _met(self, person: str) -> tuple[User, str, str, str]:
        user = await self.server.newcomer(person)
        await self.office.knows("matrix", user.id, person)
        room = await user.create(invite=[self.us], direct=True)
        await user.until(lambda: any(self._joins(event) for event in user.events), PATIENCE)
        return user, room, await user.notice(room, "un fil"), THANKS[person]

    def _joins(self, event: Event) -> bool:
        return (event["type"], event["sender"], event["content"].get("membership")) == (
            "m.room.member",
            self.us,
            "join",
        )

    async def say(self, count: int) -> None:
        """The first says more than half of it: more than the homeserver tells at once of a room."""

        async def said(number: int, user: User, room: str, thread: str, word: str) -> None:
            for _ in range(number):
                self.asked.append(await user.text(room, word, thread=thread))

        each = count // len(self.talks) // 2
        first, *others = self.talks
        await asyncio.gather(said(count - each * len(others), *first), *(said(each, *talk) for talk in others))

    async def answers(self) -> list[int]:
        """For each message, how often it was answered."""
        found: Counter[str] = Counter()
        for user, *_ in self.talks:
            await user.sync(0.1)
            for event in user.events:
                content = event["content"]
                relation = content.get("m.relates_to", {})
                if event["sender"] == self.us and content.get("msgtype") == "m.notice":
                    assert relation.get("rel_type") == "m.thread"
                    found[relation["m.in_reply_to"]["event_id"]] += 1
        assert set(found) <= set(self.asked)
        return [found[event] for event in self.asked]


@dataclass
class ByMail:
    """People who write to us. `way`: how our mail reaches us, `imap` or `lmtp`."""

    server: Full
    office: Office
    way: str
    asked: list[str] = field(default_factory=list)
    name: str = "email"

    async def configure(self) -> None:
        await self.server.empty()
        self.us = "koprogo@immeuble.example" if self.way == "imap" else "koprogo@direct.example"
        imap = f"imap://koprogo:{quote(mail_server.PASSWORD)}@{HOST}:{self.server.imap_port}"
        ways = {
            "imap": ("KOPROGO_EMAIL_IMAP", imap),
            "lmtp": ("KOPROGO_EMAIL_LMTP", f"{HOST}:{self.server.direct_port}"),
        }
        self.office.command.settings |= {
            "KOPROGO_EMAIL_ADDRESS": self.us,
            "KOPROGO_EMAIL_SMTP": f"smtp://{HOST}:{self.server.smtp_port}",
            "KOPROGO_EMAIL_AUTHSERV_ID": TRUSTED,
            **dict([ways[self.way]]),
        }

    async def meet(self) -> None:
        for person in THANKS:
            await self.office.knows("email", self._address(person), person)

    async def say(self, count: int) -> None:
        """All of them write so many mails. The server has taken them when this returns."""
        raws = self.written(count)
        await self.server.submit_all(raws, f"{PERSON}@{HOME}", self.us)

    def written(self, count: int) -> list[bytes]:
        return [self._mail(person) for _ in range(count // len(THANKS)) for person in THANKS]

    async def answers(self) -> list[int]:
        """For each mail, how many different ones answered it."""
        return [len(set(found)) for found in await self._found()]

    async def copies(self) -> int:
        """How many mails came more than once, with one and the same Message-ID."""
        return sum(len(found) - len(set(found)) for found in await self._found())

    async def _found(self) -> list[list[str]]:
        while self.server.queued():  # noqa: ASYNC110 - a queue tells nobody
            await asyncio.sleep(0.1)
        found: dict[str, list[str]] = {asked: [] for asked in self.asked}
        for mail in map(message_from_bytes, await self.server.mails(PERSON)):
            found[mail["In-Reply-To"]].append(mail["Message-ID"])
        return [found[asked] for asked in self.asked]

    def _mail(self, person: str) -> bytes:
        self.asked.append(f"<{len(self.asked)}.{os.urandom(8).hex()}@{HOME}>")
        return (
            f"Authentication-Results: {PASSED}\r\nFrom: {self._address(person)}\r\nTo: {self.us}\r\n"
            f"Message-ID: {self.asked[-1]}\r\nSubject: Bonjour\r\nDate: Sun, 22 Nov 2026 10:30:00 +0100\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{THANKS[person]}\r\n"
        ).encode()

    def _address(self, person: str) -> str:
        return f"{PERSON}+{person}@{HOME}"


@dataclass
class OnTelegram:
    """People with phones, two for each of them: Telegram takes one message a second to each."""

    api: BotApi
    office: Office
    phones: list[tuple[Phone, str]] = field(default_factory=list)
    asked: int = 0
    name: str = "telegram"

    async def configure(self) -> None:
        self.office.command.settings |= {"KOPROGO_TELEGRAM_TOKEN": self.api.token, "KOPROGO_TELEGRAM_API": self.api.url}

    async def meet(self) -> None:
        for person in [*THANKS, *THANKS]:
            phone = self.api.person(person)
            await self.office.knows("telegram", str(phone.id), person)
            self.phones.append((phone, THANKS[person]))

    async def say(self, count: int) -> None:
        self.asked = count // len(self.phones)
        for _ in range(self.asked):
            for phone, word in self.phones:
                phone.says(word)

    async def answers(self) -> list[int]:
        """For each phone, how many answers it has for the same number of messages."""
        return [len(phone.messages) for phone, _ in self.phones]


@pytest.fixture(scope="module")
async def homeserver(run_folder: Path) -> AsyncIterator[Synapse]:
    async with synapse(Path(mkdtemp(prefix="outage-matrix-", dir=run_folder))) as server:
        yield server


@pytest.fixture(scope="module")
async def mailserver(run_folder: Path) -> AsyncIterator[Full]:
    needs_full()
    server = Full(Path(mkdtemp(prefix="outage-mail-", dir=run_folder)))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def matrix(homeserver: Synapse, office: Office) -> OnMatrix:
    return OnMatrix(homeserver, office)


@pytest.fixture
def by_mail(mailserver: Full, office: Office) -> Callable[[str], ByMail]:
    return lambda way: ByMail(mailserver, office, way)


async def all_answered_once(crowd: OnMatrix | ByMail) -> None:
    await crowd.office.until(crowd.name, len(crowd.asked))
    await asyncio.sleep(QUIET)
    answers = await crowd.answers()
    print(f"{crowd.name}: {len(answers)} asked, {answers.count(0)} lost, {sum(n > 1 for n in answers)} answered twice")
    assert set(answers) == {1}


async def _said_while_we_are_stopped(office: Office, crowd: OnMatrix | ByMail) -> None:
    await crowd.configure()
    await office.start()
    await crowd.meet()
    await office.stop()
    await crowd.say(MOST)
    assert len(crowd.asked) == MOST
    began = time.monotonic()
    await office.start()
    await office.until(crowd.name, MOST)
    print(f"{crowd.name}: {MOST} answered in {time.monotonic() - began:.1f} s after the start")
    await all_answered_once(crowd)
    await office.stop()
    await office.settled()


async def test_what_is_said_on_matrix_while_we_are_stopped_is_answered_once(office: Office, matrix: OnMatrix) -> None:
    await _said_while_we_are_stopped(office, matrix)


@pytest.mark.parametrize("way", ["imap", "lmtp"])
async def test_mails_that_come_while_we_are_stopped_are_answered_once(
    office: Office, by_mail: Callable[[str], ByMail], way: str
) -> None:
    """By IMAP they wait in the mailbox, by LMTP in the queue of the mail server."""
    crowd = by_mail(way)
    await _said_while_we_are_stopped(office, crowd)
    assert await crowd.copies() == 0


@asynccontextmanager
async def _three(office: Office, matrix: OnMatrix, mails: ByMail) -> AsyncIterator[OnTelegram]:
    """All channels of one process, their people known."""
    async with AsyncExitStack() as stack:
        phones = OnTelegram(await stack.enter_async_context(BotApi()), office)
        for crowd in (matrix, mails, phones):
            await crowd.configure()
        await office.start()
        for crowd in (matrix, mails, phones):
            await crowd.meet()
        await office.stop()
        yield phones
        await office.stop()


async def test_killed_while_answering_nothing_is_lost(
    office: Office, matrix: OnMatrix, by_mail: Callable[[str], ByMail]
) -> None:
    """Twice, in the middle of 200 on each channel. What was on its way then may come again on Telegram only, and on no other."""
    mails = by_mail("lmtp")
    async with _three(office, matrix, mails) as phones:
        for crowd in (matrix, mails, phones):
            await crowd.say(MOST)
        on_their_way: Counter[str] = Counter()
        for answered in (MOST // 3, MOST * 2 // 3):
            await office.start()
            await office.any_until(answered)
            on_their_way += Counter(await office.kill())
            unanswered = [MOST - await office.sent(name) for name in ("matrix", "email", "telegram")]
            print(f"killed when {unanswered} were unanswered on Matrix, by e-mail and on Telegram")
            assert all(unanswered), "too late to be in the middle"
            await office.a_while_later()
        await office.start()
        for name in ("email", "matrix", "telegram"):
            await office.until(name, MOST)
        for crowd in (matrix, mails):
            await all_answered_once(crowd)
        again = [count - phones.asked for count in await phones.answers()]
        copies = await mails.copies()
        print(f"on their way when killed: {dict(on_their_way)}")
        print(f"telegram: {MOST} asked, {sum(n < 0 for n in again)} lost, {sum(again)} answered twice")
        print(f"email: {copies} came again with the same Message-ID")
        assert min(again) >= 0
        assert sum(again) <= on_their_way["telegram"]
        assert copies <= on_their_way["email"]
    await office.settled()


# The servers go while we run


async def test_the_homeserver_goes_and_comes_again(office: Office, matrix: OnMatrix) -> None:
    await matrix.configure()
    await office.start()
    await matrix.meet()
    await matrix.say(40)
    await office.until("matrix", 5)
    await matrix.server.kill()
    await asyncio.sleep(2)
    await matrix.server.start()
    await office.a_while_later()
    await matrix.say(20)
    for _ in range(3):
        await asyncio.sleep(1)
        await office.a_while_later()
    await all_answered_once(matrix)
    await office.stop()
    await office.settled()


async def test_the_mailbox_goes_and_comes_again(office: Office, by_mail: Callable[[str], ByMail]) -> None:
    """What comes meanwhile waits in the queue of the server."""
    mails = by_mail("imap")
    await mails.configure()
    await mails.meet()
    await office.start()
    await mails.say(20)
    await office.until("email", 5)
    await mails.server.stop_imap()
    await mails.say(20)
    await asyncio.sleep(1)
    await mails.server.start_imap()
    await mails.server.flush()
    await all_answered_once(mails)
    await office.stop()
    await office.settled()


async def test_the_server_that_takes_our_mail_goes_and_comes_again(
    office: Office, by_mail: Callable[[str], ByMail]
) -> None:
    """The answers wait with us."""
    mails = by_mail("imap")
    await mails.configure()
    await mails.meet()
    await office.start()
    await mails.server.stop_smtp()
    await mails.server.put("koprogo", *mails.written(20))
    waiting = "SELECT count(*) FROM deliveries WHERE fate = 'waiting' AND attempts > 0"
    end = time.monotonic() + PATIENCE
    while await office.owner.fetchval(waiting) < 20:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    assert await office.sent("email") == 0
    await mails.server.start_smtp()
    await office.a_while_later()
    await all_answered_once(mails)
    await office.stop()
    await office.settled()
