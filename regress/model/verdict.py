"""What is said of a candidate: comparisons (facts), verdicts (opinions with their reason), the report of a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .budget import BudgetResult
from .confirmation import Confirmation
from .outcome import Outcome
from .run import Environment, Key
from .spec import Policy


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
    noise      the smallest visible change, relative: one within ±noise is what runs of the same code show; NaN: unknown
    evidence   where the noise comes from, in words: "12 earlier runs", "the rounds of one run", "assumed"
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
class Proof:
    """What a verdict on a noisy metric was computed from: all that a person, or `regress explain`, needs to repeat it.

    model     the version of the noise model
    past      digests of the earlier runs of the level, oldest first; `held`: those held out of the centre
    centre    what the candidate was compared with, in the metric's unit; `anchor`: the base commit's own figure
    sigma     the relative standard deviation of one run; `degrees` of freedom behind it
    p         the chance that unchanged code shows a figure as bad as this (one-sided), by the series' own runs
    pooled    the same, knowing how often the machine's runs are hit by something, from all series together
    alone     the limit of p: beyond it lies a suspect
    limit     the limit of `pooled`: what each of `family` series has of `false_red`; beyond it is red
    """

    model: str
    past: tuple[str, ...]
    held: tuple[str, ...]
    centre: float
    anchor: float
    sigma: float
    degrees: float
    p: float
    pooled: float
    alone: float
    limit: float
    family: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of a whole suite in one environment rather than of one benchmark: that most of it moved together.

    shift     the common relative change; `moved` of `judged` noisy series took part
    facts     what changed between the two sides, in words; () where nothing did
    """

    outcome: Outcome
    suite: str
    environment: Environment
    shift: float
    moved: int
    judged: int
    reason: str
    facts: tuple[str, ...] = ()
    failing: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """An opinion on one comparison, with the reason in a sentence and the rule that decided.

    `failing` is whether it alone ends the check with status 1 (a regression under `action = "warn"` does not).
    `provisional`: given on little evidence, and `reason` says what would make it firm.
    `suspect`: measuring both sides again, in turn, could say more (`regress check --confirm`); `confirmation` did.
    `policy`: the rules as they were merged for it, with the line of every field.
    """

    comparison: Comparison
    outcome: Outcome
    reason: str
    rule: str = "default"
    failing: bool = False
    provisional: bool = False
    hint: str = ""
    suspect: bool = False
    proof: Proof | None = None
    confirmation: Confirmation | None = None
    policy: Policy | None = None


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
    notices     what belongs right under the headline: changed rules, what moved together
    findings    what is said of whole suites; budgets: what became of each limit
    warnings    what the reader must know besides, each saying what to do
    command     what repeats this check
    earlier     digests of the earlier runs that level and noise were learned from, oldest first
    centre      what of them the candidate was compared with: commit, level, branch, or window:5
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
    notices: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    budgets: Sequence[BudgetResult] = ()
    earlier: Sequence[str] = ()
    centre: str = ""

    @staticmethod
    def count(verdicts: Sequence[Verdict]) -> dict[str, int]:
        """How many verdicts of each outcome there are, in the order of `Outcome`, zeros left out."""
        counter = Counter(v.outcome for v in verdicts)
        return {outcome.value: counter[outcome] for outcome in Outcome if counter[outcome]}
