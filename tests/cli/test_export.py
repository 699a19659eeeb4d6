"""`regress export`: every way out of a real history."""

import csv
import json
import threading
from http.server import HTTPServer

import pyarrow.parquet
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from regress.formats import dump
from tests.factories import make_key, make_run
from tests.forge.test_pushgateway import Gateway


def samples(text: str, name: str) -> dict[str, float]:
    """The samples of a name by their benchmarks."""
    return {
        sample.labels["benchmark"]: sample.value
        for family in read_prometheus(text)
        for sample in family.samples
        if sample.name == name
    }


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_holds_every_point_of_every_run(ingested, regress):
    done = regress("export --format csv -o all.csv")
    assert (done.status, done.out) == (0, "wrote all.csv\n")
    found = rows(ingested.root / "all.csv")
    assert len(found) == 28
    assert {row["commit"] for row in found} == set(ingested.commits.values())
    c4 = next(r for r in found if r["commit"] == ingested.commits["c4"] and r["benchmark"] == "test_algo.py::test_sort")
    c3 = next(r for r in found if r["commit"] == ingested.commits["c3"] and r["benchmark"] == "test_algo.py::test_sort")
    assert float(c4["median"]) / float(c3["median"]) == pytest.approx(3, rel=0.02)
    assert (c4["subject"], c4["committed_at"]) == ("Sort again after each step", "2026-01-01T10:04:00+00:00")
    assert not list(ingested.root.glob("tmp*"))
    assert regress("export --format csv").out.replace("\r", "") == (ingested.root / "all.csv").read_text()


def test_all_tables_say_the_same(ingested, regress):
    for kind in ("csv", "jsonl", "parquet"):
        assert regress(f"export --format {kind} -o all.{kind}").status == 0
    table = [(r["run"], r["benchmark"], r["metric"], r["median"]) for r in rows(ingested.root / "all.csv")]
    lines = [json.loads(line) for line in (ingested.root / "all.jsonl").read_text().splitlines()]
    assert [(r["run"], r["benchmark"], r["metric"], str(r.get("median", ""))) for r in lines] == table
    parquet = pyarrow.parquet.read_table(ingested.root / "all.parquet").to_pylist()
    assert [(r["run"], r["benchmark"], r["metric"], str(r["median"] or "")) for r in parquet] == table


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ("", 28), ("v1.0", 4), ("v1.0 slow", 8), ("run:1", 4), ("--benchmark '*sort'", 7), ("--metric bytes", 7),
        ("--metric 're:^(time|bytes)$' --benchmark test_text.py::test_md5", 14),
        ("--benchmark test_text.py::test_re", 7),
        ("--since v1.0 --benchmark '*sort'", 4), ("--since 2026-01-01", 28), ("--environment '*x86_64'", 28),
    ],
)  # fmt: skip
def test_what_is_selected(ingested, regress, options, count):
    done = regress(f"export --format jsonl {options}")
    assert (done.status, len(done.out.splitlines())) == (0, count), done.err


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ("--format csv --benchmark nothing", 2, "no benchmark fits nothing"),
        ("--format csv --benchmark re:( ", 2, "--benchmark 're:(' is not a regular expression"),
        ("--format csv --since 2027-01-01", 2, "nothing was measured since"),
        ("--format csv --environment windows", 2, "no environment fits 'windows'"),
        ("--format csv --statistic min", 2, "--statistic is no option of csv"),
        ("--format prometheus --statistic p", 2, "--statistic 'p' is not known; choose of centre, value"),
        ("--format csv --push-gateway http://x", 2, "a Pushgateway takes no csv"),
        ("--format parquet", 2, "Parquet is no text; name a file with --out"),
        ("--format csv -o results", 2, "results: is a folder"),
        ("--format csv -o results/c0-0.json/x.csv", 2, "cannot be written"),
        ("--benchmark '*sort'", 2, "a bundle holds a whole run"),
        ("results/c0-0.json --format csv", 2, "is a file, and no run of the history; ingest it first"),
        ("--push-gateway NO_SUCH_VARIABLE", 2, "the variable NO_SUCH_VARIABLE is not set"),
        ("--format csv nowhere", 2, "nowhere"),
    ],
)
def test_what_cannot_be_is_one_line(ingested, regress, options, status, words):
    done = regress(f"export {options}")
    assert (done.status, done.err.count("\n")) == (status, 1)
    assert words in done.err
    assert not [path for path in ingested.root.iterdir() if path.name.startswith("tmp")]


def test_an_empty_history_has_nothing_to_say(project, regress):
    (project.root / "none").mkdir()
    regress("ingest none")
    for kind in ("csv", "prometheus"):
        done = regress(f"export --format {kind}")
        assert done.status in (3, 4)
        assert done.err.count("\n") == 1


def test_what_is_written_before_stays_if_the_new_one_fails(ingested, regress):
    (ingested.root / "all.csv").write_text("old")
    assert regress("export --format csv -o all.csv --since 2027-01-01").status == 2
    assert (ingested.root / "all.csv").read_text() == "old"


def test_the_newest_commit_of_main_as_bmf(ingested, regress):
    newest, named = (json.loads(regress(f"export {name} --format bmf").out) for name in ("", ingested.commits["c5"]))
    assert newest == named
    slower = json.loads(regress(f"export {ingested.commits['c4']} --format bmf --benchmark '*sort'").out)
    assert list(slower) == ["test_algo.py::test_sort"]
    one, other = (found["test_algo.py::test_sort"]["latency"]["value"] for found in (slower, newest))
    assert one / other == pytest.approx(3, rel=0.02)


