"""Trying the bot in a resident's place: it answers as it would, and nothing of it remains."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.buildings import store as buildings
from core.people import service as people
from core.people import store as people_store
from core.people.accounts.model import Role
from koprogo.rehearsal import CHANNEL
from koprogo.try_it import Trials
from tests.ground_floor import NOW, Hands
from tests.talking import Talking, cents, seat
from tests.web_admin.preview.conftest import Wired, everything
from tests.web_admin.reading import Reader, Shown, Site
from web_admin.preview.protocols import Line, NotOffered, Sitter, Talk
from web_admin.preview.trying import LASTS, LONGEST_LINE, MOST_LINES

LEA = "lea-dubois"


async def person(wired: Wired, code: str) -> UUID:
    sample = wired.sample
    async with sample.database.work(sample.organisation) as uow:
        rows = await people_store.residents(uow, sample.known.building_id)
    return next(row.person_id for row in rows if row.resident.person == code)


async def talk_of(wired: Wired, *said: str, code: str | None = LEA, language: str = "fr") -> Talk:
    sample = wired.sample
    sitter = Sitter(
        sample.organisation, sample.known.building.slug, await person(wired, code) if code else None, language
    )
    return Talk(4711, sitter, NOW, tuple(Line(NOW, each) for each in said))


async def syndic(wired: Wired) -> Reader:
    return await wired.site.signed_in()


async def begun(reader: Reader, **fields: str) -> Shown:
    await reader.get("/try")
    return await reader.send({"person": LEA, "language": "", **fields}, to="/try")


async def says(reader: Reader, words: str) -> Shown:
    """Sends the form with the field to write in: the second, as the first is that of the choices."""
    assert reader.last is not None
    form = next(form for form in reader.last.forms if "text" in form)
    return await reader.post("/try", {**form, "text": words})


async def presses(reader: Reader, token: str) -> Shown:
    assert reader.last is not None
    form = next(form for form in reader.last.forms if "talk" in form and "text" not in form)
    return await reader.post("/try", {**form, "choice": token})


def tokens(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="choice" value="')[1:]]


# ------------------------------------------------------------------------------------------------------------- the talk


async def test_the_answers_are_those_of_the_bot(wired: Wired, talking: Talking) -> None:
    """What is tried says the same as what is asked in earnest."""
    talk = await talk_of(wired, "combien je dois ce trimestre ?")
    (exchange,) = await Trials(wired.application).played(talk)
    (answer,) = exchange.answers
    await seat(wired.sample, LEA, "lea@tilleuls.example")
    (earnest,) = await talking.say("lea@tilleuls.example", "combien je dois ce trimestre ?")
    assert answer.language == "fr"
    assert (answer.card.title, list(answer.card.body)) == (earnest["title"], earnest["body"])
    assert [(fact.label, fact.value) for fact in answer.card.facts] == [
        (fact["label"], fact["value"]) for fact in earnest["facts"]
    ]
    assert [choice.label for choice in answer.card.choices] == [choice["label"] for choice in earnest["choices"]]
    assert cents(earnest)["to_pay"] == next(fact.cents for fact in answer.card.facts if fact.key == "to_pay")


async def test_a_talk_goes_on_where_it_was(wired: Wired) -> None:
    """A choice is pressed, a number is written, a question is answered: each time the talk is played from its beginning."""
    trials = Trials(wired.application)
    talk = await talk_of(wired, "combien je dois ?")
    (first,) = await trials.played(talk)
    choice = first.answers[0].card.choices[1]
    pressed = replace(talk, lines=(*talk.lines, Line(NOW, choice=choice.token)))
    again, second = await trials.played(pressed)
    assert again.answers[0].card == first.answers[0].card
    assert second.said == choice.label
    assert second.answers[0].card.title != first.answers[0].card.title
    numbered = replace(talk, lines=(*talk.lines, Line(NOW, "2")))
    assert (await trials.played(numbered))[1].answers[0].card.title == second.answers[0].card.title


async def test_a_dialogue_waits_for_its_answer_and_then_no_longer(wired: Wired) -> None:
    trials = Trials(wired.application)
    talk = await talk_of(wired, "/avis")
    (shown,) = await trials.played(talk)
    hours = next(choice for choice in shown.answers[0].card.choices if "heures" in choice.label.lower())
    asked = replace(talk, lines=(*talk.lines, Line(NOW, choice=hours.token)))
    answered = replace(asked, lines=(*asked.lines, Line(NOW, "de 21 h à 8 h")))
    done = (await trials.played(answered))[-1].answers[0].card
    assert any("21:00" in fact.value for fact in done.facts), done
    late = replace(asked, lines=(*asked.lines, Line(NOW + timedelta(hours=3), "de 21 h à 8 h")))
    assert (await trials.played(late))[-1].answers[0].card.title != done.title


async def test_a_choice_of_another_talk_is_none_here(wired: Wired) -> None:
    trials = Trials(wired.application)
    talk = await talk_of(wired, "combien je dois ?")
    (first,) = await trials.played(talk)
    token = first.answers[0].card.choices[0].token
    other = replace(talk, number=4712, lines=(*talk.lines, Line(NOW, choice=token)))
    with pytest.raises(NotOffered):
        await trials.played(other)


async def test_of_several_buildings_only_the_one_that_was_chosen_is_spoken_of(wired: Wired) -> None:
    """The person has a place elsewhere too, where whoever tries may have no say."""
    talk = await talk_of(wired, "combien je dois ?")
    elsewhere = replace(talk, sitter=replace(talk.sitter, building="elsewhere"))
    (exchange,) = await Trials(wired.application).played(elsewhere)
    assert all(fact.cents is None for answer in exchange.answers for fact in answer.card.facts)


async def test_somebody_else_would_have_been_told_and_was_not(wired: Wired) -> None:
    """What is passed on to the syndic is shown to whoever tries, and to nobody else."""
    sample = wired.sample
    await seat(sample, "nathalie-renard", "nathalie@tilleuls.example")
    async with sample.database.work(sample.organisation) as uow:
        await uow.connection.execute(text("UPDATE directory SET last_used = :now"), {"now": NOW})
        await uow.commit()
    before = await everything(sample)
    talk = await talk_of(wired, "/humain", "La lampe du hall ne marche plus.")
    last = (await Trials(wired.application).played(talk))[-1]
    assert last.answers
    assert [other.who.values["value"] for other in last.others] == ["Nathalie Renard"]
    assert await everything(sample) == before


# ------------------------------------------------------------------------------------------------------------- nothing remains

CHANGES = (
    *(
        "combien je dois ?",
        "arrête de m'écrire",
        "/langue nl",
        "/reprendre",
        "/relier telegram",
        "seulement par e-mail",
    ),
    *("pas après 20 h", "je suis en vacances jusqu'au 15 décembre", "/humain", "Bonjour, la porte est cassée", "STOP"),
    *("/effacer", "2", "/aide", "j'accepte les convocations par e-mail", "1", "/payer", "zzz qqq"),
)


@pytest.mark.parametrize("code", [LEA, "nathalie-renard", None])
async def test_whatever_is_said_every_table_is_as_it_was(wired: Wired, code: str | None) -> None:
    """Every row of every table, those of the person's preferences, addresses and talks among them."""
    sample = wired.sample
    await seat(sample, LEA, "lea@tilleuls.example")
    before = await everything(sample)
    talk = await talk_of(wired, *CHANGES, code=code)
    exchanges = await Trials(wired.application).played(talk)
    assert len(exchanges) == len(CHANGES)
    assert all(exchange.answers for exchange in exchanges)
    assert await everything(sample) == before


