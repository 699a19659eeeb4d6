"""Test times of JUnit XML: what pytest wrote, other runners' habits, and everything that may be wrong with XML."""

from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.formats import FORMATS, Document, ReadOptions, source_digest
from regress.model import TIME

from .samples import TESTDATA, document, fault, figures, gaps, only, read_all
from .test_read import SPOILED

REAL = TESTDATA / "junit" / "pytest-9.2.0"


def case(name="test_a", classname="tests.test_x", time="0.010", inside="", **said):
    words = {"classname": classname, "name": name, "time": time} | said
    attributes = " ".join(f"{key}={quoteattr(value)}" for key, value in words.items() if value is not None)
    return f"<testcase {attributes}>{inside}</testcase>"


def suite(*cases, name="pytest", **said):
    words = {"name": name, "timestamp": "2024-01-02T05:04:05+02:00", "hostname": "box-1", "time": "2.5"} | said
    attributes = " ".join(f"{key}={quoteattr(value)}" for key, value in words.items())
    return f"<testsuite {attributes}>{''.join(cases)}</testsuite>"


def xml(*suites):
    return document(f'<?xml version="1.0" encoding="utf-8"?><testsuites>{"".join(suites)}</testsuites>'.encode())


def names(*suites):
    return [key.benchmark.full for key in only(xml(*suites)).columns.keys]


@pytest.mark.parametrize("name", ["xunit1.xml", "xunit2.xml"])
def test_every_real_file_is_read_whole(name):
    item = Document.of(REAL / name)
    run = only(item)
    assert [each for each in FORMATS if FORMATS[each].detect(item) >= 0.5] == ["junit"]
    assert item.data.count(b"<testcase ") == 15  # 13 tests; two of them stand there twice
    times = {name: rows["time"] for name, rows in figures(run).items()}
    assert times == {
        "tests/test_a.py::test_quick": {"value": 0.0},
        "tests/test_a.py::test_slow": {"value": 0.012 if name == "xunit1.xml" else 0.013},
        "tests/test_a.py::test_many[a]": {"value": 0.002},
        "tests/test_a.py::test_many[b::[c]]": {"value": 0.002},
        "tests/test_a.py::TestThing::test_in_class": {"value": 0.003},
        "tests/test_a.py::TestThing::TestInner::test_deep": {"value": 0.0},
        "tests/test_a.py::test_flaky": {"value": 0.002},
    }
    assert gaps(run) == {
        "tests/test_a.py::test_fails": "failed",
        "tests/test_a.py::test_skipped": "skipped",
        "tests/test_a.py::test_xfail": "skipped",
        "tests/test_a.py::test_error": "failed",
        "tests/test_a.py::test_late": "failed",
        "tests/test_a.py::test_late_fail": "failed",
    }
    reasons = {gap.key.benchmark.name.rpartition("::")[2]: gap.reason for gap in run.gaps}
    assert reasons["test_fails"] == "AssertionError: not equal"
    assert reasons["test_skipped"] == "not today"
    many = next(key.benchmark for key in run.columns.keys if key.benchmark.variant == "[b::[c]]")
    assert (many.suite, many.name) == ("junit", "tests/test_a.py::test_many")
    assert run.columns.keys[0].metric == TIME
    assert (run.environment.host, run.source.tool, run.commit) == ("box", "pytest", "")
    assert run.started_at.date() == datetime(2026, 11, 21, tzinfo=UTC).date()
    assert run.warnings == ("2 tests stand more than once in the file, and the last of each is taken",)
    assert only(Document.of(REAL / name)).digest() == run.digest()


