"""Plain text for a terminal: aligned columns, and foreign text that must not drive it."""

from __future__ import annotations

from collections.abc import Sequence


def printable(text: str) -> str:
    """Foreign text without control characters: neither a benchmark's name nor a subject may drive a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Rows of text in aligned columns; those at the places `right` are aligned to the right."""
    if not rows:
        return []
    clean = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in clean) for i in range(len(clean[0]))]
    return [
        "  ".join(
            c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in clean
    ]
