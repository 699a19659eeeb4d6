"""The report for a pull request: one line of verdict, the rows that matter, the rest folded and counted."""

from __future__ import annotations

import re

from ..model import BudgetState, Outcome, Report
from .budgets import HEADS, budget_counts, budget_rows
from .rows import LOUD, Row, counted, distance, finding_lines, proof, rows, shown_environments

#: GitHub refuses comments of more than 65,536 characters; what does not fit is counted.
MOST_CHARACTERS = 60_000
_MOST_BUDGETS = 20
_SIGNS = {0: "🟢", 1: "🔴"}


class MarkdownRenderer:
    """GitHub-flavoured Markdown, at most `MOST_CHARACTERS` long."""

    def render(self, report: Report) -> str:
        """The report, cut row by row where it would grow too long, with the number of rows left out."""
        sign = _SIGNS.get(report.status, "🟡") if report.command else ""  # a comparison that is no gate has no colour
        lines = [f"### {sign} {escape(report.headline)}".replace("  ", " "), ""]
        for line in (*report.notices, *finding_lines(report.findings)):
            lines += [f"**{escape(line)}**", ""]
        lines += [_context(report), ""]
        size = sum(len(line) + 1 for line in lines)
        loud = [row for row in rows(report.verdicts) if row.verdict.outcome in LOUD]
        several = len(shown_environments(report.verdicts)) > 1
        red = [row for row in loud if row.verdict.failing]
        better = [row for row in loud if row.verdict.outcome is Outcome.IMPROVED]
        doubtful = [row for row in loud if row not in red and row not in better]
        for title, group in (("", red), ("Not judged, or as a warning", doubtful), ("Improved", better)):
            part = _group(title, group, report, several, MOST_CHARACTERS - size)
            size += sum(len(line) + 1 for line in part)
            lines += part
        lines += _budgets(report)
        lines += [counted(report) + ".", ""]
        lines += [f"- ⚠️ {escape(warning)}" for warning in report.warnings[:20]]
        if report.command:
            lines += ["", f"Repeat: {code(report.command)}"]
        return "\n".join(lines).rstrip() + "\n"


def _context(report: Report) -> str:
    parts = [f"Candidate {code(report.candidate.commit[:10] or report.candidate.what)}"]
    if report.baseline:
        parts.append(f"against {code(report.baseline.commit[:10])} ({escape(report.baseline.what)}{distance(report)})")
    environments = ", ".join(escape(label) for label in shown_environments(report.verdicts))
    return " ".join(parts) + (f" on {environments}." if environments else ".")


def _group(title: str, group: list[Row], report: Report, several: bool, room: int) -> list[str]:
    """A table with its proofs folded below, in at most `room` characters; what is left out is counted."""
    if not group:
        return []
    heads = ["", "benchmark", "metric", "base", "candidate", "change"] + (["environment"] if several else [])
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    proofs: list[str] = []
    used = 200 + len(title)
    for shown, row in enumerate(group):
        cells = [row.outcome, code(row.benchmark), row.metric, row.base, row.candidate, row.change]
        cells += [row.environment] if several else []
        line = "| " + " | ".join(c if i == 1 else escape(c) for i, c in enumerate(cells)) + " |"
        why = f"- {code(row.benchmark)}: " + "; ".join(escape(text) for text in proof(row.verdict, report))
        if used + len(line) + len(why) > room:
            lines.append(f"| … | and {len(group) - shown} more |" + " |" * (len(heads) - 2))
            break
        used += len(line) + len(why) + 2
        lines.append(line)
        proofs.append(why)
    body = [*lines, "", "<details><summary>Why</summary>", "", *proofs, "", "</details>", ""]
    if not title:
        return body
    return [f"<details><summary>{title}: {len(group)}</summary>", "", *body, "</details>", ""]


def _budgets(report: Report) -> list[str]:
    """The budgets that are not plainly met, as a table; those that are met are counted."""
    if not report.budgets:
        return []
    loud = [row for row in budget_rows(report.budgets) if row.result.state is not BudgetState.MET]
    lines = [f"Budgets: {budget_counts(report.budgets)}.", ""]
    if not loud:
        return lines
    heads = (*HEADS, "reason")
    lines += ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for row in loud[:_MOST_BUDGETS]:
        cells = [code(cell) if place == 2 else escape(cell) for place, cell in enumerate((*row.cells, row.reason))]
        lines.append("| " + " | ".join(cells) + " |")
    left = len(loud) - _MOST_BUDGETS
    return [*lines, *([f"| … | and {left} more |" + " |" * (len(heads) - 2)] if left > 0 else []), ""]


def escape(text: str) -> str:
    """Foreign text as Markdown that shows it and does nothing: no link, mention, HTML, table cell or heading."""
    flat = "".join(c if c.isprintable() else " " for c in text)
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A zero-width space keeps "@name" and "#1" from notifying people and linking issues, and addresses from links.
    flat = re.sub(r"([@#])(?=\w)|(://|www(?=\.))", "\\g<0>\N{ZERO WIDTH SPACE}", flat, flags=re.IGNORECASE)
    return re.sub(r"([\\`*_{}\[\]|~!$])", r"\\\1", flat)


def code(text: str) -> str:
    """Foreign text as a code span, also within a table cell."""
    flat = "".join(c if c.isprintable() else " " for c in text)
    # A backslash before a bar would escape our own, and the bar would end the cell: a zero-width space parts them.
    flat = re.sub(r"\\(?=\|)", "\\g<0>\N{ZERO WIDTH SPACE}", flat).replace("|", "\\|")
    ticks = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}" if flat else "` `"
