"""What is searched for: one metric of one benchmark, what is stored of it, and the suite that can measure it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import UsageError
from ...model import TIME, Cause, Environment, Key, Kind, Metric, Run, Series, StoredRun, SuiteSpec
from ...suites import SUITES, suite_of
from ..acknowledgements import known_cause
from ..measure import benchmark_named, spec_of
from ..sides import PARTIAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..context import Workspace

#: Which figure is searched by, the first that a run has: the least noisy ones first, as in a check.
_FIGURES = ("min", "median", "value", "mean", "q1", "q3", "max")
#: An id of a cause or the beginning of one; git's own hashes are as long as people make them.
_ID = re.compile(r"[0-9a-fA-F]{4,8}")


@dataclass(frozen=True, slots=True)
class Figure:
    """One run's figure of the subject: which group of comparable runs it belongs to, and whether we measured it."""

    run: StoredRun
    value: float
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One metric of one benchmark.

    key      as it was measured last, else as it would be named
    spec     the suite that measures it
    file     the benchmark's file in the present checkout, None where that is not known; source: a digest of it
    series   what is stored of it, one series an environment and version
    """

    key: Key
    spec: SuiteSpec
    file: Path | None
    source: str
    series: tuple[Series, ...]

    @property
    def full(self) -> str:
        """The benchmark's full name."""
        return self.key.benchmark.full

    @property
    def tags(self) -> tuple[str, ...]:
        """The labels of the runs that a search makes: what it is, which source of the benchmark it ran, what on."""
        source = (f"benchmark:{self.source}",) if self.source else ()
        return (PARTIAL, *source, *self._installed)

    @property
    def _installed(self) -> tuple[str, ...]:
        """A label for the way that the package is installed; none where it is imported by its path."""
        if self.spec.environment != "venv":
            return ()
        words = repr(self.spec.install).encode("utf-8", "surrogatepass")
        return (f"installed:{hashlib.sha256(words).hexdigest()[:12]}",)

    @property
    def kind(self) -> Kind:
        """Whether the metric is noisy or exact."""
        return self.key.metric.kind

    def in_run(self, run: Run) -> tuple[Key, float, str] | None:
        """The key, the figure and the group in a run that was just measured; None where it holds none."""
        for row, key in enumerate(run.columns.keys):
            if key.unversioned == self.key.unversioned:
                stats = run.columns.result(row).stats
                name = next((name for name in _FIGURES if name in stats), None)
                if name is not None:
                    return key, stats[name], group_of(run.environment, key, name)
        return None

    def stored(self, runs: Iterable[StoredRun]) -> Iterator[Figure]:
        """The figures of those of the runs whose benchmark was the present one, as far as that is known."""
        by_id = {run.id: run for run in runs}
        for series in self.series:
            name = next((name for name in _FIGURES if name in series.stats), None)
            if name is None:
                continue
            for run_id, value in zip(series.run_ids.tolist(), series.stats[name].tolist(), strict=True):
                run = by_id.get(run_id)
                if run is not None and value > 0 and self.is_present(run):
                    yield Figure(run, value, group_of(run.environment, series.key, name))

    def failures(self, runs: Iterable[StoredRun]) -> Iterator[tuple[StoredRun, str]]:
        """The runs of earlier searches in which the benchmark could not be measured, with the reason."""
        by_id = {run.id: run for run in runs if PARTIAL in run.tags and self.is_present(run)}
        for series in self.series:
            for run_id, status, reason in series.gaps:
                if status == "failed" and run_id in by_id:
                    yield by_id[run_id], reason

    def is_present(self, run: StoredRun) -> bool:
        """Whether an earlier search's run ran the benchmark's present source, installed as now; others do not say.

        What cannot be imported by its path may be once it is installed: that failure is none any more.
        """
        if PARTIAL in run.tags and tuple(tag for tag in run.tags if tag.startswith("installed:")) != self._installed:
            return False
        labels = [tag for tag in run.tags if tag.startswith("benchmark:")]
        return not (PARTIAL in run.tags and labels and self.source) or f"benchmark:{self.source}" in labels

    def values(self) -> NDArray[np.float64]:
        """The figures of the longest series, oldest first: what the noise is learned from."""
        longest = max(self.series, key=len, default=None)
        if longest is None or not len(longest):
            return np.array([], dtype=np.float64)
        name = next((name for name in _FIGURES if name in longest.stats), None)
        return longest.stats[name] if name else np.array([], dtype=np.float64)


def group_of(environment: Environment, key: Key, figure: str) -> str:
    """A name for the runs that share their levels: the same machine with the same facts, version and figure."""
    text = repr((environment.digest, environment.facts, key.benchmark.version, figure))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def find(workspace: Workspace, name: str, metric: str | None) -> Subject:
    """The subject that a name means. Raises UsageError where it means none, several, or nothing can measure it."""
    series = _stored(workspace, name, metric)
    if series:
        key = series[-1].key
    else:
        key = _unknown(workspace, name, metric)
    spec = spec_of(workspace, key)
    file = suite_of(spec).source(spec, workspace.root, key.benchmark.full)
    source = "" if file is None else hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return Subject(key, spec, file, source, tuple(series))


