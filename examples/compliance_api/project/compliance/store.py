"""Controls and their evidence in a database."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Sequence

from . import faults

FRAMEWORKS = ("GDPR", "ISO 27001", "SOC 2")
_SUBJECTS = ("access", "backup", "change", "encryption", "incident", "logging", "network", "password", "recovery",
             "retention", "supplier", "training", "vulnerability")  # fmt: skip
_ACTS = ("approval", "audit", "configuration", "export", "minutes", "policy", "register", "report", "review", "test")
_TICKETS = [f"t{number}" for number in range(5000)]
_SCHEMA = """
CREATE TABLE control (id INTEGER PRIMARY KEY, framework TEXT NOT NULL, title TEXT NOT NULL, days INTEGER NOT NULL);
CREATE TABLE evidence (id INTEGER PRIMARY KEY, control INTEGER NOT NULL REFERENCES control, day INTEGER NOT NULL,
                       owner TEXT NOT NULL, words TEXT NOT NULL);
"""
Row = tuple[int, int, str, str]


def samples(n: int, seed: int) -> list[Row]:
    """Pieces of evidence as they are collected: control, day, owner, words."""
    dice = random.Random(seed)
    return [
        (dice.randrange(1, 91), dice.randrange(365), f"team-{dice.randrange(12)}",
         f"{dice.choice(_SUBJECTS)} {dice.choice(_ACTS)} of {dice.choice(_SUBJECTS)} number {dice.randrange(900)}, "
         f"tickets {' '.join(dice.choices(_TICKETS, k=40))}")
        for _ in range(n)
    ]  # fmt: skip


class Store:
    """What is known of controls; one connection, used by one thread at a time."""

    def __init__(self, n: int = 3000) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.executescript(_SCHEMA)
        controls = [
            (number, FRAMEWORKS[number % 3], f"{_SUBJECTS[number % 13]} {_ACTS[number % 10]}", 30 + number % 7 * 30)
            for number in range(1, 91)
        ]
        self._db.executemany("INSERT INTO control VALUES (?, ?, ?, ?)", controls)
        self._insert(samples(n, 1))

    def one(self, number: int) -> Row | None:
        """The simple query: a piece of evidence."""
        faults.on("simple")
        return self._rows("SELECT control, day, owner, words FROM evidence WHERE id = ?", (number,), 1)

    def of_control(self, control: int) -> list[Row]:
        """All the evidence of a control, the newest first."""
        return self._rows(
            "SELECT id, day, owner, words FROM evidence WHERE control = ? ORDER BY day DESC, id", (control,)
        )

    def gaps(self, framework: str, today: int = 365) -> list[tuple[int, str, int]]:
        """The complex query: controls whose newest evidence is too old, with how many days, the worst first."""
        faults.on("complex")
        return self._rows(
            """WITH newest AS (SELECT control, day, rank() OVER (PARTITION BY control ORDER BY day DESC, id) AS place
                               FROM evidence)
               SELECT c.id, c.title, ? - coalesce(n.day, 0) - c.days AS late FROM control c
               LEFT JOIN newest n ON n.control = c.id AND n.place = 1
               WHERE c.framework = ? AND late > 0 ORDER BY late DESC, c.id""",
            (today, framework),
        )

    def by_owner(self) -> list[tuple[str, int, float]]:
        """The aggregation: how much each team has collected, and how old it is on average."""
        faults.on("aggregation")
        return self._rows("SELECT owner, count(*), 365 - avg(day) FROM evidence GROUP BY owner ORDER BY owner", ())

    def add(self, rows: Sequence[Row]) -> int:
        """Takes many pieces of evidence at once; how many there are then."""
        faults.on("bulk")
        self._insert(rows)
        return self._rows("SELECT count(*) FROM evidence", (), 1)[0]

    def words(self) -> list[tuple[int, str]]:
        """What all the evidence says, by number."""
        return self._rows("SELECT id, words FROM evidence", ())

    def _insert(self, rows: Sequence[Row]) -> None:
        with self._lock:
            for row in rows:
                self._db.execute("INSERT INTO evidence (control, day, owner, words) VALUES (?, ?, ?, ?)", row)
                self._db.commit()

    def _rows(self, query: str, values: Sequence[object], few: int = 0):
        with self._lock:
            cursor = self._db.execute(query, values)
            return cursor.fetchone() if few else cursor.fetchall()


if __name__ == "__main__":
    print(len(Store().words()), "pieces of evidence")
