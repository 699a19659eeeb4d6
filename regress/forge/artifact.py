"""A report that a stranger's job has left: taken for nothing but data, and refused unless it is exactly a report.

Whoever opens a pull request from a fork decides what its job writes. So every key that is read has its type here,
every text and list an end, every number a finite value; indices lead somewhere. What passes is still only a claim: it
is drawn by our own code, with every text escaped, and what decides where it is posted comes from the event.
"""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..errors import InputError

MOST_BYTES = 25 * 2**20
MOST_VERDICTS = 20_000
_MOST_DEPTH = 12

Words = Annotated[str, Field(max_length=2_000)]
Name = Annotated[str, Field(max_length=600)]
Hash = Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]*$")]
Count = Annotated[int, Field(ge=0, le=10**9)]
Index = Annotated[int, Field(ge=0, le=10**6)]
Figure = Annotated[float, Field(allow_inf_nan=False)] | None
Pairs = Annotated[dict[Name, Name], Field(max_length=100)]
Lines = Annotated[list[Words], Field(max_length=200)]
Runs = Annotated[list[Hash], Field(max_length=10_000)]
Places = Annotated[list[Index], Field(max_length=10_000)]
OutcomeName = Literal[
    "regressed", "breached", "failed", "missing", "inconclusive", "unjudged", "incomparable", "improved", "accepted",
    "new", "unchanged",
]  # fmt: skip


class _Part(BaseModel):
    # A later version may add keys: they are not read, so they need not be known.
    model_config = ConfigDict(strict=True, extra="ignore")


def _status(value: int) -> int:
    if value not in (0, 1, 3, 5):
        raise ValueError("is no status of a report")
    return value


class _SideInfo(_Part):
    what: Words
    commit: Hash
    subject: Words
    runs: Runs
    reference: Words


class _Environment(_Part):
    key: Pairs
    facts: Pairs


class _Side(_Part):
    value: Figure
    runs: Count
    n: Figure
    lo: Figure
    hi: Figure


class _Keyed(_Part):
    suite: Name
    name: Name
    variant: Name
    version: Name
    group: Name
    params: Pairs
    metric: Name
    unit: Name
    direction: Literal["lower", "higher", "unknown"]
    kind: Literal["noisy", "exact"]


class _Proof(_Part):
    model: Name
    past: Places
    held: Places
    centre: Figure
    anchor: Figure
    sigma: Figure
    degrees: Figure
    p: Figure
    pooled: Figure
    alone: Figure
    limit: Figure
    family: Count


class _Confirmation(_Part):
    outcome: OutcomeName
    reason: Words
    statistic: Name
    base: Annotated[list[Figure], Field(max_length=1000)]
    head: Annotated[list[Figure], Field(max_length=1000)]
    change: Figure
    lo: Figure
    hi: Figure
    tolerance: Figure
    error: Figure
    looks: Count
    open: bool
    seconds: Figure


class _Verdict(_Keyed):
    statistic: Name
    outcome: OutcomeName
    change: Figure
    base: _Side
    candidate: _Side
    reason: Words
    environment: Index
    noise: Figure
    evidence: Words
    rule: Words
    failing: bool
    provisional: bool
    hint: Words
    suspect: bool = False
    proof: _Proof | None = None
    confirmation: _Confirmation | None = None
    policy: Index | None = None


class _Policy(_Part):
    statistic: Name
    relative: Figure
    absolute: Figure
    action: Literal["fail", "warn", "ignore"]
    origins: Pairs
    false_red: Figure
    min_runs: Count
    across: bool


class _Finding(_Part):
    outcome: OutcomeName
    suite: Name
    environment: Index
    shift: Figure
    moved: Count
    judged: Count
    reason: Words
    facts: Lines
    failing: bool


class _Limits(_Part):
    selects: Pairs
    only: Annotated[list[Name], Field(max_length=2)] | None
    limits: Annotated[list[Name], Field(max_length=100)]
    warn: Figure
    requirement: Name
    action: Literal["fail", "warn", "ignore"]
    origin: Words


