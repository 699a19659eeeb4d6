"""Figures out of samples: means over time, slopes, busy machines."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.model import Direction
from regress.suites.watch import BUSY_SHARE, Gauge, Sample, Watched, apart, busy, figures, spreads

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sample(seconds, **fields):
    return Sample(NOW, seconds, **fields)


def values(samples, **options):
    return {metric.name: value for metric, value in figures(samples, **options)}


def test_no_sample_has_no_figure():
    assert figures([]) == []
    assert spreads([]) == []


def test_what_was_never_read_is_left_out():
    assert [m.name for m, _ in figures([sample(0, rss=5.0), sample(1)])] == ["rss_peak", "rss_mean"]


def test_a_mean_counts_how_long_a_figure_held():
    found = values([sample(0, rss=0.0), sample(9, rss=0.0), sample(10, rss=100.0)])
    assert found["rss_mean"] == pytest.approx(5)


def test_the_share_is_that_of_what_was_used_in_all():
    samples = [
        sample(0, cpu_time=0.0, cores=2.0),
        sample(1, cpu=0.9, cpu_one=1.8, cpu_time=1.8, cores=2.0),
        sample(4, cpu=0.0, cpu_one=0.0, cpu_time=2.0, cores=2.0),
    ]
    found = values(samples, one_core=True)
    assert found["cpu"] == pytest.approx(0.25)
    assert found["cpu_one"] == pytest.approx(0.5)
    assert found["cpu_max"] == 0.9
    assert "cpu_one" not in values(samples)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(2, 700))
def test_the_slope_of_a_line_is_its_own(slope, n):
    samples = [sample(i * 0.5, rss=1e12 + slope * i * 0.5) for i in range(n)]
    assert values(samples)["rss_slope"] == pytest.approx(slope, abs=1e-2)


def test_the_slope_is_not_moved_by_a_few_spikes():
    samples = [sample(i, rss=1e6 + 100 * i + (1e9 if i % 17 == 0 else 0)) for i in range(100)]
    assert values(samples)["rss_slope"] == pytest.approx(100, rel=0.2)


def test_the_increase_is_that_of_the_last_tenth_over_the_first():
    samples = [sample(i, rss=(50.0 if i < 8 else 500.0 if i < 95 else 80.0)) for i in range(101)]
    assert values(samples)["rss_increase"] == pytest.approx(30)


def test_less_is_better_of_what_costs():
    samples = [sample(0, rss=1.0, cpu_time=0.0), sample(1, rss=1.0, cpu_time=1.0, load=1.0)]
    ways = {metric.name: metric.direction for metric, _ in figures(samples)}
    assert ways["rss_peak"] is Direction.LOWER
    assert ways["load"] is Direction.UNKNOWN


def test_a_gauge_is_a_metric_and_a_gap_is_none():
    samples = [
        sample(0, gauges=(Gauge("queue", None, "no answer yet"),)),
        sample(1, gauges=(Gauge("queue", 10.0),)),
        sample(2, gauges=(Gauge("queue", 30.0),)),
        sample(3, gauges=(Gauge("queue", None, "it ended with 1"),)),
    ]
    assert values(samples) == {"queue": 20.0, "queue_max": 30.0}
    (spread,) = spreads(samples)
    assert (spread.low, spread.mean, spread.high, spread.n) == (10.0, 20.0, 30.0, 2)


@pytest.mark.parametrize(("share", "is_busy"), [(BUSY_SHARE - 0.01, False), (BUSY_SHARE + 0.01, True)])
def test_a_busy_machine_is_one_where_others_took_much(share, is_busy):
    reason = busy([sample(0, others_time=0.0), sample(10, others=share, others_time=share * 10)])
    assert bool(reason) is is_busy
    assert not is_busy or reason.startswith("others took 11% of the machine's cores")


def test_a_moment_is_too_short_to_call_a_machine_busy():
    assert busy([sample(0, others_time=0.0), sample(0.1, others_time=0.05)]) == ""


def test_what_is_watched_besides_is_nobody_elses():
    # Two cores. The server takes one of them all the time, and began 3 s earlier; another program takes a tenth of one.
    server = Watched(97.0, [sample(n, cpu_time=float(n)) for n in range(15)])
    suite = Watched(100.0, [sample(n + 0.5, others_time=0.55 * (n + 0.5)) for n in range(10)])
    assert busy(suite.samples)
    alone = apart(suite, [server], 2)
    assert [one.others_time for one in alone] == pytest.approx([0.05 * (n + 0.5) for n in range(10)])
    assert busy(alone) == ""
    assert apart(suite, [Watched(0.0, [])], 2) == list(suite.samples)


def test_a_tree_that_ended_before_took_nothing_since():
    ended = Watched(0.0, [sample(n, cpu_time=float(n)) for n in range(5)])
    suite = Watched(100.0, [sample(n, others_time=0.1 * n) for n in range(3)])
    assert [one.others_time for one in apart(suite, [ended], 2)] == pytest.approx([0.0, 0.1, 0.2])


def test_a_full_memory_is_busy():
    assert "97% full" in busy([sample(0, machine_memory=0.5), sample(2, machine_memory=0.97)])


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 10), st.floats(0, 1e12)), min_size=1, max_size=50))
def test_a_mean_lies_between_the_ends(steps):
    seconds, samples = 0.0, []
    for step, rss in steps:
        seconds += step
        samples.append(sample(seconds, rss=rss))
    found = values(samples)
    low, high = min(r for _, r in steps), max(r for _, r in steps)
    assert low * (1 - 1e-9) <= found["rss_mean"] <= high * (1 + 1e-9)
    assert found["rss_peak"] == high
