"""A counter of a tree whose processes come and go: what all of them together have used since the beginning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Generic, TypeVar

Who = TypeVar("Who")


class Account(Generic[Who]):
    """Adds up what each member has used `(own, inherited)`, so that the sum never falls when one of them ends.

    When a process ends and its parent asks for its status, the system adds what it used to what the parent has
    inherited. So a child that comes and goes between two looks is not lost, and one that was seen is not counted twice:
    what it had used when it was seen last is taken off what is inherited.
    """

    def __init__(self) -> None:
        self.total = 0.0
        self._before: dict[Who, tuple[float, float]] | None = None

    def update(
        self, now: Mapping[Who, tuple[float, float]], *, from_zero: bool = True, orphans: Collection[Who] = ()
    ) -> float:
        """The total after a look at all members.

        from_zero  of the first look: what they used before it counts, as they were started for this watch
        orphans    members whose parent has gone: nobody of the tree inherits from them
        """
        if self._before is None:
            if from_zero:
                self.total += sum(own + inherited for own, inherited in now.values())
        else:
            self.total += self._gain(self._before, now, orphans)
        self._before = dict(now)
        return self.total

    @staticmethod
    def _gain(
        before: Mapping[Who, tuple[float, float]], now: Mapping[Who, tuple[float, float]], orphans: Collection[Who]
    ) -> float:
        own = inherited = 0.0
        for who, (mine, theirs) in now.items():
            mine_before, theirs_before = before.get(who, (0.0, 0.0))
            own += max(0.0, mine - mine_before)
            inherited += max(0.0, theirs - theirs_before)
        gone = sum(sum(used) for who, used in before.items() if who not in now and who not in orphans)
        return own + max(0.0, inherited - gone)
