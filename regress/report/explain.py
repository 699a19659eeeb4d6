"""An explanation as text: every step from the figures to the verdict, with the numbers put in.

Each line of the calculation can be followed with a pocket calculator; numbers have digits enough for that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..judge.verdict import STATUSES
from ..model import Confirmation, Direction, Outcome, Policy, Proof, Report, Verdict
from ..plain import printable, table
from ..stats.sigma import FACTOR, TYPICAL
from ..units import common_scale, human, signed_percent, significant
from .explained import Calculation, Explained, Explanation, Grown
from .rows import change_in_words, distance, side_in_words

_STATES = {
    "counted": "",
    "held": "held out: off the level, and no run has come back since",
    "spike": "hit by something: neither moves the centre nor widens the noise",
    "before": "before the present level",
    "rounds": "not counted: its minimum is of far more or fewer rounds",
}
_AGAINST = {
    "level": "the mean of the {} that count",
    "window": "the median of the last {} that count",
    "baseline": "the base commit's own: the median of {}",
}
_TITLES = {"level": "against the level:", "window": "against the window:", "baseline": "against the base commit alone:"}


def text(explanation: Explanation) -> str:
    """Every verdict that was asked for, and whether it comes out the same again."""
    blocks = [_block(one, explanation.report) for one in explanation.explained]
    lines = [line for block in blocks for line in (*block, "")][:-1]
    if explanation.left_out:
        lines += ["", f"… and {explanation.left_out} more match: narrow the name, or add --metric"]
    return "\n".join(printable(line).rstrip() for line in lines) + "\n"


def _block(one: Explained, report: Report) -> list[str]:
    facts = one.verdict.comparison
    head = f"{one.verdict.outcome.value}{' (provisional)' if one.verdict.provisional else ''}"
    lines = [f"{head}: {facts.key.benchmark.full} · {facts.key.metric.name} · {change_in_words(one.verdict)}"]
    lines += [f"    {one.verdict.reason}", *([f"    {one.verdict.hint}"] if one.verdict.hint else [])]
    lines += ["", *_sides(one.verdict, report)]
    shown = one.now or one.verdict
    for title, body in (
        ("earlier runs, oldest first", _runs(one)),
        (_heading(shown), _calculations(one.calculations, facts.key.metric.unit)),
        ("measured again, in turn", _confirmation(shown.confirmation, facts.key.metric.unit)),
        ("the decision", _decision(shown)),
        ("what would change it", _change(one, shown)),
        ("functions that grew, for one execution", _grown(one)),
    ):
        if body:
            lines += ["", title, *(f"  {line}" for line in body)]
    return [*lines, "", *_recomputed(one)]


def _heading(verdict: Verdict) -> str:
    return f"the calculation ({verdict.proof.model})" if verdict.proof else ""


def _sides(verdict: Verdict, report: Report) -> list[str]:
    facts, unit = verdict.comparison, verdict.comparison.key.metric.unit
    rows = []
    for name, info, side in (("candidate", report.candidate, facts.candidate), ("base", report.baseline, facts.base)):
        if info is None:
            continue
        figure = f"{facts.statistic} {side_in_words(side, unit)}" if side.runs else "no figure"
        where = (info.what if info.what != info.commit else "") + (distance(report) if name == "base" else "")
        rows.append([name, f"{info.commit[:10]} {info.subject}".strip(), where, figure])
    lines = table(rows)
    lines.append(f"checked    {report.created_at} by regress {report.version} on {facts.environment.label}")
    if verdict.proof and verdict.proof.anchor != verdict.proof.centre and math.isfinite(verdict.proof.anchor):
        own = human(verdict.proof.anchor, unit, digits=4)
        lines.append(f"the base stands for its level; its own commit has {own}")
    return lines


def _runs(one: Explained) -> list[str]:
    if not one.runs:
        return []
    unit = one.verdict.comparison.key.metric.unit
    logs = all(found.logs for found in one.calculations)
    heads = ["date", "commit", one.calculations[0].statistic, "ln(ratio)" if logs else "distance", ""]
    scale = common_scale([run.value for run in one.runs], unit)
    rows = [
        [run.date, run.commit[:10], f"{significant(run.value * scale.factor, 5)} {scale.label}".rstrip(),
         f"{run.distance:+.5f}", _STATES[run.state]]
        for run in one.runs
    ]  # fmt: skip
    counted = sum(run.state == "counted" for run in one.runs)
    told = f"{counted} of {len(rows)} count; ratios are to the centre, + is worse"
    return [*table([heads, *rows], right=(2, 3)), told]


def _calculations(found: Sequence[Calculation], unit: str) -> list[str]:
    """A row a step: its name, its value, and how it follows from what stands above."""
    lines = []
    for one in found:
        lines += [_TITLES[one.against]] if len(found) > 1 else []
        lines += table([[name, value, how] for name, value, how in _steps(one, unit) if value])
    return [*lines, *([f"the largest p of the {len(found)} counts"] if len(found) > 1 else [])]


def _steps(found: Calculation, unit: str) -> Iterator[tuple[str, str, str]]:
    centre, value = (human(figure, unit, digits=5) for figure in (found.centre, found.value))
    made = _AGAINST[found.against].format(plural(found.members))
    scale = ", on natural logarithms" if found.logs else f", on figures divided by {found.scale:.5g}"
    yield "centre", centre, made + scale
    yield "scatter", _percent(found.scatter), f"√(Σ distance² / {found.counted - 1}), distances from their mean"
    yield "rounds", _percent(found.rounds), "what the rounds within one run leave open: noise is no smaller"
    known = f"{plural(found.counted)} and what benchmarks usually show"
    usual = f"({TYPICAL:.1%}, a factor of {FACTOR:g} to either side); {found.degrees:.1f} degrees of freedom"
    yield "noise", _percent(found.sigma), f"of one run, by {known} {usual}"
    parts = f"{_percent(found.sigma)} × √({_share(found.of_centre)} + {_share(found.of_candidate)})"
    if found.loose:
        parts = f"√(({parts})² + {_percent(found.loose)}²), as the candidate's rounds scatter far more than usual"
    yield "spread", _percent(found.spread), f"{parts}: candidate against centre"
    one, other = (value, centre) if found.worse > 0 else (centre, value)
    way = f"ln({one} / {other})" if found.logs else f"({one} - {other}) / {found.scale:.5g}"
    yield "distance", f"{found.distance:+.5f}", way
    yield "t", f"{found.t:.4g}", f"{found.distance:.5f} / {found.spread:.4g}"
    yield "P(T > t)", f"{found.usual:.3g}", f"Student's t with {found.degrees:.1f} degrees of freedom"
    if found.hit or found.hit_all:
        yield "p", f"{found.p:.3g}", _mixture(found.usual, found.hit, found.further, "by its own runs")
        told = _mixture(found.usual, found.hit_all, found.further_all, "by all series together")
        larger = "; p above is larger, and counts" if found.p > found.p_all else ""
        yield "pooled p", f"{max(found.p_all, found.p):.3g}", f"{told}{larger}"
    else:
        yield "p", f"{found.p:.3g}", "the same: no earlier run of this machine was hit by something else"


def plural(runs: int) -> str:
    """`1 run`, `2 runs`."""
    return f"{runs} run{'' if runs == 1 else 's'}"


def _mixture(usual: float, hit: float, further: float, told: str) -> str:
    """How P(T > t) is mixed with the chance that something slowed the run."""
    if not hit:
        return f"the same: no run was hit, {told}"
    return f"{1 - hit:.4g} × {usual:.3g} + {hit:.3g} × {further:.3g}: a run is hit, and goes so far, {told}"


def _share(variance: float) -> str:
    return f"1/{1 / variance:.0f}" if abs(1 / variance - round(1 / variance)) < 1e-9 else f"{variance:.4g}"


def _percent(share: float) -> str:
    return f"{significant(share * 100, 4)}%" if math.isfinite(share) else ""


def _decision(verdict: Verdict) -> list[str]:
    """Where the numbers lie beside the limits, and the outcome's place in the table."""
    facts, policy, proof = verdict.comparison, verdict.policy, verdict.proof
    rows = []
    if policy and facts.base.runs and facts.candidate.runs:
        rows.append(["tolerance", _tolerance(verdict, policy)])
    worse = (facts.change > 0) == (facts.key.metric.direction is Direction.LOWER)
    judged = verdict.confirmation is None and facts.key.metric.direction is not Direction.UNKNOWN
    if proof and policy and worse and facts.change and judged and math.isfinite(proof.p):
        rows += [["by itself", _limit(proof.p, proof.alone)], ["together", _shared(proof, policy)]]
    usual, strict = STATUSES[verdict.outcome]
    ends = (1, 1) if verdict.failing else (0 if usual == 1 else usual, 0 if strict == 1 else strict)
    status = f"ends a check with {ends[0]}" + (f", with {ends[1]} under --strict" if ends[0] != ends[1] else "")
    rows.append(["so", f"{verdict.outcome.value}; by itself it {status}"])
    return table(rows)


