"""Rules: what the configuration, and a marker beside a test, say of one benchmark and metric, merged into a policy.

The defaults, and why:

statistic "auto"   the least noisy figure that both sides have. On a shared machine, runs of identical code one after
                   the other differ by more than 10 % in 5 to 13 % of the minima, 23 to 31 % of the medians and 37 to
                   49 % of the means; but a minimum of many rounds is lower than one of few, so it is used only
                   where the rounds are within a factor of two, else the median.
relative 10 %      for noisy metrics: below that, one run a side on a hosted runner cannot tell code from neighbours.
relative 1 %       for exact metrics: any difference is real there, a smaller one is rarely worth a red build.
absolute 0         no floor; for benchmarks of microseconds "50 ns" is a good one.
false_red 1 %      one run in a hundred that is red without a reason is what people still take a gate seriously with.
min_runs 5         fewer earlier runs than these say too little of the noise to be sure.
across no          another processor is another noise and another level: only confirmation compares them.
action "fail"      a gate that does not close is worse than none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..globs import matcher
from ..model import RULE_FIELDS, Action, Benchmark, Environment, Key, Kind, Policy, Rule, Selector, Tolerance

DEFAULT_RELATIVE = {Kind.NOISY: 0.10, Kind.EXACT: 0.01}
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that fits one benchmark, and what became of it: `sets` holds, `overridden` names the line that goes last.

    `idle`: keys that say nothing here, as their unit is not the metric's.
    """

    rule: Rule
    sets: tuple[str, ...]
    overridden: tuple[tuple[str, str], ...] = ()
    idle: tuple[str, ...] = ()


class Rules:
    """The rules, in order; the last one that matches wins, field by field. Those beside a test come after all others.

    Each pattern is compiled once, and policies are made once for each combination of rules that matched, so that
    thousands of series cost little more than the matching.
    """

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.all = tuple(rules)
        self._general = [(i, _fits(rule)) for i, rule in enumerate(self.all) if not rule.only]
        self._beside: dict[tuple[str, ...], list[tuple[int, Fits]]] = defaultdict(list)
        for index, rule in enumerate(self.all):
            if rule.only:
                self._beside[rule.only].append((index, _fits(rule)))
        self._used: set[int] = set()
        self._policies: dict[tuple[Kind, str, tuple[int, ...]], Policy] = {}

    def policy(self, key: Key, environment: Environment, tags: Sequence[str] = ()) -> Policy:
        """The merged policy of one benchmark and metric in one environment; `tags` are the labels of the run."""
        matched = self._matched(key, environment, tags)
        place = (key.metric.kind, key.metric.unit, matched)
        if place not in self._policies:
            self._used.update(matched)
            self._policies[place] = _merged([self.all[i] for i in matched], key)
        return self._policies[place]

    def matching(self, key: Key, environment: Environment, tags: Sequence[str] = ()) -> list[Rule]:
        """The rules that fit, in order."""
        return [self.all[index] for index in self._matched(key, environment, tags)]

    def applied(self, key: Key, environment: Environment, tags: Sequence[str] = ()) -> list[Applied]:
        """The rules that fit, in order, each with what it sets and what a later one sets instead."""
        rules = self.matching(key, environment, tags)
        found = []
        for place, rule in enumerate(rules):
            said = [name for name in RULE_FIELDS if getattr(rule, name) is not None]
            later = {name: _last(rules[place + 1 :], name, key) for name in said}
            told = [name for name in said if _says(rule, name, key)]
            over = tuple((name, line) for name in told if (line := later[name]) is not None)
            sets = tuple(name for name in told if later[name] is None)
            found.append(Applied(rule, sets, over, tuple(name for name in said if name not in told)))
        return found

    def unused(self) -> list[Rule]:
        """The rules that have matched nothing so far: most often a misspelt or renamed benchmark."""
        return [rule for index, rule in enumerate(self.all) if index not in self._used and not rule.only]

    def _matched(self, key: Key, environment: Environment, tags: Sequence[str]) -> tuple[int, ...]:
        if not self.all:
            return ()
        matched = [index for index, fits in self._general if fits(key, environment, tags)]
        if self._beside:
            near = self._beside.get((key.benchmark.suite, key.benchmark.full), ())
            matched += [index for index, fits in near if fits(key, environment, tags)]
        return tuple(matched)


