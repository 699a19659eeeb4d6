"""k6's summaries: two real versions in three shapes, what is known of n, thresholds."""

import json
from datetime import UTC, datetime
from math import inf

import pytest

from regress.formats import FORMATS, Document
from regress.model import Direction

from .samples import TESTDATA, document, fault, figures, k6_file, only, read_all

REAL = TESTDATA / "k6"
PER_REQUEST = [
    "http_req_blocked", "http_req_connecting", "http_req_duration", "http_req_receiving", "http_req_sending",
    "http_req_tls_handshaking", "http_req_waiting",
]  # fmt: skip


def trend(contains="time", **values):
    return {"type": "trend", "contains": contains, "values": values}


@pytest.mark.parametrize("version", ["0.44.1", "2.2.0"])
@pytest.mark.parametrize("name", ["handle.json", "export.json", "count.json"])
def test_every_real_file_is_read_whole(version, name):
    item = Document.of(REAL / version / name)
    run = only(item)
    assert [each for each in FORMATS if FORMATS[each].detect(item) >= 0.5] == ["k6"]
    raw = json.loads(item.data)["metrics"]
    assert {key.benchmark.full for key in run.columns.keys} == set(raw)
    assert len(raw) == 22
    assert len(run.columns) == 22 + 5  # a counter is a count and a rate
    rows = figures(run)
    values = {metric: entry.get("values", entry) for metric, entry in raw.items()}
    for metric, found in values.items():
        if "avg" in found:
            kind, factor = ("time", 1e-3) if "time" in rows[metric] else ("value", 1.0)
            assert rows[metric][kind]["median"] == found["med"] * factor
            assert rows[metric][kind]["mean"] == found["avg"] * factor
    assert rows["http_reqs"]["count"] == {"value": values["http_reqs"]["count"]}
    assert rows["data_sent"]["rate"] == {"value": values["data_sent"]["rate"]}
    assert rows["queue"]["value"] == {name: values["queue"][name] for name in ("value", "min", "max")}
    assert rows["http_req_failed"]["share"] == {
        "value": values["http_req_failed"].get("rate", values["http_req_failed"].get("value")),
        "n": values["http_reqs"]["count"],
    }
    assert run.warnings[1:] == ("http_req_duration: the threshold max<0.001 was crossed",)
    assert run.started_at is None


def test_the_machine_readable_shape():
    item = Document.of(REAL / "2.2.0" / "machine-readable.json")
    run = only(item)
    assert [each for each in FORMATS if FORMATS[each].detect(item) >= 0.5] == ["k6"]
    assert run.source.tool_version == "2.2.0"
    assert run.ended_at == datetime(2026, 11, 21, 1, 17, 8, 32433, UTC)
    assert (run.ended_at - run.started_at).total_seconds() == pytest.approx(0.030999999, abs=1e-6)
    rows = figures(run)
    raw = json.loads(item.data)
    assert set(rows) == {entry["name"] for entry in raw["results"]["metrics"]} | {"checks"}
    assert rows["checks"]["share"] == {"value": 1.0, "n": 12.0}
    assert rows["http_reqs"]["rate"]["value"] == pytest.approx(17 / 0.030999999)
    quantiles = {run.columns.keys[row].benchmark.full: found for row, found in run.quantiles.items()}
    assert quantiles["parse_time"] == ((0.9, 6.4 * 1e-3), (0.95, 6.5 * 1e-3))
    assert run.warnings == ()


@pytest.mark.parametrize("version", ["0.44.1", "2.2.0"])
def test_the_shapes_of_one_test_agree(version):
    exported, handled = (only(Document.of(REAL / version / name)) for name in ("export.json", "handle.json"))
    one, other = figures(exported), figures(handled)
    own = {"parse_time"}  # a time of the script's own, which the export does not say
    assert {name: rows for name, rows in one.items() if name not in own} == {
        name: rows for name, rows in other.items() if name not in own
    }
    assert (set(one["parse_time"]), set(other["parse_time"])) == ({"value"}, {"time"})


@pytest.mark.parametrize("version", ["0.44.1", "2.2.0"])
def test_what_is_taken_for_n_is_what_k6_counts(version):
    counted = json.loads((REAL / version / "count.json").read_text())["metrics"]
    requests = counted["http_reqs"]["values"]["count"]
    assert {counted[name]["values"]["count"] for name in PER_REQUEST} == {requests}
    plain = figures(only(Document.of(REAL / version / "handle.json")))
    for name in plain:
        time = plain[name].get("time", {})
        assert ("n" in time) == (name in PER_REQUEST)
    if version == "0.44.1":  # why the count of iterations is not taken for the duration of one: setup is in it
        assert counted["iteration_duration"]["values"]["count"] == counted["iterations"]["values"]["count"] + 1
    rows = figures(only(Document.of(REAL / version / "count.json")))
    assert rows["iteration_duration"]["time"]["n"] == counted["iteration_duration"]["values"]["count"]
    assert rows["http_req_duration{name:home}"]["time"]["n"] == 12


