"""What became of each test of a measured pytest: see `inject/plugin/regress_outcomes.py`, which writes it down."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .request import Request

_PLUGIN = Path(__file__).parent / "inject" / "plugin"
#: What makes pytest load it.
WORDS = ("-p", "regress_outcomes")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the tests.

    passed   those that passed, timed or not
    failed   benchmarks that failed, with the reason, whether before or after they were timed
    others   tests that failed and time nothing, with the reason
    broken   files that could not be collected, with the reason
    seconds  how long each benchmark took with its fixtures
    xdist    whether the tests were run side by side, so that nothing was measured
    """

    passed: frozenset[str]
    failed: Mapping[str, str]
    others: Mapping[str, str]
    broken: Mapping[str, str]
    seconds: Mapping[str, float]
    xdist: bool = False


def variables(request: Request, environment: Mapping[str, str]) -> dict[str, str]:
    """What a pytest finds in its environment so that it writes the outcomes; those of an earlier call are removed."""
    file = _file(request)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    path = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), str(_PLUGIN))))
    chosen = {"REGRESS_SELECT": request.selection.expressions()} if request.selection else {}
    return {"PYTHONPATH": path, "REGRESS_OUTCOMES": str(file), **chosen}


def read(request: Request) -> Outcomes:
    """What was written down; a line that breaks off, as the process was killed, is no line."""
    passed: set[str] = set()
    failed: dict[str, str] = {}
    others: dict[str, str] = {}
    broken: dict[str, str] = {}
    seconds: dict[str, float] = {}
    xdist = False
    for said in _lines(_file(request)):
        name, outcome, reason = str(said.get("id", "")), said.get("outcome"), str(said.get("reason", ""))
        xdist |= outcome == "xdist"
        if outcome == "broken":
            broken[name] = reason
        elif outcome == "passed":
            passed.add(name)
        elif outcome == "failed":
            (failed if said.get("timed") else others)[name] = reason or "it failed"
        if said.get("timed") and isinstance(said.get("seconds"), int | float):
            seconds[name] = float(str(said["seconds"]))
    return Outcomes(frozenset(passed), failed, others, broken, seconds, xdist)


def _lines(file: Path) -> list[dict[str, object]]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        found += [said] if isinstance(said, dict) else []
    return found


def _file(request: Request) -> Path:
    return request.scratch / "outcomes.jsonl"