class _Budget(_Part):
    limit: Name
    benchmark: Name | None
    statistic: Name
    environment: Index | None
    value: Figure
    headroom: Figure
    n: Figure
    state: Literal["breached", "unjudged", "warned", "met"]
    failing: bool
    reason: Words
    written: Index
    suite: Name | None
    name: Name = ""
    variant: Name = ""
    version: Name = ""
    group: Name = ""
    params: Pairs = {}
    metric: Name | None
    unit: Name | None
    direction: Literal["lower", "higher", "unknown"] = "unknown"
    kind: Literal["noisy", "exact"] = "noisy"


class _Document(_Part):
    schema_: Annotated[int, Field(alias="schema", ge=1, le=1)]
    status: Annotated[int, AfterValidator(_status)]
    headline: Words
    project: Name
    created_at: Name
    version: Name
    command: Words
    candidate: _SideInfo
    baseline: _SideInfo | None
    distance: Count | None
    not_run: Lines
    notices: Lines = []
    warnings: Lines
    environments: Annotated[list[_Environment], Field(max_length=200)]
    centre: Name = ""
    earlier: Runs = []
    policies: Annotated[list[_Policy], Field(max_length=2_000)] = []
    limits: Annotated[list[_Limits], Field(max_length=2_000)] = []
    findings: Annotated[list[_Finding], Field(max_length=500)] = []
    budgets: Annotated[list[_Budget], Field(max_length=5_000)] = []
    verdicts: Annotated[list[_Verdict], Field(max_length=MOST_VERDICTS)]


def checked(raw: bytes, where: str) -> str:
    """The text of a stranger's report, if it is one in every key that is read. Raises InputError."""
    if len(raw) > MOST_BYTES:
        raise _refused(f"is larger than {MOST_BYTES // 2**20} MiB", where)
    try:
        text = raw.decode("utf-8")
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _refused(f"is not JSON: {_short(str(error))}", where) from None
    _walk(document, where)
    try:
        made = _Document.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the whole"
        raise _refused(f"is wrong at {_short(place)}: {_short(fault['msg'])}", where) from None
    _indices(made, where)
    return text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose keys stands twice: two readers could take different ones."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _walk(document: Any, where: str) -> None:
    """Refuses what no key of a report needs, known or not: depth, long texts, numbers beyond every scale."""
    level = [document]
    for _ in range(_MOST_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and len(value) > 2_000:
                raise _refused("holds a text of more than 2,000 characters", where)
            elif isinstance(value, float) and not math.isfinite(value):
                raise _refused("holds a number that is not finite", where)
            elif isinstance(value, int) and abs(value) > 2**63:
                raise _refused("holds a number of more than 64 bits", where)
        level = below
        if not level:
            return
    raise _refused("is nested too deeply", where)


def _indices(made: _Document, where: str) -> None:
    """Refuses an index that leads nowhere; a negative one was refused before."""
    places, policies, runs, limits = (
        len(made.environments), len(made.policies), len(made.earlier), len(made.limits),
    )  # fmt: skip
    used = [("environment", verdict.environment, places) for verdict in made.verdicts]
    used += [("environment", finding.environment, places) for finding in made.findings]
    used += [("policy", verdict.policy, policies) for verdict in made.verdicts if verdict.policy is not None]
    for verdict in made.verdicts:
        if verdict.proof:
            used += [("run", place, runs) for place in (*verdict.proof.past, *verdict.proof.held)]
    for budget in made.budgets:
        used += [("limit", budget.written, limits)]
        used += [("environment", budget.environment, places)] if budget.environment is not None else []
    for what, index, size in used:
        if index >= size:
            raise _refused(f"refers to {what} {index} of {size}", where)


def _refused(what: str, where: str) -> InputError:
    hint = "`regress check --report json=FILE` writes one"
    return InputError(f"the artifact is refused: it {what}", where=where, hint=hint)


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:160] + "…"
