"""Breaks each input in turn and must see the outcome and the status that the manual states.

A run of the project's baseline, cut to a few benchmarks under a failing rule, stands for what CI measures; what is
broken is a copy of it. Each case has a history of two commits of its own. Where the project has no run yet, a made-up
one serves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ... import config
from ...errors import ConfigError, InputError, RegressError, UncomparedError
from ...formats import ReadOptions
from ...formats.bundle import dump
from ...judge.rules import Rules
from ...judge.verdict import OK, UNCOMPARED, UNREADABLE, USAGE, WORSE
from ...model import (
    TIME,
    Action,
    Benchmark,
    Columns,
    CommitGraph,
    Direction,
    Environment,
    Key,
    Kind,
    Outcome,
    Run,
    Source,
    presented,
)
from ...report.doctor import Line, Section, State
from ..check import CheckRequest, check
from ..context import Workspace
from .scratch import Patient, Scratch, prepare

#: Benchmarks of the copy: as many as show an outcome.
_MOST_ROWS = 12
_BASE, _HEAD = "d0c" * 13 + "0", "d0c" * 13 + "1"
_GRAPH = CommitGraph({_BASE: (), _HEAD: (_BASE,)})


class _UnseenError(Exception):
    """A case that did not come out as stated; the text says what came instead."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One way to break an input: what is stated, and what tries it (it raises _UnseenError where that is not so)."""

    name: str
    stated: str
    tries: Callable[[], None]


def lines(patient: Patient, specimen: Run | None, folder: Path) -> list[Line]:
    """A line for each broken input."""
    run = _specimen(patient, specimen)
    if run is None:
        hint = 'let at least one benchmark have action = "fail"'
        what = "not tried: no benchmark of the newest run is under a failing rule"
        return [Line(Section.INPUTS, "broken inputs", State.WARNING, what, hint)]
    bench = _Bench(patient, run, folder)
    return [_line(case) for case in bench.cases()]


def _line(case: _Case) -> Line:
    try:
        case.tries()
    except _UnseenError as unseen:
        hint = "do not rely on the gate here, and report it"
        return Line(Section.INPUTS, case.name, State.FAULT, f"stated: {case.stated}; seen: {unseen}", hint)
    except RegressError as error:
        hint = "do not rely on the gate here, and report it"
        return Line(Section.INPUTS, case.name, State.FAULT, f"stated: {case.stated}; seen: {error}", hint)
    return Line(Section.INPUTS, case.name, State.OK, case.stated)


