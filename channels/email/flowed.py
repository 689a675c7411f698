"""Plain text whose lines may be joined again (format=flowed, RFC 3676)."""

from __future__ import annotations

SIGNATURE = "-- "


def unfolded(text: str, *, delete_space: bool) -> str:
    """The text with its paragraphs on one line each. Quoted lines keep a `>` for each level. `delete_space`: DelSp=yes.

    An empty line ends a paragraph, even where the line before it asks for more: people type blanks at the end of lines.
    """
    paragraphs: list[tuple[int, list[str]]] = []
    goes_on = False
    for line in text.split("\n"):
        said = line.lstrip(">")
        depth = len(line) - len(said)
        said = said.removeprefix(" ")
        alone = said == SIGNATURE or not said
        if not goes_on or alone or paragraphs[-1][0] != depth:
            paragraphs.append((depth, []))
        goes_on = said.endswith(" ") and not alone
        paragraphs[-1][1].append(said[:-1] if goes_on and delete_space else said)
    return "\n".join(f"{'>' * depth} {''.join(lines)}" if depth else "".join(lines) for depth, lines in paragraphs)
