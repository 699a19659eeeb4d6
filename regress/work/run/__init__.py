"""`regress run`: the configured suites on the present checkout, or on other commits, into the history.

plan        what is run, in which order, with what; and what is not, and why
execute     one suite: what it needs, its server, its runs, what went wrong
collect     results of a suite -> runs of the commit -> the history
present     the present checkout, suite after suite
span        a range of commits in work trees: what is stored is skipped
summary     what became of all of it, with the targets and the exit status
inside      the same from inside a pytest session
"""

from .execute import Step
from .plan import Plan, Planned, RunRequest, plan
from .present import run
from .span import run_span

__all__ = ["Plan", "Planned", "RunRequest", "Step", "plan", "run", "run_span"]
