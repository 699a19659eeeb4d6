"""View model of the overview: what regressed first, then every benchmark as a row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ..model import Environment, Outcome, Report, StoredRun, Verdict
from .axis import newest
from .latest import NOTHING, Latest, latest_of
from .links import Links
from .pages import Groups, Row, anchor, row_of
from .rows import Changed, Facts, facts_of, state_counts
from .slug import Named
from .sparkline import Sparkline
from .verdicts import Opinion, old_news, opinion_of, severity
from .wording import BADGES, OPEN, RED

# More environments than this are folded, so that the newest ones are not lost among the old. One that has been given up
# has a page of its own: the newest thirty commits were measured elsewhere, or the newest ten and those of ninety days.
MOST_OPEN = 3
RECENT_COMMITS, FEWEST_COMMITS, RECENT_DAYS = 30, 10, 90
EARLIER_PAGE = "earlier.html"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as the header shows it."""

    short: str
    url: str
    subject: str
    author: str
    date: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A benchmark that a verdict speaks of: the worst of its verdicts with its trend, and the others."""

    href: str
    spark: Sparkline | None
    worst: Opinion
    others: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer to "is it red?": a sentence, its tone, and what the reader must know besides."""

    tone: str
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnvironmentRows:
    """One worst row of each benchmark in one environment, kept while the stream of series goes on."""

    environment: Environment
    benchmark: Named
    rank: tuple[object, ...]
    row: Row
    facts: Facts
    latest: Latest = NOTHING


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """A row of the overview, where it leads, and what it is found and sorted by."""

    href: str
    row: Row
    facts: Facts


@dataclass(frozen=True, slots=True)
class Table:
    """Benchmarks of one environment, `total` in all; `whole`: each of them is a row."""

    id: str
    label: str
    date: str
    open: bool
    rows: tuple[LinkedRow, ...]
    total: int

    @property
    def whole(self) -> bool:
        """Whether no benchmark of the environment is left out."""
        return len(self.rows) == self.total

    @property
    def words(self) -> str:
        """How many benchmarks it shows, of how many."""
        every = f"{self.total:,} benchmark{'' if self.total == 1 else 's'}"
        if self.whole:
            return every
        return f"{len(self.rows):,} of {every}: those that no environment in use has"


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables with what they can be narrowed by: environments, and states as (name, word, what it means, how many)."""

    tables: tuple[Table, ...]
    states: tuple[tuple[str, str, str, int], ...]

    @property
    def environments(self) -> tuple[Table, ...]:
        """The tables that can be chosen: whole ones, where there are several tables."""
        return tuple(table for table in self.tables if table.whole) if len(self.tables) > 1 else ()


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page; `earlier` are environments that were given up, whose whole tables stand on a page of their own.

    A benchmark that only such environments have is on the first page too, once.
    """

    commit: Commit | None
    counts: tuple[tuple[str, str], ...]
    headline: Headline
    regressed: tuple[Finding, ...]
    improved: tuple[Finding, ...]
    open: tuple[Finding, ...]
    all: Tables
    earlier: Tables

    @property
    def given_up(self) -> str:
        """What the link to the page of earlier environments says."""
        tables = self.earlier.tables
        if len(tables) == 1:
            return f"1 environment that is no longer measured: {tables[0].label}"
        return f"{len(tables):,} environments that are no longer measured" if tables else ""


def rows_of(groups: Groups, benchmark: Named, changed: Changed) -> list[EnvironmentRows]:
    """The overview's rows of one benchmark: its worst line in each environment, and when that last `changed`."""
    rows = []
    for environment, group in groups:
        worst = group[0]
        row = row_of(worst, variants=len(group))
        facts = facts_of(worst, changed)
        rows.append(EnvironmentRows(environment, benchmark, worst.rank(), row, facts, latest_of(worst)))
    return rows


