"""Runs into the history: each entirely or not at all, none twice, no cell of a growing source twice."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, select

from ..errors import HistoryError
from ..model import STATISTICS, Environment, Gap, Key, Pairs, Recorded, Run
from .batch import Batch, Entry, packed
from .bulk import Points, write_points, write_rows
from .catalogue import series_ids
from .engine import insert, is_sqlite
from .growing import subtracted
from .order import name_commits
from .reading import load_runs
from .tables import ATTACHMENT, ENVIRONMENT, FACTS, GAP, QUANTILE, RUN, SAMPLE, storable

#: Commit, environment and format: where the cells of a growing source may be stored already.
Place = tuple[str, str, str]


@dataclass(slots=True)
class Plan:
    """What becomes of one entry in this transaction: `rows` of it are written (None: all) unless it is `known`."""

    entry: Entry
    run: Run
    digest: str
    rows: NDArray[np.intp] | None = None
    run_id: int = 0
    known: bool = False
    holder: Plan | None = None  # an earlier run of this call that holds all of its cells

    def recorded(self, place: int) -> Recorded:
        """What the caller is told of the run at `place`. Only the first of equal runs can be new."""
        first = place == self.entry.places[0]
        if self.known or not first:
            holder = self.holder or self
            failed, skipped = gap_counts(self.entry.run.gaps)
            points = len(self.entry.run.columns)
            return Recorded(holder.digest, holder.run_id, True, points, failed, skipped, self.run.warnings)
        failed, skipped = gap_counts(self.run.gaps)
        points = len(self.run.columns)
        return Recorded(self.digest, self.run_id, False, points, failed, skipped, self.run.warnings)


def recorded_as(entry: Entry, run_id: int) -> Plan:
    """The plan for an entry whose run is stored: there is nothing to do."""
    return Plan(entry, entry.run, entry.digest, run_id=run_id, known=True)


def gap_counts(gaps: Iterable[Gap]) -> tuple[int, int]:
    """How many cells failed, and how many were skipped."""
    status = {gap.key.digest: gap.status for gap in gaps}
    skipped = sum(one == "skipped" for one in status.values())
    return len(status) - skipped, skipped


def known_digests(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """The ids of the runs among `digests` that are stored."""
    found: dict[str, int] = {}
    for start in range(0, len(digests), 1000):
        part = digests[start : start + 1000]
        rows = connection.execute(select(RUN.c.digest, RUN.c.id).where(RUN.c.digest.in_(part)))
        found.update((digest, run_id) for digest, run_id in rows)
    return found


def write_batch(connection: Connection, batch: Batch) -> list[Plan]:
    """Writes what is new of a batch in the connection's transaction. The batch stays as it is."""
    plans = [Plan(entry, entry.run, entry.digest) for entry in batch.entries]
    environments = _ids(connection, ENVIRONMENT, {p.run.environment.digest: p.run.environment.key for p in plans})
    facts = _ids(connection, FACTS, {_facts_digest(p.run.environment): p.run.environment.facts for p in plans})
    _leave_out_known(connection, plans, environments)
    _insert_runs(connection, plans, environments, facts)
    fresh = [plan for plan in plans if not plan.known]
    if fresh:
        _write_cells(connection, batch, fresh, environments)
        name_commits(connection, [plan.run for plan in fresh], datetime.now(UTC).timestamp())
    return plans


def _leave_out_known(connection: Connection, plans: list[Plan], environments: dict[str, int]) -> None:
    """Marks the runs that are stored, and takes from growing ones what is."""
    growing = [plan for plan in plans if plan.run.growing]
    if growing and not is_sqlite(connection):
        # Two stages of one growing file must not pass each other: the second one waits here for the first one's end.
        ids = sorted({environments[plan.run.environment.digest] for plan in growing})
        rows = select(ENVIRONMENT.c.id).where(ENVIRONMENT.c.id.in_(ids)).order_by(ENVIRONMENT.c.id)
        connection.execute(rows.with_for_update(key_share=True))
    known = known_digests(connection, [plan.digest for plan in plans])
    for plan in plans:
        plan.run_id, plan.known = known.get(plan.digest, 0), plan.digest in known
    pending = [plan for plan in growing if not plan.known]
    if not pending:
        return
    stored = _stored_beside(connection, pending, environments)
    for plan in pending:
        _leave_out_cells(plan, stored[_beside(plan.run)])


def _beside(run: Run) -> Place:
    return run.commit, run.environment.digest, run.source.format


