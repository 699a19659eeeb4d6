"""Results in: files -> runs -> the history. What is known is not stored again; what is bad does not stop the rest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from ..errors import ConfigError, InputError, UsageError
from ..formats import Document, ReadOptions, documents, read, source_digest
from ..globs import matches
from ..model import Bad, Environment, MappingSpec, Run, Source, SuiteSpec

if TYPE_CHECKING:
    from .context import Workspace

#: How much input is held in memory while it is asked which of it is known.
BATCH_BYTES = 8 * 2**20
#: How many results are held in memory until they are written in one transaction.
BATCH_POINTS = 2_500_000


@dataclass(slots=True)
class SourceSummary:
    """What became of one source. `known` counts runs that were there already; `unchanged`: it was not even parsed."""

    path: str
    format: str = ""
    runs: int = 0
    known: int = 0
    points: int = 0
    failed: int = 0
    skipped: int = 0
    unchanged: bool = False
    bad: list[Bad] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Ingested:
    """What became of all sources."""

    sources: list[SourceSummary] = field(default_factory=list)
    seconds: float = 0.0

    def total(self, name: str) -> int:
        """The sum of one count over the sources."""
        return sum(len(v) if isinstance(v := getattr(source, name), list) else int(v) for source in self.sources)

    @property
    def bad(self) -> list[Bad]:
        """Everything that could not be read."""
        return [bad for source in self.sources for bad in source.bad]


def options_of(workspace: Workspace, spec: SuiteSpec) -> ReadOptions:
    """How the results of a suite are read. Raises ConfigError where it names a mapping that is not there."""
    named = {mapping.name: mapping for mapping in workspace.config.mappings}
    if spec.mapping and spec.mapping not in named:
        hint = f"configured: {', '.join(named) or 'none'}"
        raise ConfigError(f"there is no mapping {spec.mapping!r}", where=spec.origin_of("mapping"), hint=hint)
    mappings = mappings_of(workspace)
    return ReadOptions(format=spec.format or None, suite=spec.name, mappings=mappings, mapping=spec.mapping or None)


def mappings_of(workspace: Workspace) -> tuple[MappingSpec, ...]:
    """The mappings of the configuration, with the globs of their files from the project's root."""
    return tuple(
        replace(spec, files=tuple(str(workspace.root / glob) if "/" in glob else glob for glob in spec.files))
        for spec in workspace.config.mappings
    )


def environment_named(workspace: Workspace, glob: str) -> Environment:
    """The one environment of the history whose label the glob fits. Raises UsageError where it is not one."""
    there = workspace.existing_history.environments()
    found = [one for one in there if matches(glob, one.label)]
    if len(found) == 1:
        return found[0]
    hint = "there: " + "; ".join(one.label for one in found or there)
    how = "several environments fit" if found else "no environment of the history fits"
    raise UsageError(f"{how} {glob!r}", hint=hint)


def ingest(
    workspace: Workspace,
    paths: Sequence[str],
    options: ReadOptions,
    *,
    stdin: BinaryIO | None = None,
    progress: Callable[[SourceSummary], None] | None = None,
) -> Ingested:
    """Reads `paths` ("-" is `stdin`) into the history; `progress` is called with each source as it is done."""
    started = time.monotonic()
    options = replace(options, mappings=mappings_of(workspace))
    writer = _Writer(workspace, progress or (lambda summary: None))
    for batch in _batches(documents(paths, stdin)):
        digests = [source_digest(item, options) if isinstance(item, Document) else "" for item in batch]
        known = workspace.history.known_sources([digest for digest in digests if digest])
        for item, digest in zip(batch, digests, strict=True):
            if isinstance(item, Bad):
                writer.done(SourceSummary(path=item.where, bad=[item]))
            elif digest in known:
                writer.done(SourceSummary(path=item.path, known=1, unchanged=True))
                item.release()
            else:
                writer.take(item, options)
    writer.flush()
    return Ingested(writer.summaries, time.monotonic() - started)


def _batches(items: Iterator[Document | Bad]) -> Iterator[list[Document | Bad]]:
    batch: list[Document | Bad] = []
    size = 0
    for item in items:
        batch.append(item)
        size += _size(item)
        if size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(item: Document | Bad) -> int:
    """How much memory an input takes; what cannot be read takes none, and says so when it is its turn."""
    try:
        return len(item.data) if isinstance(item, Document) else 0
    except InputError:
        return 0


class _Writer:
    """Collects runs until there are enough for one transaction, and tells each source what became of its runs."""

    def __init__(self, workspace: Workspace, progress: Callable[[SourceSummary], None]) -> None:
        self.summaries: list[SourceSummary] = []
        self._workspace = workspace
        self._progress = progress
        self._runs: deque[Run] = deque()
        self._owners: list[SourceSummary] = []
        self._whole: list[Source] = []
        self._waiting: list[SourceSummary] = []
        self._points = 0

    def done(self, summary: SourceSummary) -> None:
        self.summaries.append(summary)
        self._progress(summary)

    def take(self, document: Document, options: ReadOptions) -> None:
        summary = SourceSummary(path=document.path)
        self.summaries.append(summary)
        self._waiting.append(summary)
        source: Source | None = None
        for item in read(document, options):
            if isinstance(item, Run) and item.commit:
                source = item.source
                self._add(item, summary)
            elif isinstance(item, Run):
                summary.bad.append(Bad(document.path, "names no commit", "say which with --commit REF"))
            else:
                summary.bad.append(item)
        # A source with a fault is read again the next time, so that its fault is said again.
        if source is not None and not summary.bad:
            self._whole.append(source)
        document.release()
        if self._points > BATCH_POINTS:
            self.flush()

    def _add(self, run: Run, summary: SourceSummary) -> None:
        self._runs.append(run)
        self._owners.append(summary)
        self._points += len(run.columns)
        summary.format = run.source.format
        summary.warnings += run.warnings

    def flush(self) -> None:
        if self._runs or self._whole:
            # Before the runs, so that their commits have their place at once.
            self._workspace.learn_commits({run.commit for run in self._runs})
            recorded = self._workspace.history.record(self._handed_over(), self._whole)
            for summary, record in zip(self._owners, recorded, strict=True):
                summary.runs += not record.known
                summary.known += record.known
                if not record.known:
                    summary.points += record.points
                    summary.failed += record.failed
                    summary.skipped += record.skipped
        for summary in self._waiting:
            self._progress(summary)
        self._owners, self._whole, self._waiting, self._points = [], [], [], 0

    def _handed_over(self) -> Iterator[Run]:
        """The runs, each let go of as it is handed to the history, which keeps its figures in another shape."""
        while self._runs:
            yield self._runs.popleft()