def test_a_suite_may_be_the_root():
    run = only(document(suite(case()).encode()))
    assert list(figures(run)) == ["tests/test_x.py::test_a"]
    assert run.started_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert run.ended_at == datetime(2024, 1, 2, 3, 4, 7, 500000, tzinfo=UTC)
    assert only(document(suite(case()).encode()), suite="unit").columns.keys[0].benchmark.suite == "unit"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({}, "tests/test_x.py::test_a"),
        ({"file": "tests/test_x.py"}, "tests/test_x.py::test_a"),
        ({"file": "tests\\test_x.py"}, "tests/test_x.py::test_a"),
        ({"file": "tests/test_x.py", "classname": "tests.test_x.Odd.Inner"}, "tests/test_x.py::Odd::Inner::test_a"),
        ({"file": "conftest.py"}, "tests/test_x.py::test_a"),  # of a test that is inherited: not where it was found
        ({"classname": "TestX"}, "TestX.py::test_a"),
        ({"classname": "a.TestX.Inner"}, "a.py::TestX::Inner::test_a"),
        ({"classname": "", "name": "tests.test_broken"}, "tests.test_broken"),
        ({"classname": None}, "test_a"),
        ({"name": "test_a[1-[x]]"}, "tests/test_x.py::test_a[1-[x]]"),
        ({"name": "[x]"}, "tests/test_x.py::[x]"),
        ({"name": "test_a[<f at 0x7fa3>]"}, "tests/test_x.py::test_a[<f at 0x…>]"),
    ],
)
def test_names_are_those_of_pytest(said, name):
    assert names(suite(case(**said))) == [name]


def test_names_of_other_runners():
    assert names(suite(case("adds", "com.acme.TestSum"), name="com.acme.TestSum")) == ["com.acme.TestSum::adds"]
    assert names(suite(case("adds 1", "sum", file="/src/sum.test.js"), name="jest")) == ["sum::adds 1"]
    assert only(xml(suite(case(), name="jest"))).source.tool == ""


@pytest.mark.parametrize(
    ("time", "value"),
    [
        ("0.010", 0.01),
        ("1", 1.0),
        (" 2. ", 2.0),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("1,234.5", 1234.5),
        ("12,345,678.9", 12345678.9),
    ],
)
def test_times(time, value):
    assert figures(only(xml(suite(case(time=time)))))["tests/test_x.py::test_a"]["time"] == {"value": value}


@pytest.mark.parametrize("time", [None, "", "0,013", "0,013.5", "1,234", "nan", "-1", "inf", "1e999", "soon"])
def test_a_case_without_a_time_is_a_gap(time):
    assert gaps(only(xml(suite(case(time=time))))) == {"tests/test_x.py::test_a": "skipped"}


def test_outcomes():
    def outcome(inside):
        (gap,) = only(xml(suite(case(inside=inside)))).gaps
        return gap.status, gap.reason

    assert outcome('<failure message="a&#10;b">text</failure>') == ("failed", "a")
    assert outcome('<error type="E"/>') == ("failed", "E")
    assert outcome("<skipped/>") == ("skipped", "<skipped>")
    assert outcome('<skipped message="s"/><error message="e"/>') == ("failed", "e")
    assert outcome('<error message="e"/><skipped message="s"/>') == ("failed", "e")
    assert len(outcome(f'<error message="{"e" * 9999}"/>')[1]) == 120
    assert not only(xml(suite(case(inside="<system-out><failure/></system-out><properties/>")))).gaps


def test_of_a_test_that_ran_again_the_last_counts():
    fails = case(inside='<failure message="no"/>')
    assert figures(only(xml(suite(fails, case(time="0.5")))))["tests/test_x.py::test_a"]["time"] == {"value": 0.5}
    assert gaps(only(xml(suite(case(), fails)))) == {"tests/test_x.py::test_a": "failed"}
    assert "1 tests stand more than once" in only(xml(suite(case(), case()))).warnings[0]


def test_the_same_name_in_two_suites_is_a_fault():
    (run,), (bad,) = read_all(xml(suite(case(time="1")), suite(case(time="2"))))
    assert "another test suite" in bad.what
    assert figures(run)["tests/test_x.py::test_a"]["time"] == {"value": 1.0}


