"""Writes a chapter: paragraphs on a heading, and the words that it is about."""

from __future__ import annotations

import random
import re
from collections import Counter

_WORDS = (
    "measure", "learn", "system", "course", "reader", "example", "question", "answer", "practice", "memory", "method",
    "figure", "reason", "result", "the", "a", "of", "and", "in", "with", "which", "because", "first", "then", "slowly",
)  # fmt: skip
_WORD = re.compile(r"[a-z]{4,}")


def chapter(title: str, words: int) -> str:
    """A chapter of about so many words; the same for the same title."""
    choice = random.Random(title)
    paragraphs = []
    left = words
    while left > 0:
        sentences = []
        for _ in range(6):
            sentence = [*choice.choices(title.split(), k=1), *choice.choices(_WORDS, k=choice.randint(6, 16))]
            sentences.append(" ".join(sentence).capitalize() + ".")
            left -= len(sentence)
        paragraphs.append(" ".join(sentences))
    text = "\n\n".join(paragraphs)
    return f"# {title}\n\n{text}\n\nAbout: {', '.join(subjects(text))}"


def subjects(text: str, most: int = 5) -> list[str]:
    """The words that a text uses most."""
    return [word for word, _ in Counter(_WORD.findall(text.lower())).most_common(most)]
