"""What an update means, where no server is needed to see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import shaping
from channels.telegram import parse
from core.messaging.channel import Gone, Ignored, Joined, Message, Room

ME = parse.Me(110201543, "kopro_test_bot")
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LEA = {"id": 1000, "is_bot": False, "first_name": "Léa", "language_code": "nl-BE"}
HOME = {"id": 1000, "type": "private", "first_name": "Léa"}
GROUP = {"id": -100500, "type": "supergroup", "title": "Résidence"}
NEWS = {"id": -100600, "type": "channel", "title": "News"}


async def no_file(file_id: str) -> bytes:
    raise AssertionError(file_id)


def read(**update: Any) -> Any:
    return parse.inbound({"update_id": 7, **update}, ME, no_file, NOW)


def message(chat: dict[str, Any] = HOME, **more: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_795_339_800, "chat": chat, "from": LEA, **more}


def standing(before: str, after: str, chat: dict[str, Any]) -> dict[str, Any]:
    bot = {"id": ME.id, "is_bot": True, "first_name": "KoproGo", "username": ME.username}

    def of(status: str) -> dict[str, Any]:
        rights = dict.fromkeys(
            [
                *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
                *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
                *("can_post_stories", "can_edit_stories", "can_delete_stories"),
            ],
            True,
        )
        return {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {}), **rights}

    return {
        "chat": chat,
        "from": LEA,
        "date": 1_795_339_800,
        "old_chat_member": of(before),
        "new_chat_member": of(after),
    }


@pytest.mark.parametrize(
    ("update", "why"),
    [
        ({"channel_post": message(NEWS, text="x")}, "unknown_kind"),
        ({"message": message(NEWS, text="x")}, "unknown_kind"),
        ({"message": message(GROUP, text="x", sender_chat=GROUP)}, "no_person"),
        ({"message": message(**{"from": LEA | {"is_bot": True}}, text="x")}, "bot"),
        ({"message": message(GROUP, new_chat_members=[LEA])}, "service"),
        ({"message": message(text=5)}, "malformed"),
        ({"message": message(text="x", date=10**30)}, "malformed"),
        ({"message": message(HOME | {"id": "1"}, text="x")}, "malformed"),
        ({"edited_message": message(location={"latitude": 1.0, "longitude": 2.0})}, "service"),
        ({"callback_query": {"id": "1", "from": LEA, "chat_instance": "1", "data": "x"}}, "unknown_kind"),
        ({"callback_query": {"id": "1", "from": LEA, "chat_instance": "1", "message": message()}}, "unknown_kind"),
        (
            {
                "callback_query": {
                    **{"id": "1", "from": LEA | {"is_bot": True}, "chat_instance": "1"},
                    **{"message": message(), "data": "x"},
                }
            },
            "bot",
        ),
        ({"my_chat_member": standing("left", "administrator", NEWS)}, "unknown_kind"),
        ({"my_chat_member": standing("member", "administrator", GROUP)}, "standing"),
    ],
)
def test_what_means_nothing_to_us(update: dict[str, Any], why: str) -> None:
    ignored = read(**update)
    assert isinstance(ignored, Ignored)
    assert (ignored.ref, ignored.why) == ("7", why)


def test_a_button_of_a_message_that_telegram_no_longer_shows() -> None:
    old = {"message_id": 5, "date": 0, "chat": GROUP}
    pressed = read(callback_query={"id": "1", "from": LEA, "chat_instance": "1", "message": old, "data": "tok\x00en"})
    assert isinstance(pressed, Message)
    assert (pressed.choice, pressed.in_reply_to, pressed.at) == ("token", "5", NOW)
    assert pressed.origin.room == Room("telegram", "-100500")


def test_a_message_in_a_topic_answers_nothing_by_itself() -> None:
    topic = {
        **message(GROUP),
        "from": {"id": ME.id, "is_bot": True, "first_name": "KoproGo"},
        "forum_topic_created": {"name": "Toit", "icon_color": 1},
    }
    said = read(message=message(GROUP, text="x", is_topic_message=True, message_thread_id=5, reply_to_message=topic))
    assert isinstance(said, Message)
    assert (said.in_reply_to, said.origin.addressed) == (None, False)


def test_a_group_that_moves_is_left_and_joined() -> None:
    gone = read(message=message(GROUP, migrate_to_chat_id=-100700))
    joined = read(message=message(GROUP | {"id": -100700}, migrate_from_chat_id=-100500))
    assert isinstance(gone, Gone)
    assert isinstance(joined, Joined)
    assert (gone.origin.room, joined.origin.room) == (Room("telegram", "-100500"), Room("telegram", "-100700"))


def test_taken_in_as_administrator() -> None:
    assert isinstance(read(my_chat_member=standing("left", "administrator", GROUP)), Joined)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("nl-BE", "nl"),
        ("fr", "fr"),
        ("DE", "de"),
        ("pt-br", "pt"),
        ("", None),
        (None, None),
        ("x", None),
        ("f\x00", None),
    ],
)
def test_the_language_of_the_client(code: str | None, language: str | None) -> None:
    said = read(message=message(text="x", **{"from": LEA | {"language_code": code}}))
    assert said.origin.language == language


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("facture.pdf", "facture.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        (".hidden", "hidden"),
        ("", "file"),
        ("/", "file"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_of_files(name: str, kept: str) -> None:
    assert shaping.file_name(name) == kept


def test_which_chat_an_update_belongs_to() -> None:
    assert parse.chat({"message": message()}) == "1000"
    assert parse.chat({"callback_query": {"message": message(GROUP)}}) == "-100500"
    assert parse.chat({"my_chat_member": standing("left", "member", GROUP)}) == "-100500"


@pytest.mark.parametrize(
    "nonsense", [{}, [], None, 5, {"message": 5}, {"message": {"chat": 5}}, {"callback_query": {"message": 5}}]
)
def test_nonsense_belongs_to_no_chat(nonsense: Any) -> None:
    assert parse.chat(nonsense) == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "chat", "from", "message", "date", "text", "message_id", "is_bot", "type", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["update_id", *parse.KINDS, "poll"]), json_values, max_size=4) | json_values)
def test_nothing_that_arrives_makes_it_fail(raw: Any) -> None:
    inbound = parse.inbound(raw, ME, no_file, NOW)
    assert inbound.ref
    assert inbound.ref == parse.reference(raw)
    assert isinstance(parse.chat(raw), str)
    assert parse.tap(raw) is None or isinstance(parse.tap(raw), str)
