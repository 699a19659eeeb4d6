"""A whole world for `regress ci`: the demo's repository at a bare remote, jobs in empty folders, a GitHub on loopback.

The suite is a command that writes down what a file of the repository says, so that no machine changes what is judged.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regress.work.demo import project
from tests.forge.scripted import TOKEN, Scripted

EVENTS = Path(__file__).parent.parent / "forge" / "events"
BRANCH = "regress-history"
NUMBER = 42

#: Takes the times of the benchmarks from a file: what a commit does to them is what it writes there.
MEASURE = '''"""Leaves results as pytest-benchmark does; how long each benchmark takes stands in figures.json."""

import json
import os
from pathlib import Path


def entry(name, seconds):
    stats = {"min": seconds, "max": seconds * 1.01, "mean": seconds, "median": seconds, "rounds": 9, "iterations": 1}
    return {"fullname": f"benchmarks/test_writing.py::{name}", "name": name, "extra_info": {}, "stats": stats}


machine = {"system": "Linux", "machine": "x86_64", "python_version": "3.13.1", "cpu": {}}
document = {
    "machine_info": machine | {"python_implementation": "CPython"}, "commit_info": {"id": "unversioned"},
    "version": "5.3.1", "datetime": os.environ.get("WHEN", "2026-01-01T00:00:00+00:00"),
    "benchmarks": [entry(*pair) for pair in json.loads(Path("figures.json").read_text()).items()],
}
Path(os.environ["REGRESS_RESULTS"], "results.json").write_text(json.dumps(document))
'''
SUITE = """
[[tool.regress.suite]]
name = "writing"
kind = "command"
command = ["python3", "measure.py"]
"""
FIGURES = {"test_tokenize": 0.010, "test_parse": 0.002, "test_index": 0.200}


@dataclass(frozen=True)
class Ended:
    """How a job ended."""

    status: int
    out: str
    root: Path


@dataclass
class Ground:
    """The remote, the author's clone, and the jobs; `say` is told of each command."""

    folder: Path
    jobs: int = 0
    minute: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path) -> Ground:
        """The demo's repository with a suite that no machine disturbs, pushed to a bare remote."""
        ground = cls(folder)
        project.create(ground.author)
        text = (ground.author / "pyproject.toml").read_text("utf-8")
        (ground.author / "pyproject.toml").write_text(text.partition("# How `regress bisect`")[0] + SUITE, "utf-8")
        (ground.author / "measure.py").write_text(MEASURE, encoding="utf-8")
        ground.write(FIGURES)
        ground.commit("Measure by a script")
        ground.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(ground.remote))
        ground.git(ground.remote, "config", "uploadpack.allowFilter", "true")
        ground.git(ground.author, "remote", "add", "origin", ground.remote.as_uri())
        ground.git(ground.author, "push", "--quiet", "origin", "main")
        return ground

    @property
    def author(self) -> Path:
        """The clone of who writes the commits."""
        return self.folder / "author"

    @property
    def remote(self) -> Path:
        """The bare repository."""
        return self.folder / "remote.git"

    def git(self, where: Path, *args: str) -> str:
        """Runs git as nobody in particular, at a fixed time."""
        self.minute += 1
        date = f"2026-01-01T{self.minute // 60:02}:{self.minute % 60:02}:00+00:00"
        env = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@quill.example",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@quill.example", "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
        }  # fmt: skip
        done = subprocess.run(["git", "-C", str(where), *args], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, figures: dict[str, float]) -> None:
        """What the next commit's benchmarks take."""
        (self.author / "figures.json").write_text(json.dumps(figures), encoding="utf-8")

    def commit(self, subject: str) -> str:
        """All that the author has changed."""
        self.git(self.author, "add", "--all")
        self.git(self.author, "commit", "--quiet", "--allow-empty", "-m", subject)
        return self.git(self.author, "rev-parse", "HEAD")

    def push_main(self, subject: str, **changed: float) -> str:
        """A commit on main, pushed."""
        self.git(self.author, "checkout", "--quiet", "main")
        self.write(FIGURES | changed)
        commit = self.commit(subject)
        self.git(self.author, "push", "--quiet", "origin", "main")
        return commit

    def pull_request(self, subject: str, **changed: float) -> tuple[str, str]:
        """A commit on the pull request's branch: its tip, and the merge commit that the forge makes of it."""
        branches = self.git(self.author, "branch", "--list", "topic")
        self.git(self.author, "checkout", "--quiet", *([] if branches else ["-b"]), "topic")
        self.write(FIGURES | changed)
        tip = self.commit(subject)
        self.git(self.author, "checkout", "--quiet", "--detach", "main")
        self.git(self.author, "merge", "--quiet", "--no-ff", "-m", f"Merge {tip} into main", "topic")
        merge = self.git(self.author, "rev-parse", "HEAD")
        self.git(self.author, "push", "--quiet", "--force", "origin", f"{tip}:refs/heads/topic")
        self.git(self.author, "push", "--quiet", "--force", "origin", f"{merge}:refs/pull/{NUMBER}/merge")
        return tip, merge

    def checkout(self, ref: str, *, branch: str = "") -> Path:
        """An empty folder with the repository as CI checks it out: all branches of the remote, detached or on one."""
        self.jobs += 1
        root = self.folder / f"job-{self.jobs}"
        root.mkdir()
        self.git(root, "init", "--quiet", "--initial-branch=none", ".")
        self.git(root, "remote", "add", "origin", self.remote.as_uri())
        self.git(
            root,
            "fetch",
            "--quiet",
            "origin",
            "+refs/heads/*:refs/remotes/origin/*",
            "+refs/pull/*:refs/remotes/pull/*",
        )
        self.git(root, "checkout", "--quiet", *(["-B", branch] if branch else ["--detach"]), ref)
        return root

    def event(self, name: str, **fields: Any) -> Path:
        """A real event file with the hashes of this world."""
        document = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
        for side in ("head", "base"):
            if side in fields:
                document["pull_request"][side]["sha"] = fields[side]
        path = self.folder / f"event-{self.jobs}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    def variables(self, event: str, path: Path, forge: Scripted | None, **more: str) -> dict[str, str]:
        """What GitHub Actions tells a job."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
        found = {
            **kept, "HOME": str(self.folder), "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(path), "GITHUB_REPOSITORY": "octo/widgets", "GITHUB_RUN_ID": str(self.jobs),
            "GITHUB_STEP_SUMMARY": str(self.folder / f"summary-{self.jobs}.md"), "no_proxy": "127.0.0.1",
            "WHEN": f"2026-01-02T{self.jobs:02}:00:00+00:00", **more,
        }  # fmt: skip
        if forge is not None:
            found |= {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": TOKEN}
        return found

    def push_job(self, forge: Scripted | None = None, *words: str) -> Ended:
        """A job for a push of main."""
        root = self.checkout("origin/main", branch="main")
        commit = self.git(root, "rev-parse", "HEAD")
        more = {"GITHUB_SHA": commit, "GITHUB_REF": "refs/heads/main"}
        return self.ci(root, self.variables("push", self.event("push"), forge, **more), *words)

    def request_job(
        self, tip: str, merge: str, forge: Scripted | None = None, *words: str, event: str = "pull_request"
    ) -> Ended:
        """A job for the pull request."""
        root = self.checkout(f"refs/remotes/pull/{NUMBER}/merge")
        base = self.git(root, "rev-parse", "origin/main")
        path = self.event(event, head=tip, base=base)
        more = {"GITHUB_SHA": merge, "GITHUB_REF": f"refs/pull/{NUMBER}/merge"}
        return self.ci(root, self.variables("pull_request", path, forge, **more), *words)

    def ci(self, root: Path, variables: dict[str, str], *words: str) -> Ended:
        """`regress ci` as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "regress", "ci", *words], cwd=root, env=variables, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, root)

    def shared(self) -> list[str]:
        """The runs of the history branch at the remote."""
        if not self.git(self.remote, "for-each-ref", f"refs/heads/{BRANCH}"):
            return []
        return [
            name
            for name in self.git(self.remote, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
            if name.startswith("runs/")
        ]
