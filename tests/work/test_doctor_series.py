"""The doctor on series: what ended, under which name it may go on, and what never moved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from regress.model import TIME, Metric, Run
from regress.report.doctor import State
from regress.work.doctor import series
from tests.factories import make_key, make_run
from tests.work.patients import COMMITS, NAMES, Place, figures, loud, of


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "widgets")


def renamed_runs(place: Place, new: tuple[str, ...]) -> list[Run]:
    """From the seventh commit on the benchmarks have other names."""
    chance = np.random.default_rng(2)
    return [make_run(name, figures(chance, NAMES if n < 6 else new), minutes=n) for n, name in enumerate(place.hashes)]


def test_a_renamed_benchmark_is_proposed_as_a_pair(place: Place) -> None:
    new = tuple(name.replace("bench_text.", "bench_words.") for name in NAMES)
    place.record(renamed_runs(place, new))
    lines = [line for line in of(series.lines, place) if line.name == "renamed?"]
    assert [line.hint.partition("renamed] ")[2] for line in lines] == [
        f'"bench_text.Suite.time_{name}" = "bench_words.Suite.time_{name}"' for name in ("read", "scan", "write")
    ]
    assert place.hashes[5][:10] in lines[0].text
    assert place.hashes[6][:10] in lines[0].text
    with (place.root / "regress.toml").open("w") as file:
        file.write("[renamed]\n" + "\n".join(line.hint.partition("renamed] ")[2] for line in lines) + "\n")
    assert loud(of(series.lines, place)) == [], "once it is written down there is nothing to say"


def test_what_ended_without_a_successor_is_said_once(place: Place) -> None:
    place.record(renamed_runs(place, NAMES[:2]))
    (line,) = [line for line in of(series.lines, place) if line.state is not State.OK]
    assert (line.name, line.text.startswith("4 benchmarks no longer measured")) == ("ended series", True)


def test_a_benchmark_that_fails_has_not_ended(place: Place) -> None:
    last = place.runs[-1]
    rows = {key.benchmark.full: last.columns.result(n).stats for n, key in enumerate(last.columns.keys) if n}
    failing = make_run(last.commit, rows, gaps={last.columns.keys[0]: "failed"}, started_at=last.started_at)
    place.record([*place.runs[:-1], failing])
    assert loud(of(series.lines, place)) == []


def test_a_new_name_elsewhere_in_the_history_is_no_successor(place: Place) -> None:
    chance = np.random.default_rng(2)
    names = [NAMES if n < 3 else NAMES[1:] if n < 6 else (*NAMES[1:], NAMES[0] + "er") for n in range(COMMITS)]
    place.record([make_run(c, figures(chance, names[n]), minutes=n) for n, c in enumerate(place.hashes)])
    assert [line.name for line in of(series.lines, place) if line.state is not State.OK] == ["ended series"]


def test_a_noisy_series_that_never_moved_is_exact(place: Place) -> None:
    hits = make_key("bench.cache", Metric("hits"))
    clock = make_key("bench.clock", TIME)
    chance = np.random.default_rng(3)
    place.record([
        make_run(c, {**figures(chance), hits: 7.0, clock: 1e-3}, minutes=n) for n, c in enumerate(place.hashes)
    ])  # fmt: skip
    lines = {line.text.partition(":")[0]: line for line in of(series.lines, place) if line.name == "constant series"}
    assert 'name = "hits" kind = "exact"' in lines["bench.cache"].hint
    assert "is it measured at all?" in lines["bench.clock"].hint
