"""What a history holds as columns of equal length, for data frames: series, points, runs, a comparison.

Columns are NumPy arrays: of texts (object), of figures (float64), of whole numbers (int64), of yes and no (bool), and
of moments in UTC (datetime64[us]).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UncomparedError
from ..model import CENTRES, STATISTICS, Environment, Key, Series, StoredRun
from .check import compare
from .export import Selection, test_of
from .sides import main_runs, side_of
from .site_scope import SiteRequest, within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .context import Workspace

Frame = dict[str, "NDArray[Any]"]


def runs_of(workspace: Workspace, selection: Selection, *, everything: bool) -> list[StoredRun]:
    """The runs that are looked at, in the order of the history: those of the main branch, or every one."""
    stored = workspace.existing_history.runs() if everything else main_runs(workspace)
    if not stored:
        hint = "ingest results first: regress ingest PATH"
        raise UncomparedError("the history holds no run", where=workspace.existing_history.url, hint=hint)
    return within(workspace, stored, SiteRequest(environments=selection.environments, since=selection.since))


def series_of(workspace: Workspace, selection: Selection, runs: Sequence[StoredRun]) -> list[Series]:
    """The series that fit, with the points that lie in the runs; UsageError where no benchmark fits."""
    test = test_of(workspace, selection)
    history = workspace.existing_history
    names = None
    if test is not None:
        names = [(environment.digest, key.digest) for key, environment in history.series_names() if test(key)]
    return list(history.series(runs={run.id for run in runs}, names=names))


def series_frame(series: Iterable[Series]) -> Frame:
    """A row a series: what it is about, how many points it has, how often it failed or was skipped."""
    listed = list(series)
    gaps = [[status for _, status, _ in each.gaps] for each in listed]
    counts = {"points": list(map(len, listed))}
    counts |= {status: [found.count(status) for found in gaps] for status in ("failed", "skipped")}
    whole = {name: np.array(found, dtype=np.int64) for name, found in counts.items()}
    return _about([(each.key, each.environment) for each in listed]) | whole


def point_frame(series: Sequence[Series], runs: Sequence[StoredRun]) -> Frame:
    """A row a point, series by series in the order of the history.

    position   the place of the commit among the measured ones of these runs, from 0
    date       of the commit where that is known, else of the measurement
    centre     the median, else the value, the mean, the minimum; behind it the statistics that any point has
    """
    place_of = {order: place for place, order in enumerate(dict.fromkeys((run.order, run.commit) for run in runs))}
    index = {run.id: row for row, run in enumerate(runs)}
    rows = np.array([index[run_id] for each in series for run_id in each.run_ids.tolist()], dtype=np.intp)
    sizes = list(map(len, series))
    frame = {
        name: np.repeat(column, sizes) for name, column in _about([(s.key, s.environment) for s in series]).items()
    }
    places = np.array([place_of[run.order, run.commit] for run in runs], dtype=np.int64)
    frame["position"] = places[rows]
    frame |= {name: column[rows] for name, column in _run_columns(runs).items() if name in ("commit", "date", "run")}
    named = [name for name in STATISTICS if any(name in each.stats for each in series)]
    frame["centre"] = _joined([_centre(each) for each in series])
    return frame | {name: _joined([_statistic(each, name) for each in series]) for name in named}


def run_frame(runs: Sequence[StoredRun]) -> Frame:
    """A row a run, in the order of the history."""
    return _run_columns(runs)


def comparison_frame(workspace: Workspace, one: str, other: str) -> Frame:
    """A row a benchmark and metric of two sides (commits, tags, baselines, files, run:ID), as `compare` judges them."""
    verdicts = compare(workspace, side_of(workspace, one), side_of(workspace, other)).verdicts
    facts = [verdict.comparison for verdict in verdicts]
    return _about([(fact.key, fact.environment) for fact in facts]) | {
        "statistic": _texts(fact.statistic for fact in facts),
        "base": _figures(fact.base.value for fact in facts),
        "candidate": _figures(fact.candidate.value for fact in facts),
        "change": _figures(fact.change for fact in facts),
        "noise": _figures(fact.noise for fact in facts),
        "outcome": _texts(verdict.outcome.value for verdict in verdicts),
        "reason": _texts(verdict.reason for verdict in verdicts),
    }


def _about(places: Collection[tuple[Key, Environment]]) -> Frame:
    """What series are about, a row each."""
    columns: dict[str, Callable[[Key, Environment], str]] = {
        "suite": lambda key, _: key.benchmark.suite,
        "benchmark": lambda key, _: key.benchmark.full,
        "metric": lambda key, _: key.metric.name,
        "unit": lambda key, _: key.metric.unit,
        "direction": lambda key, _: key.metric.direction.value,
        "kind": lambda key, _: key.metric.kind.value,
        "environment": lambda _, environment: environment.label,
    }
    return {name: _texts(told(*place) for place in places) for name, told in columns.items()}


def _run_columns(runs: Sequence[StoredRun]) -> Frame:
    columns: Frame = {
        "run": _texts(run.digest for run in runs),
        "commit": _texts(run.commit for run in runs),
        "date": _moments(run.moment for run in runs),
        "subject": _texts(run.subject for run in runs),
        "branch": _texts(run.ref for run in runs),
        "environment": _texts(run.environment.label for run in runs),
        "suites": _texts(", ".join(run.suites) for run in runs),
        "started_at": _moments(run.started_at for run in runs),
        "dirty": np.array([run.dirty for run in runs], dtype=np.bool_),
        "tags": _texts(", ".join(run.tags) for run in runs),
    }
    for name in ("points", "failed", "skipped"):
        columns[name] = np.array([getattr(run, name) for run in runs], dtype=np.int64)
    facts = sorted({name for run in runs for name, _ in run.environment.facts})
    return columns | {f"fact.{name}": _texts(run.environment.fact(name) for run in runs) for name in facts}


def _centre(series: Series) -> NDArray[np.float64]:
    """The best figure of each point: runs of one series may hold different ones."""
    found = np.full(len(series), np.nan)
    for name in CENTRES:
        found = np.where(np.isnan(found), _statistic(series, name), found)
    return found


def _statistic(series: Series, name: str) -> NDArray[np.float64]:
    return series.stats[name] if len(series) and name in series.stats else np.full(len(series), np.nan)


def _joined(columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate(columns) if columns else np.empty(0)


def _texts(values: Iterable[str]) -> NDArray[Any]:
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _figures(values: Iterable[float]) -> NDArray[np.float64]:
    return np.array(list(values), dtype=np.float64)


def _moments(values: Iterable[datetime | None]) -> NDArray[Any]:
    naive = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
    return np.array(naive, dtype="datetime64[us]")
