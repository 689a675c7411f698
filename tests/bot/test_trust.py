"""Who is it? The sender of a mail is only what it says; nothing is done and nothing told for whoever writes a name there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot import concierge
from bot.reception import Reception
from core.inbox import service as inbox
from core.kernel.ids import new_id
from core.messaging.channel import Address, Bounced, Departure, Evidence, Gone, Inbound, Message, Origin, Seen, Trust
from core.messaging.intent import Intent
from core.people.model import EMAIL
from tests.bot.conftest import rows
from tests.ground_floor import Sample
from tests.talking import Talking, seat

LEA = Address(EMAIL, "lea.dubois@tilleuls.example")
TOM = Address(EMAIL, "tom.vermeulen@tilleuls.example")
MALLORY = Address(EMAIL, "mallory@elsewhere.example")
OWED, ASKED_BACK = "À payer : 740,40\u00a0€, pour le 30 novembre 2026", "Est-ce bien vous qui nous avez écrit ?"


class Post:
    """The mail as the bot meets it: what comes in, and what goes out to whom, by the console's list."""

    def __init__(self, talking: Talking, sample: Sample) -> None:
        self.talking, self.sample = talking, sample
        talking.application.channels[EMAIL] = talking.console
        self.reception: Reception = talking.application.reception()

    async def comes(self, inbound: Inbound) -> list[str]:
        """The titles of all that it made us send, with their addresses."""
        del self.talking.console.shown[:]
        address = await inbox.receive(self.sample.database, EMAIL, inbound)
        if address is not None:
            await self.reception.serve_all(address)
        return [f"{shown.to.handle}: {shown.card.title}" for shown in self.talking.console.shown]

    async def mail(self, sender: Address, text: str, trust: Trust, token: str | None = None, **more: Any) -> list[str]:
        origin = Origin(sender, trust=trust, token=token)
        return await self.comes(Message(origin, new_id().hex, self.talking.clock(), text, **more))

    async def last_key(self) -> str:
        """The key of the latest delivery, by which its reply address is made."""
        row = (await rows(self.sample, "SELECT delivery_id FROM deliveries ORDER BY ordinal DESC LIMIT 1"))[0]
        return str(row["delivery_id"].hex)


@pytest.fixture
def post(talking: Talking, sample: Sample) -> Post:
    return Post(talking, sample)


def lea(title: str) -> list[str]:
    return [f"{LEA.handle}: {title}"]


@pytest.mark.parametrize("trust", [Trust.SURE, Trust.PASS])
async def test_whoever_is_likely_is_answered(post: Post, trust: Trust) -> None:
    assert await post.mail(LEA, "combien je dois ce trimestre ?", trust) == lea(OWED)


@pytest.mark.parametrize("trust", [Trust.NONE, Trust.FAIL])
@pytest.mark.parametrize("text", ["combien je dois ce trimestre ?", "1", "AIDE", "bla bla bla", "ABCDEFGH23"])
async def test_a_mere_name_is_asked_back_and_told_nothing(post: Post, trust: Trust, text: str) -> None:
    assert await post.mail(LEA, text, trust) == lea(ASKED_BACK)
    card = post.talking.console.shown[0].card
    assert card.facts == ()
    assert card.body[1] == text
    assert [choice.label for choice in card.choices] == [
        "Oui, c'est moi : répondez-moi",
        "Non, ce n'est pas moi",
    ]


async def test_the_answer_to_the_question_back_is_the_proof(post: Post) -> None:
    await post.mail(LEA, "combien je dois ce trimestre ?", Trust.NONE)
    key = await post.last_key()
    assert await post.mail(LEA, "1, volontiers !", Trust.REPLY, key) == lea(OWED)
    assert await post.mail(LEA, "2", Trust.REPLY, key) == lea("Très bien, laissons cela.")


async def test_a_forged_mail_does_not_end_the_talk_in_progress(post: Post) -> None:
    await seat(post.sample, "nathalie-renard", "syndic@terminal.example")
    await post.talking.say("syndic@terminal.example", "bonjour")
    await post.mail(LEA, "je veux parler à quelqu'un", Trust.PASS)
    assert await post.mail(LEA, "envoyez tout à mallory", Trust.FAIL) == lea(ASKED_BACK)
    answered = await post.mail(LEA, "La porte grince.", Trust.PASS)
    assert answered != []
    assert "grince" in str(post.talking.console.shown[0].card.body)


async def test_the_token_of_somebody_else_proves_nothing(post: Post) -> None:
    await post.mail(TOM, "wat moet ik betalen?", Trust.PASS)
    toms = await post.last_key()
    assert await post.mail(LEA, "combien je dois ?", Trust.REPLY, toms) == lea(ASKED_BACK)
    told = await post.mail(MALLORY, "1", Trust.REPLY, toms)
    assert [line.partition(":")[0] for line in told] == [MALLORY.handle]
    assert "740" not in str(told)
    assert post.talking.console.shown[0].card.facts == ()


async def test_a_token_expires(post: Post) -> None:
    await post.mail(LEA, "combien je dois ?", Trust.PASS)
    key = await post.last_key()
    post.talking.clock.now += timedelta(days=31)
    assert await post.mail(LEA, "combien je dois ?", Trust.REPLY, key) == lea(ASKED_BACK)


