"""Matrix: as a user of any homeserver, or as an application service of one's own. The adapter itself is in `channel`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MatrixSettings:
    """`homeserver`: the address of its client-server API. `user_id`: ours, `@name:server`, with a `password` or an `access_token`.

    `data`: a folder of the channel's own, for the session and the keys; only we may read it. `device_name`: how others see our session.
    `encryption`: read and write in encrypted rooms. `file_limit`: bytes of the largest file that is sent or read.
    """

    homeserver: str
    user_id: str
    data: Path
    password: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    device_name: str = "KoproGo"
    encryption: bool = False
    file_limit: int = 20_000_000
