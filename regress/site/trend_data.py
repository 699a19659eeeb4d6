"""What the script of a trend page draws: a file for each benchmark, and one for each axis that benchmarks share.

Classic scripts that call one function with JSON, as nothing else loads from disk; named by their content, so that a
browser never mixes two builds. The points are columns of `wire`; the keys are told where they are made.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..model import BudgetResult, Environment
from . import wire
from .axis import Axis
from .lines import Line, Pair
from .links import PLACEHOLDER, Links
from .pages import Place, anchor, metric_label, natural
from .slug import ascii_of
from .steps import TRENDS, Step, Steps, stretches_of

FOLDER = "d"
#: Characters that come with the page: the lines of its first picture, and all where they are few. The rest is asked for
#: when it is shown.
FIRST_PACK, FEW, PACK = 8_000, 2_000, 40_000
#: What a change or a failure of a line takes, roughly, beside its points.
REMARK = 40
#: Digits of a commit that a script knows: enough for every forge to find it.
SHA = 12
#: The last line of a failure is what it says; a longer one is cut.
LONGEST_REASON = 200

Write = Callable[[str, str], None]
Text = tuple[int, float, str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Scripts:
    """The files that a page needs: the benchmark's own, and those of the axis that its first picture stands on."""

    benchmark: str
    axis: str


class TrendFiles:
    """Writes the data of trends; an axis is written when a line first stands on it."""

    def __init__(self, write: Write, links: Links, targets: Iterable[BudgetResult] = ()) -> None:
        self._write = write
        self._links = links
        self._axes: dict[Axis, str] = {}
        self._limits: dict[tuple[Pair, Environment | None], list[BudgetResult]] = {}
        for result in targets:
            if result.key is not None:
                self._limits.setdefault((result.key.unversioned, result.environment), []).append(result)

    def axis(self, axis: Axis) -> str:
        """The file of an axis, which names that of its commits."""
        if axis not in self._axes:
            commits = self._file("commits", "commits", _commits(axis, self._links))
            self._axes[axis] = self._file("axis", "axis", _axis(axis) | {"commits": commits})
        return self._axes[axis]

    def benchmark(self, places: Sequence[Place], steps: Steps) -> Scripts:
        """The file of one benchmark, and those of its further points."""
        subject = places[0].lines[0].key.benchmark
        packs = _packs(places, steps)
        reasons: dict[str, dict[str, int]] = {place.id: {} for place in places}
        names, points = [""], []
        for number, pack in enumerate(packs):
            texts = _texts(pack, steps, reasons)
            if number:
                names.append(self._file(ascii_of(subject.name), "pack", texts))
            else:
                points = texts
        at = {id(line): (number, index) for number, pack in enumerate(packs) for index, (line, _) in enumerate(pack)}
        axes = list(dict.fromkeys(place.lines[0].axis for place in places))
        content = {
            "name": subject.name,
            "suite": subject.suite,
            "axes": [
                {"section": anchor(axis.environment), "label": axis.environment.label, "file": self.axis(axis)}
                for axis in axes
            ],
            "packs": names,
            "points": points,
            "panels": [self._panel(place, axes, at, list(reasons[place.id])) for place in places],
        }
        return Scripts(self._file(ascii_of(subject.name), "benchmark", content), self.axis(axes[0]))

    def _panel(
        self, place: Place, axes: Sequence[Axis], at: Mapping[int, tuple[int, int]], reasons: Sequence[str]
    ) -> object:
        """A panel; of each line its variant, the index of its value for each parameter (-1 where it has none), the pack
        that holds its points and their index there, and its number in the static picture.
        """
        first = place.lines[0]
        metric = first.key.metric
        params = list(dict.fromkeys(name for line in place.lines for name, _ in line.key.benchmark.params))
        held = [dict(line.key.benchmark.params) for line in place.lines]
        values = [sorted({each[name] for each in held if name in each}, key=natural) for name in params]
        index = [{value: i for i, value in enumerate(distinct)} for distinct in values]
        lines = []
        for line, number, combination in zip(place.lines, place.numbers, held, strict=True):
            chosen = [index[i].get(combination.get(name, ""), -1) for i, name in enumerate(params)]
            found = {"v": line.key.benchmark.variant, "p": chosen, "at": at[id(line)]}
            lines.append(found | {"k": number} if number else found)
        return {
            "id": place.id, "axis": axes.index(first.axis), "metric": metric.name, "label": metric_label(metric),
            "unit": metric.unit, "direction": metric.direction, "kind": metric.kind, "params": params,
            "values": values, "limits": self._limits_of(place), "reasons": reasons, "lines": lines,
        }  # fmt: skip

    def _limits_of(self, place: Place) -> list[tuple[str, float, str, int]]:
        """The limits in words, their values, whether they bound from above, and the line that each is of."""
        found = []
        for number, line in enumerate(place.lines):
            for environment in (line.axis.environment, None):
                for result in self._limits.get((line.key.unversioned, environment), ()):
                    side = "max" if result.limit.operator in ("<", "<=") else "min"
                    found.append((result.limit.text, result.limit.value, side, number))
        return found

    def _file(self, stem: str, call: str, content: object) -> str:
        """Writes one file and returns its name, which the call gives again so that the reader knows whose it is."""
        text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        name = f"{FOLDER}/{stem}-{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}.js"
        told = "" if call == "benchmark" else f"{json.dumps(name)},"
        self._write(name, f"regress.{call}({told}{text});\n")
        return name


