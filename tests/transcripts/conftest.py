"""The bot for the conversations."""

from tests.talking import talking, understanding

__all__ = ["talking", "understanding"]
