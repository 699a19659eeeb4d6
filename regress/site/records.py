"""What the pages show, as tables: base units, shares and ISO dates, nothing rounded and nothing left out.

`docs/site.md` tells the columns; a new one is added at the end.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ..model import BudgetResult, Cause, Series, StoredRun
from .input import SiteInput
from .lines import centre_of
from .overview import EnvironmentRows
from .pages import anchor
from .slug import Named
from .steps import CAUSES_PAGE, cause_anchor
from .tables import Cell, Field, Table, as_csv, as_json, csv_parts, fields, moment

FORMATS: tuple[tuple[str, Callable[[Table], str]], ...] = (("CSV", as_csv), ("JSON", as_json))
#: A copy of the history, where it is wanted.
DATABASE = "history.sqlite"
#: The pages that have their data beside them.
PAGES = ("index.html", "changes.html", "targets.html", "runs.html", "machines.html")

BENCHMARKS = (
    "suite", "name", "variant", "metric", "unit", "value", "change", "sigma", "states", "date", "commit", "changed",
    "variants", "environment", "environment_id", "href",
)  # fmt: skip
CAUSES = (
    "id", "trend", "status", "confirmed", "date", "commit", "after", "until", "candidates", "subject", "authors",
    "benchmarks", "series", "suite", "name", "variant", "metric", "unit", "environment", "before", "now", "change",
    "change_low", "change_high", "facts", "reason", "note", "href",
)  # fmt: skip
TARGETS = (
    "requirement", "suite", "name", "variant", "metric", "statistic", "unit", "limit", "limit_value", "value",
    "headroom", "n", "state", "failing", "reason", "environment", "environment_id", "origin", "href",
)  # fmt: skip
RUNS = (
    "commit", "date", "measured", "environment_id", "suites", "values", "failed", "skipped", "dirty", "tags", "tool",
    "tool_version", "run",
)  # fmt: skip
FACTS = ("environment", "environment_id", "kind", "name", "value", "runs", "first", "last")
POINTS = ("commit", "date", "environment", "variant", "metric", "unit", "value", "status")

Hrefs = Mapping[Named, str]


def page_data(page: str) -> tuple[tuple[str, str], ...]:
    """(format, file) of the data beside a page; nothing for a page without."""
    stem = PurePosixPath(page).stem
    return tuple((word, f"{stem}.{word.lower()}") for word, _ in FORMATS) if page in PAGES else ()


def records(site: SiteInput, rows: Iterable[EnvironmentRows], hrefs: Hrefs) -> Iterator[tuple[str, str]]:
    """(file, content) of the data of every page."""
    tables = (
        benchmarks(rows, hrefs), causes(site.causes), targets(site.budgets, hrefs), runs(site.runs), machines(site.runs)
    )  # fmt: skip
    for page, table in zip(PAGES, tables, strict=True):
        for (_, file), (_, text) in zip(page_data(page), FORMATS, strict=True):
            yield file, text(table)


def benchmarks(rows: Iterable[EnvironmentRows], hrefs: Hrefs) -> Table:
    """Each benchmark in each environment by its worst line, by suite and name."""
    found = [
        (
            *each.benchmark, each.row.variant, each.latest.metric, each.latest.unit, each.latest.value,
            each.latest.change, each.latest.sigma, tuple(each.facts.states.split()), each.row.date, each.latest.commit,
            each.facts.changed, each.row.variants, each.environment.label, each.environment.digest,
            f"{hrefs[each.benchmark]}#{anchor(each.environment)}",
        )
        for each in sorted(rows, key=lambda each: each.benchmark)
    ]  # fmt: skip
    return Table(BENCHMARKS, found)


def causes(found: Sequence[Cause]) -> Table:
    """Every cause, newest first, with the worst of its changes."""
    return Table(CAUSES, [_cause(cause) for cause in found])


def _cause(cause: Cause) -> tuple[Cell, ...]:
    known = {commit.hash: commit for commit in cause.commits}
    likely = known.get(cause.span.estimate)
    names = {(change.key.benchmark.suite, change.key.benchmark.full) for change in cause.changes}
    told = (
        cause.id, cause.trend.value, cause.status.value, cause.confirmed, moment(cause.when), cause.span.estimate,
        cause.span.after, cause.span.until, cause.candidates, likely.subject if likely else "",
        tuple(dict.fromkeys(commit.author for commit in cause.commits if commit.author)), len(names),
        len(cause.changes),
    )  # fmt: skip
    href = f"{CAUSES_PAGE}#{cause_anchor(cause.id)}" if cause.id else ""
    said = (cause.facts, cause.reason, cause.note, href)
    if not cause.changes:
        return *told, *[None] * 11, *said
    worst = cause.changes[0]
    benchmark, metric = worst.key.benchmark, worst.key.metric
    return (
        *told, benchmark.suite, benchmark.name, benchmark.variant, metric.name, metric.unit, worst.environment.label,
        worst.before, worst.after, worst.change, *worst.interval, *said,
    )  # fmt: skip


def targets(results: Sequence[BudgetResult], hrefs: Hrefs) -> Table:
    """Every limit with what the newest commit makes of it."""
    return Table(TARGETS, [_target(result, hrefs) for result in results])


def _target(result: BudgetResult, hrefs: Hrefs) -> tuple[Cell, ...]:
    key, place, budget = result.key, result.environment, result.budget
    subject: tuple[Cell, ...] = ("", budget.selects(), "", "", result.statistic, result.limit.unit)
    href = ""
    if key:
        b = key.benchmark
        subject = (b.suite, b.name, b.variant, key.metric.name, result.statistic, key.metric.unit)
        href = hrefs.get((b.suite, b.name), "")
        href += f"#{anchor(place)}" if href and place else ""
    return (
        budget.requirement, *subject, result.limit.text, result.limit.value, result.value, result.headroom, result.n,
        result.state.value, result.failing, result.reason, place.label if place else "", place.digest if place else "",
        budget.origin, href,
    )  # fmt: skip


def runs(found: Mapping[int, StoredRun]) -> Table:
    """Every run, newest commit first; what an environment is called stands in the data of the machines."""
    ordered = sorted(found.values(), key=lambda run: (run.order, moment(run.started_at), run.id), reverse=True)
    rows = [
        (
            run.commit, moment(run.committed_at), moment(run.started_at), run.environment.digest, run.suites,
            run.points, run.failed, run.skipped, run.dirty, run.tags, run.source.tool or run.source.format,
            run.source.tool_version, run.digest[:12],
        )
        for run in ordered
    ]  # fmt: skip
    return Table(RUNS, rows)


def machines(found: Mapping[int, StoredRun]) -> Table:
    """Every value that a part of the key, a fact or the host's name had in an environment, and when."""
    counts: Counter[tuple[str, str, str, str, str]] = Counter()
    days: dict[tuple[str, str, str, str, str], list[str]] = {}
    for run in found.values():
        place = run.environment
        for kind, pairs in (("key", place.key), ("fact", place.facts), ("host", (("host", place.host),))):
            for name, value in pairs:
                if value:
                    stated = place.label, place.digest, kind, name, value
                    counts[stated] += 1
                    days.setdefault(stated, []).append(run.day)
    ordered = sorted(counts, key=lambda stated: (stated[0], stated[1], stated[2] != "key", *stated[2:]))
    return Table(FACTS, [(*each, counts[each], *_span(days[each])) for each in ordered])


def _span(days: Sequence[str]) -> tuple[str, str]:
    known = [day for day in days if day]
    return min(known, default=""), max(known, default="")


def points(series: Iterable[Series], site: SiteInput) -> Iterator[str]:
    """A CSV file of all points of a benchmark, run by run, and of what failed or was skipped, in parts."""
    return csv_parts(POINTS, (row for each in series for row in _points(each, site.runs)))


def _points(series: Series, found: Mapping[int, StoredRun]) -> Iterator[Sequence[Field]]:
    values = dict(zip(series.run_ids.tolist(), centre_of(series).tolist(), strict=True))
    gaps = {run: status for run, status, _ in series.gaps}
    key = series.key
    told = fields((series.environment.label, key.benchmark.variant, key.metric.name, key.metric.unit))
    for id_ in [*values, *(id_ for id_ in gaps if id_ not in values)]:
        if id_ in found:
            value = values.get(id_, math.nan)
            run = found[id_]
            yield *fields((run.commit, run.day)), *told, value if math.isfinite(value) else "", gaps.get(id_, "")
