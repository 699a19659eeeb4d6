"""What differs between two states of the rules, budgets and acknowledgements, each difference in a few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..config import Config
from ..model import RULE_FIELDS, SELECTORS, Acknowledgement, Budget, Limit, Rule, Selector
from ..units import human
from .accepted import Accepted
from .beside import Markers

_SIMPLE = ("branch", "against", "max_distance", "max_uncompared", "common_shift")
_SHARES = ("relative", "false_red", "warn", "up_to", "max_uncompared")

_Place = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """All that people wrote about what is too slow, at one state of the project."""

    config: Config
    accepted: Accepted
    markers: Markers


def differences(before: Written, after: Written) -> list[str]:
    """What `after` changes of `before`."""
    was, now = before.config, after.config
    return [
        *_rules((*was.rules, *before.markers.rules), (*now.rules, *after.markers.rules)),
        *_budgets((*was.budgets, *before.markers.budgets), (*now.budgets, *after.markers.budgets)),
        *_accepted(before.accepted.entries, after.accepted.entries),
        *_others(was, now),
    ]


def _place(selector: Selector) -> _Place:
    return (selector.only, *(getattr(selector, name) for name in SELECTORS))


def _rules(before: Sequence[Rule], after: Sequence[Rule]) -> Iterator[str]:
    """Field by field, for each thing that rules are about; two rules about the same are one."""
    was, now = _merged(before), _merged(after)
    about = {_place(rule): rule.selects() for rule in (*before, *after)}
    for place, words in about.items():
        old, new = was.get(place, {}), now.get(place, {})
        for name in RULE_FIELDS:
            if old.get(name) != new.get(name):
                yield f"{name} of {words} {_shown(name, old.get(name))} -> {_shown(name, new.get(name))}"
    if [place for place in was if place in now] != [place for place in now if place in was]:
        yield "the order of the rules"


def _merged(rules: Sequence[Rule]) -> dict[_Place, dict[str, Any]]:
    merged: dict[_Place, dict[str, Any]] = {}
    for rule in rules:
        fields = merged.pop(_place(rule), {})  # what comes again counts from its last place on
        for name in RULE_FIELDS:
            if (value := getattr(rule, name)) is not None:
                fields[name] = (value, rule.absolute_unit) if name == "absolute" else value
        merged[_place(rule)] = fields
    return merged


def _budgets(before: Sequence[Budget], after: Sequence[Budget]) -> Iterator[str]:
    was, now = _limits(before), _limits(after)
    for place in dict.fromkeys((*was, *now)):
        old, new = was.get(place), now.get(place)
        if new is None:
            assert old is not None
            yield f"the budget {old[1].text} of {old[0].selects()} removed"
        elif old is None:
            yield f"a budget {new[1].text} of {new[0].selects()} added"
        elif (old[1].operator, old[1].value, old[1].unit) != (new[1].operator, new[1].value, new[1].unit):
            yield f"the budget {old[1].text} of {old[0].selects()} -> {new[1].text}"
        if old and new:
            for name in ("warn", "action"):
                one, other = getattr(old[0], name), getattr(new[0], name)
                if one != other:
                    yield f"{name} of the budget {new[1].text} of {new[0].selects()} {_moved(name, one, other)}"


def _limits(budgets: Sequence[Budget]) -> dict[_Place, tuple[Budget, Limit]]:
    """Every limit by what it is about and the side on which it lies."""
    return {
        (*_place(budget), limit.left, limit.operator[0]): (budget, limit)
        for budget in budgets
        for limit in budget.limits
    }


def _accepted(before: Sequence[Acknowledgement], after: Sequence[Acknowledgement]) -> Iterator[str]:
    was, now = ({(e.cause, e.benchmark, e.metric, e.until): e for e in entries} for entries in (before, after))
    for place in dict.fromkeys((*was, *now)):
        old, new = was.get(place), now.get(place)
        words = f"acknowledgement of {place[0] or place[1]}"
        if new is None:
            yield f"{words} removed"
        elif old is None:
            yield f"{words} {_shown('up_to', new.up_to) if new.up_to is not None else 'without a limit'} added"
        else:
            for name in ("up_to", "expires"):
                one, other = getattr(old, name), getattr(new, name)
                if one != other:
                    yield f"{name} of the {words} {_moved(name, one, other)}"


def _others(before: Config, after: Config) -> Iterator[str]:
    """The rest of the configuration that can change an outcome."""
    for name in _SIMPLE:
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            yield f"{name} {_moved(name, one, other)}"
    was, now = ([(m.name, m.unit, m.direction, m.kind) for m in config.metrics] for config in (before, after))
    if was != now:
        names = dict.fromkeys(spec[0] for spec in (*was, *now) if spec not in was or spec not in now)
        yield f"the meaning of {', '.join(names)}" if names else "the order of the metrics"
    if before.renamed != after.renamed:
        yield "the renamed benchmarks"


def _moved(name: str, before: object, after: object) -> str:
    return f"{_shown(name, before)} -> {_shown(name, after)}"


def _shown(name: str, value: Any) -> str:
    """A value as people would write it."""
    if value is None:
        return "unset"
    if name == "absolute":
        return human(*value) if value[1] else f"{value[0]:g}"
    if name in _SHARES:
        return f"{value * 100:g}%"
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
