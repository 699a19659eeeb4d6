"""What each channel was told: in the history, and in the shared branch for machines that begin with nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .. import sync
from ..errors import InputError
from ..model import Bad, Notified
from .sync import Place, branch_of

if TYPE_CHECKING:
    from ..history import History
    from ..sync import Branch
    from .context import Workspace


class Ledger:
    """What was told. Of two jobs that would tell the same at once, one is answered that it may."""

    def __init__(self, history: History, branch: Branch | None) -> None:
        self._history = history
        self._branch = branch

    def told(self, channel: str) -> Mapping[str, Notified]:
        """What the channel was told last of each thing."""
        return self._history.notified(channel)

    def tell(self, channel: str, states: Mapping[str, tuple[str, str]]) -> set[str]:
        """Keeps that a channel is told of things (what -> state and place); those of which this call is the teller."""
        if self._branch is None:
            return {what for what, (state, place) in states.items() if self._history.tell(channel, what, state, place)}
        told, now = self.told(channel), datetime.now(UTC)
        entries = []
        for what, (state, place) in states.items():
            last = told.get(what)
            if last is None or (last.state, last.place) != (state, place):
                entries.append(Notified(channel, what, last.number + 1 if last else 1, state, place, now))
        won = sync.claim(self._branch, entries)
        self._history.add_told(won)
        return {one.what for one in won}


@contextmanager
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    """The ledger of the project: with its shared branch where there is one, unless all write to one server anyway."""
    repository, history = workspace.repository, workspace.history
    remote = workspace.config.history_remote
    if repository is None or history.on_server or repository.call("remote", "get-url", "--", remote)[0]:
        yield Ledger(history, None)
        return
    with branch_of(workspace, Place()) as branch:
        tree = branch.fetch()
        if tree.tip is None:
            yield Ledger(history, None)
            return
        bad: list[Bad] = []
        sync.learn_told(history, branch, tree, bad)
        if bad:  # somebody would be told twice
            raise InputError(bad[0].what, where=bad[0].where, hint=bad[0].hint)
        yield Ledger(history, branch)
