"""The tables of the history. Rows are not domain types: only this package sees them.

Every table is the same on SQLite and on PostgreSQL. Ids are 64 bits wide; times of runs are ISO 8601 text with their
offset, as a run's digest covers it; dates of commits are seconds since the epoch; JSON is ASCII text.

Ladder of versions (a version is the set of migrations applied, see `migrations`):

    m001_tables    the tables below, without those of m002
    m002_causes    look, analysis, cause
    m003_notified  notified
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

#: PostgreSQL's bigint; SQLite's INTEGER is 64 bits wide, and only by that name an alias of the rowid.
BIG = BigInteger().with_variant(Integer(), "sqlite")
#: A whole number by nature, but a tool may write anything: PostgreSQL would refuse what SQLite's affinity keeps.
COUNT = Integer().with_variant(Double(), "postgresql")

_UNSTORABLE = re.compile("[\x00\ud800-\udfff\ufdd0]")
_ESCAPED = re.compile("\ufdd0([0-9a-f]{4})")


def storable(text: str) -> str:
    """Text as `Words` stores it, for the ways of writing that go past SQLAlchemy."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub(lambda found: f"\ufdd0{ord(found[0]):04x}", text)


class Words(TypeDecorator[str]):
    """Text that comes back as it was, whatever it holds.

    Names come from files: a NUL (refused by PostgreSQL) or half a surrogate pair (by both drivers) is stored as
    U+FDD0, a code point that no text uses, and four hex digits.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape what cannot be stored."""
        return None if value is None else storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Give back what was escaped."""
        if value is None or "\ufdd0" not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


class Moment(TypeDecorator[datetime]):
    """A time with its offset, as ISO 8601 text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """The text."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The time."""
        return None if value is None else datetime.fromisoformat(value)


def _column(kind: Any, comment: str, *constraints: Any, **options: Any) -> Any:
    """A column; NOT NULL unless `nullable=True`."""
    return Field(sa_column=Column(kind, *constraints, comment=comment, **({"nullable": False} | options)))


def _identity() -> Any:
    return Field(default=None, sa_column=Column(BIG, Identity(), primary_key=True, comment="Counted by the database"))


class Table(SQLModel):
    """What all tables share: their own metadata, so that another user of SQLModel in the process is not mixed in."""

    metadata: ClassVar[MetaData] = MetaData()


class MigrationRow(Table, table=True):
    """The migrations that were applied to this database."""

    __tablename__ = "migration"
    name: str = _column(Text, "The migration's function name", primary_key=True)
    applied_at: datetime = _column(Moment, "When it was applied")


class EnvironmentRow(Table, table=True):
    """What splits series."""

    __tablename__ = "environment"
    id: int | None = _identity()
    digest: str = _column(Text, "16 hex digits of the key", unique=True)
    pairs: str = _column(Text, "The key: JSON list of [name, value]")


class FactsRow(Table, table=True):
    """What is recorded of an environment with each run; one row for each distinct set."""

    __tablename__ = "facts"
    id: int | None = _identity()
    digest: str = _column(Text, "Hex digest of the JSON text", unique=True)
    pairs: str = _column(Text, "JSON list of [name, value]")


class SourceRow(Table, table=True):
    """Sources that were read to their end, so that they need not be parsed again."""

    __tablename__ = "source"
    digest: str = _column(Text, "Source digest: bytes, overrides, reader's version", primary_key=True)
    path: str = _column(Words, "As the user gave it")
    format: str = _column(Text, "The format it was read as")
    read_at: datetime = _column(Moment, "When it was read")


class RunRow(Table, table=True):
    """One execution of a suite on one commit in one environment."""

    __tablename__ = "run"
    id: int | None = _identity()
    digest: str = _column(Text, "Run digest, the run's identity", unique=True)
    commit_hash: str = _column(Words, "Commit measured; empty where the source names none", index=True)
    head: str = _column(Words, "A pull request's tip, where the commit is the merge that CI made of it", index=True)
    ref: str = _column(Words, "Branch, where known")
    environment_id: int = _column(BIG, "Environment", ForeignKey("environment.id"), index=True)
    facts_id: int = _column(BIG, "Facts", ForeignKey("facts.id"))
    host: str = _column(Words, "The machine's name, only shown")
    path: str = _column(Words, "Source: path as the user gave it")
    format: str = _column(Words, "Source: format")
    tool: str = _column(Words, "Source: tool")
    tool_version: str = _column(Words, "Source: the tool's version")
    source_digest: str = _column(Text, "Source: digest")
    started_at: datetime | None = _column(Moment, "First measurement", nullable=True)
    ended_at: datetime | None = _column(Moment, "Last measurement", nullable=True)
    committed_at: datetime | None = _column(Moment, "The commit's date as the source says", nullable=True)
    dirty: bool = _column(Boolean, "Measured with uncommitted changes")
    level: float | None = _column(Double, "Confidence level of lo and hi", nullable=True)
    tags: str = _column(Text, "Labels: JSON list")
    suites: str = _column(Text, "Suites of its benchmarks: JSON list")
    statistics: str = _column(Text, "Statistics that its points hold, separated by blanks")
    warnings: str = _column(Text, "What the reader said of it: JSON list")
    points: int = _column(BIG, "Number of its points")
    failed: int = _column(BIG, "Number of its failed cells")
    skipped: int = _column(BIG, "Number of its skipped cells")
    recorded_at: datetime = _column(Moment, "When it was recorded")


