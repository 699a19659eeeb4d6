"""k6's end-of-test summaries (0.26 to 2.2), in the three shapes that k6 gives them.

    --summary-export=FILE
        {"root_group": {…}, "metrics": {"http_req_duration": {"avg": ms, "med": ms, "p(95)": ms,
                                        "thresholds": {"p(95)<500": false}, …}, …}}
    handleSummary(data), written as JSON
        {"root_group": {…}, "options": {…}, "state": {"testRunDurationMs": …},
         "metrics": {"http_req_duration": {"type": "trend", "contains": "time", "values": {"avg": ms, …},
                     "thresholds": {"p(95)<500": {"ok": true}}}}}
    --new-machine-readable-summary (1.5 and later)
        {"metadata": {"generated_at": …, "k6_version": …}, "config": {"duration": s}, "results": {"checks": {…},
         "metrics": [{"name": …, "type": "trend", "contains": "time", "values": {"avg": ms, "p95": ms, …}}]}}

names       a metric of k6 is a benchmark, its tags are the variant and parameters: "http_req_duration" and
            "{expected_response:true}"
trends      of times: `time`, in seconds; of other things: `value`, of which nothing says what is better. avg, med, min
            and max; p(90) and the like are quantiles beside them. k6 calculates them of all samples, so they are kept;
            whether one may be judged depends on n
n           is taken only where it is exact: `count` of the trend (--summary-trend-stats), or, for http_req_* of all
            requests, the count of http_reqs, as k6 emits them together. Not for iteration_duration: setup and teardown
            are in it, in some versions, but not in `iterations`. Without n a percentile stays unjudged: add `count`
rates       `share`: value, and n = passes + fails. Less is better for http_req_failed, more for checks
counters    `count`, and `rate` per second; more is better for the rate of http_reqs and iterations, fewer for
            dropped_iterations. The third shape has no rate: it is count / duration where a duration is given
gauges      `value` (the last), min, max
thresholds  those that were crossed are warnings. Of the first shape: true says that it was crossed
tool        the third shape alone says the version, and when the test ended, which with the duration says when it began
commit, environment   there is none in any of them

The first shape says neither type nor contents: the type shows in the keys, and only k6's own metrics are known to be
times or bytes; a trend of one's own is `value` in whatever it counts. Lossy: single checks, groups, setup data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from ..errors import InputError
from ..model import TIME, Bad, Benchmark, Direction, Environment, Key, Metric, Run, Source
from .document import Document
from .fields import load, mapping, number, shown, text, when
from .options import ReadOptions
from .rows import RowList

_OWN = (b'"iteration_duration"', b'"iterations"', b'"data_received"', b'"data_sent"', b'"http_reqs"', b'"vus_max"')
_TREND = {"min": "min", "median": "med", "mean": "avg", "max": "max"}
_PERCENTILE = re.compile(r"p\(?([0-9]{1,2}(?:\.[0-9]+)?)\)?")
_BUILTIN_TIMES = re.compile(
    r"http_req_(?:blocked|connecting|duration|receiving|sending|tls_handshaking|waiting)|iteration_duration|group_duration"
    r"|ws_connecting|ws_session_duration|ws_ping|grpc_req_duration"
    r"|browser_http_req_duration|browser_web_vital_(?:fcp|fid|inp|lcp|ttfb)"
)
_BUILTIN_BYTES = re.compile(r"data_sent|data_received|browser_data_sent|browser_data_received")
_PER_REQUEST = re.compile(r"http_req_(?:blocked|connecting|duration|receiving|sending|tls_handshaking|waiting)")
_SHARES = {"http_req_failed": Direction.LOWER, "browser_http_req_failed": Direction.LOWER, "checks": Direction.HIGHER}
_RATES = {"http_reqs": Direction.HIGHER, "iterations": Direction.HIGHER, "dropped_iterations": Direction.LOWER}
_TAGGED = re.compile(r"([^{]+)(\{.*\})", re.DOTALL)
_UNDATED = "the file does not say when it was measured"


@dataclass(frozen=True, slots=True)
class _Seen:
    """One metric of k6, in whichever shape it came."""

    name: str
    type: str
    contains: str
    values: Mapping[str, object]
    crossed: tuple[str, ...] = field(default=())


class K6:
    """k6's end-of-test summary, one run a file."""

    name = "k6"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure when metrics of k6's own stand beside its root group or its version."""
        data = document.data
        if b'"metrics"' not in data or sum(name in data for name in _OWN) < 2:
            return 0.0
        return 0.9 if b'"root_group"' in data or b'"k6_version"' in data else 0.6

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each metric that is at fault."""
        content = load(document)
        if not isinstance(content, dict):
            raise InputError("this is no object", where=document.path, hint=_HINT)
        seconds = number(mapping(content.get("config")).get("duration"))
        metadata = mapping(content.get("metadata"))
        metrics = list(_metrics(content, document.path, seconds))
        requests = next((number(each.values.get("count")) for each in metrics if each.name == "http_reqs"), None)
        rows = RowList()
        faults = []
        for each in metrics:
            said = _add(rows, each, options.suite or self.name, requests)
            faults += [Bad(f"{document.path}: {each.name}", what, "the other metrics are read") for what in said]
        yield from faults
        if not rows.keys:
            if not faults:
                yield Bad(document.path, "no metrics in this file", _HINT)
            return
        ended = when(metadata.get("generated_at"))
        try:
            started = ended - timedelta(seconds=seconds or 0.0) if ended else None
        except OverflowError:
            started = ended
        crossed = [f"{each.name}: the threshold {shown(rule)} was crossed" for each in metrics for rule in each.crossed]
        yield Run(
            commit="",
            environment=Environment.of({}),
            source=Source(document.path, self.name, self.name, text(metadata.get("k6_version"))),
            columns=rows.columns,
            started_at=started,
            ended_at=ended,
            quantiles=rows.quantiles,
            warnings=(*([] if ended else [_UNDATED]), *crossed),
        )


_HINT = "write it with --summary-export, or JSON.stringify(data) in handleSummary"


def _metrics(content: Mapping[str, object], path: str, seconds: float | None) -> Iterator[_Seen]:
    """The metrics of any of the shapes. Raises InputError where there are none."""
    metrics = content.get("metrics")
    if isinstance(metrics, dict):
        for name, entry in sorted(metrics.items()):
            yield _of_handle(name, entry) if isinstance(mapping(entry).get("values"), dict) else _of_export(name, entry)
        return
    results = mapping(content.get("results"))
    listed = results.get("metrics")
    if not isinstance(listed, list):
        raise InputError("no metrics", where=path, hint=_HINT)
    checks = mapping(results.get("checks")).get("metrics")
    for entry in [*listed, *(checks if isinstance(checks, list) else [])]:
        seen = _of_handle(text(mapping(entry).get("name")) or "?", entry)
        count = number(seen.values.get("count"))
        if seen.type == "counter" and count is not None and seconds and seconds > 0 and "rate" not in seen.values:
            seen = replace(seen, values={**seen.values, "rate": count / seconds})
        # k6 counts its checks under three names here; the share of those that held is called `checks` elsewhere.
        if seen.name == "checks_succeeded":
            yield replace(seen, name="checks")
        elif seen.name not in ("checks_failed", "checks_total"):
            yield seen


def _of_handle(name: str, entry: object) -> _Seen:
    content = mapping(entry)
    crossed = [rule for rule, state in mapping(content.get("thresholds")).items() if mapping(state).get("ok") is False]
    kind, contains = text(content.get("type")), text(content.get("contains"))
    return _Seen(name, kind, contains, mapping(content.get("values")), tuple(crossed))


def _of_export(name: str, entry: object) -> _Seen:
    """A metric of the first shape; what it is shows in its keys and, for k6's own, in its name."""
    values = mapping(entry)
    kind = "trend"
    if "passes" in values or "fails" in values:
        kind = "rate"
    elif {"count", "rate"} <= values.keys():
        kind = "counter"
    elif "value" in values:
        kind = "gauge"
    own = name.partition("{")[0]
    contains = "time" if _BUILTIN_TIMES.fullmatch(own) else "data" if _BUILTIN_BYTES.fullmatch(own) else "default"
    crossed = [rule for rule, state in mapping(values.get("thresholds")).items() if state is True]
    return _Seen(name, kind, contains, values, tuple(crossed))


