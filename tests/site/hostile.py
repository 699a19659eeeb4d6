"""A project whose every name was chosen to break out of a page, a script, a file name or a line."""

from __future__ import annotations

from dataclasses import replace

from regress.model import (
    Action,
    Budget,
    BudgetResult,
    BudgetState,
    CauseStatus,
    ChangeStatus,
    Commit,
    Environment,
    Metric,
    Outcome,
    Rule,
    written,
)
from regress.site import SiteInput

from .causes import make_cause, make_change
from .factories import ENVIRONMENT, History, make_key, make_run, steps

HIT = "window.__hit=1"
EVIL = f"</title></script><script>{HIT}</script><img src=x onerror={HIT}>\"'`--><svg onload={HIT}>{{{{ 7*7 }}}}&amp;"
NAMES = (
    f"<script>{HIT}</script>",
    f'"><img src=x onerror="{HIT}">',
    f"' onmouseover='{HIT}' autofocus onfocus='{HIT}",
    f"javascript:{HIT}",
    f"</script><script>{HIT}</script>",
    "../../../../etc/passwd",
    "/etc/shadow",
    "..",
    "C:\\nul",
    "con",
    ".hidden",
    "-rf",
    "__proto__",
    "\u202egnp.eman \u2067abc\u2066",
    "x" * 300,
    "Bench.Time_It",
    "bench.time_it",
    "new\nline\r\u2028two",
    "nul\0nul",
    "lone\ud800surrogate",
    "%2e%2e%2fpercent?query#fragment",
    "{{ 7*7 }}{% raw %}",
)
#: What can be told from text in a name alone: a machine, a suite, a variant, an author.
WORST = EVIL + "\u202e" + "y" * 300
PLACES = (
    Environment.of({"machine": WORST, "python": "CPython 3.12"}, {"cpu": WORST, "version.\u202ex": WORST}, WORST),
    Environment.of({"machine": f"javascript:{HIT}", "../x": "\u2067"}, {"cpu": "lone\ud800"}, "nul\0"),
)


def project(n: int = 14) -> SiteInput:
    """Twenty-two benchmarks of hostile names in two environments of hostile facts, with all that a site tells of."""
    h = History(n, environments=PLACES)
    for id_, run in h.runs.items():
        words = {
            "subject": EVIL + NAMES[id_ % len(NAMES)],
            "author": NAMES[id_ % len(NAMES)],
            "tags": (EVIL, "\u202etag"),
        }
        changed = replace(run.environment, facts=(("cpu", EVIL),)) if id_ % n > n - 4 else run.environment
        more = {"failed": 1, "suites": (EVIL,)} if id_ % 5 == 0 else {}
        h.runs[id_] = replace(run, environment=changed, **words, **more)
    for i, name in enumerate(NAMES):
        level = steps(n, (1, 1e-3 * (i + 1)), (n - 4, 1.5e-3 * (i + 1)))
        outcome = (Outcome.REGRESSED, Outcome.IMPROVED, Outcome.INCONCLUSIVE, Outcome.UNCHANGED)[i % 4]
        h.add(make_key(name, f"({i}, {EVIL!r})", suite="asv"), level, outcome=outcome, failed=(3,))
        if i % 3 == 0:
            h.add(make_key(name, WORST, suite="asv", metric=Metric(EVIL, EVIL[:20])), level, e=1)
    h.verdicts = [replace(verdict, reason=WORST, rule=EVIL) for verdict in h.verdicts]
    return h.site(
        project=WORST, version=EVIL, built=EVIL, causes=_causes(n), budgets=_budgets(),
        rules=[Rule(benchmark=name, relative=0.1, action=Action.WARN, origin=EVIL) for name in NAMES],
        limits=[result.budget for result in _budgets()],
        releases={make_run(5).commit: (EVIL, "v1\u202e"), make_run(9).commit: ("../v2",)},
        renamed={("asv", name): [("asv", NAMES[0])] for name in (f"old {EVIL}", "../../old", "BENCH.TIME_IT")},
    )  # fmt: skip


def _causes(n: int) -> list:
    keys = [make_key(name, EVIL) for name in NAMES]
    changes = [make_change(key, at=n - 3, environment=PLACES[i % 2], facts=(EVIL,)) for i, key in enumerate(keys)]
    commit = Commit(make_run(n - 3).commit, (), None, WORST, WORST)
    other = Commit(make_run(n - 4).commit, (), None, f"javascript:{HIT}", "\u202eabc")
    words = {"facts": (EVIL, "\u2067x"), "note": WORST, "reason": WORST, "at": n - 3}
    first = make_cause("00000001", *changes, commits=(other, commit), candidates=2, **words)
    return [
        first,
        *(
            replace(first, id=f"0000001{i}", status=status, changes=first.changes[i::8])
            for i, status in enumerate(CauseStatus)
        ),
        make_cause("", make_change(keys[0], at=4, status=ChangeStatus.SUSPECTED), at=4, commits=(commit,)),
        *(make_cause(f"{i:08x}", replace(changes[0], environment=ENVIRONMENT), at=n - 3) for i in range(100, 145)),
    ]


def _budgets() -> list[BudgetResult]:
    limit = written.limit("p95 < 150ms")
    results = []
    for i, state in enumerate(BudgetState):
        key = make_key(NAMES[i], f"({i}, {EVIL!r})")
        budget = Budget(benchmark=NAMES[i], limits=(limit,), requirement=WORST, origin=EVIL)
        results.append(BudgetResult(budget, limit, key, PLACES[0], "p95", state, 0.1, 0.3 - 0.2 * i, 100, WORST))
    return results
