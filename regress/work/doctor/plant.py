"""Plants slowdowns through the real path (a result file, ingest, check) and must see red.

The runs that stand for the commit are copies of its baseline's newest ones. Unchanged they must pass, which also tells
what each series can see; then every second series, and then the others, is made worse by three times the larger of
its tolerance and the change that it can see. Half at a time, as what the whole suite shares is another finding. What a
failing rule covers must be red; a rule under which twice as slow would pass is a fault, seen or not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...judge.compare import Place
from ...judge.rules import Rules
from ...judge.verdict import WORSE
from ...model import Action, Direction, Key, Outcome, Policy, Report, Run, SideInfo, Verdict
from ...model.present import COUNTS
from ...report.doctor import Line, Section, State
from ..rules import rules_for
from ..sides import Chosen
from .scratch import Patient, Scratch, Subject, copied, raw, subject_of

#: A planted slowdown is so many times the larger of the tolerance and what can be seen.
TIMES = 3.0
#: What that leaves in doubt is tried again with so many times: too noisy, or can this gate not fail at all?
MORE_TIMES = 30.0
#: A benchmark that may become so much slower and pass is not guarded: twice as slow.
LOOSE = 1.0
#: So many benchmarks are named in one line.
MOST_NAMES = 3

#: Figures that tell of the rounds, and may be 0 where the benchmark's own figures are not.
_OF_ROUNDS = (*COUNTS, "sd")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tried:
    """What was found, and a run of the baseline for further trials (None where there is none)."""

    lines: list[Line]
    specimen: Run | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said of planted slowdowns, and whether a check ended with 1 for one of them."""

    verdicts: Mapping[Place, Verdict]
    closed: bool

    def is_red(self, place: Place) -> bool:
        """Whether this one would fail a check."""
        return place in self.verdicts and self.verdicts[place].failing


@dataclass(frozen=True, slots=True)
class _Series:
    """One series of the copies: what the rules say of it, and what an unchanged copy was told."""

    key: Key
    policy: Policy
    verdict: Verdict | None

    @property
    def visible(self) -> float:
        """The smallest change that it can see; 0 where that is not known."""
        noise = self.verdict.comparison.noise if self.verdict else math.nan
        return noise if math.isfinite(noise) else 0.0

    @property
    def tolerance(self) -> float:
        """The larger of the relative and the absolute tolerance, as a share of the base."""
        base = abs(self.verdict.comparison.base.value) if self.verdict else math.nan
        absolute = self.policy.tolerance.absolute
        share = absolute / base if base > 0 else 0.0
        return max(self.policy.tolerance.relative, share)

    @property
    def name(self) -> str:
        """Its benchmark's name, with the metric where that is not the time."""
        metric = self.key.metric.name
        return self.key.benchmark.full + (f" ({metric})" if metric != "time" else "")


def lines(patient: Patient, folder: Path) -> Tried:
    """Plants slowdowns in copies of the runs that HEAD would be compared with."""
    if not patient.runs:
        what = "the history holds no run of a clean work tree"
        return Tried([_line("planted slowdowns", State.WARNING, what, "measure a commit and ingest its results")])
    subject = subject_of(patient)
    if subject is None:
        specimen = raw(patient, patient.runs[-1:])[0]
        hint = "measure a second commit; without a baseline nothing is ever red (--require-baseline says so)"
        what = "no commit has a baseline yet, so the gate was not tried"
        return Tried([_line("planted slowdowns", State.WARNING, what, hint)], specimen)
    scratch = copied(patient, subject, folder)
    models = raw(patient, subject.models, whole=True)
    trial = _Trial(patient, scratch, subject, models)
    return Tried(trial.lines(), models[0])


