"""The summary of a run of all suites as one HTML file that stands alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..model import RunSummary, SuiteState, SuiteSummary
from ..units import elapsed, human
from .report import moment
from .report_budgets import BudgetLine, budget_lines
from .sampled import Sampled, sampled
from .theme import RUN_STYLESHEET, alone
from .wording import Badge

_BADGES = {
    SuiteState.FAILED: Badge("Failed", "bad", 0),
    SuiteState.INTERRUPTED: Badge("Interrupted", "bad", 1),
    SuiteState.SKIPPED: Badge("Skipped", "warn", 2),
    SuiteState.EXPECTED: Badge("Failed as expected", "quiet", 3),
    SuiteState.PASSED: Badge("Passed", "good", 4),
}
#: As many failures of a suite are told before the rest is folded.
MOST_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """What failed: its kind, the benchmark ("" for the whole suite), the reason."""

    kind: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SlowLine:
    """One of the slowest benchmarks, with its share of its suite's time."""

    name: str
    time: str
    share: str


@dataclass(frozen=True, slots=True)
class FigureLine:
    """What was sampled: the benchmark that it is filed under, the metric, its value in words."""

    name: str
    metric: str
    value: str


@dataclass(frozen=True, slots=True)
class SuiteView:
    """One suite in words; `facts` are (term, text)."""

    name: str
    badge: Badge
    reason: str
    facts: tuple[tuple[str, str], ...]
    failures: tuple[Trouble, ...]
    left: int
    slowest: tuple[SlowLine, ...]
    figures: tuple[FigureLine, ...]
    sampled: tuple[Sampled, ...]
    of_last: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """The whole page."""

    tone: str
    word: str
    headline: str
    sides: tuple[tuple[str, str], ...]
    suites: tuple[SuiteView, ...]
    budgets: tuple[BudgetLine, ...]
    warnings: tuple[str, ...]
    not_run: tuple[str, ...]


def run_page(summary: RunSummary) -> str:
    """The summary as one HTML file. Everything foreign in it is escaped text."""
    built = moment(summary.created_at)
    return alone(
        "run.html", view(summary), project=summary.project, version=summary.version, built=built, style=RUN_STYLESHEET
    )


def view(summary: RunSummary) -> RunPage:
    """What the page says of a summary."""
    commit = summary.span or f"{summary.commit[:10]} {summary.subject}".strip()
    dirty = " with uncommitted changes" if summary.dirty else ""
    sides = ("commit", commit + dirty), ("branch", summary.branch), ("where", summary.environment)
    warnings = (*summary.warnings, *(f"{suite.name}: {text}" for suite in summary.suites for text in suite.warnings))
    failed = summary.status != 0
    return RunPage(
        "bad" if failed else "good",
        "Interrupted" if summary.interrupted else "Failed" if failed else "Passed",
        summary.headline,
        (*((term, text) for term, text in sides if text), ("time", elapsed(summary.seconds))),
        tuple(_suite(suite, summary) for suite in summary.suites),
        budget_lines(summary.targets),
        tuple(dict.fromkeys(warnings)),
        tuple(summary.not_run),
    )


def _suite(suite: SuiteSummary, summary: RunSummary) -> SuiteView:
    told = [Trouble(one.trouble, one.name, one.reason) for one in suite.failures]
    slowest = (SlowLine(slow.name, elapsed(slow.seconds), f"{slow.share:.0%}") for slow in suite.slowest)
    figures = (
        FigureLine(name, metric.name.replace("_", " "), human(value, metric.unit))
        for name, metric, value in suite.figures
        if math.isfinite(value)
    )
    own = [target for target in summary.targets if target.key and target.key.benchmark.suite == suite.name]
    return SuiteView(
        suite.name, _BADGES[suite.state], suite.reason, tuple(_facts(suite)), tuple(told[:MOST_FAILURES]),
        max(len(told) - MOST_FAILURES, 0), tuple(slowest), tuple(figures),
        sampled(suite.courses, own), "of the last run" if suite.repeat > 1 else "",
    )  # fmt: skip


def _facts(suite: SuiteSummary) -> list[tuple[str, str]]:
    runs = f"{suite.runs}" if suite.runs == suite.repeat else f"{suite.runs} of {suite.repeat}"
    ran = suite.state is not SuiteState.SKIPPED
    facts = [("kind", suite.kind), ("phase", suite.phase)]
    if ran:
        facts += [("benchmarks", f"{suite.benchmarks:,}"), ("failed", f"{suite.failed:,}" if suite.failed else "")]
        facts += [("skipped", f"{suite.skipped:,}" if suite.skipped else ""), ("runs", runs)]
        facts += [("time", elapsed(suite.seconds)), ("log", suite.log)]
    return [(term, text) for term, text in facts if text]
