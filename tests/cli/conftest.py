"""A command line in a small real project."""

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from regress.cli import run
from tests.project import Project, make_project


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def regress(capfd, monkeypatch):
    """Runs one command line ("check --strict") in the present folder."""
    monkeypatch.delenv("REGRESS_DB", raising=False)

    def call(line: str) -> Done:
        capfd.readouterr()
        status = run(shlex.split(line))
        return Done(status, *capfd.readouterr())

    return call


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Project:
    """The project of tests/project.py, with the present folder in it; nothing is ingested yet."""
    made = make_project(tmp_path / "widgets")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def ingested(project, regress) -> Project:
    """The same with all of its results in the history."""
    done = regress("ingest results")
    assert done.status == 0, done.err
    return project
