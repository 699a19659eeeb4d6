"""Documents: what a format reads, from files, folders, patterns and standard input.

A document has a name, bytes that are read when they are asked for, and siblings by name. All documents of one
expansion share a shelf, so that a file which stands beside a thousand others is read and understood once.
"""

from __future__ import annotations

import glob
import lzma
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from ..errors import InputError
from ..model import Bad

#: The most that is read of one document, before and after decompression.
MAX_BYTES = 512 * 2**20

#: What a walk through a folder takes, and what it leaves by name, as it stands beside results and is none.
SUFFIXES = (".json", ".json.gz", ".json.xz", "data.js", "data.js.gz", "data.js.xz", "_stats.csv")
NOT_RESULTS = frozenset({"benchmarks.json", "machine.json", "asv.conf.json", ".asv-machine.json"})
NOT_WALKED = frozenset({".git"})

STDIN = "standard input"

T = TypeVar("T")


class Shelf:
    """What the documents of one expansion share: the siblings that were opened, and what was made of them."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self.limit = limit
        self._documents: dict[str, Document | None] = {}
        self._made: dict[object, object] = {}

    def document(self, path: str) -> Document | None:
        """The file at `path` as a document, None where there is none; the same object each time."""
        if path not in self._documents:
            self._documents[path] = Document.of(path, self) if os.path.isfile(path) else None
        return self._documents[path]

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What `make` returns, made for the first document that asks for `key` and kept for all others."""
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])


class Document:
    """A named piece of input with siblings. `path` is what the user is shown, `name` its last part."""

    def __init__(
        self,
        path: str,
        load: Callable[[], bytes],
        *,
        shelf: Shelf | None = None,
        beside: Callable[[str], Document | None] = lambda name: None,
    ) -> None:
        self.path = path
        self.name = os.path.basename(path)
        self.shelf = shelf or Shelf()
        #: Digests by reader and overrides, so that asking whether a source is known and reading it cost one hash.
        self.digests: dict[object, str] = {}
        self._load = load
        self._beside = beside

    @classmethod
    def of(cls, path: str | Path, shelf: Shelf | None = None) -> Document:
        """The file at `path`; nothing is read yet."""
        shelf = shelf or Shelf()
        place = str(path)
        folder = os.path.dirname(place)

        def beside(name: str) -> Document | None:
            return shelf.document(os.path.normpath(os.path.join(folder, name)))

        return cls(place, lambda: _read_file(place, shelf.limit), shelf=shelf, beside=beside)

    @classmethod
    def of_bytes(cls, path: str, data: bytes, siblings: Mapping[str, bytes] | None = None) -> Document:
        """A document held in memory; `siblings` by relative name ("machine.json", "../benchmarks.json")."""
        shelf = Shelf()

        def held(name: str, raw: bytes) -> Callable[[], bytes]:
            return lambda: _expanded(raw, name, shelf.limit)

        around = {name: cls(name, held(name, raw), shelf=shelf) for name, raw in (siblings or {}).items()}
        return cls(path, held(path, data), shelf=shelf, beside=around.get)

    @cached_property
    def data(self) -> bytes:
        """The bytes, decompressed where they are gzip or xz. Raises InputError where they cannot be read."""
        return self._load()

    def release(self) -> None:
        """Lets go of the bytes; they are read again when somebody asks for them."""
        self.__dict__.pop("data", None)

    @cached_property
    def folder(self) -> str:
        """The name of the folder that the document lies in, "" where that is not known."""
        return os.path.basename(os.path.dirname(os.path.abspath(self.path))) if self.path != STDIN else ""

    def sibling(self, name: str) -> Document | None:
        """The document of that name in the same folder."""
        return self._beside(name)

    def parent_sibling(self, name: str) -> Document | None:
        """The document of that name one folder up."""
        return self._beside(f"../{name}")

    def __repr__(self) -> str:
        return f"Document({self.path!r})"


