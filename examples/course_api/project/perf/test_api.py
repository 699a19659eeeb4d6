"""Requests to the live service, each round one request, so that a percentile is one of requests."""

from __future__ import annotations

import itertools
import os
import threading
from typing import Any

import pytest

from .client import Client

ROUNDS = int(os.environ.get("ROUNDS", "500"))
USERS = int(os.environ.get("CREATING_USERS", "10"))
COURSE = {"title": "Measuring", "outline": ["why we measure", "what a percentile is"]}


@pytest.fixture
def client() -> Client:
    return Client("measured")


def test_health(benchmark: Any, client: Client) -> None:
    said = benchmark.pedantic(client.get, ("/health",), rounds=100, warmup_rounds=3)
    assert said["status"] == "ok"


def test_read_course(benchmark: Any, client: Client) -> None:
    said = benchmark.pedantic(client.get, ("/courses/7",), rounds=ROUNDS, warmup_rounds=3)
    assert len(said["chapters"]) == 3


def test_overview(benchmark: Any, client: Client) -> None:
    said = benchmark.pedantic(client.get, ("/courses",), rounds=100, warmup_rounds=3)
    assert len(said) >= 20


def test_write_chapter(benchmark: Any, client: Client) -> None:
    number = client.post("/courses", COURSE)["id"]
    said = benchmark.pedantic(client.post, (f"/courses/{number}/chapters/1",), rounds=3)
    assert said["characters"] > 1000


def test_concurrent_creation(benchmark: Any, client: Client) -> None:
    """One of ten users who create courses at the same time; the others do so for as long as this one does."""
    over = threading.Event()

    def create_on(author: str) -> None:
        other = Client(author)
        for number in itertools.count():
            if over.wait(0.02):
                return
            other.post("/courses", COURSE | {"title": f"{author} {number}", "author": author})

    others = [threading.Thread(target=create_on, args=(f"user {number}",)) for number in range(1, USERS)]
    for thread in others:
        thread.start()
    try:
        benchmark.pedantic(client.post, ("/courses", COURSE), rounds=100, warmup_rounds=1)
    finally:
        over.set()
        for thread in others:
            thread.join()
