"""What a homeserver's errors mean to a sender."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from channels.matrix.failure import LOGIN_REFUSED, MatrixError, channel_error, refusal
from core.messaging.channel import Rejected, TryLater, Unreachable


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MatrixError(403, "M_FORBIDDEN"), Unreachable),
        (MatrixError(404, "M_NOT_FOUND"), Unreachable),
        (MatrixError(413, "M_TOO_LARGE"), Rejected),
        (MatrixError(413), Rejected),
        (MatrixError(400, "M_BAD_JSON"), Rejected),
        (MatrixError(401, "M_UNKNOWN_TOKEN"), TryLater),
        (MatrixError(403, LOGIN_REFUSED), TryLater),
        (MatrixError(0), TryLater),
        (MatrixError(500, "M_UNKNOWN"), TryLater),
        (MatrixError(503), TryLater),
        # A proxy's answer says nothing about the person at the other end.
        (MatrixError(403), TryLater),
        (MatrixError(404), TryLater),
    ],
)
def test_each_error(error: MatrixError, kind: type[Exception]) -> None:
    assert type(channel_error(error)) is kind


@pytest.mark.parametrize(
    ("headers", "body", "after"),
    [
        ({}, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 4673}, 4.673),
        ({"Retry-After": "5"}, {"errcode": "M_LIMIT_EXCEEDED"}, 5.0),
        ({"Retry-After": "soon"}, {"errcode": "M_LIMIT_EXCEEDED"}, 30.0),
        ({}, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 10**18}, 3600.0),
        ({}, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": -5}, 0.1),
        ({}, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": "x"}, 30.0),
    ],
)
def test_how_long_we_are_to_wait(headers: dict[str, str], body: dict[str, object], after: float) -> None:
    failure = channel_error(refusal(429, headers, json.dumps(body).encode()))
    assert isinstance(failure, TryLater)
    assert failure.after == timedelta(seconds=after)


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'{"errcode": 7}', b'{"errcode": "@lea:home.example said"}', b"[" * 100_000]
)
def test_what_is_no_answer_of_matrix_has_no_code(content: bytes) -> None:
    error = refusal(502, {}, content)
    assert (error.status, error.code) == (502, "")
