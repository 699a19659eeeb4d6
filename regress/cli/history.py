"""`regress history`: the history that jobs and people share, without a server or with one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, UsageError
from ..plain import printable, table
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..model import Bad
    from ..sync import Copied, Pulled
    from ..work.context import Workspace
    from ..work.sync import Place, Sent

_SHOWN = 20


def with_place(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Adds `--branch` and `--remote` and hands the function a `place`, besides the workspace."""

    @click.option("--branch", metavar="NAME", help="The branch that holds it (default: as configured).")
    @click.option("--remote", metavar="NAME", help="The remote that has it (default: as configured).")
    @with_workspace
    @functools.wraps(function)
    def wrapped(workspace: Workspace, *args: Any, branch: str | None, remote: str | None, **kwargs: Any) -> int | None:
        from ..work.sync import Place

        return function(workspace, *args, place=Place(branch, remote), **kwargs)

    return wrapped


@click.group(name="history")
def command() -> None:
    """Share the history in a branch of the repository, or in another one by its URL."""


@command.command()
@click.argument("names", nargs=-1, metavar="[URL] [COMMIT|run:ID|BASELINE]…")
@click.option("--all", "everything", is_flag=True, help="Also runs of other branches and of uncommitted changes.")
@with_place
def push(workspace: Workspace, names: tuple[str, ...], everything: bool, place: Place) -> int:
    """Add the runs that are not shared yet, and the baselines.

    Shared are the runs of the main branch's commits without uncommitted changes, or those that are named. With a URL
    (postgresql://…, sqlite:///…) they go to that history instead of the branch. Pushing again adds nothing twice; where
    another job is pushing, it is tried again until both are in.
    """
    from ..work.sync import Choice, push, push_to

    url = names[0] if names and "://" in names[0] else None
    choice = Choice(names[1:] if url else names, everything)
    sent = push_to(workspace, choice, url) if url else push(workspace, choice, place)
    click.echo(_sent_line(sent))
    if sent.kept:
        why = "of other branches or uncommitted changes; --all pushes them, too"
        more = " (this clone is shallow: the main branch is known only as far back as it goes)" if sent.shallow else ""
        click.echo(f"  {plural(sent.kept, 'run')} not pushed: {why}{more}")
    return _faults(sent.done.bad)


@command.command()
@click.argument("url", required=False)
@with_place
def pull(workspace: Workspace, url: str | None, place: Place) -> int:
    """Bring the shared runs and baselines into the history; remove the runs that somebody has pruned.

    Only what is not here yet is fetched. With a URL (postgresql://…, sqlite:///…) from that history instead of the
    branch. Where there is no branch yet there is nothing to pull, and the status is 0.
    """
    from ..work.sync import pull, pull_from

    if url:
        copied, where = pull_from(workspace, url)
        click.echo(_copied_line("pulled", copied, f"from {where}"))
        return _faults(copied.bad)
    done, where = pull(workspace, place)
    if not done.exists:
        click.echo(f"nothing to pull: there is no such branch yet at {printable(where)}")
        return 0
    click.echo(_pulled_line(done, where))
    _unknown(done.unknown)
    return _faults(done.bad)


@command.command()
@click.option("--keep-runs", type=click.IntRange(1), help="Keep the newest N runs of each environment.")
@click.option("--older-than", metavar="AGE", help="Only runs older than this: 180d, 26w, 2y or a date.")
@click.option("--ref", "refs", multiple=True, metavar="GLOB", help="Only runs of these branches; may be repeated.")
@click.option("--run", "runs", multiple=True, metavar="DIGEST", help="This run, and no choice by the other options.")
@click.option("--reason", default="", help="Why: kept with what is left of each run.")
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@with_place
def prune(workspace: Workspace, place: Place, **given: Any) -> int:
    """Take runs out of the shared branch and leave a tombstone of each, which every `pull` obeys.

    Those go that meet all options. Runs that a baseline names stay. The branch's past still holds what is pruned, until
    `regress history compact` begins it anew and the old one is deleted.
    """
    from ..sync.prune import Policy
    from ..work.sync import PruneRequest, age, prune

    older = age(given["older_than"]) if given["older_than"] else None
    if not (given["keep_runs"] or older or given["refs"] or given["runs"]):
        raise UsageError("prune what?", hint="say so with --keep-runs, --older-than, --ref or --run")
    policy = Policy(given["keep_runs"] or 0, older, given["refs"])
    result = prune(workspace, PruneRequest(policy, given["runs"], given["reason"], given["dry_run"]), place)
    if not result.digests:
        click.echo("no run of the branch meets this: nothing pruned")
    elif result.done is None:
        rows = [[run.digest[:12], run.commit[:10], run.ref, str(run.started_at or "")[:10]] for run in result.known]
        click.echo("\n".join(table(rows[:_SHOWN])))
        more = f" (the first {_SHOWN} are shown)" if len(rows) > _SHOWN else ""
        click.echo(f"would prune {plural(len(result.digests), 'run')}{more}")
    else:
        there, here = plural(len(result.done.digests), "run"), plural(result.done.removed, "run")
        click.echo(f"pruned {there} of the branch, and {here} here")
    return 0


