"""What somebody was told of, so that nobody is told twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: The state of an entry that takes the one before it back: nothing was said after all.
UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Notified:
    """That `channel` was told that `what` is in a state; `place` is where, such as an issue's number, or "".

    Entries are added, never changed: of one channel and thing the one with the highest `number` holds.
    """

    channel: str
    what: str
    number: int
    state: str
    place: str
    told_at: datetime
