"""What stands in the navigation, in its order. An entry shows once there is a page at its path, to whoever may read it somewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.kernel.text import Text, say
from core.people.accounts.model import Act, Standing


@dataclass(frozen=True, slots=True)
class Entry:
    section: str
    path: str
    act: Act


NAVIGATION = (
    Entry("todo", "/", Act.READ),
    Entry("buildings", "/buildings", Act.READ),
    Entry("messages", "/messages", Act.READ),
    Entry("invitations", "/invitations", Act.INVITE),
    Entry("charges", "/charges", Act.READ),
    Entry("assemblies", "/assemblies", Act.READ),
    Entry("community", "/community", Act.READ),
    Entry("settings", "/settings", Act.SET),
    Entry("audit", "/audit", Act.AUDIT),
)
"""Charges, assemblies and community have their place here before their pages."""


@dataclass(frozen=True, slots=True)
class Shown:
    path: str
    label: Text
    current: bool


def entries(standing: Standing, paths: Collection[str], section: str) -> list[Shown]:
    return [
        Shown(entry.path, say(f"office.nav.{entry.section}"), entry.section == section)
        for entry in NAVIGATION
        if entry.path in paths and (entry.path == "/" or standing.may_somewhere(entry.act))
    ]
