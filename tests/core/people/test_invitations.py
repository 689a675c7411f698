"""Invitations: who is invited, that a form makes one set of codes however often it is sent, and what is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.buildings import store as buildings
from core.database import UnitOfWork
from core.kernel.ids import digest
from core.kernel.text import say
from core.messaging.channel import Address
from core.messaging.kinds import ACCOUNT
from core.outbox import service as outbox
from core.people import service as people
from core.people import store
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from core.people.codes.model import code_in, surely
from core.people.invitations import cards
from core.people.invitations import service as invitations
from core.people.invitations.model import AGAIN, LASTS, Given, Invited, Invitee, Way, code_of, invited
from tests.ground_floor import NOW, Hands, Sample

ANN = Actor(None, "Ann")
KEY = b"a key that nobody knows"
WAYS = (Way("telegram", "@tilleuls_bot", "https://t.me/tilleuls_bot?start={code}"), Way("email", "house@kopro.example"))
PHONE = Address("telegram", "77")


@given(st.uuids(), st.uuids(), st.binary(min_size=16, max_size=32))
def test_a_code_is_a_code_and_follows_from_all_three(form: UUID, person: UUID, key: bytes) -> None:
    code = code_of(key, form, person)
    assert code_in(code) == code
    assert surely(code)
    assert code == code_of(key, form, person)
    others = {code_of(key, form, uuid4()), code_of(key, uuid4(), person), code_of(key + b"x", form, person)}
    assert code not in others


async def roster(sample: Sample) -> dict[str, Invitee]:
    async with sample.database.work(sample.organisation) as uow:
        return {each.code: each for each in await invitations.roster(uow, sample.known.building_id)}


def of(people: dict[str, Invitee], *codes: str, form: UUID | None = None) -> tuple[Invited, ...]:
    return invited([people[code] for code in codes], form or uuid4(), KEY, NOW)


async def printed(sample: Sample, given: tuple[Invited, ...]) -> int:
    async with sample.database.work(sample.organisation) as uow:
        new = await invitations.print_codes(uow, sample.known, given, ANN)
        await uow.commit()
        return new


async def redeem(sample: Sample, code: str, address: Address = PHONE) -> str | None:
    async with sample.database.work() as uow:
        linked = await people.redeem(uow, code, address)
        await uow.commit()
        return linked.person.name if linked else None


async def entries(uow: UnitOfWork) -> list[tuple[str, str]]:
    return [(each.deed, each.subject) for each in (await audit.entries(uow)).entries]


async def test_who_has_a_lot_or_a_role_today(sample: Sample) -> None:
    found = await roster(sample)
    assert "werner-klein" not in found, "he owns nothing there any more"
    assert found["nathalie-renard"].lots == ""
    lea = found["lea-dubois"]
    assert (lea.language, lea.city, lea.linked, lea.on_file) == ("fr", "Schaerbeek", (), ("email",))
    assert lea.lots
    assert found["marguerite-lambert"].on_file == ()
    assert all(each.waits for each in found.values())


async def test_what_counts_as_linked(sample: Sample, clock: Hands) -> None:
    people_ = await roster(sample)
    async with sample.database.work(sample.organisation) as uow:
        for code, address in (
            ("lea-dubois", PHONE),
            ("jan-desmet", Address("matrix", "@jan:home.example")),
        ):
            await store.link(uow, address, people_[code].person_id)
        await store.used(uow, Address("email", "anna.schmitz@tilleuls.example"), NOW)
        await store.bury(uow, Address("matrix", "@jan:home.example"))
        await store.bury(uow, Address("email", "james.carter@tilleuls.example"))
        await uow.commit()
    found = await roster(sample)
    assert found["lea-dubois"].linked == ("telegram",)
    assert found["tom-vermeulen"].linked == (), "his e-mail address is only on file"
    assert found["anna-schmitz"].linked == ("email",), "she has written from it"
    assert found["jan-desmet"].linked == (), "nothing arrives there"
    assert found["james-carter"].on_file == ()


async def test_a_form_sent_twice_makes_one_set(sample: Sample, clock: Hands) -> None:
    people_ = await roster(sample)
    form = uuid4()
    first = of(people_, "lea-dubois", "marguerite-lambert", form=form)
    assert await printed(sample, first) == 2
    clock.now = NOW + AGAIN
    more = of(people_, "lea-dubois", "marguerite-lambert", "tom-vermeulen", form=form)
    assert [each.code for each in more[:2]] == [each.code for each in first]
    assert await printed(sample, more) == 1
    async with sample.database.work(sample.organisation) as uow:
        assert sorted(await entries(uow)) == [
            *(("invited", "person lea-dubois"), ("invited", "person marguerite-lambert")),
            ("invited", "person tom-vermeulen"),
        ]
        log = (await audit.entries(uow)).entries
        assert all(each.code not in str(log) for each in more)
        kept = (await uow.connection.execute(text("SELECT digest, channel FROM link_codes"))).all()
        assert {bytes(row.digest) for row in kept} == {digest(each.code) for each in more}
        assert {row.channel for row in kept} == {""}
    found = await roster(sample)
    assert found["lea-dubois"].out is not None
    assert (found["lea-dubois"].out.codes, found["lea-dubois"].out.until) == (1, NOW + LASTS)
    assert not found["lea-dubois"].waits
    clock.now = NOW + AGAIN + timedelta(seconds=1)
    with pytest.raises(Given):
        await printed(sample, first)
    assert (await roster(sample))["lea-dubois"].out == found["lea-dubois"].out


@pytest.mark.parametrize(
    "address", [PHONE, Address("matrix", "@lea:home.example"), Address("email", "lea@new.example")]
)
async def test_it_ties_whichever_channel_it_is_written_on_first(sample: Sample, address: Address) -> None:
    (one,) = of(await roster(sample), "lea-dubois")
    await printed(sample, (one,))
    assert await redeem(sample, one.code, address) == "Léa Dubois"
    assert await redeem(sample, one.code, Address("telegram", "78")) is None
    with pytest.raises(Given):
        await printed(sample, (one,))


async def test_it_comes_by_the_address_on_file(sample: Sample) -> None:
    """Recorded with the code in one transaction; the same form once more tells nothing twice."""
    people_ = await roster(sample)
    async with sample.database.work(sample.organisation) as uow:
        await store.link(uow, Address("console", "tom"), people_["tom-vermeulen"].person_id)
        await uow.commit()
    given = of(people_, "tom-vermeulen")
    for new in (1, 0):
        async with sample.database.work(sample.organisation) as uow:
            assert await invitations.send_codes(uow, sample.known, given, WAYS, ANN) == new
            await uow.commit()
    async with sample.database.work(sample.organisation) as uow:
        (told,) = await outbox.deliveries(uow)
        assert (told.kind, told.address, told.fate) == (ACCOUNT, Address("console", "tom"), "waiting")
        assert [(fact.key, fact.value.values["value"]) for fact in told.card.facts] == [
            ("code", given[0].code),
            ("telegram", f"https://t.me/tilleuls_bot?start={given[0].code}"),
            ("email", "house@kopro.example"),
        ]
        assert await entries(uow) == [("invited", "person tom-vermeulen")]
    async with sample.database.work(sample.organisation) as uow:
        await invitations.send_codes(uow, sample.known, of(people_, "lea-dubois"), WAYS, ANN)
    async with sample.database.work(sample.organisation) as uow:
        assert len(await outbox.deliveries(uow)) == 1, "rolled back with its code"
        assert (await roster(sample))["lea-dubois"].out is None


async def test_codes_are_taken_back(sample: Sample, clock: Hands) -> None:
    people_ = await roster(sample)
    lea, tom = of(people_, "lea-dubois", "tom-vermeulen")
    await printed(sample, (lea, tom))
    await printed(sample, of(people_, "lea-dubois"))
    async with sample.database.work(sample.organisation) as uow:
        wanted = {people_["lea-dubois"].person_id, people_["jan-desmet"].person_id, uuid4()}
        assert await invitations.revoke(uow, sample.known, wanted, ANN) == 2
        await uow.commit()
    assert await redeem(sample, lea.code) is None
    assert await redeem(sample, tom.code) == "Tom Vermeulen"
    async with sample.database.work(sample.organisation) as uow:
        (entry,) = [each for each in (await audit.entries(uow)).entries if each.deed == Deed.INVITATION_REVOKED]
        assert (entry.subject, entry.before, entry.after) == ("person lea-dubois", {"codes": 2}, {"codes": 0})
        assert await invitations.revoke(uow, sample.known, wanted, ANN) == 0


async def test_codes_of_another_organisation_are_not_seen(sample: Sample) -> None:
    (one,) = of(await roster(sample), "lea-dubois")
    await printed(sample, (one,))
    async with sample.database.work() as uow:
        await buildings.add_organisation(uow, "others")
        assert await invitations.roster(uow, sample.known.building_id) == []
        assert await invitations.revoke(uow, sample.known, {one.to.person_id}, ANN) == 0
        await invitations.check(uow, [one])
    assert await redeem(sample, one.code) == "Léa Dubois"


def test_what_stands_on_paper() -> None:
    someone = Invitee(uuid4(), "lea", "Léa", "fr", "A1, P3", "", "", "", "", (), (), None)
    (one,) = invited([someone], uuid4(), KEY, NOW)
    card = cards.letter(one, "Tilleuls")
    assert one.code not in str(card), "the code stands apart"
    assert [text.key for text in card.body] == ["invitation.body", "invitation.whose_lots"]
    assert [text.key for text in cards.how(WAYS, one)] == [
        *("invitation.how", "invitation.send", "channel.named", "channel.named", "invitation.lasts", "link.secret")
    ]
    assert cards.lots(someone) == say("invitation.lots", lots="A1, P3")
    assert cards.lots(replace(someone, lots="A1")) == say("invitation.lot", lots="A1")
    (other,) = invited([replace(someone, lots="")], uuid4(), KEY, NOW)
    assert cards.letter(other, "Tilleuls").body[1].key == "invitation.whose"
    assert cards.opened(WAYS[0], one.code) == f"https://t.me/tilleuls_bot?start={one.code}"
    assert cards.opened(WAYS[1], one.code) == ""
    assert cards.opened(Way("matrix", "@b:h", "https://matrix.to/#/@b:h"), one.code) == ""