def overview(
    runs: Mapping[int, StoredRun],
    reports: Sequence[Report],
    rows: Iterable[EnvironmentRows],
    hrefs: Mapping[Named, str],
    links: Links,
) -> Overview:
    """The first page, from the rows of all benchmarks."""
    rows = list(rows)
    present, earlier = _divided(rows, hrefs, in_use(runs.values()))
    shown = {(row.benchmark, row.environment): row.row for row in rows}
    verdicts = [verdict for report in reports for verdict in report.verdicts if not old_news(verdict)]
    last = newest(runs.values())
    environments = {run.environment for run in runs.values()}
    several = len(environments | {verdict.comparison.environment for verdict in verdicts}) > 1

    def findings(outcomes: tuple[Outcome, ...]) -> tuple[Finding, ...]:
        return _findings([v for v in verdicts if v.outcome in outcomes], hrefs, shown, several)

    places = len({row.environment for row in rows})
    counts = (len(runs), "run"), (len({row.benchmark for row in rows}), "benchmark"), (places, "environment")
    return Overview(
        _commit(last, links) if last else None,
        tuple((f"{n:,}", word if n == 1 else word + "s") for n, word in counts),
        headline(reports, last),
        findings(RED),
        findings((Outcome.IMPROVED,)),
        findings(OPEN),
        present,
        earlier,
    )


def headline(reports: Sequence[Report], last: StoredRun | None) -> Headline:
    """The verdict line. Silence is never green: what was not judged is said, and nothing judged is not a success."""
    counts = Counter(v.outcome for report in reports for v in report.verdicts if not old_news(v))
    red = [(outcome, counts[outcome]) for outcome in RED if counts[outcome]]
    unsure = sum(counts[outcome] for outcome in OPEN)
    judged = counts[Outcome.UNCHANGED] + counts[Outcome.IMPROVED] + counts[Outcome.ACCEPTED]
    notes = [f"Not judged: {unsure} of {sum(counts.values())}."] if unsure else []
    notes += _stale_note(reports, last)
    # Warnings are written for a terminal, where commands stand between backticks.
    notes += [warning.replace("`", "") for report in reports for warning in report.warnings]
    notes += [f"Not run: {what}" for report in reports for what in report.not_run]
    if red:
        parts = [f"{n:,} {BADGES[outcome].word.lower()}" for outcome, n in red]
        return Headline("bad", ", ".join(parts), tuple(notes))
    if judged:
        text = f"No regression among {judged:,} comparisons" if judged != 1 else "No regression in 1 comparison"
        return Headline("good", text, tuple(notes))
    if counts[Outcome.NEW]:
        return Headline("quiet", "First run recorded, nothing to compare with yet", tuple(notes))
    text = "Nothing could be judged" if unsure else "No verdict on the newest commit"
    return Headline("warn" if unsure else "quiet", text, tuple(notes))


def _stale_note(reports: Sequence[Report], last: StoredRun | None) -> list[str]:
    judged = sorted({report.candidate.commit for report in reports if report.candidate.commit})
    if not last or not judged or last.commit in judged:
        return []
    return [f"The verdict is on {', '.join(c[:10] for c in judged)}, not on the newest commit {last.commit[:10]}."]


def _commit(run: StoredRun, links: Links) -> Commit:
    return Commit(links.short(run.commit), links.commit(run.commit), run.subject, run.author, run.day)


def _findings(
    verdicts: list[Verdict],
    hrefs: Mapping[Named, str],
    shown: Mapping[tuple[Named, Environment], Row],
    several: bool,
) -> tuple[Finding, ...]:
    """Verdicts grouped by benchmark, the worst first: ten parameters of one cause are one finding."""
    groups: dict[Named, list[Verdict]] = defaultdict(list)
    for verdict in sorted(verdicts, key=severity):
        subject = verdict.comparison.key.benchmark
        groups[subject.suite, subject.name].append(verdict)
    findings = []
    for benchmark, group in groups.items():
        worst, *others = [opinion_of(verdict, several=several) for verdict in group]
        href = hrefs.get(benchmark, "")
        target = f"{href}#{anchor(group[0].comparison.environment)}" if href and several else href
        row = shown.get((benchmark, group[0].comparison.environment))
        spark = row.spark if row and (row.variant, row.metric) == (worst.variant, worst.metric) else None
        findings.append(Finding(target, spark, worst, tuple(others)))
    return tuple(findings)


