"""Messages to a webhook, in the shape that each service takes. The address is the secret: it is never shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import UsageError
from .http import Client, is_web_address
from .retry import Patience

#: Lines of one message; a chat is no report.
MOST_LINES = 25
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to tell: `mark` (a sign), `text` that may be foreign, an address of ours to read on at, or ""."""

    mark: str
    text: str
    url: str = ""
    facts: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is told at once: a title and its lines; `url` leads to the whole."""

    project: str
    title: str
    lines: Sequence[Line]
    url: str = ""


def send(service: str, address: str, message: Message, patience: Patience | None = None) -> None:
    """Sends a message to a webhook of a service. Raises ForgeError, UnsureError where it may have arrived."""
    if not is_web_address(address):
        raise UsageError(f"the address of the {service} webhook is no web address", hint="write https://HOST/…")
    parts = urlsplit(address)
    secrets = (address, parts.path.strip("/"), parts.query, parts.password or "")
    host = parts.netloc.rpartition("@")[2]
    client = Client(address, {}, secrets, f"{service} webhook at {host}", _HINTS, patience or Patience())
    client.ask("POST", "", SHAPES[service](message))


_HINTS = {
    401: "make the webhook anew",
    403: "make the webhook anew: it was revoked, or may not post there",
    404: "make the webhook anew: it is gone",
    410: "make the webhook anew: it is gone",
}


def _slack(message: Message) -> dict[str, Any]:
    """Slack: `mrkdwn`, in which &, < and > are the only special characters of foreign text beside the marks."""
    lines = [f"*{_mrkdwn(message.title)}*"]
    for line in _shown(message):
        text = _mrkdwn(line.text)
        lines.append(f"{line.mark} <{line.url}|{text.replace('|', '¦')}>" if line.url else f"{line.mark} {text}")
    lines += [f"<{message.url}|All of them>"] if message.url else []
    return {"text": "\n".join(lines), "unfurl_links": False}


def _mrkdwn(text: str) -> str:
    flat = _flat(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # At the end of a word a mark makes it bold, struck or code: a zero-width space parts them.
    mark = r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`"
    return re.sub(mark, "\N{ZERO WIDTH SPACE}\\g<0>\N{ZERO WIDTH SPACE}", _parted(flat))


def _mattermost(message: Message) -> dict[str, Any]:
    """Mattermost: Markdown; it takes mentions and channels from the text, so that these are parted."""
    lines = [f"#### {_markdown(message.title)}"]
    for line in _shown(message):
        text = _markdown(line.text)
        lines.append(f"{line.mark} [{text}]({line.url})" if line.url else f"{line.mark} {text}")
    lines += [f"[All of them]({message.url})"] if message.url else []
    return {"text": "\n\n".join(lines)}


def _markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()<>|~!#])", r"\\\1", _parted(_flat(text)))


def _parted(text: str) -> str:
    """Text with a zero-width space in all that a chat makes a mention, a channel or a link of."""
    return re.sub(r"[@#~](?=\w)|://|www(?=\.)", "\\g<0>\N{ZERO WIDTH SPACE}", text, flags=re.IGNORECASE)


def _teams(message: Message) -> dict[str, Any]:
    """Teams: an Adaptive Card, as its workflows take it; each line is a text block of its own, its link an action."""
    title = _markdown(message.title)
    body: list[dict[str, Any]] = [{"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True}]
    for line in _shown(message):
        text = _markdown(line.text)
        shown = f"{line.mark} [{text}]({line.url})" if line.url else f"{line.mark} {text}"
        body.append({"type": "TextBlock", "text": shown, "wrap": True})
    actions = [{"type": "Action.OpenUrl", "title": "All of them", "url": message.url}] if message.url else []
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": body, "actions": actions,
    }  # fmt: skip
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}


def _generic(message: Message) -> dict[str, Any]:
    """For programs: all lines, with their facts, and text as it is."""
    return {
        "schema": 1,
        "project": message.project,
        "title": message.title,
        "url": message.url,
        "items": [{"text": line.text, "url": line.url, **(line.facts or {})} for line in message.lines],
    }


def _shown(message: Message) -> list[Line]:
    """The lines that a chat is given; what is left out is counted."""
    left = len(message.lines) - MOST_LINES
    return [*message.lines[:MOST_LINES], *([Line("…", f"and {left} more")] if left > 0 else [])]


def _flat(text: str) -> str:
    flat = "".join(c if c.isprintable() else " " for c in text)
    return flat if len(flat) <= _MOST_WORDS else flat[:_MOST_WORDS] + "…"


#: The services by the names of their options.
SHAPES: dict[str, Callable[[Message], dict[str, Any]]] = {
    "slack": _slack,
    "mattermost": _mattermost,
    "teams": _teams,
    "webhook": _generic,
}
