"""Invitations: who has linked nothing, printed on paper, sent by message, taken back; once, by whoever may."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import zxingcpp
from pymupdf import Pixmap, csRGB
from pymupdf import open as open_pdf
from sqlalchemy import text

from core.messaging.channel import Address
from core.messaging.kinds import ACCOUNT
from core.outbox.letter_texts import service as letter_texts
from core.outbox.letter_texts.model import LetterTexts
from core.people.accounts.model import Role
from core.people.audit.model import Actor
from core.people.invitations.model import AGAIN
from tests.ground_floor import NOW, Hands
from tests.web_admin.invitations.conftest import BOT, MAIL, MATRIX, Open, Wired, pages_of
from tests.web_admin.reading import Reader, Shown

PAGE = "/invitations/tilleuls"
PHONE = Address("telegram", "77")
CODE = re.compile(r"\b([2-9A-Z]{4}) ([2-9A-Z]{3}) ([2-9A-Z]{3})\b")


def code_on(page: str) -> str:
    found = CODE.search(page)
    assert found, page
    return "".join(found.groups())


async def syndic(wired: Wired) -> Reader:
    return await wired.site.signed_in(role=Role.SYNDIC)


async def codes_out(wired: Wired) -> int:
    async with wired.sample.database.work() as uow:
        return int(await uow.connection.scalar(text("SELECT count(*) FROM link_codes WHERE used_at IS NULL")) or 0)


async def printed(wired: Wired, reader: Reader, shown: Shown, *codes: str) -> list[str]:
    answer, pdf = await wired.press(reader, shown, "print", *codes)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.text
    return pages_of(pdf)


# -------------------------------------------------------------------------------------------------------------- the list


async def test_who_has_linked_nothing_yet(wired: Wired) -> None:
    await wired.link("lea-dubois", PHONE)
    reader = await syndic(wired)
    shown = await reader.get("/invitations")
    assert "1 of 15 people have linked a channel." in shown.text
    assert f"/office{PAGE}" in shown.text
    shown = await reader.get(PAGE)
    assert "Without a channel: 14 people" in shown.text
    assert "With a channel: 1 person" in shown.text
    without, linked = shown.text.split('id="linked-title"')
    assert "Tom Vermeulen" in without
    assert "Léa Dubois" in linked
    assert "By letter only" in without, "Marguerite has no e-mail address"
    assert without.count(" checked") == 14
    assert " checked" not in linked
    assert "Werner Klein" not in shown.text, "he owns nothing there any more"


async def test_those_of_one_lot_and_nobody(wired: Wired) -> None:
    reader = await syndic(wired)
    lots = re.findall(r'<option value="([^"]+)"', (await reader.get(PAGE)).text)
    assert lots == sorted(lots, key=lambda lot: (lot.rstrip("0123456789"), int(re.sub(r"\D", "", lot) or 0)))
    shown = await reader.get(f"{PAGE}?lot={lots[0]}")
    assert 0 < shown.text.count('name="person"') < 5
    assert shown.text.count(" checked") == shown.text.count('name="person"')
    assert (await reader.get(f"{PAGE}?tick=none")).text.count(" checked") == 0
    for lot in ("no%20such%20lot", "%00", "x" * 5000):
        assert (await reader.get(f"{PAGE}?lot={lot}")).status == (200 if lot == "%00" else 404)


# -------------------------------------------------------------------------------------------------------------- on paper


async def test_a_page_for_each_in_his_language(wired: Wired) -> None:
    async with wired.sample.database.work(wired.sample.organisation) as uow:
        await letter_texts.change(
            uow, "fr", LetterTexts("Chers voisins,", "", "Bureau : {lundi} 9-12 h"), 0, Actor(None, "A")
        )
        await uow.commit()
    reader = await syndic(wired)
    shown = await reader.get(PAGE)
    people = ("lea-dubois", "tom-vermeulen", "anna-schmitz", "james-carter", "marguerite-lambert")
    answer, pdf = await wired.press(reader, shown, "print", *people)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invitations-tilleuls-2026-11-22.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    pages = pages_of(pdf)
    assert len(pages) == 5
    said = ("Écrivez à votre immeuble", "Schrijf naar uw gebouw", "Schreiben Sie Ihrem Haus", "Write to your building")
    for page, title in zip(pages, (*said, said[0]), strict=True):
        assert title in page
        assert all(where in page for where in (BOT, MAIL, MATRIX)), page
    assert "Léa Dubois" in pages[0]
    assert "Square du Tilleul Argenté 7 bte 31" in pages[0]
    assert "lots" in pages[0]
    assert "Chers voisins," in pages[0]
    assert "Bureau : {lundi} 9-12 h" in pages[0].replace("\u00a0", " ")
    assert "Veuillez agréer" in pages[0]
    assert "Geachte mevrouw, geachte heer," in pages[1]
    assert "Marguerite Lambert" in pages[4]
    codes = [code_on(page) for page in pages]
    assert len(set(codes)) == 5
    assert await wired.redeem(codes[0], PHONE) == "Léa Dubois"
    assert await wired.redeem(codes[4], Address("email", "marguerite@home.example")) == "Marguerite Lambert"
    assert [(entry.deed, entry.subject, entry.actor.name) for entry in await wired.log()][1:] == [
        ("invited", f"person {each}", "nathalie.renard") for each in people
    ]
    log = str(await wired.log())
    assert all(code not in log for code in codes)
    assert await wired.told() == [], "what is on paper is told nobody"


async def test_the_picture_opens_telegram_with_the_code(wired: Wired) -> None:
    reader = await syndic(wired)
    _, pdf = await wired.press(reader, await reader.get(PAGE), "print", "lea-dubois")
    pixels: Pixmap = open_pdf(stream=pdf)[0].get_pixmap(dpi=150, colorspace=csRGB)  # type: ignore[no-untyped-call]
    import numpy

    image = numpy.frombuffer(pixels.samples, dtype="uint8").reshape(pixels.height, pixels.width, 3)
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == f"https://t.me/tilleuls_bot?start={code_on(pages_of(pdf)[0])}"


async def test_pressed_twice_it_is_one_set(wired: Wired, clock: Hands) -> None:
    """At the same time and again: the same codes. Later, or once one is used: told so, and a new form makes others."""
    reader = await syndic(wired)
    shown = await reader.get(PAGE)
    people = ("lea-dubois", "tom-vermeulen")
    first, second = await asyncio.gather(
        *(printed(wired, reader, shown, *people), printed(wired, reader, shown, *people))
    )
    assert first == second
    assert await codes_out(wired) == 2
    clock.now = NOW + AGAIN
    assert await printed(wired, reader, shown, *people) == first
    assert [entry.deed for entry in await wired.log()].count("invited") == 2
    clock.now = NOW + AGAIN + timedelta(seconds=1)
    late, _ = await wired.press(reader, shown, "print", *people)
    assert late.status == 409
    assert "can not be made again" in late.text
    assert late.text.count(" checked") == 2, "who was chosen stays so"
    assert await codes_out(wired) == 2
    fresh = await printed(wired, reader, late, *people)
    assert {code_on(page) for page in fresh}.isdisjoint(code_on(page) for page in first)
    shown = await reader.get(PAGE)
    assert "4 codes are on their way." in shown.text
    assert shown.text.count(" checked") == 13, "to whom one is on its way is not chosen by itself"


async def test_a_code_that_was_used_is_not_printed_again(wired: Wired) -> None:
    reader = await syndic(wired)
    shown = await reader.get(PAGE)
    (page,) = await printed(wired, reader, shown, "lea-dubois")
    assert await wired.redeem(code_on(page), PHONE) == "Léa Dubois"
    again, _ = await wired.press(reader, shown, "print", "lea-dubois")
    assert again.status == 409


# ------------------------------------------------------------------------------------------------------------ by message


async def test_sent_by_mail_in_the_same_transaction(wired: Wired) -> None:
    reader = await syndic(wired)
    shown = await reader.get(PAGE)
    for _ in range(2):
        done, _ = await wired.press(reader, shown, "send", "lea-dubois", "tom-vermeulen")
        assert done.status == 200
        assert "2 invitations are on their way." in done.text
    told = {each.address.handle: each for each in await wired.told() if each.kind == ACCOUNT}
    assert set(told) == {"lea.dubois@tilleuls.example", "tom.vermeulen@tilleuls.example"}
    mail = told["lea.dubois@tilleuls.example"]
    assert (mail.address.channel, mail.fate, mail.language) == ("email", "waiting", "fr")
    code = next(fact.value.values["value"] for fact in mail.card.facts if fact.key == "code")
    assert await wired.redeem(str(code), PHONE) == "Léa Dubois"
    assert str(code) not in done.text
    assert [(entry.deed, entry.after) for entry in await wired.log()] == [
        ("invited", {"channel": "message", "expires": "2026-12-22"})
    ] * 2
    page = await reader.get(f"/messages/deliveries/{mail.delivery_id}")
    assert page.status == 200
    assert str(code) not in page.text, "its words are for its reader alone"


async def test_whom_no_message_reaches_is_named_and_nothing_is_sent(wired: Wired) -> None:
    reader = await syndic(wired)
    shown, _ = await wired.press(reader, await reader.get(PAGE), "send", "lea-dubois", "marguerite-lambert")
    assert shown.status == 422
    assert "No message can reach Marguerite Lambert. Print a letter for that person." in shown.text
    assert shown.text.count(" checked") == 2
    assert await wired.told() == []
    assert await codes_out(wired) == 0


# ------------------------------------------------------------------------------------------------------------ taken back


async def test_taken_back(wired: Wired) -> None:
    reader = await syndic(wired)
    pages = await printed(wired, reader, await reader.get(PAGE), "lea-dubois", "tom-vermeulen")
    shown = await reader.get(PAGE)
    assert "2 codes are on their way." in shown.text
    assert "Code valid until 22 December 2026" in shown.text
    done, _ = await wired.press(reader, shown, "revoke", "lea-dubois", "jan-desmet")
    assert "The code is good for nothing any more." in done.text
    assert "One code is on its way." in done.text
    assert await wired.redeem(code_on(pages[0]), PHONE) is None
    assert await wired.redeem(code_on(pages[1]), PHONE) == "Tom Vermeulen"
    (*_, entry) = await wired.log()
    assert (entry.deed, entry.subject) == ("invitation_revoked", "person lea-dubois")
    none, _ = await wired.press(reader, await reader.get(PAGE), "revoke", "jan-desmet")
    assert (none.status, "No code is on its way to those chosen." in none.text) == (422, True)


# -------------------------------------------------------------------------------------------------- bad input, other rooms


@pytest.mark.parametrize("what", ["print", "send"])
async def test_what_makes_no_sense(wired: Wired, what: str) -> None:
    reader = await syndic(wired)
    shown = await reader.get(PAGE)
    for codes, given, sentence in (
        ((), {}, "Choose at least one person."),
        (("rubbish", "\0", "' OR 1=1 --", "\u202e"), {}, "Choose at least one person."),
        (("lea-dubois",), {"form": ""}, "open for too long"),
        (("lea-dubois",), {"form": "x" * 5000}, "open for too long"),
        (("lea-dubois",), {"form": "\0\u202e"}, "open for too long"),
    ):
        answer, _ = await wired.press(reader, shown, what, *codes, **given)
        assert answer.status == 422
        assert sentence in answer.text
    assert await codes_out(wired) == 0


async def test_the_form_of_a_colleague_makes_no_codes(wired: Wired) -> None:
    """Codes follow from the form: who got hold of another's could make them again."""
    reader, other = await syndic(wired), await wired.site.signed_in("ann@renard-gestion.example", Role.SYNDIC)
    shown = await reader.get(PAGE)
    await printed(wired, reader, shown, "lea-dubois")
    answer, _ = await wired.press(
        other, await other.get(PAGE), "print", "lea-dubois", form=shown.form("/print")["form"]
    )
    assert answer.status == 422


