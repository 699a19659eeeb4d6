"""Puts the variants of one commit, or of the last runs, side by side."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import UncomparedError, UsageError
from ..globs import matcher
from ..judge.components import Material, components, natural
from ..model import Key, Run, StoredRun
from ..model.components import By, Components, env_name
from . import basis
from .rules import rules_for
from .sides import Chosen, from_commit, load, main_runs

if TYPE_CHECKING:
    from .context import Workspace

_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Question:
    """What `regress compare --by` was asked.

    by         "param:backend", "env:python", "tag:variant", "suite"
    commit     None takes the newest one that was measured
    runs       how many of the last runs are looked at, in place of one commit's; 0: that commit's
    reference  the variant that ratios are relative to; None takes the fastest
    only       globs of benchmarks, () for all; metric: a glob
    """

    by: str
    commit: str | None = None
    runs: int = 0
    reference: str | None = None
    only: tuple[str, ...] = ()
    metric: str = "*"


def compare_components(workspace: Workspace, asked: Question) -> Components:
    """The variants side by side. UsageError for what is not known, UncomparedError where nothing can be compared."""
    by = parse_by(asked.by)
    workspace.existing_history  # noqa: B018  one that is missing says so before anything is learnt
    workspace.learn_commits()
    chosen = from_commit(workspace, asked.commit or newest(workspace))
    earlier = basis.of_side(workspace, chosen).earlier
    stored = _last(earlier, asked.runs) if asked.runs else list(chosen.stored)
    side = load(workspace, chosen.info.what, stored) if asked.runs else chosen
    compared = {run.id for run in side.stored}
    past = workspace.existing_history.load([run.id for run in reversed(earlier) if run.id not in compared])
    own = _labelled([narrowed(run, asked.only, asked.metric) for run in side.runs], by)
    _must_be_known(by, own, asked)
    rules = rules_for(workspace, None, candidate=side).rules
    material = Material(own, _labelled(past, by), level=bool(asked.runs))
    found = components(material, by, rules, asked.reference)
    if not found.contests:
        raise UncomparedError(
            _why_nothing(by, own, found.unclear), hint="`regress show COMMIT` lists what was measured"
        )
    if asked.reference is not None and asked.reference != found.reference:
        raise UsageError(f"no variant {asked.reference!r}", hint=f"there are: {_listed(found.variants)}")
    return Components(
        by=by,
        reference=found.reference,
        variants=found.variants,
        contests=found.contests,
        groups=found.groups,
        commit="" if asked.runs else side.info.commit,
        subject="" if asked.runs else side.info.subject,
        what=_what(side, asked),
        warnings=_warnings(found.unclear, found.machines, by),
        command=_command(asked, chosen),
    )


def parse_by(text: str) -> By:
    """`--by` as written."""
    try:
        return By.of(text)
    except ValueError as error:
        raise UsageError(f"--by {text!r} is not understood", hint=str(error)) from None


def newest(workspace: Workspace) -> str:
    """The newest commit of the main branch that was measured."""
    runs = main_runs(workspace)
    if not runs:
        raise UncomparedError("the history holds no run", hint="ingest results first: regress ingest PATH")
    return runs[-1].commit


def narrowed(run: Run, only: Sequence[str], metric: str = "*") -> Run:
    """A run with the benchmarks and metrics that fit alone."""
    if not only and metric == "*":
        return run
    try:
        tests, is_metric = [matcher(pattern) for pattern in only], matcher(metric)
    except ValueError as error:
        raise UsageError(f"a pattern {error}", hint='write a glob, or an expression "re:…"') from None

    def fits(key: Key) -> bool:
        names = key.benchmark.full, key.benchmark.name
        return is_metric(key.metric.name) and (not tests or any(test(name) for test in tests for name in names))

    rows = [row for row, key in enumerate(run.columns.keys) if fits(key)]
    gaps = tuple(gap for gap in run.gaps if fits(gap.key))
    return replace(run, columns=run.columns.take(rows), gaps=gaps, samples={}, quantiles={}, attachments={})


def _last(earlier: Sequence[StoredRun], count: int) -> list[StoredRun]:
    """The last so many runs of each environment, suite and set of labels, oldest first."""
    taken: defaultdict[object, int] = defaultdict(int)
    kept = []
    for run in earlier:
        place = run.environment.digest, run.suites, run.tags
        taken[place] += 1
        if taken[place] <= count:
            kept.append(run)
    return kept[::-1]


def _labelled(runs: Sequence[Run], by: By) -> list[Run]:
    """Where a label has values ("variant=fast"), the runs that have one; else all runs."""
    valued = [run for run in runs if any(tag.startswith((f"{by.name}=", f"{by.name}:")) for tag in run.tags)]
    return valued if by.kind == "tag" and valued else list(runs)


def _must_be_known(by: By, own: Sequence[Run], asked: Question) -> None:
    """UsageError, with the names that there are, for one that is not."""
    if not any(len(run.columns) for run in own):
        narrow = ", ".join((*asked.only, *([asked.metric] if asked.metric != "*" else [])))
        raise UncomparedError(f"no benchmark fits {narrow}" if narrow else "these runs hold no figures")
    known = by.known(own)
    there = by.kind == "suite" or by.name in known
    if by.kind == "env":
        there = any(env_name(run.environment, by.name) for run in own)
    if not there:
        word = {"param": "parameter", "env": "part of the environment", "tag": "label"}[by.kind]
        hint = f"there are: {_listed(known)}" if known else "there are none"
        raise UsageError(f"no {word} {by.name!r} in these runs", hint=hint)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _why_nothing(by: By, own: Sequence[Run], unclear: int) -> str:
    if unclear:
        return f"benchmarks differ in more than their parameters say, so that {by} does not tell them apart"
    places = [by.place(key, run) for run in own for key in run.columns.keys]
    variants = sorted({place.variant for place in places if place}, key=natural)
    if len(variants) < 2:
        return f"there is only one variant of {by}: {variants[0] if variants else '-'}"
    return f"no benchmark was measured with two variants of {by} ({_listed(variants)}), all else being the same"


def _what(side: Chosen, asked: Question) -> str:
    runs = f"{len(side.stored)} run{'' if len(side.stored) == 1 else 's'}"
    if asked.runs:
        return f"the present level of the last {runs}"
    return f"{side.info.commit[:10]} {side.info.subject} · {runs}".replace("  ", " ")


def _warnings(unclear: int, machines: int, by: By) -> list[str]:
    found = []
    if unclear:
        found.append(f"{unclear} left out: their names differ in more than their parameters say")
    if machines > 1 and by.kind != "param":
        found.append("the runs were made on different processors, which a ratio cannot tell from the variants")
    return found


def _command(asked: Question, chosen: Chosen) -> str:
    words = ["regress", "compare", "--by", asked.by]
    words += ["--reference", asked.reference] if asked.reference is not None else []
    words += ["--runs", str(asked.runs)] if asked.runs else []
    words += [word for pattern in asked.only for word in ("-k", pattern)]
    words += ["--metric", asked.metric] if asked.metric != "*" else []
    return shlex.join([*words, chosen.info.commit[:12]])