class SeriesRow(Table, table=True):
    """One benchmark × metric × environment."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("environment_id", "digest"),)
    id: int | None = _identity()
    environment_id: int = _column(BIG, "Environment", ForeignKey("environment.id"))
    digest: bytes = _column(LargeBinary, "Digest of the key, 16 bytes")
    suite: str = _column(Words, "Suite")
    name: str = _column(Words, "Benchmark without its parameters", index=True)
    variant: str = _column(Words, "Parameters as the tool writes them")
    version: str = _column(Words, "Digest of the benchmark's source, or empty")
    metric: str = _column(Words, "Metric")
    unit: str = _column(Words, "Base unit; 1 where unknown")
    direction: str = _column(Text, "lower, higher or unknown")
    kind: str = _column(Text, "noisy or exact")
    params: str = _column(Text, "Parameters: JSON list of [name, value]")
    grouping: str = _column(Words, "The tool's own grouping")


# Note: points, gaps and what hangs on them refer to runs and series without foreign keys. They are only ever written
# beside them in one transaction, and on PostgreSQL a check per row costs more than the rows.
class PointRow(Table, table=True):
    """The figures of one series in one run, in base units."""

    __tablename__ = "point"
    __table_args__ = (Index("point_run", "run_id"), {"sqlite_with_rowid": False})
    series_id: int = _column(BIG, "Series", primary_key=True, autoincrement=False)
    run_id: int = _column(BIG, "Run", primary_key=True, autoincrement=False)
    value: float | None = _column(Double, "A single unnamed figure", nullable=True)
    min: float | None = _column(Double, "Smallest sample", nullable=True)
    q1: float | None = _column(Double, "First quartile", nullable=True)
    median: float | None = _column(Double, "Median", nullable=True)
    q3: float | None = _column(Double, "Third quartile", nullable=True)
    mean: float | None = _column(Double, "Mean", nullable=True)
    max: float | None = _column(Double, "Largest sample", nullable=True)
    sd: float | None = _column(Double, "Standard deviation", nullable=True)
    lo: float | None = _column(Double, "Lower end of the interval", nullable=True)
    hi: float | None = _column(Double, "Upper end of the interval", nullable=True)
    n: float | None = _column(COUNT, "Number of samples", nullable=True)
    iterations: float | None = _column(COUNT, "Calls per sample", nullable=True)


class GapRow(Table, table=True):
    """A cell that was to be measured and holds no number."""

    __tablename__ = "gap"
    __table_args__ = (Index("gap_run", "run_id"), {"sqlite_with_rowid": False})
    series_id: int = _column(BIG, "Series", primary_key=True, autoincrement=False)
    run_id: int = _column(BIG, "Run", primary_key=True, autoincrement=False)
    status: str = _column(Text, "failed or skipped")
    reason: str = _column(Words, "What the tool said")


class SampleRow(Table, table=True):
    """The raw values of one point, in order of measurement."""

    __tablename__ = "sample"
    run_id: int = _column(BIG, "Run", primary_key=True, autoincrement=False)
    series_id: int = _column(BIG, "Series", primary_key=True, autoincrement=False)
    packed: bytes = _column(LargeBinary, "Little-endian 64-bit floats, compressed with zlib")


class QuantileRow(Table, table=True):
    """A further quantile of one point."""

    __tablename__ = "quantile"
    __table_args__ = ({"sqlite_with_rowid": False},)
    run_id: int = _column(BIG, "Run", primary_key=True, autoincrement=False)
    series_id: int = _column(BIG, "Series", primary_key=True, autoincrement=False)
    place: int = _column(Integer, "Its place among the point's quantiles", primary_key=True, autoincrement=False)
    share: float = _column(Double, "The share of samples below: 0.95")
    value: float = _column(Double, "The quantile, in the base unit")


class AttachmentRow(Table, table=True):
    """Further proof of one point, such as a profile."""

    __tablename__ = "attachment"
    run_id: int = _column(BIG, "Run", primary_key=True, autoincrement=False)
    series_id: int = _column(BIG, "Series", primary_key=True, autoincrement=False)
    text: str = _column(Words, "JSON text")


class CommitRow(Table, table=True):
    """A commit: known with its parents, or only named by runs."""

    __tablename__ = "commit"
    __table_args__ = ({"sqlite_with_rowid": False},)
    hash: str = _column(Words, "Full hash, lower case", primary_key=True)
    ordinal: int = _column(BIG, "Place in the history, from parent to child")
    parents: str | None = _column(Text, "Hashes separated by blanks; NULL: not known", nullable=True)
    committed_at: float | None = _column(Double, "Committer date, seconds since the epoch", nullable=True)
    measured_at: float | None = _column(Double, "First run's start: orders it where no date is known", nullable=True)
    author: str = _column(Words, "Author")
    subject: str = _column(Words, "First line of the message")


class BaselineRow(Table, table=True):
    """One version of a named baseline; versions are added, never overwritten."""

    __tablename__ = "baseline"
    __table_args__ = (UniqueConstraint("name", "version"),)
    id: int | None = _identity()
    name: str = _column(Words, "Name")
    version: int = _column(BIG, "Counts from 1 for each name")
    digests: str = _column(Text, "Run digests: JSON list")
    commit_hash: str = _column(Words, "Commit of the runs")
    reason: str = _column(Words, "Why")
    author: str = _column(Words, "Who")
    created_at: datetime = _column(Moment, "When")
    removed: bool = _column(Boolean, "Whether this version removes the name")


class ReportRow(Table, table=True):
    """The report of a check, as it was given."""

    __tablename__ = "report"
    id: int | None = _identity()
    candidate: str = _column(Words, "Commit of the candidate")
    baseline: str = _column(Words, "Commit of the baseline; empty where there was none")
    outcome: str = _column(Words, "How the check ended")
    text: str = _column(Words, "The report: JSON text")
    created_at: datetime = _column(Moment, "When")


class LookRow(Table, table=True):
    """The last look at all series; one row."""

    __tablename__ = "look"
    id: int = _column(BIG, "Always 1", primary_key=True, autoincrement=False)
    number: int = _column(BIG, "Counts the looks, so that of two at once only one is saved")
    version: str = _column(Text, "The algorithm's version, and the meaning of the metrics")
    runs: str = _column(Text, "The runs it saw, in order: JSON list of ids")
    looked_at: datetime = _column(Moment, "When")


class AnalysisRow(Table, table=True):
    """What was found in one series (under its present name)."""

    __tablename__ = "analysis"
    __table_args__ = ({"sqlite_with_rowid": False},)
    environment: str = _column(Text, "Digest of the environment's key", primary_key=True)
    series: bytes = _column(LargeBinary, "Digest of the key", primary_key=True)
    fingerprint: str = _column(Text, "Of the runs whose points were seen, in order")
    level: float | None = _column(Double, "Where new points are expected, in the base unit", nullable=True)
    sigma: float | None = _column(Double, "Their relative noise", nullable=True)
    recent: str = _column(Text, "Distances of the points since, in sigmas: JSON list")
    changes: str = _column(Text, "Change points: JSON list")


class CauseRow(Table, table=True):
    """A cause that was confirmed once; it stays when it is withdrawn."""

    __tablename__ = "cause"
    id: str = _column(Text, "Eight hex digits, which stay", primary_key=True)
    trend: str = _column(Text, "regression, improvement or unknown")
    status: str = _column(Text, "open, fixed or withdrawn; what people accept is not stored here")
    after: str = _column(Words, "Last measured commit certainly in the old level")
    until: str = _column(Words, "First measured commit certainly in the new level")
    estimate: str = _column(Words, "The most likely commit")
    facts: str = _column(Text, "Facts that changed there: JSON list")
    changes: str = _column(Text, "Change points of its series: JSON list")
    confirmed_at: datetime = _column(Moment, "When it was first seen confirmed")
    withdrawn_at: datetime | None = _column(Moment, "When it had vanished", nullable=True)
    merged: str = _column(Text, "Id of the older cause that it became part of; empty: none")


class NotifiedRow(Table, table=True):
    """That a channel was told how something stands; entries are added, never overwritten: the newest one holds."""

    __tablename__ = "notified"
    __table_args__ = (UniqueConstraint("channel", "what", "number"),)
    id: int | None = _identity()
    channel: str = _column(Text, "Who was told: slack:VARIABLE, github:owner/name")
    what: str = _column(Text, "Of what: cause:1f3a9c02, budget:…, silence")
    number: int = _column(BIG, "Counts from 1 for each channel and what")
    state: str = _column(Text, "How it stood: open, fixed …; unsaid: the one before it was taken back")
    place: str = _column(Text, "Where it was said: the issue's number; empty: nowhere yet, or in passing")
    told_at: datetime = _column(Moment, "When")


# The Core tables, by which all but baselines and reports are read and written (objects would be ten times slower).
_tables = Table.metadata.tables
MIGRATION, ENVIRONMENT, FACTS, SOURCE = (_tables[n] for n in ("migration", "environment", "facts", "source"))
RUN, SERIES, POINT, GAP = (_tables[n] for n in ("run", "series", "point", "gap"))
SAMPLE, QUANTILE, ATTACHMENT = (_tables[n] for n in ("sample", "quantile", "attachment"))
COMMIT, BASELINE, REPORT = (_tables[n] for n in ("commit", "baseline", "report"))
LOOK, ANALYSIS, CAUSE = (_tables[n] for n in ("look", "analysis", "cause"))
NOTIFIED = _tables["notified"]
