"""The history of runs, kept in a SQLite file or a PostgreSQL database.

    with open_history(".regress/history.db") as history:
        history.record(runs)
        for series in history.series(benchmark="bench_core.Core.time_dot"):
            …

Only this package knows SQLModel and SQLAlchemy. Runs, series and commits go in and come out as the nouns of `model`.
"""

from .analysis import Found, Look
from .decisions import StoredReport
from .store import History, open_history

__all__ = ["Found", "History", "Look", "StoredReport", "open_history"]
