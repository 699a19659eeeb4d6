"""Phase 3: each stage of a track by itself, equally often, so that its share of the time is its share of the work."""

import os

import pytest
from tracks.codecs import CODECS
from tracks.geometry import length, thin
from tracks.parse import parse
from tracks.store import Store
from tracks.walks import walk

TEXT = walk(1500)
ROUNDS = int(os.environ["ROUNDS"])
POINTS = parse(TEXT)
FEW = thin(POINTS)
STAGES = {
    "parse": lambda: parse(TEXT),
    "thin": lambda: thin(POINTS),
    "measure": lambda: length(FEW),
    "pack": lambda: CODECS["packed"].encode(FEW),
}


@pytest.mark.parametrize("stage", STAGES)
def test_stage(benchmark, stage):
    benchmark.pedantic(STAGES[stage], rounds=ROUNDS, iterations=1, warmup_rounds=1)


def test_store(benchmark, tmp_path):
    store, data = Store(str(tmp_path / "tracks.db"), batch=32), CODECS["packed"].encode(FEW)
    benchmark.pedantic(store.add, (1.0, data), rounds=ROUNDS, iterations=1, warmup_rounds=1)
