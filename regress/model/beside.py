"""What stands beside a test: rule and budget of one benchmark, in its marker or in `extra_info["regress"]`.

    {"relative": "5%", "absolute": "50 ns", "action": "warn", "p95": "< 150 ms", "requirement": "REQ-7"}

What a rule may say, `metric` to narrow it (the place says which benchmark it is for), `limit` or `limits`, `warn` and
`requirement` of a budget; any other key whose value begins with < or > is the left side of a limit. `action` is that of
both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import written
from .budget import Budget
from .run import Benchmark
from .spec import Action, Rule
from .written import Limit

#: The key of an attachment, and of pytest-benchmark's extra_info, under which it stands.
BESIDE = "regress"
#: A marker is a few words; more than this is something else.
MOST_CHARACTERS = 10_000
_OTHERS: Mapping[str, Callable[[Any], Any]] = {
    "metric": written.selector,
    "warn": written.share,
    "requirement": written.words,
}
_KNOWN = (*written.READERS, *_OTHERS, "limit", "limits")


@dataclass(frozen=True, slots=True)
class Beside:
    """The rule and the budget that stand beside one benchmark, and what is wrong with what is written there."""

    rule: Rule | None = None
    budget: Budget | None = None
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class _Read:
    """What was understood so far."""

    rule: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, Any] = field(default_factory=dict)
    limits: list[Limit] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def take(self, key: str, value: object) -> None:
        """One key; what is wrong with it becomes a fault that names it."""
        try:
            self._take(key, value)
        except ValueError as error:
            self.faults.append(f"{key}: {error} (it is {value!r:.60})")

    def _take(self, key: str, value: object) -> None:
        if key == "absolute":
            self.rule["absolute"], self.rule["absolute_unit"] = written.quantity(value)
        elif key in written.READERS:
            self.rule[key] = written.READERS[key](value)
        elif key in _OTHERS:
            self.budget[key] = _OTHERS[key](value)
        elif key in ("limit", "limits"):
            listed = value if isinstance(value, list | tuple) else [value]
            self.limits += [written.limit(text) for text in listed]
        elif isinstance(value, str) and value.lstrip()[:1] in ("<", ">"):
            self.limits.append(written.limit(f"{key} {value}"))
        else:
            raise ValueError(f"is not known here; known: {', '.join(_KNOWN)}, or a limit such as p95='< 150 ms'")


def read_beside(raw: object, benchmark: Benchmark) -> Beside:
    """The rule and the budget of one benchmark. A bad key is a fault and the other keys hold; it never raises."""
    if not isinstance(raw, Mapping):
        return Beside(faults=(f"is no table of keys (it is {raw!r:.60})",))
    found = _Read()
    for key, value in raw.items():
        found.take(str(key), value)
    origin = f"{benchmark.name} (marker)"
    place: dict[str, Any] = {"only": (benchmark.suite, benchmark.full), "origin": origin}
    metric = found.budget.pop("metric", "*")
    rule = Rule(**found.rule, metric=metric, **place) if found.rule else None
    budget = None
    if found.limits:
        action = found.rule.get("action", Action.FAIL)
        budget = Budget(limits=tuple(found.limits), metric=metric, action=action, **found.budget, **place)
    elif idle := sorted(found.budget):
        found.faults.append(f"{idle[0]}: there is no limit that it belongs to")
    return Beside(rule, budget, tuple(found.faults))


def attached(text: str, benchmark: Benchmark) -> Beside:
    """What an attachment of a run holds of it; nothing where it holds none."""
    if f'"{BESIDE}"' not in text:
        return Beside()
    try:
        content = json.loads(text)
    except ValueError:
        return Beside()
    if not isinstance(content, dict) or BESIDE not in content:
        return Beside()
    return read_beside(content[BESIDE], benchmark)
