"""Plays an example: a team's repository grows commit by commit, and `regress` is used as the team would.

    python examples/play.py work_queue [--into DIR] [--full]

An example is a folder with `project/` (the repository at its first commit), `commits/*.patch` (what comes after it) and
`story.toml`, the steps in their order:

    [env]                          # of everything that is run: a small load, so that it takes a minute
    STEPS = "50"
    [full]                         # in its place with --full: the team's real durations
    STEPS = "500"

    [[step]]
    patch = "01-batch-claims"      # applies it and commits; its first line is the subject
    shell = "regress run"          # then runs this, with the project as its folder
    status = 0                     # how it has to end (default: 0)
    branch = "topic"               # on this branch, begun where main is now (default: main)
    say = "…"                      # what a reader is told

Main is pushed to a bare repository beside the project after every commit. Ends with 1 where a step ends otherwise.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: Who commits, and no settings of the user's own.
_GIT = {
    "GIT_AUTHOR_NAME": "Example", "GIT_AUTHOR_EMAIL": "example@example.org", "GIT_COMMITTER_NAME": "Example",
    "GIT_COMMITTER_EMAIL": "example@example.org", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip
#: What a CI server or a user has set for other projects.
_FOREIGN = ("GITHUB_", "GITLAB_", "CI", "JENKINS_", "BUILD_", "REGRESS_", "PYTEST_")


@dataclass
class Played:
    """How the steps ended: (what was run, its status, what it said). `wrong` names those that ended otherwise."""

    root: Path
    seconds: float = 0.0
    steps: list[tuple[str, int, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Stage:
    """The repository of an example, and what it is run with."""

    def __init__(self, name: str, folder: Path, *, full: bool = False) -> None:
        self.example = HERE / name
        self.root = folder / name
        story = tomllib.loads((self.example / "story.toml").read_text(encoding="utf-8"))
        self.steps: list[dict[str, Any]] = story["step"]
        self.env = _environment() | story.get("env", {}) | (story.get("full", {}) if full else {})
        shutil.copytree(self.example / "project", self.root)
        self.git("init", "-q", "-b", "main")
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", f"{self.root}.git"], check=True, env=self.env)
        self.git("remote", "add", "origin", f"{self.root}.git")
        self.commit("Begin")

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"git {shlex.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def commit(self, subject: str) -> None:
        """All that is in the folder, on the branch that is checked out; main is pushed."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject)
        if self.git("branch", "--show-current") == "main":
            self.git("push", "-q", "origin", "main")

    def apply(self, name: str) -> str:
        """Applies one of the patches and commits it; its subject."""
        path = self.example / "commits" / f"{name}.patch"
        subject = path.read_text(encoding="utf-8").partition("\n")[0]
        self.git("apply", "--whitespace=nowarn", str(path))
        self.commit(subject)
        return subject

    def go_to(self, branch: str) -> None:
        """Checks a branch out, begun where main is where there is none yet."""
        there = subprocess.run(["git", "rev-parse", "-q", "--verify", f"refs/heads/{branch}"],
                               cwd=self.root, env=self.env, capture_output=True).returncode == 0  # fmt: skip
        self.git("checkout", "-q", *([] if there else ["-b"]), branch, *([] if there else ["main"]))

    def shell(self, line: str, **more: str) -> tuple[int, str]:
        """A command line in the project: how it ended, and all that it said."""
        done = subprocess.run(
            line, shell=True, cwd=self.root, env=self.env | more, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode, done.stdout


def play(name: str, folder: Path, *, full: bool = False, quiet: bool = False) -> Played:
    """The whole story."""
    began = time.monotonic()
    stage = Stage(name, folder, full=full)
    played = Played(stage.root)
    for step in stage.steps:
        if not quiet and "say" in step:
            print(f"\n# {step['say']}", flush=True)
        stage.go_to(step.get("branch", "main"))
        if "patch" in step:
            subject = stage.apply(step["patch"])
            if not quiet:
                print(f"$ git commit -m {shlex.quote(subject)}", flush=True)
        if "shell" in step:
            if not quiet:
                print(f"$ {step['shell']}", flush=True)
            status, said = stage.shell(step["shell"])
            played.steps.append((step["shell"], status, said))
            wanted = step.get("status", 0)
            if status != wanted:
                played.wrong.append(f"{step['shell']}: status {status}, not {wanted}")
            if not quiet or status != wanted:
                print(said.rstrip(), f"\n(status {status})", flush=True)
    played.seconds = time.monotonic() - began
    return played


def _environment() -> dict[str, str]:
    """The present one without what was set for other projects; this Python's programs come first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | _GIT | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("example", choices=sorted(path.parent.name for path in HERE.glob("*/story.toml")))
    parser.add_argument("--into", type=Path, help="keep the repository in this folder")
    parser.add_argument("--full", action="store_true", help="the team's real load and durations")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regress-example-") as scratch:
        folder = given.into or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        played = play(given.example, folder, full=given.full)
    print(f"\n{given.example}: {len(played.steps)} steps, {played.seconds:.0f} s")
    for wrong in played.wrong:
        print(f"not as it must be: {wrong}")
    return 1 if played.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
