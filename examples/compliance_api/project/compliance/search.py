"""Evidence by its words: the best fits first, rare words count more."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict

from . import faults
from .store import Store

_WORD = re.compile(r"\w+")


class Search:
    """An index of all the evidence, made once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._make()

    def find(self, text: str, n: int = 10) -> list[tuple[int, float]]:
        """The numbers of the evidence that fits best, with how well."""
        faults.on("search")
        scores: Counter[int] = Counter()
        for word in _WORD.findall(text.lower()):
            places = self._places.get(word, {})
            weight = math.log(1 + self._size / (1 + len(places)))
            for number, times in places.items():
                scores[number] += weight * times
        return sorted(scores.items(), key=lambda found: (-found[1], found[0]))[:n]

    def _make(self) -> None:
        self._places: dict[str, Counter[int]] = defaultdict(Counter)
        listed = self._store.words()
        self._size = len(listed)
        for number, words in listed:
            for word in _WORD.findall(words.lower()):
                self._places[word][number] += 1
