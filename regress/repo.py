"""The repository: commits, references, worktrees. The only importer of GitPython.

Every call goes through GitPython's `Git.execute`, runs no hook, no file-system monitor and no `ext` protocol, never
asks for a password and takes no optional lock, so that looking at a repository cannot run what somebody put into it.
Git stays the judge of what may be read: its own message about an unsafe directory is passed on in one line.
"""

from __future__ import annotations

import getpass
import os
import re
import subprocess
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from .errors import InputError, UsageError, one_line
from .model import Commit

_SAFE = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never",
    "-c", "gc.auto=0", "-c", "maintenance.auto=false",
)  # fmt: skip
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
#: What keeps a user's and a machine's settings (signing, templates, line ends) out of a repository that we make.
_ISOLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TEMPLATE_DIR": "", "LC_ALL": "C"}
#: Set by git for its hooks: they would send a call for one directory to the repository of another.
_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_COMMON_DIR")
_SETTINGS = ("GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")

_DEEPEN = "this is a shallow clone: fetch the history (`fetch-depth: 0` in actions/checkout, `git fetch --unshallow`)"


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository at `root` (the top of its work tree, or the git directory of a bare one).

    `isolated` repositories are ours: the user's and the machine's git configuration does not apply to them, but
    `settings` do (names and values, which are handed to git unseen by other processes, as they may hold a password).
    """

    root: Path
    bare: bool = False
    isolated: bool = field(default=False, repr=False)
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def discover(cls, path: Path | str) -> Repository | None:
        """The repository that holds `path` (a directory or a file), or None where there is none.

        Raises InputError where git is missing or refuses to read the repository.
        """
        start = Path(path).absolute()
        while not start.is_dir():
            start = start.parent
        questions = ("rev-parse", "--is-bare-repository", "--is-inside-git-dir", "--absolute-git-dir")
        status, out, err = _git(start, questions)
        if status:
            if "not a git repository (or any" in err:
                return None
            raise InputError(f"git cannot read the repository: {_message(err)}", where=str(path))
        bare, inside, git_dir = out.decode("utf-8", "surrogateescape").splitlines()[:3]
        if "true" in (bare, inside):
            return cls(Path(git_dir), bare=True)
        top = cls(start)._read("rev-parse", "--show-toplevel").removesuffix("\n")
        return cls(Path(top))

    @classmethod
    def create(cls, path: Path, stream: bytes, branch: str) -> Repository:
        """A new repository at `path` with the history of a `git fast-import` stream, and `branch` checked out.

        Hashes depend on the stream alone: no setting of the user or the machine applies.
        """
        path.mkdir(parents=True, exist_ok=True)
        made = cls(path.resolve(), isolated=True)
        made._read("init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={branch}", ".")
        made._read("fast-import", "--quiet", data=stream)
        made._read("reset", "--quiet", "--hard", branch)
        return made

    @classmethod
    def scratch(cls, path: Path, like: Repository, settings: Iterable[tuple[str, str]]) -> Repository:
        """A new bare repository of ours at `path`, with hashes of the kind that `like` has."""
        path.mkdir(parents=True, exist_ok=True)
        kind = like._read("rev-parse", "--show-object-format").strip()
        made = cls(path.resolve(), bare=True, isolated=True, settings=tuple(settings))
        made._read("init", "--quiet", "--bare", "--template=", f"--object-format={kind}", ".")
        return made

    def head(self) -> str | None:
        """The full hash of the commit that is checked out, None in a repository without commits."""
        status, out, _ = self._ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return None if status else out.decode().strip()

    def resolve(self, ref: str) -> str:
        """The full hash of the commit that `ref` names (a hash, a branch, a tag, `HEAD~3` …).

        A branch that only the remote has is found too, as a CI job's clone often has no other. Raises UsageError.
        """
        _check_ref(ref)
        for name in (ref, f"refs/remotes/origin/{ref}"):
            status, out, err = self._ask("rev-parse", "--verify", "--end-of-options", name + "^{commit}")
            if not status:
                return out.decode().strip()
            if "ambiguous" in err:
                raise UsageError(f"{_quoted(ref)} is the beginning of several hashes", hint="give more digits")
        if self._ask("cat-file", "-t", ref)[1].strip() in (b"blob", b"tree"):
            what = f"{_quoted(ref)} names a file or a tree, not a commit"
            raise UsageError(what, hint="give a commit, branch or tag")
        hint = _DEEPEN if self.is_shallow() else "see `git branch -a` and `git tag`, or fetch it first"
        raise UsageError(f"{_quoted(ref)} is no commit, branch or tag of {self.root}", hint=hint)

    def commits(self, tips: Iterable[str], known: Collection[str] = ()) -> list[Commit]:
        """Every commit that `tips` contain and `known` do not, as git lists them (newest first), in one call.

        `known` is taken with all its ancestors: where a known commit has an unknown parent (it was read in a clone that
        was shallow then), pass nothing as known. Hashes that this clone does not have are left out, tips too.
        At the edge of a shallow clone commits keep their true parents, which are then commits without an entry.
        """
        wanted = list(tips)
        for tip in wanted:
            _check_ref(tip)
        if not wanted:
            return []
        lines = [*wanted, *(f"^{hash_}" for hash_ in known), ""]
        out = self._read_bytes(
            "log", "-z", "--ignore-missing", "--stdin", "--no-show-signature", "--encoding=UTF-8",
            "--format=%H%x00%P%x00%ct%x00%an%x00%s", data="\n".join(lines).encode("utf-8", "surrogateescape"),
        )  # fmt: skip
        found = _commits(out)
        edge = [commit.hash for commit in found if not commit.parents]
        if edge and self.is_shallow():
            true = self._true_parents(edge)
            found = [_with_parents(c, true[c.hash]) if c.hash in true else c for c in found]
        return found

    def _true_parents(self, hashes: list[str]) -> dict[str, tuple[str, ...]]:
        """The parents that are written in the commits themselves, which `git log` hides at a shallow clone's edge."""
        out = self._read_bytes("cat-file", "--batch", data="\n".join([*hashes, ""]).encode())
        true: dict[str, tuple[str, ...]] = {}
        at = 0
        for commit in hashes:
            line_end = out.index(b"\n", at)
            size = int(out[at:line_end].split()[2])
            header = out[line_end + 1 : line_end + 1 + size].partition(b"\n\n")[0].decode("utf-8", "replace")
            true[commit] = tuple(line[7:] for line in header.split("\n") if line.startswith("parent "))
            at = line_end + 1 + size + 1
        return true

    def refs(self) -> dict[str, str]:
        """The tip of every branch: {"main": hash, "origin/main": hash}; symbolic ones (`origin/HEAD`) left out."""
        fields = "%(refname:lstrip=2)%00%(objectname)%00%(symref)"
        out = self._read("for-each-ref", f"--format={fields}", "refs/heads", "refs/remotes")
        rows = [line.split("\0") for line in out.splitlines()]
        return {row[0]: row[1] for row in rows if len(row) == 3 and not row[2]}

    def tags(self) -> dict[str, str]:
        """The commit of every tag, by name; tags of anything else than a commit are left out."""
        fields = "%(refname:lstrip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
        rows = [line.split("\0") for line in self._read("for-each-ref", f"--format={fields}", "refs/tags").splitlines()]
        plain = {row[0]: row[2] for row in rows if len(row) == 5 and row[1] == "commit"}
        return plain | {row[0]: row[4] for row in rows if len(row) == 5 and row[3] == "commit"}

    def branch(self) -> str | None:
        """The branch that is checked out, None when HEAD is detached."""
        status, out, _ = self._ask("symbolic-ref", "--quiet", "HEAD")
        return None if status else _text(out).strip().removeprefix("refs/heads/")

    def default_branch(self) -> str | None:
        """The main branch: the one origin's HEAD names, else `init.defaultBranch`, `main` or `master` if it exists."""
        status, out, _ = self._ask("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        if not status:
            return _text(out).strip().removeprefix("refs/remotes/origin/")
        names = [_text(self._ask("config", "--get", "init.defaultBranch")[1]).strip(), "main", "master"]
        refs = self.refs()
        return next((name for name in names if name and (name in refs or f"origin/{name}" in refs)), None)

    def objects(self, names: Iterable[str]) -> list[str]:
        """The hash of the file or folder that each "COMMIT:path" names, "" where the commit has no such path."""
        listed = list(names)
        for name in listed:
            _check_ref(name)
        if not listed:
            return []
        data = "\n".join([*listed, ""]).encode("utf-8", "surrogateescape")
        lines = self._read("cat-file", "--batch-check=%(objectname)", data=data).splitlines()
        return ["" if " " in line else line for line in lines]

    def show(self, commit: str, path: str) -> bytes | None:
        """The content of a file at a commit; None where the commit has no such file."""
        name = self.objects([f"{self.resolve(commit)}:{path}"])[0]
        if not name or self._read("cat-file", "-t", name).strip() != "blob":
            return None
        return self._read_bytes("cat-file", "blob", name)

    def is_shallow(self) -> bool:
        """Whether the clone ends somewhere before the first commit."""
        return self._read("rev-parse", "--is-shallow-repository").strip() == "true"

    def is_dirty(self) -> bool:
        """Whether a tracked file differs from the commit that is checked out; untracked files do not count."""
        return not self.bare and bool(self._read_bytes("status", "--porcelain", "--untracked-files=no"))

    def snapshot(self) -> str | None:
        """A commit that holds the tracked files as they are now, None where none is changed; no branch has it.

        Nothing but the object store is written to; git collects the commit in a few weeks.
        """
        if self.bare:
            return None
        return self._read("stash", "create").strip() or None

    def remote_url(self) -> str:
        """The URL of origin (else of the first remote) without credentials, or ""."""
        names = self._read("remote").split("\n")
        name = "origin" if "origin" in names else names[0]
        status, out, _ = self._ask("remote", "get-url", "--", name) if name else (1, b"", "")
        return "" if status else without_credentials(_text(out).strip())

    def commit_url(self) -> str:
        """Where the forge shows a commit, as a template: "https://github.com/o/r/commit/{commit}"; else ""."""
        return commit_url(self.remote_url())

    def user(self) -> str:
        """Who works here, as git would sign a commit: "Name <mail>"; else the name of the account."""
        status, out, _ = self._ask("var", "GIT_AUTHOR_IDENT")
        if not status:
            return re.sub(r" -?\d+ [+-]\d{4}$", "", _text(out).strip())
        try:
            return getpass.getuser()
        except (KeyError, OSError):
            return "unknown"

    @contextmanager
    def worktree(self, path: Path, commit: str) -> Iterator[Repository]:
        """A second work tree at `path` with `commit` checked out, removed at the end; `checkout` moves it."""
        self._read("worktree", "add", "--quiet", "--detach", "--force", "--", str(path), self.resolve(commit))
        try:
            yield Repository(path.resolve(), isolated=self.isolated)
        finally:
            self.remove_worktree(path)

    def remove_worktree(self, path: Path) -> None:
        """Removes a work tree that `worktree` made, whatever was written into it."""
        self._ask("worktree", "remove", "--force", "--force", "--", str(path))
        self._ask("worktree", "prune")

    def checkout(self, commit: str) -> None:
        """Puts `commit` (detached) into this work tree; local changes of tracked files are lost."""
        self._read("checkout", "--quiet", "--force", "--detach", self.resolve(commit))

    def call(self, *args: str, data: bytes | None = None) -> tuple[int, bytes, str]:
        """Any git command, called as safely as all others: its status, its output, and what it said of faults."""
        return self._ask(*args, data=data)

    def _ask(self, *args: str, data: bytes | None = None) -> tuple[int, bytes, str]:
        return _git(self.root, args, data=data, isolated=self.isolated, settings=self.settings)

    def _read_bytes(self, *args: str, data: bytes | None = None) -> bytes:
        status, out, err = self._ask(*args, data=data)
        if status:
            raise InputError(f"`git {args[0]}` failed: {_message(err)}", where=str(self.root))
        return out

    def _read(self, *args: str, data: bytes | None = None) -> str:
        return _text(self._read_bytes(*args, data=data))


def without_credentials(url: str) -> str:
    """A remote's URL that may be stored, logged and linked: no user, password or token (an ssh user name stays)."""
    if "://" not in url:
        # user:secret@host:path, the short form of ssh; a path on this machine has no "@" before its first ":".
        return re.sub(r"^([^/@:]+):[^/@]*@", r"\1@", url)
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    if parts.scheme in ("ssh", "git+ssh", "ssh+git") and user:
        host = f"{user.partition(':')[0]}@{host}"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def commit_url(remote: str) -> str:
    """The template of a commit's page for a remote at GitHub, GitLab or Bitbucket (https and ssh forms), else ""."""
    if "://" in remote:
        parts = urlsplit(remote)
        if parts.scheme not in ("https", "http", "ssh", "git", "git+ssh", "ssh+git"):
            return ""
        host, path = parts.hostname or "", parts.path
    else:
        match = re.fullmatch(r"(?:[^/@:]+@)?([^/@:]+):(.*)", remote)
        if not match:
            return ""
        host, path = match[1].lower(), match[2]
    host = re.sub(r"^(?:alt)?ssh\.", "", host)
    path = path.strip("/").removesuffix(".git")
    if not re.fullmatch(r"[\w.~-]+(?:/[\w.~-]+)+", path, re.ASCII) or not re.fullmatch(r"[\w.-]+", host, re.ASCII):
        return ""
    middle = {"github": "commit", "gitlab": "-/commit", "bitbucket": "commits"}
    forge = next((label for label in host.split(".") if label in middle), None)
    return f"https://{host}/{path}/{middle[forge]}/{{commit}}" if forge else ""


def _check_ref(ref: str) -> None:
    """Refuses what git could take for an option, and what would break the protocol of its standard input."""
    if not ref or ref != ref.strip() or ref.startswith(("-", "^")) or not ref.isprintable() or len(ref) > 1000:
        raise UsageError(f"{_quoted(ref)} is not a reference", hint="give a commit's hash, a branch or a tag")


def _quoted(ref: str) -> str:
    return "'" + one_line(ref if len(ref) <= 80 else ref[:80] + "…") + "'"


def _commits(out: bytes) -> list[Commit]:
    fields = _text(out).split("\0")
    # git ends the last record with a separator or not, by version: only whole records of five fields count.
    rows = zip(*(fields[i::5] for i in range(4)), fields[4::5], strict=False)
    return [
        Commit(hash_, tuple(parents.split()), _date(date), author, subject)
        for hash_, parents, date, author, subject in rows
    ]


def _date(seconds: str) -> datetime | None:
    """A committer date; None where a broken commit has none that a calendar knows."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _with_parents(commit: Commit, parents: tuple[str, ...]) -> Commit:
    return Commit(commit.hash, parents, commit.committed_at, commit.author, commit.subject)


def _text(out: bytes) -> str:
    return out.decode("utf-8", "replace")


def _message(err: str) -> str:
    """Git's message in one line, without its prefix."""
    return " ".join(err.removeprefix("fatal: ").split()) or "no message"


def _git(
    directory: Path,
    args: tuple[str, ...],
    *,
    data: bytes | None = None,
    isolated: bool = False,
    settings: tuple[tuple[str, str], ...] = (),
) -> tuple[int, bytes, str]:
    """Runs git in `directory`: its status, standard output and messages. InputError where git cannot run at all."""
    if not os.access(directory, os.X_OK):
        # GitPython would run in the present directory instead, that is in another repository.
        raise InputError("the directory cannot be entered", where=str(directory), hint="check its permissions")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # else the import itself fails where git is missing
    import git

    caller = git.Git(directory)
    caller.update_environment(**_ENVIRONMENT, **(_ISOLATED if isolated else {}), **_configured(settings))
    if args[0] in ("worktree", "checkout"):
        caller.update_environment(GIT_NO_LAZY_FETCH="0")  # a partial clone has to fetch the files that it shows
    with _without(_LOCAL + _SETTINGS if isolated else _LOCAL):
        try:
            process = caller.execute(
                [git.Git.GIT_PYTHON_GIT_EXECUTABLE or "git", *_SAFE, *args],
                istream=subprocess.PIPE if data is not None else subprocess.DEVNULL,
                as_process=True,
            )
        except git.GitCommandNotFound as error:
            raise InputError("git is not installed, or not on PATH", hint="install git and try again") from error
    out, err = process.communicate(data)
    return process.returncode, out, err.decode("utf-8", "replace")


def _configured(settings: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Settings as environment variables; a command line could be read by everybody on the machine."""
    if not settings:
        return {}
    made = {"GIT_CONFIG_COUNT": str(len(settings))}
    for place, (name, value) in enumerate(settings):
        made |= {f"GIT_CONFIG_KEY_{place}": name, f"GIT_CONFIG_VALUE_{place}": value}
    return made


@contextmanager
def _without(names: Iterable[str]) -> Iterator[None]:
    """Hides environment variables while a call starts; GitPython can add some but not take any away."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
