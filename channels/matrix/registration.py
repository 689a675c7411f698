"""The registration of the application service: the file by which a homeserver's owner lets us in. Pure.

See https://spec.matrix.org/latest/application-service-api/#registration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

ID: Final = "koprogo"
LOCALPART: Final = "koprogo"
"""The bot's name before the colon, where the settings name no user."""

_USER: Final = re.compile(r"@(?P<localpart>[a-z0-9._=/+-]+):(?P<server>[^:\s][^\s]*)")


def user_parts(user: str) -> tuple[str, str]:
    """The name and the server of a user id such as `@koprogo:home.example`. ValueError for anything else."""
    found = _USER.fullmatch(user)
    if not found:
        raise ValueError("a user id is written @name:server")
    return found["localpart"], found["server"]


def registration(user: str | None, url: str, as_token: str, hs_token: str) -> dict[str, Any]:
    """What the homeserver is to know. `url`: where it reaches us; `as_token` is ours to show to it, `hs_token` its own to show to us.

    The bot's user, and nobody else's, is reserved for us. It is exempt from limits, and is told what was read.
    """
    localpart, server = user_parts(user) if user else (LOCALPART, None)
    regex = f"@{re.escape(localpart)}:{re.escape(server) if server else '.*'}"
    return {
        "id": ID,
        "url": url.rstrip("/"),
        "as_token": as_token,
        "hs_token": hs_token,
        "sender_localpart": localpart,
        "namespaces": {"users": [{"exclusive": True, "regex": regex}], "aliases": [], "rooms": []},
        "rate_limited": False,
        "receive_ephemeral": True,
        "de.sorunome.msc2409.push_ephemeral": True,  # its name in older homeservers
    }


def as_yaml(content: Mapping[str, Any]) -> str:
    """The registration as YAML: a key on each line, and its value as JSON, which YAML contains."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in content.items())