async def test_every_choice_of_the_settings_pressed_leaves_no_trace(wired: Wired) -> None:
    sample, trials = wired.sample, Trials(wired.application)
    await seat(sample, LEA, "lea@tilleuls.example")
    before = await everything(sample)
    for command in ("/avis", "/reglages"):
        talk = await talk_of(wired, command)
        (shown,) = await trials.played(talk)
        for choice in shown.answers[0].card.choices:
            (_, pressed) = await trials.played(replace(talk, lines=(*talk.lines, Line(NOW, choice=choice.token))))
            assert pressed.answers
    assert await everything(sample) == before


async def test_the_residents_own_talk_is_not_disturbed(wired: Wired, talking: Talking) -> None:
    """He was asked a question and answers it after somebody has tried in his place; what he was offered is offered still."""
    lea = "lea@tilleuls.example"
    await seat(wired.sample, LEA, lea)
    (owed,) = await talking.say(lea, "combien je dois ?")
    (asked,) = await talking.say(lea, "/humain")
    assert asked["title"]
    await Trials(wired.application).played(await talk_of(wired, "/avis", "stop", "/langue de", "1"))
    (still,) = await talking.say(lea, "combien je dois ?")
    assert still["title"] == owed["title"]
    assert await talking.say(lea, choice=owed["choices"][0]["token"])


