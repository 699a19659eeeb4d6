"""The courses and their chapters, in SQLite."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any

_SCHEMA = """
CREATE TABLE course (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author TEXT NOT NULL, outline TEXT NOT NULL);
CREATE TABLE chapter (course INTEGER NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
"""


class Store:
    """One connection that all requests share; each statement is short, so that one lock is enough.

    `delay` is for how many seconds a question waits, as if the database were on another machine.
    """

    def __init__(self, path: str = ":memory:", delay: float = 0.0) -> None:
        self._lock, self._delay = threading.Lock(), delay
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SCHEMA)

    def _rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        if self._delay:
            time.sleep(self._delay)
        with self._lock:
            return [dict(row) for row in self._connection.execute(statement, values)]

    def add_course(self, title: str, author: str, outline: list[str]) -> int:
        """The number of a new course."""
        with self._lock:
            made = self._connection.execute(
                "INSERT INTO course (title, author, outline) VALUES (?, ?, ?)", (title, author, "\n".join(outline))
            )
            return int(made.lastrowid or 0)

    def course(self, number: int) -> dict[str, Any] | None:
        """A course with the titles of its chapters; None where there is none."""
        found = self._rows("SELECT * FROM course WHERE id = ?", number)
        if not found:
            return None
        chapters = self._rows("SELECT number, title FROM chapter WHERE course = ? ORDER BY number", number)
        return found[0] | {"outline": found[0]["outline"].split("\n"), "chapters": chapters}

    def courses(self) -> list[dict[str, Any]]:
        """The courses, the first ones first."""
        return self._rows("SELECT id, title, author FROM course ORDER BY id")

    def add_chapter(self, course: int, number: int, title: str, text: str) -> None:
        """Keeps what was written."""
        with self._lock:
            self._connection.execute("INSERT INTO chapter VALUES (?, ?, ?, ?)", (course, number, title, text))

    def chapter(self, course: int, number: int) -> dict[str, Any] | None:
        """A chapter; None where there is none."""
        found = self._rows("SELECT * FROM chapter WHERE course = ? AND number = ?", course, number)
        return found[0] if found else None
