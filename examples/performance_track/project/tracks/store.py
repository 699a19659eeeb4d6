"""Keeps tracks in a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict


class Store:
    """Tracks by number. `cache`: how many it holds in memory; `batch`: after how many it commits."""

    def __init__(self, path: str, *, cache: int = 0, batch: int = 1) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False)
        # Whoever sent a track sends it again after a power cut: no track has to wait for the disk.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS track (number INTEGER PRIMARY KEY, metres REAL, data BLOB)")
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._most, self._batch, self._open = cache, batch, 0

    def add(self, metres: float, data: bytes) -> int:
        """Stores a track; its number."""
        done = self._db.execute("INSERT INTO track (metres, data) VALUES (?, ?)", (metres, data))
        self._open += 1
        if self._open >= self._batch:
            self.flush()
        return done.lastrowid or 0

    def flush(self) -> None:
        """Commits what was added."""
        self._db.commit()
        self._open = 0

    def get(self, number: int) -> bytes:
        """The bytes of a track. Raises KeyError."""
        if number in self._cache:
            self._cache.move_to_end(number)
            return self._cache[number]
        row = self._db.execute("SELECT data FROM track WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        if self._most:
            self._cache[number] = row[0]
            if len(self._cache) > self._most:
                self._cache.popitem(last=False)
        return bytes(row[0])
