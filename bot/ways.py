"""The ways to us: on which channels somebody can write to this installation, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.kernel.text import Text, say


@dataclass(frozen=True, slots=True)
class Way:
    """How we are reached on a channel. `where`: our name there; `say`: where to write.

    `link` opens a talk with a code, `group_link` a choice of groups to add us to; `{code}` in them is the code. `groups`: whether we come
    into groups there at all.
    """

    where: str
    say: Text
    link: str | None = None
    groups: bool = False
    group_link: str | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """What is configured, by channel, in the order in which it is offered."""

    by_channel: Mapping[str, Way] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self.by_channel)

    @property
    def groups(self) -> tuple[str, ...]:
        """The channels that have groups."""
        return tuple(channel for channel, way in self.by_channel.items() if way.groups)


NOWHERE = Ways()


def way(
    channel: str, where: str, *, link: str | None = None, groups: bool = False, group_link: str | None = None
) -> Way:
    """The way to us on a channel for which there is a sentence."""
    return Way(where, say(f"link.way.{channel}", where=where), link, groups, group_link)