def test_tags_are_the_variant():
    run = only(k6_file(**{"http_req_duration{name:a b, method:GET,url:http://x}": trend(avg=1.0)}))
    key = next(key for key in run.columns.keys if key.benchmark.variant)
    assert (key.benchmark.name, key.benchmark.variant) == (
        "http_req_duration", "{name:a b, method:GET,url:http://x}",
    )  # fmt: skip
    assert key.benchmark.params == (("name", "a b"), ("method", "GET"), ("url", "http://x"))
    assert "n" not in figures(run)[key.benchmark.full]["time"]  # http_reqs counts all requests, not these


def test_percentiles_become_quantiles():
    found = trend(**{"avg": 1.0, "p(50)": 2, "p(99.9)": 3, "p(0)": 4, "p(100)": 5, "p(x)": 6, "p(95)": None})
    run = only(k6_file(t=found))
    row = next(row for row, key in enumerate(run.columns.keys) if key.benchmark.name == "t")
    assert run.quantiles[row] == ((0.5, 2 * 1e-3), (0.999, 3 * 1e-3))


def test_units_and_directions():
    run = only(
        k6_file(
            checks={"type": "rate", "contains": "default", "values": {"rate": 1, "passes": 3, "fails": 0}},
            data_sent={"type": "counter", "contains": "data", "values": {"count": 9, "rate": 3}},
            dropped_iterations={"type": "counter", "contains": "default", "values": {"count": 9, "rate": 3}},
            items=trend("default", avg=4.0),
            delay={"type": "gauge", "contains": "time", "values": {"value": 500, "min": 1, "max": 500}},
        )
    )
    found = {(key.benchmark.name, key.metric.name): key.metric for key in run.columns.keys}
    assert {name: (metric.unit, metric.direction) for name, metric in found.items()} == {
        ("http_req_duration", "time"): ("s", Direction.LOWER),
        ("http_reqs", "count"): ("1", Direction.UNKNOWN),
        ("http_reqs", "rate"): ("1/s", Direction.HIGHER),
        ("iterations", "count"): ("1", Direction.UNKNOWN),
        ("iterations", "rate"): ("1/s", Direction.HIGHER),
        ("http_req_failed", "share"): ("1", Direction.LOWER),
        ("checks", "share"): ("1", Direction.HIGHER),
        ("vus", "value"): ("1", Direction.UNKNOWN),
        ("data_sent", "count"): ("B", Direction.UNKNOWN),
        ("data_sent", "rate"): ("B/s", Direction.UNKNOWN),
        ("dropped_iterations", "count"): ("1", Direction.LOWER),
        ("dropped_iterations", "rate"): ("1/s", Direction.LOWER),
        ("items", "value"): ("1", Direction.UNKNOWN),
        ("delay", "value"): ("s", Direction.UNKNOWN),
    }
    assert figures(run)["delay"]["value"]["max"] == 0.5


def test_thresholds_of_both_shapes():
    assert only(k6_file()).warnings[1:] == ("http_req_duration: the threshold p(95)<50 was crossed",)
    export = {"metrics": {"t": {"avg": 1.0, "thresholds": {"avg<5": False, "avg<0.5": True}}}}
    assert only(export, format="k6").warnings[1:] == ("t: the threshold avg<0.5 was crossed",)


@pytest.mark.parametrize("entry", [{"type": "flock", "values": {"avg": 1.0}}, {"type": "trend", "values": {}}, 3, {}])
def test_a_metric_without_a_figure_is_a_fault(entry):
    (run,), (bad,) = read_all(k6_file(odd=entry))
    assert bad.where.endswith("odd")
    assert "odd" not in figures(run)


def test_infinite_figures_are_left_out():
    run = only(k6_file(t=trend(avg=inf, med=1.0)))
    assert figures(run)["t"]["time"] == {"median": 1e-3}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "no object"),
        ({"metrics": []}, "no metrics"),
        ({"metrics": {}}, "no metrics"),
        ({"results": {}}, "no metrics"),
    ],
)
def test_what_is_no_summary_says_why(content, words):
    assert words in fault(content, format="k6").what


def test_it_is_cut_anywhere():
    raw = (REAL / "2.2.0" / "export.json").read_bytes().rstrip()
    for cut in range(len(raw)):
        assert fault(document(raw[:cut]), format="k6")
    for cut in range(len(raw) * 3 // 4, len(raw), 5):
        assert "cut short" in fault(document(raw[:cut])).what
