"""Runs, keys and commits for tests, made from a few words.

make_run("c1", {"bench.sort": 1.0})                                  one run, one benchmark, statistic "value"
make_run("c2", {"bench.sort": {"median": 1.0, "lo": 0.9, "hi": 1.1}}, gaps={"bench.read": "failed"})
make_commits("c1", "c2", ("m", "c2", "side"))                        a line of commits, and a merge
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from regress.model import TIME, Benchmark, Columns, Commit, Environment, Gap, Key, Metric, Run, Source

#: The time of the first measurement and of the first commit, unless a test says otherwise.
START = datetime(2024, 1, 1, tzinfo=UTC)

ENVIRONMENT = Environment.of(
    {"system": "Linux", "arch": "x86_64", "python": "CPython 3.11", "machine": "box"},
    {"cpu": "Test CPU", "cores": "4", "python": "3.11.7"},
    host="box-1",
)


def sha(name: str) -> str:
    """A full commit hash for a short name; a full hash (or "") stays as it is."""
    if not name or re.fullmatch(r"[0-9a-f]{40}", name):
        return name
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def make_key(name: str, metric: Metric = TIME, *, suite: str = "asv", version: str = "", **fields: Any) -> Key:
    """A key; "bench.sort(10)" and "test_x.py::test_y[10]" are split into name and variant."""
    cut = min((at for at in (name.find("("), name.find("[")) if at > 0), default=len(name))
    return Key(Benchmark(suite, name[:cut], name[cut:], version, **fields), metric)


def make_run(
    commit: str = "c1",
    values: Mapping[str | Key, float | Mapping[str, float]] | None = None,
    *,
    metric: Metric = TIME,
    suite: str = "asv",
    environment: Environment = ENVIRONMENT,
    minutes: float = 0,
    gaps: Mapping[str | Key, str] | None = None,
    **fields: Any,
) -> Run:
    """A run; `minutes` after START it was started. Other fields of `Run` are given by name."""

    def key_of(name: str | Key) -> Key:
        return name if isinstance(name, Key) else make_key(name, metric, suite=suite)

    rows = {"bench.one": 1.0} if values is None else values
    figures = [{"value": row} if isinstance(row, int | float) else dict(row) for row in rows.values()]
    names = dict.fromkeys(name for row in figures for name in row)
    stats = {name: np.array([row.get(name, np.nan) for row in figures], dtype=np.float64) for name in names}
    started = START + timedelta(minutes=minutes)
    fields = {"started_at": started, "ended_at": started + timedelta(minutes=1)} | fields
    return Run(
        commit=sha(commit),
        environment=environment,
        source=fields.pop("source", Source(f"{commit or 'none'}.json", "asv", "asv", "0.6.6")),
        columns=Columns(tuple(key_of(name) for name in rows), stats),
        gaps=tuple(Gap(key_of(name), status) for name, status in (gaps or {}).items()),
        **fields,
    )


def make_commits(*line: str | tuple[str, ...], minutes: float = 10) -> list[Commit]:
    """Commits, oldest first, `minutes` apart: a name follows the one before, a tuple names its parents itself."""
    commits: list[Commit] = []
    for place, word in enumerate(line):
        name, parents = (word, commits[-1:] and [commits[-1].hash]) if isinstance(word, str) else (word[0], word[1:])
        date = START + timedelta(minutes=minutes * place)
        commits.append(Commit(sha(name), tuple(map(sha, parents)), date, "Ada", f"Change {name}"))
    return commits
