"""Windows of a Locust run: the users, the steady part, drift, and recovery from a spike."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regress.formats.locust_csv import table_of
from regress.formats.locust_history import history_of, recovery, steady_parts

from .samples import document, figures, only, read_all
from .test_locust import ROW, TOTAL, run_of, statistics

HISTORY = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,100%,Total Request Count,Total Failure Count,"
    "Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,"
    "Total Average Content Size"
)


def history(*points: tuple[int, int, int, float] | tuple[int, int, int, float, float], full: bool = False) -> str:
    """Rows of (time, users, requests, mean in ms[, 95th percentile])."""
    lines = [HISTORY]
    for time, users, requests, mean, *p95 in points:
        for place in ("GET,/a", ",Aggregated") if full else (",Aggregated",):
            shown = p95[0] if p95 else 9
            lines.append(f"{time},{users},{place},1.0,0.0,5,{shown},99,{requests},0,5,{mean},1,99,100")
    return "\n".join(lines) + "\n"


def test_the_users_of_the_history_tell_loads_apart():
    few, many = (run_of(ROW, TOTAL, stats_history=history((100, users, 10, 5.0))) for users in (5, 50))
    assert set(figures(few)) == {"GET /a{users=5}", "Aggregated{users=5}"}
    assert set(figures(many)) == {"GET /a{users=50}", "Aggregated{users=50}"}
    assert dict(few.columns.keys[0].benchmark.params) == {"method": "GET", "users": "5"}


def steady_of(*points, full=False):
    return steady_parts(history_of(table_of(document(history(*points, full=full).encode()))))


def test_the_steady_part_leaves_the_warm_up_out():
    rising = [(100 + s, s, 10 * s, 100.0) for s in range(5)]
    # From 40 requests of 100 ms on: 100 more requests a second, of 10 ms each.
    steady = [(105 + s, 5, 40 + 100 * s, (4000 + 1000 * s) / (40 + 100 * s)) for s in range(10)]
    falling = [(115, 3, 950, 50.0)]
    found = steady_of(*rising, *steady, *falling)[("", "Aggregated")]
    assert (found.n, found.rate, found.success) == (900, 100.0, 1.0)
    assert found.mean == pytest.approx(0.010)
    assert found.drift == pytest.approx(1.0)


def test_a_longer_stretch_with_fewer_users_is_not_the_steady_part():
    calm = [(100 + s, 2, 10 * s, 5.0) for s in range(20)]
    full = [(120 + s, 5, 200 + 50 * s, 5.0) for s in range(8)]
    assert steady_of(*calm, *full)["", "Aggregated"].rate == 50.0


def test_a_leak_is_a_drift_above_one():
    times = [10.0 * (1 + second) for second in range(12)]  # each second 100 requests that take 10 ms more
    points = [(100 + s, 5, 100 * s, sum(times[:s]) / max(s, 1)) for s in range(13)]
    found = steady_of(*points, full=True)[("GET", "/a")]
    assert found.drift == pytest.approx(sum(times[8:]) / sum(times[:4]))


def test_what_is_too_short_has_no_steady_part():
    assert steady_of((100, 5, 0, 0.0), (104, 5, 400, 9.0)) == {}
    assert steady_of((100, 5, 0, 0.0), (109, 5, 9, 9.0)) == {}
    short = steady_of((100, 5, 0, 0.0), (102, 5, 40, 9.0), (104, 5, 60, 9.0), (106, 5, 100, 9.0))
    assert math.isnan(short["", "Aggregated"].drift)


def test_the_steady_part_begins_after_the_statistics_were_reset():
    before = [(100 + s, 5, 1000 + 10 * s, 50.0) for s in range(5)]
    after = [(105 + s, 5, 10 * s, 5.0) for s in range(10)]
    assert steady_of(*before, *after)["", "Aggregated"].mean == pytest.approx(0.005)


def spike(*after: float, before: float = 10.0, base: int = 2):
    """Two users for 8 s, eight for 4 s with a percentile of 90 ms, and two again, with these percentiles."""
    calm = [(100 + s, base, 10 * s, 5.0, before) for s in range(8)]
    loud = [(108 + s, 8, 80 + 40 * s, 5.0, 90.0) for s in range(4)]
    back = [(112 + s, 2, 250 + 10 * s, 5.0, p95) for s, p95 in enumerate(after)]
    return recovery(history_of(table_of(document(history(*calm, *loud, *back, full=True).encode()))))


def test_recovery_after_a_spike():
    assert spike(90.0, 90.0, 50.0, 12.0, 11.0) == 3
    assert spike(12.0, 12.0) == 0
    assert spike(90.0, 11.0, 90.0, 11.0, 11.0) == 3, "one quiet row alone is chance"
    assert spike(90.0, 90.0, 90.0) == math.inf
    assert spike(12.0) is None, "it ended too early to tell"
    assert spike(90.0, 11.0, 11.0, base=7) is None, "a seventh more users is no spike"


def test_a_spike_that_is_not_recovered_from_is_a_failed_cell():
    calm = [(100 + s, 2, 10 * s, 5.0, 10.0) for s in range(8)]
    rest = [(108 + s, 8 if s < 4 else 2, 80 + 10 * s, 5.0, 90.0) for s in range(9)]
    run = run_of(ROW, TOTAL, stats_history=history(*calm, *rest, full=True))
    (gap,) = run.gaps
    assert (gap.key.metric.name, gap.status, gap.key.benchmark.name) == ("recovery", "failed", "Aggregated")


def test_without_a_full_history_percentiles_are_cumulative_and_tell_no_recovery():
    points = [(100 + s, 8 if 8 <= s < 12 else 2, 10 * s, 5.0, 10.0) for s in range(20)]
    assert recovery(history_of(table_of(document(history(*points).encode())))) is None


def test_broken_rows_of_a_history_are_one_fault_and_a_torn_last_one_is_none():
    text = history(*[(100 + s, 5, 100 * s, 10.0) for s in range(10)])
    lines = text.splitlines()
    beside = {"run_stats_history.csv": "\n".join([*lines[:3], "1,2", "x" + lines[3], *lines[4:]]).encode()}
    (run,), (bad,) = read_all(document(statistics(ROW, TOTAL), beside, "run_stats.csv"))
    assert "2 rows of the history" in bad.what
    assert "line 4" in bad.what
    assert "Aggregated{users=5}" in figures(run)
    torn = {"run_stats_history.csv": text[:-9].encode()}
    assert only(document(statistics(ROW, TOTAL), torn, "run_stats.csv")).started_at


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 10**6), st.floats(0, 1e6)), max_size=30)
)
@settings(deadline=None)
def test_any_history_makes_a_run_that_holds(points):
    assume(points)
    run_of(ROW, TOTAL, stats_history=history(*points, full=True))