def _add(rows: RowList, seen: _Seen, suite: str, requests: float | None) -> Iterator[str]:
    """Add one metric of k6; what is wrong with it is said."""
    tagged = _TAGGED.fullmatch(seen.name)
    name, tags = (tagged[1], tagged[2]) if tagged else (seen.name, "")
    pairs = [pair.partition(":") for pair in tags[1:-1].split(",")] if tags else []
    params = tuple((tag.strip(), shown(value.strip())) for tag, colon, value in pairs if colon)
    benchmark = Benchmark(suite, name, tags, params=params)
    n = _count(seen, requests)
    added = 0
    for metric, figures, quantiles in _figures(seen, name):
        key = Key(benchmark, metric)
        if rows.knows(key):
            yield "the name came before in this file, and the first one is taken"
            return
        if figures:
            row = rows.add(key, figures | ({"n": n} if n and metric.name not in ("count", "rate") else {}))
            if quantiles:
                rows.quantiles[row] = quantiles
            added += 1
    if not added:
        kind = f"type {seen.type!r} is not known" if seen.type not in _TYPES else f"the {seen.type} holds no figure"
        yield kind


_TYPES = ("trend", "rate", "counter", "gauge")
_Figures = tuple[Metric, dict[str, float], tuple[tuple[float, float], ...]]


