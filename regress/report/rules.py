"""Rules -> text and JSON: which there are and how much they match, and why a benchmark is judged as it is.

listed     {"schema": 1, "series": 24, "rules": [{"selects", "origin", "series", "sets": {"relative": 0.05}}],
            "budgets": [{"selects", "origin", "series", "limits": ["p95 < 150ms"], "requirement"}], "warnings": […]}
explained  {"schema": 1, "explained": [{"series": [{"suite", "benchmark", "metric", "environment"}],
            "policy": {"relative": {"value": 0.05, "origin": "pyproject.toml:8"}, …},
            "rules": [{"origin", "selects", "sets": […], "overridden": {"relative": "pyproject.toml:8"}, "idle": […]}],
            "budgets": [{"origin", "limits", "requirement"}]}]}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..judge.rules import Applied
from ..model import RULE_FIELDS, Budget, Environment, Key, Policy, Rule
from ..plain import printable, table
from ..units import human

SCHEMA = 1
#: As many series are named in one heading.
_MOST_NAMES = 3
_SHARES = ("relative", "false_red")


@dataclass(frozen=True, slots=True)
class Counted:
    """A rule or a budget, and how many series of the history it matches."""

    written: Rule | Budget
    series: int

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return "rule" if isinstance(self.written, Rule) else "budget"


@dataclass(frozen=True, slots=True)
class RulesReport:
    """All rules and budgets in their order, over so many series."""

    counted: Sequence[Counted]
    series: int
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Series that are judged alike: the merged policy, the rules that match in order, the budgets."""

    series: Sequence[tuple[Key, Environment]]
    policy: Policy
    rules: Sequence[Applied]
    budgets: Sequence[Budget]


def listed_text(report: RulesReport) -> str:
    """The rules in order with what they set and how many series they match."""
    rules = [one for one in report.counted if isinstance(one.written, Rule)]
    budgets = [one for one in report.counted if isinstance(one.written, Budget)]
    many = f"{report.series:,} series in the history"
    if not report.counted:
        lines = [f"no rules and no budgets: the defaults hold for {many}"]
    else:
        lines = [f"{len(rules)} rules and {len(budgets)} budgets over {many}; the last rule that matches wins"]
    for title, group in (("rule", rules), ("budget", budgets)):
        if group:
            rows = [["series", title, "says", "line"], *(_counted_row(one) for one in group)]
            lines += ["", *table(rows, right=(0,))]
    lines += ["", *(f"warning: {printable(warning)}" for warning in report.warnings)] if report.warnings else []
    return "\n".join(lines) + "\n"


def _counted_row(one: Counted) -> list[str]:
    return [f"{one.series:,}", one.written.selects(), _says(one.written), one.written.origin]


def _says(written: Rule | Budget) -> str:
    if isinstance(written, Budget):
        words = [", ".join(limit.text for limit in written.limits)]
        words += [f"warn {written.warn * 100:g}%"] if written.warn else []
        words += [f"action {written.action}"] if written.action != "fail" else []
        return ", ".join([*words, *([written.requirement] if written.requirement else [])])
    said = [f"{name} {_of_rule(written, name)}" for name in RULE_FIELDS if getattr(written, name) is not None]
    return ", ".join(said) or "nothing"


def _of_rule(rule: Rule, name: str) -> str:
    return _shown(name, getattr(rule, name), rule.absolute_unit)


def _shown(name: str, value: Any, unit: str) -> str:
    if name in _SHARES:
        return f"{value * 100:g}%"
    if name == "absolute":
        return human(value, unit) if unit else f"{value:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def explained_text(found: Sequence[Explained]) -> str:
    """A block for each group of series: every field with its value and line, the rules that matched, the budgets."""
    return "\n".join("\n".join(_block(one)) + "\n" for one in found)


def _block(one: Explained) -> list[str]:
    lines = _heading(one.series)
    unit = one.series[0][0].metric.unit
    rows = [[name, _shown(name, value, unit), one.policy.origin(name)] for name, value in _fields(one.policy).items()]
    lines += [f"  {line}" for line in table(rows)]
    if one.rules:
        rows = [[applied.rule.origin, applied.rule.selects(), _became(applied)] for applied in one.rules]
        lines += ["  rules that match, in order:", *(f"    {line}" for line in table(rows))]
    if one.budgets:
        rows = [[budget.origin, budget.selects(), _says(budget)] for budget in one.budgets]
        lines += ["  budgets:", *(f"    {line}" for line in table(rows))]
    return lines


def _heading(series: Sequence[tuple[Key, Environment]]) -> list[str]:
    names = [f"{key.benchmark.full} · {key.metric.name} · {place.label}" for key, place in series]
    left = len(names) - _MOST_NAMES
    more = [f"… and {left:,} more that are judged alike"] if left > 0 else []
    return [*map(printable, names[:_MOST_NAMES]), *more]


def _fields(policy: Policy) -> dict[str, Any]:
    """Every field of a policy in the order of `RULE_FIELDS`."""
    own = {"relative": policy.tolerance.relative, "absolute": policy.tolerance.absolute}
    return {name: own[name] if name in own else getattr(policy, name) for name in RULE_FIELDS}


def _became(applied: Applied) -> str:
    over = dict(applied.overridden)
    words = []
    for name in RULE_FIELDS:
        if getattr(applied.rule, name) is None:
            continue
        text = f"{name} {_of_rule(applied.rule, name)}"
        text += f" (overridden by {over[name]})" if name in over else ""
        text += " (not of this metric's unit)" if name in applied.idle else ""
        words.append(text)
    return ", ".join(words) or "nothing"


def listed_json(report: RulesReport) -> str:
    """The list as a document for programs."""
    rules = [
        {
            **_named(one),
            "sets": {n: getattr(one.written, n) for n in RULE_FIELDS if getattr(one.written, n) is not None},
        }
        for one in report.counted
        if isinstance(one.written, Rule)
    ]
    budgets = [{**_named(one), **_budget(one.written)} for one in report.counted if isinstance(one.written, Budget)]
    return _dumped({"series": report.series, "rules": rules, "budgets": budgets, "warnings": list(report.warnings)})


def _named(one: Counted) -> dict[str, Any]:
    return {"selects": one.written.selects(), "origin": one.written.origin, "series": one.series}


def _budget(budget: Budget) -> dict[str, Any]:
    limits = [limit.text for limit in budget.limits]
    return {"origin": budget.origin, "limits": limits, "warn": budget.warn, "requirement": budget.requirement}


def explained_json(found: Sequence[Explained]) -> str:
    """The explanations as a document for programs."""
    return _dumped({"explained": [_explanation(one) for one in found]})


def _explanation(one: Explained) -> dict[str, Any]:
    policy = {name: {"value": value, "origin": one.policy.origin(name)} for name, value in _fields(one.policy).items()}
    return {
        "series": [
            {
                "suite": key.benchmark.suite, "benchmark": key.benchmark.full, "metric": key.metric.name,
                "environment": place.label,
            }
            for key, place in one.series
        ],
        "policy": policy,
        "rules": [
            {
                "origin": a.rule.origin, "selects": a.rule.selects(), "sets": list(a.sets),
                "overridden": dict(a.overridden), "idle": list(a.idle),
            }
            for a in one.rules
        ],
        "budgets": [_budget(budget) for budget in one.budgets],
    }  # fmt: skip


def _dumped(content: dict[str, Any]) -> str:
    return json.dumps({"schema": SCHEMA, **content}, ensure_ascii=True, indent=1, allow_nan=False) + "\n"