async def test_he_can_write_while_somebody_tries_in_his_place(wired: Wired, talking: Talking) -> None:
    lea = "lea@tilleuls.example"
    await seat(wired.sample, LEA, lea)
    trying = asyncio.create_task(Trials(wired.application).played(await talk_of(wired, *CHANGES)))
    (owed,) = await talking.say(lea, "combien je dois ?")
    assert "to_pay" in cents(owed)
    assert len(await trying) == len(CHANGES)


async def test_a_code_that_was_shown_opens_nothing(wired: Wired, talking: Talking) -> None:
    (exchange,) = await Trials(wired.application).played(await talk_of(wired, "/relier telegram"))
    code = next(fact.value for fact in exchange.answers[0].card.facts if fact.key == "code")
    (refused,) = await talking.say("telegram:99", code)
    assert "Léa" not in refused["text"]


async def test_no_code_can_be_found_out(wired: Wired) -> None:
    """A true code is none here, so that nobody finds out whose it is, however often he tries."""
    sample = wired.sample
    async with sample.database.work(sample.organisation) as uow:
        code = await people.invite(uow, await person(wired, "tom-vermeulen"), "telegram")
        await uow.commit()
    before = await everything(sample)
    for who in (None, LEA):
        (exchange,) = await Trials(wired.application).played(await talk_of(wired, code, code=who))
        assert all("Tom" not in each for answer in exchange.answers for each in (answer.card.title, *answer.card.body))
    assert await everything(sample) == before


async def test_the_page_that_is_written_from_is_named_as_such(wired: Wired) -> None:
    (exchange,) = await Trials(wired.application).played(await talk_of(wired, "/reglages"))
    labels = [fact.label for fact in exchange.answers[0].card.facts]
    assert wired.application.catalogues["fr"].catalogue.gettext(f"channel.{CHANNEL}") in labels


# ------------------------------------------------------------------------------------------------------------- the page


async def test_from_the_choice_of_a_person_through_a_talk(wired: Wired) -> None:
    reader = await syndic(wired)
    before = await everything(wired.sample)
    page = await begun(reader)
    assert page.status == 200
    assert "You speak as Léa Dubois" in page.text
    assert "nothing is sent" in page.text
    page = await says(reader, "combien je dois ce trimestre ?")
    assert page.status == 200
    assert "740,40" in page.text
    assert 'lang="fr"' in page.text
    page = await presses(reader, tokens(page.text)[1])
    assert page.status == 200
    assert page.text.count('class="mine"') == 2
    page = await says(reader, "merci")
    assert page.text.count('class="mine"') == 3
    assert await everything(wired.sample) == before


async def test_a_stranger_is_welcomed_in_the_language_that_was_chosen(wired: Wired) -> None:
    reader = await syndic(wired)
    await begun(reader, person="stranger", language="de")
    page = await says(reader, "guten Tag")
    assert "You speak as a stranger" in page.text
    assert wired.application.catalogues["de"].catalogue.gettext("welcome.title") in page.text


async def test_what_an_answer_brings_along_is_drawn_again(wired: Wired) -> None:
    reader = await syndic(wired)
    await begun(reader)
    page = await says(reader, "/payer")
    number = page.text.partition('name="file" value="')[2].partition('"')[0]
    form = next(form for form in page.forms if "talk" in form and "text" not in form)
    async with reader.client.post(f"{reader.address}/office/try/file", data={**form, "file": number}) as answer:
        assert answer.content_type == "image/png"
        assert (await answer.read()).startswith(b"\x89PNG")
    for wrong in ("9.9.9", "", "x" * 500):
        assert (await reader.post("/try/file", {**form, "file": wrong})).status == 404


