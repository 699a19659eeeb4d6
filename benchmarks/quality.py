"""The quality of detection: what a scorer of change points calls, on the very code that `regress changes` runs.

A scorer imports this file from the root of the checkout and hands over one history as a list of floats, oldest first:

    score.py series benchmarks.quality:change_points --set SET
    score.py replay benchmarks.quality:confirmed --set SET --replay-cases 10 --replay-null 8
    score.py replay benchmarks.quality:confirmed_5 --set SET --replay-cases 10 --replay-null 8
    score.py speed benchmarks.quality:change_points
    score.py gate benchmarks.quality:gate --set SET [--summary-only]         also :shipped and :suspect

`series` counts cuts found within three commits of the true ones (F1, precision, recall) and false ones in histories
without any; `replay` hands over one commit more at a time, and counts what is found within five commits against alarms
in histories without changes. The curve of `replay` is `confirmed_05`, `confirmed`, `confirmed_2` and `confirmed_5`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from regress.judge.centre import Centre
from regress.judge.compare import collect
from regress.judge.decide import Plan, decide
from regress.judge.draft import draft
from regress.judge.past import pasts
from regress.judge.rules import Rules
from regress.model import TIME, Benchmark, Columns, Environment, Key, Outcome, Rule, Run, Source, Verdict
from regress.stats.levels import course


def change_points(y: Sequence[float]) -> list[int]:
    """The first index of each new level, in hindsight."""
    return [level.start for level in course(y).levels[1:]]


def confirmed(y: Sequence[float], false_alarms: float = 1.0) -> list[int]:
    """What is confirmed as of the last point, at so many online false alarms in 1,000 commits."""
    return [step.index for step in course(y, false_alarms=false_alarms).steps if step.confirmed]


def confirmed_05(y: Sequence[float]) -> list[int]:
    """What is confirmed at one false alarm in 2,000 commits."""
    return confirmed(y, 0.5)


def confirmed_2(y: Sequence[float]) -> list[int]:
    """What is confirmed at two false alarms in 1,000 commits."""
    return confirmed(y, 2.0)


def confirmed_5(y: Sequence[float]) -> list[int]:
    """What is confirmed at five false alarms in 1,000 commits."""
    return confirmed(y, 5.0)


#: Names of a scorer's summary, by ours; the quartiles are drawn from the median and their distance.
_NAMES = {"min": "min", "median": "median", "mean": "mean", "sd": "stddev", "n": "rounds"}
_KEY = Key(Benchmark("quality", "gate"), TIME)
#: Any change counts, and one series has the whole of its error: nothing but the noise model is scored.
_PURE = Rule(relative=0.0, false_red=0.0)


def gate(baseline: Mapping, candidate: Mapping, history: Sequence[Mapping]) -> bool:
    """Whether a pull request is slower than its merge base and the level before it, as `regress check` decides.

    Each run is {"stats": {min, median, mean, stddev, iqr, rounds}}; rounds themselves are not looked at. No tolerance,
    and `false_red` off: the limit is that of one series.
    """
    return verdict(baseline, candidate, history, (_PURE,)).outcome is Outcome.REGRESSED


def shipped(baseline: Mapping, candidate: Mapping, history: Sequence[Mapping]) -> bool:
    """The same with the shipped defaults: a tolerance of 10 %."""
    return verdict(baseline, candidate, history).outcome is Outcome.REGRESSED


def suspect(baseline: Mapping, candidate: Mapping, history: Sequence[Mapping]) -> bool:
    """Whether the shipped defaults call it inconclusive."""
    return verdict(baseline, candidate, history).outcome is Outcome.INCONCLUSIVE


def verdict(baseline: Mapping, candidate: Mapping, history: Sequence[Mapping], rules: Sequence[Rule] = ()) -> Verdict:
    """The verdict on one benchmark, by the functions that `check` calls."""
    *earlier, base, new = (_run(one["stats"]) for one in (*history, baseline, candidate))
    drafts, _ = draft(collect([base]), collect([new]), Rules(rules))
    past = pasts(
        {made.place: made.measured for made in drafts}, [(str(i), run) for i, run in enumerate([*earlier, base])]
    )
    return decide(drafts, past, Plan(Centre("branch"))).verdicts[0]


def _run(stats: Mapping[str, float]) -> Run:
    figures = {ours: stats[theirs] for ours, theirs in _NAMES.items()}
    figures |= {"q1": stats["median"] - stats["iqr"] / 2, "q3": stats["median"] + stats["iqr"] / 2}
    columns = Columns((_KEY,), {name: np.array([value], dtype=float) for name, value in figures.items()})
    return Run("", Environment(()), Source("", "quality"), columns)
