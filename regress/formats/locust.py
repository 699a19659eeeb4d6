"""Locust's results (1.6 to 2.47): `locust --csv PREFIX [--csv-full-history]`, or `--json` and `--json-file`.

    PREFIX_stats.csv          the document: one row a request, and `Aggregated` last
        Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,
        Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%
    PREFIX_stats_history.csv  beside it: the users and the counts, each second (see `locust_history`)
    PREFIX_failures.csv       Method,Name,Error,Occurrences[,First Seen,Last Seen]
    PREFIX_exceptions.csv     Count,Message,Traceback,Nodes
    JSON                      [{"method", "name", "num_requests", "num_none_requests", "num_failures", "start_time",
                                "last_request_timestamp", "total_response_time" (ms), "min_response_time",
                                "max_response_time", "total_content_length", "response_times": {"6": count}, …}]

one file        is one run. It names no commit, no machine and no version of Locust
names           "GET /chapters"; `Aggregated` is all together. Memory addresses in names are masked
users           the most at once that the history shows: "GET /chapters{users=5}", so that unlike loads are never
                compared. Without a history they are not known. Spawn rate, run time and user classes are in no file:
                they come from the suite (`params`)
time            s, lower: median, mean, min, max; n is Request Count, which counts failed requests too, as their times
                are among the others. Each request is a single call. Percentiles of the file are its quantiles, but for
                100%, which is the maximum once more, rounded. Where each request failed, its time is that of failing:
                a gap (failed), as it is where the row holds none; without any request a gap (skipped)
requests, successful_requests, failures
                1/s (higher, higher, lower), over the time from the start to the last response
failure_share, success_rate
                of all requests (lower, higher)
content_size    B on average; whether less is better nobody says
steady_time, steady_requests, steady_success_rate, drift, recovery
                from the history
failures, exceptions
                the five most frequent of each are warnings of the run, no part of its digest
started_at      the history's first row; of JSON the first response, as `start_time` of a request is that

Lossy: Locust rounds times to two digits before it makes the median and the percentiles of them (whole ms below 100 ms);
mean, min and max are exact. It writes the CSV files every second and not at its end: up to a second's requests are in
the JSON alone. Not kept are the tracebacks, the nodes, and the rates and percentiles of each second. JSON has no
`Aggregated`: it is made of the others by Locust's own definitions, as are the percentiles; its rates are over the time
from the first response.

A file without the row `Aggregated` at its end is cut short, and no run is made of it. The other CSV files are no
documents. The same run as CSV and as JSON is two runs: name one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..errors import InputError
from ..model import Bad, Environment, Run, Source
from .document import Document
from .fields import load, masked, moment
from .locust_csv import Table, count_of, table_of
from .locust_history import TOTAL, history_of, recovery, steady_parts
from .locust_json import entries_of_json
from .locust_rows import Entry, Told, alike, distinct, entry_of_cells, rows_of
from .options import ReadOptions

#: How its files begin: the statistics, and the three beside them.
_HEADERS = (
    b"Type,Name,Request Count,Failure Count",
    b"Timestamp,User Count,Type,Name,",
    b"Method,Name,Error,Occurrences",
    b"Count,Message,Traceback,Nodes",
)
_JSON = (b'"num_none_requests"', b'"num_reqs_per_sec"', b'"total_content_length"')
_DOCUMENT = re.compile(r"(.*)_stats\.csv(\.gz|\.xz)?", re.DOTALL)
_COMPANIONS = ("stats_history", "failures", "exceptions")
_MOST_WARNINGS, _LONGEST = 5, 200
_UNDATED = "the file does not say when it was measured"


class Locust:
    """Locust's statistics, one run a file."""

    name = "locust"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure of the header of any of its CSV files, and of JSON whose keys are all there."""
        data = document.data.removeprefix(b"\xef\xbb\xbf")
        if data.startswith(_HEADERS):
            return 0.95
        head = data[:65536]
        return 0.9 if data.lstrip()[:1] == b"[" and all(part in head for part in _JSON) else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """The three files beside the statistics, each of which changes what is read."""
        files = _beside(document)
        return tuple(_data(files.get(name)) for name in _COMPANIONS)

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each row that is at fault."""
        found = _of_json(document) if document.data.lstrip()[:1] in (b"[", b"{") else _of_csv(document)
        yield from found.faults
        if not any(entry.requests for entry in found.entries):
            if not found.faults:
                yield Bad(document.path, "no request was made in this run", "check the host and the run time of Locust")
            return
        rows = rows_of(found.entries, found.told, options.suite or self.name, found.reasons)
        yield Run(
            commit="",
            environment=Environment.of({}),
            source=Source(document.path, self.name, self.name),
            columns=rows.columns,
            gaps=rows.gaps,
            started_at=found.started_at,
            ended_at=found.ended_at,
            quantiles=rows.quantiles,
            warnings=(*([] if found.started_at else [_UNDATED]), *found.warnings, *alike(found.entries)),
        )


@dataclass(slots=True)
class _Found:
    """What a document and the files beside it hold."""

    entries: list[Entry]
    faults: list[Bad] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    started_at: datetime | None = None
    ended_at: datetime | None = None


