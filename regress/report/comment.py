"""The comment in a pull request: the verdict in a line, what is red with its proof, the rest folded and counted.

It begins with a hidden marker by which it is found again. All text of the report is foreign: shown in code spans or
escaped, and cut where it is long. Every link leads to an address that the caller gives, never to one of the report.
The same report gives the same comment.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..model import BudgetState, Outcome, Report, Verdict
from .budgets import HEADS, BudgetRow, budget_counts, budget_rows
from .markdown import code, escape
from .rows import LOUD, Row, counted, distance, finding_lines, proof, rows, shown_environments

#: GitHub takes 65,536 characters. We count bytes of UTF-8, which are never fewer than anybody's characters.
MOST_BYTES = 65_000
#: Up to where each part may fill it, so that a part with thousands of rows leaves room for those below.
_HEAD, _RED, _BREACHED, _BETTER, _DOUBTFUL, _WARNED, _REST = 8_000, 32_000, 38_000, 44_000, 50_000, 54_000, 58_000
_SIGNS = {0: "🟢", 1: "🔴"}
_MOST_PLACES, _MOST_LINES, _MOST_NAME, _MOST_WORDS = 4, 12, 160, 600
#: Proofs that are in sight; the others are folded.
_OPEN_PROOFS = 3
_DOUBTS = frozenset(LOUD) - {Outcome.IMPROVED, Outcome.REGRESSED}
_MOST_ADDRESS = 500
_ADDRESS = re.compile(r"https?://[^\s()<>\"'|`\\\[\]]+")


def _nowhere(suite: str, name: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a report in a comment; "" is left out.

    marker  the hidden first line
    href    the trend page of a benchmark by suite and name, "" where it has none
    site    the trend site; `report` where the whole report is
    note    a sentence of ours under the headline, as that the figures are a stranger's claim
    """

    marker: str = ""
    href: Callable[[str, str], str] = _nowhere
    site: str = ""
    report: str = ""
    note: str = ""


@dataclass(slots=True)
class _Sheet:
    """The comment while it is written."""

    around: Around
    report: Report
    lines: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, *lines: str) -> None:
        self.lines += lines
        self.size += sum(_size(line) for line in lines)

    def fits(self, upto: int, *lines: str) -> bool:
        return self.size + sum(_size(line) for line in lines) <= upto

    def more(self, left: int) -> str:
        whole = f"[the report]({self.around.report})" if _is_address(self.around.report) else "the report"
        return f"and {left:,} more: see {whole}"

    def linked(self, verdict: Verdict) -> str:
        """A benchmark's name, with its trend page where it has one."""
        benchmark = verdict.comparison.key.benchmark
        shown = code(_cut(benchmark.full, _MOST_NAME))
        href = self.around.href(benchmark.suite, benchmark.name)
        return f"[{shown}]({href})" if _is_address(href) else shown


def comment(report: Report, around: Around | None = None) -> str:
    """The report as a comment of at most `MOST_BYTES`."""
    sheet = _Sheet(around or Around(), report)
    _head(sheet)
    told = rows(report.verdicts)
    red = [row for row in told if row.verdict.failing]
    calm = [row for row in told if not row.verdict.failing]
    better = [row for row in calm if row.verdict.outcome is Outcome.IMPROVED]
    warned = [row for row in calm if row.verdict.outcome is Outcome.REGRESSED]
    doubtful = [row for row in calm if row.verdict.outcome in _DOUBTS]
    _red(sheet, red)
    _breached(sheet)
    _folded(sheet, "improved", better, _BETTER)
    _doubtful(sheet, doubtful)
    _folded(sheet, "worse, as a warning only", warned, _WARNED)
    _rest(sheet, [row for row in calm if row.verdict.outcome not in LOUD])
    _foot(sheet)
    return "\n".join(sheet.lines).rstrip() + "\n"


def _head(sheet: _Sheet) -> None:
    report, around = sheet.report, sheet.around
    if around.marker:
        sheet.add(around.marker)
    sheet.add(f"### {_SIGNS.get(report.status, '🟡')} {_said(report.headline)}", "")
    if around.note:
        sheet.add(f"> {around.note}", "")
    notes = [*report.notices, *finding_lines(report.findings)]
    for place, line in enumerate(notes):
        if not sheet.fits(_HEAD, shown := f"**{_said(line)}**"):
            sheet.add(sheet.more(len(notes) - place), "")
            break
        sheet.add(shown, "")
    parts = [f"Candidate {code(report.candidate.commit[:10] or _cut(report.candidate.what, _MOST_NAME))}"]
    if report.baseline:
        what = _said(report.baseline.what) + distance(report)
        parts.append(f"against {code(report.baseline.commit[:10] or _cut(report.baseline.what, _MOST_NAME))} ({what})")
    places = shown_environments(report.verdicts)
    named = ", ".join(escape(_cut(label, _MOST_NAME)) for label in places[:_MOST_PLACES])
    left = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    sheet.add(" ".join(parts) + (f" on {named}{left}." if places else "."), "")


