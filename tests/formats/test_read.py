"""Reading as a whole: detection, overrides, digests, bad input of every kind, formats of other packages."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.errors import UsageError
from regress.formats import (
    FORMATS,
    Document,
    ReadOptions,
    detect,
    documents,
    dump,
    load_entry_points,
    read,
    source_digest,
)
from regress.model import Bad
from tests.factories import make_run

from .samples import (
    TESTDATA,
    asv_file,
    benchmark,
    data_js,
    document,
    entry,
    fault,
    google_entry,
    google_file,
    hyperfine_result,
    k6_file,
    locust_request,
    only,
    pyperf_benchmark,
    pyperf_file,
    pytest_file,
    read_all,
    timed,
)
from .strategies import spoiled

VALID = {
    "asv": asv_file({"b.time_x": timed(1.0, float("nan"), None, params=[["1", "2", "3"]])}),
    "pytest-benchmark": pytest_file(benchmark(), benchmark("t.py::b[1]", extra_info={"size": 3})),
    "bundle": json.loads(dump(make_run())),
    "locust": [locust_request(), locust_request(method="POST")],
    "github-action-benchmark": data_js(entry()),
    "bmf": {"t.sort": {"latency": {"value": 88.0, "lower_value": 87.5, "upper_value": 89}, "size": {"value": 3}}},
    "pyperf": pyperf_file(pyperf_benchmark(), pyperf_benchmark("parse", [5.0], tags=["text"])),
    "hyperfine": {"results": [hyperfine_result(), hyperfine_result("make -j4", parameters={"n": "4"})]},
    "google-benchmark": google_file(google_entry(), google_entry("BM_parse", error_occurred=True, error_message="no")),
    "k6": k6_file(),
}


@pytest.mark.parametrize("name", VALID)
def test_a_document_is_known_by_its_content(name):
    assert detect(document(VALID[name])) is FORMATS[name]
    assert only(VALID[name]).columns


@pytest.mark.parametrize("path", sorted(TESTDATA.glob("*/*/*.json*")) + sorted(TESTDATA.glob("asv/*/results/*/*.json")))
def test_every_real_file_has_one_format_or_is_no_result(path):
    chosen = detect(Document.of(path))
    if path.name in ("machine.json", "benchmarks.json"):
        assert isinstance(chosen, Bad)
    else:
        assert not isinstance(chosen, Bad)
        assert chosen.name == path.relative_to(TESTDATA).parts[0]


SPOILED = {
    "empty": b"",
    "blank": b" \n",
    "binary": bytes(range(256)) * 9,
    "utf-16": json.dumps(VALID["asv"]).encode("utf-16"),
    "latin-1": json.dumps(VALID["asv"], ensure_ascii=False).replace("b.time_x", "b.time_é").encode("latin-1"),
    "nested": b'{"result_columns": ' + b"[" * 1_000_000,
    "nested and closed": b'{"result_columns": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}",
    "list": b"[]",
    "text": b'"asv"',
    "no json": b"result_columns: yes",
    "other json": b'{"name": "left-pad"}',
    "huge integer": b'{"result_columns": [], "version": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("name", SPOILED)
@pytest.mark.parametrize("format_name", [None, *VALID])
def test_what_is_no_result_is_one_fault(name, format_name):
    assert fault(document(SPOILED[name]), format=format_name)


@pytest.mark.parametrize("name", VALID)
def test_a_document_that_is_cut_short_is_one_fault_that_says_so(name):
    whole = json.dumps(VALID[name]).encode()
    for cut in (len(whole) - 1, len(whole) - 9, len(whole) * 3 // 4):
        assert "cut short" in fault(document(whole[:cut])).what
    for cut in range(0, len(whole), 7):
        assert fault(document(whole[:cut]), format=name)


@pytest.mark.parametrize("name", ["benchmarks.json", "machine.json"])
def test_a_file_of_asv_that_holds_no_results_says_what_to_name(name):
    path = next(TESTDATA.glob(f"asv/0.6.6/**/{name}"))
    assert "results folder" in fault(Document.of(path)).hint


def test_a_byte_order_mark_is_no_fault():
    assert only(document(b"\xef\xbb\xbf" + json.dumps(VALID["asv"]).encode()))


def test_an_unknown_format_names_the_known_ones():
    assert "pytest-benchmark" in fault(VALID["asv"], format="asvv").hint


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("{}")
    (item,) = documents([str(path)])
    path.unlink()
    assert "cannot be read" in fault(item).what
    assert source_digest(item) == ""


@pytest.mark.parametrize("name", VALID)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_content_raises(name, data):
    read_all(data.draw(spoiled(VALID[name])), format=name)


@given(st.binary(max_size=200), st.sampled_from([None, *VALID]))
@settings(deadline=None)
def test_no_bytes_raise(raw, name):
    runs, faults = read_all(document(raw), format=name)
    assert faults
    assert not runs


def test_overrides_take_the_place_of_what_the_document_says():
    run = only(
        VALID["pytest-benchmark"], commit="f" * 40, head="e" * 40, branch="topic", machine="big",
        env=(("BLAS", "mkl"),), tags=("nightly", "nightly"), suite="mine",
    )  # fmt: skip
    assert (run.commit, run.head, run.ref, run.tags) == ("f" * 40, "e" * 40, "topic", ("nightly",))
    key = dict(run.environment.key)
    assert (key["machine"], key["env.BLAS"], key["python"]) == ("big", "mkl", "CPython 3.11")
    assert dict(run.environment.facts)["cpu"] == "Test CPU"
    assert {k.benchmark.suite for k in run.columns.keys} == {"mine"}
    plain = only(VALID["pytest-benchmark"])
    assert (plain.commit[:4], plain.head, plain.ref, plain.tags) == ("0123", "", "main", ())


def test_labels_are_no_part_of_the_identity_and_keys_are():
    plain = only(VALID["asv"]).digest()
    assert only(VALID["asv"], tags=("a",), branch="topic").digest() == plain
    assert only(VALID["asv"], env=(("A", "b"),)).digest() != plain
    assert only(VALID["asv"], commit="f" * 40).digest() != plain


def test_the_source_digest_is_that_of_the_runs_and_needs_no_parsing():
    item = document(VALID["asv"])
    assert only(item).source.digest == source_digest(item) == source_digest(document(VALID["asv"]))
    broken = document(json.dumps(VALID["asv"]).encode()[:-1])
    assert len(source_digest(broken)) == 64
    assert source_digest(document(b"")) == ""


@pytest.mark.parametrize(
    "options",
    [
        {"commit": "f" * 40}, {"head": "f" * 40}, {"branch": "x"}, {"machine": "x"}, {"env": (("a", "b"),)},
        {"tags": ("a",)}, {"suite": "x"},
    ],
)  # fmt: skip
def test_whatever_changes_a_run_changes_the_source_digest(options):
    item = document(VALID["asv"])
    assert source_digest(item, ReadOptions(**options)) != source_digest(item)


def test_the_source_digest_covers_what_is_used_of_other_files():
    about = {"b.time_x": {"type": "time", "unit": "seconds", "param_names": ["n"], "code": "pass", "timeout": 60}}

    def digest(**siblings):
        names = {"benchmarks": "../benchmarks.json", "machine": "machine.json"}
        return source_digest(document(VALID["asv"], {names[name]: value for name, value in siblings.items()}))

    plain = digest(benchmarks=about)
    more_code = {"b.time_x": about["b.time_x"] | {"code": "other", "timeout": 1}}
    one_more = about | {"b.time_new": {"type": "time", "unit": "seconds", "param_names": [], "code": ""}}
    renamed = {"b.time_x": about["b.time_x"] | {"param_names": ["size"]}}
    assert digest(benchmarks=more_code) == plain
    assert digest(benchmarks=one_more) == plain
    assert digest(benchmarks=renamed) != plain
    assert digest(benchmarks=about, machine={"cpu": "x"}) != plain
    assert digest(benchmarks=about, machine={"cpu": "x", "extra": 1}) == digest(benchmarks=about, machine={"cpu": "x"})


def package(folder, name, target, code):
    """An installed package with one entry point, as it lies in site-packages."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[regress.formats]\n{target}\n")
    (folder / f"{name}.py").write_text(code)


