"""What is measured again, and what the pairs said: suspects and their confirmations."""

from __future__ import annotations

from dataclasses import dataclass

from .outcome import Outcome
from .run import Key
from .spec import Tolerance


@dataclass(frozen=True, slots=True)
class Suspect:
    """A benchmark and metric that is to be measured again on both sides.

    tolerance  how much worse is too much
    statistic  "auto", or the figure of a process that is compared
    suite      the name of the suite that runs it, "" where it is the benchmark's own
    """

    key: Key
    tolerance: Tolerance
    statistic: str = "auto"
    suite: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What pairs of processes, one of each side, said of one suspect.

    statistic   the figure of a process that was compared
    base, head  these figures, pair by pair, in the metric's base unit: all that the outcome was computed from
    change      head / base - 1, signed as measured: the trimmed mean of the pairs' ratios; NaN where there is none
    lo, hi      its interval: the worse end is as sure as *unchanged* asks for, the better one as *regressed* does
    tolerance   how much worse is too much, as a share of the base
    error       the chance of a false *regressed* that all looks together were given
    looks       how many were taken, and `open`: whether more pairs could still decide it
    seconds     that its processes took (those of others in the same process, too)
    reason      in words
    """

    key: Key
    outcome: Outcome
    reason: str
    statistic: str = ""
    base: tuple[float, ...] = ()
    head: tuple[float, ...] = ()
    change: float = float("nan")
    lo: float = float("nan")
    hi: float = float("nan")
    tolerance: float = float("nan")
    error: float = float("nan")
    looks: int = 0
    open: bool = False
    seconds: float = 0.0

    @property
    def pairs(self) -> int:
        """How many pairs it was computed from."""
        return len(self.base)


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One side of a confirmation: its commit, and how people call it.

    dirty     the commit is a copy of the working tree with its uncommitted changes
    """

    commit: str
    name: str
    subject: str = ""
    dirty: bool = False

    @property
    def short(self) -> str:
        """Ten digits of the commit, or that it has none of its own."""
        return "uncommitted" if self.dirty else self.commit[:10]


@dataclass(frozen=True, slots=True)
class Trial:
    """All that one comparison of two sides in turn found: the sides, the confirmations, the exit status.

    error     the chance that any of the benchmarks is called regressed without a reason
    most      pairs at most
    command   what repeats it
    """

    base: ComparedSide
    head: ComparedSide
    confirmations: tuple[Confirmation, ...]
    status: int
    headline: str
    tolerance: float
    error: float
    most: int
    seconds: float = 0.0
    environment: str = ""
    warnings: tuple[str, ...] = ()
    command: str = ""
    version: str = ""
