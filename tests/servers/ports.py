"""Ports for servers that have to be told theirs."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path

FIRST = 12_000
_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens at, below those that the system gives away: a free one of those may be anybody's in the next moment."""
    last = 32_768
    with suppress(OSError, ValueError):
        last = int(_GIVEN.read_text().split()[0])
    for port in random.sample(range(FIRST, max(last, FIRST + 1000)), 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind((host, port))
            return port
    raise OSError("no free port was found")
