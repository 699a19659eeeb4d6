"""Rules: what the configuration says of one benchmark and metric, merged into a policy.

The defaults, and why:

statistic "auto"   the least noisy figure that both sides have. On a shared machine, runs of identical code one after
                   the other differ by more than 10 % in 5 to 13 % of the minima, 23 to 31 % of the medians and 37 to
                   49 % of the means; but a minimum of many rounds is lower than one of few, so it is used only
                   where the rounds are within a factor of two, else the median.
relative 10 %      for noisy metrics: below that, one run a side on a hosted runner cannot tell code from neighbours.
relative 1 %       for exact metrics: any difference is real there, a smaller one is rarely worth a red build.
absolute 0         no floor; for benchmarks of microseconds "50 ns" is a good one.
action "fail"      a gate that does not close is worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..globs import matches
from ..model import Action, Environment, Key, Kind, Policy, Rule, Tolerance

DEFAULT_RELATIVE = {Kind.NOISY: 0.10, Kind.EXACT: 0.01}
AUTO = "auto"
_FIELDS = ("statistic", "relative", "absolute", "action")


class Rules:
    """The rules of a configuration, in order; the last one that matches wins, field by field."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = tuple(rules)
        self._used: set[int] = set()
        self._defaults = {kind: _policy({}, {}, kind) for kind in Kind}

    def policy(self, key: Key, environment: Environment) -> Policy:
        """The merged policy of one benchmark and metric in one environment."""
        if not self._rules:
            return self._defaults[key.metric.kind]
        values: dict[str, object] = {}
        origins: dict[str, str] = {}
        for index, rule in enumerate(self._rules):
            if _applies(rule, key, environment):
                self._used.add(index)
                for name in _FIELDS:
                    if (value := getattr(rule, name)) is not None:
                        values[name], origins[name] = value, rule.origin
        return _policy(values, origins, key.metric.kind)

    def unused(self) -> list[Rule]:
        """The rules that have matched nothing so far: most often a misspelt or renamed benchmark."""
        return [rule for index, rule in enumerate(self._rules) if index not in self._used]


def _applies(rule: Rule, key: Key, environment: Environment) -> bool:
    benchmark = key.benchmark
    if not (matches(rule.benchmark, benchmark.full) or (benchmark.variant and matches(rule.benchmark, benchmark.name))):
        return False
    if not matches(rule.metric, key.metric.name):
        return False
    if rule.environment == "*":
        return True
    return any(matches(rule.environment, text) for text in (environment.label, *(v for _, v in environment.key)))


def _policy(values: dict[str, object], origins: dict[str, str], kind: Kind) -> Policy:
    relative, absolute = values.get("relative", DEFAULT_RELATIVE[kind]), values.get("absolute", 0.0)
    assert isinstance(relative, float | int)
    assert isinstance(absolute, float | int)
    return Policy(
        statistic=str(values.get("statistic", AUTO)),
        tolerance=Tolerance(float(relative), float(absolute)),
        action=Action(str(values.get("action", Action.FAIL))),
        origins=tuple(sorted(origins.items())),
    )
