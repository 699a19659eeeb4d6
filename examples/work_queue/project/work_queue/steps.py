"""The work of a step: an index of the words of a text, packed."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections import Counter

_WORDS = [f"word{number}" for number in range(400)]


def payload(number: int, words: int = 6000) -> str:
    """A text for a step; the same number gives the same text."""
    return " ".join(random.Random(number).choices(_WORDS, k=words))


def work(text: str) -> str:
    """Counts the words, packs the index, and gives its digest."""
    index = sorted(Counter(text.split()).items())
    packed = zlib.compress(repr(index).encode(), 9)
    return hashlib.sha256(packed).hexdigest()
