"""Phase 2: the figures that the team answers for, into the team's own JSON (in the folder REGRESS_RESULTS)."""

import json
import os
import tempfile
import time
from pathlib import Path

import psutil
from tracks.service import Service
from tracks.walks import walk


def measured(tracks: int) -> dict[str, object]:
    """So many tracks, one after the other: how long each took, how many failed, what was left in memory."""
    text, latencies, failed = walk(100), [], 0
    with tempfile.TemporaryDirectory() as folder:
        service = Service(str(Path(folder) / "tracks.db"))
        service.get(int(service.add(text)["number"]))
        before, began = psutil.Process().memory_info().rss, time.perf_counter()
        for _ in range(tracks):
            start = time.perf_counter()
            try:
                service.add(text)
            except RuntimeError:
                failed += 1
            latencies.append(1000 * (time.perf_counter() - start))
        seconds = time.perf_counter() - began
    growth = psutil.Process().memory_info().rss - before
    return {
        "name": "ingest", "latency_ms": latencies, "tracks_per_sec": tracks / seconds,
        "success_rate": 1 - failed / tracks, "growth_mb": max(growth, 0) / 1e6,
    }  # fmt: skip


if __name__ == "__main__":
    results = [measured(int(os.environ["TRACKS"]))]
    Path(os.environ["REGRESS_RESULTS"], "metrics.json").write_text(json.dumps({"results": results}), encoding="utf-8")
