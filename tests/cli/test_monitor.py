"""`regress monitor` as people use it: real commands, real signals, real files."""

import csv
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from regress.cli import run
from regress.cli.monitor import event_line, live_line, shown
from regress.suites.watch import Gauge, Sample, guards

ROOT = Path(__file__).parent.parent.parent
PYTHON = sys.executable


def monitor(*args):
    return run(["monitor", "--interval", "0.05", *args])


def start(*args, **options):
    """The program as a process of its own."""
    return subprocess.Popen(
        [PYTHON, "-m", "regress", "monitor", "--interval", "0.05", *args],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def sleeper(path, before=""):
    """A command that starts a child, writes both numbers to `path`, and sleeps."""
    code = f"""
        import os, pathlib, subprocess, sys, time
        {before}
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
        path = pathlib.Path({str(path)!r})
        path.with_suffix(".new").write_text(f"{{os.getpid()}} {{child.pid}}")
        path.with_suffix(".new").rename(path)
        time.sleep(120)
    """
    return [PYTHON, "-c", textwrap.dedent(code)]


def test_the_status_of_the_command_is_passed_on(capfd):
    assert monitor("--", PYTHON, "-c", "print('its own'); raise SystemExit(7)") == 7
    out, err = capfd.readouterr()
    assert out == "its own\n"
    assert "ended with 7" in err
    assert "watching took" in err


def test_a_command_that_a_signal_ended(capfd):
    assert monitor("--", PYTHON, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)") == 137
    assert "ended by signal 9" in capfd.readouterr().err


def test_a_limit_that_is_broken_is_said_at_once_and_ends_with_1(tmp_path, capfd):
    code = "b = bytearray(b'x') * 150_000_000; import time; time.sleep(0.5); raise SystemExit(7)"
    report = tmp_path / "report.json"
    assert (
        monitor("--limit", "rss < 100 MB", "--limit", "rss < 10 GB", "--json", str(report), "--", PYTHON, "-c", code)
        == 1
    )
    err = capfd.readouterr().err
    assert err.count("LIMIT BROKEN rss < 100 MB") == 1
    assert err.index("LIMIT BROKEN") < err.index("breached    rss < 100 MB: once") < err.index("rss_peak")
    assert "met         rss < 10 GB: at worst" in err
    document = json.loads(report.read_text(encoding="utf-8"))
    assert (document["format"], document["version"]) == ("regress-monitor", 1)
    assert (document["status"], document["command_status"], document["ended"]) == (1, 7, "ended")
    assert [limit["state"] for limit in document["limits"]] == ["breached", "met"]
    figures = {figure["name"]: figure["value"] for figure in document["figures"]}
    assert figures["rss_peak"] >= 150e6
    assert {"cpu", "cpu_one", "rss"} <= {column["name"] for column in document["columns"]}


def test_a_limit_that_is_kept_again_is_said(capfd):
    code = "b = bytearray(b'x') * 150_000_000; import time; time.sleep(.4); del b; time.sleep(.4)"
    assert monitor("--limit", "rss < 100 MB", "--", PYTHON, "-c", code) == 1
    err = capfd.readouterr().err
    assert err.count("LIMIT BROKEN") == 1
    assert "limit kept again rss < 100 MB" in err


def test_a_limit_without_any_figure_is_not_judged(capfd):
    status = monitor(
        "--probe", "queue=false", "--limit", "queue < 3", "--", PYTHON, "-c", "import time; time.sleep(.3)"
    )
    assert status == 0
    err = capfd.readouterr().err
    assert err.splitlines()[0] == "NOT JUDGED: 1"
    assert "note: queue: false ended with 1" in err


def test_a_probe_is_a_column(tmp_path, capfd):
    table = tmp_path / "samples.csv"
    assert (
        monitor("--probe", "queue=echo 12", "--csv", str(table), "--", PYTHON, "-c", "import time; time.sleep(.6)") == 0
    )
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert len(rows) >= 3
    assert "12" in {row["queue"] for row in rows}
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds == sorted(seconds)
    assert "queue" in capfd.readouterr().err


def test_a_process_is_watched_until_it_ends(capfd):
    with subprocess.Popen([PYTHON, "-c", "import time; time.sleep(.5)"]) as process:
        assert monitor("--pid", str(process.pid)) == 0
    out = capfd.readouterr().out
    assert f"process {process.pid}: " in out
    assert "rss" in out


def test_a_duration_ends_a_command_with_its_children(tmp_path, capfd):
    path = tmp_path / "pids"
    assert monitor("--duration", "2 s", "--", *sleeper(path)) == 0
    assert "until the time was over" in capfd.readouterr().err
    until(lambda: not any(alive(int(pid)) for pid in path.read_text(encoding="utf-8").split()))


def test_a_duration_leaves_a_process_that_is_not_ours(capfd):
    with subprocess.Popen([PYTHON, "-c", "import time; time.sleep(60)"]) as process:
        assert monitor("--duration", "0.2 s", "--pid", str(process.pid)) == 0
        assert process.poll() is None
        process.kill()


def test_the_machine_alone_as_json_on_standard_output(capfd):
    assert monitor("--duration", "0.2 s", "--json", "-") == 0
    document = json.loads(capfd.readouterr().out)
    assert document["command"] is None
    assert document["ended"] == "time"


DEAF = "import signal; [signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)]"


@pytest.mark.parametrize(("number", "before"), [(signal.SIGINT, ""), (signal.SIGTERM, DEAF)], ids=["int", "deaf"])
def test_an_interrupt_ends_the_tree_and_shows_the_figures(tmp_path, number, before):
    path = tmp_path / "pids"
    process = start("--", *sleeper(path, before))
    until(path.exists)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "rss_peak" in err
    assert "Traceback" not in err
    until(lambda: not any(alive(int(pid)) for pid in path.read_text(encoding="utf-8").split()))


def test_an_interrupt_of_a_watch_leaves_the_process(tmp_path):
    with subprocess.Popen([PYTHON, "-c", "import time; time.sleep(60)"]) as watched:
        table = tmp_path / "samples.csv"
        process = start("--pid", str(watched.pid), "--csv", str(table))
        until(lambda: table.exists() and len(table.read_text(encoding="utf-8").splitlines()) > 2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "rss_peak" in out
        assert watched.poll() is None
        watched.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_terminal_a_line_lives(tmp_path):
    import pty

    ours, theirs = pty.openpty()
    table = tmp_path / "samples.csv"
    process = subprocess.Popen(
        [PYTHON, "-m", "regress", "monitor", "--interval", "0.05", "--duration", "1 s", "--limit", "load < 0", "--csv",
         str(table)],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
        env=os.environ | {"TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:
        pass  # the other end has gone
    os.close(ours)
    assert process.wait() == 1
    assert shown.count(b"LIMIT BROKEN load < 0") == 1
    assert b"machine_memory" in shown


def test_a_kill_leaves_whole_lines(tmp_path):
    table = tmp_path / "samples.csv"
    process = start("--csv", str(table))
    until(lambda: table.exists() and len(table.read_text(encoding="utf-8").splitlines()) > 4)
    process.kill()
    process.communicate()
    text = table.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert len({line.count(",") for line in text.splitlines()}) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_ends_no_command(tmp_path, monkeypatch, capfd):
    real = os.write

    def full(number, data):
        if data.startswith(b"time,") or data[:2] != b"20":
            return real(number, data)
        with open("/dev/full", "wb", buffering=0) as nowhere:
            return nowhere.write(data)

    monkeypatch.setattr("regress.suites.watch.csv.os.write", full)
    done = tmp_path / "done"
    code = f"import time; time.sleep(.3); open({str(done)!r}, 'w')"
    assert monitor("--csv", str(tmp_path / "x.csv"), "--", PYTHON, "-c", code) == 2
    assert done.exists()
    assert "No space left on device; rows are missing from" in capfd.readouterr().err


def test_processes_that_outlive_the_command_are_named(tmp_path, capfd):
    path = tmp_path / "pid"
    code = f"""
        import pathlib, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        pathlib.Path({str(path)!r}).write_text(str(child.pid))
        time.sleep(1)
    """
    assert monitor("--", PYTHON, "-c", textwrap.dedent(code)) == 0
    os.kill(int(path.read_text(encoding="utf-8")), signal.SIGKILL)
    assert "1 process that it started still run" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--interval", "0.001"], "choose one from 0.05 s to 10 s"),
        (["--interval", "soon"], "--interval 'soon' is not a number"),
        (["--duration", "0"], "--duration must be more than 0"),
        (["--duration", "5 MB"], "is a time"),
        (["--limit", "cpux < 3"], "these are known: cpu,"),
        (["--probe", "queue"], "write NAME=COMMAND"),
        (["--probe", "a=echo 1", "--probe", "a=echo 2"], "two probes 'a'"),
        (["--csv", "/nonexistent/x.csv"], "/nonexistent/x.csv: cannot be written"),
        (["--pid", "1", "--", "true"], "at once"),
        (["--", "no-such-command-here"], "no-such-command-here: cannot be started"),
        (["--pid", "999999999999"], "no such process"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_2(args, words, capfd):
    assert run(["monitor", *args]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_command_with_line_breaks_is_one_line(capfd):
    assert monitor("--", PYTHON, "-c", "pass\n\npass") == 0
    assert "-c pass pass: " in capfd.readouterr().err


def test_the_words():
    from datetime import UTC, datetime

    (guard,) = guards(["cpu < 70%"])
    sample = Sample(datetime(2026, 1, 1, tzinfo=UTC), 12.5, cpu=0.83, rss=2.0**30, gauges=(Gauge("queue", 1200.0),))
    event = guard.see(sample)
    assert event_line(event).endswith(" after 12.5 s: LIMIT BROKEN cpu < 70%: 83%")
    assert live_line(sample) == "12 s · cpu 83% · rss 1 GiB · queue 1200"
    assert shown("rss", None) == "-"
