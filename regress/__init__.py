"""regress: a benchmark regression tracker."""

__version__ = "0.1.0"
