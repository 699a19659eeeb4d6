"""A trend as a picture of matplotlib, drawn as the trend site draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..model import Trend
from ..units import Scale, common_scale
from .frame import needed

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,import-untyped,unused-ignore]

    from ..site.steps import Step
    from ..work.drawing import Drawing, Drawn

#: The site's colours of lines, and of what a change means.
_LINES = ("#0b62a8", "#c04f08", "#00796b", "#8e3b8e", "#8a6500", "#c0326b", "#565c64", "#47751d")
_DASHES = ("-", "-", "-", "-", "--", "--", ":", ":")
_TONES = {Trend.REGRESSION: "#b3261e", Trend.IMPROVEMENT: "#0b6b66", Trend.UNKNOWN: "#835300"}
_INK, _MUTED, _GRID = "#1d2023", "#5b626b", "#ececec"
#: Levels further apart than this have no scale in common: each line is drawn in per cent of its own median.
_FAR_APART = 3.0
#: A line with more points than this is drawn without a dot for each.
_MOST_DOTS = 120
_MOST_BANDS = 3
_MOST_WORDS = 6


def draw(drawing: Drawing, on: Axes | None = None) -> Axes:
    """Draws on the given axes, or on new ones; returns them."""
    axes: Axes
    if on is not None:
        axes = on
    else:
        pyplot = needed("matplotlib.pyplot", "matplotlib", "'regress[notebook]'")
        _, axes = pyplot.subplots(figsize=(10, 4), layout="constrained")
    relative = _far_apart(drawing)
    scale = Scale(100.0, "%") if relative else common_scale([one.centre for one in drawing.lines], drawing.metric.unit)
    for number, one in enumerate(drawing.lines):
        factor = scale.factor / one.centre if relative else scale.factor
        _draw_line(axes, one, number, factor, with_levels=len(drawing.lines) <= _MOST_BANDS)
    _draw_steps(axes, drawing)
    _draw_cuts(axes, drawing)
    _describe(axes, drawing, scale, relative=relative)
    return axes


def _far_apart(drawing: Drawing) -> bool:
    levels = [one.centre for one in drawing.lines]
    return len(levels) > 1 and min(levels) > 0 and max(levels) > _FAR_APART * min(levels)


def _draw_line(axes: Axes, one: Drawn, number: int, factor: float, *, with_levels: bool) -> None:
    """The points, interrupted where a commit has none; the band in which nineteen of twenty runs of one code lie."""
    line, colour = one.line, _LINES[number]
    if with_levels:
        for level in one.levels:
            ends = [level.first, level.last]
            if one.line.noise > 0:
                low, high = (level.level * (1 + side * 2 * one.line.noise) * factor for side in (-1, 1))
                axes.fill_between(ends, low, high, color=colour, alpha=0.13, linewidth=0)
            if one.stretches:
                axes.plot(ends, [level.level * factor] * 2, color=_INK, alpha=0.6, linewidth=1, zorder=3)
    gaps = np.flatnonzero(line.breaks) + 1
    places = np.insert(line.positions.astype(np.float64), gaps, np.nan)
    values = np.insert(line.values * factor, gaps, np.nan)
    marker = "o" if len(line.values) <= _MOST_DOTS else ""
    style = _DASHES[number]
    axes.plot(places, values, style, marker=marker, markersize=3, color=colour, linewidth=1.5, label=one.name, zorder=2)
    axes.plot(places[-1:], values[-1:], "o", color=colour, markersize=6, zorder=4)
    failed = [place for place, status, _ in line.failed if status == "failed" and place >= line.positions[0]]
    if failed:
        across = axes.get_xaxis_transform()
        axes.plot(failed, [0.02] * len(failed), "x", color=_TONES[Trend.REGRESSION], transform=across, clip_on=False)


def _draw_steps(axes: Axes, drawing: Drawing) -> None:
    """A line and a sign where there are change points, of the largest one; dotted and hollow where it is suspected."""
    worst: dict[int, Step] = {}
    for step in sorted((step for one in drawing.lines for step in one.steps), key=lambda step: -step.change.size):
        worst.setdefault(step.position, step)
    for count, step in enumerate(worst.values()):
        change, colour = step.change, _TONES[step.change.trend]
        axes.axvline(step.position, color=colour, alpha=0.75, linewidth=1, linestyle=":" if step.suspected else "-")
        sign = "^" if change.after > change.before else "v"
        fill = "none" if step.suspected else "full"
        top = axes.get_xaxis_transform()
        axes.plot([step.position], [1.0], sign, color=colour, fillstyle=fill, transform=top, clip_on=False, zorder=5)
        if count < _MOST_WORDS and np.isfinite(change.change):
            words = f"{change.change:+.0%}" + (" ?" if step.suspected else "")
            axes.annotate(
                words, (step.position, 1.0), (0, 6), top, "offset points", color=colour, fontsize=8, ha="center"
            )


def _draw_cuts(axes: Axes, drawing: Drawing) -> None:
    """Where something else than the code changed: the processor, the interpreter, the benchmark's own source."""
    cuts = {(cut.position, cut.label) for one in drawing.lines for cut in (*one.line.cuts, *drawing.axis.cuts)}
    first = min(int(one.line.positions[0]) for one in drawing.lines)
    for position, label in sorted(cut for cut in cuts if cut[0] > first):
        axes.axvline(position - 0.5, color=_MUTED, linewidth=1, linestyle=(0, (4, 4)))
        across = axes.get_xaxis_transform()
        style = {"color": _MUTED, "fontsize": 7, "rotation": 90, "va": "bottom", "ha": "right"}
        axes.text(position - 0.5, 0.02, f"{label} ", style, transform=across, parse_math=False)


def _describe(axes: Axes, drawing: Drawing, scale: Scale, *, relative: bool) -> None:
    """Names, units, dates. Foreign text is set as it is: a dollar begins no formula."""
    axis, metric = drawing.axis, drawing.metric
    first = min(int(one.line.positions[0]) for one in drawing.lines)
    ticks = axis.ticks(first, len(axis) - 1)
    axes.set_xticks(ticks, [axis.stops[place].date or axis.stops[place].short for place in ticks], fontsize=8)
    unit = "% of each line's median" if relative else scale.label
    axes.set_ylabel(f"{metric.name} ({unit})" if unit else metric.name, parse_math=False)
    axes.set_title(drawing.title, loc="left", fontsize=10, pad=20, parse_math=False)
    axes.grid(axis="y", color=_GRID)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if len(drawing.lines) > 1:
        made = axes.legend(fontsize=8, frameon=False)
        for text in made.get_texts():
            text.set_parse_math(False)