Fits = Callable[[Key, Environment, Sequence[str]], bool]


def fits(selector: Selector) -> Fits:
    """The test that a selector stands for, compiled once; all that it says must hold."""
    inner = _fits(selector)
    if not selector.only:
        return inner
    return lambda key, environment, tags: _name(key.benchmark) == selector.only and inner(key, environment, tags)


def _name(benchmark: Benchmark) -> tuple[str, str]:
    return benchmark.suite, benchmark.full


def _fits(selector: Selector) -> Fits:
    tests = list(_tests(selector))
    if len(tests) == 1:
        return tests[0]
    return lambda key, environment, tags: all(test(key, environment, tags) for test in tests)


def _tests(selector: Selector) -> Iterator[Fits]:
    """A test for each part of a selector that narrows it, the cheapest first."""
    if selector.metric != "*":
        metric = matcher(selector.metric)
        yield lambda key, environment, tags: metric(key.metric.name)
    if selector.suite != "*":
        suite = matcher(selector.suite)
        yield lambda key, environment, tags: suite(key.benchmark.suite)
    if selector.group != "*":
        group = matcher(selector.group)
        yield lambda key, environment, tags: group(key.benchmark.group)
    if selector.tag != "*":
        tag = matcher(selector.tag)
        yield lambda key, environment, tags: any(map(tag, tags))
    if selector.benchmark != "*":
        name = matcher(selector.benchmark)
        yield lambda key, environment, tags: _named(name, key.benchmark)
    if selector.param != "*":
        param = matcher(selector.param)
        yield lambda key, environment, tags: any(param(f"{name}={value}") for name, value in key.benchmark.params)
    if selector.environment != "*":
        yield _Places(matcher(selector.environment))


def _named(name: Callable[[str], bool], benchmark: Benchmark) -> bool:
    return name(benchmark.name + benchmark.variant) or (benchmark.variant != "" and name(benchmark.name))


class _Places:
    """Whether an environment's label, or any value of its key, fits: asked for each series, of few environments."""

    def __init__(self, test: Callable[[str], bool]) -> None:
        self._test = test
        self._known: dict[Environment, bool] = {}

    def __call__(self, key: Key, environment: Environment, tags: Sequence[str]) -> bool:
        if environment not in self._known:
            texts = (environment.label, *(value for _, value in environment.key))
            self._known[environment] = any(map(self._test, texts))
        return self._known[environment]


def _says(rule: Rule, name: str, key: Key) -> bool:
    """Whether a rule says something of a field here; 50 ns say nothing of a metric in bytes."""
    if getattr(rule, name) is None:
        return False
    return name != "absolute" or rule.absolute_unit in ("", key.metric.unit)


def _last(rules: Iterable[Rule], name: str, key: Key) -> str | None:
    """The line of the last of the rules that says something of a field."""
    lines = [rule.origin_of(name) for rule in rules if _says(rule, name, key)]
    return lines[-1] if lines else None


def _merged(rules: Sequence[Rule], key: Key) -> Policy:
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for rule in rules:
        for name in RULE_FIELDS:
            if _says(rule, name, key):
                values[name], origins[name] = getattr(rule, name), rule.origin_of(name)

    def number(name: str, default: float) -> float:
        value = values.get(name, default)
        assert isinstance(value, float | int)
        return float(value)

    return Policy(
        statistic=str(values.get("statistic", AUTO)),
        tolerance=Tolerance(number("relative", DEFAULT_RELATIVE[key.metric.kind]), number("absolute", 0.0)),
        action=Action(str(values.get("action", Action.FAIL))),
        origins=tuple(sorted(origins.items())),
        false_red=number("false_red", 0.01),
        min_runs=int(number("min_runs", 5)),
        across=bool(values.get("across", False)),
    )
