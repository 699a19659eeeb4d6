"""Phase 4: each optimisation, on and off."""

import pytest
from tracks.codecs import CODECS
from tracks.parse import Point
from tracks.store import Store

DATA = CODECS["packed"].encode([Point(47.0, 11.0, 600.0, float(place)) for place in range(200)])


@pytest.mark.parametrize("cache", ["off", "on"])
def test_read_again(benchmark, tmp_path, cache):
    store = Store(str(tmp_path / "tracks.db"), cache=256 if cache == "on" else 0)
    numbers = [store.add(1.0, DATA) for _ in range(20)]
    benchmark.pedantic(lambda: [store.get(number) for number in numbers], rounds=40, iterations=1, warmup_rounds=1)


@pytest.mark.parametrize("batch", ["off", "on"])
def test_write(benchmark, tmp_path, batch):
    store = Store(str(tmp_path / "tracks.db"), batch=32 if batch == "on" else 1)
    benchmark.pedantic(lambda: [store.add(1.0, DATA) for _ in range(32)], rounds=12, iterations=1, warmup_rounds=1)
