"""Runs and JSON values, made by hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st

from regress.model import (
    STATISTICS,
    Benchmark,
    Columns,
    Direction,
    Environment,
    Gap,
    Key,
    Kind,
    Metric,
    Run,
    Source,
)

words = st.text(max_size=12)
figures = st.floats(allow_nan=False, allow_infinity=False)
pairs = st.dictionaries(words, words, max_size=3).map(lambda made: tuple(sorted(made.items())))
times = st.none() | st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
metrics = st.builds(Metric, words, words, st.sampled_from(Direction), st.sampled_from(Kind))
benchmarks = st.builds(Benchmark, words, words, words, words, pairs, words)
keys = st.lists(st.builds(Key, benchmarks, metrics), max_size=6, unique=True)
environments = st.builds(Environment.of, st.dictionaries(words, words), st.dictionaries(words, words), words)
arrays = st.lists(figures, min_size=1, max_size=4).map(lambda raw: np.array(raw, dtype=np.float64))


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Any run that the contracts allow: rows with gaps between the figures, samples, quantiles, attachments."""
    all_keys = draw(keys)
    cut = draw(st.integers(0, len(all_keys)))
    rows, failed = all_keys[:cut], all_keys[cut:]
    names = draw(st.lists(st.sampled_from(STATISTICS), min_size=1, unique=True))
    cells = st.lists(figures | st.just(float("nan")), min_size=len(rows), max_size=len(rows))
    stats = {name: np.array(draw(cells), dtype=np.float64) for name in names} if rows else {}
    if rows:  # each row has a figure
        first = stats[names[0]]
        first[np.isnan(first)] = 1.0
        stats = {name: column for name, column in stats.items() if not np.isnan(column).all()}
    places = st.sampled_from(range(len(rows))) if rows else st.nothing()

    def by_row(values: st.SearchStrategy) -> dict:
        return draw(st.dictionaries(places, values, max_size=3)) if rows else {}

    return Run(
        commit=draw(st.text("0123456789abcdef", max_size=40)),
        environment=draw(environments),
        source=Source("a.json", "asv", draw(words), draw(words)),
        columns=Columns(tuple(rows), stats),
        gaps=tuple(Gap(key, draw(st.sampled_from(["failed", "skipped"])), draw(words)) for key in failed),
        head=draw(words),
        ref=draw(words),
        started_at=draw(times),
        ended_at=draw(times),
        committed_at=draw(times),
        dirty=draw(st.booleans()),
        level=draw(st.none() | st.floats(0, 1)),
        tags=tuple(draw(st.lists(words, max_size=3, unique=True))),
        samples=by_row(arrays),
        quantiles=by_row(st.lists(st.tuples(st.floats(0, 1), figures), max_size=2).map(tuple)),
        attachments=by_row(words),
        warnings=tuple(draw(st.lists(words, max_size=2))),
    )


#: Any JSON value, the odd ones too: huge integers, infinities, NaN, deep nesting, empty things.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([10**400, -1, 0, 2**63, float("inf"), float("nan"), "", "nan", 1e308, "a at 0x7f00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, content: object) -> object:
    """`content` with one to three of its places replaced by any JSON value, or taken away."""
    for _ in range(draw(st.integers(1, 3))):
        content = _spoil(draw, content)
    return content


def _spoil(draw: st.DrawFn, content: object) -> object:
    if isinstance(content, dict) and content and draw(st.integers(0, 9)):
        name = draw(st.sampled_from(sorted(content)))
        if not draw(st.integers(0, 5)):
            return {key: value for key, value in content.items() if key != name}
        return content | {name: _spoil(draw, content[name])}
    if isinstance(content, list) and content and draw(st.integers(0, 9)):
        place = draw(st.integers(0, len(content) - 1))
        rest = [] if not draw(st.integers(0, 5)) else [_spoil(draw, content[place])]
        return content[:place] + rest + content[place + 1 :]
    return draw(values)
