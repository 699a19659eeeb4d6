"""Real processes that push to one branch at once."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sync.conftest import files_of, git, text_of
from tests.sync.test_exchange import fetched

CLONES, RUNS = 4, 5
ROOT = Path(__file__).parent.parent.parent
WORKER = """
import sys
from regress.history import History
from regress.repo import Repository
from regress.sync import push, shared_branch
from tests.factories import make_run

root, url, number, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with History.open(url) as history:
    for count in range(runs):
        history.record([make_run(f"c{count}", {"bench.one": number + count / 10}, minutes=100 * number + count)])
        with shared_branch(Repository.discover(root), "origin", "regress-history") as branch:
            push(history, branch, [run.digest for run in history.runs()])
"""


def test_four_clones_push_five_runs_each(new_clone, remote, tmp_path):
    clones = [new_clone() for _ in range(CLONES)]
    working = [start(clone, tmp_path, number) for number, clone in enumerate(clones)]
    # One is killed as soon as it has begun, and started again.
    working[0].kill()
    working[0].wait()
    working[0] = start(clones[0], tmp_path, 0)
    assert [process.wait() for process in working] == [0] * CLONES
    assert sum(path.startswith("runs/") for path in files_of(remote)) == CLONES * RUNS
    for clone in clones:
        fetched(clone)
    texts = {text_of(clone.history) for clone in clones}
    assert len(texts) == 1
    assert len(texts.pop().splitlines()) == CLONES * RUNS
    # The remote refuses a forced push, and its log holds no other.
    moves = [line.split()[:2] for line in (remote / "logs/refs/heads/regress-history").read_text().splitlines()]
    for old, new in moves[1:]:
        git(remote, "merge-base", "--is-ancestor", old, new)


def start(clone, folder: Path, number: int) -> subprocess.Popen:
    url = f"sqlite:///{folder}/worker-{number}.db"
    words = [sys.executable, "-c", WORKER, str(clone.root), url, str(number), str(RUNS)]
    return subprocess.Popen(words, cwd=ROOT, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
