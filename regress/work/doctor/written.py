"""Looks through what is written down: rules, budgets, acknowledgements, renames, settings that are about nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...errors import RegressError
from ...globs import rewrite
from ...history import History
from ...report.doctor import Line, Section, State
from ...suites import library_of, suite_of
from ..accepted import read_accepted
from ..acknowledgements import known_cause
from ..baseline import list_baselines
from ..policies import listed
from ..sides import side_of
from .scratch import Patient

_SPECIAL = ("merge-base", "previous", "level")
#: Seconds that another machine has to answer.
_PATIENCE = 2.0


def lines(patient: Patient, *, offline: bool) -> list[Line]:
    """All of it; one line where a kind of thing is as it should be, else one for each that is not."""
    found: list[Line] = []
    if patient.has_history:
        found += _said("rules and budgets", "each matches something", _rules(patient))
        found += _said("acknowledgements", "each matches something and holds", _accepted(patient))
        found += _said("renames", "each matches something", _renames(patient))
        found += _said("baselines", "all of their runs are there", _baselines(patient))
    else:
        hint = "ingest results: regress ingest PATH"
        found.append(_line("history", State.WARNING, f"there is no history at {_where(patient)}", hint))
    found += _said("repository", "whole, and its main branch is known", _repository(patient))
    found += _said("suites", "each can be run", _suites(patient))
    if patient.config.dask and not offline:
        found += _said("dask", "the cluster answers", _dask(patient.config.dask))
    return found


def _where(patient: Patient) -> str:
    return patient.database if "://" not in patient.database else urlsplit(patient.database).scheme + "://…"


def _said(name: str, fine: str, found: Iterator[Line]) -> list[Line]:
    return list(found) or [_line(name, State.OK, fine)]


def _rules(patient: Patient) -> Iterator[Line]:
    report = listed(patient)
    for one in report.counted:
        if not one.series:
            kind, place = one.kind, one.written.origin
            what = f"the {kind} at {place} ({one.written.selects()}) matches none of {report.series} series"
            yield _line(
                f"{kind}s", State.FAULT, what, "it says nothing: correct the name (`regress show`), or remove it"
            )
    for warning in report.warnings:
        if "matches nothing" not in warning:
            yield _line("markers", State.WARNING, warning, "correct the marker beside the test")


def _accepted(patient: Patient) -> Iterator[Line]:
    accepted = read_accepted(patient.root)
    keys = patient.existing_history.benchmarks()
    causes = patient.existing_history.causes()
    for entry in accepted.entries:
        if entry.expired:
            what = f"{entry.origin} ({entry.cause or entry.benchmark}) has expired on {entry.expires}"
            yield _line("acknowledgements", State.WARNING, what, "remove it, or accept anew")
        elif entry.cause and known_cause(causes, entry.cause) is None:
            what = f"{entry.origin}: the history knows no cause {entry.cause}"
            yield _line("acknowledgements", State.FAULT, what, "`regress changes` lists the causes")
        elif entry.benchmark and not any(entry.fits(key) for key in keys):
            what = f"{entry.origin} ({entry.benchmark}, metric {entry.metric}) matches no benchmark"
            yield _line("acknowledgements", State.FAULT, what, "correct the name, or remove it")
    for note in accepted.notes:
        if known_cause(causes, note.cause) is None:
            what = f"{note.origin}: the history knows no cause {note.cause}"
            yield _line("notes", State.WARNING, what, "`regress changes` lists the causes")


def _renames(patient: Patient) -> Iterator[Line]:
    if not patient.config.renamed:
        return
    with History.open(patient.database, create=False) as history:  # under the names that were recorded
        names = {name for key in history.benchmarks() for name in (key.benchmark.full, key.benchmark.name)}
    for old, new in patient.config.renamed:
        moved = {text for name in names if (text := rewrite(old, new, name)) is not None}
        if not moved:
            what = f'"{old}" = "{new}": no benchmark was ever called so'
            yield _line("renames", State.WARNING, what, "correct the old name, or remove it")
        elif not moved & names:
            hint = "right after a rename it is so; later look at the new name"
            yield _line("renames", State.WARNING, f'"{old}" = "{new}": nothing was measured as {min(moved)} yet', hint)


def _baselines(patient: Patient) -> Iterator[Line]:
    for baseline in list_baselines(patient):
        found = len(patient.existing_history.runs(digests=baseline.digests))
        if found < len(set(baseline.digests)):
            state = State.WARNING if found else State.FAULT
            what = f"{found} of {len(set(baseline.digests))} runs of {baseline.name} are in this history"
            yield _line("baselines", state, what, "ingest them again, or set it anew: regress baseline set")
    against = patient.config.against
    if against not in _SPECIAL and not against.startswith("window:"):
        try:
            side_of(patient, against)
        except RegressError as error:
            yield _line("baselines", State.FAULT, f'against = "{against}": {error}')


def _repository(patient: Patient) -> Iterator[Line]:
    repository = patient.repository
    if repository is None:
        what = "there is no git repository here: commits are ordered by `regress commits import`, or by their dates"
        yield _line("repository", State.WARNING, what)
        return
    if repository.is_shallow():
        hint = "fetch all of it: actions/checkout with fetch-depth: 0, or git fetch --unshallow"
        yield _line("repository", State.WARNING, "this clone is shallow, and baselines before its edge are lost", hint)
    branch = patient.config.branch
    if branch and patient.main_tip is None:
        hint = "correct `branch` in the configuration, or fetch it"
        yield _line("repository", State.FAULT, f"there is no branch {branch!r}, here or at origin", hint)
    elif not branch and patient.main_tip is None:
        what = "nothing says which branch is the main one: each commit is compared with its parent alone"
        yield _line("repository", State.WARNING, what, 'set branch = "…" in the configuration')


def _suites(patient: Patient) -> Iterator[Line]:
    for spec in patient.config.suites:
        try:
            suite_of(spec)
            library_of(spec, patient.root)
        except RegressError as error:
            yield _line("suites", State.WARNING, f"{spec.name}: {error}", "bisect, ab, --confirm and calibrate need it")


def _dask(address: str) -> Iterator[Line]:
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        port = parts.port or 8786
        socket.create_connection((parts.hostname or "", port), timeout=_PATIENCE).close()
    except (OSError, ValueError) as error:
        hint = "correct `dask` in the configuration; without it this machine does the work"
        yield _line("dask", State.WARNING, f"{parts.hostname} does not answer: {error}", hint)


def _line(name: str, state: State, text: str, hint: str = "") -> Line:
    return Line(Section.PROJECT, name, state, text, hint)
