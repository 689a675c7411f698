"""Our own addresses: the one people write to, and the two kinds made from it for each delivery. Nowhere else are they put together.

LOCAL@HOST                what people write to
LOCAL+TOKEN@HOST          where an answer to one delivery goes (Reply-To)
LOCAL+bounce-KEY@HOST     where that delivery comes back to when it cannot be delivered (the envelope's sender, VERP)
<KEY@HOST>                its Message-ID
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BOUNCE = "bounce-"

_KEY = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Own:
    """Who we are. `authserv_id`: the server whose Authentication-Results are believed (RFC 8601); None: nobody's are."""

    address: str
    authserv_id: str | None = None

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def host(self) -> str:
        return self.address.rpartition("@")[2]

    def reply_address(self, token: str) -> str:
        """Where an answer to a delivery goes."""
        return f"{self.local}+{token}@{self.host}"

    def bounce_address(self, key: str) -> str:
        """The envelope's sender of a delivery."""
        return f"{self.local}+{BOUNCE}{key}@{self.host}"

    def message_id(self, key: str) -> str:
        """The Message-ID of a delivery, the same whenever it is tried again."""
        return f"<{key}@{self.host}>"

    def owns(self, address: str) -> bool:
        """Whether an address is ours, with something behind a plus or without."""
        return plain(address) == self.address.lower()

    def message_key(self, message_id: str) -> str | None:
        """The key of the delivery that had this Message-ID; None where it is none of ours."""
        key, _, host = message_id.strip().strip("<>").lower().rpartition("@")
        return key if host == self.host.lower() and _KEY.fullmatch(key) else None


def plain(address: str) -> str:
    """The address in lower case, without what follows a plus."""
    local, _, host = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{host}"


def token(address: str) -> str | None:
    """What follows the plus of an address, as written."""
    return address.rpartition("@")[0].partition("+")[2] or None


def bounce_key(address: str) -> str | None:
    """The key of the delivery whose bounces go to this address; None where it is made for none."""
    behind = (token(address) or "").lower()
    key = behind.removeprefix(BOUNCE)
    return key if key != behind and _KEY.fullmatch(key) else None
