"""A small project with a steady history, for the doctor to look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from regress.model import Run
from regress.report.doctor import Examination, Line, State
from regress.work.context import Workspace
from regress.work.doctor import examine
from regress.work.doctor.scratch import Patient
from tests.factories import make_run
from tests.project import Project

NAMES = tuple(f"bench_{file}.Suite.time_{name}" for file in ("io", "text") for name in ("read", "write", "scan"))
COMMITS = 10


def figures(chance: np.random.Generator, names: tuple[str, ...] = NAMES) -> dict[str, dict[str, float]]:
    """A run of steady benchmarks."""
    found = {}
    for place, name in enumerate(names, 1):
        value = 1e-3 * place * float(chance.lognormal(0, 0.01))
        found[name] = {"min": value * 0.97, "median": value, "mean": value * 1.01, "n": 20.0, "sd": value * 0.02}
    return found


class Place:
    """A project of ten commits and a run of each; `model`: one that is copied, together with its history."""

    def __init__(self, root: Path, model: Place | None = None) -> None:
        self.project, self.model = Project(root), model
        if model is not None:
            shutil.copytree(model.root, root, ignore=shutil.ignore_patterns(".regress"))
            self.hashes, self.runs = model.hashes, model.runs
            return
        root.mkdir()
        self.project.git("init", "-q", "-b", "main")
        self.hashes = [self.project.commit(f"c{n}", f"Step {n}", n) for n in range(COMMITS)]
        chance = np.random.default_rng(5)
        self.runs = [make_run(name, figures(chance), minutes=n) for n, name in enumerate(self.hashes)]

    @property
    def root(self) -> Path:
        return self.project.root

    def record(self, runs: list[Run] | None = None, *, config: str = "") -> None:
        """Stores runs (default: one of each commit) and writes a configuration."""
        if config:
            (self.root / "regress.toml").write_text(config, encoding="utf-8")
        if runs is None and self.model is not None:
            shutil.copytree(self.model.root / ".regress", self.root / ".regress")
            return
        with Workspace.open(self.root) as workspace:
            workspace.learn_commits()
            workspace.history.record(self.runs if runs is None else runs)

    def examine(self) -> Examination:
        with Workspace.open(self.root) as workspace:
            return examine(workspace)

    def patient(self) -> Patient:
        with Workspace.open(self.root) as workspace:
            return Patient.of(workspace)


def of(lines: Callable[[Patient], list[Line]], place: Place) -> list[Line]:
    patient = place.patient()
    try:
        return lines(patient)
    finally:
        patient.close()


def loud(lines: list[Line] | Mapping[str, Line]) -> list[tuple[str, State]]:
    listed = lines.values() if isinstance(lines, Mapping) else lines
    return [(line.name, line.state) for line in listed if line.state is not State.OK]
