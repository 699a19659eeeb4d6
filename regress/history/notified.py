"""What was told to whom, so that nobody is told twice: entries are added, and the newest of each pair holds.

Two histories are joined by the union of their entries; an entry is the same by channel, what and number.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from ..model import Notified
from .engine import insert, lock
from .tables import NOTIFIED


def notified(connection: Connection, channel: str) -> dict[str, Notified]:
    """The newest entry of a channel for each thing."""
    query = select(*_COLUMNS).where(NOTIFIED.c.channel == channel).order_by(NOTIFIED.c.number)
    return {row.what: Notified(*row) for row in connection.execute(query)}


def tell(connection: Connection, channel: str, what: str, state: str, place: str) -> bool:
    """Adds an entry, unless the newest one says the same: of two that tell at once, one is answered False."""
    lock(connection, NOTIFIED)
    last = notified(connection, channel).get(what)
    if last is not None and (last.state, last.place) == (state, place):
        return False
    number = last.number + 1 if last else 1
    row = {"channel": channel, "what": what, "number": number, "state": state, "place": place}
    added = insert(connection, NOTIFIED).values(**row, told_at=datetime.now(UTC)).on_conflict_do_nothing()
    connection.execute(added)
    return True


def entries(connection: Connection) -> list[Notified]:
    """Every entry, in an order that does not depend on when this history got it."""
    query = select(*_COLUMNS).order_by(NOTIFIED.c.channel, NOTIFIED.c.what, NOTIFIED.c.number)
    return [Notified(*row) for row in connection.execute(query)]


def join(connection: Connection, entries: list[Notified]) -> int:
    """Adds the entries of another history that this one lacks; how many."""
    before = connection.execute(select(func.count()).select_from(NOTIFIED)).scalar_one()
    for entry in entries:
        row = {name: getattr(entry, name) for name in _NAMES}
        connection.execute(insert(connection, NOTIFIED).values(**row).on_conflict_do_nothing())
    return int(connection.execute(select(func.count()).select_from(NOTIFIED)).scalar_one() - before)


_NAMES = ("channel", "what", "number", "state", "place", "told_at")
_COLUMNS = tuple(NOTIFIED.c[name] for name in _NAMES)
