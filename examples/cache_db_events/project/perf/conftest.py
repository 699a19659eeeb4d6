import itertools
import os

import pytest

from perf.catalogue_of import catalogue, filled, redis_of_its_own, visits


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    with redis_of_its_own(tmp_path_factory.mktemp("redis")) as made:
        yield made


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    with filled(tmp_path_factory.mktemp("database")) as made:
        yield made


@pytest.fixture
def shop(client, database):
    with catalogue(client, database) as made:
        yield made


@pytest.fixture
def numbers():
    """Products as visitors ask for them, without end."""
    return itertools.cycle(visits(5000))


@pytest.fixture
def single(benchmark):
    """Measures single calls: a percentile of rounds of many calls would be one of means, and hide the tail."""

    def measure(call, rounds=int(os.environ["ROUNDS"])):
        return benchmark.pedantic(call, rounds=rounds, iterations=1, warmup_rounds=3)

    return measure
