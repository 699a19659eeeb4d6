"""From a range of commits to the one that made the step: `regress bisect`.

subject   what is searched for: a metric of a benchmark, what is stored of it, the suite that measures it
span      the commits in between, as places to measure
measure   one commit: its package in a work tree, the present checkout's benchmark, the result in the history
search    the search: `bisect`; how it decides is in `judge.bisect`
"""

from ...judge.bisect import State
from .search import BisectRequest, Found, Started, Step, bisect

__all__ = ["BisectRequest", "Found", "Started", "State", "Step", "bisect"]
