"""The summary of a run as JUnit XML: what failed, what was skipped and why, the targets; the counts are right."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.model import Budget, BudgetResult, BudgetState, Failure, RunSummary, SuiteState, SuiteSummary
from regress.model.written import limit
from regress.report.summary_formats import FILES, SUMMARY_FORMATS
from tests.factories import ENVIRONMENT, make_key

from .test_junit import checked, kinds


def a_summary(*suites, status=1, targets=(), **fields):
    return RunSummary("c" * 40, "A subject", suites, status, "FAILED: 1 of 2 suites", targets=targets, **fields)


def drawn(summary):
    return checked(SUMMARY_FORMATS["junit"](summary))


def a_suite(name, state, *failures, **fields):
    told = [Failure(name, trouble, f"{trouble} it was") for name, trouble in failures]
    return SuiteSummary(name, "command", state, failures=told, **fields)


def test_each_state_of_a_suite_is_what_a_ci_server_calls_it():
    suites = [
        a_suite("good", SuiteState.PASSED, seconds=1.5, runs=1, benchmarks=3),
        a_suite("needy", SuiteState.SKIPPED, reason="the variable TOKEN is not set"),
        a_suite("crashed", SuiteState.FAILED, ("", "crash"), reason="crash: SIGSEGV", log="x.log", phase="load"),
        a_suite("known", SuiteState.EXPECTED, ("", "failed"), ("b", "assertion"), reason="failed: status 1"),
        a_suite("stopped", SuiteState.INTERRUPTED),
    ]
    root = drawn(a_summary(*suites, seconds=12.25, created_at="2026-03-01T12:00:00+02:00", not_run=("other: no",)))
    found = {suite.get("name"): suite for suite in root}
    assert {name: kinds(suite) for name, suite in found.items()} == {
        "good": {"the suite": ["system-out"]}, "needy": {"the suite": ["skipped"]},
        "crashed": {"the suite": ["error"]}, "known": {"the suite": ["skipped"], "b": ["skipped"]},
        "stopped": {"the suite": ["error"]}, "regress": {"the whole": ["system-out"]},
    }  # fmt: skip
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("time")) == ("7", "0", "2", "12.250")
    assert found["good"].get("time") == found["good"][-1].get("time") == "1.500"
    assert found["good"].get("timestamp") == "2026-03-01T10:00:00"
    assert found["good"].find(".//system-out").text == "3 benchmarks in 1 run"
    assert found["needy"].find(".//skipped").get("message") == "the variable TOKEN is not set"
    error = found["crashed"].find(".//error")
    assert (error.get("type"), error.get("message")) == ("crash", "crash: SIGSEGV")
    assert "x.log" in error.text
    assert {each.get("name"): each.get("value") for each in found["crashed"].iter("property")} == {
        "phase": "load", "kind": "command",
    }  # fmt: skip
    said = [each.get("message") for each in found["known"].iter("skipped")]
    assert said == ["failed as expected: failed: status 1", "failed as expected: assertion: assertion it was"]
    assert "not run: other: no" in found["regress"].find(".//system-out").text


TROUBLES = {
    "assertion": "failure", "failed": "failure", "import": "error", "connection": "error", "timeout": "error",
    "crash": "error", "server": "error", "missing": "error", "unreadable": "error", "proof": "error", "build": "error",
}  # fmt: skip


@pytest.mark.parametrize(("trouble", "kind"), TROUBLES.items())
def test_a_benchmark_that_failed_is_a_case_by_its_trouble(trouble, kind):
    name = "tests/test_x.py::test_y[1]"
    suite = a_suite("load", SuiteState.FAILED, (name, trouble), reason="1 failed", failed=1, runs=1)
    root = drawn(a_summary(suite))
    assert kinds(root) == {"the suite": ["failure"], name: [kind], "the whole": ["system-out"]}
    case = next(case for case in root.iter("testcase") if case.get("name") == name)
    assert case.get("classname") == "load.tests.test_x"
    assert (case[0].get("type"), case[0].get("message")) == (trouble, f"{trouble}: {trouble} it was")


def test_several_troubles_of_one_benchmark_are_one_case_and_the_worst_leads():
    suite = a_suite("load", SuiteState.FAILED, ("a", "assertion"), ("a", "timeout"), ("b", "failed"), reason="2 failed")
    root = drawn(a_summary(suite))
    assert kinds(root)["a"] == ["error"]
    error = root.find(".//error")
    assert error.get("type") == "timeout"
    assert error.text == "assertion: assertion it was\ntimeout: timeout it was"
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "2", "1")


def test_targets_are_cases():
    rule = limit("p95 < 150ms")
    states = {
        BudgetState.BREACHED: True, BudgetState.WARNED: False, BudgetState.MET: False, BudgetState.UNJUDGED: False,
    }  # fmt: skip
    targets = [
        BudgetResult(Budget(), rule, make_key(f"b{state}"), ENVIRONMENT, "p95", state, 0.1, 0.3, 200.0, "why", failing)
        for state, failing in states.items()
    ]
    targets.append(BudgetResult(Budget(), rule, None, None, "", BudgetState.UNJUDGED, math.nan, reason="fits nothing"))
    root = drawn(a_summary(a_suite("s", SuiteState.PASSED), targets=targets))
    suite = next(suite for suite in root if suite.get("name") == "targets")
    assert sorted(tag for children in kinds(suite).values() for tag in children) == [
        "failure", "skipped", "skipped", "system-out",
    ]  # fmt: skip
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "1", "2")
    assert kinds(root)["the whole"] == ["system-out"], "the target explains the status"


def test_a_status_that_no_case_explains_is_a_failure_of_the_whole():
    root = drawn(a_summary(a_suite("s", SuiteState.SKIPPED, reason="why not"), status=3))
    failure = root.find(".//testcase[@name='the whole']/failure")
    assert failure.get("message") == "FAILED: 1 of 2 suites"
    assert "exit status 3" in failure.text


@given(st.text(), st.text())
@settings(max_examples=80, deadline=None)
def test_no_name_breaks_the_document(name, reason):
    suite = SuiteSummary(
        name, name, SuiteState.FAILED, phase=name, reason=reason, log=name, warnings=(reason,),
        failures=[Failure(name, "failed", reason), Failure(f"x{name}", name, reason)],
    )  # fmt: skip
    root = drawn(a_summary(suite, project=name, warnings=(reason,), not_run=(name,)))
    assert int(root.get("tests")) == (4 if name else 3)


def test_every_format_has_a_file():
    assert set(FILES) == set(SUMMARY_FORMATS)
