"""`regress changes`, `accept` and `note` in a real repository, with results along its commits."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from tests.line import Line

ACCEPTED = Path("regress-accepted.toml")


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    made = Line(tmp_path / "widgets")
    monkeypatch.chdir(made.project.root)
    return made


@pytest.fixture
def found(regress):
    """Ingests what is new; the causes of `regress changes` with these options."""

    def call(options: str = "", status: int = 0) -> list[dict]:
        assert regress("ingest results").status == 0
        done = regress(f"changes --format json {options}")
        assert (done.status, done.err) == (status, "")
        document = json.loads(done.out)
        assert document["schema"] == 1
        return document["causes"]

    return call


def test_a_step_is_shown_with_its_commit(line: Line, regress, found) -> None:
    line.add(15)
    line.add(12, sort=1.5)
    (cause,) = found()
    (change,) = cause["changes"]
    assert (cause["first_commit"], cause["last_commit"]) == (line.sha(15), line.sha(15))
    assert (cause["direction"], cause["status"], cause["confirmed"]) == ("regression", "open", True)
    assert (change["benchmark"], change["metric"]) == ("test_algo.py::test_sort", "time")
    assert change["after"] / change["before"] == pytest.approx(1 + change["change"])
    low, high = change["interval"]
    assert low < 0.5 < high
    done = regress("changes")
    first, second, third = done.out.splitlines()
    assert first == f"{cause['id']}  2026-01-01 · regression in 1 benchmark · open"
    assert second == f"  by {line.sha(15)[:10]} Change 15 (Ada)"
    assert "test_algo.py::test_sort · time" in third
    assert " µs → " in third


def test_one_commit_and_three_benchmarks_are_one_cause(line: Line, found) -> None:
    line.add(15)
    line.add(12, sort=1.5, md5=1.2, re=1.3)
    (cause,) = found()
    changes = [change["change"] for change in cause["changes"]]
    assert len(changes) == 3
    assert changes == sorted(changes, reverse=True)


def test_a_mended_step_is_fixed(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    line.add(12, sort=1.0)
    better, worse = found()
    assert (better["direction"], better["status"]) == ("improvement", "open")
    assert (worse["direction"], worse["status"], worse["changes"][0]["back"]) == ("regression", "fixed", True)
    assert found("--status open,accepted") == [better]
    assert found("--only regressions") == [worse]
    assert found("--only improvements -n 1") == [better]
    assert "since back" in regress("changes").out


def test_commits_that_were_not_measured_are_candidates(line: Line, regress, found) -> None:
    line.add(12)
    line.add(3, measured=False)
    line.add(12, sort=1.5)
    (cause,) = found()
    assert (cause["first_commit"], cause["last_commit"], cause["candidates"]) == (line.sha(12), line.sha(15), 4)
    assert [commit["subject"] for commit in cause["commits"]] == [f"Change {n}" for n in range(12, 16)]
    assert f"  → {line.sha(15)[:10]} Change 15 (Ada)" in regress("changes").out.replace("    →", "  →")


def test_an_id_holds_as_commits_come(line: Line, found) -> None:
    line.add(15)
    line.add(4, md5=1.06)
    ids: list[str] = []
    for _ in range(5):
        line.add(2)
        ids += [cause["id"] for cause in found() if cause["confirmed"]]
    assert len(ids) > 2
    assert len(set(ids)) == 1


def test_suspected_then_confirmed_then_withdrawn(line: Line, regress, found) -> None:
    line.add(24)
    line.factors["sort"] = 1.03
    states = []
    while "confirmed" not in states and len(states) < 10:
        line.add(1)
        for cause in found():
            states.append("confirmed" if cause["confirmed"] else "suspected")
            assert len(cause["id"]) == (8 if cause["confirmed"] else 0)
            if states == ["suspected"]:
                assert cause["changes"][0]["status"] == "suspected"
                assert "regression (suspected) in 1 benchmark" in regress("changes").out
    assert states[0] == "suspected"
    assert states[-1] == "confirmed"
    (confirmed,) = found()
    # The runs of the new level turn out to be of no worth: they are taken away, and the commits measured again.
    remove_runs([line.sha(number) for number in range(24, line.count)])
    line.factors["sort"] = 1.0
    for number in range(24, line.count):
        line.measure(number)
    (withdrawn,) = found()
    assert (withdrawn["id"], withdrawn["status"]) == (confirmed["id"], "withdrawn")
    assert withdrawn["changes"][0]["status"] == "withdrawn"
    assert found("--status open") == []


def remove_runs(commits: list[str]) -> None:
    """Takes the runs of some commits out of the history, as somebody with a database client would."""
    marks = ",".join("?" * len(commits))
    with closing(sqlite3.connect(".regress/history.db")) as history:
        runs = f"SELECT id FROM run WHERE commit_hash IN ({marks})"
        history.execute(f"DELETE FROM point WHERE run_id IN ({runs})", commits)
        history.execute(f"DELETE FROM run WHERE commit_hash IN ({marks})", commits)
        history.commit()


def test_another_processor_is_no_cause(line: Line, found) -> None:
    line.cpu = "Old CPU"
    line.add(15)
    line.cpu = "New CPU"
    line.add(15, sort=1.5, md5=1.5, re=1.5)
    assert found() == []


def test_since_and_benchmark(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    line.add(12, md5=1.5)
    late, early = found()
    assert found(f"--since {line.sha(20)}") == [late]
    assert found("--since 2026-01-01") == [late, early]
    assert found("--since 2026-01-02") == []
    assert found("--benchmark '*test_sort'") == [early]
    assert found("--benchmark 'test_algo*' --status fixed") == []
    done = regress("changes --since nonsense")
    assert done.status == 2
    assert "nonsense" in done.err
    done = regress("changes --status shut")
    assert (done.status, done.err.count("\n")) == (2, 1)


def test_the_formats_say_the_same(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5, md5=1.3)
    (cause,) = found()
    rows = list(csv.DictReader(io.StringIO(regress("changes --format csv").out)))
    assert [row["benchmark"] for row in rows] == [change["benchmark"] for change in cause["changes"]]
    assert [float(row["change"]) for row in rows] == [change["change"] for change in cause["changes"]]
    markdown = regress("changes --format markdown").out
    assert markdown.startswith(f"### {cause['id']} · 2026-01-01 · regression in 2 benchmarks")
    assert markdown.count("\n| ") == 4 - 1


def test_processes_find_the_same(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    regress("ingest results")
    many = regress("changes --format json --jobs 2 --db sqlite:///.regress/history.db")
    assert many.status == 0, many.err
    Path(".regress/history.db").unlink()
    assert found() == json.loads(many.out)["causes"]


def test_an_empty_history_and_one_without_changes(line: Line, regress, found) -> None:
    done = regress("changes")
    assert done.status == 4
    assert "there is no history yet" in done.err
    line.add(8)
    assert found() == []
    assert regress("changes").out == "no changes\n"
    assert regress("changes --format markdown").out == "No changes.\n"


def test_a_history_that_can_only_be_read(line: Line, regress) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    regress("ingest results")
    done = regress("changes --db 'sqlite:///.regress/history.db?mode=ro'")
    assert done.status == 0
    assert "regression in 1 benchmark" in done.out
    assert "what was found is not kept" in done.err


# --- accept and note ---


def test_an_accepted_cause_and_its_note(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    (cause,) = found()
    ACCEPTED.write_text("# ours\n\n[[note]]\ncause = 'deadbeef'   # odd\ntext = 'x'\n", encoding="utf-8")
    before = ACCEPTED.read_text(encoding="utf-8")
    done = regress(f"accept {cause['id']} --reason 'checks its \"input\" now' --expires 2999-01-31")
    assert (done.status, done.err) == (0, "")
    assert regress(f"note {cause['id']} 'see #12, and C:\\new'").status == 0
    text = ACCEPTED.read_text(encoding="utf-8")
    assert text.startswith(before)
    entry = tomllib.loads(text)["accepted"][0]
    assert (entry["cause"], entry["reason"], entry["expires"].year) == (cause["id"], 'checks its "input" now', 2999)
    (now,) = found()
    assert (now["status"], now["reason"], now["note"]) == ("accepted", 'checks its "input" now', "see #12, and C:\\new")
    shown = regress("changes").out
    assert "  accepted: checks its" in shown
    assert "  note: see #12" in shown
    ACCEPTED.write_text(text.replace("2999", "2020"), encoding="utf-8")
    assert found()[0]["status"] == "open"


def test_a_limit_that_is_too_low_accepts_nothing(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    (cause,) = found()
    regress(f"accept {cause['id']} --reason x --up-to 20%")
    assert found()[0]["status"] == "open"
    regress(f"accept {cause['id']} --reason x --up-to 60%")
    assert found()[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("line_", "says"),
    [
        ("accept deadbeef --reason x", "'deadbeef' is neither a cause nor a benchmark here"),
        ("accept '*nothing*' --reason x --up-to 5%", "is neither a cause nor a benchmark here"),
        ("accept '*test_md5' --reason x", "say how much worse it may be: --up-to 12%"),
        ("accept '*test_md5' --reason x --up-to lots", "--up-to 'lots' is not a share such as 12%"),
        ("accept '*test_md5' --reason x --up-to 5% --until soon", "--until 'soon' is not a date"),
        ("accept '*test_md5' --reason ' ' --up-to 5%", "an entry needs a reason"),
        ("note deadbeef text", "'deadbeef' is neither a cause nor a benchmark here"),
    ],
)
def test_what_cannot_be_accepted(line: Line, regress, line_: str, says: str) -> None:
    line.add(3)
    regress("ingest results")
    done = regress(line_)
    assert (done.status, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1
    assert not ACCEPTED.exists()


def test_check_lets_an_accepted_benchmark_pass(line: Line, regress) -> None:
    line.add(12)
    line.add(1, sort=1.5)
    regress("ingest results")
    assert regress("check").status == 1
    assert regress("accept '*test_sort' --reason 'worth it' --up-to 60%").status == 0
    done = regress("check --all")
    assert done.status == 0, done.out
    assert "1 accepted" in done.out
    ACCEPTED.unlink()
    regress("accept '*test_sort' --reason 'worth it' --up-to 20%")
    done = regress("check")
    assert done.status == 1
    assert "regress-accepted.toml:3 accepts only 20%" in done.out


def test_check_lets_an_accepted_cause_pass_until_it_is_in_the_baseline(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    (cause,) = found()
    regress(f"accept {cause['id']} --reason 'worth it'")
    against_old = f"check --commit HEAD --against {line.sha(8)}"
    assert regress(against_old).status == 0
    line.add(1, sort=2.25)
    regress("ingest results")
    assert regress("check").status == 1  # as large a step again, on top of the accepted one
    assert regress(against_old).status == 1


def test_accepting_a_benchmark_takes_its_size_from_what_was_found(line: Line, regress, found) -> None:
    line.add(12)
    line.add(12, sort=1.5)
    found()
    assert regress("accept '*test_sort' --reason 'worth it'").status == 0
    (entry,) = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))["accepted"]
    assert line.sha(12).startswith(entry["until"])
    assert 0.45 < float(entry["up_to"].strip("+%")) / 100 < 0.6
    assert found()[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[accepted]\n", "regress-accepted.toml: is not TOML"),
        ("[[acepted]]\ncause = 'x'\n", "regress-accepted.toml:1: 'acepted' is not known here"),
        ("\n[[accepted]]\ncause = 'x'\nupto = 1\n", "regress-accepted.toml:4: unknown key 'upto'; known here: cause"),
        ("[[accepted]]\nreason = 'x'\n", "regress-accepted.toml:1: an entry names either a cause or a benchmark"),
        ("[[accepted]]\ncause = 'x'\nbenchmark = 'y'\n", "names either a cause or a benchmark"),
        ("[[accepted]]\ncause = 'x'\nexpires = 'soon'\n", "regress-accepted.toml:3: expires is not a date"),
        ("[[accepted]]\ncause = 'x'\nup_to = 'lots'\n", "regress-accepted.toml:3: up_to 'lots' is not a share"),
        ("[[accepted]]\ncause = 'x'\nup_to = true\n", "up_to is not a share"),
        ("[[accepted]]\ncause = 7\n", "cause is not a text"),
        ("[[note]]\ncause = 'x'\n", "a note needs a cause and a text"),
    ],
)
def test_a_faulty_file_names_its_line(line: Line, regress, text: str, says: str) -> None:
    line.add(3)
    regress("ingest results")
    ACCEPTED.write_text(text, encoding="utf-8")
    for command in ("changes", "accept '*sort' --reason x --up-to 1%"):
        done = regress(command)
        assert done.status == 2
        assert says in done.err
        assert done.err.count("\n") == 1
    assert ACCEPTED.read_text(encoding="utf-8") == text
