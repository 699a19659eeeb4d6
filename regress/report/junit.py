"""The report as JUnit XML, which Jenkins, GitLab and most other CI servers show: a test case for each verdict.

Failing verdicts are failures, or errors where the benchmark itself failed; what was not judged is skipped, with the
reason; everything else has passed, and says what is to be known of it in its output (a regression that only warns).
A suite of benchmarks in one environment is a test suite, and so are the budgets. What is said of the whole (a shift
of everything, a status that no single case explains) is a case of its own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..model import Outcome, Report, Verdict
from . import xml
from .budgets import budget_rows
from .rows import Row, finding_lines, proof, rows

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SKIPPED = (Outcome.INCONCLUSIVE, Outcome.UNJUDGED, Outcome.INCOMPARABLE, Outcome.FAILED)
_TOLD = (Outcome.REGRESSED, Outcome.BREACHED, Outcome.MISSING, Outcome.ACCEPTED)


class JunitRenderer:
    """JUnit XML."""

    def render(self, report: Report) -> str:
        """The report as an XML document."""
        suites: defaultdict[tuple[str, str], list[Element]] = defaultdict(list)
        for row in rows(report.verdicts):
            suites[row.verdict.comparison.key.benchmark.suite, row.environment].append(_verdict(row, report))
        for target in budget_rows(report.budgets):
            suites["budgets", target.environment].append(xml.budget(target))
        red = any(xml.is_red(case) for cases in suites.values() for case in cases)
        suites["regress", ""].append(_whole(report, red))
        drawn = [
            xml.suite(f"{name} on {label}" if label else name, cases, report.created_at)
            for (name, label), cases in sorted(suites.items())
        ]
        return xml.document(f"regress {report.project}".strip(), drawn)


def _verdict(row: Row, report: Report) -> Element:
    verdict = row.verdict
    case = xml.case(verdict.comparison.key.benchmark.name, f"{row.benchmark} · {verdict.comparison.key.metric.name}")
    kind = _kind(verdict)
    said = f"{row.outcome}: {row.change}; {verdict.reason}"
    if kind == "skipped":
        xml.skip(case, said)
    elif kind:
        xml.red(case, kind, verdict.outcome.value, said, proof(verdict, report))
    elif verdict.outcome in _TOLD:
        xml.say(case, [said, *proof(verdict, report)[1:]])
    return case


def _kind(verdict: Verdict) -> str:
    """What a verdict is to a CI server; "" where it has passed."""
    if verdict.failing:
        return "error" if verdict.outcome is Outcome.FAILED else "failure"
    return "skipped" if verdict.outcome in _SKIPPED else ""


def _whole(report: Report, red: bool) -> Element:
    said = [*report.notices, *finding_lines(report.findings), *report.warnings]
    failed = any(finding.failing for finding in report.findings) or (report.status and not red)
    return xml.whole(report.headline, said, [f"exit status {report.status}"] if failed else ())
