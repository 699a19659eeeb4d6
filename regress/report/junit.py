"""The report as JUnit XML, which Jenkins, GitLab and most other CI servers show: a test case for each verdict.

Failing verdicts are failures, or errors where the benchmark itself failed; what was not judged is skipped, with the
reason; everything else has passed, and says what is to be known of it in its output (a regression that only warns).
A suite of benchmarks in one environment is a test suite, and so are the budgets. What is said of the whole (a shift
of everything, a status that no single case explains) is a case of its own.

Elements and attributes are those of Jenkins' schema (junit-10), to which GitLab and the others keep as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from ..model import BudgetState, Outcome, Report, Verdict
from .budgets import BudgetRow, budget_rows
from .rows import Row, finding_lines, proof, rows

_SKIPPED = (Outcome.INCONCLUSIVE, Outcome.UNJUDGED, Outcome.INCOMPARABLE, Outcome.FAILED)
_TOLD = (Outcome.REGRESSED, Outcome.BREACHED, Outcome.MISSING, Outcome.ACCEPTED)
#: What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitRenderer:
    """JUnit XML."""

    def render(self, report: Report) -> str:
        """The report as an XML document."""
        root = Xml.Element("testsuites", name=_clean(f"regress {report.project}".strip()))
        suites: defaultdict[tuple[str, str], list[Xml.Element]] = defaultdict(list)
        for row in rows(report.verdicts):
            suites[row.verdict.comparison.key.benchmark.suite, row.environment].append(_verdict(row, report))
        for target in budget_rows(report.budgets):
            suites["budgets", target.environment].append(_budget(target))
        red = any(case.find(tag) is not None for cases in suites.values() for case in cases for tag in _RED)
        suites["regress", ""].append(_whole(report, red))
        for (name, label), cases in sorted(suites.items()):
            suite = Xml.SubElement(root, "testsuite", name=_clean(f"{name} on {label}" if label else name))
            suite.extend(cases)
            suite.set("timestamp", _timestamp(report.created_at))
            suite.set("time", "0")
            suite.set("skipped", str(_count(cases, "skipped")))
            _counted(suite, cases)
        _counted(root, [case for cases in suites.values() for case in cases])
        Xml.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


_RED = ("failure", "error")


def _case(classname: str, name: str) -> Xml.Element:
    path = classname.partition("::")[0].removesuffix(".py").replace("/", ".")
    return Xml.Element("testcase", classname=_clean(path), name=_clean(name), time="0")


def _verdict(row: Row, report: Report) -> Xml.Element:
    verdict = row.verdict
    case = _case(verdict.comparison.key.benchmark.name, f"{row.benchmark} · {verdict.comparison.key.metric.name}")
    kind = _kind(verdict)
    said = f"{row.outcome}: {row.change}; {verdict.reason}"
    if kind == "skipped":
        Xml.SubElement(case, kind, message=_clean(said))
    elif kind:
        _red(case, kind, verdict.outcome.value, said, proof(verdict, report))
    elif verdict.outcome in _TOLD:
        Xml.SubElement(case, "system-out").text = _clean("\n".join([said, *proof(verdict, report)[1:]]))
    return case


def _kind(verdict: Verdict) -> str:
    """What a verdict is to a CI server; "" where it has passed."""
    if verdict.failing:
        return "error" if verdict.outcome is Outcome.FAILED else "failure"
    return "skipped" if verdict.outcome in _SKIPPED else ""


def _budget(row: BudgetRow) -> Xml.Element:
    result = row.result
    case = _case(result.key.benchmark.name if result.key else "budgets", f"{row.benchmark} · {result.limit.text}")
    figures = f"{row.figure} {row.value}, limit {row.limit}, headroom {row.headroom}, n {row.n}"
    said = "; ".join(part for part in (f"{row.state}: {figures}", row.reason) if part)
    if result.failing:
        _red(case, "failure", result.state.value, said, [f"budget: {result.budget.origin}", row.requirement])
    elif result.state is BudgetState.UNJUDGED:
        Xml.SubElement(case, "skipped", message=_clean(said))
    elif result.state is not BudgetState.MET:
        Xml.SubElement(case, "system-out").text = _clean(said)
    return case


def _red(case: Xml.Element, kind: str, outcome: str, message: str, lines: list[str]) -> None:
    child = Xml.SubElement(case, kind, message=_clean(message), type=outcome)
    child.text = _clean("\n".join(line for line in lines if line))


def _whole(report: Report, red: bool) -> Xml.Element:
    case = _case("regress", "the whole")
    said = [*report.notices, *finding_lines(report.findings), *report.warnings]
    if any(finding.failing for finding in report.findings) or (report.status and not red):
        _red(case, "failure", "status", report.headline, [*said, f"exit status {report.status}"])
    else:
        Xml.SubElement(case, "system-out").text = _clean("\n".join([report.headline, *said]))
    return case


def _counted(element: Xml.Element, cases: list[Xml.Element]) -> None:
    element.set("tests", str(len(cases)))
    element.set("failures", str(_count(cases, "failure")))
    element.set("errors", str(_count(cases, "error")))


def _count(cases: list[Xml.Element], tag: str) -> int:
    return sum(case.find(tag) is not None for case in cases)


def _timestamp(moment: str) -> str:
    """The time in UTC without an offset, which some readers do not know."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return "1970-01-01T00:00:00"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
