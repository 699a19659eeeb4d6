"""Real processes that work, allocate and sleep, watched from outside; margins are wide, no time is measured."""

import os
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager

import psutil
import pytest

from regress.errors import UsageError
from regress.suites.watch import Pace, Sampler, Tree, busy, figures, spreads

QUICK = Pace(0.05, most_cost=1.0)


@contextmanager
def running(code):
    """A Python process that runs `code`, with pipes; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def say(process):
    """Lets the process go on, and waits until it says that it has."""
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline()


def until(condition, seconds=20.0):
    """Waits for a condition; the time is only so that a fault does not wait for ever."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.01)


def values(sampler):
    return {metric.name: value for metric, value in figures(sampler.samples)}


def taken(sampler, n=3):
    """Waits for n more samples."""
    have = len(sampler.samples)
    until(lambda: len(sampler.samples) >= have + n)


def test_an_allocation_is_seen_as_peak_and_increase():
    code = """
        input(); big = bytearray(b"x") * 200_000_000; print("done", flush=True); input()
    """
    with running(code) as process, Sampler(process.pid, pace=QUICK) as sampler:
        taken(sampler, 4)
        say(process)
        taken(sampler, 8)
        sampler.stop()
    found = values(sampler)
    assert found["rss_peak"] >= 200e6
    assert found["rss_increase"] >= 150e6
    assert found["rss_peak"] > found["rss_mean"] > 0


def test_memory_that_was_given_back_between_two_samples_is_in_the_peak():
    code = """
        input(); big = bytearray(b"x") * 200_000_000; del big; print("done", flush=True); input()
    """
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux notes the peak of each process")
    with running(code) as process, Sampler(process.pid, pace=Pace(10.0)) as sampler:
        say(process)
        sampler.stop()
    assert all(sample.rss < 150e6 for sample in sampler.samples)
    assert values(sampler)["rss_peak"] >= 200e6


def test_a_child_of_a_child_is_counted():
    inner = "import sys; b = bytearray(b'x') * 100_000_000; print('up', flush=True); sys.stdin.read()"
    middle = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {middle!r}])"
    with running(code) as process, Sampler(process.pid, pace=QUICK) as sampler:
        assert process.stdout.readline() == "up\n"
        taken(sampler)
        sampler.stop()
        found = values(sampler)
        assert found["processes_max"] == 3
        assert found["rss_peak"] >= 100e6
        sampler.tree.end()
        until(lambda: not sampler.tree.processes())


def test_work_of_children_that_come_and_go_between_two_samples_is_not_lost():
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells what a process has inherited")
    work = "import time\nwhile time.process_time() < 0.15: pass"
    code = f"""
        import subprocess, sys
        input()
        for _ in range(4): subprocess.run([sys.executable, "-c", {work!r}])
        print("done", flush=True); input()
    """
    with running(code) as process, Sampler(process.pid, pace=Pace(10.0)) as sampler:
        say(process)
        sampler.stop()
    assert all(sample.processes == 1 for sample in sampler.samples)
    assert values(sampler)["cpu_time"] >= 0.5


def test_work_is_a_share_of_the_cores_that_may_be_used():
    with running("while True: pass") as process, Sampler(process.pid, pace=QUICK) as sampler:
        until(lambda: (sampler.samples[-1].cpu_time or 0) > 0.3)
        sampler.stop()
    found = {m.name: v for m, v in figures(sampler.samples, one_core=True)}
    assert found["cpu_time"] > 0.3
    assert 0 < found["cpu_one"] <= 1.3
    assert found["cpu"] == pytest.approx(found["cpu_one"] / sampler.allowance.cores)


def test_a_process_that_sleeps_takes_next_to_nothing():
    with running("input()") as process:
        until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING)
        with Sampler(process.pid, pace=QUICK) as sampler:
            taken(sampler, 5)
            before = sampler.samples[0].cpu_time
            sampler.stop()
    assert sampler.samples[-1].cpu_time - before < 0.2


def test_what_a_process_that_is_not_ours_used_before_does_not_count():
    worker = "import time\nwhile time.process_time() < 0.4: pass\nprint('up', flush=True)\ninput()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {worker!r}])"
    with running(code) as process:
        assert process.stdout.readline() == "up\n"
        child = psutil.Process(process.pid).children()[0]
        with Sampler(child.pid, pace=QUICK) as sampler:
            taken(sampler)
            sampler.stop()
        child.kill()
    assert sampler.samples[0].cpu_time == 0
    assert values(sampler)["cpu_time"] < 0.3


def test_bytes_and_switches_of_all_threads_count(tmp_path):
    code = f"""
        import os, threading, time
        def nap():
            for _ in range(300): time.sleep(0.0001)
        input()
        threads = [threading.Thread(target=nap) for _ in range(3)]
        [t.start() for t in threads]
        with open({str(tmp_path / "big")!r}, "wb") as file:
            file.write(bytes(5_000_000)); file.flush(); os.fsync(file.fileno())
        for _ in range(50): time.sleep(0.01)
        print("done", flush=True); input()
    """
    with running(code) as process, Sampler(process.pid, pace=QUICK) as sampler:
        say(process)
        sampler.stop()
    found = values(sampler)
    assert found["context_switches"] >= 50
    if "io_written" in found:  # not every system tells, nor every file system
        assert found["io_written"] >= 0


