"""JUnit XML: well-formed whatever the names, counted right, and within the schema that CI servers read."""

import math
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.model import Budget, BudgetResult, BudgetState, Environment, Finding, Outcome
from regress.model.written import limit
from regress.report import RENDERERS, read
from tests.factories import ENVIRONMENT, make_key
from tests.report.test_report import report, verdict

#: What Jenkins' junit-10.xsd lets each element have: attributes it must, attributes it may, children.
SCHEMA = {
    "testsuites": ((), ("name", "time", "tests", "failures", "errors"), ("testsuite",)),
    "testsuite": (
        ("name", "tests", "failures", "errors"),
        ("time", "skipped", "timestamp", "hostname", "id", "package"),
        ("testsuite", "properties", "testcase", "system-out", "system-err"),
    ),
    "properties": ((), (), ("property",)),
    "property": (("name", "value"), (), ()),
    "testcase": (("name",), ("time", "classname"), ("skipped", "error", "failure", "system-out", "system-err")),
    "failure": ((), ("type", "message"), ()),
    "error": ((), ("type", "message"), ()),
    "skipped": ((), ("type", "message"), ()),
    "system-out": ((), (), ()),
}


def drawn(given_report):
    """A report's document, after a look at every element of it."""
    return checked(RENDERERS["junit"].render(given_report))


