"""Answers out of the evidence."""

from __future__ import annotations

from . import faults
from .search import Search
from .store import FRAMEWORKS, Store


def answer(question: str, store: Store, search: Search) -> str:
    """What is known of a question, and what is missing."""
    faults.on("chat")
    found = [store.one(number) for number, _ in search.find(question, 5)]
    known = "; ".join(f"{row[3]} ({row[2]})" for row in found if row)
    named = [name for name in FRAMEWORKS if name.lower() in question.lower()] or list(FRAMEWORKS)
    missing = ", ".join(f"{name}: {len(store.gaps(name))} gaps" for name in named)
    return f"There is {known or 'nothing'}. {missing}."
