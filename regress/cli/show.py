"""`regress show`: commits, one commit's results, one benchmark's history."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from ..plain import printable, table
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..model import Series, StoredRun
    from ..work.context import Workspace
    from ..work.show import CommitResults

_BARS = "▁▂▃▄▅▆▇█"
_SHOWN_SERIES = 12


@click.command()
@click.argument("name", required=False, metavar="[COMMIT|BENCHMARK]")
@click.option("--commit", help="Show this commit's results, even if a benchmark has that name.")
@click.option("--benchmark", help="Show this benchmark's history, even if a commit has that name.")
@click.option(
    "-n", "--limit", default=30, show_default=True, type=click.IntRange(1), help="How many rows, newest first."
)
@click.option("--all", "everything", is_flag=True, help="Every row.")
@with_workspace
def command(
    workspace: Workspace, name: str | None, commit: str | None, benchmark: str | None, limit: int, everything: bool
) -> None:
    """Show the commits, one commit's results, or one benchmark's history.

    A name is tried as a benchmark first and then as a commit; the first line says which it was.
    """
    from ..work import show

    if sum(x is not None for x in (name, commit, benchmark)) > 1:
        raise UsageError("name one thing: a commit or a benchmark")
    most = None if everything else limit
    if commit is not None:
        lines = _commit(show.commit_results(workspace, commit))
    elif benchmark is not None:
        found = show.benchmark_series(workspace, benchmark)
        if not found:
            raise UsageError(f"no benchmark {benchmark!r} in the history", hint="`regress show COMMIT` lists them")
        lines = _benchmark(found, _runs(workspace), most)
    elif name is not None:
        either = show.find(workspace, name)
        lines = _benchmark(either, _runs(workspace), most) if isinstance(either, list) else _commit(either)
    else:
        lines = _commits(workspace, most)
    click.echo("\n".join(lines))


def _runs(workspace: Workspace) -> dict[int, StoredRun]:
    return {run.id: run for run in workspace.existing_history.runs()}


def _commits(workspace: Workspace, most: int | None) -> list[str]:
    from ..work.show import commits

    found = commits(workspace)
    if not found:
        return ["the history is empty; `regress ingest PATH` reads results into it"]
    rows = [["commit", "date", "runs", "points", "failed", "skipped", "suites", "subject"]]
    for summary in found[::-1][:most]:
        numbers = [summary.runs, summary.points, summary.failed, summary.skipped]
        subject = summary.subject + (" (uncommitted changes)" if summary.dirty else "")
        rows.append([summary.commit[:10], summary.date, *map(str, numbers), ", ".join(summary.suites), subject[:60]])
    total = f"{plural(len(found), 'commit')}, {plural(sum(s.points for s in found), 'point')}"
    left = len(found) - len(rows) + 1
    more = [f"… {left} older ones: --all, or -n N"] if left else []
    return [*table(rows, right=(2, 3, 4, 5)), *more, total]


def _commit(found: CommitResults) -> list[str]:
    from ..units import human

    lines = [f"commit {found.summary.commit} {found.summary.date} {printable(found.summary.subject)}".rstrip()]
    for stored, run in zip(found.stored, found.runs, strict=True):
        dirty = ", uncommitted changes" if stored.dirty else ""
        tags = f", tags {', '.join(stored.tags)}" if stored.tags else ""
        lines += ["", f"run {stored.id} · {', '.join(stored.suites)} · {run.environment.label}{dirty}{tags}"]
        rows = []
        for row in range(len(run.columns)):
            result = run.columns.result(row)
            unit, stats = result.key.metric.unit, result.stats
            name = next(n for n in ("median", "value", "mean", "min", *stats) if n in stats)
            spread = (
                f"{human(stats['lo'], unit)} … {human(stats['hi'], unit)}" if "lo" in stats and "hi" in stats else ""
            )
            if not spread and "q1" in stats and "q3" in stats:
                spread = f"{human(stats['q1'], unit)} … {human(stats['q3'], unit)}"
            rows.append([result.key.benchmark.full, result.key.metric.name, name, human(stats[name], unit), spread])
        rows += [[gap.key.benchmark.full, gap.key.metric.name, gap.status, "-", gap.reason] for gap in run.gaps]
        lines += [f"  {line}" for line in table(sorted(rows), right=(3,))]
    return lines


def _benchmark(found: list[Series], runs: dict[int, StoredRun], most: int | None) -> list[str]:
    benchmark = found[0].key.benchmark
    lines = [f"benchmark {printable(benchmark.name)} ({benchmark.suite}), {len(found)} series"]
    for series in found if most is None or len(found) <= _SHOWN_SERIES else found[:_SHOWN_SERIES]:
        lines += ["", *_series(series, runs, most if len(found) == 1 else min(most or 8, 8))]
    if most is not None and len(found) > _SHOWN_SERIES:
        lines += ["", f"… {len(found) - _SHOWN_SERIES} more series: --all, or the full name with its parameters"]
    return lines


def _series(series: Series, runs: dict[int, StoredRun], most: int | None) -> list[str]:
    from ..units import human, signed_percent

    unit = series.key.metric.unit
    values = series.centre.tolist()
    version = f" · version {series.key.benchmark.version[:8]}" if series.key.benchmark.version else ""
    head = f"{series.key.benchmark.full} · {series.key.metric.name} · {series.environment.label}{version}"
    course = [(runs[run], value) for run, value in zip(series.run_ids.tolist(), values, strict=True)]
    gaps = {run: status for run, status, _ in series.gaps if run in runs}
    rows: list[tuple[StoredRun, str, str]] = []
    for place, (run, value) in enumerate(course):
        before = values[place - 1] if place else math.nan
        change = signed_percent(value / before - 1) if before and math.isfinite(before) else ""
        rows.append((run, human(value, unit), change))
    rows += [(runs[run], status, "") for run, status in gaps.items()]
    rows.sort(key=lambda row: (row[0].order, row[0].id))
    cells = [
        [run.commit[:10], run.day, shown, change, run.subject[:60] + (" (dirty)" if run.dirty else "")]
        for run, shown, change in rows[::-1][:most]
    ]
    left = len(rows) - len(cells)
    more = [f"  … {left} older ones"] if left > 0 else []
    return [printable(head), f"  {sparkline(values)}", *(f"  {line}" for line in table(cells, right=(2, 3))), *more]


def sparkline(values: list[float], width: int = 60) -> str:
    """The last `width` values as bars from the smallest to the largest of them; a gap is a space."""
    shown = values[-width:]
    finite = [value for value in shown if math.isfinite(value)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    # A course that hardly moves is drawn flat: noise of a per cent must not look like mountains.
    span = max(high - low, 0.1 * abs(high), 1e-300)
    steps = len(_BARS) - 1
    return "".join(_BARS[round((v - low) / span * steps)] if math.isfinite(v) else " " for v in shown)
