"""What one `regress run` did: a summary of all suites, of which reports are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..units import human, percent
from .budget import BudgetResult
from .run import Metric


class SuiteState(StrEnum):
    """What became of a suite. EXPECTED: it failed, as was said before. SKIPPED: something that it needs is missing."""

    FAILED = "failed"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"
    EXPECTED = "failed as expected"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed: a benchmark, a file of them, or the whole suite (`name` is ""); `trouble` is a word for the kind.

    Troubles: build, import, assertion, connection, failed, timeout, crash, missing, unreadable, server, proof.
    """

    name: str
    trouble: str
    reason: str


@dataclass(frozen=True, slots=True)
class Slow:
    """A benchmark among the slowest: seconds with all around it, and its share of the time of its suite."""

    name: str
    seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Course:
    """A sampled figure over the time of one run, thinned so that its spikes stay.

    of               the benchmark that its figures are filed under: the suite's name, or NAME.server
    name             what was sampled: cpu, rss, or a gauge, in base units; `share`: people read it in per cent
    seconds          since the first process of the suite was started; they rise
    values           one each, NaN where nothing could be read: there the line is broken
    low, mean, high  of all `n` samples; the mean is that over time
    """

    of: str
    name: str
    unit: str
    seconds: Sequence[float]
    values: Sequence[float]
    low: float
    mean: float
    high: float
    n: int
    share: bool = False

    def told(self, value: float) -> str:
        """A figure of this course for people."""
        return percent(value) if self.share else human(value, self.unit)


@dataclass(frozen=True, slots=True)
class SuiteSummary:
    """What became of one suite.

    reason      why it failed or was skipped; "" where it passed
    seconds     the time of all its runs; `runs` are those that were stored, of `repeat` that were asked for
    benchmarks  how many gave a figure in any of the runs, and `failed` how many did not
    points      figures stored: benchmarks times metrics times runs
    slowest     of the last run, the slowest first; a few
    figures     what was sampled while it ran: (benchmark that it is filed under, metric, value in the base unit)
    courses     how some of that went over the seconds of the last run
    log         the file with all that it said
    """

    name: str
    kind: str
    state: SuiteState
    phase: str = ""
    reason: str = ""
    seconds: float = 0.0
    repeat: int = 1
    runs: int = 0
    benchmarks: int = 0
    points: int = 0
    failed: int = 0
    skipped: int = 0
    failures: Sequence[Failure] = ()
    slowest: Sequence[Slow] = ()
    figures: Sequence[tuple[str, Metric, float]] = ()
    courses: Sequence[Course] = ()
    warnings: Sequence[str] = ()
    log: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What became of all suites.

    commit, subject  what was measured; of a range its newest commit, and `span` names the range
    dirty            measured with uncommitted changes of tracked files
    suites           in the order in which they were run
    not_run          suites that were not selected
    targets          the budgets, judged on these runs alone
    status           the exit status
    """

    commit: str
    subject: str
    suites: Sequence[SuiteSummary]
    status: int
    headline: str
    seconds: float = 0.0
    dirty: bool = False
    branch: str = ""
    span: str = ""
    environment: str = ""
    targets: Sequence[BudgetResult] = ()
    not_run: Sequence[str] = ()
    warnings: Sequence[str] = ()
    interrupted: bool = False
    project: str = ""
    created_at: str = ""
    version: str = ""
