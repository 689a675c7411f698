"""What a person wants, read from what they wrote: pure, in four languages, without any service outside."""

from bot.understanding.commands import COMMANDS, command, picked, picked_in_reply
from bot.understanding.engine import Reading, Understanding, as_json
from bot.understanding.questions import is_question

__all__ = ["COMMANDS", "Reading", "Understanding", "as_json", "command", "is_question", "picked", "picked_in_reply"]
