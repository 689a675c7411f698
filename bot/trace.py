"""What of an error may stand in a log: where it happened and of what kind it is, never its words, which may quote a person."""

from __future__ import annotations

import traceback


def trace(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
