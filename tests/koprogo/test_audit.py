"""What is done at the command line stands in the log of the organisation, under the name of the command."""

from __future__ import annotations

from pathlib import Path

from core.buildings import store as buildings
from core.database import Database, application_url, owner_url
from core.documents.service import Shelf
from core.outbox.letters import service as letters
from core.outbox.service import Recorder
from core.people import store as people
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Entry
from tests.ground_floor import SAMPLE
from tests.koprogo.conftest import Command

LEA = "lea.dubois@tilleuls.example"
DRAFT = ("broadcast", "tilleuls", "--title", "Coupure d'eau", "--text", "-", "--audience", "owners")


async def logged(koprogo: Command) -> list[Entry]:
    """The log, oldest first."""
    url = application_url(owner_url(koprogo.settings["DATABASE_URL"]))
    async with Database(url, recorder=Recorder(())) as database:
        async with database.work() as uow:
            organisation = (await buildings.organisations(uow))["default"]
        async with database.work(organisation) as uow:
            found = list(reversed((await audit.entries(uow)).entries))
    assert {entry.actor for entry in found} <= {COMMAND}
    return found


async def test_tokens_accounts_and_invitations(koprogo: Command) -> None:
    for arguments in (
        ("api-token", "--name", "books", "--scopes", "accounts:read"),
        ("api-token", "--name", "books", "--scopes", "accounts:read"),
        ("api-token",),
        ("api-token", "--name", "books", "--revoke"),
        ("api-token", "--name", "books", "--revoke"),
        ("admin", "boss@kopro.example"),
        ("invite", "--as", LEA, "--channel", "email"),
    ):
        koprogo(*arguments)
    found = await logged(koprogo)
    assert [(entry.deed, entry.subject) for entry in found] == [
        ("token_given", "token books"),
        ("token_taken", "token books"),
        ("employed", "account boss@kopro.example"),
        ("invited", f"person {LEA}"),
    ]
    assert found[0].after is not None
    assert found[0].after["scopes"] == ["accounts:read"]


async def test_a_building_in_and_out(koprogo: Command, tmp_path: Path) -> None:
    assert koprogo("import", str(SAMPLE), "--dry-run").code == 0
    assert await logged(koprogo) == []
    assert koprogo("import", str(SAMPLE)).code == 0
    assert koprogo("export", "tilleuls", str(tmp_path / "tilleuls.zip")).code == 0
    brought_in, taken_out = await logged(koprogo)
    assert (brought_in.deed, taken_out.deed) == ("building_imported", "building_exported")
    assert taken_out.building == brought_in.building is not None
    assert brought_in.after is not None
    assert brought_in.after["lots"] == 24


async def test_a_broadcast_is_written_down_when_it_goes_and_when_it_is_stopped(koprogo: Command) -> None:
    assert koprogo("inbox", "--as", LEA).code == 0
    koprogo(*DRAFT, "--preview", given="L'eau est coupée.")
    sent = [koprogo(*DRAFT, "--send", "--json", given="L'eau est coupée.").json for _ in range(2)]
    for what in ("--again", "--stop", "--stop"):
        assert koprogo("broadcast", "tilleuls", what, sent[0]["broadcast"]).code == 0
    found = await logged(koprogo)
    assert [entry.deed for entry in found] == ["broadcast_sent", "delivery_retried", "broadcast_stopped"]
    assert {entry.subject for entry in found} == {"Coupure d'eau"}
    assert found[0].after == {"broadcast": sent[0]["broadcast"], "audience": "owners", "people": sent[0]["people"]}


async def test_a_letter_that_was_posted(koprogo: Command) -> None:
    shelf = Shelf(Path(koprogo.settings["KOPROGO_DATA"]) / "files")
    url = application_url(owner_url(koprogo.settings["DATABASE_URL"]))
    async with Database(url, recorder=Recorder(())) as database:
        async with database.work() as uow:
            organisation = (await buildings.organisations(uow))["default"]
        async with database.work(organisation) as uow:
            (known,) = await buildings.every(uow)
            row = (await people.residents(uow, known.building_id))[0]
            await letters.add(uow, "a" * 32, row.person_id, await shelf.put(b"%PDF"), 1)
            await uow.commit()
    (letter,) = koprogo("letters", "--json").json
    assert koprogo("letters", "--posted", letter["id"]).code == 0
    assert koprogo("letters", "--posted", letter["id"]).code == 1, "it lies in the tray no more"
    (entry,) = await logged(koprogo)
    assert (entry.deed, entry.subject) == ("letter_posted", letter["to"])
