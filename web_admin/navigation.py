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
    Entry("tickets", "/tickets", Act.READ),
    Entry("invitations", "/invitations", Act.INVITE),
    Entry("charges", "/charges", Act.READ),
    Entry("assemblies", "/assemblies", Act.READ),
    Entry("community", "/community", Act.READ),
    Entry("impact", "/impact", Act.READ),
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


BUILDING = (
    Entry("glance", "/buildings/{building}", Act.READ),
    Entry("lots", "/buildings/{building}/lots", Act.READ),
    Entry("keys", "/buildings/{building}/keys", Act.READ),
    Entry("people", "/buildings/{building}/people", Act.READ),
    Entry("ownership", "/buildings/{building}/ownership", Act.READ),
    Entry("tenants", "/buildings/{building}/tenants", Act.READ),
    Entry("modules", "/buildings/{building}/modules", Act.READ),
    Entry("details", "/buildings/{building}/details", Act.READ),
    Entry("files", "/buildings/{building}/files", Act.READ),
)
"""The pages of one building, under its name."""


def tabs(slug: str, paths: Collection[str], current: str) -> list[Shown]:
    return [
        Shown(entry.path.format(building=slug), say(f"office.building.tab.{entry.section}"), entry.section == current)
        for entry in BUILDING
        if entry.path in paths
    ]
