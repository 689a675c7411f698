"""The pages that show messages as each channel does: a sample, one that was told, one that is being written."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from aiohttp import FormData
from sqlalchemy import text

from core.buildings import store as buildings
from core.kernel.text import literal
from core.messaging.card import Card, Choice
from core.messaging.channel import Address
from core.messaging.intent import Intent
from core.messaging.kinds import ACCOUNT, LEGAL, NOTICE_BOARD
from core.people import store as people
from core.people.accounts.model import Role
from tests.core.small import small_building, stored
from tests.web_admin.preview.conftest import Wired, everything
from tests.web_admin.preview.test_try import LEA, person
from tests.web_admin.reading import Reader, Shown

PDF = b"%PDF-1.7 the plan of the works"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


async def told(wired: Wired, code: str, kind: str, *, organisation: UUID | None = None) -> UUID:
    """Has something hostile told to somebody by his code; gives the delivery."""
    sample, key = wired.sample, uuid4().hex
    card = Card(literal("Le hall"), (literal(HOSTILE),), choices=(Choice(Intent("help"), literal("Aide & <b>")),))
    async with sample.database.work(sample.organisation) as uow:
        who = await person(wired, code)
        await people.link(uow, Address("console", code), who)
        uow.tell(who, card, kind, key=key, building=sample.known.building_id)
        await uow.commit()
    async with sample.database.work(sample.organisation) as uow:
        found = await uow.connection.scalar(text("SELECT delivery_id FROM deliveries WHERE key = :key"), {"key": key})
    assert isinstance(found, UUID)
    return found


async def fetched(reader: Reader, path: str) -> tuple[int, str, bytes, str]:
    """What is no page: status, media type, bytes, and how it is to be kept."""
    async with reader.client.get(f"{reader.address}/office{path}") as answer:
        return answer.status, answer.content_type, await answer.read(), answer.headers.get("Content-Disposition", "")


def link(page: Shown, begin: str) -> str:
    """The first address on the page that begins so, below the office."""
    found = page.text.partition(f'"/office{begin}')[2].partition('"')[0]
    assert found, f"no {begin} on {page.path}"
    return (begin + found).replace("&amp;", "&")


# ------------------------------------------------------------------------------------------------------------- a sample


async def test_the_page_shows_something_at_once(wired: Wired) -> None:
    reader = await wired.site.signed_in()
    before = await everything(wired.sample)
    page = await reader.get("/preview")
    assert page.status == 200
    assert "What Léa Dubois would see" in page.text
    assert "740,40" in page.text
    for channel in ("telegram", "matrix", "email", "letter", "console"):
        assert f'id="{channel}-1"' in page.text
    assert await everything(wired.sample) == before


async def test_another_person_language_and_message(wired: Wired) -> None:
    reader = await wired.site.signed_in()
    page = await reader.get("/preview?person=tom-vermeulen&language=de&message=legal")
    assert "What Tom Vermeulen would see" in page.text
    assert "Einberufung der Generalversammlung" in page.text
    assert 'lang="de"' in page.text
    assert '<option value="legal" selected>' in page.text
    own = await reader.get("/preview?person=tom-vermeulen&message=legal")
    assert "Oproeping voor de algemene vergadering" in own.text
    nobody = await reader.get("/preview?person=somebody-else&message=stranger&language=xx%00")
    assert nobody.status == 200
    assert "What Léa Dubois would see" in nobody.text


async def test_pictures_and_papers_are_handed_out(wired: Wired) -> None:
    reader = await wired.site.signed_in()
    page = await reader.get("/preview?message=charges.pay")
    status, kind, content, named = await fetched(reader, link(page, "/preview/file"))
    assert (status, kind, named) == (200, "image/png", "")
    assert content.startswith(b"\x89PNG")
    page = await reader.get("/preview?message=legal")
    status, kind, content, named = await fetched(reader, link(page, "/preview/file"))
    assert (status, kind) == (200, "application/octet-stream")
    assert named == 'attachment; filename="calendar.ics"'
    assert content.startswith(b"BEGIN:VCALENDAR")
    path = link(page, "/preview/file")
    for wrong in ("9", "-1", "x", "", "99999999999", "%00"):
        assert (await reader.get(path.rpartition("=")[0] + f"={wrong}")).status == 404
    assert (await reader.get(path.replace("of=0", "of=7"))).status == 404


async def test_a_letter_is_seen_and_fetched(wired: Wired) -> None:
    reader = await wired.site.signed_in()
    page = await reader.get("/preview?message=legal&person=marguerite-lambert")
    before = await everything(wired.sample)
    path = link(page, "/preview/letter")
    status, kind, content, _ = await fetched(reader, path.rpartition("=")[0] + "=pdf")
    assert (status, kind, content[:5]) == (200, "application/pdf", b"%PDF-")
    status, kind, content, _ = await fetched(reader, path.rpartition("=")[0] + "=png")
    assert (status, kind, content[:4]) == (200, "image/png", b"\x89PNG")
    assert (await reader.get(path.rpartition("=")[0] + "=exe")).status == 404
    assert await everything(wired.sample) == before


async def test_whoever_has_no_home_gets_no_letter(wired: Wired) -> None:
    sample = wired.sample
    async with sample.database.work(sample.organisation) as uow:
        await uow.connection.execute(text("UPDATE residents SET street = '' WHERE person = :code"), {"code": LEA})
        await uow.commit()
    reader = await wired.site.signed_in()
    page = await reader.get("/preview?message=legal")
    assert "No postal address is on file" in page.text
    refused = await reader.get(f"/preview/letter?message=legal&person={LEA}&of=0&as=pdf")
    assert refused.status == 422
    assert "No postal address is on file" in refused.text


# ------------------------------------------------------------------------------------------------------------- one that was told


async def test_a_delivery_is_shown_on_every_channel_and_safely(wired: Wired) -> None:
    delivery = await told(wired, LEA, NOTICE_BOARD)
    reader = await wired.site.signed_in()
    one = await reader.get(f"/messages/deliveries/{delivery}")
    page = await reader.get(link(one, "/preview/deliveries/"))
    assert page.status == 200
    assert "The message to Léa Dubois on each channel" in page.text
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert page.text.count("&lt;script&gt;alert(1)") >= 5
    assert "Aide &amp; &lt;b&gt;" in page.text


async def test_what_is_between_the_bot_and_its_reader_stays_there(wired: Wired) -> None:
    delivery = await told(wired, LEA, ACCOUNT)
    reader = await wired.site.signed_in()
    assert "/preview/deliveries" not in (await reader.get(f"/messages/deliveries/{delivery}")).text
    page = await reader.get(f"/preview/deliveries/{delivery}")
    assert page.status == 200
    assert "for the person alone" in page.text
    assert "alert(1)" not in page.text
    assert (await reader.get(f"/preview/deliveries/{delivery}/letter?as=pdf")).status == 404
    assert (await reader.get(f"/preview/deliveries/{delivery}/files/1")).status == 404


async def test_a_delivery_of_the_law_as_a_letter(wired: Wired) -> None:
    delivery = await told(wired, "marguerite-lambert", LEGAL)
    reader = await wired.site.signed_in()
    status, kind, content, _ = await fetched(reader, f"/preview/deliveries/{delivery}/letter?as=pdf")
    assert (status, kind, content[:5]) == (200, "application/pdf", b"%PDF-")
    assert (await reader.get(f"/preview/deliveries/{delivery}/files/1")).status == 404


async def test_another_tenants_delivery_and_other_buildings_are_not_there(wired: Wired) -> None:
    delivery = await told(wired, LEA, LEGAL)
    sample = wired.sample
    async with sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "another")
        await uow.commit()
    await wired.site.account("boss@other.example", Role.SYNDIC, organisation=other)
    stranger = wired.site.reader()
    await stranger.sign_in("boss@other.example")
    for path in ("", "/files/1", "/letter?as=pdf", "/letter?as=png"):
        assert (await stranger.get(f"/preview/deliveries/{delivery}{path}")).status == 404
    reader = await wired.site.signed_in()
    for wrong in (str(uuid4()), "nonsense", "%00"):
        assert (await reader.get(f"/preview/deliveries/{wrong}")).status == 404
    auditor = await wired.site.signed_in("auditor@renard-gestion.example", Role.AUDITOR)
    assert (await auditor.get(f"/preview/deliveries/{delivery}")).status == 403


# ------------------------------------------------------------------------------------------------------------- one that is written


async def written(reader: Reader, wired: Wired, **more: str) -> Shown:
    """The page before sending of a broadcast with a paper."""
    new = "/messages/broadcasts/new"
    form = (await reader.get(new)).form(new)
    data = FormData(quote_fields=False)
    given = {
        **{"form_token": form["form_token"], "draft": form["draft"], "building": wired.sample.known.building.slug},
        **{"group": "owners", "kind": "notice_board", "original": "fr", "title": "Coupure d'eau"},
        **{"text": f"Jeudi.\n\n{HOSTILE}", "title_nl": "Waterpanne", "text_nl": "Donderdag."},
        **more,
    }
    for name, value in given.items():
        data.add_field(name, value)
    data.add_field("files", PDF, filename="Plan.pdf", content_type="application/pdf")
    page = await reader.post(new, data)  # type: ignore[arg-type]
    assert page.status == 200, page.text
    return page


async def test_a_broadcast_before_it_is_sent(wired: Wired) -> None:
    """In each language of its readers, with its papers; and it is sent from there."""
    reader = await wired.site.signed_in()
    await people_at_terminals(wired)
    seen = await written(reader, wired)
    before = await everything(wired.sample)
    draft = seen.form("/send")["draft"]
    token = seen.form("/send")["form_token"]
    page = await reader.post("/preview/broadcast", {"form_token": token, "draft": draft})
    assert page.status == 200, page.text
    assert "What Léa Dubois would read (Français)" in page.text
    assert "<script>alert" not in page.text
    assert page.text.count("Plan.pdf") >= 4
    assert page.text.count("Coupure d&#39;eau") >= 5
    dutch = await reader.post("/preview/broadcast", {**page.form("/preview/broadcast"), "language": "nl"})
    assert "What Tom Vermeulen would read (Nederlands)" in dutch.text
    assert "Waterpanne" in dutch.text
    assert (
        await reader.post("/preview/broadcast", {**page.form("/preview/broadcast"), "language": "xx"})
    ).status == 200
    assert await everything(wired.sample) == before
    sent = await reader.post("/messages/broadcasts/send", page.form("/preview/broadcast"))
    assert sent.status == 200
    assert "/messages/broadcasts/" in sent.path


async def test_a_broadcast_of_the_law_as_a_letter(wired: Wired) -> None:
    reader = await wired.site.signed_in()
    await people_at_terminals(wired)
    form = (await written(reader, wired, kind="legal")).form("/send")
    page = await reader.post("/preview/broadcast", {"form_token": form["form_token"], "draft": form["draft"]})
    assert 'formaction="/office/preview/broadcast/letter"' in page.text
    url = f"{reader.address}/office/preview/broadcast/letter"
    async with reader.client.post(url, data=page.form("/preview/broadcast")) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert (await answer.read()).startswith(b"%PDF-")


@pytest.mark.parametrize("draft", ["", "nonsense", "ey.ey.ey", "x" * 5000])
async def test_a_draft_that_is_none(wired: Wired, draft: str) -> None:
    reader = await wired.site.signed_in()
    token = (await reader.get("/messages/broadcasts/new")).form("/new")["form_token"]
    for path in ("/preview/broadcast", "/preview/broadcast/letter"):
        assert (await reader.post(path, {"form_token": token, "draft": draft})).status == 404


async def people_at_terminals(wired: Wired) -> None:
    sample = wired.sample
    async with sample.database.work(sample.organisation) as uow:
        for row in await people.residents(uow, sample.known.building_id):
            await people.link(uow, Address("console", row.resident.person), row.person_id)
        await uow.commit()


# ------------------------------------------------------------------------------------------------------------- several buildings


async def test_of_several_buildings_one_is_chosen_and_its_people_with_it(wired: Wired) -> None:
    """Whoever speaks for one of them alone sees that one alone."""
    sample = wired.sample
    async with sample.database.work(sample.organisation) as uow:
        small = await stored(uow, small_building())
        await uow.commit()
    reader = await wired.site.signed_in()
    for path in ("/preview", "/try"):
        page = await reader.get(f"{path}?building=three")
        assert page.status == 200
        assert '<option value="three" selected>' in page.text
        assert "Cem" in page.text
        assert "Léa" not in page.text
        assert "Léa" in (await reader.get(f"{path}?building={sample.known.building.slug}&person=cem")).text
    page = await reader.get("/try?building=three")
    form = next(form for form in page.forms if form["action"].endswith("/try") and "form_token" in form)
    assert "You speak as Bob" in (await reader.post("/try", {**form, "person": "bob", "language": ""})).text
    one = await wired.site.signed_in("one@renard-gestion.example", building=small.building_id)
    assert "Léa" not in (await one.get("/preview")).text
    for path in ("/preview", "/try"):
        assert (await one.get(f"{path}?building={sample.known.building.slug}")).status == 404
    assert (await one.get(f"/preview/deliveries/{await told(wired, LEA, LEGAL)}")).status == 404
