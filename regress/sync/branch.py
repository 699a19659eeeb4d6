"""The git side of the shared history: one branch of a remote, read and written without a work tree or an index.

Everything happens in a bare repository that lives as long as the command. The user's repository is only asked where
the remote is: a shallow or filtered fetch would make *it* shallow or filtered, and a killed job would leave its locks.
A fetch brings the newest commit and its trees (a name and a hash a run), and blobs only when they are asked for; where
the remote does not filter, everything of the newest commit.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError, UsageError
from ..repo import Repository
from . import transport
from .layout import MARK, MARK_TEXT, README, README_TEXT, Tree, check_mark
from .transport import REMOTE, Route

#: Who signs the commits of the branch where nobody is configured.
NOBODY = "regress <regress@localhost>"
#: Times that a push is made anew because another job was faster, and that a fault of the network is tried again.
TRIES, PATIENCE = 60, 5
#: Objects that are read, or bytes that are written, by one process of git.
_READ_AT_ONCE, _WRITE_AT_ONCE, _FETCH_AT_ONCE = 64, 32 * 2**20, 5000

_TIP = "refs/regress/tip"
_FETCH = ("fetch", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc")
_BY_NAME = ("-c", "fetch.negotiationAlgorithm=noop")
_UNFILTERED = "filtering not recognized"
#: A server that speaks git's old protocol (over ssh without `AcceptEnv GIT_PROTOCOL`) filters, and then gives no blob.
_BY_TIP_ONLY = "request for unadvertised object"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to a tree: files to add (path -> content), paths to take away."""

    message: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    gone: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """How a change got into the branch: the tree it was made on, the new tip (None: nothing to do), the attempts."""

    before: Tree
    tip: str | None
    tries: int


@contextmanager
def shared_branch(repository: Repository, remote: str, name: str) -> Iterator[Branch]:
    """The branch `name` of one of the repository's remotes, for as long as the block lasts."""
    if repository.call("check-ref-format", f"refs/heads/{name}")[0] or name.startswith("-"):
        raise UsageError(f"{name!r} cannot be the name of a branch", hint="choose a plain word: regress-history")
    route = Route.to(repository, remote)
    with _scratch_folder() as folder:
        store = Repository.scratch(Path(folder) / "store.git", repository, route.settings)
        yield Branch(store, route, name, _signature(repository))


def _scratch_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="regress-history-", ignore_cleanup_errors=True)
    except OSError as error:
        where, hint = tempfile.gettempdir(), "make room there, or name another place in TMPDIR"
        raise InputError(f"cannot be written: {error.strerror}", where=where, hint=hint) from None


