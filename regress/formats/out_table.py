"""Runs as rows for spreadsheets, data frames and databases: one for each benchmark × metric × run.

What a row says, under the same names in CSV, JSON lines and Parquet:

suite, benchmark, name, variant   `benchmark` is name and variant in one, as people type it
metric, unit, direction, kind     figures are in the unit; a direction that nobody says is "unknown"
status, reason                    "measured"; "failed" and "skipped" are rows without figures, so that nothing is lost
value … iterations                the statistics of the model, nothing where the tool gave no such figure
level, quantiles                  the level of lo and hi; other quantiles by their share: {"0.95": 0.0012}
params, group, version            the parameters by name; a digest of the benchmark's source where the tool gives one
commit, subject, author, committed_at, branch, head, dirty, tags     what was measured
started_at, run, format, tool, tool_version                          when, under which digest, and by what
environment, environment_id, host                                    the environment for people, and the key's digest
key.NAME, fact.NAME               each part of the environment's key and each fact of the chosen runs: cpu, cores, …

Times are aware, in UTC. Lost: samples, attachments, warnings, and of a run that holds nothing at all its existence;
a bundle keeps them. A name that is no valid Unicode has question marks in it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import repeat
from typing import TypeVar

from ..model import STATISTICS, Key, Run, StoredRun

Field = TypeVar("Field")
Flat = str | float | bool | tuple[str, ...] | None
Cell = str | float | bool | datetime | dict[str, str] | dict[str, float] | tuple[str, ...] | None
#: The cells of all rows of one run, by column.
Sheet = dict[str, list[Cell]]


_NEVER = object()


class Sort(StrEnum):
    """What a column holds."""

    TEXT = "text"
    FIGURE = "figure"
    TIME = "time"
    FLAG = "flag"
    TEXTS = "texts"
    WORDS = "words by name"
    FIGURES = "figures by name"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its name and what it holds."""

    name: str
    sort: Sort = Sort.TEXT


def _columns(names: str, sort: Sort = Sort.TEXT) -> list[Column]:
    return [Column(name, sort) for name in names.split()]


_FIXED = (
    *_columns("suite benchmark name variant metric unit direction kind status reason"),
    *_columns(" ".join(STATISTICS), Sort.FIGURE),
    Column("level", Sort.FIGURE),
    Column("quantiles", Sort.FIGURES),
    Column("params", Sort.WORDS),
    *_columns("group version commit subject author"),
    Column("committed_at", Sort.TIME),
    *_columns("branch head"),
    Column("dirty", Sort.FLAG),
    Column("tags", Sort.TEXTS),
    Column("started_at", Sort.TIME),
    *_columns("run format tool tool_version environment environment_id host"),
)
_KEY, _FACT = "key.", "fact."


def columns_of(stored: Iterable[StoredRun]) -> tuple[Column, ...]:
    """The columns of a table of these runs: which parts of environments there are depends on them."""
    keys: set[str] = set()
    facts: set[str] = set()
    for environment in {(run.environment.key, run.environment.facts): run.environment for run in stored}.values():
        keys.update(_KEY + clean(name) for name, _ in environment.key)
        facts.update(_FACT + clean(name) for name, _ in environment.facts)
    return (*_FIXED, *map(Column, sorted(keys)), *map(Column, sorted(facts)))


def sheet_of(run: Run, stored: StoredRun) -> Sheet:
    """All rows of a run, sorted by suite, benchmark and metric; a column that is not here holds nothing in any."""
    keys = [*run.columns.keys, *(gap.key for gap in run.gaps)]
    sheet = _of_keys(keys) | _figures(run)
    sheet["status"] = [*["measured"] * len(run.columns), *(gap.status for gap in run.gaps)]
    sheet["reason"] = [*[""] * len(run.columns), *(clean(gap.reason) for gap in run.gaps)]
    # History and file hold the rows in the order in which they came to know the keys, which says nothing.
    order = sorted(range(len(keys)), key=lambda row: (keys[row].unversioned, keys[row].benchmark.version))
    sheet = {name: [cells[row] for row in order] for name, cells in sheet.items()}
    return sheet | {name: [cell] * len(keys) for name, cell in _of_run(run, stored).items()}