class _Trial:
    """The copies of one subject, and what the gate says of them."""

    def __init__(self, patient: Patient, scratch: Scratch, subject: Subject, models: Sequence[Run]) -> None:
        self.scratch, self.subject = scratch, subject
        own = [run for run in patient.runs if run.commit == subject.commit]
        dated = own[-1].committed_at if own else None
        now = datetime.now(UTC)
        self.copies = [
            replace(
                run,
                commit=subject.commit,
                head="",
                committed_at=dated or run.committed_at,
                started_at=now,
                ended_at=now,
            )
            for run in models
        ]
        self.present = patient.present
        self.candidate = Chosen(SideInfo(subject.commit), self.copies)
        self.rules: Rules = rules_for(patient, None, candidate=self.candidate).rules

    def lines(self) -> list[Line]:
        """What became of unchanged copies, and of planted slowdowns."""
        unchanged = self.scratch.trial(self.copies, self.subject.commit)
        series = self._series(unchanged)
        found = [*self._of_copies(unchanged), *_of_rules(series)]
        guarded = {place: one for place, one in series.items() if one.policy.action is not Action.IGNORE}
        places = sorted(guarded, key=lambda place: (place[0], place[1]))
        told = self._planted({place: guarded[place] for place in places}, TIMES)
        suspect = [place for place, verdict in told.verdicts.items() if verdict.outcome is Outcome.INCONCLUSIVE]
        more = self._planted({place: guarded[place] for place in suspect}, MORE_TIMES)
        return [*found, *_of_plants(guarded, told, more), *_of_noise(series)]

    def _series(self, unchanged: Report) -> dict[Place, _Series]:
        verdicts = _by_place(unchanged)
        found = {}
        for run in self.copies:
            for key in run.columns.keys:
                shown = self.present(key).key if self.present else key
                place = (run.environment.digest, shown.unversioned)
                found[place] = _Series(shown, self.rules.policy(shown, run.environment, run.tags), verdicts.get(place))
        return found

    def _of_copies(self, report: Report) -> list[Line]:
        """Unchanged copies must pass."""
        if not report.verdicts:
            return []
        red = [verdict for verdict in report.verdicts if verdict.failing and verdict.outcome is Outcome.REGRESSED]
        what = f"a copy of {report.baseline.what if report.baseline else 'the baseline'}"
        at = f"{what}, checked as {self.subject.commit[:10]}"
        if red:
            names = named([_name(verdict.comparison.key) for verdict in red])
            hint = "that commit is worse than the level before it: mend it, or `regress accept` it"
            return [_line("unchanged copy", State.WARNING, f"{at}, is red: {names}", hint)]
        return [_line("unchanged copy", State.OK, f"{at}, passes: {len(report.verdicts)} series")]

    def _planted(self, chosen: Mapping[Place, _Series], times: float) -> _Told:
        """What is said of slowdowns in every second one of the chosen series, and then in the others."""
        verdicts: dict[Place, Verdict] = {}
        closed = False
        places = list(chosen)
        for half in filter(None, (places[::2], places[1::2])):
            some = {place: chosen[place] for place in half}
            runs = [_worse_run(run, self._shares(run, some, times)) for run in self.copies]
            report = self.scratch.trial(runs, self.subject.commit)
            said = {place: verdict for place, verdict in _by_place(report).items() if place in some}
            verdicts |= said
            closed = closed or (report.status == WORSE and any(verdict.failing for verdict in said.values()))
        return _Told(verdicts, closed)

    def _shares(self, run: Run, chosen: Mapping[Place, _Series], times: float) -> dict[int, float]:
        """By row of a run, how much worse it is to become."""
        shares = {}
        for row, key in enumerate(run.columns.keys):
            shown = self.present(key).key if self.present else key
            one = chosen.get((run.environment.digest, shown.unversioned))
            if one is not None:
                least = 0.01  # an exact metric under a tolerance of nothing moves, too
                share = times * max(one.tolerance, one.visible, least)
                shares[row] = -share if shown.metric.direction is Direction.HIGHER else share
        return shares


def _worse_run(run: Run, shares: Mapping[int, float]) -> Run:
    """A run in which some rows have grown by a share, or shrunk by one below zero."""
    factors = np.ones(len(run.columns))
    for row, share in shares.items():
        factors[row] = 1 + share if share > 0 else max(1 + share, 1 / MORE_TIMES)
    moved = np.array([row in shares for row in range(len(run.columns))])
    figures = [v for n, v in run.columns.stats.items() if n not in _OF_ROUNDS]
    nothing = moved & np.all([np.isnan(v) | (v == 0) for v in figures], axis=0)
    stats = {n: v if n in COUNTS else _grown(v, factors) for n, v in run.columns.stats.items()}
    # What is 0 cannot grow by a share: it becomes 1, or -1 where higher is better.
    stats |= {n: np.where(nothing & (v == 0), np.sign(factors - 1), v) for n, v in stats.items() if n not in _OF_ROUNDS}
    columns = replace(run.columns, stats=stats)
    samples = {row: values * factors[row] for row, values in run.samples.items()}
    quantiles = {row: tuple((q, v * factors[row]) for q, v in pairs) for row, pairs in run.quantiles.items()}
    return replace(run, columns=columns, samples=samples, quantiles=quantiles)


def _grown(values: Floats, factors: Floats) -> Floats:
    """Figures that have moved by a share of their size, whatever their sign."""
    result: Floats = values + np.abs(values) * (factors - 1)
    return result


def _by_place(report: Report) -> dict[Place, Verdict]:
    return {
        (verdict.comparison.environment.digest, verdict.comparison.key.unversioned): verdict
        for verdict in report.verdicts
    }


def _of_rules(series: Mapping[Place, _Series]) -> list[Line]:
    """What rules leave unguarded."""
    found = []
    every = list(series.values())
    for action, words in ((Action.WARN, "only warned of"), (Action.IGNORE, "not judged")):
        said = [one for one in every if one.policy.action is action]
        if said:
            origins = named(sorted({one.policy.origin("action") for one in said}))
            what = f"{len(said)} of {len(every)} series are {words}, as {origins} says"
            found.append(_line(f"action {action}", State.OK, what))
    if every and not any(one.policy.action is Action.FAIL for one in every):
        hint = 'give at least one rule action = "fail"'
        found.append(_line("guarded series", State.FAULT, "no rule lets a slowdown fail: the gate cannot close", hint))
    loose = [one for one in every if one.policy.action is Action.FAIL and one.tolerance >= LOOSE]
    if loose:
        origins = named(sorted({_loosest(one) for one in loose}))
        what = (
            f"{named([one.name for one in loose])} may become {1 + max(one.tolerance for one in loose):.3g} times as "
        )
        hint = f"tighten the tolerance at {origins}"
        found.append(_line("tolerances", State.FAULT, f"{what}slow and pass", hint))
    return found


