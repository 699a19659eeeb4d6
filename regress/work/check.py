"""The gate: one commit against its baseline, under the rules, to a report and an exit status."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from .. import __version__
from ..judge.compare import Place, collect
from ..judge.confirmed import place_of, with_confirmations
from ..judge.decide import Decision, Plan, decide
from ..judge.draft import Draft, draft
from ..judge.noise import ALONE
from ..judge.past import Group, Past, pasts
from ..judge.verdict import OK, UNCOMPARED, Opinions, headline, status_of, summary
from ..model import Acknowledgement, BudgetResult, Kind, Outcome, Report, StoredRun, Suspect, Verdict
from ..report import RENDERERS
from . import basis
from .accepted import Accepted
from .acknowledgements import acknowledged
from .basis import Basis
from .budgets import judged, unmatched
from .rules import InForce, is_fork, merge_base, rules_for, trusted_workspace
from .sides import Chosen, from_commit

if TYPE_CHECKING:
    from .confirm.rounds import Show
    from .context import Workspace


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What `regress check` was asked. `against` and `max_distance` None: what the configuration says.

    `fork`: the rules and acknowledgements of the merge base hold; None: as the CI job's environment says. `confirm`:
    suspects are measured again on both sides, which are this checkout's benchmarks with each commit's package.
    """

    commit: str = "HEAD"
    against: str | None = None
    strict: bool = False
    require_baseline: bool = False
    max_distance: int | None = None
    fork: bool | None = None
    confirm: bool = False


class Case(NamedTuple):
    """What is to be decided: the cells, the earlier runs, how; and, in words, what was not run at all."""

    drafts: list[Draft]
    pasts: dict[Group, Past]
    plan: Plan
    not_run: list[str]


@dataclass(frozen=True, slots=True)
class _Again:
    """That suspects are measured again, and who is told of each process."""

    show: Show | None


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the judge says, before it is summed up."""

    said: Opinions
    not_run: Sequence[str]
    notices: Sequence[str]
    warnings: Sequence[str]


def check(workspace: Workspace, request: CheckRequest, show: Show | None = None) -> Report:
    """Judges a commit and stores the report. Raises UncomparedError where the commit itself has no run.

    `show` is told of each process of a confirmation.
    """
    workspace.existing_history  # noqa: B018  one that is missing says so before anything is learnt
    workspace.learn_commits()
    commit = workspace.resolve(request.commit)
    fork = is_fork() if request.fork is None else request.fork
    base = merge_base(workspace, commit, not fork)
    if fork:
        trusted_workspace(workspace, base or "")
    candidate = from_commit(workspace, request.commit)
    distance = workspace.config.max_distance if request.max_distance is None else request.max_distance
    spec = basis.parse_against(request.against or workspace.config.against, distance)
    found = basis.find(workspace, spec, candidate)
    reviewed = base if base != commit else found.side.info.commit if found.side else None
    force = rules_for(workspace, reviewed, not fork, candidate=candidate, base=found.side)
    again = _Again(show) if request.confirm else None
    findings = _judge(workspace, found, candidate, force, again)
    unused = [f"the rule at {rule.origin} ({rule.benchmark}) matches nothing" for rule in force.rules.unused()]
    findings = replace(findings, warnings=(*findings.warnings, *unused))
    status, line = _summary(workspace, request, found, findings.said)
    words = ["regress", "check", "--commit", candidate.info.reference]
    words += ["--against", found.side.info.reference] if found.side and request.against else []
    words += ["--confirm"] if request.confirm else []
    report = _report(workspace, found, candidate, findings, status=status, headline=line, command=shlex.join(words))
    against = report.baseline.commit if report.baseline else ""
    workspace.history.save_report(candidate.info.commit, against, str(status), RENDERERS["json"].render(report))
    return report


def compare(workspace: Workspace, one: Chosen, other: Chosen) -> Report:
    """The table alone, of any two sides; the status is 0 whatever it shows."""
    return report_on(workspace, basis.of_side(workspace, one), other)


def report_on(workspace: Workspace, found: Basis, candidate: Chosen) -> Report:
    """What a candidate looks like beside a basis, without a gate: the status is 0 and nothing is stored."""
    findings = _judge(workspace, found, candidate, rules_for(workspace, None, candidate=candidate))
    line = summary(findings.said.verdicts)
    return _report(workspace, found, candidate, findings, status=OK, headline=line, command="")


def case(workspace: Workspace, found: Basis, candidate: Chosen, force: InForce) -> Case:
    """What is to be decided of a candidate beside a basis: all that `decide` asks for."""
    base = found.side.runs if found.side else ()
    drafts, not_run = draft(collect(base), collect(candidate.runs), force.rules)
    plan = Plan(
        centre=found.centre,
        accepted=_accepted(workspace, drafts, found, force.accepted),
        facts={run.environment.digest: run.environment.facts for run in base},
        subtract=force.config.common_shift == "subtract",
    )
    return Case(drafts, earlier_runs(workspace, drafts, found, candidate), plan, not_run)


def _judge(
    workspace: Workspace, found: Basis, candidate: Chosen, force: InForce, again: _Again | None = None
) -> _Findings:
    drafts, past, plan, not_run = case(workspace, found, candidate, force)
    decision = decide(drafts, past, plan)
    if again and found.side:
        decision = _measured_again(workspace, (found.side, candidate), decision, plan, again)
    budgets = judged(workspace, candidate, force.budgets)
    warnings = [*found.warnings, *force.warnings, *unmatched(budgets), *_blind(decision.verdicts)]
    if any(run.dirty for run in candidate.runs):
        warnings.append("the candidate was measured with uncommitted changes")
    notices = [force.note] if force.note else []
    notices += _provisional(decision.verdicts)
    return _Findings(Opinions(decision.verdicts, decision.findings, budgets), not_run, notices, warnings)


def _measured_again(
    workspace: Workspace,
    sides: tuple[Chosen, Chosen],
    decision: Decision,
    plan: Plan,
    again: _Again,
) -> Decision:
    """The decision after its suspects were measured again, on the newest commit of each side."""
    from .confirm import Options, confirm

    suspects: dict[Place, Suspect] = {}
    shares: list[float] = []
    for verdict in decision.verdicts:
        policy = verdict.policy
        if verdict.suspect and policy and verdict.outcome is not Outcome.ACCEPTED:
            key = verdict.comparison.key
            suspects[place_of(verdict.comparison)] = Suspect(key, policy.tolerance, policy.statistic)
            shares += [policy.false_red] if policy.false_red else []
    if not suspects:
        return decision
    base, head = (side.stored[-1].commit if side.stored else side.info.commit for side in sides)
    options = Options(false_red=min(shares, default=ALONE * len(suspects)))
    found = confirm(workspace, list(suspects.values()), base, head, options, again.show)
    return with_confirmations(decision, dict(zip(suspects, found, strict=True)), plan.accepted)


def earlier_runs(workspace: Workspace, drafts: Sequence[Draft], found: Basis, candidate: Chosen) -> dict[Group, Past]:
    """What the noise of the drafts is learned from: the earlier runs of the basis, without the candidate's own."""
    noisy = {
        made.place: made.measured
        for made in drafts
        if made.verdict is None and made.measured.key.metric.kind is Kind.NOISY
    }
    stored = _before(found, candidate)
    if not noisy or not stored:
        return {}
    runs = workspace.existing_history.load([run.id for run in stored])
    across = {made.place for made in drafts if made.policy.across}
    return pasts(noisy, zip((run.digest for run in stored), runs, strict=True), across)


