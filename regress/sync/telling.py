"""What was told, in the branch: of two jobs that would tell at once, the first to add the file tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ..errors import RegressError
from ..history import History
from ..model import Bad, Notified
from .branch import Branch, Change
from .layout import Tree, notified_file, read_notified


def told(branch: Branch, tree: Tree, known: Collection[str], bad: list[Bad]) -> Iterator[Notified]:
    """What the branch says was told, but for the files that are known; what is wrong with one goes to `bad`."""
    paths = sorted(tree.notified.keys() - set(known))
    contents = dict(branch.read(tree.notified[path] for path in paths))
    for path in paths:
        try:
            yield read_notified(contents[tree.notified[path]], path)
        except RegressError as error:
            bad.append(Bad(error.where, error.what, error.hint))


def learn_told(history: History, branch: Branch, tree: Tree, bad: list[Bad]) -> None:
    """Takes over what the branch says was told; what is wrong with a file of it goes to `bad`."""
    history.add_told(list(told(branch, tree, {notified_file(one)[0] for one in history.told()}, bad)))


def claim(branch: Branch, entries: Sequence[Notified]) -> list[Notified]:
    """Adds what is about to be told; those of the entries that nobody else has claimed before."""
    files = {notified_file(one): one for one in entries}
    won: list[Notified] = []

    def change(tree: Tree) -> Change | None:
        nonlocal won
        there = [path for path, _ in files if path in tree.notified]
        contents = dict(branch.read(tree.notified[path] for path in there))
        # A push that was answered by a broken connection may have arrived: then the file is there, and our own.
        own = {path for path, data in files if path in there and contents[tree.notified[path]] == data}
        won = [one for (path, _), one in files.items() if path not in there or path in own]
        new = {path: data for path, data in files if path not in there}
        return Change(f"Keep that people are told of {len(new)}\n", new) if new else None

    if files:
        branch.publish(change)
    return won