def _stored_beside(connection: Connection, plans: list[Plan], environments: dict[str, int]) -> dict[Place, list[Plan]]:
    """The stored runs of each commit, environment and format that `plans` name, as plans with nothing to do."""
    places = {_beside(plan.run) for plan in plans}
    commits = sorted({commit for commit, _, _ in places})
    names = {environment_id: digest for digest, environment_id in environments.items()}
    digests: dict[int, str] = {}
    for start in range(0, len(commits), 1000):
        query = select(RUN.c.id, RUN.c.digest, RUN.c.commit_hash, RUN.c.environment_id, RUN.c.format)
        rows = connection.execute(query.where(RUN.c.commit_hash.in_(commits[start : start + 1000])))
        for run_id, digest, commit, environment_id, kind in rows:
            if (commit, names.get(environment_id), kind) in places:
                digests[run_id] = digest
    ids = sorted(digests)
    found: dict[Place, list[Plan]] = defaultdict(list)
    for run_id, run in zip(ids, load_runs(connection, ids), strict=True):
        found[_beside(run)].append(recorded_as(Entry(run, digests[run_id], []), run_id))
    return found


def _leave_out_cells(plan: Plan, stored: list[Plan]) -> None:
    """Takes the stored cells from a growing run; what is left counts as stored for those behind it in the call."""
    plan.run, plan.rows = subtracted(plan.run, [other.run for other in stored])
    if plan.rows is not None:
        if not len(plan.run.columns) and not plan.run.gaps:
            plan.known, plan.run, plan.holder = True, plan.entry.run, stored[-1]
            return
        plan.digest = plan.run.digest()
    stored.append(plan)


def _insert_runs(
    connection: Connection, plans: list[Plan], environments: dict[str, int], facts: dict[str, int]
) -> None:
    """Gives each new run its row and id; one that another process, or this call, has stored meanwhile is known."""
    first: dict[str, Plan] = {}
    for plan in plans:
        if not plan.known and first.setdefault(plan.digest, plan) is not plan:
            plan.known, plan.holder = True, first[plan.digest]
    if not first:
        return
    now = datetime.now(UTC)
    rows = [
        _run_row(plan, environments[plan.run.environment.digest], facts[_facts_digest(plan.run.environment)], now)
        for _, plan in sorted(first.items())  # sorted, so that two writers wait for each other in one direction
    ]
    statement = insert(connection, RUN).on_conflict_do_nothing(index_elements=["digest"])
    made = _mapping(connection.execute(statement.returning(RUN.c.digest, RUN.c.id), rows))
    others = known_digests(connection, sorted(first.keys() - made.keys()))
    for digest, plan in first.items():
        plan.known = digest not in made
        plan.run_id = others[digest] if plan.known else made[digest]


def _run_row(plan: Plan, environment_id: int, facts_id: int, now: datetime) -> dict[str, Any]:
    run = plan.run
    stats = run.columns.stats
    failed, skipped = gap_counts(run.gaps)
    suites = {key.benchmark.suite for key in run.columns.keys} | {gap.key.benchmark.suite for gap in run.gaps}
    return {
        "digest": plan.digest, "commit_hash": run.commit, "head": run.head, "ref": run.ref,
        "environment_id": environment_id, "facts_id": facts_id, "host": run.environment.host,
        "path": run.source.path, "format": run.source.format, "tool": run.source.tool,
        "tool_version": run.source.tool_version, "source_digest": run.source.digest,
        "started_at": run.started_at, "ended_at": run.ended_at, "committed_at": run.committed_at,
        "dirty": run.dirty, "level": run.level, "tags": json.dumps(run.tags), "suites": json.dumps(sorted(suites)),
        "statistics": " ".join(name for name in STATISTICS if name in stats and not np.isnan(stats[name]).all()),
        "warnings": json.dumps(run.warnings), "points": len(run.columns), "failed": failed, "skipped": skipped,
        "recorded_at": now,
    }  # fmt: skip


