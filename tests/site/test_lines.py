"""Lines and axes: what is one line, where it breaks, and what its change is."""

import math

import numpy as np
import pytest

from regress.errors import UsageError
from regress.model import Direction, Kind, Metric, Outcome, Series
from regress.site.axis import Axes, newest
from regress.site.lines import Verdicts, line_of, lines_of
from regress.site.links import Links
from regress.site.wording import describe, worsening

from .factories import ENVIRONMENT, make_key, make_run, make_runs, make_series, make_verdict, steps

RATE = Metric("requests", "1/s", Direction.HIGHER, Kind.NOISY)


def axes_of(n=20, **more):
    return Axes(make_runs(n, **more), Links())


def one(values, *, verdicts=(), **more):
    (line,) = lines_of([make_series(make_key(**more), values)], axes_of(len(values)), Verdicts(verdicts))
    return line


def test_the_order_is_the_historys_and_not_that_of_ids_or_dates():
    runs = {i: make_run(10 - i, id_=i) for i in range(1, 6)}
    axis = Axes(runs, Links()).of(ENVIRONMENT, "asv")
    assert axis.place(np.array([1, 5, 99])).tolist() == [4, 0, -1]
    assert newest(runs.values()) is runs[1]


def test_runs_of_another_suite_are_no_gaps():
    runs = make_runs(6)
    runs[3] = make_run(3, suites=("pytest-benchmark",))
    values = [1.0, 1.0, math.nan, 1.0, 1.0, 1.0]
    (line,) = lines_of([make_series(make_key(), values)], Axes(runs, Links()), Verdicts([]))
    assert not line.breaks.any()


def test_several_runs_of_one_commit_are_one_point_their_median():
    runs = {i: make_run(1 if i < 4 else 2, id_=i) for i in range(1, 5)}
    (line,) = lines_of([make_series(make_key(), [1.0, 9.0, 2.0, 4.0])], Axes(runs, Links()), Verdicts([]))
    assert line.values.tolist() == [2.0, 4.0]


def test_versions_of_a_benchmark_are_one_line_with_a_cut():
    series = [make_series(make_key(version="b"), [3.0] * 5, first=6), make_series(make_key(version="a"), [1.0] * 5)]
    (line,) = lines_of(series, axes_of(10), Verdicts([]))
    assert line.values.tolist() == [1.0] * 5 + [3.0] * 5
    assert line.breaks.tolist() == [i == 4 for i in range(9)]
    assert [cut.position for cut in line.cuts] == [5]
    assert line.key.benchmark.version == "b"


def test_the_centre_is_chosen_point_by_point():
    stats = {"median": np.array([1.0, math.nan, math.nan]), "min": np.array([0.5, 0.6, math.inf])}
    series = Series(make_key(), ENVIRONMENT, np.array([1, 2, 3]), stats)
    line = line_of([series], axes_of(3).of(ENVIRONMENT, "asv"))
    assert line.values.tolist() == [1.0, 0.6]


def test_points_of_unknown_runs_are_left_out():
    assert lines_of([make_series(make_key(), [1.0], first=77)], axes_of(3), Verdicts([])) == []


def test_a_change_without_a_verdict_is_against_the_median_of_the_last_ten():
    line = one([100.0] * 5 + [1.0] * 8 + [0.5, 1.1, 1.2])
    change = line.change()
    assert (change.percent, change.word, change.tone) == ("+20.0%", "slower", "warn")
    assert line.badge().word == ""


def test_a_change_within_what_was_seen_lately_has_no_tone():
    assert one([1.0, 1.3] * 5 + [1.0] * 3 + [1.2]).change().tone == "quiet"


def test_a_change_with_a_verdict_is_the_verdicts():
    verdict = make_verdict(make_key(), 1.0, 1.5, Outcome.REGRESSED)
    line = one([1.0] * 9 + [1.1], verdicts=[verdict])
    assert (line.change().percent, line.change().tone, line.badge().word) == ("+50.0%", "bad", "Regressed")


def test_a_verdict_on_another_version_still_belongs_to_the_series():
    verdict = make_verdict(make_key(version="2"), 1.0, 1.5, Outcome.REGRESSED)
    assert one([1.0, 1.5], verdicts=[verdict], version="1").verdict is verdict


def test_a_benchmark_that_was_not_measured_lately_has_no_change():
    (line,) = lines_of([make_series(make_key(), [1.0, 2.0])], axes_of(5), Verdicts([]))
    assert line.change().percent == ""
    assert not line.current


def test_a_failure_on_the_newest_commit_is_said_without_a_verdict():
    series = make_series(make_key(), [1.0, 1.0, math.nan], gaps=[(3, "failed", "boom")])
    (line,) = lines_of([series], axes_of(3), Verdicts([]))
    assert line.badge().word == "Failed"
    skipped = make_series(make_key(), [1.0, 1.0, math.nan], gaps=[(3, "skipped", "")])
    assert lines_of([skipped], axes_of(3), Verdicts([]))[0].badge().word == ""


def test_a_base_of_zero():
    assert one([0.0, 0.0, 1.0]).change().percent == "+∞%"
    assert one([0.0, 0.0, 0.0]).change().word == "no change"


def test_rows_are_ordered_by_outcome_then_size():
    def line(name, values, outcome=None):
        verdicts = [make_verdict(make_key(name), values[0], values[-1], outcome)] if outcome else []
        return one(values, verdicts=verdicts, name=name)

    flat = [1.0] * 9
    lines = [
        line("e", [*flat, 1.01]),
        line("b", [*flat, 1.1], Outcome.REGRESSED),
        line("d", [*flat, 2.0], Outcome.UNCHANGED),
        line("c", [*flat, 0.2], Outcome.IMPROVED),
        line("a", [*flat, 1.5], Outcome.REGRESSED),
    ]
    assert [line.key.benchmark.name for line in sorted(lines, key=lambda line: line.rank())] == [
        "a",
        "b",
        "c",
        "d",
        "e",
    ]


@pytest.mark.parametrize(
    ("change", "metric", "words"),
    [
        (0.123, make_key().metric, "+12.3% slower"),
        (-0.5, make_key().metric, "−50.0% faster"),
        (0.0, make_key().metric, "~0% no change"),
        (-0.5, RATE, "−50.0% slower"),
        (1.0, Metric("peak_memory", "B", Direction.LOWER), "+100% larger"),
        (1.0, Metric("score", "1", Direction.HIGHER), "+100% better"),
        (-0.1, Metric("thing", "furlong"), "−10.0% lower"),
        (math.nan, RATE, " "),
    ],
)
def test_a_change_in_words(change, metric, words):
    told = describe(change, metric)
    assert f"{told.percent} {told.word}" == words


def test_doubling_and_halving_weigh_the_same():
    assert worsening(1.0, RATE) == pytest.approx(-worsening(-0.5, RATE))
    assert worsening(math.inf, make_key().metric) > worsening(1e6, make_key().metric)


@pytest.mark.parametrize("pattern", ["javascript:alert('{commit}')", "https://example.org/no-place", "//x/{commit}"])
def test_only_web_addresses_of_commits_are_links(pattern):
    with pytest.raises(UsageError, match="not an address of commits"):
        Links(pattern)


def test_a_commit_is_quoted_in_its_link():
    assert Links("https://e.org/{commit}").commit('a"/b') == "https://e.org/a%22%2Fb"
    assert Links("https://e.org/{commit}").commit("") == ""


def test_steps_of_the_factory():
    assert steps(4, (1, 1.0), (3, 2.0)).tolist() == [1, 1, 2, 2]
