"""What the newest runs tell of each series: whether it ended, under which name it may go on, whether it ever moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np

from ...history import History
from ...model import Direction, Kind, Series, StoredRun
from ...report.doctor import Line, Section, State
from .plant import named
from .scratch import Patient

#: So many of the newest runs are looked through.
_MOST_RUNS = 150
#: Two names are alike from here on, 1 being the same (the share of what they have in common).
_ALIKE = 0.6
#: A series that says the same in so many runs is not noisy.
_CONSTANT = 10

_Place = tuple[str, str]
"""Environment digest and suite."""


@dataclass(slots=True)
class _Life:
    """A benchmark's first and last run, as places among the runs of its suite and environment; its variants."""

    first: int
    last: int
    variants: set[str] = field(default_factory=set)


def lines(patient: Patient) -> list[Line]:
    """Ended benchmarks and the new ones that look like them, and noisy series that are constant."""
    if not patient.runs:
        return []
    recent = patient.runs[-_MOST_RUNS:]
    order: defaultdict[_Place, dict[int, int]] = defaultdict(dict)
    for run in recent:
        for suite in run.suites:
            order[run.environment.digest, suite][run.id] = len(order[run.environment.digest, suite])
    lives: defaultdict[_Place, dict[str, _Life]] = defaultdict(dict)
    still: defaultdict[str, list[str]] = defaultdict(list)
    moving: set[str] = set()
    for series in patient.existing_history.series(runs=[run.id for run in recent], detail="centre"):
        _note(series, order, lives)
        if series.key.metric.kind is Kind.NOISY and len(series) >= _CONSTANT:
            if np.ptp(series.centre) == 0:
                still[series.key.metric.name].append(series.key.benchmark.full)
            else:
                moving.add(series.key.metric.name)
    by_id = {run.id: run for run in recent}
    _note_failures(patient, order, by_id, lives)
    ended = [line for place in sorted(lives) for line in _ended(lives[place], order[place], by_id)]
    constant = list(_still(patient, still, moving))
    return [
        *(ended or [_line("ended series", State.OK, "every benchmark of late is still measured")]),
        *(constant or [_line("constant series", State.OK, "no noisy series says the same in every run")]),
    ]


def _note(series: Series, order: Mapping[_Place, Mapping[int, int]], lives: Mapping[_Place, dict[str, _Life]]) -> None:
    benchmark = series.key.benchmark
    place = series.environment.digest, benchmark.suite
    ranks = order.get(place, {})
    there = [ranks[run] for run in series.run_ids.tolist() if run in ranks]
    if not there:
        return
    known = lives[place].get(benchmark.name)
    if known is None:
        known = lives[place][benchmark.name] = _Life(min(there), max(there))
    known.first, known.last = min(known.first, *there), max(known.last, *there)
    known.variants.add(benchmark.variant)


def _note_failures(
    patient: Patient,
    order: Mapping[_Place, Mapping[int, int]],
    runs: Mapping[int, StoredRun],
    lives: Mapping[_Place, dict[str, _Life]],
) -> None:
    """A benchmark that failed or was skipped in the newest run is still there: series by their centres do not say."""
    last = {list(ranks)[-1] for ranks in order.values()}
    ids = sorted(run_id for run_id in last if runs[run_id].failed or runs[run_id].skipped)
    for run_id, run in zip(ids, patient.existing_history.load(ids), strict=True):
        for gap in run.gaps:
            place = run.environment.digest, gap.key.benchmark.suite
            life = lives[place].get(gap.key.benchmark.name)
            if life is not None:
                life.last = order[place][run_id]


def _ended(lives: Mapping[str, _Life], order: Mapping[int, int], runs: Mapping[int, StoredRun]) -> Iterator[Line]:
    """Of one suite in one environment: pairs of an ended and a new benchmark, and what ended without any."""
    by_rank = [runs[run_id] for run_id in order]
    newest = by_rank[-1].commit
    ended = {name: life for name, life in lives.items() if by_rank[life.last].commit != newest}
    fresh = {name: life for name, life in lives.items() if life.first > 0 and name not in ended}
    chances = sorted(
        ((_alike(old, new), old, new) for old, life in ended.items() for new, later in fresh.items()
         if _follows(life, later, by_rank)),
        reverse=True,
    )  # fmt: skip
    taken: set[str] = set()
    pairs = []
    for share, old, new in chances:
        if share >= _ALIKE and old not in taken and new not in taken:
            taken |= {old, new}
            pairs.append((old, new))
    for old, new in sorted(pairs):
        after, until = by_rank[lives[old].last], by_rank[lives[new].first]
        what = f"{old} ended at {after.commit[:10]}, and {new} began at {until.commit[:10]}"
        yield _line("renamed?", State.WARNING, what, f'if it is the same, [tool.regress.renamed] "{old}" = "{new}"')
    if lost := sorted(name for name in ended if name not in taken):
        last = by_rank[max(ended[name].last for name in lost)].commit[:10]
        what = f"{len(lost)} benchmark{'s' if len(lost) > 1 else ''} no longer measured, last at {last}: {named(lost)}"
        yield _line("ended series", State.WARNING, what, "nothing to do if that was meant")


def _follows(ended: _Life, fresh: _Life, runs: list[StoredRun]) -> bool:
    """Whether one began in the commit range in which the other ended: in the first commit measured behind its last."""
    last = runs[ended.last].commit
    behind = next((run.commit for run in runs[ended.last + 1 :] if run.commit != last), "")
    return runs[fresh.first].commit == behind


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _still(patient: Patient, still: Mapping[str, list[str]], moving: set[str]) -> Iterator[Line]:
    """Metrics all of whose series are constant: they are exact ones, and a change of any size would be real."""
    if not still:
        return
    with History.open(patient.database, create=False) as history:
        described = {key.metric.name for key in history.benchmarks() if key.metric.direction is not Direction.UNKNOWN}
    for metric, names in sorted(still.items()):
        whole = metric not in moving
        what = f"{named(sorted(set(names)))}: {metric} is called noisy and said the same in {_CONSTANT} runs or more"
        if whole and metric not in described:
            hint = f'as an exact metric any change counts: [[metric]] name = "{metric}" kind = "exact"'
            yield _line("constant series", State.WARNING, what, hint)
        else:
            yield _line("constant series", State.WARNING, what, "is it measured at all? look at its clock and rounds")


def _line(name: str, state: State, text: str, hint: str = "") -> Line:
    return Line(Section.PROJECT, name, state, text, hint)
