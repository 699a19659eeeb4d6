"""Explains stored verdicts: finds them, recomputes them from the stored runs, and says what differs and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__
from ..errors import RegressError, UsageError
from ..globs import matcher
from ..judge.centre import COMMIT, Centre
from ..judge.compare import Place
from ..judge.confirmed import place_of, with_confirmations
from ..judge.decide import Decision, decide
from ..judge.noise import MODEL, Reading
from ..model import (
    RULE_FIELDS,
    Direction,
    Outcome,
    Policy,
    Proof,
    Report,
    SideInfo,
    StoredRun,
    Verdict,
)
from ..report import read
from ..report.explained import Explained, Explanation
from .basis import Basis
from .calculation import Row, borders, calculations, earlier, runs_needed
from .check import case
from .profiles import Profiles
from .rules import rules_for
from .sides import Chosen, from_file, load

if TYPE_CHECKING:
    from .context import Workspace

#: Verdicts that are explained at once.
MOST = 20
#: Figures that differ by less are the same: the same code on another processor rounds its last digits elsewhere.
_ALIKE = 1e-9
_SHARES = ("relative", "false_red")


@dataclass(frozen=True, slots=True)
class Question:
    """Which verdicts are asked for: globs for the benchmark and the metric, and the commit that was checked."""

    benchmark: str
    commit: str | None = None
    metric: str = "*"


def explain(workspace: Workspace, question: Question) -> Explanation:
    """The verdicts of the newest stored report that the question fits. UsageError where there are none."""
    report = _stored(workspace, question.commit)
    wanted = [verdict for verdict in report.verdicts if _fits(question, verdict)]
    if not wanted:
        raise _nothing(question, report)
    again = _again(workspace, report)
    explained = [again.explained(verdict) for verdict in wanted[:MOST]]
    return Explanation(report, explained, len(wanted) - len(explained))


def _stored(workspace: Workspace, reference: str | None) -> Report:
    commit = None if reference is None else workspace.resolve(reference)
    found = workspace.existing_history.reports(1, commit)
    if not found:
        of = "" if reference is None else f" of {reference}"
        asked = "" if reference is None else f" --commit {reference}"
        raise UsageError(f"no check{of} has been stored yet", hint=f"make one: regress check{asked}")
    return read(found[0].text, f"report {found[0].id} of the history")


def _fits(question: Question, verdict: Verdict) -> bool:
    key = verdict.comparison.key
    name, metric = _matcher(question.benchmark), _matcher(question.metric)
    return (name(key.benchmark.full) or name(key.benchmark.name)) and metric(key.metric.name)


def _matcher(pattern: str) -> Callable[[str], bool]:
    try:
        return matcher(pattern)
    except ValueError as error:
        raise UsageError(str(error), where=pattern) from None


def _nothing(question: Question, report: Report) -> UsageError:
    keys = [verdict.comparison.key for verdict in report.verdicts]
    commit = report.candidate.commit[:10] or report.candidate.what
    what = f"the last check of {commit} holds no verdict on {question.benchmark!r}"
    what += f", metric {question.metric!r}" if question.metric != "*" else ""
    named = [key.metric.name for key in keys if _matcher(question.benchmark)(key.benchmark.full)]
    near = [key.benchmark.full for key in keys if question.benchmark in key.benchmark.full]
    if named:
        return UsageError(what, hint=f"its metrics are {', '.join(dict.fromkeys(named))}")
    hint = f"did you mean {near[0]}?" if near else "`regress check --all` lists all of them; * and ? are wild"
    return UsageError(what, hint=hint)


# --- once more ---


@dataclass(slots=True)
class _Again:
    """The check of a report, repeated under the present rules as far as its runs are still there."""

    report: Report
    lost: list[str]
    verdicts: dict[Place, Verdict]
    rows: dict[Place, Row]
    runs: dict[str, StoredRun]
    base: tuple[str, ...]
    profiles: Profiles

    def explained(self, verdict: Verdict) -> Explained:
        """One verdict with what became of it."""
        place = place_of(verdict.comparison)
        now = self.verdicts.get(place)
        differs = _differences(verdict, now, self.report, self.lost)
        grown, profile = self.profiles.grown(verdict.comparison.key)
        row = self.rows.get(place)
        if row is None or now is None or now.proof is None:
            return Explained(verdict, now, differs, grown=grown, profile=profile)
        steps = calculations(row)
        directed = now.comparison.key.metric.direction is not Direction.UNKNOWN
        return Explained(
            verdict, now, differs, tuple(earlier(row, self.runs, self.base)), tuple(steps),
            borders=tuple(borders(row, now.proof, now.provisional)) if directed else (),
            needed=runs_needed(row, now.proof.limit) if now.outcome is Outcome.INCONCLUSIVE else None,
            grown=grown, profile=profile,
        )  # fmt: skip


def _again(workspace: Workspace, report: Report) -> _Again:
    lost: list[str] = []
    candidate = _side(workspace, report.candidate, "the candidate", lost)
    base = _side(workspace, report.baseline, "the base", lost) if report.baseline else None
    digests = list(report.earlier)
    known = {run.digest: run for run in workspace.existing_history.runs(digests=digests)} if digests else {}
    if gone := [digest[:10] for digest in digests if digest not in known]:
        named = ", ".join(gone[:3]) + (", …" if len(gone) > 3 else "")
        lost.append(f"{len(gone)} of {len(digests)} earlier runs are no longer in the history ({named})")
    runs = known | {run.digest: run for side in (candidate, base) if side for run in side.stored}
    ids = [[run.id for run in side.stored] if side else [] for side in (base, candidate)]
    made = _Again(report, lost, {}, {}, runs, tuple(base.info.runs) if base else (), Profiles(workspace, *ids))
    if candidate is None or (report.baseline and base is None):
        return made
    centre = Centre.of(report.centre) if report.centre else COMMIT
    before = [known[digest] for digest in reversed(digests) if digest in known]
    found = Basis(base, centre, report.distance, before)
    force = rules_for(workspace, None, candidate=candidate)
    drafts, past, plan, _ = case(workspace, found, candidate, force)
    decision = decide(drafts, past, plan)
    confirmed = {place_of(v.comparison): v.confirmation for v in report.verdicts if v.confirmation}
    last = with_confirmations(decision, confirmed, plan.accepted)
    made.verdicts = {place_of(verdict.comparison): verdict for verdict in last.verdicts}
    made.rows = dict(_rows(decision, centre))
    return made


def _rows(decision: Decision, centre: Centre) -> Iterator[tuple[Place, Row]]:
    """The series whose noise was asked, each with the figure that was judged."""
    values = {place_of(v.comparison): v.comparison.candidate.value for v in decision.verdicts}
    readings: Sequence[Reading] = decision.readings
    for reading in readings:
        for row, made in enumerate(reading.drafts):
            if any(np.isin(row, part.rows) for part in reading.parts) and math.isfinite(values[made.place]):
                yield made.place, Row(reading, row, values[made.place], centre)


def _side(workspace: Workspace, info: SideInfo, name: str, lost: list[str]) -> Chosen | None:
    """The runs of a side as far as they are still there: in the history, else in the file that they came from."""
    stored = workspace.existing_history.runs(digests=list(info.runs)) if info.runs else []
    known = {run.digest for run in stored}
    gone = [digest[:10] for digest in info.runs if digest not in known]
    if not gone:
        return load(workspace, info.what, stored, info.reference) if stored else None
    if not stored and info.reference and Path(info.reference).is_file():
        try:
            side = from_file(workspace, info.reference)
        except RegressError as error:
            lost.append(f"{name}: {error}")
            return None
        if set(side.info.runs) == set(info.runs):
            return side
        lost.append(f"{name}: {info.reference} holds other runs now")
        return None
    runs = "run" if len(gone) == 1 else "runs"
    lost.append(f"{name}'s {runs} {', '.join(gone[:3])} {'is' if len(gone) == 1 else 'are'} no longer in the history")
    return load(workspace, info.what, stored, info.reference) if stored else None


# --- what differs ---


def _differences(then: Verdict, now: Verdict | None, report: Report, lost: Sequence[str]) -> tuple[str, ...]:
    """Why a verdict comes out otherwise, () where it does not."""
    if now is None:
        return tuple(lost) or ("it is not judged any more: a rule ignores it, or it has another name now",)
    if _same(then, now):
        return ()
    said = [] if then.outcome is now.outcome else [f"it was {then.outcome} and is {now.outcome}: {now.reason}"]
    why = [*lost, *_model(then.proof), *_policies(then.policy, now.policy), *_meaning(then, now)]
    why += _family(then.proof, now.proof)
    if Outcome.ACCEPTED in (then.outcome, now.outcome):
        why.append("what regress-accepted.toml says of it is not what it said")
    if not why and report.version != __version__:
        why.append(f"it was stored by regress {report.version}, and this is {__version__}")
    return (*said, *why, *([] if said else _figures(then, now)))


def _same(then: Verdict, now: Verdict) -> bool:
    alike = (then.outcome, then.failing, then.provisional) == (now.outcome, now.failing, now.provisional)
    return alike and not _figures(then, now) and (then.proof is None) == (now.proof is None)


def _figures(then: Verdict, now: Verdict) -> list[str]:
    """The figures that differ, in words."""
    one, other = then.comparison, now.comparison
    pairs: list[tuple[str, float, float]] = [
        ("the base's figure", one.base.value, other.base.value),
        ("the candidate's figure", one.candidate.value, other.candidate.value),
        ("the smallest visible change", one.noise, other.noise),
    ]
    if then.proof and now.proof:
        for field in fields(Proof):
            values = getattr(then.proof, field.name), getattr(now.proof, field.name)
            if isinstance(values[0], float | int):
                pairs.append((field.name, *values))
            elif field.name != "model" and values[0] != values[1]:
                pairs.append((f"the number of {field.name} runs", float(len(values[0])), float(len(values[1]))))
    said = [f"{name} was {was:.6g} and is {value:.6g}" for name, was, value in pairs if not _alike(was, value)]
    return said[:4]


def _alike(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=_ALIKE, abs_tol=1e-300)


def _model(proof: Proof | None) -> list[str]:
    if proof is None or proof.model == MODEL:
        return []
    return [f"the noise model was {proof.model!r} and is {MODEL!r}"]


def _policies(then: Policy | None, now: Policy | None) -> Iterable[str]:
    """The rules that say something else now, each with its line."""
    if then is None or now is None:
        return
    for name in RULE_FIELDS:
        was, value = _field(then, name), _field(now, name)
        if was != value:
            yield f"the rule {name} was {was} ({then.origin(name)}) and is {value} ({now.origin(name)})"


def _field(policy: Policy, name: str) -> str:
    own = {"relative": policy.tolerance.relative, "absolute": policy.tolerance.absolute}
    value = own[name] if name in own else getattr(policy, name)
    return f"{value * 100:g}%" if name in _SHARES else str(value)


def _meaning(then: Verdict, now: Verdict) -> Iterable[str]:
    was, is_now = then.comparison.key.metric, now.comparison.key.metric
    for name in ("unit", "direction", "kind"):
        if getattr(was, name) != getattr(is_now, name):
            yield f"the {name} of {was.name} was {getattr(was, name)} and is {getattr(is_now, name)}"


def _family(then: Proof | None, now: Proof | None) -> list[str]:
    if then is None or now is None or then.family == now.family:
        return []
    return [f"{now.family} series are judged together and share false_red, and it was {then.family}"]
