"""What people write down: rules and their tolerances, metrics of their own, suites, the choice of a baseline."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .run import Direction, Kind, Pairs


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """What a rule or a budget is for: each a glob, or an expression written "re:…", searched anywhere in the text.

    suite        the suite's name
    benchmark    the full name, or the name without its parameters; in globs brackets are literal
    group        the tool's own grouping
    param        "name=value" of any one parameter
    metric       the metric's name
    environment  the environment's label, or any value of its key
    tag          any label of the run
    only         suite and full name of the one benchmark beside which it was written; () for what stands elsewhere
    """

    suite: str = "*"
    benchmark: str = "*"
    group: str = "*"
    param: str = "*"
    metric: str = "*"
    environment: str = "*"
    tag: str = "*"
    only: tuple[str, str] | tuple[()] = ()

    def selects(self, otherwise: str = "everything") -> str:
        """In words, what it is for: "bench_core.*, metric time"; `otherwise` where nothing narrows it."""
        named = {name: getattr(self, name) for name in SELECTORS}
        words = [] if self.benchmark == "*" else [self.benchmark]
        words += [f"{name} {text}" for name, text in named.items() if name != "benchmark" and text != "*"]
        if self.only:
            words = [self.only[1], *words]
        return ", ".join(words) or otherwise


#: The keys by which rules and budgets say what they are for.
SELECTORS = ("suite", "benchmark", "group", "param", "metric", "environment", "tag")
#: The keys of a rule that say something; each is merged by itself.
RULE_FIELDS = ("statistic", "relative", "absolute", "false_red", "min_runs", "across", "action")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Selector):
    """One `[[tool.regress.rule]]`, or what stands beside a test. A field that is None leaves what earlier rules said.

    statistic      "auto", or one of min, q1, median, q3, mean, max, value
    relative       share of the base: 0.1 is ten per cent
    absolute       in a base unit; `absolute_unit` is that unit, "" for a bare number, which fits any metric
    false_red      how probable a red run without a reason may be, shared among the noisy series judged
    min_runs       how many earlier runs make a verdict firm
    across         whether noisy metrics are compared across processors
    origin         file and line of the rule; `origins`: of each of its fields
    """

    statistic: str | None = None
    relative: float | None = None
    absolute: float | None = None
    absolute_unit: str = ""
    false_red: float | None = None
    min_runs: int | None = None
    across: bool | None = None
    action: Action | None = None
    origin: str = ""
    origins: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def origin_of(self, name: str) -> str:
        """The line of one field, else that of the rule."""
        return dict(self.origins).get(name, self.origin)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules merged for one benchmark and metric; `origins` says for each field which line set it."""

    statistic: str
    tolerance: Tolerance
    action: Action
    origins: tuple[tuple[str, str], ...] = ()
    false_red: float = 0.01
    min_runs: int = 5
    across: bool = False

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
    """How the baseline is chosen: `kind` is merge-base, previous, level, window (of `value` runs) or named."""

    kind: str
    value: str = ""
    max_distance: int = 200

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """What a suite puts its load on: started before it, stopped with its children after it.

    ready    "http://…" that answers, "port:[HOST:]PORT" that accepts, or seconds to wait
    timeout  seconds until it must be ready
    """

    command: tuple[str, ...]
    ready: str
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class WatchSpec:
    """What is sampled while a suite runs: every `interval` seconds; `probe` are gauges, (name, what is asked)."""

    interval: float = 0.5
    probe: Pairs = ()


@dataclass(frozen=True, slots=True)
class NotifySpec:
    """`[tool.regress.notify]`: who is told of new causes and broken budgets, and when silence is told.

    slack, mattermost, teams, webhook  names of the environment variables that hold the addresses, "" for none
    issues        "github" or "gitlab": an issue for each cause; "" for none
    label         of these issues
    expect_every  seconds within which a run of the main branch is expected; 0: nothing is said
    """

    slack: str = ""
    mattermost: str = ""
    teams: str = ""
    webhook: str = ""
    issues: str = ""
    label: str = "performance"
    expect_every: float = 0.0


@dataclass(frozen=True, slots=True)
class SuiteSpec:
    """One `[[tool.regress.suite]]`: a suite of benchmarks and how it is run.

    name         what its benchmarks are filed under in the history (the kind, where it has no name of its own)
    kind         a name of SUITES: "pytest-benchmark", "asv", "command" or "locust"
    args         added to the tool's command line
    cwd          where the tool runs, relative to the project's root
    package      import names of the package under test; () is the project's own name
    source       the folder that they are imported from; "" is src where there is one, else the root
    timeout      seconds that one call of the tool may take
    environment  "path": the package is imported from a commit's work tree as it is; "venv": it is installed in a
                 virtual environment for each commit
    install      the words that install it from the work tree that they run in; () takes pip's
    command      the words that run a suite of the kind "command"
    results      globs of the files that it leaves, relative to `cwd`; format, mapping: what they are
    env          what is added to the tool's environment, "${VAR:-default}" not filled in yet (in `params` neither)
    python       the interpreter that the tool runs in; "" is the present one
    phase        when it is run; phases come in the order of the configuration
    needs        suites that must have succeeded before; requires: "env:NAME", "port:HOST:PORT", "command:NAME",
                 "module:NAME", "file:PATH", without which it is skipped
    tags         labels of its runs, and names to select it by
    repeat       how many runs are made of it
    default      whether it is run where no suite is named
    expected     "failing" where a failure is no news
    rounds       how often each benchmark is measured at least; warmup: calls before (0: none, 1: as the tool does),
                 None: as the tool does
    params       become parameters of all its benchmarks: unlike loads are never compared
    server       the system under test, where the suite only puts a load on it
    watch        its resources are sampled while it runs
    memory       each benchmark is called once more, untimed, for its memory (pytest-benchmark alone)
    origin       file and line that set it; `origins`: of each of its keys
    """

    name: str
    kind: str
    args: tuple[str, ...] = ()
    cwd: str = "."
    package: tuple[str, ...] = ()
    source: str = ""
    timeout: float = 600.0
    environment: str = "path"
    install: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    format: str = ""
    mapping: str = ""
    env: Pairs = ()
    python: str = ""
    phase: str = ""
    needs: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    repeat: int = 1
    default: bool = True
    expected: str = ""
    rounds: int | None = None
    warmup: int | None = None
    params: Pairs = ()
    server: ServerSpec | None = None
    watch: WatchSpec | None = None
    memory: bool = False
    origin: str = ""
    origins: Pairs = field(default=(), compare=False)

    def origin_of(self, name: str) -> str:
        """The line of one key, else that of the suite."""
        return dict(self.origins).get(name, self.origin)