def in_use(runs: Iterable[StoredRun]) -> set[Environment]:
    """The environments that one of the newest commits was measured in."""
    ordered = sorted(runs, key=lambda run: (run.order, run.commit), reverse=True)
    commits = list(dict.fromkeys((run.order, run.commit) for run in ordered))
    last = newest(ordered)
    end = last.moment if last else None
    since = end - timedelta(days=RECENT_DAYS) if end else None

    def used(run: StoredRun) -> bool:
        place = run.order, run.commit
        fresh = since is None or run.moment is None or run.moment >= since
        return place in few or (fresh and place in many)

    few, many = set(commits[:FEWEST_COMMITS]), set(commits[:RECENT_COMMITS])
    return {run.environment for run in ordered if used(run)}


def _divided(
    rows: Sequence[EnvironmentRows], hrefs: Mapping[Named, str], used: Collection[Environment]
) -> tuple[Tables, Tables]:
    """The tables of the first page, and the whole ones of the environments that were given up."""
    several = len({row.environment for row in rows}) > 1
    tables = _tables(rows, hrefs, several)
    chosen = {place for place, _ in tables if place in used} or {place for place, _ in tables}
    present = [table for place, table in tables if place in chosen]
    earlier = [(place, table) for place, table in tables if place not in chosen]
    held = {row.benchmark for row in rows if row.environment in chosen}
    left = []
    # The newest environment that has a benchmark shows it, or one that was removed would stand there again and again.
    for place, table in earlier:
        only = [row for row in rows if row.environment == place and row.benchmark not in held]
        held.update(row.benchmark for row in only)
        if only:
            left.append(replace(table, rows=_linked(only, hrefs, several)))
    shown = [replace(table, open=i < MOST_OPEN) for i, table in enumerate(present)]
    folded = [replace(table, open=i < MOST_OPEN) for i, (_, table) in enumerate(earlier)]
    return _with_states([*shown, *left]), _with_states(folded)


def _with_states(tables: Sequence[Table]) -> Tables:
    return Tables(tuple(tables), state_counts(row.facts for table in tables for row in table.rows))


def _tables(
    rows: Sequence[EnvironmentRows], hrefs: Mapping[Named, str], several: bool
) -> list[tuple[Environment, Table]]:
    """Each environment with its whole table, folded; the newest first."""
    groups: dict[Environment, list[EnvironmentRows]] = defaultdict(list)
    for row in rows:
        groups[row.environment].append(row)
    tables = []
    for place, group in groups.items():
        date = max(row.row.date for row in group)
        linked = _linked(group, hrefs, several)
        tables.append((place, Table(anchor(place), place.label, date, False, linked, len(linked))))
    tables.sort(key=lambda item: (item[1].label, item[1].id))
    tables.sort(key=lambda item: item[1].date, reverse=True)
    return tables


def _linked(rows: Sequence[EnvironmentRows], hrefs: Mapping[Named, str], several: bool) -> tuple[LinkedRow, ...]:
    """Rows with where they lead: what regressed first, then by the size of the change."""
    # Two suites may hold a benchmark of one name: the suite ends the tie, or the order would depend on the stream.
    ordered = sorted(rows, key=lambda row: (row.rank, row.benchmark))
    place = f"#{anchor(rows[0].environment)}" if several else ""
    return tuple(LinkedRow(hrefs[row.benchmark] + place, row.row, row.facts) for row in ordered)
