"""How the shared branch stands a race, and what a fresh CI job fetches of a long history.

    python benchmarks/sync_race.py                       everything, at full size
    python benchmarks/sync_race.py --clones 4 --runs 5   a smaller race

race    a bare repository as the remote and clones that push their runs at once, one run a push, as CI jobs do; every
        run has to be there, no push may be forced (the remote refuses such a push and keeps a log of its branch), and
        all clones have to hold the same after a pull
killed  the same while one clone is killed (SIGKILL) at random moments and started again
fresh   what comes over the wire when a new clone pulls a history of 2,000 runs from `git daemon`, counted by a proxy
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from regress.model import TIME, Benchmark, Columns, Environment, Key, Run, Source  # noqa: E402
from regress.work.context import Workspace  # noqa: E402
from regress.work.export import digests_of, whole_runs  # noqa: E402
from regress.work.sync import Choice, Place, pull, push  # noqa: E402

GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | {
    f"GIT_{who}_{what}": "ada" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
START = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = Environment.of({"system": "Linux", "python": "CPython 3.11"}, {"cpu": "Some CPU", "cores": "4"})


def git(where: Path, *args: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(where), *args], env=os.environ | GIT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def a_run(commit: str, clone: int, number: int, rows: int) -> Run:
    """One run of `rows` benchmarks, which no other clone and number gives."""
    chance = np.random.default_rng([clone, number])
    names = [f"bench_core.Suite{row % 7}.time_{row}" for row in range(rows)]
    keys = tuple(Key(Benchmark("asv", name, f"({row})"), TIME) for row, name in enumerate(names))
    median = 1e-3 * chance.lognormal(0, 1, rows)
    spread = median * chance.uniform(0.005, 0.03, rows)
    stats = {
        "min": median - spread, "q1": median - spread / 2, "median": median, "q3": median + spread / 2,
        "max": median + 3 * spread, "sd": spread, "n": chance.integers(5, 50, rows).astype(float),
    }  # fmt: skip
    started = START + timedelta(minutes=clone * 10_000 + number)
    return Run(commit, PLACE, Source("own.json", "asv", "asv", "0.6.6"), Columns(keys, stats), started_at=started)


def make_remote(folder: Path) -> Path:
    """A bare repository with a commit, which refuses to be forced and keeps a log of its branches."""
    source, remote = folder / "source", folder / "remote.git"
    source.mkdir(parents=True)
    git(source, "init", "-q", "-b", "main")
    git(source, "commit", "-q", "--allow-empty", "-m", "Begin")
    git(folder, "clone", "-q", "--bare", str(source), str(remote))
    settings = {
        "receive.denyNonFastForwards": "true", "core.logAllRefUpdates": "true", "uploadpack.allowFilter": "true",
        "gc.auto": "0", "receive.autogc": "false",
    }  # fmt: skip
    for name, value in settings.items():
        git(remote, "config", name, value)
    return remote


# --- a clone at work ---


def worker(clone: Path, number: int, runs: int, log: Path) -> None:
    """Measures and pushes one run after the other; goes on where a killed one has stopped."""
    with Workspace.open(clone) as workspace:
        commit = workspace.resolve("HEAD")
        for count in range(max(len(workspace.history.runs()) - 1, 0), runs):
            workspace.history.record([a_run(commit, number, count, 20)])
            began = time.monotonic()
            sent = push(workspace, Choice(everything=True), Place())
            with log.open("a") as file:
                file.write(json.dumps([number, sent.done.tries, time.monotonic() - began]) + "\n")


def race(folder: Path, clones: int, runs: int, *, killing: bool) -> dict[str, object]:
    remote = make_remote(folder)
    places = [folder / f"clone-{number}" for number in range(clones)]
    for place in places:
        git(folder, "clone", "-q", remote.as_uri(), str(place))
    log = folder / "log"
    began = time.monotonic()

    def start(number: int) -> subprocess.Popen[bytes]:
        words = ["worker", str(places[number]), str(number), str(runs), str(log)]
        return subprocess.Popen([sys.executable, __file__, *words], env=os.environ | GIT)

    working = [start(number) for number in range(clones)]
    kills = 0
    while killing and kills < runs and working[0].poll() is None:
        time.sleep(random.uniform(1.5, 6))
        if working[0].poll() is None:
            working[0].kill()
            working[0].wait()
            kills += 1
            working[0] = start(0)
    assert [process.wait() for process in working] == [0] * clones
    seconds = time.monotonic() - began
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    texts = {exported(place) for place in places}
    listed = git(remote, "ls-tree", "-r", "--name-only", "regress-history").splitlines()
    steps = [line.split() for line in (remote / "logs/refs/heads/regress-history").read_text().splitlines()]
    forced = sum(set(step[0]) != {"0"} and not is_ancestor(remote, step[0], step[1]) for step in steps)
    return {
        "runs present": sum(path.startswith("runs/") for path in listed), "of": clones * runs,
        "seconds": round(seconds, 1),
        "pushes": len(rows), "tried again": sum(max(tries - 1, 0) for _, tries, _ in rows),
        "most tries of one push": max(tries for _, tries, _ in rows),
        "median seconds a push": round(float(np.median([took for _, _, took in rows])), 2),
        "slowest push": round(max(took for _, _, took in rows), 1), "killed": kills, "moves of the branch": len(steps),
        "forced": forced, "different exports": len(texts),
    }  # fmt: skip


def is_ancestor(remote: Path, old: str, new: str) -> bool:
    call = ["git", "-C", str(remote), "merge-base", "--is-ancestor", old, new]
    return subprocess.run(call, check=False).returncode == 0


def exported(place: Path) -> str:
    """The canonical export of a clone after a pull."""
    from regress.formats import dump

    with Workspace.open(place) as workspace:
        pull(workspace, Place())
        return "".join(dump(run) for _, run in whole_runs(workspace, digests_of(workspace, ())))


# --- what comes over the wire ---


class Counter:
    """A proxy on loopback that counts the bytes that a server sends."""

    def __init__(self, port: int) -> None:
        self.received = 0
        self._target = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._socket.accept()
            server = socket.create_connection(("127.0.0.1", self._target))
            threading.Thread(target=self._copy, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client, True), daemon=True).start()

    def _copy(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        while data := one.recv(65536):
            self.received += len(data) * counted
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


def fresh(folder: Path, runs: int, rows: int) -> dict[str, object]:
    remote = make_remote(folder)
    first = folder / "first"
    git(folder, "clone", "-q", remote.as_uri(), str(first))
    with Workspace.open(first) as workspace:
        commit = workspace.resolve("HEAD")
        workspace.history.record(a_run(commit, 0, number, rows) for number in range(runs))
        began = time.monotonic()
        push(workspace, Choice(everything=True), Place())
        pushing = time.monotonic() - began
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = ["git", "daemon", "--export-all", f"--base-path={folder}", "--listen=127.0.0.1", f"--port={port}"]
    daemon = subprocess.Popen([*serve, "--reuseaddr"], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        found = figures(folder, first, wait_for(port))
    finally:
        daemon.terminate()
        daemon.wait()
    size = sum(path.stat().st_size for path in (remote / "objects").rglob("*") if path.is_file())
    made = {"runs": runs, "rows a run": rows, "bytes of the remote": size, "seconds to push all": round(pushing, 1)}
    return made | found


def wait_for(port: int) -> int:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return port


def figures(folder: Path, first: Path, port: int) -> dict[str, object]:
    """Bytes and seconds of a first pull, of one with nothing new, and of one with one run more."""
    counter = Counter(port)
    job = folder / "job"
    git(folder, "clone", "-q", "--depth=1", f"git://127.0.0.1:{counter.port}/remote.git", str(job))
    found: dict[str, object] = {}
    for what in ("a fresh job", "nothing new", "one run more"):
        if what == "one run more":
            with Workspace.open(first) as workspace:
                workspace.history.record([a_run(workspace.resolve("HEAD"), 1, 0, 100)])
                push(workspace, Choice(everything=True), Place())
        before, began = counter.received, time.monotonic()
        with Workspace.open(job) as workspace:
            done, _ = pull(workspace, Place())
        seconds = round(time.monotonic() - began, 1)
        found[what] = {"runs": done.runs, "bytes": counter.received - before, "seconds": seconds}
    return found


def main() -> None:
    if sys.argv[1:2] == ["worker"]:
        place, number, runs, log = sys.argv[2:]
        worker(Path(place), int(number), int(runs), Path(log))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("parts", nargs="*", default=["race", "killed", "fresh"])
    parser.add_argument("--clones", type=int, default=8)
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--history", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=100)
    given = parser.parse_args()
    os.environ.pop("REGRESS_DB", None)
    for part in given.parts:
        with tempfile.TemporaryDirectory(prefix="sync-race-") as folder:
            if part == "fresh":
                result = fresh(Path(folder), given.history, given.rows)
            else:
                result = race(Path(folder), given.clones, given.runs, killing=part == "killed")
        print(part, json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
