"""Two sides of a comparison for tests, with earlier runs, through the functions that `check` calls."""

from regress.judge.compare import collect
from regress.judge.decide import Plan, decide
from regress.judge.draft import draft
from regress.judge.past import pasts
from regress.judge.rules import Rules
from tests.factories import make_key, make_run

QUIET = [1.0, 1.01, 0.99, 1.0, 1.02, 1.0, 0.99, 1.01]


def decision(base, candidate, *, rules=(), earlier=(), **plan):
    """The verdicts and findings; `earlier` are runs, oldest first."""
    drafts, not_run = draft(collect(base), collect(candidate), Rules(rules))
    places = {made.place: made.measured for made in drafts if made.verdict is None}
    past = pasts(places, [(f"r{i}", run) for i, run in enumerate(earlier)])
    return decide(drafts, past, Plan(**plan)), not_run


def judge(base, candidate, **options):
    """The verdicts by benchmark, and what was not run."""
    found, not_run = decision(base, candidate, **options)
    return {v.comparison.key.benchmark.full: v for v in found.verdicts}, not_run


def one(base, candidate, *, earlier=(), **options):
    """The only verdict of a run with one benchmark on each side; `earlier`: its figures in earlier runs."""
    metric = options.pop("metric", None) or make_key("x").metric

    def run(name, value):
        return make_run(name, {"bench.one": value if isinstance(value, dict) else {"median": value}}, metric=metric)

    past = [run(f"e{i}", value) for i, value in enumerate(earlier)]
    verdicts, _ = judge([run("b", base)], [run("c", candidate)], earlier=past, **options)
    return verdicts["bench.one"]
