"""Causes as text, JSON, Markdown and CSV: what foreign names may not do, and what is said of odd figures."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from regress.model import (
    Benchmark,
    Cause,
    CauseStatus,
    ChangePoint,
    ChangeStatus,
    Commit,
    Direction,
    Environment,
    Key,
    Metric,
    Span,
    Trend,
)
from regress.report.changes import CHANGE_FORMATS, inert
from tests.factories import ENVIRONMENT, make_key, sha

SPAN = Span(sha("c1"), sha("c2"), sha("c2"))
EVIL = "bench\x1b[31m|<b>@you`_x_`"


def change(name: str = "bench.sort", **fields) -> ChangePoint:
    base = ChangePoint(
        make_key(name), ENVIRONMENT, 0.012, 0.018, 1.45, 1.55, SPAN, ChangeStatus.CONFIRMED, ("numpy 2.3 → 2.4",)
    )
    return replace(base, **fields)


def cause(*changes: ChangePoint, **fields) -> Cause:
    commits = (Commit(sha("c2"), (), None, "Ada", "Sort again"),)
    base = Cause(
        "1f3a9c02", SPAN, Trend.REGRESSION, changes or (change(),), ("numpy 2.3 → 2.4",), first=sha("c2"),
        candidates=1, commits=commits, when=datetime(2026, 1, 31, tzinfo=UTC),
    )  # fmt: skip
    return replace(base, **fields)


def test_a_block_of_text() -> None:
    text = CHANGE_FORMATS["text"]([cause(note="see #12", reason="wanted", status=CauseStatus.ACCEPTED)])
    assert text.splitlines() == [
        "1f3a9c02  2026-01-31 · regression in 1 benchmark · accepted",
        f"  by {sha('c2')[:10]} Sort again (Ada)",
        "  +50.0%  [+45.0% … +55.0%]  12 ms → 18 ms  bench.sort · time",
        "  changed there: numpy 2.3 → 2.4",
        "  accepted: wanted",
        "  note: see #12",
    ]


def test_a_range_whose_commits_nobody_knows() -> None:
    span = Span(sha("c1"), sha("c9"), sha("c5"))
    text = CHANGE_FORMATS["text"]([cause(span=span, first="", candidates=0, commits=())])
    assert f"  after {sha('c1')[:10]}, up to {sha('c9')[:10]}; first seen at" in text
    assert f"  → {sha('c5')[:10]}\n" in text


def test_many_changes_are_counted_and_environments_told_apart() -> None:
    other = Environment.of({"machine": "other"})
    many = [change(f"bench.b{n}", environment=other if n else ENVIRONMENT) for n in range(20)]
    text = CHANGE_FORMATS["text"]([cause(*many)])
    assert "regression in 20 benchmarks · open · worst +50.0%" in text
    assert "bench.b1 · time · other" in text
    assert "  … and 12 more" in text
    assert CHANGE_FORMATS["markdown"]([cause(*many)]).endswith("\nChanged there: numpy 2.3 → 2.4\n")


@pytest.mark.parametrize("form", CHANGE_FORMATS)
def test_foreign_names_do_nothing(form: str) -> None:
    evil = cause(change(EVIL), note=EVIL, reason=EVIL, commits=(Commit(sha("c2"), (), None, EVIL, EVIL),))
    text = CHANGE_FORMATS[form]([evil])
    assert "\x1b" not in text
    if form == "markdown":
        assert "<b>" not in text
        assert "@you" not in text
        assert "\\|" in text


@pytest.mark.parametrize("form", CHANGE_FORMATS)
def test_no_causes(form: str) -> None:
    text = CHANGE_FORMATS[form]([])
    assert text.endswith("\n")
    assert form != "json" or json.loads(text) == {"schema": 1, "causes": []}


@pytest.mark.parametrize("form", CHANGE_FORMATS)
def test_figures_that_have_no_ratio(form: str) -> None:
    """From nothing to something: a counter that was 0."""
    key = Key(Benchmark("asv", "bench.leaks"), Metric("objects", "1", Direction.LOWER))
    odd = change(key=key, before=0.0, after=3.0, lo=math.nan, hi=math.nan)
    text = CHANGE_FORMATS[form]([cause(odd)])
    if form == "json":
        (shown,) = json.loads(text)["causes"][0]["changes"]
        assert (shown["before"], shown["after"], shown["change"], shown["interval"]) == (0, 3, None, [None, None])
    if form == "text":
        assert "  +∞%    0 → 3  bench.leaks · objects" in text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-x", "@SUM(A1)", " =1", "\t=1"])
def test_a_cell_that_is_a_formula_is_made_inert(cell: str) -> None:
    assert not str(inert(cell)).lstrip().startswith(("=", "+", "-", "@"))
    (row,) = csv.DictReader(io.StringIO(CHANGE_FORMATS["csv"]([cause(change(cell))])))
    assert not row["benchmark"].lstrip().startswith(("=", "+", "-", "@"))
    assert float(row["change"]) == pytest.approx(0.5)
