"""What grew between two profiles of one benchmark: the functions that cost more, where its tool kept a cProfile.

A profile lists the costliest functions of some executions of the benchmark. Functions are paired by file and name: a
line number moves with every edit above it, and the folder differs between two checkouts. A function that a side does
not list took too little there to be among its costliest, or was not called.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model import Key
from ..report.explained import Grown

if TYPE_CHECKING:
    from .context import Workspace

#: The key under which a profile hangs on a benchmark's first row.
_PROFILE = "cprofile"
#: So many functions are shown.
MOST = 10
#: Called once for each execution that is profiled.
_ONCE = "<method 'disable' of '_lsprof.Profiler' objects>"
_PLACE = re.compile(r"(.*):\d+\((.*)\)$", re.DOTALL)


@dataclass(slots=True)
class _Cost:
    """Calls, own seconds and seconds with what it calls, of one execution."""

    calls: float = 0.0
    own: float = 0.0
    cumulative: float = 0.0


_Costs = dict[str, _Cost]


class Profiles:
    """The profiles that the runs of two sides kept."""

    def __init__(self, workspace: Workspace, base: Collection[int], candidate: Collection[int]) -> None:
        self._base, self._candidate = (_read(workspace, ids) for ids in (base, candidate))

    def grown(self, key: Key) -> tuple[tuple[Grown, ...], str]:
        """The functions of a benchmark that grew most; or a word on why there are none, "" where nobody keeps any."""
        name = key.unversioned[:2]
        base, candidate = self._base.get(name), self._candidate.get(name)
        if base and candidate:
            found = _grown(base, candidate)
            return found, "" if found else "both sides kept a profile, and no function takes longer"
        if base or candidate:
            one, other = ("base", "candidate") if base else ("candidate", "base")
            return (), f"the {one} kept a profile and the {other} did not: measure both with --benchmark-cprofile"
        return (), ""


def _read(workspace: Workspace, ids: Collection[int]) -> dict[tuple[str, ...], _Costs]:
    """The newest readable profile of each benchmark, by suite and full name."""
    found: dict[tuple[str, ...], _Costs] = {}
    for _, key, text in workspace.existing_history.attachments(ids, f'"{_PROFILE}"') if ids else ():
        try:
            rows = json.loads(text)[_PROFILE]
            found[key.unversioned[:2]] = _costs(rows)
        except (ValueError, TypeError, KeyError):
            continue  # foreign text: what is no profile explains nothing
    return found


def _costs(rows: Sequence[dict[str, Any]]) -> _Costs:
    once = [row for row in rows if str(row["function_name"]).endswith(f"({_ONCE})")]
    top = once[0] if once else max(rows, key=lambda row: float(row["cumtime"]))
    executions = max(_primitive(top), 1.0)
    costs: _Costs = {}
    for row in rows:
        if row in once:
            continue
        cost = costs.setdefault(_named(str(row["function_name"])), _Cost())
        cost.calls += float(row["ncalls"]) / executions
        cost.own += float(row["tottime"]) / executions
        cost.cumulative += float(row["cumtime"]) / executions
    return costs


def _primitive(row: dict[str, Any]) -> float:
    """Calls that are no recursion: of "12/3" the 3."""
    return float(str(row.get("ncalls_recursion", row["ncalls"])).rpartition("/")[2])


def _named(text: str) -> str:
    """`heapq.py(nsmallest)`: the last two parts of the path, without the line."""
    match = _PLACE.match(text)
    if not match:
        return text
    path = match[1].replace("\\", "/").split("/")
    return match[2] if path == ["~"] else f"{'/'.join(path[-2:])}({match[2]})"


def _grown(base: _Costs, candidate: _Costs) -> tuple[Grown, ...]:
    found = []
    for name, now in candidate.items():
        was = base.get(name)
        growth = now.own - (was.own if was else 0.0)
        if growth <= 0 or not math.isfinite(growth):
            continue
        calls, own, whole = (_each(was), _each(now)), (_own(was), _own(now)), (_all(was), _all(now))
        found.append(Grown(name, calls, own, whole, growth))
    return tuple(sorted(found, key=lambda one: -one.growth)[:MOST])


def _each(cost: _Cost | None) -> float:
    return cost.calls if cost else math.nan


def _own(cost: _Cost | None) -> float:
    return cost.own / cost.calls if cost and cost.calls else math.nan


def _all(cost: _Cost | None) -> float:
    return cost.cumulative if cost else math.nan
