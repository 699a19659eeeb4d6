"""How the figures of a commit grow with a size, how far its budgets are met, and whether an order grew."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UncomparedError, UsageError
from ..judge import scaling as judge
from ..model import BudgetResult, Run
from ..model.scaling import Scaling
from . import basis
from .basis import Basis
from .budgets import judged
from .components import narrowed, newest
from .rules import InForce, rules_for
from .sides import Chosen, from_commit

if TYPE_CHECKING:
    from .context import Workspace


@dataclass(frozen=True, slots=True)
class Question:
    """What `regress scaling` was asked.

    benchmark  a glob; None takes all
    over       the parameter that is the size; None takes the only one there is
    commit     None takes the newest one that was measured
    against    the other commit, as `regress check --against` takes it; "" as configured, None: no other
    """

    benchmark: str | None = None
    over: str | None = None
    metric: str = "*"
    commit: str | None = None
    against: str | None = None


def scaling(workspace: Workspace, asked: Question) -> Scaling:
    """The curves. UsageError for a parameter that is no size, UncomparedError where nothing can be held against it."""
    workspace.existing_history  # noqa: B018  one that is missing says so before anything is learnt
    workspace.learn_commits()
    candidate = from_commit(workspace, asked.commit or newest(workspace))
    warned = ["the candidate was measured with uncommitted changes"] if any(run.dirty for run in candidate.runs) else []
    runs = _narrowed(candidate.runs, asked)
    over = _parameter(runs, asked)
    force = rules_for(workspace, None, candidate=candidate)
    past = _past(workspace, candidate, asked)
    curves, unclear = judge.curves(runs, past, over, force.rules)
    curves = judge.with_loads(curves, _budgets(workspace, candidate, force), over)
    base = None if asked.against is None else _base(workspace, candidate, asked.against)
    if base and base.side:
        # Its own earlier runs are the candidate's, too.
        others, _ = judge.curves(_narrowed(base.side.runs, asked), past, over, force.rules)
        curves = judge.against(curves, others, force.rules)
        if not any(curve.growth for curve in curves):
            raise UncomparedError(f"{_of(base.side)} has no such curve", hint="compare with another commit: --against")
    warnings = [*warned, *(base.warnings if base else ()), *force.warnings]
    warnings += [f"{unclear} left out: their names differ in more than their parameters say"] if unclear else []
    info = candidate.info
    what = f"{info.commit[:10]} {info.subject}".strip() + f" · {len(runs)} run{'' if len(runs) == 1 else 's'}"
    against = _of(base.side) if base and base.side else ""
    command = _command(asked, over, candidate, base)
    return Scaling(over, what, curves, info.commit, info.subject, against, warnings, command)


def _narrowed(runs: Sequence[Run], asked: Question) -> list[Run]:
    only = (asked.benchmark,) if asked.benchmark is not None else ()
    return [narrowed(run, only, asked.metric) for run in runs]


def _parameter(runs: Sequence[Run], asked: Question) -> str:
    """The parameter as asked for, or the only one; UsageError with those that there are."""
    if not any(len(run.columns) for run in runs):
        narrow = ", ".join(filter(None, (asked.benchmark, asked.metric if asked.metric != "*" else "")))
        raise UncomparedError(f"no benchmark fits {narrow}" if narrow else "these runs hold no figures")
    known = judge.known_sizes(runs)
    hint = f"there are: {', '.join(known)}" if known else "no parameter has three sizes"
    if asked.over is None:
        if len(known) == 1:
            return known[0]
        raise UsageError("which parameter is the size? Say --over PARAM", hint=hint)
    if asked.over not in known:
        raise UsageError(f"{asked.over!r} is no parameter with at least three sizes in these runs", hint=hint)
    return asked.over


def _past(workspace: Workspace, candidate: Chosen, asked: Question) -> list[Run]:
    """The earlier runs, oldest first: where a side has one run alone they say how far it strays."""
    own = {run.id for run in candidate.stored}
    earlier = [run.id for run in reversed(basis.of_side(workspace, candidate).earlier) if run.id not in own]
    return _narrowed(workspace.existing_history.load(earlier), asked)


def _budgets(workspace: Workspace, candidate: Chosen, force: InForce) -> list[BudgetResult]:
    return judged(workspace, candidate, force.budgets)


def _base(workspace: Workspace, candidate: Chosen, against: str) -> Basis:
    """The other side; UncomparedError where there is none."""
    spec = basis.parse_against(against or workspace.config.against, workspace.config.max_distance)
    found = basis.find(workspace, spec, candidate)
    if found.side is None:
        raise UncomparedError(found.problem or "this is the only commit that was measured")
    return found


def _of(side: Chosen) -> str:
    """A side in words."""
    commit = f"{side.info.commit[:10]} {side.info.subject}".strip()
    return " · ".join(part for part in (side.info.what if side.info.what != side.info.commit else "", commit) if part)


def _command(asked: Question, over: str, candidate: Chosen, base: Basis | None) -> str:
    words = ["regress", "scaling", "--over", over]
    words += ["--metric", asked.metric] if asked.metric != "*" else []
    words += ["--against", base.side.info.reference] if base and base.side else []
    words += [asked.benchmark or "*", candidate.info.commit[:12]]
    return shlex.join(words)
