"""Phase 6: the server as its users meet it."""

import http.client
import itertools
import os

import pytest
from tracks.walks import walk

TRACK = walk(100).encode()
ADDRESS = os.environ["TRACKS_ADDRESS"]


@pytest.fixture
def ask():
    connection = http.client.HTTPConnection(ADDRESS, timeout=5)

    def asked(method, path, body=None):
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()

    yield asked
    connection.close()


def test_send(benchmark, ask):
    statuses = []
    benchmark.pedantic(
        lambda: statuses.append(ask("POST", "/tracks", TRACK)[0]), rounds=int(os.environ["REQUESTS"]), iterations=1
    )
    assert set(statuses) == {201}


def test_read(benchmark, ask):
    assert ask("POST", "/tracks", TRACK)[0] == 201
    numbers = itertools.repeat(1)
    rounds = int(os.environ["REQUESTS"])
    benchmark.pedantic(lambda: ask("GET", f"/tracks/{next(numbers)}"), rounds=rounds, iterations=1)
