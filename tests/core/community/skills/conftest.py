"""The same house: who gives things, can do things too."""

from tests.core.community.bazaar.conftest import house

__all__ = ["house"]
