"""Figures as a picture to share: PNG, drawn from the words of its one reader. Run as a program it draws what comes from standard input.

The compiler takes 30 MB, which no process has to keep; and it knows nothing of the rest of the house, so that it starts in a tenth of a
second.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

TEMPLATE: Final = Path(__file__).with_suffix(".typ")
RESOLUTION: Final = 144.0
"""Dots an inch: twice as fine as a screen, 1200 wide."""
PATIENCE_SECONDS: Final = 30.0


async def png(language: str, title: str, note: str, figures: Sequence[tuple[str, str]]) -> bytes:
    """`figures`: label and value of each. ValueError where it cannot be drawn, or not in time."""
    said = {
        "language": language,
        "title": title,
        "note": note,
        "figures": [{"label": label, "value": value} for label, value in figures],
    }
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", __file__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            drawn, _ = await worker.communicate(json.dumps(said).encode())
    except TimeoutError as error:
        raise ValueError("a picture took too long") from error
    finally:
        if worker.returncode is None:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()
    if worker.returncode != 0:
        raise ValueError("a picture could not be drawn")
    return drawn


def draw(said: Mapping[str, object]) -> bytes:
    """The picture of what is said."""
    from typst import Compiler

    compiler = Compiler(TEMPLATE, root=TEMPLATE.parent, ignore_system_fonts=True, sys_inputs={"said": json.dumps(said)})
    drawn = compiler.compile(format="png", ppi=RESOLUTION)
    assert isinstance(drawn, bytes), "one page, as high as it has to be"
    return drawn


def main() -> int:
    sys.stdout.buffer.write(draw(json.loads(sys.stdin.buffer.read())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