def documents(
    paths: Sequence[str], stdin: BinaryIO | None = None, *, limit: int = MAX_BYTES
) -> Iterator[Document | Bad]:
    """The documents that `paths` name, each once, in the order of the paths and sorted within each.

    A path is a file, a folder (searched to its depths), a pattern that the shell did not expand, or "-" for
    standard input. What names nothing is a Bad.
    """
    shelf = Shelf(limit)
    seen: set[str] = set()
    for path in paths:
        for found in _expand(path, stdin, shelf):
            if isinstance(found, Document):
                place = os.path.realpath(found.path)
                if place in seen:
                    continue
                seen.add(place)
            yield found


def _expand(path: str, stdin: BinaryIO | None, shelf: Shelf) -> Iterator[Document | Bad]:
    if path == "-":
        if stdin is None:
            yield Bad(STDIN, "nothing can be read from it here", "name a file")
        else:
            stream = stdin
            yield Document(STDIN, lambda: _read_stream(stream, STDIN, shelf.limit), shelf=shelf)
    elif "\0" in path or not path:
        yield Bad(repr(path), "this is no path", "name a file, a folder or a pattern")
    elif os.path.isdir(path):
        yield from _walk(path, shelf)
    elif os.path.exists(path):
        yield Document.of(path, shelf)
    elif glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True, include_hidden=True))
        if not matches:
            yield Bad(path, "no file matches this pattern", "check the pattern, or that the benchmarks have run")
        for match in matches:
            yield from _expand(match, stdin, shelf)
    else:
        yield Bad(path, "no such file or folder", "check the path, or that the benchmarks have run")


def _walk(folder: str, shelf: Shelf) -> Iterator[Document | Bad]:
    faults: list[Bad] = []

    def unreadable(error: OSError) -> None:
        faults.append(Bad(str(error.filename), f"the folder cannot be read: {error.strerror}", "check its permissions"))

    found = False
    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if name not in NOT_WALKED)
        for name in sorted(names):
            if name.endswith(SUFFIXES) and name not in NOT_RESULTS:
                found = True
                yield Document.of(os.path.join(place, name), shelf)
    yield from faults
    if not found and not faults:
        yield Bad(folder, "no results in this folder", f"expected files that end in {', '.join(SUFFIXES)}")


def _read_file(path: str, limit: int) -> bytes:
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > limit:
                raise _too_large(path, limit)
            return _read_stream(file, path, limit)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=path, hint="check the file") from error


def _read_stream(stream: BinaryIO, path: str, limit: int) -> bytes:
    """All of a stream, in pieces, as a size says nothing of a pipe."""
    pieces: list[bytes] = []
    size = 0
    while piece := stream.read(2**20):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise _too_large(path, limit)
    return _expanded(b"".join(pieces), path, limit)


def _expanded(data: bytes, path: str, limit: int) -> bytes:
    """The bytes without their compression, which is told by their first bytes and not by the name."""
    if data.startswith(b"\x1f\x8b"):
        return _decompressed(data, lambda: zlib.decompressobj(31), path, limit)
    if data.startswith(b"\xfd7zXZ\0"):
        # The memory limit stops a header that asks for a dictionary of gigabytes.
        return _decompressed(data, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2**30), path, limit)
    return data


def _decompressed(
    data: bytes, decompressor: Callable[[], zlib._Decompress | lzma.LZMADecompressor], path: str, limit: int
) -> bytes:
    """Every stream of the file, one after the other; never more than `limit` bytes are made."""
    pieces: list[bytes] = []
    room = limit
    while data.strip(b"\0"):
        stream = decompressor()
        try:
            piece = stream.decompress(data, room + 1)
        except (zlib.error, lzma.LZMAError) as error:
            raise InputError(f"cannot be decompressed: {error}", where=path, hint="compress it again") from error
        if len(piece) > room:
            raise _too_large(path, limit)
        if not stream.eof:
            raise InputError("the compressed file is cut short", where=path, hint="copy or compress it again")
        pieces.append(piece)
        room -= len(piece)
        data = stream.unused_data
    return b"".join(pieces)


def _too_large(path: str, limit: int) -> InputError:
    return InputError(f"larger than {limit / 2**20:g} MiB", where=path, hint="split it, or leave the raw data out")