def _loosest(one: _Series) -> str:
    relative = one.policy.tolerance.relative >= LOOSE
    return one.policy.origin("relative" if relative else "absolute")


def _of_plants(guarded: Mapping[Place, _Series], told: _Told, more: _Told) -> list[Line]:
    """Whether what a failing rule covers was red, and why the rest was not."""
    failing = {place: one for place, one in guarded.items() if one.policy.action is Action.FAIL}
    wanted = {place: one for place, one in failing.items() if one.key.metric.direction is not Direction.UNKNOWN}
    found = [_undirected([one for place, one in failing.items() if place not in wanted])]
    red = [place for place in wanted if told.is_red(place)]
    if not wanted:
        return [line for line in found if line]
    if len(red) == len(wanted) and told.closed:
        what = f"red for {_each(len(wanted))}; the check ends with 1"
        return [_line("planted slowdowns", State.OK, what), *filter(None, found)]
    groups: dict[str, list[tuple[_Series, Verdict | None]]] = {}
    for place, one in wanted.items():
        if place not in red:
            verdict = told.verdicts.get(place)
            why = "late" if more.is_red(place) else verdict.outcome.value if verdict else "unseen"
            groups.setdefault(why, []).append((one, verdict))
    closed = told.closed or more.closed
    what = f"red for {len(red)} of {len(wanted)} series under a failing rule"
    hint = "why the others were not stands below" if closed else "this gate could not have failed"
    line = _line("planted slowdowns", State.WARNING if closed else State.FAULT, what, hint)
    return [line, *(_green(why, members) for why, members in sorted(groups.items())), *filter(None, found)]


def _each(number: int) -> str:
    return f"each of {number} series" if number > 1 else "the only series"


def _undirected(series: Sequence[_Series]) -> Line | None:
    """Series that can never be red, as nobody said which way is better."""
    if not series:
        return None
    names = sorted({one.key.metric.name for one in series})
    what = f"{named([one.name for one in series])}: nothing says which way is better, so no change of it is ever red"
    hint = f'say so under [[metric]]: name = "{names[0]}", direction = "lower" or "higher"'
    return _line("stays green", State.WARNING, what, hint)


def _green(why: str, members: Sequence[tuple[_Series, Verdict | None]]) -> Line:
    """A line for the planted slowdowns that were not red for one reason."""
    names = named([one.name for one, _ in sorted(members, key=lambda member: -member[0].visible)])
    verdict = members[0][1]
    if why == Outcome.ACCEPTED:
        origin = verdict.rule if verdict else ""
        return _line(
            "stays green", State.WARNING, f"{names}: accepted by {origin}", "let it expire, or give it --up-to"
        )
    if why in ("late", Outcome.INCONCLUSIVE):
        worst = max(one.visible for one, _ in members)
        few = 2 * sum(bool(v and v.provisional) for _, v in members) > len(members)
        hint = "more runs of the main branch make it surer" if few else "check with --confirm, or give it more rounds"
        times = f"{TIMES:g} times" if why == "late" else f"even {MORE_TIMES:g} times"
        what = f"{names}: too noisy to be red at {times} what can be seen (up to {worst:.0%})"
        return _line("stays green", State.WARNING, what, hint)
    said = f"{why}: {verdict.reason}" if verdict else "it has no verdict"
    return _line(
        "stays green",
        State.FAULT,
        f"{names}: a planted slowdown is {said}",
        "look at its rules with `regress rules explain`",
    )


def _of_noise(series: Mapping[Place, _Series]) -> list[Line]:
    """Benchmarks too noisy for their tolerance: between the two a slowdown passes unseen."""
    judged = [one for one in series.values() if one.policy.action is Action.FAIL and one.verdict and one.verdict.proof]
    blind = [one for one in judged if one.visible > one.tolerance]
    if not judged:
        return []
    if not blind:
        return [_line("noise", State.OK, "every noisy series sees a change of the size of its tolerance")]
    blind.sort(key=lambda one: -one.visible)
    names = named([f"{one.name} (sees {one.visible:.0%}, allowed {one.tolerance:.0%})" for one in blind])
    hint = "`regress calibrate` proposes tolerances; more rounds or a quieter machine see more"
    return [_line("noise", State.WARNING, f"noisier than their tolerance: {names}", hint)]


def _name(key: Key) -> str:
    return key.benchmark.full


def named(names: Sequence[str]) -> str:
    """The first few names, and how many there are besides."""
    left = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {left} more" if left > 0 else "")


def _line(name: str, state: State, text: str, hint: str = "") -> Line:
    return Line(Section.GATE, name, state, text, hint)
