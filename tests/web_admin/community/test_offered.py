"""What neighbours put up besides notes: listed for all who read, taken down with a reason by the syndic and the council."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from core.buildings.model import Module
from core.community.bazaar import service as bazaar
from core.community.loans.things import service as things
from core.community.offered import service
from core.community.offered.model import MODULES, Posted
from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Act, Role, may
from core.people.audit import service as audit
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.web_admin.community.conftest import Hall
from tests.web_admin.community.test_community import ROLES, stranger
from tests.web_admin.reading import Reader, Shown
from web_admin.community.offered import ON_A_PAGE

OFFERS = "/community/offers"
TEXT = "<script>alert(1)</script> table \u202e"


def path(posted: Posted) -> str:
    return f"{OFFERS}/{posted.kind}/{posted.subject}"


async def remove(reader: Reader, posted: Posted, reason: str, on: Shown | None = None) -> Shown:
    shown = on or await reader.get(path(posted))
    return await reader.send({"reason": reason}, to=path(posted), on=shown)


async def test_all_that_is_up_is_listed_as_neighbours_see_it(hall: Hall) -> None:
    found = await hall.put_up()
    reader = await hall.site.signed_in()
    page = (await reader.get("/community")).text
    for words in ("What neighbours have put up", "2 are up", "1 is up", f'href="/office{OFFERS}?building=tilleuls'):
        assert words in page, words
    page = (await reader.get(OFFERS)).text
    for words in (
        "Babybed",
        "to give away",
        "Tom V.",
        "looked for",
        "Perceuse",
        "available",
        "skill, paid",
        "help asked for",
    ):
        assert words in page, words
    for name in ("Vermeulen", "Schmitz", "Dubois", "Carter", "Benali", "@"):
        assert name not in page.partition("<main")[2], name
    assert "22 November 2026" in page
    for module in MODULES:
        listed = (await reader.get(f"{OFFERS}?building=tilleuls&module={module}")).text
        for each in found.values():
            assert (f"/office{path(each)}" in listed) is (each.module == module)
    one = (await reader.get(path(found["object"]))).text
    for words in ("Perceuse", "Avec sa rallonge.", "Léa D.", "Reason for removing it"):
        assert words in one
    shown = await reader.get(f"{path(found['gift'])}/photo")
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")


async def test_an_empty_list_says_what_to_do(hall: Hall) -> None:
    reader = await hall.site.signed_in()
    page = (await reader.get(OFFERS)).text
    assert "Nothing is up at the moment." in page
    assert "I have a drill to lend" in page
    for module in MODULES:
        page = (await reader.get(f"{OFFERS}?module={module}")).text
        assert "Residents write to the bot" in page
        assert "office.offered" not in page
    for module in MODULES:
        await hall.do(council.switch, hall.building, Wish(Module(module), False, hall.clock().date()), Actor(None, "t"))
    page = (await reader.get(OFFERS)).text
    assert page.count("switched off in this building") == len(MODULES)
    assert "/office/buildings/tilleuls/modules" in page


async def test_switched_off_it_is_still_watched(hall: Hall) -> None:
    found = await hall.put_up()
    await hall.do(council.switch, hall.building, Wish(Module("bazaar"), False, hall.clock().date()), Actor(None, "t"))
    reader = await hall.site.signed_in()
    page = (await reader.get(f"{OFFERS}?module=bazaar")).text
    assert "Small ads: switched off in this building" in page
    assert "Babybed" in page
    assert (await remove(reader, found["gift"], "Not here")).status == 200


async def test_taken_down_told_and_written_down(hall: Hall) -> None:
    found = await hall.put_up()
    reader = await hall.site.signed_in()
    for kind, posted in found.items():
        done = await remove(reader, posted, f"Raison: {kind} <b>")
        assert (done.status, done.path) == (200, f"/office{OFFERS}?building=tilleuls&module={posted.module}")
        assert "Removed, the author knows the reason:" in done.text
        assert (await reader.get(path(posted))).status == 404
    assert await hall.do(service.up, hall.building) == []
    async with hall.sample.database.work(hall.sample.organisation) as uow:
        entries = (await audit.entries(uow)).entries[: len(found)]
    assert {(each.deed, each.actor.name) for each in entries} == {("post_removed", "nathalie.renard")}
    assert {each.subject.partition(" ")[0] for each in entries} == set(found)
    log = (await reader.get("/audit")).text
    for words in ("What a neighbour had put up was removed", "to lend: “Perceuse”", "looked for: “Kinderwagen”"):
        assert words in log, words


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Please give a reason in a few words"),
        (" \u200b\u202e ", "Please give a reason in a few words"),
        ("🎉", "Please give a reason in a few words"),
        ("x" * 501, "The text is too long: at most 500 characters."),
        ("x" * 100_000, "The text is too long: at most 500 characters."),
        ("<b>asshole</b>\0", "There is a word in your text"),
    ],
)
async def test_a_wrong_reason_is_said_beside_its_field(hall: Hall, reason: str, sentence: str) -> None:
    found = await hall.put_up()
    reader = await hall.site.signed_in()
    done = await remove(reader, found["object"], reason)
    assert done.status == 422
    assert sentence in done.text.partition('id="reason-error"')[2][:200]
    assert "<b>asshole" not in done.text
    assert len(await hall.do(service.up, hall.building)) == len(found)


async def test_of_two_tabs_the_second_is_told(hall: Hall) -> None:
    found = await hall.put_up()
    reader = await hall.site.signed_in()
    form = await reader.get(path(found["skill"]))
    both = await asyncio.gather(*(remove(reader, found["skill"], "Twice", form) for _ in range(3)))
    assert sorted(each.status for each in both) == [200, 409, 409]
    late = await remove(reader, found["skill"], "Late", form)
    assert late.status == 409
    assert "This is no longer up" in late.text
    await hall.do(bazaar.withdraw, "tom-vermeulen", found["gift"].subject)
    assert (await reader.get(path(found["gift"]))).status == 404


async def test_what_people_write_is_shown_and_not_run(hall: Hall) -> None:
    await hall.do(bazaar.give, "tom-vermeulen", hall.building, TEXT, "<img src=x onerror=alert(1)>")
    (posted,) = await hall.do(service.up, hall.building)
    reader = await hall.site.signed_in()
    for each in (OFFERS, path(posted)):
        page = (await reader.get(each)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page


async def test_many_stand_on_several_pages(hall: Hall) -> None:
    """A day's limit of posts holds people back, so several put up what one may not."""
    people = [code for code in hall.persons if code not in ("nathalie-renard", "werner-klein")]
    for number in range(ON_A_PAGE + 3):
        await hall.do(things.lend, people[number % 4], hall.building, f"Ladder number {number:03}")
    reader = await hall.site.signed_in()
    first, second = [(await reader.get(f"{OFFERS}?building=tilleuls&page={page}")).text for page in (1, 2)]
    assert (first.count("Ladder number"), second.count("Ladder number")) == (ON_A_PAGE, 3)
    assert 'page=2"' in first
    for odd in ("0", "99", "-1", "x", "%00", "9" * 99):
        assert (await reader.get(f"{OFFERS}?page={odd}")).status == 200
    assert len(first.encode()) < 100_000