def flat_rows(sheet: Sheet, columns: Sequence[Column], field: Callable[[Flat], Field]) -> Iterator[tuple[Field, ...]]:
    """The rows of a sheet as they stand in CSV, where there are neither times nor objects but ISO 8601 and JSON.

    `field` makes a cell of the file of each.
    """
    size = _size(sheet)
    made = (_made(sheet.get(column.name), size, lambda cell: field(_flat(cell))) for column in columns)
    return zip(*made, strict=True)


def json_lines(sheet: Sheet, columns: Sequence[Column]) -> Iterator[str]:
    """The rows of a sheet as JSON, a row a line; what a row does not hold is left out."""

    def members(column: Column) -> Iterable[str]:
        head = json.dumps(column.name) + ":"
        return _made(sheet.get(column.name), size, lambda cell: "" if _is_nothing(cell) else head + _json(cell))

    size = _size(sheet)
    for row in zip(*map(members, columns), strict=True):
        yield "{" + ",".join(filter(None, row)) + "}\n"


def clean(text: str) -> str:
    """Text that has a form in UTF-8: a lone surrogate becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _of_keys(keys: Sequence[Key]) -> Sheet:
    benchmarks, metrics = [key.benchmark for key in keys], [key.metric for key in keys]
    return {
        "suite": [clean(each.suite) for each in benchmarks],
        "benchmark": [clean(each.full) for each in benchmarks],
        "name": [clean(each.name) for each in benchmarks],
        "variant": [clean(each.variant) for each in benchmarks],
        "params": [{clean(name): clean(value) for name, value in each.params} for each in benchmarks],
        "group": [clean(each.group) for each in benchmarks],
        "version": [clean(each.version) for each in benchmarks],
        "metric": [clean(each.name) for each in metrics],
        "unit": [clean(each.unit) for each in metrics],
        "direction": [each.direction.value for each in metrics],
        "kind": [each.kind.value for each in metrics],
    }


def _figures(run: Run) -> Sheet:
    """The statistics of the measured rows, and nothing for the gaps."""
    none: list[Cell] = [None] * len(run.gaps)
    sheet: Sheet = {}
    for name in STATISTICS:
        if name in run.columns.stats:
            found = run.columns.stats[name].tolist()
            sheet[name] = [*(figure if math.isfinite(figure) else None for figure in found), *none]
    quantiles = [{f"{q:g}": v for q, v in run.quantiles.get(row, ())} for row in range(len(run.columns))]
    sheet["quantiles"] = [*quantiles, *none]
    bounded = {"lo", "hi"} & run.columns.stats.keys()
    sheet["level"] = [*[run.level if bounded else None] * len(run.columns), *none]
    return sheet


def _of_run(run: Run, stored: StoredRun) -> dict[str, Cell]:
    """What is the same in all rows of a run."""
    environment = run.environment
    cells: dict[str, Cell] = {
        "commit": run.commit,
        "subject": clean(stored.subject),
        "author": clean(stored.author),
        "committed_at": stored.committed_at or run.committed_at,
        "branch": clean(run.ref),
        "head": run.head,
        "dirty": run.dirty,
        "tags": tuple(map(clean, run.tags)),
        "started_at": run.started_at,
        "run": stored.digest,
        "format": run.source.format,
        "tool": clean(run.source.tool),
        "tool_version": clean(run.source.tool_version),
        "environment": clean(environment.label),
        "environment_id": environment.digest,
        "host": clean(environment.host),
    }
    cells |= {_KEY + clean(name): clean(value) for name, value in environment.key}
    return cells | {_FACT + clean(name): clean(value) for name, value in environment.facts}


def _size(sheet: Sheet) -> int:
    return len(sheet["suite"])


def _made(cells: Sequence[Cell] | None, size: int, make: Callable[[Cell], Field]) -> Iterable[Field]:
    """What `make` makes of each cell; of one that comes again and again it is asked once."""
    if cells is None:
        return repeat(make(None), size)
    made: list[Field] = []
    last: object = _NEVER
    for cell in cells:
        if cell is not last:
            last, now = cell, make(cell)
        made.append(now)
    return made


def _flat(cell: Cell) -> Flat:
    if isinstance(cell, dict):
        return _json(cell) if cell else None
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _json(cell: Cell) -> str:
    plain = cell.isoformat() if isinstance(cell, datetime) else cell
    # In ASCII, as some readers of lines end one at characters that JSON leaves as they are, such as U+0085.
    return json.dumps(plain, allow_nan=False, separators=(",", ":"))


def _is_nothing(cell: Cell) -> bool:
    return cell is None or cell == {} or cell == ()
