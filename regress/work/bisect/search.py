"""The search itself: weigh what is known, measure where it tells most, until a commit is named or nothing helps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import UncomparedError
from ...judge.bisect import PATIENCE, Advice, State, advise
from ...judge.posterior import Noise, Reading
from ...judge.step import runs_needed, smallest_step
from ...model import Cause, Commit, Direction, Environment, Kind
from ...suites import library_of
from ..sides import PARTIAL
from .measure import Attempt, Probe, bench
from .span import Span, between, ends_of, repository_of
from .subject import Figure, Subject, cause_named, find, with_present_source, worst_of

if TYPE_CHECKING:
    from ..context import Workspace

#: So many commits one after the other that cannot be measured, and none that can, are no bad luck.
_HOPELESS = 4
_EXACT = Noise(0.0005, 2.0)


@dataclass(frozen=True, slots=True)
class BisectRequest:
    """What is asked: a benchmark's name, two ends (None: around its largest stored step), how long, how sure.

    benchmark  its name, or the id of a cause, which brings the ends along: then its worst benchmark is measured
    max_runs    None takes twelve times what plain bisection would, and at least 40
    stored     whether stored runs count
    """

    benchmark: str
    good: str | None = None
    bad: str | None = None
    metric: str | None = None
    max_runs: int | None = None
    confidence: float = 0.95
    all_parents: bool = False
    stored: bool = True


@dataclass(frozen=True, slots=True)
class Started:
    """What is about to be searched: the ends, how many commits lie between, how many of them changed the package.

    cause   whose range it is, where one was asked for
    """

    subject: Subject
    good: Commit
    bad: Commit
    commits: int
    places: int
    known: int
    max_runs: int
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One measurement: the commit, what it gave, and how the search stands after it."""

    number: int
    commit: Commit
    attempt: Attempt
    advice: Advice
    leading: Commit


@dataclass(frozen=True, slots=True)
class Found:
    """How the search ended.

    culprits      one commit, or a range that cannot be told apart; [] where none stands out
    before, after the two levels on this machine (NaN: not measured);  sigma: relative noise of one run
    runs          made now;  known: stored runs that were used
    smallest      the smallest step that max_runs could find;  needed: runs that the present step would take
    same_imports  the benchmark imported the very same files at both ends
    """

    state: State
    subject: Subject
    span: Span
    culprits: tuple[Commit, ...]
    probability: float
    left: int
    before: float
    after: float
    sigma: float
    runs: int
    known: int
    max_runs: int
    smallest: float
    needed: int
    troubles: Mapping[str, str] = field(default_factory=dict)
    same_imports: bool = False

    @property
    def change(self) -> float:
        """after / before - 1."""
        return self.after / self.before - 1 if self.before > 0 else math.nan

    @property
    def is_worse(self) -> bool | None:
        """Whether the step is for the worse; None where the metric does not say which way is better."""
        direction = self.subject.key.metric.direction
        return None if direction is Direction.UNKNOWN else (self.change > 0) == (direction is Direction.LOWER)


Progress = Callable[[Started | Step], None]


def bisect(workspace: Workspace, request: BisectRequest, progress: Progress = lambda event: None) -> Found:
    """Searches for the commit that made the step; `progress` is told what is begun and each measurement.

    Every measurement is in the history before the next one begins, and stored ones count: an interrupted search goes
    on where it was when it is asked for again. Raises UsageError, UncomparedError (the proof is missing, too).
    """
    repository = repository_of(workspace)
    cause = cause_named(workspace, request.benchmark)
    if cause is None:
        subject = find(workspace, request.benchmark, request.metric)
    else:
        subject = worst_of(workspace, cause, request.metric)
    workspace.learn_commits()
    good, bad = ends_of(workspace, subject, cause, request.good, request.bad)
    workspace.learn_commits([good, bad])
    library = library_of(subject.spec, workspace.root)
    span = between(workspace, good, bad, library.inputs, all_parents=request.all_parents)
    search = _Search(workspace, request, subject, span)
    search.recall()
    places = len(span.places)
    progress(
        Started(subject, span.places[0], workspace.existing_history.commit(bad) or Commit(bad), len(span.place_of) - 1,
                places - 1, len(search.readings), search.max_runs, cause)
    )  # fmt: skip
    advice = search.advice()
    if advice.state is State.SEARCHING:
        with bench(workspace, repository, span.places[advice.place or 0].hash) as opened:
            advice = search.run(opened, advice, progress)
    return search.end(advice)


