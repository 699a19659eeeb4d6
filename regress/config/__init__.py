"""The configuration: `[tool.regress]` of pyproject.toml, or regress.toml with the same keys at its top.

    project = "numpy"             # name on the site and in reports (default: the repository's folder)
    branch = "main"               # the branch whose runs are the history (default: origin's HEAD)
    database = "sqlite:///…"      # where the history is (default: .regress/history.db; --db and REGRESS_DB go first)
    against = "merge-base"        # what `regress check` compares with when not told otherwise
    max_distance = 200            # how many first-parent commits back a merge-base baseline may lie
    max_uncompared = 0.2          # share of benchmarks that may be incomparable or missing before a check ends with 3
    commit_url = "https://…"      # of the site's links, with {commit} for the hash (default: from origin's URL)
    site_url = "https://…"        # where the trend site is, for links in comments and messages (default: none)
    dask = "tcp://host:8786"      # a Dask cluster that `regress changes` looks with (default: this machine)

    common_shift = "report"       # or "subtract": take out what most of the suite shows alike before judging
    phases = ["quick", "load"]    # the order in which `regress run` takes phases (default: as the suites name them)
    record_env = ["CI_NODE"]      # the only environment variables that are stored, as facts of each run
    components = ["param:backend", "env:python"]  # variants side by side on the site, as `compare --by` takes them

    [[tool.regress.rule]]         # tolerances, in order; the last one that matches wins, field by field
    benchmark = "bench_core.*"    # glob on the full name; brackets are literal; "re:…" is a regular expression
    suite = "asv"                 # all of these are globs or expressions, too
    group = "slow"                # the tool's own grouping
    param = "n=10*"               # name=value of any one parameter
    metric = "time"
    environment = "*CPython 3.11*"  # the environment's label, or any value of its key
    tag = "nightly"               # a label of the run
    statistic = "auto"            # or min, q1, median, q3, mean, max, value
    relative = "10%"              # or 0.1
    absolute = "50 ns"            # for metrics in that unit; a bare number is in each metric's base unit
    false_red = "1%"              # how probable a red run without a reason may be, all noisy series together
    min_runs = 5                  # how many earlier runs make a verdict firm
    across = false                # compare noisy metrics across processors
    action = "fail"               # or warn, ignore

    [[tool.regress.budget]]       # absolute limits, judged on the candidate alone; selectors as those of a rule
    benchmark = "test_api.py::*"
    limit = "p95 < 150ms"         # STATISTIC, METRIC or METRIC.STATISTIC, then <, <=, >, >= and a figure
    limits = ["success_rate >= 95%", "peak_rss < 1GB"]  # several at once
    warn = "10%"                  # within this share of the limit it is a warning
    requirement = "SLA-3"         # what demands it
    action = "fail"               # or warn, ignore

    [[tool.regress.budgets_from]] # limits that stand in a JSON file of one's own
    file = "performance_config.json"
    map = [{ path = "thresholds.login_ms", benchmark = "*login*", limit = "p95 < {} ms" }]  # path: JMESPath

    [[tool.regress.suites_from]]  # settings of suites that stand there, too
    file = "performance_config.json"
    map = [{ path = "workload.size", suite = "pytest-benchmark", key = "params.size" }]  # key: as --set takes it

    [[tool.regress.metric]]       # what a metric that no tool describes means
    name = "peak_kib"             # glob
    unit = "KiB"
    direction = "lower"           # or higher
    kind = "exact"                # or noisy

    [[tool.regress.mapping]]      # how a team's own JSON or CSV is read; paths are JMESPath, "$." begins at the file
    name = "work-queue"           # what its benchmarks are filed under
    files = ["results/*.json"]    # globs below the project's root (default: only where a suite or --mapping names it)
    each = "benchmarks"           # the list of results, or an object of them (default: the file is one; CSV: its rows)
    benchmark = "benchmark_name"  # the name; "@key" in an object of results (default: the mapping's name)
    params = { pods = "$.pods" }  # what tells benchmarks apart
    environment = { store = "$.config.store" }  # what tells series apart
    success = "success"           # false: its figures are failed
    timestamp = "timestamp"       # ISO 8601, or seconds or milliseconds since the epoch
    commit = "$.git_commit"       # where the file says it
    metrics = "metrics"           # an object of numbers (default: the rest of the result), or one by one:
    # metrics = { latency = { path = "latencies", unit = "ms", direction = "lower" } }
    guess = true                  # take units and directions from names: `_ms`, `_mb`, `_per_sec`

    [[tool.regress.suite]]        # a suite that `regress run` runs; without any it tries the tool's defaults
    name = "pytest-benchmark"     # what its benchmarks are filed under (default: the kind)
    kind = "pytest-benchmark"     # or asv, command, locust
    args = ["--benchmark-min-rounds=9"]  # added to the tool's command line
    cwd = "."                     # where the tool runs, from the project's root
    package = "numpy"             # import name of the package under test, or a list (default: the project's own name)
    source = "src"                # the folder that it is imported from (default: src where there is one, else .)
    timeout = "600 s"             # of one call of the tool
    environment = "venv"          # installs each commit in an environment of its own (default: "path", its files alone)
    install = "pip install --no-deps ."  # what installs it (default: this, with the build tools that are present)
    # users = 5                   # with kind = "locust", as spawn_rate, run_time, host, user_classes: parameters
    # command = "make bench"      # with kind = "command": what runs it, and where what it leaves appears, below cwd
    # results = ["out/*.json"]    # (default: in the folder that its variable REGRESS_RESULTS names)
    # format = "asv"              # what the results are, where their content does not show it
    # mapping = "work-queue"      # the mapping that they are read by
    env = { URL = "${URL:-http://localhost}" }  # added to its environment; ${NAME} is a parameter or a variable
    # python = "python3.12"       # another interpreter that the tool runs in (not with environment = "venv")
    phase = "load"                # when it runs
    needs = ["smoke"]             # suites that must have succeeded
    requires = ["env:TOKEN", "port:localhost:5432", "command:docker", "module:numpy", "file:data.bin"]  # else skipped
    # requires = ["env:STAGE=test", "env:SKIP_SLOW!=true"]  # what is in a variable
    tags = ["nightly"]            # labels of its runs, and words to select it by
    repeat = 3                    # runs of it, each a piece of evidence
    default = false               # run only when it is named
    expected = "failing"          # a failure is no news until it passes
    rounds = 9                    # at least so many rounds of each benchmark; asv: its attribute `rounds`
    warmup = true                 # or false, or a number of calls
    memory = true                 # kind = "pytest-benchmark": each benchmark once more, untimed, for its peak memory
    params = { users = 10 }       # (or workload) parameters of all its benchmarks: unlike loads are never compared
    watch = { interval = "0.5 s" }  # or true: CPU, memory and more while it runs; `probe = { NAME = "…" }` adds gauges
    server = { command = "python -m app", ready = "http://localhost:8000/", timeout = "30 s" }  # or "port:8000", "2 s"

    [tool.regress.history]        # the shared history, which `regress history push` and `pull` use
    branch = "regress-history"    # the branch that holds it
    remote = "origin"             # the remote that has this branch

    [tool.regress.ci]             # what `regress ci` does when not told otherwise
    confirm = true                # suspects are measured again before they are judged (default: false)

    [tool.regress.notify]         # whom `regress notify` tells of new causes and broken budgets
    slack = "SLACK_WEBHOOK"       # the NAME of the environment variable that holds the address, which is a secret
    mattermost = "MATTERMOST_WEBHOOK"
    teams = "TEAMS_WEBHOOK"
    webhook = "OTHER_WEBHOOK"     # gets JSON
    issues = "github"             # or gitlab: an issue for each cause, closed when it is fixed
    label = "performance"         # of these issues
    expect_every = "24 h"         # says so when no run of the main branch has come for so long

    [tool.regress.renamed]        # joins the series of a benchmark that was renamed
    "old_name" = "new_name"       # globs: "bench_old.*" = "bench_new.*"

An unknown key is an error that names its line: a misspelt tolerance must not be a gate that never closes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..errors import ConfigError
from ..model import (
    RULE_FIELDS,
    Budget,
    Direction,
    Kind,
    MappingSpec,
    MetricSpec,
    Rule,
    SuiteSpec,
    written,
)
from ..model.components import By
from ..model.spec import NotifySpec
from .lines import line_of
from .mapping_table import MappingTable
from .notify_table import NotifyModel
from .rule_table import BudgetsFromTable, BudgetTable, RuleTable, Share
from .suite_table import ServerTable
from .suite_table import SuiteTable as _SuiteModel
from .suites_from_table import SuitesFromTable
from .table import Strict

#: The files that hold a configuration.
OWN, SHARED = "regress.toml", "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration as the program uses it; `path` is the file it came from, or None."""

    project: str = ""
    branch: str | None = None
    database: str | None = None
    against: str = "merge-base"
    max_distance: int = 200
    max_uncompared: float = 0.2
    commit_url: str | None = None
    site_url: str = ""
    dask: str | None = None
    common_shift: str = "report"
    phases: tuple[str, ...] = ()
    record_env: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    mappings: tuple[MappingSpec, ...] = ()
    suites: tuple[SuiteSpec, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    history_branch: str = "regress-history"
    history_remote: str = "origin"
    ci_confirm: bool = False
    notify: NotifySpec = field(default_factory=NotifySpec)
    path: Path | None = field(default=None, compare=False)


class _MetricModel(Strict):
    name: str
    unit: str | None = None
    direction: Direction | None = None
    kind: Kind | None = None


class _HistoryModel(Strict):
    branch: str = Field(default="regress-history", min_length=1)
    remote: str = Field(default="origin", min_length=1)


class _CiModel(Strict):
    confirm: Annotated[bool, BeforeValidator(written.flag)] = False


def _compared_by(text: str) -> str:
    """What tells variants apart, as it is written."""
    return str(By.of(text))


class _ConfigModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    project: str = ""
    branch: str | None = None
    database: str | None = None
    against: str = "merge-base"
    max_distance: int = Field(default=200, ge=0)
    max_uncompared: Share = 0.2
    commit_url: str | None = None
    site_url: str = ""
    dask: str | None = None
    common_shift: Literal["report", "subtract"] = "report"
    phases: tuple[str, ...] = ()
    record_env: tuple[str, ...] = ()
    components: tuple[Annotated[str, AfterValidator(_compared_by)], ...] = ()
    rule: list[RuleTable] = []
    budget: list[BudgetTable] = []
    budgets_from: list[BudgetsFromTable] = []
    metric: list[_MetricModel] = []
    mapping: list[MappingTable] = []
    suite: list[_SuiteModel] = []
    suites_from: list[SuitesFromTable] = []
    renamed: dict[str, str] = {}
    history: _HistoryModel = _HistoryModel()
    ci: _CiModel = _CiModel()
    notify: NotifyModel = NotifyModel()


Read = Callable[[str], str | None]


def load(root: Path) -> Config:
    """The configuration of the project at `root`; the defaults where it has none. Raises ConfigError."""

    def read(name: str) -> str | None:
        path = root / name
        if not path.is_file():
            return None
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ConfigError(f"is not TOML: {error}", where=str(path)) from None
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None

    return load_with(read, root)


def load_with(read: Read, root: Path, at: str = "") -> Config:
    """The configuration out of files that `read` gives by name, None for one that is not there.

    `at` names the commit that they are of, and follows each line that is named. Raises ConfigError.
    """
    own, shared = read(OWN), read(SHARED)
    if own is not None:
        if shared is not None and "regress" in _parse(shared, root / SHARED).get("tool", {}):
            raise ConfigError("the configuration stands in two places", where=str(root / OWN),
                              hint="keep it in regress.toml or in [tool.regress] of pyproject.toml")  # fmt: skip
        return _Reader(own, root / OWN, (), at, read).config()
    if shared is not None:
        document = _parse(shared, root / SHARED).get("tool", {})
        if isinstance(document, dict) and "regress" in document:
            return _Reader(shared, root / SHARED, ("tool", "regress"), at, read).config()
        return Config(path=root / SHARED)
    return Config()


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", where=str(path)) from None


class _Reader:
    """One table of one TOML file, as the program uses it."""

    def __init__(self, text: str, path: Path, table: tuple[str, ...], at: str, read: Read) -> None:
        self.text, self.path, self.table, self.read = text, path, table, read
        self.suffix = f"@{at}" if at else ""

    def origin(self, *place: int | str) -> str:
        """The line of a key, or of its table: "pyproject.toml:41"."""
        return f"{self.path.name}:{line_of(self.text, (*self.table, *place))}{self.suffix}"

    def config(self) -> Config:
        document: Any = _parse(self.text, self.path)
        for name in self.table:
            document = document.get(name, {})
        try:
            model = _ConfigModel.model_validate(document)
        except ValidationError as error:
            raise self._error(error) from None
        metrics = (MetricSpec(**m.model_dump(), origin=self.origin("metric", i)) for i, m in enumerate(model.metric))
        tables = {
            "rule", "budget", "budgets_from", "metric", "mapping", "suite", "suites_from", "renamed", "history", "ci",
            "notify",
        }  # fmt: skip
        return Config(
            **model.model_dump(exclude=tables),
            rules=tuple(self._rule(rule, index) for index, rule in enumerate(model.rule)),
            budgets=tuple(self._budgets(model)),
            metrics=tuple(metrics),
            mappings=tuple(m.spec(self.origin("mapping", i)) for i, m in enumerate(model.mapping)),
            suites=tuple(self._suites(model)),
            renamed=tuple(model.renamed.items()),
            history_branch=model.history.branch,
            history_remote=model.history.remote,
            ci_confirm=model.ci.confirm,
            notify=model.notify.spec(),
            path=self.path,
        )

    def _suites(self, model: _ConfigModel) -> list[SuiteSpec]:
        suites = [self._suite(suite, index) for index, suite in enumerate(model.suite)]
        for index, listed in enumerate(model.suites_from):
            suites = listed.applied(suites, self.read, self.origin("suites_from", index), self.suffix)
        return suites

    def _suite(self, suite: _SuiteModel, index: int) -> SuiteSpec:
        said = [(name, self.origin("suite", index, name)) for name in suite.model_fields_set]
        return suite.spec(self.origin("suite", index), tuple(sorted(said)))

    def _rule(self, rule: RuleTable, index: int) -> Rule:
        absolute, unit = rule.absolute or (None, "")
        fields = rule.model_dump(exclude={"absolute"}) | {"absolute": absolute, "absolute_unit": unit}
        said = [name for name in RULE_FIELDS if fields[name] is not None]
        origins = tuple((name, self.origin("rule", index, name)) for name in said)
        return Rule(**fields, origin=self.origin("rule", index), origins=origins)

    def _budgets(self, model: _ConfigModel) -> Iterator[Budget]:
        for index, budget in enumerate(model.budget):
            yield budget.budget(self.origin("budget", index))
        for index, listed in enumerate(model.budgets_from):
            yield from listed.budgets(self.read, self.origin("budgets_from", index), self.suffix)

    def _error(self, error: ValidationError) -> ConfigError:
        """The first fault of a configuration as one line that names file, line and key."""
        fault = error.errors()[0]
        place = fault["loc"]
        where = self.origin(*place)
        key = str(next((part for part in reversed(place) if isinstance(part, str)), "?"))
        if fault["type"] == "extra_forbidden":
            known = _known_keys(place)
            return ConfigError(f"unknown key {key!r}", where=where, hint="known here: " + ", ".join(known))
        message = fault["msg"].removeprefix("Value error, ")
        # In place of a variable's name somebody may have written the secret itself.
        shown = "" if isinstance(fault["input"], dict) or place[0] == "notify" else f" (it is {fault['input']!r})"
        return ConfigError(f"{key}: {message}{shown}", where=where)


def _known_keys(place: tuple[int | str, ...]) -> list[str]:
    models: dict[str, type[BaseModel]] = {
        "rule": RuleTable, "budget": BudgetTable, "budgets_from": BudgetsFromTable, "metric": _MetricModel,
        "mapping": MappingTable, "suite": _SuiteModel, "history": _HistoryModel, "ci": _CiModel, "notify": NotifyModel,
        "suites_from": SuitesFromTable,
    }  # fmt: skip
    model = models.get(str(place[0]), _ConfigModel) if len(place) > 1 else _ConfigModel
    model = ServerTable if "server" in place[:-1] else model
    return sorted(model.model_fields)