def _specimen(patient: Patient, run: Run | None) -> Run | None:
    """A small run of at least two benchmarks that may fail a check; None where no rule lets any fail."""
    source = run or _made_up()
    rules = Rules(patient.config.rules)
    shown = presented(source, patient.present)

    def may_fail(key: Key) -> bool:
        judged = key.metric.direction is not Direction.UNKNOWN
        return judged and rules.policy(key, source.environment, source.tags).action is Action.FAIL

    rows = [row for row, key in enumerate(shown.columns.keys) if may_fail(key)][:_MOST_ROWS]
    if not rows:
        return None
    columns = _versioned(source.columns.take(rows))
    if len(rows) == 1:
        columns = _doubled(columns)
    now = datetime.now(UTC)
    return Run(
        _BASE, source.environment, Source("copy", "bundle", source.source.tool), columns, started_at=now, ended_at=now,
        level=source.level, tags=source.tags, committed_at=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def _versioned(columns: Columns) -> Columns:
    """The same with a version of the source for every benchmark, so that it can change."""
    keys = tuple(_with_version(key, key.benchmark.version or "1") for key in columns.keys)
    return Columns(keys, columns.stats)


def _with_version(key: Key, version: str) -> Key:
    """The same key for another source of the benchmark."""
    return Key(replace(key.benchmark, version=version), key.metric)


def _doubled(columns: Columns) -> Columns:
    """One row as two: a benchmark can only vanish beside another one."""
    benchmark = columns.keys[0].benchmark
    twin = Key(replace(benchmark, variant=benchmark.variant + "[copy]"), columns.keys[0].metric)
    return Columns((*columns.keys, twin), {name: np.repeat(column, 2) for name, column in columns.stats.items()})


def _made_up() -> Run:
    """A run for a project that has none yet."""
    keys = tuple(Key(Benchmark("pytest-benchmark", f"test_doctor.py::test_{name}"), TIME) for name in ("one", "two"))
    stats = {name: np.array([1e-3, 2e-3]) for name in ("min", "median", "mean")}
    environment = Environment.of({"system": "Linux", "python": "CPython"}, {"cpu": "a CPU", "cores": "2"})
    return Run(_BASE, environment, Source("copy", "bundle"), Columns(keys, stats))


class _Bench:
    """Two commits, the specimen measured at the first one, and the ways to break what comes at the second."""

    def __init__(self, patient: Patient, run: Run, folder: Path) -> None:
        self.patient, self.base = patient, run
        self.head = replace(run, commit=_HEAD, committed_at=datetime(2020, 1, 2, tzinfo=UTC))
        # Budgets are about the figures themselves, which are not what is tried here.
        settings = replace(patient.config, budgets=(), against="merge-base", branch=None, database=None)
        self.measured, self.empty = (
            Scratch(folder / name, patient.root, settings) for name in ("measured.db", "empty.db")
        )
        prepare(self.measured.path, _GRAPH, [run])
        prepare(self.empty.path, _GRAPH, [])

    def cases(self) -> Iterator[_Case]:
        """All of them; those for noisy metrics alone only where there is one."""
        yield _Case("truncated file", f"unreadable, nothing is stored; {UNREADABLE}", self.truncated)
        yield _Case(
            "empty result",
            f"no benchmarks: unreadable, {UNREADABLE}; a check of it ends with {UNCOMPARED}",
            self.nothing,
        )
        yield _Case("null and NaN", f"failed, {WORSE}", self.nulls)
        yield _Case("vanished benchmark", f"missing, {WORSE}", self.vanished)
        yield _Case("wrong environment", f"nothing comparable, {UNCOMPARED}", self.elsewhere)
        if any(self._noisy(key) for key in self.base.columns.keys):
            yield _Case("another processor", f"incomparable, {UNCOMPARED}", self.processor)
        yield _Case("changed benchmark", f"incomparable, {UNCOMPARED}", self.changed)
        yield _Case("unknown key", f"wrong configuration, {USAGE}", self.misspelt)
        yield _Case("no baseline", f"first run recorded, {OK}; {UNCOMPARED} under --require-baseline", self.first)

    def _noisy(self, key: Key) -> bool:
        shown = self.patient.present(key).key if self.patient.present else key
        policy = Rules(self.patient.config.rules).policy(shown, self.base.environment, self.base.tags)
        return shown.metric.kind is Kind.NOISY and not policy.across

    def _workspace(self, name: str) -> Workspace:
        place = self.measured.path.with_name(f"{name}.db")
        return Workspace(self.patient.root, self.measured.config, None, str(place))

    def truncated(self) -> None:
        """Half of a file."""
        content = dump(self.head)
        with self._workspace("truncated") as workspace:
            done = self.measured.read(workspace, content[: len(content) // 2])
            _expect(bool(done.bad), f"{done.total('runs')} runs were read without a complaint")
            _expect(not workspace.history.runs(), "a part of it was stored")
        _expect(InputError.status == UNREADABLE, f"status {InputError.status}")

    def nothing(self) -> None:
        """A file of pytest-benchmark without any benchmark, and a check of its commit."""
        with self._workspace("nothing") as workspace:
            done = self.measured.read(workspace, _document(self.head, []))
            _expect(bool(done.bad) and not workspace.history.runs(), "it was read without a complaint")
        try:
            report = self.measured.trial([], _HEAD)
        except UncomparedError:
            return
        raise _UnseenError(f"the check ended with {report.status}")

    def nulls(self) -> None:
        """A result whose figures are null and NaN, beside a whole one."""
        full, suite = "test_doctor.py::test_null", self.base.columns.keys[0].benchmark.suite
        rules = Rules(self.measured.config.rules)
        with self._workspace("nulls") as workspace:
            options = ReadOptions(format="pytest-benchmark", suite=suite)
            for run, figure in ((self.base, 1e-3), (self.head, None), (self.head, float("nan"))):
                content = _document(run, [("test_doctor.py::test_whole", 1e-3), (full, figure)])
                done = self.measured.read(workspace, content, options)
                _expect(not done.bad, str(done.bad[:1]))
            (stored,) = {run.id: run for run in workspace.history.runs(commits=[_HEAD])[-1:]}.values()
            _expect(stored.failed == 1, f"{stored.failed} failed")
            report = check(workspace, CheckRequest(commit=_HEAD, fork=False))
        verdict = next((v for v in report.verdicts if v.comparison.key.benchmark.full == full), None)
        key = Key(Benchmark(suite, full), TIME)
        failing = rules.policy(key, stored.environment).action is Action.FAIL
        if failing:
            _expect(
                verdict is not None and verdict.outcome is Outcome.FAILED,
                f"{verdict.outcome if verdict else 'nothing'}",
            )
            _expect(report.status == WORSE, f"status {report.status}")

    def vanished(self) -> None:
        """One benchmark fewer than the baseline has."""
        gone = self.head.columns.keys[0]
        rows = [row for row, key in enumerate(self.head.columns.keys) if key.unversioned != gone.unversioned]
        self._check(self._with(self.head.columns.take(rows)), Outcome.MISSING, WORSE)

    def elsewhere(self) -> None:
        """The same figures from a machine of another name."""
        environment = Environment.of(dict(self.head.environment.key) | {"env.doctor": "elsewhere"})
        report = self.measured.trial([replace(self.head, environment=environment)], _HEAD)
        _expect(report.status == UNCOMPARED, f"status {report.status}: {report.headline}")

    def processor(self) -> None:
        """The same figures from another processor."""
        here = self.head.environment
        base, head = (
            Environment.of(dict(here.key), dict(here.facts) | {"cpu": cpu}) for cpu in ("the baseline's", "another")
        )
        kept = [row for row, key in enumerate(self.head.columns.keys) if self._noisy(key)]
        columns = self.head.columns.take(kept)
        measured = replace(self.measured, path=self.measured.path.with_name("processor.db"))
        prepare(measured.path, _GRAPH, [replace(self.base, environment=base, columns=columns)])
        report = measured.trial([replace(self.head, environment=head, columns=columns)], _HEAD)
        _outcome(report.verdicts, Outcome.INCOMPARABLE)
        _expect(report.status == UNCOMPARED, f"status {report.status}: {report.headline}")

    def changed(self) -> None:
        """Every benchmark with another source."""
        keys = tuple(_with_version(key, key.benchmark.version + "'") for key in self.head.columns.keys)
        self._check(self._with(Columns(keys, self.head.columns.stats)), Outcome.INCOMPARABLE, UNCOMPARED)

    def misspelt(self) -> None:
        """The project's own configuration with one more key that nobody knows."""
        path = self.patient.config.path
        name = path.name if path else config.OWN
        before = path.read_text(encoding="utf-8") if path and path.exists() else ""
        table = "tool.regress.rule" if name == config.SHARED else "rule"
        text = f'{before}\n[[{table}]]\nrelativ = "5%"\n'
        try:
            config.load_with({name: text}.get, self.patient.root)
        except ConfigError as error:
            _expect("relativ" in str(error) and error.status == USAGE, str(error))
            return
        raise _UnseenError("it was taken without a complaint")

    def first(self) -> None:
        """The first run of all."""
        for strict, wanted in ((False, OK), (True, UNCOMPARED)):
            report = self.empty.trial([self.head], _HEAD, require_baseline=strict)
            _expect(report.status == wanted, f"status {report.status}: {report.headline}")
            _expect(report.headline.startswith("first run recorded"), report.headline)

    def _with(self, columns: Columns) -> Run:
        return replace(self.head, columns=columns)

    def _check(self, run: Run, outcome: Outcome, status: int) -> None:
        report = self.measured.trial([run], _HEAD)
        _outcome(report.verdicts, outcome)
        _expect(report.status == status, f"status {report.status}: {report.headline}")


def _outcome(verdicts: Sequence[object], outcome: Outcome) -> None:
    seen = sorted({str(getattr(verdict, "outcome", "")) for verdict in verdicts})
    _expect(outcome in seen, ", ".join(seen) or "no verdict")


def _expect(holds: bool, seen: str) -> None:
    if not holds:
        raise _UnseenError(seen)


def _document(run: Run, figures: Sequence[tuple[str, float | None]]) -> str:
    """A file as pytest-benchmark writes it; a figure that is None or NaN stands in it as null or NaN."""
    names = ("min", "max", "mean", "median", "q1", "q3", "stddev")
    return json.dumps({
        "machine_info": {
            "system": "Linux", "machine": "x86_64", "python_version": "3.12.0", "python_implementation": "CPython",
        },
        "commit_info": {"id": run.commit, "dirty": False, "branch": "main", "time": "2020-01-01T00:00:00+00:00"},
        "benchmarks": [
            {"name": name, "fullname": name, "stats": {**dict.fromkeys(names, figure), "rounds": 5, "iterations": 1}}
            for name, figure in figures
        ],
        "datetime": datetime.now(UTC).isoformat(),
        "version": "5.1.0",
    })  # fmt: skip