def _tolerance(verdict: Verdict, policy: Policy) -> str:
    facts, limits = verdict.comparison, policy.tolerance
    words = f"{limits.relative * 100:g}% ({policy.origin('relative')})"
    if limits.absolute:
        words += f" and {human(limits.absolute, facts.key.metric.unit)} ({policy.origin('absolute')})"
    difference = abs(facts.candidate.value - facts.base.value)
    beyond = abs(facts.change) > limits.relative and difference > limits.absolute
    return f"{words}: {signed_percent(facts.change)} is {'beyond' if beyond else 'within'} it"


def _limit(p: float, limit: float) -> str:
    if p <= limit:
        return f"p {p:.3g} ≤ {limit:.3g}, the limit of one series: at least a suspect"
    return f"p {p:.3g} > {limit:.3g}, the limit of one series: no suspect"


def _shared(proof: Proof, policy: Policy) -> str:
    sign = "≤" if proof.pooled <= proof.limit else ">"
    if not policy.false_red:
        shared = "as false_red is off"
    elif proof.limit < proof.alone:
        shared = f"{policy.false_red * 100:g}% false_red ({policy.origin('false_red')}) / {proof.family} series judged"
    else:
        shared = "no more than the limit of one series, few as they are"
    return f"p {proof.pooled:.3g} {sign} {proof.limit:.3g}, {shared}: {'red' if sign == '≤' else 'not red'}"


