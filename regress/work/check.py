"""The gate: one commit against its baseline, under the rules, to a report and an exit status."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__
from ..judge.compare import Cell, collect
from ..judge.rules import Rules
from ..judge.verdict import OK, UNCOMPARED, Draft, Earlier, decide, draft, headline, status_of, summary
from ..model import Acknowledgement, Pairs, Report, StoredRun, Verdict
from ..report import RENDERERS
from . import basis
from .acknowledgements import acknowledged
from .basis import Basis
from .sides import Chosen, from_commit

if TYPE_CHECKING:
    from .context import Workspace


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What `regress check` was asked. `against` and `max_distance` None: what the configuration says."""

    commit: str = "HEAD"
    against: str | None = None
    strict: bool = False
    require_baseline: bool = False
    max_distance: int | None = None


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the judge says, before it is summed up."""

    verdicts: Sequence[Verdict]
    not_run: Sequence[str]
    warnings: Sequence[str]


def check(workspace: Workspace, request: CheckRequest) -> Report:
    """Judges a commit and stores the report. Raises UncomparedError where the commit itself has no run."""
    history = workspace.existing_history
    workspace.learn_commits()
    candidate = from_commit(workspace, request.commit)
    distance = workspace.config.max_distance if request.max_distance is None else request.max_distance
    spec = basis.parse_against(request.against or workspace.config.against, distance)
    found = basis.find(workspace, spec, candidate)
    rules = Rules(workspace.config.rules)
    findings = _judge(workspace, found, candidate, rules)
    unused = [f"the rule at {rule.origin} ({rule.benchmark}) matches nothing" for rule in rules.unused()]
    findings = replace(findings, warnings=(*findings.warnings, *unused))
    status, line = _summary(workspace, request, found, findings.verdicts)
    words = ["regress", "check", "--commit", candidate.info.reference]
    words += ["--against", found.side.info.reference] if found.side else []
    report = _report(workspace, found, candidate, findings, status=status, headline=line, command=shlex.join(words))
    base = report.baseline.commit if report.baseline else ""
    history.save_report(candidate.info.commit, base, str(status), RENDERERS["json"].render(report))
    return report


def compare(workspace: Workspace, one: Chosen, other: Chosen) -> Report:
    """The table alone, of any two sides; the status is 0 whatever it shows."""
    return report_on(workspace, basis.of_side(workspace, one), other)


def report_on(workspace: Workspace, found: Basis, candidate: Chosen) -> Report:
    """What a candidate looks like beside a basis, without a gate: the status is 0 and nothing is stored."""
    findings = _judge(workspace, found, candidate, Rules(workspace.config.rules))
    line = summary(findings.verdicts)
    return _report(workspace, found, candidate, findings, status=OK, headline=line, command="")


def _judge(workspace: Workspace, found: Basis, candidate: Chosen, rules: Rules) -> _Findings:
    drafts, not_run = draft(collect(found.side.runs if found.side else ()), collect(candidate.runs), rules)
    verdicts = decide(drafts, _earlier(workspace, drafts, found.earlier), _accepted(workspace, drafts, found))
    warnings = list(found.warnings)
    if any(run.dirty for run in candidate.runs):
        warnings.append("the candidate was measured with uncommitted changes")
    return _Findings(verdicts, not_run, warnings)


def _summary(workspace: Workspace, request: CheckRequest, found: Basis, verdicts: Sequence[Verdict]) -> tuple[int, str]:
    """The exit status and the first line."""
    if found.side:
        share = workspace.config.max_uncompared
        status = status_of(verdicts, strict=request.strict, max_uncompared=share)
        return status, headline(verdicts, status)
    if found.problem:
        return UNCOMPARED, f"NOTHING COMPARED: {found.problem}"
    status = UNCOMPARED if request.require_baseline else OK
    return status, f"first run recorded: {len(verdicts)} benchmarks, and no baseline to compare them with yet"


def _report(
    workspace: Workspace,
    found: Basis,
    candidate: Chosen,
    findings: _Findings,
    *,
    status: int,
    headline: str,
    command: str,
) -> Report:
    return Report(
        candidate=candidate.info,
        baseline=found.side.info if found.side else None,
        verdicts=findings.verdicts,
        status=status,
        headline=headline,
        distance=found.distance,
        not_run=findings.not_run,
        warnings=tuple(findings.warnings),
        command=command,
        project=workspace.project,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        counts=Report.count(findings.verdicts),
    )


def _earlier(workspace: Workspace, drafts: Sequence[Draft], runs: Sequence[StoredRun]) -> Earlier:
    """What the noise of the suspects is learned from: runs of the same environment, processor and cores."""
    suspects = {
        (made.measured.environment.digest, made.measured.key.unversioned): made for made in drafts if made.suspect
    }
    if not suspects or not runs:
        return {}
    keys = {made.measured.key.digest for made in suspects.values()}
    found: dict[tuple[str, Cell], list[float]] = {}
    for run in reversed(workspace.existing_history.load([run.id for run in runs], keys=keys)):
        digest, machine = run.environment.digest, _machine(run.environment.facts)
        columns = {name: column.tolist() for name, column in run.columns.stats.items()}
        for row, key in enumerate(run.columns.keys):
            place = digest, key.unversioned
            made = suspects.get(place)
            if made and made.comparison.statistic in columns and machine == _machine(made.measured.environment.facts):
                found.setdefault(place, []).append(columns[made.comparison.statistic][row])
    return {place: np.array(values) for place, values in found.items()}


def _accepted(workspace: Workspace, drafts: Sequence[Draft], found: Basis) -> list[Acknowledgement]:
    """What may be worse against this basis, by benchmark."""
    if found.side is None or not any(made.suspect for made in drafts):
        return []
    return acknowledged(workspace, found.side.info.commit)


def _machine(facts: Pairs) -> tuple[str, str]:
    named = dict(facts)
    return named.get("cpu", ""), named.get("cores", "")
