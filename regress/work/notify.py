"""Tells people of the main branch: each channel once of each thing, and once more when it is over, or back.

What a channel was told is kept in the ledger and taken from there: of two jobs that tell at once, one does. A message
is kept as told before it is sent and taken back if the service refuses it; one that may have arrived counts as told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from ..errors import RegressError, UsageError
from ..forge import Forge, ForgeError, Line, Message, Patience, Said, UnsureError, connect, marker, read_event, send
from ..model import UNSAID, Notified
from ..plain import printable
from .ledger import Ledger, ledger
from .news import CAUSE, GONE, OPEN, News, Stand, stand
from .trends import site_root

if TYPE_CHECKING:
    from .context import Workspace

SERVICES = ("slack", "mattermost", "teams", "webhook")
#: Issues that one call opens at most: a first call on a long history must not flood a tracker.
MOST_ISSUES = 10
#: Seconds after which an issue that was claimed and never opened is opened by somebody else.
_GIVEN_UP = 3600.0
_SIGNS = {"new": "🔴", "back": "🔴", "over": "🟢"}
_NO_TOKEN = "set GITHUB_TOKEN or GITLAB_TOKEN"


@dataclass(frozen=True, slots=True)
class NotifyRequest:
    """Whom to tell. `webhooks`: the variable (or the address itself) of each service; None: as configured.

    issues        "github", "gitlab", "" for none, None: as configured
    since         causes before this commit or day are not told as new
    expect_every  seconds; None: as configured
    """

    webhooks: Mapping[str, str] | None = None
    issues: str | None = None
    label: str | None = None
    since: str | None = None
    expect_every: float | None = None
    site_url: str | None = None
    repository: str = ""
    dry_run: bool = False


@dataclass(slots=True)
class Told:
    """What became of it: lines for people, whether silence was found, what could not be told."""

    lines: list[str] = field(default_factory=list)
    silent: bool = False
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Teller:
    """One call: what stands, where it is kept, and how."""

    workspace: Workspace
    request: NotifyRequest
    environ: Mapping[str, str]
    now: datetime
    stand: Stand
    done: Told
    patience: Patience | None
    ledger: Ledger


def notify(
    workspace: Workspace,
    request: NotifyRequest,
    environ: Mapping[str, str],
    *,
    now: datetime | None = None,
    patience: Patience | None = None,
) -> Told:
    """Tells every channel what is new to it. What one channel refuses is a problem, and the others are told."""
    spec = workspace.config.notify
    addresses = _addresses(request, {name: getattr(spec, name) for name in SERVICES}, environ)
    issues = spec.issues if request.issues is None else request.issues
    expect = spec.expect_every if request.expect_every is None else request.expect_every
    if not addresses and not issues and not expect:
        hint = "name one: --slack VARIABLE, --issues github, or [tool.regress.notify] in the configuration"
        raise UsageError("there is nobody to tell", hint=hint)
    moment = now or datetime.now(UTC)
    root = site_root(workspace, request.site_url)
    found = stand(workspace, root, request.since, expect, moment)
    done = Told(silent=bool(found.silent))
    if found.silent:
        done.lines.append(found.silent)
    done.lines += [f"warning: {warning}" for warning in found.warnings]
    with ledger(workspace) as kept:
        teller = _Teller(workspace, request, environ, moment, found, done, patience, kept)
        for service, (channel, address) in addresses.items():
            _guarded(teller, service, partial(_message, teller, service, channel, address, root))
        if issues:
            _guarded(teller, f"{issues} issues", partial(_issues, teller, issues))
    return done


def _guarded(teller: _Teller, name: str, step: Callable[[], None]) -> None:
    try:
        step()
    except ForgeError as error:
        teller.done.problems.append(f"{name}: {error}")


def _addresses(
    request: NotifyRequest, configured: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """The channel's name and the address of each service; a variable that is not set is an error."""
    asked = request.webhooks or {}
    found = {}
    for service in SERVICES:
        named = asked.get(service) or (configured[service] if request.webhooks is None else "")
        if not named:
            continue
        if "://" in named:
            # The history must not hold the address: there is one channel of a service without a name.
            found[service] = service, named
            continue
        address = environ.get(named, "").strip()
        if not address:
            hint = "give the job its secret"
            raise UsageError(f"the variable {named} of the {service} webhook is not set", hint=hint)
        found[service] = f"{service}:{named}", address
    return found


def changed(news: Sequence[News], told: Mapping[str, Notified]) -> list[tuple[str, News]]:
    """What a channel does not know yet: ("new" | "back" | "over", news), in their order.

    What it was never told of is no news when it is over; a cause that it was told of and that is gone is withdrawn.
    """
    found = []
    for one in news:
        last = told.get(one.what)
        known = last.state if last is not None and last.state != UNSAID else ""
        if one.state == OPEN and known != OPEN and (one.recent or known):
            found.append(("back" if known else "new", one))
        elif one.state != OPEN and known == OPEN:
            found.append(("over", one))
    there = {one.what for one in news}
    for what, last in sorted(told.items()):
        if what.startswith(CAUSE) and what not in there and last.state == OPEN:
            line = f"cause {what.removeprefix(CAUSE)}: the evidence has vanished"
            found.append(("over", News(what, GONE, line, body=f"{line}.")))
    return found