def cause_named(workspace: Workspace, name: str) -> Cause | None:
    """The cause with this id (or the only one whose id begins so); None where the name is none, or a benchmark's."""
    if not _ID.fullmatch(name) or any(key.benchmark.full == name for key in workspace.history.benchmarks()):
        return None
    cause = known_cause(workspace.history.causes(), name)
    if cause is None:
        hint = "`regress changes` looks for causes and lists them"
        raise UsageError(f"{name!r} is neither a cause nor a benchmark here", hint=hint)
    return cause


def worst_of(workspace: Workspace, cause: Cause, metric: str | None) -> Subject:
    """What a cause hit worst, of that which a suite measures. Raises UsageError where none of it can be measured."""
    changes = [change for change in cause.changes if metric in (None, change.key.metric.name)]
    if not changes:
        named = sorted({change.key.metric.name for change in cause.changes})
        raise UsageError(f"cause {cause.id} has no change of {metric}", hint=f"its metrics: {', '.join(named[:5])}")
    keys = [change.key for change in changes if has_suite(workspace, change.key)]
    if not keys:
        spec_of(workspace, changes[0].key)  # raises: it says what is missing
    return find(workspace, keys[0].benchmark.full, keys[0].metric.name)


def with_present_source(workspace: Workspace, subject: Subject, commits: Collection[str]) -> set[str]:
    """Those of the commits that hold the benchmark's file as it is now; all of them where the file is not known.

    What was measured there with another benchmark says nothing of the package (asv's version of a benchmark tells
    the same, and keeps such runs in a group of their own).
    """
    file, repository = subject.file, workspace.repository
    if file is None or repository is None or not file.resolve().is_relative_to(workspace.root.resolve()):
        return set(commits)
    content = file.read_bytes()
    blob = b"blob %d\0" % len(content) + content
    present = {hashlib.sha1(blob, usedforsecurity=False).hexdigest(), hashlib.sha256(blob).hexdigest()}
    path = file.resolve().relative_to(workspace.root.resolve()).as_posix()
    listed = sorted(commits)
    found = repository.objects(f"{commit}:{path}" for commit in listed)
    return {commit for commit, blob_id in zip(listed, found, strict=True) if blob_id in present}


def _stored(workspace: Workspace, name: str, metric: str | None) -> list[Series]:
    """What is stored of the benchmark, of one metric; [] where it was never measured."""
    found = [s for s in workspace.history.series(benchmark=name) if metric in (None, s.key.metric.name)]
    if not found:
        return []
    exact = [series for series in found if series.key.benchmark.full == name] or found
    names = sorted({series.key.benchmark.full for series in exact})
    if len(names) > 1:
        shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        raise UsageError(f"{name!r} means {len(names)} benchmarks", hint=f"name one with its parameters: {shown}")
    suites = sorted({series.key.benchmark.suite for series in exact})
    if len(suites) > 1:
        raise UsageError(f"{name!r} is in {len(suites)} suites: {', '.join(suites)}", hint="rename one of them")
    metrics = sorted({series.key.metric.name for series in exact})
    wanted = metric or (TIME.name if TIME.name in metrics else metrics[0])
    if metric is None and len(metrics) > 1 and TIME.name not in metrics:
        hint = f"name one with --metric: {', '.join(metrics[:5])}"
        raise UsageError(f"{name!r} has {len(metrics)} metrics", hint=hint)
    return [series for series in exact if series.key.metric.name == wanted]


def _unknown(workspace: Workspace, name: str, metric: str | None) -> Key:
    """A benchmark that the history does not know: its name has to tell which tool runs it."""
    kind = "pytest-benchmark" if ".py::" in name else "asv" if "." in name and "/" not in name else ""
    specs = [spec for spec in workspace.config.suites if spec.kind == kind]
    near = [key.benchmark.full for key in workspace.history.benchmarks() if name in key.benchmark.full]
    if not kind or (near and not specs):
        hint = f"did you mean {near[0]}?" if near else "`regress show COMMIT` lists those that were measured"
        raise UsageError(f"no benchmark {name!r} in the history", hint=hint)
    benchmark = benchmark_named(specs[0].name if specs else kind, name)
    return Key(benchmark, TIME if metric in (None, TIME.name) else Metric(str(metric)))


def has_suite(workspace: Workspace, key: Key) -> bool:
    """Whether something says how to run a benchmark's suite."""
    suite = key.benchmark.suite
    return suite in SUITES or any(suite in (spec.name, spec.kind) for spec in workspace.config.suites)
