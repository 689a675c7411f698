"""What is answered when a request is not done: one sentence in the language of whoever asks (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from core.kernel.i18n import Words
from core.kernel.text import Text, say

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
"""So many mistakes are listed one by one; the sentence counts them all."""


@dataclass(frozen=True, slots=True)
class Error:
    """One thing that is wrong: in which fields, parameters or headers, and for a batch in which row, counted from 0."""

    wrong: Text
    fields: tuple[str, ...] = ()
    row: int | None = None


class Problem(Exception):
    """A request that is not done. Its code is the last part of the key of its sentence."""

    def __init__(
        self,
        status: int,
        sentence: Text,
        errors: Sequence[Error] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence.key)
        self.status, self.sentence, self.errors = status, sentence, tuple(errors)
        self.headers = dict(headers or {})


def not_found() -> Problem:
    """The same for what does not exist and for what is somebody else's."""
    return Problem(404, say("api.not_found"))


def wrong_query(parameter: str, wrong: Text) -> Problem:
    return Problem(400, say("api.wrong_query"), [Error(wrong, (parameter,))])


def problem_answer(problem: Problem, words: Words) -> web.Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.sentence.key.rpartition(".")[2],
        "detail": words(problem.sentence),
    }
    if problem.errors:
        body["errors"] = [
            {"row": error.row, "fields": list(error.fields), "detail": words(error.wrong)}
            for error in problem.errors[:MOST_ERRORS]
        ]
    headers = {"Cache-Control": "no-store", "Content-Language": words.language, **problem.headers}
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=problem.status, content_type=MEDIA_TYPE, headers=headers)
