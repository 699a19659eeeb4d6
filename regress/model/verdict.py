"""What is said of a candidate: comparisons (facts), verdicts (opinions with their reason), the report of a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .run import Environment, Key


class Outcome(StrEnum):
    """What a verdict says. `judge.verdict` holds the table of what each does to the exit status."""

    REGRESSED = "regressed"
    BREACHED = "breached"
    FAILED = "failed"
    MISSING = "missing"
    INCOMPARABLE = "incomparable"
    INCONCLUSIVE = "inconclusive"
    UNJUDGED = "unjudged"
    IMPROVED = "improved"
    ACCEPTED = "accepted"
    NEW = "new"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: the figure (NaN where there is none), over how many runs, samples per run, interval."""

    value: float
    runs: int
    n: float = float("nan")
    lo: float = float("nan")
    hi: float = float("nan")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides of one benchmark and metric in one environment; a fact without an opinion.

    change     candidate / base - 1, signed as measured; NaN where a side has no figure, ±inf from a base of 0
    noise      relative noise band: a change within ±noise is what runs of the same code show; NaN: not known
    evidence   where the noise band comes from, in words: "12 earlier runs", "the intervals of both runs", "assumed"
    """

    key: Key
    environment: Environment
    statistic: str
    base: Side
    candidate: Side
    change: float
    noise: float = float("nan")
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An opinion on one comparison, with the reason in a sentence and the rule that decided.

    `failing` is whether it alone ends the check with status 1 (a regression under `action = "warn"` does not).
    `provisional`: given on little evidence, and `reason` says what would make it firm.
    """

    comparison: Comparison
    outcome: Outcome
    reason: str
    rule: str = "default"
    failing: bool = False
    provisional: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SideInfo:
    """Which runs a side of a report is made of.

    what       in words: "the merge base", "baseline release (version 2)", "a.json"
    runs       run digests
    reference  what names this side on a command line again
    """

    what: str
    commit: str = ""
    subject: str = ""
    runs: Sequence[str] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check found. Renderers draw it; they cannot change it.

    distance    first-parent commits from the candidate back to the baseline, None where it has no meaning
    not_run     suites × environments that the baseline measured and the candidate did not, in words
    warnings    what the reader must know besides, each saying what to do
    command     what repeats this check
    """

    candidate: SideInfo
    baseline: SideInfo | None
    verdicts: Sequence[Verdict]
    status: int
    headline: str
    distance: int | None = None
    not_run: Sequence[str] = ()
    warnings: Sequence[str] = ()
    command: str = ""
    project: str = ""
    created_at: str = ""
    version: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def count(verdicts: Sequence[Verdict]) -> dict[str, int]:
        """How many verdicts of each outcome there are, in the order of `Outcome`, zeros left out."""
        counter = Counter(v.outcome for v in verdicts)
        return {outcome.value: counter[outcome] for outcome in Outcome if counter[outcome]}
