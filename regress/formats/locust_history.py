"""Windows of a Locust run, from its PREFIX_stats_history.csv: a row every second, of all requests or of each one too.

    Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,…,95%,…,Total Request Count,Total Failure Count,
    Total Median Response Time,Total Average Response Time,…

The counts and the average are of all since the beginning, so that those of a window follow from its two ends: it has
n₂ − n₁ requests, and their mean time is (n₂·a₂ − n₁·a₁) / (n₂ − n₁). The percentiles are of the last ten seconds or so
with `--csv-full-history`, and else of all since the beginning.

steady part  the longest stretch with the most users, after the last reset of the statistics in it: the warm-up, while
             users are still started, is not in it. It has 5 s at least and, of each request, 10 of them. Its length is
             of whole seconds, as the times of the rows are, and its rate no better
drift        mean time in the last third of the steady part over that in its first third, each of 3 s and 30 requests at
             least: what leaks or fills up shows as more than 1
recovery     where the users stood still for 5 s, rose to 1.5 times as many or more and came back: seconds from there
             until the 95th percentile of all requests is 1.2 times its median before the rise, or less, in two rows one
             after the other. As Locust looks back for ten seconds, the spike itself is seen for as long. With
             `--csv-full-history` alone; where it has not come back at the end it is a gap (failed)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from statistics import median

from .locust_csv import Table, count_of, figure_of
from .locust_rows import AGGREGATED, Steady

TOTAL = ("", AGGREGATED)
_LEAST_SECONDS, _LEAST_REQUESTS = 5.0, 10
_THIRD_SECONDS, _THIRD_REQUESTS = 3.0, 30
_STILL_SECONDS, _SPIKE, _BACK = 5.0, 1.5, 1.2


@dataclass(frozen=True, slots=True)
class Moment:
    """All requests of a name until `time`, seconds since the epoch: how many, how many failed, their times in all."""

    time: float
    requests: int = 0
    failures: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class History:
    """The rows of a history by method and name, and of all together the users and the 95th percentile at each time.

    faults  how many rows are not as they should be; `first`: where the first of them stands
    """

    moments: dict[tuple[str, str], dict[float, Moment]] = field(default_factory=dict)
    users: dict[float, int] = field(default_factory=dict)
    p95: dict[float, float] = field(default_factory=dict)
    faults: int = 0
    first: str = ""

    @property
    def most_users(self) -> int:
        """The most users at once."""
        return max(self.users.values(), default=0)

    @property
    def is_full(self) -> bool:
        """Whether it has a row for each request."""
        return len(self.moments) > 1


def history_of(table: Table) -> History:
    """A table as a history. A row that is not as it should be is counted, but for a last one that breaks off."""
    history = History()
    for last, (line, cells) in table.rows:
        try:
            _take(history, cells)
        except ValueError as error:
            if not last:
                history.faults += 1
                history.first = history.first or f"line {line}: {error}"
    return history


def _take(history: History, cells: Mapping[str, str]) -> None:
    time = figure_of(cells, "timestamp")
    requests, failures = count_of(cells, "total request count"), count_of(cells, "total failure count")
    mean, users = figure_of(cells, "total average response time"), count_of(cells, "user count")
    if not math.isfinite(time):
        raise ValueError("it has no time")
    method = cells.get("type", "").strip()
    place = ("" if method == "None" else method, cells.get("name", ""))
    seconds = requests * mean / 1000 if requests else 0.0
    history.moments.setdefault(place, {})[time] = Moment(time, requests, failures, seconds)
    if place == TOTAL:
        history.users[time] = users
        p95 = figure_of(cells, "95%")
        if p95 > 0:  # 0 stands for none
            history.p95[time] = p95


def steady_parts(history: History) -> dict[tuple[str, str], Steady]:
    """The steady part of each request of which there is enough."""
    stretch = _stretch(history)
    if not stretch:
        return {}
    found = {place: _steady(moments, stretch) for place, moments in history.moments.items()}
    return {place: steady for place, steady in found.items() if steady}


def _stretch(history: History) -> list[float]:
    """The times of the longest stretch with the most users."""
    most = history.most_users
    if not most:
        return []
    runs = [list(group) for users, group in groupby(sorted(history.users), history.users.__getitem__) if users == most]
    longest = max(runs, key=lambda times: times[-1] - times[0])
    total = history.moments[TOTAL]
    resets = [later for time, later in pairwise(longest) if total[later].requests < total[time].requests]
    return [time for time in longest if not resets or time >= resets[-1]]


def _steady(moments: Mapping[float, Moment], times: Sequence[float]) -> Steady | None:
    part = _between(moments, times[0], times[-1])
    if part is None or part.time < _LEAST_SECONDS or part.requests < _LEAST_REQUESTS:
        return None
    mean, success = part.seconds / part.requests, 1 - part.failures / part.requests
    return Steady(mean, part.requests, part.requests / part.time, success, _drift(moments, times))


def _between(moments: Mapping[float, Moment], begin: float, end: float) -> Moment | None:
    """What lies between two times, whose `time` is its length; None where it cannot be told."""
    first, last = moments.get(begin, Moment(begin)), moments.get(end)
    if last is None:
        return None
    requests, failures = last.requests - first.requests, last.failures - first.failures
    seconds = last.seconds - first.seconds
    if not 0 <= failures <= requests or not 0 <= seconds < math.inf:
        return None
    return Moment(end - begin, requests, failures, seconds)


def _drift(moments: Mapping[float, Moment], times: Sequence[float]) -> float:
    third = (times[-1] - times[0]) / 3
    begin = max(time for time in times if time <= times[0] + third)
    end = min(time for time in times if time >= times[-1] - third)
    parts = [_between(moments, times[0], begin), _between(moments, end, times[-1])]
    means = [
        part.seconds / part.requests
        for part in parts
        if part and part.time >= _THIRD_SECONDS and part.requests >= _THIRD_REQUESTS
    ]
    return means[1] / means[0] if len(means) == 2 and means[0] > 0 else math.nan


def recovery(history: History) -> float | None:
    """Seconds until the 95th percentile is back after a spike, math.inf where it is not; None where there is none."""
    if not history.is_full or not history.p95:
        return None
    times = sorted(history.users)
    peak = max(times, key=history.users.__getitem__)
    before = _still(history, [time for time in times if time < peak])
    if not before or history.users[peak] < _SPIKE * history.users[before[0]]:
        return None
    level = [history.p95[time] for time in before if time in history.p95]
    after = [time for time in times if time > peak and 0 < history.users[time] <= history.users[before[0]]]
    if len(level) < _STILL_SECONDS or len(after) < 2:
        return None
    bound = _BACK * median(level)
    quiet = [time for time in after if history.p95.get(time, math.inf) <= bound]
    back = next((time for time, later in pairwise(after) if time in quiet and later in quiet), math.inf)
    return back - after[0]


def _still(history: History, times: Sequence[float]) -> list[float]:
    """The longest stretch in which the users, one at least, stood still; [] where none is long enough."""
    runs = [list(group) for users, group in groupby(times, history.users.__getitem__) if users]
    longest = max(runs, key=lambda run: run[-1] - run[0], default=[])
    return longest if longest and longest[-1] - longest[0] >= _STILL_SECONDS else []
