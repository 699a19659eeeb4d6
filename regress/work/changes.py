"""The whole history, looked at: series to change points to causes, with ids that stay and what people said of them.

Only what is new is looked at again. Where runs came in at the end of the history, a series whose new points lie within
the noise of its last level is not read at all; where runs came in between, every series is read and those with other
points than the last time are looked at. Another version of the algorithm looks at everything.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ..errors import HistoryError, UncomparedError
from ..judge import causes as judging
from ..judge.changes import Looked, Strand, analysis, extended, fingerprint, look, quiet, strands
from ..judge.timeline import Timeline
from ..model import CENTRES, Analysis, Cause, ChangePoint, ChangeStatus, KnownCause, Run, Series, SeriesName
from ..stats.levels import VERSION
from .accepted import read_accepted
from .executor import executor_for
from .sides import main_runs

if TYPE_CHECKING:
    from ..history import History, Look
    from .context import Workspace

#: Points of the series that are looked at together; so much is in memory at a time, for each process twice.
BATCH_POINTS = 150_000
#: Batches that were given away and have not come back; with more, a fast reader would fill the memory.
MOST_WAITING = 6
#: With more new runs than this, reading every series is quicker than loading the runs.
MANY_RUNS = 30
#: The version of what is made of steps here and in `judge`; another one looks at everything again.
RULES = 1


@dataclass(frozen=True, slots=True)
class Changes:
    """What was found: the causes, newest first; how many series were looked at; what the reader must know."""

    causes: list[Cause]
    looked: int
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Survey:
    """One look at a history while it is made.

    known   what the last look found, as far as it is of any use; stored: the names of all that it left
    new     the runs that came at the end since; None: they came in between, or everything is to be looked at
    fresh, quiet  what this look finds of series; of those whose new points changed nothing
    """

    history: History
    timeline: Timeline
    every_run: bool
    last: Look
    version: str
    known: dict[SeriesName, Analysis]
    stored: set[SeriesName]
    new: tuple[int, ...] | None
    fresh: dict[SeriesName, Analysis] = field(default_factory=dict)
    quiet: dict[SeriesName, Analysis] = field(default_factory=dict)
    gone: set[SeriesName] = field(default_factory=set)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(run.id for run in self.timeline.runs)

    @property
    def unlooked(self) -> int:
        """How many points may have to be looked at."""
        wanted = frozenset(self.ids if self.new is None else self.new)
        return sum(run.points for run in self.timeline.runs if run.id in wanted)

    def series(self, names: Iterable[SeriesName] | None = None) -> Iterator[Series]:
        """The series on the main branch, or those of the given names."""
        runs = None if self.every_run else frozenset(self.ids)
        return self.history.series(runs=runs, names=None if names is None else list(names), detail="centre")

    def changes(self) -> list[ChangePoint]:
        """All change points, in an order that does not depend on how they were found."""
        whole = self.known | self.quiet | self.fresh
        return [change for name in sorted(whole.keys() - self.gone) for change in whole[name].changes]


def find_changes(workspace: Workspace, *, jobs: int | None = None) -> Changes:
    """The causes of all changes on the main branch. Raises UncomparedError where there is no run.

    `jobs`: processes to look with; None: one for each processor where there is much to look at.
    """
    with _uncollected():
        return _find_changes(workspace, jobs)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: a fifth of the time of a short look was spent on records that have none."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _find_changes(workspace: Workspace, jobs: int | None) -> Changes:
    history = workspace.existing_history  # one that is missing says so before anything is learnt
    workspace.learn_commits()
    accepted = read_accepted(workspace.root)
    survey, known = _begun(workspace, history)
    with executor_for(workspace.config, jobs, survey.unlooked) as executor:
        if survey.new is None or len(survey.new) > MANY_RUNS:
            _everything(survey, executor)
        elif survey.new:
            _appended(survey, executor)
    timeline = survey.timeline
    named = judging.name(judging.group(survey.changes(), timeline), known, timeline.commits, datetime.now(UTC))
    warnings = _saved(survey, named.known, known) if survey.new != () else ()
    merged = {one.cause.id: one.merged for one in named.known if one.merged}
    causes = [_dated(accepted.applied(cause, merged), timeline) for cause in named.causes]
    order = timeline.place_of
    causes.sort(key=lambda cause: (-order.get(cause.span.estimate, -1), cause.trend, cause.id))
    return Changes(causes, len(survey.fresh), warnings)


def _begun(workspace: Workspace, history: History) -> tuple[_Survey, list[KnownCause]]:
    """What there is to look at, beside what the last look left."""
    runs = main_runs(workspace)
    timeline = Timeline(runs)
    if not timeline.runs:
        hint = "ingest results first: regress ingest PATH"
        raise UncomparedError("the history holds no run of a commit of the main branch", hint=hint)
    last = history.last_look()
    version = _version(workspace)
    analyses, causes = history.findings()
    valid = last.number > 0 and last.version == version
    every = len(timeline.runs) == history.stats()["runs"]
    survey = _Survey(history, timeline, every, last, version, analyses if valid else {}, set(analyses), None)
    ids = survey.ids
    if valid and ids[: len(last.runs)] == last.runs:
        survey.new = ids[len(last.runs) :]
    return survey, causes


def _saved(survey: _Survey, causes: list[KnownCause], before: list[KnownCause]) -> tuple[str, ...]:
    """Keeps what was found; a warning where that cannot be."""
    from ..history import Found

    old = {one.cause.id: one for one in before}
    found = Found(
        since=survey.last.number,
        version=survey.version,
        runs=survey.ids,
        analyses=list(survey.fresh.values()),
        quiet=list(survey.quiet.values()),
        gone=survey.gone,
        causes=causes,
        unchanged=[one for one in causes if old.get(one.cause.id) == one],
    )
    try:
        survey.history.save_analysis(found)
    except HistoryError as error:
        # A history that can only be read shows its changes all the same.
        return (f"what was found is not kept, so ids may differ the next time: {error}",)
    return ()


def _version(workspace: Workspace) -> str:
    """What decides what a look finds, beside the points: the algorithm, and what the configuration makes of keys."""
    config = workspace.config
    meaning = repr((config.renamed, [replace(spec, origin="") for spec in config.metrics]))
    return f"{VERSION}.{RULES}.{hashlib.blake2b(meaning.encode(), digest_size=4).hexdigest()}"


def _everything(survey: _Survey, executor: Executor | None) -> None:
    """Every series whose points are not those of the last time."""
    seen: set[SeriesName] = set()

    def unknown() -> Iterator[Series]:
        for series in survey.series():
            name = (series.environment.digest, series.key.digest)
            seen.add(name)
            known = survey.known.get(name)
            if known is None or known.fingerprint != fingerprint(series.run_ids):
                yield series

    _look_at(survey, unknown(), executor)
    survey.gone = survey.stored - seen


def _appended(survey: _Survey, executor: Executor | None) -> None:
    """The series that have points of the new runs: those that stay quiet as they are, the others looked at."""
    new = survey.new or ()
    moved = _moved(survey.timeline, len(new))
    points: dict[SeriesName, list[tuple[int, float]]] = {}
    loud: set[SeriesName] = set()
    for run_id, run in zip(new, survey.history.load(new), strict=True):
        environment = run.environment.digest
        names = [(environment, key.digest) for key in run.columns.keys]
        if environment in moved:
            loud.update(names)
        for name, value in zip(names, _centres(run), strict=True):
            points.setdefault(name, []).append((run_id, value))
    for name, came in points.items():
        known = survey.known.get(name)
        age = _age(known, survey.timeline) if known else None
        recent = quiet(known, [value for _, value in came], age) if known and name not in loud else None
        if known is None or recent is None:
            loud.add(name)
            continue
        mark = known.fingerprint
        for run_id, _ in came:
            mark = extended(mark, run_id)
        survey.quiet[name] = replace(known, fingerprint=mark, recent=recent)
    if loud:
        _look_at(survey, survey.series(loud), executor)


def _age(known: Analysis, timeline: Timeline) -> int | None:
    """How many measured commits ago the newest suspected step of a series began; None where there is none."""
    ages = [timeline.age(change) for change in known.changes if change.status is ChangeStatus.SUSPECTED]
    return min(ages, default=None)


def _moved(timeline: Timeline, new: int) -> set[str]:
    """The environments whose new runs were made on another machine than the run before each."""
    last: dict[str, int] = {}
    moved = set()
    for rank, run in enumerate(timeline.runs):
        environment = run.environment.digest
        segment = int(timeline.segment[rank])
        if rank >= len(timeline.runs) - new and last.get(environment) != segment:
            moved.add(environment)
        last[environment] = segment
    return moved


def _centres(run: Run) -> list[float]:
    """The central figure of each row."""
    figures = np.full(len(run.columns), np.nan)
    for name in CENTRES:
        if name in run.columns.stats:
            figures = np.where(np.isnan(figures), run.columns.stats[name], figures)
    return list(figures.tolist())


_Batch = list[tuple[Series, list[Strand]]]


def _look_at(survey: _Survey, series: Iterable[Series], executor: Executor | None) -> None:
    """What a look at each series finds; a few batches are in memory at a time."""

    def take(batch: _Batch, results: Sequence[Looked]) -> None:
        rest = iter(results)
        for one, parts in batch:
            made = analysis(one, survey.timeline, parts, [next(rest) for _ in parts])
            survey.fresh[made.series] = made

    waiting: list[tuple[_Batch, Future[list[Looked]]]] = []
    for batch in _batches(series, survey.timeline):
        sheets = [strand.sheet for _, parts in batch for strand in parts]
        if executor is None:
            take(batch, look(sheets))
            continue
        waiting.append((batch, executor.submit(look, sheets)))
        if len(waiting) > MOST_WAITING:
            first, future = waiting.pop(0)
            take(first, future.result())
    for batch, future in waiting:
        take(batch, future.result())


def _batches(series: Iterable[Series], timeline: Timeline) -> Iterator[_Batch]:
    batch: _Batch = []
    points = 0
    for one in series:
        batch.append((one, strands(one, timeline)))
        points += len(one)
        if points >= BATCH_POINTS:
            yield batch
            batch, points = [], 0
    if batch:
        yield batch


def _dated(cause: Cause, timeline: Timeline) -> Cause:
    place = timeline.place_of.get(cause.span.estimate)
    return cause if place is None else replace(cause, when=timeline.date(place))
