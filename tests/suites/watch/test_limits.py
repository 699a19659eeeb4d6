"""Limits while they are judged, and the file of samples."""

import csv
import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.errors import UsageError
from regress.model import BudgetState
from regress.suites.watch import COLUMNS, CsvFile, Gauge, Sample, guards

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def samples(values, name="rss"):
    return [Sample(NOW + timedelta(seconds=i), float(i), **{name: value}) for i, value in enumerate(values)]


def events(guard, taken):
    return [event for sample in taken if (event := guard.see(sample))]


def test_said_once_when_broken_and_once_when_kept_again():
    (guard,) = guards(["rss < 100 B"])
    said = events(guard, samples([50, 100, 150, 120, 99, 10]))
    assert [(e.broken, e.seconds, e.value, e.lasted) for e in said] == [(True, 1, 100, 0), (False, 4, 99, 3)]
    kept = guard.kept()
    assert (kept.state, kept.times, kept.seconds, kept.worst) == (BudgetState.BREACHED, 1, 3.0, 150)


def test_one_that_is_broken_to_the_end_counts_until_then():
    (guard,) = guards(["load < 4"])
    assert len(events(guard, samples([1, 5, 6, 7], "load"))) == 1
    assert guard.kept().seconds == 2.0


def test_a_gap_leaves_things_as_they_were():
    (guard,) = guards(["rss < 100 B"])
    assert len(events(guard, samples([150, None, 150, None]))) == 1


def test_a_lower_limit_is_worst_at_its_lowest():
    (guard,) = guards(["free > 10"], ["free"])
    taken = [Sample(NOW, float(i), gauges=(Gauge("free", v),)) for i, v in enumerate([30.0, 12.0, 20.0])]
    assert events(guard, taken) == []
    assert (guard.kept().state, guard.kept().worst) == (BudgetState.MET, 12.0)


def test_what_was_never_seen_is_not_judged():
    (guard,) = guards(["queue < 5"], ["queue"])
    events(guard, samples([1, 2]))
    assert guard.kept().state is BudgetState.UNJUDGED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cpux < 1", "there is no figure 'cpux'"),
        ("rss < 3 s", "rss is in B, the limit is in s"),
        ("cpu < 70 MB", "cpu is in a share or a number"),
        ("rss", "is not a limit"),
        ("rss < much", "is not a number"),
    ],
)
def test_a_limit_that_could_never_be_judged_is_refused(text, words):
    with pytest.raises(UsageError, match=words):
        guards([text])


def test_the_limits_of_the_manual():
    texts = ["cpu < 70%", "rss < 1 GB", "machine_memory < 90%", "disk < 90%", "load < 4", "queue < 1000"]
    assert [g.limit.value for g in guards(texts, ["queue"])] == pytest.approx([0.7, 1e9, 0.9, 0.9, 4, 1000])


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 200)), max_size=40))
def test_events_come_in_turns(values):
    (guard,) = guards(["rss < 100 B"])
    said = events(guard, samples(values))
    assert [e.broken for e in said] == [i % 2 == 0 for i in range(len(said))]
    kept = guard.kept()
    assert (kept.state is BudgetState.BREACHED) == any(v is not None and v >= 100 for v in values)


def test_a_row_a_sample_with_what_is_not_known_left_empty(tmp_path):
    path = tmp_path / "samples.csv"
    with CsvFile(path, ["queue"]) as table:
        table.write(Sample(NOW, 0.0, rss=1e9))
        table.write(Sample(NOW, 0.5, rss=123456789.0, cpu=0.123456789, gauges=(Gauge("queue", 4.5),)))
        # Not closed yet: what is there must be there.
        lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["time", "seconds", *COLUMNS, "queue"]
    assert rows[0] == dict.fromkeys(rows[0], "") | {
        "time": "2026-01-01T00:00:00.000+00:00", "seconds": "0.000", "rss": "1000000000"
    }  # fmt: skip
    assert (rows[1]["rss"], rows[1]["cpu"], rows[1]["queue"]) == ("123456789", "0.123457", "4.5")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_said(tmp_path):
    with pytest.raises(UsageError, match="No space left"):
        CsvFile(tmp_path.joinpath("/dev/full"))
