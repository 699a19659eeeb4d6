"""A small real project: a git repository, and result files of pytest-benchmark for its commits.

    main    c0 - c1 - c2 - c3 - c4 - c5         c4 makes test_sort three times slower
                        \\
    slow                 s0                     makes test_md5 two and a half times slower
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

TEMPLATE = Path(__file__).parent / "testdata" / "pytest-benchmark" / "5.3.1" / "plain.json"
NAMES = ("test_algo.py::test_sort", "test_text.py::test_md5", "test_text.py::test_re[lit]")
_ISOLATED = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "a",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "a",
    "PATH": "/usr/bin:/bin:/usr/local/bin",
}


@dataclass
class Project:
    """The folder, and the full hashes by the names of the picture above."""

    root: Path
    commits: dict[str, str] = field(default_factory=dict)

    def git(self, *args: str, minute: int = 0) -> str:
        """Runs git in the project, at a fixed time."""
        date = f"2026-01-01T10:{minute:02}:00+00:00"
        env = _ISOLATED | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "HOME": str(self.root)}
        done = subprocess.run(["git", *args], cwd=self.root, env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, name: str, subject: str, minute: int) -> str:
        """An empty commit with a name for the tests."""
        self.git("commit", "--allow-empty", "-q", "-m", subject, minute=minute)
        self.commits[name] = self.git("rev-parse", "HEAD")
        return self.commits[name]

    def results(self, name: str, factors: tuple[float, ...] = (1, 1, 1), *, again: int = 0, **info: object) -> Path:
        """A result file for a commit: the real one, with the times of NAMES multiplied and everything else kept."""
        document = json.loads(TEMPLATE.read_text(encoding="utf-8"))
        document["benchmarks"] = [b for b in document["benchmarks"] if b["fullname"] in NAMES]
        for benchmark in document["benchmarks"]:
            # A per mille from run to run, so that no two runs are the same and the noise is small.
            factor = factors[NAMES.index(benchmark["fullname"])] * (1 + 0.001 * (hash_of(name) + again) % 0.007)
            for figure in ("min", "max", "mean", "stddev", "median", "iqr", "q1", "q3", "ld15iqr", "hd15iqr", "total"):
                benchmark["stats"][figure] *= factor
        document["commit_info"] |= {"id": self.commits[name], "branch": "main", "dirty": False} | info
        document["datetime"] = f"2026-01-02T{10 + again:02}:00:00+00:00"
        path = self.root / "results" / f"{name}-{again}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
        return path


def hash_of(name: str) -> int:
    """A small number that is the same in every process."""
    return sum(name.encode())


def make_project(root: Path) -> Project:
    """The project of the picture above, at `root`."""
    root.mkdir(exist_ok=True)
    project = Project(root)
    project.git("init", "-q", "-b", "main")
    (root / ".gitignore").write_text("/results/\n/site/\n/.regress/\n*.json\n*.md\n*.toml\n", encoding="utf-8")
    subjects = ["Begin", "Sort with a heap", "Read in blocks", "Tidy", "Sort again after each step", "Sort once"]
    for number, subject in enumerate(subjects):
        commit = project.commit(f"c{number}", subject, number)
        project.results(f"c{number}", (3, 1, 1) if number == 4 else (1, 1, 1))
        if number == 3:
            project.git("branch", "slow", commit)
    project.git("tag", "v1.0", project.commits["c3"])
    project.git("checkout", "-q", "slow")
    project.commit("s0", "Hash byte by byte", 20)
    project.results("s0", (1, 2.5, 1), branch="slow")
    project.git("checkout", "-q", "main")
    return project