def checked(text):
    """The document, after a look at every element of it."""
    root = Xml.fromstring(text.encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        must, may, children = SCHEMA[element.tag]
        assert set(must) <= set(element.attrib) <= {*must, *may}, element.tag
        assert {child.tag for child in element} <= set(children), element.tag
        if element.tag in ("testsuites", "testsuite"):
            cases = list(element.iter("testcase"))
            assert int(element.get("tests")) == len(cases)
            for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                if element.get(name) is not None:
                    assert int(element.get(name)) == sum(case.find(tag) is not None for case in cases)
    return root


def kinds(root):
    """What became of each case, by its name."""
    return {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}


def test_each_outcome_is_what_a_ci_server_calls_it():
    verdicts = [
        verdict("red"),
        verdict("warned", failing=False),
        verdict("broken", Outcome.FAILED, candidate=math.nan, failing=True),
        verdict("broken_before", Outcome.FAILED, candidate=math.nan),
        verdict("gone", Outcome.MISSING, candidate=math.nan, failing=True),
        verdict("doubtful", Outcome.INCONCLUSIVE),
        verdict("other", Outcome.INCOMPARABLE),
        verdict("better", Outcome.IMPROVED, 2.0, 1.0),
        verdict("same", Outcome.UNCHANGED, 1.0, 1.01),
        verdict("fresh", Outcome.NEW, math.nan, 1.0),
        verdict("wanted", Outcome.ACCEPTED),
    ]
    root = drawn(report(*verdicts, warnings=()))
    assert kinds(root) == {
        "red · time": ["failure"], "warned · time": ["system-out"], "broken · time": ["error"],
        "broken_before · time": ["skipped"], "gone · time": ["failure"], "doubtful · time": ["skipped"],
        "other · time": ["skipped"], "better · time": [], "same · time": [], "fresh · time": [],
        "wanted · time": ["system-out"], "the whole": ["system-out"],
    }  # fmt: skip
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("12", "2", "1")
    failure = root.find(".//failure")
    assert failure.get("type") in ("regressed", "missing")
    red = next(c for c in root.iter("testcase") if c.get("name") == "red · time").find("failure")
    assert "+208% worse" in red.get("message")
    assert "rule: pyproject.toml:41" in red.text


def test_a_suite_in_an_environment_is_a_test_suite_and_a_file_is_a_class():
    other = replace(verdict("tests/test_x.py::test_y[1]"), failing=False)
    place = Environment.of({"machine": "m2"})
    moved = replace(other, comparison=replace(other.comparison, environment=place))
    root = drawn(report(verdict("tests/test_x.py::test_y[1]"), moved))
    assert [suite.get("name") for suite in root] == [
        "asv on box · CPython 3.11 · Linux x86_64",
        "asv on m2",
        "regress",
    ]
    assert root[0][0].get("classname") == "tests.test_x"


def test_a_status_that_no_case_explains_is_a_failure_of_the_whole():
    quiet = [verdict("a", Outcome.UNCHANGED, 1.0, 1.0)]
    for status, said in ((3, "TOO LITTLE COMPARED"), (5, "NOT JUDGED: 1")):
        root = drawn(report(*quiet, status=status, headline=said))
        whole = root.find(".//testcase[@name='the whole']/failure")
        assert (whole.get("message"), whole.get("type")) == (said, "status")
        assert f"exit status {status}" in whole.text
    finding = Finding(Outcome.REGRESSED, "asv", ENVIRONMENT, 0.12, 20, 22, "the whole of asv is worse", failing=True)
    root = drawn(report(*quiet, findings=[finding]))
    assert "the whole of asv is worse" in root.find(".//testcase[@name='the whole']/failure").text


def results():
    """One target in each state, and one that is about nothing."""
    rule = limit("p95 < 150ms")
    budget = Budget(benchmark="b*", limits=(rule,), requirement="SLA-3", origin="regress.toml:3")
    key = make_key("bench.sort")
    states = [
        (BudgetState.BREACHED, 0.2, -1 / 3, True), (BudgetState.WARNED, 0.149, 0.0067, False),
        (BudgetState.MET, 0.1, 1 / 3, False), (BudgetState.UNJUDGED, math.nan, math.nan, False),
    ]  # fmt: skip
    made = [
        BudgetResult(budget, rule, key, ENVIRONMENT, "p95", state, value, room, 200.0, "why", failing)
        for state, value, room, failing in states
    ]
    return [*made, BudgetResult(budget, rule, None, None, "", BudgetState.UNJUDGED, reason="matches nothing")]


def test_budgets_are_cases_too():
    root = drawn(report(verdict("a", Outcome.UNCHANGED, 1.0, 1.0), budgets=results()))
    suite = next(suite for suite in root if suite.get("name").startswith("budgets on"))
    assert [[child.tag for child in case] for case in suite] == [["failure"], ["skipped"], ["system-out"], []]
    failure = suite.find(".//failure")
    assert (failure.get("type"), failure.text) == ("breached", "budget: regress.toml:3\nSLA-3")
    assert "200 ms" in failure.get("message")
    assert next(s for s in root if s.get("name") == "budgets").get("skipped") == "1"
    assert [child.tag for child in root.find(".//testcase[@name='the whole']")] == ["system-out"]


@given(st.text(), st.text(), st.text())
@settings(max_examples=80, deadline=None)
def test_no_name_breaks_the_document(name, reason, subject):
    made = report(verdict(f"x{name}", reason=reason, hint=subject), warnings=(reason,), project=subject)
    root = drawn(made)
    assert root.get("tests") == "2"


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\ufffe", "]]>", "<&\"'>", "\x1b[31m", "a\nb"])
def test_what_xml_can_not_hold_is_replaced(text):
    root = drawn(report(verdict(f"bench.{text}")))
    name = next(case.get("name") for case in root.iter("testcase") if "bench" in case.get("name"))
    assert name.startswith("bench.")
    assert "\x00" not in name


def test_the_time_has_no_offset_and_is_in_utc():
    root = drawn(report(created_at="2026-03-01T12:00:00+02:00"))
    assert root[0].get("timestamp") == "2026-03-01T10:00:00"
    assert drawn(report(created_at=""))[0].get("timestamp")


def test_a_report_read_back_is_drawn_the_same():
    made = report(verdict("a"), budgets=results())
    again = read(RENDERERS["json"].render(made), "x.json")
    assert RENDERERS["junit"].render(again) == RENDERERS["junit"].render(made)
