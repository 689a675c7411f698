"""The stand-in can refuse: otherwise nothing that it lets pass would mean anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, ServerDisconnectedError

from tests.servers.telegram import BotApi


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


async def ask(api: BotApi, method: str, form: FormData | None = None, **fields: Any) -> dict[str, Any]:
    """A call with a JSON body, or a form."""
    url = f"{api.url}/bot{api.token}/{method}"
    body: dict[str, Any] = {"data": form} if form else {"json": fields}
    async with ClientSession() as session, session.post(url, **body) as answer:
        content: dict[str, Any] = await answer.json()
        assert content["ok"] == (answer.status == 200)
        return content


@pytest.mark.parametrize(
    ("method", "fields", "named"),
    [
        ("sendMesage", {}, "sendMesage"),
        ("sendMessage", {"chat_id": 1, "txt": "x"}, "txt"),
        ("sendMessage", {"chat_id": "me", "text": "x"}, "chat_id"),
        ("sendMessage", {"chat_id": 1000, "text": "x", "reply_markup": {"keyboard": []}}, "keyboard"),
        ("sendMessage", {"chat_id": 1000, "text": "x", "reply_markup": "{"}, "reply_markup"),
        ("sendMessage", {"chat_id": 1000, "text": "x", "parse_mode": "Markdown"}, "Markdown"),
        ("sendMessage", {"chat_id": 1000, "text": "\x00"}, "control"),
        ("getUpdates", {"allowed_updates": ["messages"]}, "messages"),
        ("setMyCommands", {"commands": [{"command": "a", "description": "b", "x": 1}]}, "x"),
    ],
)
async def test_what_is_unknown_is_refused_by_name_and_kept(
    api: BotApi, method: str, fields: dict[str, Any], named: str
) -> None:
    api.person("Léa").starts()
    answer = await ask(api, method, **fields)
    assert answer["error_code"] == 400
    assert answer["description"].startswith("Bad Request: ")
    assert named in answer["description"]
    assert len(api.strangers) == 1
    assert named in api.strangers[0]


@pytest.mark.parametrize(
    ("method", "fields", "description"),
    [
        ("sendMessage", {"chat_id": 1000}, "message text is empty"),
        ("sendMessage", {"chat_id": 1000, "text": " \n"}, "message text is empty"),
        ("sendMessage", {"chat_id": 1000, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 1000, "text": "🏠" * 2049}, "message is too long"),
        ("sendMessage", {"chat_id": 1000, "text": "<x>", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"chat_id": 99, "text": "x"}, "chat not found"),
        (
            "sendMessage",
            {"chat_id": 1000, "text": "x", "reply_parameters": {"message_id": 9}},
            "message to be replied not found",
        ),
        (
            "sendMessage",
            {
                "chat_id": 1000,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "x" * 65}]]},
            },
            "BUTTON_DATA_INVALID",
        ),
        ("editMessageText", {"chat_id": 1000, "message_id": 9, "text": "x"}, "message to edit not found"),
        ("answerCallbackQuery", {"callback_query_id": "9"}, "query is too old"),
        ("setMyCommands", {"commands": [{"command": "Éa", "description": "b"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("setWebhook", {"url": "http://kopro.example/"}, "HTTPS"),
        ("setWebhook", {"url": "https://kopro.example/", "secret_token": "a b"}, "unallowed characters"),
        ("getFile", {"file_id": "no"}, "wrong file_id"),
        ("sendChatAction", {"chat_id": 1000, "action": "dancing"}, "action"),
    ],
)
async def test_what_is_wrong_is_refused(api: BotApi, method: str, fields: dict[str, Any], description: str) -> None:
    api.person("Léa").starts()
    answer = await ask(api, method, **fields)
    assert description in answer["description"]
    assert api.strangers == []


async def test_three_kinds_of_body_are_one(api: BotApi) -> None:
    lea = api.person("Léa")
    lea.starts()
    await ask(api, "sendMessage", chat_id=lea.id, text="json")
    await ask(api, "sendMessage", FormData({"chat_id": str(lea.id), "text": "form"}))
    form = FormData({"chat_id": str(lea.id), "caption": "multipart"})
    form.add_field("document", b"content", filename="a.txt")
    await ask(api, "sendDocument", form)
    assert [message.words for message in lea.messages] == ["json", "form", "multipart"]
    assert lea.last.document == ("a.txt", b"content")


async def test_faults_come_as_often_as_told_and_only_there(api: BotApi) -> None:
    api.fail("getMe", 429, "Too Many Requests: retry after 5", times=2, retry_after=5)
    api.drop("getMe")
    api.slow("getMe", 0.05)
    assert (await ask(api, "getMe"))["parameters"] == {"retry_after": 5}
    assert (await ask(api, "getWebhookInfo"))["ok"]
    assert (await ask(api, "getMe"))["error_code"] == 429
    with pytest.raises(ServerDisconnectedError):
        await ask(api, "getMe")
    before = asyncio.get_running_loop().time()
    assert (await ask(api, "getMe"))["result"]["username"] == "kopro_test_bot"
    assert asyncio.get_running_loop().time() - before >= 0.05
    assert [call.method for call in api.calls].count("getMe") == 4


async def test_long_polling_waits_acknowledges_and_allows_one_listener(api: BotApi) -> None:
    lea = api.person("Léa")
    waiting = asyncio.create_task(ask(api, "getUpdates", timeout=5))
    await asyncio.sleep(0.05)
    first = lea.says("un")
    assert [update["update_id"] for update in (await waiting)["result"]] == [first]
    assert api.pending == [first]
    waiting = asyncio.create_task(ask(api, "getUpdates", timeout=5, offset=first + 1, allowed_updates=["message"]))
    await asyncio.sleep(0.05)
    assert api.pending == []
    other = asyncio.create_task(ask(api, "getUpdates", timeout=5))
    assert (await waiting)["error_code"] == 409
    lea.blocks()
    second = lea.says("deux")
    assert [update["update_id"] for update in (await other)["result"]] == [second]
    await ask(api, "setWebhook", url="https://kopro.example/")
    assert "webhook is active" in (await ask(api, "getUpdates"))["description"]


async def test_a_wrong_token(api: BotApi) -> None:
    async with ClientSession() as session, session.post(f"{api.url}/bot1:x/getMe") as answer:
        assert answer.status == 401


async def test_commands_are_kept_for_each_language_and_scope(api: BotApi) -> None:
    menu = [{"command": "help", "description": "Hilfe"}]
    await ask(api, "setMyCommands", commands=menu, language_code="de", scope={"type": "all_private_chats"})
    private: dict[str, Any] = {"scope": {"type": "all_private_chats"}}
    assert (await ask(api, "getMyCommands", language_code="de", **private))["result"] == menu
    assert (await ask(api, "getMyCommands", language_code="de"))["result"] == []
    await ask(api, "deleteMyCommands", language_code="de", **private)
    assert (await ask(api, "getMyCommands", language_code="de", **private))["result"] == []
