"""The large chart of a benchmark: paths made here, and labels as positions in per cent.

The picture is stretched to the width of the page, its labels are text beside it: so they keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import path
from .axis import Axis, Cut
from .lines import Line
from .scale import PERCENT, Tick, YScale, y_scale
from .steps import TRENDS, Step, Stretch, change_of, stretches_of
from .wording import value

WIDTH, HEIGHT = 9600, 3200
MOST_LINES = 4
# Two of them for each four to eight pixels: the script draws them all.
MOST_POINTS = 240
FAR_APART = 3.0
MOST_BANDS = 3
MOST_STEPS_TOLD = 4
MOST_CUT_LABELS = 6
LABEL_GAP = 5.5  # per cent of the height between the numbers at the lines' ends


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to draw: `number` (from 1) chooses colour and dashes and ties it to its row; `name` tells it apart."""

    line: Line
    number: int
    name: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line of the chart; `end` is the height of its number at the right, in per cent from the top."""

    number: int
    line: str
    band: str
    levels: str
    dot: str
    end: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be said at a place: a failure, a change of the environment. `late` if it stands far to the right."""

    at: float
    label: str
    title: str
    late: bool


@dataclass(frozen=True, slots=True)
class StepMark:
    """The change points at one place: `sign` shows where the worst one went, `tone` and `title` what that means."""

    at: float
    sign: str
    tone: str
    weak: bool
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that a chart shows. `note` says how to read it, `text` tells it in words."""

    strokes: tuple[Stroke, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    failed: tuple[Mark, ...]
    cuts: tuple[Mark, ...]
    steps: tuple[StepMark, ...]
    note: str
    text: str


def chart(entries: Sequence[Entry]) -> Chart | None:
    """The chart of a few lines of one axis and metric; None where no line has a point."""
    drawn = [entry for entry in entries if len(entry.line.positions)]
    if not drawn:
        return None
    axis = drawn[0].line.axis
    first, last = min(int(entry.line.positions[0]) for entry in drawn), len(axis) - 1
    x = _Across(first, last)
    relative = _far_apart(drawn)
    y = _scale(drawn, relative)
    places = [_place(entry, x, y, relative, len(drawn) <= MOST_BANDS) for entry in drawn]
    cuts = _cuts([entry.line for entry in entries], first)
    return Chart(
        _apart([place.stroke for place in places]),
        y.ticks,
        _dates(axis, x),
        _failures(entries, x),
        tuple(_cut_mark(cut, x, len(cuts) <= MOST_CUT_LABELS) for cut in cuts),
        _steps(drawn, x),
        _note(places, relative),
        _text([entry.line for entry in drawn], axis, first),
    )


@dataclass(frozen=True, slots=True)
class _Across:
    first: int
    last: int

    def share(self, positions: np.ndarray) -> np.ndarray:
        span = self.last - self.first
        return np.asarray((positions - self.first) / span if span else np.full(len(positions), 0.5))

    def percent(self, position: int) -> float:
        return round(float(self.share(np.array([position]))[0]) * 100, 2)


def _far_apart(entries: Sequence[Entry]) -> bool:
    """Whether the lines' levels are too different for one scale of their own unit: the small ones would lie flat."""
    levels = [_level(entry.line) for entry in entries]
    return len(levels) > 1 and min(levels) > 0 and max(levels) > FAR_APART * min(levels)


def _level(line: Line) -> float:
    return float(np.median(line.values))


def _scale(entries: Sequence[Entry], relative: bool) -> YScale:
    """Room for the values, and for the band of one line."""
    if relative:
        return y_scale(np.concatenate([entry.line.values / _level(entry.line) for entry in entries]), PERCENT)
    values = np.concatenate([entry.line.values for entry in entries])
    if len(entries) == 1:
        around = _bands(entries[0])
        reach = (values.max() - values.min()) / 2
        edges = np.array(
            [edge for each, noise in around for edge in (each.level * (1 - noise), each.level * (1 + noise))]
        )
        values = np.append(values, np.clip(edges, values.min() - reach, values.max() + reach))
    return y_scale(values, entries[0].line.key.metric.unit)


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """An entry on its place in the picture."""

    entry: Entry
    across: np.ndarray
    height: np.ndarray
    stroke: Stroke


def _place(entry: Entry, x: _Across, y: YScale, relative: bool, with_band: bool) -> _Placed:
    line = entry.line
    unit = _level(line) if relative else 1.0
    across, height = x.share(line.positions) * WIDTH, y.down(line.values / unit) * HEIGHT
    bands = [_band(each, noise, x, y, unit) for each, noise in _bands(entry)] if with_band else []
    levels = _levels(entry, x, y, unit) if with_band else ""
    end = round(float(height[-1]) / HEIGHT * 100, 1)
    dot = path.dot(across[-1], height[-1])
    drawn = path.line(*path.thinned(across, height, line.breaks, MOST_POINTS))
    stroke = Stroke(entry.number, drawn, "".join(bands), levels, dot, end)
    return _Placed(entry, across, height, stroke)


def _bands(entry: Entry) -> list[tuple[Stretch, float]]:
    """Each level of a line, and how far from it nineteen of twenty runs of the same code lie, as a share of it."""
    line, noise = entry.line, entry.line.noise
    if not noise > 0:
        return []
    whole = Stretch(int(line.positions[0]), int(line.positions[-1]), _level(line))
    return [(each, 2 * noise) for each in stretches_of(line, entry.steps) or [whole]]


def _band(each: Stretch, noise: float, x: _Across, y: YScale, unit: float) -> str:
    left, right = (x.share(np.array([each.first, each.last])) * WIDTH).tolist()
    edges = np.array([each.level * (1 + noise), each.level * (1 - noise)]) / unit
    top, bottom = (np.clip(y.down(edges), 0, 1) * HEIGHT).tolist()
    return path.box(left, right, top, bottom)


