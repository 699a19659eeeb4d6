"""What the environment says."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What can be set.

    database       a path
    database_ms    how many milliseconds away it is
    courses        how many are there at first
    chapter_words  how long a chapter is
    """

    port: int
    database: str
    database_ms: float
    courses: int
    chapter_words: int

    @classmethod
    def of_environment(cls) -> Settings:
        """COURSE_PORT, COURSE_DATABASE, DATABASE_MS, COURSES and CHAPTER_WORDS."""
        return cls(
            port=int(os.environ.get("COURSE_PORT", "8766")),
            database=os.environ.get("COURSE_DATABASE", ":memory:"),
            database_ms=float(os.environ.get("DATABASE_MS", "0")),
            courses=int(os.environ.get("COURSES", "60")),
            chapter_words=int(os.environ.get("CHAPTER_WORDS", "60000")),
        )
