"""Locust: real files of four versions, every variant of a row, files that break off, files beside the statistics."""

import csv
import io
import json
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regress.formats import FORMATS, Document, detect, documents, source_digest
from regress.formats.locust_json import entries_of_json
from regress.model import Direction

from .samples import TESTDATA, document, fault, figures, locust_request, only, read_all

REAL = TESTDATA / "locust"
VERSIONS = ["1.6.0", "2.0.0", "2.20.0", "2.47.0"]
HEADER = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%,99%,100%"
)
ROW = "GET,/a,10,1,5,6.5,4.25,9.75,100.0,2.0,0.2,5,9,10,10"
TOTAL = ",Aggregated,10,1,5,6.5,4.25,9.75,100.0,2.0,0.2,5,9,10,10"


def statistics(*rows: str, end: str = "\r\n") -> bytes:
    return "".join(row + end for row in (HEADER, *rows)).encode()


def run_of(*rows: str, **siblings: str):
    """The run of statistics, with files beside them: `stats_history`, `failures`, `exceptions`."""
    beside = {f"run_{name}.csv": text.encode() for name, text in siblings.items()}
    return only(document(statistics(*rows), beside, "out/run_stats.csv"))


@pytest.mark.parametrize("version", VERSIONS)
def test_all_of_a_real_run_comes_in(version):
    path = REAL / version / "run_stats.csv"
    written = list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))
    run = only(Document.of(path))
    found = figures(run)
    assert len(written) == len(found) == 6
    for row in written:
        place = f"{row['Type']} {row['Name']}".strip() + "{users=5}"
        time = found[place]["time"]
        assert time == {
            "median": pytest.approx(float(row["Median Response Time"]) / 1000),
            "mean": pytest.approx(float(row["Average Response Time"]) / 1000),
            "min": pytest.approx(float(row["Min Response Time"]) / 1000),
            "max": pytest.approx(float(row["Max Response Time"]) / 1000),
            "n": float(row["Request Count"]),
        }
        assert found[place]["requests"]["value"] == float(row["Requests/s"])
        assert found[place]["failures"]["value"] == float(row["Failures/s"])
        share = int(row["Failure Count"]) / int(row["Request Count"])
        assert found[place]["failure_share"]["value"] == share
        assert found[place]["success_rate"]["value"] == 1 - share
    assert sum(len(pairs) for pairs in run.quantiles.values()) == 6 * 10
    assert (run.commit, run.environment.key, run.source.tool) == ("", (), "locust")


def test_the_golden_values_of_a_real_run():
    run = only(Document.of(REAL / "2.47.0" / "run_stats.csv"))
    row = next(i for i, key in enumerate(run.columns.keys) if key.benchmark.name == "Aggregated")
    assert (dict(run.quantiles[row])[0.95], dict(run.quantiles[row])[0.99]) == (0.011, 0.014)
    found = figures(run)["Aggregated{users=5}"]
    assert (found["time"]["n"], found["time"]["max"]) == (981, pytest.approx(0.026561188002233393))
    assert (found["steady_time"]["n"], found["steady_requests"]["value"]) == (772, 96.5)
    assert run.started_at is not None
    assert run.ended_at is not None
    assert 10 <= (run.ended_at - run.started_at).total_seconds() <= 13
    assert run.warnings[0].endswith(
        "× GET /broken: HTTPError('500 Server Error: Internal Server Error for url: /broken')"
    )
    assert run.warnings[1].endswith("× in the locustfile: no such book")
    metrics = {key.metric.name: key.metric for key in run.columns.keys}
    assert {name: metric.unit for name, metric in metrics.items()} == {
        "time": "s", "requests": "1/s", "successful_requests": "1/s", "failures": "1/s", "failure_share": "1",
        "success_rate": "1", "content_size": "B", "steady_time": "s", "steady_requests": "1/s",
        "steady_success_rate": "1",
    }  # fmt: skip
    assert metrics["content_size"].direction is Direction.UNKNOWN
    higher = {name for name, metric in metrics.items() if metric.direction is Direction.HIGHER}
    assert higher == {
        "requests", "successful_requests", "success_rate", "steady_requests", "steady_success_rate",
    }  # fmt: skip
    methods = {dict(key.benchmark.params).get("method") for key in run.columns.keys}
    assert methods == {None, "GET", "POST"}


