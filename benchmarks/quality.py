"""The quality of detection: what a scorer of change points calls, on the very code that `regress changes` runs.

A scorer imports this file from the root of the checkout and hands over one history as a list of floats, oldest first:

    score.py series benchmarks.quality:change_points --set SET
    score.py replay benchmarks.quality:confirmed --set SET --replay-cases 10 --replay-null 8
    score.py replay benchmarks.quality:confirmed_5 --set SET --replay-cases 10 --replay-null 8
    score.py speed benchmarks.quality:change_points

`series` counts cuts found within three commits of the true ones (F1, precision, recall) and false ones in histories
without any; `replay` hands over one commit more at a time, and counts what is found within five commits against alarms
in histories without changes. The curve of `replay` is `confirmed_05`, `confirmed`, `confirmed_2` and `confirmed_5`.
"""

from __future__ import annotations

from collections.abc import Sequence

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
