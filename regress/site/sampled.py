"""What was sampled while a suite ran, as small pictures over the seconds of its run, with its limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..model import BudgetResult, BudgetState, Course
from ..units import elapsed
from . import path
from .scale import PERCENT, Tick, YScale, y_scale

WIDTH, HEIGHT = 3200, 960
#: A limit that is more times as high as all that was seen is only told: its line would press the course flat.
MOST_ABOVE = 4.0
#: The metrics that are made of a course: the column itself or its mean, and these.
_FORMS = ("", "_max", "_peak", "_mean")
_TITLES = {"cpu": "CPU share", "rss": "Memory (RSS)"}
_STATES = {
    BudgetState.MET: ("met", "quiet"), BudgetState.WARNED: ("met, but close to it", "warn"),
    BudgetState.BREACHED: ("breached", "bad"), BudgetState.UNJUDGED: ("not judged", "warn"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit of a course: its line, "" where it lies far outside of the picture, and what became of it in words."""

    line: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One course in a box of 3200 x 960 units; `words` are its figures, `text` says all of the picture."""

    title: str
    line: str
    limits: tuple[LimitLine, ...]
    grid: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    begin: str
    end: str
    words: str
    text: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """The pictures of what was sampled of one thing: the suite's own processes, or its server."""

    name: str
    pictures: tuple[Picture, ...]


def sampled(courses: Sequence[Course], targets: Sequence[BudgetResult]) -> tuple[Sampled, ...]:
    """The pictures of one suite, all on one axis of time; its own before those of its server. One sample is none."""
    courses = [course for course in courses if course.n > 1]
    end = max((course.seconds[-1] for course in courses if len(course.seconds)), default=0.0)
    names = dict.fromkeys(course.of for course in courses)
    return tuple(
        Sampled(name, tuple(_picture(course, targets, end) for course in courses if course.of == name))
        for name in names
    )


def _picture(course: Course, targets: Sequence[BudgetResult], end: float) -> Picture:
    seconds, values = np.array(course.seconds, dtype=float), np.array(course.values, dtype=float)
    there = np.flatnonzero(np.isfinite(values))
    limits = [target for target in targets if _is_about(target, course)]
    near = [target.limit.value for target in limits if _is_near(target.limit.value, course)]
    # A share of all that there is says nothing without its zero; memory is looked at for how it grows.
    near += [0.0] if course.share else []
    scale = y_scale(np.append(values[there], near), PERCENT if course.share else course.unit)
    across = seconds[there] / (end or 1.0) * WIDTH
    line = path.line(across, scale.down(values[there]) * HEIGHT, np.diff(there) > 1)
    lines = tuple(_limit(target, course, scale) for target in limits)
    inside = tuple(tick for tick in scale.ticks if 0 <= tick.at <= 100)
    title = _TITLES.get(course.name, course.name)
    low, mean, high = (course.told(value) for value in (course.low, course.mean, course.high))
    words = f"{low} to {high}, mean {mean}"
    said = [f"{title} of {course.of} over {elapsed(end)}: {words}", *(limit.text for limit in lines)]
    return Picture(
        title, line, lines, inside, tuple(dict.fromkeys((*inside[:1], *inside[-1:]))), "0 s", elapsed(end), words,
        "; ".join(said),
    )  # fmt: skip


def _is_about(target: BudgetResult, course: Course) -> bool:
    """Whether a target is one of a figure that is made of the course."""
    key = target.key
    return key is not None and key.benchmark.name == course.of and key.metric.name in _figures(course)


def _figures(course: Course) -> tuple[str, ...]:
    return tuple(f"{course.name}{form}" for form in _FORMS)


def _is_near(limit: float, course: Course) -> bool:
    return abs(limit) <= MOST_ABOVE * max(abs(course.low), abs(course.high))


def _limit(target: BudgetResult, course: Course, scale: YScale) -> LimitLine:
    """The line of a limit; a limit of the mean may be crossed and kept, so that the figure is told with it."""
    limit, key = target.limit, target.key
    line = ""
    if scale.lo <= limit.value <= scale.hi:
        height = scale.down(np.full(2, limit.value)) * HEIGHT
        line = path.line(np.array([0.0, WIDTH]), height, np.zeros(1, dtype=bool))
    state, tone = _STATES[target.state]
    if target.state is BudgetState.BREACHED and not target.failing:
        state, tone = "breached, a warning", "warn"
    figure = key.metric.name.replace("_", " ") if key else limit.left
    text = limit.text.removeprefix(limit.left).strip()
    at = f" at {course.told(target.value)}" if math.isfinite(target.value) else ""
    return LimitLine(line, tone, f"limit of {figure} {text}: {state}{at}")