def _count(seen: _Seen, requests: float | None) -> float | None:
    """How many samples a metric was calculated of, where that is exactly known."""
    values = seen.values
    if seen.type == "trend":
        n = number(values.get("count"))
        if n is None and _PER_REQUEST.fullmatch(seen.name):
            n = requests
    elif seen.type == "rate":
        parts = [number(values.get(part)) for part in ("passes", "fails")]
        n = number(values.get("total")) if None in parts else sum(part for part in parts if part is not None)
    else:
        n = None
    return n if n is not None and 1 <= n < 2**63 else None


def _figures(seen: _Seen, name: str) -> Iterator[_Figures]:
    """The metrics of ours that a metric of k6 holds."""
    values = seen.values
    if seen.type == "trend":
        factor = 1e-3 if seen.contains == "time" else 1.0
        metric = TIME if seen.contains == "time" else Metric("value", "B" if seen.contains == "data" else "1")
        cuts = sorted((share, value * factor) for share, value in _percentiles(values))
        yield metric, _taken(values, _TREND, factor), tuple(cuts)
    elif seen.type == "rate":
        metric = Metric("share", "1", _SHARES.get(name, Direction.UNKNOWN))
        yield metric, _taken(values, {"value": "rate"} if "rate" in values else {"value": "value"}), ()
    elif seen.type == "counter":
        unit = "B" if seen.contains == "data" else "1"
        direction = _RATES.get(name, Direction.UNKNOWN)
        few = direction if direction is Direction.LOWER else Direction.UNKNOWN
        yield Metric("count", unit, few), _taken(values, {"value": "count"}), ()
        yield Metric("rate", "B/s" if unit == "B" else "1/s", direction), _taken(values, {"value": "rate"}), ()
    elif seen.type == "gauge":
        metric = Metric("value", "s" if seen.contains == "time" else "B" if seen.contains == "data" else "1")
        factor = 1e-3 if seen.contains == "time" else 1.0
        yield metric, _taken(values, {"value": "value", "min": "min", "max": "max"}, factor), ()


def _taken(values: Mapping[str, object], names: Mapping[str, str], factor: float = 1.0) -> dict[str, float]:
    read = {ours: number(values.get(theirs)) for ours, theirs in names.items()}
    return {name: figure * factor for name, figure in read.items() if figure is not None and math.isfinite(figure)}


def _percentiles(values: Mapping[str, object]) -> Iterator[tuple[float, float]]:
    """The quantiles of a trend; p(50) is one as well as the median."""
    for name, value in values.items():
        found, figure = _PERCENTILE.fullmatch(name), number(value)
        if found and figure is not None and (share := round(float(found[1]) / 100, 12)) > 0:
            yield share, figure
