"""View model of the machines: each environment with its facts and how they changed, its coverage and its noise."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from ..model import Environment, Kind, Report, StoredRun, Verdict
from ..units import significant
from .axis import Stop, axis_of
from .input import SiteInput
from .links import Links
from .pages import anchor
from .slug import Named

# Beside these, in this order, all other facts are listed by name.
FIRST_FACTS = ("cpu", "cores", "ram", "system", "kernel", "python")
VERSION = "version."
# Hosted runners change their processor with every other run: the newest changes, and how many there are, are enough.
MOST_CHANGES = 25
# Twenty years; a wrong clock must not make a strip of six hundred months.
MOST_MONTHS = 240
HEIGHT, SLOT, BAR = 400, 40, 30


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the newest run that states it; `others`: which other values the runs before it had."""

    name: str
    value: str
    others: str


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that was another one in the run before."""

    measured: str
    stop: Stop
    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Runs by month as bars: `bars` in a box of `width` x 400 units, `years` are (percent, label), `text` says it.

    `table` are the same numbers: (year, twelve cells).
    """

    width: int
    bars: str
    years: tuple[tuple[float, str], ...]
    text: str
    table: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """One environment."""

    id: str
    label: str
    key: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, str], ...]
    noise: str
    facts: tuple[Fact, ...]
    versions: tuple[Fact, ...]
    changes: tuple[FactChange, ...]
    total_changes: int
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class MachinesPage:
    """The page of machines, the one measured last first."""

    machines: tuple[Machine, ...]


def machines_page(site: SiteInput, hrefs: Mapping[Named, str], links: Links) -> MachinesPage:
    """Every environment of the history."""
    groups: dict[Environment, list[StoredRun]] = defaultdict(list)
    for run in site.runs.values():
        groups[run.environment].append(run)
    for runs in groups.values():
        runs.sort(key=_when)
    months = [month for runs in groups.values() for run in runs if (month := _month(run)) is not None]
    span = (max(min(months), max(months) - MOST_MONTHS + 1), max(months)) if months else (0, -1)
    noise = _noise(site.reports)
    ordered = sorted(groups.items(), key=lambda item: (item[0].label, item[0].digest))
    ordered.sort(key=lambda item: max(run.day for run in item[1]), reverse=True)
    return MachinesPage(tuple(_machine(place, runs, span, noise.get(place, ""), links) for place, runs in ordered))


def _when(run: StoredRun) -> tuple[float, int, int]:
    """By the time of measurement: a machine's facts change along its own time, not along the commits."""
    return (run.started_at.timestamp() if run.started_at else 0.0, run.order, run.id)


def _machine(
    environment: Environment, runs: Sequence[StoredRun], span: tuple[int, int], noise: str, links: Links
) -> Machine:
    named, versions = _facts(runs)
    changes = _changes(runs, links)
    return Machine(
        anchor(environment),
        environment.label,
        tuple((name.removeprefix("matrix."), value) for name, value in environment.key),
        _figures(runs),
        noise,
        named,
        versions,
        tuple(changes[::-1][:MOST_CHANGES]),
        len(changes),
        _strip(runs, span),
    )


def _figures(runs: Sequence[StoredRun]) -> tuple[tuple[str, str], ...]:
    measured = [run.started_at.date().isoformat() for run in runs if run.started_at]
    commits = sorted(run.day for run in runs if run.day)
    suites = sorted({suite for run in runs for suite in run.suites})
    failed = sum(bool(run.failed) for run in runs)
    rows = (
        ("Runs", f"{len(runs):,}" + (f", {failed:,} with failures" if failed else "")),
        ("Commits", f"{len({run.commit for run in runs}):,}" + (f", {_range(commits)}" if commits else "")),
        ("Measured", _range(measured) if measured else "time not known"),
        ("Suites", ", ".join(suites)),
    )
    return tuple((term, text) for term, text in rows if text)


