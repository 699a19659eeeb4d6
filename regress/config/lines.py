"""The line of a TOML file that a key stands on, as tomllib does not tell it."""

from __future__ import annotations

import re
from functools import lru_cache

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")


def line_of(text: str, place: tuple[int | str, ...]) -> int:
    """The line on which the key at `place` (names, and indices of arrays of tables) stands; else its table's line.

    Headers and `key =` at the start of a line are enough to find what people write.
    """
    lines = _lines(text)
    return next((lines[place[:depth]] for depth in range(len(place), 0, -1) if place[:depth] in lines), 1)


@lru_cache(maxsize=8)
def _lines(text: str) -> dict[tuple[int | str, ...], int]:
    """The first line of every header and key of a TOML file, by its place."""
    lines: dict[tuple[int | str, ...], int] = {}
    current: tuple[int | str, ...] = ()
    counts: dict[tuple[int | str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            names: tuple[int | str, ...] = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if header[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                names = (*names, counts[names])
            current = names
            lines.setdefault(names, number)
        elif key := _KEY.match(line):
            lines.setdefault((*current, key[1].strip("\"'")), number)
    return lines
