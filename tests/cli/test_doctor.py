"""`regress doctor` on a command line."""

import json
import tempfile

import pytest


@pytest.fixture(autouse=True)
def _scratch(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_project_in_use(ingested, regress):
    done = regress("doctor")
    lines = [line.split(None, 1) for line in done.out.splitlines() if line.startswith("  ")]
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("2 warnings, 19 ok\n\nthe gate, with slowdowns planted\n  warning  unchanged copy ")
    assert {state for state, _ in lines} == {"ok", "warning"}
    assert "is red: test_algo.py::test_sort; that commit is worse than the level before it" in done.out
    assert "red for each of 3 series; the check ends with 1" in done.out
    assert "(bytes): nothing says which way is better" in done.out


def test_a_fault_ends_with_1_as_json_says(ingested, regress):
    (ingested.root / "regress.toml").write_text('[[rule]]\nbenchmark = "test_srot"\nrelative = "1%"\n', "utf-8")
    done = regress("doctor --offline --format json")
    document = json.loads(done.out)
    assert (done.status, document["schema"], document["status"], document["counts"]["fault"]) == (1, 1, 1, 1)
    (fault,) = [line for line in document["lines"] if line["state"] == "fault"]
    assert (fault["section"], fault["name"]) == ("project", "rules")
    assert fault["text"] == "the rule at regress.toml:1 (test_srot) matches none of 4 series"
    assert fault["hint"]


def test_a_configuration_that_is_wrong_is_one_line(ingested, regress):
    (ingested.root / "regress.toml").write_text('[[rule]]\nrelativ = "1%"\n', "utf-8")
    done = regress("doctor")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "unknown key 'relativ'" in done.err


def test_a_history_that_is_none_is_one_line(project, regress):
    (project.root / "broken.db").write_bytes(b"no database at all" * 99)
    done = regress("doctor --db broken.db")
    assert (done.status, done.out, done.err.count("\n")) == (4, "", 1)


def test_names_do_not_drive_a_terminal(project, regress):
    path = project.results("c0")
    evil = path.read_text(encoding="utf-8").replace("test_algo.py::test_sort", "test_\\u001b[31m.py::test_sort")
    for name in ("c0", "c1"):
        path.write_text(evil.replace(project.commits["c0"], project.commits[name]), encoding="utf-8")
        assert regress(f"ingest {path}").status == 0
    (project.root / "regress.toml").write_text('[[rule]]\nrelative = "900%"\n', "utf-8")
    done = regress("doctor")
    assert done.status == 1
    assert "\x1b" not in done.out