@command.command()
@with_place
def compact(workspace: Workspace, place: Place) -> None:
    """Begin the branch anew with the files that it has; its past is kept under another name.

    A branch that grows with each job holds every commit that ever was, and what was pruned. Nothing is lost by this, by
    jobs that push at the same moment neither. Delete the old one when nobody misses it.
    """
    from ..work.sync import compact

    done = compact(workspace, place)
    kept = printable(done.kept)
    click.echo(f"began anew with {plural(len(done.before.runs), 'run')}; the past is {kept} (git push REMOTE :{kept})")


@command.command()
@with_place
def verify(workspace: Workspace, place: Place) -> int:
    """Check every file of the branch: digests, tombstones, the runs that baselines name. 4 where something is wrong."""
    from ..work.sync import verify

    done, where = verify(workspace, place)
    if done.tree.tip is None:
        click.echo(f"nothing to verify: there is no such branch yet at {printable(where)}")
        return 0
    counts = [plural(len(done.tree.runs), "run"), plural(done.points, "point")]
    counts += [f"{len(done.tree.pruned):,} pruned", plural(len(done.tree.baselines), "version") + " of baselines"]
    click.echo(f"{printable(where)}: {', '.join(counts)}: {plural(len(done.bad), 'fault') if done.bad else 'all well'}")
    _unknown(done.unknown)
    return _faults(done.bad)


@command.command()
@with_place
def stats(workspace: Workspace, place: Place) -> None:
    """Say how many runs are here and in the branch, and what pushing and pulling would do."""
    from ..work.sync import stats

    found = stats(workspace, place)
    click.echo(f"here: {plural(found.here, 'run')}, {found.only_here:,} of them not in the branch")
    there = f"{plural(found.there, 'run')}, {found.only_there:,} of them not here"
    click.echo(f"{printable(found.where)}: {there}; {found.pruned:,} pruned, {found.baselines:,} versions of baselines")


def _sent_line(sent: Sent) -> str:
    from ..sync import Pushed

    if not isinstance(sent.done, Pushed):
        return _copied_line("pushed", sent.done, f"to {sent.where}")
    done = sent.done
    parts = [f"pushed {plural(done.runs, 'run')}"] + [plural(done.baselines, "baseline")] * bool(done.baselines)
    notes = [f"{done.known:,} known"] * bool(done.known) + [f"{done.pruned:,} pruned there"] * bool(done.pruned)
    notes += [f"{plural(done.tries, 'try').replace('trys', 'tries')}"] * (done.tries > 1)
    return printable(f"{' and '.join(parts)} to {sent.where}{_in_brackets(notes)}")


def _pulled_line(done: Pulled, where: str) -> str:
    parts = [f"pulled {plural(done.runs, 'run')}"] + [plural(done.baselines, "baseline")] * bool(done.baselines)
    notes = [f"{done.known:,} known"] * bool(done.known)
    notes += [f"removed {plural(done.removed, 'run')} that were pruned"] * bool(done.removed)
    notes.append(f"{done.received / 1024:,.0f} KiB received")
    return printable(f"{' and '.join(parts)} from {where}{_in_brackets(notes)}")


def _copied_line(verb: str, done: Copied, where: str) -> str:
    parts = [f"{verb} {plural(done.runs, 'run')}"] + [plural(done.baselines, "baseline")] * bool(done.baselines)
    return printable(f"{' and '.join(parts)} {where}{_in_brackets([f'{done.known:,} known'] * bool(done.known))}")


def _in_brackets(notes: list[str]) -> str:
    return f" ({', '.join(notes)})" if notes else ""


def _unknown(paths: list[str]) -> None:
    """The files that are none of ours; a branch may hold very many."""
    for path in paths[:_SHOWN]:
        click.echo(f"  note: {printable(path)} is no file of a history: ignored")
    if len(paths) > _SHOWN:
        click.echo(f"  note: and {len(paths) - _SHOWN:,} more")


def _faults(bad: Iterable[Bad]) -> int:
    status = 0
    for one in bad:
        click.echo(f"regress: {InputError(one.what, where=one.where, hint=one.hint)}", err=True)
        status = InputError.status
    return status
