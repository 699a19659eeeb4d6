"""Baselines and reports: versions are added, nothing is overwritten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regress.errors import HistoryError
from regress.history import History
from regress.model import Baseline
from tests.factories import make_run, sha


def test_setting_a_name_again_adds_a_version(history: History) -> None:
    before = datetime.now(UTC)
    first = history.set_baseline("v1.0", ["a", "b", "a"], commit=sha("c1"), reason="release", author="Ada")
    second = history.set_baseline("v1.0", iter(["c"]), commit=sha("c2"), reason="measured again", author="Bo")
    history.set_baseline("other", ["d"], commit="", reason="", author="")
    assert (first.version, first.digests, first.commit, first.removed) == (1, ("a", "b"), sha("c1"), False)
    assert before <= first.created_at <= datetime.now(UTC)
    assert history.baseline("v1.0") == second
    assert history.baselines("v1.0") == [second, first]
    assert [baseline.name for baseline in history.baselines()] == ["other", "v1.0", "v1.0"]
    assert history.baseline("none") is None
    assert history.baselines("none") == []


def test_removing_a_name_keeps_its_versions(history: History) -> None:
    history.set_baseline("v1.0", ["a"], commit="c", reason="", author="Ada")
    removed = history.remove_baseline("v1.0", "Bo")
    assert isinstance(removed, Baseline)
    assert (removed.version, removed.removed, removed.author, removed.digests) == (2, True, "Bo", ())
    assert history.baseline("v1.0") is None
    assert [one.removed for one in history.baselines("v1.0")] == [True, False]
    with pytest.raises(HistoryError, match=r"no baseline 'v1\.0'"):
        history.remove_baseline("v1.0", "Bo")
    assert history.set_baseline("v1.0", ["b"], commit="c", reason="", author="Ada").version == 3
    with pytest.raises(HistoryError, match="no baseline 'never'"):
        history.remove_baseline("never", "Bo")


@pytest.mark.parametrize(("name", "digests"), [("", ["a"]), (" ", ["a"]), ("v1", [])])
def test_a_baseline_needs_a_name_and_runs(history: History, name: str, digests: list[str]) -> None:
    with pytest.raises(HistoryError, match="baseline"):
        history.set_baseline(name, digests, commit="c", reason="", author="")
    assert history.baselines() == []


def test_reports_come_back_newest_first(history: History) -> None:
    ids = [history.save_report(sha(f"c{n}"), "", "regressed", f'{{"n": {n}, "é": "\x00"}}') for n in range(3)]
    found = history.reports()
    assert [report.id for report in found] == ids[::-1]
    assert (found[0].candidate, found[0].baseline, found[0].outcome) == (sha("c2"), "", "regressed")
    assert found[0].text == '{"n": 2, "é": "\x00"}'
    assert [report.id for report in history.reports(limit=1)] == ids[-1:]
    assert found[0].created_at.tzinfo is not None


def test_stats_count_what_is_there(history: History) -> None:
    history.record(
        [make_run("c1", {"b.a": 1.0}, gaps={"b.b": "failed", "b.c": "skipped", "b.d": "skipped"}), make_run("c2")]
    )
    stats = dict(history.stats())
    assert stats.pop("bytes") > 0
    assert stats == {"runs": 2, "points": 2, "series": 5, "commits": 2, "failed": 1, "skipped": 2}
