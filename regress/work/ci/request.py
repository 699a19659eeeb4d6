"""What a CI job was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..run import RunRequest


@dataclass(frozen=True, slots=True)
class CiRequest:
    """What `regress ci` was asked; None: as the configuration says, or where it makes sense.

    run          which suites, and how
    no_run       nothing is run: `paths` are taken, or else what the history has of the commit
    bundle       run and export only: the file that the runs of this job go to
    history      whether the shared history is used; `history_url`: in place of the branch
    keep         the runs of this job are shared wherever they come from, but for a fork's
    confirm      suspects are measured again
    reports      the folder of the reports; None: none are left behind
    site         the folder of the site, which is built on the main branch, and elsewhere with `site_always`
    comment, check  whether they are posted to a pull request
    key          tells several comments of one pull request apart
    """

    run: RunRequest = field(default_factory=RunRequest)
    no_run: bool = False
    paths: tuple[str, ...] = ()
    bundle: Path | None = None
    history: bool = True
    history_url: str = ""
    keep: bool = False
    against: str | None = None
    confirm: bool | None = None
    strict: bool = False
    require_baseline: bool = False
    reports: Path | None = None
    site: Path | None = None
    site_always: bool = False
    comment: bool | None = None
    check: bool | None = None
    key: str = "check"
