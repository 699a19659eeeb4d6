"""The encoding of columns read by the letter of its description, to hold the writer to it."""

from __future__ import annotations

from regress.site.wire import DIGITS, HOLE, MORE


def signed(text: str) -> list[int]:
    """All signed numbers of a text without holes."""
    found, at = [], 0
    while at < len(text):
        number, at = _number(text, at)
        found.append(_unfolded(number))
    return found


def column(text: str, first: int) -> tuple[list[int], list[int]]:
    """The places and values of a column that begins at `first`."""
    places, values = [], []
    place, value, at = first, 0, 0
    while at < len(text):
        if text[at] == HOLE:
            number, at = _number(text, at + 1)
            place += number + 1
            continue
        number, at = _number(text, at)
        value += _unfolded(number)
        places.append(place)
        values.append(value)
        place += 1
    return places, values


def _number(text: str, at: int) -> tuple[int, int]:
    number, weight = 0, 1
    while (digit := MORE.find(text[at])) >= 0:
        number += digit * weight
        weight *= len(MORE)
        at += 1
    return number + DIGITS.index(text[at]) * weight, at + 1


def _unfolded(number: int) -> int:
    return -(number + 1) // 2 if number % 2 else number // 2
