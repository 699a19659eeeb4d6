"""What the branch holds, and how each file is written. A file is added or taken away, never rewritten.

    regress-history.json       {"version": 1}
    README.md                  what this branch is, for who comes across it
    runs/ab/cdef….zst          a run: its canonical bundle, compressed with Zstandard; "abcdef…" is the run's digest
    pruned/ab/cdef….json       the tombstone of a run that was taken away:
                               {"digest", "reason", "pruned_at", "author",
                                "run": {"commit", "environment": [[name, value], …], "started_at", "points"}}
    baselines/NAME/HASH.json   one version of a named baseline: {"name", "digests": […], "commit", "reason", "author",
                               "created_at", "removed"}; NAME is percent-encoded, HASH the SHA-256 of the file
    notified/HASH/N.json       what a channel was told N-th of a thing, so that nobody is told twice:
                               {"channel", "what", "number", "state", "place", "told_at"}; HASH is the SHA-256 of
                               channel, NUL and what. Of two jobs that would tell at once the first to add it tells

Two jobs that write the same file write the same thing, or (`notified/`) the first is right: so two commits on the same
tip can always be joined, by adding the files of the one to the tree of the other.

Version 1 is the first. A newer one is refused. A file with another name is ignored, and named.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from ..errors import InputError
from ..formats import MAX_BYTES, canonical, dump, restore
from ..model import Baseline, Notified, Run

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

VERSION = 1
MARK, README = "regress-history.json", "README.md"
MARK_TEXT = b'{"version": 1}\n'
README_TEXT = b"""# The history of benchmarks

`regress` keeps this branch: one compressed file a run, named by its digest, never rewritten. Nothing here is meant to
be merged or edited. `regress history pull` reads it, `regress history verify` checks it, and `regress history compact`
starts it anew when it has grown too long.
"""

#: Of a real run of asv (623 kB) 88 kB in 12 ms; gzip -9 makes 112 kB in 36 ms, level 19 77 kB in 260 ms.
_LEVEL = 12
_RUN = re.compile(r"runs/([0-9a-f]{2})/([0-9a-f]{62})\.zst")
_PRUNED = re.compile(r"pruned/([0-9a-f]{2})/([0-9a-f]{62})\.json")
_BASELINE = re.compile(r"baselines/([^/]+)/([0-9a-f]{64})\.json")
_NOTIFIED = re.compile(r"notified/([0-9a-f]{64})/([1-9]\d{0,8})\.json")
_DAMAGED = "restore it from an older commit of the branch, or prune it"


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one commit of the branch: object ids by what they are. `tip` is None where there is no branch yet.

    Keys: runs and pruned by digest, all others by path.
    """

    tip: str | None = None
    runs: Mapping[str, str] = field(default_factory=dict)
    pruned: Mapping[str, str] = field(default_factory=dict)
    baselines: Mapping[str, str] = field(default_factory=dict)
    notified: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tip: str, files: Mapping[str, str]) -> Tree:
        """The tree with these files (path -> object id)."""
        tree = cls(tip, {}, {}, {}, {}, {})
        kinds: list[tuple[re.Pattern[str], Any]] = [(_RUN, tree.runs), (_PRUNED, tree.pruned)]
        for path, oid in files.items():
            named = next(((found, place) for pattern, place in kinds if (found := pattern.fullmatch(path))), None)
            if named:
                found, place = named
                place[found[1] + found[2]] = oid
            else:
                _place(tree, path)[path] = oid
        return tree

    @property
    def unknown(self) -> list[str]:
        """The paths of files that this program has no use for."""
        return sorted(self.others.keys() - {MARK, README})