async def test_a_form_that_was_open_all_day(wired: Wired, clock: Hands) -> None:
    reader = await syndic(wired)
    shown = await reader.get(PAGE)
    clock.now = NOW + timedelta(hours=13)
    answer, _ = await wired.press(reader, shown, "print", "lea-dubois")
    assert answer.status == 422
    assert len(await printed(wired, reader, answer, "lea-dubois")) == 1


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.COUNCIL, Role.AUDITOR])
async def test_others_do_not_invite(wired: Wired, role: Role) -> None:
    reader = await wired.site.signed_in(f"{role.value}@renard-gestion.example", role)
    shown = await reader.get("/")
    assert "/office/invitations" not in shown.text
    token = shown.form("/sign-out")["form_token"]
    assert (await reader.get("/invitations")).status == 403
    assert (await reader.get(PAGE)).status == 403
    for what in ("print", "send", "revoke"):
        fields = {"form_token": token, "person": str(wired.persons["lea-dubois"])}
        assert (await reader.post(f"{PAGE}/{what}", fields)).status == 403
    assert await codes_out(wired) == 0


async def test_another_tenant_and_a_syndic_of_one_building(wired: Wired) -> None:
    outsider = await wired.outsider()
    shown = await outsider.get("/invitations")
    assert "There is no building yet." in shown.text
    token = shown.form("/sign-out")["form_token"]
    assert (await outsider.get(PAGE)).status == 404
    for what in ("print", "send", "revoke"):
        assert (await outsider.post(f"{PAGE}/{what}", {"form_token": token})).status == 404
    one = await wired.site.signed_in("one@renard-gestion.example", Role.SYNDIC, building=wired.sample.known.building_id)
    shown = await one.get(PAGE)
    assert len(await printed(wired, one, shown, "lea-dubois")) == 1
    for stranger in (str(uuid4()), str(wired.stranger)):
        for what in ("print", "send", "revoke"):
            answer, _ = await wired.press(one, shown, what, stranger)
            assert answer.status == 404


async def test_without_a_channel_an_invitation_leads_nowhere(installed: Open) -> None:
    async with installed({}) as wired:
        reader = await syndic(wired)
        shown = await reader.get(PAGE)
        assert "No channel is switched on yet" in shown.text
        assert "Print the letters" not in shown.text
        answer, _ = await wired.press(reader, shown, "print", "lea-dubois")
        assert answer.status == 422
        assert await codes_out(wired) == 0
