"""People who talk with the bot, while their pages are read."""

from tests.talking import talking, understanding

__all__ = ["talking", "understanding"]
