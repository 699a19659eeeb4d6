"""What `locust --json` prints and `--json-file` writes, as entries; see `locust`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..model import Bad
from .fields import mapping, number
from .locust_rows import AGGREGATED, Entry, distinct

#: The percentiles that Locust itself reports.
_SHARES = (0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)
_OTHERS = "the other requests are read"


@dataclass(frozen=True, slots=True)
class Made:
    """The entries with that of all together, what is wrong, and when the first and the last response came."""

    entries: list[Entry]
    faults: list[Bad]
    began: float | None = None
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class _Raw:
    """One request as it is written: times in ms, moments in seconds since the epoch."""

    method: str
    name: str
    requests: int
    untimed: int
    failures: int
    total: float
    low: float
    high: float
    size: float
    began: float
    ended: float
    histogram: Counter[int]

    @property
    def timed(self) -> int:
        """How many have a time."""
        return max(self.requests - self.untimed, 0)


def entries_of_json(content: list[object], path: str) -> Made:
    """The entries of a list, after each other; what is no entry is a fault."""
    raws: list[_Raw] = []
    faults: list[Bad] = []
    for place, item in enumerate(content, 1):
        try:
            raws.append(_raw(mapping(item)))
        except ValueError as error:
            faults.append(Bad(f"{path}: request {place}", str(error), _OTHERS))
    began = min((raw.began for raw in raws if raw.began > 0), default=None)
    ended = max((raw.ended for raw in raws if raw.ended > 0), default=None)
    seconds = ended - began if began is not None and ended is not None and ended > began else math.nan
    entries, again = distinct(_entry(raw, seconds) for raw in raws)
    faults += [Bad(path, f"{entry.shown} comes twice", "the first one is taken") for entry in again]
    if faults:  # of all together nothing is known where one of them is not
        return Made(entries, faults, began, ended)
    return Made([*entries, _entry(_together(raws), seconds)] if raws else [], faults, began, ended)


def _raw(item: Mapping[str, object]) -> _Raw:
    method, name = item.get("method"), item.get("name")
    if not isinstance(name, str) or not isinstance(method, str | None) or not (name.strip() or method):
        raise ValueError("it has no name")
    requests = _count(item, "num_requests")
    untimed = _count(item, "num_none_requests")
    if untimed > requests:
        raise ValueError("num_none_requests is more than num_requests")
    return _Raw(
        (method or "").strip(), name.strip(), requests, untimed, _count(item, "num_failures"),
        total=_figure(item, "total_response_time"), low=_figure(item, "min_response_time"),
        high=_figure(item, "max_response_time"), size=_figure(item, "total_content_length"),
        began=_figure(item, "start_time"), ended=_figure(item, "last_request_timestamp"),
        histogram=_histogram(item.get("response_times")),
    )  # fmt: skip


def _figure(item: Mapping[str, object], name: str) -> float:
    """A figure, NaN where there is none. Raises ValueError where it is no figure, or negative."""
    if name not in item or item[name] is None:
        return math.nan
    value = number(item[name])
    if value is None or value < 0:
        raise ValueError(f"{name} is {item[name]!r:.40}, which is no figure")
    return value


def _count(item: Mapping[str, object], name: str) -> int:
    value = _figure(item, name)
    if not value.is_integer() or value > 2**53:
        raise ValueError(f"{name} is {item.get(name)!r:.40}, which is no count")
    return int(value)


def _histogram(raw: object) -> Counter[int]:
    """How many requests took how many ms."""
    made: Counter[int] = Counter()
    for time, count in mapping(raw).items():
        counted = number(count)
        if not time.isdecimal() or len(time) > 15 or counted is None or not 0 <= counted <= 2**53:
            raise ValueError(f"response_times holds {time!r:.40}: {count!r:.40}, which is no time and count")
        made[int(time)] += int(counted)
    return made


def _together(raws: Iterable[_Raw]) -> _Raw:
    """All requests as one."""
    listed = list(raws)
    histogram: Counter[int] = Counter()
    for raw in listed:
        histogram.update(raw.histogram)
    lows = [raw.low for raw in listed if math.isfinite(raw.low)]
    return _Raw(
        "", AGGREGATED, sum(raw.requests for raw in listed), sum(raw.untimed for raw in listed),
        sum(raw.failures for raw in listed), total=sum(raw.total for raw in listed if raw.timed),
        low=min(lows, default=math.nan), high=max((raw.high for raw in listed if raw.timed), default=math.nan),
        size=sum(raw.size for raw in listed), began=math.nan, ended=math.nan, histogram=histogram,
    )  # fmt: skip


def _entry(raw: _Raw, seconds: float) -> Entry:
    whole = sum(raw.histogram.values()) == raw.timed > 0
    shares = tuple((share, _percentile(raw.histogram, raw.timed, share) / 1000) for share in _SHARES if whole)
    times = {"median": math.nan, "mean": math.nan, "min": raw.low / 1000, "max": raw.high / 1000}
    if raw.timed:
        times["mean"] = raw.total / raw.timed / 1000
        if shares:  # it is of rounded times, and the ends are not
            times["median"] = min(max(shares[0][1], times["min"]), times["max"])
    size = raw.size / raw.requests if raw.requests else math.nan
    rates = raw.requests / seconds, raw.failures / seconds
    return Entry(raw.method, raw.name, raw.requests, raw.failures, times, raw.timed, shares, *rates, size)


def _percentile(histogram: Counter[int], n: int, share: float) -> float:
    """The time within which a share of `n` requests was answered, as Locust defines it."""
    wanted, seen = int(n * share), 0
    for time in sorted(histogram, reverse=True):
        seen += histogram[time]
        if n - seen <= wanted:
            return float(time)
    return math.nan
