"""Steps of broadcast.feature: the syndic, and three who can be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from bot.courier import Courier
from channels.console import Console, Shown
from core.kernel.i18n import Catalogues
from core.messaging.channel import Address
from core.messaging.preferences import QuietHours
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts.model import Audience, Broadcast, Outcome, Preview, Progress, Stopped, Wording
from core.people import store as people
from core.people.wishes import service as wishes
from tests.features.conftest import Done
from tests.ground_floor import NOW, Hands, Sample

scenarios("broadcast.feature")


@dataclass
class Office:
    """The syndic's: what he wrote, and what he sees of it. The console is everybody's."""

    sample: Sample
    courier: Courier
    console: Console
    persons: dict[str, UUID] = field(default_factory=dict)
    written: Broadcast | None = None
    seen: Preview | None = None
    stopped: Stopped | None = None

    @property
    def draft(self) -> Broadcast:
        assert self.written is not None
        return self.written

    async def know(self) -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            listed = await people.residents(uow, self.sample.known.building_id)
            self.persons = {row.resident.name: row.person_id for row in listed}

    async def reach(self, *names: str) -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            for name in names:
                await people.link(uow, Address("console", name), self.persons[name])
            await uow.commit()

    async def preview(self) -> Preview:
        async with self.sample.database.work(self.sample.organisation) as uow:
            return await broadcasts.preview(uow, self.draft)

    async def send(self) -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            await broadcasts.send(uow, self.draft)
            await uow.commit()

    async def stop(self) -> Stopped:
        async with self.sample.database.work(self.sample.organisation) as uow:
            stopped = await broadcasts.stop(uow, self.draft.broadcast_id, self.draft.author)
            await uow.commit()
            return stopped

    async def look(self) -> tuple[Progress, list[Outcome]]:
        async with self.sample.database.work(self.sample.organisation) as uow:
            mine = self.draft.broadcast_id, self.draft.author
            return await broadcasts.progress(uow, *mine), await broadcasts.unreached(uow, *mine)

    def told(self, name: str) -> list[Shown]:
        return [each for each in self.console.shown if each.to.handle == name]


@pytest.fixture
def office(sample: Sample, catalogues: Catalogues) -> Office:
    console = Console()
    return Office(sample, Courier(sample.database, {"console": console}, catalogues, sample.shelf), console)


@given(parsers.parse("in Résidence Les Tilleuls only {first}, {second} and {third} can be reached"))
def _reached(office: Office, done: Done, first: str, second: str, third: str) -> None:
    done(office.know())
    done(office.reach(first, second, third))


@given(parsers.parse('the syndic has written "{french}" in French and "{dutch}" in Dutch to the owners'))
def _written(office: Office, french: str, dutch: str) -> None:
    office.written = Broadcast(
        UUID(int=7),
        office.sample.known.building_id,
        office.persons["Nathalie Renard"],
        Audience("owners"),
        {"fr": Wording(french, "Jeudi, de 9 à 12 h."), "nl": Wording(dutch, "Donderdag, van 9 tot 12 u.")},
        "fr",
    )


@given(parsers.parse("it is the middle of {name}'s quiet hours"))
def _asleep(office: Office, done: Done, name: str) -> None:
    async def quiet() -> None:
        async with office.sample.database.work(office.sample.organisation) as uow:
            await wishes.keep_quiet(uow, office.persons[name], QuietHours(time(8), time(20)))
            await uow.commit()

    done(quiet())


@when("he looks at the preview")
def _looks(office: Office, done: Done) -> None:
    office.seen = done(office.preview())


@when("he sends it")
def _sends(office: Office, done: Done) -> None:
    done(office.send())


@when("he stops it")
def _stops(office: Office, done: Done) -> None:
    office.stopped = done(office.stop())


@when("the courier has been round")
def _round(office: Office, done: Done) -> None:
    done(office.courier.drain())


@when("the next morning has come and the courier has been round")
def _morning(office: Office, done: Done, clock: Hands) -> None:
    clock.now = NOW + timedelta(hours=20)
    done(office.courier.drain())


@then(parsers.parse("{some:d} people would get it, and {others:d} cannot be reached"))
def _counts(office: Office, some: int, others: int) -> None:
    assert office.seen is not None
    assert (len(office.seen.reached), len(office.seen.unreached)) == (some, others)


@then(parsers.parse("{name} is among those who cannot, because no address leads to her"))
def _cannot(office: Office, name: str) -> None:
    assert office.seen is not None
    assert {row.member.name: row.reason for row in office.seen.unreached}[name] == "no_address"


@then("nobody was told anything")
def _nobody(office: Office, done: Done) -> None:
    assert done(office.courier.drain()) == 0
    assert office.console.shown == []


@then(parsers.parse('{name} reads "{title}", and that the original is in "{language}"'))
@then(parsers.parse('{name} reads "{title}", and that the message is in "{language}"'))
def _reads(office: Office, name: str, title: str, language: str) -> None:
    (shown,) = office.told(name)
    assert shown.card.title == title
    assert len(shown.card.body) == 2
    assert shown.card.body[-1].endswith(f": {language}.")


@then(parsers.parse('{name} reads "{title}", and nothing of another language'))
def _reads_alone(office: Office, name: str, title: str) -> None:
    (shown,) = office.told(name)
    assert shown.card.title == title
    assert len(shown.card.body) == 1


@then("each of the three was told once")
def _once(office: Office) -> None:
    handles = sorted(each.to.handle for each in office.console.shown)
    assert handles == ["Anna Schmitz", "Léa Dubois", "Tom Vermeulen"]


@then(parsers.parse("he sees {sent:d} sent and {waiting:d} waiting"))
def _sees(office: Office, done: Done, sent: int, waiting: int) -> None:
    progress, _ = done(office.look())
    assert (progress.fates["sent"], progress.fates["waiting"], progress.pending) == (sent, waiting, waiting)


@then(parsers.parse("he is told that {left:d} had left, and that {cancelled:d} will not"))
def _stopped(office: Office, left: int, cancelled: int) -> None:
    assert office.stopped == Stopped(left, 0, cancelled)


@then(parsers.parse("{name} was told nothing"))
def _nothing(office: Office, name: str) -> None:
    assert office.told(name) == []


@then(parsers.parse("he sees {name} among those who were not reached, because it was stopped"))
def _missed(office: Office, done: Done, name: str) -> None:
    _, missed = done(office.look())
    assert {row.name: row.reason for row in missed}[name] == "cancelled"
