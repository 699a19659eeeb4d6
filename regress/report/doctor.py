"""An examination -> text and JSON: one line a question, ok, warning or fault, each saying what to do.

{"schema": 1, "status": 1, "seconds": 1.2, "counts": {"ok": 14, "warning": 2, "fault": 1},
 "lines": [{"section": "gate", "name": "planted slowdown", "state": "ok", "text": …, "hint": ""}]}
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..plain import printable, table

SCHEMA = 1


class State(StrEnum):
    """OK, WARNING (worth a look), FAULT (something that people rely on does not hold)."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Section(StrEnum):
    """What is examined: the gate itself, what it makes of broken inputs, what is written down, the history."""

    GATE = "gate"
    INPUTS = "inputs"
    PROJECT = "project"


_TITLES = {
    Section.GATE: "the gate, with slowdowns planted",
    Section.INPUTS: "broken inputs, each with its stated outcome",
    Section.PROJECT: "what is written down, and the history",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One question that was asked: its name in a few words, what was found, and what to do about it."""

    section: Section
    name: str
    state: State
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """All lines in their order, and how long they took."""

    lines: Sequence[Line]
    seconds: float

    @property
    def status(self) -> int:
        """1 where there is a fault."""
        return int(any(line.state is State.FAULT for line in self.lines))

    @property
    def counts(self) -> dict[str, int]:
        """How many lines of each state there are, the worst first; zeros left out."""
        found = Counter(line.state for line in self.lines)
        return {state.value: found[state] for state in (State.FAULT, State.WARNING, State.OK) if found[state]}


def text(found: Examination) -> str:
    """The sections one after the other, and the counts as the first line."""
    words = [_counted(number, state) for state, number in found.counts.items()]
    lines = [", ".join(words) or "nothing was examined"]
    for section in Section:
        rows = [[line.state.value, line.name, _said(line)] for line in found.lines if line.section is section]
        if rows:
            lines += ["", _TITLES[section], *(f"  {row}" for row in table(rows))]
    return "\n".join(lines) + "\n"


def _counted(number: int, state: str) -> str:
    return f"{number} {state}" + ("s" if number != 1 and state != State.OK else "")


def _said(line: Line) -> str:
    return printable(f"{line.text}; {line.hint}" if line.hint else line.text)


def as_json(found: Examination) -> str:
    """The same for programs."""
    document = {
        "schema": SCHEMA,
        "status": found.status,
        "seconds": round(found.seconds, 3),
        "counts": found.counts,
        "lines": [
            {
                "section": line.section.value, "name": line.name, "state": line.state.value, "text": line.text,
                "hint": line.hint,
            }
            for line in found.lines
        ],
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


FORMATS: dict[str, Callable[[Examination], str]] = {"text": text, "json": as_json}
