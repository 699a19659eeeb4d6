"""The summary of a run as JUnit XML: a test suite for each suite of benchmarks, and one for the targets.

A suite is a case of its own (passed, failed, or skipped with its reason, with its time), and so is each of its
benchmarks that failed: a failure where a test did not hold, an error where it could not be run (an import, a
connection, a crash, a timeout, its server …). What failed as expected is skipped. A breached target is a failure, one
that was not judged is skipped. A status that no single case explains is a failure of the whole.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..model import Failure, RunSummary, SuiteState, SuiteSummary
from . import xml
from .budgets import budget_rows
from .summary import about, counts_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: The troubles of a benchmark that was run and did not hold; every other one kept it from being run.
_FAILURES = ("assertion", "failed")


def junit(summary: RunSummary) -> str:
    """The summary as an XML document."""
    moment = summary.created_at
    suites = [
        xml.suite(suite.name, _cases(suite), moment, suite.seconds, {"phase": suite.phase, "kind": suite.kind})
        for suite in summary.suites
    ]
    if summary.targets:
        suites.append(xml.suite("targets", [xml.budget(row) for row in budget_rows(summary.targets)], moment))
    red = any(xml.is_red(case) for suite in suites for case in suite)
    said = [about(summary), *summary.warnings, *(f"not run: {text}" for text in summary.not_run)]
    failed = [f"exit status {summary.status}"] if summary.status and not red else []
    suites.append(xml.suite("regress", [xml.whole(summary.headline, said, failed)], moment))
    return xml.document(f"regress run {summary.project}".strip(), suites, summary.seconds)


def _cases(suite: SuiteSummary) -> list[Element]:
    named: defaultdict[str, list[Failure]] = defaultdict(list)
    for failure in suite.failures:
        if failure.name:
            named[failure.name].append(failure)
    return [_itself(suite), *(_benchmark(suite, name, failures) for name, failures in named.items())]


def _itself(suite: SuiteSummary) -> Element:
    """The case of a suite as a whole."""
    case = xml.case(suite.name, "the suite", suite.seconds)
    of_whole = [failure for failure in suite.failures if not failure.name]
    said = [counts_line(suite), *suite.warnings]
    log = f"all it said is in {suite.log}" if suite.log else ""
    if suite.state is SuiteState.SKIPPED:
        xml.skip(case, suite.reason)
    elif suite.state is SuiteState.EXPECTED:
        xml.skip(case, f"{suite.state.value}: {suite.reason}")
    elif suite.state is SuiteState.PASSED:
        xml.say(case, said)
    else:
        word = of_whole[0].trouble if of_whole else suite.state.value
        others = [f"{failure.trouble}: {failure.reason}" for failure in of_whole[1:]]
        xml.red(case, _kind(word), word, suite.reason or suite.state.value, [*others, *said, log])
    return case


def _benchmark(suite: SuiteSummary, name: str, failures: list[Failure]) -> Element:
    """The case of a benchmark that failed, once however many troubles it had."""
    case = xml.case(f"{suite.name}.{name}", name)
    said = [f"{failure.trouble}: {failure.reason}" for failure in failures]
    if suite.state is SuiteState.EXPECTED:
        xml.skip(case, f"{suite.state.value}: {'; '.join(said)}")
        return case
    worst = next((failure for failure in failures if _kind(failure.trouble) == "error"), failures[0])
    rest = [*said, f"all it said is in {suite.log}" if suite.log else ""]
    xml.red(case, _kind(worst.trouble), worst.trouble, f"{worst.trouble}: {worst.reason}", rest)
    return case


def _kind(trouble: str) -> str:
    return "failure" if trouble in _FAILURES else "error"
