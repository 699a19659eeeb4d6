"""How one verdict follows from its earlier runs: the numbers between the figures and p, taken from what the judge used.

Nothing is decided here, and no formula of the model is written a second time but two: the variance of a median, and
how a spread is put together. A test multiplies them out against the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..judge.centre import Centre
from ..judge.noise import ALONE, Part, Reading
from ..judge.rules import AUTO
from ..model import Policy, Proof, StoredRun
from ..report.explained import Border, Calculation, EarlierRun
from ..stats.gate import Prediction
from ..stats.student import student_tail

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The variance of a median against that of a mean.
_MEDIAN = math.pi / 2
#: How many runs of one commit somebody might make.
_NUMBERS = (2, 3, 4, 5, 7, 10, 15, 20, 30, 50)
#: Runs with more than this many times the rounds of the candidate, or as much fewer, have other minima.
_ALIKE_ROUNDS = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """One series of a reading, and the figure of the candidate that was judged (a common shift may be taken out)."""

    reading: Reading
    row: int
    value: float
    centre: Centre

    @property
    def policy(self) -> Policy:
        """The rules for it."""
        return self.reading.drafts[self.row].policy

    @property
    def statistic(self) -> str:
        """The figure that was compared, by its name in the history."""
        fixed = self.policy.statistic
        return self.reading.statistic[self.row] if fixed == AUTO else fixed


def calculations(one: Row) -> list[Calculation]:
    """What the candidate was held against, the one that the report's centre is of first; p is the largest of them."""
    reading = one.reading
    tail = reading.parts[-1].made.learn_tail()
    found = []
    for number, part in enumerate(reading.parts):
        place = np.flatnonzero(part.rows == one.row)
        if len(place):
            own = len(reading.parts) > 1 and number == 0
            pooled = part._replace(made=part.made.with_tail(tail))
            found.append(_calculation(one, part, pooled, int(part.at[place[0]]), own))
    return found[::-1]


def _calculation(one: Row, part: Part, pooled: Part, at: int, own: bool) -> Calculation:
    made, fit = part.made, part.made.fit
    counted = int(fit.runs[at] - fit.spikes[at])
    kind, members = _against(one, own, counted)
    runs, sigma, spread = int(fit.candidates[at]), float(fit.sigma[at]), float(fit.spread[at])
    of_centre = 1 / max(counted, 1) if kind == "level" else _share(members)
    loose = max(spread**2 - sigma**2 * (of_centre + _share(runs)), 0.0)
    asked = np.full(len(made.centre), np.nan)
    asked[at] = one.value
    distance = float(fit.distance_of(asked, made.worse)[at])
    t = 0.0 if distance == 0 else distance / spread
    usual = float(student_tail(np.array([t]), np.array([fit.degrees[at]]))[0])
    hit, chance = float(made.hit_chance[at]), float(made.p(asked)[at])
    hit_all, chance_all = float(pooled.made.hit_chance[at]), float(pooled.made.p(asked)[at])
    return Calculation(
        against=kind, statistic=one.statistic, logs=bool(fit.logs[at]), worse=made.worse, scale=float(fit.scale[at]),
        counted=counted, spikes=int(fit.spikes[at]), scatter=_scatter(one, at, part), rounds=float(fit.within[at]),
        sigma=sigma, degrees=float(fit.degrees[at]), centre=float(made.centre[at]), members=members, runs=runs,
        of_centre=of_centre, of_candidate=_share(runs), loose=math.sqrt(loose) if loose > 1e-9 * spread**2 else 0.0,
        spread=spread, value=one.value, distance=distance, t=t, usual=usual, hit=hit, p=chance,
        further=_further(chance, usual, hit), hit_all=hit_all, further_all=_further(chance_all, usual, hit_all),
        p_all=chance_all,
    )  # fmt: skip


def _against(one: Row, own: bool, counted: int) -> tuple[str, int]:
    """What stands as the centre, "level", "window" or "baseline", and how many runs it is made of."""
    reading, row = one.reading, one.row
    used = reading.level & ~reading.held
    base = reading.drafts[row].base
    alone = sum(one.statistic in figures for figures in base.rows) if base else 0
    if own or one.centre.kind == "commit" or not used.any():
        return "baseline", alone
    if one.centre.kind == "window":
        return "window", min(int(used[row].sum()), one.centre.window)
    return "level", counted


def _share(runs: int) -> float:
    """The variance of the median of so many runs, in those of one run."""
    return (_MEDIAN if runs > 2 else 1.0) / max(runs, 1)


def _further(chance: float, usual: float, hit: float) -> float:
    """How probable it is that a run which was hit goes so far, from chance = (1 - hit) usual + hit further."""
    return min(max((chance - (1 - hit) * usual) / hit, 0.0), 1.0) if hit else math.nan


def _scatter(one: Row, at: int, part: Part) -> float:
    """The deviation of the runs that count around their mean; NaN for fewer than two."""
    values = [run.distance for run in _distances(one, at, part) if run.state == "counted"]
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


@dataclass(frozen=True, slots=True)
class _Seen:
    """An earlier run's column, figure, distance to the worse side of the centre, and whether it counts."""

    column: int
    value: float
    distance: float
    state: str


