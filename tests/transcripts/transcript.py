"""A transcript: a file of a conversation, read, held with the bot, and written anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from channels.console import Shown
from channels.shaping import plain
from core.kernel.clock import BRUSSELS
from core.messaging.channel import Room
from core.people import service as people
from core.people import store as persons
from tests.ground_floor import Sample
from tests.talking import Talking, at, seat

INDENT = "    "
BETWEEN = f"{INDENT}* * *"
"""Stands between two cards of one answer."""
IN_THE_GROUP = "(for all in the group)"
"""Stands above a card that everybody in the group reads."""
PRIVATE = "private"
NAME = "@koprogo"
"""How the bot is addressed in a group."""
DIRECTIVE = re.compile(r"(shows|who|is|at|invite|told|in|bot|removed|due): (.+)")


@dataclass
class Line:
    """One line of the file that is no answer, and the answer that stands under it."""

    text: str
    answer: list[str]

    @property
    def directive(self) -> tuple[str, str]:
        """Its name and value; two empty ones where it is a comment, and `says` where somebody writes."""
        if self.text.startswith("> "):
            return "says", self.text[2:]
        found = DIRECTIVE.fullmatch(self.text)
        if not found and not self.text.startswith("#"):
            raise ValueError(f"not a line of a transcript: {self.text!r}")
        return (found[1], found[2]) if found else ("", "")


@dataclass
class Transcript:
    path: Path
    lines: list[Line]

    @classmethod
    def read(cls, path: Path) -> Transcript:
        lines: list[Line] = []
        for text in path.read_text(encoding="utf-8").split("\n"):
            if text.startswith(INDENT) or (not text and lines):
                lines[-1].answer.append(text.removeprefix(INDENT))
            elif text:
                lines.append(Line(text, []))
        for line in lines:
            line.answer = _trimmed(line.answer)
        return cls(path, lines)

    def written(self) -> str:
        """The file: an empty line around each answer."""
        blocks: list[str] = []
        for line in self.lines:
            answer = "".join(f"{INDENT}{text}".rstrip() + "\n" for text in line.answer)
            spoken = line.directive[0] in ("says", "told") or (blocks and not blocks[-1])
            blocks.append(("\n" if spoken else "") + line.text + "\n" + (f"\n{answer}" if answer else ""))
            if answer:
                blocks.append("")
        return re.sub("\n{3,}", "\n\n", "".join(blocks)).lstrip("\n")

    def values(self, name: str) -> Iterator[str]:
        return (line.directive[1] for line in self.lines if line.directive[0] == name)

    @property
    def shows(self) -> set[str]:
        return {intent.strip() for value in self.values("shows") for intent in value.split(",")}


async def held(transcript: Transcript, talking: Talking, sample: Sample) -> Transcript:
    """The same conversation, held now."""
    who, code, group = "", "", None
    last: list[Shown] = []
    before: list[Shown] = []
    lines = []
    for line in transcript.lines:
        name, value = line.directive
        answer: list[str] = []
        if name == "who":
            who = value
        elif name == "is":
            await seat(sample, value, who)
        elif name == "at":
            talking.clock.now = datetime.fromisoformat(value).replace(tzinfo=BRUSSELS).astimezone(UTC)
        elif name == "in":
            group = None if value == PRIVATE else value
        elif name == "invite":
            code = await _code(talking, sample, value, at(who).channel)
        elif name == "due":
            await talking.due(value)
        elif name == "told":
            last = [shown for shown in talking.console.shown if shown.to == at(value)]
            answer = _cards(last, code)
        elif name == "removed":
            await talking.removes(sample, value)
            last = []
        elif name == "bot" and group:
            last = await (talking.joins if value == "joins" else talking.leaves)(who, group)
            answer = _cards(last, code)
        elif name == "says":
            before = [*last, *before]
            last = await _said(talking, who, value.replace("{code}", code), before, group)
            code = next((fact.value for shown in last for fact in shown.card.facts if fact.key == "code"), code)
            answer = _cards(last, code)
        lines.append(Line(line.text, answer))
    return Transcript(transcript.path, lines)


async def _said(talking: Talking, who: str, text: str, before: list[Shown], group: str | None) -> list[Shown]:
    """`before`: what was shown up to now, the last first."""
    pressed = re.fullmatch(r"\[(.+)\]", text)
    if not pressed:
        name = f"{NAME} "
        if group is None:
            return await talking.shown(who, text)
        return await talking.shown(who, text.removeprefix(name), group=group, addressed=text.startswith(name))
    mine = [shown for shown in before if shown.to == at(who)]
    choices = [choice for shown in mine for choice in shown.card.choices if choice.label == pressed[1]]
    # A button that was never shown is an old one, from before anybody can remember.
    return await talking.shown(who, choice=choices[0].token if choices else "long-gone")


def _cards(shown: list[Shown], code: str) -> list[str]:
    """What was told, with the place of a one-time code instead of it."""
    lines: list[str] = []
    for each in shown:
        if lines:
            lines += ["", BETWEEN.strip(), ""]
        if isinstance(each.to, Room):
            lines += [IN_THE_GROUP, ""]
        text = plain(each.card)
        lines += (text.replace(code, "{code}") if code else text).split("\n")
        lines += [f"[file: {file.name} {file.media_type}]" for file in each.files]
    return lines


async def _code(talking: Talking, sample: Sample, person: str, channel: str) -> str:
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await persons.residents(uow, sample.known.building_id)}
        code = await people.invite(uow, listed[person], channel)
        await uow.commit()
        return code


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines
