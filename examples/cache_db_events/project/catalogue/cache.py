"""The cache in Redis, which counts how often it had what was asked for."""

from __future__ import annotations

import json
from typing import Any

import redis

from . import faults


class Cache:
    """Values by key, for so many seconds."""

    def __init__(self, client: redis.Redis, seconds: int = 300) -> None:
        self._client, self._seconds = client, seconds
        self.hits = self.misses = 0

    def get(self, key: str) -> Any:
        """What was stored, or None."""
        faults.on_get()
        data = self._client.get(key + faults.suffix())
        if data is None:
            self.misses += 1
            return None
        self.hits += 1
        return json.loads(data)

    def set(self, key: str, value: Any) -> None:
        """Stores a value."""
        faults.on_set()
        self._client.set(key, json.dumps(value), ex=self._seconds)

    @property
    def hit_rate(self) -> float:
        """The share of what was asked for that was there."""
        return self.hits / max(self.hits + self.misses, 1)