def _packs(places: Sequence[Place], steps: Steps) -> list[list[tuple[Line, str]]]:
    """Which lines come together, each with its panel: first those that are drawn at once, then in the page's order."""
    packs: list[list[tuple[Line, str]]] = [[]]
    room, later = FIRST_PACK, []
    for place in places:
        for line, number in zip(place.lines, place.numbers, strict=True):
            weight = len(line.values) + REMARK * (1 + len(steps.of(line)))
            if place is places[0] and number and (weight <= room or not packs[0]):
                packs[0].append((line, place.id))
                room -= weight
            else:
                later.append((line, place.id, weight))
    if sum(weight for *_, weight in later) <= min(room, FEW):
        return [packs[0] + [(line, panel) for line, panel, _ in later]]
    room = 0
    for line, panel, weight in later:
        if weight > room:
            packs.append([])
            room = PACK
        packs[-1].append((line, panel))
        room -= weight
    return packs


def _texts(pack: Sequence[tuple[Line, str]], steps: Steps, reasons: Mapping[str, dict[str, int]]) -> list[Text]:
    """(first place, step of the scale, column, what is known besides) of each line."""
    lines = [line for line, _ in pack]
    scaled = [wire.quantised(line.values, line.key.metric.kind) for line in lines]
    texts = wire.columns([(line.positions, whole) for line, (_, whole) in zip(lines, scaled, strict=True)])
    firsts = [int(line.positions[0]) if len(line.positions) else 0 for line in lines]
    sizes = [int(step) if step == int(step) else step for step, _ in scaled]
    told = [_told(line, steps.of(line), reasons[panel]) for line, panel in pack]
    return list(zip(firsts, sizes, texts, told, strict=True))


def _told(line: Line, steps: Sequence[Step], reasons: dict[str, int]) -> Mapping[str, object]:
    """What is known of one line besides its points, which comes with them; what there is not is left out.

    noise   the relative standard deviation of one run
    levels  [first place, last place, level in the base unit]
    steps   [place, change as a ratio - 1, tone, 1 where only suspected, the cause's id, "" where no page tells it]
    failed  [first place, how many places, index into the panel's reasons], which get what they do not have
    cuts    the places where the benchmark's own source changed
    """
    noise = line.noise
    found: dict[str, object] = {
        "noise": _short(noise, 3) if math.isfinite(noise) else 0,
        "levels": [(each.first, each.last, _short(each.level)) for each in stretches_of(line, steps)],
        "steps": [_step(step) for step in steps],
        "failed": _failures(line, reasons),
        "cuts": [cut.position for cut in line.cuts],
    }
    return {name: value for name, value in found.items() if value}


def _step(step: Step) -> tuple[int, float | None, str, int, str]:
    change = step.change.change
    size = _short(change, 4) if math.isfinite(change) else None
    return step.position, size, TRENDS[step.change.trend].tone, int(step.suspected), step.cause.id if step.href else ""


def _failures(line: Line, reasons: dict[str, int]) -> list[list[int]]:
    """Runs of places that failed for one reason; `reasons` gets what it does not have."""
    found: list[list[int]] = []
    for place, status, reason in line.failed:
        if status == "failed":
            told = (reason.strip().splitlines() or [""])[-1][:LONGEST_REASON]
            number = reasons.setdefault(told, len(reasons))
            if found and found[-1][0] + found[-1][1] == place and found[-1][2] == number:
                found[-1][1] += 1
            else:
                found.append([place, 1, number])
    return found


def _axis(axis: Axis) -> dict[str, object]:
    minutes = np.array([stop.minute for stop in axis.stops], dtype=np.int64)
    return {
        "n": len(axis),
        "start": int(minutes[0]) if len(minutes) else 0,
        "times": wire.numbers(np.diff(minutes).tolist()) if len(minutes) else "",
        "tags": [(place, tag) for place, stop in enumerate(axis.stops) for tag in stop.tags],
        "dirty": [place for place, stop in enumerate(axis.stops) if stop.dirty],
        "cuts": [(cut.position, cut.label, cut.what) for cut in axis.cuts],
    }


def _commits(axis: Axis, links: Links) -> dict[str, object]:
    return {
        "sha": [stop.commit[:SHA] for stop in axis.stops],
        "subject": [stop.subject for stop in axis.stops],
        "url": links.pattern if PLACEHOLDER in links.pattern else "",
    }


def _short(number: float, digits: int = 5) -> float:
    return float(f"{number:.{digits}g}")
