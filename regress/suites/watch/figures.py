"""Samples as figures: the metrics of a suite, minimum, mean and maximum of every column, and a busy machine.

cpu, cpu_max        mean and highest share of the cores that may be used; `cpu_one` on demand: mean of one core
cpu_time            seconds of CPU, user and system
rss_peak            highest memory of the whole tree in any sample, or of one process as the kernel noted it
rss_mean            mean over time
rss_increase        median of the last tenth of the time over that of the first
rss_slope           B/s: median of the slopes between all pairs of samples (Theil 1950, Sen 1968), which a few outliers
                    do not move
io_read, io_written, context_switches    in all
processes_max       most at once
machine_memory, disk    highest share
load, others        mean
NAME, NAME_max      mean and highest of each gauge
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...model import Direction, Metric
from ...units import BYTES, ONE, SECONDS
from .sample import COLUMNS, GROWING, Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A machine is busy where others took more of all its cores than this, on average over the run.
BUSY_SHARE = 0.10
#: And where its memory was as full as this at any time: then it may have begun to swap.
BUSY_MEMORY = 0.95
#: CPU times are counted in steps of 10 ms: over a shorter time than this their sum says little of others.
_LEAST_SECONDS = 1.0
_MOST_POINTS = 200
_LESS = Direction.LOWER


@dataclass(frozen=True, slots=True)
class Spread:
    """Minimum, mean over time and maximum of a column or a gauge, from `n` samples that have it."""

    name: str
    unit: str
    low: float
    mean: float
    high: float
    n: int


def figures(samples: Sequence[Sample], *, one_core: bool = False) -> list[tuple[Metric, float]]:
    """The samples of one run as metrics with their values, in base units; what was never read is left out."""
    found = [*_of_time(samples, one_core), *_of_memory(samples), *_in_all(samples), *_of_machine(samples)]
    for name in _gauges(samples):
        x, y = _column(samples, name)
        if len(y):
            found += [(Metric(name, ONE), _mean(x, y)), (Metric(f"{name}_max", ONE), float(y.max()))]
    return found


def spreads(samples: Sequence[Sample]) -> list[Spread]:
    """Every column and gauge that has a figure, in the order of the columns, but for those that only grow."""
    found = []
    exact = _exact_means(samples)
    for name in (*COLUMNS, *_gauges(samples)):
        x, y = _column(samples, name)
        if len(y) and name not in GROWING:
            mean = exact[name] if name in exact else _mean(x, y)
            found.append(Spread(name, COLUMNS.get(name, ONE), float(y.min()), mean, float(y.max()), len(y)))
    return found


def busy(samples: Sequence[Sample]) -> str:
    """Why figures of this time are not to be trusted, in words; "" on a quiet machine."""
    long_enough = bool(samples) and samples[-1].seconds - samples[0].seconds >= _LEAST_SECONDS
    share = _exact_means(samples).get("others", 0.0) if long_enough else 0.0
    if share > BUSY_SHARE:
        return f"others took {share:.0%} of the machine's cores (over {BUSY_SHARE:.0%})"
    _, memory = _column(samples, "machine_memory")
    if len(memory) and memory.max() > BUSY_MEMORY:
        return f"the memory was {memory.max():.0%} full (over {BUSY_MEMORY:.0%})"
    return ""


Found = Iterator[tuple[Metric, float]]


def _of_time(samples: Sequence[Sample], one_core: bool) -> Found:
    _, share = _column(samples, "cpu")
    means = _exact_means(samples)
    if "cpu" in means and len(share):
        yield Metric("cpu", ONE), means["cpu"]
        yield Metric("cpu_max", ONE), float(share.max())
        if one_core:
            yield Metric("cpu_one", ONE), means["cpu_one"]
    _, spent = _column(samples, "cpu_time")
    if len(spent):
        yield Metric("cpu_time", SECONDS, _LESS), float(spent[-1])


def _of_memory(samples: Sequence[Sample]) -> Found:
    x, rss = _column(samples, "rss")
    peaks = [sample.peak for sample in samples if sample.peak is not None]
    if not len(rss):
        return
    yield Metric("rss_peak", BYTES, _LESS), max([float(rss.max()), *peaks[-1:]])
    yield Metric("rss_mean", BYTES, _LESS), _mean(x, rss)
    if len(rss) > 1 and x[-1] > x[0]:
        tenth = (x[-1] - x[0]) / 10
        first, last = rss[x <= x[0] + tenth], rss[x >= x[-1] - tenth]
        yield Metric("rss_increase", BYTES, _LESS), float(np.median(last) - np.median(first))
        yield Metric("rss_slope", "B/s", _LESS), _slope(x, rss)


def _in_all(samples: Sequence[Sample]) -> Found:
    for name, unit in (("io_read", BYTES), ("io_written", BYTES), ("context_switches", ONE)):
        _, grown = _column(samples, name)
        if len(grown):
            yield Metric(name, unit, _LESS), float(grown[-1])
    _, processes = _column(samples, "processes")
    if len(processes):
        yield Metric("processes_max", ONE), float(processes.max())


def _of_machine(samples: Sequence[Sample]) -> Found:
    for name in ("machine_memory", "disk"):
        _, share = _column(samples, name)
        if len(share):
            yield Metric(name, ONE), float(share.max())
    x, load = _column(samples, "load")
    if len(load):
        yield Metric("load", ONE), _mean(x, load)
    means = _exact_means(samples)
    if "others" in means:
        yield Metric("others", ONE), means["others"]


def _exact_means(samples: Sequence[Sample]) -> dict[str, float]:
    """Means of rates from what was used in all: rates of single samples are rounded, and cut at 0."""
    means = {}
    x, spent = _column(samples, "cpu_time")
    if len(x) > 1 and x[-1] > x[0]:
        means["cpu_one"] = float((spent[-1] - spent[0]) / (x[-1] - x[0]))
        means["cpu"] = means["cpu_one"] / samples[0].cores
    both = [(s.seconds, s.others_time) for s in samples if s.others_time is not None]
    if len(both) > 1 and both[-1][0] > both[0][0]:
        means["others"] = max(0.0, (both[-1][1] - both[0][1]) / (both[-1][0] - both[0][0]))
    return means


def _gauges(samples: Sequence[Sample]) -> list[str]:
    return [gauge.name for gauge in samples[-1].gauges] if samples else []


def _column(samples: Sequence[Sample], name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds and figures of one column, where there is a figure; each of shape (n,)."""
    pairs = [(sample.seconds, value) for sample in samples if (value := sample.value(name)) is not None]
    both = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _mean(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The mean over time: each figure counts as long as it held, half of the way to its neighbours."""
    if len(y) < 2 or x[-1] <= x[0]:
        return float(y.mean())
    return float(np.sum((y[1:] + y[:-1]) / 2 * np.diff(x)) / (x[-1] - x[0]))


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The median of the slopes between all pairs; of many samples, between medians of as many stretches."""
    if len(x) > _MOST_POINTS:
        parts = np.array_split(np.arange(len(x)), _MOST_POINTS)
        x, y = (np.array([np.median(values[part]) for part in parts]) for values in (x, y))
    i, j = np.triu_indices(len(x), 1)
    apart = x[j] - x[i]
    usable = apart > 0
    return float(np.median((y[j] - y[i])[usable] / apart[usable])) if usable.any() else 0.0
