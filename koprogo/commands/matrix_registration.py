"""`matrix-registration`: the file with which the owner of a homeserver lets KoproGo in as an application service."""

from __future__ import annotations

import secrets
import textwrap
from argparse import Namespace

from channels.matrix.registration import LOCALPART, as_yaml, registration
from core.kernel.text import say
from koprogo.output import DONE, Output, WrongInput
from koprogo.settings import Settings

WIDTH = 100


async def matrix_registration(options: Namespace, settings: Settings, out: Output) -> int:
    """Prints the file. Its tokens are those of the settings; where they have none, new ones, and how to set them."""
    as_token = settings.matrix_as_token or secrets.token_urlsafe(32)
    hs_token = settings.matrix_hs_token or secrets.token_urlsafe(32)
    user = options.user or settings.matrix_user
    url = options.url or f"http://{settings.http_host}:{settings.http_port}"
    if not url.startswith(("http://", "https://")):
        raise WrongInput("cli.matrix.url")
    try:
        content = registration(user, url, as_token, hs_token)
    except ValueError:
        raise WrongInput("cli.matrix.user") from None
    wanted = {
        "KOPROGO_MATRIX_AS_TOKEN": (settings.matrix_as_token, as_token),
        "KOPROGO_MATRIX_HS_TOKEN": (settings.matrix_hs_token, hs_token),
        "KOPROGO_MATRIX_HOMESERVER": (settings.matrix_homeserver, "https://matrix.home.example"),
        "KOPROGO_MATRIX_USER": (settings.matrix_user, user or f"@{LOCALPART}:home.example"),
    }
    to_set = [f"#   {name}={value}" for name, (given, value) in wanted.items() if not given]
    comment(out, "cli.matrix.file")
    comment(out, "cli.matrix.set" if to_set else "cli.matrix.same")
    for line in [*to_set, as_yaml(content).rstrip("\n")]:
        out.text(line)
    out.json(content)
    return DONE


def comment(out: Output, key: str) -> None:
    for line in textwrap.wrap(out.words(say(key)), WIDTH):
        out.text(f"# {line}")