def _distances(one: Row, at: int, part: Part) -> list[_Seen]:
    figures = _figures(one, one.statistic)
    if figures is None:
        return []
    reading, row, made = one.reading, one.row, part.made
    rounds = _figures(one, "n") if one.statistic in ("min", "max") else None
    base = reading.drafts[row].measured
    own = max((float(figures_.get("n", math.nan)) for figures_ in base.rows), default=math.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        inner = np.log(figures) if made.fit.logs[at] else figures / made.fit.scale[at]
    distances = made.worse * inner - made.fit.centre[at]
    found = []
    for column in np.flatnonzero(np.isfinite(figures)).tolist():
        state = "counted"
        if reading.held[row, column]:
            state = "held"
        elif not reading.level[row, column]:
            state = "before"
        elif column < made.distances.shape[1] and np.isfinite(made.distances[at, column]):
            state = "spike"
        elif rounds is not None and _apart(float(rounds[column]), own):
            state = "rounds"
        found.append(_Seen(column, float(figures[column]), float(distances[column]), state))
    if sum(seen.state in ("counted", "spike") for seen in found) != int(made.fit.runs[at]):
        # Most of them had other numbers of rounds than the candidate: then all of them count.
        found = [_Seen(s.column, s.value, s.distance, "counted" if s.state == "rounds" else s.state) for s in found]
    return found


def _apart(rounds: float, own: float) -> bool:
    return rounds > _ALIKE_ROUNDS * own or own > _ALIKE_ROUNDS * rounds


def _figures(one: Row, name: str) -> NDArray[np.float64] | None:
    """A statistic of the earlier runs, column by column; those of the baseline itself where there are no others."""
    reading, made = one.reading, one.reading.drafts[one.row]
    if reading.past is not None:
        rows = reading.past.stats.get(name)
        return None if rows is None else rows[reading.past.row[made.place[1]]]
    base = made.base.rows if made.base else []
    return np.array([row.get(name, np.nan) for row in base])


def earlier(one: Row, stored: Mapping[str, StoredRun], base: tuple[str, ...]) -> list[EarlierRun]:
    """The earlier runs as they counted, oldest first; `base`: digests of the baseline's runs."""
    part = next((p for p in reversed(one.reading.parts) if one.row in p.rows), None)
    if part is None:
        return []
    at = int(part.at[np.flatnonzero(part.rows == one.row)[0]])
    past = one.reading.past
    digests = past.runs if past is not None else base
    found = []
    for seen in _distances(one, at, part):
        digest = digests[seen.column] if seen.column < len(digests) else ""
        run = stored.get(digest)
        found.append(
            EarlierRun(
                digest, run.commit if run else "", run.day if run else "", run.subject if run else "",
                seen.value, seen.distance, seen.state,
            )
        )  # fmt: skip
    return found


def borders(one: Row, proof: Proof, few: bool) -> list[Border]:
    """Up to which figure the verdict would be which, from better to worse; the last one has no end."""
    reading, policy = one.reading, one.policy
    worse = reading.worse
    centre = proof.centre
    tail = reading.parts[-1].made.learn_tail()
    ends = {"alone": -math.inf, "red": -math.inf}
    for part in reading.parts:
        for at in part.at[part.rows == one.row].tolist():
            pooled = part.made.with_tail(tail)
            alone = worse * float(part.made.limit(ALONE)[at])
            red = max(worse * float(pooled.limit(proof.limit)[at]), worse * float(part.made.limit(proof.limit)[at]))
            ends = {"alone": max(ends["alone"], alone), "red": max(ends["red"], red)}
    if not all(map(math.isfinite, (*ends.values(), centre))):
        return []
    tolerance = worse * centre + max(policy.tolerance.relative * abs(centre), policy.tolerance.absolute)
    found = [(tolerance, "unchanged", "within the tolerance")]
    between = "inconclusive" if few else "unchanged"
    why = "too few earlier runs to tell" if few else "unchanged code shows as much now and then"
    found.append((ends["alone"], between, why))
    found.append((ends["red"], "inconclusive", "a suspect, but one of so many series may look like this by chance"))
    kept = [found[0]]
    for border in found[1:]:
        if border[0] > kept[-1][0]:
            kept.append(border)
    last = (math.inf, "regressed", "beyond tolerance and noise")
    return [
        Border(worse * end, (worse * end - centre) / abs(centre) if centre else math.nan, outcome, text)
        for end, outcome, text in (*kept, last)
    ]


def runs_needed(one: Row, limit: float) -> int | None:
    """About how many runs of the candidate's commit would be red, were their median where it is; None: no number."""
    reading = one.reading
    tail = reading.parts[-1].made.learn_tail()
    for runs in _NUMBERS:
        chances = [
            _chance(part.made.with_tail(tail), int(at), one.value, runs)
            for part in reading.parts
            for at in part.at[part.rows == one.row]
        ]
        if chances and max(chances) <= limit:
            return runs
    return None


def _chance(made: Prediction, at: int, value: float, runs: int) -> float:
    """The chance of this figure, were it the median of so many runs."""
    asked = np.full(len(made.centre), np.nan)
    asked[at] = value
    spread, count = made.spread.copy(), made.runs.copy()
    more = _share(runs) - _share(int(count[at]))
    spread[at] = math.sqrt(max(spread[at] ** 2 + made.sigma[at] ** 2 * more, 0.0))
    count[at] = runs
    return float(replace(made, spread=spread, runs=count).p(asked)[at])