def test_prometheus_shows_the_newest_run_of_main(ingested, regress):
    text = regress("export --format prometheus").out
    found = samples(text, "regress_benchmark_time_seconds")
    assert len(found) == 3
    slower = samples(regress("export c4sha".replace("c4sha", ingested.commits["c4"]) + " --format prometheus").out,
                     "regress_benchmark_time_seconds")  # fmt: skip
    assert slower["test_algo.py::test_sort"] / found["test_algo.py::test_sort"] == pytest.approx(3, rel=0.02)
    info = next(f for f in read_prometheus(text) if f.name == "regress_run_info").samples[0]
    assert (info.labels["commit"], info.labels["project"]) == (ingested.commits["c5"], "widgets")
    assert "regress_verdicts" not in text, "nothing was checked yet"


def test_budgets_and_the_last_check_stand_beside_the_figures(ingested, regress):
    (ingested.root / "regress.toml").write_text(
        '[[budget]]\nbenchmark = "*sort"\nlimits = ["mean < 1 ns", "max < 1 h", "p99 < 1 s"]\n'
    )
    assert regress(f"check --commit {ingested.commits['c5']}").status == 1
    text = regress("export --format openmetrics").out
    families = {family.name: family for family in read_openmetrics(text)}
    met = {sample.labels["limit"]: sample.value for sample in families["regress_budget_met"].samples}
    assert (met["mean < 1 ns"], met["max < 1 h"]) == (0, 1)
    assert met["p99 < 1 s"] != met["p99 < 1 s"]
    counts = {sample.labels["outcome"]: sample.value for sample in families["regress_verdicts"].samples}
    assert (counts["breached"], counts["unjudged"], counts["regressed"]) == (1, 1, 0)
    assert families["regress_check_status"].samples[0].value == 1


def test_suites_and_environments_that_were_not_measured_again_keep_their_last_figures(ingested, regress):
    path = ingested.root / "results" / "c3-0.json"
    other = json.loads(path.read_text())
    other["machine_info"]["python_version"] = "3.13.1"
    (ingested.root / "other.json").write_text(json.dumps(other))
    assert regress("ingest other.json").status == 0
    text = regress("export --format prometheus").out
    infos = next(f for f in read_prometheus(text) if f.name == "regress_run_info").samples
    commits = {sample.labels["environment"].split(" · ")[0]: sample.labels["commit"] for sample in infos}
    assert commits == {"CPython 3.11": ingested.commits["c5"], "CPython 3.13": ingested.commits["c3"]}


def test_a_suite_that_was_measured_again_leaves_nothing_of_its_older_run(ingested, regress):
    """A run of two suites on c3; on c5 one of them was measured again, without one of its benchmarks."""
    keys = {make_key(name, suite=suite): 1.0 for suite, name in (("one", "kept"), ("one", "gone"), ("two", "alone"))}
    newer = {make_key("kept", suite="one"): 2.0}
    for name, values in (("c3", keys), ("c5", newer)):
        run = make_run(ingested.commits[name], values, minutes=int(name[1]))
        (ingested.root / f"{name}.json").write_text(dump(run))
    assert regress("ingest c3.json c5.json").status == 0
    found = samples(regress("export --format prometheus").out, "regress_benchmark_time_seconds")
    assert {name: found[name] for name in ("kept", "alone")} == {"kept": 2.0, "alone": 1.0}
    assert "gone" not in found


def test_a_push_goes_to_the_gateway_that_a_variable_names(ingested, regress, monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    server.asked, server.statuses, server.echo = [], [], ""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setenv("GATEWAY", f"http://ada:secret@127.0.0.1:{server.server_port}")
        done = regress("export --push-gateway GATEWAY --job nightly -o regress.prom")
        assert done.status == 0, done.err
        assert "pushed" in done.out
        assert "secret" not in done.out + done.err
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    path, _, body = server.asked[0]
    assert path == "/metrics/job/nightly/project/widgets"
    assert body.decode() == (ingested.root / "regress.prom").read_text()


def test_a_renamed_benchmark_is_exported_under_its_present_name_and_a_bundle_as_it_was(ingested, regress):
    (ingested.root / "regress.toml").write_text('[renamed]\n"*::test_sort" = "*::test_order"\n')
    lines = [json.loads(line) for line in regress("export --format jsonl --benchmark '*order'").out.splitlines()]
    assert len(lines) == 7
    assert {line["name"] for line in lines} == {"test_algo.py::test_order"}
    assert "test_order" not in regress("export").out


def test_of_an_old_name_and_a_new_one_in_one_run_the_new_one_counts(ingested, regress):
    (ingested.root / "regress.toml").write_text('[renamed]\n"old" = "new"\n')
    for number, names in enumerate((("old", "new"), ("new", "old"))):
        run = make_run(ingested.commits["c5"], {name: float(name == "new") for name in names}, minutes=number)
        (ingested.root / f"both{number}.json").write_text(dump(run))
    assert regress("ingest both0.json both1.json").status == 0
    lines = [json.loads(line) for line in regress("export --format jsonl --benchmark new").out.splitlines()]
    assert [(line["benchmark"], line["value"]) for line in lines] == [("new", 1.0)] * 2