@pytest.mark.parametrize("version", ["2.20.0", "2.47.0"])
def test_json_says_the_same_as_the_csv_file_of_the_same_run(version):
    """But for the last second, which is in the JSON alone."""
    said = figures(only(Document.of(REAL / version / "run.json")))
    written = figures(only(Document.of(REAL / version / "run_stats.csv")))
    assert {f"{name}{{users=5}}" for name in said} == set(written)
    for name, metrics in said.items():
        other = written[f"{name}{{users=5}}"]
        assert other["time"]["n"] <= metrics["time"]["n"] <= other["time"]["n"] * 1.3
        assert metrics["time"]["mean"] == pytest.approx(other["time"]["mean"], rel=0.2)
        assert metrics["time"]["min"] <= other["time"]["min"]
        assert metrics["time"]["max"] >= other["time"]["max"]
        assert metrics["requests"]["value"] == pytest.approx(other["requests"]["value"], rel=0.2)
        assert metrics["content_size"]["value"] == pytest.approx(other["content_size"]["value"], rel=0.01)
    counts = sum(metrics["time"]["n"] for name, metrics in said.items() if name != "Aggregated")
    assert said["Aggregated"]["time"]["n"] == counts


def test_a_walk_takes_the_statistics_and_leaves_what_stands_beside_them():
    names = [item.name for item in documents([str(REAL / "1.6.0")])]
    assert names == ["run_stats.csv"]


@pytest.mark.parametrize("path", sorted(REAL.glob("*/*.csv")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_beside_the_statistics_names_them(path):
    assert detect(Document.of(path)) is FORMATS["locust"]
    if not path.name.endswith("_stats.csv"):
        prefix = path.name.partition("_")[0]
        assert f"name {prefix}_stats.csv" in fault(Document.of(path)).hint


def test_a_run_without_a_request_is_a_fault():
    assert "no request was made" in fault(Document.of(REAL / "2.47.0" / "nothing_stats.csv")).what
    assert "no request was made" in fault(b"[]", format="locust").what


def test_where_each_request_failed_the_time_is_that_of_failing():
    run = only(Document.of(REAL / "2.47.0" / "refused_stats.csv"))
    found = figures(run)
    assert "time" not in found["Aggregated{users=1}"]
    assert found["Aggregated{users=1}"]["success_rate"]["value"] == 0
    reasons = {gap.key.benchmark.name: (gap.status, gap.reason) for gap in run.gaps}
    assert set(reasons) == {*(key.benchmark.name for key in run.columns.keys)}
    status, reason = reasons["GET /chapters"]
    assert status == "failed"
    assert "requests failed: " in reason
    assert "Connection refused" in reason


def test_a_spike_is_recovered_from():
    run = only(Document.of(REAL / "2.47.0" / "spike_stats.csv"))
    found = figures(run)
    assert 0 <= found["Aggregated{users=8}"]["recovery"]["value"] <= 12
    assert "recovery" not in found["GET /chapters{users=8}"]


def test_a_row_becomes_these_figures():
    run = run_of(ROW, TOTAL)
    found = figures(run)["GET /a"]
    assert found == {
        "time": {"median": 0.005, "mean": 0.0065, "min": 0.00425, "max": 0.00975, "n": 10.0},
        "requests": {"value": 2.0},
        "successful_requests": {"value": 1.8},
        "failures": {"value": 0.2},
        "failure_share": {"value": 0.1},
        "success_rate": {"value": 0.9},
        "content_size": {"value": 100.0},
    }
    assert run.quantiles[0] == ((0.5, 0.005), (0.95, 0.009), (0.99, 0.01))
    assert run.started_at is None
    assert "when it was measured" in run.warnings[0]


def test_names_of_every_kind_are_kept_apart():
    names = ['"/a, ""b"""', '"/a\nb"', "/b/0001", "Aggregated", "/ä"]
    rows = [ROW.replace("/a", name, 1) for name in names] + [ROW.replace("GET", "POST"), ROW.replace("GET,", ",")]
    found = figures(run_of(*rows, TOTAL))
    assert set(found) == {
        'GET /a, "b"', "GET /a\nb", "GET /b/0001", "GET Aggregated", "GET /ä", "POST /a", "/a", "Aggregated",
    }  # fmt: skip


def test_many_ids_in_names_are_told():
    rows = [ROW.replace("/a", f"/users/{number}/x") for number in range(12)]
    run = run_of(*rows, TOTAL)
    (said,) = [text for text in run.warnings if "differ in numbers" in text]
    assert said.startswith('12 names such as "GET /users/0/x"')
    assert 'name="/users/[id]/x"' in said
    assert not [text for text in run_of(*rows[:9], TOTAL).warnings if "differ" in text]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\n\n"])
def test_line_ends_and_empty_rows_are_no_fault(end):
    assert set(figures(only(document(statistics(ROW, TOTAL, end=end))))) == {"GET /a", "Aggregated"}


def test_older_columns_and_a_total_by_another_name():
    header = HEADER.replace("Request Count", "# requests").replace("Failure Count", "# failures")
    header = header.replace("Failures/s", "Requests Failed/s")
    text = f"{header}\n{ROW}\n{TOTAL.replace(',Aggregated', 'None,Total')}\n"
    run = only(document(text.encode()), format="locust")
    assert set(figures(run)) == {"GET /a", "Aggregated"}


def test_cells_that_say_nothing_are_left_out():
    row = "GET,/a,0,0,0,0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A"
    bare = "PUT,/a,3,0,N/A,,None,N/A,,,,N/A,N/A,N/A,N/A"
    run = run_of(row, bare, TOTAL)
    assert set(figures(run)) == {"PUT /a", "Aggregated"}
    assert [(gap.key.benchmark.name, gap.status) for gap in run.gaps] == [("GET /a", "skipped"), ("PUT /a", "failed")]
    assert figures(run)["PUT /a"] == {"failure_share": {"value": 0.0}, "success_rate": {"value": 1.0}}


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (",10,1,", ",ten,1,", "request count"),
        (",10,1,", ",-1,1,", "request count"),
        (",10,1,", ",1.5,1,", "request count"),
        (",10,1,", ",N/A,1,", "request count"),
        ("6.5", "inf", "average response time"),
        ("6.5", "1e999", "average response time"),
        ("5,9,10,10", "5,4,10,10", "percentiles"),
        ("5,9,10,10", "5,,10,10", "percentiles"),
        ("5,9,10,10", "5,9,10", "cells"),
        ("GET,/a", ",", "no name"),
    ],
)
def test_a_row_at_fault_is_told_with_its_line_and_the_others_are_read(old, new, word):
    (run,), (bad,) = read_all(document(statistics(ROW.replace(old, new), TOTAL)))
    assert set(figures(run)) == {"Aggregated"}
    assert bad.where.endswith(":2")
    assert word in bad.what


