"""What `--since` says: a day, or a commit."""

from __future__ import annotations

from datetime import UTC, date, datetime


def day_of(text: str) -> datetime | None:
    """The beginning of the day that a text names (2026-01-31), None where it names a commit."""
    if "-" not in text:  # a hash may be of digits alone
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
