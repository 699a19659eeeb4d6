"""Pair after pair: measures the suspects that are still open on both sides in turn, until each is decided."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from ...errors import RegressError
from ...judge.confirm import Pair, judged
from ...model import Commit, Kind, Outcome, SuiteSpec, presented
from ...model.confirmation import Confirmation, Suspect
from ...stats.sequential import Looks
from ...suites import ProofError, SuiteError, Trouble, library_of
from ..measure import Bench, Measurement

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace

Name = tuple[str, str, str]
#: A benchmark that failed so often on a side is not tried again: once may be the machine's fault.
_ENOUGH_FAILURES = 2


@dataclass(frozen=True, slots=True)
class Sides:
    """The commits of both sides."""

    base: Commit
    head: Commit


@dataclass(frozen=True, slots=True)
class Turn:
    """How one pair is measured: which side goes first, and which of the two places holds the base."""

    is_base_first: bool
    base_at: int


def turns(seed: int) -> Iterator[Turn]:
    """Order and place of one pair after the other, each equally often, all four ways in any four pairs.

    The order changes with each pair, so that a machine that grows slower or faster weighs on both sides alike; the
    places change with every second one, as each change costs two checkouts. The seed says where this begins.
    """
    chance = random.Random(seed)
    order, place = chance.random() < 0.5, chance.randrange(2)
    for number in count():
        yield Turn(order == (number % 2 == 0), (place + number // 2) % 2)


@dataclass(frozen=True, slots=True)
class Step:
    """One process has ended: of which pair, suite and side, with how many benchmarks, and how many are still open.

    is_last    whether the pair is complete with it
    """

    pair: int
    most: int
    suite: str
    side: str
    benchmarks: int
    seconds: float
    open: int
    is_last: bool


Show = Callable[[Step], None]


@dataclass
class Found:
    """What one process gave: figures by suite, full name and metric, and by full name why there are none."""

    figures: dict[Name, Mapping[str, float]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass
class Case:
    """One suspect on its way: its pairs so far, its failures by side, what is said of it."""

    suspect: Suspect
    pairs: list[Pair] = field(default_factory=list)
    failures: dict[str, list[str]] = field(default_factory=lambda: {"base": [], "head": []})
    seconds: float = 0.0
    said: Confirmation | None = None

    @property
    def full(self) -> str:
        """The benchmark's full name."""
        return self.suspect.key.benchmark.full

    @property
    def name(self) -> Name:
        """What its figures are found by."""
        return self.suspect.key.unversioned

    @property
    def is_open(self) -> bool:
        """Whether more pairs could still decide it."""
        return self.said is None or self.said.open

    def result(self) -> Confirmation:
        """What is said of it in the end."""
        said = self.said or Confirmation(self.suspect.key, Outcome.INCONCLUSIVE, "not measured")
        return replace(said, open=False, seconds=self.seconds)

    def end(self, outcome: Outcome, reason: str) -> None:
        """Nothing more can be learnt of it."""
        self.said = Confirmation(self.suspect.key, outcome, reason)

    def fail(self, troubles: Mapping[str, str]) -> None:
        """A pair without a figure, on the sides named; the second one ends it.

        What fails with the head's package alone has *failed*; what cannot be measured with the base's says nothing
        of the change.
        """
        for side, reason in troubles.items():
            self.failures[side].append(reason)
        base, head = self.failures["base"], self.failures["head"]
        if max(len(base), len(head)) < _ENOUGH_FAILURES:
            return
        if len(head) >= _ENOUGH_FAILURES and not base:
            self.end(Outcome.FAILED, f"on the head, not on the base: {head[-1]}")
        else:
            side = "on the base" if not head else "on both sides"
            self.end(Outcome.INCONCLUSIVE, f"it cannot be measured {side}: {(base or head)[-1]}")

    def add(self, pair: Pair, looks: Looks, *, two_sided: bool) -> None:
        """One pair more; it is judged at a look, and an exact metric at once."""
        self.pairs.append(pair)
        if len(self.pairs) in looks.pairs or (self.suspect.key.metric.kind is Kind.EXACT):
            self.said = judged(self.suspect, self.pairs, looks, two_sided=two_sided)


