"""What is not configured is not imported."""

from __future__ import annotations

import subprocess
import sys

LIBRARY = "import sys; print(sorted({name.partition('.')[0] for name in sys.modules} & {'telegram', 'httpx'}))"


def test_the_settings_and_the_shaping_do_not_load_the_library() -> None:
    assert _printed(f"import channels.shaping, channels.telegram; {LIBRARY}") == "[]"


def test_the_channel_does_and_leaves_the_framework_alone() -> None:
    assert _printed(f"import channels.telegram.channel; {LIBRARY}") == "['httpx', 'telegram']"
    assert _printed("import channels.telegram.channel, sys; print('telegram.ext' in sys.modules)") == "False"


def _printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()