def test_more_failures_than_requests_is_no_share():
    found = figures(run_of(ROW.replace(",10,1,", ",10,11,"), TOTAL))["GET /a"]
    assert "success_rate" not in found
    assert "time" not in found


def test_a_name_that_comes_twice_is_told():
    (run,), (bad,) = read_all(document(statistics(ROW, ROW, TOTAL)))
    assert "GET /a comes twice" in bad.what
    assert len(figures(run)) == 2


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"), (b"Type,Name\n", "request count"), (b"Type,Type\n", "twice"), (b"\xff\xfeT", "not UTF-8"),
        (HEADER.encode(), "cut short"), (statistics(ROW), "cut short"), (b'{"a": 1}', "no list"), (b"[1", "cut short"),
        (b'[{"name": "/a"}]', "num_requests"), (b"[1]", "no name"),
    ],
)  # fmt: skip
def test_what_is_no_result_of_locust_is_one_fault(data, word):
    assert word in fault(data, format="locust").what


def test_a_file_that_is_cut_short_at_any_byte_gives_no_run():
    whole = statistics(ROW, TOTAL)
    for cut in range(len(whole) - 2):
        runs, faults = read_all(document(whole[:cut]), format="locust")
        assert not runs, whole[:cut]
        assert len(faults) == 1
    assert only(document(whole[:-2]))


def test_json_that_is_cut_short_at_any_byte_gives_no_run():
    whole = json.dumps([locust_request()]).encode()
    for cut in range(len(whole)):
        runs, faults = read_all(document(whole[:cut]), format="locust")
        assert not runs
        assert len(faults) == 1


def test_json_becomes_these_figures():
    run = only([locust_request(), locust_request(method="POST", num_failures=0, start_time=1_700_000_001.0)])
    assert str(run.started_at) == "2023-11-14 22:13:20.500000+00:00"
    found = figures(run)
    assert found["GET /a"]["time"] == {"median": 0.00525, "mean": 0.01, "min": 0.00525, "max": 0.01975, "n": 20.0}
    assert found["GET /a"]["requests"]["value"] == 2.0
    assert found["GET /a"]["success_rate"]["value"] == 0.9
    assert found["Aggregated"]["time"]["n"] == 40
    assert found["Aggregated"]["failures"]["value"] == 0.2
    assert found["Aggregated"]["content_size"]["value"] == 20.0


