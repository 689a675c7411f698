"""Neighbours: what others call somebody before something is agreed, and where to find him afterwards."""

from __future__ import annotations

import pytest

from core.community.neighbours import service
from core.community.neighbours.cards import found_at
from core.community.neighbours.model import called
from core.kernel.i18n import Catalogues
from core.people import store as people
from tests.ground_floor import Sample


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tom Vermeulen", "Tom V."),
        ("Sofie De Smet", "Sofie D."),
        ("Marguerite", "Marguerite"),
        ("Jan & Els Peeters", "Jan & Els P."),
        ("Philippe Martin & An Peeters", "Philippe M. & An P."),
        ("Philippe Martin et An", "Philippe M. et An"),
        ("Jan &", "Jan &."),
    ],
)
def test_what_others_call_somebody(name: str, expected: str) -> None:
    assert called(name) == expected


@pytest.mark.parametrize(
    ("person", "facts"),
    [
        ("katrien-willems", {"Lots": "3B, C4", "Téléphone": "+32 2 555 01 08"}),
        ("youssef-benali", {"Lot": "1B", "Téléphone": "+32 2 555 01 16"}),
        ("lea-dubois", {"Lots": "3A, G3, C3", "Téléphone": "+32 2 555 01 03"}),
        ("james-carter", {"Lot": "C6", "Téléphone": "+32 2 555 01 06"}),
    ],
)
async def test_nobody_is_sent_to_the_door_of_a_tenant(
    person: str, facts: dict[str, str], sample: Sample, catalogues: Catalogues
) -> None:
    words = catalogues["fr"]
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        contact = await service.contact(uow, sample.known.building_id, listed[person])
    shown = {words(fact.label): words(fact.value) for fact in found_at(contact)}
    assert {label: value for label, value in shown.items() if label != "Nom"} == facts
