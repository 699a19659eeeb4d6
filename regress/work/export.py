"""Stored runs out: which ones, as bundles, as tables, as figures for others to watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, TYPE_CHECKING

from ..errors import UncomparedError, UsageError
from ..formats import bundle, canonical
from ..formats.bmf import dump_bmf
from ..formats.out_table import Column, Sheet, columns_of, flat_rows, json_lines, sheet_of
from ..globs import matcher
from ..model import Key, Present, Run, StoredRun, presented
from .sides import main_runs, side_of
from .site_scope import SiteRequest, within

if TYPE_CHECKING:
    from .context import Workspace

Test = Callable[[Key], bool]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be written; () and None select all.

    names                 commits, run:ID, stored baselines
    benchmarks, metrics   globs, or "re:…", of which one must fit; a benchmark by its name with or without parameters
    environments          globs on an environment's label, its digest, or one of its values
    since                 a commit, which is the first one, or a day (2026-01-31)
    """

    names: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    since: str | None = None


def digests_of(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """The digests of the runs that are named (commits, run:ID, baselines), or of all runs, sorted."""
    return sorted({run.digest for run in _named(workspace, names)})


def whole_runs(workspace: Workspace, digests: Sequence[str]) -> Iterator[tuple[str, Run]]:
    """Digest and run, with samples and all, in the canonical order of its rows; a few in memory at a time.

    Two histories that hold the same runs give the same text, whatever way and order they came in.
    """
    for digest, run in workspace.existing_history.whole(digests):
        yield digest, canonical(run)


def bundles(workspace: Workspace, selection: Selection) -> Iterator[tuple[str, str]]:
    """The name of a file and its text for each run, sorted by digest. A bundle is a run as it was recorded."""
    if selection.benchmarks or selection.metrics:
        what = "a bundle holds a whole run, so --benchmark and --metric have no meaning"
        raise UsageError(what, hint="leave them out, or write --format csv, jsonl or parquet")
    digests = sorted({run.digest for run in chosen(workspace, selection)})
    for digest, run in whole_runs(workspace, digests):
        yield f"{digest[:16]}.json", bundle.dump(run)


def csv_text(workspace: Workspace, selection: Selection) -> Iterator[str]:
    """The rows as CSV, some lines at a time, as the site's tables are: no cell can be taken for a formula."""
    from ..site.tables import csv_parts, fields

    columns, sheets = _table(workspace, selection)
    rows = (flat_rows(sheet, columns, lambda cell: fields((cell,))[0]) for sheet in sheets)
    yield from csv_parts([column.name for column in columns], chain.from_iterable(rows))


def jsonl_text(workspace: Workspace, selection: Selection) -> Iterator[str]:
    """The rows as JSON, a row a line."""
    columns, sheets = _table(workspace, selection)
    for sheet in sheets:
        yield "".join(json_lines(sheet, columns))


def write_parquet(workspace: Workspace, selection: Selection, file: IO[bytes]) -> int:
    """The rows as a Parquet file; how many there are."""
    from ..formats import out_parquet

    return out_parquet.write_parquet(file, *_table(workspace, selection))


def bmf_text(workspace: Workspace, selection: Selection) -> str:
    """One commit in Bencher's format: the one that is named, else the newest one of the main branch."""
    stored = chosen(workspace, selection, newest=True)
    return dump_bmf(run for _, run in shown_runs(workspace, stored, test_of(workspace, selection)))


def chosen(workspace: Workspace, selection: Selection, *, newest: bool = False) -> list[StoredRun]:
    """The selected runs in the order of the history; with `newest` and no names those of main's newest commit.

    Raises UncomparedError where there is no run, UsageError where none fits.
    """
    if newest and not selection.names:
        workspace.learn_commits()
        stored = main_runs(workspace)
    else:
        stored = _named(workspace, selection.names)
    if not stored:
        raise UncomparedError("the history holds no run to export", hint="`regress ingest PATH` reads results into it")
    stored = within(workspace, stored, SiteRequest(environments=selection.environments, since=selection.since))
    if newest and not selection.names:
        stored = [run for run in stored if run.commit == stored[-1].commit]
    return stored


def test_of(workspace: Workspace, selection: Selection) -> Test | None:
    """The test that keys have to pass; None where all do. UsageError where no benchmark of the history does."""
    if not selection.benchmarks and not selection.metrics:
        return None
    benchmarks = _any_of(selection.benchmarks, "--benchmark")
    metrics = _any_of(selection.metrics, "--metric")

    def test(key: Key) -> bool:
        return metrics(key.metric.name) and (benchmarks(key.benchmark.full) or benchmarks(key.benchmark.name))

    if not any(map(test, workspace.existing_history.benchmarks())):
        asked = " and ".join(filter(None, [" or ".join(selection.benchmarks), " or ".join(selection.metrics)]))
        raise UsageError(f"no benchmark fits {asked}", hint="`regress show COMMIT` lists benchmarks and metrics")
    return test


def shown_runs(
    workspace: Workspace, stored: Sequence[StoredRun], test: Test | None = None
) -> Iterator[tuple[StoredRun, Run]]:
    """The runs under their present names and in their present units, with their quantiles; a few in memory at a time.

    Only the rows and gaps that pass the test are left in them.
    """
    by_digest = {run.digest: run for run in stored}
    for digest, run in workspace.existing_history.whole(by_digest):
        shown = _renamed(run, workspace.present)
        yield by_digest[digest], taken(shown, test) if test else shown


def taken(run: Run, test: Test) -> Run:
    """A run with the rows and gaps that pass the test, and of what belongs to the rows the quantiles."""
    rows = [row for row, key in enumerate(run.columns.keys) if test(key)]
    return replace(_rows(run, rows), gaps=tuple(gap for gap in run.gaps if test(gap.key)))


def _named(workspace: Workspace, names: Sequence[str]) -> list[StoredRun]:
    """The runs that are named, or all, in the order of the history."""
    runs = workspace.existing_history.runs()
    if not names:
        return runs
    digests: set[str] = set()
    for name in names:
        side = side_of(workspace, name)
        if not side.stored:
            raise UsageError("is a file, and no run of the history", where=name, hint="ingest it first")
        digests.update(run.digest for run in side.stored)
    return [run for run in runs if run.digest in digests]


def _table(workspace: Workspace, selection: Selection) -> tuple[tuple[Column, ...], Iterator[Sheet]]:
    stored = chosen(workspace, selection)
    test = test_of(workspace, selection)
    sheets = (sheet_of(run, about) for about, run in shown_runs(workspace, stored, test))
    return columns_of(stored), sheets


def _any_of(patterns: Sequence[str], option: str) -> Callable[[str], bool]:
    tests = []
    for pattern in patterns:
        try:
            tests.append(matcher(pattern))
        except ValueError as error:
            raise UsageError(f"{option} {pattern!r} {error}") from None
    return lambda text: not tests or any(test(text) for test in tests)


def _renamed(run: Run, present: Present | None) -> Run:
    """The run as it is shown now; where it holds a benchmark under its old name and its new one, the new one counts."""
    shown = presented(run, present)
    if shown is run or len(set(shown.columns.keys)) == len(shown.columns.keys):
        return shown
    kept: dict[Key, int] = {}
    for row, (old, new) in enumerate(zip(run.columns.keys, shown.columns.keys, strict=True)):
        if new not in kept or old == new:
            kept[new] = row
    return _rows(shown, sorted(kept.values()))


def _rows(run: Run, rows: Sequence[int]) -> Run:
    quantiles = {place: run.quantiles[row] for place, row in enumerate(rows) if row in run.quantiles}
    return replace(run, columns=run.columns.take(rows), quantiles=quantiles, samples={}, attachments={})
