"""How variants and orders are drawn: in 80 columns, to scale, and harmless whatever they are called."""

import csv
import io
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.model import TIME, Benchmark, Environment
from regress.model.components import By, Components, Contest, Entry, Group, Ratio
from regress.report.components import FORMATS

HERE = Environment.of({"machine": "box"})


def found(*entries, reference="a", winner=""):
    contest = Contest(Benchmark("s", "bench.x"), TIME, HERE, "median", entries, reference, winner, "because")
    group = Group(
        "", TIME, HERE, [Entry(e.variant, math.nan, 0, e.ratio, count=3) for e in entries], reference, "", "why not"
    )
    variants = [entry.variant for entry in entries]
    return Components(
        By("param", "x"),
        reference,
        variants,
        [contest],
        [group],
        "c" * 40,
        "Subject",
        "what",
        ("careful",),
        "regress compare",
    )


SAMPLE = found(
    Entry("a", 1e-3, 3), Entry("b", 2e-3, 3, Ratio(2.0, 1.5, 2.6, "3 runs")), Entry("c", math.nan, 0, note="failed"),
    Entry("d", 4e-3, 1, Ratio(4.0, evidence="no interval")), winner="a",
)  # fmt: skip


def test_the_plot_on_a_terminal():
    lines = FORMATS["text"](SAMPLE).splitlines()
    assert lines[0] == "param:x: a wins 1 of 1"
    assert lines[5:12] == [
        "                                                 0.25x          1             4x",
        "",
        "s: bench.x · time (median)",
        "  a                                1 ms                         ●",
        "  b                                2 ms       2x                │   ├───●─┤",
        "  c                              failed",
        "  d                                4 ms       4x                │              ●",
    ]
    assert lines[12] == "  winner: a (because)"
    assert "warning: careful" in lines
    assert all(len(line) <= 80 for line in lines)


names = st.text(min_size=1, max_size=60)
ends = st.floats(1e-12, 1e12)


@settings(max_examples=60, deadline=None)
@given(names, names, st.lists(ends, min_size=3, max_size=3), st.booleans())
def test_any_names_and_ratios_can_be_drawn(one, other, three, known):
    lo, value, hi = sorted(three)
    ratio = Ratio(value, lo, hi) if known else Ratio(value)
    sample = found(Entry(one, value, 1), Entry(other, 1.0, 1, ratio), reference=one)
    for line in FORMATS["text"](sample).splitlines():
        assert line.isprintable() or not line
        assert not ("●" in line and len(line) > 80)
    document = json.loads(FORMATS["json"](sample), parse_constant=pytest.fail)
    assert document["contests"][0]["variants"][1]["ratio"] == value
    assert len(list(csv.reader(io.StringIO(FORMATS["csv"](sample))))) == 3
    rows = [line for line in FORMATS["markdown"](sample).splitlines() if line.startswith("|")]
    assert len(rows) == 4


def test_markdown_shows_the_mean_of_the_reference_as_one():
    rows = [line for line in FORMATS["markdown"](SAMPLE).splitlines() if line.startswith("| geometric")]
    assert rows == ["| geometric mean | 1 | 2x (1.50 to 2.60) | 1 | 4x | no winner |"]


def test_csv_has_no_formulas():
    sample = found(Entry("=1+1", 1.0, 1), Entry("b", 2.0, 1, Ratio(2.0)), reference="=1+1")
    assert "'=1+1" in FORMATS["csv"](sample)
