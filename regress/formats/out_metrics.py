"""Figures for a monitoring system: Prometheus text (exposition format 0.0.4) and OpenMetrics 1.0.

Every name that is ever written stands in `FAMILIES`; what a project calls its benchmarks and metrics are labels. The
figures of one unit are one family, so that they can be added and drawn together:

    regress_benchmark_time_seconds{project, suite, benchmark, metric, statistic, environment}
    regress_benchmark_size_bytes, regress_benchmark_rate_per_second     the same
    regress_benchmark_value{…, unit}                                    any other unit, and none: `unit="1"`

Note: a figure without a unit is not called a ratio, as nobody says whether it is a share or a count.

statistic   "centre" is the median, else the value, the mean, the minimum: every benchmark has it. The others are
            written when they are asked for, as each is one more series a benchmark
commit      is a label of `regress_run_info` alone: on a figure it would begin new series with each commit. To show it,
            join: regress_benchmark_time_seconds * on (project, suite, environment) group_left (commit) regress_run_info
budgets     the limit, and whether it is met: 1, 0, and NaN where it could not be judged, which is not "met"
verdicts    of the last check of the newest commit, broken and unjudged budgets among them: every outcome with its
            number, so that no series comes and goes

All are gauges, and `regress_run_info` is an info of OpenMetrics. No sample has a time of its own, as collectors of text
files refuse them: the times of run, commit and check are figures. Two texts that differ only in what UTF-8 cannot hold
are one label; the later sample counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..model import CENTRES, STATISTICS, BudgetResult, BudgetState, Environment, Key, Run, StoredRun
from ..units import BYTES, PER_SECOND, SECONDS
from .out_table import clean

CENTRE, ALL = "centre", "all"
#: What can be asked for, besides all; quantiles are p95 and the like, and are asked for together.
CHOICES = (CENTRE, *STATISTICS, "quantiles", ALL)

_TIME, _SIZE, _RATE, _VALUE = (
    "regress_benchmark_time_seconds",
    "regress_benchmark_size_bytes",
    "regress_benchmark_rate_per_second",
    "regress_benchmark_value",
)
_BY_UNIT: Mapping[str, str] = {SECONDS: _TIME, BYTES: _SIZE, PER_SECOND: _RATE}
_COUNTS: Mapping[str, str] = {"n": "regress_benchmark_samples", "iterations": "regress_benchmark_iterations"}
#: Every family: what it tells, and its unit, which is the end of its name.
FAMILIES: Mapping[str, tuple[str, str]] = {
    _TIME: ("A time of the newest run of a benchmark.", "seconds"),
    _SIZE: ("An amount of memory or data of the newest run of a benchmark.", "bytes"),
    _RATE: ("A throughput of the newest run of a benchmark.", "per_second"),
    _VALUE: ("Any other figure of the newest run of a benchmark, in the unit that the label says.", ""),
    "regress_benchmark_samples": ("Of how many samples the figures are made.", ""),
    "regress_benchmark_iterations": ("How many calls each sample is the mean of.", ""),
    "regress_run_info": ("The newest run of a suite in an environment: always 1.", ""),
    "regress_run_timestamp_seconds": ("When the newest run began, in seconds since 1970.", "seconds"),
    "regress_run_commit_timestamp_seconds": ("When the measured commit was made, in seconds since 1970.", "seconds"),
    "regress_run_results": ("How many results of the newest run were measured, failed, skipped.", ""),
    "regress_budget_limit": ("The limit of a budget, in the base unit that the label says.", ""),
    "regress_budget_met": ("Whether the newest run keeps to a limit: 1, 0, NaN where it was not judged.", ""),
    "regress_budget_headroom_ratio": (
        "How far from its limit a figure is, as a share of it; negative beyond.",
        "ratio",
    ),
    "regress_verdicts": ("How many verdicts of each outcome the last check of the newest commit gave.", ""),
    "regress_check_status": ("The exit status of that check.", ""),
    "regress_check_timestamp_seconds": ("When that check was made, in seconds since 1970.", "seconds"),
}
_INFO = "regress_run_info"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """The last check of the newest commit: verdicts by outcome (all outcomes), exit status, when it was made."""

    counts: Mapping[str, int]
    status: float = math.nan
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a project stands.

    runs        oldest first, each without the rows that a newer one replaces
    statistics  of CHOICES
    """

    project: str
    runs: Sequence[tuple[StoredRun, Run]]
    budgets: Sequence[BudgetResult] = ()
    check: CheckCounts | None = None
    statistics: Sequence[str] = (CENTRE,)


@dataclass(slots=True)
class Exposition:
    """Samples by family and labels."""

    families: dict[str, dict[Labels, float]] = field(default_factory=lambda: {name: {} for name in FAMILIES})

    def put(self, family: str, value: float, labels: Mapping[str, str]) -> None:
        """One sample, in place of an earlier one with the same labels."""
        self.families[family][_kept(labels)] = value

    def get(self, family: str, labels: Mapping[str, str], otherwise: float) -> float:
        """The sample with these labels, or another number where there is none."""
        return self.families[family].get(_kept(labels), otherwise)

    def __len__(self) -> int:
        return sum(map(len, self.families.values()))


def _kept(labels: Mapping[str, str]) -> Labels:
    """Labels as they are written. One without a value is left out, as it means the same."""
    return tuple((name, cleaned) for name, text in labels.items() if (cleaned := clean(text)))


def exposition(snapshot: Snapshot) -> Exposition:
    """Everything that is told of a project, in numbers."""
    found = Exposition()
    names = _Names(snapshot)
    for stored, run in snapshot.runs:
        _put_figures(found, names, snapshot.statistics, run)
        _put_run(found, names, stored, run)
    for result in snapshot.budgets:
        _put_budget(found, names, result)
    if snapshot.check:
        _put_check(found, snapshot.project, snapshot.check)
    return found