def _before(found: Basis, candidate: Chosen) -> list[StoredRun]:
    """The earlier runs, oldest first, without the candidate's own."""
    own = {run.digest for run in candidate.stored}
    return [run for run in reversed(found.earlier) if run.digest not in own]


def _provisional(verdicts: Sequence[Verdict]) -> list[str]:
    """That many verdicts rest on few runs: it must not pass in silence."""
    few = sum(verdict.provisional for verdict in verdicts)
    if not few:
        return []
    return [f"provisional: {few} of {len(verdicts)} judged on too few earlier runs to be sure"]


def _blind(verdicts: Sequence[Verdict]) -> list[str]:
    """That some series are noisier than their tolerance: a gate that could not have failed."""
    blind = [
        verdict.comparison.noise
        for verdict in verdicts
        if verdict.outcome is Outcome.UNCHANGED and verdict.proof and not verdict.provisional
        if verdict.policy and verdict.comparison.noise > verdict.policy.tolerance.relative
    ]
    if not blind:
        return []
    if len(blind) == 1:
        said = f"one series is noisier than the tolerance: a change below {blind[0]:.0%} can not be seen"
    else:
        said = (
            f"{len(blind)} series are noisier than the tolerance: half of them see no change below {median(blind):.0%}"
        )
    return [f"{said}; `regress calibrate` proposes what can be held"]


def _summary(workspace: Workspace, request: CheckRequest, found: Basis, said: Opinions) -> tuple[int, str]:
    """The exit status and the first line."""
    if found.side:
        status = status_of(said, strict=request.strict, max_uncompared=workspace.config.max_uncompared)
        return status, headline(said, status)
    own = status_of(said, strict=request.strict, alone=True)
    if found.problem:
        return own or UNCOMPARED, f"NOTHING COMPARED: {found.problem}{_budgets_broken(said.budgets)}"
    status = own or (UNCOMPARED if request.require_baseline else OK)
    line = f"first run recorded: {len(said.verdicts)} benchmarks, and no baseline to compare them with yet"
    return status, line + _budgets_broken(said.budgets)


def _budgets_broken(budgets: Sequence[BudgetResult]) -> str:
    broken = sum(result.failing for result in budgets)
    return f" · RED: {broken} breached" if broken else ""


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
        verdicts=findings.said.verdicts,
        status=status,
        headline=headline,
        distance=found.distance,
        not_run=findings.not_run,
        warnings=tuple(findings.warnings),
        command=command,
        project=workspace.project,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        counts=Report.count(findings.said.verdicts),
        notices=tuple(findings.notices),
        findings=tuple(findings.said.findings),
        budgets=tuple(findings.said.budgets),
        earlier=tuple(run.digest for run in _before(found, candidate)),
        centre=str(found.centre),
    )


def _accepted(workspace: Workspace, drafts: Sequence[Draft], found: Basis, accepted: Accepted) -> list[Acknowledgement]:
    """What may be worse against this basis, by benchmark."""
    if found.side is None or not any(made.verdict is None for made in drafts):
        return []
    return acknowledged(workspace, found.side.info.commit, accepted)