def _range(days: Sequence[str]) -> str:
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _facts(runs: Sequence[StoredRun]) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """The facts and the versions of packages, each as the newest run that states it."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    newest: dict[str, str] = {}
    for run in runs:
        for name, value in _stated(run):
            seen[name][value] += 1
            newest[name] = value
    order = {name: place for place, name in enumerate(FIRST_FACTS)}
    names = sorted(newest, key=lambda name: (order.get(name, len(order)), name))
    facts = {name: Fact(_named(name), newest[name], _others(newest[name], seen[name])) for name in names}
    versions = tuple(fact for name, fact in facts.items() if name.startswith(VERSION))
    return tuple(fact for name, fact in facts.items() if not name.startswith(VERSION)), versions


def _stated(run: StoredRun) -> tuple[tuple[str, str], ...]:
    host = run.environment.host
    return (*run.environment.facts, *((("host", host),) if host else ()))


def _named(fact: str) -> str:
    return fact.removeprefix(VERSION)


def _others(newest: str, seen: Counter[str]) -> str:
    """Which other values there were, and in how many runs: the two most frequent, and how many besides."""
    rest = sorted(((n, value) for value, n in seen.items() if value != newest), key=lambda item: (-item[0], item[1]))
    if not rest:
        return ""
    words = [f"{value} ({n:,} {'runs' if n > 1 else 'run'})" for n, value in rest[:2]]
    words += [f"{len(rest) - 2:,} more"] if len(rest) > 2 else []
    return f"{seen[newest]:,} of {sum(seen.values()):,} runs; else {', '.join(words)}"


def _changes(runs: Sequence[StoredRun], links: Links) -> list[FactChange]:
    """Where a fact differs from what the last run that stated it said, oldest first; a host's name is no fact."""
    known: dict[str, str] = {}
    found = []
    for run in runs:
        for name, value in run.environment.facts:
            if known.get(name, value) != value:
                stop = axis_of(run.environment, [run], links).stops[0]
                measured = run.started_at.date().isoformat() if run.started_at else ""
                found.append(FactChange(measured, stop, _named(name), known[name], value))
            known[name] = value
    return found


def _noise(reports: Sequence[Report]) -> dict[Environment, str]:
    """For each environment that was judged, how far apart runs of the same code lie there, in a sentence."""
    groups: dict[Environment, list[Verdict]] = defaultdict(list)
    for report in reports:
        for verdict in report.verdicts:
            if verdict.comparison.key.metric.kind is Kind.NOISY:
                groups[verdict.comparison.environment].append(verdict)
    return {environment: _noise_of(verdicts) for environment, verdicts in groups.items()}


def _noise_of(verdicts: Sequence[Verdict]) -> str:
    sigmas = [verdict.proof.sigma for verdict in verdicts if verdict.proof and math.isfinite(verdict.proof.sigma)]
    visible = [verdict.comparison.noise for verdict in verdicts if math.isfinite(verdict.comparison.noise)]
    words = []
    if sigmas:
        series = f"{len(sigmas):,} noisy series" if len(sigmas) > 1 else "the one noisy series"
        words.append(
            f"One run strays by {significant(100 * median(sigmas), 2)} % (standard deviation, median of {series})."
        )
    if visible:
        words.append(f"A change is visible from {significant(100 * median(visible), 2)} % on (median).")
    return " ".join(words)


def _month(run: StoredRun) -> int | None:
    """Months since the year 0 of the commit, else of the measurement."""
    day = run.day
    return int(day[:4]) * 12 + int(day[5:7]) - 1 if day else None


def _strip(runs: Sequence[StoredRun], span: tuple[int, int]) -> Strip | None:
    first, last = span
    counts = Counter(month for run in runs if (month := _month(run)) is not None and month >= first)
    if not counts:
        return None
    most = max(counts.values())
    bars = [_bar(month - first, max(1, round(HEIGHT * n / most))) for month, n in sorted(counts.items())]
    size = last - first + 1
    years = {month // 12: month - first for month in range(first, last + 1) if month % 12 == 0}
    step = 1 + len(years) // 9
    ticks = tuple(
        (round(100 * at / size, 2), str(year)) for year, at in years.items() if year % step == 0 and at < 0.96 * size
    )
    busiest = min(month for month, n in counts.items() if n == most)
    months = f"{len(counts):,} of {size:,} months" if size > 1 else "one month"
    total = sum(counts.values())
    text = f"{total:,} {'runs' if total > 1 else 'run'} in {months}, most in {_month_name(busiest)}: {most:,}"
    return Strip(size * SLOT, "".join(bars), ticks or ((0.0, _month_name(first)),), text, _by_year(counts))


def _bar(place: int, height: int) -> str:
    return f"M{place * SLOT + (SLOT - BAR) // 2} {HEIGHT}v-{height}h{BAR}v{height}z"


def _month_name(month: int) -> str:
    return date(month // 12, month % 12 + 1, 1).isoformat()[:7]


def _by_year(counts: Mapping[int, int]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    years = range(max(counts) // 12, min(counts) // 12 - 1, -1)
    return tuple(
        (str(y), tuple(f"{counts[y * 12 + m]:,}" if y * 12 + m in counts else "" for m in range(12))) for y in years
    )
