"""The verdict line and the findings: silence is never green."""

import pytest

from regress.model import Benchmark, Key, Metric, Outcome
from regress.model.run import Direction
from regress.site.links import Links
from regress.site.overview import headline, overview
from regress.site.verdicts import opinion_of

from .factories import History, make_key, make_report, make_run, make_runs, make_verdict


def verdicts_of(*outcomes):
    return [make_verdict(make_key(f"b{i}"), 1.0, 1.5, outcome) for i, outcome in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("outcomes", "tone", "text"),
    [
        ((Outcome.REGRESSED, Outcome.UNCHANGED, Outcome.REGRESSED), "bad", "2 regressed"),
        ((Outcome.MISSING, Outcome.FAILED, Outcome.BREACHED), "bad", "1 budget breached, 1 failed, 1 missing"),
        ((Outcome.UNCHANGED, Outcome.IMPROVED), "good", "No regression among 2 comparisons"),
        ((Outcome.UNCHANGED,), "good", "No regression in 1 comparison"),
        ((Outcome.NEW,), "quiet", "First run recorded, nothing to compare with yet"),
        ((Outcome.INCOMPARABLE,), "warn", "Nothing could be judged"),
        ((), "quiet", "No verdict on the newest commit"),
    ],
)
def test_the_verdict_line(outcomes, tone, text):
    line = headline([make_report(verdicts_of(*outcomes))], make_run(1))
    assert (line.tone, line.text) == (tone, text)


def test_no_report_is_not_green():
    assert headline([], None).tone == "quiet"


def test_what_was_not_judged_is_said_beside_a_green_verdict():
    line = headline([make_report(verdicts_of(Outcome.UNCHANGED, Outcome.INCONCLUSIVE))], make_run(1))
    assert line.tone == "good"
    assert line.notes == ("Not judged: 1 of 2.",)


def test_a_verdict_on_an_older_commit_says_so():
    line = headline([make_report(verdicts_of(Outcome.UNCHANGED), make_run(1).commit)], make_run(2))
    assert make_run(2).commit[:10] in line.notes[0]


def test_warnings_and_what_was_not_run_are_told():
    report = make_report([], warnings=["the clone is shallow"], not_run=["asv on mini"])
    assert headline([report], make_run(1)).notes == ("the clone is shallow", "Not run: asv on mini")


def test_many_variants_of_one_benchmark_are_one_finding_led_by_the_worst():
    verdicts = [make_verdict(make_key(variant=f"({i})"), 1.0, 1.0 + i / 10, Outcome.REGRESSED) for i in range(1, 5)]
    page = overview(make_runs(1), [make_report(verdicts)], [], {}, Links())
    (finding,) = page.regressed
    assert finding.worst.variant == "(4)"
    assert [other.variant for other in finding.others] == ["(3)", "(2)", "(1)"]
    assert finding.href == ""


def test_the_worst_throughput_is_the_lowest():
    rate = Metric("requests", "1/s", Direction.HIGHER)
    verdicts = [
        make_verdict(Key(Benchmark("load", name), rate), 100.0, value, Outcome.REGRESSED)
        for name, value in (("a", 90.0), ("b", 20.0))
    ]
    page = overview(make_runs(1), [make_report(verdicts)], [], {}, Links())
    assert [finding.worst.name for finding in page.regressed] == ["b", "a"]


def test_an_opinion_states_its_proof():
    opinion = opinion_of(
        make_verdict(make_key(), 0.010, 0.0145, Outcome.REGRESSED, hint="measure again"), several=False
    )
    assert (opinion.base, opinion.candidate, opinion.change.percent) == ("10 ms", "14.5 ms", "+45.0%")
    proof = dict(opinion.proof)
    assert proof["Smallest visible change"] == "2.1% (12 earlier runs)"
    assert proof["Rule"] == "pyproject.toml:41"
    assert proof["Base"] == "10 ms · 5 runs · n = 50 · 9.90 ms to 10.1 ms"
    assert proof["What to do"] == "measure again"
    assert opinion.environment == ""


def test_a_missing_benchmark_has_no_candidate():
    opinion = opinion_of(make_verdict(make_key(), 1.0, float("nan"), Outcome.MISSING), several=True)
    assert (opinion.candidate, opinion.change.percent) == ("", "")
    assert opinion.environment


def test_an_empty_history():
    page = overview({}, [], [], {}, Links())
    assert page.commit is None
    assert page.counts == (("0", "runs"), ("0", "benchmarks"), ("0", "environments"))
    assert History(n=0).site().reports == []
