"""The summary of a run as a page: what failed and why is told first, and foreign text is text."""

from __future__ import annotations

from regress.model import Course, Direction, Failure, Metric, RunSummary, Slow, SuiteState, SuiteSummary
from regress.site.run_report import MOST_FAILURES, run_page, view

EVIL = "<script>alert(1)</script>"
MEMORY = Metric("rss_peak", "B", Direction.LOWER)


def a_summary() -> RunSummary:
    failures = tuple(Failure(f"test_{i}{EVIL}", "assertion", EVIL) for i in range(MOST_FAILURES + 3))
    broken = SuiteSummary(
        "load", "command", SuiteState.FAILED, phase="last", reason="23 failed", seconds=125.0, runs=1, benchmarks=4,
        failures=failures, slowest=(Slow(f"test_slow{EVIL}", 2.5, 0.25),), figures=(("load", MEMORY, 2.0**30),),
        courses=(Course(f"load{EVIL}", f"queue{EVIL}", "1", (0.0, 1.0), (3.0, 5.0), 3.0, 4.0, 5.0, 2),), repeat=2,
        warnings=("the machine was busy",),
    )  # fmt: skip
    skipped = SuiteSummary("other", "asv", SuiteState.SKIPPED, reason="the variable TOKEN is not set")
    return RunSummary(
        "c" * 40, EVIL, (broken, skipped), 1, "FAILED: 1 of 2 suites", seconds=130.0, branch="main", project=EVIL,
        not_run=("a suite that was not selected",), warnings=("mind this",),
    )  # fmt: skip


def test_what_failed_is_told_with_its_reason_and_the_rest_is_counted():
    page = view(a_summary())
    assert (page.word, page.tone) == ("Failed", "bad")
    load, other = page.suites
    assert len(load.failures) == MOST_FAILURES
    assert load.left == 3
    assert load.badge.word == "Failed"
    assert ("time", "2 min 5 s") in load.facts
    assert [(one.name, one.metric, one.value) for one in load.figures] == [("load", "rss peak", "1 GiB")]
    assert [(one.time, one.share) for one in load.slowest] == [("2.50 s", "25%")]
    (group,) = load.sampled
    assert [picture.words for picture in group.pictures] == ["3 to 5, mean 4"]
    assert (load.of_last, other.sampled) == ("of the last run", ())
    assert (other.badge.word, other.facts) == ("Skipped", (("kind", "asv"),))
    assert page.warnings == ("mind this", "load: the machine was busy")


def test_the_page_stands_alone_and_runs_nothing():
    drawn = run_page(a_summary())
    assert "<script" not in drawn
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawn
    assert "http://" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert '<link rel="stylesheet"' not in drawn
    assert drawn == run_page(a_summary())
