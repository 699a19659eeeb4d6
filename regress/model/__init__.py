"""The nouns of `regress`, as frozen dataclasses. This page is the glossary.

Benchmark    suite, name, variant (its parameters as the tool writes them) and version (a digest of its source)
Metric       a quantity: time, peak memory, requests per second; unit, direction, kind (noisy or exact)
Statistic    a figure of a metric's distribution: value, min, q1, median, q3, mean, max, sd, lo, hi, n, iterations
Key          a benchmark and a metric: what one row of a run is about
Environment  where a run was made: the key splits series, the facts are recorded with each run
Source       where a run came from: path, format, tool
Run          one execution of a suite on one commit in one environment; its results are Columns
Result       one row of the columns, a view made on demand
Gap          a cell that was to be measured and holds no number: failed or skipped
Bad          a piece of input that could not be read
Commit       a commit, its parents, its date; CommitGraph: order, first-parent lines, merge bases
StoredRun    a run as the history lists it
Series       one benchmark × metric × environment along the commits; a Point is one place of it
Baseline     a stored name for runs, with who, when and why; BaselineSpec: how a check chooses one
Rule         what people write down about tolerances; Policy: the rules merged for one benchmark and metric
Budget       absolute limits that a candidate keeps or breaks by itself; BudgetResult: what it makes of one of them
Beside       a rule and a budget that stand beside a test, in its marker
MappingSpec  where in a team's own JSON or CSV the results stand
SuiteSpec    how a suite is run: the tool, its arguments, the package under test and where it is imported from
RunSummary   what one `regress run` did: its suites with their counts, failures and slowest benchmarks
Course       a figure that was sampled while a suite ran, over the seconds of its run
Comparison   two sides of one benchmark: a fact. Verdict: an opinion on it, with its Outcome, its reason and its Proof
Report       all that a check found
Components   variants of one thing side by side: a Contest for each benchmark with an Entry and a Ratio for each variant
Scaling      how figures grow with a size or a load: a Curve for each benchmark, the Load it bears, its Growth since
ChangePoint  a step between two levels of one series: suspected, confirmed or withdrawn; Span: the commits it lies in
Analysis     what was found in one series, kept so that only series with new points are looked at again
Cause        change points of many series at one range of commits: open, accepted, fixed or withdrawn; its id stays
Notified     that a channel was told how a thing stands; kept, so that nobody is told twice
Acknowledgement  what people accept, in regress-accepted.toml; Note: what they write of a cause

Two questions, two words: *significant* (is it real?) and *relevant* (is it big enough to say?). Red needs both.
"""

from .beside import BESIDE, Beside, attached, read_beside
from .budget import Budget, BudgetResult, BudgetState
from .change import (
    Acknowledgement,
    Analysis,
    Cause,
    CauseStatus,
    ChangePoint,
    ChangeStatus,
    KnownCause,
    Note,
    SeriesName,
    Span,
    Trend,
)
from .commits import Commit, CommitGraph, topological
from .confirmation import Confirmation, Suspect
from .mapping import MappingSpec, MetricPath
from .notified import UNSAID, Notified
from .outcome import Outcome
from .present import Present, Shown, presented, presenter
from .run import (
    STATISTICS,
    TIME,
    Bad,
    Benchmark,
    Columns,
    Direction,
    Environment,
    Gap,
    Key,
    Kind,
    Metric,
    Pairs,
    Result,
    Run,
    Source,
    braced,
)
from .series import BUSY, CENTRES, PART, Baseline, Recorded, Series, StoredRun
from .spec import (
    RULE_FIELDS,
    SELECTORS,
    Action,
    BaselineSpec,
    MetricSpec,
    NotifySpec,
    Policy,
    Rule,
    Selector,
    ServerSpec,
    SuiteSpec,
    Tolerance,
    WatchSpec,
)
from .summary import Course, Failure, RunSummary, Slow, SuiteState, SuiteSummary
from .verdict import Comparison, Finding, Proof, Report, Side, SideInfo, Verdict
from .written import Limit

__all__ = [
    "BESIDE",
    "BUSY",
    "CENTRES",
    "PART",
    "RULE_FIELDS",
    "SELECTORS",
    "STATISTICS",
    "TIME",
    "UNSAID",
    "Acknowledgement",
    "Action",
    "Analysis",
    "Bad",
    "Baseline",
    "BaselineSpec",
    "Benchmark",
    "Beside",
    "Budget",
    "BudgetResult",
    "BudgetState",
    "Cause",
    "CauseStatus",
    "ChangePoint",
    "ChangeStatus",
    "Columns",
    "Commit",
    "CommitGraph",
    "Comparison",
    "Confirmation",
    "Course",
    "Direction",
    "Environment",
    "Failure",
    "Finding",
    "Gap",
    "Key",
    "Kind",
    "KnownCause",
    "Limit",
    "MappingSpec",
    "Metric",
    "MetricPath",
    "MetricSpec",
    "Note",
    "Notified",
    "NotifySpec",
    "Outcome",
    "Pairs",
    "Policy",
    "Present",
    "Proof",
    "Recorded",
    "Report",
    "Result",
    "Rule",
    "Run",
    "RunSummary",
    "Selector",
    "Series",
    "SeriesName",
    "ServerSpec",
    "Shown",
    "Side",
    "SideInfo",
    "Slow",
    "Source",
    "Span",
    "StoredRun",
    "SuiteSpec",
    "SuiteState",
    "SuiteSummary",
    "Suspect",
    "Tolerance",
    "Trend",
    "Verdict",
    "WatchSpec",
    "attached",
    "braced",
    "presented",
    "presenter",
    "read_beside",
    "topological",
]  # fmt: skip