def _made_at(figure: Figure) -> tuple[float, int]:
    started = figure.run.started_at
    return (started.timestamp() if started else 0.0), figure.run.id


class _Search:
    """What is known so far: readings by place, places that cannot be measured, and the machine that measures."""

    def __init__(self, workspace: Workspace, request: BisectRequest, subject: Subject, span: Span) -> None:
        self.workspace = workspace
        self.request = request
        self.subject = subject
        self.span = span
        self.readings: list[Reading] = []
        self.known = 0
        self.runs = 0
        self.group = ""
        self.environment: Environment | None = None
        self.troubles: dict[int, str] = {}
        self.same_imports = False
        plain = math.ceil(math.log2(max(len(span.places), 2)))
        self.max_runs = request.max_runs or max(12 * (plain + 2), 40)
        self.noise = _EXACT if subject.kind is Kind.EXACT else Noise.of(subject.values())

    def recall(self) -> None:
        """Takes what the history holds: figures as readings, failures of earlier searches as places to leave out."""
        if not self.request.stored:
            return
        stored = self.workspace.existing_history.runs(commits=list(self.span.place_of))
        runs = [run for run in stored if not run.dirty and run.commit in self.span.place_of]
        present = with_present_source(self.workspace, self.subject, {run.commit for run in runs})
        runs = [run for run in runs if PARTIAL in run.tags or run.commit in present]
        for figure in sorted(self.subject.stored(runs), key=_made_at):
            self.readings.append(Reading(self.span.place_of[figure.run.commit], figure.value, figure.group))
            if PARTIAL in figure.run.tags:
                self.group, self.environment = figure.group, figure.run.environment
        measured = {reading.place for reading in self.readings}
        for run, reason in self.subject.failures(runs):
            if self.span.place_of[run.commit] not in measured:
                self.troubles[self.span.place_of[run.commit]] = reason
        self.known = len(self.readings)

    def advice(self) -> Advice:
        """How the search stands now."""
        return advise(
            self.span.field(sorted(self.troubles)), self.readings, group=self.group, noise=self.noise,
            confidence=self.request.confidence, patience=max(PATIENCE, self.max_runs // 10),
        )  # fmt: skip

    def run(self, opened: Probe, advice: Advice, progress: Progress) -> Advice:
        """Measures until the search is at its end or the runs are used up."""
        opened.environment = self.environment
        while advice.state is State.SEARCHING and advice.place is not None and self.runs < self.max_runs:
            commit = self.span.places[advice.place]
            attempt = opened.measure(self.subject, commit)
            self.runs += 1
            if attempt.trouble:
                self._take_trouble(advice.place, attempt.trouble)
            else:
                self.readings.append(Reading(advice.place, attempt.value, attempt.group, live=True))
                self.group = attempt.group
            advice = self.advice()
            progress(Step(self.runs, commit, attempt, advice, self.span.places[advice.leading[0]]))
        files = [opened.imported.get(self.span.places[place].hash) for place in (0, -1)]
        self.same_imports = files[0] is not None and files[0] == files[1]
        return advice

    def _take_trouble(self, place: int, trouble: str) -> None:
        self.troubles[place] = trouble
        if len(self.troubles) >= min(_HOPELESS, len(self.span.places)) and self.runs == len(self.troubles):
            what = f"none of {len(self.troubles)} commits could be measured; the last one: {trouble}"
            hint = "the log is in .regress/bisect; see that the benchmark runs with the packages installed here"
            raise UncomparedError(what, where=self.subject.full, hint=hint)

    def end(self, advice: Advice) -> Found:
        """The search as it ended."""
        belief, places = advice.belief, len(self.span.places)
        change = belief.after / belief.before - 1 if belief.before > 0 else math.nan
        confidence = self.request.confidence
        return Found(
            state=advice.state,
            subject=self.subject,
            span=self.span,
            culprits=tuple(self.span.places[place] for place in advice.leading),
            probability=advice.probability,
            left=advice.left,
            before=belief.before,
            after=belief.after,
            sigma=belief.sigma,
            runs=self.runs,
            known=self.known,
            max_runs=self.max_runs,
            smallest=smallest_step(belief.sigma, places, self.max_runs, confidence),
            needed=runs_needed(change, belief.sigma, places, confidence),
            troubles={self.span.places[place].hash: text for place, text in self.troubles.items()},
            same_imports=self.same_imports,
        )
