"""The ways to forms to which no link leads, because something has to be done before: each gives the page on which the form stands."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Awaitable, Callable, Mapping

import pyotp
from aiohttp import FormData

from core.messaging.kinds import LEGAL, NOTICE_BOARD
from tests.ground_floor import SAMPLE
from tests.web_admin.house import House
from tests.web_admin.reading import PASSWORD, Reader, Shown
from web_admin.pages import FORM_TOKEN, PREFIX

Way = Callable[[House, Reader], Awaitable[Shown]]
WORDS = {
    "building": "tilleuls",
    "group": "owners",
    "original": "fr",
    "title": "Coupure d'eau",
    "text": "L'eau est coupée jeudi.",
}


async def with_codes(house: House, reader: Reader) -> Shown:
    """One's account, with an authenticator."""
    shown = await reader.get("/account/authenticator")
    secret = re.sub(r"\s", "", shown.text.partition("<code>")[2].partition("</code>")[0])
    code = pyotp.TOTP(secret).at(house.sample.database.clock())
    await reader.send({"code": code})
    return await reader.get("/account")


async def second_step(house: House, reader: Reader) -> Shown:
    """The door, after the password."""
    await house.site.account("two@renard-gestion.example")
    enrolling = house.site.reader()
    await enrolling.sign_in("two@renard-gestion.example")
    await with_codes(house, enrolling)
    await reader.get("/account")
    await reader.send({}, to="/sign-out")
    return await reader.sign_in("two@renard-gestion.example", PASSWORD)


async def brought(reader: Reader, path: str, slug: str) -> Shown:
    """The files of the sample with another city, as a building of that name, sent to be looked at."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        for file in sorted(SAMPLE.rglob("*")):
            if file.is_file():
                content = file.read_bytes()
                if file.name == "building.toml":
                    content = content.replace(b'slug = "tilleuls"', f'slug = "{slug}"'.encode())
                    content = re.sub(rb'(?m)^city = ".*"', b'city = "Namur"', content)
                bundle.writestr(str(file.relative_to(SAMPLE)), content)
    form = (await reader.get(path)).form(path)
    sent = FormData()
    sent.add_field(FORM_TOKEN, form[FORM_TOKEN])
    sent.add_field("files", packed.getvalue(), filename="house.zip", content_type="application/zip")
    return await reader.post(path, sent)  # type: ignore[arg-type]


async def new_building(house: House, reader: Reader) -> Shown:
    return await brought(reader, "/setup/import", "another")


async def newer_files(house: House, reader: Reader) -> Shown:
    return await brought(reader, "/buildings/tilleuls/files", "tilleuls")


async def written(house: House, reader: Reader, kind: str = NOTICE_BOARD) -> Shown:
    """A message to the building, looked at before it is sent."""
    await reader.get("/messages/broadcasts/new")
    return await reader.send({**WORDS, "kind": kind}, to="/new")


async def shown_on_channels(house: House, reader: Reader) -> Shown:
    """As a letter too, which only what the law counts can be."""
    shown = await written(house, reader, LEGAL)
    form = next(each for each in shown.forms if "draft" in each)
    form.pop("action")
    return await reader.post("/preview/broadcast", form)


async def talked(house: House, reader: Reader) -> Shown:
    """A talk in a resident's place, in which a picture was sent."""
    await reader.get("/try")
    await reader.send({"person": "lea-dubois", "language": ""}, to="/try")
    assert reader.last is not None
    form = next(each for each in reader.last.forms if "text" in each)
    return await reader.post("/try", {**form, "text": "/payer"})


async def sold(house: House, reader: Reader) -> Shown:
    """A lot that changes hands soon, which can be taken back."""
    path = "/buildings/tilleuls/ownership"
    await reader.get(f"{path}/transfer?lot=3A")
    buyer = {"person-1": "james-carter", "right-1": "full", "part-1": "1/1", "language-1": "fr"}
    await reader.send({"day": "2026-12-15", "press": "look", **buyer}, to="transfer?lot=3A")
    await reader.send({"press": "transfer"}, to="transfer?lot=3A")
    return await reader.get(f"{path}/take-back?lot=3A")


async def codes_out(house: House, reader: Reader) -> Shown:
    """People of a building, one of whom has a code."""
    form = (await reader.get("/invitations/tilleuls")).form("/print")
    person = str(house.post.persons["tom-vermeulen"])
    await reader.post(form.pop("action").removeprefix(PREFIX), {**form, "person": person})
    return await reader.get("/invitations/tilleuls")


WAYS: Mapping[str, Way] = {
    "/sign-in/code": second_step,
    "/account/codes": with_codes,
    "/account/authenticator/drop": with_codes,
    "/setup/import/go": new_building,
    "/buildings/{building}/files/go": newer_files,
    "/messages/broadcasts/change": written,
    "/messages/broadcasts/send": written,
    "/preview/broadcast": written,
    "/preview/broadcast/letter": shown_on_channels,
    "/try/file": talked,
    "/buildings/{building}/ownership/take-back": sold,
    "/invitations/{building}/revoke": codes_out,
}