@pytest.mark.parametrize(
    ("words", "said"),
    [("", "Write something first"), ("   \0 ", "Write something first"), ("x" * (LONGEST_LINE + 1), "at most")],
)
async def test_a_line_that_is_not_taken_is_refused_beside_its_field(wired: Wired, words: str, said: str) -> None:
    reader = await syndic(wired)
    await begun(reader)
    await says(reader, "bonjour")
    page = await says(reader, words)
    assert page.status == 422
    assert said in page.text
    assert 'aria-describedby="text-error"' in page.text
    assert page.text.count('class="mine"') == 1
    # What was typed stands there still, and the talk goes on.
    assert "x" * 100 in page.text or not words.strip(" \0")
    assert (await says(reader, "merci")).status == 200


async def test_hostile_words_are_shown_as_words(wired: Wired) -> None:
    reader = await syndic(wired)
    await begun(reader)
    page = await says(reader, "<script>alert(1)</script> \u202e\x07 {title} %s")
    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_a_choice_that_is_not_offered_gives_one_sentence(wired: Wired) -> None:
    reader = await syndic(wired)
    await begun(reader)
    page = await says(reader, "combien je dois ?")
    other = await syndic_of_another_talk(wired)
    for token in (other, "deadbeef", "x" * 5000, "\0"):
        page = await presses(reader, token)
        assert page.status == 422
        assert "not part of this talk" in page.text
        assert page.text.count('class="mine"') == 1


async def syndic_of_another_talk(wired: Wired) -> str:
    reader = wired.site.reader()
    await reader.sign_in()
    await begun(reader)
    return tokens((await says(reader, "combien je dois ?")).text)[0]


async def test_a_talk_that_was_left_begins_again(wired: Wired, clock: Hands) -> None:
    reader = await syndic(wired)
    await begun(reader)
    clock.now += LASTS + timedelta(seconds=1)
    page = await says(reader, "bonjour")
    assert page.status == 409
    assert "left for too long" in page.text
    assert '<option value="lea-dubois" selected>' in page.text
    assert (await reader.send({}, to="/try")).status == 200


async def test_a_talk_has_an_end(wired: Wired) -> None:
    reader = await syndic(wired)
    await begun(reader)
    for _ in range(MOST_LINES):
        page = await says(reader, "merci")
        assert page.status == 200
    assert f"after {MOST_LINES} messages" in page.text
    assert 'name="text"' not in page.text
    form = next(form for form in page.forms if "talk" in form)
    assert (await reader.post("/try", {**form, "text": "encore"})).status == 422
    assert len(page.text.encode()) < 100_000


async def test_a_seal_of_somebody_else_or_of_nobody_is_not_found(wired: Wired) -> None:
    reader = await syndic(wired)
    await begun(reader)
    assert reader.last is not None
    form = next(form for form in reader.last.forms if "text" in form)
    other = await wired.site.signed_in("other@renard-gestion.example")
    await other.get("/try")
    theirs = other.last.form("/try") if other.last else {}
    for sealed in (form["talk"], form["talk"] + "x", "nonsense", "ey.ey.ey", "x" * 100_000):
        page = await other.post("/try", {**theirs, "talk": sealed, "text": "bonjour"})
        assert page.status == 404, sealed[:20]


async def test_only_whoever_speaks_for_the_building(wired: Wired) -> None:
    for role, status in ((Role.SYNDIC, 200), (Role.AUDITOR, 403), (Role.ACCOUNTANT, 403), (Role.COUNCIL, 403)):
        reader = await wired.site.signed_in(f"{role.value}@renard-gestion.example", role)
        assert (await reader.get("/try")).status == status
        assert (await reader.get("/preview")).status == status
        assert ('href="/office/try"' in (await reader.get("/messages")).text) is (status == 200)


async def test_another_tenants_building_and_people_are_not_there(wired: Wired) -> None:
    sample = wired.sample
    async with sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "another")
        await uow.commit()
    await wired.site.account("boss@other.example", Role.SYNDIC, organisation=other)
    reader = wired.site.reader()
    await reader.sign_in("boss@other.example")
    page = await reader.get("/try")
    assert page.status == 200
    assert "no building yet" in page.text
    assert (await reader.get("/preview")).text.count("Léa") == 0
    mine = await syndic(wired)
    await mine.get("/try")
    for wanted in ("/try?building=another", "/preview?building=another", "/preview?message=nonsense", "/preview/file"):
        assert (await mine.get(wanted)).status == 404
    assert (await begun(mine, building="nowhere")).status == 404


async def test_an_office_without_a_bot_has_no_such_pages(rooms: Site) -> None:
    reader = await rooms.signed_in()
    assert (await reader.get("/preview")).status == 404
