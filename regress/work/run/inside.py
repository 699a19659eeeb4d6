"""The same from inside a pytest session: what pytest-benchmark has just measured is stored, and judged."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...model import Report, SuiteSpec
from ...suites import Measured, Proof, Selection
from ..check import CheckRequest, check
from ..variables import with_params
from .collect import Measuring, collect, store
from .present import commit_at

if TYPE_CHECKING:
    from ..context import Workspace

_KIND = "pytest-benchmark"
#: What makes a run one of chosen benchmarks where it is not known which were left out.
_SOME = Selection(include=("*",))


@dataclass(frozen=True, slots=True)
class Session:
    """What a pytest session measured.

    document   pytest-benchmark's own JSON; None where nothing was timed
    passed     the tests that passed; failed: benchmarks that did not, with the reason
    is_part    whether some tests were left out on purpose: they are then not run, and not missing
    suite      the name of the configured suite that this is, "" for the only one of its kind
    """

    document: Mapping[str, Any] | None
    passed: frozenset[str]
    failed: Mapping[str, str]
    is_part: bool = False
    suite: str = ""
    began: datetime = field(default_factory=lambda: datetime.now(UTC))


def ingest_session(workspace: Workspace, session: Session) -> list[str]:
    """Stores what a session measured under the commit that is checked out; what became of it, line by line.

    Raises UsageError without a repository or where nothing was timed.
    """
    if workspace.repository is None:
        raise UsageError("there is no git repository here", where=str(workspace.root), hint="a run is of a commit")
    whole = [entry for entry in _entries(session) if entry.get("fullname") in session.passed]
    if session.document is None or not whole:
        raise UsageError("pytest-benchmark timed no test that passed", hint="nothing was stored")
    spec = with_params(_spec(workspace, session.suite), os.environ)
    commit = commit_at(workspace.repository, "HEAD")
    with tempfile.TemporaryDirectory(prefix="regress-pytest-") as scratch:
        file = Path(scratch) / "pytest.json"
        file.write_text(json.dumps({**session.document, "benchmarks": whole}, default=str), encoding="utf-8")
        measured = Measured((file,), file, Proof(()), 0.0, failed=tuple(session.failed.items()))
        branch, dirty = workspace.repository.branch() or "", workspace.repository.is_dirty()
        measuring = Measuring(commit, branch, dirty, session.began, datetime.now(UTC))
        found = collect(workspace, spec, measured, measuring, _SOME if session.is_part else Selection())
    new = store(workspace, found.runs)
    points = sum(len(run.columns) for run in found.runs)
    said = f"{points} figures of {commit.hash[:10]} {commit.subject}".rstrip()
    lines = [f"{said}{' with uncommitted changes' if dirty else ''} stored as {new} run{'' if new == 1 else 's'}"]
    return [
        *lines,
        *(f"warning: {text}" for text in found.warnings),
        *(f"{bad.where}: {bad.what}" for bad in found.bad),
    ]


def check_session(workspace: Workspace) -> Report:
    """What the gate says of the commit that is checked out."""
    return check(workspace, CheckRequest())


def _entries(session: Session) -> list[Mapping[str, Any]]:
    listed = (session.document or {}).get("benchmarks")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _spec(workspace: Workspace, name: str) -> SuiteSpec:
    """The configured suite that the session is one of."""
    listed = [spec for spec in workspace.config.suites if spec.kind == _KIND]
    if name:
        named = [spec for spec in listed if spec.name == name]
        if not named:
            hint = "there are " + (", ".join(spec.name for spec in listed) or "none")
            raise UsageError(f"no suite of the kind {_KIND} is called {name!r}", hint=hint)
        return named[0]
    return listed[0] if len(listed) == 1 else SuiteSpec(_KIND, _KIND)
