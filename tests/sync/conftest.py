"""A bare repository as the remote, clones of it, and a history in each."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from regress.history import History
from regress.repo import Repository
from regress.sync import Branch, shared_branch
from tests.factories import make_run

NAME = "regress-history"


@dataclass(frozen=True)
class Clone:
    """A clone with a history beside it."""

    root: Path
    history: History

    @contextmanager
    def branch(self, name: str = NAME, remote: str = "origin") -> Iterator[Branch]:
        repository = Repository.discover(self.root)
        assert repository is not None
        with shared_branch(repository, remote, name) as branch:
            yield branch

    def record(self, *runs) -> list[str]:
        return [one.digest for one in self.history.record(runs)]

    def digests(self) -> set[str]:
        return {run.digest for run in self.history.runs()}


@pytest.fixture(autouse=True)
def _plain_git(monkeypatch, tmp_path):
    """Nobody's own settings."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "REGRESS_DB"):
        monkeypatch.delenv(name, raising=False)


def git(where: Path, *args: str, data: bytes | None = None) -> str:
    ada = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(["git", "-C", str(where), *ada, *args], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@pytest.fixture
def remote(tmp_path) -> Path:
    """A bare repository with one commit on main, which filters, refuses to be forced and logs its branches."""
    source = tmp_path / "source"
    source.mkdir()
    git(source, "init", "-q", "-b", "main")
    (source / "file.txt").write_text("text\n", encoding="utf-8")
    git(source, "add", ".")
    git(source, "commit", "-q", "-m", "Begin")
    bare = tmp_path / "remote.git"
    git(tmp_path, "clone", "-q", "--bare", str(source), str(bare))
    for name in ("uploadpack.allowFilter", "receive.denyNonFastForwards", "core.logAllRefUpdates"):
        git(bare, "config", name, "true")
    return bare


@pytest.fixture
def new_clone(remote, tmp_path) -> Iterator:
    """Makes clones with empty histories."""
    opened: list[History] = []

    def make(*options: str) -> Clone:
        root = tmp_path / f"clone-{len(opened)}"
        git(tmp_path, "clone", "-q", *options, remote.as_uri(), str(root))
        opened.append(History.open(str(tmp_path / f"history-{len(opened)}.db")))
        return Clone(root, opened[-1])

    yield make
    for history in opened:
        history.close()


@pytest.fixture
def ada(new_clone) -> Clone:
    return new_clone()


@pytest.fixture
def bob(new_clone) -> Clone:
    return new_clone()


def some_runs(count: int, *, start: int = 0, name: str = "bench.one") -> list:
    """Runs that differ in value and time."""
    return [make_run(f"c{n}", {name: 1.0 + n, "bench.two": 2.0}, minutes=n) for n in range(start, start + count)]


def text_of(history: History) -> str:
    """The canonical export of a history."""
    from regress.formats import canonical, dump

    digests = sorted(run.digest for run in history.runs())
    return "".join(dump(canonical(run)) for _, run in history.whole(digests))


def put(remote: Path, files: dict[str, bytes | None], name: str = NAME) -> None:
    """Writes (None: removes) files of a branch of the remote by hand, as a person or a newer program could."""
    lines = [f"commit refs/heads/{name}", "committer Eve <eve@example.org> 1767225600 +0000", "data 4", "hand"]
    if git(remote, "for-each-ref", f"refs/heads/{name}"):
        lines.append(f"from {git(remote, 'rev-parse', f'refs/heads/{name}')}")
    stream = "\n".join([*lines, ""]).encode()
    for path, data in files.items():
        if data is None:
            stream += f"D {path}\n".encode()
        else:
            stream += b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data)
    git(remote, "fast-import", "--quiet", data=stream)


def files_of(remote: Path, name: str = NAME) -> list[str]:
    return git(remote, "ls-tree", "-r", "--name-only", name).splitlines()
