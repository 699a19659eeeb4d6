"""What the user adds to what is read: overrides and labels."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..model import MappingSpec, Pairs


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How documents are read; a field that is None or empty leaves what the document says.

    format    a name of FORMATS instead of the one that the content shows
    commit    the commit measured; head: a pull request's tip; branch: the run's ref
    machine   the environment key "machine"; env: further keys, stored as `env.NAME`
    moved     (glob, key): what is said to be of an environment whose label fits is filed under this key instead
    tags      labels, never part of an identity
    suite     the suite's name instead of the format's own
    mappings  how files of a team's own are read; `mapping`: the name of the one to read by, whatever the file is called
    """

    format: str | None = None
    commit: str | None = None
    head: str | None = None
    branch: str | None = None
    machine: str | None = None
    env: Pairs = ()
    moved: tuple[tuple[str, Pairs], ...] = ()
    tags: tuple[str, ...] = ()
    suite: str | None = None
    mappings: tuple[MappingSpec, ...] = ()
    mapping: str | None = None

    def fingerprint(self) -> str:
        """All that changes what is read out of the same bytes, as a line of text."""
        said = [self.commit, self.head, self.branch, self.machine, self.env, self.tags, self.suite]
        return json.dumps([*said, self.moved] if self.moved else said)
