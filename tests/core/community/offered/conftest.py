"""The same house: whatever its neighbours put up."""

from tests.core.community.bazaar.conftest import house

__all__ = ["house"]
