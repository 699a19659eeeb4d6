"""Histories for the site's tests: runs, series and reports, all from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from regress.model import (
    TIME,
    Benchmark,
    Comparison,
    Environment,
    Key,
    Metric,
    Outcome,
    Report,
    Series,
    Side,
    SideInfo,
    Source,
    StoredRun,
    Verdict,
)
from regress.site import SiteInput
from regress.site.axis import Axes
from regress.site.lines import Line, line_of
from regress.site.links import Links

ENVIRONMENT = Environment.of(
    {"system": "Linux", "arch": "x86_64", "python": "CPython 3.12", "machine": "bench-01"},
    {"cpu": "AMD EPYC 7763", "cores": "4", "python": "3.12.1"},
    "bench-01.example.org",
)
START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def make_run(order: int, *, id_: int | None = None, environment: Environment = ENVIRONMENT, **more) -> StoredRun:
    commit = hashlib.sha1(str(order).encode()).hexdigest()
    date = START + timedelta(days=order)
    run = StoredRun(
        id=order if id_ is None else id_, digest=f"{order:064x}", commit=commit, head="", ref="main",
        environment=environment, source=Source("results.json", "asv"), started_at=date, order=order, points=1,
        failed=0, skipped=0, committed_at=date, subject=f"Change number {order}", author="Ada",
    )  # fmt: skip
    return replace(run, **more)


def make_runs(n: int, **more) -> dict[int, StoredRun]:
    return {order: make_run(order, **more) for order in range(1, n + 1)}


def make_key(name="bench.time_it", variant="", suite="asv", metric: Metric = TIME, version="", params=()) -> Key:
    return Key(Benchmark(suite, name, variant, version, params), metric)


def make_series(key: Key, values: Sequence[float], *, environment=ENVIRONMENT, first=1, gaps=(), spread=0.0) -> Series:
    """One value for each run from the id `first` on; a NaN leaves the run out."""
    figures = np.array(values, dtype=float)
    run_ids = np.arange(first, first + len(figures), dtype=np.int64)
    there = ~np.isnan(figures)
    stats = {"median": figures[there]}
    if spread:
        stats |= {"q1": figures[there] * (1 - spread), "q3": figures[there] * (1 + spread)}
    return Series(key, environment, run_ids[there], stats, gaps)


def a_line(values, *, gaps=(), runs=None, verdict=None, **key) -> Line:
    """A line of one value for each run; `key` are arguments of `make_key`."""
    runs = runs or make_runs(len(values))
    axis = Axes(runs, Links("https://git.example/o/r/commit/{commit}")).of(ENVIRONMENT, "asv")
    return line_of([make_series(make_key(**key), values, gaps=gaps)], axis, verdict)


def make_verdict(
    key: Key, base: float, candidate: float, outcome: Outcome, *, environment=ENVIRONMENT, **more
) -> Verdict:
    change = candidate / base - 1 if base else float("nan")
    sides = Side(base, 5, 50.0, base * 0.99, base * 1.01), Side(candidate, 1, 10.0)
    comparison = Comparison(key, environment, "median", *sides, change, 0.021, "12 earlier runs")
    reason = more.pop("reason", f"{outcome.value}: the median moved beyond the noise band and the tolerance of 5 %")
    return Verdict(comparison, outcome, reason, "pyproject.toml:41", outcome is Outcome.REGRESSED, **more)


def make_report(verdicts: Sequence[Verdict], commit: str = "", **more) -> Report:
    candidate = SideInfo("HEAD", commit or make_run(1).commit)
    return Report(candidate, None, verdicts, 1, "headline", counts=Report.count(verdicts), **more)


@dataclass
class History:
    """A history that grows series by series, with a verdict for each where asked."""

    n: int = 40
    seed: int = 1
    environments: Sequence[Environment] = (ENVIRONMENT,)
    runs: dict[int, StoredRun] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        for e, environment in enumerate(self.environments):
            for order in range(1, self.n + 1):
                id_ = e * self.n + order
                self.runs[id_] = make_run(order, id_=id_, environment=environment)

    def add(
        self, key: Key, levels, *, e: int = 0, noise: float = 0.01, failed=(), outcome: Outcome | None = None
    ) -> None:
        values = np.broadcast_to(np.asarray(levels, dtype=float), (self.n,)).copy()
        values *= 1 + self.rng.normal(0, noise, self.n)
        values[[place - 1 for place in failed]] = np.nan
        first, environment = e * self.n + 1, self.environments[e]
        gaps = [(first + place - 1, "failed", "Traceback\nMemoryError: no room") for place in failed]
        self.series.append(make_series(key, values, environment=environment, first=first, gaps=gaps, spread=0.02))
        if outcome:
            base = float(np.nanmedian(values[:-1]))
            self.verdicts.append(make_verdict(key, base, float(values[-1]), outcome, environment=environment))

    def site(self, **more) -> SiteInput:
        self.series.sort(key=lambda s: (s.key.benchmark.suite, s.key.benchmark.name, s.key.benchmark.variant))
        report = make_report(self.verdicts, make_run(self.n).commit)
        url = "https://example.org/o/r/commit/{commit}"
        options = {
            "project": "quicksort",
            "reports": [report] if self.verdicts else [],
            "commit_url": url,
            "version": "0.1.0",
        }
        return SiteInput(series=iter(self.series), runs=self.runs, **(options | more))


def steps(n: int, *levels: tuple[int, float]) -> np.ndarray:
    """Levels as (first order, value), for `n` commits."""
    values = np.empty(n)
    for first, value in levels:
        values[first - 1 :] = value
    return values


def realistic(n: int = 40) -> History:
    """Noise, a threefold step that was mended, a fresh regression, failures, two machines, a CPU that changed."""
    other = Environment.of(
        {"system": "Darwin", "arch": "arm64", "python": "CPython 3.13", "machine": "mini"},
        {"cpu": "Apple M4", "python": "3.13.2"},
    )
    h = History(n, environments=(ENVIRONMENT, other))
    newer = replace(ENVIRONMENT, facts=(("cores", "4"), ("cpu", "AMD EPYC 9554"), ("python", "3.12.4")))
    for id_ in range(n - 11, n + 1):
        h.runs[id_] = replace(h.runs[id_], environment=newer)
    h.runs[n - 3] = replace(h.runs[n - 3], dirty=True)
    h.runs[n - 4] = replace(h.runs[n - 4], tags=("v1.4.0",))
    memory = Metric("peak_memory", "B", TIME.direction, TIME.kind)
    for e in (0, 1):
        f = 1 - 0.3 * e
        for size in (10, 1000, 100000):
            fresh = steps(n, (1, 2e-7 * size * f), (n, 2e-7 * size * f * (1.45 if size > 10 else 1.02)))
            outcome = Outcome.REGRESSED if size > 10 and not e else Outcome.UNCHANGED
            h.add(make_key("bench_sort.Sort.time_sort", f"({size}, 'list')"), fresh, e=e, outcome=outcome)
        mended = steps(n, (1, 0.0124 * f), (n - 16, 0.037 * f), (n - 9, 0.0122 * f))
        h.add(make_key("bench_io.Load.time_load_csv"), mended, e=e, outcome=Outcome.UNCHANGED)
        h.add(
            make_key("bench_io.Load.time_save", "('gzip')"),
            0.084 * f,
            e=e,
            failed=(n - 20, n - 19, n - 4),
            outcome=Outcome.UNCHANGED,
        )
        h.add(
            make_key("bench_io.Load.peakmem_load", metric=memory),
            steps(n, (1, 8.1e7), (n - 5, 7.7e7)),
            e=e,
            noise=0.001,
            outcome=Outcome.UNCHANGED,
        )
        h.add(
            make_key("bench_merge.time_merge"),
            steps(n, (1, 3.1e-4 * f), (n, 2.2e-4 * f)),
            e=e,
            outcome=Outcome.IMPROVED if not e else Outcome.INCONCLUSIVE,
        )
        for k in range(11):
            h.add(
                make_key("bench_matrix.Dot.time_dot", f"({2**k * 16}, 'float64')"),
                1e-5 * (k + 1) ** 2 * f,
                e=e,
                noise=0.02,
                outcome=Outcome.UNCHANGED,
            )
        for name in (
            "bench_core.time_hash",
            "bench_core.time_import_a_module_with_a_rather_long_name_indeed",
            "bench_core.time_parse",
            "bench_core.time_repr",
        ):
            h.add(make_key(name), 1e-6 * (3 + len(name)) * f, e=e, noise=0.03, outcome=Outcome.UNCHANGED)
    h.add(
        make_key("tests/test_heap.py::test_push", "[deep]", suite="pytest-benchmark"),
        0.0021,
        noise=0.01,
        failed=(n,),
        outcome=Outcome.FAILED,
    )
    h.add(
        make_key("tests/test_heap.py::test_pop", suite="pytest-benchmark"),
        steps(n, (1, 0.0031), (n, 0.0042)),
        outcome=Outcome.REGRESSED,
    )
    h.add(make_key("tests/test_heap.py::test_räumen"), steps(n, (1, 0.5), (n, 0.56)), noise=0.005)
    return h
