"""What is said about who can do what: to whoever is asked to be found, to who looks, and to who is asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.community.neighbours.cards import found_at
from core.community.neighbours.model import Contact
from core.community.skills.model import Ask, Pay, Skill
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent

FIND, ADD = "skills.find", "skills.add"
MOST_LISTED = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the directory. `who`: as neighbours call him; "" for the reader himself."""

    skill: Skill
    who: str


# ----------------------------------------------------------------------------------------------------------- to be found


def consent(called: str, name: str, building: str) -> Text:
    """What is shown, to whom, and what is not: the sentence that somebody agrees to."""
    return say("skills.consent", who=called, skill=name, building=building)


def may_i(asked: Text, name: str, pay: Pay, slug: str) -> Card[Text]:
    """Shall he be found? Nothing is kept before he says so. `pay`: what he said of it already."""
    slots = {"skill": name, "building": slug, "do": "list"}
    yes = [Choice(Intent(ADD, {**slots, "pay": pay.value}), say("skills.choice.yes"))]
    if pay is Pay.UNSAID:
        yes += [
            Choice(Intent(ADD, {**slots, "pay": each.value}), say(f"skills.choice.yes_{each.value}"))
            for each in (Pay.FREE, Pay.PAID)
        ]
    no = Choice(Intent(ADD, {"do": "no", "skill": name, "building": slug}), say("skills.choice.no"))
    said = (Fact(say("skills.fact.pay"), say(f"skills.pay.{pay.value}")),) if pay else ()
    return Card(say("skills.may_i", skill=name), (asked, say("skills.may_i_body")), said, (*yes, no))


def put_in(skill: Skill) -> Card[Text]:
    return Card(say("skills.put_in", skill=skill.name), (say("skills.put_in_body"),), _pay(skill), (_withdraw(skill),))


def not_put_in() -> Card[Text]:
    return Card(say("skills.not_put_in"))


def withdrawn(skill: Skill) -> Card[Text]:
    return Card(say("skills.withdrawn", skill=skill.name))


def mine(skills: Sequence[Skill]) -> Card[Text]:
    """What somebody is found by, and how he takes it out; or that he is found by nothing."""
    add = Choice(Intent(ADD), say("help.offer.skills.add"))
    if not skills:
        return Card(say("skills.mine_empty"), choices=(add,))
    facts = tuple(Fact(literal(each.name), _said(each)) for each in skills)
    return Card(say("skills.mine"), (), facts, (*(_withdraw(each) for each in skills), add))


# --------------------------------------------------------------------------------------------------------------- to find


def listed(title: Text, entries: Sequence[Entry], words: str = "", more: int = 0) -> Card[Text]:
    """Who can do it. `words`: what the reader looks for; `more`: how many besides."""
    facts = tuple(Fact(literal(each.skill.name), _of(each)) for each in entries)
    choices = tuple(_ask(each, words) if each.who else _withdraw(each.skill) for each in entries)
    return Card(title, (say("skills.list.more", count=more),) if more else (), facts, choices)


def nobody(words: str, others: bool) -> Card[Text]:
    """Nobody is in the directory who can do it; `others`: somebody is, who can do something else."""
    title = say("skills.list.nobody", words=words) if words else say("skills.list.empty")
    everybody = (Choice(Intent(FIND, {"do": "all"}), say("skills.choice.all")),) if others else ()
    return Card(
        title,
        (say("skills.list.nobody_body"),),
        choices=(*everybody, Choice(Intent(ADD), say("help.offer.skills.add"))),
    )


def asked(who: str) -> Card[Text]:
    return Card(say("skills.asked.title", who=who), (say("skills.asked.body"),))


def asked_already(who: str) -> Card[Text]:
    return Card(say("skills.asked.already", who=who), (say("skills.asked.body"),))


def agreed(skill: Skill, contact: Contact | None) -> Card[Text]:
    """To whoever asked: where to find him."""
    who = contact.name if contact else ""
    return Card(say("skills.agreed", who=who, skill=skill.name), (), (*found_at(contact), *_pay(skill)))


def declined(who: str) -> Card[Text]:
    return Card(say("skills.declined", who=who), (say("skills.declined_body"),), choices=(_everybody(),))


def lapsed(skill: Skill) -> Card[Text]:
    return Card(say("skills.lapsed", skill=skill.name), (say("skills.declined_body"),), choices=(_everybody(),))


# ---------------------------------------------------------------------------------------------------------- to be asked


def somebody_asks(ask: Ask, skill: Skill, who: str) -> Card[Text]:
    """To whom is asked: what for, and by whom; nothing is told of him before he agrees."""
    facts = (Fact(say("skills.fact.for"), literal(ask.words)),) if ask.words else ()
    slots = {"ask": str(ask.ask_id)}
    return Card(
        say("skills.somebody_asks", who=who, skill=skill.name),
        (say("skills.somebody_asks_body"),),
        facts,
        (
            Choice(Intent(ADD, {"do": "agree", **slots}), say("skills.choice.agree")),
            Choice(Intent(ADD, {"do": "decline", **slots}), say("skills.choice.not_now")),
            _withdraw(skill),
        ),
    )


def you_agreed(skill: Skill, contact: Contact | None) -> Card[Text]:
    who = contact.name if contact else ""
    return Card(
        say("skills.you_agreed", who=who), (say("skills.you_agreed_body", skill=skill.name),), found_at(contact)
    )


def you_declined(who: str) -> Card[Text]:
    return Card(say("skills.you_declined", who=who), (say("skills.you_declined_body"),))


# ---------------------------------------------------------------------------------------------------------------- inside


def _of(entry: Entry) -> Text:
    if not entry.who:
        return say("skills.list.you")
    pay = entry.skill.pay
    return say(f"skills.list.{pay.value}", who=entry.who) if pay else literal(entry.who)


def _said(skill: Skill) -> Text:
    return say(f"skills.pay.{skill.pay.value}") if skill.pay else say("skills.pay.unsaid")


def _pay(skill: Skill) -> tuple[Fact[Text], ...]:
    return (Fact(say("skills.fact.pay"), _said(skill)),) if skill.pay else ()


def _ask(entry: Entry, words: str) -> Choice[Text]:
    slots = {"do": "ask", "entry": str(entry.skill.skill_id), "words": words}
    return Choice(Intent(FIND, slots), say("skills.choice.ask", who=entry.who, skill=entry.skill.name))


def _withdraw(skill: Skill) -> Choice[Text]:
    slots = {"do": "withdraw", "entry": str(skill.skill_id)}
    return Choice(Intent(ADD, slots), say("skills.choice.withdraw", skill=skill.name))


def _everybody() -> Choice[Text]:
    return Choice(Intent(FIND, {"do": "all"}), say("skills.choice.all"))