def test_suites_in_suites():
    inner = suite(case("b"), name="jest", timestamp="2024-01-01T00:00:00")
    run = only(xml(suite(inner, case("a"))))
    assert list(figures(run)) == ["tests.test_x::b", "tests/test_x.py::a"]
    assert run.started_at == datetime(2024, 1, 1, tzinfo=UTC)  # the earliest; without an offset it is UTC


def test_a_case_without_a_name_is_a_fault():
    (run,), (bad,) = read_all(xml(suite(case(name=None), case())))
    assert "no name" in bad.what
    assert len(run.columns) == 1


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{LAUGHS}<testsuites>&c;</testsuites>", "document type"),
        ('<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><testsuite>&x;</testsuite>', "document type"),
        ('<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd"><testsuite/>', "document type"),
        ("<testsuite>&x;</testsuite>", "undefined entity"),
        ("<testsuites>" + "<testsuite>" * 70 + "</testsuite>" * 70 + "</testsuites>", "nested too deep"),
        ("<testsuites>" + "<a>" * 1_000_000, "nested too deep"),
        ("<html><testsuite/></html>", "holds <html>"),
        ("<testsuites/>", "no test cases"),
        ("<testsuite><testcase></testsuite>", "not XML"),
        ("<testsuite/><testsuite/>", "not XML"),
        ('<testsuite a="1" a="2"/>', "not XML"),
        ("<testsuite>\x01</testsuite>", "not XML"),
        ('<?xml version="1.0" encoding="klingon"?><testsuite/>', "unknown encoding"),
        ('<?xml version="1.0" encoding="hex"?><testsuite/>', "cannot be decoded"),
        ('<?xml version="1.0" encoding="shift_jis"?><testsuite/>', "cannot be decoded"),
        ("<testsuite", "cut short"),
        ("<testsuite><![CDATA[x", "cut short"),
        ("", "is empty"),
    ],
)
def test_bad_xml_says_why(text, words):
    assert words in fault(document(text.encode()), format="junit").what


def test_encodings():
    text = suite(case("test_é"))
    for encoding in ("latin-1", "utf-16", "utf-8-sig", "windows-1252"):
        declared = encoding.removesuffix("-sig")
        raw = f'<?xml version="1.0" encoding="{declared}"?>{text}'.encode(encoding)
        assert list(figures(only(document(raw), format="junit"))) == ["tests/test_x.py::test_é"]


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_no_result_is_one_fault(name):
    assert fault(document(SPOILED[name]), format="junit")


def test_it_is_cut_anywhere():
    raw = (REAL / "xunit1.xml").read_bytes().rstrip()
    for cut in range(len(raw)):
        assert fault(document(raw[:cut]), format="junit")
    for cut in range(70, len(raw), 5):
        assert "cut short" in fault(document(raw[:cut])).what


SMALL = xml(suite(case("a", file="tests/test_x.py"), case("b[1]", inside='<skipped message="m"/>'))).data
pieces = st.sampled_from([SMALL[at : at + size] for at in range(0, len(SMALL), 9) for size in (1, 7, 40)])


@given(st.lists(st.tuples(st.integers(0, len(SMALL)), st.integers(0, 30), pieces | st.binary(max_size=9)), max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise(edits):
    raw = SMALL
    for at, size, piece in edits:
        raw = raw[:at] + piece + raw[at + size :]
    read_all(document(raw), format="junit")


words = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(st.sampled_from(["classname", "name", "time", "file"]), words), words, words)
@settings(max_examples=300, deadline=None)
def test_no_attributes_raise(said, name, timestamp):
    read_all(xml(suite(case(**said), case(**said), name=name, timestamp=timestamp, time=timestamp)), format="junit")


def test_overrides_and_digests():
    item = xml(suite(case()))
    run = only(item, commit="f" * 40, machine="big")
    assert (run.commit, dict(run.environment.key)) == ("f" * 40, {"machine": "big"})
    assert source_digest(item, ReadOptions(suite="a")) != source_digest(item)
