"""What a comparison of two sides looks like: in 80 columns, to scale, with each reason."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.model import TIME, Benchmark, Key, Outcome
from regress.model.confirmation import ComparedSide, Confirmation, Trial
from regress.report.ab import FORMATS, Axis, short


def found(name, outcome, change=0.0, lo=-0.02, hi=0.02, reason="because"):
    key = Key(Benchmark("pytest-benchmark", name), TIME)
    return Confirmation(
        key, outcome, reason, "median", (1e-3, 2e-3), (1e-3, 2e-3), change, lo, hi, 0.05, 0.01, 1, False, 1.5
    )


def trial(*confirmations, **given):
    base = ComparedSide("a" * 40, "main", "The base")
    head = ComparedSide("b" * 40, "the working tree", "uncommitted changes", dirty=True)
    values = {
        "status": 1, "headline": "RED: 1 regressed", "tolerance": 0.05, "error": 0.01, "most": 15, "seconds": 12.3,
        "environment": "i7 · CPython 3.11", "command": "regress ab main", "version": "1", **given,
    }  # fmt: skip
    return Trial(base, head, confirmations, **values)


SAMPLE = trial(
    found("test_a.py::test_same", Outcome.UNCHANGED),
    found("test_a.py::test_slow", Outcome.REGRESSED, 0.12, 0.06, 0.18),
    found("test_a.py::test_gone", Outcome.FAILED, math.nan, math.nan, math.nan, "on the head, not on the base: boom"),
    found("test_a.py::test_early", Outcome.INCONCLUSIVE, 0.01, -math.inf, 0.08),
    warnings=("the head is the working tree",),
)


def test_the_plot_on_a_terminal():
    lines = FORMATS["text"](SAMPLE).splitlines()
    assert lines[0] == "RED: 1 regressed"
    assert lines[2:4] == ["base  main aaaaaaaaaa The base", "head  the working tree uncommitted changes"]
    assert lines[6:11] == [
        "                                                 -15.3%         0         +18.0%",
        "test_a.py::test_slow        regressed     +12.0%            ┊   │   ┊├────●────┤",
        "test_a.py::test_gone        failed             -            ┊   │   ┊",
        "test_a.py::test_early       inconclusive   +1.0% ‹───────────────●─────┤",
        "test_a.py::test_same        unchanged        ~0%            ┊ ├─●─┤ ┊",
    ]
    assert all(len(line) <= 80 for line in lines)
    assert "    on the head, not on the base: boom" in lines
    assert "warning: the head is the working tree" in lines
    assert lines[-1] == "repeat: regress ab main"
    assert "unchanged: " not in "\n".join(lines)


def drawn(axis, lo, change, hi):
    return axis.draw(found("x", Outcome.UNCHANGED, change, lo, hi))


def test_marks_stand_where_they_belong():
    axis = Axis(math.log(2), 0.0)
    assert drawn(axis, -0.5, 0.0, 1.0) == "├──────────────●──────────────┤"
    assert drawn(axis, -0.9, -0.9, 5.0) == "‹─────────────────────────────›"
    assert drawn(axis, -math.inf, 0.0, math.inf) == "‹──────────────●──────────────›"
    assert drawn(axis, -0.9, -0.8, -0.7) == "‹              │"
    assert drawn(axis, math.nan, math.nan, math.nan).strip() == "│"
    assert drawn(axis, 2.0, 3.0, 4.0) == "               │              ›"


@given(st.lists(st.floats(-1, 100), min_size=3, max_size=3), st.floats(0, 1), st.floats(0.02, 0.7))
def test_no_line_is_wider_than_the_axis(values, tolerance, most):
    lo, change, hi = sorted(values)
    line = drawn(Axis(most, tolerance), lo, change, hi)
    assert len(line) <= 31
    assert line.count("●") <= 1


def test_a_wide_interval_does_not_squeeze_the_others():
    wide = Axis.of([found("a", Outcome.REGRESSED, 20.0, 10.0, 30.0)], 0.05)
    assert wide.most == pytest.approx(math.log(2))
    assert Axis.of([found("a", Outcome.UNCHANGED, 0.0, 0.0, 0.0)], 0.0).most == pytest.approx(0.02)


@given(st.text(min_size=1), st.integers(2, 30))
def test_names_fill_their_column(name, width):
    assert len(short(name, width)) == width


def test_names_keep_their_end():
    assert short("tests/very/deep/test_x.py::test_y[10]", 18) == "…_x.py::test_y[10]"
    assert short("test_y", 8) == "test_y  "


def test_json_has_every_pair_and_no_bare_nan():
    document = json.loads(FORMATS["json"](SAMPLE), parse_constant=pytest.fail)
    assert document["schema"] == 1
    assert document["head"] == {
        "name": "the working tree", "commit": "b" * 40, "subject": "uncommitted changes", "uncommitted": True,
    }  # fmt: skip
    first = document["benchmarks"][0]
    assert (first["benchmark"], first["outcome"], first["base"]) == ("test_a.py::test_slow", "regressed", [1e-3, 2e-3])
    assert document["benchmarks"][1]["change"] is None
    assert document["benchmarks"][2]["lo"] is None


def test_markdown_shows_what_matters_and_escapes():
    text = FORMATS["markdown"](trial(found("t::x[a|b]", Outcome.REGRESSED, 0.5), found("t::y", Outcome.UNCHANGED)))
    assert "| regressed |" in text
    assert "t::y" not in text
    assert "1 regressed, 1 unchanged." in text
    table = [line for line in text.splitlines() if line.startswith("| regressed")]
    assert table[0].replace("\\|", "").count("|") == 6


def test_nothing_to_draw_is_no_fault():
    for draw in FORMATS.values():
        assert draw(trial(headline="NOTHING COMPARED", status=3))


def test_foreign_names_do_not_drive_the_terminal():
    assert "\x1b" not in FORMATS["text"](trial(found("a\x1b[31m", Outcome.REGRESSED, 0.1)))