def _red(sheet: _Sheet, group: Sequence[Row]) -> None:
    """What is red: a table, and below it the proof of each, the first few in sight."""
    shown = _table(sheet, group, _RED * 2 // 3)
    why = [f"- {sheet.linked(row.verdict)}: {_proven(row.verdict, sheet.report)}" for row in shown]
    for line in why[:_OPEN_PROOFS]:
        if sheet.fits(_RED, line):
            sheet.add(line)
    if group:
        sheet.add("")
    _details(sheet, "The proof of the others", why[_OPEN_PROOFS:], _RED)


def _proven(verdict: Verdict, report: Report) -> str:
    return "; ".join(_said(text) for text in proof(verdict, report))


def _folded(sheet: _Sheet, title: str, group: Sequence[Row], upto: int) -> None:
    """A table under a title that says how many there are."""
    if not group:
        return
    sheet.add(f"<details><summary>{len(group):,} {title}</summary>", "")
    _table(sheet, group, upto)
    sheet.add("</details>", "")


def _doubtful(sheet: _Sheet, group: Sequence[Row]) -> None:
    """What could not be judged: first, each advice once, with the number of those that it is for."""
    if not group:
        return
    sheet.add(f"<details><summary>{len(group):,} not judged, and what to do</summary>", "")
    advice: dict[str, int] = {}
    for row in group:
        hint = row.verdict.hint or row.verdict.reason
        advice[hint] = advice.get(hint, 0) + 1
    ranked = sorted(advice, key=lambda hint: (-advice[hint], hint))
    for place, hint in enumerate(ranked):
        line = f"- {advice[hint]:,} × {_said(hint)}"
        if place == _MOST_LINES or not sheet.fits(_DOUBTFUL, line):
            sheet.add(f"- {sheet.more(len(ranked) - place)}")
            break
        sheet.add(line)
    sheet.add("")
    _table(sheet, group, _DOUBTFUL)
    sheet.add("</details>", "")


def _table(sheet: _Sheet, group: Sequence[Row], upto: int) -> list[Row]:
    """A table of rows as far as there is room; those that it shows."""
    if not group:
        return []
    several = len(shown_environments(sheet.report.verdicts)) > 1
    heads = ["", "benchmark", "metric", "base", "candidate", "change"] + (["environment"] if several else [])
    sheet.add("| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads))
    shown: list[Row] = []
    for row in group:
        cells = [_said(row.outcome), sheet.linked(row.verdict), _said(row.metric)]
        cells += [_said(cell) for cell in (row.base, row.candidate, row.change)]
        cells += [_said(row.environment)] if several else []
        line = "| " + " | ".join(cells) + " |"
        if not sheet.fits(upto, line):
            sheet.add(f"| … | {sheet.more(len(group) - len(shown))} |" + " |" * (len(heads) - 2))
            break
        sheet.add(line)
        shown.append(row)
    sheet.add("")
    return shown


def _breached(sheet: _Sheet) -> None:
    """The budgets: those that fail in sight, the others that are not plainly met folded, those that are met counted."""
    if not sheet.report.budgets:
        return
    told = budget_rows(sheet.report.budgets)
    failing = [row for row in told if row.result.failing]
    others = [row for row in told if not row.result.failing and row.result.state is not BudgetState.MET]
    sheet.add(f"Budgets: {budget_counts(sheet.report.budgets)}.", "")
    _budget_table(sheet, failing)
    if others:
        sheet.add(f"<details><summary>{len(others):,} budgets to look at</summary>", "")
        _budget_table(sheet, others)
        sheet.add("</details>", "")


def _budget_table(sheet: _Sheet, group: Sequence[BudgetRow]) -> None:
    if not group:
        return
    heads = (*HEADS, "reason")
    sheet.add("| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads))
    for place, row in enumerate(group):
        cells = [*row.cells, row.reason]
        shown = [code(_cut(c, _MOST_NAME)) if at == 2 else _said(c) for at, c in enumerate(cells)]
        line = "| " + " | ".join(shown) + " |"
        if not sheet.fits(_BREACHED, line):
            sheet.add(f"| … | {sheet.more(len(group) - place)} |" + " |" * (len(heads) - 2))
            break
        sheet.add(line)
    sheet.add("")


def _rest(sheet: _Sheet, quiet: Sequence[Row]) -> None:
    """All that nobody has to see at once: what was not run, warnings, and what did not change."""
    report = sheet.report
    # Our own words: within a line of HTML, Markdown's backslashes would be seen.
    sheet.add(f"<details><summary>{html.escape(counted(report))}</summary>", "")
    notes = [*(f"- not run: {_said(what)}" for what in report.not_run), *(f"- ⚠️ {_said(w)}" for w in report.warnings)]
    for place, line in enumerate(notes):
        if not sheet.fits(_REST - 2_000, line):
            sheet.add(f"- {sheet.more(len(notes) - place)}")
            break
        sheet.add(line)
    sheet.add("")
    _table(sheet, quiet, _REST)
    sheet.add("</details>", "")


def _foot(sheet: _Sheet) -> None:
    around = sheet.around
    if sheet.report.command:
        sheet.add(f"Repeat: {code(_cut(sheet.report.command, _MOST_WORDS))}", "")
    links = [("The whole report", around.report), ("Trends", around.site)]
    shown = [f"[{words}]({address})" for words, address in links if _is_address(address)]
    if shown:
        sheet.add(" · ".join(shown))


def _details(sheet: _Sheet, title: str, lines: Iterable[str], upto: int) -> None:
    """Lines folded under a title, as far as there is room."""
    listed = list(lines)
    if not listed:
        return
    sheet.add(f"<details><summary>{title}</summary>", "")
    for place, line in enumerate(listed):
        if not sheet.fits(upto, line):
            sheet.add(f"- {sheet.more(len(listed) - place)}")
            break
        sheet.add(line)
    sheet.add("", "</details>", "")


def _said(text: str) -> str:
    """A sentence of the report, escaped and cut."""
    return escape(_cut(text, _MOST_WORDS))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _size(line: str) -> int:
    return len(line.encode("utf-8", "surrogatepass")) + 1


def _is_address(text: str) -> bool:
    return len(text) <= _MOST_ADDRESS and bool(_ADDRESS.fullmatch(text))