def _of_json(document: Document) -> _Found:
    content = load(document)
    if not isinstance(content, list):
        raise InputError("this is no list of requests", where=document.path, hint="name what `locust --json` printed")
    made = entries_of_json(content, document.path)
    found = _Found(made.entries, made.faults)
    found.started_at, found.ended_at = moment(made.began), moment(made.ended)
    return found


def _of_csv(document: Document) -> _Found:
    table = table_of(document)
    _check_header(table, document)
    faults: list[Bad] = []
    entries: list[Entry] = []
    for last, (line, cells) in table.rows:
        try:
            entry = entry_of_cells(cells, table.names)
        except ValueError as error:
            if last:
                raise _cut_short(document) from None
            faults.append(Bad(f"{document.path}:{line}", str(error), "the other rows are read"))
            continue
        entries.append(entry)
    if not entries or not entries[-1].is_total:
        raise _cut_short(document)
    entries, again = distinct(reversed(entries))  # of two rows named Aggregated, the last one is that of all
    entries.reverse()
    faults += [Bad(document.path, f"{entry.shown} comes twice", "one of them is taken") for entry in again]
    found = _Found(entries, faults)
    _add_beside(found, _beside(document))
    return found


def _check_header(table: Table, document: Document) -> None:
    names = table.names
    if "timestamp" in names or "occurrences" in names or "traceback" in names:
        prefix = re.sub(r"_(stats_history|failures|exceptions)\.csv.*", "", document.name, flags=re.DOTALL)
        what = "this file of Locust stands beside its statistics and holds none"
        raise InputError(what, where=document.path, hint=f"name {prefix}_stats.csv, which takes it along")
    missing = [name for name in ("type", "name", "request count", "failure count") if name not in names]
    if missing:
        what = f"its header has no {missing[0]!r}"
        raise InputError(what, where=document.path, hint="name the PREFIX_stats.csv of `locust --csv PREFIX`")


def _cut_short(document: Document) -> InputError:
    what = "the file is cut short: its last row is not a whole one named Aggregated"
    return InputError(what, where=document.path, hint="let Locust come to its end, and copy the file again")


def _beside(document: Document) -> dict[str, Document]:
    """The files of the same run, by what they are."""
    named = _DOCUMENT.fullmatch(document.name)
    if not named:
        return {}
    found = {each: document.sibling(f"{named[1]}_{each}.csv{named[2] or ''}") for each in _COMPANIONS}
    return {name: file for name, file in found.items() if file is not None}


def _data(file: Document | None) -> bytes:
    try:
        return file.data if file else b""
    except InputError:
        return b""


def _add_beside(found: _Found, files: Mapping[str, Document]) -> None:
    """What the files beside the statistics say; what is wrong with one is a fault, but for an empty one."""
    adders = (("stats_history", _add_history), ("failures", _add_failures), ("exceptions", _add_exceptions))
    for name, add in adders:
        file = files.get(name)
        try:
            if file and file.data[:4096].strip():
                add(found, table_of(file), file.path)
        except InputError as error:
            found.faults.append(Bad(error.where, error.what, "the statistics are read without it"))


def _add_history(found: _Found, table: Table, path: str) -> None:
    history = history_of(table)
    if history.faults:
        what = f"{history.faults} rows of the history are not as they should be, the first at {history.first}"
        found.faults.append(Bad(path, what, "the others are read"))
    if not history.moments.get(TOTAL):
        return
    found.told = Told(history.most_users, steady_parts(history), recovery(history))
    times = sorted(history.users)
    found.started_at, found.ended_at = moment(times[0]), moment(times[-1])


def _add_failures(found: _Found, table: Table, path: str) -> None:
    listed = _counted(table, "occurrences", "error")
    found.warnings += _most(listed, "kinds of failures", "")
    for _, error, cells in listed:
        found.reasons.setdefault((cells.get("method", ""), cells.get("name", "").strip()), error)
        found.reasons.setdefault(TOTAL, error)


def _add_exceptions(found: _Found, table: Table, path: str) -> None:
    found.warnings += _most(_counted(table, "count", "message"), "exceptions in the locustfile", "in the locustfile: ")


_Counted = tuple[int, str, Mapping[str, str]]


def _counted(table: Table, count: str, words: str) -> list[_Counted]:
    """Rows with how often they happened, the most frequent first; what is no such row is left out."""
    listed: list[_Counted] = []
    for _, (_, cells) in table.rows:
        try:
            said = " ".join(masked(cells.get(words, "")).split())
            said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
            listed.append((count_of(cells, count), said, cells))
        except ValueError:
            continue
    return sorted(listed, key=lambda one: (-one[0], one[1]))


def _most(listed: list[_Counted], what: str, before: str) -> Iterator[str]:
    for count, said, cells in listed[:_MOST_WARNINGS]:
        place = " ".join(f"{cells.get('method', '')} {cells.get('name', '')}".split())
        yield f"{count:,} × {before}{f'{place}: ' if place else ''}{said or 'it says nothing'}"
    if len(listed) > _MOST_WARNINGS:
        yield f"and {len(listed) - _MOST_WARNINGS:,} more {what}"
