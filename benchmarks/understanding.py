"""How well and how fast the bot understands: `python benchmarks/understanding.py [FILE.jsonl ...] [--wrong]`.

Without files it reads the sets kept apart from the phrases (`tests/bot/understanding/kept_apart`). Prints, by language, how many
intents and slots are right, the intents that are confused, the off-topic lines taken for an order, and microseconds a line.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bot.understanding import Reading, Understanding

KEPT_APART = Path(__file__).parents[1] / "tests" / "bot" / "understanding" / "kept_apart"
TODAY = date(2026, 11, 22)


def cases(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [
        json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def share(right: int, of: int) -> str:
    return f"{100 * right / of:5.1f} % of {of}" if of else "    -"


def group(intent: str) -> str:
    return "charges" if intent.startswith("charges.") else "none" if intent == "none" else "others"


def main(arguments: Sequence[str]) -> None:
    files = [Path(name) for name in arguments if not name.startswith("--")] or sorted(KEPT_APART.glob("*.jsonl"))
    began = time.perf_counter()
    understanding = Understanding.load()
    loaded = time.perf_counter() - began
    read: list[tuple[dict[str, Any], Reading]] = []
    spent: list[float] = []
    stored = "--guess" not in arguments
    for case in cases(files):
        begun = time.perf_counter_ns()
        reading = understanding.read(case["text"], language=case["lang"] if stored else None, today=TODAY)
        spent.append((time.perf_counter_ns() - begun) / 1000)
        read.append((case, reading))
    _accuracy(read, "--wrong" in arguments)
    print(
        f"load {1000 * loaded:.0f} ms; a line: median {median(spent):.0f} us, p99 {quantiles(spent, n=100)[98]:.0f} us"
    )
    print(f"{platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}")


def _accuracy(read: Sequence[tuple[dict[str, Any], Reading]], show: bool) -> None:
    right: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    by_intent: dict[str, Counter[bool]] = defaultdict(Counter)
    slots: dict[str, Counter[bool]] = defaultdict(Counter)
    confused: Counter[tuple[str, str]] = Counter()
    for case, reading in read:
        name, meant = reading.intent.name, case["intent"]
        right[case["lang"], group(meant)][name == meant] += 1
        by_intent[meant][name == meant] += 1
        if name != meant:
            confused[meant, name] += 1
            if show:
                print(f"{case['lang']} {meant} -> {name} {reading.confidence}: {case['text']}")
        elif case["slots"] or reading.intent.slots:
            exact = dict(reading.intent.slots) == case["slots"]
            slots[case["lang"]][exact] += 1
            if show and not exact:
                print(f"{case['lang']} {meant} slots {dict(reading.intent.slots)} for {case['slots']}: {case['text']}")
    for language in sorted({language for language, _ in right}):
        parts = [
            f"{kind} {share(right[language, kind][True], right[language, kind].total())}"
            for kind in ("charges", "others", "none")
        ]
        print(f"{language}: {'; '.join(parts)}; slots {share(slots[language][True], slots[language].total())}")
    for intent, found in sorted(by_intent.items(), key=lambda item: item[1][True] / item[1].total()):
        print(f"  {share(found[True], found.total())}  {intent}")
    print("confused:", ", ".join(f"{meant} as {name} {count}" for (meant, name), count in confused.most_common(12)))


if __name__ == "__main__":
    main(sys.argv[1:])
