"""Confirmation: the suspects again, base and head in turn, on this machine, until each is decided.

rounds    pair after pair, suite after suite, whose turn it is, and what goes wrong
measure   `confirm`: suspects in, confirmations out
ab        `compare`: the same for all benchmarks of the configured suites, without a history
"""

from .ab import ABRequest, compare
from .measure import Options, confirm
from .rounds import Step

__all__ = ["ABRequest", "Options", "Step", "compare", "confirm"]