def test_an_orphan_is_followed_on():
    orphan = "import sys; print('up', flush=True); import time; time.sleep(60)"
    code = f"""
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", {orphan!r}])
        input()
    """
    with running(code) as process:
        tree = Tree(process.pid)
        assert process.stdout.readline() == "up\n"
        assert tree.read().processes == 2
        process.stdin.close()
        until(lambda: (tree.read(), tree.ended)[1])
        assert tree.read().processes == 1
        tree.end()
        until(lambda: tree.read().processes is None)


def test_a_process_that_is_gone_at_once_leaves_two_samples():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie of ours now
    sampler = Sampler(process.pid)
    sampler.start()
    assert sampler.over.is_set()
    sampler.stop()
    process.wait()
    assert len(sampler.samples) == 2
    assert sampler.samples[-1].rss is None
    assert sampler.samples[-1].processes is None
    assert "rss_peak" not in values(sampler) or values(sampler)["rss_peak"] > 0


def test_the_end_of_a_process_is_noticed():
    with running("input()") as process, Sampler(process.pid, pace=QUICK) as sampler:
        taken(sampler, 1)
        process.stdin.close()
        assert sampler.over.wait(20)


def test_there_is_no_such_process():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    with pytest.raises(UsageError, match="no such process"):
        Sampler(process.pid)


def test_the_zombie_of_somebody_else_is_refused():
    code = """
        import os, sys
        child = os.fork()
        if not child: os._exit(0)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        print(child, flush=True); input()
    """
    with running(code) as process:
        zombie = int(process.stdout.readline())
        with pytest.raises(UsageError, match="has ended already"):
            Tree(zombie)


def test_a_number_that_is_used_again_is_another_process():
    with running("input()") as first, running("input()") as second:
        tree = Tree(first.pid)
        assert tree.read().processes == 1
        # As when the number comes round: it leads to a process that was started at another time.
        tree._root._pid = second.pid
        tree._seen = {tree._root: None}
        assert tree.processes() == []
        tree.read()
        assert tree.ended


def test_the_machine_alone():
    with Sampler(None, pace=QUICK) as sampler:
        taken(sampler)
        sampler.stop()
    found = values(sampler)
    assert "rss_peak" not in found
    assert 0 < found["machine_memory"] <= 1
    assert 0 < found["disk"] <= 1
    assert found["load"] >= 0
    assert {spread.name for spread in spreads(sampler.samples)} == {"machine_memory", "disk", "load", "others"}


def test_others_are_neither_the_tree_nor_this_program():
    """Somebody else works: the machine alone sees it, a watch of that process does not call it others."""
    with running("while True: pass") as process:
        own = Sampler(process.pid, pace=QUICK)
        alone = Sampler(None, pace=QUICK)
        own.start(), alone.start()
        until(lambda: (own.samples[-1].cpu_time or 0) > 0.6)
        own.stop(), alone.stop()
    assert alone.samples[-1].others_time * psutil.cpu_count() > 0.3
    assert own.samples[-1].others_time < alone.samples[-1].others_time


def test_the_interval_is_stretched_so_that_watching_stays_cheap():
    assert Pace(0.05, most_cost=0.01).wait(0.002) == pytest.approx(0.23)
    assert Pace(0.5).wait(0.002) == 0.5
    assert Pace(0.5).wait(1e6) == 10.0


@pytest.mark.parametrize("interval", [0.0, 0.01, 11, float("nan")])
def test_an_interval_that_cannot_be_held_is_refused(interval):
    with pytest.raises(UsageError, match="interval"):
        Pace(interval)


def test_stretching_is_said():
    with running("input()") as process, Sampler(process.pid, pace=Pace(0.05, most_cost=0.0001)) as sampler:
        until(lambda: sampler._widest > 0.06)
        sampler.stop()
        assert any("apart instead of 0.05 s" in note for note in sampler.notes)
        assert sampler.cost > 0


def test_a_clock_that_jumps_moves_nothing(monkeypatch):
    with running("input()") as process:
        sampler = Sampler(process.pid, pace=QUICK)
        sampler.start()
        taken(sampler)
        monkeypatch.setattr(time, "time", lambda: 0.0)
        taken(sampler)
        sampler.stop()
    seconds = [sample.seconds for sample in sampler.samples]
    assert seconds == sorted(seconds)
    assert all(sample.processes == 1 for sample in sampler.samples)


def test_what_a_listener_raises_comes_out_of_stop():
    heard = []

    def listen(sample):
        heard.append(sample)
        if len(heard) == 3:
            raise UsageError("enough")

    with running("input()") as process:
        sampler = Sampler(process.pid, pace=QUICK, listen=listen)
        sampler.start()
        assert sampler.over.wait(20)
        with pytest.raises(UsageError, match="enough"):
            sampler.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_what_may_not_be_looked_at_of_another_user_is_said():
    code = f"""
        import os, sys
        sys.path[:0] = {sys.path!r}
        from regress.suites.watch import Tree
        from regress.errors import RegressError
        import psutil
        os.setuid(65534)
        tree = Tree({os.getpid()})
        usage = tree.read()
        print(usage.rss > 0, usage.io_read, *tree.notes, flush=True)
    """
    with running(code) as process:
        assert process.stdout.readline().startswith("True None bytes read and written of another user's")


def test_a_process_that_may_not_be_looked_at_at_all_is_refused(monkeypatch):
    def denied(self):
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(psutil.Process, "memory_info", denied)
    with pytest.raises(UsageError, match="another user's"):
        Tree(os.getpid())


def test_a_quiet_watch_is_not_busy():
    assert busy([]) == ""