@pytest.mark.parametrize("role", ROLES)
async def test_who_reads_and_who_decides(hall: Hall, role: Role) -> None:
    found = await hall.put_up()
    reader = await hall.site.signed_in(f"{role.value}@renard-gestion.example", role)
    decides = may(role, Act.SWITCH)
    page = await reader.get(path(found["service"]))
    assert page.status == 200
    assert ('name="reason"' in page.text) is decides
    sent = {"form_token": page.form("/sign-out")["form_token"], "reason": "x y"}
    assert (await reader.post(path(found["service"]), sent)).status == (200 if decides else 403)
    assert len(await hall.do(service.up, hall.building)) == len(found) - decides


async def test_of_others_nothing_is_there(hall: Hall) -> None:
    found = await hall.put_up()
    outside = await stranger(hall)
    token = (await outside.get("/")).form("/sign-out")["form_token"]
    for posted in found.values():
        assert (await outside.get(path(posted))).status == 404
        assert (await outside.get(f"{path(posted)}/photo")).status == 404
        assert (await outside.post(path(posted), {"form_token": token, "reason": "mine now"})).status == 404
    assert (await outside.get(f"{OFFERS}?building=tilleuls")).status == 404
    assert "There is no building here yet" in (await outside.get(OFFERS)).text
    reader = await hall.site.signed_in()
    gift = found["gift"]
    for each in (
        *(f"{OFFERS}/{kind}/{gift.subject}" for kind in ("seek", "notice", "nonsense", "%00", "GIFT")),
        *(f"{OFFERS}/gift/{subject}" for subject in (uuid4(), "nowhere", "%00", "0")),
        f"{path(found['seek'])}/photo",
    ):
        assert (await reader.get(each)).status == 404, each
    assert len(await hall.do(service.up, hall.building)) == len(found)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(hall: Hall, language: str) -> None:
    found = await hall.put_up()
    await hall.site.account(language=language)
    reader = hall.site.reader(language)
    await reader.sign_in()
    for each in (OFFERS, *(path(posted) for posted in found.values())):
        shown = await reader.get(each)
        assert shown.status == 200
        for key in ("office.offered", "offered.kind", "offered.state", "removals."):
            assert key not in shown.text
