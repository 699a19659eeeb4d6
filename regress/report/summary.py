"""A run of all suites -> text for a terminal; the rows that its other renderers draw, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model import BudgetState, RunSummary, SuiteState, SuiteSummary
from ..plain import printable, table
from ..units import elapsed
from .budgets import budget_counts, budget_lines

#: The columns of a table of suites.
HEADS = ("suite", "phase", "status", "benchmarks", "failed", "runs", "time", "why")
#: As many failures of a suite are named one by one in a text.
MOST_FAILURES = 20
#: The columns of a table of what was sampled.
SAMPLED = ("sampled", "figure", "lowest", "mean", "highest", "n")
_RIGHT = (3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """One suite in words."""

    cells: tuple[str, ...]
    suite: SuiteSummary


def suite_rows(summary: RunSummary) -> list[SuiteRow]:
    """The suites as rows, in the order in which they were run."""
    return [SuiteRow(_cells(suite), suite) for suite in summary.suites]


def _cells(suite: SuiteSummary) -> tuple[str, ...]:
    ran = suite.state is not SuiteState.SKIPPED
    runs = f"{suite.runs}" if suite.runs == suite.repeat or not ran else f"{suite.runs} of {suite.repeat}"
    return (
        suite.name, suite.phase or "-", suite.state.value, f"{suite.benchmarks:,}" if ran else "-",
        f"{suite.failed:,}" if ran else "-", runs if ran else "-", elapsed(suite.seconds) if ran else "-", suite.reason,
    )  # fmt: skip


def about(summary: RunSummary) -> str:
    """What was measured where: "c812a08b2f One place each · main · CPython 3.11 · in 12 s"."""
    dirty = " with uncommitted changes" if summary.dirty else ""
    commit = summary.span or f"{summary.commit[:10]} {summary.subject}".strip()
    parts = (f"{commit}{dirty}", summary.branch, summary.environment, f"in {elapsed(summary.seconds)}")
    return " · ".join(part for part in parts if part)


def slowest_words(suite: SuiteSummary) -> list[tuple[str, str, str]]:
    """The slowest benchmarks of a suite: name, time, share."""
    return [(slow.name, elapsed(slow.seconds), f"{slow.share:.0%}") for slow in suite.slowest]


def counts_line(suite: SuiteSummary) -> str:
    """`13 benchmarks in 1 run, 1 failed, 2 skipped`; of the runs how many were asked for, where some are missing."""
    runs = f"{suite.runs}" if suite.runs == suite.repeat else f"{suite.runs} of {suite.repeat}"
    parts = [f"{_plural(suite.benchmarks, 'benchmark')} in {runs} run{'' if suite.repeat == 1 else 's'}"]
    parts += [f"{suite.failed:,} failed"] if suite.failed else []
    parts += [f"{suite.skipped:,} skipped"] if suite.skipped else []
    return ", ".join(parts)


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def sampled_rows(summary: RunSummary) -> list[tuple[str, ...]]:
    """What was sampled while the suites ran, under `SAMPLED`, of the last run of each."""
    return [
        (course.of, course.name, *map(course.told, (course.low, course.mean, course.high)), f"{course.n:,}")
        for suite in summary.suites
        for course in suite.courses
    ]


def targets_line(summary: RunSummary) -> str:
    """`3 targets: 1 breached, 2 met`."""
    return f"{_plural(len(summary.targets), 'target')}: {budget_counts(summary.targets)}"


def text(summary: RunSummary) -> str:
    """The summary for a terminal: what failed and why comes before what was slow."""
    lines = [summary.headline, printable(about(summary))]
    rows = suite_rows(summary)
    if rows:
        kept = [
            place for place in range(len(HEADS)) if place not in (1, 7) or any(row.cells[place] != "-" for row in rows)
        ]
        cells = [[line[place] for place in kept] for line in [HEADS, *(row.cells for row in rows)]]
        lines += ["", *table(cells, right=[kept.index(place) for place in _RIGHT])]
    for part in (_failures, _targets, _slowest, _sampled):
        found = part(summary)
        lines += ["", *found] if found else []
    notes = [*(f"warning: {text}" for text in summary.warnings), *_notes(summary)]
    lines += ["", *map(printable, notes)] if notes else []
    return "\n".join(lines) + "\n"


def _failures(summary: RunSummary) -> list[str]:
    lines = []
    for suite in summary.suites:
        if not suite.failures:
            continue
        lines.append(f"{suite.name} · {suite.state.value}" + (f" · all it said is in {suite.log}" if suite.log else ""))
        for failure in suite.failures[:MOST_FAILURES]:
            lines.append(f"  {': '.join(filter(None, [failure.trouble, failure.name, failure.reason]))}")
        if (left := len(suite.failures) - MOST_FAILURES) > 0:
            lines.append(f"  and {left} more")
    return [printable(line) for line in lines]


def _targets(summary: RunSummary) -> list[str]:
    if not summary.targets:
        return []
    some = any(target.state is not BudgetState.MET for target in summary.targets)
    return [targets_line(summary), *([""] if some else []), *budget_lines(summary.targets, everything=False)]


def _slowest(summary: RunSummary) -> list[str]:
    rows = [
        (f"{place}. {name}", time, share, suite.name)
        for suite in summary.suites
        for place, (name, time, share) in enumerate(slowest_words(suite), 1)
    ]
    if not rows:
        return []
    several = len({row[3] for row in rows}) > 1
    heads = ("slowest", "time", "of its suite", "suite")
    cells = [line[: 4 if several else 3] for line in (heads, *rows)]
    return table(cells, right=(1, 2))


def _sampled(summary: RunSummary) -> list[str]:
    rows = sampled_rows(summary)
    return table([SAMPLED, *rows], right=(2, 3, 4, 5)) if rows else []


def _notes(summary: RunSummary) -> list[str]:
    notes = [f"{suite.name}: {text}" for suite in summary.suites for text in suite.warnings]
    return [*notes, *(f"not run: {text}" for text in summary.not_run)]


Renderer = Callable[[RunSummary], str]
