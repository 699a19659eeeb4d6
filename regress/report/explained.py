"""What an explanation of verdicts is made of: numbers, without words and without opinions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Report, Verdict


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """An earlier run of the series as it counted.

    distance  from the centre on the scale of the calculation, worse is positive
    state     counted; held (out: off the level, and none has come back since); spike (hit by something: neither moves
              the centre nor widens the noise); before (the present level); rounds (other numbers of them than the
              candidate's, so that its minimum says nothing)
    """

    digest: str
    commit: str
    date: str
    subject: str
    value: float
    distance: float
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """From figures to p, against one centre.

    against       level, window, or baseline (its own runs alone), of so many `members`
    logs          on natural logarithms; else on figures over `scale`;  worse  +1 where lower is better, else -1
    counted       earlier runs that the noise is learned from;  spikes  further ones, that were hit by something
    scatter       the standard deviation of those that count;  rounds  what the rounds within a run leave open, or NaN
    sigma         the noise of one run, as sure as from so many `degrees` of freedom
    of_centre     variance of the centre in those of one run;  of_candidate  that of the candidate's `runs`
    loose         what the candidate's own rounds add where they scatter far more than usual
    spread        sqrt(sigma² (of_centre + of_candidate) + loose²);  distance  candidate - centre;  t  their ratio
    usual         P(T > t);  hit  how probable it is that the run was hit;  further  that a hit goes so far
    p             (1 - hit) usual + hit further;  hit_all, further_all, p_all  the same, by what all series tell of
                  hits; the larger of the two is the pooled p
    """

    against: str
    members: int
    statistic: str
    logs: bool
    worse: int
    scale: float
    counted: int
    spikes: int
    scatter: float
    rounds: float
    sigma: float
    degrees: float
    centre: float
    runs: int
    of_centre: float
    of_candidate: float
    loose: float
    spread: float
    value: float
    distance: float
    t: float
    usual: float
    hit: float
    further: float
    p: float
    hit_all: float
    further_all: float
    p_all: float


@dataclass(frozen=True, slots=True)
class Border:
    """Up to the figure `end` (a relative change `change` of the centre) the verdict would be `outcome`, for `why`."""

    end: float
    change: float
    outcome: str
    why: str


@dataclass(frozen=True, slots=True)
class Grown:
    """A function in the profiles of both sides: (base, candidate), NaN where a side does not list it.

    calls, cumulative  for one execution of the benchmark;  own  seconds for one call, without what it calls
    growth             seconds of its own by which one execution has grown
    """

    name: str
    calls: tuple[float, float]
    own: tuple[float, float]
    cumulative: tuple[float, float]
    growth: float


@dataclass(frozen=True, slots=True)
class Explained:
    """One stored verdict, and how it comes out now; `now` is None where it cannot be recomputed.

    differences  why it is not the same, in words; () where it is
    needed       about how many runs of the candidate's commit would make a suspect red; None: no number, or no suspect
    grown        the functions that grew, where both sides kept a profile; `profile`: why there is none, "" for no word
    """

    verdict: Verdict
    now: Verdict | None
    differences: tuple[str, ...]
    runs: tuple[EarlierRun, ...] = ()
    calculations: tuple[Calculation, ...] = ()
    borders: tuple[Border, ...] = ()
    needed: int | None = None
    grown: tuple[Grown, ...] = ()
    profile: str = ""

    @property
    def same(self) -> bool:
        """Whether it comes out as it was stored."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdicts of one stored report that were asked for; `left_out`: how many more match."""

    report: Report
    explained: Sequence[Explained]
    left_out: int = 0

    @property
    def same(self) -> bool:
        """Whether all come out as they were stored."""
        return all(one.same for one in self.explained)
