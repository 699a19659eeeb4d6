"""Plays it through, as CI does: `python -m tests.work.ci_demo [FOLDER]`.

A push of main, then a pull request that makes a benchmark three times slower, then its mended version; each job begins
in an empty folder, with a bare remote and a GitHub on loopback. Ends with 1 where anything is not as it must be.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.forge.scripted import Scripted, serving
from tests.work.ci_ground import NUMBER, Ended, Ground

WORDS = ("--reports", "reports", "--site", "site")


def play(folder: Path, say: Callable[[str], None] = lambda text: None) -> tuple[Ground, Scripted]:
    """The whole of it; AssertionError where anything is not as it must be."""
    ground = Ground.make(folder)
    with serving(Scripted()) as forge:
        forge.pull(NUMBER)
        for number, subject in enumerate(("Begin", "Tidy", "Sort hits")):
            ground.push_main(subject, test_parse=0.002 * (1 + 0.001 * number))
            done = _told(say, f"a push of main: {subject}", ground.push_job(forge, *WORDS))
            assert done.status == 0, done.out
            assert len(ground.shared()) == number + 1, done.out
            assert (done.root / "site" / "index.html").is_file(), done.out
        assert forge.writes() == []
        tip, merge = ground.pull_request("Compare words one by one", test_tokenize=0.030)
        done = _told(say, "a pull request that regresses", ground.request_job(tip, merge, forge, *WORDS))
        assert done.status == 1, done.out
        assert [("🔴" in one["body"]) for one in forge.comments[NUMBER]] == [True], done.out
        assert forge.checks[0]["conclusion"] == "failure", done.out
        assert (done.root / "reports" / "junit.xml").is_file(), done.out
        tip, merge = ground.pull_request("Look words up in a set again")
        done = _told(say, "its mended version", ground.request_job(tip, merge, forge, *WORDS))
        assert done.status == 0, done.out
        assert [("🟢" in one["body"]) for one in forge.comments[NUMBER]] == [True], done.out
        assert forge.checks[-1]["conclusion"] == "success", done.out
        assert len(ground.shared()) == 3, "runs of pull requests are not shared"
    return ground, forge


def _told(say: Callable[[str], None], what: str, done: Ended) -> Ended:
    say(f"--- {what}: status {done.status}\n{done.out}")
    return done


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="regress-ci-demo-") as name:
        play(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name), print)
    print("regress ci: a push, a pull request that regresses, its mended version: all as it must be")