def _message(teller: _Teller, service: str, channel: str, address: str, root: str) -> None:
    """One message of all that is new to a webhook."""
    told = teller.ledger.told(channel)
    due = changed(teller.stand.news, told)
    if not teller.request.dry_run:
        ours = teller.ledger.tell(channel, {one.what: (one.state, "") for _, one in due})
        due = [(how, one) for how, one in due if one.what in ours]
    if not due:
        teller.done.lines.append(f"{service}: nothing new")
        return
    project = teller.workspace.project
    message = Message(project, f"{project}: {_counted(due)}", [_line(how, one) for how, one in due], root)
    if teller.request.dry_run:
        teller.done.lines += [f"{service}: would be told", *(printable(f"  {how}: {one.line}") for how, one in due)]
        return
    try:
        send(service, address, message, teller.patience)
    except UnsureError:
        raise
    except RegressError:
        teller.ledger.tell(channel, {one.what: _before(told.get(one.what)) for _, one in due})
        raise
    teller.done.lines.append(f"{service}: told of {_counted(due)}")


def _line(how: str, one: News) -> Line:
    words = {"new": "", "back": "is back: ", "over": f"{one.state}: "}[how]
    return Line(_SIGNS[how], words + one.line, one.url, {"id": one.what, "event": how, "state": one.state})


def _counted(due: Sequence[tuple[str, News]]) -> str:
    """`2 new, 1 back, 1 over`."""
    counts = [(sum(how == word for how, _ in due), word) for word in ("new", "back", "over")]
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def _issues(teller: _Teller, kind: str) -> None:
    """An issue for each cause: opened, closed when it is over, reopened when it is back."""
    event = read_event(teller.environ, teller.workspace.repository)
    forge = connect(event, teller.environ, repository=teller.request.repository, kind=kind, patience=teller.patience)
    if forge is None:
        raise ForgeError("there is no token", hint=_NO_TOKEN)
    channel = f"{kind}:issues"
    told = teller.ledger.told(channel)
    causes = [one for one in teller.stand.news if one.what.startswith(CAUSE)]
    claimed = [one for one in causes if _given_up(one, told.get(one.what), teller.now)]
    due = [*changed(causes, told), *(("new", one) for one in claimed)]
    new = [one for how, one in due if how == "new"]
    late = new[MOST_ISSUES:]
    due = [(how, one) for how, one in due if one not in late]
    if teller.request.dry_run:
        teller.done.lines += [printable(f"issues: {how}: {one.line}") for how, one in due]
    else:
        places = {one.what: told[one.what].place if one.what in told else "" for _, one in due}
        ours = teller.ledger.tell(channel, {one.what: (one.state, places[one.what]) for _, one in due})
        ours |= {one.what for one in claimed}
        due = [(how, one) for how, one in due if one.what in ours]
        _settle_all(teller, forge, channel, told, [one for _, one in due])
    if late:
        teller.done.lines.append(f"issues: {len(late)} more causes are left for the next time, or see --since")
    if not due:
        teller.done.lines.append("issues: nothing new")


def _given_up(one: News, last: Notified | None, now: datetime) -> bool:
    """Whether somebody claimed an issue, and was ended before it was opened."""
    claimed = last is not None and last.state == OPEN == one.state and not last.place
    return claimed and last is not None and (now - last.told_at).total_seconds() > _GIVEN_UP


def _before(last: Notified | None) -> tuple[str, str]:
    """State and place as they were before what was not told after all."""
    return (last.state, last.place) if last else (UNSAID, "")


def _settle_all(
    teller: _Teller, forge: Forge, channel: str, told: Mapping[str, Notified], causes: Sequence[News]
) -> None:
    """Each issue brought to its state, and where it is kept; what the service refuses is taken back, with the rest."""
    kept: dict[str, tuple[str, str]] = {}
    waiting = list(causes)
    try:
        while waiting:
            one = waiting[0]
            place = told[one.what].place if one.what in told else ""
            said = _settle(teller, forge, one, place)
            waiting.pop(0)
            kept[one.what] = one.state, str(said.number) if said else place
            if said:
                teller.done.lines.append(
                    printable(f"issues: {said.how} {forge.name} #{said.number} {said.url}".rstrip())
                )
    except UnsureError:
        waiting.pop(0)  # it may be there: whoever comes later looks for it
        raise
    finally:
        kept |= {one.what: _before(told.get(one.what)) for one in waiting}
        teller.ledger.tell(channel, kept)


def _settle(teller: _Teller, forge: Forge, one: News, place: str) -> Said | None:
    """Opens, closes or reopens, as far as that is not so already; None where there is nothing that could be closed."""
    label = teller.request.label or teller.workspace.config.notify.label
    mark = marker(teller.workspace.project, one.what.removeprefix(CAUSE))
    wanted = one.state == OPEN
    if place.isdecimal():
        try:
            return forge.turn_issue(int(place), is_open=wanted, why=_why(one))
        except ForgeError as error:
            if error.code not in (404, 410):
                raise  # deleted or moved by somebody: it is looked for as if it had never been
    issue = forge.find_issue(mark, label)
    if issue is None:
        return forge.open_issue(_title(one), _body(mark, one), mark, label) if wanted else None
    if issue.is_open == wanted:
        return Said("kept", issue.url, issue.number)
    return forge.turn_issue(issue.number, is_open=wanted, why=_why(one))


def _title(one: News) -> str:
    """Plain text; a zero-width space keeps a name from notifying anybody."""
    return printable(f"Slower: {one.line}").replace("@", "@\N{ZERO WIDTH SPACE}")[:200]


def _body(mark: str, one: News) -> str:
    link = f"\n[Trend]({one.url})\n" if one.url else ""
    return f"{mark}\n{one.body}{link}\nThis issue is closed when the figures are back, or the cause is accepted.\n"


def _why(one: News) -> str:
    return "It is back: what had been over is slower again." if one.state == OPEN else f"Over: {one.state}."