def _place(tree: Tree, path: str) -> Any:
    if _BASELINE.fullmatch(path):
        return tree.baselines
    return tree.notified if _NOTIFIED.fullmatch(path) else tree.others


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is kept of a run that was taken away, and why it was."""

    digest: str
    reason: str
    author: str
    pruned_at: datetime
    commit: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    started_at: datetime | None = None
    points: int = 0

    @property
    def path(self) -> str:
        """Where it lies in the branch."""
        return tombstone_path(self.digest)

    def text(self) -> bytes:
        """The file."""
        run = {
            "commit": self.commit, "environment": self.environment,
            "started_at": self.started_at.isoformat() if self.started_at else None, "points": self.points,
        }  # fmt: skip
        head = {"digest": self.digest, "reason": self.reason, "pruned_at": self.pruned_at.isoformat()}
        return _json({**head, "author": self.author, "run": run})

    @classmethod
    def read(cls, data: bytes, where: str) -> Tombstone:
        """The tombstone of a file. Raises InputError."""
        try:
            content = json.loads(data)
            run = content["run"]
            started = run["started_at"]
            environment = tuple((str(name), str(value)) for name, value in run["environment"])
            return cls(
                str(content["digest"]), str(content["reason"]), str(content["author"]),
                datetime.fromisoformat(content["pruned_at"]), str(run["commit"]), environment,
                datetime.fromisoformat(started) if started else None, int(run["points"]),
            )  # fmt: skip
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"the tombstone is damaged: {error}", where=where, hint=_DAMAGED) from error


def run_path(digest: str) -> str:
    """Where a run lies in the branch."""
    return f"runs/{digest[:2]}/{digest[2:]}.zst"


def tombstone_path(digest: str) -> str:
    """Where the tombstone of a run lies in the branch."""
    return f"pruned/{digest[:2]}/{digest[2:]}.json"


def pack(run: Run) -> bytes:
    """The file of a run."""
    return zstd.compress(dump(canonical(run)).encode(), level=_LEVEL)


def unpack(data: bytes, digest: str) -> Run:
    """The run of a file, which must have this digest. Raises InputError."""
    where = run_path(digest)
    try:
        stream = zstd.ZstdDecompressor()
        text = stream.decompress(data, max_length=MAX_BYTES + 1)
    except (zstd.ZstdError, EOFError) as error:
        raise InputError(f"the run is damaged: {error}", where=where, hint=_DAMAGED) from error
    if not stream.eof or stream.unused_data:
        large = len(text) > MAX_BYTES
        what = f"the run is larger than {MAX_BYTES >> 20} MiB" if large else "the run is damaged: not one whole frame"
        raise InputError(what, where=where, hint=_DAMAGED)
    run = restore(text, where)
    if run.digest() != digest:
        raise InputError("the run is damaged: its content has another digest", where=where, hint=_DAMAGED)
    return run


def baseline_file(one: Baseline) -> tuple[str, bytes]:
    """Path and content of one version of a baseline; its number is not in it, as it depends on the others."""
    content = {
        "name": one.name, "digests": one.digests, "commit": one.commit, "reason": one.reason, "author": one.author,
        "created_at": one.created_at.isoformat(), "removed": one.removed,
    }  # fmt: skip
    data = _json(content)
    return f"baselines/{_encoded(one.name)}/{hashlib.sha256(data).hexdigest()}.json", data


def read_baseline(data: bytes, path: str) -> Baseline:
    """The baseline of a file. Raises InputError."""
    found = _BASELINE.fullmatch(path)
    if found is None or hashlib.sha256(data).hexdigest() != found[2]:
        raise InputError("the baseline is damaged: its content has another digest", where=path, hint=_DAMAGED)
    try:
        content = json.loads(data)
        one = Baseline(
            str(content["name"]), 0, tuple(str(digest) for digest in content["digests"]), str(content["commit"]),
            str(content["reason"]), str(content["author"]), datetime.fromisoformat(content["created_at"]),
            content["removed"] is True,
        )  # fmt: skip
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"the baseline is damaged: {error}", where=path, hint=_DAMAGED) from error
    if unquote(found[1]) != one.name:
        raise InputError("the baseline lies in the folder of another one", where=path, hint=_DAMAGED)
    return one


def notified_file(one: Notified) -> tuple[str, bytes]:
    """Path and content of what a channel was told."""
    thing = f"{one.channel}\0{one.what}".encode("utf-8", "surrogatepass")
    content = {
        "channel": one.channel, "what": one.what, "number": one.number, "state": one.state, "place": one.place,
        "told_at": one.told_at.isoformat(),
    }  # fmt: skip
    return f"notified/{hashlib.sha256(thing).hexdigest()}/{one.number}.json", _json(content)


def read_notified(data: bytes, path: str) -> Notified:
    """What a file says that a channel was told. Raises InputError."""
    try:
        content = json.loads(data)
        one = Notified(
            str(content["channel"]), str(content["what"]), int(content["number"]), str(content["state"]),
            str(content["place"]), datetime.fromisoformat(content["told_at"]),
        )  # fmt: skip
        there = notified_file(one)[0] == path
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"what was told is damaged: {error}", where=path, hint=_DAMAGED) from error
    if not there or one.told_at.tzinfo is None:
        raise InputError("what was told lies in the place of something else", where=path, hint=_DAMAGED)
    return one


def check_mark(data: bytes | None, where: str) -> None:
    """Raises InputError unless `regress-history.json` says that this program can read and write the branch."""
    if data is None:
        what = f"the branch is no history: it holds no {MARK}"
        raise InputError(what, where=where, hint="name another one: branch in [tool.regress.history], or --branch")
    try:
        version = json.loads(data)["version"]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{MARK} is damaged", where=where, hint=f'it has to be {{"version": {VERSION}}}') from error
    if version != VERSION:
        what = f"the branch has version {version!r:.20} of its layout, and this program knows {VERSION}"
        raise InputError(what, where=where, hint="upgrade: pip install --upgrade regress")


def _encoded(name: str) -> str:
    """A baseline's name as the name of a folder, which neither begins with a point nor holds one that git refuses."""
    return quote(name, safe="", errors="surrogatepass").replace(".", "%2E").replace("~", "%7E")


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()