async def test_an_unknown_key_is_no_token(post: Post) -> None:
    assert await post.mail(LEA, "combien je dois ?", Trust.REPLY, new_id().hex) == lea(ASKED_BACK)
    assert await post.mail(LEA, "combien je dois ?", Trust.REPLY, "no key at all") == lea(ASKED_BACK)


async def test_what_binds_takes_the_token(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concierge, "BINDING", frozenset({"charges.owed"}))
    assert await post.mail(LEA, "combien je dois ?", Trust.PASS) == lea(ASKED_BACK)
    key = await post.last_key()
    assert await post.mail(LEA, "1", Trust.PASS) == lea(ASKED_BACK), "a number by a mail that is only likely"
    assert await post.mail(LEA, "1", Trust.REPLY, key) == lea(OWED)


async def test_the_number_is_that_of_the_card_that_is_answered(post: Post) -> None:
    await post.mail(LEA, "combien je dois ce trimestre ?", Trust.PASS)
    first = await post.last_key()
    await post.mail(LEA, "aide", Trust.PASS)
    labels = [choice.label for choice in post.talking.console.shown[0].card.choices]
    assert await post.mail(LEA, "2", Trust.REPLY, first) == lea("Voici comment payer 740,40\u00a0€")
    assert labels[1] != "Comment payer ?"


async def test_a_mail_is_answered_in_its_thread(post: Post) -> None:
    await post.mail(LEA, "combien je dois ?", Trust.PASS, thread='{"id": "<a@b.example>"}')
    row = (await rows(post.sample, "SELECT reply_to FROM deliveries ORDER BY ordinal DESC LIMIT 1"))[0]
    assert row["reply_to"] == '{"id": "<a@b.example>"}'


async def test_strangers_by_mail_are_not_flooded(post: Post) -> None:
    for _ in range(concierge.MOST_TO_A_STRANGER):
        assert len(await post.mail(MALLORY, "hello", Trust.NONE)) == 1
    assert await post.mail(MALLORY, "hello", Trust.NONE) == []
    assert await post.mail(Address(EMAIL, "other@elsewhere.example"), "hello", Trust.FAIL) == []


async def test_nobody_is_flooded_through_us(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concierge, "MOST_AN_HOUR", 3)
    told = [
        await post.mail(LEA, "merci", trust) for trust in (Trust.PASS, Trust.FAIL, Trust.NONE, Trust.FAIL, Trust.PASS)
    ]
    assert [len(each) for each in told] == [1, 1, 1, 0, 0]
    post.talking.clock.now += timedelta(hours=2)
    assert len(await post.mail(LEA, "merci", Trust.PASS)) == 1


async def test_what_was_seen_is_known(post: Post) -> None:
    await post.mail(LEA, "combien je dois ?", Trust.PASS)
    await post.mail(LEA, "aide", Trust.PASS)
    key = await post.last_key()
    assert await post.comes(Seen(Origin(TOM), "s0", post.talking.clock(), key, up_to=True)) == []
    assert await post.comes(Seen(Origin(LEA), "s1", post.talking.clock(), key, up_to=True)) == []
    evidence = await rows(post.sample, "SELECT evidence FROM deliveries WHERE handle = 'lea.dubois@tilleuls.example'")
    assert [row["evidence"] for row in evidence] == [Evidence.SEEN, Evidence.SEEN]


async def buried(post: Post) -> bool:
    row = (
        await rows(post.sample, f"SELECT dead_at FROM directory WHERE channel = 'email' AND handle = '{LEA.handle}'")
    )[0]
    return row["dead_at"] is not None


async def test_a_bounce_of_ours_is_believed_and_another_not(post: Post) -> None:
    await post.mail(LEA, "combien je dois ?", Trust.PASS)
    key, at = await post.last_key(), post.talking.clock()
    assert await post.comes(Bounced("b0", at, None, LEA, hard=True)) == []
    assert await post.comes(Bounced("b1", at, new_id().hex, LEA, hard=True)) == []
    assert not await buried(post)
    assert await post.comes(Bounced("b2", at, key, LEA, hard=False)) == []
    assert not await buried(post)
    assert await post.comes(Bounced("b3", at, key, None, hard=True)) == []
    assert await buried(post)
    fates = await rows(
        post.sample, "SELECT fate, reason FROM deliveries WHERE kind = 'answer' ORDER BY ordinal DESC LIMIT 1"
    )
    assert (fates[0]["fate"], fates[0]["reason"]) == ("failed", "bounced")
    assert await post.mail(LEA, "me revoilà, combien je dois ?", Trust.PASS) == lea(OWED)
    assert not await buried(post), "whoever writes from it can be reached there"


async def test_whoever_unsubscribes_is_answered_still(post: Post) -> None:
    gone = Gone(Origin(LEA), "g", post.talking.clock(), Departure.UNSUBSCRIBED)
    assert await post.comes(gone) == []
    stopped = await rows(
        post.sample, f"SELECT stopped_at FROM directory WHERE handle = '{LEA.handle}' AND channel = 'email'"
    )
    assert stopped[0]["stopped_at"] is not None
    assert await post.mail(LEA, "combien je dois ?", Trust.PASS) == lea(OWED)


def test_what_binds_is_named() -> None:
    assert {"assembly.vote", "assembly.proxy"} <= concierge.BINDING
    assert Intent("charges.owed").name not in concierge.BINDING
