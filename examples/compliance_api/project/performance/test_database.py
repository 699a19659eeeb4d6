"""The queries by themselves, without a server."""

import pytest
from compliance.store import Store, samples


@pytest.fixture
def store():
    return Store()


def test_simple_query(benchmark, store):
    assert benchmark(store.one, 77)


def test_complex_query(benchmark, store):
    assert benchmark(store.gaps, "GDPR") is not None


def test_aggregation(benchmark, store):
    assert len(benchmark(store.by_owner)) == 12


def test_bulk_insert_100(benchmark, store):
    assert benchmark(store.add, samples(100, 2)) > 3000
