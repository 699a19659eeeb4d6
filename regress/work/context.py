"""Where a command works: the project's folder, its configuration, its repository, its history."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .. import config
from ..errors import HistoryError, UsageError
from ..model import CommitGraph, Present, presenter

if TYPE_CHECKING:
    from ..config import Config
    from ..history import History
    from ..repo import Repository

DEFAULT_FOLDER = ".regress"
_HEX = re.compile(r"[0-9a-fA-F]{4,64}$")


def make_ignored(folder: Path) -> None:
    """Makes a folder that ignores itself, so that nobody commits what it holds by accident. Raises OSError."""
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


@dataclass
class Workspace:
    """One project, opened for one command. The history is opened at the first use; close the workspace at the end."""

    root: Path
    config: Config
    repository: Repository | None
    database: str
    _history: History | None = field(default=None, init=False, repr=False)

    @classmethod
    def open(cls, directory: Path, *, database: str | None = None) -> Workspace:
        """The project that `directory` lies in: its repository's root, else the directory itself.

        The history: `database`, else REGRESS_DB, else the configuration, else .regress/history.db at the root.
        """
        from ..repo import Repository

        if not directory.is_dir():
            raise UsageError("is not a directory", where=str(directory))
        repository = Repository.discover(directory)
        root = repository.root if repository else directory.resolve()
        loaded = config.load(root)
        url = database or os.environ.get("REGRESS_DB") or loaded.database or str(root / DEFAULT_FOLDER / "history.db")
        return cls(root, loaded, repository, url)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the history, if it was opened."""
        if self._history is not None:
            self._history.close()
            self._history = None

    @property
    def project(self) -> str:
        """The project's name: as configured, else the folder's."""
        return self.config.project or self.root.name

    @property
    def history(self) -> History:
        """The history, made where there is none yet."""
        return self._open(create=True)

    @property
    def existing_history(self) -> History:
        """The history, which must exist: reading never makes an empty one."""
        return self._open(create=False)

    def _open(self, *, create: bool) -> History:
        if self._history is None:
            from ..history import History

            if create:
                self._make_default_folder()
            self._history = History.open(self.database, create=create, present=self.present)
        return self._history

    def _make_default_folder(self) -> None:
        """The folder of the default database, where that is the database."""
        folder = self.root / DEFAULT_FOLDER
        if Path(self.database).parent != folder:
            return
        try:
            make_ignored(folder)
        except OSError as error:
            hint = "make it writable, or name another place with --db or REGRESS_DB"
            raise HistoryError(f"cannot be written: {error.strerror}", where=str(folder), hint=hint) from None

    @cached_property
    def present(self) -> Present | None:
        """What the configuration makes of keys: present names, and the meaning of metrics."""
        return presenter(self.config.renamed, self.config.metrics)

    def learn_commits(self, measured: Collection[str] = ()) -> None:
        """Tells the history what git knows of commits and it does not yet: parents, order, subjects.

        `measured`: commits that must be learnt even if no branch leads to them. Where the history knows a commit but
        not its parent (a shallow clone, deepened since), everything is asked for again.
        """
        if self.repository is None:
            return
        tips = [tip for tip in (self.repository.head(), *self.repository.refs().values(), *measured) if tip]
        known = self.history.graph().parents
        whole = all(parent in known for parents in known.values() for parent in parents)
        fresh = self.repository.commits(tips, known.keys() if whole else ())
        if fresh and self.history.add_commits(fresh):
            self.__dict__.pop("graph", None)

    @cached_property
    def graph(self) -> CommitGraph:
        """The commit graph as the history knows it."""
        return self.existing_history.graph()

    @property
    def author(self) -> str:
        """Who decides here: git's user, else the machine's."""
        author = self.repository.user() if self.repository else ""
        try:
            return author or getpass.getuser()
        except (KeyError, OSError):  # no user database, as in a bare container
            return "unknown"

    @cached_property
    def main_tip(self) -> str | None:
        """The newest commit of the main branch, where there is a repository to ask."""
        if self.repository is None:
            return None
        branch = self.config.branch or self.repository.default_branch() or ""
        refs: Mapping[str, str] = self.repository.refs()
        return refs.get(branch) or refs.get(f"origin/{branch}")

    def resolve(self, reference: str) -> str:
        """The full hash that a reference means: asked of git first, then of the history's own commits."""
        if self.repository is not None and not (_HEX.match(reference) and self._in_history(reference)):
            return self.repository.resolve(reference)
        found = self._in_history(reference)
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{reference!r} means {len(found)} commits", hint="give more digits")
        if reference == "HEAD":
            raise UsageError("there is no git repository here to take HEAD from", hint="name a commit with --commit")
        raise UsageError(f"no commit {reference!r} in the history", hint="`regress show` lists those that are there")

    def commit_name(self, reference: str) -> str:
        """The full hash for results that are about to be stored; without a repository it has to be a hash already."""
        if self.repository is not None:
            return self.repository.resolve(reference)
        if re.fullmatch(r"[0-9a-fA-F]{7,64}", reference):
            return reference.lower()
        hint = "give the commit's full hash"
        raise UsageError(f"there is no git repository here to look up {reference!r}", hint=hint)

    def _in_history(self, prefix: str) -> list[str]:
        if not _HEX.match(prefix):
            return []
        return self.existing_history.find_commits(prefix.lower())
