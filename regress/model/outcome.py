"""What can be said of a benchmark."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a verdict says. `judge.verdict` holds the table of what each does to the exit status."""

    REGRESSED = "regressed"
    BREACHED = "breached"
    FAILED = "failed"
    MISSING = "missing"
    INCOMPARABLE = "incomparable"
    INCONCLUSIVE = "inconclusive"
    UNJUDGED = "unjudged"
    IMPROVED = "improved"
    ACCEPTED = "accepted"
    NEW = "new"
    UNCHANGED = "unchanged"
