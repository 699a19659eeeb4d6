"""What is watched side by side is nobody's else: the server of a load test is not what disturbs the load test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .sample import Sample


@dataclass(frozen=True, slots=True)
class Watched:
    """The samples of one process tree; `began` is when their seconds begin, by one clock for all of them."""

    began: float
    samples: Sequence[Sample]


def apart(one: Watched, besides: Sequence[Watched], cores: int) -> list[Sample]:
    """The samples of `one`, without what the trees `besides` took in what others took; `cores` of the machine.

    Between two samples of a tree its CPU time is taken to have grown evenly.
    """
    moments = np.array([one.began, *(one.began + sample.seconds for sample in one.samples)])
    taken = np.zeros(len(moments))
    for other in besides:
        known = [(other.began + s.seconds, s.cpu_time) for s in other.samples if s.cpu_time is not None]
        if known:
            x, y = np.array(known, dtype=np.float64).T
            taken += np.interp(moments, x, y)
    grown = (taken[1:] - taken[0]) / cores
    return [
        sample if sample.others_time is None else replace(sample, others_time=sample.others_time - more)
        for sample, more in zip(one.samples, grown.tolist(), strict=True)
    ]
