"""Documents in, Runs out: one file a format, its docstring is the specification.

    for document in documents(["results", "-"], sys.stdin.buffer):
        for item in read(document, ReadOptions(branch="main")):
            ...                                          # a Run, or a Bad that says where, what, and what to do

Bad content never raises: a fault of a file, of a row or of a cell becomes a Bad, and the rest is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from .. import plugins
from ..errors import InputError
from ..globs import matches
from ..model import Bad, Environment, Run
from .asv import Asv
from .bmf import Bmf
from .bundle import Bundle, canonical, dump, dump_all, restore
from .document import MAX_BYTES, Document, documents
from .fields import load
from .github_action_benchmark import GithubActionBenchmark
from .google_benchmark import GoogleBenchmark
from .hyperfine import Hyperfine
from .junit import JUnit
from .k6 import K6
from .locust import Locust
from .mapped import Mapped, Meaning, chosen
from .options import ReadOptions
from .pyperf import Pyperf
from .pytest_benchmark import PytestBenchmark

__all__ = [
    "FORMATS", "MAX_BYTES", "Document", "Format", "Mapped", "Meaning", "ReadOptions", "canonical", "detect",
    "documents", "dump", "dump_all", "load_entry_points", "read", "reader_of", "restore", "runs_of", "source_digest",
]  # fmt: skip


class Format(Protocol):
    """What reads one kind of document. `version` grows whenever the same bytes are read in another way."""

    name: str
    version: int

    def detect(self, document: Document) -> float:
        """How sure it is, from 0 to 1, that the document is its own; from the bytes, without parsing them."""

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """The runs of the document, and what is wrong with it. May raise InputError where all of it is unreadable."""

    def companions(self, document: Document) -> Iterable[bytes]:
        """What the reader uses of other files, reduced to what can change a run; part of the source digest."""


FORMATS: dict[str, Format] = {
    "asv": Asv(),
    "pytest-benchmark": PytestBenchmark(),
    "github-action-benchmark": GithubActionBenchmark(),
    "bundle": Bundle(),
    "bmf": Bmf(),
    "locust": Locust(),
    "pyperf": Pyperf(),
    "hyperfine": Hyperfine(),
    "google-benchmark": GoogleBenchmark(),
    "k6": K6(),
    "junit": JUnit(),
}

#: Less than this is a guess, and a guess is not read.
SURE = 0.5


def load_entry_points(group: str = "regress.formats") -> None:
    """Add the formats of installed packages: an entry point is an object, or a class that takes no arguments."""
    plugins.extend(FORMATS, group, home=__name__, kind="format")


def detect(document: Document) -> Format | Bad:
    """The format that is surest of the document, or a Bad that says what the document looks like instead."""
    try:
        sure, name = max((each.detect(document), name) for name, each in FORMATS.items())
    except InputError as error:
        return Bad(error.where, error.what, error.hint)
    return FORMATS[name] if sure >= SURE else _unrecognised(document)


def read(document: Document, options: ReadOptions | None = None) -> Iterator[Run | Bad]:
    """The runs of a document with the overrides applied, and a Bad for each fault. Never raises for what it reads."""
    options = options or ReadOptions()
    reader = reader_of(document, options)
    if isinstance(reader, Bad):
        yield reader
        return
    try:
        digest = _digest(document, options, reader)
        for item in reader.read(document, options):
            yield item if isinstance(item, Bad) else _overridden(item, options, digest)
    except InputError as error:
        yield Bad(error.where, error.what, error.hint)
    except Exception as error:  # the last net: formats may be foreign, and one bad file must not stop the others
        what = f"the {reader.name} reader failed: {type(error).__name__}: {error}"
        yield Bad(document.path, what, "report it together with the file")


def runs_of(paths: Sequence[str], options: ReadOptions | None = None) -> Iterator[Run]:
    """The runs of files that must all be readable: the first that is not is raised as an InputError."""
    for document in documents(paths):
        for item in read(document, options) if isinstance(document, Document) else [document]:
            if not isinstance(item, Run):
                raise InputError(item.what, where=item.where, hint=item.hint)
            yield item


def source_digest(document: Document, options: ReadOptions | None = None) -> str:
    """64 hex digits over all that decides what is read: bytes, companions, overrides, reader. "" if unreadable.

    It takes no parsing, so that an input which is already known is skipped at the cost of reading its bytes.
    """
    options = options or ReadOptions()
    reader = reader_of(document, options)
    try:
        return "" if isinstance(reader, Bad) else _digest(document, options, reader)
    except InputError:
        return ""


def _digest(document: Document, options: ReadOptions, reader: Format) -> str:
    head = f"{reader.name} {reader.version}\n{options.fingerprint()}\n"
    if head not in document.digests:
        hashed = hashlib.sha256(head.encode())
        for part in (*reader.companions(document), document.data):
            hashed.update(len(part).to_bytes(8, "big"))
            hashed.update(part)
        document.digests[head] = hashed.hexdigest()
    return document.digests[head]


def reader_of(document: Document, options: ReadOptions) -> Format | Bad:
    """What reads the document, or a Bad that says why nothing does."""
    if options.format is None:
        mapping = chosen(document, options)
        if mapping:
            return Mapped(mapping)
        if options.mapping:
            known = ", ".join(spec.name for spec in options.mappings) or "none"
            return Bad(document.path, f"no mapping {options.mapping!r}", f"configured: {known}")
        return detect(document)
    if options.format in FORMATS:
        return FORMATS[options.format]
    return Bad(document.path, f"unknown format {options.format!r}", f"choose one of {', '.join(sorted(FORMATS))}")


def _overridden(run: Run, options: ReadOptions, digest: str) -> Run:
    """The run with what the user says in place of what the document says: the one place where that happens."""
    environment = run.environment
    for glob, pairs in options.moved:
        if matches(glob, environment.label):
            environment = replace(environment, key=pairs)
            break
    if options.machine or options.env:
        key = dict(environment.key) | {f"env.{name}": value for name, value in options.env}
        key |= {"machine": options.machine} if options.machine else {}
        environment = Environment.of(key, dict(environment.facts), environment.host)
    return replace(
        run,
        commit=run.commit if options.commit is None else options.commit,
        head=run.head if options.head is None else options.head,
        ref=run.ref if options.branch is None else options.branch,
        tags=tuple(dict.fromkeys((*run.tags, *options.tags))),
        environment=environment,
        source=replace(run.source, digest=digest),
    )


def _unrecognised(document: Document) -> Bad:
    """Why no format takes the document, with the nearest piece of advice."""
    data = document.data
    if document.name in ("benchmarks.json", "machine.json", "asv.conf.json"):
        return Bad(document.path, "this asv file holds no results", "name the results folder that it belongs to")
    plain_text = data.lstrip()[:1] not in (b"", b"{", b"[") and b"\0" not in data[:4096]
    if not plain_text:
        try:
            load(document)
        except InputError as error:  # how the JSON is broken helps more than what it is not
            return Bad(error.where, error.what, error.hint)
    known = ", ".join(sorted(FORMATS))
    return Bad(
        document.path,
        f"no known format (known: {known})",
        "--format says which; for results of your own: regress ingest --explain",
    )
