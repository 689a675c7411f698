"""Talk about what was taken down: its author objects by a button, in his words; those who decide answer by another."""

from __future__ import annotations

from core.buildings.model import Module
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.ground_floor import Sample
from tests.talking import Talking, token

LEA, TOM, ANNA, JAMES = (
    "lea.dubois@tilleuls.example",
    "tom.vermeulen@tilleuls.example",
    "anna.schmitz@tilleuls.example",
    "james.carter@tilleuls.example",
)
WORDS = "My children have outgrown it."


async def removal(talking: Talking, sample: Sample, give: str = "I am giving away a baby bed") -> dict[str, object]:
    """James gave something, and is told that it was taken down."""
    for member in (LEA, TOM):
        await talking.say(member, "hallo")
    await talking.say(JAMES, give)
    await talking.removes(sample, "This is advertising.")
    (card,) = await talking.told(JAMES)
    return card


async def test_he_objects_in_his_words_and_is_answered(talking: Talking, sample: Sample) -> None:
    card = await removal(talking, sample)
    assert card["title"] == "This was removed and is no longer shown to your neighbours: baby bed"
    (asked,) = await talking.press(JAMES, card, "I do not agree")
    assert asked["title"] == "What do you answer about “baby bed”?"
    for words, refused in (
        ("🎉", "Please say in a few words why you do not agree."),
        ("x" * 501, "The text is too long: at most 500 characters."),
    ):
        (again,) = await talking.say(JAMES, words)
        assert again["title"] == refused
    (passed_on,) = await talking.say(JAMES, WORDS)
    assert passed_on["title"] == "Your answer was passed on to those who decide in the building."
    (told,) = await talking.told(LEA)
    assert told["title"] == "L'auteur n'est pas d'accord avec le retrait : baby bed"
    assert told["body"][:2] == ["James C. écrit :", WORDS]
    assert [(fact["label"], fact["value"]) for fact in told["facts"]] == [("Raison", "This is advertising.")]
    (theirs,) = await talking.told(TOM)
    (done,) = await talking.press(LEA, told, "Accepter que ce soit remis")
    assert done["title"] == "L'auteur apprend qu'il peut le remettre : baby bed"
    assert [each["title"] for each in await talking.told(JAMES)] == ["You may put this up again: baby bed"]
    (late,) = await talking.press(TOM, theirs, "Bij de verwijdering blijven")
    assert late["title"] == "Iemand heeft dit al beslist, en de auteur weet het."
    assert await talking.told(JAMES) == []
    (twice,) = await talking.press(JAMES, card, "I do not agree")
    assert twice["title"] == "You have answered already; you will read the decision here."


async def test_he_may_leave_it(talking: Talking, sample: Sample) -> None:
    card = await removal(talking, sample)
    await talking.press(JAMES, card, "I do not agree")
    await talking.say(JAMES, "cancel")
    await talking.say(JAMES, WORDS)
    assert await talking.told(LEA) == []
    (asked,) = await talking.press(JAMES, card, "I do not agree")
    assert asked["title"] == "What do you answer about “baby bed”?"


async def test_also_where_the_module_is_off_by_then(talking: Talking, sample: Sample) -> None:
    card = await removal(talking, sample, "I can lend my drill")
    async with sample.database.work(sample.organisation) as uow:
        wish = Wish(Module("loans"), False, uow.now.date())
        await council.switch(uow, sample.known.building_id, wish, Actor(None, "test"))
        await uow.commit()
    await talking.press(JAMES, card, "I do not agree")
    (passed_on,) = await talking.say(JAMES, WORDS)
    assert passed_on["title"] == "Your answer was passed on to those who decide in the building."


async def test_a_button_is_of_whom_it_was_shown_to(talking: Talking, sample: Sample) -> None:
    card = await removal(talking, sample)
    (stolen,) = await talking.say(ANNA, choice=token(card, "I do not agree"))
    assert "baby bed" not in stolen["text"]
    await talking.press(JAMES, card, "I do not agree")
    await talking.say(JAMES, WORDS)
    (told,) = await talking.told(LEA)
    async with sample.database.work(sample.organisation) as uow:
        await uow.connection.exec_driver_sql("UPDATE residents SET roles = array_remove(roles, 'council')")
        await uow.commit()
    (refused,) = await talking.press(LEA, told, "Maintenir le retrait")
    assert refused["title"] == "Seuls le conseil de copropriété et le syndic en décident."
    assert await talking.told(JAMES) == []
