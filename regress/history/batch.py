"""Runs side by side in memory, before they are written: one array a statistic over all their rows."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from ..errors import HistoryError
from ..model import STATISTICS, Columns, Key, Run

#: Rows that are held in memory, and written in one transaction, at most (more only where one run has more).
CHUNK_ROWS = 2_500_000

Floats = NDArray[np.float64]
_digest_of = attrgetter("digest")


@dataclass(slots=True)
class Entry:
    """A run that waits to be written, and the places at which it came in the call (equal runs share an entry)."""

    run: Run
    digest: str
    places: list[int]
    start: int = 0
    stop: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of several runs. `keys[key_index[row]]` is what a row is about; entry e has rows e.start to e.stop."""

    entries: list[Entry]
    keys: list[Key]
    key_index: NDArray[np.int32]
    stats: dict[str, Floats]
    positions: Mapping[bytes, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.key_index)


def chunks(runs: Iterable[Run]) -> Iterator[list[Entry]]:
    """The runs in chunks of up to CHUNK_ROWS rows; equal runs of one chunk are one entry."""
    entries: dict[str, Entry] = {}
    rows = 0
    for place, run in enumerate(runs):
        _check(run)
        digest = run.digest()
        entry = entries.setdefault(digest, Entry(run, digest, []))
        entry.places.append(place)
        if entry.run is run:
            # A raw value weighs about as much as one of a row's figures.
            rows += len(run.columns) + sum(map(len, run.samples.values())) // len(STATISTICS)
        del run, entry  # nothing but the chunk may hold it, so that `batch` can free its arrays one by one
        if rows >= CHUNK_ROWS:
            yield list(entries.values())
            entries, rows = {}, 0
    if entries:
        yield list(entries.values())


def batch(entries: list[Entry]) -> Batch:
    """The entries' rows side by side; afterwards their runs' columns are views of the batch.

    One statistic is joined at a time and the runs' own array of it let go, so that both are never there as a whole
    (unless the caller keeps the runs).
    """
    parts = [dict(entry.run.columns.stats) for entry in entries]
    size = 0
    for entry in entries:
        entry.start, entry.stop = size, size + len(entry.run.columns)
        entry.run = replace(entry.run, columns=Columns(entry.run.columns.keys, {}))
        size = entry.stop
    keys, positions, key_index = _indexed(entries, size)
    stats: dict[str, Floats] = {}
    for name in STATISTICS:
        if any(name in part for part in parts):
            joined = np.full(size, np.nan)
            for entry, part in zip(entries, parts, strict=True):
                if name in part:
                    joined[entry.start : entry.stop] = part.pop(name)
            stats[name] = joined
    for entry in entries:
        views = {name: joined[entry.start : entry.stop] for name, joined in stats.items()}
        entry.run = replace(entry.run, columns=Columns(entry.run.columns.keys, views))
    return Batch(entries, keys, key_index, stats, positions)


def packed(values: Floats) -> bytes:
    """Raw values as the history keeps them."""
    return zlib.compress(np.ascontiguousarray(values, dtype="<f8").tobytes(), 6)


def unpacked(blob: bytes) -> Floats:
    """What `packed` was given."""
    return np.frombuffer(zlib.decompress(blob), dtype="<f8").astype(np.float64)


def _indexed(entries: list[Entry], size: int) -> tuple[list[Key], dict[bytes, int], NDArray[np.int32]]:
    """The distinct keys of rows and gaps, where each stands, and which one each row is about."""
    keys: list[Key] = []
    positions: dict[bytes, int] = {}

    def add(key: Key) -> None:
        if key.digest not in positions:
            positions[key.digest] = len(keys)
            keys.append(key)

    key_index = np.empty(size, dtype=np.int32)
    for entry in entries:
        own = entry.run.columns.keys
        digests = list(map(_digest_of, own))
        if not positions.keys() >= set(digests):
            for key in own:
                add(key)
        key_index[entry.start : entry.stop] = np.fromiter(map(positions.__getitem__, digests), np.int32, len(digests))
        for gap in entry.run.gaps:
            add(gap.key)
    return keys, positions, key_index


def _check(run: Run) -> None:
    """Refuses a run whose columns do not fit together; it would be stored as something else."""
    wrong = [name for name, column in run.columns.stats.items() if column.shape != (len(run.columns),)]
    wrong += sorted(run.columns.stats.keys() - set(STATISTICS))
    if wrong:
        what = f"a run cannot be stored: its column {wrong[0]} is unknown or not as long as its keys"
        raise HistoryError(what, where=run.source.path, hint="report this to the reader's author")