def prometheus(found: Exposition) -> str:
    """The text of `text/plain; version=0.0.4`."""
    lines: list[str] = []
    for name, samples in found.families.items():
        if samples:
            lines += [f"# HELP {name} {FAMILIES[name][0]}", f"# TYPE {name} gauge", *_samples(name, samples)]
    return "".join(f"{line}\n" for line in lines)


def openmetrics(found: Exposition) -> str:
    """The text of `application/openmetrics-text; version=1.0.0`."""
    lines: list[str] = []
    for name, samples in found.families.items():
        if not samples:
            continue
        about, unit = FAMILIES[name]
        family, kind = (name.removesuffix("_info"), "info") if name == _INFO else (name, "gauge")
        lines += [f"# TYPE {family} {kind}", *([f"# UNIT {family} {unit}"] if unit else []), f"# HELP {family} {about}"]
        lines += _samples(name, samples)
    return "".join(f"{line}\n" for line in (*lines, "# EOF"))


def _samples(name: str, samples: Mapping[Labels, float]) -> list[str]:
    return [f"{name}{_labels(labels)} {_number(samples[labels])}" for labels in sorted(samples)]


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{told}}}" if told else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(float(value))


class _Names:
    """The labels of a project; two environments that people would call the same are told apart."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._project = snapshot.project
        labels: dict[str, set[str]] = {}
        for _, run in snapshot.runs:
            labels.setdefault(clean(run.environment.label), set()).add(run.environment.digest)
        self._shared = {label for label, digests in labels.items() if len(digests) > 1}

    def of(self, suite: str, environment: Environment | None) -> dict[str, str]:
        """What every sample says of where it comes from."""
        label = clean(environment.label) if environment else ""
        if environment and label in self._shared:
            label = f"{label} ({environment.digest[:8]})"
        return {"project": self._project, "suite": suite, "environment": label}

    def of_key(self, key: Key | None, environment: Environment | None) -> dict[str, str]:
        """The same, and the benchmark and metric."""
        if key is None:
            return self.of("", environment)
        labels = self.of(key.benchmark.suite, environment)
        return labels | {"benchmark": key.benchmark.full, "metric": key.metric.name}


def _put_figures(found: Exposition, names: _Names, wanted: Sequence[str], run: Run) -> None:
    chosen = {*STATISTICS, CENTRE, "quantiles"} if ALL in wanted else {*wanted}
    for row, key in enumerate(run.columns.keys):
        figures = {name: float(column[row]) for name, column in run.columns.stats.items()}
        told = {name: figure for name, figure in figures.items() if name in chosen}
        if CENTRE in chosen:
            told[CENTRE] = next(
                (figures[name] for name in CENTRES if figures.get(name, math.nan) == figures.get(name)), math.nan
            )
        if "quantiles" in chosen:
            told |= {f"p{share * 100:g}": figure for share, figure in run.quantiles.get(row, ())}
        labels = names.of_key(key, run.environment)
        family = _BY_UNIT.get(key.metric.unit, _VALUE)
        unit = {"unit": key.metric.unit} if family == _VALUE else {}
        for name, figure in told.items():
            if not math.isfinite(figure):
                continue
            if name in _COUNTS:
                found.put(_COUNTS[name], figure, labels)
            else:
                found.put(family, figure, labels | {"statistic": name} | unit)


def _put_run(found: Exposition, names: _Names, stored: StoredRun, run: Run) -> None:
    """The run itself, once for each of its suites; the newest run of a suite in an environment counts."""
    states = Counter((key.benchmark.suite, "measured") for key in run.columns.keys)
    states.update((gap.key.benchmark.suite, gap.status) for gap in run.gaps)
    info = found.families[_INFO]
    for suite in sorted({suite for suite, _ in states}):
        labels = names.of(suite, run.environment)
        for old in [old for old in info if {*_kept(labels)} <= {*old}]:
            del info[old]
        found.put(_INFO, 1.0, labels | {"commit": run.commit, "branch": run.ref})
        for name, moment in (("run", run.started_at), ("run_commit", stored.committed_at)):
            if moment:
                found.put(f"regress_{name}_timestamp_seconds", moment.timestamp(), labels)
        for state in ("measured", "failed", "skipped"):
            found.put("regress_run_results", float(states[suite, state]), labels | {"state": state})


def _put_budget(found: Exposition, names: _Names, result: BudgetResult) -> None:
    limit, budget = result.limit, result.budget
    labels = names.of_key(result.key, result.environment)
    labels |= {"limit": limit.text, "requirement": budget.requirement}
    unit = limit.unit or (result.key.metric.unit if result.key else "")
    met = {BudgetState.BREACHED: 0.0, BudgetState.UNJUDGED: math.nan}.get(result.state, 1.0)
    before = found.get("regress_budget_met", labels, 1.0)
    # The same limit may stand in two budgets: broken goes before not judged, and that before met.
    worst = 0.0 if 0.0 in (before, met) else math.nan if math.isnan(before) or math.isnan(met) else 1.0
    found.put("regress_budget_met", worst, labels)
    found.put("regress_budget_limit", limit.value, labels | {"unit": unit})
    found.put("regress_budget_headroom_ratio", result.headroom, labels)


def _put_check(found: Exposition, project: str, check: CheckCounts) -> None:
    for outcome, count in check.counts.items():
        found.put("regress_verdicts", float(count), {"project": project, "outcome": outcome})
    if math.isfinite(check.status):
        found.put("regress_check_status", check.status, {"project": project})
    if check.created_at:
        found.put("regress_check_timestamp_seconds", check.created_at.timestamp(), {"project": project})
