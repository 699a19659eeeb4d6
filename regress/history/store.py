"""The history: runs, series, commits and decisions in one SQLite file or PostgreSQL database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, func, select, text

from ..errors import UsageError
from ..model import (
    Analysis,
    Baseline,
    Commit,
    CommitGraph,
    Environment,
    Key,
    KnownCause,
    Notified,
    Present,
    Recorded,
    Run,
    Series,
    SeriesName,
    Source,
    StoredRun,
)
from . import analysis, decisions, notified, order, shared
from .address import address_of
from .batch import Entry, batch, chunks
from .bulk import LARGE
from .catalogue import Shelf, catalogue, environments, former_names
from .engine import Database, insert, is_sqlite
from .migrations import migrate
from .reading import RunFilter, attachments, list_runs, load_runs
from .record import known_digests, recorded_as, write_batch
from .tables import COMMIT, RUN, SERIES, SOURCE
from .trends import Detail, SeriesFilter, read_series

#: Whole runs in memory at a time.
_WHOLE = 20


class History:
    """An open history; close it at the end, or use it in a `with` statement.

    Every method raises HistoryError, in one line that says what to do, where the database cannot do it.
    `url` says where it is, without credentials.
    """

    def __init__(self, database: Database, present: Present | None = None) -> None:
        self._database = database
        self._present = present
        self._shelf = Shelf()
        self.url = database.url

    @property
    def on_server(self) -> bool:
        """Whether it is a database server's, that several machines can write to."""
        return not self._database.sqlite

    @classmethod
    def open(cls, url: str, *, create: bool = True, present: Present | None = None) -> History:
        """Opens the history at a path, `sqlite:///PATH` or `postgresql://…`, and brings its tables up to date.

        With `create`, a missing file is made together with its folder; a server's database has to exist. `present`
        gives stored keys their present names and meanings whenever the history is read.
        """
        address = address_of(url)
        address.prepare(create)
        database = Database(address)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database, present)

    def close(self) -> None:
        """Closes the connections; the history can not be used afterwards."""
        self._database.close()

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- runs ---

    def record(self, runs: Iterable[Run], sources: Iterable[Source] = ()) -> list[Recorded]:
        """Stores the runs that are not known yet; what became of each, in their order.

        Runs are taken in chunks, each one transaction, so an iterator that lets go of what it gave needs half the
        memory of a list. A growing run is stored without the cells that the history holds already. `sources` is
        looked at after the last run; those with a digest count as read to their end from then on.
        """
        self._shelf.clear()
        results: dict[int, Recorded] = {}
        for entries in chunks(runs):
            self._record(entries, results)
        self._remember(sources)
        return [results[place] for place in sorted(results)]

    def _record(self, entries: list[Entry], results: dict[int, Recorded]) -> None:
        """One chunk. What is known is set aside before its columns are joined."""
        with self._database.reading() as connection:
            known = known_digests(connection, [entry.digest for entry in entries])
        plans = [recorded_as(entry, known[entry.digest]) for entry in entries if entry.digest in known]
        fresh = batch([entry for entry in entries if entry.digest not in known])
        entries.clear()
        if fresh.entries:
            plans += self._database.write(lambda connection: write_batch(connection, fresh))
        for plan in plans:
            results.update((place, plan.recorded(place)) for place in plan.entry.places)
        if len(fresh) > LARGE:
            self._database.empty_log()

    def _remember(self, sources: Iterable[Source]) -> None:
        now = datetime.now(UTC)
        rows = {
            source.digest: {"digest": source.digest, "path": source.path, "format": source.format, "read_at": now}
            for source in sources
            if source.digest
        }
        if rows:
            listed = [rows[digest] for digest in sorted(rows)]
            self._database.write(
                lambda c: c.execute(insert(c, SOURCE).on_conflict_do_nothing(index_elements=["digest"]), listed)
            )

    def known_sources(self, digests: Collection[str]) -> set[str]:
        """Those of the source digests that were read to their end."""
        listed = sorted(set(digests))
        found: set[str] = set()
        with self._database.reading() as connection:
            for start in range(0, len(listed), 1000):
                query = select(SOURCE.c.digest).where(SOURCE.c.digest.in_(listed[start : start + 1000]))
                found.update(connection.execute(query).scalars())
        return found

    def runs(
        self,
        *,
        ids: Collection[int] | None = None,
        digests: Collection[str] | None = None,
        commits: Collection[str] | None = None,
        environment: str | None = None,
    ) -> list[StoredRun]:
        """The runs that pass all filters, in the order of the history: commit, then start, then id.

        `commits` matches the commit measured or the head; `environment` is a digest.
        """
        with self._database.reading() as connection:
            return list_runs(connection, RunFilter(ids, digests, commits, environment))

    def load(
        self, run_ids: Sequence[int], *, keys: Collection[bytes] | None = None, samples: bool = False
    ) -> list[Run]:
        """The runs with their results and gaps, in the order asked for; keys are shared between them.

        `keys` are digests of the keys to load. With `samples` also samples, quantiles and attachments: a run so
        loaded is as it was recorded, under the same digest: neither renamed nor in another unit.
        """
        with self._database.reading() as connection:
            present = None if samples else self._present
            shelf = None if samples else self._shelf
            return load_runs(connection, run_ids, keys=keys, samples=samples, present=present, shelf=shelf)

    def whole(self, digests: Iterable[str]) -> Iterator[tuple[str, Run]]:
        """Digest and run, as it was recorded, samples and all, in the order asked for; a few in memory at a time."""
        listed = list(digests)
        for start in range(0, len(listed), _WHOLE):
            part = listed[start : start + _WHOLE]
            ids = {run.digest: run.id for run in self.runs(digests=part)}
            there = [digest for digest in part if digest in ids]
            yield from zip(there, self.load([ids[digest] for digest in there], samples=True), strict=True)

    def remove_runs(self, digests: Collection[str]) -> int:
        """Deletes the runs of these digests, where there are such, with all they hold; how many there were."""
        self._shelf.clear()
        return self._database.write(lambda connection: shared.remove_runs(connection, digests)) if digests else 0

    def attachments(self, run_ids: Collection[int], holding: str) -> list[tuple[int, Key, str]]:
        """Run id, key (as it is shown now) and text of the attachments of these runs that hold a text."""
        with self._database.reading() as connection:
            return attachments(connection, run_ids, holding, self._present)

    def series_names(self) -> list[tuple[Key, Environment]]:
        """Every series by what it is about (under its present name) and where it was measured, without its points."""
        with self._database.reading() as connection:
            places = environments(connection)
            found = catalogue(connection, present=self._present)
        named = {(key, places[found.environments[series_id]]) for series_id, key in found.keys.items()}
        return sorted(named, key=lambda one: (*one[0].unversioned, one[0].benchmark.version, one[1].label))

    # --- series ---

    def series(
        self,
        *,
        suite: str | None = None,
        benchmark: str | None = None,
        environment: str | None = None,
        metric: str | None = None,
        runs: Collection[int] | None = None,
        names: Collection[SeriesName] | None = None,
        detail: Detail = "all",
    ) -> Iterator[Series]:
        """The series that pass all filters, streamed in the order of their keys.

        `benchmark` is a full name, or a name with all its variants; `environment` a digest; `runs` the ids of the
        runs whose points count; `names` the digests of environments and keys. Series without a point and a gap are
        left out; one of gaps alone has no points. Who needs no more asks for less `detail`: with "trend" each point
        holds its central figure alone, as the statistic "value", and gaps are those that failed; with "centre"
        there are no gaps either, a quarter of the work.
        """
        named = None if names is None else frozenset(names)
        wanted = SeriesFilter(suite, benchmark, environment, metric, named, detail)
        return read_series(self._database.reading, wanted, runs, self._present)

    def former_names(self) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
        """The (suite, name) that renamed benchmarks are stored under, each with those that they have now."""
        if self._present is None:
            return {}
        with self._database.reading() as connection:
            return former_names(connection, self._present)

    def benchmarks(self) -> list[Key]:
        """The distinct keys under their present names, sorted."""
        with self._database.reading() as connection:
            keys = set(catalogue(connection, present=self._present).keys.values())
        return sorted(keys, key=lambda key: (*key.unversioned, key.benchmark.version))

    def environments(self) -> list[Environment]:
        """The distinct environments (their keys; facts are a run's), by label."""
        with self._database.reading() as connection:
            found = environments(connection).values()
        return sorted(found, key=lambda environment: (environment.label, environment.digest))

    # --- commits ---

    def add_commits(self, commits: Iterable[Commit]) -> int:
        """Stores commits with their parents, and puts all in order; how many had not been known."""
        listed = list(commits)
        return self._database.write(lambda connection: order.add_commits(connection, listed)) if listed else 0

    def known_commits(self) -> set[str]:
        """The hashes of the commits whose parents are known."""
        with self._database.reading() as connection:
            return order.known_commits(connection)

    def graph(self) -> CommitGraph:
        """The graph of the commits whose parents are known."""
        with self._database.reading() as connection:
            return order.graph(connection)

    def commit(self, name: str) -> Commit | None:
        """A commit by its full hash; one that only runs name has no parents here."""
        with self._database.reading() as connection:
            return order.find_commit(connection, name)

    def commits(self, names: Collection[str]) -> dict[str, Commit]:
        """Those of the commits that are known, by their full hashes."""
        with self._database.reading() as connection:
            return order.named_commits(connection, names)

    def find_commits(self, prefix: str) -> list[str]:
        """The hashes, of commits and of pull requests' tips, that begin with `prefix`."""
        with self._database.reading() as connection:
            return order.find_commits(connection, prefix)

    # --- analysis ---

    def last_look(self) -> analysis.Look:
        """The last time that all series were analysed; number 0 where there was none."""
        with self._database.reading() as connection:
            return analysis.last_look(connection)

    def analyses(self) -> dict[SeriesName, Analysis]:
        """What was found in each series, by the digests of its environment and key."""
        with self._database.reading() as connection:
            return analysis.findings(connection, self._present)[0]

    def findings(self) -> tuple[dict[SeriesName, Analysis], list[KnownCause]]:
        """What was found in each series, and the causes that were confirmed once: `analyses` and `causes` at once."""
        with self._database.reading() as connection:
            return analysis.findings(connection, self._present)

    def causes(self) -> list[KnownCause]:
        """The causes that were confirmed once, the oldest first."""
        with self._database.reading() as connection:
            return analysis.known_causes(connection, self._present)

    def save_analysis(self, found: analysis.Found) -> bool:
        """Stores a look at the series; False, and nothing stored, where another one has come in between."""
        return self._database.write(lambda connection: analysis.save(connection, found))

    # --- decisions ---

    def set_baseline(self, name: str, digests: Iterable[str], *, commit: str, reason: str, author: str) -> Baseline:
        """Adds a version of a named baseline, which holds the given runs."""
        new = decisions.new_baseline(name, digests, commit, reason, author)
        return self._database.write(lambda connection: decisions.add_baseline(connection, new))

    def remove_baseline(self, name: str, author: str) -> Baseline:
        """Adds the version that takes a name away. Raises HistoryError where there is no such name."""
        return self._database.write(lambda c: decisions.add_baseline(c, decisions.removal(name, author)))

    def add_baselines(self, listed: Collection[Baseline]) -> int:
        """Stores versions that were set elsewhere, as they are, unless they are there; how many were new."""
        return self._database.write(lambda connection: shared.add_baselines(connection, listed)) if listed else 0

    def baselines(self, name: str | None = None) -> list[Baseline]:
        """Every version of one baseline, or of all, newest first."""
        with self._database.reading() as connection:
            return decisions.baselines(connection, name)

    def baseline(self, name: str) -> Baseline | None:
        """The newest version of a baseline; None where it was removed or never set."""
        with self._database.reading() as connection:
            return decisions.baseline(connection, name)

    def save_report(self, candidate_commit: str, baseline_commit: str, outcome: str, json_text: str) -> int:
        """Stores the report of a check; its id."""
        report = (candidate_commit, baseline_commit, outcome, json_text)
        return self._database.write(lambda connection: decisions.add_report(connection, *report))

    def reports(self, limit: int = 100, commit: str | None = None) -> list[decisions.StoredReport]:
        """The last reports, of one candidate's commit or of any, newest first."""
        with self._database.reading() as connection:
            return decisions.reports(connection, limit, commit)

    # --- what was told ---

    def notified(self, channel: str) -> dict[str, Notified]:
        """What a channel was told last of each thing."""
        with self._database.reading() as connection:
            return notified.notified(connection, channel)

    def tell(self, channel: str, what: str, state: str, place: str = "") -> bool:
        """Keeps that a channel is told of a state; False where it is what it was told last, so that only one tells."""
        return self._database.write(lambda connection: notified.tell(connection, channel, what, state, place))

    def told(self) -> list[Notified]:
        """All that was ever told, in an order that is the same in every history that holds it."""
        with self._database.reading() as connection:
            return notified.entries(connection)

    def add_told(self, entries: Sequence[Notified]) -> int:
        """Takes over what another history says was told; how many entries were new."""
        return self._database.write(lambda connection: notified.join(connection, list(entries)))

    # --- as a whole ---

    def copy_to(self, path: Path) -> None:
        """Copies the history into a SQLite file, as it is at one moment, while others may go on writing.

        The copy stands alone: it needs no log beside it. Raises UsageError for a history on a server.
        """
        self.require_file()
        self._database.copy_to(path)

    def require_file(self) -> None:
        """Raises UsageError unless the history is a file, of which alone there can be a copy."""
        if not self._database.sqlite:
            hint = "ask its server for a dump (pg_dump)"
            raise UsageError("only a history in SQLite can be copied into a file", where=self.url, hint=hint)

    def stats(self) -> Mapping[str, int]:
        """How much there is: runs, points, series, commits, failed, skipped, and bytes of the database."""
        with self._database.reading() as connection:
            totals = [func.coalesce(func.sum(RUN.c[name]), 0) for name in ("points", "failed", "skipped")]
            runs, points, failed, skipped = connection.execute(select(func.count(), *totals).select_from(RUN)).one()
            series, commits = (
                connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (SERIES, COMMIT)
            )
            return {
                "runs": runs, "points": int(points), "series": series, "commits": commits,
                "failed": int(failed), "skipped": int(skipped), "bytes": _bytes(connection),
            }  # fmt: skip


open_history = History.open


def _bytes(connection: Connection) -> int:
    if is_sqlite(connection):
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        query = (
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_catalog.pg_class c "
            "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        )
    return int(connection.execute(text(query)).scalar_one())
