"""JUnit XML as CI servers read it: what the report of a check and the summary of a run have in common.

Elements and attributes are those of Jenkins' schema (junit-10), to which GitLab and the others keep as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from ..model import BudgetState
from .budgets import BudgetRow

#: The children of a case that make it red.
RED = ("failure", "error")
#: What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(name: str, suites: Sequence[Xml.Element], seconds: float | None = None) -> str:
    """The test suites as an XML document with its counts."""
    root = Xml.Element("testsuites", name=clean(name))
    if seconds is not None:
        root.set("time", f"{seconds:.3f}")
    root.extend(suites)
    _counted(root, list(root.iter("testcase")))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def suite(
    name: str,
    cases: Sequence[Xml.Element],
    moment: str,
    seconds: float = 0.0,
    properties: Mapping[str, str] | None = None,
) -> Xml.Element:
    """A test suite of these cases. `moment` is a time in ISO 8601; properties without a value are left out."""
    made = Xml.Element("testsuite", name=clean(name))
    told = {key: value for key, value in (properties or {}).items() if value}
    if told:
        around = Xml.SubElement(made, "properties")
        for key, value in told.items():
            Xml.SubElement(around, "property", name=key, value=clean(value))
    made.extend(cases)
    made.set("timestamp", _timestamp(moment))
    made.set("time", _time(seconds))
    made.set("skipped", str(_count(cases, "skipped")))
    _counted(made, cases)
    return made


def case(classname: str, name: str, seconds: float = 0.0) -> Xml.Element:
    """A test case. `classname` may be a path to a test: it becomes the dotted name that servers group by."""
    path = classname.partition("::")[0].removesuffix(".py").replace("/", ".")
    return Xml.Element("testcase", classname=clean(path), name=clean(name), time=_time(seconds))


def red(to: Xml.Element, kind: str, word: str, message: str, lines: Sequence[str]) -> None:
    """Makes a case red: `kind` is "failure" or "error", `word` says of which sort."""
    child = Xml.SubElement(to, kind, message=clean(message), type=clean(word))
    child.text = clean("\n".join(line for line in lines if line))


def skip(to: Xml.Element, message: str) -> None:
    """Makes a case one that was skipped."""
    Xml.SubElement(to, "skipped", message=clean(message))


def say(to: Xml.Element, lines: Sequence[str]) -> None:
    """What is to be known of a case that has passed."""
    Xml.SubElement(to, "system-out").text = clean("\n".join(line for line in lines if line))


def is_red(to: Xml.Element) -> bool:
    """Whether a case is red."""
    return any(to.find(tag) is not None for tag in RED)


def budget(row: BudgetRow) -> Xml.Element:
    """The case of one target: breached is a failure, unjudged is skipped."""
    result = row.result
    made = case(result.key.benchmark.name if result.key else "budgets", f"{row.benchmark} · {result.limit.text}")
    figures = f"{row.figure} {row.value}, limit {row.limit}, headroom {row.headroom}, n {row.n}"
    said = "; ".join(part for part in (f"{row.state}: {figures}", row.reason) if part)
    if result.failing:
        red(made, "failure", result.state.value, said, [f"budget: {result.budget.origin}", row.requirement])
    elif result.state is BudgetState.UNJUDGED:
        skip(made, said)
    elif result.state is not BudgetState.MET:
        say(made, [said])
    return made


def whole(headline: str, said: Sequence[str], failed: Sequence[str] = ()) -> Xml.Element:
    """The case of all together: it has failed where `failed` says what no other case explains."""
    made = case("regress", "the whole")
    if failed:
        red(made, "failure", "status", headline, [*said, *failed])
    else:
        say(made, [headline, *said])
    return made


def clean(text: str) -> str:
    """Text that a document can hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _counted(element: Xml.Element, cases: Sequence[Xml.Element]) -> None:
    element.set("tests", str(len(cases)))
    element.set("failures", str(_count(cases, "failure")))
    element.set("errors", str(_count(cases, "error")))


def _count(cases: Sequence[Xml.Element], tag: str) -> int:
    return sum(case.find(tag) is not None for case in cases)


def _time(seconds: float) -> str:
    return f"{seconds:.3f}" if seconds else "0"


def _timestamp(moment: str) -> str:
    """The time in UTC without an offset, which some readers do not know."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return "1970-01-01T00:00:00"
