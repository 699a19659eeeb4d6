"""Variants of one thing side by side: what tells them apart, their figures, their ratios.

By         what tells the variants apart: a parameter, a part of the environment, a label, the suite
Contest    one benchmark and metric, the same for all variants but for what tells them apart
Entry      one variant in a contest: its figure, and its ratio to the reference's
Ratio      how many times the reference it is, with a 95 % interval where something says how sure that is
Group      the geometric mean of many contests
Components all that a comparison found
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .run import Benchmark, Environment, Key, Metric, Pairs, Run

#: The prefixes of an environment's names that people may leave out.
_PREFIXES = ("", "matrix.", "env.")
_NAMED = re.compile(r"[\[{(](.*)[\]})]$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row of a run belongs: its variant, and what is left of benchmark and environment without it."""

    variant: str
    benchmark: Benchmark
    environment: Environment


@dataclass(frozen=True, slots=True)
class By:
    """What tells variants apart: `kind` is param, env, tag or suite; `name` which one ("" for suite)."""

    kind: str
    name: str = ""

    @classmethod
    def of(cls, text: str) -> By:
        """As it is written: KIND:NAME, or suite. Raises ValueError."""
        kind, _, name = text.partition(":")
        if text != "suite" and not (kind in ("param", "env", "tag") and name):
            raise ValueError("write param:NAME, env:NAME, tag:NAME or suite")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind

    def place(self, key: Key, run: Run) -> Place | None:
        """Where a row belongs; None where it has no variant of this kind."""
        return self.parted(key, run.environment, run.tags)

    def parted(self, key: Key, environment: Environment, tags: Sequence[str] = ()) -> Place | None:
        """The same of a key in an environment, of a run with these labels."""
        benchmark = key.benchmark
        if self.kind == "param":
            value = dict(params_of(benchmark)).get(self.name)
            return None if value is None else Place(plain_value(value), without(benchmark, self.name), environment)
        rest = replace(benchmark, version="")
        if self.kind == "suite":
            return Place(benchmark.suite, replace(rest, suite=""), environment)
        if self.kind == "tag":
            return Place(label(tags, self.name), rest, environment)
        name = env_name(environment, self.name)
        if name is None:
            return None
        kept = tuple(pair for pair in environment.key if pair[0] != name)
        return Place(dict(environment.key)[name], rest, replace(environment, key=kept))

    def known(self, runs: Sequence[Run]) -> list[str]:
        """The names of this kind that the runs hold, sorted."""
        if self.kind == "env":
            return sorted({name for run in runs for name, _ in run.environment.key})
        if self.kind == "tag":
            return sorted({re.split("[=:]", tag, maxsplit=1)[0] for run in runs for tag in run.tags})
        benchmarks = {key.benchmark for run in runs for key in run.columns.keys}
        return sorted({name for benchmark in benchmarks for name, _ in params_of(benchmark)})


def params_of(benchmark: Benchmark) -> Pairs:
    """The parameters of a benchmark as its tool named them; without any, what its variant says plainly.

    That is "{n=10, kind=list}" in any brackets, and the arguments of "/8/1024", which are called arg1 and arg2.
    """
    if benchmark.params or not benchmark.variant:
        return benchmark.params
    if benchmark.variant.startswith("/"):
        parts = benchmark.variant[1:].split("/")
        return tuple((f"arg{place}", part) for place, part in enumerate(parts, 1))
    inner = _NAMED.match(benchmark.variant)
    pairs = [part.partition("=") for part in re.split(r",\s*", inner[1])] if inner else []
    if not all(equals and name.strip() for name, equals, _ in pairs):
        return ()
    return tuple((name.strip(), value) for name, _, value in pairs)


def without(benchmark: Benchmark, *names: str) -> Benchmark:
    """The benchmark without some of its parameters: the variant's text is made of those that are left."""
    rest = tuple(pair for pair in params_of(benchmark) if pair[0] not in names)
    text = f"[{', '.join(f'{name}={value}' for name, value in rest)}]" if rest else ""
    return replace(benchmark, variant=text, params=rest, version="")


def plain_value(value: str) -> str:
    """A parameter's value without the quotes of a Python text: "'list'" is list."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def label(tags: Sequence[str], name: str) -> str:
    """The value of a label: of "variant=fast" (or variant:fast) it is fast; of a bare one that it is there, or not."""
    for tag in tags:
        if tag[: len(name)] == name and tag[len(name) : len(name) + 1] in ("=", ":"):
            return tag[len(name) + 1 :]
    return name if name in tags else f"no {name}"


def env_name(environment: Environment, name: str) -> str | None:
    """The name in an environment's key that is meant: "numpy" is matrix.numpy where there is no plain one."""
    names = [prefix + name for prefix in _PREFIXES if prefix + name in dict(environment.key)]
    return names[0] if names else None


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the reference it is; `lo` and `hi` are its 95 % interval, NaN where nothing says how sure it is.

    evidence  where the interval comes from, or why there is none, in words
    """

    value: float
    lo: float = math.nan
    hi: float = math.nan
    evidence: str = ""

    @property
    def apart(self) -> bool:
        """Whether the interval excludes 1."""
        return self.lo > 1 or self.hi < 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One variant: its figure in the base unit (NaN where there is none), over how many runs; `ratio` to the reference.

    note   why it has no figure, "failed"
    count  in a group: how many benchmarks the ratio is the geometric mean of
    """

    variant: str
    value: float
    runs: int
    ratio: Ratio | None = None
    note: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Contest:
    """One benchmark and metric in all of its variants; `benchmark` and `environment` are without what tells them apart.

    reference  what its ratios are relative to: that of all, or where it has none, its own best
    winner     the variant that is better than each other one by an interval that excludes 1, else ""; `reason`: why
    """

    benchmark: Benchmark
    metric: Metric
    environment: Environment
    statistic: str
    entries: Sequence[Entry]
    reference: str
    winner: str
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """The geometric mean of the contests of one metric in one environment; `suite` is "" for all suites together."""

    suite: str
    metric: Metric
    environment: Environment
    entries: Sequence[Entry]
    reference: str
    winner: str
    reason: str


@dataclass(frozen=True, slots=True)
class Components:
    """All that a comparison found; `what` says in words which runs it looked at, `commit` is "" for several commits."""

    by: By
    reference: str
    variants: Sequence[str]
    contests: Sequence[Contest]
    groups: Sequence[Group]
    commit: str = ""
    subject: str = ""
    what: str = ""
    warnings: Sequence[str] = ()
    command: str = ""
