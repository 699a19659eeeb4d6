"""github-action-benchmark: its `data.js`, a whole history in one file, and the custom JSON that the action takes.

    window.BENCHMARK_DATA = {"lastUpdate": ms, "repoUrl": …, "entries": {
        "CPython Benchmark": [
            {"commit": {"id": …, "timestamp": …, "url": …, "message": …, "author": …}, "date": ms, "tool": "pytest",
             "benches": [{"name": …, "value": 98.3, "unit": "iter/sec", "range": "stddev: 0.002", "extra": …}]}]}}

    [{"name": "Memory Used", "unit": "MB", "value": 100, "range": "3", "extra": …}]

data.js     with or without `window.BENCHMARK_DATA =` in front (the action's external data file and the page's download
            have none) and a semicolon behind; nothing else may stand there, as this is read and not run
entry       one run; the same entry twice is one run, and several entries of one commit are several runs
list        its name ("CPython Benchmark") is the environment's key `name`: the lists of a file are different places.
            Nothing else is known of the place: no system, no processor, no interpreter
commit.id   the commit; of a run for a pull request it is the tip, though its merge may have been measured: a warning
timestamp   committed_at, which is the author's date or, for a pull request, none of the commit's at all; `date` is
            when the action wrote the entry, shortly after the measurement, and becomes started_at
tool        the suite; "pytest" is "pytest-benchmark", its names are split as that tool's own files are, and a figure
            of iterations per second is the mean time again, so that the series have the names of those files
--commit    is refused for entries of several commits, as it would put a whole history on one of them
benches     see github_action_rows.py: what becomes of value, unit, range and extra of each tool

A custom list names no commit, no time, and no direction, as bigger or smaller is said in the workflow. Its directions
are unknown and may be configured ([[metric]]); `--suite customSmallerIsBetter` (or customBiggerIsBetter) says them too,
and gives the series the names that they have in data.js.

Lossy: messages, authors, URLs, `repoUrl`, `lastUpdate`, and what `range` and `extra` hold in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..errors import InputError
from ..model import Bad, Environment, Run, Source
from .document import Document
from .fields import commit_of, mapping, moment, number, parse, text, when
from .github_action_rows import CUSTOM, LEVEL, Benches, suite_of
from .options import ReadOptions

_PREFIX = re.compile(rb"\s*window\.BENCHMARK_DATA\s*=")
_CUSTOM = re.compile(rb'\s*\[\s*\{[^{}\[\]]*"(name|unit|value)"\s*:')
_PULL = re.compile(r"/pull/[0-9]+/commits/")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class GithubActionBenchmark:
    """github-action-benchmark's history, one run an entry, and its custom JSON, one run a file."""

    name = "github-action-benchmark"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure of the script by its first words, of JSON by the keys that no other tool has; less of a bare list."""
        head = document.data[:65536].removeprefix(_BYTE_ORDER_MARK)
        if _PREFIX.match(head):
            return 0.95
        if b'"entries"' in head and (b'"lastUpdate"' in head[:200] or b'"benches"' in head):
            return 0.9
        custom = _CUSTOM.match(head) and all(key in head for key in (b'"name"', b'"unit"', b'"value"'))
        return 0.6 if custom else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """A run for each entry of a history, or the one of a custom list, each after what is at fault in it."""
        content = _load(document)
        reader = _Reader(document.path, options)
        if isinstance(content, list):
            yield from reader.custom(content)
            return
        entries = content.get("entries") if isinstance(content, dict) else None
        if not isinstance(entries, dict):
            hint = "name a data.js of github-action-benchmark, or a list of {name, unit, value}"
            raise InputError("no entries", where=document.path, hint=hint)
        if not any(entries.values()):
            raise InputError("no runs in this file", where=document.path, hint="run the action once")
        reader.check_overrides(entries)
        for name, listed in entries.items():
            yield from reader.history(name, listed)


class _Reader:
    """What all entries of one document share: the options, the keys made so far, the runs seen so far."""

    def __init__(self, path: str, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        self._benches = Benches()
        self._seen: set[str] = set()

    def check_overrides(self, entries: Mapping[str, object]) -> None:
        """Refuses one commit for all where the entries name several."""
        if self._options.commit is None and self._options.head is None:
            return
        lists = [listed for listed in entries.values() if isinstance(listed, list)]
        named = {text(_commit(entry).get("id")) for listed in lists for entry in listed}
        if len(named) > 1:
            what = f"its entries are of {len(named):,} commits, and one is given for all"
            raise InputError(what, where=self._path, hint="leave the commit out: each entry names its own")

    def history(self, name: str, listed: object) -> Iterator[Run | Bad]:
        """The runs of one list."""
        where = f"{self._path}: {name}"
        if not isinstance(listed, list):
            yield Bad(where, "this is no list of entries", "the other lists are read")
            return
        environment = Environment.of({"name": name.strip()})
        for place, entry in enumerate(listed, 1):
            yield from self._entry(f"{where}, entry {place}", entry, environment)

    def _entry(self, where: str, entry: object, environment: Environment) -> Iterator[Run | Bad]:
        """One entry, if it is not one that came before."""
        content, commit = mapping(entry), _commit(entry)
        benches, id_ = content.get("benches"), commit_of(commit.get("id"))
        if not isinstance(benches, list):
            yield Bad(where, "it has no list of benches", "the other entries are read")
            return
        if not id_ and self._options.commit is None:
            yield Bad(where, "it names no commit", "the other entries are read")
            return
        tool = text(content.get("tool"))
        suite = suite_of(tool) or GithubActionBenchmark.name
        measured = self._benches.read(tool, self._options.suite or suite, benches, where)
        yield from measured.faults
        if not measured.rows.keys and not measured.rows.gaps:
            return
        milliseconds = number(content.get("date"))
        started = moment(None if milliseconds is None else milliseconds / 1000)
        warnings = [] if started else [f"the entry of {id_[:10]} does not say when it was measured"]
        if _PULL.search(text(commit.get("url"))):
            warnings.append(f"{id_[:10]} is the tip of a pull request, whose merge may have been measured")
        columns = measured.rows.columns
        run = Run(
            commit=id_,
            environment=environment,
            source=Source(self._path, GithubActionBenchmark.name, suite),
            columns=columns,
            gaps=measured.rows.gaps,
            started_at=started,
            committed_at=when(commit.get("timestamp")),
            level=LEVEL if "lo" in columns.stats else None,
            warnings=tuple(warnings),
        )
        digest = run.digest()
        if digest not in self._seen:
            self._seen.add(digest)
            yield run

    def custom(self, listed: list[object]) -> Iterator[Run | Bad]:
        """The run of a list without a commit."""
        suite = self._options.suite or GithubActionBenchmark.name
        measured = self._benches.read(suite if suite in CUSTOM else "", suite, listed, self._path)
        yield from measured.faults
        if not measured.rows.keys and not measured.rows.gaps:
            return
        yield Run(
            commit="",
            environment=Environment.of({}),
            source=Source(self._path, GithubActionBenchmark.name, GithubActionBenchmark.name),
            columns=measured.rows.columns,
            gaps=measured.rows.gaps,
            warnings=("the file does not say when it was measured",),
        )


def _commit(entry: object) -> dict[str, object]:
    return mapping(mapping(entry).get("commit"))


def _load(document: Document) -> object:
    """The JSON in the script, or the document as JSON."""
    data = document.data.removeprefix(_BYTE_ORDER_MARK)
    if prefix := _PREFIX.match(data):  # blanks in its place, so that a fault is told where it stands
        data = b" " * prefix.end() + data[prefix.end() :].rstrip().removesuffix(b";")
    return parse(data, document.path)
