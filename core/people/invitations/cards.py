"""What somebody is told who is invited: by message, and on paper, where the code stands apart from the text."""

from __future__ import annotations

from collections.abc import Sequence

from core.kernel.clock import local_day
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Fact
from core.people.invitations.model import Invited, Invitee, Way


def message(invited: Invited, building: str, ways: Sequence[Way]) -> Card[Text]:
    """The invitation as a message. Where it comes by a channel of ours, an answer is enough; the code is for the others."""
    facts = [Fact(say("link.fact.code"), literal(invited.code), "code")]
    facts += [
        Fact(say(f"channel.{way.channel}"), literal(opened(way, invited.code) or way.where), way.channel)
        for way in ways
    ]
    return Card(
        say("invitation.title", building=building),
        (
            say("invitation.body"),
            say("invitation.answer"),
            say("invitation.choose"),
            lasts(invited),
            say("link.secret"),
        ),
        tuple(facts),
    )


def letter(invited: Invited, building: str) -> Card[Text]:
    """The invitation on paper, without its code: what it is good for, and whose it is."""
    to, language = invited.to, say(f"language.{invited.to.language}")
    mine = lots(to)
    whose = (
        say("invitation.whose_lots", name=to.name, lots=mine, language=language)
        if mine
        else say("invitation.whose", name=to.name, language=language)
    )
    return Card(say("invitation.title", building=building), (say("invitation.body"), whose))


def how(ways: Sequence[Way], invited: Invited) -> tuple[Text, ...]:
    """Beside the code on paper: a heading, where to write it, and until when."""
    where = [say("channel.named", channel=say(f"channel.{way.channel}"), handle=way.where) for way in ways]
    return (say("invitation.how"), say("invitation.send"), *where, lasts(invited), say("link.secret"))


def lots(to: Invitee) -> Text | None:
    """His lots in words; None where he has none."""
    if not to.lots:
        return None
    return say("invitation.lots" if "," in to.lots else "invitation.lot", lots=to.lots)


def lasts(invited: Invited) -> Text:
    return say("invitation.lasts", day=local_day(invited.until))


def opened(way: Way, code: str) -> str:
    """The link that opens a talk with the code in it; empty where the channel has none, or one without a code."""
    return way.link.replace("{code}", code) if way.link and "{code}" in way.link else ""