def _write_cells(connection: Connection, batch: Batch, plans: list[Plan], environments: dict[str, int]) -> None:
    """Writes points, gaps and what hangs on them, for runs that have their rows."""
    plans = sorted(plans, key=lambda plan: plan.run_id)
    used: dict[int, NDArray[np.bool_]] = {}
    for plan in plans:
        mask = used.setdefault(environments[plan.run.environment.digest], np.zeros(len(batch.keys), dtype=np.bool_))
        mask[batch.key_index[plan.entry.start : plan.entry.stop]] = True
        for gap in plan.run.gaps:
            mask[batch.positions[gap.key.digest]] = True
    ids = {
        environment_id: series_ids(connection, environment_id, batch.keys, np.flatnonzero(mask))
        for environment_id, mask in sorted(used.items())
    }
    write_points(
        connection,
        _points(batch, plans, {plan.run_id: ids[environments[plan.run.environment.digest]] for plan in plans}),
    )
    lists = {environment_id: numbers.tolist() for environment_id, numbers in ids.items()}
    own = {plan.run_id: lists[environments[plan.run.environment.digest]] for plan in plans}
    gaps = sorted(_gap_rows(batch, plans, own), key=itemgetter(0, 1))
    write_rows(connection, GAP, ("series_id", "run_id", "status", "reason"), iter(gaps))
    for table, names, rows_of in _EXTRAS:
        rows = (
            (own[plan.run_id][batch.positions[key.digest]], plan.run_id, *row)
            for plan in plans
            for key, row in rows_of(plan.run)
        )
        write_rows(connection, table, ("series_id", "run_id", *names), rows)


def _gap_rows(batch: Batch, plans: list[Plan], ids: Mapping[int, list[int]]) -> Iterator[tuple[int, int, str, str]]:
    """The gaps of each run, the first of each cell."""
    for plan in plans:
        own, done = ids[plan.run_id], set()
        for gap in plan.run.gaps:
            series_id = own[batch.positions[gap.key.digest]]
            if series_id not in done:
                done.add(series_id)
                yield series_id, plan.run_id, gap.status, storable(gap.reason)


def _points(batch: Batch, plans: list[Plan], ids: dict[int, NDArray[np.int64]]) -> Points:
    """The rows of `plans`, sorted by series and run. Raises HistoryError for a run that has one key twice."""
    series = np.zeros(len(batch), dtype=np.int64)
    runs = np.zeros(len(batch), dtype=np.int64)
    taken: list[NDArray[np.intp]] = [np.empty(0, dtype=np.intp)]
    for plan in plans:
        start, stop = plan.entry.start, plan.entry.stop
        series[start:stop] = ids[plan.run_id][batch.key_index[start:stop]]
        runs[start:stop] = plan.run_id
        taken.append(np.arange(start, stop) if plan.rows is None else start + plan.rows)
    # The plans are in the order of their ids, so a stable sort by series leaves the runs of each in order.
    rows = np.concatenate(taken)
    order = rows[np.argsort(series[rows], kind="stable")]
    twice = np.flatnonzero((np.diff(series[order]) == 0) & (np.diff(runs[order]) == 0))
    if len(twice):
        row = order[twice[0]]
        path = next(plan.run.source.path for plan in plans if plan.run_id == runs[row])
        name = batch.keys[batch.key_index[row]].benchmark.full
        raise HistoryError(f"a run holds {name} twice", where=path, hint="remove one of the two")
    return Points(series, runs, batch.stats, order)


def _ids(connection: Connection, table: Table, contents: Mapping[str, Pairs]) -> dict[str, int]:
    """The ids of the rows with the given digests, made where they are missing."""
    query = select(table.c.digest, table.c.id).where(table.c.digest.in_(sorted(contents)))
    found = _mapping(connection.execute(query))
    missing = sorted(contents.keys() - found.keys())
    if missing:
        rows = [{"digest": digest, "pairs": json.dumps(contents[digest])} for digest in missing]
        connection.execute(insert(connection, table).on_conflict_do_nothing(index_elements=["digest"]), rows)
        found = _mapping(connection.execute(query))
    return found


def _mapping(rows: Iterable[Any]) -> dict[str, int]:
    return dict(map(tuple, rows))


def _facts_digest(environment: Environment) -> str:
    return hashlib.blake2b(json.dumps(environment.facts).encode(), digest_size=16).hexdigest()


def _sample_rows(run: Run) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    return ((run.columns.keys[row], (packed(values),)) for row, values in run.samples.items())


def _quantile_rows(run: Run) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    for row, pairs in run.quantiles.items():
        for place, (share, value) in enumerate(pairs):
            yield run.columns.keys[row], (place, float(share), float(value))


def _attachment_rows(run: Run) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    return ((run.columns.keys[row], (storable(text),)) for row, text in run.attachments.items())


_EXTRAS = (
    (SAMPLE, ("packed",), _sample_rows),
    (QUANTILE, ("place", "share", "value"), _quantile_rows),
    (ATTACHMENT, ("text",), _attachment_rows),
)
