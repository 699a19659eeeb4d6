"""A line of commits in a real repository, with a result file for each: what `regress changes` looks at.

line = Line(tmp_path / "widgets")
line.add(20)                    # twenty commits as before
line.add(10, sort=1.5)          # ten in which test_sort takes half as long again, and so on
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.project import NAMES, Project

#: Names of the benchmarks for `Line.add`, in the order of NAMES.
SHORT = ("sort", "md5", "re")


class Line:
    """A project on its branch `main`; commit number n is named `c{n}` and has the subject "Change {n}"."""

    def __init__(self, root: Path, sigma: float = 0.01) -> None:
        root.mkdir()
        self.project = Project(root)
        self.project.git("init", "-q", "-b", "main")
        ignored = "/results/\n/site/\n/.regress/\n"
        (root / ".gitignore").write_text(ignored, encoding="utf-8")
        self.count = 0
        self.sigma = sigma
        self.factors = dict.fromkeys(SHORT, 1.0)
        self.cpu: str | None = None

    def add(self, commits: int, *, measured: bool = True, **factors: float) -> list[str]:
        """Commits, with the factors of the benchmarks from now on; their hashes."""
        self.factors |= factors
        made = []
        for _ in range(commits):
            number = self.count
            self.count += 1
            made.append(self.project.commit(f"c{number}", f"Change {number}", number))
            if measured:
                self.measure(number)
        return made

    def measure(self, number: int) -> Path:
        """A result file for a commit: every benchmark at its factor, with a little noise of its own."""
        rng = np.random.default_rng(number)
        noise = np.exp(rng.normal(0, self.sigma, len(NAMES)))
        factors = tuple(float(self.factors[name] * noise[place]) for place, name in enumerate(SHORT))
        path = self.project.results(f"c{number}", factors)
        document = json.loads(path.read_text(encoding="utf-8"))
        document["datetime"] = f"2026-01-{2 + number // 24:02}T{number % 24:02}:00:00+00:00"
        if self.cpu:
            document["machine_info"]["cpu"]["brand_raw"] = self.cpu
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    def sha(self, number: int) -> str:
        """The full hash of a commit."""
        return self.project.commits[f"c{number}"]