def test_requests_whose_time_is_not_known_are_not_counted_in_n():
    untimed = locust_request(num_none_requests=20, response_times={}, total_response_time=0, min_response_time=None)
    run = only([locust_request(num_none_requests=2, response_times={"5": 18}), untimed | {"name": "/queue"}])
    assert figures(run)["GET /a"]["time"]["n"] == 18
    assert figures(run)["GET /a"]["time"]["mean"] == pytest.approx(0.2 / 18)
    assert figures(run)["Aggregated"]["time"]["n"] == 18


def test_of_all_together_nothing_is_known_where_one_request_is_at_fault():
    (run,), (bad,) = read_all([locust_request(), locust_request(name="/b", num_requests="many")])
    assert set(figures(run)) == {"GET /a"}
    assert "num_requests" in bad.what


@given(st.dictionaries(st.integers(0, 99), st.integers(1, 50), min_size=1, max_size=20))
def test_percentiles_are_those_of_the_single_times(times):
    """Locust's definition: the smallest time within which int(n · share) requests, or one more, were answered."""
    n = sum(times.values())
    item = locust_request(num_requests=n, response_times={str(time): count for time, count in times.items()})
    single = sorted(Counter(times).elements())
    (entry, _) = entries_of_json([item], "a.json").entries
    for share, seconds in entry.quantiles:
        assert seconds == single[min(int(n * share), n - 1)] / 1000


def test_a_file_beside_the_statistics_that_cannot_be_read_is_a_fault_and_the_rest_is_read():
    beside = {"run_failures.csv": b"\xff\xff", "run_stats_history.csv": b"\x1f\x8b broken", "run_exceptions.csv": b""}
    (run,), faults = read_all(document(statistics(ROW, TOTAL), beside, "run_stats.csv"))
    assert len(faults) == 2
    assert len(figures(run)) == 2


def test_only_the_most_frequent_failures_are_told_each_on_a_line():
    errors = "".join(f'GET,/a,"error {number}\nof two lines {"x" * 500}",{number}\n' for number in range(1, 9))
    run = run_of(ROW, TOTAL, failures="Method,Name,Error,Occurrences\n" + errors)
    told = run.warnings[1:]
    assert len(told) == 6
    assert told[0].startswith("8 × GET /a: error 8 of two lines")
    assert told[-1] == "and 3 more kinds of failures"
    assert all("\n" not in text and len(text) < 300 for text in told)


def test_the_digest_of_a_run_stays_and_the_sources_covers_what_stands_beside():
    path = REAL / "2.47.0" / "run_stats.csv"
    assert only(Document.of(path)).digest() == only(Document.of(path)).digest()
    plain = document(statistics(ROW, TOTAL), {}, "run_stats.csv")
    for name in ("stats_history", "failures", "exceptions"):
        other = document(statistics(ROW, TOTAL), {f"run_{name}.csv": b"x"}, "run_stats.csv")
        assert source_digest(other) != source_digest(plain)
    assert source_digest(document(statistics(ROW, TOTAL), {"x_failures.csv": b"x"}, "run_stats.csv")) == source_digest(
        plain
    )


def test_another_csv_file_is_not_locusts():
    assert not hasattr(detect(document(b"Type,Name,Count\nGET,/a,1\n")), "read")


REAL_BYTES = [(REAL / "2.20.0" / f"run_{name}.csv").read_bytes() for name in ("stats", "stats_history", "failures")]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_spoiled_files_never_raise(data):
    """Bytes of the statistics, or of what stands beside them, replaced, taken away or doubled."""
    files = [data.draw(_spoiled_bytes(raw)) if data.draw(st.booleans()) else raw for raw in REAL_BYTES]
    beside = {"run_stats_history.csv": files[1], "run_failures.csv": files[2]}
    runs, faults = read_all(document(files[0], beside, "run_stats.csv"), format="locust")
    assert runs or faults


@st.composite
def _spoiled_bytes(draw, raw):
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(raw)))
        end = min(len(raw), begin + draw(st.integers(0, 40)))
        new = draw(
            st.sampled_from([b"", b",", b'"', b"\n", b"\0", b"-1", b"1e308", b"nan", b"9" * 40]) | st.binary(max_size=4)
        )
        raw = raw[:begin] + new + raw[end:]
    return raw


cells = st.sampled_from(["", "N/A", "0", "1", "7", "1e308", "5e-324", "-0", "inf", "x", "9007199254740993", "0.5"])


@given(st.lists(st.lists(cells, min_size=13, max_size=13), max_size=3))
@example([["1"] * 11 + ["5", "4"]])
@settings(deadline=None)
def test_any_cells_make_a_run_that_holds_or_a_fault(rows):
    text = [",".join(["GET", f"/{number}", *row]) for number, row in enumerate(rows)]
    runs, _ = read_all(document(statistics(*text, TOTAL)))
    assert runs
