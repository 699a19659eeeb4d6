"""What `regress run` costs over the suite itself: both in turn, on a project made for it; time, and the figures.

    python benchmarks/run_overhead.py --pairs 4 --seconds 60

Prints for each pair the wall and the CPU time of `pytest --benchmark-json` and of `regress run` (which starts,
measures, reads, stores and judges targets) with all of their children; then the medians, and how far the minimum of
each benchmark moved between the two. What it costs is nearly a constant: the share is that of a suite of so many
seconds. On a machine with other work the CPU time is the one to look at.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCH = """
import pytest

@pytest.mark.parametrize("n", range({count}))
def test_sum(benchmark, n):
    benchmark.pedantic(lambda: sum(range(20_000)), rounds={rounds}, iterations=10, warmup_rounds=1)
"""
#: Seconds of one benchmark: 10 calls of some 250 µs, so many rounds.
_ROUNDS = 150
_SECONDS_EACH = 0.45


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regress-overhead-") as folder:
        root = Path(folder)
        make(root, max(round(given.seconds / _SECONDS_EACH), 1))
        for side in (plain, under):  # once each for the caches
            side(root)
        times: dict[str, list[tuple[float, float]]] = {"plain": [], "under": []}
        lowest: dict[str, dict[str, list[float]]] = {"plain": {}, "under": {}}
        for number in range(given.pairs):
            for name, side in random.Random(number).sample([("plain", plain), ("under", under)], 2):
                seconds, found = side(root)
                times[name].append(seconds)
                for benchmark, value in found.items():
                    lowest[name].setdefault(benchmark, []).append(value)
            both = ", ".join(f"{name} {wall:.2f} s, CPU {cpu:.2f} s" for name, ((wall, cpu), *_) in
                             ((name, listed[::-1]) for name, listed in times.items()))  # fmt: skip
            print(f"pair {number + 1}: {both}", flush=True)
    say(times, lowest)


def say(times: dict[str, list[tuple[float, float]]], lowest: dict[str, dict[str, list[float]]]) -> None:
    for place, what in enumerate(("wall time", "CPU time")):
        gaps = [one[place] - other[place] for one, other in zip(times["under"], times["plain"], strict=True)]
        base = statistics.median(pair[place] for pair in times["plain"])
        print(f"overhead, {what}: median {statistics.median(gaps):+.2f} s of {base:.1f} s, "
              f"{statistics.median(gaps) / base:+.2%}")  # fmt: skip
    ratios = [
        statistics.median(lowest["under"][name]) / statistics.median(values) for name, values in lowest["plain"].items()
    ]
    print(f"figures: minima under regress over those without it: median {statistics.median(ratios) - 1:+.2%}, "
          f"of {len(ratios)} benchmarks {sum(ratio > 1 for ratio in ratios)} are above 1")  # fmt: skip


def make(root: Path, count: int) -> None:
    (root / "benchmarks").mkdir()
    (root / "benchmarks" / "test_sum.py").write_text(BENCH.format(count=count, rounds=_ROUNDS), encoding="utf-8")
    (root / "regress.toml").write_text('[[suite]]\nkind = "pytest-benchmark"\nargs = ["benchmarks"]\n', "utf-8")
    (root / ".gitignore").write_text("__pycache__/\n*.json\n", encoding="utf-8")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "Sums"]):
        subprocess.run(["git", *words], cwd=root, check=True)


def plain(root: Path) -> tuple[tuple[float, float], dict[str, float]]:
    results = root / "plain.json"
    words = ["-m", "pytest", "benchmarks", "-q", "-p", "no:cacheprovider", f"--benchmark-json={results}"]
    seconds = timed(root, words)
    document = json.loads(results.read_text("utf-8"))
    return seconds, {entry["fullname"]: entry["stats"]["min"] for entry in document["benchmarks"]}


def under(root: Path) -> tuple[tuple[float, float], dict[str, float]]:
    sys.path.insert(0, str(ROOT))
    from regress.history import History

    seconds = timed(root, ["-m", "regress", "run"])
    with History.open(str(root / ".regress" / "history.db")) as history:
        (run,) = history.load([max(run.id for run in history.runs())])
    return seconds, {
        key.benchmark.full: float(run.columns.stats["min"][row]) for row, key in enumerate(run.columns.keys)
    }


def timed(root: Path, words: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command with its children."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, *words], cwd=root, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
