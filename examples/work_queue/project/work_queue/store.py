"""The store: one table of steps in a SQLite file, which any number of processes share.

A claim is a transaction that begins with the right to write (BEGIN IMMEDIATE), so that no two pods get one step. On
PostgreSQL the same claim would be `FOR UPDATE SKIP LOCKED`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from . import faults

_TABLES = """
DROP TABLE IF EXISTS steps;
DROP TABLE IF EXISTS pods;
CREATE TABLE steps (
    id INTEGER PRIMARY KEY, payload TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'ready', pod INTEGER,
    submitted_at REAL NOT NULL, claimed_at REAL, finished_at REAL, result TEXT
);
CREATE TABLE pods (pid INTEGER PRIMARY KEY, seen_at REAL NOT NULL);
"""


@dataclass(frozen=True)
class Step:
    """A piece of work: its number, and what it is about."""

    number: int
    payload: str


class Store:
    """One process's way into the file."""

    def __init__(self, path: str) -> None:
        faults.burn("busy")
        self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")

    def begin_anew(self) -> None:
        """Empties the store. The file stays: whoever watches it has it open."""
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def submit(self, payload: str) -> None:
        """Adds a step."""
        faults.sleep("slow-submit")
        with self._writing() as db:
            rows = [(payload, time.time())] + [("", time.time())] * faults.more("flood")
            db.executemany("INSERT INTO steps (payload, submitted_at) VALUES (?, ?)", rows)

    def claim(self, pod: int, most: int = 1) -> list[Step]:
        """Takes up to `most` steps that are ready, the oldest first."""
        with self._writing() as db:
            query = "SELECT id, payload FROM steps WHERE state = 'ready' ORDER BY id LIMIT ?"
            steps = [Step(*row) for row in db.execute(query, (most,))]
            taken = [(pod, time.time(), step.number) for step in steps]
            db.executemany("UPDATE steps SET state = 'claimed', pod = ?, claimed_at = ? WHERE id = ?", taken)
        return steps

    def finish(self, pod: int, step: Step, result: str, state: str = "done") -> None:
        """Notes what became of a step, unless another pod has taken it over."""
        with self._writing() as db:
            db.execute(
                "UPDATE steps SET state = ?, result = ?, finished_at = ?"
                " WHERE id = ? AND pod = ? AND state = 'claimed'",
                (state, result, time.time(), step.number, pod),
            )

    def beat(self, pod: int) -> None:
        """Says that a pod is alive."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO pods VALUES (?, ?) ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at",
                (pod, time.time()),
            )

    def take_back(self, lease: float) -> int:
        """Makes the steps of pods that have not been seen for `lease` seconds ready again; how many."""
        with self._writing() as db:
            gone = "SELECT pid FROM pods WHERE seen_at < ?"
            return db.execute(
                f"UPDATE steps SET state = 'ready', pod = NULL WHERE state = 'claimed' AND pod IN ({gone})",
                (time.time() - lease,),
            ).rowcount

    def alive(self) -> int:
        """How many pods have ever been seen."""
        return int(self._db.execute("SELECT count(*) FROM pods").fetchone()[0])

    def count(self, *states: str) -> int:
        """How many steps are in these states."""
        marks = ", ".join("?" * len(states))
        return int(self._db.execute(f"SELECT count(*) FROM steps WHERE state IN ({marks})", states).fetchone()[0])

    def times(self) -> Sequence[tuple[float, float | None, float | None]]:
        """When each step was submitted, claimed and finished, in the order of submission."""
        return self._db.execute("SELECT submitted_at, claimed_at, finished_at FROM steps ORDER BY id").fetchall()
