"""What people write down: rules and their tolerances, metrics of their own, suites, the choice of a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .run import Direction, Kind


class Action(StrEnum):
    """What a regression does: FAIL ends the check with 1, WARN is shown and passes, IGNORE is not judged at all."""

    FAIL = "fail"
    WARN = "warn"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much worse is too much: beyond `relative` (a share of the base) and beyond `absolute` (base units), both."""

    relative: float
    absolute: float


@dataclass(frozen=True, slots=True)
class Rule:
    """One `[[tool.regress.rule]]`. Globs say what it is for; a field that is None leaves what earlier rules said.

    benchmark    glob on the full name ("bench_core.*", "tests/test_x.py::test_y*"); brackets are literal
    metric       glob on the metric's name; environment: glob on the environment's label or any value of its key
    statistic    "auto", or one of min, q1, median, q3, mean, max, value
    relative     share of the base: 0.1 is ten per cent; absolute: in the metric's base unit
    origin       file and line that set it, for the proof
    """

    benchmark: str = "*"
    metric: str = "*"
    environment: str = "*"
    statistic: str | None = None
    relative: float | None = None
    absolute: float | None = None
    action: Action | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules merged for one benchmark and metric; `origins` says for each field which line set it."""

    statistic: str
    tolerance: Tolerance
    action: Action
    origins: tuple[tuple[str, str], ...] = ()

    def origin(self, name: str) -> str:
        """Where a field was set: "pyproject.toml:41", or "default"."""
        return dict(self.origins).get(name, "default")


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One `[[tool.regress.metric]]`: what a metric that a tool does not describe means."""

    name: str
    unit: str | None = None
    direction: Direction | None = None
    kind: Kind | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class BaselineSpec:
    """How the baseline's commits are chosen: `kind` is merge-base, previous, name, commit or file."""

    kind: str
    value: str = ""
    max_distance: int = 200

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind


@dataclass(frozen=True, slots=True)
class SuiteSpec:
    """One `[[tool.regress.suite]]`: a suite of benchmarks and how it is run.

    name       what its benchmarks are filed under in the history (the kind, where it has no name of its own)
    kind       a name of SUITES: "pytest-benchmark" or "asv"
    args       added to the tool's command line
    cwd        where the tool runs, relative to the project's root
    package    import names of the package under test; () is the project's own name
    source     the folder that they are imported from; "" is src where there is one, else the root
    timeout    seconds that one call of the tool may take
    origin     file and line that set it
    """

    name: str
    kind: str
    args: tuple[str, ...] = ()
    cwd: str = "."
    package: tuple[str, ...] = ()
    source: str = ""
    timeout: float = 600.0
    origin: str = ""
