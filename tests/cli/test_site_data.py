"""What `regress site` writes beside its pages: points, a copy of the history, redirects; and its bar on a terminal."""

import os
import pty
import subprocess
import sys

from regress.history import History


def test_points_and_a_copy_of_the_history(ingested, regress):
    done = regress("site -o out --data --sqlite")
    assert done.status == 0, done.err
    assert done.err == "", "no bar where there is no terminal"
    assert list((ingested.root / "out" / "b").glob("*.csv"))
    with History.open(str(ingested.root / "out" / "history.sqlite"), create=False) as copy:
        assert len(copy.runs()) == 7
    before = {path: path.stat().st_mtime_ns for path in (ingested.root / "out").rglob("*") if path.is_file()}
    assert regress("site -o out --data --sqlite").status == 0
    assert before == {path: path.stat().st_mtime_ns for path in before}, "only what changed is written"


def test_a_history_on_a_server_is_no_file(project, regress, new_postgres):
    url = new_postgres()
    assert regress(f"ingest results --db '{url}'").status == 0
    done = regress(f"site -o out --sqlite --db '{url}'")
    assert done.status == 2
    assert "only a history in SQLite can be copied into a file" in done.err
    assert len(done.err.splitlines()) == 1
    assert not (project.root / "out").exists()
    assert regress(f"site -o out --db '{url}'").status == 0


def test_a_renamed_benchmark_leaves_its_address(ingested, regress):
    assert regress("site -o out").status == 0
    (old,) = (ingested.root / "out" / "b").glob("*test_sort*.html")
    (ingested.root / "regress.toml").write_text(
        '[renamed]\n"test_algo.py::test_sort" = "test_algo.py::test_order"\n', encoding="utf-8"
    )
    assert regress("site -o out").status == 0
    text = old.read_text("utf-8")
    assert "Renamed" in text
    (new,) = (ingested.root / "out" / "b").glob("*test_order*.html")
    assert f"url={new.name}" in text


def test_a_terminal_sees_a_bar_and_standard_output_does_not(ingested):
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "regress", "site", "-o", "out"]
    with subprocess.Popen(
        command, cwd=ingested.root, stdout=subprocess.PIPE, stderr=follower, env=os.environ | {"TERM": "xterm"}
    ) as running:
        os.close(follower)
        shown = bytearray()
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        out = running.stdout.read().decode()
    os.close(leader)
    assert running.returncode == 0
    assert "reading the history" in shown.decode()
    assert "3/3" in shown.decode()
    assert out.splitlines() == [out.strip()]
