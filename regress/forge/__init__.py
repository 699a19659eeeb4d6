"""Forges and webhooks: what a job may ask of GitHub and GitLab, and what it is told of itself by its environment.

event     what a CI job is for, from its environment       commands   annotations and the summary of GitHub Actions
http      requests with retries that keep secrets          retry      when, and after how long
talk      what can be said to a forge, whichever it is     github, gitlab   how each of them is told
artifact  a stranger's report, checked before it is read   webhooks   messages to Slack, Mattermost, Teams, programs
connect   which of the forges a job may speak to
"""

from __future__ import annotations

from .artifact import checked
from .commands import add_summary, commands
from .connect import connect
from .event import Event, EventKind, ForgeKind, read_event
from .github import GitHub
from .gitlab import GitLab
from .http import Answer, Client, ForgeError, UnsureError, is_web_address
from .retry import Patience
from .talk import Annotation, Check, Forge, Issue, Said, marker
from .webhooks import SHAPES, Line, Message, send

__all__ = [
    "SHAPES",
    "Annotation",
    "Answer",
    "Check",
    "Client",
    "Event",
    "EventKind",
    "Forge",
    "ForgeError",
    "ForgeKind",
    "GitHub",
    "GitLab",
    "Issue",
    "Line",
    "Message",
    "Patience",
    "Said",
    "UnsureError",
    "add_summary",
    "checked",
    "commands",
    "connect",
    "is_web_address",
    "marker",
    "read_event",
    "send",
]