class Branch:
    """One branch of a remote. `received` counts the bytes that came over the network, `tries` the pushes."""

    def __init__(self, store: Repository, route: Route, name: str, signature: str) -> None:
        self.name = name
        self.shown = f"{route.shown} ({name})"
        self.received = 0
        self._store = store
        self._route = route
        self._signature = signature
        self._filter: tuple[str, ...] = ("--depth=1", "--filter=blob:none")
        self._everything = False
        self._here: set[str] = set()
        self._written: dict[str, str] = {}
        self._marked: str | None = None
        self._count = 0

    # --- reading ---

    def fetch(self) -> Tree:
        """The newest tree of the branch; an empty one where there is no such branch. Raises InputError."""
        said = self._fetch(*self._filter, REMOTE, f"+refs/heads/{self.name}:{_TIP}")
        if said is None:
            return Tree()
        self._everything = _UNFILTERED in said or "--filter=blob:none" not in self._filter
        tip = self._ask("rev-parse", "--verify", _TIP).decode().strip()
        tree = Tree.of(tip, self._files(tip))
        self._check(tree)
        return tree

    def read(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Object id and content of blobs of the tree, in the order asked for; what is not here is fetched at once."""
        listed = list(dict.fromkeys(oids))
        self._bring([oid for oid in listed if oid not in self._here])
        for start in range(0, len(listed), _READ_AT_ONCE):
            part = listed[start : start + _READ_AT_ONCE]
            out = self._ask("cat-file", "--batch", data="\n".join([*part, ""]).encode())
            at = 0
            for oid in part:
                end = out.index(b"\n", at)
                fields = out[at:end].split()
                if len(fields) != 3 or fields[1] != b"blob":
                    raise InputError(f"object {oid[:12]} of the branch is missing", where=self.shown, hint="try again")
                at = end + 1 + int(fields[2]) + 1
                yield oid, out[end + 1 : at - 1]

    def names(self) -> dict[str, str]:
        """The branches of the remote whose names begin with this one's, and their tips."""
        for attempt in range(PATIENCE):
            status, out, err = self._store.call("ls-remote", "--heads", REMOTE, f"refs/heads/{self.name}*")
            if not status:
                rows = (line.split("\t") for line in out.decode("utf-8", "replace").splitlines())
                return {name.removeprefix("refs/heads/"): tip for tip, name in rows}
            self._failed("asking for the branches", err, attempt)
        raise AssertionError("unreachable")

    # --- writing ---

    def publish(self, make: Callable[[Tree], Change | None]) -> Published:
        """Fetches, asks `make` for the change to that tree, pushes it; all of it again where another job was faster.

        Nothing is ever forced: what others pushed in between is in the tree that `make` is given the next time.
        """
        for attempt in range(TRIES):
            tree = self.fetch()
            change = make(tree)
            if change is None:
                return Published(tree, None, attempt)
            tip = self.commit(tree, change)
            if self.push(tip):
                return Published(tree, tip, attempt + 1)
            transport.pause(attempt)
        what = f"another job was faster {TRIES} times in a row"
        raise InputError(what, where=self.shown, hint="push again later; nothing was lost")

    def commit(self, tree: Tree, change: Change) -> str:
        """A commit on the tree with the change made to it, here only; its hash."""
        files = dict(change.files)
        if tree.tip is None:
            files |= {MARK: MARK_TEXT, README: README_TEXT}
        self._write(files)
        lines = [f"M 100644 {self._written[path]} {path}" for path in files]
        lines += [f"D {path}" for path in change.gone]
        return self._commit(change.message, f"from {tree.tip}\n" if tree.tip else "", "\n".join([*lines, ""]))

    def root(self, tree: Tree, message: str) -> str:
        """A commit without a parent that holds the same files as the tree; its hash."""
        top = self._ask("rev-parse", f"{tree.tip}^{{tree}}").decode().strip()
        return self._commit(message, "", f'M 040000 {top} ""\n')

    def push(self, commit: str, name: str = "", *, instead_of: str | None = None) -> bool:
        """Makes `commit` the tip of this branch (or of the one named); False where the branch has moved meanwhile.

        With `instead_of` the old tip need not be an ancestor, but has to be that commit: only `compact` does that.
        """
        ref = f"refs/heads/{name or self.name}"
        lease = (f"--force-with-lease={ref}:{instead_of}",) if instead_of else ()
        for attempt in range(PATIENCE):
            status, raw, err = self._store.call("push", "--porcelain", "--no-verify", *lease, REMOTE, f"{commit}:{ref}")
            out = raw.decode("utf-8", "replace")
            if not status:
                return True
            if transport.somebody_was_faster(out):
                return False
            refused = "\n".join(line for line in out.splitlines() if line.startswith("!"))
            self._failed("pushing", f"{err}\n{refused}", attempt)
        raise AssertionError("unreachable")

    # --- within ---

    def _fetch(self, *args: str, data: bytes | None = None) -> str | None:
        """One fetch; what git said, None where the remote has no such branch, or gives no objects by name."""
        before = self._size()
        for attempt in range(PATIENCE):
            # Blobs are asked for by name, and what we have says nothing of what we lack.
            status, _, err = self._store.call(*(_BY_NAME if data else ()), *_FETCH, *args, data=data)
            if not status:
                self.received += self._size() - before
                return err
            if "couldn't find remote ref" in err or (data and _BY_TIP_ONLY in err):
                return None
            if "does not support shallow" in err and self._filter:
                self._filter = ()
                return self._fetch(*(arg for arg in args if not arg.startswith(("--depth", "--filter"))), data=data)
            self._failed("fetching", err, attempt)
        raise AssertionError("unreachable")

    def _failed(self, doing: str, err: str, attempt: int) -> None:
        """Waits where a fault may pass; else raises what it is."""
        if not transport.will_pass(err) or attempt == PATIENCE - 1:
            raise self._route.fault(doing, err)
        transport.pause(attempt + 2)

    def _bring(self, oids: list[str]) -> None:
        """Fetches blobs that a filtered fetch left out, in one request: asked for singly, each would be one."""
        if not self._everything:
            for start in range(0, len(oids), _FETCH_AT_ONCE):
                part = "\n".join([*oids[start : start + _FETCH_AT_ONCE], ""]).encode()
                if self._fetch("--filter=blob:none", "--stdin", REMOTE, data=part) is None:
                    self._bring_everything()
                    break
        self._here.update(oids)

    def _bring_everything(self) -> None:
        """All files of the newest commit, from a server that gives none by itself."""
        self._everything, self._filter = True, ("--depth=1",)
        self._fetch("--depth=1", "--refetch", "--no-filter", REMOTE, f"+refs/heads/{self.name}:{_TIP}")

    def _files(self, tip: str) -> dict[str, str]:
        """Path and object id of every plain file; a link or a submodule is none of ours."""
        out = self._ask("ls-tree", "-r", "-z", "--full-tree", tip).decode("utf-8", "surrogateescape")
        rows = (entry.split("\t", 1) for entry in out.split("\0") if entry)
        return {path: head.split(" ")[2] for head, path in rows if head.startswith("100")}

    def _check(self, tree: Tree) -> None:
        """Refuses a branch that is no history, or one of a newer layout; asked once, unless the answer changes."""
        oid = tree.others.get(MARK)
        if oid is None or oid != self._marked:
            known = self._ask("hash-object", "--stdin", data=MARK_TEXT).decode().strip()
            data = MARK_TEXT if oid == known else next(self.read([oid]))[1] if oid else None
            check_mark(data, self.shown)
            self._marked = oid

    def _write(self, files: Mapping[str, bytes]) -> None:
        """Writes the content of files as blobs, each once however often it is committed."""
        waiting = [path for path in files if path not in self._written]
        while waiting:
            part: list[str] = []
            size = 0
            while waiting and (not part or size + len(files[waiting[-1]]) <= _WRITE_AT_ONCE):
                part.append(waiting.pop())
                size += len(files[part[-1]])
            stream = [b"blob\nmark :%d\ndata %d\n%b\n" % (n, len(files[p]), files[p]) for n, p in enumerate(part, 1)]
            oids = self._import(b"".join(stream))
            self._written |= {path: oids[place] for place, path in enumerate(part, 1)}

    def _commit(self, message: str, parent: str, lines: str) -> str:
        self._count += 1  # a name of its own: fast-import would take an older commit of the same name for the parent
        text = message.encode()
        when = f"{self._signature} {int(time.time())} +0000"
        head = f"commit refs/regress/made-{self._count}\nmark :1\ncommitter {when}\n"
        stream = head.encode() + b"data %d\n%b\n" % (len(text), text) + f"{parent}{lines}".encode()
        return self._import(stream)[1]

    def _import(self, stream: bytes) -> dict[int, str]:
        """Runs `git fast-import`; the hashes of the marks."""
        marks = self._store.root / "marks"
        self._ask("fast-import", "--quiet", "--force", f"--export-marks={marks}", data=stream + b"done\n", done=True)
        rows = (line.split() for line in marks.read_text("ascii").splitlines())
        marks.unlink()
        return {int(mark[1:]): oid for mark, oid in rows}

    def _ask(self, *args: str, data: bytes | None = None, done: bool = False) -> bytes:
        """A command that stays on this machine. `done`: the stream says where it ends."""
        status, out, err = self._store.call(*args, *(("--done",) if done else ()), data=data)
        if status:
            raise self._route.fault(f"`git {args[0]}`", err)
        return out

    def _size(self) -> int:
        return sum(place.stat().st_size for place in (self._store.root / "objects" / "pack").glob("*.pack"))


def _signature(repository: Repository) -> str:
    """Who signs: as git is configured, where it is."""
    found = []
    for variable, setting in (("GIT_COMMITTER_NAME", "user.name"), ("GIT_COMMITTER_EMAIL", "user.email")):
        text = os.environ.get(variable) or repository.call("config", "--get", setting)[1].decode("utf-8", "replace")
        found.append(re.sub(r"[<>\x00-\x1f]", "", text).strip())
    return f"{found[0]} <{found[1]}>" if all(found) else NOBODY
