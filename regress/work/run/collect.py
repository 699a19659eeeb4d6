"""Results of a suite -> runs of a commit -> the history."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from ...formats import Document, documents, read
from ...model import PART, Bad, Benchmark, Columns, Commit, Environment, Key, Metric, Run, Source, SuiteSpec, braced
from ...suites import Measured, Selection
from ..ingest import options_of
from ..measure import completed

if TYPE_CHECKING:
    from ..context import Workspace


@dataclass(frozen=True, slots=True)
class Measuring:
    """What every run of one call is filed under: the commit, its branch, when it was made; a pull request's tip."""

    commit: Commit
    branch: str
    dirty: bool
    started_at: datetime
    ended_at: datetime
    head: str = ""


@dataclass
class Collected:
    """What the results of one call held: the runs as they were stored, and what could not be read."""

    runs: list[Run] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def collect(
    workspace: Workspace, spec: SuiteSpec, measured: Measured, measuring: Measuring, selection: Selection
) -> Collected:
    """The runs in what a suite left, filed under the commit; what is at fault does not stop the rest."""
    found = Collected()
    options = options_of(workspace, spec)
    for document in documents([str(path) for path in measured.results]):
        for item in read(document, options) if isinstance(document, Document) else [document]:
            if isinstance(item, Run):
                found.runs.append(item)
                found.warnings += item.warnings
            else:
                found.bad.append(item)
    failed = [(name, reason) for name, reason in measured.failed if selection.fits(name.partition("[")[0], name)]
    runs = completed([_selected(run, selection) for run in found.runs], failed, spec)
    facts = recorded_variables(workspace)
    found.runs = [_filed(run, spec, measuring, selection, facts) for run in runs]
    return found


def store(workspace: Workspace, runs: Iterable[Run]) -> int:
    """Records runs with their commits; how many of them were new."""
    listed = list(runs)
    if not listed:
        return 0
    workspace.learn_commits({run.commit for run in listed})
    return sum(not record.known for record in workspace.history.record(listed))


def recorded_variables(workspace: Workspace) -> dict[str, str]:
    """The variables that the configuration lets be stored, as facts."""
    return {f"env.{name}": text for name in workspace.config.record_env if (text := os.environ.get(name))}


def with_figures(
    runs: Sequence[Run], spec: SuiteSpec, figures: Sequence[tuple[Metric, float]], name: str = ""
) -> list[Run]:
    """The runs, the first of them with what was sampled while the suite ran, filed as the benchmark `name`.

    `name` is "" for the suite's own name. `figures` are in base units. Without a run there is nothing that they could
    be filed with.
    """
    kept = [(metric, value) for metric, value in figures if np.isfinite(value)]
    if not runs or not kept:
        return list(runs)
    first = runs[0]
    # Under the suite's workload like all else of it: the memory of ten users is none of fifty.
    benchmark = Benchmark(spec.name, name or spec.name, braced(spec.params), params=spec.params)
    keys = tuple(Key(benchmark, metric) for metric, _ in kept)
    old, count = first.columns, len(first.columns)
    empty = np.full(len(kept), np.nan)
    stats = {name: np.concatenate([column, empty]) for name, column in old.stats.items()}
    before = old.stats.get("value", np.full(count, np.nan))
    stats["value"] = np.concatenate([before, np.array([value for _, value in kept])])
    whole = replace(first, columns=Columns((*old.keys, *keys), stats))
    return [whole, *runs[1:]]


def _selected(run: Run, selection: Selection) -> Run:
    """A run without what was not selected, as far as names tell: a tool may put down what it left out as skipped."""
    if not selection:
        return run

    def fits(key: Key) -> bool:
        return selection.fits(key.benchmark.name, key.benchmark.full)

    rows = [row for row, key in enumerate(run.columns.keys) if fits(key)]
    gaps = tuple(gap for gap in run.gaps if fits(gap.key))
    if len(rows) == len(run.columns):
        return replace(run, gaps=gaps)
    place = {old: new for new, old in enumerate(rows)}
    return replace(
        run, columns=run.columns.take(rows), gaps=gaps,
        samples={place[row]: values for row, values in run.samples.items() if row in place},
        quantiles={place[row]: pairs for row, pairs in run.quantiles.items() if row in place},
        attachments={place[row]: text for row, text in run.attachments.items() if row in place},
        cell_times=None if run.cell_times is None else run.cell_times[rows],
    )  # fmt: skip


def _filed(run: Run, spec: SuiteSpec, measuring: Measuring, selection: Selection, facts: dict[str, str]) -> Run:
    environment = run.environment
    if not environment.key:
        environment = Environment.of(_present_key(), {}, platform.node())
    if facts:
        environment = Environment.of(dict(environment.key), dict(environment.facts) | facts, environment.host)
    source = run.source
    tags = dict.fromkeys((*run.tags, *spec.tags, *([PART] if selection else [])))
    return replace(
        run, commit=measuring.commit.hash, head=measuring.head, ref=measuring.branch, dirty=measuring.dirty,
        growing=False, environment=environment, started_at=run.started_at or measuring.started_at,
        ended_at=run.ended_at or measuring.ended_at, committed_at=measuring.commit.committed_at, tags=tuple(tags),
        source=Source(f"regress run {spec.name}", source.format, source.tool, source.tool_version),
    )  # fmt: skip


def _present_key() -> dict[str, str]:
    """Where this is, for results that do not say it."""
    return {"system": platform.system(), "arch": platform.machine()}
