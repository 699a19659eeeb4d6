"""How stored keys are shown now: present names, and meanings that were given since."""

import numpy as np
import pytest

from regress.model import Benchmark, Direction, Key, Kind, Metric, MetricSpec, presented, presenter
from tests.factories import make_key, make_run

VAGUE = Metric("peak_kib")


def test_a_configuration_that_says_nothing_asks_nothing():
    assert presenter([], []) is None
    run = make_run()
    assert presented(run, None) is run


@pytest.mark.parametrize(
    ("old", "new", "stored", "shown"),
    [
        ("b.old", "b.new", "b.old(1)", "b.new(1)"),
        ("b.old(1)", "b.new(one)", "b.old(1)", "b.new(one)"),
        ("old.*", "new.*", "old.x[2]", "new.x[2]"),
        ("b.old", "b.new", "b.older", "b.older"),
    ],
)
def test_renames(old, new, stored, shown):
    key, factor = presenter([(old, new)], [])(make_key(stored, version="v1"))
    assert (key.benchmark.full, factor) == (shown, 1.0)
    assert key.benchmark.version == ("v1" if stored == shown else "")


@pytest.mark.parametrize(
    ("old", "new", "stored"),
    [("old.*", "new.*", "old.x[2]"), ("b.old(1)", "new.x[2]", "b.old(1)"), ("*.old[2]", "new.x[2]", "b.old[2]")],
)
def test_a_renamed_benchmark_is_the_one_that_is_measured_now(old, new, stored):
    shown = presenter([(old, new)], [])(make_key(stored)).key
    assert shown == make_key("new.x[2]"), "name and variant too, not the full name alone"


def test_the_brackets_of_a_folder_are_no_parameters():
    stored = Key(Benchmark("asv", "d[1]/old", "[2]"), VAGUE)
    shown = presenter([("d[1]/old[2]", "d[1]/new[2]")], [])(stored).key.benchmark
    assert (shown.name, shown.variant) == ("d[1]/new", "[2]")


def test_the_last_description_that_fits_wins_field_by_field():
    present = presenter([], [
        MetricSpec("*", direction=Direction.LOWER),
        MetricSpec("peak_*", unit="KiB", kind=Kind.EXACT),
        MetricSpec("b.rate", direction=Direction.HIGHER),
    ])  # fmt: skip
    key, factor = present(make_key("b.a", VAGUE))
    assert (key.metric.unit, key.metric.direction, key.metric.kind, factor) == (
        "B",
        Direction.LOWER,
        Kind.EXACT,
        1024.0,
    )
    assert present(make_key("b.rate(1)", Metric("value", "widgets"))).key.metric.direction is Direction.HIGHER


def test_what_a_tool_describes_itself_stays_as_it_is():
    present = presenter([], [MetricSpec("*", unit="KiB", direction=Direction.HIGHER)])
    assert present(make_key("b.a")).key.metric.direction is Direction.LOWER
    key, factor = present(make_key("b.a", Metric("value", "s")))
    assert (key.metric.unit, key.metric.direction, factor) == ("s", Direction.HIGHER, 1.0)


def test_a_run_from_a_file_is_shown_as_the_history_would():
    run = make_run("c1", {make_key("b.old", VAGUE): {"value": 2.0, "n": 3.0}}, gaps={make_key("b.old(9)"): "failed"})
    shown = presented(run, presenter([("b.old", "b.new")], [MetricSpec("peak_kib", "KiB")]))
    assert [key.benchmark.full for key in shown.columns.keys] == ["b.new"]
    assert np.array_equal(shown.columns.stats["value"], [2048.0])
    assert np.array_equal(shown.columns.stats["n"], [3.0])
    assert [gap.key.benchmark.full for gap in shown.gaps] == ["b.new(9)"]


def test_what_hangs_on_a_figure_is_in_its_unit_too():
    run = make_run(
        "c1", {make_key("b.old", VAGUE): 2.0}, samples={0: np.array([1.0, 3.0])}, quantiles={0: ((0.95, 3.0),)}
    )
    shown = presented(run, presenter([], [MetricSpec("peak_kib", "KiB")]))
    assert np.array_equal(shown.samples[0], [1024.0, 3072.0])
    assert shown.quantiles == {0: ((0.95, 3072.0),)}
