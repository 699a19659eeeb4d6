"""The report on a terminal, in the manner of benchstat: aligned columns, `~` for no change, sign and word for one."""

from __future__ import annotations

from dataclasses import dataclass

from .. import plain
from ..model import Outcome, Report, SideInfo
from .budgets import budget_lines
from .rows import LOUD, Row, counted, distance, finding_lines, proof, rows, shown_environments

_PROVEN = (Outcome.REGRESSED, Outcome.BREACHED, Outcome.FAILED)
_MOST_ROWS = 60
_MOST_PROOFS = 10
_MOST_REASONS = 10


@dataclass(frozen=True, slots=True)
class TextRenderer:
    """Plain text. With `everything`, unchanged and new rows too; without, they are counted."""

    everything: bool = False

    def render(self, report: Report) -> str:
        """The headline first, then what was compared, the table, the proofs, and what to do."""
        lines = [report.headline, *report.notices, *finding_lines(report.findings), ""]
        lines += self._context(report)
        table = [row for row in rows(report.verdicts) if self.everything or row.verdict.outcome in LOUD]
        several = len(shown_environments(report.verdicts)) > 1
        lines += _table(table if self.everything else table[:_MOST_ROWS], several)
        if len(table) > _MOST_ROWS and not self.everything:
            lines += [f"… and {len(table) - _MOST_ROWS} rows more: --all, or --report json=FILE", ""]
        lines += [counted(report)]
        red = [row for row in table if row.verdict.outcome in _PROVEN and row.verdict.failing]
        lines += _proofs(report, red)
        lines += _reasons([row for row in table if row.verdict.outcome in LOUD and row not in red])
        budgets = budget_lines(report.budgets, everything=self.everything)
        lines += ["", "budgets:", *(f"  {line}".rstrip() for line in budgets)] if budgets else []
        lines += ["", *(f"warning: {warning}" for warning in report.warnings)] if report.warnings else []
        if report.command:
            lines += ["", f"repeat: {report.command}"]
            if table:
                lines.append(f"follow: regress explain BENCHMARK --commit {report.candidate.reference}")
        return "\n".join(plain.printable(line).rstrip() for line in lines) + "\n"

    def _context(self, report: Report) -> list[str]:
        lines = [f"candidate    {_side(report.candidate)}"]
        if report.baseline:
            lines.append(f"baseline     {_side(report.baseline)}{distance(report)}")
        lines += [f"environment  {label}" for label in shown_environments(report.verdicts)]
        lines += [f"not run      {what}" for what in report.not_run]
        return [*lines, ""]


def _side(side: SideInfo) -> str:
    runs = f"{len(side.runs)} run{'s' if len(side.runs) != 1 else ''}"
    commit = f"{side.commit[:10]} {side.subject}".strip()
    return " · ".join(part for part in (side.what if side.what != side.commit else "", commit, runs) if part)


def _table(table: list[Row], several_environments: bool) -> list[str]:
    if not table:
        return []
    header = ["", "benchmark", "metric", "base", "candidate", "change"]
    cells = [[r.outcome, r.benchmark, r.metric, r.base, r.candidate, r.change] for r in table]
    if several_environments:
        header.append("environment")
        for line, row in zip(cells, table, strict=True):
            line.append(row.environment)
    return [*plain.table([header, *cells], right=(3, 4)), ""]


def _proofs(report: Report, red: list[Row]) -> list[str]:
    lines: list[str] = []
    for row in red[:_MOST_PROOFS]:
        lines += ["", f"{row.verdict.outcome.value}: {row.benchmark} · {row.metric} · {row.change}"]
        lines += [f"    {line}" for line in proof(row.verdict, report)]
    if len(red) > _MOST_PROOFS:
        lines += ["", f"… and {len(red) - _MOST_PROOFS} proofs more: --report json=FILE has them all"]
    return lines


def _reasons(doubtful: list[Row]) -> list[str]:
    """Why the others of the table are what they are: each reason once, however many it is the reason of."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in doubtful:
        if row.verdict.outcome is not Outcome.IMPROVED:
            said = (row.outcome, row.verdict.reason, row.verdict.hint)
            groups.setdefault(said, []).append(row)
    lines: list[str] = []
    for (outcome, reason, hint), alike in list(groups.items())[:_MOST_REASONS]:
        more = f", and {len(alike) - 1} more" if len(alike) > 1 else ""
        lines += ["", f"{outcome}: {alike[0].benchmark} · {alike[0].metric}{more}", f"    {reason}"]
        lines += [f"    {hint}"] if hint else []
    left = sum(len(alike) for alike in list(groups.values())[_MOST_REASONS:])
    return [*lines, "", f"… and {left} reasons more: --report json=FILE has them all"] if left else lines