def _change(one: Explained, verdict: Verdict) -> list[str]:
    unit = verdict.comparison.key.metric.unit
    rows = []
    value = verdict.comparison.candidate.value
    worse = -1 if verdict.comparison.key.metric.direction is Direction.HIGHER else 1
    way = "up to" if worse > 0 else "down to"
    here = False
    for border in one.borders:
        inside = not here and value * worse <= border.end * worse
        here = here or inside
        end = f"{way} {human(border.end, unit, digits=4)} ({signed_percent(border.change)})"
        last = not math.isfinite(border.end)
        rows.append(["beyond" if last else end, border.outcome, border.why, "← here" if inside else ""])
    lines = table(rows)
    if verdict.provisional and verdict.policy:
        least = verdict.policy.min_runs
        lines.append(f"provisional: {least} earlier runs make it firm ({verdict.comparison.evidence})")
    if verdict.outcome is Outcome.INCONCLUSIVE and one.borders:
        runs = one.needed
        lines.append(
            f"{runs} runs of this commit whose median lies here would make it red"
            if runs
            else "more runs of this commit would not make it red: too little is known of what is usual"
        )
    if verdict.suspect:
        lines.append("regress check --confirm measures both sides again, in turn, and overrides it")
    return lines


def _confirmation(found: Confirmation | None, unit: str) -> list[str]:
    if found is None:
        return []
    rows = [["pair", "base", "head", "change"]]
    for number, (base, head) in enumerate(zip(found.base, found.head, strict=True), 1):
        change = signed_percent(head / base - 1) if base else "-"
        rows.append([str(number), human(base, unit, digits=5), human(head, unit, digits=5), change])
    size = f"{signed_percent(found.change)} [{signed_percent(found.lo)} … {signed_percent(found.hi)}]"
    told = f"{size} against a tolerance of {found.tolerance * 100:g}%: {found.outcome.value}, {found.reason}"
    return [*(table(rows, right=(0, 1, 2, 3)) if found.base else []), told]


def _grown(one: Explained) -> list[str]:
    if not one.grown:
        return [one.profile] if one.profile else []
    rows = [["", "calls", "", "own time a call", "", "with what it calls", "", "function"]]
    rows += [[f"+{human(found.growth, 's')}", *_both(found), found.name] for found in one.grown]
    return table(rows, right=(0, 1, 3, 5))


def _both(found: Grown) -> list[str]:
    pairs = [tuple(f"{significant(n)}" if math.isfinite(n) else "-" for n in found.calls)]
    pairs += [tuple(human(seconds, "s") for seconds in pair) for pair in (found.own, found.cumulative)]
    return [cell for before, after in pairs for cell in (before, f"→ {after}")]


def _recomputed(one: Explained) -> list[str]:
    if one.same:
        return ["recomputed from the stored runs: the same"]
    said = "recomputed from the stored runs: it differs" if one.now else "it cannot be recomputed"
    return [said, *(f"  {why}" for why in one.differences)]
