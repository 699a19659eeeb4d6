"""Phase 1: a day's work, writing and reading, in the profile that TRACKS_PROFILE names."""

import os

from tracks.service import Service
from tracks.walks import walk

TRACKS = [walk(60, seed) for seed in range(20)]


def test_day(benchmark, tmp_path):
    service = Service(str(tmp_path / "tracks.db"), os.environ["TRACKS_PROFILE"])

    def day():
        numbers = [service.add(text)["number"] for text in TRACKS]
        for number in numbers * 40:
            service.get(number)

    benchmark.pedantic(day, rounds=12, iterations=1, warmup_rounds=1)
