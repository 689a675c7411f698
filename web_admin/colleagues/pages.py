"""Who works in the office and as what: invited, handed a link, and a role taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import web

from core.buildings.model import Known
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, say
from core.people.accounts import service as accounts
from core.people.accounts.model import EMPLOYEES, INVITATION_LASTS, Account, Act, Grant, Role, clean_email
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from web_admin.pages import PREFIX, Page, Visit, go_to, render

COLLEAGUES = "/settings/colleagues"
LONGEST_NAME = 100
ROLES = {role.value: role for role in EMPLOYEES}
EVERYWHERE = ""
"""Chosen instead of a building: all of them, those too that come later."""


@dataclass
class Colleague:
    """Somebody who works here, with all that he is."""

    account: Account
    grants: list[Grant] = field(default_factory=list)


async def show(visit: Visit) -> web.StreamResponse:
    return await _list(visit)


async def write(visit: Visit) -> web.StreamResponse:
    return await _form(visit)


async def invite(visit: Visit) -> web.StreamResponse:
    """Gives somebody a role; whoever is new gets a link, shown once."""
    houses = {known.building.slug: known for known in await visit.buildings()}
    wrong, email, name, role, house = _read(visit, houses)
    if wrong or role is None:
        return await _form(visit, wrong)
    building = house.building_id if house else None
    before = [(each.email, held, where) for each, held, where in await accounts.employed(visit.uow)]
    if (email, role, building) in before:
        return await _form(visit, {"role": say("office.colleagues.already")}, 409)
    me = visit.who.account
    try:
        account, token = await accounts.employ(
            visit.uow, email, name, visit.typed("language"), role, building, me.account_id, across=me.administrator
        )
    except DomainError as refusal:
        return await _form(visit, {"email": refusal.text})
    await _note(visit, Deed.EMPLOYED, account, Grant(role, building), house)
    await visit.uow.commit()
    if token is None:
        return go_to(visit, COLLEAGUES, say("office.colleagues.employed", name=account.name))
    return _link(visit, account, token)


async def link(visit: Visit) -> web.StreamResponse:
    """Another link for whoever has not used his; the one before leads nowhere any more."""
    try:
        account, token = await accounts.invite_again(
            visit.uow, _identity(visit, "account"), across=visit.who.account.administrator
        )
    except DomainError as refusal:
        return await _list(visit, 409, refusal.text)
    await visit.uow.commit()
    return _link(visit, account, token)


async def dismiss(visit: Visit) -> web.StreamResponse:
    """Takes one role away."""
    role, wanted = ROLES.get(visit.typed("role")), _identity(visit, "account")
    building = _identity(visit, "building") if visit.typed("building") else None
    account = next((each for each, _, _ in await accounts.employed(visit.uow) if each.account_id == wanted), None)
    if role is None or account is None:
        return await _list(visit, 409, say("office.colleagues.gone"))
    me = visit.who.account
    try:
        by = None if me.administrator else me.account_id
        if not await accounts.dismiss(visit.uow, wanted, role, building, by):
            return await _list(visit, 409, say("office.colleagues.gone"))
    except DomainError as refusal:
        return await _list(visit, 422, refusal.text)
    house = next((known for known in await visit.buildings() if known.building_id == building), None)
    await _note(visit, Deed.DISMISSED, account, Grant(role, building), house)
    await visit.uow.commit()
    done = say("office.colleagues.dismissed", name=account.name, role=say(f"accounts.role.{role.value}"))
    return go_to(visit, COLLEAGUES, done)


def _read(visit: Visit, houses: Mapping[str, Known]) -> tuple[dict[str, Text], str, str, Role | None, Known | None]:
    """What was typed: what is wrong by field, the address, the name, the role, the building (None: all)."""
    email, name, role = clean_email(visit.typed("email")), visit.typed("name"), ROLES.get(visit.typed("role"))
    chosen = visit.typed("building")
    wrong = {}
    if not email:
        wrong["email"] = say("office.employ.no_address")
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        wrong["name"] = say("office.colleagues.wrong_name", count=LONGEST_NAME)
    if visit.typed("language") not in LANGUAGES:
        wrong["language"] = say("office.account.language_unknown")
    if role is None:
        wrong["role"] = say("office.colleagues.no_role")
    if chosen != EVERYWHERE and chosen not in houses:
        wrong["building"] = say("office.colleagues.no_building")
    return wrong, email, name, role, houses.get(chosen)


async def _note(visit: Visit, deed: Deed, account: Account, grant: Grant, house: Known | None) -> None:
    """In the log it stands with its building; a role in all of them, with the organisation."""
    what = {"name": account.name, "role": grant.role.value, "building": house.building.name if house else ""}
    before, after = (what, None) if deed is Deed.DISMISSED else (None, what)
    me = visit.who.account
    actor, subject = Actor(me.account_id, me.name), f"account {account.email}"
    await audit.record(visit.uow, actor, deed, subject, before, after, grant.building)


async def _list(visit: Visit, status: int = 200, refused: Text | None = None) -> web.Response:
    found: dict[UUID, Colleague] = {}
    for account, role, building in await accounts.employed(visit.uow):
        found.setdefault(account.account_id, Colleague(account)).grants.append(Grant(role, building))
    return render(
        visit,
        "colleagues/colleagues.html",
        status,
        colleagues=sorted(found.values(), key=lambda each: each.account.name.casefold()),
        houses={known.building_id: known for known in await visit.buildings()},
        refused=refused,
    )


async def _form(visit: Visit, wrong: Mapping[str, Text] | None = None, status: int = 422) -> web.Response:
    words = visit.office.catalogues[visit.language]
    return render(
        visit,
        "colleagues/invite.html",
        status if wrong else 200,
        refused={name: words(text) for name, text in (wrong or {}).items()},
        roles=EMPLOYEES,
        languages=LANGUAGES,
        buildings=await visit.buildings(),
        longest_name=LONGEST_NAME,
    )


def _link(visit: Visit, account: Account, token: str) -> web.Response:
    """The page with a new link: nobody sees it again."""
    return render(
        visit,
        "colleagues/link.html",
        account=account,
        link=f"{visit.office.base}{PREFIX}/link/{token}",
        until=visit.uow.now + INVITATION_LASTS,
    )


def _identity(visit: Visit, name: str) -> UUID:
    try:
        return UUID(visit.typed(name))
    except ValueError as error:
        raise web.HTTPNotFound from error


PAGES = (
    Page(COLLEAGUES, show, act=Act.EMPLOY, whole=True, section="settings"),
    Page(f"{COLLEAGUES}/new", write, invite, act=Act.EMPLOY, whole=True, section="settings"),
    Page(f"{COLLEAGUES}/link", None, link, act=Act.EMPLOY, whole=True, section="settings"),
    Page(f"{COLLEAGUES}/dismiss", None, dismiss, act=Act.EMPLOY, whole=True, section="settings"),
)
