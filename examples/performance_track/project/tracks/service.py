"""What is done with a track: the stages in their order."""

from __future__ import annotations

from . import faults
from .codecs import CODECS
from .geometry import length, thin
from .parse import Point, parse
from .store import Store

#: How the service is set up: as it was written down at first, and as it was made faster.
PROFILES = {
    "baseline": {"codec": "small", "cache": 0, "batch": 1},
    "performance": {"codec": "packed", "cache": 256, "batch": 32},
}


class Service:
    """Takes tracks and gives them back."""

    def __init__(self, path: str, profile: str = "performance") -> None:
        settings = PROFILES[profile]
        self._codec = CODECS[str(settings["codec"])]
        self._store = Store(path, cache=int(settings["cache"]), batch=int(settings["batch"]))

    def add(self, text: str) -> dict[str, float]:
        """Reads, thins, measures, packs and stores a track; what became of it."""
        faults.on_track()
        points = parse(text)
        few = thin(points)
        metres = length(few)
        number = self._store.add(metres, self._codec.encode(few))
        return {"number": number, "points": len(few), "metres": round(metres, 1)}

    def get(self, number: int) -> list[Point]:
        """The points of a stored track. Raises KeyError."""
        faults.on_read()
        return self._codec.decode(self._store.get(number))
