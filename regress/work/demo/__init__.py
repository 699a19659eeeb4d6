"""`regress demo`: a small library with a history, measured for real, with a regression to find.

library, benches   the texts of the demo project's files
project            its commits, and the repository made of them
play               the whole demo: `run_demo`
"""

from .play import DemoResult, run_demo

__all__ = ["DemoResult", "run_demo"]