@dataclass
class Batch:
    """The suspects of one suite that are measured in one process a side, as long as that goes well."""

    spec: SuiteSpec
    cases: list[Case]
    imported: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @property
    def open(self) -> list[Case]:
        """The cases that are not decided."""
        return [case for case in self.cases if case.is_open]

    def halves(self) -> list[Batch]:
        """Two batches of the open cases, by benchmark, to find out which of them fails; [] where there is but one."""
        names = list(dict.fromkeys(case.full for case in self.open))
        if len(names) < 2:
            return []
        first = set(names[: len(names) // 2])
        parts = ([c for c in self.open if (c.full in first) is is_first] for is_first in (True, False))
        return [Batch(self.spec, part) for part in parts]


@dataclass
class Rounds:
    """One confirmation under way."""

    workspace: Workspace
    repository: Repository
    sides: Sides
    looks: Looks
    two_sided: bool
    bench: Bench
    show: Show

    def run(self, batches: Iterable[Batch], seed: int) -> None:
        """Measures until every case is decided, or has all its pairs.

        Every suite takes its turn in each pair, so that the pairs of one are spread over the whole time.
        """
        going = list(batches)
        most = self.looks.pairs[-1] + 2 * (_ENOUGH_FAILURES - 1)  # a pair that failed is measured again
        for number, turn in zip(range(1, most + 1), turns(seed), strict=False):
            waiting = [batch for batch in going if batch.open]
            if not waiting:
                break
            going = [after for batch in waiting for after in self._pair(batch, turn, number)]
        for case in (case for batch in going for case in batch.open):
            case.said = judged(case.suspect, case.pairs, self.looks, two_sided=self.two_sided)

    def _pair(self, batch: Batch, turn: Turn, number: int) -> list[Batch]:
        """Measures one pair of a batch; what to go on with: itself, or its parts where one stopped the others.

        Note: words that are the same for many benchmarks are no reason to give up on the rest of their batch; a good
        one among them would be called failed.
        """
        found: dict[str, Found] = {}
        troubles: dict[str, str] = {}
        for side in ("base", "head") if turn.is_base_first else ("head", "base"):
            try:
                found[side] = self._side(batch, side, turn, number)
            except ProofError as error:
                for case in batch.open:
                    case.end(Outcome.INCOMPARABLE, str(error))
                return []
            except RegressError as error:
                is_whole = isinstance(error, SuiteError) and error.trouble is Trouble.BUILD  # of each half alike
                if not is_whole and (halves := batch.halves()):
                    return [after for half in halves for after in self._pair(half, turn, number)]
                troubles[side] = error.what
                if not isinstance(error, SuiteError):  # a wrong configuration is as wrong the second time
                    for case in batch.open:
                        case.end(Outcome.INCONCLUSIVE, f"it cannot be run: {error}")
                    return []
        if (same := self._same_imports(batch)) and not troubles:
            for case in batch.open:
                case.end(Outcome.INCOMPARABLE, same)
            return []
        for case in batch.open:
            self._count(case, found, dict(troubles))
        return [batch]

    def _count(self, case: Case, found: Mapping[str, Found], troubles: dict[str, str]) -> None:
        """One pair of one case, or what is missing of it."""
        for side, given in found.items():
            if case.name not in given.figures:
                missing = f"no {case.suspect.key.metric.name} in the results"
                troubles[side] = given.reasons.get(case.full) or missing
        if troubles:
            case.fail(troubles)
        else:
            pair = Pair(found["base"].figures[case.name], found["head"].figures[case.name])
            case.add(pair, self.looks, two_sided=self.two_sided)

    def _side(self, batch: Batch, side: str, turn: Turn, number: int) -> Found:
        """The figures of one process, or of as many as the tool makes."""
        commit = self.sides.base if side == "base" else self.sides.head
        place = turn.base_at if side == "base" else 1 - turn.base_at
        benchmarks = tuple(dict.fromkeys(case.full for case in batch.open))
        measured = self.bench.measure(batch.spec, commit, benchmarks, tree=place)
        batch.imported[side] = measured.imported
        for case in batch.open:
            case.seconds += measured.seconds
        still = sum(case.is_open for case in batch.cases)
        is_last = (side == "base") != turn.is_base_first
        most = max(self.looks.pairs[-1], number)
        self.show(Step(number, most, batch.spec.name, side, len(benchmarks), measured.seconds, still, is_last))
        return self._found(measured)

    def _same_imports(self, batch: Batch) -> str:
        """Why the two sides are one and the same, though the commits' packages differ; "" where all is well.

        Files are imported from the right work tree (that is proven), but they may all be alike.
        """
        if len(batch.imported) < 2 or batch.imported["base"] != batch.imported["head"]:
            return ""
        paths = library_of(batch.spec, self.workspace.root).paths
        base, head = (
            self.repository.objects(f"{commit.hash}:{path}" for path in paths)
            for commit in (self.sides.base, self.sides.head)
        )
        if base == head:
            return ""
        return "both sides import the very same files of the package, though the commits' packages differ"

    def _found(self, measured: Measurement) -> Found:
        """What a call gave, under the names by which the history shows it."""
        found = Found()
        for run in measured.runs:
            shown = presented(run, self.workspace.present)
            for row, key in enumerate(shown.columns.keys):
                found.figures[key.unversioned] = shown.columns.result(row).stats
            found.reasons |= {gap.key.benchmark.full: gap.reason for gap in shown.gaps}
        return found