def _levels(entry: Entry, x: _Across, y: YScale, unit: float) -> str:
    parts = []
    for stretch in stretches_of(entry.line, entry.steps):
        across = x.share(np.array([stretch.first, stretch.last])) * WIDTH
        height = y.down(np.full(2, stretch.level / unit)) * HEIGHT
        parts.append(path.line(across, height, np.zeros(1, dtype=bool)))
    return "".join(parts)


def _steps(entries: Sequence[Entry], x: _Across) -> tuple[StepMark, ...]:
    at: dict[int, list[tuple[Step, str]]] = {}
    for entry in entries:
        for step in entry.steps:
            at.setdefault(step.position, []).append((step, entry.name))
    axis = entries[0].line.axis
    return tuple(_step_mark(x.percent(place), axis, found) for place, found in sorted(at.items()))


def _step_mark(at: float, axis: Axis, found: Sequence[tuple[Step, str]]) -> StepMark:
    """The mark of one place, led by the surest and largest change there."""
    ordered = sorted(found, key=lambda item: (item[0].suspected, -item[0].change.size, item[1]))
    worst = ordered[0][0]
    said = [step_text(step, name) for step, name in ordered[:MOST_STEPS_TOLD]]
    said += [f"and {len(ordered) - MOST_STEPS_TOLD} more"] if len(ordered) > MOST_STEPS_TOLD else []
    stop = axis.stops[worst.position]
    commit = " ".join(part for part in (stop.date, stop.short, stop.subject) if part)
    tone = TRENDS[worst.change.trend].tone
    return StepMark(at, step_sign(worst), tone, worst.suspected, worst.href, "\n".join((*said, commit)))


def step_sign(step: Step) -> str:
    """Where a change went."""
    return "▲" if step.change.after > step.change.before else "▼"


def step_text(step: Step, name: str) -> str:
    """A change in words, with the name of its line where there are several."""
    change = change_of(step.change)
    doubt = " (suspected)" if step.suspected else ""
    what = f"{TRENDS[step.change.trend].word}{doubt}: {change.percent} {change.word}".rstrip()
    return f"{what} · {name}" if name else what


def _dates(axis: Axis, x: _Across) -> tuple[Tick, ...]:
    at = axis.ticks(x.first, x.last)
    kept = {0, len(at) // 2, len(at) - 1}
    return tuple(Tick(x.percent(place), axis.stops[place].date, i not in kept) for i, place in enumerate(at))


def _apart(strokes: Sequence[Stroke]) -> tuple[Stroke, ...]:
    """The same strokes with the numbers at their ends pushed apart, so that none covers another."""
    moved = {}
    floor = -LABEL_GAP
    for stroke in sorted(strokes, key=lambda stroke: stroke.end):
        floor = max(stroke.end, floor + LABEL_GAP)
        moved[stroke.number] = floor
    ceiling = 100.0
    for number, end in sorted(moved.items(), key=lambda item: -item[1]):
        moved[number] = round(min(end, ceiling), 1)
        ceiling = moved[number] - LABEL_GAP
    return tuple(replace(stroke, end=moved[stroke.number]) for stroke in strokes)


def _title(axis: Axis, position: int, figure: str, name: str) -> str:
    stop = axis.stops[position]
    commit = f"{stop.short} {stop.subject}".strip() or "commit not known"
    flags = [*(["dirty"] if stop.dirty else []), *stop.tags]
    figures = " · ".join(part for part in (figure, name, stop.date, *flags) if part)
    return f"{figures}\n{commit}"


def _failures(entries: Sequence[Entry], x: _Across) -> tuple[Mark, ...]:
    at: dict[int, list[str]] = {}
    for entry in entries:
        for place, status, reason in entry.line.failed:
            if place >= x.first and status == "failed":
                last = (reason.strip().splitlines() or [""])[-1][:200]
                at.setdefault(place, []).append(": ".join(part for part in (entry.name, last) if part))
    axis = entries[0].line.axis
    return tuple(
        Mark(x.percent(place), "×", _title(axis, place, "failed", "; ".join(filter(None, said))), False)
        for place, said in sorted(at.items())
    )


def _cuts(lines: Sequence[Line], first: int) -> list[Cut]:
    found = {(cut.position, cut.what): cut for line in lines for cut in (*line.cuts, *line.axis.cuts)}
    return sorted((cut for cut in found.values() if cut.position > first), key=lambda cut: (cut.position, cut.label))


def _cut_mark(cut: Cut, x: _Across, labelled: bool) -> Mark:
    at = x.percent(cut.position)
    label = cut.label if len(cut.label) <= 28 else cut.label[:27] + "…"
    return Mark(at, label if labelled else "", cut.what, at > 60)


def _note(places: Sequence[_Placed], relative: bool) -> str:
    notes = ["The levels lie far apart, so each line is drawn in per cent of its own median."] if relative else []
    if any(place.stroke.band for place in places):
        notes.append(
            "Nineteen of twenty runs of the same code lie in the faint band: two standard deviations around the level."
        )
    return " ".join(notes)


def _text(lines: Sequence[Line], axis: Axis, first: int) -> str:
    line = lines[0]
    metric = line.key.metric
    lo, hi = (value(float(edge), metric) for edge in (line.values.min(), line.values.max()))
    dates = f"{axis.stops[first].date} to {axis.stops[-1].date}"
    several = f"{len(lines)} lines, the first" if len(lines) > 1 else "One line,"
    figures = f"{len(line.values)} values between {lo} and {hi}, newest {value(line.last, metric)}"
    return f"{several} with {figures}, {dates}."