CSV = """
from regress.model import Bad
class Csv:
    name, version = "csv", 1
    def detect(self, document): return 0.9 if document.data.startswith(b"csv") else 0.0
    def companions(self, document): return ()
    def read(self, document, options):
        yield Bad(document.path, "seen", "nothing")
        raise RuntimeError("foreign trouble")
"""


def test_a_format_of_another_package(tmp_path, monkeypatch):
    package(tmp_path, "regress_csv_demo", "csv = regress_csv_demo:Csv", CSV)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("regress.formats.FORMATS", dict(FORMATS))
    load_entry_points()
    load_entry_points()  # a second time is no clash
    seen, failed = read(document(b"csv,1,2"))
    assert isinstance(seen, Bad)
    assert isinstance(failed, Bad)
    assert "foreign trouble" in failed.what  # not even another package's reader raises


@pytest.mark.parametrize(
    ("target", "code", "word"),
    [
        ("broken = regress_demo_broken:Csv", "import nothing_of_that_name", "nothing_of_that_name"),
        ("asv = regress_demo_broken:Csv", CSV, "built-in"),
    ],
)
def test_a_package_that_cannot_be_loaded_is_named(target, code, word, tmp_path, monkeypatch):
    package(tmp_path, "regress_demo_broken", target, code)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("regress.formats.FORMATS", dict(FORMATS))
    with pytest.raises(UsageError, match=word) as caught:
        load_entry_points()
    assert "regress_demo_broken" in caught.value.where
    sys.modules.pop("regress_demo_broken", None)


def test_reading_needs_neither_database_nor_git_nor_templates():
    code = "import sys, regress.formats; print([m for m in ('sqlmodel', 'git', 'jinja2', 'click') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
