"""What would be read out of files, and what their figures are taken for; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from ..errors import InputError
from ..formats import Document, Mapped, Meaning, ReadOptions, documents, read, reader_of
from ..formats.propose import propose, toml
from ..model import Bad, Benchmark, Metric, Run
from .ingest import mappings_of

if TYPE_CHECKING:
    from .context import Workspace


@dataclass(slots=True)
class Reading:
    """What one document holds. `by`: the format or mapping; `meanings`: of a mapping's metrics, how they are known.

    `proposal` is a mapping for a file that nothing reads, "" where there is none.
    """

    path: str
    by: str = ""
    runs: int = 0
    points: int = 0
    benchmarks: int = 0
    failed: int = 0
    skipped: int = 0
    metrics: list[Metric] = field(default_factory=list)
    meanings: list[Meaning] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    proposal: str = ""


def explain_reading(
    workspace: Workspace, paths: Sequence[str], options: ReadOptions, stdin: BinaryIO | None = None
) -> Iterator[Reading]:
    """Each document as it would be read."""
    options = replace(options, mappings=mappings_of(workspace))
    for document in documents(paths, stdin):
        yield (
            _explained(document, options) if isinstance(document, Document) else Reading(document.where, bad=[document])
        )


def _explained(document: Document, options: ReadOptions) -> Reading:
    told = Reading(document.path)
    reader = reader_of(document, options)
    if isinstance(reader, Bad):
        told.bad.append(reader)
        told.proposal = _proposal(document)
        return told
    told.by = reader.name
    items = read(document, options)
    if isinstance(reader, Mapped):
        told.by = f"mapping {reader.spec.name} ({reader.spec.origin})"
        items = reader.read(document, options)
    benchmarks: set[Benchmark] = set()
    metrics: dict[str, Metric] = {}
    for item in _safely(items):
        if isinstance(item, Bad):
            told.bad.append(item)
            continue
        told.runs += 1
        told.points += len(item.columns)
        told.failed += sum(gap.status == "failed" for gap in item.gaps)
        told.skipped += sum(gap.status == "skipped" for gap in item.gaps)
        for key in (*item.columns.keys, *(gap.key for gap in item.gaps)):
            benchmarks.add(key.benchmark)
            metrics.setdefault(key.metric.name, key.metric)
    told.benchmarks, told.metrics = len(benchmarks), list(metrics.values())
    told.meanings = list(reader.meanings.values()) if isinstance(reader, Mapped) else []
    document.release()
    return told


def _safely(items: Iterator[Run | Bad]) -> Iterator[Run | Bad]:
    try:
        yield from items
    except InputError as error:
        yield Bad(error.where, error.what, error.hint)


def _proposal(document: Document) -> str:
    try:
        spec = propose(document)
    except InputError:
        return ""
    return toml(spec) if spec else ""
