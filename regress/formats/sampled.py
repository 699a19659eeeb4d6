"""Raw measurements in, figures out: for formats that keep what was measured beside, or in place of, its statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A percentile needs n ≥ 5 / (1 − q) single calls.
_QUANTILES = ((0.95, 100), (0.99, 500))


def array_of(values: object) -> NDArray[np.float64] | None:
    """A list of finite numbers as an array; None for anything else, and for a list with anything else in it."""
    if not isinstance(values, list) or not values or not set(map(type, values)) <= {int, float}:
        return None
    try:
        samples = np.array(values, dtype=np.float64)
    except OverflowError:
        return None
    return samples if np.isfinite(samples).all() else None


def distribution(samples: NDArray[np.float64]) -> dict[str, float]:
    """The figures of at least one sample; of a single one there is no deviation. What overflows is left out."""
    with np.errstate(over="ignore", invalid="ignore"):
        cuts = np.quantile(samples, (0.0, 0.25, 0.5, 0.75, 1.0)).tolist()
        figures = dict(zip(("min", "q1", "median", "q3", "max"), cuts, strict=True))
        figures |= {"mean": float(samples.mean()), "n": float(len(samples))}
        if len(samples) > 1:
            figures["sd"] = float(samples.std(ddof=1))
    return {name: figure for name, figure in figures.items() if np.isfinite(figure)}


def percentiles(samples: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """The percentiles that there are enough samples for; only of single calls, as means hide the tail."""
    wanted = [share for share, least in _QUANTILES if len(samples) >= least]
    if not wanted:
        return ()
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.quantile(samples, wanted).tolist()
    return tuple((share, value) for share, value in zip(wanted, found, strict=True) if np.isfinite(value))
