"""The configuration: `[tool.regress]` of pyproject.toml, or regress.toml with the same keys at its top.

    project = "numpy"             # name on the site and in reports (default: the repository's folder)
    branch = "main"               # the branch whose runs are the history (default: origin's HEAD)
    database = "sqlite:///…"      # where the history is (default: .regress/history.db; --db and REGRESS_DB go first)
    against = "merge-base"        # what `regress check` compares with when not told otherwise
    max_distance = 200            # how many first-parent commits back a merge-base baseline may lie
    max_uncompared = 0.2          # share of benchmarks that may be incomparable or missing before a check ends with 3
    commit_url = "https://…"      # of the site's links, with {commit} for the hash (default: from origin's URL)
    dask = "tcp://host:8786"      # a Dask cluster that `regress changes` looks with (default: this machine)

    [[tool.regress.rule]]         # tolerances, in order; the last one that matches wins, field by field
    benchmark = "bench_core.*"    # glob on the full name; brackets are literal
    metric = "time"               # glob; environment = glob too
    statistic = "auto"            # or min, q1, median, q3, mean, max, value
    relative = "10%"              # or 0.1
    absolute = "50 ns"            # or a number in the metric's base unit
    action = "fail"               # or warn, ignore

    [[tool.regress.metric]]       # what a metric that no tool describes means
    name = "peak_kib"             # glob
    unit = "KiB"
    direction = "lower"           # or higher
    kind = "exact"                # or noisy

    [[tool.regress.suite]]        # a suite that `regress bisect` can run; without any it tries the tool's defaults
    name = "pytest-benchmark"     # what its benchmarks are filed under (default: the kind)
    kind = "pytest-benchmark"     # or asv
    args = ["--benchmark-min-rounds=9"]  # added to the tool's command line
    cwd = "."                     # where the tool runs, from the project's root
    package = "numpy"             # import name of the package under test, or a list (default: the project's own name)
    source = "src"                # the folder that it is imported from (default: src where there is one, else .)
    timeout = "600 s"             # of one call of the tool

    [tool.regress.renamed]        # joins the series of a benchmark that was renamed
    "old_name" = "new_name"       # globs: "bench_old.*" = "bench_new.*"

An unknown key is an error that names its line: a misspelt tolerance must not be a gate that never closes.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from .errors import ConfigError
from .model import Action, Direction, Kind, MetricSpec, Rule, SuiteSpec
from .units import BYTES, ONE, PER_SECOND, SECONDS, base_of, to_base

_NUMBER = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S.*)?$")


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
    dask: str | None = None
    rules: tuple[Rule, ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    suites: tuple[SuiteSpec, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    path: Path | None = field(default=None, compare=False)


def _quantity(value: Any) -> Any:
    """`"10%"` as 0.1, `"50 ns"` as 5e-8; numbers as they are."""
    if not isinstance(value, str):
        return value
    match = _NUMBER.match(value)
    if not match:
        raise ValueError("is not a number with a unit such as 10% or 50 ns")
    number, unit = float(match[1]), (match[2] or "").strip()
    if base_of(unit) == (1.0, unit) and unit not in (SECONDS, BYTES, PER_SECOND, ONE):
        raise ValueError(f"has a unit that is not known here: {unit!r}; write the number in the metric's own unit")
    return to_base(number, unit)[0]


Quantity = Annotated[float, BeforeValidator(_quantity), Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _RuleModel(_Strict):
    benchmark: str = "*"
    metric: str = "*"
    environment: str = "*"
    statistic: Literal["auto", "min", "q1", "median", "q3", "mean", "max", "value"] | None = None
    relative: Quantity | None = None
    absolute: Quantity | None = None
    action: Action | None = None


class _MetricModel(_Strict):
    name: str
    unit: str | None = None
    direction: Direction | None = None
    kind: Kind | None = None


def _listed(value: Any) -> Any:
    """One word as a list of it."""
    return [value] if isinstance(value, str) else value


def _inside(value: str) -> str:
    if Path(value).is_absolute() or ".." in Path(value).parts:
        raise ValueError("must be a folder inside the project")
    return value


_Inside = Annotated[str, AfterValidator(_inside)]


class _SuiteModel(_Strict):
    name: str = ""
    kind: str
    args: tuple[str, ...] = ()
    cwd: _Inside = "."
    package: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    source: _Inside = ""
    timeout: Annotated[Quantity, Field(gt=0)] = 600.0


class _ConfigModel(_Strict):
    project: str = ""
    branch: str | None = None
    database: str | None = None
    against: str = "merge-base"
    max_distance: int = Field(default=200, ge=0)
    max_uncompared: Quantity = 0.2
    commit_url: str | None = None
    dask: str | None = None
    rule: list[_RuleModel] = []
    metric: list[_MetricModel] = []
    suite: list[_SuiteModel] = []
    renamed: dict[str, str] = {}


def load(root: Path) -> Config:
    """The configuration of the project at `root`; the defaults where it has none. Raises ConfigError."""
    own, shared = root / "regress.toml", root / "pyproject.toml"
    if own.is_file():
        if shared.is_file() and "regress" in _parse(shared).get("tool", {}):
            raise ConfigError("the configuration stands in two places", where=str(own),
                              hint="keep it in regress.toml or in [tool.regress] of pyproject.toml")  # fmt: skip
        return read(own, ())
    if shared.is_file():
        return read(shared, ("tool", "regress"))
    return Config()


def read(path: Path, table: tuple[str, ...]) -> Config:
    """The configuration in one table of one TOML file."""
    document: Any = _parse(path)
    for name in table:
        document = document.get(name, {}) if isinstance(document, dict) else {}
    if not document:
        return Config(path=path)
    text = path.read_text(encoding="utf-8")
    try:
        model = _ConfigModel.model_validate(document)
    except ValidationError as error:
        raise _config_error(error, path, text, table) from None

    def origin(kind: str, index: int) -> str:
        return f"{path.name}:{line_of(text, (*table, kind, index))}"

    rules = tuple(Rule(**rule.model_dump(), origin=origin("rule", index)) for index, rule in enumerate(model.rule))
    metrics = tuple(
        MetricSpec(**metric.model_dump(), origin=origin("metric", index)) for index, metric in enumerate(model.metric)
    )
    suites = tuple(
        SuiteSpec(**suite.model_dump() | {"name": suite.name or suite.kind}, origin=origin("suite", index))
        for index, suite in enumerate(model.suite)
    )
    simple = model.model_dump(exclude={"rule", "metric", "suite", "renamed"})
    renamed = tuple(model.renamed.items())
    return Config(**simple, rules=rules, metrics=metrics, suites=suites, renamed=renamed, path=path)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"is not TOML: {error}", where=str(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _config_error(error: ValidationError, path: Path, text: str, table: tuple[str, ...]) -> ConfigError:
    """The first fault of a configuration as one line that names file, line and key."""
    fault = error.errors()[0]
    place = fault["loc"]
    key = str(place[-1]) if place else "?"
    where = f"{path.name}:{line_of(text, (*table, *place))}"
    if fault["type"] == "extra_forbidden":
        known = _known_keys(place)
        return ConfigError(f"unknown key {key!r}", where=where, hint="known here: " + ", ".join(known))
    message = fault["msg"].removeprefix("Value error, ")
    shown = "" if isinstance(fault["input"], dict) else f" (it is {fault['input']!r})"
    return ConfigError(f"{key}: {message}{shown}", where=where)


def _known_keys(place: tuple[int | str, ...]) -> list[str]:
    models: dict[str, type[BaseModel]] = {"rule": _RuleModel, "metric": _MetricModel, "suite": _SuiteModel}
    model = models.get(str(place[0]), _ConfigModel) if len(place) > 1 else _ConfigModel
    return sorted(model.model_fields)


_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")


def line_of(text: str, place: tuple[int | str, ...]) -> int:
    """The line on which the key at `place` (names, and indices of arrays of tables) stands; else its table's line.

    tomllib tells no lines; headers and `key =` at the start of a line are enough to find what people write.
    """
    best, best_depth = 1, 0
    current: tuple[int | str, ...] = ()
    counts: dict[tuple[int | str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        here: tuple[int | str, ...] | None = None
        if header := _HEADER.match(line):
            names: tuple[int | str, ...] = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if header[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                names = (*names, counts[names])
            here = current = names
        elif key := _KEY.match(line):
            here = (*current, key[1].strip("\"'"))
        if here is not None and place[: len(here)] == here and len(here) > best_depth:
            best, best_depth = number, len(here)
    return best
